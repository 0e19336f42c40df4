"""Game types and game ids: what the NBA's numbering means and how we name a game."""

from enum import StrEnum

import pandas as pd


class GameType(StrEnum):
    """Kinds of games, told by the first three digits of the NBA game id."""

    PRESEASON = "preseason"
    REGULAR = "regular"
    ALL_STAR = "all_star"
    PLAYOFFS = "playoffs"
    PLAY_IN = "play_in"
    CUP_FINAL = "cup_final"


GAME_TYPE_BY_PREFIX = {
    "001": GameType.PRESEASON,
    "002": GameType.REGULAR,
    "003": GameType.ALL_STAR,
    "004": GameType.PLAYOFFS,
    "005": GameType.PLAY_IN,
    "006": GameType.CUP_FINAL,
}
COUNTED_GAME_TYPES = (GameType.REGULAR, GameType.PLAYOFFS, GameType.PLAY_IN, GameType.CUP_FINAL)


def game_types(nba_game_ids: pd.Series) -> pd.Series:
    """Game type of each ten-digit NBA game id; NULL where the prefix is unknown."""
    prefixes = {prefix: kind.value for prefix, kind in GAME_TYPE_BY_PREFIX.items()}
    return nba_game_ids.astype("string").str[:3].map(prefixes).astype("string")


def canonical_game_ids(dates: pd.Series, away: pd.Series, home: pd.Series) -> pd.Series:
    """``YYYYMMDD_AWAY_HOME`` from date and canonical tricodes; NULL where any part is missing."""
    day = pd.to_datetime(dates).dt.strftime("%Y%m%d").astype("string")
    return day + "_" + away.astype("string") + "_" + home.astype("string")


def season_year_of_game_id(nba_game_ids: pd.Series) -> pd.Series:
    """Start year of the season, from digits four and five of the NBA game id."""
    short = pd.to_numeric(nba_game_ids.astype("string").str[3:5], errors="coerce").astype("Int64")
    return (short + 2000).where(short < 46, short + 1900)
