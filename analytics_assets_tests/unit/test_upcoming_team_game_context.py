"""Rows of upcoming_team_game_context from literal frames: names, sides, issues, sources, fingerprint."""

from collections.abc import Callable

import pandas as pd
import pytest

from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT
from analytics_assets.tables.validation import broken_rules
from analytics_assets_tests.support.context_frames import (
    DAY,
    LAST_YEAR,
    NOW,
    Known,
    changed,
    defense_rows,
    lines,
    offense_rows,
    played_rows,
    reports,
    schedule,
    without,
)
from analytics_assets_tests.support.pregame_rows import game_line_rows, injury_row
from analytics_assets_tests.support.raw_rows import moment, schedule_row

TEAMS = ["BOS", "LAL"]


@pytest.fixture(scope="module")
def plain() -> pd.DataFrame:
    """Both rows with everything known, built once for every test that changes nothing."""
    return Known().teams()


def test_rows_agree_with_the_declaration_and_are_first_versions(plain) -> None:
    assert plain.index.tolist() == TEAMS
    assert broken_rules(plain.reset_index(drop=True), UPCOMING_TEAM_GAME_CONTEXT) == []
    for name in ("created_at", "processed_at", "quality_calculated_at"):
        assert (plain[name] == NOW).all()
    assert (plain["context_version"] == 1).all()
    assert plain["data_hash"].nunique() == 2
    assert (plain["as_of_timestamp"] == moment("2024-01-11T00:30")).all()
    assert (plain["source_schedule_rows_found"] == 7).all()


def test_schedule_results_and_form_stand_under_the_names_of_the_table(plain) -> None:
    expected = {
        "opponent_team_abbr": ["LAL", "BOS"],
        "home_game": [False, True],
        "is_primetime": [True, True],
        "days_since_last_game": [1, 4],
        "team_days_rest": [0, 3],
        "opponent_days_rest": [3, 0],
        "rest_advantage": [-3, 3],
        "is_back_to_back": [True, False],
        "game_number_in_season": [4, 3],
        "games_in_last_7_days": [3, 2],
        "next_game_days_rest": [2, 2],
        "consecutive_road_games": [2, 0],
        "time_zones_crossed": [-3, -3],
        "jet_lag_factor": [3, 3],
        "last_game_margin": [-10, -10],
        "team_loss_streak_entering": [1, 1],
        "wins": [1, 1],
        "losses": [2, 1],
        "next_opponent_win_pct": [1 / 2, 1 / 3],
        # BOS scored 100, 110 and 100 on 100 possessions each, LAL 110 and 100.
        "team_offensive_rating_last_5": [pytest.approx(310 / 3), 105],
        "opponent_offensive_rating_last_5": [105, pytest.approx(310 / 3)],
        "team_pace_season": [100, 100],
        "pace_differential": [0, 0],
        "opponent_ft_rate_allowed": [0.25, 0.25],
        "team_games_used_season": [3, 2],
        "opponent_games_used_last_10": [2, 3],
        "quality_sample_size": [3, 2],
    }
    assert {name: plain[name].tolist() for name in expected} == expected
    assert plain["window_first_date"].dt.day.tolist() == [3, 3]
    assert plain["window_last_date"].dt.day.tolist() == [9, 6]


def test_lines_are_the_preferred_books_and_of_the_teams_side(plain) -> None:
    expected = {
        "game_spread": [5, -5],
        "opening_spread": [4, -4],
        "spread_movement": [1, -1],
        "game_total": [222, 222],
        "total_movement": [2, 2],
        "moneyline": [130, -150],
        "implied_team_total": [108.5, 113.5],
        "game_spread_source": ["odds_api:draftkings"] * 2,
        "game_total_source": ["odds_api:draftkings"] * 2,
    }
    assert {name: plain[name].tolist() for name in expected} == expected
    assert (plain["betting_lines_updated_at"] == moment("2024-01-10T22:00")).all()


def test_a_pick_em_is_a_spread_and_its_movement_is_one() -> None:
    rows = Known().but(lines=game_line_rows(DAY, 0.0, 220.0, "2024-01-10T15:00")).teams()
    assert rows["game_spread"].tolist() == rows["spread_movement"].tolist() == [0, 0]
    assert rows["implied_team_total"].tolist() == [110, 110]
    assert not rows["quality_issues"].map(lambda issues: "game_spread_missing" in issues).any()


def test_absences_count_reported_players_and_nobody_of_a_team_that_lists_none(plain) -> None:
    names = ["starters_out_count", "starters_doubtful_count", "star_players_out", "questionable_players_count"]
    assert plain.loc["BOS", names].tolist() == [1, 0, 0, 1]
    assert plain.loc["LAL", names].tolist() == [0, 0, 0, 0]
    unknown = Known().but(reports=[]).teams()
    assert unknown[names].isna().all(axis=None)


