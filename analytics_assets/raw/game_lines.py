"""Lines on games: spread, total and moneyline of each team before tip-off, from one preferred book and across books."""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.raw.as_of import games_as_of
from analytics_assets.raw.betting_lines import american_prices, before_tipoff, pregame_lines, sieve_betting_rows
from analytics_assets.raw.bookmakers import book_preference
from analytics_assets.raw.row_sieve import RowSieve, refuse_rows, shown

HIGHEST_SPREAD, HIGHEST_TOTAL = 60, 400

_SOURCE = "odds_api"
_MONEYLINES, _SPREADS, _TOTALS = "h2h", "spreads", "totals"
# Each market's first and second side.
_SIDES = {_MONEYLINES: ("home", "away"), _SPREADS: ("home", "away"), _TOTALS: ("over", "under")}
_BOOK = ["game_id", "market", "bookmaker"]
_PRICES = ("first_price", "second_price")
_NAMES = {_SPREADS: "spread", _TOTALS: "total"}
# What the visitors have with the opposite sign.
_OF_ONE_TEAM = (
    *("game_spread", "opening_spread", "spread_movement"),
    *("median_spread", "median_opening_spread", "median_spread_movement"),
)


@dataclass(frozen=True)
class GameLines:
    """Lines on games.

    Attributes:
        lines: One row per ``game_id`` and ``team_abbr`` of every game with a line, both teams. Of the preferred book
            of each market: ``game_spread`` (points the team gets; negative for the favourite, 0 for a pick'em),
            ``opening_spread``, ``spread_movement``, ``game_spread_source``; ``game_total``, ``opening_total``,
            ``total_movement``, ``game_total_source``; ``moneyline`` (American odds), ``moneyline_source``;
            ``implied_team_total`` (points, total / 2 - spread / 2); ``betting_lines_updated_at`` (UTC, the latest
            closing snapshot used). Across books: ``median_spread``, ``median_opening_spread``,
            ``median_spread_movement``, ``median_spread_source``, the same four of the total,
            ``median_implied_team_total``. NULL where no book has a line of the market.
        in_time: ``game_id`` by index label of the raw rows that were not refused and shown at or before their game's
            moment.
        refused: ``row`` (index label in the raw frame), ``reason``, ``detail``, ``game_id`` if known, ``team_abbr``
            (always NULL).
    """

    lines: pd.DataFrame
    in_time: pd.DataFrame
    refused: pd.DataFrame


def interpret_game_lines(raw: pd.DataFrame, games: pd.DataFrame, as_of: pd.Series) -> GameLines:
    """Interpret the rows of ``odds_api_game_lines``.

    Closing is a book's last snapshot at or before the game's moment and opening its first one, both of the same book
    and side; movement is closing minus opening. Each market has its own preferred book: DraftKings, FanDuel, then
    alphabetical order; operators of daily-fantasy games count, also in medians, only where no book has a line. Both
    sides of a bet are read together, so that what one team gets the other gives.

    Args:
        raw: Frame of the raw table with a unique index. Markets other than h2h, spreads and totals do not count.
        games: ``Schedule.games``.
        as_of: Latest moment that counts, by ``game_id``, as ``as_of_moments`` gives it; a row that states an earlier
            tip-off is bound by that.

    Returns:
        Refused are, besides what :func:`sieve_betting_rows` refuses: ``market_missing``, ``unknown_bet_side``,
        ``line_out_of_range`` (NULL, a spread beyond 60 or a total not in 0 to 400) and ``price_out_of_range`` (a
        moneyline that is no American price).
    """
    sieve = sieve_betting_rows(raw, games_as_of(games, as_of))
    _sieve_markets(sieve)
    in_time = before_tipoff(sieve.rows)
    by_book = _lines_by_book(_offers(in_time))
    return GameLines(
        lines=_of_both_teams(_by_game(by_book), games), in_time=in_time[["game_id"]], refused=sieve.refused
    )


def _sieve_markets(sieve: RowSieve) -> None:
    texts = {name: sieve.rows[name].astype("string").str.strip().str.lower() for name in ("market", "bet_side")}
    sieve.rows = sieve.rows.assign(**texts)
    market = sieve.rows["market"]
    sieve.refuse(market.isna() | (market == ""), "market_missing", "market is empty; name the market and load again")
    sieve.leave_out(~sieve.rows["market"].isin(list(_SIDES)), "market_not_used")
    market, side = sieve.rows["market"], sieve.rows["bet_side"]
    known = pd.Series(False, index=sieve.rows.index)
    for name, sides in _SIDES.items():
        known |= (market == name) & side.isin(sides)
    refuse_rows(
        sieve,
        ~known,
        "unknown_bet_side",
        lambda rows: (
            "bet_side '" + rows["bet_side"].fillna("NULL") + "' is no side of " + rows["market"] + "; correct it"
        ),
    )
    market, line = sieve.rows["market"], sieve.rows["line"]
    possible = pd.Series(True, index=sieve.rows.index)
    possible = possible.mask(market == _SPREADS, line.abs() <= HIGHEST_SPREAD)
    possible = possible.mask(market == _TOTALS, (line > 0) & (line <= HIGHEST_TOTAL))
    refuse_rows(
        sieve,
        ~possible,
        "line_out_of_range",
        lambda rows: (
            "line "
            + rows["line"].astype("string").fillna("NULL")
            + " is none of "
            + rows["market"]
            + f": spreads go to {HIGHEST_SPREAD}, totals from above 0 to {HIGHEST_TOTAL}; correct it and load again"
        ),
    )
    refuse_rows(
        sieve,
        (sieve.rows["market"] == _MONEYLINES) & american_prices(sieve.rows["price"]).isna(),
        "price_out_of_range",
        lambda rows: (
            "price " + shown(rows["price"]) + " of a moneyline is none that American odds have, -100 and less or 100 "
            "and more; correct it"
        ),
    )


