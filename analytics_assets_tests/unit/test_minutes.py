"""Playing time in every spelling of the sources."""

import pandas as pd
import pytest

from analytics_assets.stats.minutes import parse_minutes, unreadable_minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("35:24", 35.4),
        ("00:06", 0.1),
        ("0:00", 0.0),
        ("240:00", 240.0),
        (" 12:30 ", 12.5),
        ("35:59", 35 + 59 / 60),
        ("-1:30", -1.5),
        ("-0:30", -0.5),
        ("35.4", 35.4),
        ("36", 36.0),
        ("0", 0.0),
        ("-5", -5.0),
        ("PT35M24.00S", 35.4),
        ("PT12M", 12.0),
        ("PT30S", 0.5),
        ("PT00M00.00S", 0.0),
    ],
)
def test_readable(text: str, minutes: float) -> None:
    assert parse_minutes(pd.Series([text])).tolist() == pytest.approx([minutes])
    assert not unreadable_minutes(pd.Series([text])).any()


@pytest.mark.parametrize("text", [None, pd.NA, float("nan"), "", "   "])
def test_missing_is_null_and_not_unreadable(text) -> None:
    assert parse_minutes(pd.Series([text], dtype=object)).isna().all()
    assert not unreadable_minutes(pd.Series([text], dtype=object)).any()


@pytest.mark.parametrize(
    "text",
    [
        "DNP",
        "35:60",
        "35:99",
        "35:",
        ":30",
        "35:24:10",
        "12.",
        "1e5",
        "nan",
        "inf",
        "PT",
        "PTM",
        "PT1H2M",
        # Texts that look like numbers to a careless pattern and made the number parser raise.
        "PT1.2.3S",
        "PT..S",
        "9" * 40,
        f"PT{'9' * 30}M",
        "\N{ARABIC-INDIC DIGIT THREE}\N{ARABIC-INDIC DIGIT FIVE}:\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT TWO}",
    ],
)
def test_unreadable_is_null_and_told(text: str) -> None:
    assert parse_minutes(pd.Series([text])).isna().all()
    assert unreadable_minutes(pd.Series([text])).all()


def test_index_and_order_are_kept_in_a_mixed_column() -> None:
    found = parse_minutes(pd.Series(["10:30", None, "x", "7.25", "PT1M"], index=[9, 3, 5, 1, 7]))
    assert found.index.tolist() == [9, 3, 5, 1, 7]
    assert found.dropna().to_dict() == {9: 10.5, 1: 7.25, 7: 1.0}
