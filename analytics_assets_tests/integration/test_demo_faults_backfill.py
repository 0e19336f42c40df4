"""The faults of the demo league come out of a backfill as they are told: outcome, source and issue codes."""

import pandas as pd
import pytest

from analytics_assets.coverage.results import DateResult
from analytics_assets.demo.faults import with_faults
from analytics_assets.demo.faulty_league import Fault
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.demo_season import AFTER_THE_SEASON, SEED, demo_weeks
from analytics_assets_tests.support.warehouses import produce_summaries

PLAYERS, OFFENSE, DEFENSE = (
    table.name for table in (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)
)


class Backfilled:
    """The dates of all faults after a backfill."""

    def __init__(self, warehouse: DuckDBWarehouse) -> None:
        frames, faults = with_faults(demo_weeks(), SEED)
        warehouse.ensure(*RAW_TABLES)
        for table in RAW_TABLES:
            warehouse.merge_rows(table, frames[table.name])
        self.frames = frames
        self.faults = {fault.name: fault for fault in faults}
        dates = [day for fault in faults for day in fault.dates]
        self.results = produce_summaries(warehouse, dates, now=AFTER_THE_SEASON)
        tables = (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)
        self._rows = {table.name: warehouse.read(table) for table in tables}

    def rows(self, fault: Fault, table: str) -> pd.DataFrame:
        """The table's rows of the fault's game, or of its dates."""
        rows = self._rows[table]
        if fault.game_id is not None:
            return rows[rows["game_id"] == fault.game_id]
        return rows[rows["game_date"].isin(pd.to_datetime(list(fault.dates)))]

    def played(self, fault: Fault) -> pd.DataFrame:
        """Player rows of those who played."""
        return self.rows(fault, PLAYERS).loc[lambda rows: rows["played"]]

    def result(self, fault: Fault, table: str) -> DateResult:
        return self.results[table][fault.dates[0]]


@pytest.fixture(scope="module")
def backfilled(tmp_path_factory) -> Backfilled:
    return Backfilled(DuckDBWarehouse(tmp_path_factory.mktemp("faults") / "nba.duckdb"))


def share_with(rows: pd.DataFrame, code: str) -> float:
    return rows["quality_issues"].map(lambda issues: code in list(issues)).mean()


def sides(fault: Fault) -> tuple[str, str]:
    """Away and home."""
    _, away, home = fault.game_id.split("_")
    return away, home


def test_every_date_has_the_outcome_that_its_fault_tells(backfilled):
    for fault in backfilled.faults.values():
        for day in fault.dates:
            found = {name: results[day].outcome for name, results in backfilled.results.items()}
            expected = {PLAYERS: fault.player_outcome, OFFENSE: fault.team_outcome, DEFENSE: fault.team_outcome}
            assert found == expected, (fault.name, day, {n: r[day].reason for n, r in backfilled.results.items()})


def test_only_a_missing_game_is_missing(backfilled):
    fault = backfilled.faults["missing game"]
    assert backfilled.rows(fault, PLAYERS).empty
    result = backfilled.result(fault, PLAYERS)
    assert (result.actual_games, result.expected_games) == (3, 4)


@pytest.mark.parametrize(
    ("name", "side", "source"),
    [
        ("source lacks a team", 0, "nbac_player_boxscores"),
        ("source lacks a starter", 1, "nbac_player_boxscores"),
        ("two sources lack a starter", 1, "bdl_player_boxscores"),
    ],
)
def test_the_next_source_stands_in_for_the_team_that_lacks_something(backfilled, name, side, source):
    fault = backfilled.faults[name]
    rows = backfilled.rows(fault, PLAYERS)
    own = rows["team_abbr"] == sides(fault)[side]
    assert set(rows.loc[own, "primary_source_used"]) == {source}
    assert set(rows.loc[~own, "primary_source_used"]) == {"nbac_gamebook_player_stats"}
    assert share_with(rows[own], "backup_source_used") == 1
    assert share_with(rows[~own], "backup_source_used") == 0
    assert ("gold" in set(rows.loc[own, "quality_tier"])) == (source != "bdl_player_boxscores")
    offense = backfilled.rows(fault, OFFENSE).set_index("team_abbr")["points_scored"]
    assert (rows.groupby("team_abbr")["points"].sum() == offense).all()


