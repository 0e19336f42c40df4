"""Producing dates of the contexts on a real DuckDB file: dates to come, versions, missing history, stale schedules."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_INJURY_REPORT,
    NBAC_SCHEDULE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.tables.frames import empty_frame
from analytics_assets.tables.operations import QUARANTINED_ROWS
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.january_league import (
    AHEAD,
    BACKFILL,
    CONTEXT_TABLES,
    LATER,
    LIVE,
    NOT_PLAYED,
    NOW,
    PAST,
    PLAYERS,
    SUMMARY_TABLES,
    TEAMS,
    day,
    has,
    merge,
    outcomes,
    played,
    player_row,
    produce,
    scheduled,
    stored,
    team_row,
    text,
)
from analytics_assets_tests.support.pregame_rows import game_line_rows, injury_row, prop_row
from analytics_assets_tests.support.raw_rows import (
    PLAYERS_A_TEAM,
    box_rows,
    moment,
    raw_frame,
    roster_rows,
    schedule_frame,
    team_rows,
)
from analytics_assets_tests.support.warehouses import produce_summaries, warehouse_with


@pytest.fixture(scope="module")
def built_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four dates played, six ahead; rosters; summaries of the four. No context is built."""
    path = tmp_path_factory.mktemp("contexts") / "w.duckdb"
    warehouse = warehouse_with(
        path,
        [*scheduled(*PAST), *scheduled(*AHEAD, **NOT_PLAYED)],
        played(box_rows, *PAST),
        played(team_rows, *PAST),
    )
    merge(warehouse, ESPN_TEAM_ROSTERS, roster_rows("2024-01-01", "BOS", "LAL", "MIA", "DEN"))
    summaries = produce_summaries(warehouse, [day(number) for number in PAST], now=NOW)
    assert {str(result.outcome) for found in summaries.values() for result in found.values()} == {"built"}
    return path


