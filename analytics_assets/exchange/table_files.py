"""One table as one Parquet file: written from its declaration, and read back only if it agrees with that."""

import hashlib
import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics_assets.tables.declaration import Column, Table
from analytics_assets.tables.frames import arrow_schema, from_arrow, row_digests, to_arrow


class ExchangeError(ValueError):
    """An export or import that cannot be done; the message names the file, table and column and what to do."""


def parquet_bytes(frame: pd.DataFrame, table: Table) -> bytes:
    """The rows as a Parquet file, in the order of the key, so that the same rows give the same bytes.

    Every field carries the column's description, unit and NULL rule as metadata, the file the table's grain.

    Args:
        frame: Rows in the declared columns.
        table: The declaration.
    """
    rows = to_arrow(frame.sort_values(list(table.key), kind="stable", ignore_index=True), table)
    fields = [field.with_metadata(_told(table.by_name[field.name])) for field in rows.schema]
    schema = pa.schema(fields, metadata={"table": table.full_name, "grain": table.grain})
    file = io.BytesIO()
    pq.write_table(rows.cast(schema), file, compression="zstd")
    return file.getvalue()


def _told(column: Column) -> dict[str, str]:
    told = {"description": column.description, "unit": column.unit, "null_rule": column.null_rule}
    return {name: text for name, text in told.items() if text}


def rows_of_parquet(content: bytes, table: Table, name: str) -> pd.DataFrame:
    """The rows of a file, in the declared dtypes.

    Args:
        content: The whole file.
        table: The declaration that the file must agree with.
        name: The file's name, for messages.

    Raises:
        ExchangeError: The file is damaged, or lacks columns, has others, or has some of another type.
    """
    try:
        rows = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ExchangeError(f"{name}: the Parquet content is damaged ({error}); export or copy it again") from error
    expected, found = arrow_schema(table), rows.schema
    missing = [column for column in expected.names if column not in found.names]
    unknown = [column for column in found.names if column not in expected.names]
    common = [column for column in expected.names if column in found.names]
    retyped = [
        f"{column} is {found.field(column).type} and not {expected.field(column).type}"
        for column in common
        if found.field(column).type != expected.field(column).type
    ]
    problems = [
        f"{what} {', '.join(columns)}"
        for what, columns in (("lacks", missing), ("has the unknown columns", unknown), ("", retyped))
        if columns
    ]
    if problems:
        raise ExchangeError(
            f"{name} is no {table.full_name} of this version: {'; '.join(problems).strip()}; export it again with the "
            "version of the project that imports it"
        )
    return from_arrow(rows.select(expected.names), table)


def content_hash(frame: pd.DataFrame, table: Table) -> str:
    """Digest of which rows the frame holds, whatever their order; times of writing and counters play no part."""
    digests = sorted(row_digests(frame, table.content_columns))
    return hashlib.sha256("".join(digests).encode()).hexdigest()
