"""Pins of how Dagster behaves where the project relies on it; a new version that differs fails here first."""

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.plan.resume_retry import ReexecutionStrategy
from dagster._core.storage.partition_status_cache import AssetPartitionStatus
from dagster._core.test_utils import in_process_test_workspace
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from analytics_assets.assets.raw_report import compare_raw_dates, report_raw_dates
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.backfill.abandoned_runs import fail_abandoned_runs, process_tags
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.backfill.runs import execute, failure_text
from analytics_assets.definitions import build_definitions
from analytics_assets.partitions import daily_partitions, date_range
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.run_coordinator import BackfillTaggingRunCoordinator
from analytics_assets.run_mode import RunMode
from analytics_assets_tests.support.warehouses import three_dates

DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-02-01")


def _definitions(body):
    """Definitions with one skippable multi-asset that runs ``body``; the observer is not used."""

    def build(observer=None, stop_asked=None) -> dg.Definitions:
        @dg.multi_asset(
            specs=[dg.AssetSpec("table", skippable=True)],
            can_subset=True,
            partitions_def=DAYS,
            backfill_policy=dg.BackfillPolicy.single_run(),
            pool="warehouse",
        )
        def tables(context: dg.AssetExecutionContext):
            yield from body(context)

        return dg.Definitions(assets=[tables], executor=dg.in_process_executor)

    return build


@pytest.fixture
def instance():
    with dg.instance_for_test(overrides={"concurrency": {"pools": {"granularity": "op", "default_limit": 1}}}) as made:
        yield made


def _run(instance, body, start=1, end=5, mode=RunMode.BACKFILL):
    first = DAYS.start.date()
    dates = date_range(first.replace(day=start), first.replace(day=end))
    run = PlannedRun.over(("table",), dates)
    return execute(instance, run, mode=mode, observer=print, definitions=_definitions(body))


def test_range_tags_give_exactly_the_dates_and_a_table_may_leave_out_all_of_them(instance):
    seen = []

    def body(context):
        seen.extend(context.partition_keys)
        return iter(())

    finished = _run(instance, body, 3, 6)
    # Nothing was yielded: a skippable table may leave out every date without failing the run.
    assert finished.success
    assert seen == ["2024-01-03", "2024-01-04", "2024-01-05", "2024-01-06"]
    assert finished.dagster_run.tags["backfill_mode"] == "true"


def test_a_single_date_is_a_plain_partition_run_without_the_tag_in_live_mode(instance):
    finished = _run(instance, lambda context: iter(()), 4, 4, RunMode.LIVE)
    assert finished.dagster_run.tags["dagster/partition"] == "2024-01-04"
    assert "backfill_mode" not in finished.dagster_run.tags


def test_events_before_a_failure_count_and_the_rest_of_the_run_is_failed(instance):
    def body(context):
        for key in context.partition_keys:
            if key != "2024-01-03":
                yield dg.AssetMaterialization("table", partition=key, metadata={"rows": int(key[-2:])})
        raise dg.Failure("2024-01-03 is broken", allow_retries=False)

    finished = _run(instance, body)
    assert not finished.success
    assert "2024-01-03 is broken" in failure_text(finished)
    key = dg.AssetKey("table")
    assert instance.get_materialized_partitions(key) == {f"2024-01-0{day}" for day in (1, 2, 4, 5)}
    records = instance.fetch_materializations(key, limit=10).records
    rows = {record.partition_key: record.asset_materialization.metadata["rows"].value for record in records}
    assert rows == {"2024-01-01": 1, "2024-01-02": 2, "2024-01-04": 4, "2024-01-05": 5}
    days = [f"2024-01-0{day}" for day in range(1, 7)]
    statuses = instance.get_status_by_partition(key, days, DAYS)
    expected = dict.fromkeys(days[:5], AssetPartitionStatus.MATERIALIZED)
    # The sixth was not part of the run.
    assert statuses == {**expected, "2024-01-03": AssetPartitionStatus.FAILED, "2024-01-06": None}


def test_a_date_left_out_of_a_green_run_is_missing_and_not_failed(instance):
    def body(context):
        for key in context.partition_keys:
            if key != "2024-01-03":
                yield dg.AssetMaterialization("table", partition=key)

    assert _run(instance, body).success
    statuses = instance.get_status_by_partition(dg.AssetKey("table"), ["2024-01-02", "2024-01-03"], DAYS)
    assert statuses == {"2024-01-02": AssetPartitionStatus.MATERIALIZED, "2024-01-03": None}


def _started_run(instance, tags) -> str:
    run = instance.create_run_for_job(
        _definitions(lambda context: iter(()))().resolve_implicit_global_asset_job_def(),
        tags=tags,
        status=dg.DagsterRunStatus.STARTED,
    )
    return run.run_id


def test_a_run_whose_process_is_gone_is_failed_and_frees_its_slot(instance):
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    gone = _started_run(instance, {**process_tags(), "nba/process": str(child.pid)})
    alive = _started_run(instance, process_tags())
    foreign = _started_run(instance, {"nba/host": "another-host", "nba/process": str(child.pid)})
    storage = instance.event_log_storage
    storage.set_concurrency_slots("warehouse", 1)
    assert storage.claim_concurrency_slot("warehouse", gone, "tables").is_claimed
    assert storage.get_concurrency_info("warehouse").active_run_ids == {gone}

    assert fail_abandoned_runs(instance) == [gone]

    statuses = {run_id: instance.get_run_by_id(run_id).status for run_id in (gone, alive, foreign)}
    assert statuses == {
        gone: dg.DagsterRunStatus.FAILURE,
        alive: dg.DagsterRunStatus.STARTED,
        foreign: dg.DagsterRunStatus.STARTED,
    }
    assert storage.get_concurrency_info("warehouse").active_slot_count == 0
    assert storage.claim_concurrency_slot("warehouse", alive, "tables").is_claimed


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="process states are read from /proc")
def test_a_run_whose_process_ended_and_was_not_collected_is_failed_too(instance):
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        # Waits for the end and leaves the process uncollected, as a parent that does not look leaves it.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        ended = _started_run(instance, {**process_tags(), "nba/process": str(child.pid)})
        assert fail_abandoned_runs(instance) == [ended]