@pytest.fixture
def warehouse(built_file: Path, tmp_path: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(shutil.copy(built_file, tmp_path / "w.duckdb"))


# --- dates to come ---


def test_dates_to_come_are_built_up_to_the_horizon_of_each_table(warehouse) -> None:
    found = produce(warehouse, *range(8, 21))
    expected = {n: "built" if n in (*PAST, *AHEAD) else "off_day" for n in range(8, 18)}
    assert outcomes(found, TEAMS) == expected | dict.fromkeys([18, 19, 20], "not_due")
    assert found[TEAMS][18].reason == "more than 7 days ahead"
    assert outcomes(found, PLAYERS) == {n: expected[n] for n in range(8, 13)} | dict.fromkeys(range(13, 21), "not_due")
    assert found[PLAYERS][13].reason == "more than 2 days ahead"
    for table in CONTEXT_TABLES:
        rows = warehouse.read(table)
        tip_off = rows["game_date"].dt.tz_localize("UTC") + pd.Timedelta(hours=24, minutes=30)
        # In a live run nothing later than now is known of games to come.
        assert (rows["as_of_timestamp"] == tip_off.where(tip_off < pd.Timestamp(NOW), pd.Timestamp(NOW))).all()
        ahead = rows[rows["game_date"] > pd.Timestamp(day(8))]
        assert (ahead["expected_games_count"] == 4).all()
        assert (ahead["team_games_used_last_5"] == 4).all()
    assert team_row(warehouse, 11, "BOS")["team_days_rest"] == 0
    assert team_row(warehouse, 11, "BOS")["is_back_to_back"] is True
    assert player_row(warehouse, 10, "bosplayer0")["days_rest"] == 1


def test_only_a_change_of_content_raises_the_version_of_its_game(warehouse) -> None:
    merge(warehouse, ODDS_API_GAME_LINES, game_line_rows(text(11), -4.5, 220.5, "2024-01-10T14:00"))
    merge(warehouse, ODDS_API_PLAYER_POINTS_PROPS, [prop_row(text(11), "bosplayer0", 11.5, "2024-01-10T14:00")])
    produce(warehouse, 11)
    first = {table: stored(warehouse, table, 11) for table in CONTEXT_TABLES}
    # Seen again with the same numbers: no new content.
    merge(warehouse, ODDS_API_GAME_LINES, game_line_rows(text(11), -4.5, 220.5, "2024-01-10T15:30"))
    produce(warehouse, 11, now=datetime(2024, 1, 10, 16, tzinfo=UTC))
    for table in CONTEXT_TABLES:
        again = stored(warehouse, table, 11)
        assert (again["context_version"] == 1).all()
        assert again["data_hash"].tolist() == first[table]["data_hash"].tolist()
        told = again.loc[again["game_id"].str.endswith("BOS_LAL"), "betting_lines_updated_at"]
        assert set(told) == {moment("2024-01-10T15:30")}
    # A line that moved.
    merge(warehouse, ODDS_API_GAME_LINES, game_line_rows(text(11), -6.0, 220.5, "2024-01-10T18:00"))
    produce(warehouse, 11, now=LATER)
    for table in CONTEXT_TABLES:
        moved = stored(warehouse, table, 11)
        versions = dict(moved.groupby("game_id")["context_version"].unique().map(list))
        assert versions == {"20240111_BOS_LAL": [2], "20240111_MIA_DEN": [1]}
        assert set(moved["created_at"]) == {pd.Timestamp(NOW)}
        assert set(moved["processed_at"]) == {pd.Timestamp(LATER)}
    assert team_row(warehouse, 11, "BOS")["spread_movement"] == 1.5
    assert player_row(warehouse, 11, "bosplayer0")["line_movement"] == 0
    assert player_row(warehouse, 11, "bosplayer0")["current_points_line"] == 11.5


def test_reports_and_lines_after_now_and_after_tip_off_do_not_count(warehouse) -> None:
    editions = [("questionable", "2024-01-10T14:30"), ("out", "2024-01-10T18:00"), ("available", "2024-01-11T01:00")]
    merge(warehouse, NBAC_INJURY_REPORT, [injury_row(text(10), "bosplayer1", *edition) for edition in editions])
    lines = [(-4.5, "2024-01-10T14:00"), (-6.0, "2024-01-10T18:00"), (12.5, "2024-01-11T01:00")]
    for spread, shown in lines:
        merge(warehouse, ODDS_API_GAME_LINES, game_line_rows(text(10), spread, 220.5, shown))
    seen = []
    for now in (NOW, LATER, datetime(2024, 1, 11, 12, tzinfo=UTC)):
        produce(warehouse, 10, now=now)
        player = player_row(warehouse, 10, "bosplayer1")
        seen.append((player["player_status"], player["game_spread"], player["context_version"]))
    assert seen == [("questionable", 4.5, 1), ("out", 6.0, 2), ("out", 6.0, 2)]
    assert player_row(warehouse, 10, "bosplayer2")["player_status"] == "not_listed"
    assert player_row(warehouse, 10, "bosplayer2")["star_teammates_out"] == 0
    assert pd.isna(player_row(warehouse, 10, "denplayer0")["player_status"])


def test_a_range_gives_the_rows_that_each_date_alone_gives(warehouse, tmp_path) -> None:
    other = DuckDBWarehouse(shutil.copy(warehouse.path, tmp_path / "other.duckdb"))
    numbers = (4, 6, 8, 10, 11)
    produce(warehouse, *numbers, mode=BACKFILL)
    for number in reversed(numbers):
        produce(other, number, mode=BACKFILL)
    for table in CONTEXT_TABLES:
        keys = list(table.key)
        both = [held.read(table).sort_values(keys, ignore_index=True) for held in (warehouse, other)]
        pd.testing.assert_frame_equal(*both)


# --- history that is missing ---


@pytest.mark.parametrize("table", SUMMARY_TABLES, ids=lambda table: table.name)
def test_a_failed_summary_stops_no_context_and_those_after_it_say_so(warehouse, table) -> None:
    # The game of LAL against BOS on the sixth is missing; MIA and DEN have everything.
    rows = warehouse.read(table)
    lost = rows["game_id"] == "20240106_BOS_LAL"
    warehouse.replace_dates(table, rows[~lost & (rows["game_date"].dt.day == 6)], [day(6)])
    found = produce(warehouse, 6, 8, 10, mode=BACKFILL)
    assert outcomes(found, TEAMS) == outcomes(found, PLAYERS) == dict.fromkeys([6, 8, 10], "built")
    for context in CONTEXT_TABLES:
        same_day = stored(warehouse, context, 6)
        assert not has(same_day, "history_incomplete").any()
        assert same_day["is_production_ready"].all()
        eighth = stored(warehouse, context, 8)
        of_losers = eighth["team_abbr"].isin(["BOS", "LAL"])
        assert has(eighth, "history_incomplete").tolist() == of_losers.tolist()
        # Their opponents' own history is whole, but not all that the row holds.
        assert has(eighth, "opponent_history_incomplete").tolist() == (~of_losers).tolist()
        assert not eighth["is_production_ready"].any()
        assert eighth["processed_with_issues"].all()
        assert len(eighth) == (4 if context is UPCOMING_TEAM_GAME_CONTEXT else 4 * PLAYERS_A_TEAM)
        tenth = stored(warehouse, context, 10, "DEN")
        assert tenth["is_production_ready"].all()
        assert not tenth["processed_with_issues"].any() or context is UPCOMING_PLAYER_GAME_CONTEXT
    loser, opponent = team_row(warehouse, 8, "BOS"), team_row(warehouse, 8, "DEN")
    assert (loser["expected_games_count"], loser["actual_games_count"], loser["missing_games_count"]) == (3, 2, 1)
    assert loser["data_quality_issues"] == ["missing_games:1"]
    assert loser["processing_decision_reason"] == "1 of 3 earlier games lack rows"
    assert opponent["data_quality_issues"] == ["opponent_missing_games:1"]
    assert opponent["processing_decision_reason"] == "1 earlier games of the opponent lack rows"
    assert (loser["l7d_is_complete"], opponent["all_windows_complete"]) == (False, True)
    # Rest comes from the schedule, also of players of whom nobody knows whether they played.
    assert loser["team_days_rest"] == 1
    assert player_row(warehouse, 8, "bosplayer0")["days_rest"] == 1


def test_contexts_without_any_summary_are_bootstrap_and_keep_the_schedule(warehouse) -> None:
    for table in SUMMARY_TABLES:
        warehouse.replace_dates(table, empty_frame(table), [day(number) for number in PAST])
    found = produce(warehouse, 10, 11)
    assert outcomes(found, TEAMS) == outcomes(found, PLAYERS) == {10: "built", 11: "built"}
    for table in CONTEXT_TABLES:
        rows = warehouse.read(table)
        assert rows["is_bootstrap"].all()
        assert rows["backfill_bootstrap_mode"].all()
        assert has(rows, "bootstrap").all()
        assert has(rows, "history_incomplete").all()
        assert rows["team_offensive_rating_season"].isna().all()
        assert (rows["team_games_used_season"] == 0).all()
        assert (rows["completeness_percentage"] == 0).all()
    assert (team_row(warehouse, 10, "LAL")["wins"], team_row(warehouse, 10, "BOS")["losses"]) == (4, 4)
    player = player_row(warehouse, 11, "bosplayer0")
    assert (player["days_rest"], player["back_to_back"]) == (0, True)
    assert pd.isna(player["player_played_yesterday"])
    assert pd.isna(player["points_avg_last_5"])


def test_history_before_the_first_stored_date_is_bootstrap(warehouse) -> None:
    for table in SUMMARY_TABLES:
        warehouse.replace_dates(table, empty_frame(table), [day(2), day(4)])
    produce(warehouse, 2, 4, 6, 8, mode=BACKFILL)
    for table in CONTEXT_TABLES:
        told = warehouse.read(table).groupby("game_date")["is_bootstrap"].unique().map(list)
        assert told.tolist() == [[False], [True], [True], [True]]
    assert team_row(warehouse, 8, "BOS")["team_games_used_season"] == 1


# --- games that are not over, schedules that are old ---


def test_rest_counts_a_game_that_is_not_over_and_results_do_not(warehouse) -> None:
    running = scheduled(10, game_status=2, home_team_score=50, away_team_score=40, processed_at=moment("2024-01-11"))
    warehouse.merge_rows(NBAC_SCHEDULE, schedule_frame(*running))
    produce(warehouse, 11, now=datetime(2024, 1, 11, 2, tzinfo=UTC))
    team, player = team_row(warehouse, 11, "LAL"), player_row(warehouse, 11, "lalplayer0")
    assert (team["is_back_to_back"], team["games_in_last_7_days"], team["pending_games"]) == (True, 4, 1)
    assert (team["wins"], team["losses"], team["team_win_streak_entering"], team["last_game_margin"]) == (4, 0, 4, 1)
    assert (player["days_rest"], player["days_since_last_game"], player["team_days_rest"]) == (0, 1, 0)
    assert pd.isna(player["player_played_yesterday"])
    assert pd.isna(player["days_rest_before_last_game"])
    assert (player["games_in_last_7_days"], player["l5_games_used"]) == (3, 4)
    for table in CONTEXT_TABLES:
        rows = stored(warehouse, table, 11)
        assert has(rows, "pending_games").all()
        assert set(rows["data_quality_issues"].map(tuple)) == {("pending_games:1",)}
        assert rows["is_production_ready"].all()
    # The result and the box arrive.
    warehouse.merge_rows(NBAC_SCHEDULE, schedule_frame(*scheduled(10, processed_at=moment("2024-01-11T06:00"))))
    warehouse.replace_dates(
        NBAC_GAMEBOOK_PLAYER_STATS, raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, played(box_rows, 10)), [day(10)]
    )
    morning = datetime(2024, 1, 11, 12, tzinfo=UTC)
    produce_summaries(warehouse, [day(10)], now=morning)
    produce(warehouse, 11, now=morning)
    team, player = team_row(warehouse, 11, "LAL"), player_row(warehouse, 11, "lalplayer0")
    assert (team["wins"], team["pending_games"], team["context_version"]) == (5, 0, 2)
    assert (player["days_rest"], player["player_played_yesterday"], player["l5_games_used"]) == (0, True, 5)
    assert (player["days_rest_before_last_game"], player["context_version"]) == (1, 2)


