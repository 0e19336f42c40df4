"""Betting lines of any market: rows of known games and books, and what each book showed first and last before tip-off.

Snapshots taken during a game are legitimate raw data, so they are not refused; they never count as a line.
"""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.raw.row_sieve import (
    RowSieve,
    match_distinct_games,
    refuse_other_times,
    refuse_rows,
)
from analytics_assets.raw.schedule import middle_of_date
from analytics_assets.stats.points_prop import implied_probabilities

_WITHIN_A_DAY = pd.Timedelta(days=1)
LOWEST_PRICE, HIGHEST_PRICE = 100, 1_000_000


@dataclass(frozen=True)
class PregameLines:
    """Lines of every key that has a snapshot at or before tip-off.

    Attributes:
        closing: Input rows, one per key: the last snapshot at or before tip-off.
        opening: Input rows, one per key: the first snapshot, if at or before tip-off.
    """

    closing: pd.DataFrame
    opening: pd.DataFrame


def sieve_betting_rows(raw: pd.DataFrame, games: pd.DataFrame) -> RowSieve:
    """Rows of a raw betting table that belong to a game on the schedule and to a book, with their tip-off.

    Args:
        raw: Frame with a unique index and the columns ``game_id``, ``nba_game_id``, ``game_date``, ``bookmaker``,
            ``snapshot_timestamp`` and ``tipoff_at`` (as the source states it), and any others.
        games: ``Schedule.games``, with ``tipoff_at``.

    Returns:
        A sieve whose rows have canonical ``game_id``, the schedule's ``game_date``, normalised ``bookmaker`` and
        ``tipoff_bound``. Refused: what :func:`match_games` refuses, ``bookmaker_missing``, ``snapshot_unknown`` (no
        time of the snapshot), ``time_out_of_range`` (a snapshot of another season),
        ``tipoff_unknown`` (neither schedule nor source know the tip-off, so that nothing tells
        a closing line from a line of the running game).
    """
    sieve = RowSieve(raw)
    match_distinct_games(sieve, games)
    rows = sieve.rows
    # A tip-off of another date is no tip-off of this game; heard, it would silence every line.
    stated = rows["tipoff_at"].where((rows["tipoff_at"] - middle_of_date(rows["game_date"])).abs() <= _WITHIN_A_DAY)
    bounds = tipoff_bounds(rows["scheduled_tipoff"], stated)
    sieve.rows = rows.assign(bookmaker=normalised_bookmakers(rows["bookmaker"]), tipoff_bound=bounds)
    books = sieve.rows["bookmaker"]
    sieve.refuse(books.isna() | (books == ""), "bookmaker_missing", "bookmaker is empty; name the book and load again")
    sieve.refuse(
        sieve.rows["snapshot_timestamp"].isna(),
        "snapshot_unknown",
        "snapshot_timestamp is NULL; give the time at which the book showed the line",
    )
    refuse_other_times(sieve, "snapshot_timestamp")
    refuse_rows(
        sieve,
        sieve.rows["tipoff_bound"].isna(),
        "tipoff_unknown",
        lambda rows: (
            "neither nbac_schedule nor the row knows the tip-off of " + rows["game_id"] + "; load a newer schedule"
        ),
    )
    return sieve


def american_prices(prices: pd.Series) -> pd.Series:
    """Prices as they are, NULL where American odds have no such value: between -100 and 100, or beyond all bets."""
    odds = prices.astype("float64")
    return odds.where(odds.abs().between(LOWEST_PRICE, HIGHEST_PRICE))


def normalised_bookmakers(names: pd.Series) -> pd.Series:
    """Book names in lower-case letters, digits and underscores: ``DraftKings`` and ``draftkings`` are one book.

    Args:
        names: Names as a source writes them.

    Returns:
        Text on the same index; NULL stays NULL, a name without any letter or digit gives empty text.
    """
    texts = names.astype("string")
    # A season has a few dozen names on half a million rows: each is normalised once.
    distinct = texts.dropna().drop_duplicates()
    plain = distinct.str.lower().str.replace(r"[^a-z0-9_]", "", regex=True).str.strip("_")
    return texts.map(dict(zip(distinct, plain, strict=True))).astype("string")


def tipoff_bounds(scheduled: pd.Series, stated: pd.Series) -> pd.Series:
    """The moment after which a snapshot may be of the running game: the earlier of both tip-offs; UTC.

    Args:
        scheduled: Tip-off on the schedule.
        stated: Tip-off as the betting source states it.

    Returns:
        The one that is known where the other is NULL; NULL where both are.
    """
    return scheduled.mask(scheduled.isna() | (stated < scheduled), stated)


def before_tipoff(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose ``snapshot_timestamp`` is known not to be after ``tipoff_bound``."""
    return rows[rows["snapshot_timestamp"] <= rows["tipoff_bound"]]


def pregame_lines(rows: pd.DataFrame, key: list[str], line: str, prices: tuple[str, str] | None = None) -> PregameLines:
    """Closing and opening line of every key, in any betting market.

    A snapshot after ``tipoff_bound`` never counts, neither as closing nor as opening line, nor does any snapshot of a
    row without a bound. If a book shows several lines for one key in one snapshot (alternate lines), its main line is
    the one whose two prices are most balanced, that is whose implied probabilities are closest to each other; lines
    lacking a price come last, and of equally balanced lines the lower one is the main line. Of several rows of the
    same snapshot and line the one written last counts. What remains tied is settled by content, never by the order of
    rows.

    Args:
        rows: Frame with the key's columns, ``snapshot_timestamp``, ``tipoff_bound``, ``processed_at`` (all UTC), the
            line and the prices.
        key: Columns that say whose line it is, such as game, player and book. The columns must not hold NULL. A side
            may be among them if the market's sides are rows of their own.
        line: Column of the line, in points; NULL throughout for a moneyline.
        prices: Columns of the prices of both sides, in American odds; None if rows hold one side only, and then the
            lowest of several lines is the main line.

    Returns:
        Rows of the input under their index labels.
    """
    early = before_tipoff(rows)
    owner = early.groupby(key, sort=False).ngroup()
    shown = early["snapshot_timestamp"]
    moments = shown.groupby(owner)
    return PregameLines(
        closing=_main_lines(early[shown == moments.transform("max")], key, line, prices),
        opening=_main_lines(early[shown == moments.transform("min")], key, line, prices),
    )


def _main_lines(rows: pd.DataFrame, key: list[str], line: str, prices: tuple[str, str] | None) -> pd.DataFrame:
    """One row per key of rows of which each key has one snapshot only."""
    crowded = rows.duplicated(key, keep=False)
    if not crowded.any():
        return rows
    several = rows[crowded]
    content = sorted(set(several.columns) - {*key, line, "processed_at"})
    several = several.sort_values(["processed_at", *content], ascending=[False] + [True] * len(content))
    several = several.drop_duplicates([*key, line])
    imbalance = pd.Series(0.0, index=several.index)
    if prices is not None:
        one, other = (implied_probabilities(several[name]) for name in prices)
        # Rounded so that equal balances stay equal whatever their last binary digit.
        imbalance = (one - other).abs().round(9)
    several = several.assign(imbalance=imbalance).sort_values(["imbalance", line], na_position="last")
    return pd.concat([rows[~crowded], several.drop_duplicates(key)[rows.columns]])
