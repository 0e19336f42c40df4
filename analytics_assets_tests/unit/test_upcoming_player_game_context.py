"""Rows of upcoming_player_game_context from literal frames: names, availability, age, rest, issues, fingerprint."""

from collections.abc import Callable

import pandas as pd
import pytest

from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.tables.validation import broken_rules
from analytics_assets_tests.support.context_frames import (
    DAY,
    NOW,
    Known,
    changed,
    defense_rows,
    lines,
    offense_rows,
    played_rows,
    props,
    registry,
    reports,
    rosters,
    schedule,
    without,
)
from analytics_assets_tests.support.pregame_rows import game_line_rows, injury_row, prop_row
from analytics_assets_tests.support.raw_rows import moment, schedule_row

BOS, LAL = ([f"{team}player{number}" for number in range(6)] for team in ("bos", "lal"))


@pytest.fixture(scope="module")
def plain() -> pd.DataFrame:
    """All rows with everything known, built once for every test that changes nothing."""
    return Known().players()


def test_rows_agree_with_the_declaration_and_are_first_versions(plain) -> None:
    assert plain.index.tolist() == [*BOS, *LAL]
    assert broken_rules(plain.reset_index(drop=True), UPCOMING_PLAYER_GAME_CONTEXT) == []
    for name in ("created_at", "processed_at", "quality_calculated_at"):
        assert (plain[name] == NOW).all()
    assert (plain["context_version"] == 1).all()
    assert plain["data_hash"].nunique() == plain["input_fingerprint"].nunique() == 12
    assert (plain["as_of_timestamp"] == moment("2024-01-11T00:30")).all()
    assert (plain["source_schedule_rows_found"] == 7).all()


def test_team_and_player_stand_apart_under_the_names_of_the_table(plain) -> None:
    expected = {
        "team_abbr": ["BOS", "LAL"],
        "opponent_team_abbr": ["LAL", "BOS"],
        "row_origin": ["roster"] * 2,
        "position": ["C"] * 2,
        "is_two_way": [False] * 2,
        "home_game": [False, True],
        "back_to_back": [True, False],
        "player_played_yesterday": [True, False],
        "team_days_rest": [0, 3],
        "days_rest": [0, 3],
        "days_since_last_game": [1, 4],
        "days_rest_before_last_game": [2, 2],
        "games_in_last_7_days": [3, 2],
        "minutes_in_last_7_days": [120, 80],
        "points_avg_last_5": [30, 30],
        "points_avg_home_season": [30, 30],
        "home_games_used_season": [1, 1],
        "away_games_used_season": [2, 1],
        "vs_opponent_games_used_season": [2, 2],
        "starter_share_last_10": [1, 1],
        "projected_usage_rate": [20, 20],
        "fourth_quarter_minutes_last_7": [10, 10],
        "clutch_minutes_last_7_games": [3, 3],
        "fourth_quarter_production_last_7": [5, 5],
        "l10_games_used": [3, 2],
        "l5_sample_quality": ["limited", "insufficient"],
        "team_offensive_rating_last_10": [pytest.approx(310 / 3), 105],
        "opponent_def_rating_last_10": [105, pytest.approx(320 / 3)],
        "time_zones_crossed": [-3, -3],
        "time_zone_changes": [3, 3],
        "quality_sample_size": [3, 2],
    }
    stars = plain.loc[["bosplayer0", "lalplayer0"]]
    assert {name: stars[name].tolist() for name in expected} == expected
    assert stars["window_last_date"].dt.day.tolist() == [9, 6]
    assert plain.at["bosplayer5", "starter_share_last_10"] == 0


