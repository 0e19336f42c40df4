"""The names of raw tables are gathered inside the engine: on DuckDB and on an emulator of BigQuery."""

import uuid

import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.raw.source_names import NAMING_TABLES, read_source_names
from analytics_assets.warehouse import Warehouse, Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.pregame_rows import prop_row
from analytics_assets_tests.support.raw_rows import box_rows, raw_frame, roster_rows

HELD = (NBAC_GAMEBOOK_PLAYER_STATS, ODDS_API_PLAYER_POINTS_PROPS, ESPN_TEAM_ROSTERS)


@pytest.fixture(params=["duckdb", "bigquery"])
def warehouse(request, tmp_path) -> Warehouse:
    if request.param == "duckdb":
        found = DuckDBWarehouse(tmp_path / "w.duckdb", wait_seconds=5)
        found.ensure(*HELD)
        return found
    emulator = request.getfixturevalue("bigquery_emulator")
    return emulator.warehouse(f"project-{uuid.uuid4().hex[:12]}", *HELD)


def test_names_are_counted_by_season_and_team_or_game_and_tables_that_do_not_exist_have_none(warehouse) -> None:
    games = [row for day in ("2024-01-10", "2024-01-12", "2024-11-01") for row in box_rows(day)[:1]]
    games[0] |= {"nba_player_id": 7}
    games[1] |= {"nba_player_id": 7, "season_year": None}
    shown = "2024-01-12T20:00:00"
    lines = [prop_row("2024-01-12", "bob", line, shown) for line in (9.5, 10.5)]
    frames = {
        NBAC_GAMEBOOK_PLAYER_STATS: games,
        ODDS_API_PLAYER_POINTS_PROPS: lines,
        ESPN_TEAM_ROSTERS: roster_rows("2024-01-01", "BOS")[:1],
    }
    warehouse.commit([Write(table, raw_frame(table, rows)) for table, rows in frames.items()])
    names = read_source_names(warehouse)
    assert len(NAMING_TABLES) == 7
    columns = ["source_table", "player_lookup", "nba_player_id", "season_year", "team_or_game", "row_count"]
    told = names[columns].astype(object).where(names[columns].notna(), None)
    gamebook, props, rosters = (table.name for table in HELD)
    assert sorted(map(tuple, told.to_numpy()), key=str) == sorted(
        [
            (gamebook, "bosplayer0", 7, 2023, "BOS", 1),
            # Without a season the date tells it.
            (gamebook, "bosplayer0", 7, 2023, "BOS", 1),
            (gamebook, "bosplayer0", None, 2024, "BOS", 1),
            (props, "bob", None, 2023, "20240112_BOS_LAL", 2),
            (rosters, "bosplayer0", None, 2023, "BOS", 1),
        ],
        key=str,
    )
    first = names.set_index("source_table")["first_date"]
    assert first[rosters] == pd.Timestamp("2024-01-01")
