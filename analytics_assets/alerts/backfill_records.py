"""Backfills of the command line in the ops database: begun, alive, ended; one whose command died is interrupted."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import dagster as dg
from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from analytics_assets.alerts.backfill_ends import Ended
from analytics_assets.alerts.ops_database import BACKFILLS, OpsDatabase
from analytics_assets.alerts.run_facts import BACKFILL_ID_TAG
from analytics_assets.backfill.results import BackfillRecord

_LOGGER = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 15.0
SILENT_AFTER = timedelta(minutes=2)
_RUNNING, _INTERRUPTED = "running", "interrupted"


class BackfillRecords:
    """Records of the command line's backfills.

    Args:
        database: The ops database.
    """

    def __init__(self, database: OpsDatabase) -> None:
        self._database = database

    def begin(self, record: BackfillRecord, now: datetime) -> None:
        """Record that a backfill begins in this process."""
        days = [entry.date for entry in record.dates]
        values = {
            "id": record.backfill_id,
            "started_at": datetime.fromisoformat(record.started_at),
            "heartbeat_at": now,
            "status": _RUNNING,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "tables": list(dict.fromkeys(entry.table for entry in record.dates)),
            "planned": len(record.dates),
            "first_date": min(days),
            "last_date": max(days),
            "record_file": str(record.path),
            "retry_of": record.retry_of,
        }
        with self._database.begin() as connection:
            connection.execute(insert(BACKFILLS).values(values))

    def beat(self, backfill_id: str, now: datetime) -> None:
        """Note a sign of life."""
        self._set(backfill_id, heartbeat_at=now)

    def end(self, record: BackfillRecord, now: datetime) -> None:
        """Record the end; what was planned may have grown since the beginning."""
        days = [entry.date for entry in record.dates]
        self._set(
            record.backfill_id,
            heartbeat_at=now,
            finished_at=now,
            status="stopped" if record.status == _RUNNING else record.status,
            planned=len(record.dates),
            tables=list(dict.fromkeys(entry.table for entry in record.dates)),
            first_date=min(days),
            last_date=max(days),
        )

    @contextmanager
    def alive(self, record: BackfillRecord, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[None]:
        """Begin a record, give signs of life from a thread meanwhile, and end it in any case but a kill."""
        self.begin(record, now())
        over = threading.Event()

        def beat() -> None:
            while not over.wait(HEARTBEAT_SECONDS):
                try:
                    self.beat(record.backfill_id, now())
                except SQLAlchemyError as error:
                    # A database that is busy or away for a moment must not make a living backfill look dead for good.
                    _LOGGER.warning("no sign of life of backfill %s was noted: %s", record.backfill_id, error)

        thread = threading.Thread(target=beat, name="heartbeat of the backfill", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            self.end(record, now())

    def is_recorded(self, backfill_id: str) -> bool:
        """Whether there is a record of this name."""
        with self._database.read() as connection:
            found = connection.execute(select(BACKFILLS.c.id).where(BACKFILLS.c.id == backfill_id))
            return found.first() is not None

    def ended(self, instance: dg.DagsterInstance, now: datetime) -> list[Ended]:
        """Backfills that ended, or were interrupted, and are not told yet."""
        with self._database.read() as connection:
            rows = connection.execute(select(BACKFILLS).where(BACKFILLS.c.told_at.is_(None))).all()
        found: list[Ended] = []
        for row in rows:
            interrupted = row.finished_at is None
            if interrupted and now - row.heartbeat_at <= SILENT_AFTER:
                continue
            runs = instance.get_runs(dg.RunsFilter(tags={BACKFILL_ID_TAG: row.id}))
            # Run again from its page, a run keeps our tag and not its part in the backfill.
            mine = sorted(run.run_id for run in runs if run.parent_run_id is None)
            found.append(
                Ended(
                    subject=row.id,
                    origin="command_line",
                    status=_INTERRUPTED if interrupted else row.status,
                    started_at=row.started_at,
                    finished_at=row.heartbeat_at if interrupted else row.finished_at,
                    backfill_id=row.id,
                    run_ids=tuple(mine),
                    tables=tuple(row.tables),
                    first_date=date.fromisoformat(row.first_date),
                    last_date=date.fromisoformat(row.last_date),
                    planned=row.planned,
                    problem=f"no sign of life since {row.heartbeat_at:%Y-%m-%d %H:%M} UTC" if interrupted else "",
                    retry_id=row.id,
                )
            )
        return found

    def mark_told(self, backfill_ids: Sequence[str], now: datetime) -> None:
        """Note that summaries are recorded; an interrupted backfill is called so from then on."""
        for backfill_id in backfill_ids:
            self._set(backfill_id, told_at=now)
            silent = (BACKFILLS.c.id == backfill_id) & BACKFILLS.c.finished_at.is_(None)
            with self._database.begin() as connection:
                connection.execute(update(BACKFILLS).where(silent).values(status=_INTERRUPTED))

    def _set(self, backfill_id: str, **values: object) -> None:
        with self._database.begin() as connection:
            connection.execute(update(BACKFILLS).where(BACKFILLS.c.id == backfill_id).values(values))