def test_lines_on_the_game_are_medians_across_books_of_the_players_side(plain) -> None:
    expected = {
        # DraftKings closes at 5 after 4, BetMGM offers 8 once.
        "game_spread": [6.5, -6.5],
        "opening_spread": [6, -6],
        "spread_movement": [0.5, -0.5],
        "game_total": [221.5, 221.5],
        "total_movement": [1, 1],
        "implied_team_total": [107.5, 114],
        "game_spread_source": ["odds_api:median_of_2"] * 2,
        "game_total_source": ["odds_api:median_of_2"] * 2,
        "moneyline": [130, -150],
    }
    assert {name: plain.loc[["bosplayer3", "lalplayer3"], name].tolist() for name in expected} == expected


def test_a_line_on_the_player_that_did_not_move_has_a_movement_of_zero(plain) -> None:
    names = ["has_prop_line", "current_points_line", "opening_points_line", "line_movement"]
    assert plain.loc["bosplayer0", names].tolist() == [True, 20.5, 20.5, 0]
    assert plain.at["bosplayer0", "current_points_line_source"] == "odds_api:fanduel"
    assert plain.loc["bosplayer0", ["prop_over_streak", "prop_under_streak"]].tolist() == [3, 0]
    assert plain["has_prop_line"].sum() == 1
    assert plain.loc["bosplayer1", [*names[1:], "prop_over_streak", "opening_points_line_source"]].isna().all()


def test_status_is_that_of_the_report_and_not_listed_only_where_there_is_one(plain) -> None:
    status = plain["player_status"]
    assert status[["bosplayer1", "bosplayer2"]].tolist() == ["out", "questionable"]
    assert set(status.drop(["bosplayer1", "bosplayer2"])) == {"not_listed"}
    assert plain.at["bosplayer1", "injury_report"] == "Injury/Illness - Left Knee; Soreness"
    assert plain.loc[LAL, "injury_report"].isna().all()
    # A player is no teammate of his own.
    assert plain.loc[BOS, "questionable_teammates"].tolist() == [1, 1, 0, 1, 1, 1]
    assert plain.loc[LAL, "questionable_teammates"].eq(0).all()
    unknown = Known().but(reports=[]).players()
    assert unknown[["player_status", "injury_report", "questionable_teammates", "star_teammates_out"]].isna().all(None)


@pytest.mark.parametrize(
    ("born", "age"),
    [("1998-01-10", 26), ("1998-01-11", 25), ("1997-12-31", 26), ("2000-02-29", 23), ("2005-01-10", 19), (None, None)],
)
def test_age_is_in_whole_years_on_the_date(born, age) -> None:
    rows = changed(registry(), {"birth_date": pd.Timestamp(born)}, player_lookup="lalplayer0")
    found = Known().but(registry=rows).players()
    row = found.loc["lalplayer0"]
    assert row["player_age"] == age if age else pd.isna(row["player_age"])
    assert ("birth_date_missing" in row["quality_issues"]) == (age is None)


def test_ids_are_those_of_the_season(plain) -> None:
    assert plain["universal_player_id"].dropna().tolist() == ["id-bosplayer0", "id-bosplayer1", "id-lalplayer0"]
    assert "universal_player_id_missing" in plain.at["bosplayer5", "quality_issues"]
    assert "player_registry" not in plain.at["bosplayer5", "data_sources"]
    other = Known().but(registry=[{**row, "season_year": 2022} for row in registry()]).players()
    assert other[["universal_player_id", "player_age"]].isna().all(axis=None)


