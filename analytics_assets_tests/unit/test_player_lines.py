"""Raw player rows: which are kept and how they read, which are refused and why, which are none of our business."""

import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    BOX_COUNTS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
)
from analytics_assets.raw.player_lines import PlayerLines, interpret_player_rows
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.declaration import Table
from analytics_assets_tests.support.raw_rows import box_rows, moment, raw_frame, schedule_frame, schedule_row

DAY = "2024-01-10"
NBA_ID = "0022300001"
GAME_ID = "20240110_BOS_LAL"
GAMES = interpret_schedule(schedule_frame(schedule_row(NBA_ID, DAY))).games


def interpret(
    rows: list[dict], *schedule: dict, table: Table = NBAC_GAMEBOOK_PLAYER_STATS, **schedule_changes
) -> PlayerLines:
    games = GAMES
    if schedule or schedule_changes:
        games = interpret_schedule(schedule_frame(*(schedule or [schedule_row(NBA_ID, DAY, **schedule_changes)]))).games
    return interpret_player_rows(raw_frame(table, rows), table.name, games)


def first_row_with(**changes) -> list[dict]:
    first, *others = box_rows(DAY)
    return [{**first, **changes}, *others]


def line_of_first(lines: PlayerLines) -> pd.Series:
    return lines.lines.set_index("player_lookup").loc["bosplayer0"]


@pytest.mark.parametrize(
    ("changes", "reason", "told"),
    [
        ({"game_id": "20240110_BOS_QQQ"}, "unknown_tricode", "20240110_BOS_QQQ"),
        ({"team_abbr": "QQQ"}, "unknown_tricode", "'QQQ'"),
        ({"team_abbr": None}, "team_missing", "NULL"),
        ({"team_abbr": " "}, "team_missing", "NULL"),
        ({"team_abbr": "MIA"}, "team_not_in_game", "'MIA' does not play in 20240110_BOS_LAL"),
        ({"player_lookup": ""}, "player_missing", "empty"),
        ({"player_lookup": "  "}, "player_missing", "empty"),
        ({"player_status": "maybe"}, "unknown_player_status", "'maybe'"),
        ({"minutes": "-5:00"}, "negative_minutes", "'-5:00'"),
        ({"minutes": "-0.5"}, "negative_minutes", "'-0.5'"),
        ({"minutes": "a lot"}, "unreadable_minutes", "'a lot'"),
        ({"minutes": "35:75"}, "unreadable_minutes", "'35:75'"),
        ({"fg_made": 9}, "more_made_than_attempted", "fg_made 9 exceeds fg_attempted 8"),
        ({"three_pt_made": 5}, "more_made_than_attempted", "three_pt_made 5 exceeds three_pt_attempted 4"),
        ({"ft_made": 3}, "more_made_than_attempted", "ft_made 3 exceeds ft_attempted 2"),
        ({"points": -1}, "negative_count", "points is -1"),
        ({"personal_fouls": -2}, "negative_count", "personal_fouls is -2"),
        (
            {"fg_made": 1, "fg_attempted": 1, "three_pt_made": 2, "points": 3, "ft_made": 0, "ft_attempted": 0},
            "shooting_rate_out_of_range",
            "effective field goals 2.0",
        ),
        (
            {"fg_made": 1, "fg_attempted": 1, "three_pt_made": 1, "points": 9, "ft_made": 0, "ft_attempted": 0},
            "shooting_rate_out_of_range",
            "true shooting 4.5",
        ),
        ({"game_id": "20240110_BOS_MIA"}, "game_not_in_schedule", "20240110_BOS_MIA"),
        ({"game_id": "0022300099"}, "game_not_in_schedule", "0022300099"),
        ({"game_id": "game one"}, "malformed_game_id", "'game one'"),
        ({"game_id": "20241399_BOS_LAL"}, "malformed_game_id", "20241399"),
        ({"game_date": pd.Timestamp("2024-01-11")}, "game_date_contradicts_schedule", "2024-01-10"),
        ({"player_status": "inactive"}, "numbers_without_playing", "points 12"),
        ({"player_status": "dnp", "points": 0}, "numbers_without_playing", "minutes 40:00"),
    ],
)
def test_row_that_breaks_a_rule_is_refused_alone(changes: dict, reason: str, told: str) -> None:
    found = interpret(first_row_with(**changes))
    assert found.refused[["row", "reason"]].to_numpy().tolist() == [[0, reason]]
    assert told in found.refused["detail"].iloc[0]
    assert len(found.lines) == 11


@pytest.mark.parametrize(
    ("changes", "game", "team"),
    [
        ({"points": -1}, GAME_ID, "BOS"),
        ({"team_abbr": None}, GAME_ID, None),
        ({"game_id": "20240110_BOS_MIA"}, None, None),
    ],
)
def test_refused_row_says_whose_it_was_as_far_as_known(changes: dict, game, team) -> None:
    row = interpret(first_row_with(**changes)).refused.iloc[0]
    assert (row["game_id"] if pd.notna(row["game_id"]) else None) == game
    assert (row["team_abbr"] if pd.notna(row["team_abbr"]) else None) == team


