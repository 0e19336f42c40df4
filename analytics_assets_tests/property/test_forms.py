"""Forms and absences over random seasons, computed again in plain Python for every single target."""

import statistics

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.stats.player_form import player_form
from analytics_assets.stats.star_players import team_absences, teammate_absences
from analytics_assets.stats.team_form import team_form
from analytics_assets_tests.support.plain_forms import (
    NULL,
    assert_agrees,
    plain_means,
    plain_ratings,
    plain_rest,
    quotient,
)
from analytics_assets_tests.support.season_histories import earlier_games, known, random_histories

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 100_000)


@QUICK
@given(seed=seeds)
def test_player_form_equals_plain_python_over_the_games_he_played(seed) -> None:
    found = random_histories(seed)
    history = [row for row in found.players.to_dict("records") if row["played"] is True]
    form = player_form(found.targets, found.players).to_dict("records")
    for target, result in zip(found.targets.to_dict("records"), form, strict=True):
        rows = earlier_games(history, target, "player_lookup")
        days = [(target["game_date"] - row["game_date"]).days for row in rows]
        assert_agrees(result, {**plain_rest(days), **plain_means(rows, days, target)})


@QUICK
@given(seed=seeds)
def test_team_form_equals_plain_python_over_both_teams_games(seed) -> None:
    found = random_histories(seed)
    offense = found.offense.to_dict("records")
    defense = found.defense.rename(columns={"defending_team_abbr": "team_abbr"}).to_dict("records")
    form = team_form(found.targets, found.offense, found.defense).to_dict("records")
    for target, result in zip(found.targets.to_dict("records"), form, strict=True):
        sides = {}
        for side, column in (("team", "team_abbr"), ("opponent", "opponent_team_abbr")):
            asked = {**target, "team_abbr": target[column]}
            rows: dict = {}
            for row in [*earlier_games(offense, asked, "team_abbr"), *earlier_games(defense, asked, "team_abbr")]:
                game = rows.setdefault(row["game_date"], {})
                game.update({name: value for name, value in row.items() if pd.isna(game.get(name))})
            sides[side] = [rows[date] for date in sorted(rows)]
            for window, size in (("last_5", 5), ("last_10", 10), ("season", 100)):
                expected = plain_ratings(sides[side][-size:])
                assert_agrees(result, {f"{side}_{name}_{window}": value for name, value in expected.items()})
        own, other = sides["team"][-10:], sides["opponent"][-10:]
        assert_agrees(
            result,
            {
                "opponent_def_rating_last_10": plain_ratings(other)["defensive_rating"],
                "pace_differential": plain_ratings(own)["pace"] - plain_ratings(other)["pace"],
                "opponent_ft_rate_allowed": quotient(other, "opp_ft_attempts", "opp_fg_attempts"),
            },
        )
        dates = [row["game_date"] for row in own] or [None]
        shown = [result[name] for name in ("window_first_date", "window_last_date")]
        assert [None if pd.isna(date) else date for date in shown] == [dates[0], dates[-1]]


@QUICK
@given(seed=seeds)
def test_absences_equal_plain_python_over_report_and_history(seed) -> None:
    found = random_histories(seed)
    history = found.players.to_dict("records")
    reports = found.statuses.to_dict("records")
    of_team = team_absences(found.targets, found.statuses, found.players).to_dict("records")
    of_teammates = teammate_absences(found.targets, found.statuses, found.players).to_dict("records")
    for target, team, mates in zip(found.targets.to_dict("records"), of_team, of_teammates, strict=True):
        told = any(row["game_id"] == target["game_id"] for row in reports)
        listed = [row for row in reports if all(row[name] == target[name] for name in ("game_id", "team_abbr"))]
        expected_of_team = plain_team_absences(listed, target, history)
        expected_of_mates = plain_teammate_absences(listed, target, history)
        assert_agrees(team, expected_of_team if told else dict.fromkeys(expected_of_team, NULL))
        assert_agrees(mates, expected_of_mates if told else dict.fromkeys(expected_of_mates, NULL))


def plain_team_absences(listed: list[dict], target: dict, history: list[dict]) -> dict:
    starts = [row for row in earlier_games(history, target, "team_abbr") if row["starter_flag"] is True]
    dates = sorted({row["game_date"] for row in starts})[-10:]
    started = {
        row["player_lookup"]: sum(
            start["game_date"] in dates for start in starts if start["player_lookup"] == row["player_lookup"]
        )
        for row in listed
    }
    usual = {player for player, number in started.items() if dates and number >= len(dates) / 2}
    counts = {
        status: sum(row["injury_status"] == status and row["player_lookup"] in usual for row in listed)
        for status in ("out", "doubtful")
    }
    return {
        "starters_out_count": counts["out"] if dates else NULL,
        "starters_doubtful_count": counts["doubtful"] if dates else NULL,
        "star_players_out": sum(is_star(row, target, history) for row in listed if is_missing(row)),
        "questionable_players_count": sum(row["injury_status"] in ("questionable", "doubtful") for row in listed),
    }


def plain_teammate_absences(listed: list[dict], target: dict, history: list[dict]) -> dict:
    mates = [row for row in listed if row["player_lookup"] != target["player_lookup"]]
    return {
        "star_teammates_out": sum(is_star(row, target, history) for row in mates if is_missing(row)),
        "questionable_teammates": sum(row["injury_status"] == "questionable" for row in mates),
        "probable_teammates": sum(row["injury_status"] == "probable" for row in mates),
    }


def is_missing(row: dict) -> bool:
    return row["injury_status"] in ("out", "doubtful")


def is_star(row: dict, target: dict, history: list[dict]) -> bool:
    rows = earlier_games(history, {**target, "player_lookup": row["player_lookup"]}, "player_lookup")
    played = [game for game in rows if game["played"] is True]
    points, minutes = known(played[-10:], "points"), known(played[-10:], "minutes_played")
    if len(played) < 10 or not points:
        return False
    average = statistics.fmean(points)
    return average >= 18 or (average >= 12 and bool(minutes) and statistics.fmean(minutes) >= 28)
