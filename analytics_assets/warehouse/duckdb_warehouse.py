"""The DuckDB engine: one file, opened for one read or one commit at a time and closed again."""

import random
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from analytics_assets.tables.declaration import ColumnType, Table
from analytics_assets.tables.frames import (
    SchemaError,
    conform,
    empty_frame,
    from_arrow,
    to_arrow,
    with_null_columns,
)
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse.duckdb_statements import (
    asked_values,
    date_filter,
    digest_query,
    equal_columns,
    own_form,
    quoted,
)
from analytics_assets.warehouse.interface import (
    MergeCounts,
    WarehouseError,
    WarehouseLockedError,
    Write,
    writes_for_dates,
)
from analytics_assets.warehouse.writes import rows_to_merge

_TYPES = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.INT64: "BIGINT",
    ColumnType.FLOAT64: "DOUBLE",
    ColumnType.BOOL: "BOOLEAN",
    ColumnType.DATE: "DATE",
    ColumnType.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    ColumnType.STRING_ARRAY: "VARCHAR[]",
    ColumnType.JSON: "JSON",
}
# DuckDB allows one connection mode per file and process; one lock and one mode for all keeps threads from colliding.
_PROCESS_LOCK = threading.RLock()
# About the least that DuckDB asks for. Left alone, it takes most of the machine's memory before it uses the disk.
_MEGABYTES_A_THREAD = 128


def create_table_statement(table: Table) -> str:
    """DuckDB DDL of a declaration."""
    lines = [f'  "{c.name}" {_TYPES[c.type]}{" NOT NULL" if c.required else ""}' for c in table.columns]
    return f"CREATE TABLE IF NOT EXISTS {table.full_name} (\n" + ",\n".join(lines) + "\n)"


