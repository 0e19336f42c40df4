"""Writing what was read from files into the raw tables; the only module of this room that touches a warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.raw.loaders.nba_com import LoadedFile, read_nba_com
from analytics_assets.raw.origin import refuse_mixing
from analytics_assets.tables.frames import conform
from analytics_assets.tables.operations import QUARANTINED_ROWS
from analytics_assets.warehouse import MergeCounts, Warehouse, Write

LOADED_FILES = "raw_load"
_SOURCE = "nba_com"


@dataclass(frozen=True)
class LoadReport:
    """One loaded file and the rows it added, changed and left unchanged by raw table."""

    file: LoadedFile
    counts: dict[str, MergeCounts]


def load_nba_com(warehouse: Warehouse, paths: Sequence[Path], *, now: datetime) -> list[LoadReport]:
    """Read NBA.com files and merge their rows; rejected rows go to ``quarantined_rows``.

    All files are read before the first is written, so an unreadable one changes nothing.

    Raises:
        UnreadableFileError: A file is missing, broken or of no known kind.
        WarehouseError: The warehouse holds the demo league.
    """
    files = [read_nba_com(path, now=now) for path in paths]
    warehouse.ensure(*RAW_TABLES, QUARANTINED_ROWS)
    refuse_mixing(warehouse, _SOURCE)
    by_name = {table.name: table for table in RAW_TABLES}
    reports = []
    for file in files:
        counts = {name: warehouse.merge_rows(by_name[name], frame) for name, frame in file.frames.items()}
        warehouse.commit([_quarantine(file, now)])
        reports.append(LoadReport(file, counts))
    return reports


def _quarantine(file: LoadedFile, now: datetime) -> Write:
    rows = file.rejected.assign(
        table_name=LOADED_FILES, source_table=file.path.name, run_id=LOADED_FILES, quarantined_at=pd.Timestamp(now)
    )
    scope = pd.DataFrame({"table_name": [LOADED_FILES], "source_table": [file.path.name]})
    return Write(QUARANTINED_ROWS, conform(rows, QUARANTINED_ROWS), scope)
