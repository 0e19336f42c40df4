"""Writing what was read from files into the raw tables. Only this module and ``load_answers`` touch a warehouse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from analytics_assets.raw.declarations import (
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    PLAYER_REGISTRY,
    RAW_TABLES,
)
from analytics_assets.raw.loaders.loaded_file import FileKind, LoadedFile
from analytics_assets.raw.loaders.nba_com import UnscheduledGameError, read_nba_com
from analytics_assets.raw.loaders.odds_api import read_odds_api
from analytics_assets.raw.namesakes import disputed_names, told_apart
from analytics_assets.raw.origin import refuse_mixing
from analytics_assets.raw.player_registry import agreeing_rows, rows_of_box_scores
from analytics_assets.raw.source_names import read_source_names
from analytics_assets.tables.frames import conform
from analytics_assets.tables.operations import QUARANTINED_ROWS
from analytics_assets.warehouse import MergeCounts, Warehouse, Write

LOADED_FILES = "raw_load"
# Who stands in these has not played because of it.
LISTS_OF_PLAYERS = (FileKind.PLAYER_LIST, FileKind.TEAM_ROSTER)
NUMBERED_BOXES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES)
_NBA_COM, _ODDS_API = "nba_com", "odds_api"


@dataclass(frozen=True)
class LoadReport:
    """One loaded file and the rows it added, changed and left unchanged by raw table."""

    file: LoadedFile
    counts: dict[str, MergeCounts]


def load_nba_com(warehouse: Warehouse, paths: Sequence[Path], *, now: datetime) -> list[LoadReport]:
    """Read NBA.com files and merge their rows; rejected rows go to ``quarantined_rows``.

    All files are read before the first is written, so an unreadable one changes nothing. Dates of play-by-play
    version 3 come from the stored schedule and from the schedules among the files, in whatever order they are named.

    Raises:
        UnreadableFileError: A file is missing, broken or of no known kind, or is play-by-play version 3 of a game that
            no schedule holds.
        WarehouseError: The warehouse holds the demo league.
    """
    files: dict[int, LoadedFile] = {}
    waiting: list[int] = []
    for place, path in enumerate(paths):
        try:
            files[place] = read_nba_com(path, now=now)
        except UnscheduledGameError:
            waiting.append(place)
    if waiting:
        # Only now is the warehouse opened, which creates its file: mistyped paths leave nothing behind.
        game_dates = dates_of_games(warehouse.read(NBAC_SCHEDULE, ["game_id", "game_date"]))
        for file in files.values():
            if NBAC_SCHEDULE.name in file.frames:
                game_dates |= dates_of_games(file.frames[NBAC_SCHEDULE.name])
        files |= {place: read_nba_com(paths[place], now=now, game_dates=game_dates) for place in waiting}
    return write_files(warehouse, [files[place] for place in range(len(paths))], _NBA_COM, now)


def load_odds_api(warehouse: Warehouse, paths: Sequence[Path], *, now: datetime) -> list[LoadReport]:
    """Read Odds API answers and merge their rows; rejected outcomes go to ``quarantined_rows``.

    All files are read before the first is written, so an unreadable one changes nothing.

    Raises:
        UnreadableFileError: A file is missing, broken or no answer with odds.
        WarehouseError: The warehouse holds the demo league.
    """
    return write_files(warehouse, [read_odds_api(path, now=now) for path in paths], _ODDS_API, now)


def dates_of_games(schedule: pd.DataFrame) -> dict[str, date]:
    """Date of each game of a schedule by its id."""
    return dict(zip(schedule["game_id"], schedule["game_date"].dt.date, strict=True))


def write_files(warehouse: Warehouse, files: Sequence[LoadedFile], source: str, now: datetime) -> list[LoadReport]:
    """Merge the rows of files that were read, and quarantine their rejected rows.

    Raises:
        WarehouseError: The warehouse holds the demo league.
    """
    warehouse.ensure(*RAW_TABLES, QUARANTINED_ROWS)
    refuse_mixing(warehouse, source)
    by_name = {table.name: table for table in RAW_TABLES}
    reports = []
    for file in files:
        frames = with_agreeing_registry(warehouse, file.frames, from_list=file.kind in LISTS_OF_PLAYERS)
        counts = {name: warehouse.merge_rows(by_name[name], frame) for name, frame in frames.items()}
        warehouse.commit([_quarantine(file, now)])
        reports.append(LoadReport(file, counts))
    return reports


def with_agreeing_registry(
    warehouse: Warehouse, frames: dict[str, pd.DataFrame], *, from_list: bool
) -> dict[str, pd.DataFrame]:
    """The frames, of which registry rows agree with those that are stored, and namesakes of other files are apart."""
    rows = frames.get(PLAYER_REGISTRY.name)
    if rows is None or rows.empty:
        return frames
    stored = warehouse.read(PLAYER_REGISTRY)
    boxes = {table.name: frames[table.name] for table in NUMBERED_BOXES if table.name in frames}
    for name, box in boxes.items():
        disputed = disputed_names(box, stored)
        holders = _holders(warehouse, disputed)
        lookups = told_apart(box, holders)
        if (lookups != box["player_lookup"]).any():
            frames = frames | {name: box.assign(player_lookup=lookups)}
            player = ["nba_player_id", "season_year"]
            of_others = rows[~pd.MultiIndex.from_frame(rows[player]).isin(pd.MultiIndex.from_frame(box[player]))]
            own = rows_of_box_scores(frames[name], rows["processed_at"].max())
            rows = pd.concat([of_others, own], ignore_index=True)
    agreeing = agreeing_rows(rows.reset_index(drop=True), stored, from_list=from_list)
    return frames | {PLAYER_REGISTRY.name: agreeing}


def _holders(warehouse: Warehouse, disputed: pd.DataFrame) -> pd.DataFrame:
    """Who played under the disputed names so far; asked in the rare case that there are any."""
    columns = ["player_lookup", "season_year", "nba_player_id"]
    if disputed.empty:
        return pd.DataFrame(columns=columns).astype({"player_lookup": "string", "season_year": "Int64"})
    return read_source_names(warehouse, NUMBERED_BOXES)[columns].merge(disputed, on=columns[:2])


def _quarantine(file: LoadedFile, now: datetime) -> Write:
    return quarantine_of_files({file.path.name: file.rejected}, now)


def quarantine_of_files(rejected: Mapping[str, pd.DataFrame], now: datetime) -> Write:
    """The write that keeps the rejected rows of some files, by name, in place of what they had rejected before."""
    parts = [
        rows.assign(table_name=LOADED_FILES, source_table=name, run_id=LOADED_FILES, quarantined_at=pd.Timestamp(now))
        for name, rows in rejected.items()
    ]
    scope = pd.DataFrame({"table_name": LOADED_FILES, "source_table": list(rejected)})
    return Write(QUARANTINED_ROWS, conform(pd.concat(parts, ignore_index=True), QUARANTINED_ROWS), scope)
