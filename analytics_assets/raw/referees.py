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
        joined by hyphens, so that the same three people are the same crew; and ``RowSieve.refused``, with
        ``official_missing`` besides what :func:`match_games` refuses.
    """
    sieve = RowSieve(raw)
    match_games(sieve, games)
    code = sieve.rows["official_code"].astype("string").str.strip()
    sieve.rows = sieve.rows.assign(official_code=code)
    sieve.refuse(code.isna() | (code == ""), "official_missing", "official_code is empty; give the official's code")
    drop_superseded(sieve, ["game_id", "official_code"], "official")
    sieve.leave_out(sieve.rows["position"].str.lower() == _ALTERNATE, "alternate_official")
    crews = sieve.rows.sort_values("official_code").groupby(["game_id", "game_date"])["official_code"].agg("-".join)
    return crews.astype("string").rename("referee_crew_id").reset_index(), sieve.refused
