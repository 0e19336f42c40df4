"""The reference backfill, 1,343 dates of the demo league: every date done, every game in order, no column idle."""

import pandas as pd
import pytest

from analytics_assets.league.games import GameType
from analytics_assets.tables.declaration import ColumnType, Table
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets_tests.support.summary_invariants import assert_summary_invariants
from analytics_assets_tests.support.warehouses import outcomes

pytestmark = pytest.mark.xdist_group("demo_league")

SUMMARIES = (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)
# Columns with one value throughout the demo league, and why that is right.
CONSTANT = {
    "is_partial_game_data": "games that lack a team are not written",
    "game_completeness_pct": "games that lack a team are not written",
    "game_status_at_processing": "all games are final",
    "shot_zones_available": "no source is broken",
    "has_complete_shot_zones": "no source is broken",
    "shot_zones_estimated": "estimates are never stored",
    "quality_reconstructed": "no source is broken",
    "quality_used_fallback": "no source is broken",
    "processed_with_issues": "no source is broken",
    "primary_source_used": "no source is broken",
    "starter_source": "no source is broken",
    "record_version": "every row is written once",
    "quality_score": "no source is broken",
    "quality_tier": "no source is broken",
    "data_quality_tier": "no source is broken",
    "usage_rate_anomaly_reason": "of the reasons only a usage above 100 occurs",
}
# Columns that are NULL throughout the demo league, and why.
UNKNOWN = {
    "quality_sample_size": "the tables look at single games",
}


@pytest.fixture(scope="module")
def tables(demo_league) -> dict[str, pd.DataFrame]:
    return {table.name: demo_league.warehouse.read(table) for table in SUMMARIES}


def test_every_date_of_every_summary_is_done(demo_league):
    for found in demo_league.results.values():
        assert outcomes(found) == {"built": 827, "off_day": 134, "off_season": 382}


def test_row_counts_are_two_a_game_and_everyone_listed(demo_league, tables):
    built = [r for found in demo_league.results.values() for r in found.values() if r.outcome == "built"]
    assert all(result.actual_games == result.expected_games for result in built)
    assert all(result.actual_rows == result.expected_rows for result in built)
    games = tables["player_game_summary"]["game_id"].nunique()
    assert len(tables["team_offense_game_summary"]) == len(tables["team_defense_game_summary"]) == 2 * games
    kinds = {GameType.PLAYOFFS, GameType.REGULAR, GameType.PLAY_IN, GameType.CUP_FINAL}
    assert set(tables["team_offense_game_summary"]["game_type"]) == {str(kind) for kind in kinds}


def test_invariants_hold_on_every_game(tables):
    assert_summary_invariants(*(tables[table.name] for table in SUMMARIES), exact_minutes=True)


@pytest.mark.parametrize("table", SUMMARIES, ids=lambda table: table.name)
def test_no_column_is_all_null_or_constant_without_a_reason(tables, table: Table):
    rows = tables[table.name]
    lists = [column.name for column in table.columns if column.type is ColumnType.STRING_ARRAY]
    rows = rows.assign(**{name: rows[name].map(tuple) for name in lists})
    counts = rows.nunique()
    moments = {column.name for column in table.columns if column.type is ColumnType.TIMESTAMP}
    assert set(counts.index[counts == 0]) == set(UNKNOWN)
    # All rows are written at one moment, and most sources lack no game: their completeness is 100 throughout.
    complete = {name for name in counts.index if name.endswith("_completeness_pct") and (rows[name] == 100).all()}
    assert set(counts.index[counts == 1]) - moments - complete <= set(CONSTANT)
    flags = {column.name for column in table.columns if column.type is ColumnType.BOOL} - set(CONSTANT)
    assert all(set(rows[name].dropna()) == {True, False} for name in flags)


def test_props_are_graded_three_ways_and_voided_for_those_who_sat_out(tables):
    players = tables["player_game_summary"]
    graded = players[players["points_line"].notna()]
    assert set(graded["over_under_result"]) == {"OVER", "UNDER", "PUSH", "VOID"}
    played = graded[graded["played"]]
    expected = pd.Series("PUSH", index=played.index).mask(played["points"] > played["points_line"], "OVER")
    expected = expected.mask(played["points"] < played["points_line"], "UNDER")
    assert (played["over_under_result"] == expected).all()
    assert (played["margin"] == played["points"] - played["points_line"]).all()
    assert (graded.loc[~graded["played"], "over_under_result"] == "VOID").all()
    assert (graded["line_movement"] == graded["points_line"] - graded["opening_line"]).all()
    assert (graded["points_line_source"] == graded["opening_line_source"]).all()
    # In-game snapshots jump by five points and more; none may have become a closing line.
    assert graded["line_movement"].abs().max() < 5


def test_both_play_by_play_sources_and_every_kind_of_zone_occur(tables):
    offense, players = tables["team_offense_game_summary"], tables["player_game_summary"]
    assert set(offense["shot_zones_source"].dropna()) == {"bigdataball", "nbac_pbp"}
    assert offense["shot_zones_available"].all()
    played = players[players["played"]]
    assert played["has_complete_shot_zones"].all()
    shares = played[["paint_attempts", "mid_range_attempts", "three_attempts_pbp"]].sum() / played["fg_attempts"].sum()
    assert shares["paint_attempts"] > 0.3
    assert shares["mid_range_attempts"] > 0.08
    assert shares["three_attempts_pbp"] > 0.25


def test_marks_of_the_feed_and_the_rule_agree_on_second_chances(tables):
    """The demo league knows both: NBA.com's events carry marks, BigDataBall's do not."""
    offense = tables["team_offense_game_summary"]
    by_source = offense.groupby("shot_zones_source")[["second_chance_points_scored", "points_in_paint_scored"]].mean()
    assert by_source["second_chance_points_scored"].max() < 1.25 * by_source["second_chance_points_scored"].min()
    # Without marks only shots from at most eight feet count, the rest of the lane is missing.
    assert by_source.at["bigdataball", "points_in_paint_scored"] < by_source.at["nbac_pbp", "points_in_paint_scored"]
    assert offense.loc[offense["shot_zones_source"] == "bigdataball", "fast_break_points_scored"].isna().all()
