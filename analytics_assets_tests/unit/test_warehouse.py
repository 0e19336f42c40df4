"""What every warehouse engine must do, on DuckDB and on an emulator of BigQuery."""

import hashlib
import uuid
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from analytics_assets.tables.declaration import ColumnType, count, integer, number, string, strings
from analytics_assets.tables.frames import SchemaError, conform
from analytics_assets.tables.reduction import AskedValues, Reduction
from analytics_assets.warehouse import MergeCounts, Warehouse, Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets.warehouse.interface import writes_for_dates
from analytics_assets_tests.support.literal_tables import (
    D1,
    D2,
    D3,
    HOSTILE_NAMES,
    HOSTILE_VALUES,
    MORE,
    PLAIN,
    TABLE,
    declare,
    rows,
    stored,
)


@pytest.fixture(params=["duckdb", "bigquery"])
def warehouse(request, tmp_path) -> Warehouse:
    """An empty table, and one that it must not touch."""
    if request.param == "duckdb":
        found = DuckDBWarehouse(tmp_path / "w.duckdb", wait_seconds=5)
        found.ensure(TABLE, PLAIN)
        return found
    return request.getfixturevalue("bigquery_emulator").warehouse(f"project-{uuid.uuid4().hex[:12]}", TABLE, PLAIN)


def test_rows_come_back_as_they_were_written(warehouse: Warehouse) -> None:
    written = rows(("a", D1, 1), ("b", D2, 2))
    warehouse.replace_dates(TABLE, written, [D1, D2])
    pd.testing.assert_frame_equal(warehouse.read(TABLE).sort_values("game_id", ignore_index=True), written)


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [(None, None, "abc"), (D2, None, "bc"), (None, D2, "ab"), (D2, D2, "b"), (date(2025, 1, 1), None, "")],
)
def test_range_includes_both_ends(warehouse: Warehouse, start, end, found: str) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), ("b", D2, 2), ("c", D3, 3)), [D1, D2, D3])
    frame = warehouse.read(TABLE, ["game_id"], start, end)
    assert frame.columns.tolist() == ["game_id"]
    assert sorted(frame["game_id"]) == list(found)


def test_gained_column_is_added_and_old_rows_have_null(warehouse: Warehouse) -> None:
    warehouse.commit([Write(PLAIN, pd.DataFrame({"game_id": ["a"], "game_date": [D1], "note": ["n"]}))])
    gained = declare(string("note", "Note."), number("gained", "Gained."), name="plain")
    before = warehouse.read(gained)
    assert before["gained"].isna().all()
    assert str(before["gained"].dtype) == "float64"
    assert warehouse.read(gained, ["gained"]).shape == (1, 1)
    warehouse.ensure(gained)
    assert warehouse.read(gained)[["note", "gained"]].fillna(-1).to_numpy().tolist() == [["n", -1]]


def test_lost_column_is_kept(warehouse: Warehouse) -> None:
    warehouse.commit([Write(PLAIN, pd.DataFrame({"game_id": ["a"], "game_date": [D1], "note": ["n"]}))])
    warehouse.ensure(declare(name="plain"))
    assert warehouse.read(PLAIN)["note"].tolist() == ["n"]


def test_type_conflict_is_refused_by_name(warehouse: Warehouse) -> None:
    with pytest.raises(SchemaError, match=r"d\.plain\.note is stored as \w+ but declared as \w+"):
        warehouse.ensure(declare(integer("note", "Note."), name="plain"))


def test_absent_required_column_is_an_error_that_names_it(warehouse: Warehouse) -> None:
    with pytest.raises(SchemaError, match=r"d\.plain in .* lacks the required columns must; add them"):
        warehouse.read(declare(string("must", "Must.", required=True), name="plain"))


def test_absent_table_reads_as_empty(warehouse: Warehouse) -> None:
    absent = declare(*MORE, name="absent")
    assert warehouse.read(absent, ["points", "game_id"]).dtypes.astype(str).to_dict() == {
        "points": "Int64",
        "game_id": "string",
    }
    assert warehouse.counts_by_date(absent).empty
    assert warehouse.profile(absent)["rows"] == 0


def test_exactly_the_given_dates_are_replaced(warehouse: Warehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), ("b", D2, 2), ("c", D3, 3)), [D1, D2, D3])
    warehouse.replace_dates(TABLE, rows(("a2", D1, 9)), [D1, D3])
    assert stored(warehouse) == {"a2": 9, "b": 2}
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)).iloc[:0], [])
    assert stored(warehouse) == {"a2": 9, "b": 2}


