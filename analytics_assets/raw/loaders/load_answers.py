"""Writing many small answers, such as fetched games, into the raw tables: read in parts, each part merged at once."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

import pandas as pd

from analytics_assets.raw.declarations import NBAC_SCHEDULE, RAW_TABLES
from analytics_assets.raw.loaders.files import UnreadableFileError
from analytics_assets.raw.loaders.load import (
    LISTS_OF_PLAYERS,
    dates_of_games,
    quarantine_of_files,
    with_agreeing_registry,
)
from analytics_assets.raw.loaders.loaded_file import LoadedFile
from analytics_assets.raw.loaders.nba_com import read_nba_com
from analytics_assets.raw.loaders.odds_api import read_odds_api
from analytics_assets.raw.origin import refuse_mixing
from analytics_assets.tables.frames import conform
from analytics_assets.tables.operations import QUARANTINED_ROWS
from analytics_assets.warehouse import MergeCounts, Warehouse

# Some ninety thousand events at a time.
ANSWERS_A_PART = 200
_TABLES = {table.name: table for table in RAW_TABLES}


@dataclass
class LoadedAnswers:
    """What loading gave.

    Attributes:
        counts: Rows added, changed and unchanged by raw table.
        kinds: Answers read by kind.
        rejected: Rejected rows of all answers, with the answer's name in ``answer``.
        skipped: Rows that belong in no raw table, counted by what they are.
        unreadable: Why an answer could not be read as a whole, by its name.
    """

    counts: dict[str, MergeCounts] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    rejected: pd.DataFrame = field(default_factory=pd.DataFrame)
    skipped: Counter[str] = field(default_factory=Counter)
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every answer was read and no row was rejected."""
        return not self.unreadable and self.rejected.empty


def load_nba_com_answers(
    warehouse: Warehouse,
    answers: Mapping[str, Path],
    *,
    now: datetime,
    told: Callable[[int], None] = lambda _: None,
    part: int = ANSWERS_A_PART,
) -> LoadedAnswers:
    """Read answers of NBA.com and merge their rows, a part of them at a time; rejected rows go to quarantine.

    An answer that cannot be read is told and leaves the others alone. Loading twice changes nothing.

    Args:
        warehouse: Where the rows go.
        answers: Files by name. Schedules must stand before the games that need their dates.
        now: Moment of loading, with a time zone.
        told: Is called with the number of answers after each part.
        part: How many answers are merged together.

    Raises:
        WarehouseError: The warehouse holds the demo league.
    """
    if not answers:
        return LoadedAnswers()
    warehouse.ensure(*RAW_TABLES, QUARANTINED_ROWS)
    game_dates = dates_of_games(warehouse.read(NBAC_SCHEDULE, ["game_id", "game_date"]))

    def read(path: Path) -> LoadedFile:
        file = read_nba_com(path, now=now, game_dates=game_dates)
        if NBAC_SCHEDULE.name in file.frames:
            game_dates.update(dates_of_games(file.frames[NBAC_SCHEDULE.name]))
        return file

    return load_answers(warehouse, answers, read, "nba_com", now=now, told=told, part=part)


def load_odds_api_answers(
    warehouse: Warehouse,
    answers: Mapping[str, Path],
    *,
    now: datetime,
    told: Callable[[int], None] = lambda _: None,
) -> LoadedAnswers:
    """As :func:`load_nba_com_answers`, for answers of the Odds API with odds."""
    return load_answers(warehouse, answers, lambda path: read_odds_api(path, now=now), "odds_api", now=now, told=told)


def load_answers(
    warehouse: Warehouse,
    answers: Mapping[str, Path],
    read: Callable[[Path], LoadedFile],
    source: str,
    *,
    now: datetime,
    told: Callable[[int], None] = lambda _: None,
    part: int = ANSWERS_A_PART,
) -> LoadedAnswers:
    """Read answers with the reader of their source and merge their rows, as :func:`load_nba_com_answers`."""
    loaded = LoadedAnswers()
    if not answers:
        return loaded
    warehouse.ensure(*RAW_TABLES, QUARANTINED_ROWS)
    refuse_mixing(warehouse, source)
    waiting = iter(answers.items())
    while names := dict(islice(waiting, part)):
        files = _read(names, read, loaded)
        _merge(warehouse, files, now, loaded)
        told(len(names))
    return loaded


def _read(
    answers: Mapping[str, Path], read: Callable[[Path], LoadedFile], loaded: LoadedAnswers
) -> dict[str, LoadedFile]:
    files = {}
    for name, path in answers.items():
        try:
            file = read(path)
        except UnreadableFileError as error:
            loaded.unreadable[name] = str(error)
            continue
        files[name] = file
        loaded.kinds[str(file.kind)] += 1
        loaded.skipped.update(file.skipped)
    return files


def _merge(warehouse: Warehouse, files: Mapping[str, LoadedFile], now: datetime, loaded: LoadedAnswers) -> None:
    lists = [file for file in files.values() if file.kind in LISTS_OF_PLAYERS]
    # Games first: who played has his name before a list gives it to somebody.
    _merge_rows(warehouse, [file for file in files.values() if file.kind not in LISTS_OF_PLAYERS], False, loaded)
    _merge_rows(warehouse, lists, True, loaded)
    if not files:
        return
    warehouse.commit([quarantine_of_files({name: file.rejected for name, file in files.items()}, now)])
    rejected = [file.rejected.assign(answer=name) for name, file in files.items() if len(file.rejected)]
    loaded.rejected = pd.concat([loaded.rejected, *rejected], ignore_index=True) if rejected else loaded.rejected


def _merge_rows(warehouse: Warehouse, files: Sequence[LoadedFile], from_list: bool, loaded: LoadedAnswers) -> None:
    parts: dict[str, list[pd.DataFrame]] = {}
    for file in files:
        for name, frame in file.frames.items():
            if len(frame):
                parts.setdefault(name, []).append(frame)
    frames = {}
    for name, found in parts.items():
        # Registry rows of a player come with each of his games.
        rows = pd.concat(found, ignore_index=True).drop_duplicates(list(_TABLES[name].key), keep="last")
        frames[name] = conform(rows.reset_index(drop=True), _TABLES[name])
    for name, rows in with_agreeing_registry(warehouse, frames, from_list=from_list).items():
        counts = warehouse.merge_rows(_TABLES[name], rows)
        loaded.counts[name] = loaded.counts.get(name, MergeCounts(0, 0, 0)) + counts
