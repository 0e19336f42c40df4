"""Where raw data exists, as Dagster shows it: the dates that raw tables hold are told, each once."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from analytics_assets.assets.raw_report import compare_raw_dates, report_raw_dates
from analytics_assets.assets.raw_tables import raw_asset_key
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.definitions import build_definitions
from analytics_assets.partitions import daily_partitions
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
    RAW_TABLES,
)
from analytics_assets.tables.frames import empty_frame
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import raw_frame, registry_rows
from analytics_assets_tests.support.warehouses import three_dates

# Games on the 10th and 12th, an off-day between; rosters of the 1st.
FIRST, LAST = date(2024, 1, 1), date(2024, 1, 31)
ROSTER_DAY, TENTH, TWELFTH = date(2024, 1, 1), date(2024, 1, 10), date(2024, 1, 12)


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("raw_report") / "nba.duckdb"
    three_dates(path)
    return path


@pytest.fixture
def warehouse(filled: Path, tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(shutil.copy(filled, tmp_path / "nba.duckdb"), wait_seconds=20)


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as found:
        yield found


@pytest.fixture
def stored_instance(tmp_path: Path):
    """An instance with files, which schedules ask for."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as found:
        yield found


def report(instance, warehouse, tables=RAW_TABLES, start=FIRST, end=LAST):
    compared = compare_raw_dates(instance, warehouse, tables, start, end)
    events = report_raw_dates(instance, warehouse, compared)
    return {entry.table: entry for entry in compared}, events


def told(instance, table) -> list[tuple[str | None, dict]]:
    """Partition and metadata of every materialization of a raw table, oldest first."""
    records = instance.fetch_materializations(raw_asset_key(table), limit=100, ascending=True).records
    return [
        (record.partition_key, {key: value.value for key, value in record.asset_materialization.metadata.items()})
        for record in records
    ]


def test_each_date_with_rows_is_told_once_with_its_rows_games_and_digest(instance, warehouse):
    compared, events = report(instance, warehouse)
    assert events == 7
    assert compared[NBAC_GAMEBOOK_PLAYER_STATS].new == (TENTH, TWELFTH)
    assert compared[BETTINGPROS_PLAYER_POINTS_PROPS].digests == {}

    (tenth, found), (twelfth, _) = told(instance, NBAC_GAMEBOOK_PLAYER_STATS)
    assert (tenth, twelfth) == ("2024-01-10", "2024-01-12")
    assert (found["rows"], found["games"], found["dagster/partition_row_count"]) == (12, 1, 12)
    assert found["digest"] == compared[NBAC_GAMEBOOK_PLAYER_STATS].digests[TENTH]
    # A roster is of no game.
    ((day, roster),) = told(instance, ESPN_TEAM_ROSTERS)
    assert (day, roster["rows"], "games" in roster) == (
        "2024-01-01",
        len(warehouse.read(ESPN_TEAM_ROSTERS)),
        False,
    )

    days = ["2024-01-10", "2024-01-11", "2024-01-12"]
    done = AssetPartitionStatus.MATERIALIZED
    shown = instance.get_status_by_partition(raw_asset_key(NBAC_SCHEDULE), days, daily_partitions())
    assert shown == dict(zip(days, (done, None, done), strict=True))

    again, events = report(instance, warehouse)
    assert events == 0
    assert all(not entry.untold and not entry.gone for entry in again.values())
    assert len(told(instance, NBAC_GAMEBOOK_PLAYER_STATS)) == 2


def test_a_date_that_was_written_differently_is_told_again_and_no_other(instance, warehouse):
    report(instance, warehouse)
    rows = warehouse.read(NBAC_TEAM_BOXSCORE, start=TWELFTH, end=TWELFTH)
    later = rows.assign(processed_at=pd.Timestamp("2024-02-01", tz="UTC"))
    warehouse.replace_dates(NBAC_TEAM_BOXSCORE, later, [TWELFTH])
    # Written again without a difference: nothing to tell.
    assert report(instance, warehouse)[1] == 0

    corrected = rows.assign(points=rows["points"] + 1, data_hash=[f"corrected {number}" for number in range(len(rows))])
    warehouse.replace_dates(NBAC_TEAM_BOXSCORE, corrected, [TWELFTH])
    compared, events = report(instance, warehouse)
    assert events == 1
    assert compared[NBAC_TEAM_BOXSCORE].changed == (TWELFTH,)
    assert [day for day, _ in told(instance, NBAC_TEAM_BOXSCORE)] == ["2024-01-10", "2024-01-12", "2024-01-12"]
    assert report(instance, warehouse)[1] == 0


def test_a_date_that_holds_no_rows_any_more_is_named_each_time_and_never_told_as_held(instance, warehouse):
    report(instance, warehouse)
    warehouse.replace_dates(NBAC_GAMEBOOK_PLAYER_STATS, empty_frame(NBAC_GAMEBOOK_PLAYER_STATS), [TENTH])
    for _ in range(2):
        compared, events = report(instance, warehouse)
        assert (events, compared[NBAC_GAMEBOOK_PLAYER_STATS].gone) == (0, (TENTH,))
    # Another range, or another table, says nothing of it.
    assert report(instance, warehouse, start=TWELFTH)[0][NBAC_GAMEBOOK_PLAYER_STATS].gone == ()
    assert list(report(instance, warehouse, tables=[NBAC_SCHEDULE])[0]) == [NBAC_SCHEDULE]