@pytest.mark.parametrize(
    ("changes", "minutes", "played"),
    [
        ({"minutes": "36:30"}, 36.5, True),
        ({"minutes": "36.5"}, 36.5, True),
        ({"minutes": None}, None, True),
        ({"minutes": ""}, None, True),
        ({"minutes": "0:00"}, 0.0, True),
        ({"player_status": " ACTIVE "}, 40.0, True),
        ({"player_status": None}, 40.0, True),
    ],
)
def test_odd_but_honest_row_is_kept(changes: dict, minutes, played: bool) -> None:
    found = interpret(first_row_with(**changes))
    assert found.refused.empty
    line = line_of_first(found)
    assert (None if pd.isna(line["minutes_played"]) else line["minutes_played"]) == minutes
    assert (bool(line["played"]), line["player_status"], line["points"]) == (played, "active", 12)


@pytest.mark.parametrize(
    "changes",
    [
        {"game_id": "20240110_LAL_BOS"},
        {"game_id": " 20240110_bos_lal "},
        {"game_id": NBA_ID},
        {"game_id": "anything at all", "nba_game_id": NBA_ID},
    ],
)
def test_every_spelling_of_a_game_is_the_schedules_game(changes: dict) -> None:
    found = interpret(first_row_with(**changes))
    assert found.refused.empty
    assert found.lines["game_id"].tolist() == [GAME_ID] * 12
    line = line_of_first(found)
    assert (line["nba_game_id"], line["opponent_team_abbr"], bool(line["home_game"])) == (NBA_ID, "LAL", False)


def test_code_variants_are_normalised_in_row_and_game_id() -> None:
    rows = box_rows(DAY, away="BRK", home="PHO")
    found = interpret(rows, away="BKN", home="PHX")
    assert found.refused.empty
    assert sorted(set(found.lines["team_abbr"])) == ["BKN", "PHX"]
    assert set(found.lines["game_id"]) == {"20240110_BKN_PHX"}


def test_home_and_opponent_come_from_the_schedule_not_from_the_order_in_the_id() -> None:
    found = interpret([{**row, "game_id": "20240110_LAL_BOS"} for row in box_rows(DAY)])
    sides = found.lines.groupby("team_abbr")[["home_game", "opponent_team_abbr"]].first()
    assert sides.loc["LAL"].tolist() == [True, "BOS"]
    assert sides.loc["BOS"].tolist() == [False, "LAL"]


@pytest.mark.parametrize("reversed_order", [False, True])
def test_of_two_rows_of_a_player_the_later_stays(reversed_order: bool) -> None:
    rows = box_rows(DAY)
    later = {**rows[0], "assists": 9, "processed_at": rows[0]["processed_at"] + pd.Timedelta(hours=1)}
    found = interpret([later, *rows] if reversed_order else [*rows, later])
    assert found.refused["reason"].tolist() == ["duplicate_superseded"]
    assert len(found.lines) == 12
    assert line_of_first(found)["assists"] == 9


def test_of_two_rows_written_at_once_the_last_in_the_table_stays() -> None:
    rows = box_rows(DAY)
    found = interpret([*rows, {**rows[0], "assists": 9}])
    assert found.refused["row"].tolist() == [0]
    assert line_of_first(found)["assists"] == 9


def test_reversed_and_canonical_ids_of_one_game_are_duplicates() -> None:
    rows = box_rows(DAY)
    found = interpret([*rows, *({**row, "game_id": "20240110_LAL_BOS"} for row in rows)])
    assert found.refused["reason"].tolist() == ["duplicate_superseded"] * 12
    assert not found.lines.duplicated(["game_id", "player_lookup"]).any()


def test_blanks_around_a_name_make_no_second_player() -> None:
    rows = box_rows(DAY)
    found = interpret([*rows, {**rows[0], "player_lookup": " bosplayer0 "}])
    assert found.refused["reason"].tolist() == ["duplicate_superseded"]
    assert sorted(set(found.lines["player_lookup"])) == sorted(row["player_lookup"] for row in rows)


@pytest.mark.parametrize("on_schedule", [True, False])
@pytest.mark.parametrize(
    ("nba_id", "identity"),
    [
        # Opponents of the pre-season and All-Star squads are no NBA teams.
        ("0012300001", {"game_id": "0012300001"}),
        ("0012300001", {"game_id": "20240110_MAD_LAL", "nba_game_id": "0012300001"}),
        ("0032300001", {"game_id": "20240110_EST_WST", "nba_game_id": "0032300001", "team_abbr": "EST"}),
        ("0032300001", {"game_id": "not readable", "nba_game_id": "0032300001"}),
    ],
)
def test_preseason_and_all_star_rows_are_ignored(nba_id: str, identity: dict, on_schedule: bool) -> None:
    counted = schedule_row(NBA_ID, DAY)
    uncounted = schedule_row(nba_id, DAY, away="EST", home="WST")
    found = interpret(
        [*box_rows(DAY), {**box_rows(DAY)[0], **identity}], *([counted, uncounted] if on_schedule else [counted])
    )
    assert found.refused.empty
    assert found.unscheduled.empty
    assert len(found.lines) == 12


