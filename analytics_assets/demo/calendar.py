"""Calendar of a demo season: opening night, days without games, All-Star break, play-in, playoffs, Finals."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from analytics_assets.league.seasons import FINISHED_SEASONS

FIRST_DEMO_SEASON = 2021
FIRST_SEASON_WITH_CUP = 2023
REGULAR_SEASON_DAYS = 174
# Every team plays once in each round; a round fills two dates, the last one only the final Sunday.
REGULAR_DATES = 2 * 81 + 1

_MONDAY, _TUESDAY, _THURSDAY, _SUNDAY = 0, 1, 3, 6
_SETTLED_SEASONS = {season.season_year: season for season in FINISHED_SEASONS}


@dataclass(frozen=True)
class SeasonCalendar:
    """When a demo season is played.

    Attributes:
        season_year: Calendar year in which the season starts.
        opening: Opening night of the regular season.
        finals_end: Date of the last game of the Finals; None where history does not say.
    """

    season_year: int
    opening: date
    finals_end: date | None

    @property
    def published_at(self) -> datetime:
        """When the schedule is published: ten weeks before opening night, in mid August (UTC)."""
        return datetime.combine(self.opening - timedelta(weeks=10), time(16), tzinfo=UTC)

    @property
    def registry_written_at(self) -> datetime:
        """When the season's players are registered (UTC)."""
        return datetime(self.season_year, 9, 1, 12, tzinfo=UTC)

    @property
    def preseason_dates(self) -> list[date]:
        """Dates of preseason games, every other day of the two weeks before opening night."""
        return [self.opening - timedelta(days=days) for days in range(15, 4, -2)]

    @property
    def regular_end(self) -> date:
        """Last date of the regular season: a Sunday on which all teams play."""
        return self.opening + timedelta(days=REGULAR_SEASON_DAYS - 1)

    @property
    def thanksgiving(self) -> date:
        """Fourth Thursday of November."""
        return _nth_weekday(self.season_year, 11, _THURSDAY, 4)

    @property
    def cup_final(self) -> date | None:
        """Date of the cup final, the third Tuesday of December or the one before; None before the cup existed."""
        if self.season_year < FIRST_SEASON_WITH_CUP:
            return None
        return next(day for day in (date(self.season_year, 12, 12 + n) for n in range(7)) if day.weekday() == _TUESDAY)

    @property
    def all_star_game(self) -> date:
        """Third Sunday of February."""
        return _nth_weekday(self.season_year + 1, 2, _SUNDAY, 3)

    @property
    def trade_deadline(self) -> date:
        """Thursday ten days before the All-Star game; traded players change teams after it."""
        return self.all_star_game - timedelta(days=10)

    @property
    def dates_without_regular_games(self) -> frozenset[date]:
        """Dates within the regular season on which no team has a regular-season game."""
        election_day = _nth_weekday(self.season_year, 11, _MONDAY, 1) + timedelta(days=1)
        # Where the cup final needs a date of its own, the Monday of the college final is played on again.
        single = self.cup_final or self.regular_end - timedelta(days=6)
        break_days = {self.all_star_game + timedelta(days=days) for days in range(-2, 4)}
        day_before_last = self.regular_end - timedelta(days=1)
        christmas_eve = date(self.season_year, 12, 24)
        return frozenset({election_day, self.thanksgiving, christmas_eve, single, day_before_last} | break_days)

    @property
    def regular_dates(self) -> list[date]:
        """The dates of the regular season in order.

        Raises:
            ValueError: The season's length leaves another number of dates than its rounds need.
        """
        days = (self.opening + timedelta(days=n) for n in range(REGULAR_SEASON_DAYS))
        dates = [day for day in days if day not in self.dates_without_regular_games]
        if len(dates) != REGULAR_DATES:
            raise ValueError(f"season {self.season_year} has {len(dates)} playing dates, needs {REGULAR_DATES}")
        return dates

    @property
    def play_in_dates(self) -> tuple[date, date, date]:
        """Dates of 7 v 8, of 9 v 10 and of the games for the last places: Tuesday, Wednesday, Friday."""
        two, three, five = (self.regular_end + timedelta(days=days) for days in (2, 3, 5))
        return two, three, five

    @property
    def playoffs_start(self) -> date:
        """Saturday after the play-in."""
        return self.regular_end + timedelta(days=6)


def season_calendar(season_year: int) -> SeasonCalendar:
    """Calendar of a season: settled dates for finished seasons, a rule for the later ones.

    Args:
        season_year: Calendar year in which the season starts, 2021 or later.

    Raises:
        ValueError: The season lies before the demo league's first one.
    """
    if season_year < FIRST_DEMO_SEASON:
        raise ValueError(f"the demo league starts in {FIRST_DEMO_SEASON}, not in {season_year}")
    settled = _SETTLED_SEASONS.get(season_year)
    if settled is not None:
        return SeasonCalendar(season_year, settled.first_date, settled.last_date)
    october_days = (date(season_year, 10, day) for day in range(18, 25))
    return SeasonCalendar(season_year, next(day for day in october_days if day.weekday() == _TUESDAY), None)


def published_calendars(now: datetime, first_season_year: int) -> list[SeasonCalendar]:
    """Calendars of all seasons whose schedule was published by ``now``, earliest first.

    Raises:
        ValueError: The first season lies before the demo league's first one.
    """
    years = range(first_season_year, now.year + 1)
    calendars = [season_calendar(year) for year in (years or [first_season_year])]
    return [calendar for calendar in calendars if calendar.published_at <= now]


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
