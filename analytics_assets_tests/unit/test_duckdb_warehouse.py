"""What only the DuckDB engine does: comments, files, locks."""

import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analytics_assets.tables.declaration import integer, string
from analytics_assets.tables.frames import SchemaError
from analytics_assets.warehouse import WarehouseError, WarehouseLockedError, Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.literal_tables import D1, PLAIN, TABLE, declare, rows, stored


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    """An empty table, and one that it must not touch."""
    found = DuckDBWarehouse(tmp_path / "w.duckdb", wait_seconds=5)
    found.ensure(TABLE, PLAIN)
    return found


def test_ensuring_twice_keeps_rows_and_describes_the_table(warehouse: DuckDBWarehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    warehouse.ensure(TABLE)
    assert stored(warehouse) == {"a": 1}
    with duckdb.connect(str(warehouse.path)) as connection:
        comment = connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 't'").fetchone()
    assert comment == ("One row per game's result.",)


def test_type_conflict_is_refused_by_name(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(SchemaError, match=r"d\.plain\.note is stored as VARCHAR but declared as BIGINT"):
        warehouse.ensure(declare(integer("note", "Note."), name="plain"))


def test_write_that_fails_leaves_all_tables_of_the_commit_as_they_were(warehouse: DuckDBWarehouse) -> None:
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("CREATE TABLE d.strict (game_id VARCHAR, game_date DATE, note VARCHAR CHECK (note <> 'no'))")
    strict = declare(string("note", "Note."), name="strict")
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    good = Write(TABLE, rows(("a", D1, 2)), pd.DataFrame({"game_date": [pd.Timestamp(D1)]}))
    bad = Write(strict, pd.DataFrame({"game_id": ["x", "y"], "game_date": [D1, D1], "note": ["yes", "no"]}))
    with pytest.raises(duckdb.ConstraintException):
        warehouse.commit([good, bad])
    assert stored(warehouse) == {"a": 1}
    assert warehouse.read(strict).empty


def test_missing_directory_is_told(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"directory .*nowhere of the warehouse file does not exist"):
        DuckDBWarehouse(tmp_path / "nowhere" / "w.duckdb").ensure(TABLE)


def test_file_that_is_no_database_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "w.duckdb").write_text("not a database " * 1000)
    started = time.monotonic()
    with pytest.raises(WarehouseError, match="cannot open DuckDB file"):
        DuckDBWarehouse(tmp_path / "w.duckdb", wait_seconds=30).read(TABLE)
    assert time.monotonic() - started < 10


HOLD = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def hold(warehouse: DuckDBWarehouse):
    """Start another process that holds the file for some seconds; it is ended with the test."""
    started: list[subprocess.Popen] = []

    def start(seconds: float) -> subprocess.Popen:
        command = [sys.executable, "-c", HOLD, str(warehouse.path), str(seconds)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_process_that_holds_the_file_too_long_is_named(warehouse: DuckDBWarehouse, hold) -> None:
    process = hold(60)
    impatient = DuckDBWarehouse(warehouse.path, wait_seconds=0.2)
    with pytest.raises(WarehouseLockedError, match=rf"held by process {process.pid} .*not released within 0.2 s"):
        impatient.read(TABLE)


def test_file_that_is_released_in_time_is_used(warehouse: DuckDBWarehouse, hold) -> None:
    hold(0.5)
    DuckDBWarehouse(warehouse.path, wait_seconds=20).replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    assert stored(warehouse) == {"a": 1}


def test_file_is_free_between_uses(warehouse: DuckDBWarehouse, hold) -> None:
    warehouse.read(TABLE)
    assert hold(0).wait(timeout=20) == 0
