"""A team's schedule around its games: rest, load, travel, what lies ahead, the season's phases, earlier results."""

import pandas as pd
import pytest

from analytics_assets.stats.team_schedule import results_entering, team_schedule
from analytics_assets_tests.support.raw_rows import moment, schedule_row
from analytics_assets_tests.support.schedules import placed_games, real_schedule, with_places

WON, LOST = {"home_team_score": 110, "away_team_score": 100}, {"home_team_score": 90, "away_team_score": 101}


def game(number: int, day: str, away: str, home: str, prefix: str = "00223", **more) -> dict:
    return schedule_row(f"{prefix}{number:05d}", day, away, home, **more)


def games_of(team: str, *rows: dict) -> pd.DataFrame:
    """The team's rows of the schedule with its results, indexed by date."""
    games = placed_games(*rows)
    schedule = team_schedule(games)
    schedule = schedule.join(results_entering(schedule, games))
    own = schedule[schedule["team_abbr"] == team]
    return own.set_index(own["game_date"].dt.strftime("%m-%d"))


def values(column: pd.Series) -> list:
    return [None if pd.isna(value) else value for value in column]


ROAD_TRIP = [
    game(1, "2023-10-24", "BOS", "LAL"),
    game(2, "2023-10-26", "BOS", "DEN"),
    game(3, "2023-10-27", "BOS", "PHX"),
    game(4, "2023-11-01", "MIA", "BOS"),
    game(5, "2023-10-31", "MIA", "NYK"),
]


def test_rest_counts_full_days_off() -> None:
    boston = games_of("BOS", *ROAD_TRIP)
    assert values(boston["days_since_last_game"]) == [None, 2, 1, 5]
    assert values(boston["team_days_rest"]) == [None, 1, 0, 4]
    assert values(boston["is_back_to_back"]) == [False, False, True, False]
    assert values(boston["game_number_in_season"]) == [1, 2, 3, 4]


def test_rest_is_compared_with_the_opponent() -> None:
    boston, miami = games_of("BOS", *ROAD_TRIP).loc["11-01"], games_of("MIA", *ROAD_TRIP).loc["11-01"]
    assert (boston["opponent_days_rest"], boston["rest_advantage"]) == (0, 4)
    assert (miami["opponent_days_rest"], miami["rest_advantage"]) == (4, -4)
    assert values(games_of("BOS", *ROAD_TRIP)["rest_advantage"]) == [None, None, None, 4]


def test_road_games_in_a_row_end_at_home() -> None:
    assert values(games_of("BOS", *ROAD_TRIP)["consecutive_road_games"]) == [1, 2, 3, 0]
    assert values(games_of("MIA", *ROAD_TRIP)["consecutive_road_games"]) == [1, 2]


def test_a_neutral_site_is_a_road_game_for_both() -> None:
    vegas = {"arena_name": "T-Mobile Arena", "arena_city": "Las Vegas", "neutral_site_flag": True}
    rows = [game(1, "2023-12-05", "IND", "LAL"), game(2, "2023-12-07", "IND", "LAL", **vegas)]
    assert values(games_of("LAL", *rows)["consecutive_road_games"]) == [0, 1]
    assert values(games_of("IND", *rows)["consecutive_road_games"]) == [1, 2]
    assert values(games_of("LAL", *rows)["home_game"]) == [True, True]


def test_windows_end_on_the_day_before() -> None:
    days = ["2024-01-01", "2024-01-08", "2024-01-09", "2024-01-15", "2024-01-22"]
    boston = games_of("BOS", *(game(n, day, "BOS", "NYK") for n, day in enumerate(days)))
    # The day itself is outside, the seventh day before is inside.
    assert values(boston["games_in_last_7_days"]) == [0, 1, 1, 2, 1]
    assert values(boston["games_in_last_14_days"]) == [0, 1, 2, 3, 3]
    assert values(boston["games_in_next_7_days"]) == [1, 2, 1, 1, 0]


def test_miles_run_from_arena_to_arena_also_on_the_way_home() -> None:
    boston = games_of("BOS", *ROAD_TRIP)
    # Boston - Los Angeles, to Denver, to Phoenix, back to Boston: the season opener starts at home.
    assert boston["travel_miles"].tolist() == pytest.approx([2592, 835, 589, 2294], abs=8)
    assert values(boston["time_zones_crossed"]) == [-3, 1, -1, 3]
    assert values(boston["travel_direction"]) == ["west", "east", "west", "east"]
    assert values(boston["time_zones_crossed_last_14_days"]) == [None, 3, 4, 5]
    assert boston["miles_traveled_last_14_days"].loc["11-01"] == pytest.approx(boston["travel_miles"][:3].sum())


