"""Opening files: Parquet, CSV and JSON, plain or gzipped, to rows as they stand or to the objects of an answer.

Nothing here knows what the columns mean; that is for the modules which read one kind of file.
"""

import gzip
import io
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

# A season of play-by-play of the most talkative feed is about a tenth of these.
LARGEST_CONTENT = 1 << 30
MOST_CELLS = 1_000_000_000
_GZIP_MAGIC, _PARQUET_MAGIC = b"\x1f\x8b", b"PAR1"


class UnreadableFileError(ValueError):
    """A file that cannot be read as a whole; the message is one line: the file, what was found and what to do."""

    def __init__(self, message: str) -> None:
        # What readers of CSV say, and names of columns, may hold line breaks.
        super().__init__(" ".join(message.splitlines()))


@dataclass(frozen=True)
class ScheduleGames:
    """Games of a ``scheduleLeagueV2`` answer in file order.

    Attributes:
        games: The game objects as they stand; a broken entry may be anything JSON can hold.
        dates: For each game the ``gameDate`` of the group it stands in; None where the group has none.
    """

    games: list[object]
    dates: list[object]


@dataclass(frozen=True)
class PlayByPlayActions:
    """Actions of one game's ``playbyplay`` answer in file order.

    Attributes:
        game_id: The game's id as it stands; None where the answer has none.
        actions: The action objects as they stand; a broken entry may be anything JSON can hold.
    """

    game_id: object
    actions: list[object]


@dataclass(frozen=True)
class BoxScoreGame:
    """Both teams of one game's ``boxscoretraditionalv3`` answer.

    Attributes:
        game_id: The game's id as it stands; None where the answer has none.
        teams: The team objects under ``homeTeam`` and ``awayTeam``.
    """

    game_id: object
    teams: dict[str, dict[str, object]]


Content = pd.DataFrame | ScheduleGames | PlayByPlayActions | BoxScoreGame


def read_content(path: Path) -> Content:
    """Rows of a file, the games of a schedule answer, or what an answer tells of one game.

    Args:
        path: A Parquet, CSV or JSON file, each also gzipped. The format is told by the content; where the suffix
            promises another one, the file counts as damaged.

    Returns:
        A frame with the file's own column names, on a plain range index. CSV cells are text, JSON cells are the
        values of the JSON, blank CSV cells are NULL.

    Raises:
        UnreadableFileError: The file is missing, empty, damaged or in another format.
    """
    content = unpacked_content(path)
    suffix = _format_suffix(path)
    if content.startswith(_PARQUET_MAGIC):
        return _read_parquet(path, content)
    if suffix in {".parquet", ".pq"}:
        raise UnreadableFileError(
            f"{path}: the name says Parquet, but the content does not start as Parquet does; fetch the file again"
        )
    if suffix == ".json" or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _read_json(path, content)
    return _read_csv(path, content)


def read_answer(path: Path) -> object:
    """The value that a JSON file holds.

    Args:
        path: A JSON file, also gzipped.

    Raises:
        UnreadableFileError: The file is missing, empty, damaged or no JSON.
    """
    return _parsed(path, unpacked_content(path))


def _format_suffix(path: Path) -> str:
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return name.suffix.lower()


def unpacked_content(path: Path) -> bytes:
    """The bytes of a file, without gzip.

    Raises:
        UnreadableFileError: The file is missing, empty or damaged.
    """
    try:
        # Devices and pipes have no end and no size.
        if path.exists() and not path.is_file():
            raise OSError("it is no ordinary file")
        if path.stat().st_size > LARGEST_CONTENT:
            raise UnreadableFileError(_too_large(path))
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFileError(f"{path}: there is no such file; check the path") from error
    except OSError as error:
        raise UnreadableFileError(f"{path}: cannot be opened ({error}); check that it is a readable file") from error
    if content.startswith(_GZIP_MAGIC):
        try:
            # A few kilobytes can unpack to more than any memory holds; nothing beyond the bound is unpacked.
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
                content = packed.read(LARGEST_CONTENT + 1)
            if len(content) > LARGEST_CONTENT:
                raise UnreadableFileError(_too_large(path))
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFileError(f"{path}: the gzip content is damaged ({error}); fetch the file again") from error
    if not content.strip():
        raise UnreadableFileError(f"{path}: the file is empty; fetch it again")
    return content


def _too_large(path: Path) -> str:
    return f"{path}: holds more than {LARGEST_CONTENT >> 20} MiB, unpacked; split it, such as by season"


def _read_parquet(path: Path, content: bytes) -> pd.DataFrame:
    try:
        told = pq.read_metadata(io.BytesIO(content))
        if told.num_rows * told.num_columns > MOST_CELLS:
            raise UnreadableFileError(f"{path}: has {told.num_rows} rows of {told.num_columns} columns; split the file")
        return pd.read_parquet(io.BytesIO(content)).reset_index(drop=True)
    except UnreadableFileError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError) as error:
        raise UnreadableFileError(f"{path}: the Parquet content is damaged ({error}); fetch the file again") from error


