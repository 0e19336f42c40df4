"""The ledger of alerts: every event once, what became of it, and which trouble is still open."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from analytics_assets.alerts.events import AlertKind, Disposition, Event, Recovery, Severity
from analytics_assets.alerts.ledger_deliveries import LedgerDeliveries, hold_for_sinks
from analytics_assets.alerts.ledger_digest import LedgerDigest
from analytics_assets.alerts.ops_database import EVENTS, INCIDENTS, OpsDatabase
from analytics_assets.alerts.recoveries import Ends, end_of, latest_ends
from analytics_assets.alerts.silence_store import note_matches, silences_in
from analytics_assets.alerts.silences import Silence
from analytics_assets.alerts.stored_events import StoredEvent, in_parts, storable_event, stored_event

# Ends and digests are told; they are no trouble that lasts.
_WITHOUT_INCIDENT = frozenset({AlertKind.BACKFILL_FINISHED, AlertKind.DAILY_DIGEST})
_OF_DATES = (AlertKind.DATES_FAILED, AlertKind.RAW_DATA_MISSING, AlertKind.RAW_DATA_STALE)
# What a backfill held back is told by its summary.
_TOLD = (Disposition.PENDING, Disposition.SENT, Disposition.GROUPED, Disposition.SUPPRESSED_BY_BACKFILL)
_EVENT_FIELDS = tuple(item.name for item in fields(Event))


@dataclass(frozen=True)
class Recorded:
    """What recording did.

    Attributes:
        new: Events that were not in the ledger before.
        resolved: Events that tell that a trouble is over.
    """

    new: list[StoredEvent] = field(default_factory=list)
    resolved: int = 0


class Ledger(LedgerDeliveries, LedgerDigest):
    """The ledger in an ops database.

    Args:
        database: Where it is.
    """

    def __init__(self, database: OpsDatabase) -> None:
        self._database = database

    def record(
        self, events: Sequence[Event], recoveries: Sequence[Recovery], *, now: datetime, sinks: Sequence[str]
    ) -> Recorded:
        """Record what happened, all or nothing; what is recorded already changes nothing.

        A new event is, in this order: held for a retry; suppressed, of a run in backfill mode; silenced; inhibited, a
        missing date whose failure is told; grouped, of a trouble that was told already; or pending, to be sent.

        Args:
            events: What happened.
            recoveries: What ends earlier events.
            now: The present moment.
            sinks: Names of the sinks that pending events are to be sent to.
        """
        if not events and not recoveries:
            return Recorded()
        with self._database.begin() as connection:
            fresh = _not_recorded(connection, [storable_event(event) for event in events])
            ends = latest_ends(recoveries)
            over = [event for event in fresh if end_of(event, ends) is not None]
            lasting = [event for event in fresh if end_of(event, ends) is None]
            new = _decide(connection, over, now, sinks)
            resolved = _recover(connection, ends, now, sinks)
            # Only now, because what lasts begins a new trouble where the one before is over.
            new += _decide(connection, lasting, now, sinks)
        return Recorded(new, resolved)

    def after_silences(self, kind: AlertKind, *, now: datetime, sinks: Sequence[str]) -> int:
        """Have it told once when a silence is over and what it held back lasts.

        Returns:
            Number of silences of which that is to be told.
        """
        if kind in _WITHOUT_INCIDENT:
            return 0
        lasting = (EVENTS.c.kind == str(kind)) & (EVENTS.c.disposition == str(Disposition.SILENCED))
        lasting &= EVENTS.c.recovered_at.is_(None) & EVENTS.c.told_at.is_(None)
        with self._database.read() as connection:
            if connection.execute(select(EVENTS.c.id).where(lasting).limit(1)).first() is None:
                return 0
        with self._database.begin() as connection:
            silences = {one.silence_id: one for one in silences_in(connection)[0]}
            holding = [one for one in silences.values() if one.holds_at(now)]
            held: dict[str, list[StoredEvent]] = {}
            matched: list[str] = []
            for row in connection.execute(select(EVENTS).where(lasting).order_by(EVENTS.c.id)).all():
                if any(one.silence_id == row.silence_id for one in holding):
                    continue
                event = stored_event(row)
                other = next((one.silence_id for one in holding if one.matches_event(event)), None)
                if other is None:
                    held.setdefault(row.silence_id, []).append(event)
                else:
                    # Silenced anew before the first silence was over.
                    connection.execute(update(EVENTS).where(EVENTS.c.id == row.id).values(silence_id=other))
                    matched.append(other)
            note_matches(connection, matched, now)
            for silence_id, events in held.items():
                ended = _silence_ended(kind, silence_id, silences.get(silence_id), events, now)
                _insert(connection, ended, now, "silence_ended", Disposition.PENDING, sinks)
                _set_told(connection, events, now)
        return len(held)

    def has_open(self, kind: AlertKind) -> bool:
        """Whether a trouble of this kind lasts."""
        chosen = (INCIDENTS.c.kind == str(kind)) & INCIDENTS.c.resolved_at.is_(None)
        with self._database.read() as connection:
            return connection.execute(select(INCIDENTS.c.id).where(chosen).limit(1)).first() is not None

    def suppressed_of_backfill(self, backfill_id: str) -> list[StoredEvent]:
        """Events of a backfill's runs that were recorded and not sent, in the order in which they happened."""
        chosen = (EVENTS.c.backfill_id == backfill_id) & (
            EVENTS.c.disposition == str(Disposition.SUPPRESSED_BY_BACKFILL)
        )
        with self._database.read() as connection:
            rows = connection.execute(select(EVENTS).where(chosen).order_by(EVENTS.c.happened_at, EVENTS.c.id))
            return [stored_event(row) for row in rows]

    def unrecovered(self) -> list[StoredEvent]:
        """Events of trouble that lasts, the latest first."""
        chosen = EVENTS.c.recovered_at.is_(None) & (EVENTS.c.nature == "problem")
        chosen &= EVENTS.c.kind.not_in([str(kind) for kind in _WITHOUT_INCIDENT])
        with self._database.read() as connection:
            rows = connection.execute(select(EVENTS).where(chosen).order_by(EVENTS.c.happened_at.desc()))
            return [stored_event(row) for row in rows]

    def listing(
        self, *, since: datetime | None = None, silenced: bool = False, kind: AlertKind | None = None
    ) -> list[dict[str, Any]]:
        """What was recorded, the latest first, as plain rows.

        Args:
            since: Only what happened from then on.
            silenced: Only what was not sent by itself: silenced, suppressed, inhibited.
            kind: Only this kind.
        """
        query = select(EVENTS).order_by(EVENTS.c.happened_at.desc(), EVENTS.c.id.desc())
        if since is not None:
            query = query.where(EVENTS.c.happened_at >= since)
        if kind is not None:
            query = query.where(EVENTS.c.kind == str(kind))
        if silenced:
            unsent = (Disposition.SILENCED, Disposition.SUPPRESSED_BY_BACKFILL, Disposition.INHIBITED)
            query = query.where(EVENTS.c.disposition.in_([str(one) for one in unsent]))
        with self._database.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def _not_recorded(connection: Connection, events: Sequence[Event]) -> list[Event]:
    by_key = {event.event_key: event for event in reversed(events)}
    known: set[str] = set()
    for keys in in_parts(list(by_key)):
        known |= set(connection.scalars(select(EVENTS.c.event_key).where(EVENTS.c.event_key.in_(keys))))
    ordered = {event.event_key: by_key[event.event_key] for event in events}
    return [event for key, event in ordered.items() if key not in known]


