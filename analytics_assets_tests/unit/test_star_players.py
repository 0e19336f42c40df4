"""Absences from literal reports: who counts as a star or a starter, who as a teammate, and what silence means."""

import pandas as pd
import pytest

from analytics_assets.stats.star_players import star_players, team_absences, teammate_absences, usual_starters

GAME = "20240120_BOS_LAL"
DAYS = [str(day.date()) for day in pd.date_range("2024-01-01", periods=12)]


def season(player: str, days: list[str], points: float | None = 20, minutes: float | None = 30.0, **more) -> list[dict]:
    """Games of one player for BOS in which he started."""
    row = {
        "player_lookup": player,
        "team_abbr": "BOS",
        "season_year": 2023,
        "played": True,
        "starter_flag": True,
        "points": points,
        "minutes_played": minutes,
        **more,
    }
    return [{**row, "game_date": pd.Timestamp(day)} for day in days]


def table(*seasons: list[dict]) -> pd.DataFrame:
    columns = ["player_lookup", "team_abbr", "season_year", "played", "starter_flag", "points", "minutes_played"]
    rows = pd.DataFrame([row for one in seasons for row in one], columns=[*columns, "game_date"])
    kinds = {"played": "boolean", "starter_flag": "boolean", "points": "Float64", "minutes_played": "float64"}
    return rows.astype({**kinds, "season_year": "Int64", "game_date": "datetime64[ns]"})


def asked(*players: str, team: str = "BOS", day: str = "2024-01-20", game_id: str = GAME) -> pd.DataFrame:
    """Rows to build, on an index of their own."""
    row = {"game_id": game_id, "team_abbr": team, "season_year": 2023, "game_date": pd.Timestamp(day)}
    return pd.DataFrame([{**row, "player_lookup": player} for player in players], index=range(5, 5 + len(players)))


def report(team: str = "BOS", game_id: str = GAME, **statuses: str) -> pd.DataFrame:
    rows = [
        {"game_id": game_id, "team_abbr": team, "player_lookup": player, "injury_status": status}
        for player, status in statuses.items()
    ]
    return pd.DataFrame(rows, columns=["game_id", "team_abbr", "player_lookup", "injury_status"])


@pytest.mark.parametrize(
    ("games", "points", "minutes", "star"),
    [
        (10, 18, 15.0, True),
        (10, 17.9, 15.0, False),
        (10, 12, 28.0, True),
        (10, 12, 27.9, False),
        (10, 11.9, 40.0, False),
        # Nine games are too few, whatever he did in them.
        (9, 40, 40.0, False),
        (10, 18, None, True),
        (10, None, 40.0, False),
    ],
)
def test_a_star_scores_eighteen_or_twelve_in_many_minutes_over_ten_games(games, points, minutes, star) -> None:
    history = table(season("ann", DAYS[:games], points, minutes))
    assert star_players(asked("ann"), history).tolist() == [star]


def test_stars_are_judged_by_their_last_ten_games_played_before_the_date() -> None:
    slow_start = season("ann", DAYS[:2], 0, 10.0)
    sat = season("ann", ["2024-01-13", "2024-01-14"], 0, 0.0, played=False, starter_flag=None)
    later = season("ann", ["2024-01-20", "2024-01-21"], 0, 10.0)
    last_season = season("bob", DAYS, 30, season_year=2022)
    history = table(slow_start, season("ann", DAYS[2:], 18), sat, later, last_season)
    assert star_players(asked("ann", "bob"), history).tolist() == [True, False]


def test_a_star_keeps_his_games_for_another_team() -> None:
    history = table(season("ann", DAYS[:6], 25, team_abbr="DEN"), season("ann", DAYS[6:], 25))
    assert star_players(asked("ann"), history).tolist() == [True]


