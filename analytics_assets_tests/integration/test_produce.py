"""Producing dates on a real DuckDB file: every outcome, what is stored, and what a rebuild may change."""

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest

from analytics_assets.assets import slice_inputs
from analytics_assets.assets.player_game_summary import PlayerGameSummaryProducer
from analytics_assets.assets.produce import Request, produce_dates, season_slices
from analytics_assets.assets.producers import SUMMARIES
from analytics_assets.coverage.results import DateResult, current_outcomes
from analytics_assets.raw.declarations import NBAC_GAMEBOOK_PLAYER_STATS, NBAC_SCHEDULE
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.frames import empty_frame
from analytics_assets.tables.operations import DATE_OUTCOMES, QUARANTINED_ROWS
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.warehouse import WarehouseLockedError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse, create_table_statement
from analytics_assets_tests.support.raw_rows import box_rows, moment, raw_frame, schedule_frame, schedule_row
from analytics_assets_tests.support.warehouses import three_dates, warehouse_with

NOW = datetime(2024, 2, 1, 12, tzinfo=UTC)
LATER = datetime(2024, 2, 2, 12, tzinfo=UTC)
LIVE, BACKFILL = RunMode.LIVE, RunMode.BACKFILL


def day(number: int, month: int = 1) -> date:
    return date(2024, month, number)


def text(number: int) -> str:
    return f"2024-01-{number:02}"


def games(*numbers: int) -> list[dict]:
    return [schedule_row(f"00223000{number:02}", text(number)) for number in numbers]


def second_game(number: int) -> dict:
    return schedule_row(f"00223001{number:02}", text(number), away="MIA", home="DEN")


def producer(raises_on: date | None = None, error: Exception | None = None, spoil=None) -> SimpleNamespace:
    """The real producer; its build may raise for one date, or have its rows spoiled."""
    real = PlayerGameSummaryProducer()

    def build(inputs, now):
        if raises_on in inputs.dates:
            raise error or ArithmeticError("no such number")
        built = real.build(inputs, now)
        return built if spoil is None else spoil(built)

    names = ("table", "raw_tables", "warn_hours", "fail_hours", "historical_rule")
    return SimpleNamespace(build=build, **{name: getattr(real, name) for name in names})


def produce(
    warehouse: DuckDBWarehouse, *dates: date, mode: RunMode = BACKFILL, now: datetime = NOW, using=None
) -> dict[date, DateResult]:
    request = Request(dates=dates, mode=mode, now=now, run_id=f"run-{now:%d}")
    found = [r for part in produce_dates(warehouse, [using or producer()], request) for r in part]
    assert len({result.game_date for result in found}) == len(found)
    return {result.game_date: result for result in found}


def replace_raw(warehouse: DuckDBWarehouse, dates: Sequence[int], rows: list[dict]) -> None:
    frame = raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, rows) if rows else empty_frame(NBAC_GAMEBOOK_PLAYER_STATS)
    warehouse.replace_dates(NBAC_GAMEBOOK_PLAYER_STATS, frame, [day(number) for number in dates])


def stored(warehouse: DuckDBWarehouse) -> pd.DataFrame:
    return warehouse.read(PLAYER_GAME_SUMMARY).sort_values(["game_id", "player_lookup"], ignore_index=True)


def rows_by_date(warehouse: DuckDBWarehouse) -> dict[date, int]:
    counts = warehouse.counts_by_date(PLAYER_GAME_SUMMARY)
    return dict(zip(counts["game_date"].dt.date, counts["rows"], strict=True))


def state(warehouse: DuckDBWarehouse, number: int) -> tuple[str, str]:
    frame = current_outcomes(warehouse.read(DATE_OUTCOMES, start=day(number), end=day(number)))
    return frame.at[0, "outcome"], frame.at[0, "last_outcome"]