def test_a_date_materialized_by_hand_without_a_data_version_is_told_what_it_holds(instance, warehouse):
    key = raw_asset_key(NBAC_SCHEDULE)
    for day in ("2024-01-10", "2024-01-11"):
        instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=day))
    compared, _ = report(instance, warehouse, tables=[NBAC_SCHEDULE])
    entry = compared[NBAC_SCHEDULE]
    assert (entry.new, entry.changed, entry.gone) == ((TWELFTH,), (TENTH,), (date(2024, 1, 11),))


def test_a_table_without_dates_is_told_as_a_whole(instance, warehouse):
    assert PLAYER_REGISTRY not in {entry for entry, found in report(instance, warehouse)[0].items() if found.new}
    warehouse.merge_rows(PLAYER_REGISTRY, raw_frame(PLAYER_REGISTRY, registry_rows("boa", "bob", season_year=2023)))
    assert report(instance, warehouse)[1] == 1
    warehouse.merge_rows(PLAYER_REGISTRY, raw_frame(PLAYER_REGISTRY, registry_rows("boc", season_year=2024)))
    assert [report(instance, warehouse)[1] for _ in range(2)] == [1, 0]
    assert [(day, found["rows"]) for day, found in told(instance, PLAYER_REGISTRY)] == [(None, 2), (None, 3)]


def test_what_is_stored_at_once_is_what_dagster_stores_of_one_reported_event(instance, warehouse):
    report(instance, warehouse, tables=[NBAC_SCHEDULE], end=TENTH)
    (ours,) = instance.fetch_materializations(raw_asset_key(NBAC_SCHEDULE), limit=2).records
    instance.report_runless_asset_event(ours.asset_materialization)
    theirs, _ = instance.fetch_materializations(raw_asset_key(NBAC_SCHEDULE), limit=2).records
    assert theirs.storage_id > ours.storage_id
    assert theirs.event_log_entry._replace(timestamp=ours.timestamp) == ours.event_log_entry


def test_an_interrupted_report_goes_on_with_what_is_left(instance, warehouse):
    calls = []

    def broken(entry, events) -> None:
        calls.append(events)
        if len(calls) == 3:
            raise KeyboardInterrupt

    compared = compare_raw_dates(instance, warehouse, RAW_TABLES, FIRST, LAST)
    with pytest.raises(KeyboardInterrupt):
        report_raw_dates(instance, warehouse, compared, broken)
    assert report(instance, warehouse)[1] == 7 - sum(calls)


def test_the_hourly_schedule_is_off_and_runs_only_when_something_is_new(stored_instance, warehouse):
    instance = stored_instance
    now = datetime(2024, 1, 20, 15, 20, tzinfo=UTC)
    resource = WarehouseResource(url=f"duckdb:///{warehouse.path}")
    repository = build_definitions(
        warehouse=resource, clock=lambda: now, environment={"NBA_PARTITIONS_START": "2024-01-02"}
    ).get_repository_def()
    schedule = repository.get_schedule_def("raw_dates_reported")
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED

    def evaluate():
        context = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=now, resources={"warehouse": resource}
        )
        return schedule.evaluate_tick(context)

    assert len(evaluate().run_requests) == 1
    job = repository.get_job(schedule.job_name)
    assert job.execute_in_process(instance=instance).success
    # The roster lies before the first partition.
    assert told(instance, ESPN_TEAM_ROSTERS) == []
    assert [day for day, _ in told(instance, NBAC_SCHEDULE)] == ["2024-01-10", "2024-01-12"]
    assert evaluate().skip_message == "nothing new: raw tables hold rows of 2 dates"

    warehouse.replace_dates(NBAC_SCHEDULE, empty_frame(NBAC_SCHEDULE), [TENTH])
    skipped = evaluate()
    assert skipped.run_requests == []
    assert "shown as held, but without rows now: nbac_schedule 2024-01-10" in skipped.skip_message


def test_the_command_tells_what_is_new_what_is_missing_and_what_is_gone(warehouse, tmp_path, monkeypatch, capsys):
    cli = CommandLine(tmp_path)
    call = ("raw", "report", "--start", "2024-01-01", "--end", "2024-01-31")
    finished = cli.here(monkeypatch, capsys, *call, "--json")
    assert finished.returncode == 0, finished.stderr
    document = json.loads(finished.stdout)
    by_table = {entry.pop("table"): entry for entry in document["tables"]}
    assert document["events"] == 7
    assert len(by_table) == len(RAW_TABLES)
    assert by_table["nba_raw.nbac_team_boxscore"] == {
        "has_rows": True,
        "dates_with_rows": 2,
        "new": ["2024-01-10", "2024-01-12"],
        "changed": [],
        "told_before": 0,
        "without_rows_now": [],
    }

    warehouse.replace_dates(NBAC_TEAM_BOXSCORE, empty_frame(NBAC_TEAM_BOXSCORE), [TENTH])
    shown = cli.here(monkeypatch, capsys, *call).stdout
    assert "told Dagster of 0 tables and dates" in shown
    assert "nba_raw.nbac_team_boxscore: Dagster shows 2024-01-10 as held" in shown
    assert "nba_raw.bdl_player_boxscores is missing or holds no rows of these dates" in shown
    refused = cli.here(monkeypatch, capsys, *call, "--tables", "nbac_schedule,scores")
    assert (refused.returncode, "unknown raw table 'scores'" in refused.stderr) == (2, True)
