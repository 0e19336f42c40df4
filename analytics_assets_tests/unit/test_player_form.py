"""A player's form from literal games: what counts as a game, rest, load, streaks, splits, the start of a season."""

import pandas as pd
import pytest

from analytics_assets.stats.player_form import player_form, sample_quality
from analytics_assets.tables.frames import empty_frame
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY

COUNTS_OF_GAMES = [
    *("games_in_last_7_days", "games_in_last_14_days", "back_to_backs_last_14_days", "l5_games_used"),
    *("l10_games_used", "home_games_used_season", "away_games_used_season", "vs_opponent_games_used_season"),
]
SAID_WITHOUT_GAMES = [*COUNTS_OF_GAMES, "player_played_yesterday", "l5_sample_quality", "l10_sample_quality"]


def game(day: str, points: int | None = 20, minutes: float | None = 30.0, **more) -> dict:
    """A game of one player for BOS at home against LAL."""
    row = {
        "player_lookup": "ann",
        "season_year": 2023,
        "game_date": pd.Timestamp(day),
        "team_abbr": "BOS",
        "opponent_team_abbr": "LAL",
        "home_game": True,
        "played": True,
        "points": points,
        "minutes_played": minutes,
        "usage_rate": 25.0,
        "fg_makes": 5,
        "fg_attempts": 10,
        "starter_flag": True,
    }
    return {**row, **more}


def table(*rows: dict) -> pd.DataFrame:
    """The rows in the dtypes of the table, with the columns that only lineups tell left out."""
    kinds = {name: frame.dtype for name, frame in empty_frame(PLAYER_GAME_SUMMARY).items()}
    return pd.DataFrame(list(rows)).astype({name: kind for name, kind in kinds.items() if name in rows[0]})


def entering(day: str, *rows: dict, line: float | None = 20.5, season: int = 2023, **more) -> pd.Series:
    """The player's form on a day."""
    target = {
        "player_lookup": "ann",
        "season_year": season,
        "game_date": pd.Timestamp(day),
        "team_abbr": "BOS",
        "opponent_team_abbr": "LAL",
        "home_game": True,
        "points_line": line,
        **more,
    }
    targets = pd.DataFrame([target], index=[7]).astype({"points_line": "float64"})
    history = table(*rows) if rows else empty_frame(PLAYER_GAME_SUMMARY)
    form = player_form(targets, history)
    assert form.index.tolist() == [7]
    return form.loc[7]


def test_rest_counts_full_days_off_and_a_back_to_back_is_none() -> None:
    form = entering("2024-01-10", game("2024-01-05"), game("2024-01-07"), game("2024-01-09"))
    assert (form["days_since_last_game"], form["days_rest"], form["days_rest_before_last_game"]) == (1, 0, 1)
    assert form["player_played_yesterday"] == True  # noqa: E712 - a nullable boolean
    rested = entering("2024-01-12", game("2024-01-09"))
    assert (rested["days_since_last_game"], rested["days_rest"]) == (3, 2)
    assert rested["player_played_yesterday"] == False  # noqa: E712
    assert pd.isna(rested["days_rest_before_last_game"])


def test_two_full_days_off_need_a_gap_of_three_days_within_the_season() -> None:
    rows = [game("2024-01-01"), game("2024-01-04"), game("2024-01-06"), game("2024-01-08")]
    assert entering("2024-01-09", *rows)["days_since_2_plus_days_rest"] == 5
    # Two days between dates are one day off; the first game of a season follows no gap of the season.
    assert pd.isna(entering("2024-01-09", *rows[1:])["days_since_2_plus_days_rest"])


def test_days_windows_reach_from_the_seventh_day_before_to_yesterday() -> None:
    rows = [game("2024-01-02", minutes=10.0), game("2024-01-03", minutes=20.0), game("2024-01-09", minutes=33.5)]
    form = entering("2024-01-10", *rows)
    assert (form["games_in_last_7_days"], form["games_in_last_14_days"]) == (2, 3)
    assert (form["minutes_in_last_7_days"], form["minutes_in_last_14_days"]) == (53.5, 63.5)
    assert form["avg_minutes_per_game_last_7"] == 26.75


