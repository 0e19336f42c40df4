"""Runs started from the command line, in this process and in the instance that Dagit shows.

Reaches into less public parts of Dagster: run tags that name partitions, the graph of a job's assets, and how a run is
created that names its code location; ``test_dagster_behaviour.py`` pins what is relied on.
"""

import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.execution.api import create_execution_plan, execute_run
from dagster._core.remote_origin import ManagedGrpcPythonEnvCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.snap import snapshot_from_execution_plan
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    MULTIDIMENSIONAL_PARTITION_PREFIX,
    PARTITION_NAME_TAG,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin

from analytics_assets.backfill.abandoned_runs import process_tags
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.coverage.results import DateResult
from analytics_assets.definitions import build_definitions
from analytics_assets.run_mode import BACKFILL_MODE_TAG, RunMode

Given = TypeVar("Given")
BACKFILL_ID_TAG = "nba/backfill_id"
SCATTERED_DATES_TAG = "nba/scattered_dates"
# Of the partitioned tables that a run reads and does not build itself, Dagster looks up what the run's partition holds,
# and fails a run that has none. A tag of this form is answer enough, and unlike the tags of a partition or a range it
# announces no date: the run announces exactly its own.
_LOOKED_UP_TAG = f"{MULTIDIMENSIONAL_PARTITION_PREFIX}first_date"
# The code location as workspace.yaml names it, where Dagit looks for the job of a run.
_LOCATION = RemoteRepositoryOrigin(
    ManagedGrpcPythonEnvCodeLocationOrigin(LoadableTargetOrigin(module_name=build_definitions.__module__)),
    SINGLETON_REPOSITORY_NAME,
)
# Console lines of thousands of events would bury the progress bar; they are in the run's log in Dagit.
_QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def new_run_id() -> str:
    """A run id, known before the run begins."""
    return str(uuid.uuid4())


def execute(
    instance: dg.DagsterInstance,
    run: PlannedRun,
    *,
    mode: RunMode,
    observer: Callable[[DateResult], None],
    stop_asked: Callable[[], bool] = lambda: False,
    backfill_id: str | None = None,
    run_id: str | None = None,
    definitions: Callable[..., dg.Definitions] = build_definitions,
) -> dg.JobExecutionResult:
    """Execute one planned run in this process.

    A date or a range that all tables share is told in Dagster's partition tags; scattered dates, or dates that differ
    between the tables, in the run's configuration.

    Args:
        instance: Persistent instance.
        run: Tables and their dates.
        mode: Live or backfill; backfill runs carry the tag.
        observer: Told each date's result once it is recorded.
        stop_asked: Asked after every committed slice; the run is cancelled there when it says so.
        backfill_id: Groups the runs of one backfill.
        run_id: Id of the run; a new one by default.
        definitions: Builds the definitions to run.

    Returns:
        The finished run; a failed or cancelled one is returned, not raised.
    """
    job = definitions(observer=observer, stop_asked=stop_asked).resolve_implicit_global_asset_job_def()
    tags = process_tags()
    if mode is RunMode.BACKFILL:
        tags[BACKFILL_MODE_TAG] = "true"
    if backfill_id is not None:
        tags[BACKFILL_ID_TAG] = backfill_id
    config: dict[str, Any] = {"newest_first": True} if run.newest_first else {}
    block = run.block
    if block is None:
        config["dates"] = {name: [day.isoformat() for day in days] for name, days in run.dates_by_table.items()}
        everything = sorted({day for days in run.dates_by_table.values() for day in days})
        tags[_LOOKED_UP_TAG] = everything[0].isoformat()
        tags[SCATTERED_DATES_TAG] = f"{len(everything)} of {everything[0]} to {everything[-1]}"
    elif block[0] == block[1]:
        tags[PARTITION_NAME_TAG] = block[0].isoformat()
    else:
        tags[ASSET_PARTITION_RANGE_START_TAG] = block[0].isoformat()
        tags[ASSET_PARTITION_RANGE_END_TAG] = block[1].isoformat()
    tables = {dg.AssetKey(name) for name in run.dates_by_table}
    graph = job.asset_layer.asset_graph
    created = _create_run(
        instance,
        job,
        assets=tables,
        checks={check for check in graph.asset_check_keys if check.asset_key in tables},
        config=_QUIET | ({"ops": {"analytics_tables": {"config": config}}} if config else {}),
        tags=tags,
        run_id=run_id or new_run_id(),
    )
    return execute_run(InMemoryJob(job), created, instance, raise_on_error=False)


def _create_run(
    instance: dg.DagsterInstance,
    job: dg.JobDefinition,
    *,
    assets: set[dg.AssetKey],
    checks: set[dg.AssetCheckKey],
    config: dict[str, Any],
    tags: dict[str, str],
    run_id: str,
) -> dg.DagsterRun:
    """A run of some of the job's assets that says where Dagit finds the job, so that its page can launch it again."""
    selected = job.get_subset(asset_selection=assets, asset_check_selection=checks)
    reference = instance.get_ref() if instance.is_persistent else None
    plan = create_execution_plan(selected, run_config=config, instance_ref=reference, tags=tags)
    return instance.create_run(
        job_name=job.name,
        run_id=run_id,
        run_config=config,
        status=None,
        tags=tags,
        root_run_id=None,
        parent_run_id=None,
        step_keys_to_execute=plan.step_keys_to_execute,
        execution_plan_snapshot=snapshot_from_execution_plan(plan, selected.get_job_snapshot_id()),
        job_snapshot=selected.get_job_snapshot(),
        parent_job_snapshot=selected.get_parent_job_snapshot(),
        asset_selection=assets,
        asset_check_selection=checks,
        resolved_op_selection=None,
        op_selection=None,
        remote_job_origin=RemoteJobOrigin(_LOCATION, job.name),
        job_code_origin=None,
        asset_graph=selected.asset_layer.asset_graph,
    )


@contextmanager
def stop_on_interrupt(told: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """While it lasts, the first Ctrl-C is remembered and the second ends the process as usual.

    Args:
        told: Called at the first Ctrl-C.

    Yields:
        Whether Ctrl-C was pressed. Must be entered in the main thread.
    """
    asked = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def handle(_number: int, _frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        told()

    signal.signal(signal.SIGINT, handle)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def in_a_thread(work: Callable[[], Given]) -> Given:
    """Do the work in a thread of its own and give back what it gave or raised.

    Dagster takes over the signals of the main thread while it executes and would end a run in the midst of a slice.
    """
    given: list[Given] = []
    raised: list[BaseException] = []

    def body() -> None:
        try:
            given.append(work())
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    while thread.is_alive():
        # With a time limit, so that the main thread hears Ctrl-C.
        thread.join(0.2)
    if raised:
        raise raised[0]
    return given[0]


def failure_text(run: dg.JobExecutionResult) -> str:
    """Why a run failed, from its failure events."""
    messages = []
    for event in run.all_events:
        if event.is_step_failure and event.step_failure_data.error is not None:
            error = event.step_failure_data.error
            while error.cause is not None:
                error = error.cause
            messages.append(error.message.strip())
    return "; ".join(messages) or f"run {run.run_id} failed; see its log in Dagit"
