"""Players of the demo league and the rosters of its seasons: who plays where, how well, and who is registered."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from analytics_assets.demo.calendar import FIRST_DEMO_SEASON, season_calendar
from analytics_assets.demo.names import invented_names
from analytics_assets.demo.random_streams import random_stream
from analytics_assets.league.teams import TEAMS

ROSTER_SIZE = 17
GUARD, WING, BIG = 0, 1, 2
# One position for each roster place; the last guard and the last wing have two-way contracts.
PLACE_POSITIONS = np.array([GUARD] * 6 + [WING] * 6 + [BIG] * 5)
TWO_WAY_PLACES = np.array([5, 11])
UNREGISTERED_PLAYERS = 8

# Habits in which players of one position differ, in this order in ``Players.habits``.
HABITS = ("threes", "free_throws", "offensive_rebounds", "defensive_rebounds", "assists", "steals", "blocks", "fouls")

_TEAM_STRENGTH_SPREAD_POINTS = 4.2
_STRENGTH_WEIGHTS = np.array([0.25, 0.2, 0.15, 0.12, 0.1, 0.07, 0.05, 0.03, 0.03])
_TRADED_PAIRS = 14
_MOVING_SHARE = 0.18
_FIRST_BIRTH_YEARS_BACK = (20, 35)
_NEWCOMER_YEARS_BACK = (19, 24)


@dataclass(frozen=True)
class Players:
    """Everyone who ever played in the league; arrays with one entry per player number.

    Attributes:
        names: Full names.
        lookups: Normalised names.
        birth_dates: Dates of birth.
        positions: ``GUARD``, ``WING`` or ``BIG``.
        habits: One row per player, one column per entry of ``HABITS``: a factor around 1.
    """

    names: np.ndarray
    lookups: np.ndarray
    birth_dates: np.ndarray
    positions: np.ndarray
    habits: np.ndarray


@dataclass(frozen=True)
class SeasonRosters:
    """Rosters of one season.

    Attributes:
        before: Player numbers up to the trade deadline, one row per team, one column per roster place.
        after: The same after the deadline.
        trade_deadline: Last date of the rosters ``before``.
        skill: Skill of each player number; the league's average player has about 0, stars 2 and more.
        unregistered: Numbers of players whom the registry does not know this season.
    """

    before: np.ndarray
    after: np.ndarray
    trade_deadline: date
    skill: np.ndarray
    unregistered: np.ndarray

    def strengths(self) -> tuple[np.ndarray, np.ndarray]:
        """Strength of each team before and after the deadline: expected margin in points over an average team."""
        before, after = (_weighted_skill(self.skill[roster]) for roster in (self.before, self.after))
        scale = _TEAM_STRENGTH_SPREAD_POINTS / before.std()
        return (before - before.mean()) * scale, (after - before.mean()) * scale


def league_rosters(seed: int, last_season_year: int) -> tuple[Players, dict[int, SeasonRosters]]:
    """Players and rosters of all seasons from the demo league's first to the given one.

    A season depends on the earlier ones only, so a later last season changes nothing before it.

    Args:
        seed: The league's seed.
        last_season_year: Last season to make rosters for.

    Returns:
        All players, and the rosters by ``season_year``.
    """
    growing = _GrowingLeague(seed)
    seasons = {year: growing.next_season(year) for year in range(FIRST_DEMO_SEASON, last_season_year + 1)}
    return growing.players(), seasons


class _GrowingLeague:
    """State that seasons hand on: who is in the league, on which roster place, how skilled."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._roster = np.zeros((len(TEAMS), ROSTER_SIZE), dtype=int)
        self._skill = np.zeros(0)
        self._birth_dates = np.zeros(0, dtype="datetime64[D]")
        self._positions = np.zeros(0, dtype=int)
        self._habits = np.zeros((0, len(HABITS)))

    def players(self) -> Players:
        names, lookups = invented_names(random_stream(self._seed, FIRST_DEMO_SEASON, "names"))
        count = len(self._skill)
        if count > len(names):
            raise ValueError(f"the demo league has names for {len(names)} players, the seasons need {count}")
        return Players(names[:count], lookups[:count], self._birth_dates, self._positions, self._habits)

    def next_season(self, season_year: int) -> SeasonRosters:
        random = random_stream(self._seed, season_year, "rosters")
        known_before = len(self._skill)
        if known_before == 0:
            everyone = np.ones(self._roster.shape, dtype=bool)
            self._sign_newcomers(random, season_year, everyone, _FIRST_BIRTH_YEARS_BACK)
        else:
            self._summer(random, season_year)
        before = self._roster
        after = _after_trades(random, before, self._skill)
        # A copy: next summer's changes must not reach back into this season.
        self._roster = after.copy()
        return SeasonRosters(
            before=before,
            after=after,
            trade_deadline=season_calendar(season_year).trade_deadline,
            skill=self._skill.copy(),
            unregistered=_unregistered_players(random, before, self._skill, known_before),
        )

    def _summer(self, random: np.random.Generator, season_year: int) -> None:
        drift = random.normal(0, 0.22, len(self._skill))
        self._skill = 0.97 * self._skill + drift
        born = self._birth_dates[self._roster].astype("datetime64[Y]").astype(int) + 1970
        age = season_year - born
        leaving_chance = 0.08 + 0.035 * np.clip(age - 31, 0, None) + 0.12 * (self._skill[self._roster] < -0.9)
        leaves = random.random(self._roster.shape) < leaving_chance
        moves = random.random(self._roster.shape) < _MOVING_SHARE
        for position in (GUARD, WING, BIG):
            free_agents = moves & ~leaves & (position == PLACE_POSITIONS)
            self._roster[free_agents] = random.permutation(self._roster[free_agents])
        self._sign_newcomers(random, season_year, leaves, _NEWCOMER_YEARS_BACK)

    def _sign_newcomers(
        self, random: np.random.Generator, season_year: int, places: np.ndarray, years_back: tuple[int, int]
    ) -> None:
        """Fill roster places with new players."""
        count = int(places.sum())
        team, place = np.nonzero(places)
        two_way = np.isin(place, TWO_WAY_PLACES)
        first_season = len(self._skill) == 0
        skill = random.normal(0.0 if first_season else -0.2, 1.0 if first_season else 0.85, count) - 1.3 * two_way
        latest = np.datetime64(f"{season_year - years_back[0]}-12-31", "D")
        days_older = random.integers(0, 365 * (years_back[1] - years_back[0]), count)
        self._roster[team, place] = len(self._skill) + np.arange(count)
        self._skill = np.concatenate([self._skill, skill])
        self._birth_dates = np.concatenate([self._birth_dates, latest - days_older.astype("timedelta64[D]")])
        self._positions = np.concatenate([self._positions, PLACE_POSITIONS[place]])
        habits = np.exp(random.normal(0, 0.22, (count, len(HABITS))))
        self._habits = np.concatenate([self._habits, habits])


