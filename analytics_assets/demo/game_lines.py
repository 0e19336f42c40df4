"""Betting lines on demo games: who wins, by how much, and how many points both teams score together."""

from datetime import datetime

import numpy as np
import pandas as pd

from analytics_assets.demo.betting_market import (
    BOOK_SHARES,
    BOOKS,
    CLOSING,
    IN_GAME,
    draw_paths,
    draw_prices,
    draw_snapshots,
    event_ids,
    line_columns,
    written_by,
)
from analytics_assets.demo.box_scores import SeasonBoxScores
from analytics_assets.demo.frames import texts
from analytics_assets.demo.random_streams import random_stream
from analytics_assets.demo.rosters import SeasonRosters
from analytics_assets.demo.scores import HOME_ADVANTAGE_POINTS, MARGIN_SPREAD_POINTS
from analytics_assets.league.teams import TEAMS
from analytics_assets.raw.declarations import ODDS_API_GAME_LINES
from analytics_assets.tables.frames import conform

MARKETS = ("h2h", "spreads", "totals")
SIDES = ("home", "away", "over", "under")

# Market and side of each of the six bets that a book offers on a game.
_BET_MARKETS, _BET_SIDES = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 3])
_STEP_POINTS = 0.5
_SPREAD_ERROR_POINTS, _TOTAL_ERROR_POINTS = 1.5, 4.0
_IN_GAME_SPREAD_JUMP, _IN_GAME_TOTAL_JUMP = (4, 13), (6, 18)
# A logistic curve of this slope is within a hundredth of the normal distribution.
_LOGISTIC_SLOPE = 1.702
# What the implied probabilities of both sides add up to, and how far a moneyline goes.
_BOTH_SIDES_TOGETHER, _SMALLEST_CHANCE = 1.045, 0.02
_PRICE_STEP = 5


def game_line_frame(
    seed: int, rosters: SeasonRosters, games: pd.DataFrame, boxes: SeasonBoxScores, now: datetime
) -> pd.DataFrame:
    """Rows of ``odds_api_game_lines`` as far as they were written by ``now``, in the declared dtypes.

    Books expect the margin that the strengths of both rosters give and the points that both teams score and allow in an
    average game of the season; they err a little.

    Args:
        seed: The league's seed.
        rosters: The season's rosters.
        games: The season's counted games, in the order of ``boxes``.
        boxes: Box scores of these games.
        now: Moment of the look; games to come have the snapshots taken by then.
    """
    random = random_stream(seed, int(games["season_year"].iloc[0]), "game lines")
    spread = -_expected_margin(rosters, games) + random.normal(0, _SPREAD_ERROR_POINTS, len(games))
    total = _expected_total(games, boxes) + random.normal(0, _TOTAL_ERROR_POINTS, len(games))
    spreads = draw_paths(random, _to_half_points(spread), _STEP_POINTS)
    totals = draw_paths(random, _to_half_points(total), _STEP_POINTS)
    spreads[:, :, IN_GAME] = spreads[:, :, CLOSING] + _jumps(random, _IN_GAME_SPREAD_JUMP, len(games))
    totals[:, :, IN_GAME] = totals[:, :, CLOSING] + _jumps(random, _IN_GAME_TOTAL_JUMP, len(games))
    snapshots = draw_snapshots(random, games)
    has_book = random.random((len(games), len(BOOKS))) < BOOK_SHARES
    lines = np.stack([np.full(spreads.shape, np.nan)] * 2 + [spreads, 0.0 - spreads, totals, totals], axis=-1)
    prices = np.concatenate(
        [_moneylines(spreads), draw_prices(random, spreads.shape), draw_prices(random, spreads.shape)], axis=-1
    )
    shown = has_book[:, :, None] & written_by(snapshots, now)[:, None, :]
    game, book, snapshot, bet = np.nonzero(np.repeat(shown[..., None], len(_BET_SIDES), axis=-1))
    columns = {
        **line_columns(games, snapshots, game, snapshot),
        "event_id": event_ids(games, game),
        "bookmaker": texts(BOOKS, book),
        "market": texts(MARKETS, _BET_MARKETS[bet]),
        "bet_side": texts(SIDES, _BET_SIDES[bet]),
        "line": lines[game, book, snapshot, bet],
        "price": prices[game, book, snapshot, bet].astype(float),
    }
    return conform(pd.DataFrame(columns, copy=False), ODDS_API_GAME_LINES)


def _expected_margin(rosters: SeasonRosters, games: pd.DataFrame) -> np.ndarray:
    """Points by which the home team is expected to win."""
    before, after = rosters.strengths()
    late = (games["game_date"] > pd.Timestamp(rosters.trade_deadline)).to_numpy()
    home, away = games["home"].to_numpy(), games["away"].to_numpy()
    advantage = np.where(games["neutral_site"], 0.0, HOME_ADVANTAGE_POINTS)
    return np.where(late, after[home] - after[away], before[home] - before[away]) + advantage


def _expected_total(games: pd.DataFrame, boxes: SeasonBoxScores) -> np.ndarray:
    """Points of both teams: the mean of the totals of each team's average game."""
    rows = boxes.team_rows
    points = rows["points"].to_numpy()
    both = np.repeat(points.reshape(-1, 2).sum(axis=1), 2)
    mean = np.bincount(rows["team"], both, len(TEAMS)) / np.maximum(np.bincount(rows["team"], minlength=len(TEAMS)), 1)
    return (mean[games["home"]] + mean[games["away"]]) / 2


def _to_half_points(values: np.ndarray) -> np.ndarray:
    return np.round(2 * values) / 2


def _jumps(random: np.random.Generator, points: tuple[int, int], count: int) -> np.ndarray:
    """By how much a running game moves the line of all books, up or down."""
    return (random.integers(*points, count) * random.choice([-1, 1], count))[:, None]


def _moneylines(spreads: np.ndarray) -> np.ndarray:
    """American prices of home and away, as the last axis, that go with the home team's spread."""
    chance = 1 / (1 + np.exp(_LOGISTIC_SLOPE * spreads / MARGIN_SPREAD_POINTS))
    implied = np.stack([chance, 1 - chance], axis=-1) * _BOTH_SIDES_TOGETHER
    implied = np.clip(implied, _SMALLEST_CHANCE, 1 - _SMALLEST_CHANCE)
    odds = np.where(implied >= 0.5, -100 * implied / (1 - implied), 100 * (1 - implied) / implied)
    return _PRICE_STEP * np.round(odds / _PRICE_STEP)
