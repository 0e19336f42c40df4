"""Reading one NBA.com file: which kind it is, and the frames of our raw tables that it gives.

``LeagueGameLog`` player and team lines, box scores of one game, tables of results, ``scheduleLeagueV2``, play-by-play
(live, version 3, tables of events), shot charts, lists of players and fetched rosters are read. Nothing is written
here; a caller upserts the frames by each table's key.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from analytics_assets.raw.loaders.box_lines import (
    PLAYER_LINE_COLUMNS,
    TEAM_LINE_COLUMNS,
    player_line_frames,
    team_line_frames,
)
from analytics_assets.raw.loaders.box_score_v3 import box_score_frames, box_score_rows
from analytics_assets.raw.loaders.files import (
    BoxScoreGame,
    PlayByPlayActions,
    ScheduleGames,
    UnreadableFileError,
    read_answer,
    read_content,
)
from analytics_assets.raw.loaders.flat_play_by_play import FLAT_EVENT_COLUMNS, flat_event_frames
from analytics_assets.raw.loaders.live_play_by_play import live_event_frames
from analytics_assets.raw.loaders.loaded_file import FileKind, LoadedFile
from analytics_assets.raw.loaders.play_by_play_v3 import is_version_3, version_3_event_frames
from analytics_assets.raw.loaders.player_list import PLAYER_LIST_COLUMNS, player_list_frames
from analytics_assets.raw.loaders.rows import RejectReason, RowLedger, eastern_date, nba_game_ids
from analytics_assets.raw.loaders.schedule_rows import RESULT_COLUMNS, result_frames, schedule_frames
from analytics_assets.raw.loaders.shot_chart import SHOT_COLUMNS, shot_frames
from analytics_assets.raw.loaders.team_roster import ROSTER_COLUMNS, roster_frames

__all__ = [
    "FileKind",
    "LoadedFile",
    "RejectReason",
    "UnreadableFileError",
    "UnscheduledGameError",
    "read_nba_com",
]


class UnscheduledGameError(UnreadableFileError):
    """A file whose game's date stands only in the schedule, and the schedule does not hold the game."""


_Reader = Callable[[pd.DataFrame, RowLedger, datetime], dict[str, pd.DataFrame]]
_READERS: dict[FileKind, tuple[tuple[str, ...], _Reader]] = {
    FileKind.PLAYER_GAME_LOG: (PLAYER_LINE_COLUMNS, player_line_frames),
    FileKind.TEAM_GAME_LOG: (TEAM_LINE_COLUMNS, team_line_frames),
    FileKind.RESULTS: (RESULT_COLUMNS, result_frames),
    FileKind.FLAT_PLAY_BY_PLAY: (FLAT_EVENT_COLUMNS, flat_event_frames),
    FileKind.SHOT_CHART: (SHOT_COLUMNS, shot_frames),
    FileKind.PLAYER_LIST: (PLAYER_LIST_COLUMNS, player_list_frames),
}
_NEEDED_COLUMNS = {kind: columns for kind, (columns, _) in _READERS.items()} | {FileKind.TEAM_ROSTER: ROSTER_COLUMNS}
# A file looks like the first kind of which it has a column listed here.
_TELLING_COLUMNS = {
    FileKind.RESULTS: ("HOMETEAMNAME", "AWAYTEAMNAME", "HOMESCORE", "AWAYSCORE"),
    FileKind.FLAT_PLAY_BY_PLAY: ("ACTIONNUMBER", "ACTIONTYPE"),
    FileKind.SHOT_CHART: ("LOC_X", "LOC_Y", "SHOT_DISTANCE"),
    FileKind.PLAYER_LIST: ("PERSON_ID", "DISPLAY_FIRST_LAST"),
    FileKind.TEAM_ROSTER: ("TEAMID", "PLAYER_SLUG", "SCHOOL"),
    FileKind.PLAYER_GAME_LOG: ("PLAYER_ID", "PLAYER_NAME"),
    FileKind.TEAM_GAME_LOG: ("TEAM_ID",),
}
_OPTIONAL_COLUMNS = ("PLUS_MINUS", "START_POSITION", "COMMENT", "BIRTHDATE")


def read_nba_com(path: Path, *, now: datetime, game_dates: Mapping[str, date] | None = None) -> LoadedFile:
    """Read one NBA.com file into frames of our raw tables.

    Args:
        path: Parquet, CSV or JSON, each also gzipped; column names in any case.
        now: Moment of loading, with a time zone: becomes ``processed_at``, and box lines, results and events of a
            later US-Eastern date are rejected.
        game_dates: US-Eastern date of each scheduled game by its NBA id. Play-by-play version 3 and box scores of one
            game carry none themselves.

    Returns:
        Frames by raw table and the rejected rows. A file with its columns but without rows gives empty frames.

    Raises:
        UnreadableFileError: The file is missing, empty, damaged, or of no known kind.
        UnscheduledGameError: The file is play-by-play version 3 or the box score of a game that ``game_dates`` does not
            hold.
        ValueError: ``now`` has no time zone.
    """
    eastern_date(now)
    content = read_content(path)
    if isinstance(content, ScheduleGames):
        ledger = RowLedger(len(content.games))
        frames = schedule_frames(content, ledger, now)
        return LoadedFile(path, FileKind.SCHEDULE, frames, ledger.rejected(content.games))
    if isinstance(content, PlayByPlayActions):
        return _play_by_play(path, content, now, game_dates or {})
    if isinstance(content, BoxScoreGame):
        return _box_score(path, content, now, game_dates or {})
    kind = _kind(path, content)
    lines = _upper_case(path, content, _NEEDED_COLUMNS[kind])
    reader = _roster_reader(path) if kind is FileKind.TEAM_ROSTER else _READERS[kind][1]
    ledger = RowLedger(len(lines))
    frames = reader(lines, ledger, now)
    return LoadedFile(path, kind, frames, ledger.rejected(content))