def test_preseason_game_known_only_by_its_teams_is_ignored() -> None:
    rows = box_rows("2023-10-05", away="BOS", home="PHI")
    found = interpret(rows, schedule_row("0012300001", "2023-10-05", away="BOS", home="PHI"))
    assert (len(found.lines), len(found.refused), len(found.unscheduled)) == (0, 0, 0)


@pytest.mark.parametrize("identity", [{}, {"game_id": NBA_ID}])
def test_rows_of_a_postponed_game_are_refused_not_lost(identity: dict) -> None:
    found = interpret([{**row, **identity} for row in box_rows(DAY)], postponed_status="postponed", game_status=1)
    assert found.lines.empty
    assert found.refused["reason"].tolist() == ["game_called_off"] * 12
    assert found.refused["detail"].str.contains("postponed").all()


def test_dates_of_games_that_the_schedule_does_not_hold_are_told() -> None:
    rows = [*box_rows(DAY), *box_rows("2024-01-11", away="MIA", home="DEN")]
    found = interpret(rows)
    assert found.unscheduled["game_date"].tolist() == [pd.Timestamp("2024-01-11")]


@pytest.mark.parametrize(
    ("changes", "status", "played"),
    [
        ({"player_status": "dnp", "dnp_reason": "DNP - Coach's Decision"}, "dnp", False),
        ({"player_status": "inactive", "dnp_reason": " Right Knee Soreness "}, "inactive", False),
        ({"player_status": None, "dnp_reason": "DND - Injury/Illness"}, "dnp", False),
        ({"player_status": None}, "dnp", False),
        ({"player_status": "active"}, "active", False),
    ],
)
def test_players_without_minutes_and_counts_did_not_play_and_have_no_zeros(changes, status, played) -> None:
    found = interpret(first_row_with(**dict.fromkeys(BOX_COUNTS, 0), minutes="0:00", **changes))
    line = line_of_first(found)
    assert (line["player_status"], bool(line["played"])) == (status, played)
    assert line[["points", "assists", "fg_attempted", "minutes_played", "plus_minus"]].isna().all()
    assert line["minutes_raw"] == "0:00"


@pytest.mark.parametrize(
    ("rounded", "reason", "played"), [(True, None, True), (False, None, False), (True, "DNP - Rest", False)]
)
def test_zero_minutes_mean_seconds_only_where_the_source_rounds_and_lists_participants(rounded, reason, played) -> None:
    rows = first_row_with(**dict.fromkeys(BOX_COUNTS, 0), minutes="0", dnp_reason=reason)
    rows = [{**row, "minutes_are_rounded": rounded} for row in rows]
    found = interpret(rows, table=NBAC_PLAYER_BOXSCORES)
    line = line_of_first(found)
    assert bool(line["played"]) is played
    assert (line["points"] == 0) if played else pd.isna(line["points"])


def test_source_without_optional_columns_reads_with_nulls() -> None:
    found = interpret(box_rows(DAY), table=BDL_PLAYER_BOXSCORES)
    assert found.refused.empty
    assert found.lines["played"].all()
    assert found.lines[["starter", "plus_minus", "dnp_reason"]].isna().all(axis=None)
    assert set(found.lines["source"]) == {"bdl_player_boxscores"}


def test_no_rows_give_no_lines() -> None:
    found = interpret([{**box_rows(DAY)[0]}])
    empty = interpret_player_rows(
        raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, box_rows(DAY)).iloc[:0],
        NBAC_GAMEBOOK_PLAYER_STATS.name,
        interpret_schedule(schedule_frame(schedule_row(NBA_ID, DAY))).games,
    )
    assert (len(empty.lines), len(empty.refused)) == (0, 0)
    assert empty.lines.columns.tolist() == found.lines.columns.tolist()


def test_bad_later_duplicate_is_refused_for_itself_and_the_good_row_stays() -> None:
    rows = box_rows(DAY)
    bad = {**rows[0], "points": -3, "processed_at": moment("2024-02-01")}
    found = interpret([*rows, bad])
    assert found.refused["reason"].tolist() == ["negative_count"]
    assert line_of_first(found)["points"] == 12


def test_ids_that_name_two_different_games_are_refused() -> None:
    other = schedule_row("0022300002", DAY, "DEN", "MIA")
    lines = interpret(first_row_with(nba_game_id="0022300002"), schedule_row(NBA_ID, DAY), other)
    assert lines.refused["reason"].tolist() == ["game_ids_contradict"]
    assert "name two different games" in lines.refused["detail"].iloc[0]
    assert len(lines.lines) == 11
