"""The DuckDB engine on real files: schemas, reading, replacing, merging, locks."""

import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analytics_assets.tables.declaration import (
    Table,
    columns,
    count,
    date_column,
    flag,
    integer,
    json_text,
    number,
    string,
    strings,
    timestamp,
)
from analytics_assets.tables.frames import SchemaError, conform
from analytics_assets.warehouse import MergeCounts, WarehouseError, WarehouseLockedError, Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

_ID = (string("game_id", "Game.", required=True), date_column("game_date", "Date.", required=True))
_MORE = (
    count("points", "Points."),
    number("rate", "Rate."),
    flag("won", "Won."),
    strings("issues", "Issues."),
    json_text("extra", "Extra."),
    timestamp("seen", "First seen."),
    timestamp("written", "Written."),
    integer("version", "Version."),
    string("digest", "Digest."),
)


def declare(*more, **changes) -> Table:
    parts = {"dataset": "d", "name": "t", "grain": "One row per game's result.", "description": "A table."}
    parts |= {"key": ("game_id",), "columns": columns(_ID, more)}
    return Table(**{**parts, **changes})


TABLE = declare(
    *_MORE,
    first_seen_columns=("seen",),
    version_column="version",
    hash_column="digest",
    not_content=("written",),
)
PLAIN = declare(string("note", "Note."), name="plain")
D1, D2, D3 = date(2024, 1, 10), date(2024, 1, 11), date(2024, 1, 12)


def rows(*given: tuple[str, date, int], written: str = "2024-02-01", digest: str | None = "x") -> pd.DataFrame:
    moment = pd.Timestamp(written, tz="UTC")
    return conform(
        pd.DataFrame(
            [
                {"game_id": name, "game_date": day, "points": points, "rate": points / 3, "won": None}
                | {
                    "issues": ["a", "b"],
                    "extra": '{"k": 1}',
                    "seen": moment,
                    "written": moment,
                    "version": 1,
                    "digest": digest,
                }
                for name, day, points in given
            ]
        ),
        TABLE,
    )


def stored(warehouse: DuckDBWarehouse, table: Table = TABLE) -> dict[str, int]:
    frame = warehouse.read(table)
    return dict(zip(frame["game_id"], frame["points"], strict=True))


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    """An empty table, and one that it must not touch."""
    found = DuckDBWarehouse(tmp_path / "w.duckdb", wait_seconds=5)
    found.ensure(TABLE, PLAIN)
    return found


def test_rows_come_back_as_they_were_written(warehouse: DuckDBWarehouse) -> None:
    written = rows(("a", D1, 1), ("b", D2, 2))
    warehouse.replace_dates(TABLE, written, [D1, D2])
    pd.testing.assert_frame_equal(warehouse.read(TABLE).sort_values("game_id", ignore_index=True), written)


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [(None, None, "abc"), (D2, None, "bc"), (None, D2, "ab"), (D2, D2, "b"), (date(2025, 1, 1), None, "")],
)
def test_range_includes_both_ends(warehouse: DuckDBWarehouse, start, end, found: str) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), ("b", D2, 2), ("c", D3, 3)), [D1, D2, D3])
    frame = warehouse.read(TABLE, ["game_id"], start, end)
    assert frame.columns.tolist() == ["game_id"]
    assert sorted(frame["game_id"]) == list(found)


