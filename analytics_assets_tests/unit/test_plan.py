"""Which dates a backfill launches, and in which runs."""

from datetime import date

import pandas as pd
import pytest

from analytics_assets.backfill.plan import Only, PlannedRun, contiguous_blocks, plan_runs


def day(number: int) -> date:
    return date(2024, 1, number)


def grid(*rows: tuple[str, int, bool, bool]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["table_name", "number", "due", "done"])
    return frame.assign(game_date=[pd.Timestamp(day(number)) for number in frame["number"]])


@pytest.mark.parametrize(
    ("numbers", "blocks"),
    [
        ([], []),
        ([5], [(5, 5)]),
        ([5, 6, 7], [(5, 7)]),
        ([7, 5, 6, 5], [(5, 7)]),
        ([1, 2, 4, 6, 7], [(1, 2), (4, 4), (6, 7)]),
    ],
)
def test_blocks_break_at_every_hole(numbers, blocks) -> None:
    assert contiguous_blocks([day(n) for n in numbers]) == [(day(a), day(b)) for a, b in blocks]


def test_blocks_cross_months_and_leap_days() -> None:
    dates = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
    assert contiguous_blocks(dates) == [(dates[0], dates[-1])]


def test_missing_means_due_and_not_done() -> None:
    found = plan_runs(
        grid(("a", 1, True, False), ("a", 2, True, True), ("a", 3, True, False), ("a", 4, False, False)), Only.MISSING
    )
    assert found == [PlannedRun(("a",), day(1), day(1)), PlannedRun(("a",), day(3), day(3))]


def test_all_means_every_date_asked_for() -> None:
    found = plan_runs(grid(("a", 1, True, True), ("a", 2, False, False), ("a", 3, True, False)), Only.ALL)
    assert found == [PlannedRun(("a",), day(1), day(3))]
    assert found[0].dates == 3


def test_tables_share_a_run_only_if_they_want_the_same_dates() -> None:
    found = plan_runs(
        grid(
            *(("a", n, True, False) for n in (1, 2)),
            *(("b", n, True, n == 1) for n in (1, 2)),
            *(("c", n, True, False) for n in (1, 2)),
        ),
        Only.MISSING,
    )
    assert found == [PlannedRun(("a", "c"), day(1), day(2)), PlannedRun(("b",), day(2), day(2))]


def test_nothing_wanted_plans_nothing() -> None:
    assert plan_runs(grid(("a", 1, True, True)), Only.MISSING) == []
