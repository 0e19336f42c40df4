"""What all betting lines of demo games share: the books, when they are looked at, how lines move, and prices."""

from datetime import datetime

import numpy as np
import pandas as pd

from analytics_assets.demo.frames import texts
from analytics_assets.league.games import canonical_game_ids

BOOKS = ("draftkings", "fanduel", "betmgm")
BOOK_SHARES = np.array([1.0, 0.85, 0.92])
OPENING, MORNING, AFTERNOON, CLOSING, IN_GAME = range(5)
SNAPSHOTS = 5
WRITTEN_AFTER = pd.Timedelta(minutes=2)

# Minutes before tip-off between which each snapshot is taken, and the share of games that have it.
_MINUTES_BEFORE = np.array([[1200, 1800], [480, 960], [90, 300], [5, 40], [-110, -20]])
_SNAPSHOT_SHARES = np.array([1.0, 1.0, 0.4, 1.0, 1 / 3])
_BOOK_STEP_SHARES, _MOVE_SHARES = [0.1, 0.8, 0.1], [0.15, 0.7, 0.15]
# Prices of both sides, and their reverse.
_FAVOURED_FIRST = [(-110, -110), (-115, -105), (-120, 100), (-125, 105), (-130, 110), (-140, 120)]
_PRICES = np.array([*_FAVOURED_FIRST, *(pair[::-1] for pair in _FAVOURED_FIRST)])


def draw_snapshots(random: np.random.Generator, games: pd.DataFrame) -> pd.DataFrame:
    """When each game's lines were looked at: games by snapshots, in UTC, NULL where a game lacks the snapshot.

    Args:
        random: Source of randomness.
        games: ``tipoff_at`` and ``known_at``, before which nobody offers a line.
    """
    shape = (len(games), SNAPSHOTS)
    earliest, latest = 60 * _MINUTES_BEFORE.T
    seconds = random.integers(earliest, latest, shape)
    taken = random.random(shape) < _SNAPSHOT_SHARES
    moments = {}
    for snapshot in range(SNAPSHOTS):
        moment = games["tipoff_at"] - pd.to_timedelta(seconds[:, snapshot], unit="s")
        # A post-season game has no line before it is known who plays.
        moments[snapshot] = moment.where(taken[:, snapshot] & (moment >= games["known_at"]))
    return pd.DataFrame(moments)


def written_by(snapshots: pd.DataFrame, now: datetime) -> np.ndarray:
    """Whether each game's snapshot is there and was written by ``now``: games by snapshots."""
    return (snapshots + WRITTEN_AFTER <= now).to_numpy()


def draw_paths(random: np.random.Generator, opening: np.ndarray, step: float) -> np.ndarray:
    """Lines that books open near one another and then move a little: lines by books by snapshots.

    Args:
        random: Source of randomness.
        opening: What the market opens with, one for each line.
        step: By how much a book differs from it, and a line moves from one snapshot to the next.
    """
    shape = (len(opening), len(BOOKS), SNAPSHOTS)
    by_book = random.choice([-1, 0, 1], shape[:2], p=_BOOK_STEP_SHARES)
    moves = random.choice([-1, 0, 1], shape, p=_MOVE_SHARES)
    moves[:, :, OPENING] = 0
    return opening[:, None, None] + step * (by_book[:, :, None] + np.cumsum(moves, axis=2))


def draw_prices(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """American prices of both sides of bets that are about even; the sides are the last axis."""
    return _PRICES[random.integers(0, len(_PRICES), shape)]


def line_columns(
    games: pd.DataFrame, snapshots: pd.DataFrame, game: np.ndarray, snapshot: np.ndarray
) -> dict[str, object]:
    """Columns that rows of every betting table have: which game, which moment.

    Args:
        games: The season's counted games.
        snapshots: Answer of :func:`draw_snapshots`.
        game: Row of the game for each row.
        snapshot: Its snapshot.
    """
    moments = snapshots.to_numpy(dtype="datetime64[us]")[game, snapshot]
    taken = pd.Series(pd.DatetimeIndex(moments).tz_localize("UTC"))
    game_ids = canonical_game_ids(games["game_date"], games["away_tricode"], games["home_tricode"])
    return {
        "game_id": texts(game_ids, game),
        "game_date": games["game_date"].to_numpy()[game],
        "season_year": games["season_year"].to_numpy()[game],
        "snapshot_timestamp": taken,
        "tipoff_at": games["tipoff_at"].take(game).reset_index(drop=True),
        "processed_at": taken + WRITTEN_AFTER,
    }


def event_ids(games: pd.DataFrame, game: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Event ids of the Odds API."""
    return texts("demo-event-" + games["nba_game_id"], game)
