"""Rows of the two team tables from the literal lines of one game, and what must hold between them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from analytics_assets.assets.team_game_summaries import TEAM_DEFENSE_PRODUCER, TEAM_OFFENSE_PRODUCER
from analytics_assets.raw.declarations import NBAC_GAMEBOOK_PLAYER_STATS, NBAC_TEAM_BOXSCORE
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.stats.team_game_summaries import build_team_defense, build_team_offense
from analytics_assets.stats.team_games import build_team_games
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.tables.validation import broken_rules
from analytics_assets_tests.support.raw_rows import box_rows, moment, schedule_frame, schedule_row, team_rows
from analytics_assets_tests.support.team_lines import (
    BOS,
    DAY,
    GAME_ID,
    no_events,
    summed_from_players,
    team_events,
    team_lines,
)
from analytics_assets_tests.support.warehouses import inputs_of_rows

NOW = moment("2024-02-01")
TABLES = ((TEAM_OFFENSE_GAME_SUMMARY, build_team_offense), (TEAM_DEFENSE_GAME_SUMMARY, build_team_defense))
TEAM_BOX, GAMEBOOK = "nbac_team_boxscore", "nbac_gamebook_player_stats"
# 88 + 0.4 * 22 - 1.07 * 10 / (10 + 36) * (88 - 40) + 13 = 98.6348 for BOS,
# 90 + 0.4 * 20 - 1.07 * 9 / (9 + 32) * (90 - 39) + 12 = 98.0212 for LAL.
POSSESSIONS = ((88 + 0.4 * 22 - 1.07 * 10 / 46 * 48 + 13) + (90 + 0.4 * 20 - 1.07 * 9 / 41 * 51 + 12)) / 2


def absences(inactive: int | None = 2, starters: int | None = 1) -> pd.DataFrame:
    rows = [(GAME_ID, team, inactive, starters) for team in ("BOS", "LAL")]
    frame = pd.DataFrame(rows, columns=["game_id", "team_abbr", "players_inactive", "starters_inactive"])
    return frame.astype({"players_inactive": "Int64", "starters_inactive": "Int64"})


def crews(crew: str | None = "12-45-71") -> pd.DataFrame:
    return pd.DataFrame(
        {"game_id": [GAME_ID], "game_date": [DAY], "referee_crew_id": pd.Series([crew], dtype="string")}
    )


def build_cases(cases: Mapping[str, Mapping[str, pd.DataFrame]]) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Offense and defense by team for each case, all built at once; a case changes some of the builder's frames."""
    full = {"lines": team_lines(), "events": team_events(), "who_was_out": absences(), "referees": crews()}
    frames = [
        pd.concat([{**full, **changes}[part].assign(game_id=case) for case, changes in cases.items()]) for part in full
    ]
    games = build_team_games(*frames)
    tracking = pd.DataFrame({"game_date": games["game_date"].unique(), "source_bbd_rows_found": 7})
    offense, defense = (builder(games, tracking, NOW) for _, builder in TABLES)
    return {
        case: (
            offense[offense["game_id"] == case].set_index("team_abbr", drop=False),
            defense[defense["game_id"] == case].set_index("defending_team_abbr", drop=False),
        )
        for case in cases
    }


def build(lines: pd.DataFrame | None = None, events: pd.DataFrame | None = None, **more: pd.DataFrame):
    """Offense and defense of the one game by team; everything is known unless given otherwise."""
    given = {"lines": lines, "events": events, **more}
    return build_cases({GAME_ID: {part: frame for part, frame in given.items() if frame is not None}})[GAME_ID]


