"""Reading NBA.com files: every format, every reason for rejecting a row, and the real files."""

import copy
import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
    RAW_TABLES,
)
from analytics_assets.raw.loaders.nba_com import FileKind, LoadedFile, RejectReason, UnreadableFileError, read_nba_com
from analytics_assets.tables.frames import PANDAS_DTYPES, to_arrow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REAL_DATA = Path(__file__).parents[3] / "shared" / "realdata"
TABLES = {table.name: table for table in RAW_TABLES}
COUNTS = {
    "PTS": 29,
    "AST": 11,
    "OREB": 1,
    "DREB": 12,
    "STL": 1,
    "BLK": 2,
    "TOV": 2,
    "PF": 3,
    "FGM": 12,
    "FGA": 22,
    "FG3M": 3,
    "FG3A": 5,
    "FTM": 2,
    "FTA": 4,
}
GAME = {"GAME_ID": "0022300061", "GAME_DATE": "2023-10-24", "MATCHUP": "DEN vs. LAL", "TEAM_ABBREVIATION": "DEN"}


def player_line(**changes: Any) -> dict[str, Any]:
    line = {"PLAYER_ID": 203999, "PLAYER_NAME": "Nikola Jokić", "TEAM_ID": 1610612743, **GAME, "MIN": 36}
    return {**line, **COUNTS, "PLUS_MINUS": 15, **changes}


def team_line(**changes: Any) -> dict[str, Any]:
    return {
        "TEAM_ID": 1610612743,
        "TEAM_NAME": "Denver Nuggets",
        **GAME,
        "MIN": 240,
        **COUNTS,
        "PLUS_MINUS": 12,
        **changes,
    }


def result(**changes: Any) -> dict[str, Any]:
    return {
        "GAME_ID": "22100001",
        "GAME_DATE": "2021-10-19",
        "hometeamName": "Milwaukee Bucks",
        "homeScore": 127,
        "season_type": "Regular Season",
        "awayteamName": "Brooklyn Nets",
        "awayScore": 104,
    } | changes


def scheduled(**changes: Any) -> dict[str, Any]:
    return {
        "gameId": "0022300061",
        "gameStatus": 3,
        "gameStatusText": "Final",
        "gameDateEst": "2023-10-24T00:00:00Z",
        "gameDateTimeUTC": "2023-10-24T23:30:00Z",
        "arenaName": "Ball Arena",
        "arenaCity": "Denver",
        "postponedStatus": "A",
        "broadcasters": {"nationalTvBroadcasters": [{"broadcasterDisplay": "TNT"}]},
        "homeTeam": {"teamId": 1610612743, "teamTricode": "DEN", "score": 119},
        "awayTeam": {"teamId": 1610612747, "teamTricode": "LAL", "score": 107},
    } | changes


def schedule_answer(*games: Any) -> dict[str, Any]:
    return {"meta": {}, "leagueSchedule": {"gameDates": [{"gameDate": "10/24/2023 00:00:00", "games": list(games)}]}}


def league_game_log(*lines: dict[Any, Any]) -> dict[str, Any]:
    headers = list(lines[0])
    rows = [[line[name] for name in headers] for line in lines]
    return {"resource": "leaguegamelog", "resultSets": [{"name": "LeagueGameLog", "headers": headers, "rowSet": rows}]}


def load(tmp_path: Path, content: Any, now: datetime = NOW) -> LoadedFile:
    """Load a literal: JSON of whatever is given."""
    path = tmp_path / "file.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return checked(read_nba_com(path, now=now))


def checked(loaded: LoadedFile) -> LoadedFile:
    """What holds for every file: the declared columns and types, rows the warehouse can take, known reasons."""
    for name, frame in loaded.frames.items():
        table = TABLES[name]
        assert frame.columns.tolist() == table.column_names
        assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == {
            column.name: PANDAS_DTYPES[column.type] for column in table.columns
        }
        assert not frame.duplicated(list(table.key)).any()
        assert frame["data_hash"].isna().all()
        assert to_arrow(frame, table).num_rows == len(frame)
    assert loaded.rejected.columns.tolist() == ["row_number", "reason", "detail", "raw_values"]
    assert set(loaded.rejected["reason"]) <= {str(reason) for reason in RejectReason}
    assert loaded.rejected["detail"].notna().all()
    for row in loaded.rejected["raw_values"]:
        json.loads(row)
    return loaded


