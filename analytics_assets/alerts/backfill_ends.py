"""Backfills that have ended, whoever ran them, and the one summary of each.

A backfill is one of Dagster's, one of the command line, or a run that somebody tagged ``backfill_mode=true`` by hand.
Reaches into Dagster's stored backfills, whose classes are not public; ``test_alert_backfills.py`` pins what is used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
from dagster import DagsterEventType
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus, PartitionBackfill
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
)

from analytics_assets.alerts.events import AlertKind, Event, Severity
from analytics_assets.alerts.failed_runs import settled_failures
from analytics_assets.alerts.run_facts import (
    BACKFILL_ID_TAG,
    Streams,
    facts_of_runs,
    moment_of,
    of_this_location,
    run_subject,
    status_fetch,
)
from analytics_assets.run_mode import DAGSTER_BACKFILL_TAG
from analytics_assets.tables.operations import DONE_OUTCOMES, Outcome

UNFINISHED_RUNS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_UNFINISHED = [BulkActionStatus.REQUESTED, BulkActionStatus.CANCELING, BulkActionStatus.FAILING]
_ENDINGS = {BulkActionStatus.CANCELED: "cancelled", BulkActionStatus.FAILED: "failed"}
# Backfills are created by other processes, whose clocks may differ.
_OVERLAP = timedelta(minutes=10)
# A run that hangs must not swallow the summary.
_LONGEST_WAIT = timedelta(hours=6)
_REMEMBERED = 200
_SETTLED_OUTCOMES = frozenset({*(str(outcome) for outcome in DONE_OUTCOMES), str(Outcome.NOT_DUE)})


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A backfill that has ended and is not told yet.

    Attributes:
        subject: Names it; also the end of the key of its summary.
        origin: ``dagster``, ``command_line`` or ``run``.
        status: ``finished``, ``stopped``, ``interrupted``, ``cancelled`` or ``failed``.
        started_at: When it began.
        finished_at: When it ended; of an interrupted one, when it was last heard of.
        backfill_id: Its id; None of a run by itself.
        run_ids: Its runs, in order.
        tables: Tables it was launched for.
        first_date: First date it was launched for, if that is known.
        last_date: Last date.
        planned: Number of tables and dates, if that is known.
        problem: Why it ended, if not by itself.
        dagster_status: Dagster's own final status.
        retry_id: Id with which ``nba-analytics backfill retry`` goes on.
    """

    subject: str
    origin: str
    status: str
    started_at: datetime
    finished_at: datetime
    backfill_id: str | None = None
    run_ids: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    first_date: date | None = None
    last_date: date | None = None
    planned: int | None = None
    problem: str = ""
    dagster_status: str | None = None
    retry_id: str | None = None

    @property
    def event_key(self) -> str:
        """Key of the summary."""
        return f"{AlertKind.BACKFILL_FINISHED}:{self.subject}"


@dataclass
class BackfillWatch:
    """Dagster's backfills that are watched until they end; what a sensor remembers of them.

    Attributes:
        looked_at: When new ones were last looked for.
        unfinished: Ids of those that have not ended, or whose runs have not.
        told: Ids of the latest ones that were told.
    """

    looked_at: datetime
    unfinished: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @classmethod
    def beginning(cls, instance: dg.DagsterInstance, now: datetime) -> "BackfillWatch":
        """A watch that begins now: those under way are watched, earlier ones are history."""
        under_way = instance.get_backfills(filters=BulkActionsFilter(statuses=_UNFINISHED))
        ended = instance.get_backfills(filters=_created_after(now - _OVERLAP))
        known = [backfill.backfill_id for backfill in under_way]
        return cls(now, known, [one.backfill_id for one in ended if one.backfill_id not in known][:_REMEMBERED])

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "BackfillWatch":
        """From a saved state."""
        return cls(datetime.fromisoformat(state["looked_at"]), list(state["unfinished"]), list(state["told"]))

    @property
    def state(self) -> dict[str, Any]:
        """What to save."""
        return {"looked_at": self.looked_at.isoformat(), "unfinished": self.unfinished, "told": self.told}

    def ended(
        self, instance: dg.DagsterInstance, now: datetime, tables: Sequence[str], location_name: str | None
    ) -> list[Ended]:
        """The backfills of these tables that ended since; each is given once."""
        fresh = instance.get_backfills(filters=_created_after(self.looked_at - _OVERLAP))
        known = {backfill.backfill_id: backfill for backfill in fresh if backfill.backfill_id not in self.told}
        for backfill_id in self.unfinished:
            found = known.get(backfill_id) or instance.get_backfill(backfill_id)
            if found is not None:
                known[backfill_id] = found
        mine = [backfill for backfill in known.values() if _is_ours(backfill, tables, location_name)]
        over = [backfill for backfill in mine if _is_over(instance, backfill, now)]
        ids = {backfill.backfill_id for backfill in over}
        self.unfinished = [backfill.backfill_id for backfill in mine if backfill.backfill_id not in ids]
        self.told = [*self.told, *ids][-_REMEMBERED:]
        self.looked_at = now
        return [_of_dagster(instance, backfill, now) for backfill in over]


