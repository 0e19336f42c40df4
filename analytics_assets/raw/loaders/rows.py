"""Judging rows: the ledger of rejected rows, and reading cells of a column into dates, whole numbers and ids.

Every reader of cells works on a whole column and answers NULL for what it cannot read; the caller decides whether
that is a reason to reject the row.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analytics_assets.league.games import game_types
from analytics_assets.league.teams import UnknownTeamError, tricode_of_name

_EASTERN = ZoneInfo("America/New_York")
_MIDNIGHT = r"(?:[T ]+(?:00:00(?::00(?:\.0+)?)?|12:00:00 AM)(?:Z|[+-]00:?00)?)?"
_DATE_LAYOUTS = (
    (r"([0-9]{4}-[0-9]{2}-[0-9]{2})", "%Y-%m-%d"),
    (r"([0-9]{1,2}/[0-9]{1,2}/[0-9]{4})", "%m/%d/%Y"),
    (r"([0-9]{1,2}-[0-9]{1,2}-[0-9]{4})", "%m-%d-%Y"),
    (r"([A-Za-z]{3} [0-9]{1,2}, [0-9]{4})", "%b %d, %Y"),
    (r"([0-9]{8})", "%Y%m%d"),
)
# Beyond 2^53 floating point no longer tells neighbouring whole numbers apart.
_LARGEST_WHOLE = 2**53


class RejectReason(StrEnum):
    """Why a row of a file is in no frame."""

    UNKNOWN_TRICODE = "unknown_tricode"
    UNKNOWN_TEAM_NAME = "unknown_team_name"
    MALFORMED_MATCHUP = "malformed_matchup"
    MALFORMED_GAME_ID = "malformed_game_id"
    MALFORMED_DATE = "malformed_date"
    DATE_BEYOND_TODAY = "date_beyond_today"
    MISSING_PLAYER = "missing_player"
    MISSING_TEAM = "missing_team"
    DUPLICATE_ROW = "duplicate_row"
    NOT_A_NUMBER = "not_a_number"
    MALFORMED_CLOCK = "malformed_clock"
    MISSING_RESULT = "missing_result"
    UNKNOWN_SHOT_TYPE = "unknown_shot_type"
    MISSING_BOOKMAKER = "missing_bookmaker"
    UNKNOWN_BET_SIDE = "unknown_bet_side"
    UNKNOWN_INJURY_STATUS = "unknown_injury_status"
    UNCLEAR_LAYOUT = "unclear_layout"
    BREAKS_DECLARATION = "breaks_declaration"


class RowLedger:
    """Which rows of a file are still good, and why the others are not. The first reason found is the row's reason."""

    def __init__(self, row_count: int) -> None:
        self._reasons = np.full(row_count, None, dtype=object)
        self._details = np.full(row_count, None, dtype=object)

    @property
    def kept(self) -> np.ndarray:
        """Whether each row is still good, as booleans in file order."""
        return pd.isna(self._reasons)

    def reject(self, rows: pd.Series | np.ndarray, reason: RejectReason, cells: pd.Series, advice: str) -> None:
        """Reject rows that have not been rejected before.

        Args:
            rows: Boolean for every row of the file; NULL counts as false.
            reason: Why.
            cells: The offending column of the file; its name and values go into the detail.
            advice: What is wrong with the value and what to do next.
        """
        flags = pd.array(np.asarray(rows), dtype="boolean").fillna(False).to_numpy(dtype=bool)
        fresh = np.flatnonzero(flags & self.kept)
        for position in fresh:
            cell = cells.iloc[position]
            blank = _is_missing(cell) or (isinstance(cell, str) and not cell.strip())
            shown = "empty" if blank else repr(cell if isinstance(cell, str) else str(cell))
            self._details[position] = f"{cells.name} is {shown}: {advice}"
        self._reasons[fresh] = str(reason)

    def reject_repeated(self, keys: pd.DataFrame, cells: pd.Series, advice: str) -> None:
        """Reject good rows whose key occurs again further down, so that the last one stays."""
        kept = self.kept
        repeated = np.zeros(len(kept), dtype=bool)
        repeated[kept] = keys[kept].duplicated(keep="last").to_numpy()
        self.reject(repeated, RejectReason.DUPLICATE_ROW, cells, advice)

    def rejected(self, raw: pd.DataFrame | Sequence[object]) -> pd.DataFrame:
        """The rejected rows in file order.

        Args:
            raw: All rows of the file as they stood in it.

        Returns:
            Columns ``row_number`` (from 1, a CSV header not counted), ``reason``, ``detail``, ``raw_values`` (JSON).
        """
        positions = np.flatnonzero(~self.kept)
        if isinstance(raw, pd.DataFrame):
            picked: list[object] = list(raw.iloc[positions].astype(object).to_dict("records"))
        else:
            picked = [raw[position] for position in positions.tolist()]
        return pd.DataFrame(
            {
                "row_number": pd.array(positions + 1, dtype="Int64"),
                "reason": pd.array(self._reasons[positions], dtype="string"),
                "detail": pd.array(self._details[positions], dtype="string"),
                "raw_values": pd.array([_as_json(row) for row in picked], dtype="string"),
            }
        )


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and cell != cell)