EXPECTED = {
    date(2019, 1, 5): "no_schedule",
    date(2023, 7, 15): "off_season",
    day(8): "built",
    day(9): "off_day",
    day(10): "partial_raw_data",
    day(11): "no_raw_data",
    day(12): "invalid",
    day(13): "error",
    day(14): "no_schedule",
    day(15): "built",
    day(31): "not_due",
    day(20, month=2): "not_due",
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[DuckDBWarehouse, dict[date, DateResult]]:
    """One backfill over a range in which almost every outcome occurs."""
    broken = box_rows(text(12))
    broken[0] |= {"points": -5}
    stray = box_rows(text(15))[0] | {"player_lookup": "stray", "team_abbr": "QQQ", "game_id": "20240115_QQQ_LAL"}
    warehouse = warehouse_with(
        tmp_path_factory.mktemp("mixed") / "w.duckdb",
        [
            *games(8, 10, 11, 12, 13, 15),
            second_game(10),
            schedule_row("0022300031", text(31), game_status=1, processed_at=moment("2024-01-30")),
        ],
        [
            *(row for number in (8, 10, 13, 15) for row in box_rows(text(number))),
            *broken,
            # Box rows of a game that no schedule knows.
            *box_rows(text(14), away="MIA", home="DEN"),
            stray,
        ],
    )
    return warehouse, produce(warehouse, *EXPECTED, using=producer(raises_on=day(13)))


def test_every_date_has_its_own_outcome_in_a_mixed_range(mixed) -> None:
    warehouse, results = mixed
    assert {when: str(result.outcome) for when, result in results.items()} == EXPECTED
    recorded = warehouse.read(DATE_OUTCOMES)
    assert dict(zip(recorded["game_date"].dt.date, recorded["outcome"], strict=True)) == EXPECTED
    assert rows_by_date(warehouse) == {day(8): 12, day(10): 12, day(15): 12}


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (day(9), "no game in the 2023-24 regular-season schedule"),
        (day(10), "1 of 2 games incomplete: 20240110_MIA_DEN"),
        (day(11), "20240111_BOS_LAL"),
        (day(12), "nbac_gamebook_player_stats: 1 rows broke a rule"),
        (day(13), "building raised ArithmeticError: no such number"),
        (day(14), "games that nbac_schedule does not hold"),
        (day(31), "games are not final yet: 20240131_BOS_LAL"),
        (date(2019, 1, 5), "does not reach this date"),
    ],
)
def test_reason_is_told(mixed, when: date, told: str) -> None:
    assert told in mixed[1][when].reason


def test_numbers_of_a_mixed_range(mixed) -> None:
    results = mixed[1]
    numbers = {w.day: (r.expected_games, r.actual_games, r.actual_rows) for w, r in results.items() if w.year == 2024}
    assert numbers[8] == (1, 1, 12)
    assert numbers[9] == (0, 0, 0)
    assert numbers[10] == (2, 1, 12)
    assert numbers[12] == numbers[13] == (1, 0, 0)
    assert results[day(14)].expected_games is None
    assert results[day(15)].warnings == ("1 raw rows refused: unknown_tricode",)
    assert all(result.seconds > 0 for result in results.values())


def test_refused_rows_are_kept_with_reason_and_raw_values(mixed) -> None:
    rows = mixed[0].read(QUARANTINED_ROWS)
    found = rows.groupby([rows["game_date"].dt.day, "reason"]).size().to_dict()
    assert found == {(12, "negative_count"): 1, (14, "game_not_in_schedule"): 12, (15, "unknown_tricode"): 1}
    (broken,) = rows[rows["reason"] == "negative_count"].to_dict("records")
    assert json.loads(broken["raw_values"])["points"] == -5
    assert (broken["player_lookup"], broken["game_id"], broken["table_name"], broken["source_table"]) == (
        *("bosplayer0", "20240112_BOS_LAL", "player_game_summary", "nbac_gamebook_player_stats"),
    )
    assert "points is -5" in broken["detail"]
    assert not rows.duplicated(list(QUARANTINED_ROWS.key)).any()


@pytest.fixture(scope="module")
def raw_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Games on the 8th and two on the 10th, all complete; the 9th is free. Nothing is built."""
    path = tmp_path_factory.mktemp("raw") / "w.duckdb"
    rows = [*box_rows(text(8)), *box_rows(text(10)), *box_rows(text(10), away="MIA", home="DEN")]
    warehouse_with(path, [*games(8, 10), second_game(10)], rows)
    return path


@pytest.fixture(scope="module")
def built_file(raw_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after both game dates were built."""
    path = tmp_path_factory.mktemp("built") / "w.duckdb"
    shutil.copy(raw_file, path)
    results = produce(DuckDBWarehouse(path), day(8), day(10))
    assert [str(result.outcome) for result in results.values()] == ["built", "built"]
    return path


@pytest.fixture
def warehouse(raw_file: Path, tmp_path: Path) -> DuckDBWarehouse:
    """A copy of the raw file."""
    return DuckDBWarehouse(shutil.copy(raw_file, tmp_path / "w.duckdb"))


@pytest.fixture
def built(built_file: Path, tmp_path: Path) -> DuckDBWarehouse:
    """A copy of the built file."""
    return DuckDBWarehouse(shutil.copy(built_file, tmp_path / "w.duckdb"))


