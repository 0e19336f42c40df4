"""Which built dates are outdated after inputs changed, and that rebuilding exactly those gives a clean run's tables.

A whole season with forty days that arrive late is in ``test_faulty_season.py``.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analytics_assets.assets.input_fingerprints import InputFingerprints
from analytics_assets.assets.producers import PRODUCERS
from analytics_assets.assets.slice_inputs import LatestInputs
from analytics_assets.coverage import outdated
from analytics_assets.coverage.outdated import look_for_outdated, outdated_dates, record_unchanged
from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    ODDS_API_GAME_LINES,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import ColumnType, Table
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.pregame_rows import game_line_rows
from analytics_assets_tests.support.raw_rows import (
    box_rows,
    moment,
    raw_frame,
    registry_rows,
    roster_rows,
    schedule_row,
    team_rows,
)
from analytics_assets_tests.support.warehouses import produce_contexts, produce_summaries, warehouse_with

NOW = datetime(2024, 1, 20, 15, tzinfo=UTC)
PLAYERS, OFFENSE, DEFENSE, TEAM_CONTEXT, PLAYER_CONTEXT = (table.name for table in ANALYTICS_TABLES)
SUMMARY_NAMES, CONTEXT_NAMES = (PLAYERS, OFFENSE, DEFENSE), (TEAM_CONTEXT, PLAYER_CONTEXT)
# On the third and the ninth nobody plays. Denver meets Boston on the tenth only.
GAMES = {2: ("BOS", "LAL"), 4: ("MIA", "DEN"), 6: ("BOS", "LAL"), 8: ("MIA", "DEN"), 10: ("BOS", "DEN")}
DATES = [date(2024, 1, number) for number in range(2, 11)]
_NOT_PLAYED = {"game_status": 1, "home_team_score": None, "away_team_score": None}


def day(number: int) -> date:
    return date(2024, 1, number)


def scheduled(number: int, **more) -> dict:
    return schedule_row(f"00223000{number:02}", day(number).isoformat(), *GAMES[number], **more)


def played(make, *numbers: int) -> list[dict]:
    return [row for number in numbers for row in make(day(number).isoformat(), *GAMES[number])]


def merge(warehouse: DuckDBWarehouse, table: Table, rows: Sequence[dict]) -> None:
    warehouse.merge_rows(table, raw_frame(table, list(rows)))


def raw_warehouse(path: Path, *numbers: int) -> DuckDBWarehouse:
    """The schedule of all five games, rosters, and the box scores of some."""
    warehouse = warehouse_with(path, [scheduled(number) for number in GAMES])
    merge(warehouse, ESPN_TEAM_ROSTERS, roster_rows("2024-01-01", "BOS", "LAL", "MIA", "DEN"))
    if numbers:
        merge(warehouse, NBAC_GAMEBOOK_PLAYER_STATS, played(box_rows, *numbers))
        merge(warehouse, NBAC_TEAM_BOXSCORE, played(team_rows, *numbers))
    return warehouse


@pytest.fixture(scope="module")
def built_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("outdated") / "w.duckdb"
    warehouse = raw_warehouse(path, *GAMES)
    build(warehouse, SUMMARY_NAMES, DATES)
    build(warehouse, CONTEXT_NAMES, DATES)
    return path


@pytest.fixture
def warehouse(built_file: Path, tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(shutil.copy(built_file, tmp_path / "w.duckdb"))


def build(warehouse: DuckDBWarehouse, names: Sequence[str], dates: Sequence[date], now: datetime = NOW) -> None:
    """Build a whole stage on some dates, as a backfill does."""
    make = produce_summaries if names == SUMMARY_NAMES else produce_contexts
    found = make(warehouse, dates, now=now)
    assert set(found) == set(names)


def listed(warehouse: DuckDBWarehouse, names: Sequence[str] = tuple(PRODUCERS), now: datetime = NOW) -> dict:
    """Outdated days of the month by table; tables without any are absent."""
    found = outdated_dates(warehouse, names, DATES, now)
    assert found["game_date"].is_monotonic_increasing
    assert found["reason"].str.len().gt(0).all()
    return {name: list(days.dt.day) for name, days in found.groupby("table_name")["game_date"]}


def correct(warehouse: DuckDBWarehouse, number: int) -> None:
    """A later, corrected box score of one date: an assist more for one player, loaded as loaders do."""
    rows = played(box_rows, number)
    rows[0] |= {"assists": 4, "processed_at": moment("2024-01-19")}
    merge(warehouse, NBAC_GAMEBOOK_PLAYER_STATS, rows)


def differing_days(one: DuckDBWarehouse, other: DuckDBWarehouse) -> dict[str, list[int]]:
    """Days of the month by table on which the stored rows of two warehouses differ in anything but times."""
    found = {}
    for table in ANALYTICS_TABLES:
        times = [column.name for column in table.columns if column.type is ColumnType.TIMESTAMP]
        versions = [table.version_column] if table.version_column else []
        frames = [held.read(table).drop(columns=[*times, *versions]) for held in (one, other)]
        rows = [frame.astype("string").fillna("").agg("|".join, axis=1) for frame in frames]
        dates = pd.concat([frame["game_date"] for frame in frames], ignore_index=True)
        alone = ~pd.concat(rows, ignore_index=True).duplicated(keep=False)
        if alone.any():
            found[table.name] = sorted(set(dates[alone].dt.day))
    return found


def same_tables(one: DuckDBWarehouse, other: DuckDBWarehouse) -> None:
    for table in ANALYTICS_TABLES:
        # How often a row was written with other content is the one thing that may differ.
        versions = [table.version_column] if table.version_column else []
        frames = [found.read(table).drop(columns=versions) for found in (one, other)]
        frames = [frame.sort_values(list(table.key)) for frame in frames]
        pd.testing.assert_frame_equal(*(frame.reset_index(drop=True) for frame in frames), obj=table.name)


def test_nothing_is_outdated_after_a_build_nor_after_writing_the_same_again(warehouse):
    assert listed(warehouse) == {}
    again = [row | {"processed_at": moment("2024-01-19")} for row in played(box_rows, *GAMES)]
    merge(warehouse, NBAC_GAMEBOOK_PLAYER_STATS, again)
    build(warehouse, SUMMARY_NAMES, DATES, now=NOW + timedelta(hours=1))
    assert listed(warehouse) == {}


def test_a_rewritten_input_that_changes_no_row_outdates_nothing(warehouse, monkeypatch):
    merge(warehouse, PLAYER_REGISTRY, registry_rows("somebodyelse"))
    compared = []
    compare = outdated._compared

    def watched(held, producer, *rest):
        compared.append(producer.table.name)
        return compare(held, producer, *rest)

    monkeypatch.setattr(outdated, "_compared", watched)
    assert listed(warehouse) == {}
    # Tables that read the registry were looked at, the team context does not read it.
    assert set(compared) == {PLAYERS, OFFENSE, DEFENSE, PLAYER_CONTEXT}
    before = warehouse.read(DATE_OUTCOMES)
    with monkeypatch.context() as patched:
        isolate = outdated.build_isolating
        without_a_source = lambda *given: [(part, replace(built, warnings=("w",))) for part, built in isolate(*given)]  # noqa: E731
        patched.setattr(outdated, "build_isolating", without_a_source)
        assert look_for_outdated(warehouse, tuple(PRODUCERS), DATES, NOW).unchanged.empty
    record_unchanged(warehouse, look_for_outdated(warehouse, tuple(PRODUCERS), DATES, NOW))
    compared.clear()
    assert listed(warehouse) == {}
    assert compared == []
    after = warehouse.read(DATE_OUTCOMES)
    order, fingerprint = list(DATE_OUTCOMES.key), ["input_fingerprint"]
    sides = [rows.sort_values(order, ignore_index=True) for rows in (before, after)]
    pd.testing.assert_frame_equal(*(rows.drop(columns=fingerprint) for rows in sides))
    changed = sides[0][(sides[0][fingerprint] != sides[1][fingerprint]).any(axis=1)]
    assert set(changed["table_name"]) == {PLAYERS, OFFENSE, DEFENSE, PLAYER_CONTEXT}
    assert set(changed["game_date"].dt.day) == set(GAMES)
    correct(warehouse, 2)
    assert listed(warehouse) == {name: [2] for name in SUMMARY_NAMES}


def test_a_corrected_date_outdates_itself_and_once_it_is_rebuilt_the_contexts_that_looked_back_on_it(
    warehouse, tmp_path
):
    correct(warehouse, 2)
    assert listed(warehouse) == {name: [2] for name in SUMMARY_NAMES}
    build(warehouse, SUMMARY_NAMES, [day(2)])
    found = listed(warehouse)
    # Boston and Los Angeles play on the sixth, Boston on the tenth; Miami and Denver are as they were.
    assert found == {TEAM_CONTEXT: [6, 10], PLAYER_CONTEXT: [6, 10]}
    clean = raw_warehouse(tmp_path / "clean.duckdb", *GAMES)
    correct(clean, 2)
    build(clean, SUMMARY_NAMES, DATES)
    build(clean, CONTEXT_NAMES, DATES)
    assert differing_days(warehouse, clean) == found
    for name, days in found.items():
        produced = produce_contexts(warehouse, [day(number) for number in days], now=NOW)
        assert {str(result.outcome) for result in produced[name].values()} == {"built"}
    assert listed(warehouse) == {}
    same_tables(warehouse, clean)


def test_a_line_after_tip_off_outdates_nothing_and_changes_no_row(warehouse):
    before = warehouse.read(UPCOMING_TEAM_GAME_CONTEXT, start=day(6), end=day(6))
    tip_off_later = game_line_rows("2024-01-06", -3.0, 220.0, "2024-01-07T01:00:00")
    merge(warehouse, ODDS_API_GAME_LINES, tip_off_later)
    # Source tracking too tells only what was known before the game.
    assert listed(warehouse) == {}
    build(warehouse, CONTEXT_NAMES, [day(6)])
    rows = warehouse.read(UPCOMING_TEAM_GAME_CONTEXT, start=day(6), end=day(6))
    assert rows["context_version"].tolist() == [1, 1]
    assert rows["source_game_lines_rows_found"].tolist() == before["source_game_lines_rows_found"].tolist()


def test_another_code_version_outdates_every_built_date_of_its_table(warehouse, monkeypatch):
    newer = replace(UPCOMING_TEAM_GAME_CONTEXT, code_version="next")
    monkeypatch.setattr(PRODUCERS[TEAM_CONTEXT], "table", newer, raising=False)
    found = outdated_dates(warehouse, list(PRODUCERS), DATES, NOW)
    assert set(found["table_name"]) == {TEAM_CONTEXT}
    assert list(found["game_date"].dt.day) == list(GAMES)
    version = UPCOMING_TEAM_GAME_CONTEXT.code_version
    assert set(found["reason"]) == {f"code version next now, built with {version}"}


def test_dates_built_before_fingerprints_were_recorded_are_compared_and_stand(warehouse):
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("ALTER TABLE nba_ops.date_outcomes DROP COLUMN input_fingerprint")
    assert listed(warehouse) == {}
    correct(warehouse, 8)
    assert listed(warehouse) == {name: [8] for name in SUMMARY_NAMES}


def test_an_off_day_on_which_the_schedule_has_a_game_by_now_is_outdated(warehouse):
    moved = schedule_row("0022300099", "2024-01-09", "MIA", "LAL")
    merge(warehouse, NBAC_SCHEDULE, [moved])
    found = outdated_dates(warehouse, [PLAYERS], DATES, NOW)
    assert found[["table_name", "game_date"]].to_numpy().tolist() == [[PLAYERS, pd.Timestamp(day(9))]]
    assert found["reason"].tolist() == ["1 games on the schedule now, none when the date was called done"]


def test_a_context_built_ahead_is_outdated_by_what_comes_before_tip_off_and_not_by_time(tmp_path):
    warehouse = raw_warehouse(tmp_path / "w.duckdb", 2, 4, 6, 8)
    merge(warehouse, NBAC_SCHEDULE, [scheduled(10, **_NOT_PLAYED, processed_at=moment("2024-01-10"))])
    morning = datetime(2024, 1, 10, 15, tzinfo=UTC)
    produce_summaries(warehouse, DATES, now=morning)
    produce_contexts(warehouse, DATES, now=morning, mode=RunMode.LIVE)
    noon = morning + timedelta(hours=3)
    assert listed(warehouse, CONTEXT_NAMES, now=noon) == {}
    # The game is played: its result is nothing that its own context may know.
    merge(warehouse, NBAC_SCHEDULE, [scheduled(10, processed_at=moment("2024-01-11"))])
    assert listed(warehouse, CONTEXT_NAMES, now=NOW) == {}
    merge(warehouse, ODDS_API_GAME_LINES, game_line_rows("2024-01-10", -3.0, 220.0, "2024-01-10T20:00:00", home="DEN"))
    assert listed(warehouse, CONTEXT_NAMES, now=NOW) == {TEAM_CONTEXT: [10], PLAYER_CONTEXT: [10]}


def test_fingerprints_depend_on_nothing_but_their_own_date(warehouse):
    schedule = interpret_schedule(warehouse.read(NBAC_SCHEDULE))
    for name, producer in PRODUCERS.items():
        every = InputFingerprints(warehouse, schedule).of(producer, DATES)
        assert list(every) == [day(number) for number in GAMES]
        assert len(set(every.values())) == len(GAMES)
        alone = InputFingerprints(warehouse, schedule).of(producer, [day(8), day(9)])
        assert alone == {day(8): every[day(8)]}
        recorded = warehouse.read(DATE_OUTCOMES)
        recorded = recorded[(recorded["table_name"] == name) & (recorded["outcome"] == "built")]
        assert dict(zip(recorded["game_date"].dt.date, recorded["input_fingerprint"], strict=True)) == every


def test_a_date_whose_build_raises_is_listed_alone(warehouse, monkeypatch):
    # Every date has to be looked at, and none comes out differently.
    merge(warehouse, PLAYER_REGISTRY, registry_rows("somebodyelse"))
    producer, build_rows = PRODUCERS[PLAYERS], PRODUCERS[PLAYERS].build

    def build_but_one(inputs, now):
        if day(8) in inputs.dates:
            raise ZeroDivisionError("a box without minutes")
        return build_rows(inputs, now)

    monkeypatch.setattr(producer, "build", build_but_one, raising=False)
    found = outdated_dates(warehouse, [PLAYERS], DATES, NOW)
    assert found["game_date"].dt.day.tolist() == [8]
    assert found["reason"].tolist() == ["inputs changed, and building raises ZeroDivisionError: a box without minutes"]
    # Shared with another table, it stands in the way of no table that does not ask for it.
    inputs = LatestInputs(warehouse, interpret_schedule(warehouse.read(NBAC_SCHEDULE)))
    differing, equal = outdated._compared(warehouse, producer, inputs, [day(2), day(6)], [day(2), day(6), day(8)], NOW)
    assert differing.empty
    assert sorted(equal) == [day(2), day(6)]


def test_a_source_that_goes_away_leaves_the_date_listed(warehouse):
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(f"DELETE FROM {NBAC_GAMEBOOK_PLAYER_STATS.full_name} WHERE game_date = DATE '2024-01-08'")
        connection.execute(f"DELETE FROM {NBAC_PLAYER_BOXSCORES.full_name} WHERE game_date = DATE '2024-01-08'")
    assert listed(warehouse, [PLAYERS]) == {PLAYERS: [8]}
