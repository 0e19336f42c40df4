"""Checking built rows against their declaration: key, required values, bounds, allowed values."""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.tables.declaration import Column, ColumnType, Table
from analytics_assets.tables.frames import PANDAS_DTYPES


@dataclass(frozen=True)
class BrokenRule:
    """One rule of the declaration that some rows break.

    Attributes:
        rule: Code such as ``duplicate_key`` or ``below_minimum``.
        column: Column concerned, or the key's columns.
        rows: Index labels of the rows that break it.
        detail: What was found, with an example.
    """

    rule: str
    column: str
    rows: pd.Index
    detail: str


def pandera_schema(table: Table):  # noqa: ANN201 - pandera is imported late because it is slow to import
    """The pandera schema of a table: dtypes, required values, bounds, allowed values, unique key."""
    import pandera.pandas as pa

    def checks(column: Column) -> list[pa.Check]:
        found = []
        if column.minimum is not None:
            found.append(pa.Check.ge(column.minimum, error="below_minimum"))
        if column.maximum is not None:
            found.append(pa.Check.le(column.maximum, error="above_maximum"))
        if column.allowed:
            found.append(pa.Check.isin(column.allowed, error="not_allowed"))
        return found

    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                None if column.type is ColumnType.STRING_ARRAY else PANDAS_DTYPES[column.type],
                checks=checks(column),
                nullable=not column.required,
                description=column.description,
            )
            for column in table.columns
        },
        unique=list(table.key),
        strict=True,
        name=table.full_name,
    )


def broken_rules(frame: pd.DataFrame, table: Table) -> list[BrokenRule]:
    """Every rule of the declaration that the frame breaks.

    Args:
        frame: Rows conformed to the table, with a unique index.
        table: The declaration.

    Returns:
        One entry per rule and column, empty when all is well.
    """
    from pandera.errors import SchemaErrors

    if frame.empty:
        return []
    try:
        pandera_schema(table).validate(frame, lazy=True)
    except SchemaErrors as error:
        return _from_failure_cases(error.failure_cases, frame, table)
    return []


def _from_failure_cases(cases: pd.DataFrame, frame: pd.DataFrame, table: Table) -> list[BrokenRule]:
    broken = []
    repeated = frame.duplicated(list(table.key), keep=False)
    if repeated.any():
        key = ", ".join(table.key)
        example = frame.loc[repeated, list(table.key)].iloc[0].tolist()
        broken.append(
            BrokenRule("duplicate_key", key, frame.index[repeated], f"key ({key}) repeats, such as {example}")
        )
    cases = cases[cases["check"] != "multiple_fields_uniqueness"]
    for (column, rule), group in cases.groupby(["column", "check"], sort=True):
        name = "missing_required" if rule == "not_nullable" else str(rule)
        example = group["failure_case"].iloc[0]
        rows = pd.Index(group["index"].dropna().unique())
        detail = f"{table.full_name}.{column}: {name}, such as {example!r}"
        broken.append(BrokenRule(name, str(column), rows, detail))
    return broken


def unusual_values(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Values outside a column's usual range.

    Returns:
        Frame of booleans, one column per declared usual range, true where the value is unusual (NULL never is).
    """
    found = {}
    for column in table.columns:
        if column.usual is not None:
            low, high = column.usual
            values = pd.to_numeric(frame[column.name])
            found[column.name] = ((values < low) | (values > high)).fillna(False).astype(bool)
    return pd.DataFrame(found, index=frame.index)
