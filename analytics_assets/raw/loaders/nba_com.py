"""Reading one NBA.com file: which kind it is, and the frames of our raw tables that it gives.

``LeagueGameLog`` player and team lines, tables of results, and ``scheduleLeagueV2`` are read. Nothing is written
here; a caller upserts the frames by each table's key.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pandas as pd

from analytics_assets.raw.loaders.box_lines import (
    PLAYER_LINE_COLUMNS,
    TEAM_LINE_COLUMNS,
    player_line_frames,
    team_line_frames,
)
from analytics_assets.raw.loaders.files import ScheduleGames, UnreadableFileError, read_content
from analytics_assets.raw.loaders.rows import RejectReason, RowLedger, eastern_date
from analytics_assets.raw.loaders.schedule_rows import RESULT_COLUMNS, result_frames, schedule_frames

__all__ = ["FileKind", "LoadedFile", "RejectReason", "UnreadableFileError", "read_nba_com"]


class FileKind(StrEnum):
    """What a file holds."""

    PLAYER_GAME_LOG = "player_game_log"
    TEAM_GAME_LOG = "team_game_log"
    RESULTS = "results"
    SCHEDULE = "schedule"


@dataclass(frozen=True)
class LoadedFile:
    """What one file gave. Every row of the file is in the frame of its table or in ``rejected``.

    Attributes:
        path: The file.
        kind: What it holds.
        frames: Frames by raw table name, each with exactly its declaration's columns and types. The registry is
            derived from the player lines: one row per player and season, not per line.
        rejected: ``row_number`` (from 1, a CSV header not counted), ``reason`` (a :class:`RejectReason`), ``detail``
            (column, value and what to do), ``raw_values`` (the row as it stood, JSON text).
    """

    path: Path
    kind: FileKind
    frames: dict[str, pd.DataFrame]
    rejected: pd.DataFrame


_Reader = Callable[[pd.DataFrame, RowLedger, datetime], dict[str, pd.DataFrame]]
_READERS: dict[FileKind, tuple[tuple[str, ...], _Reader]] = {
    FileKind.PLAYER_GAME_LOG: (PLAYER_LINE_COLUMNS, player_line_frames),
    FileKind.TEAM_GAME_LOG: (TEAM_LINE_COLUMNS, team_line_frames),
    FileKind.RESULTS: (RESULT_COLUMNS, result_frames),
}
# A file looks like the first kind of which it has a column listed here.
_TELLING_COLUMNS = {
    FileKind.RESULTS: ("HOMETEAMNAME", "AWAYTEAMNAME", "HOMESCORE", "AWAYSCORE"),
    FileKind.PLAYER_GAME_LOG: ("PLAYER_ID", "PLAYER_NAME"),
    FileKind.TEAM_GAME_LOG: ("TEAM_ID",),
}


def read_nba_com(path: Path, *, now: datetime) -> LoadedFile:
    """Read one NBA.com file into frames of our raw tables.

    Args:
        path: Parquet, CSV or JSON, each also gzipped; column names in any case.
        now: Moment of loading, with a time zone: becomes ``processed_at``, and box lines and results of a later
            US-Eastern date are rejected.

    Returns:
        Frames by raw table and the rejected rows. A file with its columns but without rows gives empty frames.

    Raises:
        UnreadableFileError: The file is missing, empty, damaged, or of no known kind.
        ValueError: ``now`` has no time zone.
    """
    eastern_date(now)
    content = read_content(path)
    if isinstance(content, ScheduleGames):
        ledger = RowLedger(len(content.games))
        frames = schedule_frames(content, ledger, now)
        return LoadedFile(path, FileKind.SCHEDULE, frames, ledger.rejected(content.games))
    kind = _kind(path, content)
    needed, reader = _READERS[kind]
    lines = _upper_case(path, content, needed)
    ledger = RowLedger(len(lines))
    frames = reader(lines, ledger, now)
    return LoadedFile(path, kind, frames, ledger.rejected(content))


def _kind(path: Path, content: pd.DataFrame) -> FileKind:
    found = {str(name).strip().upper() for name in content.columns}
    looks_like = next((kind for kind, telling in _TELLING_COLUMNS.items() if found.intersection(telling)), None)
    if looks_like is None:
        raise _unreadable(path, content, "the columns are of no kind of file that can be read")
    missing = [name for name in _READERS[looks_like][0] if name not in found]
    if missing:
        raise _unreadable(path, content, f"looks like {looks_like}, but has no column {', '.join(missing)}")
    return looks_like


def _unreadable(path: Path, content: pd.DataFrame, problem: str) -> UnreadableFileError:
    needs = "; ".join(f"{kind} needs {', '.join(columns)}" for kind, (columns, _) in _READERS.items())
    found = ", ".join(map(str, content.columns)) or "none"
    return UnreadableFileError(
        f"{path}: {problem}. Columns found: {found}. Needed (in any case): {needs}. What to do: save the LeagueGameLog "
        "answer or the results table with all its columns, rename columns that only differ in name, or pass the "
        "scheduleLeagueV2 answer as JSON."
    )


def _upper_case(path: Path, content: pd.DataFrame, needed: tuple[str, ...]) -> pd.DataFrame:
    names = [str(name).strip().upper() for name in content.columns]
    counts = Counter(names)
    twice = [name for name in (*needed, "PLUS_MINUS", "START_POSITION", "COMMENT") if counts[name] > 1]
    if twice:
        raise _unreadable(path, content, f"has the column {', '.join(twice)} more than once, in whatever case")
    return content.set_axis(names, axis="columns")