@pytest.mark.parametrize(
    ("hours", "mode", "outcome", "warned"),
    [
        (9, LIVE, "built", False),
        (15, LIVE, "built", True),
        (39, LIVE, "stale_raw_data", False),
        (39, BACKFILL, "built", True),
    ],
)
def test_a_schedule_without_yesterdays_results_is_stale(warehouse, hours, mode, outcome, warned) -> None:
    # The games of the eighth ended at three in the morning of the ninth, UTC.
    end, before = moment("2024-01-09T03:00"), moment("2024-01-08T12:00")
    rows = [*scheduled(2, 4, 6), *scheduled(8, *AHEAD, **NOT_PLAYED)]
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("DELETE FROM nba_raw.nbac_schedule")
    warehouse.merge_rows(NBAC_SCHEDULE, schedule_frame(*({**row, "processed_at": before} for row in rows)))
    found = produce(warehouse, 8, 11, now=(end + pd.Timedelta(hours=hours)).to_pydatetime(), mode=mode)
    for name in (TEAMS, PLAYERS):
        # Before its own games nothing was missing.
        assert (str(found[name][8].outcome), found[name][8].warnings) == ("built", ())
        result = found[name][11]
        assert str(result.outcome) == outcome
        assert bool(result.warnings) == warned
        assert ("before the last game ended" in f"{result.reason}{result.warnings}") == (hours > 12)
        assert result.actual_games == (2 if outcome == "built" else 0)