def test_ensuring_twice_keeps_rows_and_describes_the_table(warehouse: DuckDBWarehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    warehouse.ensure(TABLE)
    assert stored(warehouse) == {"a": 1}
    with duckdb.connect(str(warehouse.path)) as connection:
        comment = connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 't'").fetchone()
    assert comment == ("One row per game's result.",)


def test_gained_column_is_added_and_old_rows_have_null(warehouse: DuckDBWarehouse) -> None:
    warehouse.commit([Write(PLAIN, pd.DataFrame({"game_id": ["a"], "game_date": [D1], "note": ["n"]}))])
    gained = declare(string("note", "Note."), number("gained", "Gained."), name="plain")
    before = warehouse.read(gained)
    assert before["gained"].isna().all()
    assert str(before["gained"].dtype) == "float64"
    assert warehouse.read(gained, ["gained"]).shape == (1, 1)
    warehouse.ensure(gained)
    assert warehouse.read(gained)[["note", "gained"]].fillna(-1).to_numpy().tolist() == [["n", -1]]


def test_lost_column_is_kept_in_the_file(warehouse: DuckDBWarehouse) -> None:
    warehouse.commit([Write(PLAIN, pd.DataFrame({"game_id": ["a"], "game_date": [D1], "note": ["n"]}))])
    warehouse.ensure(declare(name="plain"))
    assert warehouse.read(PLAIN)["note"].tolist() == ["n"]


def test_type_conflict_is_refused_by_name(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(SchemaError, match=r"d\.plain\.note is stored as VARCHAR but declared as BIGINT"):
        warehouse.ensure(declare(integer("note", "Note."), name="plain"))


def test_absent_required_column_is_an_error_that_names_it(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(SchemaError, match=r"d\.plain in DuckDB file .* lacks the required columns must; add them"):
        warehouse.read(declare(string("must", "Must.", required=True), name="plain"))


def test_absent_table_reads_as_empty(warehouse: DuckDBWarehouse) -> None:
    absent = declare(*_MORE, name="absent")
    assert warehouse.read(absent, ["points", "game_id"]).dtypes.astype(str).to_dict() == {
        "points": "Int64",
        "game_id": "string",
    }
    assert warehouse.counts_by_date(absent).empty
    assert warehouse.profile(absent)["rows"] == 0


def test_exactly_the_given_dates_are_replaced(warehouse: DuckDBWarehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), ("b", D2, 2), ("c", D3, 3)), [D1, D2, D3])
    warehouse.replace_dates(TABLE, rows(("a2", D1, 9)), [D1, D3])
    assert stored(warehouse) == {"a2": 9, "b": 2}
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)).iloc[:0], [])
    assert stored(warehouse) == {"a2": 9, "b": 2}


def test_rows_of_other_dates_are_refused_and_nothing_is_written(warehouse: DuckDBWarehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    with pytest.raises(SchemaError, match="rows of 2024-01-11 are outside the dates to replace"):
        warehouse.replace_dates(TABLE, rows(("a", D1, 5), ("b", D2, 2)), [D1])
    assert stored(warehouse) == {"a": 1}


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


def test_replacing_by_date_and_game_leaves_other_games_of_the_date(warehouse: DuckDBWarehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), ("b", D1, 2)), [D1])
    new = rows(("a", D1, 7))
    warehouse.commit([Write(TABLE, new, new[["game_date", "game_id"]])])
    assert stored(warehouse) == {"a": 7, "b": 2}


@pytest.mark.parametrize(("digest", "version"), [("x", 1), ("y", 2), (None, 2)])
def test_rewritten_row_keeps_first_seen_and_counts_changes_of_content(warehouse, digest, version) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), written="2024-02-01"), [D1])
    again = rows(("a", D1, 1), ("new", D1, 1), written="2024-03-01", digest=digest)
    warehouse.replace_dates(TABLE, again, [D1])
    found = warehouse.read(TABLE).set_index("game_id")
    assert found.loc["a", ["seen", "written"]].tolist() == [
        pd.Timestamp("2024-02-01", tz="UTC"),
        pd.Timestamp("2024-03-01", tz="UTC"),
    ]
    assert found["version"].to_dict() == {"a": version, "new": 1}
    assert found.at["new", "seen"] == pd.Timestamp("2024-03-01", tz="UTC")


def test_row_that_moves_to_another_replaced_date_is_the_same_row(warehouse: DuckDBWarehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), written="2024-02-01"), [D1])
    warehouse.replace_dates(TABLE, rows(("a", D2, 1), written="2024-03-01"), [D1, D2])
    (found,) = warehouse.read(TABLE).to_dict("records")
    assert (found["game_date"], found["seen"]) == (pd.Timestamp(D2), pd.Timestamp("2024-02-01", tz="UTC"))


def test_merging_counts_added_changed_and_unchanged(warehouse: DuckDBWarehouse) -> None:
    first = rows(("a", D1, 1), ("b", D1, 2), digest=None)
    assert warehouse.merge_rows(TABLE, first) == MergeCounts(added=2, changed=0, unchanged=0)
    assert warehouse.merge_rows(TABLE, rows(("a", D1, 1), ("b", D1, 2), written="2024-05-05")) == MergeCounts(0, 0, 2)
    assert warehouse.read(TABLE)["written"].dt.month.tolist() == [2, 2]
    found = warehouse.merge_rows(TABLE, rows(("a", D1, 1), ("b", D1, 7), ("c", D2, 3)))
    assert found == MergeCounts(added=1, changed=1, unchanged=1)
    assert stored(warehouse) == {"a": 1, "b": 7, "c": 3}
    assert found + found == MergeCounts(2, 2, 2)


