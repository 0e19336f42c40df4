"""Runs started from the command line, in this process and in the instance that Dagit shows.

Reaches into one less public part of Dagster, the run tags that name a partition range; ``test_dagster_behaviour.py``
pins what is relied on.
"""

from collections.abc import Callable

import dagster as dg
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from analytics_assets.backfill.abandoned_runs import process_tags
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.coverage.results import DateResult
from analytics_assets.definitions import build_definitions
from analytics_assets.run_mode import BACKFILL_MODE_TAG, RunMode

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
    tags = process_tags()
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
