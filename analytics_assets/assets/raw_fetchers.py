"""Fetching and loading exactly some dates of raw tables, for the assets of the sources; knows no Dagster."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from analytics_assets.assets.fetch_options import Failures, FetchOptions
from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.league.seasons import season_label, season_year_of_date
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.raw.fetch.answer_store import AnswerStore, raw_answers_directory
from analytics_assets.raw.fetch.fetch_plan import Fetched, PlannedRequest
from analytics_assets.raw.fetch.nba_com import fetch_nba_com, plan_nba_com
from analytics_assets.raw.fetch.nba_com_http import SOURCE, NbaComSender, nba_com_client, stated_base_url
from analytics_assets.raw.fetch.nba_com_loading import in_loading_order
from analytics_assets.raw.fetch.nba_com_requests import (
    BOX_SCORE,
    PLAY_BY_PLAY,
    ROSTER,
    SCHEDULE,
    TABLE_OF_KIND,
    Scope,
    kind_of_key,
    schedule_key,
    stored_games,
)
from analytics_assets.raw.fetch.polite_http import Pace
from analytics_assets.raw.loaders.load_answers import load_nba_com_answers
from analytics_assets.settings import data_directory
from analytics_assets.tables.declaration import Table
from analytics_assets.warehouse import Warehouse

TABLES_OF_NBA_COM = tuple(table for table in RAW_TABLES if table.name in TABLE_OF_KIND.values())
_OF_ONE_GAME = (BOX_SCORE, PLAY_BY_PLAY)
_TOLD_EVERY = 25


def fetch_nba_com_dates(
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
    """Fetch what NBA.com has of some dates and load it.

    Only games of these dates are asked for. A season's schedule and game log are one answer each, so that their rows of
    other dates come along. What is on disk is not asked again, unless that is wished. Dates ahead are left alone.
    Rosters are told only of the day on which they are asked for.

    Args:
        warehouse: Where to load.
        tables: Raw tables to fill.
        dates: Consecutive dates.
        now: Gives the present moment.
        told: Told in one line how far it has got.
        options: Limits of this run.
        send: Sends a request; to NBA.com by default.
        store: Where answers are kept; below the data directory by default.

    Returns:
        Tables and dates that could not be fetched completely, with the reason of each.
    """
    wanted = [day for day in dates if day <= eastern_date(now())]
    if not wanted:
        return {}
    store = store or AnswerStore(raw_answers_directory(data_directory()), SOURCE)
    send = send or NbaComSender(nba_com_client(Pace(), time.sleep, now), stated_base_url())
    names = {table.name for table in tables}
    kinds = [kind for kind, name in TABLE_OF_KIND.items() if name in names]
    if eastern_date(now()) not in wanted and ROSTER in kinds:
        kinds.remove(ROSTER)
    scope = Scope(
        seasons=sorted({season_year_of_date(day) for day in wanted}),
        kinds=kinds,
        changed_since=wanted[0] if options.ask_again else None,
        first_date=wanted[0],
        last_date=wanted[-1],
    )
    plan = plan_nba_com(scope, send, store, now=now)  # type: ignore[arg-type]
    watcher = _Watcher(told, len(plan.requests))
    result = fetch_nba_com(plan, send, store, now=now, watcher=watcher)  # type: ignore[arg-type]
    if result.interrupted:
        raise KeyboardInterrupt
    keys = [*map(schedule_key, scope.seasons), *(request.key for request in plan.requests)]
    loaded = load_nba_com_answers(warehouse, in_loading_order(store, filter(store.has, keys)), now=now())
    unreadable = {name.removeprefix(f"{store.source}/"): reason for name, reason in loaded.unreadable.items()}
    unanswered = result.failures | unreadable | dict.fromkeys(result.left, result.stopped or "not reached")
    failed = dict(_failures(unanswered, scope.seasons, store, now(), wanted))
    if plan.schedules.stopped is not None:
        # Nothing was planned, so no request says what is lacking.
        failed |= {(name, day): plan.schedules.stopped for name in names for day in wanted}
    return {(name, day): reason for (name, day), reason in failed.items() if name in names}


def _failures(
    unanswered: Mapping[str, str], seasons: Sequence[int], store: AnswerStore, now: datetime, wanted: Sequence[date]
) -> Iterator[tuple[tuple[str, date], str]]:
    """The tables and dates that requests without a usable answer were for."""
    date_of_game = {
        str(game_id): day.date()
        for year in seasons
        for game_id, day in stored_games(store, year, now)[["game_id", "game_date"]].itertuples(index=False)
    }
    for key, reason in unanswered.items():
        kind = kind_of_key(key)
        days: Iterable[date] = [day for day in wanted if season_label(season_year_of_date(day)) == key.split("/")[0]]
        if kind in _OF_ONE_GAME:
            days = [date_of_game[key.split("/")[2]]]
        # Whatever is planned by a schedule cannot be complete without it.
        for name in TABLE_OF_KIND.values() if kind == SCHEDULE else [TABLE_OF_KIND[kind]]:
            yield from (((name, day), reason) for day in days)


class _Watcher:
    """Tells every so many requests how far it has got."""

    def __init__(self, told: Callable[[str], None], total: int) -> None:
        self._told, self._total, self._done, self._sent = told, total, 0, 0

    def advance(self, request: PlannedRequest, outcome: Fetched) -> None:
        """One more request ended."""
        self._done += 1
        self._sent += outcome is not Fetched.ON_DISK
        if outcome is not Fetched.ON_DISK and (self._sent % _TOLD_EVERY == 0 or outcome is Fetched.FAILED):
            self._told(f"{self._done} of {self._total} requests: {request.key} {outcome}")