def test_without_a_roster_or_with_a_line_only_the_row_says_where_it_comes_from() -> None:
    names = ("bosplayer8", "bosplayer9")
    older = [{**rosters()[0], "player_lookup": name, "roster_date": pd.Timestamp("2024-01-02")} for name in names]
    shown = "2024-01-10T20:00"
    of_bettingpros = {**prop_row(DAY, "bosplayer9", 8.5, shown), "bet_side": "over", "price": -110.0}
    rows = (
        Known()
        .but(
            rosters=[*without(rosters(), team_abbr="LAL"), *older],
            props=[*props(), prop_row(DAY, "bosplayer8", 6.5, shown), prop_row(DAY, "stranger", 6.5, shown)],
            bettingpros=[of_bettingpros],
        )
        .players()
    )
    assert rows.index.tolist() == [*BOS, *names, *LAL]
    origins = {"roster": BOS, "inferred_roster": LAL, "line": list(names)}
    assert {str(name): list(found) for name, found in rows.groupby("row_origin").groups.items()} == origins
    assert rows["quality_used_fallback"].tolist() == [False] * 6 + [True] * 8
    sources = rows["primary_source_used"]
    assert (sources[BOS] == "espn_team_rosters").all()
    assert (sources[LAL] == "player_game_summary").all()
    assert sources[[*names]].tolist() == ["odds_api_player_points_props", "bettingpros_player_points_props"]
    assert "roster_inferred" in rows.at["lalplayer0", "quality_issues"]
    assert rows.loc["lalplayer0", ["position", "roster_date"]].isna().all()
    assert "only_a_line" in rows.at["bosplayer8", "quality_issues"]
    assert rows.at["bosplayer9", "current_points_line"] == 8.5


MIAMI = "20240109_BOS_MIA"
RESTING = {"played": False, "points": None, "minutes_played": None, "starter_flag": None}


def test_who_sat_out_rests_and_nobody_rests_from_a_game_that_is_not_known_yet() -> None:
    sat_out = changed(played_rows(), RESTING, game_id=MIAMI, player_lookup="bosplayer0")
    names = ["days_since_last_game", "days_rest", "days_rest_before_last_game", "player_played_yesterday"]
    rows = Known().but(played=sat_out).players()
    assert rows.loc["bosplayer0", names].tolist() == [4, 3, 2, False]
    assert rows.loc["bosplayer1", names].tolist() == [1, 0, 2, True]
    assert rows.at["bosplayer0", "points_avg_last_5"] == 30
    # The game is not over, or its summary failed: rest counts from the team's schedule (ruling 16).
    not_over = changed(schedule(), {"game_status": 2}, game_id="0022300003")
    unknown = without(played_rows(), game_id=MIAMI)
    for known in (Known().but(played=unknown), Known().but(played=unknown, schedule=not_over)):
        row = known.players().loc["bosplayer0"]
        assert row[names[:2]].tolist() == [1, 0]
        assert row[names[2:]].isna().all()
        assert (row["back_to_back"], row["l5_games_used"], row["window_last_date"].day) == (True, 2, 6)
        assert known.players().loc["lalplayer0", names].tolist() == [4, 3, 2, False]


NIGHTS_BEFORE = schedule_row("0022300090", "2023-12-01", "MIA", "DEN")
NO_LINEUPS = [{**row, "fourth_quarter_minutes": None, "clutch_minutes": None} for row in played_rows()]


@pytest.mark.parametrize(
    ("known", "player", "issues", "score", "worrying"),
    [
        (Known(), "bosplayer0", ["early_season"], 100, False),
        (Known(), "bosplayer1", ["early_season", "prop_line_missing"], 98, False),
        (
            Known().but(lines=[]),
            *("bosplayer0", ["early_season", "game_spread_missing", "game_total_missing"], 96, True),
        ),
        (Known().but(reports=[]), "bosplayer0", ["early_season", "injury_report_missing"], 98, False),
        (Known().but(played=NO_LINEUPS), "bosplayer0", ["early_season", "lineups_unknown"], 100, False),
        (
            Known().but(schedule=[*schedule(), NIGHTS_BEFORE]),
            *("lalplayer0", ["thin_sample", "prop_line_missing"], 83, True),
        ),
        (Known().but(schedule=[*schedule(), NIGHTS_BEFORE]), "bosplayer0", [], 100, False),
        (
            Known().but(schedule=changed(schedule(), {"game_status": 2}, game_id="0022300003")),
            *("bosplayer0", ["pending_games", "early_season"], 95, True),
        ),
        (
            Known().but(played=without(played_rows(), game_id=MIAMI)),
            *("bosplayer0", ["history_incomplete", "early_season"], 80, True),
        ),
        (
            Known().but(played=without(played_rows(), game_id=MIAMI)),
            *("lalplayer0", ["opponent_history_incomplete", "early_season", "prop_line_missing"], 88, True),
        ),
        (
            Known().but(defense=without(defense_rows(), game_id=MIAMI)),
            *("bosplayer0", ["history_incomplete", "early_season"], 80, True),
        ),
    ],
)
def test_what_is_missing_is_told_and_costs_quality(known, player, issues, score, worrying) -> None:
    row = known.players().loc[player]
    assert row["quality_issues"] == issues
    assert row["quality_score"] == score
    assert row["quality_tier"] == ("gold" if score >= 95 else "silver")
    assert row["data_quality_tier"] == ("high" if score >= 95 else "medium")
    assert row["processed_with_issues"] == worrying


