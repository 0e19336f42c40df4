"""Box scores of one game and fetched rosters: exact minutes, starters, who did not play, and nobody lost."""

import copy
import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.fetch.nba_com_checks import check_game_log, check_play_by_play, check_schedule
from analytics_assets.raw.fetch.polite_http import UnexpectedAnswerError
from analytics_assets.raw.loaders.loaded_file import FileKind
from analytics_assets.raw.loaders.nba_com import UnreadableFileError, UnscheduledGameError, read_nba_com
from analytics_assets_tests.support.nba_com_answers import FIRST, Season, roster
from analytics_assets_tests.support.nba_com_files import NOW, load
from analytics_assets_tests.support.real_data import REAL_DATA, needs_real_data

DATES = {FIRST: date(2024, 1, 10)}
CUP_FINAL = "0062300001"


@pytest.fixture
def answer() -> dict:
    return copy.deepcopy(Season().box(FIRST))


def home_players(answer: dict) -> list[dict]:
    return answer["boxScoreTraditional"]["homeTeam"]["players"]


def test_a_box_score_gives_exact_minutes_starters_and_reasons_for_not_playing(tmp_path, answer):
    loaded = load(tmp_path, answer, game_dates=DATES)
    assert loaded.kind is FileKind.BOX_SCORE_V3
    assert loaded.rejected.empty
    assert loaded.skipped == {"team totals, which the team game log gives": 2}
    box = loaded.frames[NBAC_GAMEBOOK_PLAYER_STATS.name].set_index("player_lookup")
    assert set(box["game_id"]) == {"20240110_BOS_LAL"}
    assert set(box["team_abbr"]) == {"BOS", "LAL"}
    first = box.loc["lalplayer0"]
    assert (first["minutes"], first["starter"], first["points"], first["nba_player_id"]) == ("40:30", True, 13, 106)
    assert box["starter"].sum() == 10
    sat = box.loc["bjornoneilljroflal"]
    assert (sat["player_name"], sat["dnp_reason"]) == ("Björn O'Neill Jr. of LAL", "DNP - Coach's Decision")
    assert sat[["minutes", "points", "plus_minus"]].isna().all()
    registry = loaded.frames[PLAYER_REGISTRY.name].set_index("player_lookup")
    assert registry.loc["lalplayer0", "universal_player_id"] == "nba-106"
    assert NBAC_TEAM_BOXSCORE.name not in loaded.frames


def test_hostile_names_and_remarks_come_through_unharmed(tmp_path, answer):
    hostile = {'O\'Brien, "Ace"; DROP TABLE x': "obrienacedroptablex", "x" * 4000: "x" * 4000, "Ünal\u202eğ": "unalg"}
    for player, name in zip(home_players(answer), hostile, strict=False):
        player["firstName"], player["familyName"], player["comment"] = "", name, "beside playing time, so no reason"
    loaded = load(tmp_path, answer, game_dates=DATES)
    box = loaded.frames[NBAC_GAMEBOOK_PLAYER_STATS.name]
    assert set(hostile) <= set(box["player_name"])
    assert set(hostile.values()) <= set(box["player_lookup"])
    assert len(box) == 14
    assert box["dnp_reason"].notna().sum() == 2


def test_broken_players_are_rejected_one_by_one(tmp_path, answer):
    players = home_players(answer)
    players[0]["personId"] = None
    players[1]["statistics"]["assists"] = "many"
    players[2]["statistics"]["minutes"] = "half"
    players[3]["firstName"] = players[3]["familyName"] = " "
    players[4] = "nonsense"
    players[5]["personId"] = players[6]["personId"]
    loaded = load(tmp_path, answer, game_dates=DATES)
    assert loaded.rejected["row_number"].tolist() == [1, 2, 3, 4, 5, 6]
    assert loaded.rejected["reason"].tolist() == [
        *("missing_player", "not_a_number", "not_a_number", "missing_player", "missing_player", "duplicate_row"),
    ]
    assert len(loaded.frames[NBAC_GAMEBOOK_PLAYER_STATS.name]) == 14 - 6


