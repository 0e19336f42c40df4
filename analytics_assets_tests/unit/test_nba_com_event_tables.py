"""Tables of events and of shots: what each column becomes, order in the game, every reason for rejecting a line."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import NBAC_PLAY_BY_PLAY
from analytics_assets.raw.loaders.nba_com import FileKind, RejectReason, UnreadableFileError, read_nba_com
from analytics_assets_tests.support.nba_com_files import NOW, Expected, assert_rejected, checked, load, nulls
from analytics_assets_tests.support.play_by_play_files import (
    DAVIS,
    JAMES,
    JOKIC,
    LAL,
    MURRAY,
    events,
    flat,
    shot,
    told,
)

LAKER = {"team": "LAL", "person_id": JAMES}


def test_flat_events(tmp_path: Path) -> None:
    lines = [
        flat(
            1,
            "2pt",
            "N. Jokic 7' driving floating Jump Shot (2 PTS) (J. Murray 1 AST)",
            qualifier="['pointsinthepaint', '2ndchance']",
            shotResult="Made",
            assister_id=float(MURRAY),
            scoreHome=2,
        ),
        flat(
            2, "3pt", "MISS L. James 26' 3PT - blocked", shotResult="Missed", blockPersonId=JOKIC, scoreHome=2, **LAKER
        ),
        flat(3, "turnover", "L. James bad pass out-of-bounds TURNOVER (1 TO)", scoreHome=2, **LAKER),
        flat(4, "turnover", "LAL shot clock Team TURNOVER", scoreHome=2, **(LAKER | {"person_id": 0})),
        flat(5, "turnover", "L. James lost ball TURNOVER (2 TO)", stealPersonId=MURRAY, scoreHome=2, **LAKER),
        flat(6, "substitution", "SUB in: J. Murray", players_on=None, scoreHome=2),
        flat(7, "turnover", "N. Jokic 3-second-violation TURNOVER (1 TO)", players_on=None, scoreHome=2),
    ]
    loaded = load(tmp_path, lines)
    frame = events(loaded)
    assert (loaded.kind, len(loaded.rejected)) == (FileKind.FLAT_PLAY_BY_PLAY, 0)
    assert set(frame["game_id"]) == {"20230516_LAL_DEN"}
    assert set(frame["nba_game_id"]) == {"0042200311"}
    assert set(frame["season_year"]) == {2022}
    kinds = ["driving floating jump shot", "3pt", "bad pass out-of-bounds", "shot clock", "lost ball", "in"]
    assert frame["event_sub_type"].tolist() == [*kinds, "3-second-violation"]
    assert told(frame["shot_type"]) == ["2PT", "3PT", *[None] * 5]
    assert told(frame["shot_made"]) == [True, False, *[None] * 5]
    assert nulls(frame["shot_distance"])
    assert told(frame["player_1_id"]) == [JOKIC, JAMES, JAMES, None, JAMES, JOKIC, JOKIC]
    assert told(frame["player_2_role"]) == ["assist", "block", None, None, "steal", None, None]
    assert told(frame["player_2_id"]) == [MURRAY, JOKIC, None, None, MURRAY, None, None]
    assert frame["qualifiers"].tolist() == [["pointsinthepaint", "2ndchance"], *[[]] * 6]
    assert told(frame["players_on_court"]) == [["203999", "2544"]] * 5 + [None] * 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("L. Brown shooting personal FOUL (1 PF) (Jokic 2 FT)", "shooting"),
        ("L. Brown personal FOUL (1 PF)", "personal"),
        ("R. Williams III loose ball personal FOUL (1 PF)", "loose ball"),
        ("L. James flagrant-type-1 personal FOUL (2 PF)", "flagrant-type-1"),
        ("L. James offensive FOUL (1 PF)", "offensive"),
        ("L. James charge offensive FOUL (1 PF)", "offensive"),
        ("L. James double technical FOUL (1 Tech)", "technical"),
        ("L. James defensive-3-second technical FOUL (1 Tech)", "technical"),
        ("TEAM foul technical", "technical"),
    ],
)
def test_flat_fouls(tmp_path: Path, text: str, kind: str) -> None:
    frame = events(load(tmp_path, [flat(1, "foul", text, foulDrawnPersonId=JOKIC, **LAKER)]))
    assert frame["event_sub_type"].tolist() == [kind]
    assert frame["player_2_role"].tolist() == ["foul_drawn"]
    assert frame["player_2_id"].tolist() == [JOKIC]


def test_flat_free_throws_and_rebounds(tmp_path: Path) -> None:
    dead = {"person_id": 0, "qualifier": "['deadball', 'team']"}
    team = {"person_id": 0, "qualifier": "['team']", "team": "LAL"}
    lines = [
        flat(1, "freethrow", "MISS N. Jokic technical Free Throw 1 of 1", shotResult="Missed"),
        flat(2, "rebound", "TEAM offensive REBOUND", **dead),
        flat(3, "freethrow", "MISS N. Jokic Free Throw 1 of 2", shotResult="Missed"),
        flat(4, "rebound", "TEAM offensive REBOUND", **dead),
        flat(5, "freethrow", "MISS N. Jokic flagrant Free Throw 2 of 2", shotResult="Missed"),
        flat(6, "rebound", "N. Jokic REBOUND (Off:1 Def:0)"),
        flat(7, "3pt", "MISS N. Jokic 3PT", shotResult="Missed"),
        flat(8, "rebound", "TEAM defensive REBOUND", **team),
        flat(9, "rebound", "N. Jokic REBOUND (Off:1 Def:1)", period=2),
    ]
    frame = events(load(tmp_path, lines))
    throws = ["technical", "1 of 2", "2 of 2"]
    assert frame.loc[frame["event_type"] == "freethrow", "event_sub_type"].tolist() == throws
    rebounds = frame[frame["event_type"] == "rebound"]
    assert told(rebounds["rebound_type"]) == [None, None, "offensive", "defensive", None]
    assert told(rebounds["event_sub_type"]) == ["offensive"] * 3 + ["defensive", None]


def test_flat_events_follow_the_clock_not_their_numbers(tmp_path: Path) -> None:
    def at(number: int, clock: str, kind: str = "timeout", **changes: Any) -> dict[str, Any]:
        return flat(number, kind, str(number), clock=clock, **changes)

    lines = [
        at(1, "PT10M00.00S"),
        at(2, "PT09M00.00S", "2pt", shotResult="Made", scoreHome=2),
        at(3, "PT08M00.00S", scoreHome=2),
        # Added later: a block before, and a rebound in the second of the basket but before it.
        at(4, "PT09M30.00S", "block", **LAKER),
        at(5, "PT09M00.00S", "rebound"),
    ]
    frame = events(load(tmp_path, lines))
    assert frame["event_description"].tolist() == ["1", "4", "5", "2", "3"]
    assert frame["event_order"].tolist() == [1, 2, 3, 4, 5]
    assert set(frame["game_id"]) == {"20230516_LAL_DEN"}


def test_rejected_flat_events(tmp_path: Path) -> None:
    bad: list[tuple[dict[str, Any], RejectReason, str]] = [
        ({"game_id": None}, RejectReason.MALFORMED_GAME_ID, "GAME_ID is empty"),
        ({"date": "soon"}, RejectReason.MALFORMED_DATE, "DATE is 'soon'"),
        ({"date": 20270101}, RejectReason.DATE_BEYOND_TODAY, "DATE is '20270101'"),
        ({"actionNumber": "x"}, RejectReason.NOT_A_NUMBER, "ACTIONNUMBER is 'x'"),
        ({"period": None}, RejectReason.NOT_A_NUMBER, "PERIOD is empty"),
        ({"clock": "11:49"}, RejectReason.MALFORMED_CLOCK, "CLOCK is '11:49'"),
        ({"team": "SEA"}, RejectReason.UNKNOWN_TRICODE, "TEAM is 'SEA'"),
        ({"team": None, "actionType": "2pt", "shotResult": "Made"}, RejectReason.MISSING_TEAM, "TEAM is empty"),
        ({"actionType": "3pt"}, RejectReason.MISSING_RESULT, "SHOTRESULT is empty"),
        ({"scoreAway": 1.5}, RejectReason.NOT_A_NUMBER, "SCOREAWAY is '1.5'"),
        ({"actionNumber": 99}, RejectReason.DUPLICATE_ROW, "ACTIONNUMBER is '99'"),
    ]
    rows = [flat(1, "steal", "first")]
    rows += [flat(number, "steal", "bad") | cells for number, (cells, _, _) in enumerate(bad, 2)]
    loaded = load(tmp_path, [*rows, flat(99, "steal", "last")])
    assert events(loaded)["event_description"].tolist() == ["first", "last"]
    assert_rejected(loaded, rows, [(reason, detail) for _, reason, detail in bad])


def test_flat_events_as_csv_and_without_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    lines = pd.DataFrame(
        [flat(1, "2pt", "N. Jokic Layup", shotResult="Made", qualifier="['team']"), flat(2, "steal", "")]
    )
    lines.to_csv(path, index=False)
    frame = events(checked(read_nba_com(path, now=NOW)))
    assert frame["qualifiers"].tolist() == [["team"], []]
    assert told(frame["event_sub_type"]) == ["layup", None]
    lines.head(0).to_csv(path, index=False)
    assert events(checked(read_nba_com(path, now=NOW))).empty


def test_shots(tmp_path: Path) -> None:
    lines = [
        shot(QUARTER=2),
        shot(EVENT_TYPE="Missed Shot", SHOT_TYPE="3PT Field Goal", SHOT_DISTANCE=26, SECS_LEFT=1, TEAM_ID=LAL),
        shot(SECS_LEFT=30, PLAYER_ID=DAVIS, PLAYER_NAME="Anthony Davis", TEAM_ID=LAL),
    ]
    loaded = load(tmp_path, lines)
    frame = events(loaded)
    assert (loaded.kind, len(loaded.rejected)) == (FileKind.SHOT_CHART, 0)
    assert set(frame["game_id"]) == {"20231024_LAL_DEN"}
    assert set(frame["nba_game_id"]) == {"0022300061"}
    assert frame["event_order"].tolist() == [1, 2, 3]
    assert frame["seconds_remaining"].tolist() == [690, 661, 661]
    assert frame["period"].tolist() == [1, 1, 2]
    assert frame["event_type"].tolist() == ["2pt", "3pt", "2pt"]
    assert frame["shot_type"].tolist() == ["2PT", "3PT", "2PT"]
    assert frame["shot_made"].tolist() == [True, False, True]
    assert frame["shot_distance"].tolist() == [0, 26, 0]
    assert frame["player_1_id"].tolist() == [DAVIS, JOKIC, JOKIC]
    assert frame["player_1_lookup"].tolist() == ["anthonydavis", "nikolajokic", "nikolajokic"]
    assert frame["player_1_team_abbr"].tolist() == ["LAL", "LAL", "DEN"]
    assert frame["event_sub_type"].tolist() == ["hook shot"] * 3
    assert frame["shot_area"].tolist() == ["Restricted Area"] * 3
    unknown = ["home_score", "away_score", "player_2_role", "player_2_id", "qualifiers", "players_on_court"]
    assert frame[unknown].isna().all(axis=None)


def test_two_equal_misses_within_a_second_both_stay(tmp_path: Path) -> None:
    tip = shot(EVENT_TYPE="Missed Shot", ACTION_TYPE="Tip Layup Shot")
    loaded = load(tmp_path, [tip, tip])
    assert events(loaded)["event_order"].tolist() == [1, 2]


def test_rejected_shots(tmp_path: Path) -> None:
    bad: list[Expected] = [
        ({"GAME_ID": "x"}, RejectReason.MALFORMED_GAME_ID, "GAME_ID is 'x'"),
        ({"GAME_DATE": "24-10-2023"}, RejectReason.MALFORMED_DATE, "GAME_DATE is '24-10-2023'"),
        ({"QUARTER": 0}, RejectReason.NOT_A_NUMBER, "QUARTER is '0'"),
        ({"MINS_LEFT": None}, RejectReason.NOT_A_NUMBER, "MINS_LEFT is empty"),
        ({"SECS_LEFT": "x"}, RejectReason.NOT_A_NUMBER, "SECS_LEFT is 'x'"),
        ({"HOME_TEAM": "SEA"}, RejectReason.UNKNOWN_TRICODE, "HOME_TEAM is 'SEA'"),
        ({"AWAY_TEAM": None}, RejectReason.MISSING_TEAM, "AWAY_TEAM is empty"),
        ({"AWAY_TEAM": "DEN"}, RejectReason.MALFORMED_MATCHUP, "both home and away"),
        ({"TEAM_ID": 5}, RejectReason.MISSING_TEAM, "TEAM_ID is '5'"),
        ({"TEAM_ID": 1610612738}, RejectReason.MALFORMED_MATCHUP, "neither HOME_TEAM nor AWAY_TEAM"),
        ({"SHOT_TYPE": "Dunk"}, RejectReason.UNKNOWN_SHOT_TYPE, "SHOT_TYPE is 'Dunk'"),
        ({"EVENT_TYPE": "Shot"}, RejectReason.MISSING_RESULT, "EVENT_TYPE is 'Shot'"),
        ({"SHOT_DISTANCE": "far"}, RejectReason.NOT_A_NUMBER, "SHOT_DISTANCE is 'far'"),
        ({"PLAYER_ID": "Jokić"}, RejectReason.NOT_A_NUMBER, "PLAYER_ID is 'Jokić'"),
        ({"LOC_X": "left"}, RejectReason.NOT_A_NUMBER, "LOC_X is 'left'"),
    ]
    rows = [shot(), *(shot(**cells) for cells, _, _ in bad)]
    loaded = load(tmp_path, rows)
    assert len(events(loaded)) == 1
    assert_rejected(loaded, rows, [(reason, detail) for _, reason, detail in bad])


@pytest.mark.parametrize(
    ("row", "absent"),
    [(flat(1, "steal", ""), "players_on"), (flat(1, "steal", ""), "clock"), (shot(), "SHOT_TYPE"), (shot(), "QUARTER")],
)
def test_a_missing_column_is_named(tmp_path: Path, row: dict[str, Any], absent: str) -> None:
    del row[absent]
    with pytest.raises(UnreadableFileError, match=f"has no column {absent.upper()}\\."):
        load(tmp_path, [row])


def test_all_rows_rejected_give_an_empty_frame(tmp_path: Path) -> None:
    for row in (flat(1, "steal", "", clock="x"), shot(GAME_ID=None)):
        loaded = load(tmp_path, [row])
        assert loaded.frames[NBAC_PLAY_BY_PLAY.name].empty
        assert len(loaded.rejected) == 1