@dataclass
class _Decision:
    """What is known when new events are decided on, within their transaction."""

    connection: Connection
    now: datetime
    silences: Sequence[Silence]
    incidents: dict[str, dict[str, Any]]
    told_dates: dict[tuple[str, str], str]
    matched: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, connection: Connection, events: Sequence[Event], now: datetime) -> "_Decision":
        kinds = sorted({str(event.kind) for event in events})
        lasting = INCIDENTS.c.kind.in_(kinds) & INCIDENTS.c.resolved_at.is_(None)
        incidents = connection.execute(select(INCIDENTS).where(lasting)).mappings()
        readable, _ = silences_in(connection)
        return cls(
            connection,
            now,
            [silence for silence in readable if silence.holds_at(now)],
            {row["fingerprint"]: dict(row) for row in incidents},
            _told_dates(connection) if AlertKind.DATES_MISSING in kinds else {},
        )

    def record(self, event: Event, sinks: Sequence[str]) -> StoredEvent:
        """Decide on an event and store it."""
        more: dict[str, Any] = {}
        if event.will_retry:
            disposition = Disposition.HELD_FOR_RETRY
        elif event.in_backfill_mode:
            disposition = Disposition.SUPPRESSED_BY_BACKFILL
        else:
            silence = next((one for one in self.silences if one.matches_event(event)), None)
            told = self.told_dates.get((event.table_name or "", str(event.game_date)))
            if silence is not None:
                disposition, more["silence_id"] = Disposition.SILENCED, silence.silence_id
                self.matched.append(silence.silence_id)
            elif event.kind is AlertKind.DATES_MISSING and told is not None:
                disposition, more["inhibited_by"] = Disposition.INHIBITED, told
            else:
                disposition = self._pending_or_grouped(event)
            if event.kind not in _WITHOUT_INCIDENT and disposition is not Disposition.INHIBITED:
                more["incident_id"] = self._incident(event, grouped=disposition is Disposition.GROUPED)
        return _insert(self.connection, event, self.now, "problem", disposition, sinks, **more)

    def _pending_or_grouped(self, event: Event) -> Disposition:
        incident = None if event.kind in _WITHOUT_INCIDENT else self.incidents.get(event.fingerprint)
        told = incident is not None and incident["told_at"] is not None
        return Disposition.GROUPED if told else Disposition.PENDING

    def _incident(self, event: Event, *, grouped: bool) -> int:
        incident = self.incidents.get(event.fingerprint)
        if incident is None:
            incident = {
                "fingerprint": event.fingerprint,
                "kind": str(event.kind),
                "subject": event.subject,
                "error_class": event.error_class,
                "opened_at": event.happened_at,
                "last_seen_at": event.happened_at,
                "events": 0,
                "repeats_untold": 0,
                "told_at": None,
            }
            key = self.connection.execute(insert(INCIDENTS).values(incident)).inserted_primary_key
            assert key is not None
            incident["id"] = int(key[0])
            self.incidents[event.fingerprint] = incident
        incident["events"] += 1
        incident["repeats_untold"] += grouped
        incident["last_seen_at"] = max(incident["last_seen_at"], event.happened_at)
        incident["changed"] = True
        return incident["id"]

    def finish(self) -> None:
        """Write the counts of incidents and silences."""
        for incident in self.incidents.values():
            if incident.get("changed"):
                counts = {name: incident[name] for name in ("events", "repeats_untold", "last_seen_at")}
                self.connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident["id"]).values(counts))
        note_matches(self.connection, self.matched, self.now)