def test_rows_of_other_dates_are_refused_and_nothing_is_written(warehouse: Warehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    with pytest.raises(SchemaError, match="rows of 2024-01-11 are outside the dates to replace"):
        warehouse.replace_dates(TABLE, rows(("a", D1, 5), ("b", D2, 2)), [D1])
    assert stored(warehouse) == {"a": 1}


def test_replacing_by_date_and_game_leaves_other_games_of_the_date(warehouse: Warehouse) -> None:
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


def test_row_that_moves_to_another_replaced_date_is_the_same_row(warehouse: Warehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), written="2024-02-01"), [D1])
    warehouse.replace_dates(TABLE, rows(("a", D2, 1), written="2024-03-01"), [D1, D2])
    (found,) = warehouse.read(TABLE).to_dict("records")
    assert (found["game_date"], found["seen"]) == (pd.Timestamp(D2), pd.Timestamp("2024-02-01", tz="UTC"))


def test_merging_counts_added_changed_and_unchanged(warehouse: Warehouse) -> None:
    first = rows(("a", D1, 1), ("b", D1, 2), digest=None)
    assert warehouse.merge_rows(TABLE, first) == MergeCounts(added=2, changed=0, unchanged=0)
    assert warehouse.merge_rows(TABLE, rows(("a", D1, 1), ("b", D1, 2), written="2024-05-05")) == MergeCounts(0, 0, 2)
    assert warehouse.read(TABLE)["written"].dt.month.tolist() == [2, 2]
    found = warehouse.merge_rows(TABLE, rows(("a", D1, 1), ("b", D1, 7), ("c", D2, 3)))
    assert found == MergeCounts(added=1, changed=1, unchanged=1)
    assert stored(warehouse) == {"a": 1, "b": 7, "c": 3}
    assert found + found == MergeCounts(2, 2, 2)


def test_merging_needs_a_hash(warehouse: Warehouse) -> None:
    with pytest.raises(SchemaError, match=r"d\.plain declares no hash column"):
        warehouse.merge_rows(PLAIN, pd.DataFrame({"game_id": ["a"], "game_date": [D1]}))


def test_counts_and_profile(warehouse: Warehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), ("a", D1, 1), ("b", D1, 1), ("c", D3, 1)), [D1, D3])
    counts = warehouse.counts_by_date(TABLE)
    assert counts.to_dict("records") == [
        {"game_date": pd.Timestamp(D1), "rows": 3, "games": 2},
        {"game_date": pd.Timestamp(D3), "rows": 1, "games": 1},
    ]
    assert warehouse.counts_by_date(TABLE, D2, D3)["rows"].tolist() == [1]
    # A table of something else than games, such as rosters.
    columns = tuple(column for column in TABLE.columns if column.name != "game_id")
    no_games = replace(TABLE, columns=columns, key=("game_date",), cluster_by=(), unit=())
    assert warehouse.counts_by_date(no_games)[["rows", "games"]].to_numpy().tolist() == [[3, 0], [1, 0]]
    assert warehouse.profile(TABLE) == {"first_date": D1, "last_date": D3, "rows": 4, "dates": 2, "duplicate_keys": 1}
    later = {"first_date": D3, "last_date": D3, "rows": 1, "dates": 1, "duplicate_keys": 0}
    assert warehouse.profile(TABLE, D2, D3) == later
    assert warehouse.profile(TABLE, D2, D2)["first_date"] is None


def test_merging_one_key_twice_is_refused_and_nothing_is_written(warehouse: Warehouse) -> None:
    with pytest.raises(SchemaError, match="1 rows repeat a key, such as"):
        warehouse.merge_rows(TABLE, rows(("a", D1, 1), ("a", D1, 2)))
    assert warehouse.read(TABLE).empty


def test_digests_by_date_tell_what_rows_a_date_holds_and_not_their_order(warehouse: Warehouse) -> None:
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
        old = pd.DataFrame({"game_id": list("ab")})
        dated = [writes_for_dates(table, conform(f, table), both) for table, f in ((TABLE, hashed), (PLAIN, plain))]
        warehouse.commit([*dated, Write(seasons, conform(undated, seasons), old)])
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


def test_hostile_values_are_stored_as_they_are_and_read_back(warehouse: Warehouse) -> None:
    days = [D1] * len(HOSTILE_VALUES)
    values = conform(pd.DataFrame({"game_id": HOSTILE_VALUES, "game_date": days, "note": HOSTILE_VALUES}), PLAIN)
    warehouse.replace_dates(PLAIN, values, [D1])
    scope = values[["game_date", "note"]]
    warehouse.commit([Write(PLAIN, values.assign(note="x").iloc[:1], scope.iloc[1:])])
    found = warehouse.read(PLAIN)
    assert sorted(found["note"]) == sorted(["x", HOSTILE_VALUES[0]])
    hostile = rows(*((text, D1, 1) for text in HOSTILE_VALUES), digest=None)
    assert warehouse.merge_rows(TABLE, hostile).added == len(HOSTILE_VALUES)
    assert warehouse.merge_rows(TABLE, hostile).unchanged == len(HOSTILE_VALUES)
    assert set(stored(warehouse)) == set(HOSTILE_VALUES)


