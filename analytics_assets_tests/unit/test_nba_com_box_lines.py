"""NBA.com player and team lines: what each column becomes, every reason for rejecting a line."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    PLAYER_REGISTRY,
)
from analytics_assets.raw.loaders.nba_com import FileKind, RejectReason, read_nba_com
from analytics_assets_tests.support.nba_com_files import (
    COUNTS,
    NOW,
    Expected,
    assert_rejected,
    checked,
    load,
    nulls,
    player_line,
    players,
    team_line,
    teams,
)


def test_player_line(tmp_path: Path) -> None:
    loaded = load(tmp_path, [player_line()])
    row = players(loaded).iloc[0]
    assert row["game_date"] == pd.Timestamp("2023-10-24")
    assert (row["season_year"], row["player_lookup"], row["player_name"]) == (2023, "nikolajokic", "Nikola Jokić")
    assert (row["nba_player_id"], row["team_abbr"], row["game_status"]) == (203999, "DEN", "Final")
    assert (row["minutes_are_rounded"], row["plus_minus"], row["processed_at"]) == (True, 15, NOW)
    assert pd.isna(row["starter"])
    assert pd.isna(row["dnp_reason"])
    counts = row[["points", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers"]]
    assert counts.tolist() == [29, 11, 1, 12, 1, 2, 2]
    more = row[["personal_fouls", "fg_made", "fg_attempted", "three_pt_made", "three_pt_attempted"]]
    assert [*more, row["ft_made"], row["ft_attempted"]] == [3, 12, 22, 3, 5, 2, 4]
    registry = loaded.frames[PLAYER_REGISTRY.name].iloc[0]
    assert registry[["player_lookup", "season_year", "universal_player_id", "nba_player_id"]].tolist() == [
        "nikolajokic",
        2023,
        "nba-203999",
        203999,
    ]
    assert registry["player_name"] == "Nikola Jokić"
    assert pd.isna(registry["birth_date"])


def test_away_line_and_spelling_variants(tmp_path: Path) -> None:
    away = player_line(MATCHUP="PHO @ BRK", TEAM_ABBREVIATION="PHX")
    loaded = load(tmp_path, [away])
    assert players(loaded)[["game_id", "team_abbr"]].iloc[0].tolist() == ["20231024_PHX_BKN", "PHX"]


@pytest.mark.parametrize("written", ["2023-10-24", "2023-10-24T00:00:00", "OCT 24, 2023", "10/24/2023", 20231024])
def test_dates_as_nba_com_writes_them(tmp_path: Path, written: object) -> None:
    assert players(load(tmp_path, [player_line(GAME_DATE=written)]))["game_date"].tolist() == [
        pd.Timestamp("2023-10-24")
    ]


@pytest.mark.parametrize("dates", [pd.to_datetime(["2023-10-24"]), [date(2023, 10, 24)]])
def test_date_columns_and_numeric_ids_of_parquet(tmp_path: Path, dates: Any) -> None:
    path = tmp_path / "typed.parquet"
    lines = pd.DataFrame([player_line(GAME_ID=22300061)])
    lines["GAME_DATE"] = dates
    lines.to_parquet(path)
    assert players(checked(read_nba_com(path, now=NOW)))["game_id"].tolist() == ["20231024_LAL_DEN"]


@pytest.mark.parametrize(
    ("minutes", "texts", "rounded"),
    [
        ([36, 0], ["36", "0"], True),
        ([36.0, None], ["36", None], True),
        (["36", "26.0"], ["36", "26.0"], True),
        ([36, 26.5], ["36", "26.5"], False),
        (["36:12", "26:30"], ["36:12", "26:30"], False),
        (["26:00", "0"], ["26:00", "0"], False),
        ([None, None], [None, None], None),
    ],
)
def test_minutes_as_written(tmp_path: Path, minutes: list[Any], texts: list[Any], rounded: bool | None) -> None:
    ids = (203999, 2544)
    lines = [player_line(PLAYER_ID=i, PLAYER_NAME=f"P {i}", MIN=m) for i, m in zip(ids, minutes, strict=True)]
    box = players(load(tmp_path, lines))
    assert [None if pd.isna(text) else text for text in box["minutes"]] == texts
    assert [None if pd.isna(flag) else flag for flag in box["minutes_are_rounded"]] == [rounded] * 2


def test_starters_and_those_who_did_not_play(tmp_path: Path) -> None:
    zero = dict.fromkeys((*COUNTS, "MIN", "PLUS_MINUS"), 0)
    lines = [
        player_line(START_POSITION="C", COMMENT=""),
        player_line(PLAYER_ID=1, PLAYER_NAME="Bench", START_POSITION="", COMMENT=None),
        player_line(PLAYER_ID=2, PLAYER_NAME="Sat", START_POSITION=None, COMMENT=" DNP - Coach's Decision ", **zero),
        player_line(PLAYER_ID=3, PLAYER_NAME="Seconds", START_POSITION=" ", COMMENT=None, **zero),
        player_line(PLAYER_ID=4, PLAYER_NAME="Remark", START_POSITION="", COMMENT="left injured"),
    ]
    box = players(load(tmp_path, lines)).set_index("player_lookup")
    assert box["starter"].tolist() == [True, False, False, False, False]
    assert box["dnp_reason"].dropna().to_dict() == {"sat": "DNP - Coach's Decision"}
    assert nulls(box.loc["sat", ["minutes", "points", "ft_attempted", "plus_minus"]])
    assert (box.loc["seconds", "minutes"], box.loc["seconds", "points"]) == ("0", 0)
    assert box.loc["remark", "points"] == 29
    assert box["minutes_are_rounded"].all()


def test_namesakes_stay_two_players(tmp_path: Path) -> None:
    lines = [
        player_line(PLAYER_ID=300, PLAYER_NAME="Jalen Williams"),
        player_line(PLAYER_ID=200, PLAYER_NAME="Jalen Williams"),
        player_line(PLAYER_ID=300, PLAYER_NAME="Jalen Williams", GAME_ID="0022200061", GAME_DATE="2022-10-24"),
    ]
    loaded = load(tmp_path, lines)
    assert players(loaded)["player_lookup"].tolist() == ["jalenwilliams300", "jalenwilliams", "jalenwilliams"]
    registry = loaded.frames[PLAYER_REGISTRY.name]
    keys = registry.set_index(["player_lookup", "season_year"])["nba_player_id"].to_dict()
    assert keys == {("jalenwilliams300", 2023): 300, ("jalenwilliams", 2023): 200, ("jalenwilliams", 2022): 300}
    assert (
        players(load(tmp_path, lines[::-1]))["player_lookup"].tolist()
        == players(loaded)["player_lookup"].tolist()[::-1]
    )


# All bad rows of a kind stand in one file: each must be judged on its own, and reading once keeps the tests fast.
BAD_BOX_CELLS: list[Expected] = [
    (
        {"TEAM_ABBREVIATION": "XYZ", "MATCHUP": "XYZ @ LAL"},
        RejectReason.UNKNOWN_TRICODE,
        "TEAM_ABBREVIATION is 'XYZ'",
    ),
    ({"MATCHUP": "DEN vs. XYZ"}, RejectReason.UNKNOWN_TRICODE, "MATCHUP is 'DEN vs. XYZ'"),
    ({"MATCHUP": "DEN LAL"}, RejectReason.MALFORMED_MATCHUP, "MATCHUP is 'DEN LAL'"),
    ({"MATCHUP": None}, RejectReason.MALFORMED_MATCHUP, "MATCHUP is empty"),
    ({"MATCHUP": "LAL @ DEN"}, RejectReason.MALFORMED_MATCHUP, "line's own team"),
    ({"MATCHUP": "DEN vs. DEN"}, RejectReason.MALFORMED_MATCHUP, "opponent"),
    ({"GAME_ID": "20231024_LAL_DEN"}, RejectReason.MALFORMED_GAME_ID, "GAME_ID is '20231024_LAL_DEN'"),
    ({"GAME_ID": "2022300061"}, RejectReason.MALFORMED_GAME_ID, "another league"),
    ({"GAME_ID": ""}, RejectReason.MALFORMED_GAME_ID, "GAME_ID is empty"),
    ({"GAME_ID": 12.5}, RejectReason.MALFORMED_GAME_ID, "GAME_ID is '12.5'"),
    ({"GAME_DATE": "2023-13-40"}, RejectReason.MALFORMED_DATE, "GAME_DATE is '2023-13-40'"),
    ({"GAME_DATE": "2023-10-24T23:30:00Z"}, RejectReason.MALFORMED_DATE, "not a calendar date"),
    ({"GAME_DATE": None}, RejectReason.MALFORMED_DATE, "GAME_DATE is empty"),
    ({"GAME_DATE": "2026-03-02"}, RejectReason.DATE_BEYOND_TODAY, "later than today (2026-03-01, US Eastern)"),
    ({"TEAM_ABBREVIATION": " "}, RejectReason.MISSING_TEAM, "TEAM_ABBREVIATION is empty"),
    ({"PTS": "many"}, RejectReason.NOT_A_NUMBER, "PTS is 'many'"),
    ({"PTS": 2.5}, RejectReason.NOT_A_NUMBER, "PTS is '2.5'"),
    ({"AST": "inf"}, RejectReason.NOT_A_NUMBER, "AST is 'inf'"),
    ({"FTA": [1, 2]}, RejectReason.NOT_A_NUMBER, "FTA is '[1, 2]'"),
    ({"PF": True}, RejectReason.NOT_A_NUMBER, "PF is 'True'"),
    ({"MIN": "long"}, RejectReason.NOT_A_NUMBER, "MIN is 'long'"),
    ({"MIN": "26:75"}, RejectReason.NOT_A_NUMBER, "MIN is '26:75'"),
    ({"PLUS_MINUS": "plus"}, RejectReason.NOT_A_NUMBER, "PLUS_MINUS is 'plus'"),
]
BAD_PLAYER_CELLS: list[Expected] = [
    ({"PLAYER_ID": None}, RejectReason.MISSING_PLAYER, "PLAYER_ID is empty"),
    ({"PLAYER_ID": "abc"}, RejectReason.MISSING_PLAYER, "PLAYER_ID is 'abc'"),
    ({"PLAYER_ID": 0}, RejectReason.MISSING_PLAYER, "PLAYER_ID is '0'"),
    ({"PLAYER_NAME": ""}, RejectReason.MISSING_PLAYER, "PLAYER_NAME is empty"),
    ({"PLAYER_NAME": None}, RejectReason.MISSING_PLAYER, "PLAYER_NAME is empty"),
    ({"PLAYER_NAME": "姚明"}, RejectReason.MISSING_PLAYER, "PLAYER_NAME is '姚明'"),
]


def test_rejected_player_lines(tmp_path: Path) -> None:
    bad = [*BAD_BOX_CELLS, *BAD_PLAYER_CELLS]
    rows = [
        player_line(),
        *(player_line(**{"PLAYER_ID": 9, "PLAYER_NAME": "Bad Line", **cells}) for cells, _, _ in bad),
    ]
    loaded = load(tmp_path, rows)
    assert players(loaded)["nba_player_id"].tolist() == [203999]
    assert_rejected(loaded, rows, [(reason, detail) for _, reason, detail in bad])


def test_rejected_team_lines(tmp_path: Path) -> None:
    good = team_line(MATCHUP="LAL @ DEN", TEAM_ABBREVIATION="LAL")
    rows = [good, *(team_line(**cells) for cells, _, _ in BAD_BOX_CELLS)]
    loaded = load(tmp_path, rows)
    assert teams(loaded)["team_abbr"].tolist() == ["LAL"]
    assert_rejected(loaded, rows, [(reason, detail) for _, reason, detail in BAD_BOX_CELLS])


def test_of_repeated_lines_the_last_good_one_stays(tmp_path: Path) -> None:
    loaded = load(tmp_path, [player_line(PTS=1), player_line(PTS=2), player_line(PTS="x")])
    assert players(loaded)["points"].tolist() == [2]
    assert loaded.rejected["reason"].tolist() == [RejectReason.DUPLICATE_ROW, RejectReason.NOT_A_NUMBER]
    assert loaded.rejected["row_number"].tolist() == [1, 3]
    twice = load(tmp_path, [team_line(PTS=1), team_line(PTS=2)])
    assert teams(twice)["points"].tolist() == [2]
    assert twice.rejected["reason"].tolist() == [RejectReason.DUPLICATE_ROW]


def test_two_game_ids_for_one_game_keep_the_last(tmp_path: Path) -> None:
    other = {"GAME_ID": "0022300999"}
    for lines in ([player_line(), player_line(**other)], [team_line(), team_line(**other)]):
        loaded = load(tmp_path, lines)
        assert next(iter(loaded.frames.values()))["nba_game_id"].tolist() == ["0022300999"]
        assert loaded.rejected["reason"].tolist() == [RejectReason.DUPLICATE_ROW]


def test_today_is_eastern(tmp_path: Path) -> None:
    just_after_midnight_utc = datetime(2023, 10, 25, 3, tzinfo=UTC)
    lines = [player_line(), player_line(PLAYER_ID=1, GAME_ID="0022300062", GAME_DATE="2023-10-25")]
    loaded = load(tmp_path, lines, now=just_after_midnight_utc)
    assert players(loaded)["game_date"].tolist() == [pd.Timestamp("2023-10-24")]
    assert loaded.rejected["reason"].tolist() == [RejectReason.DATE_BEYOND_TODAY]


def test_empty_counts_are_null_not_zero(tmp_path: Path) -> None:
    box = players(load(tmp_path, [player_line(TOV=None, BLK="")]))
    assert nulls(box["turnovers"])
    assert nulls(box["blocks"])


def test_team_lines(tmp_path: Path) -> None:
    loaded = load(tmp_path, [team_line(), team_line(MATCHUP="LAL @ DEN", TEAM_ABBREVIATION="LAL", PLUS_MINUS=-12)])
    box = teams(loaded)
    assert loaded.kind is FileKind.TEAM_GAME_LOG
    assert box["game_id"].tolist() == ["20231024_LAL_DEN"] * 2
    assert box["team_abbr"].tolist() == ["DEN", "LAL"]
    assert box["is_home"].tolist() == [True, False]
    assert box["minutes"].tolist() == ["240", "240"]
    assert box["plus_minus"].tolist() == [12, -12]


def test_plus_minus_is_optional_and_averages_are_no_difference(tmp_path: Path) -> None:
    line = team_line()
    del line["PLUS_MINUS"]
    assert nulls(teams(load(tmp_path, [line]))["plus_minus"])
    averages = load(tmp_path, [team_line(PLUS_MINUS=-9.2)])
    assert averages.rejected.empty
    assert nulls(teams(averages)["plus_minus"])


def test_neutral_court_lines_that_contradict_each_other_keep_the_nba_id(tmp_path: Path) -> None:
    neutral = {"GAME_ID": "0022500147", "GAME_DATE": "2025-11-01"}
    lines = [
        team_line(**neutral, TEAM_ABBREVIATION="DAL", MATCHUP="DAL @ DET"),
        team_line(**neutral, TEAM_ABBREVIATION="DET", MATCHUP="DET @ DAL"),
        team_line(),
    ]
    box = teams(load(tmp_path, lines))
    assert box["game_id"].tolist() == ["0022500147", "0022500147", "20231024_LAL_DEN"]
    assert box["is_home"].isna().tolist() == [True, True, False]
