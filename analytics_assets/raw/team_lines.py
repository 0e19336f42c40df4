"""Turning raw team box rows into comparable lines, one per team and game."""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.raw.declarations import BOX_COUNTS
from analytics_assets.raw.row_sieve import RowSieve, check_counts, drop_superseded, match_games, match_teams


@dataclass(frozen=True)
class TeamLines:
    """Team lines and refused rows.

    Attributes:
        lines: One row per ``game_id`` and ``team_abbr`` of counted games: raw counts, ``processed_at``.
        refused: As :class:`analytics_assets.raw.player_lines.PlayerLines`.
    """

    lines: pd.DataFrame
    refused: pd.DataFrame


def interpret_team_rows(raw: pd.DataFrame, games: pd.DataFrame) -> TeamLines:
    """Interpret the raw rows of the team box.

    Args:
        raw: Frame of ``nbac_team_boxscore`` with a unique index.
        games: ``Schedule.games``.
    """
    sieve = RowSieve(raw)
    match_games(sieve, games)
    match_teams(sieve)
    check_counts(sieve)
    drop_superseded(sieve, ["game_id", "team_abbr"], "team")
    return TeamLines(
        lines=sieve.rows[["game_id", "game_date", "team_abbr", *BOX_COUNTS, "processed_at"]], refused=sieve.refused
    )