def test_a_usual_starter_started_half_of_the_teams_last_ten_games() -> None:
    history = table(
        season("always", DAYS),
        season("half", DAYS[7:]),
        season("seldom", DAYS[8:]),
        season("early", DAYS[:6]),
        season("bench", DAYS, starter_flag=False),
        season("elsewhere", DAYS, team_abbr="DEN"),
    )
    players = asked("always", "half", "seldom", "early", "bench", "elsewhere")
    assert usual_starters(players, history).tolist() == [True, True, False, False, False, False]
    # After three games, those three count.
    early = asked("always", "half", "early", day="2024-01-04")
    assert usual_starters(early, history).tolist() == [True, False, True]


def test_games_that_do_not_say_who_started_are_not_among_the_ten() -> None:
    silent = season("always", DAYS[6:], starter_flag=None)
    history = table(season("always", DAYS[:6]), season("three", DAYS[3:6]), silent)
    assert usual_starters(asked("three"), history).tolist() == [True]
    assert usual_starters(asked("three"), table(silent)).tolist() == [False]


def test_counts_of_a_team_by_status_and_role() -> None:
    history = table(
        season("star", DAYS, 25),
        season("starter", DAYS, 8, 20.0),
        season("sixth", DAYS, 19, starter_flag=False),
        season("bench", DAYS, 4, 8.0, starter_flag=False),
    )
    statuses = pd.concat(
        [
            report(star="doubtful", starter="out", sixth="out", bench="out", unknown="questionable", ann="probable"),
            report(team="LAL", bob="out", cid="questionable"),
            report(game_id="20240121_BOS_DEN", dan="out"),
        ]
    )
    counts = team_absences(asked("star"), statuses, history)
    expected = pd.DataFrame(
        {
            "starters_out_count": [1],
            "starters_doubtful_count": [1],
            "star_players_out": [2],
            "questionable_players_count": [2],
        },
        index=[5],
        dtype="Int64",
    )
    pd.testing.assert_frame_equal(counts, expected)


def test_a_player_is_not_his_own_teammate() -> None:
    history = table(season("ann", DAYS, 25), season("bob", DAYS, 25), season("cid", DAYS, 25, team_abbr="LAL"))
    statuses = pd.concat(
        [
            report(ann="out", bob="out", dan="questionable", eve="doubtful", fay="probable"),
            report(team="LAL", cid="out"),
        ]
    )
    counts = teammate_absences(asked("ann", "dan", "gil"), statuses, history)
    expected = pd.DataFrame(
        {
            "star_teammates_out": [1, 2, 2],
            "questionable_teammates": [1, 0, 1],
            "probable_teammates": [1, 1, 1],
        },
        index=[5, 6, 7],
        dtype="Int64",
    )
    pd.testing.assert_frame_equal(counts, expected)


def test_without_a_report_of_the_game_every_count_is_null() -> None:
    history = table(season("ann", DAYS))
    elsewhere = report(game_id="20240121_BOS_DEN", ann="out")
    assert team_absences(asked("ann"), elsewhere, history).isna().all(axis=None)
    assert teammate_absences(asked("ann"), elsewhere, history).isna().all(axis=None)


def test_a_report_that_names_nobody_of_the_team_counts_zero() -> None:
    history = table(season("ann", DAYS))
    of_opponent = report(team="LAL", bob="out")
    assert team_absences(asked("ann"), of_opponent, history).loc[5].tolist() == [0, 0, 0, 0]
    assert teammate_absences(asked("ann"), of_opponent, history).loc[5].tolist() == [0, 0, 0]


def test_starters_out_are_unknown_while_no_game_of_the_season_says_who_started() -> None:
    last_season = season("ann", DAYS, season_year=2022)
    for history in (table(), table(last_season), table(season("ann", DAYS, starter_flag=None))):
        counts = team_absences(asked("ann"), report(ann="out"), history).loc[5]
        assert counts[["starters_out_count", "starters_doubtful_count"]].isna().all()
        assert counts["questionable_players_count"] == 0
