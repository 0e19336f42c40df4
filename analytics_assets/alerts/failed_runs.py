"""Runs that failed for another reason than the dates that they name, and the successes that end such failures."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
from dagster import DagsterEventType, EventLogRecord

from analytics_assets.alerts.events import AlertKind, Event, Recovery, Severity
from analytics_assets.alerts.run_facts import (
    Read,
    RunFacts,
    Streams,
    facts_of_runs,
    moment_of,
    of_this_location,
    records_of_runs,
    run_subject,
    status_fetch,
)
from analytics_assets.assets.analytics_tables import FAILED_DATES

_WILL_RETRY_TAG = "dagster/will_retry"
# Dagster stores a run's failure first and its status and tags a moment later.
_SETTLING = timedelta(seconds=60)
_TEXT_AT_MOST = 2000


def beginning(instance: dg.DagsterInstance) -> dict[str, Any]:
    """The state of a reader for which everything up to now is history."""
    ends = (DagsterEventType.RUN_FAILURE, DagsterEventType.RUN_SUCCESS, DagsterEventType.RUN_CANCELED)
    return Streams.beginning(instance.fetch_run_status_changes(end, limit=1).records for end in ends)


def read_failed_runs(
    instance: dg.DagsterInstance, streams: Streams, now: datetime, location_name: str | None = None
) -> Read:
    """What is new about runs.

    Args:
        instance: Whose event log is read.
        streams: Where reading has got to; moved on.
        now: The present moment.
        location_name: Code location whose runs are told; None tells all.
    """
    if streams.nothing_new(instance):
        return Read()
    succeeded, all_succeeded = streams.read("succeeded", status_fetch(instance, DagsterEventType.RUN_SUCCESS))
    failed, all_failed = streams.read("failed", status_fetch(instance, DagsterEventType.RUN_FAILURE))
    runs = facts_of_runs(instance, {record.run_id for record in (*succeeded, *failed)})
    settled = settled_failures(instance, streams, failed, runs, now)
    reached = None if all_failed and len(settled) == len(failed) else streams.positions["failed"]
    if reached is not None:
        # A later success would end failures that are not known yet.
        succeeded = [record for record in succeeded if record.storage_id <= reached]
        streams.back_to("succeeded", reached)
    told = {run_id: facts.run for run_id, facts in runs.items() if facts.run is not None}
    mine = {run_id: run for run_id, run in told.items() if of_this_location(run, location_name)}
    events = [
        _event(record, mine[record.run_id], runs[record.run_id])
        for record in settled
        if record.run_id in mine and not _names_its_dates(instance, record)
    ]
    latest: dict[str, datetime] = {
        run_subject(mine[record.run_id]): moment_of(record) for record in succeeded if record.run_id in mine
    }
    recoveries = [
        Recovery(kind=AlertKind.RUN_FAILED, subject=subject, game_date=None, happened_at=moment)
        for subject, moment in latest.items()
    ]
    moments = [moment_of(record) for record in (*settled, *succeeded)]
    return Read(events, recoveries, all_succeeded and reached is None, max(moments, default=None))


def failures_of_runs(instance: dg.DagsterInstance, run_ids: Iterable[str]) -> list[Event]:
    """The events of these runs' failures, the same that :func:`read_failed_runs` gives."""
    wanted = list(run_ids)
    runs = facts_of_runs(instance, wanted)
    found: list[Event] = []
    for record in records_of_runs(instance, wanted, DagsterEventType.RUN_FAILURE):
        facts = runs.get(record.run_id)
        if facts is not None and facts.run is not None and not _names_its_dates(instance, record):
            found.append(_event(record, facts.run, facts))
    return found


def settled_failures(
    instance: dg.DagsterInstance,
    streams: Streams,
    failed: Sequence[EventLogRecord],
    runs: Mapping[str, RunFacts],
    now: datetime,
) -> list[EventLogRecord]:
    """The failures before the first one whose run has no final status and tags yet; the others are read again."""
    for number, record in enumerate(failed):
        facts = runs.get(record.run_id)
        if facts is None or facts.run is None or now - moment_of(record) > _SETTLING:
            continue
        undecided = instance.run_retries_enabled and _WILL_RETRY_TAG not in facts.run.tags
        if facts.run.status is not dg.DagsterRunStatus.FAILURE or undecided:
            streams.back_to("failed", record.storage_id - 1)
            return list(failed[:number])
    return list(failed)


def _event(record: EventLogRecord, run: dg.DagsterRun, facts: RunFacts) -> Event:
    error_class, text = _why(record)
    return Event(
        event_key=f"{AlertKind.RUN_FAILED}:{run.run_id}",
        kind=AlertKind.RUN_FAILED,
        severity=Severity.ERROR,
        happened_at=moment_of(record),
        subject=run_subject(run),
        error_class=error_class,
        text=text,
        run_id=run.run_id,
        backfill_id=facts.backfill_id,
        in_backfill_mode=facts.in_backfill_mode,
        will_retry=facts.will_retry,
    )


def _why(record: EventLogRecord) -> tuple[str, str]:
    """Class and message of the deepest cause; of a run that never began, Dagster's reason and message."""
    event = record.event_log_entry.dagster_event
    data: Any = None if event is None else event.event_specific_data
    first = getattr(data, "first_step_failure_event", None)
    error = first.step_failure_data.error if first is not None else getattr(data, "error", None)
    if error is None:
        reason = getattr(data, "failure_reason", None)
        message = (event.message if event is not None else None) or "the run failed without an error"
        return (reason.value if reason is not None else "RunFailed"), message[:_TEXT_AT_MOST]
    while error.cause is not None:
        error = error.cause
    return error.cls_name or "Error", error.message.strip()[:_TEXT_AT_MOST]


def _names_its_dates(instance: dg.DagsterInstance, record: EventLogRecord) -> bool:
    """Whether everything that failed in a run are dates that it names, which the kinds of dates tell."""
    event = record.event_log_entry.dagster_event
    first = getattr(None if event is None else event.event_specific_data, "first_step_failure_event", None)
    if first is None or not _is_of_dates(first):
        return False
    steps = instance.get_records_for_run(record.run_id, of_type=DagsterEventType.STEP_FAILURE).records
    return all(_is_of_dates(step.event_log_entry.dagster_event) for step in steps)


def _is_of_dates(step_failure: Any) -> bool:
    stated = step_failure.step_failure_data.user_failure_data
    return stated is not None and FAILED_DATES in (stated.metadata or {})
