"""Betting lines on the points of demo players, from the opening to the game itself, as two sources write them."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from analytics_assets.demo.betting_market import (
    BOOK_SHARES,
    BOOKS,
    CLOSING,
    IN_GAME,
    OPENING,
    SNAPSHOTS,
    draw_paths,
    draw_prices,
    draw_snapshots,
    event_ids,
    line_columns,
    written_by,
)
from analytics_assets.demo.box_scores import ACTIVE, INACTIVE, SeasonBoxScores
from analytics_assets.demo.frames import texts
from analytics_assets.demo.random_streams import random_stream
from analytics_assets.demo.rosters import Players, SeasonRosters
from analytics_assets.raw.declarations import BETTINGPROS_PLAYER_POINTS_PROPS, ODDS_API_PLAYER_POINTS_PROPS
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform

DAILY_FANTASY = "prizepicks"
SIDES = ("over", "under")

_ODDS_API_BOOKS, _BETTINGPROS_BOOKS = [0, 1], [0, 2]
_CANDIDATES_A_TEAM, _OFFERED_THOUGH_OUT_SHARE = 9, 0.3
_GAMES_WITHOUT_ODDS_API_SHARE, _ONLY_DAILY_FANTASY_SHARE = 0.03, 0.015
_LOWEST_LINE, _USUAL_POINTS, _FORM_SPREAD_POINTS, _WHOLE_LINE_SHARE = 2.5, 8.0, 1.3, 0.15
_IN_GAME_JUMP_POINTS = (5, 10)
# A lower line cannot fall by a jump and stay a line.
_LOWEST_FALLING_LINE = 12.0


@dataclass(frozen=True)
class _Market:
    """Everything a season's books ever showed; ``offers`` has one row per player and game.

    Attributes:
        offers: ``game``, ``player``, ``is_out`` and ``only_daily_fantasy``.
        has_book: Offers by books: whether the book has a line.
        lines: Offers by books by snapshots: points.
        snapshots: Games by snapshots: when, NULL where the game lacks the snapshot.
    """

    offers: pd.DataFrame
    has_book: np.ndarray
    lines: np.ndarray
    snapshots: pd.DataFrame


def props_frames(
    seed: int, players: Players, rosters: SeasonRosters, games: pd.DataFrame, boxes: SeasonBoxScores, now: datetime
) -> dict[str, pd.DataFrame]:
    """Rows of both tables of points props as far as they were written by ``now``, in the declared dtypes.

    Args:
        seed: The league's seed.
        players: All players of the league.
        rosters: The season's rosters.
        games: The season's counted games, in the order of ``boxes``.
        boxes: Box scores of these games; books expect of a player what he scores in an average game of the season.
        now: Moment of the look; games to come have the snapshots taken by then.
    """
    random = random_stream(seed, int(games["season_year"].iloc[0]), "props")
    market = _draw_market(random, rosters, games, boxes)
    no_odds_api = random.random(len(games)) < _GAMES_WITHOUT_ODDS_API_SHARE
    return {
        ODDS_API_PLAYER_POINTS_PROPS.name: _odds_api(random, players, games, market, no_odds_api, now),
        BETTINGPROS_PLAYER_POINTS_PROPS.name: _bettingpros(random, players, games, market, now),
    }


def _draw_market(
    random: np.random.Generator, rosters: SeasonRosters, games: pd.DataFrame, boxes: SeasonBoxScores
) -> _Market:
    offers = _offers(random, rosters, games, boxes)
    has_book = random.random((len(offers), len(BOOKS))) < BOOK_SHARES
    return _Market(offers, has_book, _lines(random, offers["expected"].to_numpy()), draw_snapshots(random, games))


def _offers(
    random: np.random.Generator, rosters: SeasonRosters, games: pd.DataFrame, boxes: SeasonBoxScores
) -> pd.DataFrame:
    """The best players of both teams, without most of those who are known to be out."""
    game = np.repeat(np.arange(len(games)), 2)
    team = games[["home", "away"]].to_numpy().ravel()
    late = (games["game_date"] > pd.Timestamp(rosters.trade_deadline)).to_numpy()[game]
    roster = np.where(late[:, None], rosters.after[team], rosters.before[team])
    best = np.argsort(-rosters.skill[roster], axis=1)[:, :_CANDIDATES_A_TEAM]
    player = np.take_along_axis(roster, best, axis=1).ravel()
    offers = pd.DataFrame({"game": np.repeat(game, _CANDIDATES_A_TEAM), "player": player})
    rows = boxes.player_rows
    out = rows[rows["status"] == INACTIVE]
    many = len(rosters.skill)
    is_out = np.isin(offers["game"] * many + offers["player"], out["game"] * many + out["player"])
    played = rows[rows["status"] == ACTIVE]
    points, times = np.bincount(played["player"], played["points"], many), np.bincount(played["player"], minlength=many)
    expected = np.where(times > 0, points / np.maximum(times, 1), _USUAL_POINTS)
    offers["expected"] = expected[player]
    offers["is_out"] = is_out
    offers["only_daily_fantasy"] = random.random(len(offers)) < _ONLY_DAILY_FANTASY_SHARE
    offered = ~is_out | (random.random(len(offers)) < _OFFERED_THOUGH_OUT_SHARE)
    return offers[offered].reset_index(drop=True)


def _lines(random: np.random.Generator, expected: np.ndarray) -> np.ndarray:
    whole = random.random(len(expected)) < _WHOLE_LINE_SHARE
    fair = np.floor(expected + random.normal(0, _FORM_SPREAD_POINTS, len(expected))) + np.where(whole, 1.0, 0.5)
    lines = np.maximum(draw_paths(random, fair, 1.0), _LOWEST_LINE)
    jump = random.integers(*_IN_GAME_JUMP_POINTS, len(expected))
    falls = (random.random(len(expected)) < 0.5) & (lines[:, :, CLOSING].min(axis=1) >= _LOWEST_FALLING_LINE)
    lines[:, :, IN_GAME] = lines[:, :, CLOSING] + np.where(falls, -jump, jump)[:, None]
    return lines


def _odds_api(
    random: np.random.Generator,
    players: Players,
    games: pd.DataFrame,
    market: _Market,
    no_odds_api: np.ndarray,
    now: datetime,
) -> pd.DataFrame:
    only_fantasy = market.offers["only_daily_fantasy"].to_numpy()
    has_book = market.has_book[:, _ODDS_API_BOOKS] & ~no_odds_api[market.offers["game"], None]
    # Where only the daily-fantasy operator has a line, it stands in the first book's place.
    has_book &= ~only_fantasy[:, None] | (np.arange(len(_ODDS_API_BOOKS)) == 0)
    offer, book, snapshot = _shown(market, has_book, list(range(SNAPSHOTS)), now)
    game = market.offers["game"].to_numpy()[offer]
    prices = draw_prices(random, market.lines.shape)
    price = prices[offer, np.array(_ODDS_API_BOOKS)[book], snapshot]
    bookmaker = np.where(only_fantasy[offer], len(BOOKS), np.array(_ODDS_API_BOOKS)[book])
    return _frame(
        ODDS_API_PLAYER_POINTS_PROPS,
        players,
        games,
        market,
        offer,
        snapshot,
        {
            "event_id": event_ids(games, game),
            "bookmaker": texts((*BOOKS, DAILY_FANTASY), bookmaker),
            "points_line": market.lines[offer, np.array(_ODDS_API_BOOKS)[book], snapshot],
            "over_price": price[:, 0].astype(float),
            "under_price": price[:, 1].astype(float),
        },
    )


def _bettingpros(
    random: np.random.Generator, players: Players, games: pd.DataFrame, market: _Market, now: datetime
) -> pd.DataFrame:
    has_book = market.has_book[:, _BETTINGPROS_BOOKS] & ~market.offers["only_daily_fantasy"].to_numpy()[:, None]
    offer, book, snapshot = _shown(market, has_book, [OPENING, CLOSING], now)
    offer, book, snapshot = (np.repeat(values, len(SIDES)) for values in (offer, book, snapshot))
    side = np.arange(len(offer)) % len(SIDES)
    column = np.array(_BETTINGPROS_BOOKS)[book]
    prices = draw_prices(random, market.lines.shape)
    withdrawn = market.offers["is_out"].to_numpy()[offer] & (snapshot == CLOSING)
    return _frame(
        BETTINGPROS_PLAYER_POINTS_PROPS,
        players,
        games,
        market,
        offer,
        snapshot,
        {
            "offer_id": int(games["season_year"].iloc[0]) * 1_000_000 + offer * len(BOOKS) + column,
            "bookmaker": texts(BOOKS, column),
            "bet_side": texts(SIDES, side),
            "points_line": market.lines[offer, column, snapshot],
            "price": prices[offer, column, snapshot, side].astype(float),
            "opening_line": market.lines[offer, column, OPENING],
            "is_active": ~withdrawn,
        },
    )


def _shown(
    market: _Market, has_book: np.ndarray, snapshots: list[int], now: datetime
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offer, book and snapshot of every line that was written by ``now``; books in the columns of ``has_book``."""
    written = written_by(market.snapshots[snapshots], now)
    shown = has_book[:, :, None] & written[market.offers["game"].to_numpy()][:, None, :]
    offer, book, place = np.nonzero(shown)
    return offer, book, np.array(snapshots)[place]


def _frame(
    table: Table,
    players: Players,
    games: pd.DataFrame,
    market: _Market,
    offer: np.ndarray,
    snapshot: np.ndarray,
    columns: dict[str, object],
) -> pd.DataFrame:
    game = market.offers["game"].to_numpy()[offer]
    player = market.offers["player"].to_numpy()[offer]
    shared = {
        **line_columns(games, market.snapshots, game, snapshot),
        "player_lookup": texts(players.lookups, player),
        "player_name": texts(players.names, player),
    }
    return conform(pd.DataFrame({**shared, **columns}, copy=False), table)
