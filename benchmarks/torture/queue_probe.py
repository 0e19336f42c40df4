"""A run launched as Dagit does it and started by the daemon's queue, in this process: does it start at once?"""

import sys
import time
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon.run_coordinator import QueuedRunCoordinatorDaemon
from dagster_graphql.test.utils import execute_dagster_graphql

from analytics_assets.backfill.abandoned_runs import abandoned_runs
from analytics_assets_tests.support.dagster_processes import LAUNCH_RUN, LOCATION, ROOT

JOB = "daily_summaries"
_TICKS_AT_MOST = 20


def start_a_run(directory: Path, day: str) -> dict[str, Any]:
    """Launch a live run of the summaries of one date, tick as the daemon does, and see the run through.

    The date is too old for a live run, so it changes nothing; it must start, take the pool's slot, and succeed.

    Args:
        directory: Data directory whose Dagster home and warehouse are used.
        day: The date.

    Returns:
        ``seconds`` from the launch to the start of the run's work (None if it never started) and its ``status``.
    """
    home = directory / "dagster"
    home.mkdir(exist_ok=True)
    launcher = {"module": "dagster._core.launcher.sync_in_memory_run_launcher", "class": "SyncInMemoryRunLauncher"}
    settings = yaml.safe_load((ROOT / "dagster.yaml").read_text()) | {"run_launcher": launcher}
    target = LoadableTargetOrigin(executable_path=sys.executable, module_name="analytics_assets.definitions")
    origin = InProcessCodeLocationOrigin(target, location_name=LOCATION["repositoryLocationName"])
    with (
        dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=settings)) as instance,
        WorkspaceProcessContext(instance, InProcessWorkspaceLoadTarget([origin])) as workspace,
    ):
        # The sensor that frees the slots of killed runs looks once a minute; here it looks now.
        abandoned_runs(dg.build_sensor_context(instance=instance))
        parameters = {
            "selector": {**LOCATION, "pipelineName": JOB},
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": [{"key": "dagster/partition", "value": day}]},
        }
        context = workspace.create_request_context()
        answer = execute_dagster_graphql(context, LAUNCH_RUN, {"executionParams": parameters}).data
        launched = answer["launchPipelineExecution"]
        if launched["__typename"] != "LaunchRunSuccess":
            return {"seconds": None, "status": f"not launched: {launched}"}
        run_id, began = launched["run"]["runId"], time.time()
        with QueuedRunCoordinatorDaemon(interval_seconds=1) as daemon:
            for _ in range(_TICKS_AT_MOST):
                list(daemon.run_iteration(workspace))
                record = instance.get_run_record_by_id(run_id)
                assert record is not None
                if record.dagster_run.is_finished:
                    break
                time.sleep(0.5)
        started = record.start_time
        return {
            "seconds": None if started is None else round(started - began, 3),
            "status": record.dagster_run.status.value,
        }
