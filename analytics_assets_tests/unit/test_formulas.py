"""Formulas against values worked out by hand, and their null rules."""

import pandas as pd
import pytest

from analytics_assets.stats import formulas


def series(*values: float | None) -> pd.Series:
    return pd.Series(values, dtype="float64")


def only(result: pd.Series) -> float | None:
    assert len(result) == 1
    return None if pd.isna(result.iloc[0]) else float(result.iloc[0])


@pytest.mark.parametrize(
    ("formula", "inputs", "expected"),
    [
        (formulas.ratio, (1, 4), 0.25),
        (formulas.ratio, (0, 4), 0.0),
        (formulas.ratio, (1, 0), None),
        (formulas.ratio, (1, -2), None),
        (formulas.ratio, (None, 4), None),
        (formulas.ratio, (1, None), None),
        # 30 / (2 * (20 + 4.4))
        (formulas.true_shooting_pct, (30, 20, 10), 30 / 48.8),
        (formulas.true_shooting_pct, (0, 5, 0), 0.0),
        (formulas.true_shooting_pct, (0, 0, 0), None),
        (formulas.true_shooting_pct, (None, 5, 0), None),
        # (8 + 1.5) / 20
        (formulas.effective_field_goal_pct, (8, 3, 20), 0.475),
        (formulas.effective_field_goal_pct, (0, 0, 7), 0.0),
        (formulas.effective_field_goal_pct, (0, 0, 0), None),
        (formulas.effective_field_goal_pct, (8, None, 20), None),
        (formulas.plays, (20, 10, 3), 27.4),
        (formulas.plays, (20, None, 3), None),
        # 100 * 27.4 * 48 / (36 * 110)
        (formulas.usage_rate, (27.4, 36, 110, 240), 33.2121212121),
        (formulas.usage_rate, (0, 36, 110, 240), 0.0),
        (formulas.usage_rate, (27.4, 0, 110, 240), None),
        (formulas.usage_rate, (27.4, 36, None, 240), None),
        (formulas.usage_rate, (27.4, 36, 110, None), None),
        # 88 + 8.8 - 1.07 * 10/40 * 47 + 14
        (formulas.possessions, (88, 41, 22, 10, 30, 14), 98.2275),
        (formulas.possessions, (88, 41, 22, 0, 30, 14), 110.8),
        # Nobody took a rebound, so the share of offensive rebounds is unknown.
        (formulas.possessions, (88, 41, 22, 0, 0, 14), None),
        (formulas.possessions, (88, 41, 22, 10, 30, None), None),
        # 36 of 48 minutes: 30 team field goals while on court, 8 of them his own
        (formulas.assist_pct, (6, 36, 8, 40, 240), 6 / 22),
        (formulas.assist_pct, (6, 0, 0, 40, 240), None),
        (formulas.assist_pct, (6, 36, 30, 40, 240), None),
        # 36 of 48 minutes: 67.5 of 90 rebounds were there for him
        (formulas.share_while_on_court, (9, 36, 90, 240), 9 / 67.5),
        (formulas.share_while_on_court, (0, 36, 90, 240), 0.0),
        (formulas.share_while_on_court, (0, 36, 0, 240), None),
        (formulas.share_while_on_court, (9, 0, 90, 240), None),
        # 36 of 53 minutes of an overtime game
        (formulas.share_while_on_court, (9, 36, 90, 265), 9 * 53 / (36 * 90)),
        # 75 of 100 possessions on court
        (formulas.per_100_possessions, (24, 36, 100, 240), 32.0),
        (formulas.per_100_possessions, (24, 0, 100, 240), None),
        (formulas.per_100_possessions, (24, 36, None, 240), None),
    ],
)
def test_value_and_null_rule(formula, inputs, expected) -> None:
    found = only(formula(*(series(value) for value in inputs)))
    assert found is None if expected is None else found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("minutes", "overtimes"),
    [
        *((240 + off, 0) for off in (-4, -2, 0, 2, 4)),
        *((265 + off, 1) for off in (-4, 0, 4)),
        *((290 + off, 2) for off in (-4, 0, 4)),
        *((340 + off, 4) for off in (-4, 0, 4)),
        (96, 0),
        (None, None),
    ],
)
def test_overtimes_survive_rounded_minutes(minutes, overtimes) -> None:
    periods = formulas.overtime_periods(series(minutes))
    assert only(periods) == overtimes
    assert only(formulas.nominal_team_minutes(periods)) == (None if overtimes is None else 240 + 25 * overtimes)


def test_sums_of_minutes_that_no_overtime_gives_do_not_add_up() -> None:
    sums = series(236, 244, 235.9, 244.1, 252, 261, 269.5, 48, None)
    assert formulas.team_minutes_add_up(sums).tolist() == [True, True, False, False, False, True, False, False, False]


@pytest.mark.parametrize("overtimes", [0, 1, 2])
def test_usage_weighted_by_minutes_averages_to_twenty(overtimes: int) -> None:
    team_minutes = 240 + 25 * overtimes
    minutes = series(48, 40, 36, 36, 30, 25, 20, 5)
    minutes = minutes.where(minutes.index != 7, minutes + team_minutes - minutes.sum())
    plays = formulas.plays(
        series(20, 14, 11, 9, 7, 12, 3, 0), series(8, 0, 4, 2, 0, 6, 1, 0), series(4, 2, 0, 1, 3, 1, 2, 0)
    )
    usage = formulas.usage_rate(
        plays, minutes, pd.Series(plays.sum(), index=plays.index), pd.Series(float(team_minutes), index=plays.index)
    )
    assert (usage * minutes).sum() / team_minutes == pytest.approx(20, rel=1e-12)


@pytest.mark.parametrize(
    ("points", "field_goals", "threes", "free_throws", "holds"),
    [(12, 4, 2, 2, True), (0, 0, 0, 0, True), (13, 4, 2, 2, False), (12, None, 2, 2, None), (None, 4, 2, 2, None)],
)
def test_points_identity(points, field_goals, threes, free_throws, holds) -> None:
    found = formulas.points_identity_holds(series(points), series(field_goals), series(threes), series(free_throws))
    assert found.tolist() == [pd.NA if holds is None else holds]


def test_nullable_integers_are_accepted() -> None:
    makes, threes, attempts = (pd.Series([value, pd.NA], dtype="Int64") for value in (8, 3, 20))
    found = formulas.effective_field_goal_pct(makes, threes, attempts)
    assert found.iloc[0] == pytest.approx(0.475)
    assert pd.isna(found.iloc[1])