def _roster_reader(path: Path) -> _Reader:
    answer = read_answer(path)
    stated = answer.get("fetched_at") if isinstance(answer, dict) else None
    try:
        fetched_at = datetime.fromisoformat(str(stated))
    except ValueError:
        fetched_at = None
    if fetched_at is None or fetched_at.tzinfo is None:
        raise UnreadableFileError(
            f"{path}: a roster says nothing of its day, and 'fetched_at' beside the answer is missing; fetch it with "
            "nba-analytics raw fetch"
        )
    return lambda lines, ledger, now: roster_frames(lines, ledger, fetched_at, now)


def _box_score(path: Path, content: BoxScoreGame, now: datetime, game_dates: Mapping[str, date]) -> LoadedFile:
    game_id = _stated_game_id(path, content.game_id, "boxScoreTraditional")
    rows = box_score_rows(content)
    ledger = RowLedger(len(rows))
    game_date = _scheduled_date(path, game_id, game_dates)
    frames, skipped = box_score_frames(content, game_id, game_date, ledger, now)
    return LoadedFile(path, FileKind.BOX_SCORE_V3, frames, ledger.rejected(rows), skipped)


def _stated_game_id(path: Path, stated: object, owner: str) -> str:
    game_id = nba_game_ids(pd.Series([stated], dtype=object)).iloc[0]
    if pd.isna(game_id):
        raise UnreadableFileError(
            f"{path}: 'gameId' of '{owner}' is {stated!r}; an NBA game id has ten digits and starts with 001 to 006; "
            "save the whole answer again"
        )
    return game_id


def _scheduled_date(path: Path, game_id: str, game_dates: Mapping[str, date]) -> date:
    if game_id not in game_dates:
        raise UnscheduledGameError(
            f"{path}: the answer carries no date, and the loaded schedule does not hold game {game_id}; load the "
            "schedule of its season first, or name it in the same command"
        )
    return game_dates[game_id]


def _play_by_play(path: Path, content: PlayByPlayActions, now: datetime, game_dates: Mapping[str, date]) -> LoadedFile:
    game_id = _stated_game_id(path, content.game_id, "game")
    ledger = RowLedger(len(content.actions))
    if not is_version_3(content.actions):
        frames = live_event_frames(game_id, content.actions, ledger, now)
        return LoadedFile(path, FileKind.LIVE_PLAY_BY_PLAY, frames, ledger.rejected(content.actions))
    game_date = _scheduled_date(path, game_id, game_dates)
    frames = version_3_event_frames(game_id, game_date, content.actions, ledger, now)
    return LoadedFile(path, FileKind.PLAY_BY_PLAY_V3, frames, ledger.rejected(content.actions))


def _kind(path: Path, content: pd.DataFrame) -> FileKind:
    found = {str(name).strip().upper() for name in content.columns}
    looks_like = next((kind for kind, telling in _TELLING_COLUMNS.items() if found.intersection(telling)), None)
    if looks_like is None:
        raise _unreadable(path, content, "the columns are of no kind of file that can be read")
    missing = [name for name in _NEEDED_COLUMNS[looks_like] if name not in found]
    if missing:
        raise _unreadable(path, content, f"looks like {looks_like}, but has no column {', '.join(missing)}")
    return looks_like


def _unreadable(path: Path, content: pd.DataFrame, problem: str) -> UnreadableFileError:
    needs = "; ".join(f"{kind} needs {', '.join(columns)}" for kind, columns in _NEEDED_COLUMNS.items())
    found = ", ".join(map(str, content.columns)) or "none"
    return UnreadableFileError(
        f"{path}: {problem}. Columns found: {found}. Needed (in any case): {needs}. What to do: save the LeagueGameLog "
        "answer, the results, the events or the shots with all columns, rename columns that only differ in name, or "
        "pass the scheduleLeagueV2 or playbyplay answer as JSON."
    )


def _upper_case(path: Path, content: pd.DataFrame, needed: tuple[str, ...]) -> pd.DataFrame:
    names = [str(name).strip().upper() for name in content.columns]
    counts = Counter(names)
    twice = [name for name in (*needed, *_OPTIONAL_COLUMNS) if counts[name] > 1]
    if twice:
        raise _unreadable(path, content, f"has the column {', '.join(twice)} more than once, in whatever case")
    return content.set_axis(names, axis="columns")
