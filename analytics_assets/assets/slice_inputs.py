"""What several tables read of the same dates: read and interpreted once, whichever table asks first."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property

import pandas as pd

from analytics_assets.assets.box_sources import PLAYER_BOXES, BoxSources, read_box_sources
from analytics_assets.assets.context_inputs import ContextInputs, read_context_inputs
from analytics_assets.assets.event_sources import EventSources, read_event_sources
from analytics_assets.assets.raw_reader import RawReader
from analytics_assets.raw.absences import LOOK_BACK_DAYS, ROSTER_COLUMNS, count_absences, listed_players
from analytics_assets.raw.schedule import Schedule
from analytics_assets.warehouse import Warehouse


class SliceInputs:
    """Inputs of some dates. Reading that raises is not remembered: each table meets the error by itself.

    Args:
        warehouse: Where raw tables are.
        schedule: The interpreted schedule.
        dates: Game dates of the build.
    """

    def __init__(self, warehouse: Warehouse, schedule: Schedule, dates: Sequence[date]) -> None:
        self.schedule = schedule
        self.dates = tuple(dates)
        self._warehouse = warehouse
        self._shared_reader = self.reader()
        self._context: ContextInputs | None = None

    def reader(self) -> RawReader:
        """A reader for what one table alone needs; it keeps that table's failures apart."""
        return RawReader(self._warehouse, self.dates)

    @cached_property
    def box(self) -> BoxSources:
        """Box scores, one source chosen per team and game."""
        return read_box_sources(self._shared_reader, self.schedule)

    @cached_property
    def events(self) -> EventSources:
        """Play-by-play counts, one source chosen per game."""
        return read_event_sources(self._shared_reader, self.schedule, self.box)

    @cached_property
    def absences(self) -> pd.DataFrame:
        """Inactive players and starters per team and game, as :func:`count_absences` gives them."""
        reader = self._shared_reader
        rosters = [reader.read_back(table, ROSTER_COLUMNS, LOOK_BACK_DAYS) for table in PLAYER_BOXES]
        return count_absences(listed_players(rosters, self.schedule.games), reader.dates)

    def context(self, now: datetime) -> ContextInputs:
        """What was known before the games of the dates, at most up to now; asked with one now only."""
        if self._context is None:
            self._context = read_context_inputs(self._shared_reader, self.schedule, now)
        return self._context

    def warnings(self, own: RawReader) -> tuple[str, ...]:
        """Optional sources that could not be read, by anyone or by the reader's table."""
        return (*self._shared_reader.failures, *own.failures)


class LatestInputs:
    """Gives the inputs of dates, remembering only the latest: tables that build the same dates share them."""

    def __init__(self, warehouse: Warehouse, schedule: Schedule) -> None:
        self.schedule = schedule
        self._warehouse = warehouse
        self._latest: SliceInputs | None = None

    def of(self, dates: Sequence[date]) -> SliceInputs:
        """Inputs of exactly these dates."""
        if self._latest is None or self._latest.dates != tuple(dates):
            self._latest = SliceInputs(self._warehouse, self.schedule, dates)
        return self._latest