def _decide(connection: Connection, events: Sequence[Event], now: datetime, sinks: Sequence[str]) -> list[StoredEvent]:
    if not events:
        return []
    decision = _Decision.of(connection, events, now)
    new = [decision.record(event, sinks) for event in events]
    decision.finish()
    return new


def _told_dates(connection: Connection) -> dict[tuple[str, str], str]:
    chosen = EVENTS.c.kind.in_([str(kind) for kind in _OF_DATES]) & EVENTS.c.recovered_at.is_(None)
    chosen &= EVENTS.c.disposition.in_([str(one) for one in _TOLD])
    rows = connection.execute(select(EVENTS.c.table_name, EVENTS.c.game_date, EVENTS.c.event_key).where(chosen))
    return {(str(row.table_name), str(row.game_date)): row.event_key for row in rows}


def _insert(
    connection: Connection,
    event: Event,
    now: datetime,
    nature: str,
    disposition: Disposition,
    sinks: Sequence[str],
    **more: Any,
) -> StoredEvent:
    values: dict[str, Any] = {name: getattr(event, name) for name in _EVENT_FIELDS if name in EVENTS.c}
    values |= {
        "kind": str(event.kind),
        "severity": str(event.severity),
        "game_date": None if event.game_date is None else event.game_date.isoformat(),
        "details": dict(event.details),
        "nature": nature,
        "fingerprint": event.fingerprint,
        "disposition": str(disposition),
        "recorded_at": now,
    }
    key = connection.execute(insert(EVENTS).values(values | more)).inserted_primary_key
    assert key is not None
    stored = StoredEvent(
        **{name: getattr(event, name) for name in _EVENT_FIELDS},
        event_id=int(key[0]),
        nature=nature,
        disposition=disposition,
        recorded_at=now,
        silence_id=more.get("silence_id"),
        incident_id=more.get("incident_id"),
    )
    if disposition is Disposition.PENDING:
        hold_for_sinks(connection, stored, sinks)
    return stored


