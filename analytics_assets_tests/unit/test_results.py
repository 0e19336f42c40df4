"""Recorded attempts: their rows, and the state of a date that follows from them."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from analytics_assets.coverage.results import DateResult, current_outcomes, outcome_rows
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES, Outcome
from analytics_assets.tables.validation import broken_rules

DAY = date(2024, 1, 10)


def attempts(*outcomes: Outcome, name: str = "t", day: date = DAY) -> pd.DataFrame:
    """One attempt an hour, in this order."""
    parts = [
        outcome_rows(
            [DateResult(table_name=name, game_date=day, outcome=outcome, reason=f"because {hour}", actual_rows=hour)],
            mode=RunMode.LIVE,
            run_id=f"run-{hour}",
            code_version="1",
            now=datetime(2024, 2, 1, hour, tzinfo=UTC),
        )
        for hour, outcome in enumerate(outcomes)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_done_means_rows_or_proved_absence(outcome: Outcome) -> None:
    assert DateResult(table_name="t", game_date=DAY, outcome=outcome).done is (outcome in DONE_OUTCOMES)


def test_recorded_row_agrees_with_its_declaration_and_keeps_unknown_apart_from_zero() -> None:
    unknown = DateResult(table_name="t", game_date=DAY, outcome=Outcome.NO_SCHEDULE)
    known = DateResult(
        table_name="u",
        game_date=DAY,
        outcome=Outcome.BUILT,
        expected_games=0,
        sources=("a", "b"),
        warnings=("late",),
        quality_share=0.5,
    )
    rows = outcome_rows([unknown, known], mode=RunMode.BACKFILL, run_id="r", code_version=None, now=datetime.now(UTC))
    assert broken_rules(rows, DATE_OUTCOMES) == []
    assert rows["expected_games"].tolist() == [pd.NA, 0]
    assert rows["sources"].tolist() == [[], ["a", "b"]]
    assert rows["reason"].isna().all()
    assert rows["run_mode"].tolist() == ["backfill", "backfill"]


@pytest.mark.parametrize(
    ("outcomes", "deciding", "last"),
    [
        ([Outcome.ERROR], 0, "error"),
        ([Outcome.NOT_DUE, Outcome.BUILT], 1, "built"),
        ([Outcome.BUILT, Outcome.ERROR], 0, "error"),
        ([Outcome.BUILT, Outcome.TOO_OLD, Outcome.NO_RAW_DATA], 0, "no_raw_data"),
        ([Outcome.OFF_DAY, Outcome.BUILT, Outcome.INVALID], 1, "invalid"),
        ([Outcome.ERROR, Outcome.NO_RAW_DATA], 1, "no_raw_data"),
    ],
)
def test_latest_done_attempt_decides_or_else_the_latest(outcomes: list[Outcome], deciding: int, last: str) -> None:
    recorded = attempts(*outcomes)
    for frame in (recorded, recorded[::-1]):
        (state,) = current_outcomes(frame).to_dict("records")
        assert state["outcome"] == str(outcomes[deciding])
        assert state["actual_rows"] == deciding
        assert (state["last_outcome"], state["last_reason"]) == (last, f"because {len(outcomes) - 1}")


def test_tables_and_dates_do_not_mix() -> None:
    recorded = pd.concat(
        [
            attempts(Outcome.BUILT),
            attempts(Outcome.ERROR, name="u"),
            attempts(Outcome.NOT_DUE, day=date(2024, 1, 11)),
        ]
    )
    found = current_outcomes(recorded)
    assert found[["table_name", "outcome"]].to_numpy().tolist() == [["t", "built"], ["t", "not_due"], ["u", "error"]]


def test_no_attempts_no_state() -> None:
    assert current_outcomes(attempts(Outcome.BUILT).iloc[:0]).empty
