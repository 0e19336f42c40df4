"""Values that break a column, made from its declaration: what no source should send, and some do."""

from typing import Any

import pandas as pd
from hypothesis import strategies as st

from analytics_assets.tables.declaration import Column, ColumnType

LARGEST, SMALLEST = 2**63 - 1, -(2**63)
_BY_TYPE: dict[ColumnType, dict[str, Any]] = {
    ColumnType.STRING: {
        "is empty": "",
        "is blank": " \t ",
        "is hostile": "ニコラ '); DROP TABLE x; --<script>\x1b[31m\r\n" + "x" * 20_000,
    },
    ColumnType.INT64: {"is negative": -7, "is the largest number": LARGEST},
    ColumnType.FLOAT64: {"is negative": -7.5, "is infinite": float("inf")},
    ColumnType.BOOL: {},
    ColumnType.DATE: {
        "lies in the year 1900": pd.Timestamp("1900-01-01"),
        "lies in the year 2200": pd.Timestamp("2200-01-01"),
    },
    ColumnType.TIMESTAMP: {
        "lies in the year 1900": pd.Timestamp("1900-01-01", tz="UTC"),
        "lies in the year 2200": pd.Timestamp("2200-01-01", tz="UTC"),
    },
    ColumnType.STRING_ARRAY: {"is an empty list": [], "is a list of NULL": [None], "is a list of nonsense": ["", "?"]},
}


def malformed_values(column: Column) -> dict[str, Any]:
    """What can be wrong with a value of the column, in words, and such a value.

    NULL is among them for every column: where the declaration allows it, NULL must be no reason to guess either.
    """
    found: dict[str, Any] = {"is NULL": None, **_BY_TYPE[column.type]}
    if column.type is ColumnType.STRING and not column.required:
        del found["is blank"]
    if column.allowed:
        found["is none of the allowed values"] = "perhaps"
        # One stands for all: a text that is not allowed is not allowed, however long.
        found = {what: value for what, value in found.items() if what in ("is NULL", "is none of the allowed values")}
    return found


def arbitrary_values(column: Column) -> st.SearchStrategy[Any]:
    """Values of the column's type, malformed or not."""
    return st.sampled_from([*malformed_values(column).values()]) | _any_of_type(column)


def _any_of_type(column: Column) -> st.SearchStrategy[Any]:
    # What cannot be encoded cannot be stored, and is refused where files are read.
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    return {
        ColumnType.STRING: st.sampled_from(column.allowed) | texts if column.allowed else texts,
        ColumnType.INT64: st.integers(-3, 60) | st.integers(SMALLEST, LARGEST),
        ColumnType.FLOAT64: st.floats(-3, 60) | st.floats(),
        ColumnType.BOOL: st.booleans(),
        ColumnType.DATE: st.dates()
        .map(lambda day: day.isoformat())
        .filter(lambda text: "1700" < text < "2250")
        .map(pd.Timestamp),
        ColumnType.TIMESTAMP: st.integers(-(2**51), 2**51).map(lambda us: pd.Timestamp(us, unit="us", tz="UTC")),
        ColumnType.STRING_ARRAY: st.lists(texts | st.none(), max_size=3),
    }[column.type]
