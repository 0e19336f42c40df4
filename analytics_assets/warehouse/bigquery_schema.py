"""BigQuery's form of a declaration: tables to create, columns to add, staging tables and their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from google.cloud import bigquery

from analytics_assets.tables.declaration import Column, ColumnType, Table
from analytics_assets.tables.frames import SchemaError, arrow_schema, to_arrow
from analytics_assets.warehouse.bigquery_statements import STAGED_SCOPE, STAGED_WRITE, described, name

_MOST_CLUSTERED = 4
_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}


def new_table(project: str, table: Table) -> bigquery.Table:
    """The table to create: partitioned by day, clustered, every column described.

    Raises:
        SchemaError: A name is not one that BigQuery takes.
    """
    for identifier in (table.dataset, table.name, *table.column_names):
        name(identifier)
    created = bigquery.Table(table_path(project, table), schema=[_field(column) for column in table.columns])
    created.description = f"{table.grain} {table.description}"[:16384]
    if table.date_column:
        created.time_partitioning = bigquery.TimePartitioning(
            type_=bigquery.TimePartitioningType.DAY, field=table.date_column
        )
    if table.cluster_by:
        created.clustering_fields = list(table.cluster_by[:_MOST_CLUSTERED])
    return created


def table_path(project: str, table: Table) -> str:
    """``project.dataset.table``."""
    return f"{project}.{table.dataset}.{table.name}"


def stored_types(fields: Sequence[bigquery.SchemaField]) -> dict[str, str]:
    """Type by column as a declaration would name it."""
    kinds = {field.name: _NAMES.get(field.field_type, field.field_type) for field in fields}
    return {
        field.name: f"ARRAY<{kinds[field.name]}>" if field.mode == "REPEATED" else kinds[field.name] for field in fields
    }


def gained_columns(table: Table, stored: Mapping[str, str]) -> list[Column]:
    """Columns that the declaration has and the stored table lacks.

    Raises:
        SchemaError: A stored column has another type than declared. NUMERIC may hold what is declared FLOAT64.
    """
    for column in table.columns:
        kind = stored.get(column.name)
        exact = kind in ("NUMERIC", "BIGNUMERIC") and column.type is ColumnType.FLOAT64
        if kind is not None and kind != column.type.value and not exact:
            raise SchemaError(
                f"{table.full_name}.{column.name} is stored as {kind} but declared as {column.type.value}; "
                "rename the stored column or change the declaration"
            )
    return [column for column in table.columns if column.name not in stored]


def _field(column: Column) -> bigquery.SchemaField:
    name(column.name)
    kind, mode = column.type.value, "REQUIRED" if column.required else "NULLABLE"
    if column.type is ColumnType.STRING_ARRAY:
        kind, mode = "STRING", "REPEATED"
    return bigquery.SchemaField(column.name, kind, mode=mode, description=described(column))


def staging_fields(table: Table) -> list[bigquery.SchemaField]:
    """Schema of a staging table: all columns may be NULL, JSON is text, and two say what a row is for."""
    fields = [_field(replace(column, required=False)) for column in table.columns]
    texts = [bigquery.SchemaField(field.name, "STRING") if field.field_type == "JSON" else field for field in fields]
    return [*texts, bigquery.SchemaField(STAGED_WRITE, "INT64"), bigquery.SchemaField(STAGED_SCOPE, "BOOL")]


def staged_rows(rows: pa.Table, table: Table, number: int) -> pa.Table:
    """Rows of the declared Arrow schema as rows of a staging table."""
    return _marked(rows, table, number, is_scope=False)


def staged_scope(scope: pd.DataFrame, table: Table, number: int) -> pa.Table:
    """Values of some columns that say what is replaced, as rows of a staging table."""
    columns = tuple(replace(table.by_name[str(column)], required=False) for column in scope.columns)
    narrow = Table(
        dataset=table.dataset,
        name=table.name,
        grain=table.grain,
        description=table.description,
        key=(),
        date_column=None,
        columns=columns,
    )
    return _marked(to_arrow(scope.drop_duplicates(), narrow), table, number, is_scope=True)


def _marked(rows: pa.Table, table: Table, number: int, *, is_scope: bool) -> pa.Table:
    arrays, fields = [], []
    for field in arrow_schema(table):
        known = field.name in rows.column_names
        values = rows.column(field.name) if known else pa.chunked_array([pa.nulls(rows.num_rows, field.type)])
        if pa.types.is_list(field.type) and values.null_count:
            # BigQuery knows no NULL for lists.
            values = pc.call_function("if_else", [values.is_null(), pa.scalar([], type=field.type), values])
        arrays.append(values)
        fields.append(field.with_nullable(True))
    arrays += [pa.array([number] * rows.num_rows, pa.int64()), pa.array([is_scope] * rows.num_rows, pa.bool_())]
    fields += [pa.field(STAGED_WRITE, pa.int64()), pa.field(STAGED_SCOPE, pa.bool_())]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))
