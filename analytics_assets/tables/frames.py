"""Frames that agree with a declaration: dtypes, empty frames, conforming, Arrow schema and content digests."""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics_assets.tables.declaration import ColumnType, Table

PANDAS_DTYPES: dict[ColumnType, Any] = {
    ColumnType.STRING: "string",
    ColumnType.INT64: "Int64",
    ColumnType.FLOAT64: "float64",
    ColumnType.BOOL: "boolean",
    ColumnType.DATE: "datetime64[ns]",
    ColumnType.TIMESTAMP: "datetime64[us, UTC]",
    ColumnType.STRING_ARRAY: "object",
    ColumnType.JSON: "string",
}
_ARROW_TYPES = {
    ColumnType.STRING: pa.string(),
    ColumnType.INT64: pa.int64(),
    ColumnType.FLOAT64: pa.float64(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    ColumnType.STRING_ARRAY: pa.list_(pa.string()),
    ColumnType.JSON: pa.string(),
}


_MIXING_PRIME = np.uint64(0x9E3779B97F4A7C15)
_ROWS_AT_ONCE = 8192
# Days since 1970 of the years 1700 and 2261: a bit less than the moments in nanoseconds that frames hold.
_FIRST_DAY, _LAST_DAY = -98615, 106651


class SchemaError(ValueError):
    """A frame does not agree with its table's declaration."""


def empty_frame(table: Table) -> pd.DataFrame:
    """Frame without rows, with every declared column in its dtype."""
    return conform(pd.DataFrame(columns=table.column_names), table)


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame with exactly the declared columns, in order and in their dtypes.

    Args:
        frame: Rows; nullable columns may be absent and are then NULL.
        table: Declaration to agree with.

    Raises:
        SchemaError: A column is undeclared, a required one is absent, or values cannot take the declared type.
    """
    undeclared = [name for name in frame.columns if name not in table.by_name]
    if undeclared:
        raise SchemaError(
            f"{table.full_name}: undeclared columns {', '.join(map(str, undeclared))}; declare or drop them"
        )
    absent = [c.name for c in table.columns if c.required and c.name not in frame.columns]
    if absent:
        raise SchemaError(f"{table.full_name}: required columns {', '.join(absent)} are absent")
    data = {}
    for column in table.columns:
        if column.name not in frame.columns:
            # Collecting columns instead of assigning into the frame keeps the result unfragmented.
            data[column.name] = _nulls(frame.index, column.type)
            continue
        values = frame[column.name]
        try:
            data[column.name] = _cast(values, column.type)
        except (TypeError, ValueError) as error:
            raise SchemaError(
                f"{table.full_name}.{column.name}: values of {values.dtype} cannot become {column.type.value}: {error}"
            ) from error
    return pd.DataFrame(data, index=frame.index, columns=table.column_names)


def _conforms(frame: pd.DataFrame, table: Table) -> bool:
    """Whether conforming the frame would change nothing."""
    dtypes = [PANDAS_DTYPES[column.type] for column in table.columns]
    return list(frame.columns) == table.column_names and [str(dtype) for dtype in frame.dtypes] == dtypes


def with_null_columns(frame: pd.DataFrame, table: Table, names: list[str]) -> pd.DataFrame:
    """The frame, which may hold only some of the table's columns, and further columns that are NULL throughout."""
    return frame.assign(**{name: _nulls(frame.index, table.by_name[name].type) for name in names})


def _nulls(index: pd.Index, kind: ColumnType) -> pd.Series:
    return pd.Series([None] * len(index), index=index, dtype=PANDAS_DTYPES[kind])


def _cast(values: pd.Series, kind: ColumnType) -> pd.Series:
    dtype = PANDAS_DTYPES[kind]
    if str(values.dtype) == dtype:
        return values
    if kind is ColumnType.TIMESTAMP:
        return pd.to_datetime(values, utc=True).astype(dtype)
    if kind is ColumnType.DATE:
        return pd.to_datetime(values).astype(dtype).dt.normalize()
    if kind is ColumnType.FLOAT64:
        return pd.to_numeric(values).astype("Float64").astype(dtype)
    return values.astype(dtype)


def as_date(stamp: Any) -> date:
    """Calendar date of a timestamp or anything that pandas reads as one."""
    return pd.Timestamp(stamp).date()


def date_series(dates: Iterable[date]) -> pd.Series:
    """Dates as the midnight timestamps that DATE columns hold."""
    return pd.to_datetime(pd.Series(list(dates), dtype="object"))


def arrow_schema(table: Table) -> pa.Schema:
    """Arrow schema of the table."""
    return pa.schema([pa.field(c.name, _ARROW_TYPES[c.type], nullable=not c.required) for c in table.columns])


def to_arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    """The frame as an Arrow table of the declared schema.

    Raises:
        SchemaError: As :func:`conform`, or a required column holds NULL.
    """
    if not _conforms(frame, table):
        frame = conform(frame, table)
    for column in table.columns:
        if column.required and frame[column.name].isna().any():
            rows = int(frame[column.name].isna().sum())
            raise SchemaError(f"{table.full_name}.{column.name}: {rows} rows are NULL although the column is required")
    arrays = [_arrow_array(frame[c.name], c.type) for c in table.columns]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


def _arrow_array(values: pd.Series, kind: ColumnType) -> pa.Array | pa.ChunkedArray:
    if kind is ColumnType.STRING_ARRAY:
        cells = zip(values, values.isna(), strict=True)
        return pa.array([None if empty else list(cell) for cell, empty in cells], type=_ARROW_TYPES[kind])
    return pa.Array.from_pandas(values, type=_ARROW_TYPES[kind])


def from_arrow(data: pa.Table, table: Table) -> pd.DataFrame:
    """Arrow table with some of the table's columns as a frame in the declared dtypes.

    Dates beyond what a frame can hold, such as 9999-12-31, are NULL: one such row must not make the others unreadable.

    Raises:
        SchemaError: Stored values cannot take the declared type.
    """
    columns = {}
    for name in data.column_names:
        stored, kind = data.column(name), table.by_name[name].type
        try:
            columns[name] = _from_arrow_column(stored, kind)
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            raise SchemaError(
                f"{table.full_name}.{name}: values of {stored.type} cannot become {kind.value}: {error}; "
                "correct the values or the column's type"
            ) from error
    return pd.DataFrame(columns, columns=data.column_names)


def _from_arrow_column(stored: pa.ChunkedArray, kind: ColumnType) -> pd.Series:
    if kind is ColumnType.DATE and pa.types.is_date(stored.type):
        days = stored.cast(pa.date32()).cast(pa.int32()).to_pandas(types_mapper=_types_mapper)
        held = days.between(_FIRST_DAY, _LAST_DAY).fillna(False).astype(bool)
        # Not pd.to_datetime: from 50 values on it looks repeated ones up, and fails on NULL among whole numbers.
        stamps = days.where(held, 0).to_numpy(dtype="int64").astype("datetime64[D]").astype(str(PANDAS_DTYPES[kind]))
        return pd.Series(stamps, index=days.index).where(held)
    values = stored.to_pandas(types_mapper=_types_mapper)
    if kind is ColumnType.STRING_ARRAY:
        values = values.map(lambda cell: None if cell is None else cell.tolist())
    return _cast(values, kind)


def _types_mapper(arrow_type: pa.DataType) -> object:
    if pa.types.is_integer(arrow_type):
        return pd.Int64Dtype()
    if pa.types.is_boolean(arrow_type):
        return pd.BooleanDtype()
    if pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type):
        return pd.StringDtype()
    return None


