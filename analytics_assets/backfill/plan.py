"""Which dates of which table a backfill shall produce: exactly those, never the union over tables. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd

from analytics_assets.coverage.grid import unrecorded_dates
from analytics_assets.tables.operations import Outcome

FAILED_OUTCOMES = (str(Outcome.ERROR), str(Outcome.INVALID))


class Only(StrEnum):
    """Which of the asked-for dates are produced."""

    MISSING = "missing"
    FAILED = "failed"
    OUTDATED = "outdated"
    ALL = "all"


@dataclass(frozen=True)
class PlannedRun:
    """One run: for each of its tables the exact dates, in order.

    Attributes:
        dates_by_table: Dates of each table, in the order of the tables; no table without dates.
        newest_first: Whether later seasons come first.
    """

    dates_by_table: Mapping[str, tuple[date, ...]]
    newest_first: bool = False

    @classmethod
    def over(cls, table_names: Sequence[str], dates: Sequence[date]) -> "PlannedRun":
        """A run of the same dates of all tables."""
        return cls(dict.fromkeys(table_names, tuple(sorted(set(dates)))))

    @property
    def size(self) -> int:
        """Number of tables and dates."""
        return sum(len(dates) for dates in self.dates_by_table.values())

    @property
    def block(self) -> tuple[date, date] | None:
        """First and last date if all tables have the same consecutive dates, which Dagster knows as a range."""
        together = set(self.dates_by_table.values())
        blocks = contiguous_blocks(together.pop()) if len(together) == 1 else []
        return blocks[0] if len(blocks) == 1 else None


def wanted_dates(grid: pd.DataFrame, only: Only, outdated: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows of the coverage grid that a backfill shall produce.

    Args:
        grid: Coverage grid of the asked-for tables and dates.
        only: ``missing`` are due and not done, and days without games that were never built; ``failed`` are those
            whose latest attempt ended in ``error`` or ``invalid``, whether or not an earlier one was done;
            ``outdated`` are those of ``outdated``; ``all`` are all.
        outdated: ``table_name`` and ``game_date`` of outdated dates, as ``coverage.outdated`` finds them.

    Returns:
        Rows of the grid with ``planned_because``: the state of the date, the latest outcome of failed ones, or
        ``outdated``.
    """
    if only is Only.MISSING:
        wanted = unrecorded_dates(grid)
    elif only is Only.FAILED:
        wanted = grid[grid["last_outcome"].isin(FAILED_OUTCOMES)]
        return wanted.assign(planned_because=wanted["last_outcome"].astype("string"))
    elif only is Only.OUTDATED:
        keys = ["table_name", "game_date"]
        listed = pd.MultiIndex.from_frame((grid.iloc[:0] if outdated is None else outdated)[keys].astype("object"))
        wanted = grid[pd.MultiIndex.from_frame(grid[keys].astype("object")).isin(listed)]
        return wanted.assign(planned_because=pd.Series("outdated", index=wanted.index, dtype="string"))
    else:
        wanted = grid
    return wanted.assign(planned_because=wanted["state"].astype("string"))


def plan_run(wanted: pd.DataFrame, *, newest_first: bool = False) -> PlannedRun | None:
    """The run that produces exactly the wanted dates of every table; None if nothing is wanted.

    One run, because the summaries of all its dates must come before the contexts that look back on them.

    Args:
        wanted: ``table_name`` and ``game_date``, tables in their order.
        newest_first: Whether later seasons come first.
    """
    dates_by_table = {
        str(name): tuple(sorted(days.dt.date)) for name, days in wanted.groupby("table_name", sort=False)["game_date"]
    }
    return PlannedRun(dates_by_table, newest_first) if dates_by_table else None


def contiguous_blocks(dates: Sequence[date]) -> list[tuple[date, date]]:
    """First and last date of each block of consecutive dates."""
    blocks: list[tuple[date, date]] = []
    for day in sorted(set(dates)):
        if blocks and day - blocks[-1][1] == timedelta(days=1):
            blocks[-1] = (blocks[-1][0], day)
        else:
            blocks.append((day, day))
    return blocks
