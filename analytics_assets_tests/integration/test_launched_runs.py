"""Runs that the daemon starts beside those of the command line: killed, failed and unfinished ones, and a daily run.

Dagster's own queue is worked off here, in this process, and what it launches is executed here too, on the project's
own instance settings.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon.run_coordinator import QueuedRunCoordinatorDaemon
from dagster_graphql.test.utils import execute_dagster_graphql

from analytics_assets.assets.analytics_tables import WAREHOUSE_POOL
from analytics_assets.assets.daily_schedules import yesterdays_summaries
from analytics_assets.assets.raw_report import compare_raw_dates, report_raw_dates
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.backfill.abandoned_runs import abandoned_runs, fail_abandoned_runs, process_tags
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.backfill.runs import execute
from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.definitions import build_definitions
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse import Warehouse
from analytics_assets_tests.support.dagster_processes import LAUNCH_RUN, LOCATION, REEXECUTE, ROOT
from analytics_assets_tests.support.raw_rows import box_rows, schedule_row, team_rows
from analytics_assets_tests.support.warehouses import three_dates, warehouse_with

PLAYERS, OFFENSE, DEFENSE, CONTEXT, _ = (table.name for table in ANALYTICS_TABLES)
MONTH = (date(2024, 1, 1), date(2024, 1, 31))
# Older than a live run would build, and no range: the dates differ between the tables.
SCATTERED = PlannedRun(
    {
        PLAYERS: (date(2024, 1, 10), date(2024, 1, 12)),
        OFFENSE: (date(2024, 1, 12),),
        CONTEXT: (date(2024, 1, 12),),
    }
)


@dataclass
class Deployment:
    """Webserver and daemon without their processes.

    Attributes:
        instance: Their instance.
        workspace: Their workspace, with the project as its one code location.
        warehouse: The warehouse that launched runs use.
    """

    instance: dg.DagsterInstance
    workspace: WorkspaceProcessContext
    warehouse: Warehouse

    def launch_again(self, run_id: str, strategy: str) -> str:
        """What the buttons of a run's page do; gives the id of the new run."""
        parameters = {"parentRunId": run_id, "strategy": strategy}
        return self._launched(REEXECUTE, "launchRunReexecution", {"reexecutionParams": parameters})

    def launch(self, job: str, partition: str) -> str:
        """Launch one date of a job; gives the id of the run."""
        tags = [{"key": "dagster/partition", "value": partition}]
        parameters = {
            "selector": {**LOCATION, "pipelineName": job},
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": tags},
        }
        return self._launched(LAUNCH_RUN, "launchPipelineExecution", {"executionParams": parameters})

    def _launched(self, mutation: str, name: str, parameters: dict[str, Any]) -> str:
        answer = execute_dagster_graphql(self.workspace.create_request_context(), mutation, parameters).data[name]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return answer["run"]["runId"]

    def work_off_queue(self) -> None:
        """One tick of the daemon that starts queued runs."""
        with QueuedRunCoordinatorDaemon(interval_seconds=1) as daemon:
            list(daemon.run_iteration(self.workspace))

    def run(self, run_id: str) -> dg.DagsterRun:
        """A run as it is now."""
        found = self.instance.get_run_by_id(run_id)
        assert found is not None
        return found

    def attempts(self, run_id: str) -> set[tuple[str, str, str, str]]:
        """Table, date, outcome and mode of everything that a run attempted."""
        found = self.warehouse.read(DATE_OUTCOMES)
        found = found[found["run_id"] == run_id]
        days = found["game_date"].dt.strftime("%Y-%m-%d")
        return set(zip(found["table_name"], days, found["outcome"], found["run_mode"], strict=True))


@pytest.fixture
def deployment(tmp_path, monkeypatch) -> Iterator[Deployment]:
    monkeypatch.setenv("NBA_WAREHOUSE", f"duckdb:///{tmp_path}/nba.duckdb")
    launcher = {"module": "dagster._core.launcher.sync_in_memory_run_launcher", "class": "SyncInMemoryRunLauncher"}
    settings = yaml.safe_load((ROOT / "dagster.yaml").read_text()) | {"run_launcher": launcher}
    target = LoadableTargetOrigin(executable_path=sys.executable, module_name="analytics_assets.definitions")
    origin = InProcessCodeLocationOrigin(target, location_name=LOCATION["repositoryLocationName"])
    with (
        dg.instance_for_test(overrides=settings) as instance,
        WorkspaceProcessContext(instance, InProcessWorkspaceLoadTarget([origin])) as workspace,
    ):
        yield Deployment(instance, workspace, three_dates(tmp_path / "nba.duckdb"))