def test_sources_are_those_that_contributed(plain) -> None:
    every = [
        *("nbac_schedule", "espn_team_rosters", "player_game_summary", "team_offense_game_summary"),
        *("team_defense_game_summary", "odds_api_player_points_props", "odds_api_game_lines", "nbac_injury_report"),
        "player_registry",
    ]
    assert plain.at["bosplayer0", "data_sources"] == every
    assert plain.at["lalplayer0", "data_sources"] == [name for name in every if "points_props" not in name]
    alone = Known().but(lines=[], props=[], reports=[], registry=[], offense=[], defense=[]).players()
    assert alone.at["bosplayer0", "data_sources"] == every[:3]


def test_the_first_game_of_a_season_has_null_windows_and_nothing_of_the_season_before() -> None:
    def old(rows: list[dict]) -> list[dict]:
        return [row for row in rows if row["season_year"] == 2022]

    first = [*old(schedule()), *(row for row in schedule() if row["game_date"] >= pd.Timestamp(DAY))]
    rows = (
        Known()
        .but(schedule=first, played=old(played_rows()), offense=old(offense_rows()), defense=old(defense_rows()))
        .players()
    )
    used = [name for name in rows.columns if "games_used" in name]
    assert rows[[*used, "games_in_last_7_days", "expected_games_count"]].eq(0).all(axis=None)
    nothing = [name for name in rows.columns if name.endswith(("_last_5", "_last_10", "_last_7", "_last_7_games"))]
    nothing = [name for name in nothing if name not in used]
    assert len(nothing) > 20
    assert rows[[*nothing, "days_rest", "points_avg_home_season", "window_first_date"]].isna().all(axis=None)
    assert (rows["l10_sample_quality"] == "insufficient").all()
    assert (rows["insufficient_data_reason"] == "last_5:0_games; last_10:0_games").all()
    assert not rows["player_played_yesterday"].any()


def test_a_traded_player_keeps_his_games_and_gets_his_new_teams_context() -> None:
    moved = changed(rosters(), {"team_abbr": "LAL", "roster_date": pd.Timestamp(DAY)}, player_lookup="bosplayer0")
    rest = [{**row, "roster_date": pd.Timestamp(DAY)} for row in rosters() if row["player_lookup"] != "bosplayer0"]
    row = Known().but(rosters=[*moved, *rest]).players().loc["bosplayer0"]
    assert (row["team_abbr"], row["opponent_team_abbr"], row["home_game"]) == ("LAL", "BOS", True)
    assert (row["back_to_back"], row["team_days_rest"], row["game_spread"]) == (False, 3, -6.5)
    # What he did himself he did for the other team, the day before as well.
    assert (row["player_played_yesterday"], row["days_rest"], row["l10_games_used"]) == (True, 0, 3)
    assert row["points_avg_last_10"] == 30


