"""What a calendar of the coverage grid shows: one state a date, seasons, weeks; for terminal and page alike."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from analytics_assets.league.seasons import season_label

WAIVED = "waived"
# Most worrying first: where tables differ on a date, the worst is shown. A game date is rather built than an off-day.
STATE_ORDER = (
    "error",
    "invalid",
    "no_schedule",
    "no_raw_data",
    "partial_raw_data",
    "stale_raw_data",
    "too_old",
    "never_built",
    WAIVED,
    "not_due",
    "built",
    "off_day",
    "off_season",
)


@dataclass(frozen=True)
class SeasonCalendar:
    """The dates of one season, in weeks from Monday to Sunday.

    Attributes:
        label: Season, such as ``2021-22``.
        days: ``game_date``, ``shown``, ``week`` (0-based column) and ``weekday`` (0 is Monday), in order of dates.
    """

    label: str
    days: pd.DataFrame

    @property
    def weeks(self) -> int:
        """Number of columns."""
        return int(self.days["week"].max()) + 1


def shown_states(grid: pd.DataFrame) -> pd.Series:
    """State per row of the grid; a waived gap is ``waived``."""
    return grid["state"].astype(object).mask(grid["waived"] & ~grid["done"], WAIVED)


def worst_states(grid: pd.DataFrame) -> pd.DataFrame:
    """``game_date`` and ``shown``, the most worrying state of the grid's tables on that date."""
    ranks = shown_states(grid).map({state: rank for rank, state in enumerate(STATE_ORDER)})
    worst = ranks.groupby(grid["game_date"]).min()
    return worst.map(dict(enumerate(STATE_ORDER))).rename("shown").reset_index()


def season_calendars(days: pd.DataFrame) -> Iterator[SeasonCalendar]:
    """Calendars of the seasons, first to last; a season reaches from October to September.

    Args:
        days: ``game_date`` and ``shown``, one row a date.
    """
    days = days.sort_values("game_date", ignore_index=True)
    dates = days["game_date"]
    years = dates.dt.year.where(dates.dt.month >= 10, dates.dt.year - 1)
    mondays = dates - pd.to_timedelta(dates.dt.weekday, unit="D")
    weeks = (mondays - mondays.groupby(years).transform("min")).dt.days // 7
    days = days.assign(weekday=dates.dt.weekday, week=weeks)
    for year, found in days.groupby(years):
        yield SeasonCalendar(season_label(int(str(year))), found.reset_index(drop=True))