def test_a_game_that_is_called_off_takes_its_rows_along(warehouse) -> None:
    produce(warehouse, 11, 12)
    off = scheduled(12, postponed_status="postponed", **{**NOT_PLAYED, "processed_at": moment("2024-01-10T18:00")})
    warehouse.merge_rows(NBAC_SCHEDULE, schedule_frame(*off))
    found = produce(warehouse, 11, 12, now=LATER)
    assert outcomes(found, TEAMS) == outcomes(found, PLAYERS) == {11: "built", 12: "off_day"}
    for table in CONTEXT_TABLES:
        assert set(warehouse.read(table)["game_date"].dt.day) == {11}
    assert team_row(warehouse, 11, "BOS")["next_game_date"] == pd.Timestamp(day(13))


# --- who gets a row ---


@pytest.fixture
def opening(tmp_path: Path) -> DuckDBWarehouse:
    """Opening night of a season: two games to come, nothing else."""
    rows = scheduled(10, 12, **NOT_PLAYED)
    return warehouse_with(tmp_path / "opening.duckdb", [{**row, "season_year": 2023} for row in rows])


def test_opening_night_without_any_roster_has_teams_and_no_players(opening) -> None:
    merge(opening, ODDS_API_PLAYER_POINTS_PROPS, [prop_row(text(10), "somebody", 20.5, "2024-01-10T12:00")])
    found = produce(opening, 10)
    assert outcomes(found, TEAMS) == {10: "built"}
    assert (opening.read(UPCOMING_TEAM_GAME_CONTEXT)["expected_games_count"] == 0).all()
    result = found[PLAYERS][10]
    assert (str(result.outcome), result.actual_rows, result.expected_games) == ("no_raw_data", 0, 2)
    assert "no roster, no line and no earlier game of the season tells who plays for BOS and LAL" in result.reason
    assert "load espn_team_rosters" in result.reason
    (refused,) = opening.read(QUARANTINED_ROWS).to_dict("records")
    assert (refused["reason"], refused["player_lookup"]) == ("player_without_team", "somebody")
    assert (refused["table_name"], refused["source_table"]) == (PLAYERS, "odds_api_player_points_props")


