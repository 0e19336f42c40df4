"""The ops database: tables of alerts, silences and backfills of the command line, in SQLite or PostgreSQL."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeDecorator

from analytics_assets.settings import data_directory

OPS_DATABASE_VARIABLE = "NBA_OPS_DB"
_BUSY_SECONDS = 20.0
# Any number, the same in all processes.
_WRITERS = 7_102_021


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: stored without a time zone, read with one."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse moments whose zone nobody knows."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """In UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


METADATA = MetaData()

INCIDENTS = Table(
    "alert_incidents",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("error_class", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("last_seen_at", Moment, nullable=False),
    Column("events", Integer, nullable=False),
    Column("repeats_untold", Integer, nullable=False, default=0),
    Column("resolved_at", Moment),
    Index("open_incidents", "kind", "resolved_at"),
)

EVENTS = Table(
    "alert_events",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("event_key", Text, nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("nature", String(20), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("error_class", Text, nullable=False),
    Column("text", Text, nullable=False),
    # Dates as text, so that they read the same with any database.
    Column("table_name", Text),
    Column("game_date", String(10)),
    Column("run_id", Text),
    Column("backfill_id", Text),
    Column("details", JSON, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("disposition", String(30), nullable=False),
    Column("silence_id", String(40)),
    Column("inhibited_by", Text),
    Column("incident_id", Integer),
    Column("recovered_at", Moment),
    Column("told_at", Moment),
    Column("digested_at", Moment),
    Index("events_by_subject", "kind", "subject", "recovered_at"),
    Index("events_by_disposition", "kind", "disposition"),
    Index("events_by_backfill", "backfill_id"),
)

DELIVERIES = Table(
    "alert_deliveries",
    METADATA,
    Column("event_id", Integer, primary_key=True),
    Column("sink", String(120), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("status", String(20), nullable=False),
    Column("message_id", Integer),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Index("open_deliveries", "kind", "status"),
)

MESSAGES = Table(
    "alert_messages",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("sink", String(120), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("composed_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("failed_at", Moment),
    Column("status", String(20), nullable=False),
    Column("error", Text),
    Column("maybe_sent_before", Boolean, nullable=False),
)

# Matchers and moments as text: a row that somebody wrote by hand must be read one by one, and may be unreadable.
SILENCES = Table(
    "silences",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("kind", Text),
    Column("table_name", Text),
    Column("first_date", Text),
    Column("last_date", Text),
    Column("severity", Text),
    Column("starts_at", Text),
    Column("ends_at", Text),
    Column("author", Text),
    Column("reason", Text),
    Column("created_at", Text),
    Column("last_matched_at", Text),
    Column("matches", Integer, nullable=False, default=0),
)

BACKFILLS = Table(
    "backfills",
    METADATA,
    Column("id", String(80), primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("heartbeat_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("status", String(20), nullable=False),
    Column("host", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("tables", JSON, nullable=False),
    Column("planned", Integer, nullable=False),
    Column("first_date", String(10), nullable=False),
    Column("last_date", String(10), nullable=False),
    Column("record_file", Text, nullable=False),
    Column("retry_of", String(80)),
    Column("told_at", Moment),
)


class OpsDatabaseError(RuntimeError):
    """The ops database cannot be opened; the message names it without secrets and says what to do."""


class OpsDatabase:
    """The ops database at an address; its tables are created on first use.

    Args:
        url: SQLAlchemy URL.

    Raises:
        OpsDatabaseError: It cannot be opened.
    """

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection in a transaction that is committed at the end; writers wait for each other."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # SQLite takes its lock when it begins; here two could open the same incident at once.
                connection.execute(select(func.pg_advisory_xact_lock(_WRITERS)))
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading, which waits for no writer."""
        with self._engine.connect() as connection:
            # Begun here, so that the listener below does not take the write lock.
            connection.execution_options(only_reads=True)
            yield connection


def open_ops_database(environment: Mapping[str, str] | None = None) -> OpsDatabase:
    """The ops database that ``NBA_OPS_DB`` names; ``ops.db`` in the data directory without it."""
    variables = os.environ if environment is None else environment
    stated = variables.get(OPS_DATABASE_VARIABLE, "").strip()
    if stated:
        return OpsDatabase(stated)
    directory = data_directory(variables)
    directory.mkdir(parents=True, exist_ok=True)
    return OpsDatabase(f"sqlite:///{directory / 'ops.db'}")


@lru_cache(maxsize=16)
def _engine(stated: str) -> Engine:
    try:
        url = make_url(stated)
    except Exception as error:
        raise OpsDatabaseError(f"{OPS_DATABASE_VARIABLE} is no address of a database; write dialect://…") from error
    if url.drivername == "postgresql":
        # The driver that the extra "postgres" installs.
        url = url.set(drivername="postgresql+psycopg2")
    sqlite = url.get_backend_name() == "sqlite"
    try:
        engine = _sqlite_engine(url) if sqlite else create_engine(url, pool_pre_ping=True)
        _create_tables(engine)
    except Exception as error:
        told = type(error).__name__
        raise OpsDatabaseError(
            f"the ops database {url.render_as_string(hide_password=True)} cannot be opened ({told}); "
            f"check that it is there and {OPS_DATABASE_VARIABLE} is right"
        ) from error
    return engine


def _create_tables(engine: Engine) -> None:
    try:
        METADATA.create_all(engine)
    except (OperationalError, ProgrammingError):
        # Another process created them at the same moment; what is still missing then is an error.
        METADATA.create_all(engine)


def _sqlite_engine(url: URL) -> Engine:
    # A connection that stays open goes on writing to a file that somebody removed or replaced, and nobody reads that.
    pool = NullPool if url.database not in (None, "", ":memory:") else None
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, poolclass=pool)
    created = [CreateTable(table, if_not_exists=True) for table in METADATA.sorted_tables]
    created += [CreateIndex(index, if_not_exists=True) for table in METADATA.sorted_tables for index in table.indexes]
    statements = [str(statement.compile(engine)) for statement in created]

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        # The driver must not begin transactions by itself, or writers could not wait for each other.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        if not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            # The file is new, also while the daemon runs. Others see all of its tables, or wait for them.
            for statement in ("BEGIN IMMEDIATE", *statements, "COMMIT"):
                connection.execute(statement)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