def test_a_failed_run_over_scattered_dates_is_launched_again_over_the_same_dates_in_backfill_mode(deployment):
    def broken(result) -> None:
        if result.table_name == OFFENSE:
            raise OSError("the disk is full")

    # Each run reads raw tables whose dates Dagster knows.
    known = compare_raw_dates(deployment.instance, deployment.warehouse, RAW_TABLES, *MONTH)
    assert report_raw_dates(deployment.instance, deployment.warehouse, known) > 0
    first = execute(deployment.instance, SCATTERED, mode=RunMode.BACKFILL, observer=broken, backfill_id="cli-1")
    assert first.dagster_run.status == dg.DagsterRunStatus.FAILURE
    exactly = {(name, f"{day}", "built", "backfill") for name, days in SCATTERED.dates_by_table.items() for day in days}
    for strategy in ("FROM_FAILURE", "ALL_STEPS"):
        again = deployment.launch_again(first.run_id, strategy)
        deployment.work_off_queue()
        run = deployment.run(again)
        assert run.status == dg.DagsterRunStatus.SUCCESS
        assert (run.parent_run_id, run.tags["backfill_mode"]) == (first.run_id, "true")
        assert run.asset_selection == {dg.AssetKey(name) for name in SCATTERED.dates_by_table}
        assert deployment.attempts(again) == exactly
    materialized = {
        table.name: deployment.instance.get_materialized_partitions(dg.AssetKey(table.name))
        for table in ANALYTICS_TABLES
    }
    # Of the tables that the context looks back on only the stated dates, none of the tables that are not stated.
    assert materialized == {
        table.name: {f"{day}" for day in SCATTERED.dates_by_table.get(table.name, ())} for table in ANALYTICS_TABLES
    }


def test_after_a_kill_a_run_of_the_daemon_starts_once_the_sensor_has_looked(deployment):
    instance = deployment.instance
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    tags = {**process_tags(), "nba/process": str(child.pid), "backfill_mode": "true"}
    job = build_definitions().resolve_implicit_global_asset_job_def()
    killed = instance.create_run_for_job(job_def=job, tags=tags, status=dg.DagsterRunStatus.STARTED)
    storage = instance.event_log_storage
    storage.initialize_concurrency_limit_to_default(WAREHOUSE_POOL)
    assert storage.claim_concurrency_slot(WAREHOUSE_POOL, killed.run_id, "analytics_tables").is_claimed

    waiting = deployment.launch("daily_summaries", "2024-01-10")
    deployment.work_off_queue()
    assert deployment.run(waiting).status == dg.DagsterRunStatus.QUEUED
    told = abandoned_runs(dg.build_sensor_context(instance=instance))
    assert told.skip_message == f"failed 1 abandoned runs: {killed.run_id}"
    deployment.work_off_queue()
    assert deployment.run(waiting).status == dg.DagsterRunStatus.SUCCESS
    assert deployment.run(killed.run_id).status == dg.DagsterRunStatus.FAILURE

    # Launched again from its page it has the tags of the killed one, and lives.
    again = instance.create_run_for_job(
        job_def=job,
        tags=tags,
        status=dg.DagsterRunStatus.STARTED,
        parent_run_id=killed.run_id,
        root_run_id=killed.run_id,
    )
    assert fail_abandoned_runs(instance) == []
    assert deployment.run(again.run_id).status == dg.DagsterRunStatus.STARTED


def test_a_daily_run_in_the_midst_of_a_catch_up_waits_for_it_and_both_are_complete(deployment, tmp_path):
    today = eastern_date(datetime.now(UTC))
    days = [today - timedelta(days=back) for back in (3, 2, 1)]
    prefix = f"002{season_year_of_date(days[0]) % 100:02d}"
    recent = warehouse_with(
        tmp_path / "nba.duckdb",
        [schedule_row(f"{prefix}{number:05d}", f"{day}") for number, day in enumerate(days, start=1)],
        [row for day in days for row in box_rows(f"{day}")],
        [row for day in days for row in team_rows(f"{day}")],
    )
    request = yesterdays_summaries(
        dg.build_schedule_context(scheduled_execution_time=datetime.now(UTC)),
        warehouse=WarehouseResource(url=f"duckdb:///{recent.path}"),
    )
    assert isinstance(request, dg.RunRequest)
    daily = []

    def between(result) -> None:
        # Once the first table's dates are committed and told, the schedule's run comes.
        if not daily:
            daily.append(deployment.launch("daily_summaries", request.partition_key))
            deployment.work_off_queue()
            assert deployment.run(daily[0]).status == dg.DagsterRunStatus.QUEUED

    summaries = (PLAYERS, OFFENSE, DEFENSE)
    catch_up = execute(deployment.instance, PlannedRun.over(summaries, days), mode=RunMode.BACKFILL, observer=between)
    assert catch_up.success
    deployment.work_off_queue()
    run = deployment.run(daily[0])
    assert run.status == dg.DagsterRunStatus.SUCCESS
    assert "backfill_mode" not in run.tags
    assert deployment.attempts(catch_up.run_id) == {
        (name, f"{day}", "built", "backfill") for name in summaries for day in days
    }
    assert deployment.attempts(run.run_id) == {(name, f"{days[-1]}", "built", "live") for name in summaries}
    for table in ANALYTICS_TABLES[:3]:
        counts = recent.counts_by_date(table, days[0], days[-1])
        assert counts["rows"].tolist() == [12 if table.name == PLAYERS else 2] * 3
        assert recent.profile(table)["duplicate_keys"] == 0