def test_live_leaves_old_dates_alone_except_off_days_and_a_backfill_builds_them(built: DuckDBWarehouse) -> None:
    summer = datetime(2024, 6, 1, tzinfo=UTC)
    before = stored(built)
    live = produce(built, day(8), day(9), day(10), mode=LIVE, now=summer)
    assert [str(result.outcome) for result in live.values()] == ["too_old", "off_day", "too_old"]
    assert live[day(8)].actual_rows == 12
    pd.testing.assert_frame_equal(stored(built), before)
    assert state(built, 8) == ("built", "too_old")
    assert [str(r.outcome) for r in produce(built, day(8), day(10), now=summer).values()] == ["built", "built"]


def test_live_refuses_stale_raw_data_and_a_backfill_notes_it(warehouse: DuckDBWarehouse) -> None:
    replace_raw(warehouse, [8], box_rows(text(8), processed_at=moment("2024-01-08T20:00")))
    (live,) = produce(warehouse, day(8), mode=LIVE).values()
    assert (str(live.outcome), live.actual_rows, rows_by_date(warehouse)) == ("stale_raw_data", 0, {})
    (backfill,) = produce(warehouse, day(8)).values()
    assert (str(backfill.outcome), backfill.actual_rows) == ("built", 12)
    assert "stale raw data" in backfill.warnings[0]


def without_second_game() -> list[dict]:
    return box_rows(text(10))


def broken_everywhere() -> list[dict]:
    return [{**row, "points": -1} for row in box_rows(text(10))]


@pytest.mark.parametrize(
    ("raw", "using", "outcome"),
    [
        (list, None, "no_raw_data"),
        (without_second_game, None, "partial_raw_data"),
        (broken_everywhere, None, "invalid"),
        (without_second_game, producer(raises_on=day(10)), "error"),
    ],
)
def test_failed_rebuild_leaves_rows_and_state_of_a_done_date(built, raw, using, outcome: str) -> None:
    before = stored(built)
    replace_raw(built, [10], raw())
    results = produce(built, day(10), day(10), now=LATER, using=using)
    assert str(results[day(10)].outcome) == outcome
    assert (results[day(10)].actual_games, results[day(10)].actual_rows) == (2, 24)
    pd.testing.assert_frame_equal(stored(built), before)
    assert state(built, 10) == ("built", outcome)


def test_partial_date_grows_to_a_complete_one_and_never_shrinks(warehouse: DuckDBWarehouse) -> None:
    one, other = box_rows(text(10)), box_rows(text(10), away="MIA", home="DEN")
    found = []
    for raw in (one, other, [{**row, "steals": 2} for row in one], [*one, *other]):
        replace_raw(warehouse, [10], raw)
        (result,) = produce(warehouse, day(10)).values()
        found.append((str(result.outcome), result.actual_games, result.actual_rows, stored(warehouse)["steals"].sum()))
    partial = "partial_raw_data"
    assert found == [
        (partial, 1, 12, 12),
        # The other game comes, the first is not told any more: both are kept, and both are counted.
        (partial, 2, 24, 24),
        # One game must not replace a date that holds two, even with other numbers.
        (partial, 2, 24, 24),
        ("built", 2, 24, 24),
    ]


def test_rebuild_keeps_first_times_and_raises_the_version_of_changed_rows_only(built: DuckDBWarehouse) -> None:
    rows = box_rows(text(8))
    rows[3] |= {"steals": 2}
    replace_raw(built, [8], rows)
    produce(built, day(8), day(10), now=LATER)
    found = stored(built)
    assert set(found["created_at"]) == set(found["first_processed_at"]) == {pd.Timestamp(NOW)}
    assert set(found["processed_at"]) == {pd.Timestamp(LATER)}
    raised = found[found["record_version"] != 1]
    assert raised[["player_lookup", "record_version"]].to_numpy().tolist() == [["bosplayer3", 2]]


def test_quarantine_of_a_date_is_replaced_by_its_next_build(warehouse: DuckDBWarehouse) -> None:
    replace_raw(warehouse, [8], [{**row, "points": -1} for row in box_rows(text(8))])
    replace_raw(warehouse, [10], box_rows(text(10), team_abbr=None))
    produce(warehouse, day(8), day(10))
    assert warehouse.read(QUARANTINED_ROWS)["game_date"].dt.day.value_counts().to_dict() == {8: 12, 10: 12}
    replace_raw(warehouse, [8], box_rows(text(8)))
    produce(warehouse, day(8), now=LATER)
    left = warehouse.read(QUARANTINED_ROWS)
    assert set(left["game_date"].dt.day) == {10}
    assert set(left["run_id"]) == {"run-01"}


