"""Checking built rows against a declaration, rule by rule."""

import pandas as pd
import pytest

from analytics_assets.tables.declaration import Table, columns, count, flag, number, string, strings
from analytics_assets.tables.frames import conform
from analytics_assets.tables.validation import broken_rules, unusual_values

TABLE = Table(
    dataset="d",
    name="t",
    grain="One row per game and player.",
    description="Every rule.",
    key=("game", "player"),
    date_column=None,
    columns=columns(
        string("game", "Game.", required=True),
        string("player", "Player.", required=True),
        count("points", "Points.", usual=(0, 100)),
        number("rate", "Rate.", minimum=0, maximum=1.5, usual=(0, 1)),
        string("result", "Result.", allowed=("OVER", "UNDER")),
        flag("won", "Won.", required=True),
        strings("issues", "Issues."),
    ),
)


def frame(**changes) -> pd.DataFrame:
    """Two good rows with index 10 and 20, the second changed."""
    good = {"points": 1, "rate": 0.5, "result": "OVER", "won": True, "issues": []}
    rows = [{"game": "g", "player": "a", **good}, {"game": "g", "player": "b", **good, **changes}]
    return conform(pd.DataFrame(rows, index=[10, 20]), TABLE)


@pytest.mark.parametrize(
    "changes", [{}, {"points": 0, "rate": 0}, {"rate": 1.5}, {"points": None, "rate": None, "result": None}]
)
def test_good_rows_break_nothing(changes: dict) -> None:
    assert broken_rules(frame(**changes), TABLE) == []


@pytest.mark.parametrize(
    ("changes", "rule", "column", "example"),
    [
        ({"points": -1}, "below_minimum", "points", "-1"),
        ({"rate": -0.1}, "below_minimum", "rate", "-0.1"),
        ({"rate": 1.6}, "above_maximum", "rate", "1.6"),
        ({"result": "TIE"}, "not_allowed", "result", "TIE"),
        ({"won": None}, "missing_required", "won", "None"),
    ],
)
def test_broken_rule_names_column_row_and_value(changes: dict, rule: str, column: str, example: str) -> None:
    (found,) = broken_rules(frame(**changes), TABLE)
    assert (found.rule, found.column, found.rows.tolist()) == (rule, column, [20])
    assert f"d.t.{column}" in found.detail
    assert example in found.detail or rule == "missing_required"


def test_repeated_key_names_all_its_rows() -> None:
    (found,) = broken_rules(frame(player="a"), TABLE)
    assert (found.rule, found.column, found.rows.tolist()) == ("duplicate_key", "game, player", [10, 20])
    assert "['g', 'a']" in found.detail


def test_every_broken_rule_is_found_at_once() -> None:
    found = broken_rules(frame(player="a", points=-1, rate=2, won=None), TABLE)
    assert [(rule.rule, rule.column) for rule in found] == [
        ("duplicate_key", "game, player"),
        ("below_minimum", "points"),
        ("above_maximum", "rate"),
        ("missing_required", "won"),
    ]


def test_no_rows_break_nothing() -> None:
    assert broken_rules(frame().iloc[:0], TABLE) == []


def test_unusual_values_are_told_and_null_never_is() -> None:
    found = unusual_values(frame(points=101, rate=None), TABLE)
    assert found.to_dict("index") == {10: {"points": False, "rate": False}, 20: {"points": True, "rate": False}}
    assert unusual_values(frame(rate=1.2), TABLE)["rate"].tolist() == [False, True]
