"""Fetching and loading lines of exactly some dates from the Odds API, for its raw assets; knows no Dagster."""

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime

from analytics_assets.assets.fetch_options import Failures, FetchOptions
from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.raw.declarations import NBAC_SCHEDULE, RAW_TABLES
from analytics_assets.raw.fetch.answer_store import AnswerStore, raw_answers_directory
from analytics_assets.raw.fetch.fetch_plan import PlannedRequest
from analytics_assets.raw.fetch.odds_api import (
    KEY_VARIABLE,
    SOURCE,
    OddsApiSender,
    estimate,
    fetch_odds,
    stated_base_url,
    stated_key,
)
from analytics_assets.raw.fetch.odds_api_requests import (
    EVENTS,
    PLAYER_POINTS,
    SCHEDULE_COLUMNS,
    TABLE_OF_KIND,
    OddsPlan,
    OddsScope,
    kind_of_key,
    plan_odds,
)
from analytics_assets.raw.fetch.polite_http import FetchError, Pace, PoliteClient
from analytics_assets.raw.loaders.load_answers import load_odds_api_answers
from analytics_assets.settings import data_directory
from analytics_assets.tables.declaration import Table
from analytics_assets.warehouse import Warehouse

TABLES_OF_ODDS_API = tuple(table for table in RAW_TABLES if table.name in TABLE_OF_KIND.values())


def fetch_odds_api_dates(
    warehouse: Warehouse,
    tables: Sequence[Table],
    dates: Sequence[date],
    *,
    now: Callable[[], datetime],
    told: Callable[[str], None],
    options: FetchOptions,
    send: Callable[[PlannedRequest], object] | None = None,
    store: AnswerStore | None = None,
) -> Failures:
    """Fetch opening and closing lines of the stored schedule's games on some dates and load them.

    Dates ahead are left alone, and what is on disk is never asked again: snapshots do not change. No more credits are
    spent than the options allow.

    Args:
        warehouse: Where to load; its schedule says which games there are.
        tables: Raw tables to fill.
        dates: Consecutive dates.
        now: Gives the present moment.
        told: Told in one line what it costs, how far it has got and what cannot be had.
        options: Limits of this run.
        send: Sends a request; to the Odds API by default, with the key of ``ODDS_API_KEY``.
        store: Where answers are kept; below the data directory by default.

    Returns:
        Tables and dates that could not be fetched completely, with the reason of each.

    Raises:
        FetchError: Something is to be asked, and there is no key.
    """
    wanted = [day for day in dates if day <= eastern_date(now())]
    if not wanted:
        return {}
    names = {table.name for table in tables}
    scope = OddsScope(kinds=tuple(kind for kind, name in TABLE_OF_KIND.items() if name in names))
    plan = plan_odds(warehouse.read(NBAC_SCHEDULE, list(SCHEDULE_COLUMNS), wanted[0], wanted[-1]), scope, now())
    store = store or AnswerStore(raw_answers_directory(data_directory()), SOURCE)
    cost = estimate(plan, store)
    told(f"{cost.requests} requests for at most {cost.credits} credits, of which {options.max_credits} may be spent")
    fetched = fetch_odds(plan, send or _sender(now, options), store, now=now) if cost.requests else None
    for note in [*plan.notes, *(fetched.notes if fetched else ())]:
        told(note)
    if fetched is not None and fetched.result.interrupted:
        raise KeyboardInterrupt
    held = {f"{store.source}/{key}": store.path(key) for key in plan.keys if store.has(key)}
    loaded = load_odds_api_answers(warehouse, held, now=now())
    unanswered = {name.removeprefix(f"{store.source}/"): reason for name, reason in loaded.unreadable.items()}
    if fetched is not None:
        result = fetched.result
        unanswered |= dict.fromkeys(result.left, result.stopped or "the list of the date's games is missing")
        unanswered |= result.failures
    return _failures(unanswered, plan)


def _sender(now: Callable[[], datetime], options: FetchOptions) -> OddsApiSender:
    key = stated_key()
    if key is None:
        raise FetchError(f"the Odds API needs a key; set the environment variable {KEY_VARIABLE}")
    client = PoliteClient(SOURCE, Pace(), secrets=[key], sleep=time.sleep, now=now)
    return OddsApiSender(client, key, stated_base_url(), options.max_credits)


def _failures(unanswered: dict[str, str], plan: OddsPlan) -> Failures:
    """The table and date that each question without a usable answer was for."""
    date_of_key = {wanted.key: wanted.game_date for wanted in plan.props}
    date_of_key |= {wanted.events_key: wanted.game_date for wanted in plan.props}
    failed: dict[tuple[str, date], str] = {}
    for key, reason in unanswered.items():
        # Of a date's list of games only the props are in need.
        kind = PLAYER_POINTS if kind_of_key(key) == EVENTS else kind_of_key(key)
        failed[TABLE_OF_KIND[kind], date_of_key.get(key) or _date_of_stamp(key)] = reason
    return failed


def _date_of_stamp(key: str) -> date:
    """US-Eastern date of the moment that ends a key of game lines; their moments lie before the date's tip-offs."""
    return eastern_date(datetime.strptime(key.rsplit("/", 1)[1] + "+0000", "%Y%m%dT%H%MZ%z"))
