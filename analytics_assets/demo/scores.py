"""Scores of demo games, drawn from the strength of the teams before any player line exists."""

from dataclasses import dataclass

import numpy as np

HOME_ADVANTAGE_POINTS = 2.4
MARGIN_SPREAD_POINTS = 12.4
_MEAN_TOTAL_POINTS = 226.0
_TOTAL_SPREAD_POINTS = 16.0
# Games that would end within a point are the ones that go to overtime: about six in a hundred.
_TIED_WITHIN_POINTS = 1.0
_SECOND_OVERTIME_SHARE = 0.15
_OVERTIME_TOTAL_POINTS = 21.0
_LOWEST_SCORE, _HIGHEST_LOSING_SCORE = 82, 143


@dataclass(frozen=True)
class Scores:
    """Final scores; arrays of one shape.

    Attributes:
        home: Points of the home team.
        away: Points of the visiting team, never equal to ``home``.
        overtimes: Number of overtime periods.
    """

    home: np.ndarray
    away: np.ndarray
    overtimes: np.ndarray


def final_scores(random: np.random.Generator, expected_margin: np.ndarray) -> Scores:
    """Draw final scores.

    Args:
        random: Source of randomness.
        expected_margin: Expected home margin of each game in points, home advantage included.
    """
    shape = expected_margin.shape
    latent_margin = random.normal(expected_margin, MARGIN_SPREAD_POINTS)
    total = random.normal(_MEAN_TOTAL_POINTS, _TOTAL_SPREAD_POINTS, shape)
    overtimes = random.geometric(1 - _SECOND_OVERTIME_SHARE, shape)
    overtime_margin = np.minimum(1 + random.poisson(4.0, shape), 15)
    tied = np.abs(latent_margin) < _TIED_WITHIN_POINTS
    overtimes = np.where(tied, overtimes, 0)
    margin = np.where(tied, overtime_margin, np.rint(np.abs(latent_margin))).astype(int)
    loser = np.rint((total + overtimes * _OVERTIME_TOTAL_POINTS - margin) / 2).astype(int)
    loser = np.clip(loser, _LOWEST_SCORE, _HIGHEST_LOSING_SCORE)
    home_won = latent_margin > 0
    return Scores(np.where(home_won, loser + margin, loser), np.where(home_won, loser, loser + margin), overtimes)