def _offers(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per book, market, snapshot and line out of one row per side; the line is the home team's."""
    market, side = rows["market"], rows["bet_side"]
    second = side.isin([sides[1] for sides in _SIDES.values()])
    line = rows["line"].mask((market == _SPREADS) & second, -rows["line"]).mask(market == _MONEYLINES)
    rows = rows.assign(line=line, is_second=second)
    pair = rows.groupby([*_BOOK, "snapshot_timestamp", "line"], sort=False, dropna=False).ngroup()
    # Of each side the row written last counts; ties are settled by content, so that the order of rows decides nothing.
    rows = rows.assign(pair=pair).sort_values(["processed_at", "price"], na_position="first")
    sides = rows.drop_duplicates(["pair", "is_second"], keep="last").set_index("pair")
    offers = sides[~sides.index.duplicated()][[*_BOOK, "snapshot_timestamp", "line"]]
    offers["first_price"] = sides.loc[~sides["is_second"], "price"].reindex(offers.index)
    offers["second_price"] = sides.loc[sides["is_second"], "price"].reindex(offers.index)
    by_pair = sides.groupby(level="pair")
    offers["processed_at"] = by_pair["processed_at"].max()
    offers["tipoff_bound"] = by_pair["tipoff_bound"].max()
    return offers.reset_index(drop=True)


def _lines_by_book(offers: pd.DataFrame) -> pd.DataFrame:
    """Closing, opening and movement per game, market and book, without operators where there are books."""
    found = pregame_lines(offers, _BOOK, "line", _PRICES)
    lines = found.closing.set_index(_BOOK).sort_index()
    opening = found.opening.set_index(_BOOK)["line"].reindex(lines.index)
    lines = lines.rename(columns={"line": "closing"}).assign(opening=opening, movement=lines["line"] - opening)
    lines = lines.reset_index()
    lines = lines.join(book_preference(lines["bookmaker"]))
    books_only = lines.groupby(["game_id", "market"])["daily_fantasy"].transform("min")
    return lines[lines["daily_fantasy"] == books_only]


def _by_game(by_book: pd.DataFrame) -> pd.DataFrame:
    """Columns of the home team per ``game_id``; of totals and prices those of the game."""
    order = ["game_id", "market", "book_place", "bookmaker"]
    best = by_book.sort_values(order).drop_duplicates(["game_id", "market"]).set_index("game_id")
    found = pd.DataFrame(index=pd.Index(sorted(by_book["game_id"].unique()), dtype="string", name="game_id"))
    for market, name in _NAMES.items():
        one = best[best["market"] == market].reindex(found.index)
        found[f"game_{name}"] = one["closing"]
        found[f"opening_{name}"] = one["opening"]
        found[f"{name}_movement"] = one["movement"]
        found[f"game_{name}_source"] = _source_text(one)
        of_books = by_book[by_book["market"] == market].groupby("game_id")[["closing", "opening", "movement"]]
        medians, books = of_books.median().reindex(found.index), of_books.size().reindex(found.index)
        found[f"median_{name}"] = medians["closing"]
        found[f"median_opening_{name}"] = medians["opening"]
        found[f"median_{name}_movement"] = medians["movement"]
        counted = f"{_SOURCE}:median_of_" + books.astype("Int64").astype("string")
        found[f"median_{name}_source"] = counted.where(books.notna())
    moneylines = best[best["market"] == _MONEYLINES].reindex(found.index)
    found["home_moneyline"], found["away_moneyline"] = moneylines["first_price"], moneylines["second_price"]
    found["moneyline_source"] = _source_text(moneylines)
    found["betting_lines_updated_at"] = best.groupby(level="game_id")["snapshot_timestamp"].max().reindex(found.index)
    return found


def _source_text(lines: pd.DataFrame) -> pd.Series:
    operator = lines["daily_fantasy"].astype("boolean").fillna(False).astype(bool)
    kind = pd.Series("", index=lines.index, dtype="string").mask(operator, ":daily_fantasy")
    return (f"{_SOURCE}:" + lines["bookmaker"].astype("string") + kind).astype("string")


def _of_both_teams(found: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    """A row for the home team and one for the visitors, whose spread is the negative."""
    counted = games[games["counts"].astype(bool)].drop_duplicates("game_id").set_index("game_id")
    sides = []
    for side, sign in (("home", 1.0), ("away", -1.0)):
        team = counted[side].reindex(found.index).astype("string")
        rows = found.assign(team_abbr=team, moneyline=found[f"{side}_moneyline"])
        for name in _OF_ONE_TEAM:
            # Adding zero turns the -0.0 of a pick'em into 0.0.
            rows[name] = sign * rows[name] + 0.0
        rows["implied_team_total"] = rows["game_total"] / 2 - rows["game_spread"] / 2
        rows["median_implied_team_total"] = rows["median_total"] / 2 - rows["median_spread"] / 2
        sides.append(rows.drop(columns=["home_moneyline", "away_moneyline"]))
    lines = pd.concat(sides).reset_index()
    return lines.sort_values(["game_id", "team_abbr"], ignore_index=True)