def test_a_team_that_nobody_knows_loses_its_players_only(tmp_path, answer):
    answer["boxScoreTraditional"]["awayTeam"]["teamTricode"] = "XYZ"
    loaded = load(tmp_path, answer, game_dates=DATES)
    assert set(loaded.rejected["reason"]) == {"unknown_tricode"}
    assert len(loaded.rejected) == 7
    assert set(loaded.frames[NBAC_GAMEBOOK_PLAYER_STATS.name]["game_id"]) == {FIRST}


def test_the_date_comes_from_the_schedule(tmp_path, answer):
    with pytest.raises(UnscheduledGameError, match=f"does not hold game {FIRST}; load the schedule of its season"):
        load(tmp_path, answer)
    answer["boxScoreTraditional"]["gameId"] = "12"
    with pytest.raises(UnreadableFileError, match="'gameId' of 'boxScoreTraditional' is '12'"):
        load(tmp_path, answer)
    del answer["boxScoreTraditional"]["homeTeam"]
    with pytest.raises(UnreadableFileError, match="'boxScoreTraditional' lacks a team"):
        load(tmp_path, answer)


def test_the_final_of_the_cup_gives_its_team_lines_too(tmp_path, answer):
    answer["boxScoreTraditional"]["gameId"] = CUP_FINAL
    answer["boxScoreTraditional"]["homeTeam"]["statistics"]["turnovers"] += 3
    loaded = load(tmp_path, answer, game_dates={CUP_FINAL: date(2023, 12, 9)})
    teams = loaded.frames[NBAC_TEAM_BOXSCORE.name].set_index("team_abbr")
    assert teams["is_home"].to_dict() == {"LAL": True, "BOS": False}
    assert teams["points"].to_dict() == {"LAL": 73, "BOS": 72}
    assert teams["turnovers"].to_dict() == {"LAL": 15, "BOS": 12}
    assert loaded.skipped == {}


@pytest.mark.parametrize(
    ("fetched_at", "day"),
    [
        (datetime(2024, 1, 15, 16, 59, tzinfo=UTC), date(2024, 1, 15)),
        (datetime(2024, 1, 15, 17, 0, tzinfo=UTC), date(2024, 1, 16)),
        (datetime(2024, 1, 16, 4, 0, tzinfo=UTC), date(2024, 1, 16)),
        (datetime(2024, 7, 15, 15, 59, tzinfo=UTC), date(2024, 7, 15)),
    ],
)
def test_a_roster_counts_for_the_games_that_begin_after_it_was_read(tmp_path, fetched_at, day):
    path = tmp_path / "roster.json"
    path.write_text(json.dumps({"fetched_at": fetched_at.isoformat(), "response": roster(1610612747, "2023-24")}))
    rows = read_nba_com(path, now=NOW).frames[ESPN_TEAM_ROSTERS.name]
    assert set(rows["roster_date"].dt.date) == {day}
    assert (set(rows["season_year"]), set(rows["team_abbr"]), len(rows)) == ({2023}, {"LAL"}, 6)


def test_a_roster_of_no_known_day_is_refused(tmp_path):
    with pytest.raises(UnreadableFileError, match="a roster says nothing of its day"):
        load(tmp_path, roster(1610612747, "2023-24"))


@needs_real_data
def test_real_answers_pass_the_checks_and_parts_of_them_do_not():
    events = _real("nba_com_raw/playbyplayv3.json.gz")
    check_play_by_play(events, "0022400001")
    events["game"]["actions"].pop()
    with pytest.raises(UnexpectedAnswerError, match="the game is not over in it"):
        check_play_by_play(events, "0022400001")
    log = _real("nba_com_raw/test_endpoints_LeagueGameLog.json.gz")
    check_game_log(log, "2025-26", of_players=False)
    with pytest.raises(UnexpectedAnswerError, match="season that started in 2025"):
        check_game_log(log, "2024-25", of_players=False)
    log["resultSets"][0]["rowSet"].pop()
    with pytest.raises(UnexpectedAnswerError, match="only one team of 1 games"):
        check_game_log(log, "2025-26", of_players=False)
    check_schedule(_real("schedule/pbpstats_scheduleLeagueV2_2023-24.json.gz"), "2023-24")


def _real(name: str) -> dict:
    answer = json.loads(gzip.decompress(Path(REAL_DATA / name).read_bytes()))
    return answer.get("response", answer)
