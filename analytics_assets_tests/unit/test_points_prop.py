"""Grading of points props: three ways and void, and what American odds imply."""

import pandas as pd
import pytest

from analytics_assets.stats.points_prop import grade_points_prop, implied_probabilities


@pytest.mark.parametrize(
    ("points", "played", "line", "opening", "result", "margin", "movement"),
    [
        (21, True, 20.5, 19.5, "OVER", 0.5, 1.0),
        (20, True, 20.5, 20.5, "UNDER", -0.5, 0.0),
        (20, True, 20.0, 21.0, "PUSH", 0.0, -1.0),
        (0, True, 1.5, 1.5, "UNDER", -1.5, 0.0),
        (None, False, 20.5, 19.5, "VOID", None, 1.0),
        # Counts of somebody who did not play are no result, whatever a source writes there.
        (0, False, 20.5, None, "VOID", None, None),
        (None, False, None, None, None, None, None),
        (30, True, None, None, None, None, None),
        (None, True, 20.5, 20.5, None, None, 0.0),
        (25, None, 20.5, 20.5, None, None, 0.0),
    ],
)
def test_grade_of_a_line(points, played, line, opening, result, margin, movement) -> None:
    found = grade_points_prop(
        pd.Series([points], index=[7], dtype="Int64"),
        pd.Series([played], index=[7], dtype="boolean"),
        pd.Series([line], index=[7], dtype="float64"),
        pd.Series([opening], index=[7], dtype="float64"),
    )
    expected = pd.DataFrame(
        {
            "over_under_result": pd.Series([result], index=[7], dtype="string"),
            "margin": pd.Series([margin], index=[7], dtype="float64"),
            "line_movement": pd.Series([movement], index=[7], dtype="float64"),
        }
    )
    pd.testing.assert_frame_equal(found, expected)


def test_implied_probabilities_of_american_odds() -> None:
    prices = pd.Series([-110, 150, 100, -100, -400, None, 0, 50, -99.0])
    expected = pd.Series([110 / 210, 0.4, 0.5, 0.5, 0.8, None, None, None, None], dtype="float64")
    pd.testing.assert_series_equal(implied_probabilities(prices), expected)
