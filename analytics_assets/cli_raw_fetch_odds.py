"""The part of ``raw fetch`` that asks the Odds API: what it costs is shown before the first credit is spent."""

import json
import time
from dataclasses import dataclass
from datetime import date

import pandas as pd
import typer

from analytics_assets import presentation
from analytics_assets import presentation_raw_fetch as shown
from analytics_assets.cli_arguments import NOT_DONE, now, usage_error
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.fetch.answer_store import AnswerStore, raw_answers_directory
from analytics_assets.raw.fetch.odds_api import (
    KEY_VARIABLE,
    SOURCE,
    CreditEstimate,
    OddsApiSender,
    OddsFetch,
    estimate,
    fetch_odds,
    stated_base_url,
    stated_key,
)
from analytics_assets.raw.fetch.odds_api_requests import (
    CLOSING,
    EVENTS,
    OPENING,
    SCHEDULE_COLUMNS,
    TABLE_OF_KIND,
    OddsPlan,
    OddsScope,
    kind_of_key,
    plan_odds,
)
from analytics_assets.raw.fetch.polite_http import Pace, PoliteClient
from analytics_assets.raw.loaders.load_answers import LoadedAnswers, load_odds_api_answers
from analytics_assets.settings import data_directory
from analytics_assets.warehouse import Warehouse, open_warehouse

_NOTES_SHOWN = 10
_REGIONS = ("us", "us2", "us_dfs", "us_ex", "uk", "eu", "fr", "se", "au")


@dataclass(frozen=True)
class OddsOptions:
    """What the command line stated.

    Attributes:
        tables: Comma-separated raw tables; None for both.
        moments: Comma-separated ``closing`` and ``opening``.
        regions: Comma-separated regions of bookmakers.
        max_credits: The most to spend; None for the estimate.
        current: Whether the odds of now are wanted.
        dry_run: Whether only the estimate is wanted.
        interval: Least seconds between two requests.
        load: Whether to load what is stored.
        as_json: Whether to print JSON.
    """

    tables: str | None
    moments: str
    regions: str
    max_credits: int | None
    current: bool
    dry_run: bool
    interval: float
    load: bool
    as_json: bool


def fetch_odds_api(ranges: list[tuple[date, date]] | None, options: OddsOptions) -> None:
    """Ask the Odds API for the games of the stored schedule in these ranges; exits with 1 if not all could be had.

    Args:
        ranges: First and last dates; None for today's games, which only current odds allow.
        options: What the command line stated.
    """
    scope = _scope(options)
    if ranges is None and not options.current:
        usage_error("give --seasons or --dates, or --current for the odds of today's games")
    warehouse = _openable_warehouse()
    # Asked at night, today's last games may be of tomorrow in UTC, but never in US-Eastern time.
    schedule = _schedule(warehouse, ranges or [_today()])
    plan = plan_odds(schedule, scope, now())
    store = AnswerStore(raw_answers_directory(data_directory()), SOURCE)
    cost = estimate(plan, store)
    if not options.as_json:
        _show_plan(plan, cost, options)
    if options.dry_run:
        if options.as_json:
            typer.echo(json.dumps({"notes": plan.notes, "estimate": _estimate_document(cost)}, indent=2))
        return
    sender = _sender(options, cost) if cost.requests else None
    fetched = _fetch(plan, sender, store, cost) if sender is not None else OddsFetch()
    loaded = _load(store, warehouse, plan) if options.load else None
    _show(plan, fetched, loaded, sender, cost, options)
    if not fetched.result.complete or (loaded is not None and not loaded.complete):
        raise typer.Exit(NOT_DONE)


def load_fetched_odds() -> None:
    """Load every stored answer of the Odds API; prints what came of it."""
    store = AnswerStore(raw_answers_directory(data_directory()), SOURCE)
    stored = store.keys()
    keys = [key for key in stored if kind_of_key(key) in TABLE_OF_KIND]
    if not keys:
        usage_error(f"no answers of {SOURCE} are stored in {store.directory}; nba-analytics raw fetch brings them")
    loaded = _load_keys(store, open_warehouse(), keys)
    shown.loaded_answers(loaded)
    if not loaded.complete:
        raise typer.Exit(NOT_DONE)


def _scope(options: OddsOptions) -> OddsScope:
    tables = _stated("--tables", options.tables or ",".join(TABLE_OF_KIND.values()), list(TABLE_OF_KIND.values()))
    return OddsScope(
        kinds=tuple(kind for kind, table in TABLE_OF_KIND.items() if table in tables),
        moments=tuple(_stated("--moments", options.moments, [CLOSING, OPENING])),
        regions=tuple(_stated("--regions", options.regions, list(_REGIONS))),
        current=options.current,
    )


