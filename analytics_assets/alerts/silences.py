"""Silences: what holds back alerts for a time, by kind, table, dates and severity. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from analytics_assets.alerts.events import AlertKind, Event, Severity

LONGEST = timedelta(days=14)
IDLE_AFTER = timedelta(hours=24)


class SilenceState(StrEnum):
    """Where a silence stands."""

    PENDING = "pending"
    ACTIVE = "active"
    IDLE = "idle"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"


class SilenceError(ValueError):
    """A silence that makes no sense; the message says what to write instead."""


@dataclass(frozen=True, kw_only=True)
class Silence:
    """Holds back events that fit all its matchers, from its start until its end.

    Attributes:
        silence_id: Its name.
        kind: Kind of events; None fits any.
        table_name: Table; None fits any, also events about no table.
        first_date: First game date; None with ``last_date`` fits any.
        last_date: Last game date, included.
        severity: Severity; None fits any.
        starts_at: When it begins.
        ends_at: When it is over: at this moment it does not hold any more.
        author: Who silenced.
        reason: Why.
        created_at: When it was written.
        last_matched_at: When it last held something back.
        matches: How many events it held back.
    """

    silence_id: str
    kind: AlertKind | None
    table_name: str | None
    first_date: date | None
    last_date: date | None
    severity: Severity | None
    starts_at: datetime
    ends_at: datetime
    author: str
    reason: str
    created_at: datetime
    last_matched_at: datetime | None = None
    matches: int = 0

    def state_at(self, now: datetime) -> SilenceState:
        """Its state at a moment; idle is active for a day without having held anything back."""
        if now < self.starts_at:
            return SilenceState.PENDING
        if now >= self.ends_at:
            return SilenceState.EXPIRED
        idle = self.matches == 0 and now - self.starts_at >= IDLE_AFTER
        return SilenceState.IDLE if idle else SilenceState.ACTIVE

    def holds_at(self, now: datetime) -> bool:
        """Whether it holds back what it matches."""
        return self.starts_at <= now < self.ends_at

    def matches_event(self, event: Event) -> bool:
        """Whether an event fits all matchers, whatever the time."""
        if self.kind is not None and event.kind is not self.kind:
            return False
        if self.table_name is not None and event.table_name != self.table_name:
            return False
        if self.severity is not None and event.severity is not self.severity:
            return False
        if self.first_date is None and self.last_date is None:
            return True
        if event.game_date is None:
            return False
        after_start = self.first_date is None or event.game_date >= self.first_date
        return after_start and (self.last_date is None or event.game_date <= self.last_date)


def check_silence(silence: Silence, *, now: datetime, allow_long: bool) -> None:
    """Refuse a silence that hides too much, for too long, or of which nobody could ask why.

    Raises:
        SilenceError: No matcher, no author, no reason, an end that is past or before its start, or too far away.
    """
    if not any((silence.kind, silence.table_name, silence.first_date, silence.last_date, silence.severity)):
        raise SilenceError("a silence needs at least one of --kind, --table, --dates, --severity")
    if not silence.author.strip() or not silence.reason.strip():
        raise SilenceError("a silence needs --author and --reason")
    if silence.ends_at <= now or silence.ends_at <= silence.starts_at:
        raise SilenceError(f"--until {silence.ends_at:%Y-%m-%d %H:%M} UTC is not after its start")
    if silence.first_date and silence.last_date and silence.first_date > silence.last_date:
        raise SilenceError(f"--dates: {silence.first_date} lies after {silence.last_date}")
    if silence.ends_at - silence.starts_at > LONGEST and not allow_long:
        raise SilenceError(f"a silence of more than {LONGEST.days} days needs --long")


def silence_of_row(row: Mapping[Any, Any]) -> Silence:
    """A silence from its stored row.

    Raises:
        ValueError: The row cannot be read; it must hold nothing back.
    """
    ends_at, starts_at, created_at = (_moment(row[name], name) for name in ("ends_at", "starts_at", "created_at"))
    matched = row["last_matched_at"]
    return Silence(
        silence_id=str(row["id"]),
        kind=AlertKind(row["kind"]) if row["kind"] is not None else None,
        table_name=row["table_name"],
        first_date=date.fromisoformat(row["first_date"]) if row["first_date"] is not None else None,
        last_date=date.fromisoformat(row["last_date"]) if row["last_date"] is not None else None,
        severity=Severity(row["severity"]) if row["severity"] is not None else None,
        starts_at=starts_at,
        ends_at=ends_at,
        author=_needed(row["author"], "author"),
        reason=_needed(row["reason"], "reason"),
        created_at=created_at,
        last_matched_at=None if matched is None else _moment(matched, "last_matched_at"),
        matches=int(row["matches"]),
    )


def _needed(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is empty")
    return value


def _moment(value: object, name: str) -> datetime:
    found = datetime.fromisoformat(_needed(value, name))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