def test_neutral_sites_are_stops_on_the_way() -> None:
    paris = {"arena_name": "Accor Arena", "neutral_site_flag": True}
    rows = [game(1, "2024-01-08", "CLE", "WAS"), game(2, "2024-01-11", "BKN", "CLE", **paris)]
    cleveland = games_of("CLE", *rows, game(3, "2024-01-15", "CHI", "CLE"))
    assert cleveland["travel_miles"].tolist() == pytest.approx([305, 3840, 3970], rel=0.02)
    assert values(cleveland["time_zones_crossed"]) == [0, 6, -6]
    assert values(cleveland["arena_time_zone"])[1] == "Europe/Paris"


def test_unknown_places_give_unknown_miles_and_never_zero() -> None:
    # Defect 13: a table of distances that could not be loaded made every trip 0 miles long.
    somewhere = {"arena_name": "Rod Laver Arena", "neutral_site_flag": True}
    rows = [game(1, "2024-01-08", "CLE", "WAS"), game(2, "2024-01-11", "BKN", "CLE", **somewhere)]
    rows += [game(3, "2024-01-15", "CHI", "CLE"), game(4, "2024-01-16", "CLE", "CHI")]
    cleveland = games_of("CLE", *rows, game(5, "2024-01-28", "CLE", "CHI"))
    assert cleveland["travel_miles"].isna().tolist() == [False, True, True, False, False]
    assert values(cleveland["travel_direction"])[1:3] == [None, None]
    # A sum with an unknown trip in it is unknown; 14 days later the unknown trips are out of the window.
    assert cleveland["miles_traveled_last_14_days"].isna().tolist() == [True, False, True, True, True]
    later = games_of("CLE", *rows, game(5, "2024-01-30", "CLE", "CHI"))
    assert later["miles_traveled_last_14_days"].iloc[-1] == pytest.approx(later["travel_miles"].iloc[3])


def test_rest_counts_games_that_are_not_final_yet() -> None:
    # Defect 4: the evening before the second night of a back-to-back, the first night is still to be played.
    rows = [game(1, "2024-01-08", "BOS", "NYK", **LOST), game(2, "2024-01-10", "BOS", "MIA", game_status=1)]
    boston = games_of("BOS", *rows, game(3, "2024-01-11", "BOS", "ORL", game_status=1)).loc["01-11"]
    assert boston["is_back_to_back"]
    assert (boston["team_days_rest"], boston["games_in_last_7_days"]) == (0, 2)
    # Its result is pending: results are those of the last final game.
    assert (boston["pending_games"], boston["last_game_margin"], boston["team_win_streak_entering"]) == (1, 11, 1)


@pytest.mark.parametrize(
    ("status", "postponed", "found"), [(1, None, 1), (2, None, 1), (3, None, 1), (1, "postponed", 3)]
)
def test_running_games_count_and_postponed_ones_do_not(status, postponed, found) -> None:
    # Defect 5: a game vanished while it was live.
    middle = game(2, "2024-01-10", "BOS", "MIA", game_status=status, postponed_status=postponed)
    boston = games_of("BOS", game(1, "2024-01-08", "BOS", "NYK"), middle, game(3, "2024-01-11", "BOS", "ORL"))
    assert boston.loc["01-11", "days_since_last_game"] == found
    assert len(boston) == (2 if postponed else 3)


def test_counters_and_streaks_reach_back_to_opening_night() -> None:
    # Defect 9: windows of 30 days cut counters and streaks; pre-season and All-Star games entered them.
    days = pd.date_range("2023-10-24", periods=40, freq="2D").strftime("%Y-%m-%d")
    rows = [game(n, day, "BOS", "NYK", **LOST) for n, day in enumerate(days)]
    rows.append(game(1, "2023-10-20", "BOS", "PHI", prefix="00123", **WON))
    rows.append(game(1, "2024-01-10", "BOS", "PHI", prefix="00323", **WON))
    rows.append(game(99, "2024-01-11", "BOS", "PHI"))
    rows.append(game(1, "2024-10-22", "BOS", "PHI", prefix="00224", game_status=1))
    boston = games_of("BOS", *rows)
    last = boston.loc["01-11"]
    assert (last["game_number_in_season"], last["team_win_streak_entering"], last["team_loss_streak_entering"]) == (
        41,
        40,
        0,
    )
    assert (last["wins"], last["losses"], last["win_pct"], last["days_since_last_game"]) == (40, 0, 1.0, 1)
    assert len(boston) == 42
    opener = boston.loc["10-22"]
    assert opener[["team_win_streak_entering", "wins", "losses", "games_in_last_14_days"]].tolist() == [0, 0, 0, 0]
    assert opener[["win_pct", "last_game_margin", "last_game_result", "days_since_last_game"]].isna().all()
    assert opener["game_number_in_season"] == 1
    assert not opener["is_back_to_back"]


