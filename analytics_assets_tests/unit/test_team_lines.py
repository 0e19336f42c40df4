"""Raw team rows: kept, refused, superseded."""

import pytest

from analytics_assets.raw.declarations import NBAC_TEAM_BOXSCORE
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.raw.team_lines import TeamLines, interpret_team_rows
from analytics_assets_tests.support.raw_rows import moment, raw_frame, schedule_frame, schedule_row, team_rows

DAY = "2024-01-10"


def interpret(rows: list[dict]) -> TeamLines:
    games = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY))).games
    return interpret_team_rows(raw_frame(NBAC_TEAM_BOXSCORE, rows), games)


def test_both_teams_of_a_game_become_lines() -> None:
    found = interpret(team_rows(DAY))
    assert found.refused.empty
    assert found.lines.set_index("team_abbr")[["points", "turnovers"]].to_dict("index") == {
        "BOS": {"points": 72, "turnovers": 13},
        "LAL": {"points": 73, "turnovers": 13},
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"team_abbr": None}, "team_missing"),
        ({"team_abbr": "QQQ"}, "unknown_tricode"),
        ({"team_abbr": "MIA"}, "team_not_in_game"),
        ({"game_id": "20240110_BOS_MIA"}, "game_not_in_schedule"),
        ({"turnovers": -1}, "negative_count"),
        ({"fg_made": 49}, "more_made_than_attempted"),
    ],
)
def test_broken_team_row_is_refused_alone(changes: dict, reason: str) -> None:
    away, home = team_rows(DAY)
    found = interpret([{**away, **changes}, home])
    assert found.refused["reason"].tolist() == [reason]
    assert found.lines["team_abbr"].tolist() == ["LAL"]


def test_later_row_of_a_team_wins_under_any_spelling_of_the_game() -> None:
    away, home = team_rows(DAY)
    later = {**away, "game_id": "20240110_LAL_BOS", "turnovers": 20, "processed_at": moment("2024-02-01")}
    found = interpret([later, away, home])
    assert found.refused["reason"].tolist() == ["duplicate_superseded"]
    assert found.lines.set_index("team_abbr")["turnovers"].to_dict() == {"BOS": 20, "LAL": 13}
