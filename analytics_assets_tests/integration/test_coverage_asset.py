"""Coverage inside Dagster: the asset with its check, repair of lost materializations, the look after backfills."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from analytics_assets.alerts.conditions import read_dates
from analytics_assets.alerts.events import AlertKind
from analytics_assets.alerts.missing_dates import missing_of
from analytics_assets.alerts.run_facts import Streams
from analytics_assets.assets.coverage_asset import coverage_after_backfills
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.backfill.records import materialized_dates, rebuild_commands, report_missing_materializations
from analytics_assets.backfill.runs import execute
from analytics_assets.coverage.grid import coverage_grid, missing_dates
from analytics_assets.coverage.waivers import waive
from analytics_assets.definitions import build_definitions
from analytics_assets.raw.declarations import NBAC_GAMEBOOK_PLAYER_STATS
from analytics_assets.run_mode import BACKFILL_MODE_TAG, RunMode
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.frames import empty_frame
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.warehouses import three_dates

NOW = datetime(2024, 1, 13, 17, tzinfo=UTC)
START = "2024-01-10"
DAYS = [date(2024, 1, number) for number in (10, 11, 12)]
TABLE = "player_game_summary"
NAMES = [table.name for table in ANALYTICS_TABLES]


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    """Games on the 10th and 12th, an off-day between; the 12th has no player rows."""
    found = three_dates(tmp_path / "nba.duckdb")
    found.replace_dates(NBAC_GAMEBOOK_PLAYER_STATS, empty_frame(NBAC_GAMEBOOK_PLAYER_STATS), [DAYS[2]])
    return found


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("NBA_PARTITIONS_START", START)
    home = tmp_path / "dagster"
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as found:
        yield found


def definitions(warehouse: DuckDBWarehouse, **more) -> dg.Definitions:
    resource = WarehouseResource(url=f"duckdb:///{warehouse.path}")
    return build_definitions(warehouse=resource, clock=lambda: NOW, **more)


def backfill(instance: dg.DagsterInstance, warehouse: DuckDBWarehouse, names: list[str]) -> None:
    execute(
        instance,
        PlannedRun.over(names, DAYS),
        mode=RunMode.BACKFILL,
        observer=lambda result: None,
        definitions=lambda **more: definitions(warehouse, **more),
    )


def refresh(instance: dg.DagsterInstance, warehouse: DuckDBWarehouse) -> tuple[dict, dg.AssetCheckEvaluation]:
    """Metadata of the coverage asset and its check."""
    job = definitions(warehouse).resolve_job_def("refresh_coverage")
    finished = job.execute_in_process(instance=instance)
    (materialized,) = finished.asset_materializations_for_node("coverage")
    (check,) = finished.get_asset_check_evaluations()
    return {name: value.value for name, value in materialized.metadata.items()}, check


def test_check_status_and_sql_agree_on_what_is_missing(instance, warehouse):
    metadata, check = refresh(instance, warehouse)
    assert not check.passed
    assert metadata["missing"] == check.metadata["missing"].value == 10
    backfill(instance, warehouse, NAMES)
    metadata, check = refresh(instance, warehouse)
    grid = coverage_grid(warehouse, NAMES, DAYS, NOW, materialized_dates(instance, NAMES))
    missing = missing_dates(grid)
    latest = warehouse.read(DATE_OUTCOMES)
    not_done = latest[~latest["outcome"].isin(["built", "off_day", "off_season", "not_due"])]
    assert metadata["missing"] == check.metadata["missing"].value == len(missing) == len(not_done) > 0
    sample = check.metadata["sample"].value.splitlines()
    assert len(sample) == len(missing)
    assert f"{TABLE} 2024-01-12 no_raw_data: " in check.metadata["sample"].value
    assert f"| {TABLE} | off_day | 1 |" in metadata["counts"]
    assert (metadata["first_date"], metadata["last_date"]) == (START, "2024-01-12")
    # What the alerts read: every missing date, and every attempt of the real run that is not done.
    listed = set(zip(missing["table_name"].astype(str), missing["game_date"].dt.date, strict=True))
    assert set(missing_of(metadata)) == listed
    kinds = (AlertKind.DATES_FAILED, AlertKind.RAW_DATA_MISSING, AlertKind.RAW_DATA_STALE)
    streams = {kind: Streams({"floor": 0, "positions": {}}, 20) for kind in kinds}
    told = [event for kind in kinds for event in read_dates(instance, kind, streams[kind], NAMES).events]
    attempts = set(zip(not_done["table_name"].astype(str), not_done["game_date"].dt.date, strict=True))
    assert {(event.table_name, event.game_date) for event in told} == attempts
    assert {event.error_class for event in told} == set(not_done["outcome"])
    assert all(event.in_backfill_mode for event in told)
    assert metadata["disagreements"] == 0
    for row in missing.to_dict("records"):
        waive(warehouse, row["table_name"], [row["game_date"].date()], author="Ada", reason="lost", now=NOW)
    metadata, check = refresh(instance, warehouse)
    assert check.passed
    assert (metadata["missing"], metadata["waived"]) == (0, len(missing))


def test_a_date_that_dagit_shows_as_materialized_is_done_and_lost_events_are_reported_again(
    instance, warehouse, tmp_path
):
    backfill(instance, warehouse, [TABLE])
    shown = materialized_dates(instance, [TABLE])
    grid = coverage_grid(warehouse, [TABLE], DAYS, NOW, shown)
    assert shown[TABLE] == set(grid.loc[grid["done"], "game_date"].dt.date) == set(DAYS[:2])
    assert grid["disagreement"].isna().all()
    # Another Dagster home knows nothing of what was built.
    other_home = tmp_path / "other"
    other_home.mkdir()
    with dg.DagsterInstance.local_temp(str(other_home)) as other:
        grid = coverage_grid(warehouse, [TABLE], DAYS, NOW, materialized_dates(other, [TABLE]))
        assert grid["disagreement"].map(lambda kind: None if pd.isna(kind) else kind).tolist() == [
            "rows_but_not_materialized",
            "rows_but_not_materialized",
            None,
        ]
        assert report_missing_materializations(other, grid) == 2
        assert materialized_dates(other, [TABLE]) == shown
        again = coverage_grid(warehouse, [TABLE], DAYS, NOW, materialized_dates(other, [TABLE]))
        assert report_missing_materializations(other, again) == 0
        record = other.get_latest_materialization_event(dg.AssetKey(TABLE))
        assert record is not None
        told = record.asset_materialization.metadata
        assert told["repaired"].value is True
        assert told["built_by_run"].value == grid.loc[0, "run_id"]


def test_a_done_date_whose_rebuild_failed_is_shown_as_failed_until_it_is_reported_again(instance, warehouse):
    backfill(instance, warehouse, [TABLE])
    # The rebuild of the 10th finds nothing in live mode and fails the run; its rows are still there.
    warehouse.replace_dates(NBAC_GAMEBOOK_PLAYER_STATS, empty_frame(NBAC_GAMEBOOK_PLAYER_STATS), [DAYS[0]])
    execute(
        instance,
        PlannedRun.over([TABLE], DAYS[:1]),
        mode=RunMode.LIVE,
        observer=lambda result: None,
        definitions=lambda **more: definitions(warehouse, **more),
    )
    grid = coverage_grid(warehouse, [TABLE], DAYS, NOW, materialized_dates(instance, [TABLE]))
    assert grid.loc[0, ["state", "last_outcome"]].tolist() == ["built", "no_raw_data"]
    assert grid.loc[0, "disagreement"] == "rows_but_not_materialized"
    assert report_missing_materializations(instance, grid) == 1
    assert DAYS[0] in materialized_dates(instance, [TABLE])[TABLE]


def test_a_materialization_without_rows_cannot_be_taken_back_so_the_rebuild_is_proposed(instance, warehouse):
    instance.report_runless_asset_event(dg.AssetMaterialization(TABLE, partition="2024-01-12"))
    grid = coverage_grid(warehouse, [TABLE], DAYS, NOW, materialized_dates(instance, [TABLE]))
    assert rebuild_commands(grid) == {
        TABLE: f"nba-analytics backfill --only all --tables {TABLE} --dates 2024-01-12",
    }
    assert report_missing_materializations(instance, grid) == 0


def test_a_look_follows_the_end_of_a_backfill_once_and_waits_while_one_is_under_way(instance, warehouse):
    def look(cursor: str | None) -> tuple[dg.RunRequest | dg.SkipReason, str | None]:
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        return coverage_after_backfills(context), context.cursor

    assert look(None)[0].skip_message == "no run in backfill mode has ended yet"
    backfill(instance, warehouse, [TABLE])
    request, cursor = look(None)
    assert request.run_key == cursor == instance.get_runs()[0].run_id
    assert look(cursor)[0].skip_message == "no run in backfill mode has ended since the last look"
    job = definitions(warehouse).resolve_job_def("historical_date")
    instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, tags={BACKFILL_MODE_TAG: "true"})
    assert look(None)[0].skip_message == "a backfill is under way"
