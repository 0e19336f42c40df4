"""The coverage grid: for every table and date its outcome, or why there is none yet."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import pandas as pd

from analytics_assets.coverage.bootstrap import bootstrap_dates
from analytics_assets.coverage.calendar import DayKind, classify_dates, not_due_reasons
from analytics_assets.coverage.results import current_outcomes
from analytics_assets.coverage.waivers import waived_dates, waiver_notes
from analytics_assets.league.seasons import season_label
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import Schedule, interpret_schedule
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES, WAIVERS, Outcome
from analytics_assets.warehouse import Warehouse

NEVER_BUILT = "never_built"
MATERIALIZED_BUT_NO_ROWS, ROWS_BUT_NOT_MATERIALIZED = "materialized_but_no_rows", "rows_but_not_materialized"
# Only what the grid shows: lists of sources and warnings of many years take longer to read than all the rest.
_OF_AN_ATTEMPT = (
    *("table_name", "game_date", "outcome", "reason", "run_id", "recorded_at"),
    *("expected_games", "actual_games", "expected_rows", "actual_rows"),
)
# All that is interpreted; reading the texts that are not takes as long as reading the rest.
_OF_A_GAME = [name for name in NBAC_SCHEDULE.column_names if name not in ("data_source", NBAC_SCHEDULE.hash_column)]


def coverage_grid(
    warehouse: Warehouse,
    table_names: Sequence[str],
    dates: Sequence[date],
    now: datetime,
    materialized: Mapping[str, Collection[date]] | None = None,
    schedule: Schedule | None = None,
) -> pd.DataFrame:
    """The state of every table and date.

    Args:
        warehouse: Where outcomes and the schedule are recorded.
        table_names: Output tables without their dataset.
        dates: Game dates.
        now: The present moment, with time zone.
        materialized: Dates that Dagster shows as materialized, by table; without it disagreements are not looked for.
        schedule: The interpreted schedule; read by default.

    Returns:
        One row per table and date: ``table_name``, ``game_date``, ``state`` (an outcome, or ``never_built``), ``done``,
        ``due``, ``without_games`` (never built, and the schedule proves that there was no game, so nothing is due),
        ``reason``, ``expected_games``, ``actual_games``, ``expected_rows``, ``actual_rows``, ``run_id``,
        ``last_outcome`` and ``last_reason`` (of the latest attempt); ``waived``, ``waiver`` (author: reason) and
        ``waiver_note`` (what tells that it is no longer needed); ``bootstrap`` (``history_start``, ``season_start`` or
        NULL, of stored context dates); ``disagreement`` (``materialized_but_no_rows``, ``rows_but_not_materialized`` or
        NULL).
    """
    schedule = schedule if schedule is not None else read_schedule(warehouse)
    days = classify_dates(schedule, dates).rename(columns={"reason": "day_reason", "expected_games": "scheduled_games"})
    attempts = warehouse.read(DATE_OUTCOMES, _OF_AN_ATTEMPT, min(dates), max(dates))
    known = current_outcomes(attempts[attempts["table_name"].isin(list(table_names))])
    tables = pd.DataFrame({"table_name": pd.array(list(table_names), dtype="string")})
    grid = tables.merge(days.reset_index(), how="cross").merge(known, on=["table_name", "game_date"], how="left")
    grid["state"] = grid["outcome"].fillna(NEVER_BUILT)
    grid["done"] = grid["state"].isin([str(outcome) for outcome in DONE_OUTCOMES])
    waiting = pd.Series(None, index=grid.index, dtype=object)
    for days_ahead, names in _names_by_horizon(table_names).items():
        reasons = not_due_reasons(schedule, dates, now, days_ahead)
        of_tables = grid["table_name"].isin(names)
        if reasons:
            told = pd.Series({pd.Timestamp(day): reason for day, reason in reasons.items()}, dtype=object)
            waiting[of_tables] = grid.loc[of_tables, "game_date"].map(told)
    never = grid["outcome"].isna()
    # An attempt made too early says nothing once the games are over, and one never made is no gap before then.
    early = (never | (grid["state"] == str(Outcome.NOT_DUE))) & waiting.notna()
    overtaken = (grid["state"] == str(Outcome.NOT_DUE)) & waiting.isna()
    grid["state"] = grid["state"].mask(early, str(Outcome.NOT_DUE)).mask(overtaken, NEVER_BUILT)
    unbuilt = never | overtaken
    grid["without_games"] = unbuilt & ~early & grid["kind"].isin([str(DayKind.OFF_DAY), str(DayKind.OFF_SEASON)])
    grid["due"] = ~early & ~grid["without_games"]
    grid.loc[unbuilt, "reason"] = _never_built_reason(grid[unbuilt])
    grid["reason"] = grid["reason"].mask(early, waiting)
    grid["expected_games"] = grid["expected_games"].fillna(
        grid["scheduled_games"].where(grid["kind"] != DayKind.UNKNOWN)
    )
    for name in ("actual_games", "actual_rows"):
        grid[name] = grid[name].fillna(0)
    grid = _with_waivers(warehouse, grid)
    bootstrap = bootstrap_dates(warehouse, table_names, min(dates), max(dates))
    grid = grid.merge(bootstrap, on=["table_name", "game_date"], how="left")
    grid["disagreement"] = None if materialized is None else _disagreements(warehouse, grid, materialized)
    columns = ["table_name", "game_date", "state", "done", "due", "without_games", "reason", "expected_games"]
    columns += ["actual_games", "expected_rows", "actual_rows", "run_id", "last_outcome", "last_reason"]
    return grid[[*columns, "waived", "waiver", "waiver_note", "bootstrap", "disagreement"]]


def _with_waivers(warehouse: Warehouse, grid: pd.DataFrame) -> pd.DataFrame:
    waivers = warehouse.read(WAIVERS)
    days = waived_dates(waivers) if len(waivers) else waivers
    if days.empty:
        return grid.assign(waived=False, waiver=pd.Series(None, index=grid.index, dtype=object), waiver_note=None)
    days = days.assign(waiver=days["author"] + ": " + days["reason"])[["table_name", "game_date", "waiver"]]
    grid = grid.merge(days, on=["table_name", "game_date"], how="left")
    grid["waived"] = grid["waiver"].notna()
    return grid.assign(waiver_note=waiver_notes(warehouse, grid))


def _disagreements(warehouse: Warehouse, grid: pd.DataFrame, materialized: Mapping[str, Collection[date]]) -> pd.Series:
    """Where Dagster's materialized dates differ from the done ones; a built date must also have rows stored."""
    start, end = grid["game_date"].min().date(), grid["game_date"].max().date()
    names = set(grid["table_name"])
    asked = [table for table in ANALYTICS_TABLES if table.name in names]
    counts = [warehouse.counts_by_date(table, start, end).assign(table_name=table.name) for table in asked]
    keys = pd.MultiIndex.from_arrays([grid["table_name"].astype(str), grid["game_date"]])
    rows = pd.concat(counts).set_index(["table_name", "game_date"])["rows"]
    stored = rows.reindex(keys, fill_value=0).to_numpy()
    days = [(name, pd.Timestamp(day)) for name in names for day in materialized.get(name, ())]
    shown = keys.isin(days)
    there = grid["done"] & ((grid["state"] != str(Outcome.BUILT)) | (stored > 0))
    found = pd.Series(None, index=grid.index, dtype=object)
    found[shown & ~there] = MATERIALIZED_BUT_NO_ROWS
    found[there & ~shown] = ROWS_BUT_NOT_MATERIALIZED
    return found


