"""NBA.com results and schedules: what each column becomes, every reason for rejecting a game."""

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.loaders.nba_com import FileKind, RejectReason
from analytics_assets_tests.support.nba_com_files import (
    Expected,
    assert_rejected,
    games,
    load,
    nulls,
    result,
    schedule_answer,
    scheduled,
)


def test_results(tmp_path: Path) -> None:
    final = result(GAME_ID="42100101", awayteamName="Los Angeles Clippers")
    loaded = load(tmp_path, [result(), final, result(GAME_ID="22200001", homeScore=None)])
    frame = games(loaded)
    assert loaded.kind is FileKind.RESULTS
    assert frame["game_id"].tolist() == ["0022100001", "0042100101", "0022200001"]
    assert frame["game_status"].tolist() == [3, 3, 1]
    assert frame["home_team_score"].fillna(-1).tolist() == [127, 127, -1]
    assert frame["away_team_score"].fillna(-1).tolist() == [104, 104, -1]
    assert frame["home_team_tricode"].tolist() == ["MIL"] * 3
    assert frame["away_team_tricode"].tolist() == ["BKN", "LAC", "BKN"]
    assert frame["season_year"].tolist() == [2021, 2021, 2022]
    assert frame["covered_game_types"].tolist() == [["playoffs", "regular"], ["playoffs", "regular"], ["regular"]]
    assert set(frame["data_source"]) == {"nba_com_results"}
    unknown = ["postponed_status", "tipoff_at", "arena_name", "arena_city", "neutral_site_flag", "is_primetime"]
    assert frame[unknown].isna().all(axis=None)


def test_rejected_results(tmp_path: Path) -> None:
    bad: list[Expected] = [
        (
            {"hometeamName": "Seattle SuperSonics"},
            RejectReason.UNKNOWN_TEAM_NAME,
            "HOMETEAMNAME is 'Seattle SuperSonics'",
        ),
        ({"awayteamName": None}, RejectReason.MISSING_TEAM, "AWAYTEAMNAME is empty"),
        ({"awayteamName": "Milwaukee Bucks"}, RejectReason.MALFORMED_MATCHUP, "both home and away"),
        ({"homeScore": "W"}, RejectReason.NOT_A_NUMBER, "HOMESCORE is 'W'"),
        ({"GAME_ID": "abc"}, RejectReason.MALFORMED_GAME_ID, "GAME_ID is 'abc'"),
        ({"GAME_DATE": "soon"}, RejectReason.MALFORMED_DATE, "GAME_DATE is 'soon'"),
        ({"GAME_DATE": "2026-12-01"}, RejectReason.DATE_BEYOND_TODAY, "GAME_DATE is '2026-12-01'"),
    ]
    rows = [result(GAME_ID="22100002"), *(result(**cells) for cells, _, _ in bad)]
    loaded = load(tmp_path, rows)
    assert games(loaded)["game_id"].tolist() == ["0022100002"]
    assert_rejected(loaded, rows, [(reason, detail) for _, reason, detail in bad])


def test_repeated_result(tmp_path: Path) -> None:
    loaded = load(tmp_path, [result(homeScore=1), result(homeScore=2)])
    assert games(loaded)["home_team_score"].tolist() == [2]
    assert loaded.rejected["reason"].tolist() == [RejectReason.DUPLICATE_ROW]


def test_schedule_game(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"response": schedule_answer(scheduled(isNeutral=False))})
    row = games(loaded).iloc[0]
    assert loaded.kind is FileKind.SCHEDULE
    assert (row["game_id"], row["season_year"], row["game_status"]) == ("0022300061", 2023, 3)
    assert row["game_date"] == pd.Timestamp("2023-10-24")
    assert row["tipoff_at"] == pd.Timestamp("2023-10-24T23:30:00Z")
    assert (row["home_team_tricode"], row["away_team_tricode"]) == ("DEN", "LAL")
    assert (row["home_team_score"], row["away_team_score"]) == (119, 107)
    assert (row["arena_name"], row["arena_city"]) == ("Ball Arena", "Denver")
    assert (row["neutral_site_flag"], row["is_primetime"]) == (False, True)
    assert row["covered_game_types"] == ["regular"]
    assert row["data_source"] == "nba_com_schedule"
    assert pd.isna(row["postponed_status"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"gameStatus": 1, "gameStatusText": "PPD"}, ("postponed", 1)),
        ({"gameStatus": 1, "gameStatusText": "Postponed"}, ("postponed", 1)),
        ({"gameStatus": 1, "gameStatusText": "Cancelled"}, ("cancelled", 1)),
        ({"gameStatus": 1, "postponedStatus": "Y", "gameStatusText": "7:30 pm ET"}, (None, 1)),
        ({"gameStatus": 1, "gameStatusText": None}, (None, 1)),
        ({"gameStatus": 2, "gameStatusText": "Q3 5:12"}, (None, 2)),
        ({"gameStatusText": "PPD"}, (None, 3)),
    ],
)
def test_postponed(tmp_path: Path, changes: dict[str, Any], expected: tuple[str | None, int]) -> None:
    row = games(load(tmp_path, schedule_answer(scheduled(**changes)))).iloc[0]
    assert (None if pd.isna(row["postponed_status"]) else row["postponed_status"], row["game_status"]) == expected
    assert pd.isna(row["home_team_score"]) == (expected[1] != 3)