def players(loaded: LoadedFile) -> pd.DataFrame:
    return loaded.frames[NBAC_PLAYER_BOXSCORES.name]


def teams(loaded: LoadedFile) -> pd.DataFrame:
    return loaded.frames[NBAC_TEAM_BOXSCORE.name]


def games(loaded: LoadedFile) -> pd.DataFrame:
    return loaded.frames[NBAC_SCHEDULE.name]


def nulls(values: Any) -> bool:
    return bool(values.isna().all())


# --- formats ---------------------------------------------------------------------------------------------------------


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


FORMATS: dict[str, Callable[[pd.DataFrame], bytes]] = {
    "lines.parquet": lambda frame: frame.to_parquet(),
    "lines.csv": lambda frame: frame.to_csv(index=False).encode(),
    "with_bom.csv": lambda frame: b"\xef\xbb\xbf" + frame.to_csv(index=False).encode(),
    "records.json": lambda frame: _json(frame.to_dict("records")),
    "answer.json": lambda frame: _json(league_game_log(*frame.to_dict("records"))),
    "wrapped.json": lambda frame: _json({"uri": "x", "response": league_game_log(*frame.to_dict("records"))}),
    "answer_without_suffix": lambda frame: _json(league_game_log(*frame.to_dict("records"))),
}


@pytest.mark.parametrize(("packed", "case"), [(False, str.upper), (True, str.lower)])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows(tmp_path: Path, name: str, case: Callable[[str], str], packed: bool) -> None:
    lines = pd.DataFrame([player_line(), player_line(PLAYER_ID=2544, PLAYER_NAME="LeBron James")]).rename(columns=case)
    content = FORMATS[name](lines)
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(content) if packed else content)
    loaded = checked(read_nba_com(path, now=NOW))
    assert loaded.kind is FileKind.PLAYER_GAME_LOG
    assert loaded.path == path
    assert loaded.rejected.empty
    box = players(loaded)
    assert box["game_id"].tolist() == ["20231024_LAL_DEN"] * 2
    assert box["nba_game_id"].tolist() == ["0022300061"] * 2
    assert box["minutes"].tolist() == ["36", "36"]
    assert box["points"].tolist() == [29, 29]


def test_csv_without_rows_gives_empty_frames(tmp_path: Path) -> None:
    path = tmp_path / "no_games_that_day.csv"
    path.write_text(",".join(team_line()) + "\n")
    loaded = checked(read_nba_com(path, now=NOW))
    assert (loaded.kind, len(teams(loaded)), len(loaded.rejected)) == (FileKind.TEAM_GAME_LOG, 0, 0)


def test_player_answer_and_schedule_without_rows(tmp_path: Path) -> None:
    answer = league_game_log(player_line())
    answer["resultSets"][0]["rowSet"] = []
    loaded = load(tmp_path, answer)
    assert players(loaded).empty
    assert loaded.frames[PLAYER_REGISTRY.name].empty
    assert games(load(tmp_path, schedule_answer())).empty


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.json", b" \n", "is empty"),
        ("empty.csv.gz", gzip.compress(b""), "is empty"),
        ("damaged.parquet", b"PAR1 and then nonsense", "Parquet content is damaged"),
        ("not.parquet", b"GAME_ID,PTS\n1,2\n", "does not start as Parquet"),
        ("damaged.json", b'{"resultSets": [', "JSON content is damaged"),
        ("damaged.csv.gz", gzip.compress(b"GAME_ID,PTS\n" * 50)[:-12], "gzip content is damaged"),
        ("latin.csv", "name\nJoki\xe9".encode("latin-1"), "UTF-8"),
        ("ragged.csv", b"A,B\n1,2\n1,2,3\n", "not a readable CSV"),
        ("shifted.csv", b"A,B\n1,2,3\n1,2,3\n", "more cells than"),
        ("list.json", b"[]", "list is empty"),
        ("numbers.json", b"[1, 2]", "entry 1 of the list"),
        ("text.json", b'"hello"', "found a str"),
        ("other.json", b'{"game": {}}', "found the keys game"),
        ("nothing.json", b'{"resultSets": []}', "no result set"),
        (
            "short.json",
            b'{"resultSets": [{"headers": ["A", "B"], "rowSet": [[1, 2], [1]]}]}',
            "row 2 of the result set",
        ),
        ("schedule.json", b'{"leagueSchedule": {}}', "no list 'gameDates'"),
        ("group.json", b'{"leagueSchedule": {"gameDates": [{}]}}', "entry 1 of 'gameDates'"),
    ],
)
def test_unreadable_files_name_the_path_and_the_trouble(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=says) as caught:
        read_nba_com(path, now=NOW)
    assert str(path) in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"nowhere\.csv: there is no such file"):
        read_nba_com(tmp_path / "nowhere.csv", now=NOW)
    with pytest.raises(UnreadableFileError, match="cannot be opened"):
        read_nba_com(tmp_path, now=NOW)


