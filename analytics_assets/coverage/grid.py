"""The coverage grid: for every table and date its outcome, or why there is none yet."""

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from analytics_assets.coverage.calendar import DayKind, classify_dates, not_due_reasons
from analytics_assets.coverage.results import current_outcomes
from analytics_assets.league.seasons import season_label
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES, Outcome
from analytics_assets.warehouse import Warehouse

NEVER_BUILT = "never_built"


def coverage_grid(
    warehouse: Warehouse, table_names: Sequence[str], dates: Sequence[date], now: datetime
) -> pd.DataFrame:
    """The state of every table and date.

    Args:
        warehouse: Where outcomes and the schedule are recorded.
        table_names: Output tables without their dataset.
        dates: Game dates.
        now: The present moment, with time zone.

    Returns:
        One row per table and date: ``table_name``, ``game_date``, ``state`` (an outcome, or ``never_built``), ``done``,
        ``due``, ``reason``, ``expected_games``, ``actual_games``, ``expected_rows``, ``actual_rows``, ``run_id``,
        ``last_outcome`` and ``last_reason`` (of the latest attempt).
    """
    schedule = interpret_schedule(warehouse.read(NBAC_SCHEDULE))
    days = classify_dates(schedule, dates).rename(columns={"reason": "day_reason", "expected_games": "scheduled_games"})
    attempts = warehouse.read(DATE_OUTCOMES, start=min(dates), end=max(dates))
    known = current_outcomes(attempts[attempts["table_name"].isin(list(table_names))])
    tables = pd.DataFrame({"table_name": pd.array(list(table_names), dtype="string")})
    grid = tables.merge(days.reset_index(), how="cross").merge(known, on=["table_name", "game_date"], how="left")
    grid["state"] = grid["outcome"].fillna(NEVER_BUILT)
    grid["done"] = grid["state"].isin([str(outcome) for outcome in DONE_OUTCOMES])
    waiting = pd.Series(None, index=grid.index, dtype=object)
    for days_ahead, names in _names_by_horizon(table_names).items():
        reasons = not_due_reasons(schedule, dates, now, days_ahead)
        of_tables = grid["table_name"].isin(names)
        waiting[of_tables] = grid.loc[of_tables, "game_date"].dt.date.map(reasons)
    never = grid["outcome"].isna()
    # An attempt made too early says nothing once the games are over, and one never made is no gap before then.
    early = (never | (grid["state"] == str(Outcome.NOT_DUE))) & waiting.notna()
    overtaken = (grid["state"] == str(Outcome.NOT_DUE)) & waiting.isna()
    grid["due"] = ~early
    grid["state"] = grid["state"].mask(early, str(Outcome.NOT_DUE)).mask(overtaken, NEVER_BUILT)
    grid["reason"] = grid["reason"].mask(never | overtaken, _never_built_reason(grid)).mask(early, waiting)
    grid["expected_games"] = grid["expected_games"].fillna(
        grid["scheduled_games"].where(grid["kind"] != DayKind.UNKNOWN)
    )
    for name in ("actual_games", "actual_rows"):
        grid[name] = grid[name].fillna(0)
    columns = ["table_name", "game_date", "state", "done", "due", "reason", "expected_games", "actual_games"]
    return grid[[*columns, "expected_rows", "actual_rows", "run_id", "last_outcome", "last_reason"]]


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
    """Rows of the grid that are due and not done."""
    return grid[grid["due"] & ~grid["done"]]


def covered_phases(warehouse: Warehouse) -> dict[str, list[str]]:
    """Which game types the loaded schedule covers, by season label."""
    covered = interpret_schedule(warehouse.read(NBAC_SCHEDULE)).covered.sort_values(["season_year", "game_type"])
    covered["season"] = [season_label(int(year)) for year in covered["season_year"]]
    return {str(season): list(kinds) for season, kinds in covered.groupby("season")["game_type"]}
