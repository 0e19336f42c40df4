"""The command ``raw fetch``, which asks public services for raw data, keeps their answers and loads them."""

import json
import time
from datetime import date
from typing import Annotated

import typer

from analytics_assets import presentation_raw_fetch as shown
from analytics_assets.cli_arguments import NOT_DONE, JsonOption, now, stated_date, stated_seasons, usage_error
from analytics_assets.cli_raw_fetch_odds import OddsOptions, fetch_odds_api, load_fetched_odds
from analytics_assets.cli_raw_fetch_reports import fetch_injury_reports
from analytics_assets.league.seasons import dates_of_season
from analytics_assets.raw.fetch.answer_store import AnswerStore, raw_answers_directory
from analytics_assets.raw.fetch.fetch_plan import FetchResult
from analytics_assets.raw.fetch.injury_reports import SOURCE as INJURY_REPORTS
from analytics_assets.raw.fetch.nba_com import fetch_nba_com, plan_nba_com
from analytics_assets.raw.fetch.nba_com_http import SOURCE, NbaComSender, nba_com_client, stated_base_url
from analytics_assets.raw.fetch.nba_com_loading import in_loading_order, keys_not_loaded
from analytics_assets.raw.fetch.nba_com_requests import TABLE_OF_KIND, Scope
from analytics_assets.raw.fetch.odds_api import SOURCE as ODDS_API
from analytics_assets.raw.fetch.polite_http import Pace
from analytics_assets.raw.loaders.load_answers import LoadedAnswers, load_nba_com_answers
from analytics_assets.settings import data_directory
from analytics_assets.warehouse import Warehouse, open_warehouse

# NBA.com blocks who asks faster for long.
_SHORTEST_INTERVAL = 0.6
_FIRST_SEASON = 1996


def raw_fetch(
    seasons: Annotated[
        str | None,
        typer.Option("--seasons", metavar="2021-22..2025-26", help="A season, a range or several after commas."),
    ] = None,
    source: Annotated[str, typer.Option("--source", help="Whom to ask: nba-com, injury-reports or odds-api.")] = SOURCE,
    tables: Annotated[
        str | None, typer.Option("--tables", help="Comma-separated raw tables; all that the source fills by default.")
    ] = None,
    dates: Annotated[
        str | None, typer.Option("--dates", metavar="A..B", help="Single games, or odds, of these dates only.")
    ] = None,
    changed_since: Annotated[
        str | None,
        typer.Option("--changed-since", metavar="YYYY-MM-DD", help="Ask again for games from this date on."),
    ] = None,
    interval: Annotated[float, typer.Option("--interval", help="Seconds between two requests, at least.")] = 1.0,
    load: Annotated[bool, typer.Option("--load/--no-load", help="Load what was fetched into the raw tables.")] = True,
    as_json: JsonOption = False,
    moments: Annotated[
        str, typer.Option("--moments", help="Odds: closing (just before each tip-off), opening (that morning).")
    ] = "closing,opening",
    regions: Annotated[str, typer.Option("--regions", help="Odds: regions of bookmakers, such as us,eu.")] = "us",
    max_credits: Annotated[
        int | None, typer.Option("--max-credits", min=0, help="Odds: stop before more are spent; the estimate else.")
    ] = None,
    current: Annotated[bool, typer.Option("--current", help="Odds: of this moment, for games still to come.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Odds: only tell what it costs.")] = False,
) -> None:
    """Ask a public service for seasons of raw data, keep its answers and load what the warehouse lacks.

    What was answered once is not asked again: stop with Ctrl-C and run the same command to go on. A game counts once
    it is over, and its answer is kept only if it is whole.
    """
    if source == ODDS_API:
        options = OddsOptions(tables, moments, regions, max_credits, current, dry_run, interval, load, as_json)
        fetch_odds_api(_stated_ranges(seasons, dates), options)
        return
    if source == INJURY_REPORTS:
        fetch_injury_reports(_stated_ranges(seasons, dates), interval=interval, load=load, as_json=as_json)
        return
    if source != SOURCE:
        usage_error(f"unknown source {source!r}; known are {SOURCE}, {INJURY_REPORTS}, {ODDS_API}")
    if seasons is None:
        usage_error("give --seasons, such as 2023-24 or 2021-22..2025-26")
    scope = _scope(seasons, tables, dates, changed_since)
    base_url = stated_base_url()
    if interval < _SHORTEST_INTERVAL and base_url is None:
        usage_error(f"--interval {interval} is too fast for NBA.com; the least is {_SHORTEST_INTERVAL}")
    pace = Pace(interval=interval)
    store = AnswerStore(raw_answers_directory(data_directory()), SOURCE)
    warehouse = _openable_warehouse() if load else None
    send = NbaComSender(nba_com_client(pace, time.sleep, now), base_url)
    result, keys = _fetch(scope, send, store, pace, as_json)
    # Who stops the fetching wants the prompt back; the next run loads what this one brought.
    loaded = _load(store, warehouse, keys) if warehouse is not None and not result.interrupted else None
    if as_json:
        typer.echo(json.dumps(shown.fetch_document(result, loaded), indent=2))
    else:
        shown.fetched(result)
        if loaded is not None:
            shown.loaded_answers(loaded)
    if not result.complete or (loaded is not None and not loaded.complete):
        raise typer.Exit(NOT_DONE)


