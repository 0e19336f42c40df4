"""Rows of the two team tables from the literal lines of one game, and what must hold between them."""

from typing import Any

import pandas as pd
import pytest

from analytics_assets.assets.team_game_summaries import TEAM_DEFENSE_PRODUCER, TEAM_OFFENSE_PRODUCER
from analytics_assets.raw.declarations import NBAC_GAMEBOOK_PLAYER_STATS, NBAC_TEAM_BOXSCORE
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.tables.validation import broken_rules
from analytics_assets_tests.support.raw_rows import box_rows, moment, schedule_frame, schedule_row, team_rows
from analytics_assets_tests.support.team_lines import (
    DAY,
    NOW,
    POSSESSIONS,
    absences,
    build,
    crews,
    issues,
    judged,
    no_events,
    team_events,
    team_lines,
)
from analytics_assets_tests.support.warehouses import inputs_of_rows

TABLES = (TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)


@pytest.fixture(scope="module")
def full() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables of the game of which everything is known."""
    return build()


def test_rates_by_hand(full) -> None:
    offense, defense = full
    expected = {
        "BOS": {
            "possessions": POSSESSIONS,
            "pace": POSSESSIONS,
            "offensive_rating": 100 * 110 / POSSESSIONS,
            "ts_pct": 110 / (2 * (88 + 0.44 * 22)),
            "efg_pct": (40 + 0.5 * 12) / 88,
            "tov_pct": 13 / (88 + 0.44 * 22 + 13),
            "orb_pct": 10 / (10 + 36),
            "ft_rate": 18 / 88,
        },
        "LAL": {
            "possessions": POSSESSIONS,
            "pace": POSSESSIONS,
            "offensive_rating": 100 * 104 / POSSESSIONS,
            "ts_pct": 104 / (2 * (90 + 0.44 * 20)),
            "efg_pct": (39 + 0.5 * 10) / 90,
            "tov_pct": 12 / (90 + 0.44 * 20 + 12),
            "orb_pct": 9 / (9 + 32),
            "ft_rate": 16 / 90,
        },
    }
    assert pytest.approx(98.328, abs=5e-4) == POSSESSIONS
    for team, rates in expected.items():
        assert offense.loc[team, [*rates]].to_dict() == pytest.approx(rates, rel=1e-12)
    assert defense.at["BOS", "drb_pct"] == pytest.approx(32 / (32 + 9))
    assert defense.at["LAL", "drb_pct"] == pytest.approx(36 / (36 + 10))
    assert offense.loc["BOS", ["rebounds", "two_pt_attempts", "two_pt_makes"]].tolist() == [42, 54, 28]


# A team's column in the offense table and the opponent's column in the defense table.
MIRRORED = {
    "offensive_rating": "defensive_rating",
    "pace": "opponent_pace",
    "possessions": "possessions",
    "overtime_periods": "overtime_periods",
    "points_scored": "points_allowed",
    "turnovers": "turnovers_forced",
    "ts_pct": "opponent_ts_pct",
    **{name: f"opp_{name}" for name in ("efg_pct", "tov_pct", "ft_rate")},
    **{f"{shot}_{what}": f"opp_{shot}_{what}" for shot in ("fg", "three_pt", "ft") for what in ("attempts", "makes")},
    **{name: f"opp_{name}" for name in ("rebounds", "offensive_rebounds", "defensive_rebounds", "assists")},
    **{
        f"team_{zone}_{what}": f"opp_{zone}_{what}" for zone in ("paint", "mid_range") for what in ("attempts", "makes")
    },
    **{f"{name}_scored": f"{name}_allowed" for name in ("points_in_paint", "second_chance_points")},
    "fast_break_points_scored": "fast_break_points_allowed",
    "shot_zones_available": "shot_zones_available",
    "shot_zones_source": "shot_zones_source",
}


def test_what_one_team_scored_the_other_allowed(full) -> None:
    offense, defense = full
    for team, other in (("BOS", "LAL"), ("LAL", "BOS")):
        assert defense.loc[other, [*MIRRORED.values()]].tolist() == offense.loc[team, [*MIRRORED]].tolist()
    assert offense["pace"].nunique() == 1
    allowed = defense.loc["LAL", ["mid_range_points_allowed", "three_pt_points_allowed"]]
    assert allowed.tolist() == [2 * 4, 3 * 12]


def test_one_winner_by_score_and_margins_that_cancel(full) -> None:
    for rows in full:
        assert rows["win_flag"].to_dict() == {"BOS": True, "LAL": False}
        assert rows["margin_of_victory"].to_dict() == {"BOS": 6, "LAL": -6}
        assert rows["home_game"].to_dict() == {"BOS": False, "LAL": True}


def test_without_a_score_the_lines_own_points_tell_the_winner_and_the_row_says_so() -> None:
    unknown = {"team_score": None, "opponent_score": None}
    for rows in build(team_lines(bos=unknown, lal=unknown)):
        assert rows["win_flag"].to_dict() == {"BOS": True, "LAL": False}
        assert rows["margin_of_victory"].tolist() == [6, -6]
        assert "score_unverified" in issues(rows, "BOS")
        assert rows["processed_with_issues"].all()


def test_steals_rebounds_and_blocks_are_the_teams_own_and_player_sums_only_reconcile() -> None:
    # Spec 2.3 #1: the sums over players may lack a player's actions, the team's own row does not.
    short = {"player_steals": 6, "player_blocks": 4, "player_defensive_rebounds": 30}
    offense, defense = build(team_lines(bos=short))
    own = ["steals", "blocks_total", "defensive_rebounds", "fouls_committed"]
    assert defense.loc["BOS", own].tolist() == [8, 5, 32, 20]
    differ = {f"player_sums_differ:{name}" for name in ("steals", "blocks_total", "defensive_rebounds")}
    assert {code for code in issues(defense, "BOS") if code.startswith("player_sums")} == differ
    assert judged(defense, "BOS") == (95, "gold", "high", True)
    # To the other team only the rebounds matter, because it keeps them as the opponent's.
    told = {code for code in issues(defense, "LAL") if code.startswith("player_sums")}
    assert told == {"player_sums_differ:opp_defensive_rebounds"}
    assert "player_sums_differ:blocks" in issues(offense, "BOS")
    assert "player_sums_differ:blocks" not in issues(offense, "LAL")


def test_more_team_turnovers_than_players_turnovers_are_no_difference(full) -> None:
    assert not any(
        code.startswith("player_sums") for rows in full for team in ("BOS", "LAL") for code in issues(rows, team)
    )


def test_blocks_are_stored_in_total_and_by_zone(full) -> None:
    # Spec 2.3 #5.
    names = ["blocks_total", "blocks_paint", "blocks_mid_range", "blocks_three_pt"]
    assert full[1].loc["BOS", names].tolist() == [5, 3, 1, 1]
    _, defense = build(events=team_events(bos={"blocks": 4}))
    assert defense.at["BOS", "blocks_total"] == 5
    assert defense.loc["BOS", names[1:]].isna().all()
    assert "blocks_by_zone_unavailable" in issues(defense, "BOS")


def test_zones_are_there_or_not_row_by_row() -> None:
    # Spec 1.3 #6: one flag for the whole run said TRUE on rows without zones.
    lacking = {"mid_range_attempts": 9, "unknown_zone_attempts": 1}
    offense, defense = build(events=team_events(lal=lacking, source="bigdataball_play_by_play"))
    flags = ["shot_zones_available", "shot_zones_source"]
    zones = ["team_paint_attempts", "team_paint_makes", "team_mid_range_attempts", "team_mid_range_makes"]
    zones += ["team_three_attempts_pbp", "team_three_makes_pbp"]
    assert offense.loc["BOS", [*flags, *zones]].tolist() == [True, "bigdataball", 40, 24, 14, 4, 34, 12]
    assert defense.loc["LAL", [*flags, "opp_paint_makes"]].tolist() == [True, "bigdataball", 24]
    assert offense.at["LAL", "shot_zones_available"] == defense.at["BOS", "shot_zones_available"] == False  # noqa: E712
    assert offense.loc["LAL", [*zones, "shot_zones_source"]].isna().all()
    assert "shot_distance_missing" in issues(offense, "LAL")
    assert "shot_distance_missing" in issues(defense, "BOS")
    assert not {"shot_distance_missing", "shot_zones_unavailable"} & (issues(offense, "BOS") | issues(defense, "LAL"))


def test_zones_that_contradict_the_box_are_left_out() -> None:
    # Spec 1.3 #8.
    offense, _ = build(events=team_events(bos={"fg_attempts": 86, "paint_attempts": 38}))
    assert pd.isna(offense.at["BOS", "team_paint_attempts"])
    assert "shot_zones_contradict_box" in issues(offense, "BOS")
    assert offense.at["LAL", "team_paint_attempts"] == 50


def test_points_by_origin_are_marked_or_approximated_and_say_so(full) -> None:
    names = ["points_in_paint_scored", "second_chance_points_scored", "fast_break_points_scored"]
    assert full[0].loc["BOS", names].tolist() == [52, 11, 9]
    offense, defense = build(events=team_events(is_qualified=False))
    assert offense.loc["BOS", names[:2]].tolist() == [2 * 24, 12]
    assert pd.isna(offense.at["BOS", names[2]])
    told = {"points_in_paint_approximated", "second_chance_points_by_rule", "fast_break_points_unavailable"}
    assert told == issues(offense, "BOS")
    assert told == issues(defense, "LAL")


def test_absences_and_crew_are_kept_and_their_absence_told(full) -> None:
    names = ["players_inactive", "starters_inactive", "referee_crew_id"]
    for rows in full:
        assert rows.loc["BOS", names].tolist() == [2, 1, "12-45-71"]
        assert issues(rows, "BOS") == set()
    told = {"inactive_players_unknown", "inactive_starters_unknown", "referee_crew_unknown"}
    for rows in build(who_was_out=absences(None, None), referees=crews(None)):
        assert rows.loc["BOS", names].isna().all()
        assert issues(rows, "BOS") == told
        assert not rows["processed_with_issues"].any()


def test_more_threes_than_field_goals_leave_two_pointers_unknown_and_no_row_invalid() -> None:
    offense, _ = build(team_lines(bos={"three_pt_attempted": 90}), no_events())
    assert pd.isna(offense.at["BOS", "two_pt_attempts"])
    assert offense.at["BOS", "two_pt_makes"] == 28
    assert "three_pointers_exceed_field_goals" in issues(offense, "BOS")
    assert broken_rules(offense.reset_index(drop=True), TEAM_OFFENSE_GAME_SUMMARY) == []


def test_unusual_values_are_told_and_kept() -> None:
    wild = {"points": 205, "team_score": 205, "ft_made": 113, "ft_attempted": 113}
    offense, defense = build(team_lines(bos=wild), no_events())
    for rows, team, name in ((offense, "BOS", "points_scored"), (defense, "LAL", "points_allowed")):
        assert rows.at[team, name] == 205
        assert f"unusual_value:{name}" in issues(rows, team)
        assert rows.at[team, "processed_with_issues"]


def test_game_that_the_schedule_does_not_call_final_is_partial(full) -> None:
    names = ["is_partial_game_data", "game_completeness_pct", "game_status_at_processing"]
    assert full[0].loc["BOS", names].tolist() == [False, 100, "final"]
    running = {"game_status": 2}
    for rows in build(team_lines(bos=running, lal=running)):
        assert rows.loc["BOS", names].tolist() == [True, 100, "in_progress"]


@pytest.mark.parametrize(("table", "place"), [(TEAM_OFFENSE_GAME_SUMMARY, 0), (TEAM_DEFENSE_GAME_SUMMARY, 1)])
def test_rows_keep_the_declaration_and_the_order_of_input_decides_nothing(full, table: Table, place: int) -> None:
    rows = full[place]
    assert rows.columns.tolist() == table.column_names
    assert broken_rules(rows.reset_index(drop=True), table) == []
    # A slate of one game is as good as any: spec 1.3 #1.
    assert len(rows) == 2
    turned = build(team_lines()[::-1], team_events()[::-1], who_was_out=absences()[::-1])[place]
    pd.testing.assert_frame_equal(turned, rows)
    assert rows["data_hash"].str.fullmatch("[0-9a-f]{64}").all()
    assert rows["source_bbd_rows_found"].tolist() == [7, 7]


def test_no_column_is_declared_and_never_filled(full) -> None:
    for rows in full:
        empty = {name for name in rows if rows[name].isna().any() and not name.startswith("source_")}
        assert empty == {"quality_sample_size"}


def test_hash_changes_with_the_rows_own_content_only(full) -> None:
    changed = build(team_lines(bos={"assists": 26, "player_assists": 26}))
    differ = [
        set(rows.index[rows["data_hash"] != before["data_hash"]]) for rows, before in zip(changed, full, strict=True)
    ]
    # BOS's assists are content of its own offense and of what LAL allowed.
    assert differ == [{"BOS"}, {"LAL"}]
    later: dict[str, Any] = {"processed_at": moment("2024-03-01")}
    for rows, before in zip(build(team_lines(bos=later, lal=later)), full, strict=True):
        assert rows["data_hash"].equals(before["data_hash"])


def test_from_raw_rows_repeated_ones_and_plus_minus_decide_nothing() -> None:
    # Spec 2.3 #8 and #9: the winner came from plus-minus, and a repeated row repeated its game.
    box = [{**row, "plus_minus": 9} for row in team_rows("2024-01-10")]
    earlier = {"game_id": "20240110_LAL_BOS", "points": 99, "processed_at": moment("2024-01-10")}
    rows = {NBAC_TEAM_BOXSCORE: [*box, {**box[0], **earlier}], NBAC_GAMEBOOK_PLAYER_STATS: box_rows("2024-01-10")}
    schedule = interpret_schedule(schedule_frame(schedule_row("0022300001", "2024-01-10")))
    inputs = inputs_of_rows(rows, schedule, [DAY.date()])
    for producer, prefix in (
        (TEAM_OFFENSE_PRODUCER, "source_nbac_boxscore"),
        (TEAM_DEFENSE_PRODUCER, "source_team_boxscore"),
    ):
        built = producer.build(inputs, NOW.to_pydatetime())
        found = built.rows.set_index(producer.table.key[1])
        assert found["win_flag"].to_dict() == {"BOS": False, "LAL": True}
        assert found["margin_of_victory"].to_dict() == {"BOS": -1, "LAL": 1}
        assert found[f"{prefix}_rows_found"].tolist() == [3, 3]
        assert found[f"{prefix}_completeness_pct"].tolist() == [100, 100]
        assert found["source_gamebook_players_rows_found"].tolist() == [12, 12]
        assert built.refused["reason"].tolist() == ["duplicate_superseded"]
        assert built.games["complete"].tolist() == [True]


def test_no_lines_build_no_rows() -> None:
    for rows, table in zip(build(team_lines().iloc[:0]), TABLES, strict=True):
        assert rows.empty
        assert rows.columns.tolist() == table.column_names