def test_a_load_of_no_games_is_null_and_one_with_unknown_minutes_too() -> None:
    form = entering("2024-01-10", game("2024-01-02"))
    assert form["games_in_last_7_days"] == 0
    assert pd.isna(form["minutes_in_last_7_days"])
    unknown = entering("2024-01-10", game("2024-01-08", minutes=None), game("2024-01-09", minutes=30.0))
    assert pd.isna(unknown["minutes_in_last_7_days"])
    assert unknown["avg_minutes_per_game_last_7"] == 30.0


def test_back_to_backs_are_pairs_with_both_dates_in_the_window() -> None:
    days = ["2024-01-01", "2024-01-02", "2024-01-06", "2024-01-07", "2024-01-08"]
    rows = [game(day) for day in days]
    assert entering("2024-01-15", *rows)["back_to_backs_last_14_days"] == 3
    assert entering("2024-01-16", *rows)["back_to_backs_last_14_days"] == 2
    assert entering("2024-01-21", *rows)["back_to_backs_last_14_days"] == 1


def test_games_he_did_not_play_never_enter() -> None:
    played = [game("2024-01-02", points=10), game("2024-01-06", points=20)]
    zeros = {"points": 0, "minutes": 0.0, "fg_makes": 0, "fg_attempts": 0, "usage_rate": 0.0, "played": False}
    sat = [game(day, **zeros) for day in ("2024-01-04", "2024-01-08", "2024-01-09")]
    pd.testing.assert_series_equal(entering("2024-01-10", *played, *sat), entering("2024-01-10", *played))
    # What a source cannot tell is no game either.
    unknown = game("2024-01-09", played=None)
    pd.testing.assert_series_equal(entering("2024-01-10", *played, unknown), entering("2024-01-10", *played))


def test_a_true_zero_stays_zero() -> None:
    scoreless = [game(day, points=0, usage_rate=0.0, fg_makes=0) for day in ("2024-01-08", "2024-01-09")]
    form = entering("2024-01-10", *scoreless, line=0.5)
    assert form[["points_avg_last_5", "projected_usage_rate", "shooting_pct_decline_last_5"]].tolist() == [0, 0, 0]
    assert (form["prop_over_streak"], form["prop_under_streak"]) == (0, 2)


def test_back_after_forty_days_he_has_his_last_ten_games_and_their_dates() -> None:
    days = pd.date_range("2023-11-01", periods=12, freq="2D")
    rows = [game(str(day), points=number) for number, day in enumerate(days)]
    back = days[-1] + pd.Timedelta(days=40)
    form = entering(str(back), *rows)
    assert (form["l10_games_used"], form["l10_sample_quality"]) == (10, "excellent")
    assert form["points_avg_last_10"] == sum(range(2, 12)) / 10
    assert (form["window_first_date"], form["window_last_date"]) == (days[2], days[-1])
    assert (form["games_in_last_14_days"], form["days_rest"]) == (0, 39)


def test_first_game_of_a_season_has_null_windows_whatever_the_season_before_was() -> None:
    before = [game(str(day), season_year=2022) for day in pd.date_range("2023-05-01", periods=15)]
    # A game on the day itself and later ones are not history.
    form = entering("2023-10-24", *before, game("2023-10-24"), game("2023-10-26"))
    assert form[COUNTS_OF_GAMES].tolist() == [0] * len(COUNTS_OF_GAMES)
    assert form["l5_sample_quality"] == form["l10_sample_quality"] == "insufficient"
    assert form["player_played_yesterday"] == False  # noqa: E712 - a nullable boolean
    assert form.drop(SAID_WITHOUT_GAMES).isna().all()
    pd.testing.assert_series_equal(form, entering("2023-10-24"))


def test_partial_windows_are_computed_on_what_exists_and_say_so() -> None:
    rows = [game(day, points=points) for day, points in (("2024-01-01", 10), ("2024-01-03", 16), ("2024-01-05", 13))]
    form = entering("2024-01-10", *rows)
    assert (form["points_avg_last_5"], form["points_avg_last_10"]) == (13, 13)
    assert (form["l5_games_used"], form["l10_games_used"]) == (3, 3)
    assert (form["l5_sample_quality"], form["l10_sample_quality"]) == ("limited", "insufficient")


