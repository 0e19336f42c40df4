"""Answers of the Odds API to rows of the raw betting lines: on players' points, and on games."""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pandas as pd

from analytics_assets.league.games import canonical_game_ids
from analytics_assets.league.seasons import season_years_of_dates
from analytics_assets.raw.declarations import ODDS_API_GAME_LINES, ODDS_API_PLAYER_POINTS_PROPS
from analytics_assets.raw.loaders.files import UnreadableFileError, read_answer
from analytics_assets.raw.loaders.loaded_file import FileKind, LoadedFile
from analytics_assets.raw.loaders.rows import (
    RejectReason,
    RowLedger,
    check_team_names,
    decimals,
    eastern_date,
    moments,
    texts,
)
from analytics_assets.raw.names import player_lookups
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform

POINTS_MARKET = "player_points"
# One line a side and snapshot: the whole game, a half or a quarter. Alternate lines would be several.
_GAME_MARKET = re.compile(r"h2h_lay|(?:h2h|spreads|totals)(?:_(?:h[12]|q[1-4]))?")
_LINE_KEY = ["game_id", "player_lookup", "bookmaker", "snapshot_timestamp", "points_line"]
_SMALLEST_AMERICAN = 100
_FIELDS = (
    *("event_id", "commence_time", "home_team", "away_team", "bookmaker", "market", "last_update"),
    *("name", "description", "price", "point"),
)


def read_odds_api(path: Path, *, now: datetime) -> LoadedFile:
    """Read one Odds API answer into frames of our raw tables.

    Every snapshot is read as it is, also one taken during the game. Other markets, such as rebounds or alternate
    lines, are skipped and counted.

    Args:
        path: JSON, also gzipped: an event with its ``bookmakers``, a list of events, or either as ``data`` beside the
            ``timestamp`` of a historical answer, also as ``response`` of a stored answer. Prices must be American odds.
        now: Moment of loading, with a time zone: becomes ``processed_at``.

    Returns:
        Frames of ``odds_api_player_points_props`` (over and under of a line are one row) and ``odds_api_game_lines``,
        either of them empty where the file has no such market; the rejected outcomes, numbered over the markets read.

    Raises:
        UnreadableFileError: The file is missing, empty, damaged, or no such answer.
        ValueError: ``now`` has no time zone.
    """
    eastern_date(now)
    outcomes, left_out = _outcomes(path, read_answer(path))
    cells = pd.DataFrame(outcomes, columns=pd.Index(_FIELDS), dtype=object)
    ledger = RowLedger(len(cells))
    rows = _shared_columns(cells, ledger, now)
    is_prop = rows["market"] == POINTS_MARKET
    _add_players(rows, cells, ledger, is_prop)
    _add_sides(rows, cells, ledger, is_prop)
    _add_numbers(rows, cells, ledger)
    ledger.reject_repeated(
        rows[["game_id", "market", "bookmaker", "bet_side", "snapshot_timestamp", "player_lookup"]].assign(
            # A book may offer several lines on a player's points at a time, but one line on a game.
            line=rows["line"].where(is_prop)
        ),
        cells["name"],
        "the same side of the same line stands further down again and that one is kept; remove one if they differ",
    )
    kept, props_kept = rows[ledger.kept], is_prop[ledger.kept]
    frames = {
        ODDS_API_PLAYER_POINTS_PROPS.name: _points_lines(kept[props_kept]),
        ODDS_API_GAME_LINES.name: _conformed(kept[~props_kept], ODDS_API_GAME_LINES),
    }
    skipped = {f"market {market}": count for market, count in sorted(left_out.items())}
    return LoadedFile(path, FileKind.ODDS, frames, ledger.rejected(cells), skipped)


def _outcomes(path: Path, answer: object) -> tuple[list[dict[str, object]], Counter[str]]:
    """The outcomes of markets that we store, each with what its market, book and event say; the others by market."""
    rows: list[dict[str, object]] = []
    left_out: Counter[str] = Counter()
    for event, asked_at in _events(path, answer):
        about = {"event_id": event.get("id")}
        about |= {name: event.get(name) for name in ("commence_time", "home_team", "away_team")}
        for book in _entries(path, event, "bookmakers", f"event {event.get('id')}"):
            where = f"event {event.get('id')}, book {book.get('key')}"
            for market in _entries(path, book, "markets", where):
                key = str(market.get("key"))
                told = _objects(path, market, "outcomes", f"{where}, market {key}")
                if key != POINTS_MARKET and not _GAME_MARKET.fullmatch(key):
                    left_out[key] += len(told)
                    continue
                shown = market.get("last_update") or book.get("last_update") or asked_at
                offer = about | {"bookmaker": book.get("key"), "market": key, "last_update": shown}
                for outcome in told:
                    fields = outcome if isinstance(outcome, dict) else {"name": outcome}
                    rows.append(offer | {name: fields.get(name) for name in ("name", "description", "price", "point")})
    return rows, left_out


def _events(path: Path, answer: object, asked_at: object = None) -> list[tuple[dict[str, object], object]]:
    """The events of an answer, each with the moment of the historical answer that it stands in."""
    if isinstance(answer, dict) and "request" in answer and "response" in answer:
        answer = answer["response"]
    if isinstance(answer, list):
        return [found for entry in answer for found in _events(path, entry, asked_at)]
    if isinstance(answer, dict) and "data" in answer:
        return _events(path, answer["data"], answer.get("timestamp"))
    if isinstance(answer, dict) and "bookmakers" in answer:
        return [(answer, asked_at)]
    found = f"the keys {', '.join(map(str, answer))}" if isinstance(answer, dict) else f"a {type(answer).__name__}"
    raise UnreadableFileError(
        f"{path}: found {found} where an event with 'bookmakers' is needed; save the whole answer of the Odds API's "
        "odds endpoint"
    )


