"""Deliveries in a SQLite file of their own: as little as the outbox needs, and nothing of what a ledger decides."""

import pickle
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from analytics_assets.alerts.events import AlertKind, Event
from analytics_assets_tests.support.told_events import ToldEvent

_TABLES = """
create table if not exists events (key text primary key, kind text, event blob);
create table if not exists deliveries (key text, sink text, status text, message integer, primary key (key, sink));
create table if not exists messages (id integer primary key, sink text, title text, body text, status text, error text);
"""


class FileDeliveries:
    """Every recorded event is to be told to every sink named with it."""

    def __init__(self, path: Path) -> None:
        """Open or create the file."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(_TABLES)

    def record(self, events: Sequence[Event], sinks: Sequence[str]) -> None:
        """Hold events for these sinks."""
        for event in events:
            stored = pickle.dumps(ToldEvent(**{**asdict(event)}))
            self._run("insert or ignore into events values (?, ?, ?)", event.event_key, str(event.kind), stored)
            self._add(event.event_key, sinks)

    def reroute(self, kind: AlertKind, sinks: Sequence[str], *, now: datetime) -> None:
        """See :class:`analytics_assets.alerts.outbox.Deliveries`."""
        open_rows = self._run(
            "select key, sink from deliveries join events using (key)"
            " where kind = ? and status in ('undelivered', 'sending')",
            str(kind),
        )
        for key, sink in open_rows:
            if sink not in sinks:
                self._add(key, sinks)
                self._run("update deliveries set status = 'dropped' where key = ? and sink = ?", key, sink)

    def undelivered(self, kind: AlertKind, sink: str) -> list[ToldEvent]:
        """See :class:`analytics_assets.alerts.outbox.Deliveries`."""
        rows = self._run(
            "select event, status from deliveries join events using (key)"
            " where kind = ? and sink = ? and status in ('undelivered', 'sending') order by events.rowid",
            *(str(kind), sink),
        )
        facts = [(asdict(pickle.loads(event)), status) for event, status in rows]
        return [ToldEvent(**(event | {"maybe_sent_before": status == "sending"})) for event, status in facts]

    def begin_sending(
        self, kind: AlertKind, sink: str, events: Sequence[ToldEvent], title: str, body: str, now: datetime
    ) -> int:
        """See :class:`analytics_assets.alerts.outbox.Deliveries`."""
        message = "insert into messages (sink, title, body, status) values (?, ?, ?, 'sending') returning id"
        ((message_id,),) = self._run(message, sink, title, body)
        for event in events:
            sending = "update deliveries set status = 'sending', message = ? where key = ? and sink = ?"
            self._run(sending, message_id, event.event_key, sink)
        return message_id

    def mark_sent(self, message_id: int, now: datetime) -> None:
        """See :class:`analytics_assets.alerts.outbox.Deliveries`."""
        self._end(message_id, "sent", "sent", None)

    def mark_failed(self, message_id: int, error: str, now: datetime, *, maybe_sent: bool = False) -> None:
        """See :class:`analytics_assets.alerts.outbox.Deliveries`."""
        self._end(message_id, "failed", "sending" if maybe_sent else "undelivered", error)

    @property
    def errors(self) -> list[str]:
        """Reasons of the messages that failed."""
        return [error for (error,) in self._run("select error from messages where error is not null order by id")]

    def _end(self, message_id: int, message: str, delivery: str, error: str | None) -> None:
        self._run("update messages set status = ?, error = ? where id = ?", message, error, message_id)
        self._run("update deliveries set status = ? where message = ?", delivery, message_id)

    def _add(self, key: str, sinks: Sequence[str]) -> None:
        for sink in sinks:
            self._run("insert or ignore into deliveries values (?, ?, 'undelivered', null)", key, sink)

    def _run(self, statement: str, *values: object) -> list[tuple]:
        return self._connection.execute(statement, values).fetchall()
