"""Running jobs in BigQuery: queries, load jobs and scripts, each sent once however often the network fails."""

import io
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from google.api_core import exceptions as google_errors
from google.cloud import bigquery
from google.cloud.bigquery_storage_v1 import BigQueryReadClient, types

from analytics_assets.tables.reduction import AskedValues
from analytics_assets.warehouse.bigquery_address import BigQueryAddress
from analytics_assets.warehouse.bigquery_client import connect_for_reading
from analytics_assets.warehouse.bigquery_errors import explained, is_worth_repeating
from analytics_assets.warehouse.interface import WarehouseError

# Far longer than any commit takes; after that BigQuery removes what a crashed run left behind.
STAGING_LIFETIME = timedelta(hours=6)
_STREAMS = 4
_ATTEMPTS = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_NOTHING_ASKED: Mapping[str, AskedValues] = {}


class BigQueryJobs:
    """Sends jobs of one project and waits for them.

    Args:
        address: Project, location and limits.
        client: Google's client for jobs and tables.
        pause: Waits some seconds between attempts.
    """

    def __init__(
        self, address: BigQueryAddress, client: bigquery.Client, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._address = address
        self._client = client
        self._pause = pause
        self._reader: BigQueryReadClient | None = None

    def query(
        self,
        sql: str,
        start: date | None = None,
        end: date | None = None,
        asked: Mapping[str, AskedValues] = _NOTHING_ASKED,
    ) -> pa.Table:
        """The answer to a query that may bind ``@start`` and ``@end``, and lists of values by their names.

        Raises:
            WarehouseError: As :func:`~analytics_assets.warehouse.bigquery_errors.explain` tells.
        """
        with explained(self._address):
            rows = self._finished(sql, _parameters([("start", start), ("end", end)], asked))
            # The emulator's Storage API knows stored tables only, no answers.
            storage = None if self._address.emulator else self._storage()
            return rows.to_arrow(bqstorage_client=storage, create_bqstorage_client=False)

    def script(self, sql: str) -> list[Any]:
        """Rows of the last statement of a script, which is repeated when it was rolled back over a conflict.

        Raises:
            WarehouseError: The conflict lasted, or the script was refused; it has changed nothing then.
        """
        with explained(self._address):
            return list(self._finished(sql))

    def run(self, sql: str) -> None:
        """Carry out one statement."""
        with explained(self._address):
            self._finished(sql)

    def bytes_scanned(
        self,
        sql: str,
        start: date | None = None,
        end: date | None = None,
        asked: Mapping[str, AskedValues] = _NOTHING_ASKED,
    ) -> int:
        """What a query would scan, told by a dry run, which costs nothing."""
        settings = bigquery.QueryJobConfig(
            dry_run=True, use_query_cache=False, query_parameters=_parameters([("start", start), ("end", end)], asked)
        )
        with explained(self._address):
            return int(self._client.query(sql, job_config=settings).total_bytes_processed or 0)

    def load(self, tables: Sequence[tuple[str, Sequence[bigquery.SchemaField], pa.Table]]) -> None:
        """Create staging tables that expire and fill each by one load job; the jobs run side by side.

        Args:
            tables: Path, schema and rows of each.
        """
        expires = datetime.now(UTC) + STAGING_LIFETIME
        with explained(self._address):
            started = []
            for path, schema, rows in tables:
                staging = bigquery.Table(path, schema=schema)
                staging.expires = expires
                self._client.create_table(staging)
                start, name = partial(self._start_load, path, schema, rows), _new_name()
                started.append((start, name, start(f"{name}-1")))
            for start, name, job in started:
                self._result(start, name, job)

    def read_rows(self, table: str, columns: Sequence[str], restriction: str) -> pa.Table | None:
        """Columns of a stored table through the Storage API; None if it gives no rows.

        Args:
            table: ``project.dataset.table``.
            columns: Stored columns to read.
            restriction: Filter of rows, without ``WHERE``; empty reads all.

        Raises:
            WarehouseError: The read would scan more than the address allows, or is not possible.
        """
        with explained(self._address):
            session = self._read_session(table, columns, restriction)
            if session.estimated_total_bytes_scanned > self._address.maximum_bytes_billed:
                raise WarehouseError(
                    f"reading {table} would scan {session.estimated_total_bytes_scanned / 2**30:.1f} GB, more than the "
                    f"{self._address.maximum_bytes_billed / 2**30:g} GB allowed; ask for fewer dates, or raise "
                    "maximum_gigabytes_billed in the warehouse's URL"
                )
            streams = [stream.name for stream in session.streams]
            if not streams:
                return None
            schema = pa.ipc.read_schema(pa.py_buffer(session.arrow_schema.serialized_schema))
            with ThreadPoolExecutor(len(streams)) as pool:
                parts = list(pool.map(self._batches, streams, [schema] * len(streams)))
        return pa.Table.from_batches([batch for part in parts for batch in part], schema)

    def _batches(self, stream: str, schema: pa.Schema) -> list[pa.RecordBatch]:
        """All rows of a stream, which Google's client resumes where a connection breaks."""
        return [
            pa.ipc.read_record_batch(pa.py_buffer(answer.arrow_record_batch.serialized_record_batch), schema)
            for answer in self._storage().read_rows(stream)
        ]

    def bytes_of_read(self, table: str, columns: Sequence[str], restriction: str) -> int:
        """What a read would scan; opening a read session costs nothing."""
        with explained(self._address):
            return int(self._read_session(table, columns, restriction).estimated_total_bytes_scanned)

    def _read_session(self, table: str, columns: Sequence[str], restriction: str) -> types.ReadSession:
        project, dataset, name = table.rsplit(".", 2)
        options = types.ReadSession.TableReadOptions(selected_fields=list(columns), row_restriction=restriction)
        return self._storage().create_read_session(
            parent=f"projects/{self._address.project}",
            read_session=types.ReadSession(
                table=f"projects/{project}/datasets/{dataset}/tables/{name}",
                data_format=types.DataFormat.ARROW,
                read_options=options,
            ),
            max_stream_count=_STREAMS,
        )

    def _storage(self) -> BigQueryReadClient:
        if self._reader is None:
            self._reader = connect_for_reading(self._address, self._client)
        return self._reader

    def _finished(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Rows of a query or script."""
        return self._result(lambda job_id: self._start_query(sql, parameters, job_id))

    def _result(self, start: Callable[[str], Any], name: str | None = None, job: Any = None) -> Any:
        """Result of a job, sent again under a new name as long as BigQuery rolls it back over conflicts or faults.

        Args:
            start: Sends the job under a name.
            name: What all its names begin with.
            job: The job, if it was sent already.
        """
        name, pause = name or _new_name(), _FIRST_PAUSE
        for attempt in range(1, _ATTEMPTS + 1):
            job = job or start(f"{name}-{attempt}")
            try:
                return job.result()
            except google_errors.GoogleAPICallError as error:
                # Only a job that is known to have failed may be sent again; one that still runs may yet commit.
                failed = job.state == "DONE" and job.error_result is not None
                if not failed or attempt == _ATTEMPTS or not is_worth_repeating(error):
                    raise
            # Jitter keeps two deployments from meeting again at the same moment.
            self._pause(pause * random.uniform(0.5, 1.0))
            job, pause = None, min(pause * 2, _LONGEST_PAUSE)
        raise AssertionError("the last attempt returns or raises")

    def _start_query(self, sql: str, parameters: Sequence[Any], job_id: str) -> Any:
        settings = bigquery.QueryJobConfig(
            query_parameters=list(parameters), maximum_bytes_billed=self._address.maximum_bytes_billed
        )
        try:
            return self._client.query(
                sql, job_config=settings, job_id=job_id, job_retry=None, location=self._address.location
            )
        except google_errors.Conflict:
            # The answer to the first sending was lost; the job is there.
            return self._client.get_job(job_id, location=self._address.location)

    def _start_load(self, path: str, schema: Sequence[bigquery.SchemaField], rows: pa.Table, job_id: str) -> Any:
        lists = bigquery.ParquetOptions()
        lists.enable_list_inference = True
        # A table that holds rows already refuses more, so that a repeated job cannot double them.
        settings = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            write_disposition=bigquery.WriteDisposition.WRITE_EMPTY,
            parquet_options=lists,
            schema=list(schema),
        )
        file = io.BytesIO()
        pq.write_table(rows, file)
        try:
            # Without a size the upload can be resumed, which the client does by itself.
            return self._client.load_table_from_file(
                file, path, rewind=True, job_id=job_id, location=self._address.location, job_config=settings
            )
        except google_errors.Conflict:
            return self._client.get_job(job_id, location=self._address.location)


def _new_name() -> str:
    return f"nba-{uuid.uuid4().hex}"


def _parameters(bounds: Sequence[tuple[str, date | None]], asked: Mapping[str, AskedValues]) -> list[Any]:
    single = [bigquery.ScalarQueryParameter(name, "DATE", value) for name, value in bounds if value is not None]
    lists = [
        bigquery.ArrayQueryParameter(name, found.type.value, list(dict.fromkeys(found.values)))
        for name, found in asked.items()
    ]
    return [*single, *lists]