def load_fetched_answers(source: str) -> None:
    """Load every answer that was fetched from a source, also what a warehouse holds already; prints what came of it."""
    if source == ODDS_API:
        load_fetched_odds()
        return
    if source != SOURCE:
        usage_error(f"answers of {source!r} are not fetched; known are {SOURCE}, {ODDS_API}")
    store = AnswerStore(raw_answers_directory(data_directory()), SOURCE)
    answers = in_loading_order(store, store.keys())
    if not answers:
        usage_error(f"no answers of {source} are stored in {store.directory}; nba-analytics raw fetch brings them")
    with shown.loading(len(answers)) as told:
        loaded = load_nba_com_answers(open_warehouse(), answers, now=now(), told=told)
    shown.loaded_answers(loaded)
    if not loaded.complete:
        raise typer.Exit(NOT_DONE)


def _fetch(
    scope: Scope, send: NbaComSender, store: AnswerStore, pace: Pace, as_json: bool
) -> tuple[FetchResult, list[str]]:
    plan = plan_nba_com(scope, send, store, now=now)
    if not as_json:
        shown.planned(plan, pace)
    if plan.schedules.stopped or plan.schedules.interrupted:
        return plan.schedules, []
    with shown.fetching(plan.requests, plan.to_send) as watcher:
        result = fetch_nba_com(plan, send, store, now=now, watcher=watcher)
    return result, [*plan.schedules.outcomes, *(request.key for request in plan.requests)]


def _openable_warehouse() -> Warehouse:
    """The warehouse, which is looked at before hours are spent on filling it."""
    from analytics_assets.raw.origin import refuse_mixing

    warehouse = open_warehouse()
    refuse_mixing(warehouse, SOURCE)
    return warehouse


def _load(store: AnswerStore, warehouse: Warehouse, keys: list[str]) -> LoadedAnswers:
    answers = in_loading_order(store, keys_not_loaded(store, warehouse, keys))
    with shown.loading(len(answers)) as told:
        return load_nba_com_answers(warehouse, answers, now=now(), told=told)


def _scope(seasons: str, tables: str | None, dates: str | None, changed_since: str | None) -> Scope:
    first, last = _date_bounds(dates)
    since = stated_date(changed_since) if changed_since is not None else None
    return Scope(stated_seasons(seasons, _FIRST_SEASON), _stated_kinds(tables), since, first, last)


def _stated_kinds(stated: str | None) -> tuple[str, ...]:
    if stated is None:
        return tuple(TABLE_OF_KIND)
    names = [name.strip().removeprefix("nba_raw.") for name in stated.split(",") if name.strip()]
    known = set(TABLE_OF_KIND.values())
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        told = ", ".join(map(repr, unknown)) or repr(stated)
        usage_error(f"unknown raw table {told}; {SOURCE} fills {', '.join(TABLE_OF_KIND.values())}")
    return tuple(kind for kind, table in TABLE_OF_KIND.items() if table in names)


def _stated_ranges(seasons: str | None, dates: str | None) -> list[tuple[date, date]] | None:
    """First and last dates of what was stated; None if nothing was."""
    first, last = _date_bounds(dates)
    whole = [_season_bounds(year) for year in stated_seasons(seasons, _FIRST_SEASON)] if seasons is not None else []
    if first is None or last is None:
        return whole or None
    if not whole:
        return [(first, last)]
    cut = [(max(begin, first), min(end, last)) for begin, end in whole]
    inside = [(begin, end) for begin, end in cut if begin <= end]
    if not inside:
        usage_error(f"--dates {dates} lies outside --seasons {seasons}")
    return inside


def _season_bounds(year: int) -> tuple[date, date]:
    days = dates_of_season(year)
    return days[0], days[-1]


def _date_bounds(stated: str | None) -> tuple[date | None, date | None]:
    if stated is None:
        return None, None
    first, _, last = stated.partition("..")
    begin, end = stated_date(first.strip()), stated_date((last or first).strip())
    if begin > end:
        usage_error(f"--dates: {begin} lies after {end}")
    return begin, end