def test_a_row_of_whole_knowledge_is_gold_and_names_its_sources(plain) -> None:
    assert plain["quality_issues"].tolist() == [["early_season"]] * 2
    assert plain["quality_score"].tolist() == [100, 100]
    assert (plain["quality_tier"] == "gold").all()
    assert (plain["data_quality_tier"] == "high").all()
    assert not plain["processed_with_issues"].any()
    assert (plain["primary_source_used"] == "nbac_schedule").all()
    assert plain["data_sources"].tolist()[0] == [
        *("nbac_schedule", "team_offense_game_summary", "team_defense_game_summary"),
        *("odds_api_game_lines", "nbac_injury_report"),
    ]
    assert (
        plain["insufficient_data_reason"] == ["last_5:3_games; last_10:3_games", "last_5:2_games; last_10:2_games"]
    ).all()
    assert plain["completeness_percentage"].tolist() == [100, 100]
    assert plain["processing_decision_reason"].str.startswith("every window of both teams").all()


NIGHTS_BEFORE = schedule_row("0022300090", "2023-12-01", "MIA", "DEN")
UNKNOWN_PLACES = changed(schedule(), {"arena_name": "Nowhere Hall", "neutral_site_flag": None}, game_id="0022300004")
NO_TIPOFF = changed(schedule(), {"tipoff_at": pd.NaT, "is_primetime": None}, game_id="0022300004")
NOT_OVER = changed(schedule(), {"game_status": 2}, game_id="0022300003")


@pytest.mark.parametrize(
    ("known", "team", "issue", "score", "worrying", "nothing_in"),
    [
        (Known().but(lines=[]), "BOS", "game_spread_missing", 96, False, "game_spread"),
        (Known().but(lines=[]), "BOS", "game_total_missing", 96, False, "implied_team_total"),
        (Known().but(reports=[]), "LAL", "injury_report_missing", 98, False, "starters_out_count"),
        (Known().but(schedule=UNKNOWN_PLACES), "BOS", "travel_unknown", 98, False, "travel_miles"),
        (Known().but(schedule=UNKNOWN_PLACES), "BOS", "neutral_site_unknown", 98, False, "neutral_site"),
        (Known().but(schedule=NO_TIPOFF, lines=[], reports=[]), "BOS", "tipoff_unknown", 94, False, "moneyline"),
        (Known().but(schedule=NO_TIPOFF, lines=[], reports=[]), "BOS", "primetime_unknown", 94, False, "is_primetime"),
        (Known().but(schedule=[*schedule(), NIGHTS_BEFORE]), "LAL", "thin_sample", 85, False, "quality_metadata"),
        (Known().but(schedule=NOT_OVER), "BOS", "pending_games", 95, True, "quality_metadata"),
        (
            Known().but(offense=without(offense_rows(), game_id="20240103_BOS_LAL", team_abbr="LAL")),
            *("LAL", "history_incomplete", 80, True, "quality_metadata"),
        ),
        (
            Known().but(defense=without(defense_rows(), game_id="20240103_BOS_LAL", defending_team_abbr="LAL")),
            *("LAL", "history_incomplete", 80, True, "quality_metadata"),
        ),
        (
            Known().but(played=without(played_rows(), game_id="20240103_BOS_LAL", team_abbr="LAL")),
            *("BOS", "opponent_history_incomplete", 90, True, "quality_metadata"),
        ),
        (Known().but(offense=[], defense=[]), "LAL", "form_missing", 60, True, "team_offensive_rating_season"),
        (Known().but(offense=[], defense=[]), "LAL", "bootstrap", 60, True, "team_pace_last_5"),
    ],
)
def test_what_is_missing_is_told_and_costs_quality(known, team, issue, score, worrying, nothing_in) -> None:
    row = known.teams().loc[team]
    assert issue in row["quality_issues"]
    assert row["quality_score"] == score
    assert row["processed_with_issues"] == worrying
    assert pd.isna(row[nothing_in])
    assert row["quality_tier"] == ("gold" if score >= 95 else "silver" if score >= 75 else "bronze")


def test_three_games_after_the_first_fortnight_are_sample_enough() -> None:
    rows = Known().but(schedule=[*schedule(), NIGHTS_BEFORE]).teams()
    assert rows["quality_issues"].tolist() == [[], ["thin_sample"]]


def test_missing_history_of_either_team_is_not_ready_and_says_how_much() -> None:
    rows = Known().but(offense=without(offense_rows(), game_id="20240106_LAL_BOS")).teams()
    assert rows["data_quality_issues"].tolist() == [["missing_games:1", "opponent_missing_games:1"]] * 2
    assert not rows["is_production_ready"].any()
    assert rows["processing_decision_reason"].tolist() == [f"1 of {games} earlier games lack rows" for games in (3, 2)]
    away = Known().but(offense=without(offense_rows(), game_id="20240109_BOS_MIA")).teams()
    assert away["data_quality_issues"].tolist() == [["missing_games:1"], ["opponent_missing_games:1"]]
    assert away["all_windows_complete"].tolist() == [False, True]
    assert away["is_production_ready"].tolist() == [False, False]
    pending = Known().but(schedule=NOT_OVER, offense=without(offense_rows(), game_id="20240103_BOS_LAL")).teams()
    assert pending.loc["BOS", "data_quality_issues"] == [
        *("missing_games:1", "opponent_missing_games:1", "pending_games:1"),
    ]


