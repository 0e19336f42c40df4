"""What every warehouse engine offers; nothing here knows an engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import pandas as pd

from analytics_assets.tables.declaration import Table
from analytics_assets.tables.reduction import Reduction


class WarehouseError(RuntimeError):
    """The warehouse cannot be used as asked; the message says what to do next."""


class WarehouseLockedError(WarehouseError):
    """Another process holds the warehouse and did not let go in time."""


@dataclass(frozen=True)
class Write:
    """Rows to write, and which stored rows they replace.

    Attributes:
        table: Table to write to.
        rows: New rows; columns as declared.
        replaces: Values of some of the table's columns, such as ``game_date`` alone or with ``game_id``; stored rows
            that equal one of these rows are deleted first. None deletes nothing.
    """

    table: Table
    rows: pd.DataFrame
    replaces: pd.DataFrame | None = None


@dataclass(frozen=True)
class MergeCounts:
    """How many rows a merge added, changed and left as they were."""

    added: int
    changed: int
    unchanged: int

    def __add__(self, other: "MergeCounts") -> "MergeCounts":
        return MergeCounts(self.added + other.added, self.changed + other.changed, self.unchanged + other.unchanged)


class Warehouse(Protocol):
    """Reads date ranges and writes atomically."""

    @property
    def label(self) -> str:
        """What the warehouse is, for messages."""
        ...

    def ensure(self, *tables: Table) -> None:
        """Create tables that do not exist, add columns that a declaration gained; never drop anything.

        Raises:
            SchemaError: A stored column has another type than declared.
        """
        ...

    def read(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        dates: Sequence[date] | None = None,
    ) -> pd.DataFrame:
        """Rows of a date range, both ends included, in the declared dtypes; of some of its dates only if any are named.

        A table that does not exist reads as empty, a nullable column that does not exist as NULL: sources are optional.

        Raises:
            SchemaError: A required column does not exist in the stored table.
        """
        ...

    def reduce(self, reduction: Reduction, start: date, end: date, dates: Sequence[date] | None = None) -> pd.DataFrame:
        """The answer to a reduction over a date range, both ends included, in the declared dtypes of its result.

        If dates are named, only these dates of the range are asked. Tables and columns that do not exist are treated as
        :meth:`read` treats them.

        Raises:
            SchemaError: A required column does not exist in the stored table.
        """
        ...

    def commit(self, writes: Sequence[Write]) -> None:
        """Carry out all writes in one transaction; if anything fails, everything stays as it was.

        Columns that a declaration keeps from the earlier row, and its version counter, are carried over by key.
        """
        ...

    def replace_dates(self, table: Table, frame: pd.DataFrame, dates: Sequence[date]) -> None:
        """Replace exactly these dates by the frame's rows in one transaction.

        Raises:
            SchemaError: The frame holds other dates, or does not agree with the declaration.
        """
        ...

    def merge_rows(self, table: Table, frame: pd.DataFrame) -> MergeCounts:
        """Insert rows by key: rows whose content is stored already stay untouched, changed ones are replaced.

        A table with a ``unit`` is merged by whole units: one changed row replaces all rows of its unit.
        """
        ...

    def counts_by_date(self, table: Table, start: date | None = None, end: date | None = None) -> pd.DataFrame:
        """Stored rows and games per date: ``game_date``, ``rows``, ``games``.

        Games are distinct values of ``game_id``; 0 for a table without that column.
        """
        ...

    def digests_by_date(self, tables: Sequence[Table], start: date, end: date) -> pd.DataFrame:
        """What several tables hold per date, both ends included, as digests computed inside the engine in one question.

        Returns:
            ``table_name``, ``game_date`` (the table's date column; NULL for tables without dates, whose rows all
            count), ``season_year`` (for tables without dates; NULL for others and where they have no seasons) and
            ``digest``, a text that changes with every row more, less or of other content, and not with their order.
            Content is what ``hash_column`` tells, where that is NULL all content columns. Tables that do not exist and
            dates without rows are absent.
        """
        ...

    def profile(self, table: Table, start: date | None = None, end: date | None = None) -> dict[str, object]:
        """First and last date, rows, distinct dates and duplicates on the key within a date range."""
        ...


def writes_for_dates(table: Table, frame: pd.DataFrame, dates: Sequence[date]) -> Write:
    """The write that replaces exactly these dates.

    Raises:
        SchemaError: The frame holds rows of other dates.
    """
    from analytics_assets.tables.frames import SchemaError

    assert table.date_column is not None
    scope = pd.DataFrame({table.date_column: pd.to_datetime(pd.Series(list(dates), dtype="object"))})
    others = set(pd.to_datetime(frame[table.date_column]).unique()) - set(scope[table.date_column])
    if others:
        named = ", ".join(sorted(str(pd.Timestamp(day).date()) for day in others)[:5])
        raise SchemaError(f"{table.full_name}: rows of {named} are outside the dates to replace")
    return Write(table, frame, scope)
