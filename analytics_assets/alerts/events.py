"""What can be told: kinds of alerts, single events, and recoveries from them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class AlertKind(StrEnum):
    """The kinds of alerts; each has one sensor, which can be stopped in Dagit by itself."""

    RUN_FAILED = "run_failed"
    DATES_FAILED = "dates_failed"
    RAW_DATA_MISSING = "raw_data_missing"
    RAW_DATA_STALE = "raw_data_stale"
    QUALITY_WARNING = "quality_warning"
    DATES_MISSING = "dates_missing"
    BACKFILL_FINISHED = "backfill_finished"
    DAILY_DIGEST = "daily_digest"


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened and may be told.

    Attributes:
        event_key: Names the happening; seen again under the same key it is the same event and is not told twice.
        kind: Kind of alert.
        severity: How bad it is.
        happened_at: When, with time zone.
        subject: What it is about: a table, or the job of a failed run.
        error_class: Outcome, state or exception class; with kind and subject the fingerprint that repeats share.
        text: Reason for a reader.
        table_name: Output table without its dataset, if it is about one.
        game_date: The date, if it is about one.
        run_id: Run in which it happened.
        backfill_id: Backfill that the run belongs to: Dagster's, or the command line's.
        in_backfill_mode: Whether the run was in backfill mode, so that the event is recorded and not sent.
        will_retry: Whether Dagster runs the run again by itself, so that the event is held.
        details: More that a message shows, JSON-able; for ``backfill_finished`` the summary.
    """

    event_key: str
    kind: AlertKind
    severity: Severity
    happened_at: datetime
    subject: str
    error_class: str
    text: str
    table_name: str | None = None
    game_date: date | None = None
    run_id: str | None = None
    backfill_id: str | None = None
    in_backfill_mode: bool = False
    will_retry: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """What repeats of the same trouble share; free of dates, ids and counters."""
        return f"{self.kind}|{self.subject}|{self.error_class}"


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """Something that ends earlier events: a later success.

    Attributes:
        kind: Kind of the events that it ends.
        subject: Table or job.
        game_date: The date that is fine now; None ends all events of the subject.
        happened_at: When; only events from before are ended.
    """

    kind: AlertKind
    subject: str
    game_date: date | None
    happened_at: datetime


class Disposition(StrEnum):
    """What became of an event."""

    PENDING = "pending"
    SENT = "sent"
    GROUPED = "grouped"
    SILENCED = "silenced"
    SUPPRESSED_BY_BACKFILL = "suppressed_by_backfill"
    HELD_FOR_RETRY = "held_for_retry"
    INHIBITED = "inhibited"