def _created_after(moment: datetime) -> BulkActionsFilter:
    # Stored in UTC without a time zone.
    return BulkActionsFilter(created_after=moment.astimezone(UTC).replace(tzinfo=None))


def _is_ours(backfill: PartitionBackfill, tables: Sequence[str], location_name: str | None) -> bool:
    if backfill.asset_selection:
        return any(key.to_user_string() in tables for key in backfill.asset_selection)
    origin = backfill.partition_set_origin
    return (
        location_name is None
        or origin is None
        or origin.repository_origin.code_location_origin.location_name == location_name
    )


def _is_over(instance: dg.DagsterInstance, backfill: PartitionBackfill, now: datetime) -> bool:
    """Whether a backfill and its runs are over: Dagster may call it ended while runs still finish."""
    if backfill.status in _UNFINISHED:
        return False
    since = backfill.backfill_end_timestamp or backfill.backfill_timestamp
    if now - datetime.fromtimestamp(since, UTC) > _LONGEST_WAIT:
        return True
    chosen = dg.RunsFilter(tags={DAGSTER_BACKFILL_TAG: backfill.backfill_id}, statuses=UNFINISHED_RUNS)
    return not instance.get_runs(chosen, limit=1)


def _of_dagster(instance: dg.DagsterInstance, backfill: PartitionBackfill, now: datetime) -> Ended:
    runs = instance.get_run_records(dg.RunsFilter(tags={DAGSTER_BACKFILL_TAG: backfill.backfill_id}), ascending=True)
    started = datetime.fromtimestamp(backfill.backfill_timestamp, UTC)
    ends = [datetime.fromtimestamp(run.end_time, UTC) for run in runs if run.end_time]
    if backfill.backfill_end_timestamp:
        ends.append(datetime.fromtimestamp(backfill.backfill_end_timestamp, UTC))
    days = _targets(backfill)
    error = backfill.error
    return Ended(
        subject=backfill.backfill_id,
        origin="dagster",
        status=_ENDINGS.get(backfill.status, "finished"),
        started_at=started,
        finished_at=max(ends, default=now),
        backfill_id=backfill.backfill_id,
        run_ids=tuple(run.dagster_run.run_id for run in runs),
        tables=tuple(key.to_user_string() for key in backfill.asset_selection or ()),
        first_date=min(days, default=None),
        last_date=max(days, default=None),
        planned=len(days) or None,
        problem=error.message.strip().splitlines()[0] if error is not None and error.message.strip() else "",
        dagster_status=backfill.status.value,
        retry_id=backfill.tags.get(BACKFILL_ID_TAG),
    )


def _targets(backfill: PartitionBackfill) -> list[date]:
    """The date of every table and date that a backfill was launched for."""
    data = backfill.asset_backfill_data
    if data is None:
        return [date.fromisoformat(name) for name in backfill.partition_names or () if _is_date(name)]
    subsets = data.target_subset.partitions_subsets_by_asset_key.values()
    return [date.fromisoformat(key) for subset in subsets for key in subset.get_partition_keys() if _is_date(key)]


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def read_tagged_runs(
    instance: dg.DagsterInstance,
    streams: Streams,
    now: datetime,
    *,
    is_recorded: Callable[[str], bool],
    tables: Sequence[str],
    location_name: str | None,
) -> list[Ended]:
    """Runs in backfill mode that ended and belong to no backfill.

    Args:
        instance: Whose event log is read.
        streams: Where reading has got to; moved on.
        now: The present moment.
        is_recorded: Whether a backfill of the command line, by its id, has a record and so a summary of its own.
        tables: All output tables.
        location_name: Code location whose runs are told; None tells all.
    """
    if streams.nothing_new(instance):
        return []
    canceled, _ = streams.read("canceled", status_fetch(instance, DagsterEventType.RUN_CANCELED))
    succeeded, _ = streams.read("succeeded", status_fetch(instance, DagsterEventType.RUN_SUCCESS))
    failed, _ = streams.read("failed", status_fetch(instance, DagsterEventType.RUN_FAILURE))
    runs = facts_of_runs(instance, {record.run_id for record in (*canceled, *succeeded, *failed)})
    failed = settled_failures(instance, streams, failed, runs, now)
    ended: list[Ended] = []
    statuses = ((canceled, "cancelled"), (succeeded, "finished"), (failed, "finished"))
    for record, status in ((record, status) for records, status in statuses for record in records):
        facts = runs.get(record.run_id)
        if facts is None or facts.run is None or not facts.in_backfill_mode or facts.will_retry:
            continue
        run = facts.run
        # Run again from its page, a run keeps our tag and not its part in the backfill.
        recorded = run.tags.get(BACKFILL_ID_TAG) if run.parent_run_id is None else None
        if DAGSTER_BACKFILL_TAG in run.tags or not of_this_location(run, location_name):
            continue
        if recorded is not None and is_recorded(recorded):
            continue
        ended.append(_of_run(instance, run, status, moment_of(record), tables))
    return ended


