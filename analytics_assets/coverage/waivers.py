"""Waivers: dates that somebody accepted as a permanent gap, and what shows that one is no longer needed."""

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_TEAM_BOXSCORE,
)
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform, date_series
from analytics_assets.tables.operations import WAIVERS, Outcome
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.warehouse import Warehouse, Write

_PLAYER_BOXES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES, BDL_PLAYER_BOXSCORES)
_WAITING_FOR_RAW_ROWS = ("never_built", str(Outcome.NO_RAW_DATA), str(Outcome.PARTIAL_RAW_DATA))
_OF_A_WAIVER = ["table_name", "author", "reason", "created_at"]


def waive(
    warehouse: Warehouse, table_name: str, dates: Sequence[date], *, author: str, reason: str, now: datetime
) -> None:
    """Accept dates of a table as a permanent gap; an earlier waiver of the same dates no longer holds.

    Raises:
        ValueError: Author or reason is empty.
    """
    if not author.strip() or not reason.strip():
        raise ValueError("a waiver needs an author and a reason")
    days = pd.DataFrame({"table_name": table_name, "game_date": date_series(sorted(set(dates)))})
    days = days.assign(author=author.strip(), reason=reason.strip(), created_at=pd.Timestamp(now))
    _add(warehouse, days, taken_back=False)


def unwaive(warehouse: Warehouse, table_name: str, dates: Sequence[date], *, now: datetime) -> int:
    """Take waivers of these dates back; other dates of the same waivers stay.

    Returns:
        How many of the dates were waived.
    """
    days = waived_dates(warehouse.read(WAIVERS))
    days = days[(days["table_name"] == table_name) & days["game_date"].isin(date_series(dates))]
    if len(days):
        _add(warehouse, days.assign(created_at=pd.Timestamp(now)), taken_back=True)
    return len(days)


def waived_dates(waivers: pd.DataFrame) -> pd.DataFrame:
    """One row per table and date that is waived now: ``table_name``, ``game_date`` and the latest waiver's ``author``,
    ``reason`` and ``created_at``.

    Args:
        waivers: All rows of ``nba_ops.waivers``.
    """
    ranges = [pd.date_range(row["first_date"], row["last_date"]) for row in waivers.to_dict("records")]
    days = waivers.assign(game_date=pd.Series(ranges, index=waivers.index, dtype=object)).explode("game_date")
    days = days.assign(game_date=pd.to_datetime(days["game_date"])).sort_values("created_at", kind="stable")
    latest = days.drop_duplicates(["table_name", "game_date"], keep="last")
    waived = latest[~latest["taken_back"].fillna(False).astype(bool)]
    return waived[["game_date", *_OF_A_WAIVER]].sort_values(["table_name", "game_date"], ignore_index=True)


def waiver_notes(warehouse: Warehouse, grid: pd.DataFrame) -> pd.Series:
    """What tells that a waiver is no longer needed: the date is done, or raw rows of all its games are there now.

    Args:
        warehouse: Holds the raw tables.
        grid: ``table_name``, ``game_date``, ``state``, ``done``, ``waived``, ``expected_games``.

    Returns:
        Text per row of the grid; NULL where there is nothing to say.
    """
    notes = pd.Series(None, index=grid.index, dtype=object)
    notes[grid["waived"] & grid["done"]] = "done: take the waiver back"
    waiting = grid[grid["waived"] & grid["state"].isin(_WAITING_FOR_RAW_ROWS)]
    if waiting.empty:
        return notes
    start, end = waiting["game_date"].min().date(), waiting["game_date"].max().date()
    games = {table: _games_by_date(warehouse, table, start, end) for table in (*_PLAYER_BOXES, NBAC_TEAM_BOXSCORE)}
    for table in (table for table in ANALYTICS_TABLES if table.days_ahead is None):
        rows = waiting[waiting["table_name"] == table.name]
        boxes = _PLAYER_BOXES if table is PLAYER_GAME_SUMMARY else tuple(games)
        found = pd.concat([games[box] for box in boxes]).groupby(level=0).max()
        stored = rows["game_date"].map(found).fillna(0)
        enough = (stored > 0) & (stored >= rows["expected_games"].fillna(1).astype(float))
        notes[rows.index[enough]] = "raw rows of all its games are there now: build it, then take the waiver back"
    return notes


def _games_by_date(warehouse: Warehouse, table: Table, start: date, end: date) -> pd.Series:
    return warehouse.counts_by_date(table, start, end).set_index("game_date")["games"]


def _add(warehouse: Warehouse, days: pd.DataFrame, *, taken_back: bool) -> None:
    """Add blocks of consecutive dates with the same author and reason; what others add meanwhile stays as it is."""
    warehouse.ensure(WAIVERS)
    days = days.sort_values([*_OF_A_WAIVER, "game_date"], ignore_index=True)
    gap = days["game_date"].diff() != pd.Timedelta(days=1)
    other = days[_OF_A_WAIVER].ne(days[_OF_A_WAIVER].shift()).any(axis=1)
    blocks = days.groupby([(gap | other).cumsum().rename("block"), *_OF_A_WAIVER])["game_date"].agg(["min", "max"])
    rows = blocks.reset_index().rename(columns={"min": "first_date", "max": "last_date"}).drop(columns="block")
    warehouse.commit([Write(WAIVERS, conform(rows.assign(taken_back=taken_back), WAIVERS))])
