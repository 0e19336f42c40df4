"""The moment up to which the context of a game may know things: its tip-off, or the run's now if that is earlier."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from analytics_assets.raw.row_sieve import RowSieve, match_games
from analytics_assets.raw.schedule import EASTERN

_MOMENT = "datetime64[us, UTC]"
_STATED_COLUMNS = ["game_id", "nba_game_id", "game_date", "tipoff_at"]


def as_of_moments(games: pd.DataFrame, stated: pd.Series | None = None, now: datetime | None = None) -> pd.Series:
    """Latest moment whose information each game's context may hold.

    Args:
        games: ``Schedule.games``.
        stated: Tip-offs that betting sources state, as :func:`stated_tipoffs` gives them.
        now: Moment of a live run, with time zone; None in a backfill.

    Returns:
        UTC moments by ``game_id`` of the games that count: the earlier of both tip-offs; the start of the game's
        date, US Eastern, where nobody knows a tip-off; never later than ``now``. Source: ruling 17 of the
        specification.
    """
    counted = games[games["counts"].astype(bool)]
    by_game = counted.drop_duplicates("game_id").set_index("game_id")
    moments = by_game["tipoff_at"].astype(_MOMENT)
    if stated is not None:
        told = stated.reindex(moments.index).astype(_MOMENT)
        moments = moments.mask(moments.isna() | (told < moments), told)
    start_of_date = by_game["game_date"].dt.tz_localize(EASTERN).dt.tz_convert("UTC").astype(_MOMENT)
    moments = moments.fillna(start_of_date)
    if now is not None:
        present = pd.Timestamp(now).tz_convert("UTC")
        moments = moments.mask(moments > present, present)
    return moments.astype(_MOMENT).rename("as_of")


def stated_tipoffs(tables: Sequence[pd.DataFrame], games: pd.DataFrame, now: datetime | None = None) -> pd.Series:
    """Earliest tip-off of each game that betting rows state.

    Only rows whose snapshot is not after the tip-off they state are heard, so that no row from a running game moves
    it, and only tip-offs on the game's own date, US Eastern.

    Args:
        tables: Frames of raw betting tables with ``snapshot_timestamp`` and ``tipoff_at``.
        games: ``Schedule.games``.
        now: Moment of a live run, with time zone; later snapshots are not heard. None in a backfill.

    Returns:
        UTC moments by ``game_id``.
    """
    if now is not None:
        tables = [rows[rows["snapshot_timestamp"] <= pd.Timestamp(now)] for rows in tables]
    pregame = [rows.loc[rows["snapshot_timestamp"] <= rows["tipoff_at"], _STATED_COLUMNS] for rows in tables]
    distinct = pd.concat(pregame, ignore_index=True).drop_duplicates(ignore_index=True)
    sieve = RowSieve(distinct)
    match_games(sieve, games)
    tipoffs = sieve.rows["tipoff_at"].astype(_MOMENT)
    date = tipoffs.dt.tz_convert(EASTERN).dt.tz_localize(None).dt.normalize()
    on_date = (date == sieve.rows["game_date"]).fillna(False).astype(bool)
    return tipoffs[on_date].groupby(sieve.rows.loc[on_date, "game_id"]).min()


def games_as_of(games: pd.DataFrame, as_of: pd.Series) -> pd.DataFrame:
    """Games whose ``tipoff_at`` is the moment up to which things may be known.

    Whoever asks for lines before tip-off with these games gets lines as of the moment.

    Args:
        games: ``Schedule.games``.
        as_of: Moments by ``game_id``; games without one keep their tip-off.
    """
    moments = games["game_id"].map(as_of).astype(_MOMENT).fillna(games["tipoff_at"].astype(_MOMENT))
    return games.assign(tipoff_at=moments)
