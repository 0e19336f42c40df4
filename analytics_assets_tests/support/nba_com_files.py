"""NBA.com files for tests: rows with changes, writing and reading them, checks that hold for every file."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from analytics_assets.raw.declarations import (
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    RAW_TABLES,
)
from analytics_assets.raw.loaders.nba_com import LoadedFile, RejectReason, read_nba_com
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


def load(tmp_path: Path, content: Any, now: datetime = NOW, game_dates: Mapping[str, date] | None = None) -> LoadedFile:
    """Load a literal: JSON of whatever is given."""
    path = tmp_path / "file.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return checked(read_nba_com(path, now=now, game_dates=game_dates))


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


# A changed cell, the reason for rejecting its line, and words of the detail.
Expected = tuple[dict[str, Any], RejectReason, str]


def assert_rejected(loaded: LoadedFile, rows: list[Any], expected: list[tuple[RejectReason, str]]) -> None:
    """All rows but the first are rejected, in order, for the expected reasons and with their values."""
    found = loaded.rejected
    assert found["row_number"].tolist() == list(range(2, len(rows) + 1))
    assert found["reason"].tolist() == [reason for reason, _ in expected]
    for detail, (_, part) in zip(found["detail"], expected, strict=True):
        assert part in detail
    assert [json.loads(row) for row in found["raw_values"]] == rows[1:]