def _objects(path: Path, holder: dict[str, object], name: str, where: str) -> list[object]:
    listed = holder.get(name)
    if not isinstance(listed, list):
        raise UnreadableFileError(f"{path}: {where}: {name!r} is no list; fetch the answer again")
    return listed


def _entries(path: Path, holder: dict[str, object], name: str, where: str) -> list[dict[str, object]]:
    listed = _objects(path, holder, name, where)
    entries = [entry for entry in listed if isinstance(entry, dict)]
    if len(entries) < len(listed):
        raise UnreadableFileError(f"{path}: {where}: an entry of {name!r} is no object; fetch the answer again")
    return entries


def _shared_columns(cells: pd.DataFrame, ledger: RowLedger, now: datetime) -> pd.DataFrame:
    """Game, book, market and moment of every outcome."""
    rows = pd.DataFrame(index=cells.index)
    rows["tipoff_at"] = _check_moments(ledger, cells["commence_time"])
    rows["game_date"] = rows["tipoff_at"].dt.tz_convert("America/New_York").dt.normalize().dt.tz_localize(None)
    rows["season_year"] = season_years_of_dates(rows["game_date"])
    rows["home"], rows["away"] = (check_team_names(ledger, cells[f"{side}_team"]) for side in ("home", "away"))
    ledger.reject(
        rows["home"] == rows["away"],
        RejectReason.MALFORMED_MATCHUP,
        cells["home_team"],
        "names one team as both home and away; fetch the answer again",
    )
    rows["game_id"] = canonical_game_ids(rows["game_date"], rows["away"], rows["home"])
    rows["event_id"] = texts(cells["event_id"])
    rows["bookmaker"] = texts(cells["bookmaker"]).str.lower().str.replace(" ", "")
    ledger.reject(
        rows["bookmaker"].isna(), RejectReason.MISSING_BOOKMAKER, cells["bookmaker"], "the book's key is needed"
    )
    rows["market"] = texts(cells["market"])
    rows["snapshot_timestamp"] = _check_moments(ledger, cells["last_update"])
    rows["processed_at"] = now
    return rows


def _check_moments(ledger: RowLedger, cells: pd.Series) -> pd.Series:
    read = moments(cells)
    ledger.reject(
        read.isna(),
        RejectReason.MALFORMED_DATE,
        cells,
        "not a moment such as 2024-02-22T23:55:07Z; ask the API with dateFormat=iso",
    )
    return read


def _add_players(rows: pd.DataFrame, cells: pd.DataFrame, ledger: RowLedger, is_prop: pd.Series) -> None:
    rows["player_name"] = texts(cells["description"]).where(is_prop)
    rows["player_lookup"] = player_lookups(rows["player_name"])
    ledger.reject(
        is_prop & (rows["player_lookup"].isna() | (rows["player_lookup"] == "")),
        RejectReason.MISSING_PLAYER,
        cells["description"],
        "no name in Latin letters, so the line is on nobody we know; fetch the answer again",
    )


def _add_sides(rows: pd.DataFrame, cells: pd.DataFrame, ledger: RowLedger, is_prop: pd.Series) -> None:
    names = texts(cells["name"])
    of_totals = is_prop | rows["market"].str.startswith("totals")
    sides = names.str.lower().where(of_totals & names.str.lower().isin(["over", "under"]))
    for side in ("home", "away"):
        sides = sides.mask(~of_totals & (names == texts(cells[f"{side}_team"])).fillna(False), side)
    ledger.reject(
        sides.isna(),
        RejectReason.UNKNOWN_BET_SIDE,
        cells["name"],
        "must be Over or Under on points and totals, else home_team or away_team; fetch the answer again",
    )
    rows["bet_side"] = sides


def _add_numbers(rows: pd.DataFrame, cells: pd.DataFrame, ledger: RowLedger) -> None:
    rows["price"] = decimals(cells["price"])
    too_small = rows["price"].abs() < _SMALLEST_AMERICAN
    # An answer has one format throughout. Of decimal odds, a long shot's 101.0 would pass for American +101.
    is_decimal = 2 * too_small.sum() >= rows["price"].notna().sum()
    ledger.reject(
        too_small | rows["price"].isna() | is_decimal,
        RejectReason.NOT_A_NUMBER,
        cells["price"],
        "American odds are at least 100 or at most -100; ask the API with oddsFormat=american",
    )
    rows["line"] = decimals(cells["point"])
    ledger.reject(
        ~rows["market"].str.startswith("h2h") & rows["line"].isna(),
        RejectReason.NOT_A_NUMBER,
        cells["point"],
        "the line is needed as a number of points; fetch the answer again",
    )


def _points_lines(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per line, with the price of each side that the book shows."""
    lines = rows.rename(columns={"line": "points_line"})
    for side in ("over", "under"):
        lines[f"{side}_price"] = lines["price"].where(lines["bet_side"] == side)
    # The first value that is not NULL: the over's price stands in one row of the two, the under's in the other.
    joined = lines.groupby(_LINE_KEY, sort=False, as_index=False).first()
    return _conformed(joined, ODDS_API_PLAYER_POINTS_PROPS)


def _conformed(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    declared = rows[[name for name in rows.columns if name in table.by_name]]
    return conform(declared.reset_index(drop=True), table)