def _read_csv(path: Path, content: bytes) -> pd.DataFrame:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{path}: neither Parquet nor JSON nor UTF-8 text ({error}); save it as Parquet, JSON or UTF-8 CSV"
        ) from error
    try:
        # Text only: ids keep their leading zeros and minutes stay as the source wrote them.
        rows = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise UnreadableFileError(f"{path}: not a readable CSV ({error}); fetch or export the file again") from error
    if not isinstance(rows.index, pd.RangeIndex):
        # With more cells than names pandas takes the first cells for row labels and shifts all others.
        raise UnreadableFileError(f"{path}: rows have more cells than the first line has column names; export it again")
    return rows


def _parsed(path: Path, content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"{path}: the JSON content is damaged ({error}); fetch the file again") from error


def _read_json(path: Path, content: bytes) -> Content:
    answer = _parsed(path, content)
    if isinstance(answer, dict) and isinstance(answer.get("response"), (dict, list)):
        answer = answer["response"]
    if isinstance(answer, list):
        return _records(path, answer)
    if isinstance(answer, dict):
        if "leagueSchedule" in answer:
            return _schedule_games(path, answer["leagueSchedule"])
        game = answer.get("game")
        if isinstance(game, dict) and "actions" in game:
            return _play_by_play_actions(path, game)
        if "boxScoreTraditional" in answer:
            return _box_score_game(path, answer["boxScoreTraditional"])
        sets = answer.get("resultSets", answer.get("resultSet"))
        if sets is not None:
            return _result_set(path, sets)
    found = f"the keys {', '.join(map(str, answer))}" if isinstance(answer, dict) else f"a {type(answer).__name__}"
    raise UnreadableFileError(
        f"{path}: found {found}, which is none of the known answers; needed is 'resultSets' (LeagueGameLog), "
        "'leagueSchedule' (scheduleLeagueV2), 'game' with 'actions' (playbyplay), 'boxScoreTraditional' or a list of "
        "records; save the whole answer of the endpoint"
    )


def _records(path: Path, records: list[object]) -> pd.DataFrame:
    wrong = next((number for number, record in enumerate(records, 1) if not isinstance(record, dict)), None)
    if wrong is not None or not records:
        what = "the list is empty" if wrong is None else f"entry {wrong} of the list is not a record"
        raise UnreadableFileError(
            f"{path}: {what}; needed is a list of objects, one per line, with column names as keys"
        )
    # Objects, because a column of whole numbers with one gap would otherwise become floating point.
    return pd.DataFrame(records, dtype=object)


def _result_set(path: Path, sets: object) -> pd.DataFrame:
    candidates = [one for one in (sets if isinstance(sets, list) else [sets]) if isinstance(one, dict)]
    usable = [one for one in candidates if isinstance(one.get("headers"), list) and isinstance(one.get("rowSet"), list)]
    if not usable:
        raise UnreadableFileError(f"{path}: no result set with 'headers' and 'rowSet'; save the whole answer again")
    chosen = next((one for one in usable if one.get("name") == "LeagueGameLog"), usable[0])
    headers, rows = [str(name) for name in chosen["headers"]], chosen["rowSet"]
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != len(headers):
            raise UnreadableFileError(
                f"{path}: row {number} of the result set does not have the {len(headers)} cells that its headers "
                "announce, so cells cannot be told apart; fetch the answer again"
            )
    return pd.DataFrame(rows, columns=pd.Index(headers), dtype=object)


def _schedule_games(path: Path, schedule: object) -> ScheduleGames:
    groups = schedule.get("gameDates") if isinstance(schedule, dict) else None
    if not isinstance(groups, list):
        raise UnreadableFileError(f"{path}: 'leagueSchedule' has no list 'gameDates'; save the whole answer again")
    games: list[object] = []
    dates: list[object] = []
    for number, group in enumerate(groups, 1):
        listed = group.get("games") if isinstance(group, dict) else None
        if not isinstance(listed, list):
            raise UnreadableFileError(
                f"{path}: entry {number} of 'gameDates' has no list 'games'; save the whole answer again"
            )
        games += listed
        dates += [group.get("gameDate")] * len(listed)
    return ScheduleGames(games, dates)


def _play_by_play_actions(path: Path, game: dict[str, object]) -> PlayByPlayActions:
    actions = game["actions"]
    if not isinstance(actions, list):
        raise UnreadableFileError(f"{path}: 'actions' of 'game' is no list; save the whole answer again")
    return PlayByPlayActions(game.get("gameId"), actions)


def _box_score_game(path: Path, box: object) -> BoxScoreGame:
    teams = {side: box.get(side) if isinstance(box, dict) else None for side in ("homeTeam", "awayTeam")}
    found = {side: team for side, team in teams.items() if isinstance(team, dict)}
    if not isinstance(box, dict) or len(found) < len(teams):
        raise UnreadableFileError(f"{path}: 'boxScoreTraditional' lacks a team; save the whole answer again")
    return BoxScoreGame(box.get("gameId"), found)
