"""Mapping files: where each column of a raw table comes from in somebody else's file, in TOML.

A mapping names the table and, below ``[columns]``, for each of its columns a source column, a source column with a
conversion (``as``), the three parts of a game id, or a constant.
"""

import re
import tomllib
from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.raw.loaders.conversions import CONVERSIONS, DEFAULT_OF_TYPE, GAME_ID, GAME_ID_PARTS
from analytics_assets.raw.loaders.files import UnreadableFileError
from analytics_assets.tables.declaration import Column, ColumnType, Table

PROCESSED_AT, SEASON_YEAR, GAME_DATE = "processed_at", "season_year", "game_date"
_TABLE, _COLUMNS = "table", "columns"
_SOURCE, _AS, _CONSTANT = "column", "as", "constant"


class MappingError(UnreadableFileError):
    """A mapping file that cannot be used; the message names the file, the line and what to do."""


@dataclass(frozen=True)
class ColumnSource:
    """Where one column comes from.

    Attributes:
        line: Line of the mapping file.
        conversion: A name of ``CONVERSIONS``, or ``game_id``.
        columns: Source columns: one, or the date, visiting and home team of a game id; none for a constant.
        constant: The value of every row, if ``columns`` is empty.
    """

    line: int
    conversion: str
    columns: tuple[str, ...]
    constant: object = None


@dataclass(frozen=True)
class Mapping:
    """A mapping that fits its table.

    Attributes:
        path: The mapping file.
        table: The raw table that it fills.
        sources: Source of each mapped column.
    """

    path: Path
    table: Table
    sources: dict[str, ColumnSource]


def filled_by_us(table: Table) -> set[str]:
    """Columns that loading fills when a mapping does not name them."""
    own = {PROCESSED_AT, table.hash_column or PROCESSED_AT, *table.first_seen_columns}
    if {SEASON_YEAR, GAME_DATE} <= set(table.by_name):
        own.add(SEASON_YEAR)
    return own


def needed_columns(table: Table) -> list[Column]:
    """Columns that a mapping must name: those never NULL, and the key's."""
    own = filled_by_us(table) - ({SEASON_YEAR} & set(table.key))
    return [
        column for column in table.columns if (column.required or column.name in table.key) and column.name not in own
    ]


def table_named(stated: str) -> Table | None:
    """The raw table of a name, with or without its dataset."""
    return next((table for table in RAW_TABLES if stated in (table.name, table.full_name)), None)


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file and check it against the declaration of its table.

    Raises:
        MappingError: The file is missing, no TOML, or does not fit the table.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        content = tomllib.loads(text)
    except FileNotFoundError as error:
        raise MappingError(
            f"{path}: there is no such file; nba-analytics raw mapping-template TABLE prints one"
        ) from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise MappingError(f"{path}: cannot be read ({error}); a mapping is UTF-8 text in TOML") from error
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f'{path}: no valid TOML ({error}); texts need quotes, such as points = "PTS"') from error
    table = _table(path, text, content)
    strange = [name for name in content if name not in (_TABLE, _COLUMNS)]
    if strange:
        raise _error(path, text, strange[0], f"{strange[0]!r} means nothing here; columns stand below [{_COLUMNS}]")
    stated = content.get(_COLUMNS)
    if not isinstance(stated, dict) or not stated:
        raise MappingError(f"{path}: no columns are mapped; write a line for each column below [{_COLUMNS}]")
    sources = {name: _source(path, text, table, name, value) for name, value in stated.items()}
    missing = [column.name for column in needed_columns(table) if column.name not in sources]
    if missing:
        raise MappingError(
            f"{path}: {', '.join(missing)} of {table.full_name} may not be NULL and {_is(missing)} not mapped; name a "
            f"source column or a constant below [{_COLUMNS}]"
        )
    return Mapping(path, table, sources)


def constant_cells(source: ColumnSource, rows: int) -> pd.Series:
    """The constant as the cell of every row."""
    return pd.Series([source.constant] * rows, dtype=object, name=f"line {source.line} of the mapping")


