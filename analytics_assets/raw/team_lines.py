"""Turning raw team box rows into comparable lines, one per team and game."""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.raw.declarations import BOX_COUNTS
from analytics_assets.raw.player_lines import check_shooting_rates
from analytics_assets.raw.row_sieve import RowSieve, check_counts, drop_superseded, match_games, match_teams
from analytics_assets.stats.minutes import parse_minutes


@dataclass(frozen=True)
class TeamLines:
    """Team lines and refused rows.

    Attributes:
        lines: One row per ``game_id`` and ``team_abbr`` of counted games: raw counts, ``minutes_played`` (decimal
            minutes of all players together; NULL if absent or unreadable), ``processed_at``.
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
    check_shooting_rates(sieve)
    drop_superseded(sieve, ["game_id", "team_abbr"], "team")
    rows = sieve.rows.assign(minutes_played=parse_minutes(sieve.rows["minutes"].astype("string")))
    columns = ["game_id", "game_date", "team_abbr", *BOX_COUNTS, "minutes_played", "processed_at"]
    return TeamLines(lines=rows[columns], refused=sieve.refused)