def test_the_cup_final_counts_for_rest_and_form_but_has_no_number() -> None:
    rows = [game(1, "2023-12-07", "LAL", "NOP", **LOST), game(1, "2023-12-09", "IND", "LAL", prefix="00623", **WON)]
    lakers = games_of("LAL", *rows, game(2, "2023-12-10", "LAL", "DAL"))
    assert values(lakers["game_number_in_season"]) == [1, None, 2]
    assert values(lakers["is_back_to_back"]) == [False, False, True]
    assert values(lakers["team_win_streak_entering"]) == [0, 1, 2]
    # Who plays it is settled two days before: it is not ahead of the game that settles it.
    assert values(lakers["games_in_next_7_days"]) == [1, 1, 0]
    assert values(lakers["next_opponent_team_abbr"]) == ["DAL", "DAL", None]


def test_the_postseason_does_not_tell_beforehand_who_plays_on() -> None:
    rows = [game(1, "2024-04-14", "MIA", "PHI"), game(1, "2024-04-17", "MIA", "PHI", prefix="00523")]
    rows += [
        game(101, "2024-04-21", "MIA", "BOS", prefix="00423"),
        game(102, "2024-04-24", "MIA", "BOS", prefix="00423"),
    ]
    miami = games_of("MIA", *rows)
    assert values(miami["season_phase"]) == ["early", "play_in", "playoffs", "playoffs"]
    ahead = ["next_game_date", "next_game_days_rest", "next_opponent_team_abbr", "next_game_is_primetime"]
    assert miami[[*ahead, "next_opponent_win_pct", "opponent_next_game_days_rest"]].isna().all(axis=None)
    assert values(miami["games_in_next_7_days"]) == [0, None, None, None]
    assert values(miami["team_days_rest"]) == [None, 2, 3, 2]


def test_what_lies_ahead_comes_from_the_schedule_and_its_strength_from_results() -> None:
    rows = [game(1, "2024-01-01", "ORL", "CHI", **LOST), game(2, "2024-01-03", "CHI", "ORL", **LOST)]
    rows += [game(3, "2024-01-04", "ORL", "CHI", **LOST), game(4, "2024-01-05", "BOS", "MIA")]
    rows += [game(5, "2024-01-08", "BOS", "ORL", game_status=1, is_primetime=True)]
    boston = games_of("BOS", *rows).loc["01-05"]
    assert boston["next_game_date"] == pd.Timestamp("2024-01-08")
    assert boston[["next_opponent_team_abbr", "next_game_days_rest", "next_game_is_primetime"]].tolist() == [
        "ORL",
        2,
        True,
    ]
    assert boston["next_opponent_win_pct"] == pytest.approx(2 / 3)
    assert boston[["opponent_games_in_next_7_days", "games_in_next_7_days"]].tolist() == [0, 1]
    assert pd.isna(boston["opponent_next_game_days_rest"])


def test_results_before_the_date_in_order() -> None:
    scores = [WON, WON, LOST, LOST, LOST, WON]
    days = pd.date_range("2024-01-02", periods=6, freq="2D").strftime("%Y-%m-%d")
    boston = games_of(
        "BOS", *(game(n, day, "NYK", "BOS", **score) for n, (day, score) in enumerate(zip(days, scores, strict=True)))
    )
    assert values(boston["team_win_streak_entering"]) == [0, 1, 2, 0, 0, 0]
    assert values(boston["team_loss_streak_entering"]) == [0, 0, 0, 1, 2, 3]
    assert values(boston["last_game_margin"]) == [None, 10, 10, -11, -11, -11]
    assert values(boston["last_game_result"]) == [None, "W", "W", "L", "L", "L"]
    assert values(boston["win_pct"]) == [None, 1.0, 1.0, pytest.approx(2 / 3), 0.5, 0.4]


def test_a_final_game_without_scores_has_no_result() -> None:
    unknown = {"home_team_score": None, "away_team_score": None}
    rows = [game(1, "2024-01-02", "NYK", "BOS", **WON), game(2, "2024-01-04", "NYK", "BOS", **unknown)]
    boston = games_of("BOS", *rows, game(3, "2024-01-06", "NYK", "BOS")).loc["01-06"]
    assert boston[["last_game_margin", "wins", "losses", "pending_games"]].tolist() == [10, 1, 0, 1]


