"""When seasons were played. Only dates that are settled history; the loaded schedule says the rest."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd


@dataclass(frozen=True)
class Season:
    """One finished season.

    Attributes:
        season_year: Calendar year in which the season starts.
        first_date: Opening night of the regular season.
        last_date: Date of the last game of the Finals.
    """

    season_year: int
    first_date: date
    last_date: date


FINISHED_SEASONS = (
    # Stopped on 2020-03-11, resumed in Orlando on 2020-07-30; its Finals ended in October.
    Season(2019, date(2019, 10, 22), date(2020, 10, 11)),
    Season(2020, date(2020, 12, 22), date(2021, 7, 20)),
    Season(2021, date(2021, 10, 19), date(2022, 6, 16)),
    Season(2022, date(2022, 10, 18), date(2023, 6, 12)),
    Season(2023, date(2023, 10, 24), date(2024, 6, 17)),
    Season(2024, date(2024, 10, 22), date(2025, 6, 22)),
)

# The season that follows the last finished one; its end is not settled history yet.
FOLLOWING_OPENING_NIGHT = date(2025, 10, 21)

# Every season since 2019-20 has had a play-in: one game in Orlando in August 2020, a tournament from 2020-21 on.
FIRST_SEASON_WITH_PLAY_IN = 2019

# Days from opening night on which teams have few games behind them; one definition for tables and checks.
EARLY_SEASON_DAYS = 14

# A team needs sixteen playoff wins for the title; nothing is played after the sixteenth.
PLAYOFF_WINS_FOR_TITLE = 16

REFERENCE_START, REFERENCE_END = date(2021, 10, 19), date(2025, 6, 22)


def season_label(season_year: int) -> str:
    """``2021-22`` for 2021."""
    return f"{season_year}-{(season_year + 1) % 100:02d}"


# Of one season the last games were played in the October after it.
_FIRST_MONTH = 10
_OCTOBER_OF_2019_20 = (date(2020, 10, 1), date(2020, 10, 11))


def season_year_of_date(day: date) -> int:
    """Season a date falls in when no schedule says so: from October on the year itself, else the year before.

    The first days of October 2020 still belong to the season 2019-20.
    """
    day = date(day.year, day.month, day.day)
    first, last = _OCTOBER_OF_2019_20
    return day.year if day.month >= _FIRST_MONTH and not first <= day <= last else day.year - 1


def dates_of_season(season_year: int) -> list[date]:
    """Every date that :func:`season_year_of_date` counts to a season, in order."""
    first = date(season_year, _FIRST_MONTH, 1)
    days = (first + timedelta(days=offset) for offset in range(400))
    return [day for day in days if season_year_of_date(day) == season_year]


def season_years_of_dates(days: pd.Series) -> pd.Series:
    """As :func:`season_year_of_date`, for a column of dates; Int64, NULL where the date is."""
    distinct = days.dropna().drop_duplicates()
    known = dict(zip(distinct, (season_year_of_date(day) for day in distinct), strict=True))
    # As objects, because a column of nothing but missing dates would stay a column of dates.
    return days.astype(object).map(known).astype("Int64")


def known_off_seasons() -> list[tuple[date, date]]:
    """The summers that are settled history: last date of a season, opening night of the next; the days between."""
    openings = [season.first_date for season in FINISHED_SEASONS[1:]] + [FOLLOWING_OPENING_NIGHT]
    return [(season.last_date, opening) for season, opening in zip(FINISHED_SEASONS, openings, strict=True)]
