"""Windows over the games that a team or a player had before a date, in one season: the only place that looks back.

A result depends on nothing but the rows of its own window, added up in order of their dates. Rows of other teams,
players, seasons or of later dates, and the order in which rows come, change no bit of it.
"""

from functools import cached_property

import numpy as np
import pandas as pd

from analytics_assets.stats import formulas
from analytics_assets.tables.frames import row_digests

# The window that the context tables call recent.
RECENT_GAMES = 10
_LEAST_GAMES_OF_A_TREND = 3


class PriorGames:
    """For each target, the games of its season and entity strictly before its date.

    Args:
        history: One row per game: ``season_year``, ``game_date``, the entity columns, and whatever is to be measured.
        targets: Rows to look back from: ``season_year``, ``game_date`` and the entity columns.
        entity: Columns that say whose games: ``["team_abbr"]``, ``["player_lookup"]``, or more for a narrower choice,
            such as a player's games against one opponent. A target with a NULL there has no games.
    """

    def __init__(self, history: pd.DataFrame, targets: pd.DataFrame, entity: list[str]) -> None:
        key = ["season_year", *entity]
        games = one_game_a_date(history.dropna(subset=[*key, "game_date"]), entity)
        owners, askers = _shared_codes(games, targets, key)
        played, asked = _day_numbers(games["game_date"]), _day_numbers(targets["game_date"])
        days = np.concatenate([played, asked])
        self._first_day = int(days.min()) if len(days) else 0
        # One number orders games by owner and date: a day more than the range, so that owners never touch.
        self._span = int(days.max()) - self._first_day + 2 if len(days) else 1
        self._askers, self._asked = askers, asked
        place = owners * self._span + (played - self._first_day)
        order = np.argsort(place)
        self._places = place[order]
        self._games = games.iloc[order]
        self._index = targets.index
        self._start = np.searchsorted(self._places, askers * self._span)
        self._stop = self._places_before(asked)

    def last(self, games: int) -> "Window":
        """The last so many games, or as many as there are."""
        return self._window(np.maximum(self._start, self._stop - games))

    def days(self, days: int) -> "Window":
        """The games on the so many days before the date."""
        return self._window(self._places_before(self._asked - days))

    def season(self) -> "Window":
        """All games of the season so far."""
        return self._window(self._start)

    def since(self, dates: pd.Series) -> "Window":
        """The games on or after a date of each target's own; none where it is NULL."""
        known = dates.notna().to_numpy()
        days = np.where(known, _day_numbers(dates.fillna(pd.Timestamp(0))), 0)
        return self._window(np.where(known, self._places_before(days), self._stop))

    def _places_before(self, days: np.ndarray) -> np.ndarray:
        """How many ordered games lie before a day of each target; a day before its season gives where that starts."""
        place = self._askers * self._span + (days - self._first_day)
        return np.maximum(self._start, np.searchsorted(self._places, place))

    def _window(self, first: np.ndarray) -> "Window":
        return Window(self._games, self._index, first, self._stop)


