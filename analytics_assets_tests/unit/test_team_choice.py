"""Which line each team of a game gets: the team box, its players' sums, or a problem."""

from collections.abc import Sequence

import pandas as pd
import pytest

from analytics_assets.raw.declarations import BOX_COUNTS, NBAC_GAMEBOOK_PLAYER_STATS, NBAC_TEAM_BOXSCORE
from analytics_assets.raw.player_lines import PlayerLines, interpret_player_rows
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.raw.source_choice import SOURCE_ORDER, choose_sources
from analytics_assets.raw.team_choice import TEAM_BOX, choose_team_lines, expected_teams
from analytics_assets.raw.team_lines import interpret_team_rows
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import box_rows, raw_frame, schedule_frame, schedule_row, team_rows

DAY = "2024-01-10"
DATES = pd.Series(pd.to_datetime([DAY]))
GAMEBOOK = NBAC_GAMEBOOK_PLAYER_STATS.name
NO_SCORE = {"home_team_score": None, "away_team_score": None}


def frame(table: Table, rows: Sequence[dict]) -> pd.DataFrame:
    return raw_frame(table, list(rows)) if rows else empty_frame(table)


def expect_and_choose(
    team_box: Sequence[dict], gamebook: Sequence[dict] = (), schedule: Sequence[dict] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``expected_teams`` and ``choose_team_lines`` by team."""
    games = interpret_schedule(schedule_frame(*(schedule or [schedule_row("0022300001", DAY)]))).games
    box = interpret_team_rows(frame(NBAC_TEAM_BOXSCORE, team_box), games)
    players = interpret_player_rows(frame(NBAC_GAMEBOOK_PLAYER_STATS, gamebook), GAMEBOOK, games)
    nothing = PlayerLines(players.lines.iloc[:0], players.refused.iloc[:0], players.unscheduled.iloc[:0])
    teams = expected_teams(games, DATES, box)
    chosen = choose_sources({name: players if name == GAMEBOOK else nothing for name in SOURCE_ORDER}, teams)
    return teams.set_index("team_abbr"), choose_team_lines(teams, box, chosen).set_index("team_abbr")


def changed(team: str, rows: Sequence[dict], **changes: object) -> list[dict]:
    return [{**row, **(changes if row["team_abbr"] == team else {})} for row in rows]


BOX, PLAYERS = team_rows(DAY), box_rows(DAY)
OF_LAL = [row for row in PLAYERS if row["team_abbr"] == "LAL"]


def test_both_sides_of_every_counted_game_are_expected_with_score_and_turnovers() -> None:
    schedule = [
        schedule_row("0022300001", DAY),
        schedule_row("0022300002", DAY, away="MIA", home="DEN", postponed_status="P"),
        schedule_row("0012300003", DAY, away="NYK", home="CHI"),
        schedule_row("0022300004", "2024-01-11", away="NYK", home="CHI"),
    ]
    teams, _ = expect_and_choose(BOX, schedule=schedule)
    names = ["opponent_team_abbr", "home_game", "team_score", "opponent_score"]
    names += ["team_box_turnovers", "opponent_box_turnovers", "game_id"]
    assert teams[names].T.to_dict("list") == {
        "LAL": ["BOS", True, 73, 72, 13, 13, "20240110_BOS_LAL"],
        "BOS": ["LAL", False, 72, 73, 13, 13, "20240110_BOS_LAL"],
    }


def test_official_lines_stand_in_for_a_score_that_the_schedule_does_not_have() -> None:
    schedule = [schedule_row("0022300001", DAY, **NO_SCORE)]
    teams, lines = expect_and_choose(BOX, PLAYERS, schedule)
    assert teams["team_score"].to_dict() == {"LAL": 73, "BOS": 72}
    assert teams["opponent_score"].to_dict() == {"LAL": 72, "BOS": 73}
    assert set(lines["source"]) == {TEAM_BOX}
    teams, lines = expect_and_choose([], PLAYERS, schedule)
    assert teams["team_score"].isna().all()
    assert lines["points"].to_dict() == {"LAL": 73, "BOS": 72}


def test_team_box_is_used_where_it_agrees_with_the_score_and_players_are_summed_beside_it() -> None:
    _, lines = expect_and_choose(BOX, PLAYERS)
    row = lines.loc["BOS"]
    assert (row["source"], row["players_source"], row["reconstructed"]) == (TEAM_BOX, GAMEBOOK, False)
    # Team turnovers are in the box only.
    assert (row["turnovers"], row["player_turnovers"], row["player_steals"]) == (13, 12, 6)
    assert (row["box_minutes"], row["player_minutes"]) == (240, 240)
    assert lines["problem"].isna().all()
    assert lines["rows_seen"].tolist() == [7, 7]


@pytest.mark.parametrize(
    "team_box",
    [
        # Points contradict the score, whatever else the row says.
        changed("BOS", BOX, points=71, minutes="265:00"),
        # Spec 2.3 #4: the other team's row does not cover the game.
        [row for row in BOX if row["team_abbr"] == "LAL"],
        changed("BOS", BOX, turnovers=None),
        changed("BOS", BOX, fg_made=50),
        # True shooting of 72 / (2 (15 + 0.44 * 12)) = 1.78, more than all shots made can give.
        changed("BOS", BOX, fg_attempted=15, fg_made=15, three_pt_attempted=10, three_pt_made=10),
        changed("BOS", BOX, team_abbr="QQQ"),
    ],
    ids=["contradicts", "absent", "incomplete", "impossible", "beyond shooting", "unknown team"],
)
def test_team_whose_box_cannot_be_used_is_the_sum_of_its_players_and_the_other_keeps_its_box(team_box) -> None:
    teams, lines = expect_and_choose(team_box, PLAYERS)
    assert lines["source"].to_dict() == {"LAL": TEAM_BOX, "BOS": GAMEBOOK}
    assert lines["reconstructed"].to_dict() == {"LAL": False, "BOS": True}
    row = lines.loc["BOS"]
    assert (row["points"], row["fg_attempted"], row["turnovers"], row["player_minutes"]) == (72, 48, 12, 240)
    # Nothing of a box that is not used goes on: neither its minutes nor its turnovers.
    assert pd.isna(row["box_minutes"])
    assert pd.isna(teams.at["BOS", "team_box_turnovers"])
    assert teams.at["LAL", "team_box_turnovers"] == 13
    assert lines["problem"].isna().all()
    assert not lines["faulty"].any()


def test_team_that_nobody_has_is_a_problem_of_that_team_with_every_reason() -> None:
    _, lines = expect_and_choose([row for row in BOX if row["team_abbr"] == "LAL"], OF_LAL)
    row = lines.loc["BOS"]
    assert pd.isna(row["source"])
    assert row["problem"] == "nbac_team_boxscore: no row; no player rows"
    assert (row["faulty"], row["rows_seen"], row["reconstructed"]) == (False, 0, False)
    assert lines.at["LAL", "source"] == TEAM_BOX


@pytest.mark.parametrize(
    ("team_box", "gamebook", "told"),
    [
        (changed("BOS", BOX, points=71), OF_LAL, "nbac_team_boxscore: points 71 contradict the score 72"),
        (changed("BOS", BOX, turnovers=-1), OF_LAL, "nbac_team_boxscore: a row broke a rule"),
        # Neither adds up: players' sums must agree with the score as the box must.
        (changed("BOS", BOX, points=71), changed("BOS", PLAYERS, points=13, ft_made=3, ft_attempted=3), "add up to 78"),
    ],
)
def test_broken_rows_that_leave_a_team_without_a_line_are_a_fault(team_box, gamebook, told: str) -> None:
    _, lines = expect_and_choose(team_box, gamebook)
    row = lines.loc["BOS"]
    assert pd.isna(row["source"])
    assert told in row["problem"]
    assert row["faulty"]


def test_box_that_lacks_a_count_says_which_one() -> None:
    _, lines = expect_and_choose(changed("BOS", BOX, turnovers=None, offensive_rebounds=None), OF_LAL)
    told = "nbac_team_boxscore: without offensive_rebounds turnovers; no player rows"
    assert (lines.at["BOS", "problem"], lines.at["BOS", "faulty"]) == (told, False)


def test_count_that_only_defense_needs_may_be_missing_and_stays_null() -> None:
    # Spec 2.3 #2: a number that is not there is neither zero nor taken from elsewhere.
    _, lines = expect_and_choose(changed("BOS", BOX, steals=None), PLAYERS)
    assert lines.at["BOS", "source"] == TEAM_BOX
    assert pd.isna(lines.at["BOS", "steals"])
    assert lines.at["BOS", "player_steals"] == 6


def test_players_sum_is_unknown_as_soon_as_one_number_is() -> None:
    gamebook = [dict(row) for row in PLAYERS]
    gamebook[0] |= {"steals": None, "minutes": None}
    _, lines = expect_and_choose(changed("BOS", BOX, points=71), gamebook)
    row = lines.loc["BOS"]
    assert (row["source"], row["points"]) == (GAMEBOOK, 72)
    assert row[["steals", "player_minutes"]].isna().all()
    assert row["blocks"] == 6


def test_players_who_did_not_play_add_nothing() -> None:
    bench = {**PLAYERS[0], "player_lookup": "bench", "player_status": "inactive", "minutes": None}
    _, lines = expect_and_choose([], [*PLAYERS, {**bench, **dict.fromkeys(BOX_COUNTS)}])
    assert lines["fg_attempted"].to_dict() == {"LAL": 48, "BOS": 48}


def test_no_games_have_no_teams() -> None:
    teams, lines = expect_and_choose([], schedule=[schedule_row("0022300001", "2024-01-11")])
    assert teams.empty
    assert lines.empty
