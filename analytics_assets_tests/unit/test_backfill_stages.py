"""A backfill of several stages: it begins once, ends once and has one record."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pandas as pd
import pytest

from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.backfill.results import BackfillRecord, backfills_directory, load_record, start_record
from analytics_assets.backfill.stages import run_stages

NOON = datetime(2024, 2, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def data_directory(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("NBA_DATA_DIR", str(tmp_path))


def wanted(table: str, *days: str) -> pd.DataFrame:
    return pd.DataFrame({"table_name": table, "game_date": pd.to_datetime(list(days)), "planned_because": "outdated"})


def begin(first: pd.DataFrame) -> BackfillRecord:
    return start_record(first, only="outdated", warehouse="here", now=NOON)


def run(*stages: pd.DataFrame, stop_after: int = 99) -> tuple[BackfillRecord | None, list[tuple]]:
    """The record, and in order what was asked for and what was executed under which status of the saved record."""
    told: list[tuple] = []

    def each() -> Iterator[pd.DataFrame]:
        for number, stage in enumerate(stages):
            told.append(("asked", number))
            yield stage

    def execute(planned: PlannedRun, record: BackfillRecord) -> bool:
        saved = load_record(record.backfill_id)
        assert saved.dates == record.dates
        told.append((list(planned.dates_by_table), saved.status))
        return sum(1 for step in told if step[0] != "asked") < stop_after

    return run_stages(each(), begin=begin, execute=execute, now=lambda: NOON), told


def entries(record: BackfillRecord) -> list[tuple[str, str]]:
    return [(entry.table, entry.date) for entry in record.dates]


def test_the_second_stage_is_asked_for_after_the_first_and_joins_its_record() -> None:
    record, told = run(wanted("summary", "2024-01-02"), wanted("context", "2024-01-04", "2024-01-06"))
    assert told == [("asked", 0), (["summary"], "running"), ("asked", 1), (["context"], "running")]
    assert entries(record) == [("summary", "2024-01-02"), ("context", "2024-01-04"), ("context", "2024-01-06")]
    assert load_record() == record
    assert (record.status, record.finished_at) == ("finished", NOON.isoformat())
    assert len(list(backfills_directory().glob("*"))) == 1


def test_a_stage_without_dates_is_passed_over_and_nothing_at_all_leaves_no_record() -> None:
    record, told = run(wanted("summary"), wanted("context", "2024-01-04"))
    assert entries(record) == [("context", "2024-01-04")]
    assert [step for step in told if step[0] != "asked"] == [(["context"], "running")]
    nothing, _ = run(wanted("summary"), wanted("context"))
    assert nothing is None
    assert len(list(backfills_directory().glob("*"))) == 1


def test_one_that_the_user_stops_asks_for_no_further_stage() -> None:
    record, told = run(wanted("summary", "2024-01-02"), wanted("context", "2024-01-04"), stop_after=1)
    assert told == [("asked", 0), (["summary"], "running")]
    assert load_record() == record
    assert record.status == "stopped"


def test_one_that_breaks_off_is_ended_and_one_that_never_began_is_not_brought_back() -> None:
    def broken(_planned: PlannedRun, _record: BackfillRecord) -> bool:
        raise RuntimeError("no more")

    def refused(_planned: PlannedRun, record: BackfillRecord) -> bool:
        record.path.unlink()
        raise RuntimeError("never began")

    for execute in (refused, broken):
        with pytest.raises(RuntimeError):
            run_stages([wanted("summary", "2024-01-02")], begin=begin, execute=execute, now=lambda: NOON)
    (path,) = backfills_directory().glob("*")
    assert load_record(path.stem).status == "stopped"
