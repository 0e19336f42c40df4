"""Files of any origin to rows of one raw table, by a mapping file; values are checked against the declaration."""

from datetime import datetime
from pathlib import Path

import pandas as pd

from analytics_assets.league.seasons import season_years_of_dates
from analytics_assets.league.teams import TRICODES
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.declarations.schedule import TEAM_NOT_KNOWN_YET
from analytics_assets.raw.loaders.conversions import CONVERSIONS, GAME_ID, game_ids
from analytics_assets.raw.loaders.files import UnreadableFileError, read_content
from analytics_assets.raw.loaders.loaded_file import FileKind, LoadedFile
from analytics_assets.raw.loaders.mapping import (
    GAME_DATE,
    PROCESSED_AT,
    SEASON_YEAR,
    ColumnSource,
    Mapping,
    constant_cells,
    filled_by_us,
    nearest_name,
)
from analytics_assets.raw.loaders.rows import RejectReason, RowLedger, eastern_date, texts
from analytics_assets.raw.origin import DEMO_SOURCE
from analytics_assets.tables.declaration import Column, ColumnType
from analytics_assets.tables.frames import conform

MAPPED_SOURCE = "mapped_file"
_DATA_SOURCE = "data_source"


def read_mapped_file(path: Path, mapping: Mapping, *, now: datetime) -> LoadedFile:
    """Read a file into a frame of the mapping's table.

    Args:
        path: Parquet, CSV or JSON (a list of records), each also gzipped.
        mapping: Where each column comes from.
        now: Moment of loading, with a time zone: becomes ``processed_at`` where the mapping does not name it.

    Returns:
        The frame and the rejected rows: those with a value that cannot be read, that the declaration does not allow,
        or that is missing where it may not be. Text is kept as it stands, but for space around it. ``season_year``
        follows from ``game_date`` and ``data_source`` is ``mapped_file`` where the mapping does not name them; other
        columns that are not named are NULL.

    Raises:
        UnreadableFileError: The file is missing, empty, damaged, or lacks a column that the mapping names.
        ValueError: ``now`` has no time zone.
    """
    eastern_date(now)
    lines = read_content(path)
    if not isinstance(lines, pd.DataFrame):
        raise UnreadableFileError(f"{path}: is an answer of NBA.com, not a table; load it with raw load nba-com")
    _check_columns(path, lines, mapping)
    table, ledger = mapping.table, RowLedger(len(lines))
    rows: dict[str, pd.Series] = {}
    for name, source in mapping.sources.items():
        rows[name] = _read(table.by_name[name], lines, source, ledger, is_needed=name in table.key)
    _add_own_columns(rows, mapping, len(lines), now)
    frame = pd.DataFrame(rows, index=lines.index)
    if _DATA_SOURCE in frame:
        _refuse_demo_rows(frame[_DATA_SOURCE], ledger)
    ledger.reject_repeated(
        frame[list(table.key)],
        _cells(lines, mapping.sources.get(table.key[0])),
        f"the same {', '.join(table.key)} stand further down again and that row is kept; remove one if they differ",
    )
    kept = frame[ledger.kept].reset_index(drop=True)
    return LoadedFile(path, FileKind.MAPPED_TABLE, {table.name: conform(kept, table)}, ledger.rejected(lines))


def _check_columns(path: Path, lines: pd.DataFrame, mapping: Mapping) -> None:
    found = [str(name) for name in lines.columns]
    for name, source in mapping.sources.items():
        for column in source.columns:
            count = found.count(column)
            if count == 1:
                continue
            near = nearest_name(column, found)
            advice = f"did you mean {near!r}?" if near else f"its columns are {', '.join(found)}"
            problem = f"has no column {column!r}" if count == 0 else f"has the column {column!r} more than once"
            raise UnreadableFileError(
                f"{path}: {problem}, from which {mapping.path}, line {source.line} fills {name}; {advice}"
            )


def _cells(lines: pd.DataFrame, source: ColumnSource | None) -> pd.Series:
    if source is None or not source.columns:
        return constant_cells(source or ColumnSource(0, "text", ()), len(lines)).set_axis(lines.index)
    if len(source.columns) == 1:
        return lines[source.columns[0]]
    day, away, home = (texts(lines[name]).fillna("") for name in source.columns)
    return (day + " " + away + " " + home).rename(" ".join(source.columns))