def _weighted_skill(skill: np.ndarray) -> np.ndarray:
    best_first = -np.sort(-skill, axis=1)[:, : len(_STRENGTH_WEIGHTS)]
    return best_first @ _STRENGTH_WEIGHTS


def _after_trades(random: np.random.Generator, roster: np.ndarray, skill: np.ndarray) -> np.ndarray:
    """Rosters after pairs of teams have swapped the players of one roster place; nobody is traded twice."""
    after = roster.copy()
    standard_places = np.setdiff1d(np.arange(ROSTER_SIZE), TWO_WAY_PLACES)
    teams = random.permutation(len(TEAMS))[: 2 * _TRADED_PAIRS].reshape(-1, 2)
    for one, other in teams:
        # Of a few random places the one with the best lesser player: a trade of men who never play shows nothing.
        places = random.choice(standard_places, 3, replace=False)
        place = places[np.minimum(skill[roster[one, places]], skill[roster[other, places]]).argmax()]
        after[one, place], after[other, place] = roster[other, place], roster[one, place]
    return after


def _unregistered_players(
    random: np.random.Generator, roster: np.ndarray, skill: np.ndarray, known_before: int
) -> np.ndarray:
    """Rotation players, newcomers first, whom the registry has not heard of."""
    by_skill = np.argsort(-skill[roster], axis=1)
    rotation = np.take_along_axis(roster, by_skill[:, 5:10], axis=1).ravel()
    rotation = random.permutation(rotation)
    newcomers_first = np.argsort(rotation < known_before, kind="stable")
    return np.sort(rotation[newcomers_first][:UNREGISTERED_PLAYERS])