def test_neither_later_rows_nor_their_order_change_a_bit(plain) -> None:
    def later(rows: list[dict]) -> list[dict]:
        unseen = [{**row, "game_date": pd.Timestamp(day)} for row in rows[-24:] for day in (DAY, "2024-01-20")]
        return [*rows, *({**row, "game_id": f"x{number}", "data_hash": "x"} for number, row in enumerate(unseen))]

    roster_to_come = [{**row, "roster_date": pd.Timestamp("2024-01-11"), "team_abbr": "LAL"} for row in rosters()[:3]]
    known = Known().but(
        schedule=[*schedule(), schedule_row("0042300001", "2024-05-01")],
        played=later(played_rows()),
        offense=later(offense_rows()),
        defense=later(defense_rows()),
        lines=[*lines(), *game_line_rows(DAY, 12.0, 250.0, "2024-01-11T01:00")],
        props=[*props(), prop_row(DAY, "bosplayer0", 35.5, "2024-01-11T01:00")],
        reports=[*reports(), injury_row(DAY, "bosplayer0", "out", "2024-01-11T01:00")],
        rosters=[*rosters(), *roster_to_come],
    )
    names = ("schedule", "played", "offense", "defense", "lines", "props", "reports", "rosters", "registry")
    turned = known.but(**{name: getattr(known, name)[::-1] for name in names})
    for rows in (known.players(), turned.players()):
        pd.testing.assert_frame_equal(rows, plain)


def hashed(rows: list[dict], **where) -> list[dict]:
    return changed(rows, {"data_hash": "rebuilt"}, **where)


BOTH, EARLY, OLD = [*BOS, *LAL], "20240103_BOS_LAL", "20230310_BOS_LAL"
BORN_EARLIER = {"birth_date": pd.Timestamp("1996-02-28")}
LISTED = {"player_lookup": "bosplayer1"}


@pytest.mark.parametrize(
    ("known", "moved"),
    [
        (lambda: Known().but(played=hashed(played_rows(), game_id=EARLY, player_lookup="bosplayer5")), ["bosplayer5"]),
        # A player whom the report names concerns all his teammates.
        (lambda: Known().but(played=hashed(played_rows(), game_id=EARLY, player_lookup="bosplayer1")), BOS),
        (lambda: Known().but(reports=changed(reports(), {"injury_status": "doubtful"}, **LISTED)), BOS),
        (lambda: Known().but(offense=hashed(offense_rows(), game_id=EARLY, team_abbr="LAL")), BOTH),
        (lambda: Known().but(lines=changed(lines(), {"line": -9.0}, line=-8.0)), BOTH),
        (lambda: Known().but(props=[prop_row(DAY, "bosplayer0", 21.5, "2024-01-10T22:00")]), ["bosplayer0"]),
        (lambda: Known().but(rosters=changed(rosters(), {"position": "PG"}, player_lookup="lalplayer2")), [LAL[2]]),
        (lambda: Known().but(registry=registry()[:2]), ["lalplayer0"]),
        (lambda: Known().but(registry=changed(registry(), BORN_EARLIER, player_lookup="lalplayer0")), ["lalplayer0"]),
        (lambda: Known().but(schedule=changed(schedule(), {"game_status": 2}, game_id="0022300002")), BOTH),
        # What the rows did not look at.
        (lambda: Known().but(played=hashed(played_rows(), game_id=OLD)), []),
        (lambda: Known().but(played=hashed(played_rows(), team_abbr="MIA")), []),
        (lambda: Known().but(offense=hashed(offense_rows(), team_abbr="MIA")), []),
        (
            lambda: Known().but(rosters=[*rosters(), {**rosters()[0], "team_abbr": "DEN", "player_lookup": "denver"}]),
            [],
        ),
        (lambda: Known().but(registry=[*registry(), {**registry()[0], "player_lookup": "nobody"}]), []),
    ],
)
def test_the_fingerprint_changes_with_what_a_row_rests_on_and_with_nothing_else(
    plain, known: Callable[[], Known], moved: list[str]
) -> None:
    rows = known().players()
    different = rows["input_fingerprint"] != plain["input_fingerprint"]
    assert rows.index[different].tolist() == moved
