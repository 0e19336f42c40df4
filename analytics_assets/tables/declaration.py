"""The vocabulary in which every table is declared: columns, keys, bounds.

A declaration is the only place where a schema is stated. DDL, validation, Dagster's column schema and the data
dictionary are derived from it elsewhere and never restated.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class ColumnType(StrEnum):
    """Logical column types, named as BigQuery names them."""

    STRING = "STRING"
    INT64 = "INT64"
    FLOAT64 = "FLOAT64"
    BOOL = "BOOL"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    STRING_ARRAY = "ARRAY<STRING>"
    JSON = "JSON"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        name: Column name.
        type: Logical type.
        description: What the value means.
        unit: Unit of measurement, such as ``points`` or ``minutes``.
        required: Whether the value may never be NULL.
        minimum: Smallest valid value; a row below it is invalid.
        maximum: Largest valid value; a row above it is invalid.
        usual: Range outside which a valid row carries a warning issue.
        allowed: The only values a text column may hold.
        source: Where the value comes from, or the source of its formula.
        null_rule: When the value is NULL.
    """

    name: str
    type: ColumnType
    description: str
    unit: str | None = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    usual: tuple[float, float] | None = None
    allowed: tuple[str, ...] = ()
    source: str | None = None
    null_rule: str | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its grain, key, columns and what changes when a row is written again.

    Attributes:
        dataset: Schema (DuckDB) or dataset (BigQuery) that holds the table.
        name: Table name without the dataset. Like all names: letters, digits and underscores.
        grain: One sentence, "One row per …".
        description: What the table is for.
        key: Columns that identify a row.
        columns: All columns in order.
        date_column: The US-Eastern game date that partitions the table; None for tables without dates.
        cluster_by: Columns by which an engine may cluster rows.
        code_version: Raised whenever the same input would give other rows.
        first_seen_columns: Timestamps kept from the earlier row when a row is written again.
        version_column: Counter that rises when a row is written again with another ``hash_column``.
        hash_column: Digest of the row's content.
        not_content: Columns that do not count as content, so a new value alone is no change.
        days_ahead: How many days ahead of today a date can be built; None: only once its games are over.
        unit: Part of the key whose rows only make sense together, such as a game's events: they are merged as a whole,
            and all of them carry the digest of the whole in ``hash_column``.
    """

    dataset: str
    name: str
    grain: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    date_column: str | None = "game_date"
    cluster_by: tuple[str, ...] = ()
    code_version: str | None = None
    first_seen_columns: tuple[str, ...] = ()
    version_column: str | None = None
    hash_column: str | None = None
    not_content: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    days_ahead: int | None = None

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        hostile = [name for name in (self.dataset, self.name, *names) if not _NAME.fullmatch(name)]
        if hostile:
            # Names become SQL as they are; anything else is a parameter.
            raise ValueError(f"{', '.join(map(repr, hostile))}: names are letters, digits and underscores")
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"{self.full_name} declares columns twice: {', '.join(repeated)}")
        mentioned = [*self.key, *self.cluster_by, *self.first_seen_columns, *self.not_content, *self.unit]
        mentioned += [name for name in (self.date_column, self.version_column, self.hash_column) if name]
        unknown = sorted(set(mentioned) - set(names))
        if unknown:
            raise ValueError(f"{self.full_name} mentions undeclared columns: {', '.join(unknown)}")

    @property
    def full_name(self) -> str:
        """Dataset and name, as used in SQL and messages."""
        return f"{self.dataset}.{self.name}"

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @property
    def column_names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    @property
    def content_columns(self) -> list[str]:
        """Columns whose values are the row's content: all but hashes, versions and times of writing."""
        leave_out = {*self.first_seen_columns, *self.not_content, self.version_column, self.hash_column}
        return [name for name in self.column_names if name not in leave_out]


def string(name: str, description: str, **more: object) -> Column:
    """Text column."""
    return _column(name, ColumnType.STRING, description, more)


def integer(name: str, description: str, **more: object) -> Column:
    """Whole-number column that may be negative."""
    return _column(name, ColumnType.INT64, description, more)


def count(name: str, description: str, **more: object) -> Column:
    """Whole-number column that is never negative."""
    return _column(name, ColumnType.INT64, description, {"minimum": 0, **more})


def number(name: str, description: str, **more: object) -> Column:
    """Measured value, stored unrounded."""
    return _column(name, ColumnType.FLOAT64, description, more)


def flag(name: str, description: str, **more: object) -> Column:
    """True, false or unknown."""
    return _column(name, ColumnType.BOOL, description, more)


def date_column(name: str, description: str, **more: object) -> Column:
    """Calendar date, US Eastern for games."""
    return _column(name, ColumnType.DATE, description, more)


def timestamp(name: str, description: str, **more: object) -> Column:
    """Moment in time, UTC."""
    return _column(name, ColumnType.TIMESTAMP, description, more)


def strings(name: str, description: str, **more: object) -> Column:
    """List of texts; empty rather than NULL where nothing is to be listed."""
    return _column(name, ColumnType.STRING_ARRAY, description, more)


def json_text(name: str, description: str, **more: object) -> Column:
    """JSON document."""
    return _column(name, ColumnType.JSON, description, more)


def _column(name: str, kind: ColumnType, description: str, more: dict[str, object]) -> Column:
    return Column(name=name, type=kind, description=description, **more)  # type: ignore[arg-type]


def columns(*groups: Column | Iterable[Column]) -> tuple[Column, ...]:
    """Flatten columns and groups of columns into one tuple, in order."""
    flat: list[Column] = []
    for group in groups:
        if isinstance(group, Column):
            flat.append(group)
        else:
            flat.extend(group)
    return tuple(flat)
