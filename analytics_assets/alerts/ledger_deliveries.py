"""What the ledger holds of deliveries: for every event that is to be told, its state at every sink."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from analytics_assets.alerts.events import AlertKind, Disposition
from analytics_assets.alerts.ops_database import DELIVERIES, EVENTS, INCIDENTS, MESSAGES, OpsDatabase
from analytics_assets.alerts.stored_events import StoredEvent, in_parts, storable, stored_event

_UNDELIVERED, _SENDING, _SENT, _DROPPED = "undelivered", "sending", "sent", "dropped"
_OPEN = (_UNDELIVERED, _SENDING)


def hold_for_sinks(connection: Connection, event: StoredEvent, sinks: Sequence[str]) -> None:
    """Note that an event is to be sent to these sinks."""
    rows = [
        {"event_id": event.event_id, "sink": sink, "kind": str(event.kind), "status": _UNDELIVERED, "attempts": 0}
        for sink in dict.fromkeys(sinks)
    ]
    if rows:
        connection.execute(insert(DELIVERIES), rows)


class LedgerDeliveries:
    """The part of the ledger that the outbox works on."""

    _database: OpsDatabase

    def reroute(self, kind: AlertKind, sinks: Sequence[str], *, now: datetime) -> int:
        """Give what sinks that are no longer configured were not sent to each of these that never had the event.

        Returns:
            Number of deliveries that were dropped for it.
        """
        gone = (DELIVERIES.c.kind == str(kind)) & DELIVERIES.c.status.in_(_OPEN) & DELIVERIES.c.sink.not_in(sinks)
        if not sinks:
            return 0
        with self._database.read() as connection:
            if connection.execute(select(DELIVERIES.c.sink).where(gone).limit(1)).first() is None:
                return 0
        with self._database.begin() as connection:
            left = connection.execute(select(DELIVERIES.c.event_id, DELIVERIES.c.sink).where(gone)).all()
            for event_id in sorted({row.event_id for row in left}):
                of_event = DELIVERIES.c.event_id == event_id
                known = set(connection.scalars(select(DELIVERIES.c.sink).where(of_event)))
                rows = [
                    {"event_id": event_id, "sink": sink, "kind": str(kind), "status": _UNDELIVERED, "attempts": 0}
                    for sink in sinks
                    if sink not in known
                ]
                if rows:
                    connection.execute(insert(DELIVERIES), rows)
            connection.execute(update(DELIVERIES).where(gone).values(status=_DROPPED))
            _note_told(connection, [row.event_id for row in left], now)
        return len(left)

    def undelivered(self, kind: AlertKind, sink: str) -> list[StoredEvent]:
        """Events that a sink was not sent, or of which it is not known; the latter may have been sent before."""
        chosen = (DELIVERIES.c.kind == str(kind)) & (DELIVERIES.c.sink == sink) & DELIVERIES.c.status.in_(_OPEN)
        query = select(EVENTS, DELIVERIES.c.status.label("delivery")).join(
            DELIVERIES, DELIVERIES.c.event_id == EVENTS.c.id
        )
        with self._database.read() as connection:
            rows = connection.execute(query.where(chosen).order_by(EVENTS.c.id))
            return [stored_event(row, maybe_sent_before=row.delivery == _SENDING) for row in rows]

    def begin_sending(
        self, kind: AlertKind, sink: str, events: Sequence[StoredEvent], title: str, body: str, now: datetime
    ) -> int:
        """Record that a message of these events is about to be sent; gives its number."""
        message = {
            "kind": str(kind),
            "sink": sink,
            "title": title,
            "body": body,
            "composed_at": now,
            "status": _SENDING,
            "maybe_sent_before": any(event.maybe_sent_before for event in events),
        }
        with self._database.begin() as connection:
            key = connection.execute(insert(MESSAGES).values(message)).inserted_primary_key
            assert key is not None
            values = {"status": _SENDING, "message_id": int(key[0]), "attempts": DELIVERIES.c.attempts + 1}
            for ids in in_parts([event.event_id for event in events]):
                mine = (DELIVERIES.c.sink == sink) & DELIVERIES.c.event_id.in_(ids)
                connection.execute(update(DELIVERIES).where(mine).values(values))
        return int(key[0])

    def mark_sent(self, message_id: int, now: datetime) -> None:
        """Record that a message was accepted."""
        with self._database.begin() as connection:
            sent = {"status": _SENT, "sent_at": now}
            connection.execute(update(MESSAGES).where(MESSAGES.c.id == message_id).values(sent))
            mine = DELIVERIES.c.message_id == message_id
            connection.execute(update(DELIVERIES).where(mine).values(status=_SENT, last_error=None))
            _note_told(connection, list(connection.scalars(select(DELIVERIES.c.event_id).where(mine))), now)

    def mark_failed(self, message_id: int, error: str, now: datetime, *, maybe_sent: bool = False) -> None:
        """Record that a message was not accepted; its events are undelivered, or it is not known."""
        with self._database.begin() as connection:
            error = storable(error)
            failed = {"status": "failed", "error": error, "failed_at": now}
            connection.execute(update(MESSAGES).where(MESSAGES.c.id == message_id).values(failed))
            values = {"status": _SENDING if maybe_sent else _UNDELIVERED, "last_error": error}
            connection.execute(update(DELIVERIES).where(DELIVERIES.c.message_id == message_id).values(values))


def _note_told(connection: Connection, event_ids: Sequence[int], now: datetime) -> None:
    """Trouble that somebody got a message of is told; events that no sink is still to get are sent."""
    for ids in in_parts(sorted(set(event_ids))):
        got = select(DELIVERIES.c.event_id).where(DELIVERIES.c.event_id.in_(ids) & (DELIVERIES.c.status == _SENT))
        told = select(EVENTS.c.incident_id).where(EVENTS.c.id.in_(got) & EVENTS.c.incident_id.is_not(None))
        untold = INCIDENTS.c.id.in_(told) & INCIDENTS.c.told_at.is_(None)
        connection.execute(update(INCIDENTS).where(untold).values(told_at=now))
        waiting = select(DELIVERIES.c.event_id).where(DELIVERIES.c.event_id.in_(ids) & DELIVERIES.c.status.in_(_OPEN))
        done = EVENTS.c.id.in_(ids) & EVENTS.c.id.not_in(waiting)
        pending = done & (EVENTS.c.disposition == str(Disposition.PENDING))
        connection.execute(update(EVENTS).where(pending).values(disposition=str(Disposition.SENT), told_at=now))
