"""A digest per date over every stored row, and every alias of a player, that could matter to its rows of the date.

Whatever changes a row of the table changes the digest of its date. The reverse does not hold: the digest also changes
with rows that turn out not to matter, so a changed digest is a reason to look, not a result.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from analytics_assets.assets.box_sources import PLAYER_BOXES
from analytics_assets.assets.context_inputs import ROSTERS_BEFORE_SEASON
from analytics_assets.assets.producer import Producer
from analytics_assets.raw.absences import LOOK_BACK_DAYS
from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, NBAC_SCHEDULE
from analytics_assets.raw.player_aliases import player_aliases
from analytics_assets.raw.schedule import Schedule
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import as_date, date_series, row_digests
from analytics_assets.warehouse import Warehouse

_DAY = np.timedelta64(1, "D")
_WRITTEN = "processed_at"
# What a game's own outcome adds to the schedule; unknown before the game.
_RESULT = ("home_score", "away_score", "final", "game_status")
_LOOK_BACK = np.timedelta64(LOOK_BACK_DAYS, "D")


class InputFingerprints:
    """Fingerprints of dates, from what the warehouse holds when they are first asked for.

    Args:
        warehouse: Where raw and analytics tables are.
        schedule: The interpreted schedule.
    """

    def __init__(self, warehouse: Warehouse, schedule: Schedule) -> None:
        self._warehouse, self._games = warehouse, schedule.games
        self._known: dict[tuple[str, date, date], pd.DataFrame] = {}
        self._schedule: tuple[_Words, _Words] | None = None

    def of(self, producer: Producer, dates: Sequence[date]) -> dict[date, str]:
        """Fingerprints of the dates that have counted games: 32 hexadecimal digits.

        They do not depend on which other dates are asked for. One statement, whatever the number of dates.
        """
        days = self._days(dates)
        if days.empty:
            return {}
        forward = producer.table.days_ahead is not None
        words = self._looking_forward(producer, days) if forward else self._looking_at_played(producer, days)
        words["player_aliases"] = _alias_words(days)
        frame = pd.DataFrame({name: pd.array(word.view("int64")) for name, word in words.items()})
        digests = row_digests(frame, list(frame.columns)).str[:32]
        return dict(zip(map(as_date, days["game_date"]), digests, strict=True))

    def _days(self, dates: Sequence[date]) -> pd.DataFrame:
        """``game_date``, ``season_year`` and ``season_start`` of the dates with counted games."""
        counted = self._games[self._games["counts"] & self._games["game_date"].isin(date_series(dates))]
        days = counted[["game_date", "season_year"]].drop_duplicates("game_date").sort_values("game_date")
        starts = self._games.groupby("season_year")["game_date"].min()
        return days.assign(season_start=days["season_year"].map(starts)).reset_index(drop=True)

    def _looking_at_played(self, producer: Producer, days: pd.DataFrame) -> dict[str, np.ndarray]:
        """Of a summary: the date's rows; of lists of players also those of the days before."""
        day, since = _array(days["game_date"]), _array(days["game_date"]) - _LOOK_BACK
        tables = [table for table in producer.raw_tables if table is not NBAC_SCHEDULE]
        stored = self._digests(tables, as_date(since.min()), as_date(day.max()))
        listing = {table.name for table in PLAYER_BOXES}
        found = {
            table.name: _words_of(stored[table.name], days, since if table.name in listing else day, day)
            for table in tables
        }
        return found | {NBAC_SCHEDULE.name: self._schedule_words()[0].between(since, day)}

    def _looking_forward(self, producer: Producer, days: pd.DataFrame) -> dict[str, np.ndarray]:
        """Of a context: the date's rows, and of rosters, summaries and schedule what the season held before."""
        day, start = _array(days["game_date"]), _array(days["season_start"])
        rosters_since = start - np.timedelta64(ROSTERS_BEFORE_SEASON.days, "D")
        raw = [table for table in producer.raw_tables if table is not NBAC_SCHEDULE]
        tables = [*raw, *producer.analytics_tables]
        stored = self._digests(tables, as_date(rosters_since.min()), as_date(day.max()))
        ranges = {table.name: (day, day) for table in raw}
        ranges[ESPN_TEAM_ROSTERS.name] = (rosters_since, day)
        ranges |= {table.name: (start, day - _DAY) for table in producer.analytics_tables}
        found = {table.name: _words_of(stored[table.name], days, *ranges[table.name]) for table in tables}
        played, planned = self._schedule_words()
        ends = days["season_year"].map(self._games.groupby("season_year")["game_date"].max())
        found["earlier_games"] = played.between(start, day - _DAY)
        found["later_games"] = planned.between(day, _array(ends))
        return found

    def _digests(self, tables: Sequence[Table], start: date, end: date) -> Mapping[str, pd.DataFrame]:
        asked = [table for table in tables if (table.name, start, end) not in self._known]
        if asked:
            answer = self._warehouse.digests_by_date(asked, start, end)
            for table in asked:
                self._known[table.name, start, end] = answer[answer["table_name"] == table.name]
        return {table.name: self._known[table.name, start, end] for table in tables}

    def _schedule_words(self) -> tuple["_Words", "_Words"]:
        """What the schedule says of each date's games, with and without their results."""
        if self._schedule is None:
            told = [name for name in self._games.columns if name != _WRITTEN]
            plans = [name for name in told if name not in _RESULT]
            dates = self._games["game_date"]
            self._schedule = (
                _Words(dates, row_digests(self._games, told)),
                _Words(dates, row_digests(self._games, plans)),
            )
        return self._schedule


def _alias_words(days: pd.DataFrame) -> np.ndarray:
    """What the aliases of players say in each date's season."""
    aliases = player_aliases()
    seasons = days["season_year"].astype("int64")
    return seasons.map({year: aliases.digest_of_season(year) for year in seasons.unique()}).to_numpy(dtype="uint64")


class _Words:
    """Sums of 64-bit words over ranges of dates; they wrap and are exact, so running totals may be differenced."""

    def __init__(self, dates: pd.Series, digests: pd.Series) -> None:
        days = _array(dates)
        order = np.argsort(days, kind="stable")
        words = pd.util.hash_array(digests.to_numpy(dtype=object))[order]
        self._days = days[order]
        self._totals = np.concatenate([np.zeros(1, "uint64"), np.cumsum(words, dtype="uint64")])

    def between(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Sums over the dates from first to last, both included."""
        until = np.searchsorted(self._days, last, side="right")
        since = np.searchsorted(self._days, first, side="left")
        return self._totals[np.maximum(until, since)] - self._totals[since]


def _words_of(stored: pd.DataFrame, days: pd.DataFrame, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Of a table with dates the words of ranges; of one without, of all rows of the date's season."""
    dated = stored[stored["game_date"].notna()]
    found = _Words(dated["game_date"], dated["digest"]).between(first, last)
    whole = stored[stored["game_date"].isna()]
    if whole.empty:
        return found
    seasons = pd.Series(
        pd.util.hash_array(whole["digest"].to_numpy(dtype=object)), index=whole["season_year"].astype("Int64")
    )
    unseasoned = seasons[seasons.index.isna()].sum()
    # Filled while looked up: a word that passed through a number with a fraction would lose its last digits.
    of_season = seasons[seasons.index.notna()].reindex(days["season_year"].astype("Int64"), fill_value=0)
    return found + of_season.to_numpy(dtype="uint64") + np.uint64(unseasoned)


def _array(dates: pd.Series) -> np.ndarray:
    return dates.to_numpy(dtype="datetime64[D]")