def test_of_corrected_duplicates_the_later_rows_count(backfilled):
    fault = backfilled.faults["duplicates, corrected later"]
    rows = backfilled.rows(fault, PLAYERS)
    assert not rows.duplicated("player_lookup").any()
    raw = backfilled.frames["nbac_gamebook_player_stats"]
    day, away, home = fault.game_id.split("_")
    later = raw[raw["game_id"] == f"{day}_{home}_{away}"]
    one, other = (part.set_index("player_lookup")["steals"].dropna().sort_index() for part in (rows, later))
    pd.testing.assert_series_equal(one, other)
    assert any("duplicate_superseded" in text for text in backfilled.result(fault, PLAYERS).warnings)


def test_overtime_is_told_without_minutes(backfilled):
    for name in ("overtime without player minutes", "overtime without any minutes"):
        fault = backfilled.faults[name]
        assert (backfilled.rows(fault, OFFENSE)["overtime_periods"] >= 1).all()
        assert backfilled.rows(fault, OFFENSE)["pace"].notna().all()
        players = backfilled.played(fault)
        assert players[["minutes_played", "usage_rate"]].isna().all(axis=None)
        assert share_with(players, "minutes_missing") == 1


def test_tables_fail_independently_where_sources_contradict_the_score(backfilled):
    players = backfilled.faults["players contradict the score"]
    assert backfilled.rows(players, PLAYERS).empty
    assert set(backfilled.rows(players, OFFENSE)["primary_source_used"]) == {"nbac_team_boxscore"}
    team = backfilled.faults["team box contradicts the score"]
    offense = backfilled.rows(team, OFFENSE).set_index("team_abbr").loc[[sides(team)[1]]]
    assert share_with(offense, "reconstructed") == share_with(offense, "team_turnovers_missing") == 1
    rows = backfilled.played(team)
    assert rows.loc[rows["team_abbr"] == sides(team)[1], "points"].sum() == offense["points_scored"].iloc[0]


def test_play_by_play_is_used_only_where_it_agrees(backfilled):
    for name in ("numbers before player names", "reversed game id in play-by-play"):
        rows = backfilled.played(backfilled.faults[name])
        zones = rows[["paint_attempts", "mid_range_attempts", "three_attempts_pbp"]].sum(axis=1)
        assert (zones == rows["fg_attempts"]).all(), name
        assert rows["assisted_fg_makes"].sum() == rows["assists"].sum()
        assert rows["has_complete_shot_zones"].all()
    fault = backfilled.faults["broken play-by-play"]
    rows = backfilled.played(fault)
    assert rows[["paint_attempts", "and1_count", "assisted_fg_makes"]].isna().all(axis=None)
    assert rows[["points", "usage_rate", "ts_pct"]].notna().any().all()
    assert share_with(rows, "shot_zones_contradict_box") == 1
    offense = backfilled.rows(fault, OFFENSE)
    assert share_with(offense, "shot_zones_contradict_box") == 1
    assert offense["offensive_rating"].notna().all()


def test_lines_of_the_running_game_are_no_closing_lines(backfilled):
    rows = backfilled.rows(backfilled.faults["only in-game lines"], PLAYERS)
    assert rows[["points_line", "opening_line", "over_under_result"]].isna().all(axis=None)
    assert share_with(rows, "points_prop_unavailable") == 1


def test_stale_rows_are_built_with_a_warning(backfilled):
    fault = backfilled.faults["stale sources"]
    for table in (PLAYERS, OFFENSE, DEFENSE):
        assert any("stale raw data" in text for text in backfilled.result(fault, table).warnings)


def test_an_unknown_star_keeps_his_rows(backfilled):
    known = (frames["player_registry"]["player_lookup"] for frames in (demo_weeks(), backfilled.frames))
    (star,) = set.difference(*map(set, known))
    row = backfilled.played(backfilled.faults["unknown player"]).set_index("player_lookup").loc[[star]]
    assert row["universal_player_id"].isna().all()
    assert row["points"].notna().all()
    assert share_with(row, "universal_player_id_missing") == 1
