"""Issue lists, tiers, and the older scale that is derived from them."""

import pandas as pd
import pytest

from analytics_assets.stats.quality import data_quality_tier, issue_lists, json_objects, quality_tier


def test_issues_keep_the_given_order_and_null_is_no_issue() -> None:
    index = pd.Index([4, 2, 9])
    found = issue_lists(
        {
            "late": pd.Series([True, False, pd.NA], index=index, dtype="boolean"),
            "early": pd.Series([True, False, True], index=index),
        },
        index,
    )
    assert found.to_dict() == {4: ["late", "early"], 2: [], 9: ["early"]}


def test_no_rows_and_no_codes() -> None:
    assert issue_lists({}, pd.Index([1])).tolist() == [[]]
    assert issue_lists({"late": pd.Series([], dtype="boolean")}, pd.Index([])).tolist() == []


def test_facts_become_one_object_a_row_with_null_for_what_is_unknown() -> None:
    index = pd.Index([4, 2])
    found = json_objects(
        {"how": pd.Series(["a", pd.NA], index=index, dtype="string"), "who": pd.Series("x", index)}, index
    )
    assert found.to_dict() == {4: '{"how": "a", "who": "x"}', 2: '{"how": null, "who": "x"}'}
    assert json_objects({"how": pd.Series([], dtype="string")}, pd.Index([])).tolist() == []


@pytest.mark.parametrize(
    ("score", "tier", "older"),
    [
        (100.0, "gold", "high"),
        (95.0, "gold", "high"),
        (94.9, "silver", "medium"),
        (75.0, "silver", "medium"),
        (74.9, "bronze", "low"),
        (50.0, "bronze", "low"),
        (49.9, "poor", "low"),
        (25.0, "poor", "low"),
        (24.9, "unusable", "low"),
        (0.0, "unusable", "low"),
        (float("nan"), "unusable", "low"),
    ],
)
def test_tier_bounds(score: float, tier: str, older: str) -> None:
    found = quality_tier(pd.Series([score]))
    assert found.tolist() == [tier]
    assert data_quality_tier(found).tolist() == [older]
