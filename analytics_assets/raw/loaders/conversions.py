"""Conversions that a mapping file may name: what a source's cells become in a column of a raw table.

A conversion answers NULL for what it cannot read; the caller rejects the row. It never guesses.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from analytics_assets.league.games import canonical_game_ids
from analytics_assets.league.seasons import season_years_of_dates
from analytics_assets.league.teams import UnknownTeamError, canonical_tricodes, tricode_of_name
from analytics_assets.raw.loaders.injury_report import spoken_names
from analytics_assets.raw.loaders.rows import (
    RejectReason,
    dates,
    decimals,
    moments,
    nba_game_ids,
    texts,
    whole_numbers,
)
from analytics_assets.raw.names import player_lookups
from analytics_assets.stats.minutes import parse_minutes
from analytics_assets.tables.declaration import ColumnType

GAME_ID = "game_id"
GAME_ID_PARTS = ("date", "away", "home")

_EASTERN = "America/New_York"
_STATED_ZONE = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$"
_YES_OR_NO = {"true": True, "t": True, "yes": True, "y": True, "1": True}
_YES_OR_NO |= {"false": False, "f": False, "no": False, "n": False, "0": False}


@dataclass(frozen=True)
class Conversion:
    """One conversion of one source column.

    Attributes:
        gives: The column type that it fills.
        read: Values of the cells; NULL where a cell is empty or cannot be read.
        reason: Why a row whose cell cannot be read is rejected.
        reads: What a cell must be, to end the sentence "must be …".
    """

    gives: ColumnType
    read: Callable[[pd.Series], pd.Series]
    reason: RejectReason
    reads: str


def _yes_or_no(cells: pd.Series) -> pd.Series:
    return texts(cells).str.lower().map(_YES_OR_NO).astype("boolean")


def _eastern_dates(cells: pd.Series) -> pd.Series:
    return _stated_moments(cells).dt.tz_convert(_EASTERN).dt.normalize().dt.tz_localize(None)


def _stated_moments(cells: pd.Series) -> pd.Series:
    """Moments that say their time zone; of others nobody can tell when they were."""
    written = texts(cells)
    return moments(written.where(written.str.contains(_STATED_ZONE).fillna(False)))


def _local_moments(cells: pd.Series) -> pd.Series:
    """Moments without a time zone, as they stand on the clock."""
    written = texts(cells)
    return moments(written.mask(written.str.contains(_STATED_ZONE).fillna(False)))


def _eastern_moments(cells: pd.Series) -> pd.Series:
    local = _local_moments(cells).dt.tz_localize(None)
    # Of an hour that comes twice the later one counts: before it nothing may have been known.
    later = [False] * len(local)
    return local.dt.tz_localize(_EASTERN, ambiguous=later, nonexistent="NaT").dt.tz_convert("UTC")  # type: ignore[arg-type]


def _listed(cells: pd.Series) -> pd.Series:
    return cells.map(_list_of_cell).astype(object)


def _list_of_cell(cell: object) -> list[str] | None:
    if isinstance(cell, str):
        return [part.strip() for part in cell.split(";") if part.strip()]
    if hasattr(cell, "tolist"):
        cell = cell.tolist()  # type: ignore[attr-defined]
    return [str(part) for part in cell] if isinstance(cell, list | tuple) else None


def _json_texts(cells: pd.Series) -> pd.Series:
    return cells.map(_json_of_cell).astype("string")


def _json_of_cell(cell: object) -> str | None:
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False)
    try:
        json.loads(str(cell))
    except (ValueError, RecursionError):
        return None
    return str(cell)


def _tricodes_of_names(cells: pd.Series) -> pd.Series:
    known: dict[str, str] = {}
    for name in texts(cells).dropna().unique():
        try:
            known[name] = tricode_of_name(name)
        except UnknownTeamError:
            continue
    return texts(cells).map(known).astype("string")


def _lookups(names: pd.Series) -> pd.Series:
    return player_lookups(names).replace("", pd.NA)


def _minutes(cells: pd.Series) -> pd.Series:
    written = texts(cells)
    return written.where(parse_minutes(written).notna())


def game_ids(day: pd.Series, away: pd.Series, home: pd.Series) -> pd.Series:
    """``YYYYMMDD_AWAY_HOME`` from a date and two codes in any accepted spelling; NULL where a part cannot be read."""
    visitors, hosts = canonical_tricodes(texts(away)), canonical_tricodes(texts(home))
    ids = canonical_game_ids(dates(day), visitors, hosts)
    return ids.where((visitors != hosts).fillna(False))


CONVERSIONS: dict[str, Conversion] = {
    "text": Conversion(ColumnType.STRING, texts, RejectReason.BREAKS_DECLARATION, "a text"),
    "whole_number": Conversion(
        ColumnType.INT64, lambda cells: whole_numbers(cells)[0], RejectReason.NOT_A_NUMBER, "a whole number"
    ),
    "number": Conversion(ColumnType.FLOAT64, decimals, RejectReason.NOT_A_NUMBER, "a number"),
    "yes_or_no": Conversion(
        ColumnType.BOOL, _yes_or_no, RejectReason.BREAKS_DECLARATION, "true or false, yes or no, 1 or 0"
    ),
    "date": Conversion(
        ColumnType.DATE, dates, RejectReason.MALFORMED_DATE, "a date such as 2024-01-31 or 01/31/2024 (month first)"
    ),
    "eastern_date": Conversion(
        ColumnType.DATE,
        _eastern_dates,
        RejectReason.MALFORMED_DATE,
        "a moment with a time zone, such as 2024-02-01T00:30:00Z, whose US-Eastern date is taken",
    ),
    "moment": Conversion(
        ColumnType.TIMESTAMP,
        _stated_moments,
        RejectReason.MALFORMED_DATE,
        "a moment with a time zone, such as 2024-02-01T00:30:00Z; without one use utc_moment or eastern_moment",
    ),
    "utc_moment": Conversion(
        ColumnType.TIMESTAMP,
        _local_moments,
        RejectReason.MALFORMED_DATE,
        "a moment of UTC without a time zone, such as 2024-02-01 00:30:00",
    ),
    "eastern_moment": Conversion(
        ColumnType.TIMESTAMP,
        _eastern_moments,
        RejectReason.MALFORMED_DATE,
        "a moment of US-Eastern time without a time zone, such as 2024-01-31 19:30:00",
    ),
    "list": Conversion(
        ColumnType.STRING_ARRAY, _listed, RejectReason.BREAKS_DECLARATION, "a list, or texts with ';' between them"
    ),
    "json": Conversion(ColumnType.JSON, _json_texts, RejectReason.BREAKS_DECLARATION, "a JSON value"),
    "tricode": Conversion(
        ColumnType.STRING,
        lambda cells: canonical_tricodes(texts(cells)),
        RejectReason.UNKNOWN_TRICODE,
        "a team's code in any accepted spelling, such as BKN or BRK",
    ),
    "team_name": Conversion(
        ColumnType.STRING,
        _tricodes_of_names,
        RejectReason.UNKNOWN_TEAM_NAME,
        "a team's full name, such as Denver Nuggets",
    ),
    "player_lookup": Conversion(
        ColumnType.STRING,
        lambda cells: _lookups(texts(cells)),
        RejectReason.MISSING_PLAYER,
        "a name with Latin letters, first name first, such as Nikola Jokić",
    ),
    "player_lookup_last_first": Conversion(
        ColumnType.STRING,
        lambda cells: _lookups(spoken_names(cells)),
        RejectReason.MISSING_PLAYER,
        "a name with Latin letters, last name first, such as Porter Jr., Michael",
    ),
    "name_last_first": Conversion(
        ColumnType.STRING, spoken_names, RejectReason.MISSING_PLAYER, "a name, last name first; it is turned"
    ),
    "minutes": Conversion(
        ColumnType.STRING,
        _minutes,
        RejectReason.NOT_A_NUMBER,
        "playing time such as 26, 26.5, 26:30 or PT26M30.00S; it is kept as written",
    ),
    "lower_case": Conversion(
        ColumnType.STRING,
        lambda cells: texts(cells).str.lower().str.replace(" ", ""),
        RejectReason.BREAKS_DECLARATION,
        "a text, which is put in lower case without spaces",
    ),
    "nba_game_id": Conversion(
        ColumnType.STRING,
        nba_game_ids,
        RejectReason.MALFORMED_GAME_ID,
        "an NBA game id of ten digits that starts with 001 to 006, also without its leading zeros",
    ),
    "season_year": Conversion(
        ColumnType.INT64,
        lambda cells: season_years_of_dates(dates(cells)),
        RejectReason.MALFORMED_DATE,
        "a date such as 2024-01-31, whose season is taken",
    ),
}

DEFAULT_OF_TYPE = {
    ColumnType.STRING: "text",
    ColumnType.INT64: "whole_number",
    ColumnType.FLOAT64: "number",
    ColumnType.BOOL: "yes_or_no",
    ColumnType.DATE: "date",
    ColumnType.TIMESTAMP: "moment",
    ColumnType.STRING_ARRAY: "list",
    ColumnType.JSON: "json",
}