def nearest_name(stated: str, known: Sequence[str]) -> str | None:
    """The known name that looks most like a stated one, in whatever case; None if none looks like it."""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(stated.lower(), list(by_lower), n=1)
    return by_lower[near[0]] if near else None


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _table(path: Path, text: str, content: Dictionary[str, Any]) -> Table:
    stated = content.get(_TABLE)
    table = table_named(stated) if isinstance(stated, str) else None
    if table is None:
        known = ", ".join(table.name for table in RAW_TABLES)
        what = "no raw table is named" if stated is None else f"{stated!r} is no raw table"
        raise _error(path, text, _TABLE, f'{what}; write table = "…" in the first line, one of {known}')
    return table


def _source(path: Path, text: str, table: Table, name: str, stated: object) -> ColumnSource:
    def wrong(problem: str) -> MappingError:
        return _error(path, text, name, f"{name}: {problem}")

    column = table.by_name.get(name)
    if column is None:
        near = nearest_name(name, table.column_names)
        advice = f"did you mean {near}?" if near else f"its columns are {', '.join(table.column_names)}"
        raise wrong(f"{table.full_name} has no such column; {advice}")
    if name == table.hash_column:
        raise wrong("is computed when rows are written; leave it out")
    line = _line_of(text, name)
    if isinstance(stated, str):
        return ColumnSource(line, DEFAULT_OF_TYPE[column.type], (stated,))
    if not isinstance(stated, dict):
        raise wrong(
            f"is {stated!r}; write a source column in quotes, or {{ {_CONSTANT} = … }} for one value in all rows"
        )
    if _CONSTANT in stated:
        return _constant(column, line, stated, wrong)
    conversion = stated.get(_AS, DEFAULT_OF_TYPE[column.type])
    wanted = GAME_ID_PARTS if conversion == GAME_ID else (_SOURCE,)
    gives = ColumnType.STRING if conversion == GAME_ID else getattr(CONVERSIONS.get(str(conversion)), "gives", None)
    if gives is None:
        raise wrong(f"{conversion!r} is no conversion; {_conversions_for(column)}")
    if gives is not column.type:
        raise wrong(
            f"the conversion {conversion} gives {gives.value}, the column is {column.type.value}; "
            + _conversions_for(column)
        )
    columns = [stated.get(part) for part in wanted]
    if set(stated) - {_AS} != set(wanted) or not all(isinstance(one, str) for one in columns):
        parts = ", ".join(f'{part} = "…"' for part in wanted)
        raise wrong(f'write {{ {parts}, {_AS} = "{conversion}" }} with the names of source columns')
    return ColumnSource(line, str(conversion), tuple(str(one) for one in columns))


def _constant(column: Column, line: int, stated: Dictionary[str, object], wrong: Any) -> ColumnSource:
    if set(stated) != {_CONSTANT}:
        raise wrong(f"a constant stands alone: {{ {_CONSTANT} = … }}")
    source = ColumnSource(line, DEFAULT_OF_TYPE[column.type], (), stated[_CONSTANT])
    read = CONVERSIONS[source.conversion].read(constant_cells(source, 1)).iloc[0]
    if not isinstance(read, list) and pd.isna(read):
        raise wrong(f"the constant is {source.constant!r}; it must be {CONVERSIONS[source.conversion].reads}")
    return source


def _conversions_for(column: Column) -> str:
    names = [name for name, conversion in CONVERSIONS.items() if conversion.gives is column.type]
    names += [GAME_ID] if column.type is ColumnType.STRING else []
    return f"for {column.type.value} there are {', '.join(names)}"


def _line_of(text: str, key: str) -> int:
    """Line on which a key is given a value; 1 where it is written in a way that this does not find."""
    stated = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    return next((number for number, line in enumerate(text.splitlines(), 1) if stated.match(line)), 1)


def _error(path: Path, text: str, key: str, problem: str) -> MappingError:
    return MappingError(f"{path}, line {_line_of(text, key)}: {problem}")