class Window:
    """The chosen games of every target; results are Series on the targets' index, NULL where nothing was chosen."""

    def __init__(self, games: pd.DataFrame, index: pd.Index, first: np.ndarray, stop: np.ndarray) -> None:
        self._games, self._index = games, index
        self._first, self._stop = first, np.maximum(first, stop)
        self._lengths = self._stop - self._first

    @property
    def games(self) -> pd.Series:
        """How many games; 0 where there are none."""
        return pd.Series(self._lengths, index=self._index, dtype="Int64")

    @property
    def first_date(self) -> pd.Series:
        """Date of the earliest game."""
        return self._dates(self._first)

    @property
    def last_date(self) -> pd.Series:
        """Date of the latest game."""
        return self._dates(self._stop - 1)

    def sum(self, column: str) -> pd.Series:
        """Sum of a column; NULL without games, and where the value of any of them is unknown."""
        values, known = self._values(column)
        total = self._total(values)
        return self._series(np.where((self._lengths > 0) & (self._total(known) == self._lengths), total, np.nan))

    def mean(self, column: str) -> pd.Series:
        """Mean of a column's known values."""
        values, known = self._values(column)
        return formulas.ratio(self._series(self._total(values)), self._series(self._total(known)))

    def sums_where_known(self, *columns: str) -> tuple[pd.Series, ...]:
        """Sum of each column over the games in which all of them are known; NULL where there is no such game."""
        pairs = [self._values(column) for column in columns]
        known = np.logical_and.reduce([found for _, found in pairs])
        some = self._total(known) > 0
        totals = [self._total(np.where(known, values, 0.0)) for values, _ in pairs]
        return tuple(self._series(np.where(some, total, np.nan)) for total in totals)

    def ratio(self, numerator: str, denominator: str, scale: float = 1.0) -> pd.Series:
        """Ratio of two sums over the games in which both are known, times ``scale``; NULL where nothing was below."""
        return scale * formulas.ratio(*self.sums_where_known(numerator, denominator))

    def count(self, mask: pd.Series) -> pd.Series:
        """How many games a boolean Series on the history's index, which must be unique, says yes to; NULL is no."""
        chosen = mask.loc[self._games.index].fillna(False).to_numpy(dtype=bool)
        return self._series(self._total(chosen[self._rows])).astype("Int64")

    def trend(self, column: str) -> pd.Series:
        """Least-squares slope of a column over the games in their order, per game; NULL under three known values."""
        values, known = self._values(column)
        number = self._total(known)
        enough = number >= _LEAST_GAMES_OF_A_TREND
        divisor = np.where(enough, number, 1.0)
        order = (self._rows - self._first[self._owners]).astype("float64")
        from_middle = np.where(known, order - (self._total(order * known) / divisor)[self._owners], 0.0)
        from_mean = np.where(known, values - (self._total(values) / divisor)[self._owners], 0.0)
        spread = np.where(enough, self._total(from_middle * from_middle), 1.0)
        return self._series(np.where(enough, self._total(from_middle * from_mean) / spread, np.nan))

    def streaks(self, column: str, levels: pd.Series) -> pd.DataFrame:
        """How many games in a row, back from the last, a column was above and below each target's own level.

        Args:
            column: Column of the history.
            levels: A level per target.

        Returns:
            ``above`` and ``below``, Int64, at most one of them over zero. Games that equal the level, or whose value
            is unknown, neither count nor end a streak. NULL without a level or without games.
        """
        level = levels.to_numpy(dtype="float64", na_value=np.nan)
        values, known = self._values(column)
        sides = np.where(known, np.sign(values - level[self._owners]), 0.0)
        answered = (self._lengths > 0) & ~np.isnan(level)
        found = {}
        for name, side in (("above", 1.0), ("below", -1.0)):
            ended = self._reduced(np.maximum, np.where(sides == -side, self._rows, -1), empty=-1)
            streak = self._total((sides == side) & (self._rows > ended[self._owners]))
            found[name] = self._series(np.where(answered, streak, np.nan)).astype("Int64")
        return pd.DataFrame(found, index=self._index)

    @cached_property
    def _owners(self) -> np.ndarray:
        """Position of the target of every gathered game."""
        return np.repeat(np.arange(len(self._lengths)), self._lengths)

    @cached_property
    def _rows(self) -> np.ndarray:
        """Positions of all windows' games among the ordered games, window after window."""
        begins = np.cumsum(self._lengths) - self._lengths
        return np.arange(int(self._lengths.sum())) + (self._first - begins)[self._owners]

    def _values(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        """Gathered values, zero where unknown, and whether they are known."""
        numbers = self._games[column].to_numpy(dtype="float64", na_value=np.nan)[self._rows]
        known = ~np.isnan(numbers)
        return np.where(known, numbers, 0.0), known

    def _total(self, gathered: np.ndarray) -> np.ndarray:
        return self._reduced(np.add, gathered.astype("float64"), empty=0.0)

    def _reduced(self, operation: np.ufunc, gathered: np.ndarray, empty: float) -> np.ndarray:
        # Window by window: differences of one running sum would carry the rounding of rows outside the window.
        result = np.full(len(self._lengths), empty, dtype=gathered.dtype)
        filled = self._lengths > 0
        if filled.any():
            begins = np.cumsum(self._lengths) - self._lengths
            result[filled] = operation.reduceat(gathered, begins[filled])
        return result

    def _series(self, values: np.ndarray) -> pd.Series:
        return pd.Series(values, index=self._index)

    def _dates(self, rows: np.ndarray) -> pd.Series:
        dates = pd.Series(pd.NaT, index=self._index, dtype="datetime64[ns]")
        filled = self._lengths > 0
        dates[filled] = self._games["game_date"].to_numpy(dtype="datetime64[ns]")[rows[filled]]
        return dates


def one_game_a_date(games: pd.DataFrame, entity: list[str]) -> pd.DataFrame:
    """The games without repetition: nobody plays twice on a date, so a second row is the same game again.

    Where the rows of a date contradict each other, their content decides which stays, never their order.
    """
    key = ["season_year", *entity, "game_date"]
    repeated = games.duplicated(key, keep=False)
    if not repeated.any():
        return games
    several = games[repeated]
    digests = row_digests(several, list(games.columns))
    chosen = several.loc[digests.sort_values().index].drop_duplicates(key)
    return pd.concat([games[~repeated], chosen])


def days_since_previous_game(games: pd.DataFrame, entity: list[str]) -> pd.Series:
    """Days between each game and the same entity's game before it in the season; NULL for its first.

    Args:
        games: ``season_year``, ``game_date`` and the entity columns, one row per entity and date.
        entity: Columns that say whose games.
    """
    ordered = games.sort_values("game_date")
    gaps = ordered.groupby(["season_year", *entity], sort=False)["game_date"].diff()
    return gaps.dt.days.astype("float64").reindex(games.index)


def _shared_codes(games: pd.DataFrame, targets: pd.DataFrame, key: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """A number per combination of key values, the same in both frames; -1 where a value is NULL."""
    codes = np.zeros(len(games) + len(targets), dtype="int64")
    unknown = np.zeros(len(codes), dtype=bool)
    for name in key:
        values = np.concatenate([games[name].to_numpy(dtype=object), targets[name].to_numpy(dtype=object)])
        found, distinct = pd.factorize(values)
        unknown |= found < 0
        codes = codes * max(len(distinct), 1) + found
    codes[unknown] = -1
    return codes[: len(games)], codes[len(games) :]


def _day_numbers(dates: pd.Series) -> np.ndarray:
    return dates.to_numpy(dtype="datetime64[D]").astype("int64")
