"""What a bad input is: which rows of one game it changes. How each must end is listed in ``docs/bad_input.md``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics_assets.tables.declaration import Table
from analytics_assets_tests.bad_input.malformed_values import malformed_values

Change = Callable[[pd.DataFrame], pd.DataFrame]
FAMILIES = ("schedule", "box scores", "play-by-play", "lines", "reports, rosters and registry")
# A row without them is a row of another date or game, so nothing else may happen on its date.
_IDENTITY = ("game_id", "nba_game_id", "game_date", "roster_date")


@dataclass(frozen=True)
class BadInput:
    """One thing that a source gets wrong.

    Attributes:
        family: One of ``FAMILIES``.
        table: Raw table.
        name: What is wrong, in words.
        change: Takes the table's rows of one game and gives the bad ones.
        column: Column that is malformed in one row, if the declaration gave this bad input; ``name`` then follows it.
        alone: Whether its date holds no other bad input, because it changes what is known of the date.
        next_day: Whether a date without games must follow, on which something of it may show; only if ``alone``.
    """

    family: str
    table: Table
    name: str
    change: Change
    column: str | None = None
    alone: bool = False
    next_day: bool = False


def from_declaration(family: str, table: Table, *, only: Sequence[str] = ()) -> list[BadInput]:
    """One bad input for each malformed value of each column: it is in one row of the game.

    Args:
        family: Family of the table.
        table: Declaration.
        only: Columns to take, where another table's like columns stand for the others; all by default.
    """
    return [
        BadInput(
            family=family,
            table=table,
            name=what,
            change=one_row(**{column.name: value}),
            column=column.name,
            alone=family == "schedule" or "roster_date" in table.by_name or column.name in _IDENTITY,
        )
        for column in table.columns
        if not only or column.name in only
        for what, value in malformed_values(column).items()
    ]


def one_row(place: int = 0, **values: Any) -> Change:
    """Other values in one row; a value may be computed from the old one."""
    return lambda rows: _changed(rows, rows.index == rows.index[place], values)


def every_row(**values: Any) -> Change:
    """Other values in every row."""
    return lambda rows: _changed(rows, rows.index == rows.index, values)


def rows_where(condition: Callable[[pd.DataFrame], pd.Series], **values: Any) -> Change:
    """Other values in the rows that meet a condition."""
    return lambda rows: _changed(rows, condition(rows).fillna(False).to_numpy(bool), values)


def without_rows(condition: Callable[[pd.DataFrame], pd.Series]) -> Change:
    """Rows that meet a condition are gone."""
    return lambda rows: rows[~condition(rows).fillna(False).astype(bool)]


def added(place: int = 0, **values: Any) -> Change:
    """One more row: a copy of one with other values."""
    return lambda rows: pd.concat([rows, _changed(rows, rows.index == rows.index[place], values).iloc[[place]]])


def all_again(**values: Any) -> Change:
    """Every row once more with other values."""
    return lambda rows: pd.concat([rows, _changed(rows, rows.index == rows.index, values)])


def in_turn(*changes: Change) -> Change:
    """Several changes one after the other."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        for one in changes:
            rows = one(rows)
        return rows

    return change


def _changed(rows: pd.DataFrame, where: Any, values: dict[str, Any]) -> pd.DataFrame:
    columns = {}
    for name, value in values.items():
        old = rows[name].astype(object)
        new = [value(one) if callable(value) else value for one in old[where]]
        old.iloc[[place for place, hit in enumerate(where) if hit]] = pd.Series(new, dtype=object).to_numpy()
        columns[name] = old
    return rows.assign(**columns)
