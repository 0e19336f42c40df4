"""Raw tables whose columns are not what they were: missing, extra, renamed, of another type."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from analytics_assets.raw.declarations import NBAC_PLAY_BY_PLAY, NBAC_SCHEDULE, RAW_TABLES
from analytics_assets.tables.frames import SchemaError
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.play_by_play_events import two, warehouse_with_events
from analytics_assets_tests.support.raw_rows import box_rows, schedule_row
from analytics_assets_tests.support.warehouses import produce, warehouse_with

DAY = date(2024, 1, 10)
BOX, SCHEDULE, ODDS, EVENTS = (
    f"nba_raw.{name}"
    for name in (
        "nbac_gamebook_player_stats",
        "nbac_schedule",
        "odds_api_player_points_props",
        "nbac_play_by_play",
    )
)
RENAME, DROP, RETYPE = "RENAME COLUMN {} TO {}", "DROP COLUMN {}", "ALTER COLUMN {} TYPE {}"

# One after the other in the same warehouse: none of them changes a row.
HARMLESS = [
    (BOX, "ADD COLUMN wingspan DOUBLE DEFAULT 7.0"),
    (BOX, DROP.format("dnp_reason")),
    (BOX, RENAME.format("plus_minus", "plusminus")),
    (BOX, RETYPE.format("points", "VARCHAR")),
    (BOX, RETYPE.format("assists", "DOUBLE")),
    (BOX, RETYPE.format("starter", "BIGINT")),
    (ODDS, RENAME.format("points_line", "line")),
    (EVENTS, RENAME.format("event_order", "place")),
]
# What is done to which table, and what of it an error names.
UNREADABLE = {
    "a required column is gone": (BOX, DROP.format("player_lookup"), "lacks the required columns player_lookup"),
    "a required column is renamed": (BOX, RENAME.format("processed_at", "written"), "required columns processed_at"),
    "the date has another name": (BOX, RENAME.format("game_date", "day"), "required columns game_date"),
    "numbers are words": (BOX, RETYPE.format("points", "VARCHAR USING 'twelve'"), "points: values of string"),
    "numbers are halves": (BOX, RETYPE.format("points", "DOUBLE USING 0.5"), "points: values of double"),
    "flags are words": (BOX, RETYPE.format("starter", "VARCHAR USING 'perhaps'"), "starter: values of string"),
    "dates are texts": (BOX, RETYPE.format("game_date", "VARCHAR"), "game_date is stored as VARCHAR"),
    "dates are numbers": (BOX, RETYPE.format("game_date", "BIGINT USING 20240110"), "game_date is stored as BIGINT"),
    "moments are words": (BOX, RETYPE.format("processed_at", "VARCHAR USING 'late'"), "processed_at: values of string"),
    "lists are texts": (EVENTS, RETYPE.format("qualifiers", "VARCHAR USING 'a,b'"), "qualifiers: values of string"),
    "statuses are words": (SCHEDULE, RETYPE.format("game_status", "VARCHAR USING 'over'"), "game_status: values of"),
    "the schedule lacks its teams": (SCHEDULE, DROP.format("home_team_tricode"), "required columns home_team_tricode"),
}


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    text = DAY.isoformat()
    path = tmp_path_factory.mktemp("drift") / "nba.duckdb"
    warehouse_with(path, [schedule_row("0022300001", text)], box_rows(text))
    one_event = warehouse_with_events(path.parent, [two("bosplayer0", True)])
    DuckDBWarehouse(path).replace_dates(NBAC_PLAY_BY_PLAY, one_event.read(NBAC_PLAY_BY_PLAY), [DAY])
    with duckdb.connect(str(path)) as connection:
        tables = connection.execute(
            "SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns "
            "WHERE is_nullable = 'NO' AND table_schema = 'nba_raw'"
        ).fetchall()
        for table, column in tables:
            connection.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")
    return path


def changed(file: Path, directory: Path, *changes: tuple[str, str]) -> DuckDBWarehouse:
    path = Path(shutil.copy(file, directory / "nba.duckdb"))
    with duckdb.connect(str(path)) as connection:
        for table, change in changes:
            connection.execute(f"ALTER TABLE {table} {change}")
    return DuckDBWarehouse(path)


def test_what_can_be_read_all_the_same_changes_no_row_and_optional_sources_are_told(file, tmp_path) -> None:
    warehouse = changed(file, tmp_path, *HARMLESS)
    result = produce(warehouse, [DAY])[DAY]
    assert (str(result.outcome), result.actual_rows) == ("built", 12)
    left_out = [text.split()[0] for text in result.warnings if "left out" in text]
    assert sorted(left_out) == [EVENTS, EVENTS, EVENTS, ODDS]
    rows = warehouse.read(PLAYER_GAME_SUMMARY)
    assert rows["points"].sum() == 145
    assert rows["plus_minus"].isna().all()


@pytest.mark.parametrize("drift", UNREADABLE)
def test_what_cannot_be_read_names_table_and_column(file, tmp_path, drift) -> None:
    name, change, told = UNREADABLE[drift]
    warehouse = changed(file, tmp_path, (name, change))
    (table,) = (table for table in RAW_TABLES if table.full_name == name)
    with pytest.raises(SchemaError, match=name.replace(".", r"\.")) as raised:
        warehouse.read(table, start=DAY, end=DAY)
    assert told in str(raised.value)


def test_dates_of_an_unreadable_source_are_invalid_and_told_in_a_sentence(file, tmp_path, caplog) -> None:
    warehouse = changed(file, tmp_path, (BOX, DROP.format("player_lookup")))
    result = produce(warehouse, [DAY])[DAY]
    assert str(result.outcome) == "invalid"
    assert "lacks the required columns player_lookup" in result.reason
    assert [record.exc_info for record in caplog.records if record.levelname == "ERROR"] == [None]


def test_a_date_beyond_all_frames_costs_its_own_row_only(file, tmp_path) -> None:
    path = Path(shutil.copy(file, tmp_path / "nba.duckdb"))
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "INSERT INTO nba_raw.nbac_schedule BY NAME SELECT * REPLACE ('0022300009' AS game_id, "
            "DATE '9999-12-31' AS game_date) FROM nba_raw.nbac_schedule"
        )
    assert DuckDBWarehouse(path).read(NBAC_SCHEDULE)["game_date"].isna().sum() == 1
    assert str(produce(DuckDBWarehouse(path), [DAY])[DAY].outcome) == "built"