def _names_by_horizon(table_names: Sequence[str]) -> dict[int | None, list[str]]:
    found: dict[int | None, list[str]] = {}
    for table in ANALYTICS_TABLES:
        if table.name in table_names:
            found.setdefault(table.days_ahead, []).append(table.name)
    return found


def _never_built_reason(grid: pd.DataFrame) -> pd.Series:
    games = grid["scheduled_games"].astype("string") + " games on the schedule, never built"
    other = grid["day_reason"].astype("string") + "; never built"
    return games.where(grid["kind"] == DayKind.GAME_DAY, other)


def missing_dates(grid: pd.DataFrame) -> pd.DataFrame:
    """Rows of the grid that are due, not done and not waived."""
    return grid[grid["due"] & ~grid["done"] & ~grid["waived"]]


def unrecorded_dates(grid: pd.DataFrame) -> pd.DataFrame:
    """Rows of the grid that a backfill has to record: all missing ones, and days without games that were never built.

    Nobody misses anything on the latter, which daily schedules skip; once recorded, Dagit shows them as done.
    """
    return grid[(grid["due"] | grid["without_games"]) & ~grid["done"] & ~grid["waived"]]


def read_schedule(warehouse: Warehouse) -> Schedule:
    """The stored schedule, interpreted."""
    return interpret_schedule(warehouse.read(NBAC_SCHEDULE, _OF_A_GAME))


def covered_phases(schedule: Schedule) -> dict[str, list[str]]:
    """Which game types a schedule covers, by season label."""
    covered = schedule.covered.sort_values(["season_year", "game_type"])
    covered["season"] = [season_label(int(year)) for year in covered["season_year"]]
    return {str(season): list(kinds) for season, kinds in covered.groupby("season")["game_type"]}