def _of_run(
    instance: dg.DagsterInstance, run: dg.DagsterRun, status: str, finished_at: datetime, all_tables: Sequence[str]
) -> Ended:
    record = instance.get_run_record_by_id(run.run_id)
    started = None if record is None else record.start_time
    selected = {key.to_user_string() for key in run.asset_selection or ()}
    tables = tuple(name for name in all_tables if not selected or name in selected)
    tags = run.tags
    first = tags.get(PARTITION_NAME_TAG) or tags.get(ASSET_PARTITION_RANGE_START_TAG) or ""
    last = tags.get(PARTITION_NAME_TAG) or tags.get(ASSET_PARTITION_RANGE_END_TAG) or ""
    dated = _is_date(first) and _is_date(last)
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1 if dated else None
    return Ended(
        subject=f"run {run.run_id}",
        origin="run",
        status=status,
        started_at=finished_at if started is None else datetime.fromtimestamp(started, UTC),
        finished_at=finished_at,
        run_ids=(run.run_id,),
        tables=tables,
        first_date=date.fromisoformat(first) if dated else None,
        last_date=date.fromisoformat(last) if dated else None,
        planned=None if days is None else days * len(tables),
        problem="" if status != "cancelled" else f"{run_subject(run)} was cancelled",
    )


def summary(ended: Ended, attempts: Sequence[Mapping[str, Any]], suppressed: int, problem: str = "") -> Event:
    """The one event that tells a backfill's end.

    Args:
        ended: The backfill.
        attempts: ``table``, ``date``, ``outcome`` and ``reason`` of every attempt, in order; the last one counts.
        suppressed: Number of events of its runs that were recorded and not sent.
        problem: Why it ended, if the backfill itself does not say.
    """
    latest = {(str(attempt["table"]), attempt["date"]): attempt for attempt in attempts}
    outcomes: dict[str, int] = {}
    for attempt in latest.values():
        outcomes[attempt["outcome"]] = outcomes.get(attempt["outcome"], 0) + 1
    planned = max(ended.planned or 0, len(latest))
    if planned > len(latest):
        outcomes["not_reached"] = planned - len(latest)
    not_done = [
        {"table": table, "date": day.isoformat(), "outcome": attempt["outcome"], "reason": attempt["reason"]}
        for (table, day), attempt in sorted(latest.items(), key=lambda item: (item[0][1], item[0][0]))
        if attempt["outcome"] not in _SETTLED_OUTCOMES
    ]
    good = not not_done and "not_reached" not in outcomes and ended.status == "finished"
    status = "failed" if ended.status == "finished" and not latest and (problem or ended.problem) else ended.status
    days = [day for _, day in latest]
    first, last = ended.first_date or min(days, default=None), ended.last_date or max(days, default=None)
    details: dict[str, Any] = {
        "origin": ended.origin,
        "status": status,
        "problem": ended.problem or problem,
        "tables": list(ended.tables or sorted({table for table, _ in latest})),
        "first_date": None if first is None else first.isoformat(),
        "last_date": None if last is None else last.isoformat(),
        "planned": planned,
        "outcomes": dict(sorted(outcomes.items())),
        "not_done": not_done,
        "started_at": ended.started_at.isoformat(),
        "finished_at": ended.finished_at.isoformat(),
        "suppressed": suppressed,
        "runs": list(ended.run_ids),
        "dagster_status": ended.dagster_status,
        "retry": _retry(ended, details_open=bool(not_done) or "not_reached" in outcomes),
    }
    return Event(
        event_key=ended.event_key,
        kind=AlertKind.BACKFILL_FINISHED,
        severity=Severity.INFO if good else Severity.WARNING,
        happened_at=ended.finished_at,
        subject=ended.subject,
        error_class=status,
        text=ended.problem or problem,
        run_id=ended.run_ids[0] if ended.origin == "run" else None,
        backfill_id=ended.backfill_id,
        details={name: value for name, value in details.items() if value not in (None, "")},
    )


def _retry(ended: Ended, *, details_open: bool) -> str | None:
    """The command that goes on where a backfill left off; the message composes one where there is no record."""
    if not details_open or ended.retry_id is None:
        return None
    return f"nba-analytics backfill retry {ended.retry_id}"