def test_phases_of_a_whole_season() -> None:
    days = [
        "2023-10-24",
        "2023-11-06",
        "2023-11-07",
        "2023-11-23",
        "2023-11-24",
        "2024-03-03",
        "2024-03-04",
        "2024-04-14",
    ]
    boston = games_of("BOS", *(game(n, day, "BOS", "NYK") for n, day in enumerate(days)))
    assert values(boston["days_into_season"]) == [0, 13, 14, 30, 31, 131, 132, 173]
    assert values(boston["early_season_flag"]) == [True, True] + [False] * 6
    assert values(boston["season_phase"]) == ["early"] * 4 + ["mid"] * 2 + ["late"] * 2


def test_a_schedule_that_stops_in_midwinter_does_not_say_what_is_late() -> None:
    days = ["2023-10-24", "2023-11-01", "2024-01-10"]
    boston = games_of("BOS", *(game(n, day, "BOS", "NYK") for n, day in enumerate(days)))
    assert values(boston["season_phase"]) == ["early", "early", None]


def test_a_season_without_regular_games_has_no_opening_night() -> None:
    boston = games_of("BOS", game(101, "2024-04-21", "MIA", "BOS", prefix="00423")).iloc[0]
    assert boston[["days_into_season", "early_season_flag"]].isna().all()
    assert boston["season_phase"] == "playoffs"


def test_local_time_is_that_of_the_arena() -> None:
    rows = [
        game(1, "2024-01-10", "BOS", "LAL", tipoff_at=moment("2024-01-11T03:30")),
        game(2, "2024-01-11", "BKN", "CLE", tipoff_at=moment("2024-01-11T19:00"), arena_name="Accor Arena"),
        game(3, "2024-01-12", "BOS", "LAL", tipoff_at=pd.NaT),
    ]
    assert values(games_of("BOS", *rows)["game_start_time_local"]) == ["19:30", None]
    assert values(games_of("BKN", *rows)["game_start_time_local"]) == ["20:00"]


def test_without_games_there_are_columns_and_no_rows() -> None:
    games = placed_games(game(1, "2024-01-10", "BOS", "LAL"))
    full, empty = team_schedule(games), team_schedule(games.iloc[:0])
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)
    assert results_entering(empty, games.iloc[:0]).columns.tolist() == results_entering(full, games).columns.tolist()


def test_rest_of_three_real_seasons_equals_a_plain_recomputation() -> None:
    games = with_places(real_schedule("schedule/results_*.parquet"))
    found = team_schedule(games)
    assert len(found) == 2 * len(games) == 7_886
    previous: dict = {}
    for row in found.itertuples():
        before = previous.get((row.season_year, row.team_abbr))
        days = None if before is None else (row.game_date - before).days
        assert (None if pd.isna(row.days_since_last_game) else row.days_since_last_game) == days
        assert row.is_back_to_back == (days == 1)
        previous[row.season_year, row.team_abbr] = row.game_date
    assert found["games_in_last_7_days"].max() <= 5
    # The file names no arena: every game at home, which is right for all but a handful of games a season.
    assert found["travel_miles"].between(0, 3_000).all()
    results = results_entering(found, games)
    assert results["pending_games"].eq(0).all()
    # Denver's title in 2023: 53 and 29, then 16 and 4; the row of the last game is from before it.
    denver = results[(found["team_abbr"] == "DEN") & (found["season_year"] == 2022)].iloc[-1]
    assert (denver["wins"], denver["losses"]) == (53 + 15, 29 + 4)


def test_a_real_schedule_asks_of_every_team_what_the_league_asks() -> None:
    found = team_schedule(with_places(real_schedule("schedule/*scheduleLeagueV2*.json.gz")))
    assert found[["travel_miles", "season_phase", "game_start_time_local"]].notna().all(axis=None)
    by_team = found.groupby("team_abbr").agg({"game_id": "size", "is_back_to_back": "sum", "travel_miles": "sum"})
    # Two games of each team hang on the cup and had no teams yet.
    assert by_team["game_id"].eq(80).all()
    assert by_team["is_back_to_back"].between(11, 16).all()
    assert by_team["travel_miles"].between(28_000, 56_000).all()
    overseas = found[found["travel_miles"] > 3_000].sort_values(["game_date", "team_abbr"])
    assert overseas["team_abbr"].tolist() == ["BKN", "CLE", "BKN", "CLE"]
    assert overseas["time_zones_crossed"].tolist() == [6, 6, -6, -6]
    assert found.loc[found["arena_time_zone"] == "America/Mexico_City", "game_id"].nunique() == 1
