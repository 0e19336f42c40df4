"""The BigQuery engine: reads through the Storage API, heavy questions as SQL in the engine, writes in transactions."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date

import pandas as pd
import pyarrow as pa
from google.api_core import exceptions as google_errors
from google.cloud import bigquery

from analytics_assets.tables.declaration import ColumnType, Table
from analytics_assets.tables.frames import (
    SchemaError,
    as_date,
    conform,
    empty_frame,
    from_arrow,
    to_arrow,
    with_null_columns,
)
from analytics_assets.tables.reduction import AskedValues, Reduction
from analytics_assets.warehouse.bigquery_address import BigQueryAddress
from analytics_assets.warehouse.bigquery_client import connect
from analytics_assets.warehouse.bigquery_errors import explained, missing_dataset, other_location
from analytics_assets.warehouse.bigquery_jobs import BigQueryJobs
from analytics_assets.warehouse.bigquery_schema import (
    gained_columns,
    new_table,
    staged_rows,
    staged_scope,
    staging_fields,
    stored_types,
    table_path,
)
from analytics_assets.warehouse.bigquery_statements import (
    StagedWrite,
    add_columns,
    commit_script,
    counts_query,
    digest_query,
    merge_script,
    profile_query,
    reduction_query,
    replace_script,
    row_restriction,
    select_rows,
)
from analytics_assets.warehouse.interface import MergeCounts, WarehouseError, Write, writes_for_dates
from analytics_assets.warehouse.writes import joined_writes, rows_to_merge

STAGING_DATASET = "nba_ops"
# Asking for a table's columns costs a tenth of a second, and one run asks for the same tables over and over.
_SECONDS_COLUMNS_ARE_KNOWN = 60.0
_TURNS = 5
# What the Storage API reads; it reads no views.
_TABLE_TYPES = ("TABLE", None)


class BigQueryWarehouse:
    """Warehouse in the data sets of one Google Cloud project.

    Args:
        address: Project, location, limits.
        client: Google's client; by default one that is made from the address.
        staging_dataset: Data set that holds staging tables, which expire by themselves.
        pause: Waits some seconds between attempts at a transaction.
    """

    def __init__(
        self,
        address: BigQueryAddress,
        client: bigquery.Client | None = None,
        staging_dataset: str = STAGING_DATASET,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address
        self._client = client or connect(address)
        self._jobs = BigQueryJobs(address, self._client, pause)
        self._staging_dataset = address.dataset_prefix + staging_dataset
        self._known: dict[str, tuple[float, Mapping[str, str], bool]] = {}
        self._checked: set[str] = set()

    @property
    def label(self) -> str:
        """Project and location."""
        return f"BigQuery project {self.address.project} ({self.address.location})"

    def ensure(self, *tables: Table) -> None:
        """Create or extend tables; see :class:`Warehouse`."""
        for table in map(self._placed, tables):
            wanted = new_table(self.address.project, table)
            self._check_dataset(table.dataset)
            with explained(self.address):
                self._ensure(wanted, table)

    def _ensure(self, wanted: bigquery.Table, table: Table) -> None:
        try:
            found = self._client.get_table(wanted.reference)
        except google_errors.NotFound:
            # Another deployment may create it between our look and this.
            self._client.create_table(wanted, exists_ok=True)
            found = self._client.get_table(wanted.reference)
        gained = gained_columns(table, stored_types(found.schema))
        if gained:
            self._jobs.run(add_columns(self.address.project, table, gained))
        stored = stored_types(found.schema) | {column.name: column.type.value for column in gained}
        self._remember(table, stored, is_plain=found.table_type in _TABLE_TYPES)

    def read(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        dates: Sequence[date] | None = None,
    ) -> pd.DataFrame:
        """Rows of a date range, in the order of the key; see :class:`Warehouse`."""
        wanted = list(columns) if columns is not None else table.column_names
        table = self._placed(table)
        stored, is_plain = self._readable(table, wanted)
        if not stored or (dates is not None and not dates):
            return empty_frame(table)[wanted]
        # Even if the stored table has none of the wanted columns, its number of rows is read.
        found = [name for name in wanted if name in stored] or [table.key[0]]
        if is_plain:
            path = table_path(self.address.project, table)
            rows = self._jobs.read_rows(path, found, row_restriction(table, start, end, dates))
        else:
            # The answer of a view still travels through the Storage API.
            query = select_rows(self.address.project, table, found, stored, start, end, dates)
            rows = self._jobs.query(query, start, end, _asked_dates(dates))
        frame = _ordered(rows, table, found)
        lacking = [name for name in wanted if name not in stored]
        return with_null_columns(frame, table, lacking)[wanted] if lacking else frame[wanted]

    def reduce(self, reduction: Reduction, start: date, end: date, dates: Sequence[date] | None = None) -> pd.DataFrame:
        """Answer of a reduction; see :class:`Warehouse`."""
        reduction = replace(reduction, source=self._placed(reduction.source))
        stored, _ = self._readable(reduction.source, reduction.columns)
        if not stored:
            return empty_frame(reduction.result)
        question = reduction_query(self.address.project, reduction, stored, start, end, dates)
        rows = self._jobs.query(question, start, end, {**_asked_dates(dates), **reduction.asked})
        return conform(_ordered(rows, reduction.result, rows.column_names), reduction.result)

    def commit(self, writes: Sequence[Write]) -> None:
        """All writes in one transaction; see :class:`Warehouse`."""
        staged, loads = [], []
        for table_writes in _by_table(joined_writes(writes)):
            parts = [self._staged(number, write) for number, write in enumerate(table_writes)]
            rows = pa.concat_tables([rows for _, rows in parts])
            if rows.num_rows:
                staging = parts[0][0].staging
                loads.append((".".join([self.address.project, *staging]), staging_fields(table_writes[0].table), rows))
                staged += [replace(write, staging=staging) for write, _ in parts]
        if loads:
            with self._loaded(loads):
                self._run_until_alone(commit_script(self.address.project, staged))

    def replace_dates(self, table: Table, frame: pd.DataFrame, dates: Sequence[date]) -> None:
        """Replace exactly these dates; see :class:`Warehouse`."""
        self.commit([writes_for_dates(table, conform(frame, table), dates)])

    def merge_rows(self, table: Table, frame: pd.DataFrame) -> MergeCounts:
        """Insert or change rows by key; see :class:`Warehouse`."""
        rows = rows_to_merge(table, frame)
        if rows.empty:
            return MergeCounts(0, 0, 0)
        write, staged = self._staged(0, Write(table, rows))
        together, dates = table.unit or table.key, None
        if table.date_column in together and rows[table.date_column].notna().all():
            dates = (as_date(rows[table.date_column].min()), as_date(rows[table.date_column].max()))
        write = replace(write, scope=together, dates=dates, by_key=True)
        path = ".".join([self.address.project, *write.staging])
        with self._loaded([(path, staging_fields(table), staged)]):
            answer = self._jobs.script(merge_script(self.address.project, write))
            unchanged, changed, surplus = (int(value) for value in answer[0].values())
            if surplus:
                self._run_until_alone(replace_script(self.address.project, write))
        return MergeCounts(added=len(rows) - unchanged - changed, changed=changed, unchanged=unchanged)

    def counts_by_date(self, table: Table, start: date | None = None, end: date | None = None) -> pd.DataFrame:
        """Stored rows and games per date; see :class:`Warehouse`."""
        kinds = {"game_date": "datetime64[ns]", "rows": "int64", "games": "int64"}
        table = self._placed(table)
        if not self._stored(table)[0]:
            return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
        rows = self._jobs.query(counts_query(self.address.project, table, start, end), start, end)
        return rows.to_pandas(date_as_object=False).astype(kinds)

    def digests_by_date(self, tables: Sequence[Table], start: date, end: date) -> pd.DataFrame:
        """Digests of tables per date in one statement; see :class:`Warehouse`."""
        kinds = {"table_name": "string", "game_date": "datetime64[ns]", "season_year": "Int64", "digest": "string"}
        question = self._digest_question(tables, start, end)
        if question is None:
            return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
        rows = self._jobs.query(question, start, end)
        return rows.to_pandas(date_as_object=False).astype(kinds)

    def profile(self, table: Table, start: date | None = None, end: date | None = None) -> dict[str, object]:
        """First and last date, rows, dates and duplicates; see :class:`Warehouse`."""
        table = self._placed(table)
        if not self._stored(table)[0]:
            return {"first_date": None, "last_date": None, "rows": 0, "dates": 0, "duplicate_keys": 0}
        return self._jobs.query(profile_query(self.address.project, table, start, end), start, end).to_pylist()[0]

    def bytes_to_read(
        self,
        table: Table,
        columns: Sequence[str] | None,
        start: date | None,
        end: date | None,
        dates: Sequence[date] | None = None,
    ) -> int:
        """Bytes that :meth:`read` would scan; free of charge."""
        table = self._placed(table)
        wanted = list(columns) if columns is not None else table.column_names
        stored, is_plain = self._readable(table, wanted)
        found = [name for name in wanted if name in stored]
        if not found:
            return 0
        if is_plain:
            path = table_path(self.address.project, table)
            return self._jobs.bytes_of_read(path, found, row_restriction(table, start, end, dates))
        query = select_rows(self.address.project, table, found, stored, start, end, dates)
        return self._jobs.bytes_scanned(query, start, end, _asked_dates(dates))

    def bytes_to_reduce(self, reduction: Reduction, start: date, end: date, dates: Sequence[date] | None = None) -> int:
        """Bytes that :meth:`reduce` would scan; free of charge."""
        reduction = replace(reduction, source=self._placed(reduction.source))
        stored, _ = self._readable(reduction.source, reduction.columns)
        if not stored:
            return 0
        question = reduction_query(self.address.project, reduction, stored, start, end, dates)
        return self._jobs.bytes_scanned(question, start, end, {**_asked_dates(dates), **reduction.asked})

    def bytes_to_count(self, table: Table, start: date | None, end: date | None) -> int:
        """Bytes that :meth:`counts_by_date` would scan; free of charge."""
        table = self._placed(table)
        if not self._stored(table)[0]:
            return 0
        return self._jobs.bytes_scanned(counts_query(self.address.project, table, start, end), start, end)

    def bytes_to_digest(self, tables: Sequence[Table], start: date, end: date) -> int:
        """Bytes that :meth:`digests_by_date` would scan; free of charge."""
        question = self._digest_question(tables, start, end)
        return 0 if question is None else self._jobs.bytes_scanned(question, start, end)

    def _digest_question(self, tables: Sequence[Table], start: date, end: date) -> str | None:
        stored = [(table, self._stored(table)[0]) for table in map(self._placed, tables)]
        asked = [digest_query(self.address.project, table, known, start, end) for table, known in stored if known]
        return " UNION ALL ".join(asked) or None

    def _placed(self, table: Table) -> Table:
        """The table in the data set of this warehouse."""
        prefix = self.address.dataset_prefix
        return replace(table, dataset=prefix + table.dataset) if prefix else table

    def _staged(self, number: int, write: Write) -> tuple[StagedWrite, pa.Table]:
        """What is to be done for a write, and the rows of its staging table."""
        table = self._placed(write.table)
        rows = staged_rows(to_arrow(write.rows, table), table, number)
        scope: tuple[str, ...] = ()
        dates = None
        if write.replaces is not None and len(write.replaces):
            scope = tuple(str(column) for column in write.replaces.columns)
            rows = pa.concat_tables([rows, staged_scope(write.replaces, table, number)])
            if table.date_column in scope and write.replaces[table.date_column].notna().all():
                days = pd.to_datetime(write.replaces[table.date_column])
                dates = (as_date(days.min()), as_date(days.max()))
        described = StagedWrite(
            table=table,
            staging=(self._staging_dataset, f"staging_{table.name}_{uuid.uuid4().hex}"),
            number=number,
            has_rows=not write.rows.empty,
            scope=scope,
            dates=dates,
            stored=self._stored(table)[0],
        )
        return described, rows

    @contextmanager
    def _loaded(self, loads: Sequence[tuple[str, Sequence[bigquery.SchemaField], pa.Table]]) -> Iterator[None]:
        """Staging tables that are there inside the block."""
        self._check_dataset(self._staging_dataset)
        try:
            self._jobs.load(loads)
            yield
        finally:
            for path, _, _ in loads:
                # Staging tables expire by themselves, so failing to remove one early is no failure.
                with suppress(Exception):
                    self._client.delete_table(path, not_found_ok=True)

    def _run_until_alone(self, script: str) -> None:
        """Run a script that replaces rows; again, as long as others inserted theirs at the same moment.

        The second time there are rows to delete, and of transactions that delete only one at a time gets through.
        """
        for _ in range(_TURNS):
            if not self._jobs.script(script):
                return
        raise WarehouseError(
            f"others keep writing the same rows to {self.label}; run the dates again when the other run has ended"
        )

    def _readable(self, table: Table, wanted: Sequence[str]) -> tuple[Mapping[str, str], bool]:
        """Stored types by column, none if the table does not exist, and whether it is a table and not a view."""
        unknown = [name for name in wanted if name not in table.by_name]
        if unknown:
            raise SchemaError(f"{table.full_name} declares no columns {', '.join(map(repr, unknown))}")
        stored, is_plain = self._stored(table)
        lacking = [name for name in wanted if name not in stored and table.by_name[name].required]
        if stored and lacking:
            raise SchemaError(
                f"{table.full_name} in {self.label} lacks the required columns {', '.join(lacking)}; add them"
            )
        return stored, is_plain

    def _stored(self, table: Table) -> tuple[Mapping[str, str], bool]:
        known = self._known.get(table.full_name)
        if known and time.monotonic() - known[0] < _SECONDS_COLUMNS_ARE_KNOWN:
            return known[1], known[2]
        wanted = new_table(self.address.project, table)
        self._check_dataset(table.dataset)
        with explained(self.address):
            try:
                found = self._client.get_table(wanted.reference)
            except google_errors.NotFound:
                return {}, True
        return self._remember(table, stored_types(found.schema), is_plain=found.table_type in _TABLE_TYPES)

    def _remember(self, table: Table, stored: Mapping[str, str], *, is_plain: bool) -> tuple[Mapping[str, str], bool]:
        self._known[table.full_name] = (time.monotonic(), stored, is_plain)
        return stored, is_plain

    def _check_dataset(self, dataset: str) -> None:
        """Tell a data set that is absent or lies elsewhere by name; BigQuery's own words for both are the same."""
        if dataset in self._checked:
            return
        with explained(self.address):
            try:
                found = self._client.get_dataset(f"{self.address.project}.{dataset}")
            except google_errors.NotFound as error:
                if "Project" in str(error):
                    raise
                raise missing_dataset(dataset, self.address) from error
        if str(found.location).lower() != self.address.location.lower():
            raise other_location(dataset, str(found.location), self.address)
        self._checked.add(dataset)


def _asked_dates(dates: Sequence[date] | None) -> dict[str, AskedValues]:
    """What a question binds as ``@dates``."""
    return {} if dates is None else {"dates": AskedValues(ColumnType.DATE, sorted(set(dates)))}


def _by_table(writes: Sequence[Write]) -> list[list[Write]]:
    groups: dict[str, list[Write]] = {}
    for write in writes:
        groups.setdefault(write.table.full_name, []).append(write)
    return list(groups.values())


def _ordered(rows: pa.Table | None, table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a frame in the order of the key, because BigQuery gives them in any order."""
    if rows is None:
        return empty_frame(table)[list(columns)]
    rows = rows.cast(pa.schema([(field.name, _plain_type(field.type)) for field in rows.schema]))
    frame = from_arrow(rows, table)[list(columns)]
    key = [name for name in table.key if name in frame.columns]
    return frame.sort_values(key, kind="stable", ignore_index=True) if key else frame


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """The type in which values are read: JSON as its text, exact decimals of tables that others made as numbers."""
    if isinstance(kind, pa.BaseExtensionType):
        return kind.storage_type
    return pa.float64() if pa.types.is_decimal(kind) else kind
