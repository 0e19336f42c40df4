"""A league of four teams in January 2024: four dates that were played, six that lie ahead; producing its contexts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pandas as pd

from analytics_assets.coverage.results import DateResult
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.raw_rows import moment, raw_frame, schedule_row
from analytics_assets_tests.support.warehouses import produce_contexts

LIVE, BACKFILL = RunMode.LIVE, RunMode.BACKFILL
# Ten in the morning in New York.
NOW = datetime(2024, 1, 10, 15, tzinfo=UTC)
LATER = datetime(2024, 1, 10, 19, tzinfo=UTC)
TEAMS, PLAYERS = UPCOMING_TEAM_GAME_CONTEXT.name, UPCOMING_PLAYER_GAME_CONTEXT.name
CONTEXT_TABLES = (UPCOMING_TEAM_GAME_CONTEXT, UPCOMING_PLAYER_GAME_CONTEXT)
SUMMARY_TABLES = (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)
# Two games on each of these dates: BOS at LAL and MIA at DEN; on the eighth BOS at DEN and MIA at LAL.
PAIRS, CROSSED = (("BOS", "LAL"), ("MIA", "DEN")), (("BOS", "DEN"), ("MIA", "LAL"))
PAST, AHEAD = (2, 4, 6, 8), (10, 11, 12, 13, 17, 18)
NOT_PLAYED = {"game_status": 1, "home_team_score": None, "away_team_score": None, "processed_at": moment("2024-01-10")}


def day(number: int) -> date:
    return date(2024, 1, number)


def text(number: int) -> str:
    return day(number).isoformat()


def pairs_on(number: int) -> tuple[tuple[str, str], ...]:
    return CROSSED if number == 8 else PAIRS


def scheduled(*numbers: int, **more) -> list[dict]:
    return [
        schedule_row(f"002230{place}{number:03}", text(number), away, home, **more)
        for number in numbers
        for place, (away, home) in enumerate(pairs_on(number))
    ]


def played(make, *numbers: int) -> list[dict]:
    return [row for number in numbers for away, home in pairs_on(number) for row in make(text(number), away, home)]


def merge(warehouse: DuckDBWarehouse, table: Table, rows: Sequence[dict]) -> None:
    warehouse.merge_rows(table, raw_frame(table, list(rows)))


def produce(
    warehouse: DuckDBWarehouse, *numbers: int, now: datetime = NOW, mode: RunMode = LIVE
) -> dict[str, dict[int, DateResult]]:
    """Results by table and day of the month."""
    found = produce_contexts(warehouse, [day(number) for number in numbers], now=now, mode=mode)
    return {name: {when.day: result for when, result in results.items()} for name, results in found.items()}


def outcomes(found: dict[str, dict[int, DateResult]], name: str) -> dict[int, str]:
    return {number: str(result.outcome) for number, result in found[name].items()}


def stored(warehouse: DuckDBWarehouse, table: Table, number: int, team: str | None = None) -> pd.DataFrame:
    rows = warehouse.read(table, start=day(number), end=day(number))
    return rows if team is None else rows[rows["team_abbr"] == team]


def team_row(warehouse: DuckDBWarehouse, number: int, team: str) -> dict:
    (row,) = stored(warehouse, UPCOMING_TEAM_GAME_CONTEXT, number, team).to_dict("records")
    return row


def player_row(warehouse: DuckDBWarehouse, number: int, player: str) -> dict:
    rows = stored(warehouse, UPCOMING_PLAYER_GAME_CONTEXT, number)
    (row,) = rows[rows["player_lookup"] == player].to_dict("records")
    return row


def has(rows: pd.DataFrame, issue: str) -> pd.Series:
    return rows["quality_issues"].map(lambda issues: issue in issues)
