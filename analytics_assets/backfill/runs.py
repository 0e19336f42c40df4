"""Runs started from the command line, in this process and in the instance that Dagit shows.

The one module that reaches into Dagster's less public parts: run tags for partition ranges, and the concurrency slots
of runs whose process is gone. ``test_dagster_behaviour.py`` pins what it relies on.
"""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.coverage.results import DateResult
from analytics_assets.definitions import build_definitions
from analytics_assets.run_mode import BACKFILL_MODE_TAG, RunMode

HOST_TAG = "nba/host"
PROCESS_TAG = "nba/process"
BACKFILL_ID_TAG = "nba/backfill_id"
# Console lines of thousands of events would bury the progress bar; they are in the run's log in Dagit.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def execute(
    instance: dg.DagsterInstance,
    run: PlannedRun,
    *,
    mode: RunMode,
    observer: Callable[[DateResult], None],
    backfill_id: str | None = None,
    definitions: Callable[..., dg.Definitions] = build_definitions,
) -> dg.ExecuteInProcessResult:
    """Execute one planned run in this process.

    Args:
        instance: Persistent instance.
        run: Tables and dates.
        mode: Live or backfill; backfill runs carry the tag.
        observer: Told each date's result once it is recorded.
        backfill_id: Groups the runs of one backfill.
        definitions: Builds the definitions to run.

    Returns:
        The finished run; a failed one is returned, not raised.
    """
    job = definitions(observer=observer).resolve_implicit_global_asset_job_def()
    tags = {HOST_TAG: socket.gethostname(), PROCESS_TAG: str(os.getpid())}
    if mode is RunMode.BACKFILL:
        tags[BACKFILL_MODE_TAG] = "true"
    if backfill_id is not None:
        tags[BACKFILL_ID_TAG] = backfill_id
    partition = run.start.isoformat() if run.start == run.end else None
    if partition is None:
        tags[ASSET_PARTITION_RANGE_START_TAG] = run.start.isoformat()
        tags[ASSET_PARTITION_RANGE_END_TAG] = run.end.isoformat()
    return job.execute_in_process(
        instance=instance,
        run_config=_QUIET,
        tags=tags,
        partition_key=partition,
        asset_selection=[dg.AssetKey(name) for name in run.table_names],
        raise_on_error=False,
    )


def fail_abandoned_runs(instance: dg.DagsterInstance) -> list[str]:
    """Fail command-line runs of this host whose process is gone, and free the slots they hold.

    Dagster cannot see that such a process died, so without this its run stays "started" and keeps its slot for ever.

    Returns:
        Ids of the runs that were failed.
    """
    started = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING], tags={HOST_TAG: socket.gethostname()}
    )
    abandoned = [run for run in instance.get_runs(started) if not _process_lives(int(run.tags[PROCESS_TAG]))]
    for run in abandoned:
        instance.report_run_failed(run, message=f"process {run.tags[PROCESS_TAG]} that executed this run is gone")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in abandoned]


def _process_lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.is_file() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def failure_text(run: dg.ExecuteInProcessResult) -> str:
    """Why a run failed, from its failure events."""
    messages = []
    for event in run.all_events:
        if event.is_step_failure and event.step_failure_data.error is not None:
            error = event.step_failure_data.error
            while error.cause is not None:
                error = error.cause
            messages.append(error.message.strip())
    return "; ".join(messages) or f"run {run.run_id} failed; see its log in Dagit"
