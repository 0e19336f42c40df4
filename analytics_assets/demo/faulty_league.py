"""One season of the demo league while faults are put into it: where each one goes, and how rows change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics_assets.league.games import GameType, canonical_game_ids, game_types
from analytics_assets.raw.declarations import (
    BIGDATABALL_PLAY_BY_PLAY,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    RAW_TABLES,
)
from analytics_assets.raw.declarations.schedule import FINAL
from analytics_assets.stats.minutes import parse_minutes
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import as_date, conform
from analytics_assets.tables.operations import Outcome

_FEWEST_GAMES_A_DATE = 4
_REGULATION_MINUTES = 240
_LINE_TABLES = (ODDS_API_PLAYER_POINTS_PROPS, ODDS_API_GAME_LINES)
_TABLES = {table.name: table for table in RAW_TABLES}


@dataclass(frozen=True)
class Fault:
    """A fault that was put into the rows.

    Attributes:
        name: What is wrong, in a few words.
        tables: Raw tables that have it.
        dates: Game dates that show it, in order; no two faults share one.
        game_id: The game, if it is about one: ``YYYYMMDD_AWAY_HOME``.
        done: What was done to the rows.
        shows: What to see of it in the analytics tables, with issue codes.
        player_outcome: Outcome of the dates in ``player_game_summary`` when they are backfilled.
        team_outcome: The same in both team tables.
    """

    name: str
    tables: tuple[str, ...]
    dates: tuple[date, ...]
    game_id: str | None
    done: str
    shows: str
    player_outcome: Outcome = Outcome.BUILT
    team_outcome: Outcome = Outcome.BUILT


@dataclass(frozen=True)
class PickedGame:
    """A game for a fault, with its id as ``YYYYMMDD_AWAY_HOME``, and the id with both teams the wrong way round."""

    game_id: str
    reversed_game_id: str
    game_date: pd.Timestamp
    home: str
    away: str


class FaultyLeague:
    """Frames of one finished season that faults change; the frames that came in stay as they are.

    Args:
        frames: Frame by name of every raw table, all of one season.
        random: Source of randomness.

    Attributes:
        frames: The frames as they stand, in the declared dtypes.
        games: Played games of the regular season on dates with several games, in random order: ``game_id``,
            ``reversed_game_id``, ``game_date``, ``home``, ``away``, ``has_overtime``, ``in_bigdataball`` and
            ``has_in_game_lines`` (of players and of the game).
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame], random: np.random.Generator) -> None:
        self.frames = {name: conform(frame, _TABLES[name]) for name, frame in frames.items()}
        games = _played_games(self.frames)
        self.games = games.iloc[random.permutation(len(games))].reset_index(drop=True)
        self._used: set[pd.Timestamp] = set()

    def pick_game(self, suitable: pd.Series | None = None) -> PickedGame:
        """A game on a date that no other fault has.

        Args:
            suitable: Which of ``games`` will do; all by default.

        Raises:
            ValueError: There is no such game left.
        """
        free = ~self.games["game_date"].isin(self._used)
        found = self.games[free if suitable is None else free & suitable]
        if found.empty:
            raise ValueError("the season has too few played games for all faults")
        game = found.iloc[0]
        self._used.add(game["game_date"])
        return PickedGame(*(game[name] for name in PickedGame.__dataclass_fields__))

    def pick_date(self) -> pd.Timestamp:
        """A date that no other fault has."""
        return self.pick_game().game_date

    def pick_stretch(self, dates: int) -> list[pd.Timestamp]:
        """That many neighbouring dates with games; to be picked before anything else."""
        last = self.games["game_date"].drop_duplicates().nlargest(dates).min()
        first = self.pick_game(self.games["game_date"] < last).game_date
        later = self.games.loc[self.games["game_date"] >= first, "game_date"].drop_duplicates()
        stretch = sorted(later)[:dates]
        self._used.update(stretch)
        return stretch

    def rows_of(self, table: Table, game: PickedGame) -> pd.Series:
        """Which rows of the table are of the game."""
        return self.frames[table.name]["game_id"] == game.game_id

    def rows_on(self, table: Table, dates: Sequence[pd.Timestamp]) -> pd.Series:
        """Which rows of the table are of the dates."""
        return self.frames[table.name]["game_date"].isin(dates)

    def drop(self, table: Table, where: pd.Series) -> None:
        """Take rows away."""
        self.frames[table.name] = self.frames[table.name][~where].reset_index(drop=True)

    def change(self, table: Table, where: pd.Series, **columns: Any) -> None:
        """Give rows other values: for each column one value, or a series on the frame's index."""
        frame = self.frames[table.name]
        changed = {name: frame[name].mask(where, values) for name, values in columns.items()}
        self.frames[table.name] = conform(frame.assign(**changed), table)

    def add(self, table: Table, rows: pd.DataFrame) -> None:
        """Add rows at the end."""
        self.frames[table.name] = pd.concat([self.frames[table.name], conform(rows, table)], ignore_index=True)


def told_dates(dates: Sequence[pd.Timestamp]) -> tuple[date, ...]:
    """Dates as a fault tells them."""
    return tuple(as_date(day) for day in sorted(dates))


def _played_games(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    schedule = frames[NBAC_SCHEDULE.name]
    regular = game_types(schedule["game_id"]) == GameType.REGULAR.value
    played = schedule[regular & (schedule["game_status"] == FINAL)]
    home, away = played["home_team_tricode"], played["away_team_tricode"]
    games = pd.DataFrame(
        {
            "game_id": canonical_game_ids(played["game_date"], away, home),
            "reversed_game_id": canonical_game_ids(played["game_date"], home, away),
            "game_date": played["game_date"],
            "home": home,
            "away": away,
        }
    )
    games = games[games.groupby("game_date")["game_id"].transform("size") >= _FEWEST_GAMES_A_DATE]
    box = frames[NBAC_TEAM_BOXSCORE.name]
    long = box.loc[parse_minutes(box["minutes"]) > _REGULATION_MINUTES, "game_id"]
    events = frames[BIGDATABALL_PLAY_BY_PLAY.name]["game_id"].unique()
    in_game = [set(_in_game_rows(frames[table.name])["game_id"]) for table in _LINE_TABLES]
    return games.assign(
        has_overtime=games["game_id"].isin(long),
        in_bigdataball=games["game_id"].isin(events),
        has_in_game_lines=games["game_id"].isin(set.intersection(*in_game)),
    )


def _in_game_rows(lines: pd.DataFrame) -> pd.DataFrame:
    return lines[lines["snapshot_timestamp"] > lines["tipoff_at"]]
