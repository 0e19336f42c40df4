"""Waived dates and disagreements with Dagster in the coverage grid, over literal recorded histories."""

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.coverage.grid import coverage_grid, missing_dates
from analytics_assets.coverage.results import DateResult, outcome_rows
from analytics_assets.coverage.waivers import unwaive, waive, waived_dates
from analytics_assets.raw.declarations import NBAC_GAMEBOOK_PLAYER_STATS
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.operations import DATE_OUTCOMES, WAIVERS, Outcome
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.warehouse import Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.raw_rows import box_rows, raw_frame, schedule_row
from analytics_assets_tests.support.warehouses import produce, warehouse_with

NOW = datetime(2024, 1, 20, 17, tzinfo=UTC)
TABLE, OFFENSE = "player_game_summary", "team_offense_game_summary"
DAYS = [date(2024, 1, number) for number in range(8, 13)]


@pytest.fixture(scope="module")
def tried_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Games on 8, 10 and 12 January; box rows of the 8th only, and the whole range was tried."""
    found = warehouse_with(
        tmp_path_factory.mktemp("waivers") / "w.duckdb",
        [schedule_row(f"00223000{number:02}", f"2024-01-{number:02}") for number in (8, 10, 12)],
        box_rows("2024-01-08"),
    )
    produce(found, DAYS, now=NOW)
    return found.path


@pytest.fixture
def warehouse(tried_file: Path, tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(shutil.copy(tried_file, tmp_path / "w.duckdb"))


def grid_of(warehouse: DuckDBWarehouse, materialized: dict[str, list[date]] | None = None) -> pd.DataFrame:
    grid = coverage_grid(warehouse, [TABLE], DAYS, NOW, materialized)
    return grid.set_index(grid["game_date"].dt.day)


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def text(value: object) -> object:
    return None if pd.isna(value) else value


def test_a_waived_gap_is_listed_apart_and_no_longer_missing(warehouse: DuckDBWarehouse) -> None:
    assert missing_dates(grid_of(warehouse)).index.tolist() == [10, 12]
    waive(warehouse, TABLE, [DAYS[2]], author="Ada", reason="the source lost it", now=NOW)
    grid = grid_of(warehouse)
    assert missing_dates(grid).index.tolist() == [12]
    assert grid.loc[10, ["state", "waived", "waiver"]].tolist() == ["no_raw_data", True, "Ada: the source lost it"]
    assert text(grid.loc[10, "waiver_note"]) is None
    # A waiver is of one table.
    other = coverage_grid(warehouse, ["team_offense_game_summary"], DAYS, NOW)
    assert not other["waived"].any()


def test_a_waived_date_says_when_its_raw_rows_arrive_and_when_it_is_done(warehouse: DuckDBWarehouse) -> None:
    waive(warehouse, TABLE, DAYS[2:], author="Ada", reason="the source lost it", now=NOW)
    warehouse.merge_rows(
        NBAC_GAMEBOOK_PLAYER_STATS, raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, list(box_rows("2024-01-10")))
    )
    notes = grid_of(warehouse)["waiver_note"].map(text)
    assert notes[10] == "raw rows of all its games are there now: build it, then take the waiver back"
    # An off-day was done all along, which its waiver is told at once.
    assert notes.loc[[8, 11, 12]].tolist() == [None, "done: take the waiver back", None]
    produce(warehouse, [DAYS[2]], now=NOW)
    assert grid_of(warehouse).loc[10, ["state", "waiver_note"]].tolist() == ["built", "done: take the waiver back"]


def test_waivers_are_kept_as_blocks_and_of_several_the_latest_holds(warehouse: DuckDBWarehouse) -> None:
    waive(warehouse, TABLE, DAYS, author="Ada", reason="first", now=NOW)
    waive(warehouse, TABLE, [DAYS[0], DAYS[2]], author="Bo", reason="second", now=later(1))
    waive(warehouse, OFFENSE, [DAYS[0]], author="Ada", reason="first", now=NOW)
    stored = warehouse.read(WAIVERS)
    blocks = [(row.first_date.day, row.last_date.day, row.author) for row in stored.itertuples()]
    assert blocks == [(8, 12, "Ada"), (8, 8, "Bo"), (10, 10, "Bo"), (8, 8, "Ada")]
    found = waived_dates(stored)
    days = found["game_date"].dt.day.astype(str)
    assert (days + found["author"]).tolist() == ["8Bo", "9Ada", "10Bo", "11Ada", "12Ada", "8Ada"]
    assert unwaive(warehouse, TABLE, [DAYS[0], DAYS[2], date(2024, 3, 1)], now=later(2)) == 2
    assert grid_of(warehouse)["waived"].tolist() == [False, True, False, True, True]
    assert unwaive(warehouse, TABLE, DAYS, now=later(3)) == 3
    assert unwaive(warehouse, TABLE, DAYS, now=later(4)) == 0
    assert waived_dates(warehouse.read(WAIVERS))["table_name"].tolist() == [OFFENSE]
    waive(warehouse, TABLE, [DAYS[4]], author="Cy", reason="third", now=later(5))
    assert grid_of(warehouse)["waived"].tolist() == [False] * 4 + [True]


class Overtaken(DuckDBWarehouse):
    """Another process waives one more date right before this one writes."""

    def commit(self, writes: Sequence[Write]) -> None:
        waive(DuckDBWarehouse(self.path), TABLE, [DAYS[4]], author="Bo", reason="lost", now=later(1))
        super().commit(writes)


def test_waivers_written_by_two_processes_at_once_are_all_kept(warehouse: DuckDBWarehouse) -> None:
    slow = Overtaken(warehouse.path)
    waive(slow, TABLE, DAYS[2:4], author="Ada", reason="lost", now=NOW)
    assert grid_of(warehouse)["waived"].tolist() == [False, False, True, True, True]
    assert unwaive(slow, TABLE, DAYS[3:], now=later(2)) == 2
    assert grid_of(warehouse)["waiver"].map(text).tolist() == [None, None, "Ada: lost", None, None]


@pytest.mark.parametrize(("author", "reason"), [(" ", "why"), ("Ada", "")])
def test_a_waiver_without_author_or_reason_is_refused(warehouse: DuckDBWarehouse, author: str, reason: str) -> None:
    with pytest.raises(ValueError, match="author and a reason"):
        waive(warehouse, TABLE, DAYS, author=author, reason=reason, now=NOW)


def test_disagreements_with_dagster_are_named_only_where_they_are(warehouse: DuckDBWarehouse) -> None:
    assert grid_of(warehouse)["disagreement"].isna().all()
    # 8 built and 9, 11 off-days are done; Dagster shows the 8th, the 11th and the 10th, which lacks raw data.
    shown = {TABLE: [DAYS[0], DAYS[2], DAYS[3]]}
    assert grid_of(warehouse, shown)["disagreement"].map(text).tolist() == [
        None,
        "rows_but_not_materialized",
        "materialized_but_no_rows",
        None,
        None,
    ]


def test_disagreements_are_told_apart_for_several_tables(warehouse: DuckDBWarehouse) -> None:
    names = [TABLE, "team_offense_game_summary"]
    shown = {TABLE: [DAYS[0], DAYS[1], DAYS[3]], "team_offense_game_summary": [DAYS[4]]}
    grid = coverage_grid(warehouse, names, DAYS, NOW, shown)
    found = grid[grid["disagreement"].notna()]
    assert found[["table_name", "disagreement"]].to_numpy().tolist() == [
        ["team_offense_game_summary", "materialized_but_no_rows"]
    ]


def test_a_built_date_whose_rows_were_deleted_disagrees_although_it_was_recorded(warehouse: DuckDBWarehouse) -> None:
    rows = warehouse.read(PLAYER_GAME_SUMMARY)
    warehouse.replace_dates(PLAYER_GAME_SUMMARY, rows.iloc[:0], [DAYS[0]])
    assert grid_of(warehouse, {TABLE: DAYS}).loc[8, "disagreement"] == "materialized_but_no_rows"
    assert text(grid_of(warehouse, {}).loc[8, "disagreement"]) is None


def test_outcomes_recorded_for_another_table_materialize_nothing_here(warehouse: DuckDBWarehouse) -> None:
    result = DateResult(table_name="team_offense_game_summary", game_date=DAYS[2], outcome=Outcome.OFF_DAY)
    rows = outcome_rows([result], mode=RunMode.LIVE, run_id="r", code_version="1", now=NOW)
    warehouse.commit([Write(DATE_OUTCOMES, rows)])
    assert text(grid_of(warehouse, {}).loc[10, "disagreement"]) is None