@contextmanager
def _workspace_job(instance):
    """The project's own asset job as webserver and daemon know it: workspace, code location, job."""
    origin = LoadableTargetOrigin(executable_path=sys.executable, module_name="analytics_assets.definitions")
    with in_process_test_workspace(instance, origin) as workspace:
        (location,) = workspace.code_locations
        yield workspace, location, location.get_repository("__repository__").get_full_job("__ASSET_JOB")


def test_a_repetition_after_the_backfill_has_ended_keeps_our_tag_and_loses_that_of_dagster(instance):
    # A backfill that is not requested any more, here one that never was, gives its own tags to no repetition.
    parent = _started_run(instance, {"dagster/backfill": "ended", "backfill_mode": "true"})
    with _workspace_job(instance) as (workspace, location, job):
        repeated = instance.create_reexecuted_run(
            request_context=workspace,
            parent_run=instance.get_run_by_id(parent),
            code_location=location,
            remote_job=job,
            strategy=ReexecutionStrategy.ALL_STEPS,
            use_parent_run_tags=True,
        )
    assert repeated.tags["backfill_mode"] == "true"
    assert "dagster/backfill" not in repeated.tags


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"dagster/backfill": "abcdef"}, "true"),
        ({"dagster/backfill": "abcdef", "backfill_mode": "false"}, "false"),
        ({}, None),
    ],
)
def test_the_coordinator_tags_backfill_runs_and_keeps_what_was_stated(tags, expected):
    settings = {
        "run_coordinator": {
            "module": BackfillTaggingRunCoordinator.__module__,
            "class": BackfillTaggingRunCoordinator.__name__,
        }
    }
    with dg.instance_for_test(overrides=settings) as instance, _workspace_job(instance) as (workspace, _, job):
        coordinator = instance.run_coordinator
        assert isinstance(coordinator, BackfillTaggingRunCoordinator)
        run = instance.create_run_for_job(
            build_definitions().resolve_implicit_global_asset_job_def(),
            tags=tags,
            status=dg.DagsterRunStatus.NOT_STARTED,
            # Dagster queues only runs that it can find again in a workspace.
            remote_job_origin=job.get_remote_origin(),
            job_code_origin=job.get_python_origin(),
        )
        coordinator.submit_run(dg.SubmitRunContext(dagster_run=run, workspace=workspace))
        submitted = instance.get_run_by_id(run.run_id)
        assert submitted is not None
        assert submitted.status == dg.DagsterRunStatus.QUEUED
        assert submitted.tags.get("backfill_mode") == expected


def test_a_run_over_scattered_dates_announces_exactly_these_and_can_be_cancelled_between_slices(instance, tmp_path):
    filled = three_dates(tmp_path / "nba.duckdb")
    # Of raw tables whose dates it knows, Dagster asks for the partition of the run that reads them.
    known = compare_raw_dates(instance, filled, RAW_TABLES, date(2024, 1, 1), date(2024, 1, 31))
    assert report_raw_dates(instance, filled, known) > 0
    warehouse = WarehouseResource(url=f"duckdb:///{tmp_path}/nba.duckdb")
    player, team = "player_game_summary", "team_offense_game_summary"
    run = PlannedRun({player: (date(2024, 1, 10), date(2024, 1, 12)), team: (date(2024, 1, 12),)})
    assert run.block is None

    def launch(stop):
        results = []
        finished = execute(
            instance,
            run,
            mode=RunMode.BACKFILL,
            observer=results.append,
            stop_asked=lambda: stop,
            definitions=partial(build_definitions, warehouse=warehouse),
        )
        return finished, [(found.table_name, found.game_date.day, str(found.outcome)) for found in results]

    stopped, first = launch(stop=True)
    assert stopped.dagster_run.status == dg.DagsterRunStatus.CANCELED
    assert first == [(player, 10, "built"), (player, 12, "built")]
    partitions = daily_partitions()
    days = ["2024-01-10", "2024-01-11", "2024-01-12"]
    # A date that a cancelled run did not reach is missing, not failed.
    assert set(instance.get_status_by_partition(dg.AssetKey(team), days, partitions).values()) == {None}

    finished, second = launch(stop=False)
    assert finished.success, failure_text(finished)
    assert second == [*first, (team, 12, "built")]
    announced = [
        (planned.asset_key.to_user_string(), planned.partition)
        for record in instance.get_records_for_run(
            finished.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
        ).records
        if (planned := record.event_log_entry.dagster_event.event_specific_data).partition is not None
    ]
    assert announced == [(player, "2024-01-10"), (player, "2024-01-12"), (team, "2024-01-12")]
    done = AssetPartitionStatus.MATERIALIZED
    assert instance.get_status_by_partition(dg.AssetKey(player), days, partitions) == dict(
        zip(days, (done, None, done), strict=True)
    )
    assert instance.get_status_by_partition(dg.AssetKey(team), days, partitions)[days[0]] is None
    checks = finished.get_asset_check_evaluations()
    assert {(check.asset_key.to_user_string(), check.passed) for check in checks} == {(player, True), (team, True)}
