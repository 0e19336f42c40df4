"""Frames and declarations: conforming, Arrow and back, digests."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analytics_assets.tables.declaration import (
    ColumnType,
    Table,
    columns,
    date_column,
    flag,
    integer,
    json_text,
    number,
    string,
    strings,
    timestamp,
)
from analytics_assets.tables.frames import (
    PANDAS_DTYPES,
    SchemaError,
    conform,
    empty_frame,
    from_arrow,
    row_digests,
    set_digests,
    to_arrow,
)

TABLE = Table(
    dataset="d",
    name="t",
    grain="One row per name.",
    description="Every type.",
    key=("name",),
    columns=columns(
        string("name", "Name.", required=True),
        integer("whole", "Whole."),
        number("measured", "Measured."),
        flag("true_or_not", "Flag."),
        date_column("game_date", "Date."),
        timestamp("at", "Moment."),
        strings("listed", "List."),
        json_text("document", "JSON."),
    ),
)
FULL = {
    "name": ["a", "b"],
    "whole": [1, None],
    "measured": [0.5, None],
    "true_or_not": [True, None],
    "game_date": [date(2024, 1, 10), None],
    "at": [pd.Timestamp("2024-01-10T12:00:00.000001Z"), None],
    "listed": [["x", "y"], []],
    "document": ['{"a": 1}', None],
}


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


DECLARED = {column.name: PANDAS_DTYPES[column.type] for column in TABLE.columns}


def test_conforming_orders_columns_fills_nullable_ones_and_casts() -> None:
    found = conform(pd.DataFrame({"whole": ["3", "4"], "name": ["a", "b"]}, index=[7, 2]), TABLE)
    assert dtypes(found) == DECLARED
    assert found.index.tolist() == [7, 2]
    assert found["whole"].tolist() == [3, 4]
    assert found[["measured", "at", "listed"]].isna().all(axis=None)


def test_conforming_twice_changes_nothing() -> None:
    once = conform(pd.DataFrame(FULL), TABLE)
    pd.testing.assert_frame_equal(conform(once, TABLE), once)


def test_empty_frame_has_every_column_in_its_type() -> None:
    assert (len(empty_frame(TABLE)), dtypes(empty_frame(TABLE))) == (0, DECLARED)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"name": ["a"], "extra": [1], "more": [1]}, "undeclared columns extra, more"),
        ({"whole": [1]}, "required columns name are absent"),
        ({"name": ["a"], "whole": [1.5]}, "d.t.whole: values of float64 cannot become INT64"),
        ({"name": ["a"], "whole": ["many"]}, "d.t.whole"),
        ({"name": ["a"], "measured": ["much"]}, "d.t.measured"),
        ({"name": ["a"], "game_date": ["someday"]}, "d.t.game_date"),
    ],
)
def test_frame_that_disagrees_is_refused_by_name(frame: dict, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        conform(pd.DataFrame(frame), TABLE)


def test_arrow_and_back_is_the_same_frame() -> None:
    frame = conform(pd.DataFrame(FULL), TABLE)
    pd.testing.assert_frame_equal(from_arrow(to_arrow(frame, TABLE), TABLE), frame)


def test_many_equal_dates_with_a_null_and_one_beyond_all_frames_are_read() -> None:
    days = [date(2024, 1, 10)] * 60 + [None, date(9999, 12, 31)]
    stored = to_arrow(pd.DataFrame({"name": "a"}, index=range(62)), TABLE).select(["name"])
    found = from_arrow(stored.append_column("game_date", pa.array(days, type=pa.date32())), TABLE)["game_date"]
    assert found.dtype == PANDAS_DTYPES[ColumnType.DATE]
    assert found[:60].eq(pd.Timestamp("2024-01-10")).all()
    assert found[60:].isna().all()


def test_a_list_that_is_absent_in_any_way_is_null_in_arrow() -> None:
    frame = conform(pd.DataFrame({"name": list("abcd"), "listed": [["x"], None, np.nan, pd.NA]}), TABLE)
    assert to_arrow(frame, TABLE).column("listed").to_pylist() == [["x"], None, None, None]


def test_null_in_a_required_column_does_not_reach_arrow() -> None:
    with pytest.raises(SchemaError, match=r"d\.t\.name: 1 rows are NULL"):
        to_arrow(pd.DataFrame({"name": ["a", None]}), TABLE)


def test_local_time_is_stored_as_the_same_moment() -> None:
    eastern = pd.Series([pd.Timestamp("2024-01-10T19:30", tz="America/New_York")])
    found = conform(pd.DataFrame({"name": ["a"], "at": eastern}), TABLE)
    assert found["at"].tolist() == [pd.Timestamp("2024-01-11T00:30", tz="UTC")]


def digest(value: object, dtype: str, name: str = "cell") -> str:
    return row_digests(pd.DataFrame({name: pd.Series([value], dtype=dtype)}), [name]).iloc[0]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([None, "", "0", " "], "string"),
        ([None, 0, 1, -1], "Int64"),
        ([None, 0.0, 1e-300, 1.0], "float64"),
        ([None, False, True], "boolean"),
        ([None, [], ["a"], ["a", "b"], ["ab"], [""]], "object"),
        ([None, pd.Timestamp("1970-01-01"), pd.Timestamp("1970-01-02")], "datetime64[ns]"),
    ],
)
def test_null_empty_and_zero_have_different_digests(values: list, dtype: str) -> None:
    assert len({digest(value, dtype) for value in values}) == len(values)


def test_equal_values_have_equal_digests() -> None:
    assert digest(-0.0, "float64") == digest(0.0, "float64")
    assert digest(float("nan"), "float64") == digest(None, "float64")
    stamps = [pd.Series(pd.DatetimeIndex(["2024-01-10"]).as_unit(unit), name="d") for unit in ("s", "us", "ns")]
    assert len({row_digests(s.to_frame(), ["d"]).iloc[0] for s in stamps}) == 1


def test_same_values_in_other_columns_differ() -> None:
    frame = pd.DataFrame({"a": [1, 2, pd.NA], "b": [2, 1, 0]}, dtype="Int64")
    found = row_digests(frame, ["a", "b"])
    assert found.is_unique
    assert found.str.fullmatch("[0-9a-f]{64}").all()


def test_set_digest_sees_every_row_and_no_order() -> None:
    digests = pd.Series(["a" * 64, "b" * 64, "a" * 64, "b" * 64, "c" * 64, "b" * 64, "b" * 64])
    groups = pd.Series([1, 1, 2, 2, 2, 3, 3])
    found = set_digests(digests, groups)
    assert found.str.fullmatch("[0-9a-f]{16}").all()
    assert found.is_unique
    shuffled = digests.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(set_digests(shuffled, groups.loc[shuffled.index]), found)
    # Twins must not cancel each other.
    assert found[3] != set_digests(digests[:0], groups[:0]).get(3, "0" * 16)


def test_no_rows_have_no_digests() -> None:
    assert row_digests(empty_frame(TABLE), TABLE.column_names).tolist() == []
    assert set_digests(pd.Series([], dtype="string"), pd.Series([], dtype="int64")).tolist() == []


def test_numpy_numbers_cast_to_nullable() -> None:
    frame = conform(pd.DataFrame({"name": ["a"], "whole": np.array([3.0]), "true_or_not": np.array([True])}), TABLE)
    assert frame[["whole", "true_or_not"]].iloc[0].tolist() == [3, True]
