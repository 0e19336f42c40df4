"""Reading raw tables for the dates of one build, players under one name; optional sources may fail without failing it.

This is the one place where the tables that builds read get the aliases of players applied.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pandas as pd

from analytics_assets.raw.declarations import PLAYER_REGISTRY
from analytics_assets.raw.player_aliases import PlayerAliasError, PlayerAliases, player_aliases, with_resolved_players
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
        aliases: Other names of players; by default those of the project and of the user's file.
    """

    def __init__(self, warehouse: Warehouse, dates: Sequence[date], aliases: PlayerAliases | None = None) -> None:
        self._warehouse = warehouse
        self._stated_aliases = aliases
        self.dates = date_series(dates)
        self.first, self.last = min(dates), max(dates)
        self._asked = sorted(set(dates))
        self.failures: list[str] = []

    def read(self, table: Table) -> pd.DataFrame:
        """All columns of the dates."""
        rows = self._warehouse.read(table, start=self.first, end=self.last, dates=self._asked)
        return self._of_dates(self._named(table, rows))

    def read_whole(self, table: Table, columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of a table without dates."""
        # Whether two names are one player is told by his id, whoever asks.
        needed = ["nba_player_id"] if table is PLAYER_REGISTRY and "nba_player_id" not in columns else []
        return self._named(table, self._warehouse.read(table, [*columns, *needed]))[list(columns)]

    def read_back(self, table: Table, columns: Sequence[str], days: int) -> pd.DataFrame:
        """Some columns of every date from ``days`` before the first to the last; undeclared columns are NULL."""
        declared = [name for name in columns if name in table.by_name]
        start = self.first - timedelta(days=days)
        rows = self._named(table, self._warehouse.read(table, declared, start=start, end=self.last))
        return rows.reindex(columns=list(columns))

    def reduce_since(self, reduction: Reduction, start: date) -> pd.DataFrame:
        """Answer of a reduction for every date from a start to the last date of the build."""
        return self._named(reduction.result, self._warehouse.reduce(reduction, min(start, self.last), self.last))

    def reduce_optional_since(self, reduction: Reduction, start: date) -> pd.DataFrame:
        """As :meth:`reduce_since`; a source that cannot be read counts as empty, and the failure is kept."""
        return self._optional(
            reduction.source, lambda: self.reduce_since(reduction, start), empty_frame(reduction.result)
        )

    def read_optional(self, table: Table) -> pd.DataFrame:
        """As :meth:`read`; a source that cannot be read counts as empty, and the failure is kept."""
        return self._optional(table, lambda: self.read(table), empty_frame(table))

    def reduce_optional(self, reduction: Reduction) -> pd.DataFrame:
        """Answer of a reduction for the dates; a source that cannot be read counts as empty, the failure is kept."""
        return self._optional(
            reduction.source,
            lambda: self._of_dates(
                self._named(reduction.result, self._warehouse.reduce(reduction, self.first, self.last, self._asked))
            ),
            empty_frame(reduction.result),
        )

    @property
    def aliases(self) -> PlayerAliases:
        """Other names of players, as they are applied to what is read."""
        return self._stated_aliases if self._stated_aliases is not None else player_aliases()

    def _named(self, table: Table, rows: pd.DataFrame) -> pd.DataFrame:
        return with_resolved_players(table, rows, self.aliases)

    def _of_dates(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["game_date"].isin(self.dates)].reset_index(drop=True)

    def _optional(self, table: Table, read: Callable[[], pd.DataFrame], nothing: pd.DataFrame) -> pd.DataFrame:
        for attempt in range(_ATTEMPTS):
            try:
                return read()
            except (WarehouseError, PlayerAliasError):
                # The warehouse or the aliases as a whole cannot be used: that concerns every source, and must be told.
                raise
            except Exception as error:
                if attempt + 1 == _ATTEMPTS:
                    _LOGGER.warning("%s cannot be read and is left out", table.full_name, exc_info=error)
                    self.failures.append(f"{table.full_name} cannot be read and was left out: {error}")
        return nothing
