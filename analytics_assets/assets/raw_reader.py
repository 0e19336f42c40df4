"""Reading raw tables for the dates of one build; optional sources may fail without failing the build."""

import logging
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pandas as pd

from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import date_series, empty_frame
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse import Warehouse, WarehouseError

_LOGGER = logging.getLogger(__name__)
_ATTEMPTS = 2


class RawReader:
    """Reads whole date ranges, never a date at a time.

    Args:
        warehouse: Where raw tables are.
        dates: Game dates of the build.
    """

    def __init__(self, warehouse: Warehouse, dates: Sequence[date]) -> None:
        self._warehouse = warehouse
        self.dates = date_series(dates)
        self.first, self.last = min(dates), max(dates)
        self.failures: list[str] = []

    def read(self, table: Table) -> pd.DataFrame:
        """All columns of the dates."""
        return self._of_dates(self._warehouse.read(table, start=self.first, end=self.last))

    def read_whole(self, table: Table, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of a table without dates."""
        return self._warehouse.read(table, columns)

    def read_optional_since(self, table: Table, start: date) -> pd.DataFrame:
        """As :meth:`read_since`; a source that cannot be read counts as empty, and the failure is kept."""
        return self._optional(table, lambda: self.read_since(table, start), empty_frame(table))

    def read_back(self, table: Table, columns: Sequence[str], days: int) -> pd.DataFrame:
        """Some columns of every date from ``days`` before the first to the last; undeclared columns are NULL."""
        declared = [name for name in columns if name in table.by_name]
        start = self.first - timedelta(days=days)
        return self._warehouse.read(table, declared, start=start, end=self.last).reindex(columns=list(columns))

    def read_since(self, table: Table, start: date, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Columns of every date from a start to the last date of the build."""
        return self._warehouse.read(table, columns, start=min(start, self.last), end=self.last)

    def read_optional(self, table: Table) -> pd.DataFrame:
        """As :meth:`read`; a source that cannot be read counts as empty, and the failure is kept."""
        return self._optional(table, lambda: self.read(table), empty_frame(table))

    def reduce_optional(self, reduction: Reduction) -> pd.DataFrame:
        """Answer of a reduction for the dates; a source that cannot be read counts as empty, the failure is kept."""
        return self._optional(
            reduction.source,
            lambda: self._of_dates(self._warehouse.reduce(reduction, self.first, self.last)),
            empty_frame(reduction.result),
        )

    def _of_dates(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["game_date"].isin(self.dates)].reset_index(drop=True)

    def _optional(self, table: Table, read: Callable[[], pd.DataFrame], nothing: pd.DataFrame) -> pd.DataFrame:
        for attempt in range(_ATTEMPTS):
            try:
                return read()
            except WarehouseError:
                # The warehouse as a whole is out of reach: that concerns every source, and the run must say so.
                raise
            except Exception as error:
                if attempt + 1 == _ATTEMPTS:
                    _LOGGER.warning("%s cannot be read and is left out", table.full_name, exc_info=error)
                    self.failures.append(f"{table.full_name} cannot be read and was left out: {error}")
        return nothing
