"""Which dates a backfill shall produce, cut into runs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd


class Only(StrEnum):
    """Which of the asked-for dates are produced."""

    MISSING = "missing"
    ALL = "all"


@dataclass(frozen=True)
class PlannedRun:
    """One run: some tables over a contiguous block of dates."""

    table_names: tuple[str, ...]
    start: date
    end: date

    @property
    def dates(self) -> int:
        """Number of dates."""
        return (self.end - self.start).days + 1


def plan_runs(grid: pd.DataFrame, only: Only) -> list[PlannedRun]:
    """Runs that produce exactly the wanted dates of every table, never a date that is not wanted.

    Tables that want the same dates share a run, because one launch over a range is one run.

    Args:
        grid: Coverage grid of the asked-for tables and dates.
        only: Missing ones (due and not done), or all.

    Returns:
        Runs in order of tables and dates.
    """
    wanted = grid[grid["due"] & ~grid["done"]] if only is Only.MISSING else grid
    per_table = {
        str(name): tuple(sorted(days.dt.date)) for name, days in wanted.groupby("table_name", sort=False)["game_date"]
    }
    together: dict[tuple[date, ...], list[str]] = {}
    for name, dates in per_table.items():
        together.setdefault(dates, []).append(name)
    return [
        PlannedRun(tuple(names), start, end)
        for dates, names in together.items()
        for start, end in contiguous_blocks(dates)
    ]


def contiguous_blocks(dates: Sequence[date]) -> list[tuple[date, date]]:
    """First and last date of each block of consecutive dates."""
    blocks: list[tuple[date, date]] = []
    for day in sorted(set(dates)):
        if blocks and day - blocks[-1][1] == timedelta(days=1):
            blocks[-1] = (blocks[-1][0], day)
        else:
            blocks.append((day, day))
    return blocks