def test_merging_needs_a_hash(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(SchemaError, match=r"d\.plain declares no hash column"):
        warehouse.merge_rows(PLAIN, pd.DataFrame({"game_id": ["a"], "game_date": [D1]}))


def test_counts_and_profile(warehouse: DuckDBWarehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), ("a", D1, 1), ("b", D1, 1), ("c", D3, 1)), [D1, D3])
    counts = warehouse.counts_by_date(TABLE)
    assert counts.to_dict("records") == [
        {"game_date": pd.Timestamp(D1), "rows": 3, "games": 2},
        {"game_date": pd.Timestamp(D3), "rows": 1, "games": 1},
    ]
    assert warehouse.counts_by_date(TABLE, D2, D3)["rows"].tolist() == [1]
    assert warehouse.profile(TABLE) == {"first_date": D1, "last_date": D3, "rows": 4, "dates": 2, "duplicate_keys": 1}
    later = {"first_date": D3, "last_date": D3, "rows": 1, "dates": 1, "duplicate_keys": 0}
    assert warehouse.profile(TABLE, D2, D3) == later
    assert warehouse.profile(TABLE, D2, D2)["first_date"] is None


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


def test_merging_one_key_twice_is_refused_and_nothing_is_written(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(SchemaError, match="1 rows repeat a key, such as"):
        warehouse.merge_rows(TABLE, rows(("a", D1, 1), ("a", D1, 2)))
    assert warehouse.read(TABLE).empty


def test_digests_by_date_tell_what_rows_a_date_holds_and_not_their_order(tmp_path: Path):
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    seasons = declare(integer("season_year", "Season."), name="seasons", date_column=None)
    absent = declare(string("note", "Note."), name="absent")
    warehouse.ensure(TABLE, PLAIN, seasons)
    hashed = pd.DataFrame(
        {"game_id": list("abc"), "game_date": pd.to_datetime([D1, D1, D2]), "digest": ["x", "y", "z"], "points": 1}
    )
    plain = pd.DataFrame({"game_id": list("ab"), "game_date": pd.to_datetime([D1, D2]), "note": [None, "n"]})
    undated = pd.DataFrame({"game_id": list("ab"), "game_date": pd.to_datetime([D1, D1]), "season_year": [2022, 2023]})

    def digests(hashed=hashed, plain=plain, undated=undated, start=D1, end=D3) -> dict:
        both = [D1, D2, D3]
        warehouse.replace_dates(TABLE, conform(hashed, TABLE), both)
        warehouse.replace_dates(PLAIN, conform(plain, PLAIN), both)
        old = warehouse.read(seasons)[["game_id"]].drop_duplicates()
        warehouse.commit([Write(seasons, conform(undated, seasons), old)])
        found = warehouse.digests_by_date([TABLE, PLAIN, seasons, absent], start, end)
        where = found["game_date"].dt.strftime("%d").fillna(found["season_year"].astype("string"))
        return dict(zip(found["table_name"] + " " + where, found["digest"], strict=True))

    before = digests()
    assert set(before) == {"t 10", "t 11", "plain 10", "plain 11", "seasons 2022", "seasons 2023"}
    assert digests(hashed[::-1].assign(written=pd.Timestamp("2024-02-01", tz="UTC")), plain[::-1]) == before

    def changed(**frames) -> set[str]:
        after = digests(**frames)
        return {name for name in before | after if before.get(name) != after.get(name)}

    assert changed(hashed=hashed.assign(digest=["x", "other", "z"])) == {"t 10"}
    # A twin more is a change too, and the hash column is believed: other points under the same digest are none.
    assert changed(hashed=pd.concat([hashed, hashed[2:]])) == {"t 11"}
    assert changed(hashed=hashed.assign(points=2)) == set()
    assert changed(hashed=hashed.assign(points=2, digest=None)) == {"t 10", "t 11"}
    assert changed(plain=plain.assign(note=["n", "n"])) == {"plain 10"}
    assert changed(undated=undated[:1]) == {"seasons 2023"}
    assert set(digests(start=D2, end=D2)) == {"t 11", "plain 11", "seasons 2022", "seasons 2023"}
    assert warehouse.digests_by_date([absent], D1, D3).empty