def test_the_first_game_of_a_season_knows_nothing_of_the_season_before() -> None:
    first = [row for row in schedule() if row["season_year"] == 2022 or row["game_date"] >= pd.Timestamp(DAY)]
    rows = (
        Known()
        .but(
            schedule=first,
            played=[row for row in played_rows() if row["season_year"] == 2022],
            offense=[row for row in offense_rows() if row["season_year"] == 2022],
            defense=[row for row in defense_rows() if row["season_year"] == 2022],
        )
        .teams()
    )
    assert rows[["team_games_used_season", "expected_games_count", "wins"]].eq(0).all(axis=None)
    nothing = ["team_days_rest", "last_game_margin", "win_pct", "team_net_rating_season", "pace_differential"]
    assert rows[[*nothing, "window_first_date", "completeness_percentage", "l7d_is_complete"]].isna().all(axis=None)
    assert rows["season_boundary_detected"].all()
    assert rows["is_production_ready"].all()
    assert (rows["processing_decision_reason"] == "no earlier game of the season is over").all()
    assert not rows["is_bootstrap"].any()
    # The season opener starts from home: BOS flies, LAL does not.
    assert rows.loc["LAL", "travel_miles"] == 0
    assert rows.loc["BOS", "travel_miles"] > 2500


def later(rows: list[dict], name: str = "team_abbr") -> list[dict]:
    """The rows and, of the game itself and one after it, rows that nobody may see."""
    unseen = [
        {**row, "game_date": pd.Timestamp(day), "game_id": f"later {day} {row[name]}", "data_hash": "later"}
        for row in rows[-12:]
        for day in (DAY, "2024-01-20")
    ]
    return [*rows, *unseen]


def test_neither_later_rows_nor_their_order_change_a_bit(plain) -> None:
    known = Known().but(
        schedule=[
            *schedule(),
            schedule_row("0022300080", "2024-01-20", "LAL", "MIA"),
            schedule_row("0042300001", "2024-05-01"),
        ],
        played=later(played_rows(), "player_lookup"),
        offense=later(offense_rows()),
        defense=later(defense_rows(), "defending_team_abbr"),
        lines=[*lines(), *game_line_rows(DAY, 12.0, 250.0, "2024-01-11T01:00")],
        reports=[*reports(), injury_row(DAY, "lalplayer0", "out", "2024-01-11T01:00", team="LAL")],
    )
    turned = known.but(**{name: getattr(known, name)[::-1] for name in ("schedule", "played", "offense", "defense")})
    for rows in (known.teams(), turned.teams()):
        pd.testing.assert_frame_equal(rows, plain)


def hashed(rows: list[dict], game_id: str, **where) -> list[dict]:
    return changed(rows, {"data_hash": "rebuilt"}, game_id=game_id, **where)


EARLY, MIAMI = "20240103_BOS_LAL", "20240109_BOS_MIA"
OF_LAL = injury_row(DAY, "lalplayer0", "probable", "2024-01-10T23:00", team="LAL")
PLAYED = {"game_status": 3, "home_team_score": 99, "away_team_score": 98}


@pytest.mark.parametrize(
    ("known", "moved"),
    [
        (lambda: Known().but(offense=hashed(offense_rows(), EARLY, team_abbr="BOS")), TEAMS),
        (lambda: Known().but(defense=hashed(defense_rows(), MIAMI, defending_team_abbr="BOS")), TEAMS),
        (lambda: Known().but(played=hashed(played_rows(), EARLY, player_lookup="bosplayer5")), ["BOS"]),
        (lambda: Known().but(lines=changed(lines(), {"line": -6.0}, line=-5.0)), TEAMS),
        (lambda: Known().but(reports=[*reports(), OF_LAL]), ["LAL"]),
        (lambda: Known().but(reports=changed(reports(), {"reason": "Rest"}, player_lookup="bosplayer1")), ["BOS"]),
        (lambda: Known().but(schedule=changed(schedule(), {"home_team_score": 111}, game_id="0022300003")), ["BOS"]),
        (lambda: Known().but(schedule=changed(schedule(), {"neutral_site_flag": True}, game_id="0022300004")), TEAMS),
        # What the row did not look at: other teams, another season, the game itself, another book, players' lines.
        (lambda: Known().but(offense=hashed(offense_rows(), MIAMI, team_abbr="MIA")), []),
        (lambda: Known().but(offense=hashed(offense_rows(), f"{LAST_YEAR.replace('-', '')}_BOS_LAL")), []),
        (lambda: Known().but(schedule=changed(schedule(), PLAYED, game_id="0022300004")), []),
        (lambda: Known().but(lines=changed(lines(), {"line": -9.0}, line=-8.0)), []),
        (lambda: Known().but(props=[]), []),
    ],
)  # fmt: skip
def test_the_fingerprint_changes_with_what_a_row_rests_on_and_with_nothing_else(
    plain, known: Callable[[], Known], moved: list[str]
) -> None:
    rows = known().teams()
    different = rows["input_fingerprint"] != plain["input_fingerprint"]
    assert rows.index[different].tolist() == moved
