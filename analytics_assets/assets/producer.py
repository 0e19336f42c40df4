"""What a table must offer so that the shared routine can produce its dates."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import pandas as pd

from analytics_assets.assets.slice_inputs import SliceInputs
from analytics_assets.tables.declaration import Table


@dataclass(frozen=True)
class Built:
    """A table's rows for some dates, and what is known about each date's raw data.

    Attributes:
        rows: Rows of complete games, conformed to the declaration, with a unique index.
        games: One row per expected game: ``game_id``, ``game_date``, ``complete``, ``rows_expected``, ``rows_seen``,
            ``problem`` (why the game is incomplete), ``faulty`` (because raw rows are broken, not absent), and the
            schedule's ``final`` and ``ends_at``.
        last_updated: Latest write to the used raw rows, by ``game_date``.
        sources: Raw tables used, by ``game_date``; first the one that gave most rows.
        refused: Refused raw rows: ``game_date``, ``source_table``, ``game_id``, ``player_lookup``, ``reason``,
            ``detail``, ``raw_values`` (JSON).
        unscheduled: Dates with raw rows of counted games that the schedule does not hold.
        warnings: What concerns all dates, such as an optional source that could not be read.
    """

    rows: pd.DataFrame
    games: pd.DataFrame
    last_updated: pd.Series
    sources: dict[date, tuple[str, ...]]
    refused: pd.DataFrame
    unscheduled: frozenset[date]
    warnings: tuple[str, ...] = ()


class Producer(Protocol):
    """How one table is produced.

    Attributes:
        table: Declaration.
        raw_tables: Raw tables that are read.
        analytics_tables: Analytics tables that are read, of earlier dates only.
        warn_hours: Age of stale raw data from which a live run warns.
        fail_hours: Age of stale raw data from which a live run refuses to build.
        historical_rule: Whether live runs leave out dates older than ``historical_days``.
    """

    table: Table
    raw_tables: tuple[Table, ...]
    analytics_tables: tuple[Table, ...]
    warn_hours: float
    fail_hours: float
    historical_rule: bool

    def build(self, inputs: SliceInputs, now: datetime) -> Built:
        """Build the rows of all dates of the inputs at once; a date without counted games gives none."""
        ...
