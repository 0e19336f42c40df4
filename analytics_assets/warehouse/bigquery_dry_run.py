"""A BigQuery warehouse that only tells what each question would scan: nothing is read, nothing is written."""

from collections.abc import Collection, Sequence
from datetime import date

import pandas as pd

from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import empty_frame
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse.bigquery_warehouse import BigQueryWarehouse
from analytics_assets.warehouse.interface import MergeCounts, WarehouseError, Write


class DryRunWarehouse:
    """Answers every question with no rows and adds up the bytes that it would have scanned.

    Args:
        warehouse: The warehouse that would be asked.
        answered: Tables that are really read, because what else is asked depends on them.

    Attributes:
        bytes_scanned: Bytes so far.
        questions: Queries and reads so far.
    """

    def __init__(self, warehouse: BigQueryWarehouse, answered: Collection[Table]) -> None:
        self._warehouse = warehouse
        self._answered = {table.full_name for table in answered}
        self.bytes_scanned = 0
        self.questions = 0

    @property
    def label(self) -> str:
        """That of the warehouse."""
        return self._warehouse.label

    def ensure(self, *tables: Table) -> None:
        """Creates nothing."""

    def read(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        dates: Sequence[date] | None = None,
    ) -> pd.DataFrame:
        """No rows, save of a table that is really read."""
        self._add(self._warehouse.bytes_to_read(table, columns, start, end, dates))
        if table.full_name in self._answered:
            return self._warehouse.read(table, columns, start, end, dates)
        return empty_frame(table)[table.column_names if columns is None else list(columns)]

    def reduce(self, reduction: Reduction, start: date, end: date, dates: Sequence[date] | None = None) -> pd.DataFrame:
        """No rows."""
        self._add(self._warehouse.bytes_to_reduce(reduction, start, end, dates))
        return empty_frame(reduction.result)

    def commit(self, writes: Sequence[Write]) -> None:
        """Writes nothing."""

    def replace_dates(self, table: Table, frame: pd.DataFrame, dates: Sequence[date]) -> None:
        """Writes nothing."""

    def merge_rows(self, table: Table, frame: pd.DataFrame) -> MergeCounts:
        """Refused: how much is merged depends on what is stored."""
        raise WarehouseError(f"{table.full_name}: {len(frame)} rows cannot be merged in a dry run")

    def counts_by_date(self, table: Table, start: date | None = None, end: date | None = None) -> pd.DataFrame:
        """No dates."""
        self._add(self._warehouse.bytes_to_count(table, start, end))
        return pd.DataFrame({"game_date": pd.to_datetime([]), "rows": [], "games": []})

    def digests_by_date(self, tables: Sequence[Table], start: date, end: date) -> pd.DataFrame:
        """No digests."""
        self._add(self._warehouse.bytes_to_digest(tables, start, end))
        kinds = {"table_name": "string", "game_date": "datetime64[ns]", "season_year": "Int64", "digest": "string"}
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})

    def profile(self, table: Table, start: date | None = None, end: date | None = None) -> dict[str, object]:
        """Refused: no build asks it."""
        raise WarehouseError(f"{table.full_name} from {start} to {end} has no profile in a dry run")

    def _add(self, scanned: int) -> None:
        self.bytes_scanned += scanned
        self.questions += 1