def test_now_needs_a_time_zone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        load(tmp_path, [player_line()], now=NOW.replace(tzinfo=None))


def test_unknown_kind_says_what_was_found_and_what_each_kind_needs(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        load(tmp_path, [{"shot_zone": "paint", "distance": 3}])
    message = str(caught.value)
    expected = ("file.json", "shot_zone, distance", "player_game_log needs PLAYER_ID", "team_game_log needs TEAM_ID")
    for part in (*expected, "results needs GAME_ID", "What to do"):
        assert part in message


@pytest.mark.parametrize(
    ("row", "absent"),
    [
        *[
            (player_line(), name)
            for name in ("MATCHUP", "PLAYER_ID", "PLAYER_NAME", "FG3A", "MIN", "TEAM_ABBREVIATION")
        ],
        *[(team_line(), name) for name in ("MATCHUP", "GAME_ID", "TOV")],
        *[(result(), name) for name in ("hometeamName", "awayScore", "season_type", "GAME_DATE")],
    ],
)
def test_a_missing_column_is_named(tmp_path: Path, row: dict[str, Any], absent: str) -> None:
    del row[absent]
    with pytest.raises(UnreadableFileError, match=f"has no column {absent.upper()}\\."):
        load(tmp_path, [row])


def test_one_column_in_two_cases_is_ambiguous(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="PTS more than once"):
        load(tmp_path, [player_line(pts=3)])


# --- player lines ----------------------------------------------------------------------------------------------------


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


# --- rejected box lines ----------------------------------------------------------------------------------------------


# All bad rows of a kind stand in one file: each must be judged on its own, and reading once keeps the tests fast.
Expected = tuple[dict[str, Any], RejectReason, str]
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


def assert_rejected(loaded: LoadedFile, rows: list[Any], expected: list[tuple[RejectReason, str]]) -> None:
    """All rows but the first are rejected, in order, for the expected reasons and with their values."""
    found = loaded.rejected
    assert found["row_number"].tolist() == list(range(2, len(rows) + 1))
    assert found["reason"].tolist() == [reason for reason, _ in expected]
    for detail, (_, part) in zip(found["detail"], expected, strict=True):
        assert part in detail
    assert [json.loads(row) for row in found["raw_values"]] == rows[1:]


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


# --- team lines ------------------------------------------------------------------------------------------------------


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


# --- results ---------------------------------------------------------------------------------------------------------


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


# --- schedule --------------------------------------------------------------------------------------------------------


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
        ({"gameStatus": 1, "postponedStatus": "Y"}, ("postponed", 1)),
        ({"gameStatus": 1, "gameStatusText": "PPD"}, ("postponed", 1)),
        ({"gameStatus": 1, "gameStatusText": "Postponed"}, ("postponed", 1)),
        ({"gameStatus": 1, "gameStatusText": "Cancelled"}, ("cancelled", 1)),
        ({"gameStatus": 1, "postponedStatus": "N"}, (None, 1)),
        ({"gameStatus": 1, "postponedStatus": None, "gameStatusText": None}, (None, 1)),
        ({"gameStatus": 2, "gameStatusText": "Q3 5:12"}, (None, 2)),
        ({"postponedStatus": "Y"}, (None, 3)),
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
        (scheduled(homeTeam={"teamId": 0, "teamTricode": "", "score": 0}), RejectReason.TEAMS_NOT_KNOWN_YET),
        (scheduled(awayTeam={"teamId": 0, "teamTricode": "TBD", "score": 0}), RejectReason.TEAMS_NOT_KNOWN_YET),
        (scheduled(awayTeam=None), RejectReason.TEAMS_NOT_KNOWN_YET),
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


# --- bulk and real files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_season_loads_within_seconds(tmp_path: Path, suffix: str) -> None:
    numbers = range(26_000)
    lines = pd.DataFrame([player_line()] * len(numbers)).assign(
        GAME_ID=[f"00223{number // 20:05d}" for number in numbers],
        PLAYER_ID=[1 + number % 20 for number in numbers],
        PLAYER_NAME=[f"Player {number % 20}" for number in numbers],
        GAME_DATE=[f"2023-{1 + number // 20 % 12:02d}-{1 + number // 240 % 28:02d}" for number in numbers],
        MATCHUP=[
            ("DEN vs. LAL", "DEN vs. BOS", "DEN vs. MIA", "DEN vs. UTA")[number // 6720 % 4] for number in numbers
        ],
    )
    path = tmp_path / f"season.{suffix}"
    lines.to_parquet(path) if suffix == "parquet" else lines.to_csv(path, index=False)
    started = time.perf_counter()
    loaded = read_nba_com(path, now=NOW)
    seconds = time.perf_counter() - started
    assert len(players(loaded)) + len(loaded.rejected) == 26_000
    assert loaded.rejected.empty
    # Measured at half a second; the bound only catches a loop over rows on a busy machine.
    assert seconds < 5


def real(pattern: str) -> list[LoadedFile]:
    if not REAL_DATA.is_dir():
        pytest.skip(f"real data are not here: {REAL_DATA} is absent, so the real files are not checked")
    paths = sorted(REAL_DATA.glob(pattern))
    if not paths:
        pytest.skip(f"real data are incomplete: nothing matches {pattern} in {REAL_DATA}")
    return [checked(read_nba_com(path, now=NOW)) for path in paths]


def test_real_player_lines() -> None:
    loaded = real("nba_com_leaguegamelog/player_gamelogs_*.parquet")
    box = pd.concat([players(one) for one in loaded])
    assert len(box) == 78_335
    assert (box["minutes"] == "0").sum() == 279
    assert sum(len(one.rejected) for one in loaded) == 0
    assert box["minutes_are_rounded"].all()
    assert box["game_id"].nunique() == box["nba_game_id"].nunique() == 3 * 1_230


def test_real_team_lines() -> None:
    for one in real("team_gamelog/*.parquet"):
        box = teams(one)
        assert (one.kind, len(box), len(one.rejected)) == (FileKind.TEAM_GAME_LOG, 2_460, 0)
        assert box["is_home"].sum() == 1_230
        assert (box["plus_minus"].groupby(box["game_id"]).sum() == 0).all()


def test_real_results() -> None:
    (one,) = real("schedule/results_*.parquet")
    frame = games(one)
    assert (one.kind, len(frame), len(one.rejected)) == (FileKind.RESULTS, 3_943, 0)
    assert {tuple(types) for types in frame["covered_game_types"]} == {("playoffs", "regular")}
    assert set(frame["game_status"]) == {3}


def test_real_playoffs() -> None:
    loaded = real("playoffs_advanced/*.parquet")
    box = pd.concat([players(one) for one in loaded])
    assert len(box) == 3_620
    assert sum(len(one.rejected) for one in loaded) == 0
    sat = box[box["dnp_reason"].notna()]
    assert sat["player_name"].tolist() == ["Markieff Morris"]
    assert nulls(sat[["minutes", "points", "plus_minus"]].iloc[0])
    assert set(box["starter"].astype(int).groupby([box["game_id"], box["team_abbr"]]).sum()) == {5}


def test_real_schedule() -> None:
    (one,) = real("schedule/*scheduleLeagueV2*.json.gz")
    frame = games(one)
    assert (one.kind, len(frame), len(one.rejected)) == (FileKind.SCHEDULE, 1_273, 7)
    assert set(one.rejected["reason"]) == {RejectReason.TEAMS_NOT_KNOWN_YET}
    assert {tuple(types) for types in frame["covered_game_types"]} == {("preseason", "regular")}
    assert frame["tipoff_at"].notna().all()
    assert nulls(frame["is_primetime"])


def test_real_league_game_log_answer() -> None:
    (one,) = real("nba_com_raw/test_endpoints_LeagueGameLog.json.gz")
    box = teams(one)
    assert (one.kind, len(box), len(one.rejected)) == (FileKind.TEAM_GAME_LOG, 1_688, 0)
    # Five games on neutral courts: both lines say '@'.
    unsettled = box[box["is_home"].isna()]
    assert unsettled["game_id"].nunique() == 5
    assert (unsettled["game_id"] == unsettled["nba_game_id"]).all()
