"""Late-game minutes: seconds out of literal line-ups by the SQL in a real DuckDB file, and whose minutes they are."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import NBAC_PLAY_BY_PLAY
from analytics_assets.raw.on_court import LATE_GAME_COLUMNS, choose_late_game, interpret_late_game
from analytics_assets.raw.on_court_reduction import LATE_GAME_PLAYERS, count_late_seconds
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.play_by_play_events import (
    DAY,
    GAME_ID,
    event,
    free_throw,
    three,
    two,
    warehouse_with_events,
)
from analytics_assets_tests.support.raw_rows import moment, schedule_frame, schedule_row

BOSTON, LAKERS = [f"b{n}" for n in range(1, 6)], [f"l{n}" for n in range(1, 6)]
ALL = [*BOSTON, *LAKERS]
GAMES = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY))).games
BOX_LINES = pd.DataFrame(
    [(GAME_ID, "BOS" if name[0] == "b" else "LAL", name, 0) for name in (*ALL, "b6", "l6")],
    columns=["game_id", "team_abbr", "player_lookup", "points"],
)
LISTED = BOX_LINES[["game_id", "player_lookup"]].assign(
    nba_player_id=pd.Series(range(101, 113), dtype="Int64"),
)
SOURCE = NBAC_PLAY_BY_PLAY.name


def late(seconds: float | None, on_court: list[str] | None = ALL, period: int = 4, **more: Any) -> dict[str, Any]:
    """A rebound late in the game, after which these ten are on court; the score is 100 to 98 unless changed."""
    scores = {"home_score": 100, "away_score": 98}
    return event(
        "rebound",
        "b1",
        **{"seconds_remaining": seconds, "period": period, "players_on_court": on_court},
        **scores | more,
    )


def without(out: str, joins: str) -> list[str]:
    return [joins if name == out else name for name in ALL]


def reduced(tmp_path: Path, *events: dict[str, Any]) -> pd.DataFrame:
    warehouse = warehouse_with_events(tmp_path, [{"players_on_court": None, **row} for row in events])
    found = warehouse.reduce(count_late_seconds(NBAC_PLAY_BY_PLAY), date(2024, 1, 10), date(2024, 1, 10))
    return found.sort_values(["game_id", "player"], ignore_index=True)


def seconds(found: pd.DataFrame, name: str = "fourth_quarter_seconds") -> dict[str, float]:
    """The players' values by name, NULL left out."""
    return found.set_index("player")[name].dropna().to_dict()


def interpret(found: pd.DataFrame, lines: pd.DataFrame = BOX_LINES, games: pd.DataFrame = GAMES) -> pd.DataFrame:
    return interpret_late_game(found, SOURCE, games, LISTED, lines)


def minutes(found: pd.DataFrame, name: str = "fourth_quarter_minutes") -> dict[str, float]:
    return found.set_index("player_lookup")[name].dropna().to_dict()


# --- the SQL ---


def test_those_on_court_after_an_event_stay_until_the_next_one_and_the_first_ones_were_there_from_the_start(tmp_path):
    found = reduced(tmp_path, late(700), late(400, without("b5", "b6")), late(90.5, without("b4", "b6")), late(10))
    expected = {name: 720.0 for name in ALL}
    expected |= {"b4": 720 - 80.5, "b5": 720 - (400 - 90.5), "b6": 400 - 10.0}
    assert seconds(found) == expected
    assert set(found["periods"]) == {4}
    assert set(seconds(found, "overtime_seconds").values()) == {0.0}


def test_rows_of_a_substitution_that_name_nine_or_eleven_take_no_time(tmp_path):
    nine = [name for name in ALL if name != "b5"]
    found = reduced(tmp_path, late(700), late(400, nine), late(400, [*ALL, "b6"]), late(400, without("b5", "b6")))
    assert seconds(found) == {**dict.fromkeys(ALL, 720.0), "b5": 320.0, "b6": 400.0}


def test_stretch_that_does_not_name_ten_counts_for_nobody(tmp_path):
    found = reduced(tmp_path, late(720), late(500, ALL[:9]), late(470), late(300, None), late(299))
    assert seconds(found) == dict.fromkeys(ALL, 720.0 - 30 - 1)


