"""Executing a plan from the command line: abandoned runs first, results told and written down, Ctrl-C in between."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import dagster as dg

from analytics_assets.backfill.abandoned_runs import fail_abandoned_runs
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.backfill.results import BackfillRecord
from analytics_assets.backfill.runs import execute, failure_text, in_a_thread, new_run_id, stop_on_interrupt
from analytics_assets.coverage.results import DateResult
from analytics_assets.run_mode import RunMode

# The record is written whole; a killed backfill's unwritten part is in nba_ops.date_outcomes.
SAVE_SECONDS = 5.0


@dataclass
class Launched:
    """What a launch gave.

    Attributes:
        results: Results in the order in which they came.
        stopped: Whether the user stopped it.
        problem: Why the run ended before all dates had a result; empty otherwise.
    """

    results: list[DateResult] = field(default_factory=list)
    stopped: bool = False
    problem: str = ""


def launch(
    run: PlannedRun,
    mode: RunMode,
    *,
    observer: Callable[[DateResult], None],
    stopping: Callable[[], None],
    record: BackfillRecord | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Launched:
    """Execute a planned run in this process and fill its backfill's record, which may have more runs.

    Args:
        run: Tables and dates.
        mode: Live or backfill.
        observer: Told each result.
        stopping: Called when the user pressed Ctrl-C and the current slice is being finished.
        record: Record to fill, for a backfill.
        now: Gives the present moment.
    """
    launched = Launched()
    run_id = new_run_id()
    saved_at = now()

    def observe(result: DateResult) -> None:
        nonlocal saved_at
        launched.results.append(result)
        if record is not None:
            record.note(result, run_id)
            if (now() - saved_at).total_seconds() > SAVE_SECONDS:
                record.save()
                saved_at = now()
        observer(result)

    with dg.DagsterInstance.get() as instance, stop_on_interrupt(stopping) as stop_asked:
        fail_abandoned_runs(instance)
        if record is not None:
            record.runs[run_id] = str(dg.DagsterRunStatus.STARTED.value)
            record.save()
        finished = in_a_thread(
            lambda: execute(
                instance,
                run,
                mode=mode,
                observer=observe,
                stop_asked=stop_asked,
                backfill_id=record.backfill_id if record else None,
                run_id=run_id,
            )
        )
    complete = len(launched.results) == run.size
    launched.stopped = stop_asked() and not complete
    if not complete and not launched.stopped:
        launched.problem = failure_text(finished)
    if record is not None:
        record.runs[run_id] = str(finished.dagster_run.status.value)
        record.save()
    return launched
