"""Records of backfills: what was planned, what became of it, what is still open later."""

import json
import re
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from analytics_assets import presentation
from analytics_assets.backfill.plan import plan_run
from analytics_assets.backfill.results import (
    BackfillRecord,
    UnknownBackfillError,
    backfills_directory,
    load_record,
    start_record,
    still_open,
)
from analytics_assets.coverage.results import DateResult
from analytics_assets.settings import project_root
from analytics_assets.tables.operations import Outcome

NOON = datetime(2024, 2, 1, 12, tzinfo=UTC)
DAYS = [date(2024, 1, number) for number in (1, 2, 3)]
WANTED = pd.DataFrame(
    {"table_name": "a", "game_date": pd.to_datetime(pd.Series(DAYS)), "planned_because": "never_built"}
)


@pytest.fixture(autouse=True)
def data_directory(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("NBA_DATA_DIR", str(tmp_path))


def started() -> BackfillRecord:
    return start_record(WANTED, only="missing", warehouse="here", now=NOON)


def result(day: date, outcome: Outcome) -> DateResult:
    return DateResult(table_name="a", game_date=day, outcome=outcome, reason="why", actual_rows=7, actual_games=1)


def attempts(*rows: tuple[date, str, datetime]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["game_date", "outcome", "recorded_at"]).assign(table_name="a")
    frame["game_date"] = pd.to_datetime(frame["game_date"])
    return frame.assign(recorded_at=pd.to_datetime(frame["recorded_at"], utc=True))


def test_a_record_comes_back_as_it_was_saved() -> None:
    record = started()
    record.note(result(DAYS[0], Outcome.BUILT), "run")
    record.note(result(DAYS[1], Outcome.NO_RAW_DATA), "run")
    record.finish("stopped", NOON)
    assert load_record() == load_record(record.backfill_id) == record
    document = json.loads(record.path.read_text())
    assert document["counts"] == {"built": 1, "no_raw_data": 1, "not_reached": 1}
    assert document["dates"][1] == {
        "table": "a",
        "date": "2024-01-02",
        "planned_because": "never_built",
        "outcome": "no_raw_data",
        "reason": "why",
        "games": 1,
        "rows": 7,
        "run_id": "run",
    }
    assert [entry.date for entry in record.not_done] == ["2024-01-02", "2024-01-03"]


def test_still_open_is_what_neither_the_backfill_nor_any_later_run_did() -> None:
    record = started()
    record.note(result(DAYS[0], Outcome.BUILT), "run")
    later, earlier = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 1, 15, tzinfo=UTC)
    done_later = attempts((DAYS[1], "built", later), (DAYS[2], "error", later))
    assert still_open(record, done_later) == [("a", DAYS[2])]
    # A date that was done before the backfill began was to be built again, and was not.
    assert still_open(record, attempts((DAYS[1], "built", earlier))) == [("a", DAYS[1]), ("a", DAYS[2])]


def test_records_of_the_same_second_are_kept_apart() -> None:
    first, second = started(), started()
    assert first.path != second.path
    assert len(list(backfills_directory().glob("*"))) == 2


def test_an_unknown_or_broken_record_is_told_in_one_line() -> None:
    with pytest.raises(UnknownBackfillError, match="no backfill is recorded in"):
        load_record()
    record = started()
    with pytest.raises(UnknownBackfillError, match=f"no backfill 'x' is recorded; the latest are {record.backfill_id}"):
        load_record("x")
    record.path.write_text('{"counts": {}, "dates": []}')
    with pytest.raises(UnknownBackfillError, match="is no record of a backfill"):
        load_record()


def test_documents_have_exactly_the_documented_keys() -> None:
    text = (project_root() / "docs" / "backfill_json.md").read_text()
    plan, record = re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]

    def keys(section: str) -> set[str]:
        return set(re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE))

    wanted = WANTED.assign(expected_games=2)
    document = presentation.plan_document(plan_run(wanted), wanted, 3, 1.5)
    assert set(document) == keys(plan)
    for name in ("ranges", "dates"):
        (row,) = re.findall(rf"^\| `{name}` .*$", plan, flags=re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", row.partition(":")[2])) == set(document[name][0])
    saved = json.loads(started().path.read_text())
    assert set(saved) == keys(record)
    (each,) = re.findall(r"^Each date: (.*?)all null", record, flags=re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"`(\w+)`", each)) == set(saved["dates"][0])