def test_hostile_names_can_be_neither_declared_nor_asked_for(warehouse: Warehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    for hostile in HOSTILE_NAMES:
        for parts in ({"name": hostile}, {"dataset": hostile}, {"columns": (*TABLE.columns, string(hostile, "H."))}):
            with pytest.raises(ValueError, match="names are letters, digits and underscores"):
                declare(**parts)
        with pytest.raises((KeyError, SchemaError)):
            warehouse.read(TABLE, [hostile])
        with pytest.raises(KeyError):
            warehouse.commit([Write(TABLE, rows(("b", D1, 1)), pd.DataFrame({hostile: ["a"]}))])
    assert stored(warehouse) == {"a": 1}


def test_reduction_means_the_same_on_every_engine(warehouse: Warehouse) -> None:
    frame = rows(("a", D1, 3), ("b", D1, 4), ("c", D2, 5), ("d", D3, 6))
    frame["issues"] = [["x", "y"], ["x"], [], ["x"]]
    warehouse.replace_dates(TABLE, frame, [D1, D2, D3])
    wider = declare(*MORE, strings("lists", "Not stored."), integer("lacking", "Not stored."))
    answer = declare(
        string("issue", "Issue."), count("games", "Games."), number("half", "Half."), string("digest", "Digest.")
    )
    asked = Reduction(
        source=wider,
        columns=("game_id", "game_date", "points", "issues", "lists", "lacking"),
        sql=""", told AS (
  SELECT game_id, game_date, issue, points, lacking, ARRAY_LENGTH(lists) AS listed
  FROM source_rows CROSS JOIN UNNEST(issues) AS issue
)
SELECT MIN(game_id) AS game_id, game_date, issue, CAST(COUNTIF(points > 2) AS INT64) AS games,
  SUM(points) / 2 AS half, TO_HEX(MD5(STRING_AGG(game_id, ',' ORDER BY game_id))) AS digest
FROM told
WHERE lacking IS NULL AND COALESCE(listed, 0) = 0
GROUP BY game_date, issue
""",
        result=answer,
    )
    found = warehouse.reduce(asked, D1, D2).sort_values("issue").to_dict("records")
    day = pd.Timestamp(D1)
    digests = [hashlib.md5(text).hexdigest() for text in (b"a,b", b"a")]
    assert found == [
        {"game_id": "a", "game_date": day, "issue": "x", "games": 2, "half": 3.5, "digest": digests[0]},
        {"game_id": "a", "game_date": day, "issue": "y", "games": 1, "half": 1.5, "digest": digests[1]},
    ]
    absent = Reduction(source=declare(*MORE, name="absent"), columns=("game_id",), sql=asked.sql, result=answer)
    assert warehouse.reduce(absent, D1, D2).dtypes.equals(warehouse.reduce(asked, D3, D1).dtypes)


def test_values_that_a_question_asks_for_are_bound_and_count_once(warehouse: Warehouse) -> None:
    games = [f"a{number}" for number in range(len(HOSTILE_VALUES) - 1)]
    hostile = [value for value in HOSTILE_VALUES if "\x00" not in value]
    written = rows(*((game, D1, number) for number, game in enumerate(games)), ("b", D2, 9), ("c", D3, 9))
    written["extra"], written["digest"] = "{}", [*hostile, "plain", "plain"]
    warehouse.replace_dates(TABLE, written, [D1, D2, D3])
    asked = Reduction(
        source=TABLE,
        columns=("game_id", "game_date", "digest"),
        sql=" SELECT game_id, game_date, COUNT(*) AS points FROM source_rows INNER JOIN texts ON texts.entry = digest "
        "WHERE game_date NOT IN (SELECT entry FROM days) GROUP BY game_id, game_date",
        result=declare(count("points", "Rows.")),
        asked={
            "texts": AskedValues(ColumnType.STRING, [*hostile, *hostile, "plain"]),
            "days": AskedValues(ColumnType.DATE, [D3]),
        },
    )
    found = warehouse.reduce(asked, D1, D3)
    assert dict(zip(found["game_id"], found["points"], strict=True)) == dict.fromkeys([*games, "b"], 1)
    nothing = {name: replace(values, values=()) for name, values in asked.asked.items()}
    assert warehouse.reduce(replace(asked, asked=nothing), D1, D3).empty


def test_of_a_range_only_the_named_dates_are_read_and_asked(warehouse: Warehouse) -> None:
    warehouse.replace_dates(TABLE, rows(("a", D1, 1), ("b", D2, 2), ("c", D3, 3)), [D1, D2, D3])
    columns = ("game_id", "game_date")
    asked = Reduction(source=TABLE, columns=columns, sql=" SELECT game_id, game_date FROM source_rows", result=PLAIN)
    outside = date(2025, 1, 1)
    for dates, found in (([D3, D1, D1, outside], "ac"), ([D2], "b"), ([outside], ""), ([], "")):
        assert sorted(warehouse.read(TABLE, ["game_id"], D1, D3, dates)["game_id"]) == list(found)
        assert sorted(warehouse.reduce(asked, D1, D3, dates)["game_id"]) == list(found)
    assert sorted(warehouse.read(TABLE, ["game_id"], dates=[D3])["game_id"]) == ["c"]
