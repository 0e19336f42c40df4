"""The ops database among processes: several that write at once, and files that go away while the daemon runs."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics_assets.alerts.ledger import Ledger
from analytics_assets.alerts.ops_database import OpsDatabase
from analytics_assets_tests.support.told_events import failed_date

NOON = datetime(2024, 1, 20, 12, tzinfo=UTC)
DAYS = [f"2024-01-{day:02}" for day in range(1, 21)]
# Every event is recorded by one call, so that the processes meet often.
WRITER = """
import sys
from analytics_assets.alerts.ledger import Ledger
from analytics_assets.alerts.ops_database import OpsDatabase
from analytics_assets_tests.unit.test_ops_database import DAYS, NOON, failed_date
ledger = Ledger(OpsDatabase(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
own = [failed_date(day, event_key=f"{sys.argv[2]}-{day}") for day in DAYS]
shared = [failed_date(day, event_key=f"shared-{day}") for day in DAYS]
new = [ledger.record([event], [], now=NOON, sinks=("chat",)).new for pair in zip(own, shared) for event in pair]
print(sum(map(len, new)))
"""


def keys(database: OpsDatabase) -> list[str]:
    return sorted(row["event_key"] for row in Ledger(database).listing())


def record(database: OpsDatabase, key: str) -> None:
    Ledger(database).record([failed_date(DAYS[0], event_key=key)], [], now=NOON, sinks=("chat",))


def test_two_processes_that_record_at_once_lose_nothing_and_tell_nothing_twice(ops_database, ops_database_url):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, ops_database_url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    told = [writer.communicate(timeout=60)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert sum(map(int, told)) == 3 * len(DAYS)
    assert keys(ops_database) == sorted(f"{name}-{day}" for name in ("one", "two", "shared") for day in DAYS)
    assert len({row["incident_id"] for row in Ledger(ops_database).listing()}) == 1


@pytest.mark.parametrize("left_behind", ["nothing", "its write-ahead log"])
def test_a_file_that_somebody_removed_is_made_again_by_a_process_that_runs(tmp_path, left_behind):
    file = tmp_path / "ops.db"
    database = OpsDatabase(f"sqlite:///{file}")
    record(database, "before")
    file.unlink()
    if left_behind != "nothing":
        Path(f"{file}-wal").write_bytes(b"of another file")
    record(database, "after")
    assert keys(database) == ["after"]
    # As any other process sees it.
    with sqlite3.connect(file) as other:
        assert other.execute("SELECT event_key FROM alert_events").fetchall() == [("after",)]


def test_a_file_that_was_put_in_place_of_the_old_one_is_the_one_that_is_written(tmp_path):
    one, other = (OpsDatabase(f"sqlite:///{tmp_path / name}") for name in ("ops.db", "saved.db"))
    record(one, "lost")
    record(other, "saved")
    (tmp_path / "saved.db").replace(tmp_path / "ops.db")
    record(one, "new")
    assert keys(one) == ["new", "saved"]