def test_a_team_without_roster_costs_its_own_game_only(opening) -> None:
    # A roster of the week before counts, although nothing of the season's schedule is earlier than the tenth.
    merge(opening, ESPN_TEAM_ROSTERS, roster_rows("2024-01-03", "BOS", "LAL", "MIA"))
    result = produce(opening, 10)[PLAYERS][10]
    assert (str(result.outcome), result.actual_games, result.actual_rows) == ("partial_raw_data", 1, 2 * PLAYERS_A_TEAM)
    assert result.reason == (
        "1 of 2 games incomplete: 20240110_MIA_DEN: no roster, no line and no earlier game of the season tells who "
        "plays for DEN; load espn_team_rosters"
    )
    rows = opening.read(UPCOMING_PLAYER_GAME_CONTEXT)
    assert set(rows["team_abbr"]) == {"BOS", "LAL"}
    assert (rows["row_origin"] == "roster").all()
    assert (rows["l10_games_used"] == 0).all()
    assert rows["season_boundary_detected"].all()


def test_rosters_are_inferred_from_earlier_games_where_none_is_loaded(warehouse) -> None:
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("DELETE FROM nba_raw.espn_team_rosters WHERE team_abbr <> 'LAL'")
    produce(warehouse, 10)
    rows = stored(warehouse, UPCOMING_PLAYER_GAME_CONTEXT, 10)
    assert len(rows) == 4 * PLAYERS_A_TEAM
    inferred = rows["team_abbr"] != "LAL"
    assert (rows["row_origin"] == "inferred_roster").tolist() == inferred.tolist()
    assert has(rows, "roster_inferred").tolist() == inferred.tolist()
    assert rows["quality_used_fallback"].tolist() == inferred.tolist()
    assert set(rows.loc[inferred, "primary_source_used"]) == {"player_game_summary"}


def test_a_broken_row_of_a_roster_is_told_once_on_its_date(warehouse) -> None:
    rows = [{**roster_rows("2024-01-06", "BOS")[0], "team_abbr": "QQQ"}]
    merge(warehouse, ESPN_TEAM_ROSTERS, rows)
    for _ in range(2):
        found = produce(warehouse, 6, 8, mode=BACKFILL)
        produce(warehouse, 10)
    assert found[PLAYERS][6].warnings == ("1 raw rows refused: unknown_tricode",)
    assert found[PLAYERS][8].warnings == ()
    assert warehouse.read(QUARANTINED_ROWS)["game_date"].dt.day.tolist() == [6]


def test_a_source_that_cannot_be_read_is_left_out_with_a_warning(warehouse) -> None:
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("DROP TABLE nba_raw.nbac_injury_report")
        connection.execute("CREATE TABLE nba_raw.nbac_injury_report (game_id VARCHAR, game_date DATE)")
    found = produce(warehouse, 10)
    for table in CONTEXT_TABLES:
        result = found[table.name][10]
        assert str(result.outcome) == "built"
        assert any("nbac_injury_report cannot be read" in warning for warning in result.warnings)
        rows = stored(warehouse, table, 10)
        assert has(rows, "injury_report_missing").all()
        unknown = "questionable_players_count" if table is UPCOMING_TEAM_GAME_CONTEXT else "player_status"
        assert rows[unknown].isna().all()