def _read(
    column: Column, lines: pd.DataFrame, source: ColumnSource, ledger: RowLedger, *, is_needed: bool
) -> pd.Series:
    """Values of one column; rows where they break the declaration are rejected."""
    cells = _cells(lines, source)
    if source.conversion == GAME_ID:
        values = game_ids(*(lines[name] for name in source.columns))
        ledger.reject(
            values.isna(),
            RejectReason.MALFORMED_GAME_ID,
            cells,
            "a game needs a date such as 2024-01-31 and two different team codes, the visiting team first; "
            "correct it in the file",
        )
        return values
    conversion = CONVERSIONS[source.conversion]
    values = conversion.read(cells)
    filled = cells.notna() if column.type in (ColumnType.STRING_ARRAY, ColumnType.JSON) else texts(cells).notna()
    ledger.reject(
        filled & values.isna(),
        conversion.reason,
        cells,
        f"for {column.name} it must be {conversion.reads}; correct it in the file, or choose another conversion",
    )
    ledger.reject(
        values.isna() & (column.required or is_needed),
        RejectReason.BREAKS_DECLARATION,
        cells,
        f"{column.name} may not be NULL; fill it in",
    )
    _check_bounds(column, values, cells, ledger)
    _check_form(column, values, cells, ledger)
    if column.type is ColumnType.INT64:
        return values.astype("Int64")
    return values


def _check_bounds(column: Column, values: pd.Series, cells: pd.Series, ledger: RowLedger) -> None:
    if column.minimum is not None:
        ledger.reject(
            values < column.minimum,
            RejectReason.BREAKS_DECLARATION,
            cells,
            f"{column.name} is at least {column.minimum:g}; correct it in the file",
        )
    if column.maximum is not None:
        ledger.reject(
            values > column.maximum,
            RejectReason.BREAKS_DECLARATION,
            cells,
            f"{column.name} is at most {column.maximum:g}; correct it in the file",
        )
    if column.allowed:
        ledger.reject(
            values.notna() & ~values.isin(column.allowed),
            RejectReason.BREAKS_DECLARATION,
            cells,
            f"{column.name} must be one of {', '.join(column.allowed)}; correct it in the file",
        )


def _check_form(column: Column, values: pd.Series, cells: pd.Series, ledger: RowLedger) -> None:
    """Ids, codes and lookups must be in the one form by which tables are joined; no text is bent into it silently."""
    name = column.name
    if column.type is not ColumnType.STRING:
        return
    if name == "nba_game_id" or (name == "game_id" and column in NBAC_SCHEDULE.columns):
        form, reason, advice = (
            r"00[1-6][0-9]{7}",
            RejectReason.MALFORMED_GAME_ID,
            'ten digits; map it as = "nba_game_id"',
        )
    elif name == "game_id":
        form, reason = r"[0-9]{8}_[A-Z]{3}_[A-Z]{3}|00[1-6][0-9]{7}", RejectReason.MALFORMED_GAME_ID
        advice = 'YYYYMMDD_AWAY_HOME or ten digits; map it as = "game_id" or as = "nba_game_id"'
    elif name.endswith(("tricode", "team_abbr")):
        form, reason = "|".join((*TRICODES, TEAM_NOT_KNOWN_YET)), RejectReason.UNKNOWN_TRICODE
        advice = 'a team\'s tricode; map it as = "tricode" or as = "team_name"'
    elif name.endswith("_lookup"):
        form, reason = r"[a-z0-9]+", RejectReason.MISSING_PLAYER
        advice = 'lower-case letters and digits; map it as = "player_lookup"'
    else:
        return
    written = values.astype("string")
    ledger.reject(~written.str.fullmatch(form), reason, cells, f"{name} must be {advice}, or correct it in the file")


def _add_own_columns(rows: dict[str, pd.Series], mapping: Mapping, count: int, now: datetime) -> None:
    own = filled_by_us(mapping.table)
    if PROCESSED_AT in mapping.table.by_name and PROCESSED_AT not in rows:
        rows[PROCESSED_AT] = pd.Series([pd.Timestamp(now)] * count, dtype="datetime64[us, UTC]")
    if SEASON_YEAR in own and SEASON_YEAR not in rows:
        rows[SEASON_YEAR] = season_years_of_dates(rows[GAME_DATE])
    if _DATA_SOURCE in mapping.table.by_name and _DATA_SOURCE not in rows:
        rows[_DATA_SOURCE] = pd.Series([MAPPED_SOURCE] * count, dtype="string")


def _refuse_demo_rows(values: pd.Series, ledger: RowLedger) -> None:
    ledger.reject(
        values == DEMO_SOURCE,
        RejectReason.BREAKS_DECLARATION,
        values,
        "this name marks simulated games, and real ones never mix with them; give another source",
    )