def test_only_the_fourth_quarter_and_overtimes_count_each_for_itself(tmp_path):
    bench = without("b5", "b6")
    periods = [late(600, bench, period=3), late(720), late(300, bench, period=5), late(299, period=6)]
    found = reduced(tmp_path, *periods)
    assert seconds(found) == {**dict.fromkeys(ALL, 720.0), "b6": 0.0}
    assert seconds(found, "overtime_seconds") == {**dict.fromkeys(ALL, 600.0), "b5": 300.0, "b6": 300.0}
    assert set(found["periods"]) == {6}


def test_clock_that_jumps_back_up_stands_still_and_events_without_a_clock_do_not_count(tmp_path):
    found = reduced(tmp_path, late(720), late(300), late(310, without("b5", "b6")), late(None, ["x"] * 10), late(290))
    assert seconds(found) == {**dict.fromkeys(ALL, 720.0), "b5": 710.0, "b6": 10.0}


@pytest.mark.parametrize(
    ("events", "clutch"),
    [
        ([late(720), late(301), late(295)], 300.0),  # a stretch across the five-minute mark counts from it on
        ([late(720), late(200, away_score=94), late(100)], 200.0),  # six behind from 3:20 to 1:40
        ([late(720), late(200, away_score=95), late(100)], 300.0),  # five are within
        ([late(720, away_score=80), late(60, away_score=110), late(30, away_score=96)], 30.0),  # either may lead
        ([late(720), late(100, away_score=50, period=3)], 300.0),
        ([late(720, away_score=80), late(300, period=5), late(30, period=5, home_score=110)], 270.0),
        ([late(720, away_score=80), late(250, period=5, home_score=103)], 300.0),
        # Some feeds write the score only where it changes.
        ([late(720, away_score=80), late(250, home_score=None, away_score=98), late(100, away_score=None)], 250.0),
    ],
)
def test_clutch_is_five_points_and_five_minutes_when_the_stretch_begins(tmp_path, events, clutch):
    found = reduced(tmp_path, *events)
    assert seconds(found, "clutch_seconds") == dict.fromkeys(ALL, clutch)


def test_without_scores_nobody_knows_clutch_time(tmp_path):
    found = reduced(tmp_path, late(720, home_score=None, away_score=None))
    assert seconds(found) == dict.fromkeys(ALL, 720.0)
    assert found["clutch_seconds"].isna().all()


def test_points_of_the_quarter_are_told_also_without_line_ups(tmp_path):
    shots = [two("tatum", True), three("tatum", True, period=4), three("tatum", False, period=4)]
    shots += [free_throw("tatum", "1 of 2", period=4), free_throw("brown", "technical", period=5)]
    found = reduced(tmp_path, *shots)
    assert seconds(found, "points") == {"tatum": 6, "brown": 1}
    assert seconds(found, "fourth_quarter_points") == {"tatum": 4, "brown": 0}
    assert found["fourth_quarter_seconds"].isna().all()


def test_copy_of_an_event_written_last_counts(tmp_path):
    old = late(400, without("b1", "b6"), event_order=2, processed_at=moment("2024-01-11T04:00"))
    found = reduced(tmp_path, late(720, event_order=1), old, late(400, event_order=2))
    assert seconds(found) == dict.fromkeys(ALL, 720.0)


def test_shots_and_line_ups_by_id_go_by_the_same_text(tmp_path):
    ids = [str(101 + place) for place in range(10)]
    shot = two(None, True, period=4, seconds_remaining=500.0, player_1_id=101, players_on_court=ids)
    found = reduced(tmp_path, late(720, ids), shot).set_index("player")
    assert sorted(found.index) == sorted(ids)
    assert found.loc["101", ["points", "fourth_quarter_points", "fourth_quarter_seconds"]].tolist() == [2, 2, 720.0]


# --- whose they are ---


