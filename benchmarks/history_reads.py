"""Tells what travels from the warehouse for the contexts of single dates: rows and bytes by table, and the seconds.

Run it from the project's root; a fresh demo league is filled and its summaries are built first, in about two minutes:

    .venv/bin/python benchmarks/history_reads.py [--date 2025-01-15 ...] [--whole]

``--whole`` has the engine send every row of the season, as a plain read would, for comparison.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa

from analytics_assets.assets.produce import Request, produce_dates
from analytics_assets.assets.producers import CONTEXTS, SUMMARIES
from analytics_assets.assets.slice_inputs import SliceInputs
from analytics_assets.demo.fill import fill_demo
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import to_arrow
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

NOW = datetime(2025, 7, 1, 12, tzinfo=UTC)
SEASON = date_range(date(2024, 10, 1), date(2025, 6, 30))
DATES = (date(2025, 1, 15), date(2025, 3, 20), date(2025, 6, 5))


class MeasuredWarehouse(DuckDBWarehouse):
    """Notes rows and Arrow bytes of every answer.

    Args:
        path: The file.
        whole: Whether questions that choose rows are to send all of them.
    """

    def __init__(self, path: Path, *, whole: bool) -> None:
        super().__init__(path)
        self._whole = whole
        self.answers: list[tuple[str, int, int]] = []

    def read(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        start: date | None = None,
        end: date | None = None,
        dates: Sequence[date] | None = None,
    ) -> pd.DataFrame:
        """Rows, noted."""
        return self._noted(super().read(table, columns, start, end, dates), table)

    def reduce(self, reduction: Reduction, start: date, end: date, dates: Sequence[date] | None = None) -> pd.DataFrame:
        """The answer, noted."""
        if self._whole:
            told = ", ".join(reduction.columns)
            reduction = replace(reduction, sql=f" SELECT {told} FROM source_rows", asked={})
        return self._noted(super().reduce(reduction, start, end, dates), reduction.result)

    def _noted(self, rows: pd.DataFrame, table: Table) -> pd.DataFrame:
        part = replace(
            table,
            columns=tuple(table.by_name[name] for name in rows.columns),
            key=(),
            date_column=None,
            cluster_by=(),
            first_seen_columns=(),
            version_column=None,
            hash_column=None,
            not_content=(),
            unit=(),
        )
        arrow: pa.Table = to_arrow(rows, part)
        self.answers.append((table.name, arrow.num_rows, arrow.nbytes))
        return rows


def main() -> None:
    """Fill a temporary warehouse and measure the wanted dates."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--date", type=date.fromisoformat, action="append", help="game date of the season 2024")
    arguments.add_argument("--whole", action="store_true", help="send every row of the season")
    arguments.add_argument("--file", type=Path, help="a warehouse that has the summaries already")
    wanted = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        file = wanted.file or Path(directory) / "nba.duckdb"
        if wanted.file is None:
            warehouse = DuckDBWarehouse(file)
            fill_demo(warehouse, now=NOW, seed=7)
            request = Request(dates=SEASON, mode=RunMode.BACKFILL, now=NOW, run_id="benchmark")
            for _ in produce_dates(warehouse, SUMMARIES, request):
                pass
        warehouse = MeasuredWarehouse(file, whole=wanted.whole)
        schedule = interpret_schedule(warehouse.read(NBAC_SCHEDULE))
        for day in wanted.date or DATES:
            warehouse.answers.clear()
            started = time.monotonic()
            inputs = SliceInputs(warehouse, schedule, [day])
            rows = sum(len(producer.build(inputs, NOW).rows) for producer in CONTEXTS)
            _say(f"{day}: {rows} rows built in {time.monotonic() - started:.1f} s")
            for name, count, size in warehouse.answers:
                _say(f"  {name:<32} {count:>7,} rows {size / 1000:>9,.0f} kB")
            total, size = sum(found[1] for found in warehouse.answers), sum(found[2] for found in warehouse.answers)
            _say(f"  {'together':<32} {total:>7,} rows {size / 1000:>9,.0f} kB")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