@pytest.fixture(scope="module")
def full() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables of the game of which everything is known."""
    return build()


def judged(rows: pd.DataFrame, team: str) -> tuple[float, str, str, bool]:
    names = ["quality_score", "quality_tier", "data_quality_tier", "processed_with_issues"]
    return tuple(rows.loc[team, names])


def issues(rows: pd.DataFrame, team: str) -> set[str]:
    return set(rows.at[team, "quality_issues"])


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


def test_missing_actions_stay_null_and_the_row_is_low() -> None:
    # Spec 2.3 #2: zeros in their place could not be told from real ones, and no row was ever low.
    stored = {"steals": "steals", "blocks": "blocks_total", "defensive_rebounds": "defensive_rebounds"}
    built = build_cases({name: {"lines": team_lines(bos={name: None})} for name in stored})
    for missing, (offense, defense) in built.items():
        assert pd.isna(defense.at["BOS", stored[missing]])
        assert "defensive_actions_missing" in issues(defense, "BOS")
        assert "box_counts_missing" in issues(offense, "BOS")
        assert judged(defense, "BOS")[2:] == judged(offense, "BOS")[2:] == ("low", True)
        assert (offense["game_completeness_pct"] == 100 * 27 / 28).all()
    offense, defense = built["steals"]
    # Nothing that LAL's rows hold is missing.
    assert judged(defense, "LAL") == judged(offense, "LAL") == (100, "gold", "high", False)
    # Without rebounds nobody's possessions are known, and LAL's row lacks what the opponent took.
    offense, defense = built["defensive_rebounds"]
    assert offense[["possessions", "pace", "offensive_rating"]].isna().all(axis=None)
    assert "possessions_unknown" in issues(offense, "LAL")
    assert "box_counts_missing" in issues(defense, "LAL")


SUMMED_BOS = team_lines(bos=summed_from_players(BOS))
NOTHING_ELSE = {"events": no_events(), "who_was_out": absences(None, None), "referees": crews(None)}
QUALITY = {
    "complete box and zones": ({}, 100, "gold", "high"),
    "box only": ({"events": no_events()}, 94, "silver", "medium"),
    "no distances": ({"events": team_events(tells_distances=False)}, 94, "silver", "medium"),
    "contradicting events": ({"events": team_events(bos={"fg_makes": 42})}, 94, "silver", "medium"),
    "incomplete box": ({"lines": team_lines(bos={"assists": None})}, 70, "bronze", "low"),
    "points do not add up": ({"lines": team_lines(bos={"ft_made": 17})}, 85, "silver", "medium"),
    "player sums": ({"lines": SUMMED_BOS}, 85, "silver", "medium"),
    "player sums and nothing else": ({"lines": SUMMED_BOS, **NOTHING_ELSE}, 75, "silver", "medium"),
}


@pytest.fixture(scope="module")
def of_quality() -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """All cases of ``QUALITY``."""
    return build_cases({case: changes for case, (changes, *_) in QUALITY.items()})


@pytest.mark.parametrize("case", QUALITY)
def test_quality_says_high_for_box_and_zones_medium_for_the_box_low_for_less(of_quality, case: str) -> None:
    changes, *expected = QUALITY[case]
    offense, _ = of_quality[case]
    assert list(judged(offense, "BOS")[:3]) == expected
    assert offense.at["BOS", "shot_zones_available"] == ("events" not in changes)


def test_players_sums_in_the_place_of_a_team_box_are_told_wherever_they_count() -> None:
    # Spec 1.3 #14 and 2.3 #4.
    offense, defense = build(team_lines(bos=summed_from_players(BOS)))
    facts = ["primary_source_used", "quality_used_fallback", "quality_reconstructed"]
    for rows in (offense, defense):
        assert rows.loc["BOS", facts].tolist() == [GAMEBOOK, True, True]
        assert {"reconstructed", "team_turnovers_missing"} <= issues(rows, "BOS")
        assert {"opponent_reconstructed", "team_turnovers_missing"} <= issues(rows, "LAL")
    # What LAL allowed is what BOS's players add up to; what LAL did itself is in its own box.
    assert offense.loc["LAL", facts].tolist() == [TEAM_BOX, False, False]
    assert defense.loc["LAL", facts].tolist() == [TEAM_BOX, True, True]
    assert offense.at["BOS", "turnovers"] == defense.at["LAL", "turnovers_forced"] == 12
    assert offense["possessions"].tolist() == pytest.approx([POSSESSIONS - 0.5] * 2)
    assert offense["pace"].tolist() == pytest.approx([POSSESSIONS - 0.5] * 2)


def test_sources_are_raw_tables_that_contributed(full) -> None:
    # Spec 2.3 #3: a source that did not answer was written as None.
    offense, defense = full
    everything = [GAMEBOOK, "nbac_play_by_play", "nbac_referee_game_assignments", "nbac_schedule", TEAM_BOX]
    for rows in (offense, defense):
        assert sorted(rows.at["BOS", "data_sources"]) == everything
        assert rows["primary_source_used"].tolist() == [TEAM_BOX] * 2
    lines = team_lines(bos={"player_minutes": None}, lal={"player_minutes": None})
    poor, _ = build(lines, **NOTHING_ELSE)
    assert sorted(poor.at["BOS", "data_sources"]) == ["nbac_schedule", TEAM_BOX]


OVERTIMES = (
    # Minutes of both teams by players, by the team box, last period; overtimes, who told them, any contradiction.
    ((240, 240), (240, 240), 4, 0, "player minutes", False),
    ((265, 265), (265, 265), 5, 1, "player minutes", False),
    # Whole minutes lose up to four.
    ((237, 243), (None, None), None, 0, "player minutes", False),
    ((286, 294), (None, None), None, 2, "player minutes", False),
    # Spec 1.3 #4: unknown minutes are not 240.
    ((None, None), (265, 265), None, 1, "team minutes", False),
    ((None, None), (None, None), 6, 2, "play-by-play", False),
    ((None, None), (None, None), None, None, None, False),
    # One team's minutes hold for the game.
    ((None, 265), (None, None), None, 1, "player minutes", False),
    # Sums that no number of overtimes gives tell nothing, nor do minutes of the game instead of the team.
    ((252, None), (48, 48), 5, 1, "play-by-play", False),
    ((200, 228), (None, None), None, None, None, False),
    # Nor does play-by-play that stops in the third period.
    ((None, None), (None, None), 3, None, None, False),
    # Contradictions are told: of sources, and of the two teams.
    ((240, 240), (240, 240), 5, 0, "player minutes", True),
    ((240, 240), (265, 265), None, 0, "player minutes", True),
    ((240, 265), (None, None), None, 1, "player minutes", True),
)


@pytest.fixture(scope="module")
def of_overtimes() -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """All cases of ``OVERTIMES`` by their text."""
    cases = {}
    for case in OVERTIMES:
        names = ("player_minutes", "box_minutes")
        bos, lal = (dict(zip(names, minutes, strict=True)) for minutes in zip(*case[:2], strict=True))
        cases[str(case)] = {"lines": team_lines(bos, lal), "events": no_events(case[2])}
    return build_cases(cases)


@pytest.mark.parametrize("case", OVERTIMES, ids=str)
def test_overtime_periods(of_overtimes, case: tuple) -> None:
    overtimes, source, disagree = case[3:]
    for rows in of_overtimes[str(case)]:
        pace = rows["pace" if "pace" in rows else "opponent_pace"]
        if overtimes is None:
            assert rows["overtime_periods"].isna().all()
            assert pace.isna().all()
        else:
            assert rows["overtime_periods"].tolist() == [overtimes] * 2
            assert pace.tolist() == pytest.approx([48 * POSSESSIONS / (48 + 5 * overtimes)] * 2)
        # Ratings are per possession: the length of the game plays no part.
        assert rows["possessions"].tolist() == pytest.approx([POSSESSIONS] * 2)
        for team in ("BOS", "LAL"):
            assert ("overtime_unknown" in issues(rows, team)) == (overtimes is None)
            assert ("overtime_sources_disagree" in issues(rows, team)) == disagree
            assert rows.at[team, "processed_with_issues"] >= (disagree or overtimes is None)
        told = "null" if source is None else f'"{source}"'
        assert f'"overtime_periods": {told}' in rows.at["BOS", "quality_metadata"]


def test_minutes_that_do_not_add_up_are_told() -> None:
    offense, _ = build(team_lines(bos={"player_minutes": 252}))
    assert "player_sums_differ:minutes" in issues(offense, "BOS")
    assert "player_sums_differ:minutes" not in issues(offense, "LAL")
    assert offense["overtime_periods"].tolist() == [0, 0]


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
    for rows, (table, _) in zip(build(team_lines().iloc[:0]), TABLES, strict=True):
        assert rows.empty
        assert rows.columns.tolist() == table.column_names