def test_minutes_points_and_zeroes_of_everyone_who_played(tmp_path):
    shot = three("b1", True, period=4, seconds_remaining=500.0, players_on_court=ALL, home_score=100, away_score=98)
    lines = BOX_LINES.assign(points=BOX_LINES["points"].mask(BOX_LINES["player_lookup"] == "b1", 3))
    found = interpret(reduced(tmp_path, late(720), shot, late(120, without("b5", "b6"))), lines)
    assert list(found.columns) == LATE_GAME_COLUMNS
    assert minutes(found) == {**dict.fromkeys(ALL, 12.0), "b5": 10.0, "b6": 2.0, "l6": 0.0}
    assert minutes(found, "clutch_minutes") == {**dict.fromkeys(ALL, 5.0), "b5": 3.0, "b6": 2.0, "l6": 0.0}
    assert minutes(found, "fourth_quarter_points") == {**dict.fromkeys([*ALL, "b6", "l6"], 0), "b1": 3}
    assert set(found["late_game_source"]) == {SOURCE}


def test_ids_and_numbered_names_are_the_players_of_the_box_score(tmp_path):
    on_court = ["101", *(f"{n}{name}" for n, name in enumerate(BOSTON[1:])), *LAKERS]
    assert minutes(interpret(reduced(tmp_path, late(720, on_court))))["b1"] == 12.0
    assert minutes(interpret(reduced(tmp_path, late(720, on_court))))["b2"] == 12.0


@pytest.mark.parametrize(
    ("events", "known"),
    [
        ([late(720), late(100, ALL[:9]), late(97)], {"BOS", "LAL"}),  # three seconds of 720 are within one percent
        ([late(720), late(100, ALL[:9]), late(92)], set()),
        ([late(720, [*ALL[:9], "nobody"])], {"BOS"}),  # LAL lacks a player whom no box score lists
        ([late(720, without("l5", "b6"))], set()),  # six of one team and four of the other
        ([late(720), late(300, None, period=5)], set()),  # an overtime without line-ups
        ([late(720, period=3)], set()),
        ([late(720, None)], set()),
    ],
)
def test_minutes_are_known_only_for_teams_whose_time_is_accounted_for(tmp_path, events, known):
    found = interpret(reduced(tmp_path, *events, two("b1", True), two("b1", False)))
    for name in ("fourth_quarter_minutes", "clutch_minutes"):
        assert set(found.loc[found[name].notna(), "team_abbr"]) == known
    # His two points are not in the box line: nothing is known of when they fell.
    assert found.set_index("player_lookup")["fourth_quarter_points"].isna().to_dict()["b1"]


def test_clutch_minutes_are_unknown_without_scores_and_others_are_not(tmp_path):
    found = interpret(reduced(tmp_path, late(720, home_score=None, away_score=None)))
    assert found["clutch_minutes"].isna().all()
    assert found["fourth_quarter_minutes"].notna().all()


def test_game_under_two_ids_counts_once_and_that_of_the_events_written_last(tmp_path):
    reversed_id = {"game_id": "20240110_LAL_BOS", "nba_game_id": None, "processed_at": moment("2024-01-11T09:00")}
    found = reduced(tmp_path, late(720), late(720, without("b5", "b6"), event_order=1, **reversed_id))
    assert minutes(interpret(found)) == {**dict.fromkeys(without("b5", "b6"), 12.0), "b5": 0.0, "l6": 0.0}


def test_unknown_games_and_empty_answers_give_no_rows(tmp_path):
    elsewhere = {"game_id": "20240110_MIA_DEN", "nba_game_id": None}
    for found in (reduced(tmp_path, late(720, **elsewhere)), empty_frame(LATE_GAME_PLAYERS)):
        rows = interpret(found)
        assert (list(rows.columns), len(rows)) == (LATE_GAME_COLUMNS, 0)


def test_first_source_that_accounts_for_the_minutes_is_chosen_for_the_whole_game(tmp_path):
    nothing = interpret(reduced(tmp_path, late(720, None), two("b2", True, period=4)))
    full = interpret(reduced(tmp_path, late(720))).assign(late_game_source="second")
    assert set(choose_late_game([nothing, full])["late_game_source"]) == {"second"}
    assert set(choose_late_game([full, nothing])["late_game_source"]) == {"second"}
    alone = choose_late_game([nothing, full.iloc[:0]])
    assert set(alone["late_game_source"]) == {SOURCE}
    assert alone["fourth_quarter_minutes"].isna().all()
    assert len(choose_late_game([nothing, full])) == len(BOX_LINES)
