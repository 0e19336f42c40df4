"""Who of a demo team is on court when: five at every moment, and everyone for exactly his seconds of the box score."""

import numpy as np
import pandas as pd

from analytics_assets.demo.timeline import OVERTIME_SECONDS, QUARTER_SECONDS, QUARTERS

ON_COURT = 5


def players_on_court(lines: pd.DataFrame, team_game: np.ndarray, elapsed: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Players of a team on court at some moments.

    A team's players are laid end to end over five rows, each as long as the game; whoever overhangs a row goes on at
    the start of the next. Nobody plays longer than the game, so nobody stands in two rows at once.

    Args:
        lines: Box lines of those who played, ordered by ``team_game``: ``team_game`` and ``seconds``; the seconds of a
            team add up to five times the length of its game.
        team_game: Team and game of each moment.
        elapsed: Seconds played at each moment, below ``length``.
        length: Seconds of the moment's game.

    Returns:
        Array of one row per moment with the positions of five lines, ascending.
    """
    group, seconds = lines["team_game"].to_numpy(), lines["seconds"].to_numpy()
    ends = np.cumsum(seconds)
    before = np.concatenate([[0], ends])[np.searchsorted(group, team_game)]
    at = before[:, None] + np.arange(ON_COURT) * length[:, None] + elapsed[:, None]
    return np.sort(np.searchsorted(ends, at, side="right"), axis=1)


def game_lengths(overtimes: np.ndarray) -> np.ndarray:
    """Seconds of games with so many overtime periods."""
    return QUARTERS * QUARTER_SECONDS + OVERTIME_SECONDS * overtimes


def elapsed_seconds(period: np.ndarray, seconds_left: np.ndarray) -> np.ndarray:
    """Whole seconds played when so many are left in a period; the period's end counts to the period."""
    in_overtime = np.maximum(period - QUARTERS, 0)
    start = np.minimum(period - 1, QUARTERS) * QUARTER_SECONDS + np.maximum(in_overtime - 1, 0) * OVERTIME_SECONDS
    length = np.where(in_overtime > 0, OVERTIME_SECONDS, QUARTER_SECONDS)
    played = length - np.ceil(seconds_left).astype(int)
    return start + np.minimum(played, length - 1)
