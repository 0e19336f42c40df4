"""Choosing, for every player and game, the line on his points: best source, best book, last snapshot before tip-off."""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.raw.betting_lines import (
    american_prices,
    before_tipoff,
    pregame_lines,
    sieve_betting_rows,
)
from analytics_assets.raw.bookmakers import book_preference
from analytics_assets.raw.declarations.betting_lines import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.row_sieve import RowSieve, matched_games, refuse_rows

HIGHEST_LINE = 100

_ODDS_API, _BETTINGPROS = "odds_api", "bettingpros"
_PLAYER = ["game_id", "player_lookup"]
_BOOK = [*_PLAYER, "bookmaker"]
_PRICES = ("over_price", "under_price")
_OFFER_COLUMNS = [
    *("source", "game_id", "player_lookup", "bookmaker", "snapshot_timestamp", "tipoff_bound", "points_line"),
    *("bet_side", "over_price", "under_price", "stated_opening", "processed_at"),
]
_LINE_COLUMNS = [
    *("game_id", "player_lookup", "points_line", "opening_line", "over_price", "under_price"),
    *("points_line_source", "opening_line_source", "processed_at"),
]


@dataclass(frozen=True)
class PointsProps:
    """Lines on players' points.

    Attributes:
        lines: One row per ``game_id`` and ``player_lookup``: ``points_line`` (closing) and ``opening_line`` in points,
            ``over_price`` and ``under_price`` (closing, American odds), ``points_line_source`` and
            ``opening_line_source`` (``odds_api:draftkings``, ``odds_api:prizepicks:daily_fantasy``), ``processed_at``
            (the latest of the rows used, UTC).
        matched: By name of the raw table: ``game_id`` and ``game_date`` of every game of which it holds a row that was
            not refused, whether or not a line came of it.
        in_time: By name of the raw table: ``game_id`` by index label of the rows that were not refused and shown at or
            before tip-off.
        refused: ``row`` (index label in the frame of ``source_table``), ``reason``, ``detail``, ``game_id`` if known,
            ``team_abbr`` (always NULL), ``source_table``.
    """

    lines: pd.DataFrame
    matched: dict[str, pd.DataFrame]
    in_time: dict[str, pd.DataFrame]
    refused: pd.DataFrame


def interpret_points_props(odds: pd.DataFrame, bettingpros: pd.DataFrame, games: pd.DataFrame) -> PointsProps:
    """Interpret the raw rows of both sources of lines on players' points.

    Every player's line is that of one book: sportsbooks of the Odds API come first, then sportsbooks of BettingPros,
    then daily-fantasy operators of either in the same order; among them DraftKings, FanDuel, then alphabetical order.
    Only books with a snapshot at or before tip-off are asked. The opening line is the one the source states (the last
    statement before tip-off), else the first snapshot of the same book; stated ones that no line can have are ignored.

    Args:
        odds: Frame of ``odds_api_player_points_props`` with a unique index.
        bettingpros: Frame of ``bettingpros_player_points_props`` with a unique index. Rows whose ``is_active`` is
            false do not count.
        games: ``Schedule.games``, with ``tipoff_at``.

    Returns:
        Refused are, besides what :func:`sieve_betting_rows` refuses: ``player_missing``, ``line_out_of_range`` (NULL,
        not positive or above 100) and ``unknown_bet_side``. A price that no
        American odds have is NULL, and its line counts as one that lacks it.
    """
    from_odds, from_bettingpros = _sieve_props(odds, games), _sieve_props(bettingpros, games)
    _sieve_sides(from_bettingpros)
    for sieve in (from_odds, from_bettingpros):
        _sieve_lines(sieve)
    sieves = {ODDS_API_PLAYER_POINTS_PROPS.name: from_odds, BETTINGPROS_PLAYER_POINTS_PROPS.name: from_bettingpros}
    offers = [_odds_offers(from_odds.rows), _bettingpros_offers(from_bettingpros.rows)]
    return PointsProps(
        lines=_lines(_of_best_books(pd.concat(offers, ignore_index=True))),
        matched={name: matched_games(sieve) for name, sieve in sieves.items()},
        in_time={name: before_tipoff(sieve.rows)[["game_id"]] for name, sieve in sieves.items()},
        refused=_all_refused(sieves),
    )


def _sieve_props(raw: pd.DataFrame, games: pd.DataFrame) -> RowSieve:
    sieve = sieve_betting_rows(raw, games)
    # Some sources put a numeric id before the name; no player's name begins with a digit.
    lookup = sieve.rows["player_lookup"].astype("string")
    distinct = lookup.dropna().drop_duplicates()
    plain = player_lookups(distinct).str.replace(r"^\d+", "", regex=True)
    lookup = lookup.map(dict(zip(distinct, plain, strict=True))).astype("string")
    sieve.rows = sieve.rows.assign(player_lookup=lookup)
    sieve.refuse(lookup.isna() | (lookup == ""), "player_missing", "player_lookup is empty; give the player's name")
    return sieve


def _sieve_sides(sieve: RowSieve) -> None:
    stated = sieve.rows["bet_side"].astype("string")
    distinct = stated.dropna().drop_duplicates()
    side = stated.map(dict(zip(distinct, distinct.str.strip().str.lower(), strict=True))).astype("string")
    sieve.rows = sieve.rows.assign(bet_side=side)
    refuse_rows(
        sieve,
        ~side.isin(["over", "under"]),
        "unknown_bet_side",
        lambda rows: "bet_side '" + rows["bet_side"].fillna("NULL") + "' is neither over nor under; correct it",
    )