class DuckDBWarehouse:
    """Warehouse in one DuckDB file.

    Args:
        path: The file; created on first use, its directory must exist.
        wait_seconds: How long to wait for another process that holds the file.
    """

    def __init__(self, path: Path, wait_seconds: float = 60.0) -> None:
        self.path = path
        self.wait_seconds = wait_seconds

    @property
    def label(self) -> str:
        """The file's path."""
        return f"DuckDB file {self.path}"

    def ensure(self, *tables: Table) -> None:
        """Create or extend tables; see :class:`Warehouse`."""
        with self._connection() as connection:
            for table in tables:
                stored = _stored_columns(connection, table)
                if not stored:
                    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.dataset}")
                    connection.execute(create_table_statement(table))
                    connection.execute(f"COMMENT ON TABLE {table.full_name} IS {quoted(table.grain)}")
                    continue
                _extend(connection, table, stored)

    def read(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        dates: Sequence[date] | None = None,
    ) -> pd.DataFrame:
        """Rows of a date range; see :class:`Warehouse`."""
        wanted = list(columns) if columns is not None else table.column_names
        with self._connection() as connection:
            stored = self._readable_columns(connection, table, wanted)
            if not stored:
                return empty_frame(table)[wanted]
            # Even if the stored table has none of the wanted columns, its number of rows is read.
            found = [name for name in wanted if name in stored] or [table.key[0]]
            present = ", ".join(f'"{name}"' for name in found)
            where, values = date_filter(table, start, end, dates)
            result = connection.sql(f"SELECT {present} FROM {table.full_name}{where}", params=values)
            frame = from_arrow(result.to_arrow_table(), table)
        lacking = [name for name in wanted if name not in stored]
        return with_null_columns(frame, table, lacking)[wanted] if lacking else frame

    def reduce(self, reduction: Reduction, start: date, end: date, dates: Sequence[date] | None = None) -> pd.DataFrame:
        """Answer of a reduction; see :class:`Warehouse`."""
        table = reduction.source
        with self._connection() as connection:
            stored = self._readable_columns(connection, table, reduction.columns)
            if not stored:
                return empty_frame(reduction.result)
            kinds = {name: _TYPES[table.by_name[name].type] for name in reduction.columns}
            selected = ", ".join(
                f'"{name}"' if name in stored else f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in kinds.items()
            )
            where, bounds = date_filter(table, start, end, dates)
            source_rows = f"source_rows AS (SELECT {selected} FROM {table.full_name}{where})"
            entries, asked = asked_values(reduction)
            answer = connection.sql(f"WITH {source_rows}{entries}{own_form(reduction.sql)}", params=[*bounds, *asked])
            frame = from_arrow(answer.to_arrow_table(), reduction.result)
        return conform(frame, reduction.result)

    def _readable_columns(
        self, connection: duckdb.DuckDBPyConnection, table: Table, wanted: Sequence[str]
    ) -> dict[str, str]:
        """Stored columns; empty if the table does not exist."""
        stored = _stored_columns(connection, table)
        required = [name for name in wanted if name not in stored and table.by_name[name].required]
        if stored and required:
            raise SchemaError(
                f"{table.full_name} in {self.label} lacks the required columns {', '.join(required)}; add them"
            )
        day = stored.get(table.date_column or "", "DATE")
        if not day.startswith(("DATE", "TIMESTAMP")):
            raise SchemaError(f"{table.full_name}.{table.date_column} is stored as {day}; dates are asked for by DATE")
        return stored

    def commit(self, writes: Sequence[Write]) -> None:
        """All writes in one transaction; see :class:`Warehouse`."""
        prepared = [(write, to_arrow(write.rows, write.table)) for write in writes]
        with self._connection() as connection, _transaction(connection):
            for write, rows in prepared:
                _write(connection, write, rows)

    def replace_dates(self, table: Table, frame: pd.DataFrame, dates: Sequence[date]) -> None:
        """Replace exactly these dates; see :class:`Warehouse`."""
        self.commit([writes_for_dates(table, conform(frame, table), dates)])

    def merge_rows(self, table: Table, frame: pd.DataFrame) -> MergeCounts:
        """Insert or change rows by key; see :class:`Warehouse`."""
        rows = to_arrow(rows_to_merge(table, frame), table)
        same_key, digest = equal_columns("stored", "incoming", table.unit or table.key), table.hash_column
        with self._connection() as connection, _transaction(connection):
            connection.register("incoming_rows", rows)
            connection.execute("CREATE OR REPLACE TEMP TABLE incoming AS SELECT * FROM incoming_rows")
            stored_same = f"SELECT 1 FROM {table.full_name} AS stored WHERE {same_key}"
            unchanged = _single(
                connection,
                f"DELETE FROM incoming WHERE EXISTS ({stored_same} AND stored.{digest} = incoming.{digest})",
            )
            changed = _single(connection, f"SELECT count(*) FROM incoming WHERE EXISTS ({stored_same})")
            left = _single(connection, "SELECT count(*) FROM incoming")
            connection.execute(
                f"DELETE FROM {table.full_name} AS stored WHERE EXISTS (SELECT 1 FROM incoming WHERE {same_key})"
            )
            connection.execute(f"INSERT INTO {table.full_name} BY NAME SELECT * FROM incoming")
            connection.execute("DROP TABLE incoming")
        return MergeCounts(added=left - changed, changed=changed, unchanged=unchanged)

    def counts_by_date(self, table: Table, start: date | None = None, end: date | None = None) -> pd.DataFrame:
        """Stored rows and games per date; see :class:`Warehouse`."""
        with self._connection() as connection:
            if not _stored_columns(connection, table):
                return pd.DataFrame(
                    {
                        "game_date": pd.Series(dtype="datetime64[ns]"),
                        "rows": pd.Series(dtype="int64"),
                        "games": pd.Series(dtype="int64"),
                    }
                )
            where, values = date_filter(table, start, end)
            games = "count(DISTINCT game_id)" if "game_id" in table.by_name else "0"
            query = (
                f"SELECT {table.date_column} AS game_date, count(*) AS rows, {games} AS games "
                f"FROM {table.full_name}{where} GROUP BY 1 ORDER BY 1"
            )
            frame = connection.sql(query, params=values).to_arrow_table().to_pandas(date_as_object=False)
        return frame.assign(game_date=pd.to_datetime(frame["game_date"]).astype("datetime64[ns]"))

    def digests_by_date(self, tables: Sequence[Table], start: date, end: date) -> pd.DataFrame:
        """Digests of tables per date in one statement; see :class:`Warehouse`."""
        with self._connection() as connection:
            stored = _stored_columns_of_all(connection)
            found = [table for table in tables if table.full_name in stored]
            if not found:
                return pd.DataFrame(
                    {name: pd.Series(dtype="string") for name in ("table_name", "digest")}
                    | {"game_date": pd.Series(dtype="datetime64[ns]"), "season_year": pd.Series(dtype="Int64")}
                )
            asked = [digest_query(table, stored[table.full_name], start, end) for table in found]
            query = " UNION ALL ".join(text for text, _ in asked)
            values = [value for _, bounds in asked for value in bounds]
            # A column with NULL would become one of floats, which cannot hold every number.
            answer = connection.sql(query, params=values).to_arrow_table()
            frame = answer.to_pandas(date_as_object=False, integer_object_nulls=True)
        kinds = {"table_name": "string", "game_date": "datetime64[ns]", "season_year": "Int64", "digest": "string"}
        return frame.astype(kinds)

    def profile(self, table: Table, start: date | None = None, end: date | None = None) -> dict[str, object]:
        """First and last date, rows, dates and duplicates; see :class:`Warehouse`."""
        day = table.date_column
        with self._connection() as connection:
            if not _stored_columns(connection, table):
                return {"first_date": None, "last_date": None, "rows": 0, "dates": 0, "duplicate_keys": 0}
            where, values = date_filter(table, start, end)
            key = ", ".join(f'"{name}"' for name in table.key)
            bounds = f"min({day}) AS first, max({day}) AS last, count(*) AS n"
            per_key = f"SELECT {bounds} FROM {table.full_name}{where} GROUP BY {key}"
            query = (
                f"SELECT min(first) AS first_date, max(last) AS last_date, coalesce(sum(n), 0)::BIGINT AS rows, "
                f"(SELECT count(DISTINCT {day}) FROM {table.full_name}{where}) AS dates, "
                f"count(*) FILTER (WHERE n > 1) AS duplicate_keys FROM ({per_key})"
            )
            values = values * 2
            relation = connection.sql(query, params=values)
            return dict(zip(relation.columns, relation.fetchall()[0], strict=True))

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with _PROCESS_LOCK:
            connection = self._open()
            try:
                yield connection
            finally:
                connection.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        give_up_at = time.monotonic() + self.wait_seconds
        pause = 0.05
        while True:
            try:
                connection = duckdb.connect(str(self.path))
                connection.execute("SET TimeZone = 'UTC'")
                threads = max(2, _single(connection, "SELECT current_setting('threads')"))
                connection.execute(f"SET memory_limit = '{threads * _MEGABYTES_A_THREAD}MB'")
                return connection
            except duckdb.IOException as error:
                message = str(error)
                if not self.path.parent.is_dir():
                    raise WarehouseError(
                        f"directory {self.path.parent} of the warehouse file does not exist; create it"
                    ) from error
                if "lock" not in message.lower():
                    raise WarehouseError(f"cannot open {self.label}: {message}") from error
                if time.monotonic() + pause > give_up_at:
                    raise WarehouseLockedError(
                        f"{self.label} is held by {_holder(message)} and was not released within "
                        f"{self.wait_seconds:g} s; close that session and try again"
                    ) from error
                # Jitter keeps several waiting processes from knocking at the same moments.
                time.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(pause * 2, 1.0)


