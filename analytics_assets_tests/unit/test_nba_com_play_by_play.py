"""NBA.com play-by-play of one game, live and version 3: what each field becomes, every reason for rejecting."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import NBAC_PLAY_BY_PLAY, NBAC_SCHEDULE
from analytics_assets.raw.loaders.load import load_nba_com
from analytics_assets.raw.loaders.nba_com import FileKind, RejectReason, UnreadableFileError, UnscheduledGameError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.nba_com_files import NOW, assert_rejected, load, nulls, schedule_answer, scheduled
from analytics_assets_tests.support.play_by_play_files import (
    DAVIS,
    GAME_DATES,
    JAMES,
    JOKIC,
    LAL,
    MURRAY,
    OF_LAL,
    OF_LAL_3,
    answer,
    events,
    live,
    shot,
    shot_3,
    told,
    version_3,
)


def test_live_shots_fouls_and_free_throws(tmp_path: Path) -> None:
    basket = live(
        1,
        "2pt",
        subType="Hook",
        descriptor="turnaround",
        qualifiers=["pointsinthepaint", "2ndchance"],
        shotResult="Made",
        shotDistance=5.57,
        area="In The Paint (Non-RA)",
        x=11.5,
        y=49.75,
        assistPersonId=MURRAY,
        scoreHome="2",
    )
    foul = live(2, "foul", subType="personal", descriptor="shooting", foulDrawnPersonId=JOKIC, **OF_LAL)
    free_throw = live(3, "freethrow", subType="1 of 1", shotResult="Missed", scoreHome="2")
    technical = live(4, "freethrow", subType="1 of 1", descriptor="technical", shotResult="Made", scoreHome="3")
    blocked = live(5, "3pt", subType="Jump Shot", shotResult="Missed", blockPersonId=JOKIC, shotDistance=24.1, **OF_LAL)
    stolen = live(6, "turnover", subType="out-of-bounds", descriptor="bad pass", stealPersonId=MURRAY, **OF_LAL)
    loaded = load(tmp_path, answer(basket, foul, free_throw, technical, blocked, stolen))
    frame = events(loaded)
    assert loaded.kind is FileKind.LIVE_PLAY_BY_PLAY
    assert loaded.rejected.empty
    # 02:40 UTC is the evening before in New York.
    assert set(frame["game_id"]) == {"20231024_LAL_DEN"}
    assert set(frame["nba_game_id"]) == {"0022300061"}
    assert set(frame["season_year"]) == {2023}
    assert frame["event_order"].tolist() == [10000, 20000, 30000, 40000, 50000, 60000]
    assert frame["seconds_remaining"].tolist() == [702.5] * 6
    assert frame["home_score"].tolist() == [2, 0, 2, 3, 0, 0]
    assert frame["event_type"].tolist() == ["2pt", "foul", "freethrow", "freethrow", "3pt", "turnover"]
    kinds = ["turnaround hook", "shooting", "1 of 1", "technical", "jump shot", "bad pass out-of-bounds"]
    assert frame["event_sub_type"].tolist() == kinds
    assert told(frame["shot_type"]) == ["2PT", None, None, None, "3PT", None]
    assert told(frame["shot_made"]) == [True, None, False, True, False, None]
    assert told(frame["shot_distance"]) == [5.57, None, None, None, 24.1, None]
    assert told(frame["player_2_role"]) == ["assist", "foul_drawn", None, None, "block", "steal"]
    assert told(frame["player_2_id"]) == [MURRAY, JOKIC, None, None, JOKIC, MURRAY]
    assert frame["qualifiers"].tolist() == [["pointsinthepaint", "2ndchance"], [], [], [], [], []]
    assert frame.loc[0, ["shot_area", "x", "y"]].tolist() == ["In The Paint (Non-RA)", 11.5, 49.75]
    assert nulls(frame["players_on_court"])


@pytest.mark.parametrize(
    ("sub_type", "descriptor", "kind"),
    [
        ("personal", None, "personal"),
        ("personal", "loose ball", "loose ball"),
        ("offensive", "charge", "offensive"),
        ("technical", "defensive-3-second", "technical"),
    ],
)
def test_live_fouls(tmp_path: Path, sub_type: str, descriptor: str | None, kind: str) -> None:
    frame = events(load(tmp_path, answer(live(1, "foul", subType=sub_type, descriptor=descriptor))))
    assert frame["event_sub_type"].tolist() == [kind]


def test_live_rebounds_and_events_of_teams(tmp_path: Path) -> None:
    team = {"personId": 0, "qualifiers": ["team"]}
    actions = [
        live(1, "rebound", subType="offensive"),
        live(2, "rebound", subType="defensive", **team),
        live(3, "rebound", subType="offensive", personId=0, qualifiers=["deadball", "team"]),
        live(4, "timeout", subType="full", teamTricode=None, personId=LAL, teamId=LAL),
        live(5, "game", subType="end", teamTricode=None, teamId=None, personId=0, clock="PT00M00.00S", qualifiers=None),
    ]
    frame = events(load(tmp_path, answer(*actions)))
    assert told(frame["rebound_type"]) == ["offensive", "defensive", None, None, None]
    assert told(frame["player_1_id"]) == [JOKIC, None, None, None, None]
    assert told(frame["player_1_team_abbr"]) == ["DEN", "DEN", "DEN", "LAL", None]
    assert frame["qualifiers"].tolist()[-1] == []


def test_home_is_told_by_the_score_or_not_at_all(tmp_path: Path) -> None:
    start = live(1, "period", teamTricode=None, teamId=None, personId=0)
    visitors = live(2, "3pt", shotResult="Made", scoreAway="3")
    hosts = live(3, "2pt", shotResult="Made", scoreHome="2", scoreAway="3", **OF_LAL)
    contradiction = live(4, "2pt", shotResult="Made", scoreHome="4", scoreAway="3")
    nobody_scored = [start, live(2, "2pt", shotResult="Missed"), live(3, "rebound", **OF_LAL)]
    cases: list[tuple[list[Any], str]] = [
        ([start, visitors, hosts], "20231024_DEN_LAL"),
        ([start, visitors, live(3, "rebound", **OF_LAL)], "20231024_DEN_LAL"),
        (nobody_scored, "0022300061"),
        ([start, visitors], "0022300061"),
        ([start, visitors, hosts, contradiction], "0022300061"),
        ([start, visitors, hosts, live(4, "rebound", teamTricode="BOS")], "0022300061"),
    ]
    for actions, game_id in cases:
        assert set(events(load(tmp_path, answer(*actions)))["game_id"]) == {game_id}


def test_live_date_is_that_of_the_first_action(tmp_path: Path) -> None:
    after_midnight = live(2, "rebound", timeActual="2023-10-25T04:30:00Z")
    frame = events(load(tmp_path, answer(live(1, "rebound"), after_midnight, live(3, "rebound", timeActual=None))))
    assert set(frame["game_date"]) == {pd.Timestamp("2023-10-24")}


def test_rejected_live_actions(tmp_path: Path) -> None:
    bad: list[tuple[Any, RejectReason, str]] = [
        (live(2, "rebound", clock="11:42"), RejectReason.MALFORMED_CLOCK, "clock is '11:42'"),
        (live(3, "rebound", clock=None), RejectReason.MALFORMED_CLOCK, "clock is empty"),
        (live(4, "rebound", period=0), RejectReason.NOT_A_NUMBER, "period is '0'"),
        (live(5, "rebound", orderNumber=None), RejectReason.NOT_A_NUMBER, "orderNumber is empty"),
        (live(6, "rebound", teamTricode="SEA"), RejectReason.UNKNOWN_TRICODE, "teamTricode is 'SEA'"),
        (live(7, "2pt", teamTricode=None, teamId=0, shotResult="Made"), RejectReason.MISSING_TEAM, "teamTricode"),
        (live(8, "3pt", shotResult="good"), RejectReason.MISSING_RESULT, "shotResult is 'good'"),
        (live(9, "freethrow"), RejectReason.MISSING_RESULT, "shotResult is empty"),
        (live(10, "rebound", scoreHome="two"), RejectReason.NOT_A_NUMBER, "scoreHome is 'two'"),
        (live(11, "2pt", shotResult="Made", assistPersonId="x"), RejectReason.NOT_A_NUMBER, "assistPersonId is 'x'"),
        ("no action", RejectReason.NOT_A_NUMBER, "orderNumber is empty"),
        (live(13, "2pt", shotResult="Made", shotDistance="far"), RejectReason.NOT_A_NUMBER, "shotDistance is 'far'"),
        (live(14, "rebound"), RejectReason.DUPLICATE_ROW, "orderNumber is '140000'"),
    ]
    rows = [live(1, "rebound"), *(row for row, _, _ in bad)]
    loaded = load(tmp_path, answer(*rows, live(14, "steal")))
    assert events(loaded)["event_type"].tolist() == ["rebound", "steal"]
    assert_rejected(loaded, rows, [(reason, detail) for _, reason, detail in bad])


def test_live_game_without_a_date_or_from_the_future(tmp_path: Path) -> None:
    undated = load(tmp_path, answer(live(1, "rebound", timeActual="soon")))
    assert undated.rejected["reason"].tolist() == [RejectReason.MALFORMED_DATE]
    future = load(tmp_path, answer(live(1, "rebound", timeActual="2027-01-01T00:00:00Z")))
    assert future.rejected["reason"].tolist() == [RejectReason.DATE_BEYOND_TODAY]


def test_answers_without_actions_or_game(tmp_path: Path) -> None:
    assert events(load(tmp_path, answer())).empty
    for content, says in (
        (answer(live(1, "rebound"), game_id=None), "'gameId' of 'game' is None"),
        (answer(live(1, "rebound"), game_id="12345678901"), "'gameId' of 'game' is '12345678901'"),
        ({"game": {"gameId": "0022300061", "actions": {}}}, "'actions' of 'game' is no list"),
    ):
        with pytest.raises(UnreadableFileError, match=says):
            load(tmp_path, content)


def test_version_3(tmp_path: Path) -> None:
    actions = [
        version_3(
            1, "period", "Start of 1st Period", teamId=0, teamTricode="", personId=0, scoreHome="0", scoreAway="0"
        ),
        shot_3(2, "MISS Jokic 3' Hook Shot", made=False, shotDistance=3, xLegacy=10, yLegacy=20),
        version_3(3, "", "Davis BLOCK (1 BLK)", actionNumber=2, **(OF_LAL_3 | {"personId": DAVIS, "shotValue": 2})),
        shot_3(
            4,
            "Murray 27' 3PT Jump Shot (3 PTS) (Jokic 1 AST)",
            made=True,
            shotValue=3,
            personId=MURRAY,
            playerName="Murray",
            scoreHome="3",
            scoreAway="0",
        ),
        version_3(5, "Turnover", "James Bad Pass Turnover", subType="Bad Pass", **OF_LAL_3),
        version_3(6, "", "Murray STEAL (1 STL)", actionNumber=5, personId=MURRAY, playerName="Murray"),
        version_3(7, "Foul", "James S.FOUL (P1.T1) (R.Acosta)", subType="Shooting", **OF_LAL_3),
        version_3(8, "Free Throw", "Jokić Free Throw 1 of 1 (4 PTS)", subType="Free Throw 1 of 1", scoreHome="4"),
        version_3(9, "Free Throw", "MISS James Free Throw Technical", subType="Free Throw Technical", **OF_LAL_3),
        version_3(10, "Timeout", "Lakers Timeout", subType="Regular", teamId=0, teamTricode="", personId=LAL),
    ]
    loaded = load(tmp_path, answer(*actions), game_dates=GAME_DATES)
    frame = events(loaded)
    assert loaded.kind is FileKind.PLAY_BY_PLAY_V3
    assert loaded.rejected.empty
    assert set(frame["game_id"]) == {"20231024_LAL_DEN"}
    assert frame["event_order"].tolist() == list(range(1, 11))
    kinds = ["period", "missed shot", "block", "made shot", "turnover", "steal", "foul", *["free throw"] * 2, "timeout"]
    assert frame["event_type"].tolist() == kinds
    sub_types = [
        "start",
        "jump shot",
        None,
        "jump shot",
        "bad pass",
        None,
        "shooting",
        "1 of 1",
        "technical",
        "regular",
    ]
    assert told(frame["event_sub_type"])[1:] == sub_types[1:]
    assert told(frame["shot_type"]) == [None, "2PT", None, "3PT", *[None] * 6]
    assert told(frame["shot_made"]) == [None, False, None, True, None, None, None, True, False, None]
    # Zero on a shot is a distance, on anything else nothing.
    assert told(frame["shot_distance"]) == [None, 3, None, 0, *[None] * 6]
    assert told(frame["player_2_role"]) == [None, "block", None, "assist", "steal", *[None] * 5]
    assert told(frame["player_2_id"]) == [None, DAVIS, None, JOKIC, MURRAY, *[None] * 5]
    # Scores are written only where they change; between, the last one holds.
    assert frame["home_score"].tolist() == [0, 0, 0, 3, 3, 3, 3, 4, 4, 4]
    assert told(frame["player_1_id"])[-1] is None
    assert frame["player_1_team_abbr"].tolist()[-1] == "LAL"
    assert nulls(frame["qualifiers"])


def test_version_3_rebounds(tmp_path: Path) -> None:
    def free_throw(order: int, sub_type: str) -> dict[str, Any]:
        return version_3(order, "Free Throw", f"MISS Jokić {sub_type}", subType=sub_type)

    of_team = {"teamId": 0, "teamTricode": "", "subType": "Unknown", "playerName": ""}
    lakers, nuggets = of_team | {"personId": LAL, "location": "v"}, of_team | {"personId": 1610612743}
    actions = [
        shot_3(1, "MISS Jokić Layup", made=False),
        version_3(2, "Rebound", "James REBOUND (Off:0 Def:1)", subType="Unknown", **OF_LAL_3),
        shot_3(3, "MISS Jokić Layup", made=False),
        version_3(4, "Rebound", "Nuggets Rebound", **nuggets),
        free_throw(5, "Free Throw 1 of 2"),
        version_3(6, "Rebound", "Nuggets Rebound", **nuggets),
        free_throw(7, "Free Throw 2 of 2"),
        version_3(8, "Rebound", "Lakers Rebound", **lakers),
        free_throw(9, "Free Throw Technical"),
        version_3(10, "Rebound", "Nuggets Rebound", **nuggets),
        free_throw(11, "Free Throw Flagrant 2 of 2"),
        version_3(12, "Rebound", "Nuggets Rebound", **nuggets),
        version_3(13, "Rebound", "Nuggets Rebound", **(nuggets | {"period": 2})),
    ]
    frame = events(load(tmp_path, answer(*actions), game_dates=GAME_DATES))
    rebounds = frame[frame["event_type"] == "rebound"]
    assert told(rebounds["rebound_type"]) == ["defensive", "offensive", None, "defensive", None, None, None]


def test_version_3_namesakes_leave_the_assister_open(tmp_path: Path) -> None:
    twin = {"personId": 1, "playerName": "Jokić", "playerNameI": "S. Jokić"}
    murray = {"personId": MURRAY, "playerName": "Murray", "playerNameI": "J. Murray"}
    actions = [
        version_3(1, "Rebound", "Jokić REBOUND"),
        version_3(2, "Rebound", "Jokić REBOUND", **twin),
        version_3(3, "Rebound", "Jokić REBOUND", **(OF_LAL_3 | {"playerName": "Porter Jr."})),
        shot_3(4, "Murray Layup (2 PTS) (Jokić 1 AST)", made=True, **murray),
        shot_3(5, "Murray Layup (4 PTS) (S. Jokić 1 AST)", made=True, **murray),
        shot_3(6, "Murray Layup (6 PTS) (Porter Jr. 1 AST)", made=True, **murray),
    ]
    frame = events(load(tmp_path, answer(*actions), game_dates=GAME_DATES))
    assert told(frame["player_2_role"]) == [None, None, None, *["assist"] * 3]
    # Porter is told only for the other team.
    assert told(frame["player_2_id"]) == [None, None, None, None, 1, None]


def test_version_3_officials_of_a_replay_are_no_players(tmp_path: Path) -> None:
    # The official's number happens to be the id of a player who retired long ago, so the feed adds his name.
    official = {"personId": 287, "playerName": "Leckner", "teamId": 0, "teamTricode": "", "location": ""}
    actions = [version_3(1, "Rebound"), version_3(2, "Instant Replay", subType="Replay Center", **official)]
    frame = events(load(tmp_path, answer(*actions), game_dates=GAME_DATES))
    assert told(frame["player_1_id"]) == [JOKIC, None]


def test_version_3_needs_the_schedule(tmp_path: Path) -> None:
    content = answer(version_3(1, "Rebound"))
    for game_dates in (None, {"0022300062": date(2023, 10, 24)}):
        with pytest.raises(UnscheduledGameError, match=r"game 0022300061; load the schedule of its season first"):
            load(tmp_path, content, game_dates=game_dates)


def test_version_3_without_both_sides_keeps_the_nba_id(tmp_path: Path) -> None:
    frame = events(load(tmp_path, answer(version_3(1, "Rebound")), game_dates=GAME_DATES))
    assert frame["game_id"].tolist() == ["0022300061"]


def test_rejected_version_3_actions(tmp_path: Path) -> None:
    bad: list[tuple[Any, RejectReason, str]] = [
        (version_3(2, "Rebound", clock=""), RejectReason.MALFORMED_CLOCK, "clock is empty"),
        (version_3(3, "Rebound", actionId="x"), RejectReason.NOT_A_NUMBER, "actionId is 'x'"),
        (version_3(4, "Rebound", teamTricode="SEA"), RejectReason.UNKNOWN_TRICODE, "teamTricode is 'SEA'"),
        (shot_3(5, "?", made=True, shotResult=""), RejectReason.MISSING_RESULT, "shotResult is empty"),
        (None, RejectReason.NOT_A_NUMBER, "actionId is empty"),
        (shot_3(7, "?", made=True, shotValue=0), RejectReason.UNKNOWN_SHOT_TYPE, "shotValue is '0'"),
        (version_3(8, "Rebound"), RejectReason.DUPLICATE_ROW, "actionId is '8'"),
    ]
    rows = [version_3(1, "Rebound", personId=JAMES), *(row for row, _, _ in bad)]
    loaded = load(tmp_path, answer(*rows, version_3(8, "Foul")), game_dates=GAME_DATES)
    assert events(loaded)["event_type"].tolist() == ["rebound", "foul"]
    assert_rejected(loaded, rows, [(reason, detail) for _, reason, detail in bad])


def saved(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_version_3_finds_its_date_in_a_schedule_named_before_or_after_it_or_loaded_earlier(tmp_path: Path) -> None:
    game = saved(tmp_path / "game.json", answer(version_3(1, "Rebound"), version_3(2, "Foul", **OF_LAL_3)))
    schedule = saved(tmp_path / "schedule.json", schedule_answer(scheduled()))
    commands = {"before": [[schedule, game]], "after": [[game, schedule]], "earlier": [[schedule], [game]]}
    for name, paths in commands.items():
        warehouse = DuckDBWarehouse(tmp_path / f"{name}.duckdb")
        reports = [report for files in paths for report in load_nba_com(warehouse, files, now=NOW)]
        assert [report.file.path for report in reports] == [path for files in paths for path in files]
        assert set(warehouse.read(NBAC_PLAY_BY_PLAY)["game_id"]) == {"20231024_LAL_DEN"}


def test_a_game_without_a_schedule_stops_the_command_before_anything_is_written(tmp_path: Path) -> None:
    game = saved(tmp_path / "game.json", answer(version_3(1, "Rebound")))
    schedule = saved(tmp_path / "schedule.json", schedule_answer(scheduled(gameId="0022300062")))
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    with pytest.raises(UnscheduledGameError, match="0022300061"):
        load_nba_com(warehouse, [schedule, game], now=NOW)
    assert warehouse.read(NBAC_SCHEDULE).empty


def test_another_feed_of_a_game_replaces_its_events_as_a_whole(tmp_path: Path) -> None:
    basket = live(1, "2pt", shotResult="Made", scoreHome="2")
    of_live = saved(tmp_path / "live.json", answer(basket, live(2, "rebound", scoreHome="2", **OF_LAL)))
    of_shots = saved(tmp_path / "shots.json", [shot(), shot(SECS_LEFT=2), shot(SECS_LEFT=3)])
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    for path, kinds in ((of_shots, ["2pt"] * 3), (of_live, ["2pt", "rebound"])):
        load_nba_com(warehouse, [path], now=NOW)
        assert events_of(warehouse) == kinds


def events_of(warehouse: DuckDBWarehouse) -> list[str]:
    stored = warehouse.read(NBAC_PLAY_BY_PLAY)
    assert set(stored["game_id"]) == {"20231024_LAL_DEN"}
    return stored.sort_values("event_order")["event_type"].tolist()