def test_game_that_moved_away_leaves_a_proved_off_day_without_rows(built: DuckDBWarehouse) -> None:
    moved = schedule_row("0022300008", text(9), processed_at=moment("2024-01-20"))
    built.merge_rows(NBAC_SCHEDULE, schedule_frame(*games(7), moved))
    replace_raw(built, [8, 9], box_rows(text(9)))
    assert [str(r.outcome) for r in produce(built, day(8), day(9)).values()] == ["off_day", "built"]
    assert rows_by_date(built) == {day(9): 12, day(10): 24}


def test_broken_key_makes_its_date_invalid_and_leaves_the_neighbours(warehouse: DuckDBWarehouse) -> None:
    def repeat_a_row(built):
        again = built.rows[built.rows["game_date"] == pd.Timestamp(day(10))].head(1)
        object.__setattr__(built, "rows", pd.concat([built.rows, again], ignore_index=True))
        return built

    results = produce(warehouse, day(8), day(10), using=producer(spoil=repeat_a_row))
    assert [str(result.outcome) for result in results.values()] == ["built", "invalid"]
    assert "repeats" in results[day(10)].reason
    assert rows_by_date(warehouse) == {day(8): 12}


def test_rows_and_outcomes_are_one_transaction(built: DuckDBWarehouse) -> None:
    before = stored(built)
    with duckdb.connect(str(built.path)) as connection:
        # A table of outcomes that takes no row any more.
        connection.execute("DROP TABLE nba_ops.date_outcomes")
        statement = create_table_statement(DATE_OUTCOMES).rstrip(")\n")
        connection.execute(f"{statement}, CHECK (run_id = 'nobody'))")
    with pytest.raises(duckdb.ConstraintException):
        produce(built, day(8), day(10), now=LATER)
    pd.testing.assert_frame_equal(stored(built), before)


def test_locked_warehouse_is_no_fault_of_a_date_and_earlier_slices_stay(tmp_path: Path) -> None:
    warehouse = warehouse_with(
        tmp_path / "w.duckdb",
        [schedule_row("0022200001", "2023-01-10"), *games(8)],
        [*box_rows("2023-01-10"), *box_rows(text(8))],
    )
    locked = producer(raises_on=day(8), error=WarehouseLockedError("held by process 1"))
    with pytest.raises(WarehouseLockedError):
        produce(warehouse, date(2023, 1, 10), day(8), using=locked)
    assert rows_by_date(warehouse) == {date(2023, 1, 10): 12}
    assert warehouse.read(DATE_OUTCOMES)["outcome"].tolist() == ["built"]


def test_no_dates_produce_nothing(warehouse: DuckDBWarehouse) -> None:
    assert produce(warehouse) == {}


def test_slices_end_with_september() -> None:
    dates = [date(2024, 10, 1), date(2023, 10, 1), date(2024, 9, 30), date(2023, 10, 1)]
    assert season_slices(dates) == [[date(2023, 10, 1), date(2024, 9, 30)], [date(2024, 10, 1)]]


def test_tables_with_different_dates_share_what_is_read_and_each_gets_exactly_its_own(tmp_path, monkeypatch):
    warehouse, reads = three_dates(tmp_path / "nba.duckdb"), []
    read = slice_inputs.read_box_sources
    monkeypatch.setattr(slice_inputs, "read_box_sources", lambda *of: reads.append(of) or read(*of))
    players, offense, defense = (each.table.name for each in SUMMARIES)
    wanted = {players: [day(10), day(12)], offense: [day(11), day(12)], defense: [day(10), day(11), day(12)]}

    def outcomes(*producers) -> dict[str, dict[int, str]]:
        request = Request(dates=(), mode=BACKFILL, now=NOW, run_id="run", dates_by_table=wanted)
        parts = list(produce_dates(warehouse, producers, request))
        return {part[0].table_name: {r.game_date.day: str(r.outcome) for r in part} for part in parts}

    expected = {
        players: {10: "built", 12: "built"},
        offense: {11: "off_day", 12: "built"},
        defense: {10: "built", 11: "off_day", 12: "built"},
    }
    assert outcomes(*SUMMARIES) == expected
    assert len(reads) == 1
    stored = {each.table.name: set(warehouse.read(each.table)["game_date"].dt.day) for each in SUMMARIES}
    assert stored == {players: {10, 12}, offense: {12}, defense: {10, 12}}
    # What is in the way on a date of another table costs nothing.
    assert outcomes(producer(raises_on=day(11)), SUMMARIES[1]) == {name: expected[name] for name in (players, offense)}
