"""Game types and game ids: what the NBA's numbering means and how we name a game."""

from enum import StrEnum

import pandas as pd

from analytics_assets.league.distinct_values import once_per_value


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
    day = once_per_value(pd.to_datetime(dates), _digits)
    # Plain objects: adding text columns looks for NULLs in each of them at every step.
    parts = [part.astype("string").to_numpy(dtype=object) for part in (day, away, home)]
    return pd.Series(parts[0] + "_" + parts[1] + "_" + parts[2], index=day.index, dtype="string")


def _digits(days: pd.Series) -> pd.Series:
    """``YYYYMMDD`` of each day, in a tenth of the time that formatting takes."""
    return (10000 * days.dt.year + 100 * days.dt.month + days.dt.day).astype("string")


def season_year_of_game_id(nba_game_ids: pd.Series) -> pd.Series:
    """Start year of the season, from digits four and five of the NBA game id."""
    short = pd.to_numeric(nba_game_ids.astype("string").str[3:5], errors="coerce").astype("Int64")
    return (short + 2000).where(short < 46, short + 1900)
