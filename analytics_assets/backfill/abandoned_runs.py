"""Failing runs whose process is gone: Dagster cannot see that an in-process run died and keeps its slot for ever."""

import os
import socket
from pathlib import Path

import dagster as dg

HOST_TAG = "nba/host"
PROCESS_TAG = "nba/process"


def process_tags() -> dict[str, str]:
    """Run tags that name this process."""
    return {HOST_TAG: socket.gethostname(), PROCESS_TAG: str(os.getpid())}


def fail_abandoned_runs(instance: dg.DagsterInstance) -> list[str]:
    """Fail command-line runs of this host whose process is gone, and free the slots they hold.

    Returns:
        Ids of the runs that were failed.
    """
    statuses = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    mine = dg.RunsFilter(statuses=statuses, tags={HOST_TAG: socket.gethostname()})
    # A run that was launched again from its page has the tags of the first one, and another process.
    first_runs = [run for run in instance.get_runs(mine) if run.parent_run_id is None]
    abandoned = [run for run in first_runs if not _process_lives(int(run.tags[PROCESS_TAG]))]
    for run in abandoned:
        instance.report_run_failed(run, message=f"process {run.tags[PROCESS_TAG]} that executed this run is gone")
        # Failing a run does not free its slots by itself; without this the pool stays occupied for ever.
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in abandoned]


@dg.sensor(
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Fails command-line runs whose process was killed, so that they do not hold the warehouse for ever.",
)
def abandoned_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Look once a minute."""
    failed = fail_abandoned_runs(context.instance)
    return dg.SkipReason(f"failed {len(failed)} abandoned runs: {', '.join(failed)}" if failed else "no abandoned runs")


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
