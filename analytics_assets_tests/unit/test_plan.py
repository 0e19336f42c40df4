"""Which dates a backfill launches, and in which runs."""

from datetime import date

import pandas as pd
import pytest

from analytics_assets.backfill.estimate import BOOKKEEPING_SECONDS, estimated_seconds
from analytics_assets.backfill.plan import Only, PlannedRun, contiguous_blocks, plan_run, wanted_dates


def day(number: int) -> date:
    return date(2024, 1, number)


def grid(*rows: tuple[str, int, bool, bool, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["table_name", "number", "due", "done", "last_outcome"])
    frame["state"] = frame["last_outcome"].fillna("never_built")
    frame[["waived", "without_games"]] = False
    return frame.assign(game_date=[pd.Timestamp(day(number)) for number in frame["number"]])


def planned(frame: pd.DataFrame, only: Only) -> dict[str, tuple[date, ...]]:
    run = plan_run(wanted_dates(frame, only))
    return dict(run.dates_by_table) if run is not None else {}


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


MIXED = grid(
    ("a", 1, True, True, "error"),
    ("a", 2, True, False, "no_raw_data"),
    ("a", 3, False, False, None),
    ("b", 1, True, False, "invalid"),
    ("b", 2, True, True, "built"),
    ("b", 3, True, False, None),
)


@pytest.mark.parametrize(
    ("only", "dates_by_table"),
    [
        # Due and not done.
        (Only.MISSING, {"a": (2,), "b": (1, 3)}),
        # The latest attempt failed: also where an earlier one was done and its rows are still there.
        (Only.FAILED, {"a": (1,), "b": (1,)}),
        (Only.ALL, {"a": (1, 2, 3), "b": (1, 2, 3)}),
    ],
)
def test_each_table_gets_exactly_its_own_dates(only, dates_by_table) -> None:
    assert planned(MIXED, only) == {name: tuple(map(day, days)) for name, days in dates_by_table.items()}


def test_a_waived_date_is_not_missing_and_is_built_when_all_are_asked_for() -> None:
    waived = MIXED.assign(waived=MIXED["table_name"] == "b")
    assert planned(waived, Only.MISSING) == {"a": (day(2),)}
    assert planned(waived, Only.ALL)["b"] == (day(1), day(2), day(3))


def test_what_is_planned_says_why() -> None:
    assert wanted_dates(MIXED, Only.MISSING)["planned_because"].tolist() == ["no_raw_data", "invalid", "never_built"]
    assert wanted_dates(MIXED, Only.FAILED)["planned_because"].tolist() == ["error", "invalid"]


@pytest.mark.parametrize(
    ("dates_by_table", "block"),
    [
        ({"a": (1, 2, 3), "b": (1, 2, 3)}, (1, 3)),
        ({"a": (4,)}, (4, 4)),
        ({"a": (1, 3)}, None),
        ({"a": (1, 2), "b": (2,)}, None),
    ],
)
def test_only_equal_consecutive_dates_are_a_block(dates_by_table, block) -> None:
    run = PlannedRun({name: tuple(map(day, days)) for name, days in dates_by_table.items()})
    assert run.block == (None if block is None else tuple(map(day, block)))
    assert run.size == sum(len(days) for days in dates_by_table.values())


def test_nothing_wanted_plans_nothing() -> None:
    assert plan_run(wanted_dates(grid(("a", 1, True, True, "built")), Only.MISSING)) is None


def test_the_estimate_takes_each_tables_own_seconds_with_and_without_games() -> None:
    attempts = pd.DataFrame(
        [("a", 10, 1.0), ("a", 20, 3.0), ("a", 0, 0.1), ("b", 5, 5.0)], columns=["table_name", "actual_rows", "seconds"]
    )
    wanted = pd.DataFrame([("a", 3.0), ("a", 0.0), ("b", 1.0)], columns=["table_name", "expected_games"])
    assert estimated_seconds(wanted, attempts) == pytest.approx(2.0 + 0.1 + 5.0 + 3 * BOOKKEEPING_SECONDS)
    stranger = wanted.assign(table_name="c")
    assert estimated_seconds(stranger, attempts) == pytest.approx(3 * (9.1 / 4 + BOOKKEEPING_SECONDS))
    assert estimated_seconds(wanted, attempts.iloc[:0]) is None


def test_outdated_dates_are_taken_from_the_list_exact_for_every_table() -> None:
    listed = pd.DataFrame({"table_name": ["b", "a"], "game_date": pd.to_datetime([day(2), day(1)])})
    wanted = wanted_dates(MIXED, Only.OUTDATED, listed.astype({"table_name": "string"}))
    run = plan_run(wanted)
    assert run is not None
    assert dict(run.dates_by_table) == {"a": (day(1),), "b": (day(2),)}
    assert set(wanted["planned_because"]) == {"outdated"}
    assert plan_run(wanted_dates(MIXED, Only.OUTDATED, listed[:0])) is None
