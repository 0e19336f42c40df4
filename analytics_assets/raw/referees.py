"""Referee crews of games."""

import pandas as pd

from analytics_assets.raw.row_sieve import RowSieve, drop_superseded, match_games

_ALTERNATE = "alternate"


def referee_crews(raw: pd.DataFrame, games: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One crew per game.

    Args:
        raw: Rows of ``nbac_referee_game_assignments`` with a unique index.
        games: ``Schedule.games``.

    Returns:
        ``game_id``, ``game_date`` and ``referee_crew_id``: the codes of the officials who work the game, in order,
        joined by hyphens, so that the same three people are the same crew; and ``RowSieve.refused``.
    """
    sieve = RowSieve(raw)
    match_games(sieve, games)
    drop_superseded(sieve, ["game_id", "official_code"], "official")
    working = sieve.rows[(sieve.rows["position"].str.lower() != _ALTERNATE).fillna(True)]
    crews = working.sort_values("official_code").groupby(["game_id", "game_date"])["official_code"].agg("-".join)
    return crews.astype("string").rename("referee_crew_id").reset_index(), sieve.refused
