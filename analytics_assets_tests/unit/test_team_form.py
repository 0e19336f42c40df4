"""Form of teams from literal games: ratios of sums, overtime, whose numbers, and games that one table lacks."""

import pandas as pd
import pytest

from analytics_assets.stats.team_form import team_form
from analytics_assets.tables.frames import empty_frame
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY


def game(team: str, day: str, scored: int, allowed: int, possessions: float | None = 100.0, **more) -> dict:
    """What both tables hold of a team's game."""
    row = {
        "game_id": f"{day}_{team}",
        "season_year": 2023,
        "game_date": pd.Timestamp(day),
        "team_abbr": team,
        "points_scored": scored,
        "points_allowed": allowed,
        "possessions": possessions,
        "overtime_periods": 0,
        "opp_ft_attempts": 20,
        "opp_fg_attempts": 80,
    }
    return {**row, **more}


def tables(*rows: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Offense and defense summaries in their declared dtypes, with the columns that form needs."""
    rows_of = {TEAM_OFFENSE_GAME_SUMMARY: "team_abbr", TEAM_DEFENSE_GAME_SUMMARY: "defending_team_abbr"}
    found = []
    for table, team in rows_of.items():
        dtypes = empty_frame(table).dtypes
        frame = pd.DataFrame(list(rows)).rename(columns={"team_abbr": team})
        frame = frame[[name for name in frame.columns if name in table.by_name]]
        found.append(frame.astype({name: dtypes[name] for name in frame.columns}))
    return found[0], found[1]


def entering(day: str, offense: pd.DataFrame, defense: pd.DataFrame, season: int = 2023) -> pd.Series:
    """Form of BOS against LAL on a day."""
    target = {"season_year": season, "game_date": pd.Timestamp(day), "team_abbr": "BOS", "opponent_team_abbr": "LAL"}
    return team_form(pd.DataFrame([target], index=[3]), offense, defense).loc[3]


def test_ratings_and_pace_are_ratios_of_sums_over_the_window() -> None:
    rows = [
        game("BOS", "2024-01-01", 120, 100, 100.0),
        game("BOS", "2024-01-03", 90, 99, 110.0, overtime_periods=1),
        game("LAL", "2024-01-02", 80, 120, 80.0),
    ]
    form = entering("2024-01-05", *tables(*rows))
    assert form["team_offensive_rating_last_5"] == pytest.approx(100 * 210 / 210)
    assert form["team_defensive_rating_last_5"] == pytest.approx(100 * 199 / 210)
    assert form["team_net_rating_last_10"] == pytest.approx(100 * 11 / 210)
    # 48 minutes and 53.
    assert form["team_pace_season"] == pytest.approx(48 * 210 / 101)
    assert form["opponent_offensive_rating_last_5"] == pytest.approx(100)
    assert form["opponent_def_rating_last_10"] == form["opponent_defensive_rating_last_10"] == pytest.approx(150)
    assert form["pace_differential"] == pytest.approx(48 * 210 / 101 - 80)
    assert (form["team_games_used_last_5"], form["opponent_games_used_season"]) == (2, 1)
    assert (form["window_first_date"], form["window_last_date"]) == (
        pd.Timestamp("2024-01-01"),
        pd.Timestamp("2024-01-03"),
    )


def test_windows_differ_by_their_number_of_games() -> None:
    days = pd.date_range("2024-01-01", periods=12)
    rows = [game("BOS", str(day.date()), 100 + number, 100) for number, day in enumerate(days)]
    form = entering("2024-02-01", *tables(*rows))
    ratings = form[[f"team_offensive_rating_{window}" for window in ("last_5", "last_10", "season")]]
    assert ratings.tolist() == pytest.approx([109.0, 106.5, 105.5])
    assert form[[f"team_games_used_{window}" for window in ("last_5", "last_10", "season")]].tolist() == [5, 10, 12]


def test_free_throw_rate_allowed_is_the_opponents_as_a_defense() -> None:
    rows = [
        game("BOS", "2024-01-01", 100, 100, opp_ft_attempts=40),
        game("LAL", "2024-01-01", 100, 100, opp_ft_attempts=10, opp_fg_attempts=90),
        game("LAL", "2024-01-03", 100, 100, opp_ft_attempts=24, opp_fg_attempts=80),
        # Unknown attempts leave the game out of both sums.
        game("LAL", "2024-01-04", 100, 100, opp_ft_attempts=None, opp_fg_attempts=85),
    ]
    assert entering("2024-01-05", *tables(*rows))["opponent_ft_rate_allowed"] == pytest.approx(34 / 170)


def test_equal_paces_differ_by_zero_which_is_not_null() -> None:
    rows = [game("BOS", "2024-01-01", 100, 100), game("LAL", "2024-01-01", 110, 100)]
    assert entering("2024-01-05", *tables(*rows))["pace_differential"] == 0


def test_first_game_of_a_season_has_null_windows_and_no_games_used() -> None:
    before = [game(team, "2023-05-01", 120, 100, season_year=2022) for team in ("BOS", "LAL")]
    today = [game(team, "2023-10-24", 120, 100) for team in ("BOS", "LAL")]
    form = entering("2023-10-24", *tables(*before, *today))
    used = [name for name in form.index if "games_used" in name]
    assert form[used].tolist() == [0] * 6
    assert form.drop(used).isna().all()


def test_a_game_that_one_table_lacks_enters_with_what_the_other_knows() -> None:
    offense, defense = tables(game("BOS", "2024-01-01", 120, 100), game("BOS", "2024-01-03", 90, 95, 90.0))
    form = entering("2024-01-05", offense[1:], defense)
    assert form["team_games_used_last_5"] == 2
    assert form["team_offensive_rating_last_5"] == pytest.approx(100)
    assert form["team_defensive_rating_last_5"] == pytest.approx(100 * 195 / 190)
    assert form["team_pace_last_5"] == pytest.approx(95)


def test_a_game_of_unknown_possessions_is_used_only_where_they_do_not_matter() -> None:
    rows = [game("BOS", "2024-01-01", 120, 100, None), game("LAL", "2024-01-01", 1, 1, None)]
    form = entering("2024-01-05", *tables(*rows, game("BOS", "2024-01-03", 90, 95, 100.0)))
    assert form["team_offensive_rating_last_5"] == pytest.approx(90)
    assert pd.isna(form["opponent_pace_last_10"])
    assert form["opponent_ft_rate_allowed"] == 0.25


def test_empty_tables_give_empty_windows() -> None:
    form = entering("2024-01-05", empty_frame(TEAM_OFFENSE_GAME_SUMMARY), empty_frame(TEAM_DEFENSE_GAME_SUMMARY))
    assert form["team_games_used_season"] == 0
    assert pd.isna(form["team_net_rating_season"])