def _stated(option: str, text: str, known: list[str]) -> list[str]:
    names = [name.strip().removeprefix("nba_raw.") for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        usage_error(f"{option}: unknown {', '.join(map(repr, unknown)) or repr(text)}; known are {', '.join(known)}")
    return [name for name in known if name in names]


def _today() -> tuple[date, date]:
    from analytics_assets.coverage.calendar import eastern_date

    day = eastern_date(now())
    return day, day


def _openable_warehouse() -> Warehouse:
    from analytics_assets.raw.origin import refuse_mixing

    warehouse = open_warehouse()
    refuse_mixing(warehouse, SOURCE)
    return warehouse


def _schedule(warehouse: Warehouse, ranges: list[tuple[date, date]]) -> pd.DataFrame:
    first, last = min(begin for begin, _ in ranges), max(end for _, end in ranges)
    rows = warehouse.read(NBAC_SCHEDULE, list(SCHEDULE_COLUMNS), first, last)
    inside = pd.Series(False, index=rows.index)
    for begin, end in ranges:
        inside |= rows["game_date"].between(pd.Timestamp(begin), pd.Timestamp(end))
    if not inside.any():
        usage_error(
            f"the stored schedule has no game from {first} to {last}, and it tells when to ask; "
            "load it first: nba-analytics raw fetch --source nba-com --tables nbac_schedule --seasons …"
        )
    return rows[inside]


def _sender(options: OddsOptions, cost: CreditEstimate) -> OddsApiSender:
    key = stated_key()
    if key is None:
        usage_error(f"the Odds API needs a key; set the environment variable {KEY_VARIABLE}")
    client = PoliteClient(SOURCE, Pace(interval=options.interval), secrets=[key], sleep=time.sleep, now=now)
    most = cost.credits if options.max_credits is None else options.max_credits
    return OddsApiSender(client, key, stated_base_url(), most)


def _fetch(plan: OddsPlan, sender: OddsApiSender, store: AnswerStore, cost: CreditEstimate) -> OddsFetch:
    with shown.fetching(range(cost.requests), range(cost.requests)) as watcher:
        return fetch_odds(plan, sender, store, now=now, watcher=watcher)


def _load(store: AnswerStore, warehouse: Warehouse, plan: OddsPlan) -> LoadedAnswers:
    return _load_keys(store, warehouse, [key for key in plan.keys if store.has(key)])


def _load_keys(store: AnswerStore, warehouse: Warehouse, keys: list[str]) -> LoadedAnswers:
    answers = {f"{SOURCE}/{key}": store.path(key) for key in keys}
    with shown.loading(len(answers)) as told:
        return load_odds_api_answers(warehouse, answers, now=now(), told=told)


def _show_plan(plan: OddsPlan, cost: CreditEstimate, options: OddsOptions) -> None:
    console = presentation.console()
    for note in plan.notes:
        console.print(presentation.plain(note))
    stored = sum(len(part) for part in (plan.lines, plan.props)) - cost.lines - cost.props
    on_disk = f"; {stored:,} answers are on disk and not asked again" if stored else ""
    if not cost.requests:
        console.print(f"nothing to ask{on_disk}")
        return
    most = f", of which --max-credits allows {options.max_credits:,}" if options.max_credits is not None else ""
    console.print(
        f"{cost.requests:,} requests ({cost.events:,} lists of games, {cost.lines:,} game lines, {cost.props:,} points "
        f"props) cost at most {cost.credits:,} credits{most}{on_disk}"
    )


def _show(
    plan: OddsPlan,
    fetched: OddsFetch,
    loaded: LoadedAnswers | None,
    sender: OddsApiSender | None,
    cost: CreditEstimate,
    options: OddsOptions,
) -> None:
    if options.as_json:
        document = shown.fetch_document(fetched.result, loaded, kind_of_key)
        document |= {
            "notes": plan.notes + fetched.notes,
            "estimate": _estimate_document(cost),
            "credits_spent": 0 if sender is None else sender.spent,
            "credits_remaining": None if sender is None else sender.remaining,
        }
        typer.echo(json.dumps(document, indent=2))
        return
    console = presentation.console()
    shown.fetched(fetched.result, {EVENTS: "", **TABLE_OF_KIND}, kind_of_key)
    for note in fetched.notes[:_NOTES_SHOWN]:
        console.print(presentation.plain(note))
    if len(fetched.notes) > _NOTES_SHOWN:
        console.print(f"and {len(fetched.notes) - _NOTES_SHOWN:,} games more")
    if sender is not None:
        left = "unknown" if sender.remaining is None else f"{sender.remaining:,}"
        console.print(f"{sender.spent:,} credits spent, {left} left for the key")
    if loaded is not None:
        shown.loaded_answers(loaded)


def _estimate_document(cost: CreditEstimate) -> dict[str, int]:
    return {**vars(cost), "requests": cost.requests}
