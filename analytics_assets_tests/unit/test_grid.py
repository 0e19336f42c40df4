"""The coverage grid over a recorded history: state, whether due, and the reason a reader gets."""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.coverage.grid import coverage_grid, covered_phases, missing_dates, read_schedule, unrecorded_dates
from analytics_assets.coverage.results import DateResult, outcome_rows
from analytics_assets.partitions import date_range
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.frames import conform
from analytics_assets.tables.operations import DATE_OUTCOMES, Outcome
from analytics_assets.warehouse import Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.raw_rows import schedule_row
from analytics_assets_tests.support.warehouses import warehouse_with

NOW = datetime(2024, 1, 16, 17, tzinfo=UTC)
TABLE = "player_game_summary"


def day(number: int) -> date:
    return date(2024, 1, number)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Games from 8 to 17 January, none on the 9th; some dates were tried, the 8th twice."""
    path: Path = tmp_path_factory.mktemp("grid")
    found = warehouse_with(
        path / "w.duckdb",
        [
            *(schedule_row(f"00223000{number:02}", f"2024-01-{number:02}") for number in (8, 10, 11, 12, 14)),
            schedule_row("0022300016", "2024-01-16", game_status=1),
            schedule_row("0022300017", "2024-01-17", game_status=1),
        ],
    )
    found.ensure(DATE_OUTCOMES)
    tried = [
        (8, Outcome.BUILT, 1, "", 12),
        (8, Outcome.ERROR, 2, "building raised", 12),
        (10, Outcome.NO_RAW_DATA, 1, "no box source", 0),
        # Too early when it was tried: since then the games are over, or still are not.
        (11, Outcome.NOT_DUE, 1, "games are not final yet", 0),
        (16, Outcome.NOT_DUE, 1, "games are not final yet", 0),
        (12, Outcome.PARTIAL_RAW_DATA, 1, "1 of 2 games", 5),
    ]
    for number, outcome, hour, reason, rows in tried:
        result = DateResult(
            table_name=TABLE, game_date=day(number), outcome=outcome, reason=reason, actual_rows=rows, expected_games=1
        )
        recorded = outcome_rows(
            [result], mode=RunMode.LIVE, run_id="r", code_version="1", now=datetime(2024, 1, 15, hour, tzinfo=UTC)
        )
        found.commit([Write(DATE_OUTCOMES, recorded)])
    return found


@pytest.fixture(scope="module")
def grid(warehouse: DuckDBWarehouse) -> pd.DataFrame:
    found = coverage_grid(warehouse, [TABLE, "other"], [day(number) for number in range(8, 19)], NOW)
    assert len(found) == 22
    return found[found["table_name"] == TABLE].set_index(found.loc[found["table_name"] == TABLE, "game_date"].dt.day)


@pytest.mark.parametrize(
    ("number", "state", "done", "due", "reason"),
    [
        (8, "built", True, True, None),
        (9, "never_built", False, False, "no game in the 2023-24 regular-season schedule; never built"),
        (10, "no_raw_data", False, True, "no box source"),
        (11, "never_built", False, True, "1 games on the schedule, never built"),
        (12, "partial_raw_data", False, True, "1 of 2 games"),
        (14, "never_built", False, True, "1 games on the schedule, never built"),
        (16, "not_due", False, False, "games are not final yet: 20240116_BOS_LAL"),
        (17, "not_due", False, False, "the date lies in the future"),
        (18, "not_due", False, False, "the date lies in the future"),
    ],
)
def test_state_of_a_date(grid: pd.DataFrame, number: int, state: str, done: bool, due: bool, reason) -> None:
    row = grid.loc[number]
    assert (row["state"], bool(row["done"]), bool(row["due"])) == (state, done, due)
    assert (None if pd.isna(row["reason"]) else row["reason"]) == reason


def test_numbers_and_last_attempt(grid: pd.DataFrame) -> None:
    assert grid.loc[8, ["actual_rows", "last_outcome", "last_reason"]].tolist() == [12, "error", "building raised"]
    assert grid.loc[14, ["expected_games", "actual_games", "actual_rows"]].tolist() == [1, 0, 0]
    assert grid.loc[9, "expected_games"] == 0


def test_expected_games_are_null_where_the_schedule_cannot_tell(warehouse: DuckDBWarehouse) -> None:
    (row,) = coverage_grid(warehouse, [TABLE], [date(2019, 1, 5)], NOW).to_dict("records")
    assert pd.isna(row["expected_games"])
    assert (row["state"], row["due"]) == ("never_built", True)
    assert "does not reach this date" in row["reason"]


def test_missing_is_due_and_not_done(grid: pd.DataFrame) -> None:
    assert missing_dates(grid).index.tolist() == [10, 11, 12, 14]


def test_days_without_games_that_nobody_recorded_are_no_gap_and_a_backfill_records_them(grid: pd.DataFrame) -> None:
    """Daily schedules skip them; of the 9th the schedule proves that there was no game."""
    assert grid.index[grid["without_games"]].tolist() == [9, 13, 15]
    assert unrecorded_dates(grid).index.tolist() == [9, 10, 11, 12, 13, 14, 15]


def test_other_tables_know_nothing_of_these_attempts(warehouse: DuckDBWarehouse) -> None:
    (row,) = coverage_grid(warehouse, ["other"], [day(8)], NOW).to_dict("records")
    assert row["state"] == "never_built"
    assert pd.isna(row["last_outcome"])


def test_covered_phases_by_season(warehouse: DuckDBWarehouse) -> None:
    assert covered_phases(read_schedule(warehouse)) == {"2023-24": ["cup_final", "play_in", "playoffs", "regular"]}


def test_grid_of_25_seasons_and_five_tables_takes_less_than_two_seconds_of_computing(tmp_path: Path) -> None:
    warehouse = warehouse_with(tmp_path / "w.duckdb", [schedule_row("0022300008", "2024-01-08")])
    warehouse.ensure(DATE_OUTCOMES)
    days = date_range(date(2000, 10, 1), date(2025, 9, 30))
    names = pd.DataFrame({"table_name": [table.name for table in ANALYTICS_TABLES]})
    recorded = names.merge(pd.DataFrame({"game_date": pd.to_datetime(pd.Series(days))}), how="cross")
    texts = {"outcome": "built", "reason": "a sentence as long as they are", "run_mode": "backfill", "run_id": "r"}
    recorded = recorded.assign(**texts, recorded_at=pd.Timestamp(NOW), actual_rows=200)
    lists = [["nbac_gamebook_player_stats"]] * len(recorded)
    warehouse.commit([Write(DATE_OUTCOMES, conform(recorded.assign(sources=lists, warnings=lists), DATE_OUTCOMES))])
    started = time.process_time()
    found = coverage_grid(warehouse, list(names["table_name"]), days, NOW)
    seconds = time.process_time() - started
    assert len(found) == 5 * 9131
    assert found["done"].all()
    assert seconds < 2