def _sieve_lines(sieve: RowSieve) -> None:
    # A line that was taken off may be empty: it is no fault of the data.
    refuse_rows(
        sieve,
        ~_possible(sieve.rows["points_line"]) & _active(sieve.rows),
        "line_out_of_range",
        lambda rows: (
            "points_line "
            + rows["points_line"].astype("string").fillna("NULL")
            + f" is not above 0 and at most {HIGHEST_LINE}; correct it and load again"
        ),
    )


def _possible(line: pd.Series) -> pd.Series:
    return (line > 0) & (line <= HIGHEST_LINE)


def _active(rows: pd.DataFrame) -> pd.Series:
    if "is_active" not in rows.columns:
        return pd.Series(True, index=rows.index)
    return rows["is_active"].astype("boolean").fillna(True).astype(bool)


def _all_refused(sieves: dict[str, RowSieve]) -> pd.DataFrame:
    parts = [sieve.refused.assign(source_table=name) for name, sieve in sieves.items()]
    # Frames without rows have no dtypes that could count.
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _odds_offers(rows: pd.DataFrame) -> pd.DataFrame:
    rows = before_tipoff(rows)
    side = pd.Series(pd.NA, index=rows.index, dtype="string")
    prices = {name: american_prices(rows[name]) for name in _PRICES}
    return rows.assign(source=_ODDS_API, bet_side=side, stated_opening=float("nan"), **prices)[_OFFER_COLUMNS]


def _bettingpros_offers(rows: pd.DataFrame) -> pd.DataFrame:
    rows = before_tipoff(rows[_active(rows)])
    price = american_prices(rows["price"])
    return rows.assign(
        source=_BETTINGPROS,
        over_price=price.where(rows["bet_side"] == "over"),
        under_price=price.where(rows["bet_side"] == "under"),
        stated_opening=rows["opening_line"].where(_possible(rows["opening_line"])),
    )[_OFFER_COLUMNS]


def _of_best_books(offers: pd.DataFrame) -> pd.DataFrame:
    """Offers of the preferred source and book of each player and game, with ``daily_fantasy``."""
    books = offers[["source", "bookmaker"]].drop_duplicates()
    books = books.join(book_preference(books["bookmaker"])).assign(source_place=books["source"] != _ODDS_API)
    books = books.sort_values(["daily_fantasy", "source_place", "book_place", "bookmaker"], ignore_index=True)
    books = books[["source", "bookmaker", "daily_fantasy"]].assign(place=range(len(books)))
    offers = offers.merge(books, on=["source", "bookmaker"], how="left")
    best = offers.groupby(_PLAYER, sort=False)["place"].transform("min")
    return offers[offers["place"] == best].drop(columns="place")


def _lines(offers: pd.DataFrame) -> pd.DataFrame:
    """Closing and opening line of each player and game, whose offers all are of one source and book."""
    from_odds = offers["source"] == _ODDS_API
    offers = pd.concat([offers[from_odds], _with_both_prices(offers[~from_odds])], ignore_index=True)
    found = pregame_lines(offers, _BOOK, "points_line", _PRICES)
    stated = pregame_lines(offers[offers["stated_opening"].notna()], _BOOK, "points_line", _PRICES).closing
    lines = found.closing.set_index(_PLAYER).sort_index()
    opening = found.opening.set_index(_PLAYER).reindex(lines.index)
    stated = stated.set_index(_PLAYER).reindex(lines.index)
    opening_line = stated["stated_opening"].fillna(opening["points_line"])
    opening_written = stated["processed_at"].fillna(opening["processed_at"])
    written = lines["processed_at"]
    kind = pd.Series("", index=lines.index, dtype="string").mask(lines["daily_fantasy"].astype(bool), ":daily_fantasy")
    source = lines["source"].astype("string") + ":" + lines["bookmaker"] + kind
    lines = lines.assign(
        opening_line=opening_line,
        points_line_source=source,
        opening_line_source=source,
        processed_at=written.where(written >= opening_written, opening_written),
    )
    return lines.reset_index()[_LINE_COLUMNS]


def _with_both_prices(offers: pd.DataFrame) -> pd.DataFrame:
    """One row per book, snapshot and line out of one row per side; of each side the row written last counts."""
    pair = offers.groupby([*_BOOK, "snapshot_timestamp", "points_line"], sort=False).ngroup().rename("pair")
    # Ties are settled by content, so that the order of rows decides nothing.
    order = ["processed_at", *_PRICES, "stated_opening"]
    sides = offers.assign(pair=pair).sort_values(order, na_position="first")
    sides = sides.drop_duplicates(["pair", "bet_side"], keep="last")
    over = sides[sides["bet_side"] == "over"].set_index("pair")
    under = sides[sides["bet_side"] == "under"].set_index("pair")
    both = sides.drop_duplicates("pair").set_index("pair")
    both["over_price"] = over["over_price"].reindex(both.index)
    both["under_price"] = under["under_price"].reindex(both.index)
    both["stated_opening"] = over["stated_opening"].reindex(both.index).fillna(under["stated_opening"])
    both["processed_at"] = sides.groupby("pair")["processed_at"].max()
    both["bet_side"] = pd.Series(pd.NA, index=both.index, dtype="string")
    return both.reset_index(drop=True)