def _as_json(row: object) -> str:
    if isinstance(row, dict):
        row = {str(name): None if _is_missing(cell) else cell for name, cell in row.items()}
    return json.dumps(row, ensure_ascii=False, default=str)


def texts(cells: pd.Series) -> pd.Series:
    """Cells as trimmed text; NULL where missing or blank. Whole floats lose the ``.0`` that storage gave them."""
    if pd.api.types.is_integer_dtype(cells.dtype):
        return cells.astype("string")
    read = cells.astype(object).map(_cell_text)
    return read.astype("string")


def _cell_text(cell: object) -> str | None:
    if _is_missing(cell):
        return None
    if isinstance(cell, (float, np.floating)) and float(cell).is_integer():
        return str(int(cell))
    # Half of a surrogate pair is legal in JSON and in no database.
    return str(cell).strip().encode("utf-8", "replace").decode("utf-8") or None


def whole_numbers(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Cells as whole numbers.

    Returns:
        The numbers as Int64, NULL where missing or unreadable, and whether a cell holds something unreadable.
    """
    if pd.api.types.is_signed_integer_dtype(cells.dtype):
        return cells.astype("Int64"), pd.Series(False, index=cells.index)
    if pd.api.types.infer_dtype(cells, skipna=False) == "integer" and cells.abs().max() < _LARGEST_WHOLE:
        # JSON gives whole numbers as objects; reading them as text would take most of the time a file takes.
        return cells.astype("Int64"), pd.Series(False, index=cells.index)
    written = texts(cells)
    numbers = pd.to_numeric(written.astype(object).where(written.notna(), np.nan), errors="coerce").astype("float64")
    whole = numbers.notna() & (numbers.abs() < _LARGEST_WHOLE) & (numbers == numbers.round())
    return numbers.where(whole).astype("Int64"), written.notna() & ~whole


def decimals(cells: pd.Series) -> pd.Series:
    """Cells as finite numbers; NaN where missing or unreadable."""
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        cells = pd.to_numeric(texts(cells).astype(object), errors="coerce")
    return cells.astype("float64").replace([np.inf, -np.inf], np.nan)


def moments(cells: pd.Series) -> pd.Series:
    """Moments in UTC, such as ``2024-02-22T23:55:07Z``; NULL where a cell is none or lacks the time of day."""
    written = texts(cells)
    timed = written.where(written.str.contains(r"[T ][0-9]{2}:").fillna(False))
    return pd.to_datetime(timed.astype(object), utc=True, format="ISO8601", errors="coerce")


def dates(cells: pd.Series) -> pd.Series:
    """Calendar dates at midnight, without time zone; NULL where a cell is no date or carries a time of day.

    Read are ``2023-10-24``, ``20231024``, ``10/24/2023`` and ``10-24-2023`` (month first, as NBA.com writes it) and
    ``OCT 24, 2023``, each also with midnight after it, and date columns of Parquet.
    """
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        written = cells.dt.tz_localize(None).astype("datetime64[ns]")
        return written.where(written == written.dt.normalize())
    written = texts(cells)
    # A season has some 170 dates on 26,000 lines: each is read once.
    distinct = pd.Series(written.dropna().unique(), dtype="string")
    read = pd.Series(pd.NaT, index=distinct.index, dtype="datetime64[ns]")
    for pattern, layout in _DATE_LAYOUTS:
        day = distinct.str.extract(f"^{pattern}{_MIDNIGHT}$", expand=False)
        read = read.fillna(pd.to_datetime(day.astype(object), format=layout, errors="coerce").astype("datetime64[ns]"))
    found = dict(zip(distinct, read, strict=True))
    return pd.to_datetime(written.astype(object).map(found)).astype("datetime64[ns]")


def nba_game_ids(cells: pd.Series) -> pd.Series:
    """Ten-digit NBA game ids, with the leading zeros that tables often lose; NULL where a cell is no NBA game id."""
    padded = texts(cells).where(lambda written: written.str.fullmatch("[0-9]{1,10}").fillna(False)).str.zfill(10)
    return padded.where(game_types(padded).notna())


def eastern_date(now: datetime) -> date:
    """US-Eastern calendar date of a moment.

    Raises:
        ValueError: The moment has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now has no time zone; pass a moment such as datetime.now(UTC)")
    return now.astimezone(_EASTERN).date()


def check_game_ids(ledger: RowLedger, cells: pd.Series) -> pd.Series:
    """Game ids of the rows; rows without a usable one are rejected."""
    ids = nba_game_ids(cells)
    ledger.reject(
        ids.isna(),
        RejectReason.MALFORMED_GAME_ID,
        cells,
        "an NBA game id has ten digits and starts with 001 to 006; correct it in the file, or leave out the line "
        "if it is of another league",
    )
    return ids


def check_dates(ledger: RowLedger, cells: pd.Series, *, latest: date | None = None) -> pd.Series:
    """Dates of the rows; rows without one, or with one after ``latest``, are rejected."""
    days = dates(cells)
    ledger.reject(
        days.isna(), RejectReason.MALFORMED_DATE, cells, "not a calendar date; write it as YYYY-MM-DD and load again"
    )
    if latest is not None:
        ledger.reject(
            days > pd.Timestamp(latest),
            RejectReason.DATE_BEYOND_TODAY,
            cells,
            f"later than today ({latest}, US Eastern), so nothing can have been played; correct the date, or load "
            "the file once the game is over",
        )
    return days


def check_whole_numbers(ledger: RowLedger, cells: pd.Series, *, fractions_are_null: bool = False) -> pd.Series:
    """Whole numbers of the rows, NULL where a cell is empty; rows with anything else are rejected.

    Args:
        ledger: Takes the rejected rows.
        cells: Column to read.
        fractions_are_null: Whether a finite number that is not whole becomes NULL instead of rejecting its row.
    """
    numbers, unreadable = whole_numbers(cells)
    if fractions_are_null and unreadable.any():
        fractions = pd.to_numeric(texts(cells[unreadable]).astype(object), errors="coerce").abs() < _LARGEST_WHOLE
        unreadable = unreadable & ~fractions.reindex(unreadable.index, fill_value=False)
    ledger.reject(
        unreadable, RejectReason.NOT_A_NUMBER, cells, "not a whole number; correct it in the file, or leave it empty"
    )
    return numbers


def check_decimals(ledger: RowLedger, cells: pd.Series) -> pd.Series:
    """Numbers of the rows, NaN where a cell is empty; rows with anything else are rejected."""
    numbers = decimals(cells)
    unreadable = texts(cells[numbers.isna()]).notna().reindex(cells.index, fill_value=False)
    ledger.reject(
        unreadable,
        RejectReason.NOT_A_NUMBER,
        cells,
        "not a number; correct it in the file, or leave it empty",
    )
    return numbers


def check_team_names(ledger: RowLedger, names: pd.Series) -> pd.Series:
    """Tricodes of teams written as full names; rows without a known name are rejected."""
    written = texts(names)
    known: dict[str, str] = {}
    for name in written.dropna().unique():
        try:
            known[name] = tricode_of_name(name)
        except UnknownTeamError:
            continue
    ledger.reject(written.isna(), RejectReason.MISSING_TEAM, names, "fill in the team's full name")
    tricodes = written.map(known).astype("string")
    ledger.reject(
        tricodes.isna(),
        RejectReason.UNKNOWN_TEAM_NAME,
        names,
        "no team has this name; write it in full, or add it to the name variants in league/teams.py",
    )
    return tricodes