def test_a_game_called_off_is_not_final(tmp_path: Path) -> None:
    called_off = scheduled(gameStatusText="PPD")
    called_off["homeTeam"] |= {"score": 0}
    called_off["awayTeam"] |= {"score": 0}
    row = games(load(tmp_path, schedule_answer(called_off))).iloc[0]
    assert (row["postponed_status"], row["game_status"]) == ("postponed", 1)
    assert nulls(row[["home_team_score", "away_team_score"]])


@pytest.mark.parametrize(
    ("changes", "tipoff"),
    [
        ({"gameStatusText": "TBD"}, None),
        ({"gameDateTimeUTC": "2023-10-24T04:00:00Z"}, None),
        ({"gameDateTimeUTC": ""}, None),
        ({"gameDateTimeUTC": "2023-10-24T19:30:00-04:00"}, "2023-10-24T23:30:00Z"),
    ],
)
def test_tipoffs(tmp_path: Path, changes: dict[str, Any], tipoff: str | None) -> None:
    found = games(load(tmp_path, schedule_answer(scheduled(**changes))))["tipoff_at"].iloc[0]
    assert pd.isna(found) if tipoff is None else found == pd.Timestamp(tipoff)


def test_primetime_is_unknown_where_no_game_lists_a_national_broadcaster(tmp_path: Path) -> None:
    shown = scheduled()
    listed_none = scheduled(gameId="0022300062", broadcasters={"nationalTvBroadcasters": []})
    says_nothing = scheduled(gameId="0022300063", broadcasters=None)
    earlier_name = scheduled(gameId="0022300064", broadcasters={"nationalBroadcasters": [{}]})
    frame = games(load(tmp_path, schedule_answer(shown, listed_none, says_nothing, earlier_name)))
    assert [None if pd.isna(flag) else flag for flag in frame["is_primetime"]] == [True, False, None, True]
    assert nulls(games(load(tmp_path, schedule_answer(listed_none)))["is_primetime"])


def test_unknown_sides_of_games_that_do_not_count_keep_their_code(tmp_path: Path) -> None:
    madrid = {"teamId": 93, "teamTricode": "RMD", "score": 0}
    preseason = scheduled(gameId="0012300012", homeTeam=madrid)
    all_star = scheduled(gameId="0032300001", awayTeam={"teamId": 5, "teamTricode": "WST", "score": 186})
    counted = scheduled(gameId="0022300063", homeTeam=madrid)
    loaded = load(tmp_path, schedule_answer(preseason, all_star, counted))
    assert games(loaded)["home_team_tricode"].tolist() == ["RMD", "DEN"]
    assert games(loaded)["away_team_tricode"].tolist() == ["LAL", "WST"]
    assert games(loaded)["covered_game_types"].tolist() == [["all_star", "preseason"]] * 2
    assert loaded.rejected["reason"].tolist() == [RejectReason.UNKNOWN_TRICODE]
    assert "homeTeam.teamTricode is 'RMD'" in loaded.rejected["detail"].iloc[0]


def test_rejected_schedule_games(tmp_path: Path) -> None:
    bad: list[tuple[Any, RejectReason]] = [
        (scheduled(awayTeam={"teamId": 1610612743, "teamTricode": "DEN"}), RejectReason.MALFORMED_MATCHUP),
        (scheduled(gameId="x"), RejectReason.MALFORMED_GAME_ID),
        (scheduled(gameDateEst="x"), RejectReason.MALFORMED_DATE),
        (scheduled(gameDateTimeUTC="evening"), RejectReason.MALFORMED_DATE),
        (scheduled(gameStatus="over"), RejectReason.NOT_A_NUMBER),
        (scheduled(gameStatus=4), RejectReason.NOT_A_NUMBER),
        (scheduled(homeTeam={"teamId": 1610612743, "teamTricode": "DEN", "score": "?"}), RejectReason.NOT_A_NUMBER),
        ({}, RejectReason.MALFORMED_GAME_ID),
        (None, RejectReason.MALFORMED_GAME_ID),
        (["odd"], RejectReason.MALFORMED_GAME_ID),
    ]
    rows = [scheduled(gameId="0022300062"), *(game for game, _ in bad)]
    loaded = load(tmp_path, schedule_answer(*rows))
    assert games(loaded)["game_id"].tolist() == ["0022300062"]
    assert_rejected(loaded, rows, [(reason, " is ") for _, reason in bad])


def test_schedule_looks_ahead_and_takes_the_groups_date(tmp_path: Path) -> None:
    ahead = scheduled(gameId="0022600001", gameDateEst="2026-10-20T00:00:00Z", gameStatus=1, isNeutral="odd")
    undated = copy.deepcopy(scheduled())
    del undated["gameDateEst"]
    loaded = load(tmp_path, schedule_answer(ahead, undated, scheduled()))
    assert games(loaded)["game_date"].tolist() == [pd.Timestamp("2026-10-20"), pd.Timestamp("2023-10-24")]
    assert nulls(games(loaded)["neutral_site_flag"])
    assert loaded.rejected[["row_number", "reason"]].iloc[0].tolist() == [2, RejectReason.DUPLICATE_ROW]


@pytest.mark.parametrize("side", [{"teamId": 0, "teamTricode": ""}, {"teamId": 0, "teamTricode": "TBD"}, None])
def test_a_game_whose_teams_are_not_known_stays_in_the_schedule(tmp_path: Path, side: dict[str, Any] | None) -> None:
    loaded = load(tmp_path, schedule_answer(scheduled(homeTeam=side, awayTeam=side, gameStatus=1)))
    assert games(loaded)[["home_team_tricode", "away_team_tricode"]].iloc[0].tolist() == ["TBD", "TBD"]
    assert loaded.rejected.empty
