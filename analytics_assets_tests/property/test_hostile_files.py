"""Whatever a file holds, it is read or refused in a sentence that names it; memory stays bounded."""

import gzip
import json
import os
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analytics_assets.raw.loaders import files
from analytics_assets.raw.loaders.files import UnreadableFileError, read_content
from analytics_assets.raw.loaders.loaded_file import LoadedFile
from analytics_assets.raw.loaders.nba_com import read_nba_com
from analytics_assets.raw.loaders.odds_api import read_odds_api
from analytics_assets_tests.support.nba_com_files import league_game_log, player_line, schedule_answer, scheduled
from analytics_assets_tests.support.play_by_play_files import GAME_DATES, answer, live

NOW = datetime(2024, 2, 1, tzinfo=UTC)
SUFFIXES = (".parquet", ".csv", ".json", ".json.gz", ".csv.gz", ".txt", "")
SEVERAL = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
HEADS = st.sampled_from([b"", b"PAR1", b"\x1f\x8b\x08\x00", b"[", b"{", b"\xef\xbb\xbf{", b"a,b\n", b'{"resultSets":'])
KEYS = st.sampled_from(
    [
        *("resultSets", "resultSet", "headers", "rowSet", "name", "leagueSchedule", "gameDates", "gameDate", "games"),
        *("game", "actions", "gameId", "boxScoreTraditional", "homeTeam", "awayTeam", "players", "response", "GAME_ID"),
        *("bookmakers", "markets", "outcomes", "key", "price", "point", "commence_time", "data", "id", "TEAM_ID"),
    ]
)
LEAVES = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6)),
    st.sampled_from(["LeagueGameLog", "h2h", "2024-01-10", "0022300001", "LAL", 10**30, 1e308, "\x00", "\ud800"]),
)
ANSWERS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)


def _read(read, path: Path) -> None:
    told = str(path)
    try:
        found = read(path)
    except UnreadableFileError as error:
        told, found = str(error), None
    assert str(path) in told
    assert len(told) < 5_000
    assert found is None or isinstance(found, files.Content | LoadedFile)


@SEVERAL
@given(HEADS, st.binary(max_size=300), st.sampled_from(SUFFIXES), st.booleans())
@example(b"[" * 100_000, b"", ".json", False)
@example(b'{"resultSets":' * 50_000, b"", ".json", False)
@example(b"[" + b"9" * 10_000 + b"]", b"", ".json", False)
@example(b"a,b\n" + b'"' * 5_000, b"", ".csv", False)
def test_arbitrary_bytes_are_read_or_refused(tmp_path, head, rest, suffix, packed) -> None:
    content = head + rest
    path = tmp_path / f"file{suffix}"
    path.write_bytes(gzip.compress(content) if packed else content)
    _read(read_content, path)


@SEVERAL
@given(ANSWERS)
def test_answers_of_any_shape_are_read_or_refused(tmp_path, content) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    _read(lambda file: read_nba_com(file, now=NOW), path)
    _read(lambda file: read_odds_api(file, now=NOW), path)


ODDS = {
    **{"id": "e1", "sport_key": "basketball_nba", "commence_time": "2023-10-24T23:40:00Z"},
    **{"home_team": "Denver Nuggets", "away_team": "Los Angeles Lakers"},
    "bookmakers": [
        {
            "key": "draftkings",
            "last_update": "2023-10-24T23:20:05Z",
            "markets": [{"key": "h2h", "outcomes": [{"name": "Denver Nuggets", "price": -110, "point": None}]}],
        }
    ],
}
GOOD_ANSWERS = (
    schedule_answer(scheduled()),
    league_game_log(player_line()),
    answer(live(1, "2pt", description="x")),
    [ODDS],
    {"data": [ODDS], "timestamp": "2023-10-24T23:20:05Z"},
)


def _places(value: object, path: tuple = ()) -> list[tuple]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, one in inner for place in _places(one, (*path, name)))]


def _replaced(value, path: tuple, new: object):
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copy


@SEVERAL
@given(st.data())
def test_good_answers_with_something_else_in_one_place_are_read_or_refused(tmp_path, data) -> None:
    good = data.draw(st.sampled_from(GOOD_ANSWERS))
    wrong = _replaced(good, data.draw(st.sampled_from(_places(good))), data.draw(ANSWERS))
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(wrong, default=str), encoding="utf-8")
    _read(lambda file: read_nba_com(file, now=NOW, game_dates=GAME_DATES), path)
    _read(lambda file: read_odds_api(file, now=NOW), path)


def test_what_unpacks_beyond_the_bound_is_refused_before_it_is_unpacked(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(files, "LARGEST_CONTENT", 1 << 20)
    bomb = tmp_path / "bomb.json.gz"
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb.write_bytes(b"".join(packer.compress(b" " * (1 << 20)) for _ in range(64)) + packer.flush())
    assert bomb.stat().st_size < 100_000
    twice = tmp_path / "twice.csv.gz"
    twice.write_bytes(gzip.compress(bomb.read_bytes()) + gzip.compress(b"a" * (1 << 21)))
    plain = tmp_path / "plain.csv"
    plain.write_bytes(b"a" * (2 << 20))
    for path in (bomb, twice, plain):
        with pytest.raises(UnreadableFileError, match="holds more than 1 MiB, unpacked; split it"):
            read_content(path)


def test_a_table_of_too_many_cells_is_refused_before_it_is_read(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(files, "MOST_CELLS", 10_000)
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"a": [0] * 10_001}).to_parquet(path)
    with pytest.raises(UnreadableFileError, match="has 10001 rows of 1 columns; split the file"):
        read_content(path)


def test_pipes_devices_and_directories_are_no_files(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(UnreadableFileError, match="no ordinary file"):
            read_content(path)