def _holder(message: str) -> str:
    program = re.search(r"held in (.+?) \(PID (\d+)\)", message)
    return f"process {program[2]} ({program[1]})" if program else "another process"


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _write(connection: duckdb.DuckDBPyConnection, write: Write, rows: object) -> None:
    table = write.table
    connection.register("incoming", rows)
    incoming = "SELECT * FROM incoming"
    if write.replaces is not None:
        incoming = _carried_over(connection, table)
        scope = _scope(write.replaces, table)
        connection.register("scope_rows", scope)
        connection.execute(
            f"DELETE FROM {table.full_name} AS stored USING scope_rows AS incoming "
            f"WHERE {equal_columns('stored', 'incoming', list(scope.columns))}"
        )
        connection.unregister("scope_rows")
    connection.execute(f"INSERT INTO {table.full_name} BY NAME {incoming}")
    connection.unregister("incoming")


def _scope(scope: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The distinct values to replace, with dates as plain dates, which DuckDB compares with DATE columns."""
    scope = scope.drop_duplicates()
    dates = [name for name in scope.columns if table.by_name[name].type is ColumnType.DATE]
    return scope.assign(**{name: pd.to_datetime(scope[name]).dt.date for name in dates})


def _carried_over(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Query for the incoming rows with the first-seen times and versions of the stored rows with the same key."""
    replaced = {name: f"coalesce(earlier.{name}, incoming.{name})" for name in table.first_seen_columns}
    kept = [*table.key, *table.first_seen_columns]
    if table.version_column and table.hash_column:
        version, digest = table.version_column, table.hash_column
        changed = f"CASE WHEN earlier.{digest} IS NOT DISTINCT FROM incoming.{digest} THEN 0 ELSE 1 END"
        replaced[version] = f"coalesce(earlier.{version} + {changed}, incoming.{version})"
        kept += [version, digest]
    if not replaced:
        return "SELECT * FROM incoming"
    key, columns = (", ".join(f'"{name}"' for name in names) for names in (table.key, kept))
    # Only these few columns are set aside: a copy of whole rows would be the largest thing in memory.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE earlier AS "
        f"SELECT DISTINCT ON ({key}) {columns} FROM {table.full_name} AS stored "
        f"WHERE EXISTS (SELECT 1 FROM incoming WHERE {equal_columns('stored', 'incoming', table.key)})"
    )
    values = ", ".join(f'{value} AS "{name}"' for name, value in replaced.items())
    return (
        f"SELECT incoming.* REPLACE ({values}) FROM incoming "
        f"LEFT JOIN earlier ON {equal_columns('earlier', 'incoming', table.key)}"
    )


def _extend(connection: duckdb.DuckDBPyConnection, table: Table, stored: dict[str, str]) -> None:
    for column in table.columns:
        wanted = _TYPES[column.type]
        if column.name not in stored:
            connection.execute(f'ALTER TABLE {table.full_name} ADD COLUMN "{column.name}" {wanted}')
        elif stored[column.name] != wanted:
            raise SchemaError(
                f"{table.full_name}.{column.name} is stored as {stored[column.name]} but declared as {wanted}; "
                "rename the stored column or change the declaration"
            )


def _stored_columns(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, str]:
    rows = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = ? AND table_name = ?",
        [table.dataset, table.name],
    ).fetchall()
    return {str(name): str(kind) for name, kind in rows}


def _stored_columns_of_all(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """Stored columns by full name of the table."""
    rows = connection.execute(
        "SELECT table_schema || '.' || table_name, list(column_name) FROM information_schema.columns GROUP BY 1"
    ).fetchall()
    return {str(name): set(names) for name, names in rows}


def _single(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    """The one number a statement answers: a count, or the rows a DELETE removed."""
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0
