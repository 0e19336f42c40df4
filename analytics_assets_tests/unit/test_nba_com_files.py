"""Reading NBA.com files: every format, every way a file can be unreadable."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    PLAYER_REGISTRY,
)
from analytics_assets.raw.loaders.nba_com import FileKind, UnreadableFileError, read_nba_com
from analytics_assets_tests.support.nba_com_files import (
    NOW,
    checked,
    games,
    league_game_log,
    load,
    player_line,
    players,
    result,
    schedule_answer,
    team_line,
    teams,
)


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
        ("empty.csv.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("damaged.parquet", b"PAR1 and then nonsense", "Parquet content is damaged"),
        ("not.parquet", b"GAME_ID,PTS\n1,2\n", "does not start as Parquet"),
        ("damaged.json", b'{"resultSets": [', "JSON content is damaged"),
        ("damaged.csv.gz", gzip.compress(b"GAME_ID,PTS\n" * 50, mtime=0)[:-12], "gzip content is damaged"),
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