@pytest.mark.parametrize(
    ("games", "wanted", "quality"),
    [
        *((10, 10, "excellent"), (9, 10, "good"), (7, 10, "good"), (6, 10, "limited"), (5, 10, "limited")),
        *((4, 10, "insufficient"), (0, 10, "insufficient"), (4, 5, "good"), (3, 5, "limited"), (2, 5, "insufficient")),
    ],
)
def test_sample_quality_by_share_of_the_window(games: int, wanted: int, quality: str) -> None:
    assert sample_quality(pd.Series([games], dtype="Int64"), wanted).tolist() == [quality]


def test_a_traded_player_keeps_his_history() -> None:
    rows = [game("2024-01-01", points=10), game("2024-01-03", points=30, team_abbr="DEN")]
    form = entering("2024-01-05", *rows, team_abbr="MIA", opponent_team_abbr="BOS")
    assert (form["points_avg_last_5"], form["l5_games_used"]) == (20, 2)


def test_streaks_are_against_todays_line_and_a_push_is_neutral() -> None:
    rows = [game(f"2024-01-0{day}", points=points) for day, points in enumerate((30, 10, 25, 20, None, 22), 1)]
    form = entering("2024-01-10", *rows, line=20.0)
    assert (form["prop_over_streak"], form["prop_under_streak"]) == (2, 0)
    higher = entering("2024-01-10", *rows, line=22.5)
    assert (higher["prop_over_streak"], higher["prop_under_streak"]) == (0, 2)
    without = entering("2024-01-10", *rows, line=None)
    assert without[["prop_over_streak", "prop_under_streak"]].isna().all()


def test_splits_by_venue_and_opponent_say_how_many_games_they_rest_on() -> None:
    rows = [
        game("2024-01-01", points=10),
        game("2024-01-03", points=20, home_game=False),
        game("2024-01-05", points=30, opponent_team_abbr="DEN"),
    ]
    form = entering("2024-01-10", *rows, opponent_team_abbr="DEN")
    assert (form["points_avg_home_season"], form["home_games_used_season"]) == (20, 2)
    assert (form["points_avg_away_season"], form["away_games_used_season"]) == (20, 1)
    assert (form["points_avg_vs_opponent_season"], form["vs_opponent_games_used_season"]) == (30, 1)


def test_shooting_decline_compares_ratios_of_sums() -> None:
    early = game("2024-01-01", fg_makes=8, fg_attempts=10)
    late = [game(f"2024-01-0{day}", fg_makes=day, fg_attempts=20) for day in range(2, 7)]
    form = entering("2024-01-10", early, *late)
    assert form["shooting_pct_decline_last_5"] == pytest.approx(28 / 110 - 20 / 100)


def test_minutes_trend_and_share_of_starts() -> None:
    rows = [
        game("2024-01-01", minutes=20.0, starter_flag=False),
        game("2024-01-02", minutes=26.0, starter_flag=None),
        game("2024-01-09", minutes=32.0),
    ]
    form = entering("2024-01-10", *rows)
    assert form["minutes_trend_last_10"] == pytest.approx(6.0)
    assert form["starter_share_last_10"] == 0.5
    assert pd.isna(entering("2024-01-10", *rows[:2])["minutes_trend_last_10"])


def test_what_only_lineups_tell_is_a_mean_where_known_and_null_where_the_columns_are_absent() -> None:
    names = ["fourth_quarter_minutes_last_7", "clutch_minutes_last_7_games", "fourth_quarter_production_last_7"]
    days = [f"2024-01-0{day}" for day in range(1, 10)]
    assert entering("2024-01-10", *(game(day) for day in days))[names].isna().all()
    told = [
        game(day, fourth_quarter_minutes=float(number), clutch_minutes=None, fourth_quarter_points=number)
        for number, day in enumerate(days)
    ]
    told[-1]["clutch_minutes"] = 2.5
    # The last seven of nine games: 2 ... 8.
    assert entering("2024-01-10", *told)[names].tolist() == [5.0, 2.5, 5.0]


def test_a_game_stored_twice_counts_once() -> None:
    rows = [game(f"2024-01-0{day}", points=10 + day) for day in (4, 6, 8, 9)]
    reversed_ids = [{**row, "game_id": "20240101_LAL_BOS"} for row in rows]
    form = entering("2024-01-10", *reversed_ids, *({**row, "game_id": "20240101_BOS_LAL"} for row in rows))
    assert (form["games_in_last_7_days"], form["minutes_in_last_7_days"], form["l5_games_used"]) == (4, 120.0, 4)
    pd.testing.assert_series_equal(form, entering("2024-01-10", *rows))