def _recover(connection: Connection, ends: Ends, now: datetime, sinks: Sequence[str]) -> int:
    """Mark events as ended, and tell of every trouble that is over with them."""
    if not ends:
        return 0
    kinds = sorted({kind for kind, _, _ in ends})
    lasting = EVENTS.c.kind.in_(kinds) & EVENTS.c.recovered_at.is_(None) & (EVENTS.c.nature == "problem")
    columns = (EVENTS.c.id, EVENTS.c.kind, EVENTS.c.subject, EVENTS.c.game_date, EVENTS.c.happened_at)
    incidents: set[int] = set()
    for row in connection.execute(select(*columns, EVENTS.c.incident_id).where(lasting)).all():
        end = end_of(row, ends)
        if end is not None:
            connection.execute(update(EVENTS).where(EVENTS.c.id == row.id).values(recovered_at=end))
            incidents |= {row.incident_id} - {None}
    return sum(_resolve(connection, incident_id, now, sinks) for incident_id in sorted(incidents))


def _resolve(connection: Connection, incident_id: int, now: datetime, sinks: Sequence[str]) -> bool:
    """End an incident if nothing of it lasts; whether that is to be told."""
    of_incident = EVENTS.c.incident_id == incident_id
    lasting = select(func.count()).select_from(EVENTS).where(of_incident & EVENTS.c.recovered_at.is_(None))
    if connection.scalar(lasting):
        return False
    incident: Row[Any] = connection.execute(select(INCIDENTS).where(INCIDENTS.c.id == incident_id)).one()
    values = {"resolved_at": now, "repeats_untold": 0}
    connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident_id).values(values))
    untold = of_incident & (EVENTS.c.disposition == str(Disposition.PENDING))
    told = incident.told_at is not None or connection.execute(select(EVENTS.c.id).where(untold)).first() is not None
    if not told or incident.resolved_at is not None:
        return False
    first = connection.execute(select(EVENTS).where(of_incident).order_by(EVENTS.c.id).limit(1)).one()
    ended = Event(
        event_key=f"resolved:{incident_id}",
        kind=AlertKind(incident.kind),
        severity=Severity.INFO,
        happened_at=now,
        subject=incident.subject,
        error_class=incident.error_class,
        text="over",
        table_name=first.table_name,
        details={
            "since": incident.opened_at.isoformat(),
            "events": incident.events,
            "repeats": incident.repeats_untold,
        },
    )
    _insert(connection, ended, now, "resolved", Disposition.PENDING, sinks)
    return True


def _silence_ended(
    kind: AlertKind, silence_id: str, silence: Silence | None, events: Sequence[StoredEvent], now: datetime
) -> Event:
    dates = [
        {"table": event.table_name, "date": event.game_date.isoformat(), "reason": event.text}
        for event in events
        if event.table_name is not None and isinstance(event.game_date, date)
    ]
    worst = min((event.severity for event in events), key=list(Severity).index)
    return Event(
        event_key=f"silence_ended:{silence_id}:{kind}:{events[0].event_id}",
        kind=kind,
        severity=worst,
        happened_at=now,
        subject=events[0].subject,
        error_class=events[0].error_class,
        text=events[0].text,
        table_name=events[0].table_name,
        run_id=events[-1].run_id,
        details={
            "silence_id": silence_id,
            "author": silence.author if silence else None,
            "reason": silence.reason if silence else "the silence cannot be read any more",
            "ends_at": silence.ends_at.isoformat() if silence else None,
            "dates": dates,
        },
    )


def _set_told(connection: Connection, events: Sequence[StoredEvent], now: datetime) -> None:
    """What a silence held back counts as told from the message about its end on; repeats are only counted."""
    for ids in in_parts([event.event_id for event in events]):
        connection.execute(update(EVENTS).where(EVENTS.c.id.in_(ids)).values(told_at=now))
    incidents = sorted({event.incident_id for event in events if event.incident_id is not None})
    for ids in in_parts(incidents):
        chosen = INCIDENTS.c.id.in_(ids) & INCIDENTS.c.told_at.is_(None)
        connection.execute(update(INCIDENTS).where(chosen).values(told_at=now))