def row_digests(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """SHA-256 of each row over the given columns, as 64 hexadecimal digits.

    Order of rows, of the index and dtype storage play no part; NULL, empty text and 0 all differ, and so do rows
    that hold the same values in other columns.
    """
    if not columns or frame.empty:
        return pd.Series([], index=frame.index[:0], dtype="string")
    digests: list[str] = []
    # The words of a whole season of wide rows would take several times the memory of the rows.
    for start in range(0, len(frame), _ROWS_AT_ONCE):
        part = frame.iloc[start : start + _ROWS_AT_ONCE]
        words = np.column_stack([_cell_words(part[name]) for name in columns])
        digests.extend(hashlib.sha256(row.tobytes()).hexdigest() for row in words)
    return pd.Series(digests, index=frame.index, dtype="string")


def set_digests(digests: pd.Series, by: pd.Series | list[pd.Series]) -> pd.Series:
    """One digest per group that depends on which row digests the group holds, not on their order.

    Args:
        digests: Row digests of at least 16 hexadecimal digits.
        by: What to group by.

    Returns:
        Sixteen hexadecimal digits per group; a row more, less or changed gives another value.
    """
    words = pd.Series(pd.util.hash_array(digests.fillna("").to_numpy(dtype=object)), index=digests.index)
    return _hexadecimal(_sums(words.groupby(by)))


def unit_digests(frame: pd.DataFrame, columns: list[str], unit: list[str]) -> pd.Series:
    """For each row, one digest of its whole unit: all rows with the same values in the ``unit`` columns.

    Depends on which rows the unit holds, not on their order; sixteen hexadecimal digits. Far cheaper than
    :func:`row_digests`, for tables of millions of small rows.
    """
    mixed = np.zeros(len(frame), dtype="uint64")
    for name in columns:
        for word in _cell_words(frame[name]).T:
            mixed = (mixed ^ word) * _MIXING_PRIME
            mixed ^= mixed >> np.uint64(29)
    by_unit = pd.Series(mixed, index=frame.index).groupby([frame[name] for name in unit], dropna=False)
    totals = _sums(by_unit, spread=True)
    texts = _hexadecimal(pd.Series(totals.unique()))
    return totals.map(dict(zip(totals.unique(), texts, strict=True))).astype("string")


def _sums(words: Any, *, spread: bool = False) -> pd.Series:
    # Sums of 64-bit hashes wrap, do not depend on order and, unlike exclusive-or, do not cancel twins.
    return words.transform("sum") if spread else words.sum()


def _hexadecimal(words: pd.Series) -> pd.Series:
    return words.map(lambda word: f"{int(word) & 0xFFFFFFFFFFFFFFFF:016x}").astype("string")


def _cell_words(values: pd.Series) -> np.ndarray:
    """Two 64-bit words a cell: whether it is NULL, and its value."""
    missing = values.isna().to_numpy()
    if isinstance(values.dtype, pd.StringDtype):
        words = pd.util.hash_array(values.to_numpy(dtype=object, na_value=""))
    elif values.dtype == object:
        cells = zip(values, missing, strict=True)
        # A separator after every item, so that a list of one empty text differs from an empty list.
        joined = ["" if empty or not len(cell) else "\x1f".join(map(str, cell)) + "\x1f" for cell, empty in cells]
        words = pd.util.hash_array(np.array(joined, dtype=object))
    elif pd.api.types.is_datetime64_any_dtype(values.dtype):
        words = values.dt.as_unit("us").astype("int64").to_numpy().view("uint64")
    elif pd.api.types.is_float_dtype(values.dtype):
        # Adding zero turns -0.0 into 0.0, which is equal to it and must not differ.
        words = (values.fillna(0).to_numpy(dtype="float64") + 0.0).view("uint64")
    else:
        words = values.astype("Int64").fillna(0).to_numpy(dtype="int64").view("uint64")
    words = np.where(missing, np.uint64(0), words)
    return np.column_stack([missing.astype("uint64"), words])
