"""Writing injury reports and files of any origin into the raw tables."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from analytics_assets.raw.loaders.injury_report import read_injury_report
from analytics_assets.raw.loaders.load import LoadReport, write_files
from analytics_assets.raw.loaders.mapped_file import MAPPED_SOURCE, read_mapped_file
from analytics_assets.raw.loaders.mapping import Mapping
from analytics_assets.warehouse import Warehouse

_INJURY_REPORT = "injury_report"


def load_injury_reports(warehouse: Warehouse, paths: Sequence[Path], *, now: datetime) -> list[LoadReport]:
    """Read official injury reports and merge their rows; rejected rows go to ``quarantined_rows``.

    All files are read before the first is written, so an unreadable one changes nothing.

    Raises:
        UnreadableFileError: A file is missing, broken or no injury report.
        WarehouseError: The warehouse holds the demo league.
    """
    return write_files(warehouse, [read_injury_report(path, now=now) for path in paths], _INJURY_REPORT, now)


def load_mapped_files(
    warehouse: Warehouse, paths: Sequence[Path], mapping: Mapping, *, now: datetime
) -> list[LoadReport]:
    """Read files by a mapping and merge their rows; rejected rows go to ``quarantined_rows``.

    All files are read before the first is written, so an unreadable one changes nothing.

    Raises:
        UnreadableFileError: A file is missing, broken, or lacks a column that the mapping names.
        WarehouseError: The warehouse holds the demo league.
    """
    return write_files(warehouse, [read_mapped_file(path, mapping, now=now) for path in paths], MAPPED_SOURCE, now)
