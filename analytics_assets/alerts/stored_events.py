"""Events as the ledger holds them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import Row

from analytics_assets.alerts.events import AlertKind, Disposition, Event, Severity

Item = TypeVar("Item")
# Databases limit the values of one statement.
_AT_ONCE = 500
_STORED_AS_THEY_ARE = tuple(
    item.name
    for item in fields(Event)
    if item.name not in ("kind", "severity", "game_date", "in_backfill_mode", "will_retry")
)


@dataclass(frozen=True, kw_only=True)
class StoredEvent(Event):
    """An event in the ledger.

    Attributes:
        event_id: Its number.
        nature: ``problem``, ``resolved`` or ``silence_ended``.
        disposition: What became of it.
        recorded_at: When it was recorded.
        silence_id: Silence that held it back.
        incident_id: The trouble that it is part of.
        maybe_sent_before: Whether a message of it may have been sent, which nobody noted.
    """

    event_id: int
    nature: str
    disposition: Disposition
    recorded_at: datetime
    silence_id: str | None = None
    incident_id: int | None = None
    maybe_sent_before: bool = False


def stored_event(row: Row[Any], *, maybe_sent_before: bool = False) -> StoredEvent:
    """The event of a row of ``alert_events``."""
    disposition = Disposition(row.disposition)
    return StoredEvent(
        **{name: getattr(row, name) for name in _STORED_AS_THEY_ARE},
        kind=AlertKind(row.kind),
        severity=Severity(row.severity),
        game_date=None if row.game_date is None else date.fromisoformat(row.game_date),
        in_backfill_mode=disposition is Disposition.SUPPRESSED_BY_BACKFILL,
        will_retry=disposition is Disposition.HELD_FOR_RETRY,
        event_id=row.id,
        nature=row.nature,
        disposition=disposition,
        recorded_at=row.recorded_at.astimezone(UTC),
        silence_id=row.silence_id,
        incident_id=row.incident_id,
        maybe_sent_before=maybe_sent_before,
    )


def storable_event(event: Event) -> Event:
    """The event with all that a database would refuse replaced: it must never be lost for a sign in a text."""
    texts = ("event_key", "subject", "error_class", "text", "table_name", "run_id", "backfill_id")
    return replace(
        event, **{name: storable(getattr(event, name)) for name in texts}, details=storable(dict(event.details))
    )


def storable(value: Any) -> Any:
    """A JSON-able value without signs that databases refuse; what is no number is None, dates are texts."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [storable(entry) for entry in value]
    if value is None or isinstance(value, int):
        return value
    return value.isoformat() if isinstance(value, date) else storable(str(value))


def in_parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in parts that one statement can take."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
