"""What an exported season says about itself: its files, how complete it is, and whether a file is still the same."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from analytics_assets.exchange.table_files import ExchangeError
from analytics_assets.tables.declaration import Table

MANIFEST_FILE = "manifest.json"
FORMAT, FORMAT_VERSION = "nba-analytics-season", 1


@dataclass(frozen=True)
class ExportedTable:
    """One file of an exported season.

    Attributes:
        name: Table, without its data set.
        file: File name; always the table's name with ``.parquet``.
        rows: Number of rows.
        dates: Number of dates with rows.
        first_date: First date with rows, as YYYY-MM-DD; None without rows.
        last_date: Last date with rows.
        sha256: Digest of the file.
        content_hash: Digest of the rows' content, the same wherever and whenever they were written.
        code_version: Code version of the declaration with which the rows were exported.
        outcomes: Number of dates by outcome.
        not_done: Dates of the season that are due and not done: ``game_date``, ``outcome`` and ``reason``.
        declaration: Grain, key and columns of the table.
    """

    name: str
    file: str
    rows: int
    dates: int
    first_date: str | None
    last_date: str | None
    sha256: str
    content_hash: str
    code_version: str | None
    outcomes: dict[str, int] = field(default_factory=dict)
    not_done: list[dict[str, str]] = field(default_factory=list)
    declaration: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """An exported season.

    Attributes:
        season: Label such as ``2023-24``.
        season_year: Calendar year in which the season starts.
        first_date: First date of the season, as YYYY-MM-DD.
        last_date: Last date of the season.
        simulated: Whether it is of the demo league.
        exported_at: Moment of the export.
        project_version: Version of the project that exported it.
        tables: The files of tables.
        outcomes: The file with the outcome of every date that was attempted.
    """

    season: str
    season_year: int
    first_date: str
    last_date: str
    simulated: bool
    exported_at: str
    project_version: str
    tables: list[ExportedTable]
    outcomes: ExportedTable

    @property
    def identity(self) -> str:
        """Sixteen hexadecimal digits that tell one export from another, by the digests of its files."""
        digests = [entry.sha256 for entry in (*self.tables, self.outcomes)]
        return hashlib.sha256("".join(digests).encode()).hexdigest()[:16]

    def text(self) -> str:
        """The manifest as JSON."""
        return json.dumps({"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(self)}, indent=2) + "\n"


def project_version() -> str:
    """Version of this project."""
    return version("nba-analytics-assets")


def declared(table: Table) -> dict[str, Any]:
    """A table's declaration, as manifests hold it."""
    return {
        "table": table.full_name,
        "grain": table.grain,
        "description": table.description,
        "key": list(table.key),
        "columns": [
            {
                "name": column.name,
                "type": column.type.value,
                "unit": column.unit,
                "nullable": not column.required,
                "description": column.description,
                "null_rule": column.null_rule,
            }
            for column in table.columns
        ],
    }


def described_file(
    table: Table, content: bytes, content_hash: str, days: Sequence[date], rows: int, **coverage: Any
) -> ExportedTable:
    """The entry of a written file.

    Args:
        table: The table.
        content: The file.
        content_hash: Digest of its rows.
        days: Distinct dates with rows, in order.
        rows: Number of rows.
        coverage: ``outcomes`` and ``not_done``.
    """
    return ExportedTable(
        name=table.name,
        file=file_name(table),
        rows=rows,
        dates=len(days),
        first_date=days[0].isoformat() if days else None,
        last_date=days[-1].isoformat() if days else None,
        sha256=hashlib.sha256(content).hexdigest(),
        content_hash=content_hash,
        code_version=table.code_version,
        declaration=declared(table),
        **coverage,
    )


def file_name(table: Table) -> str:
    """Name of the table's file; never taken from a manifest, which could name any file."""
    return f"{table.name}.parquet"


def read_manifest(directory: Path) -> Manifest:
    """The manifest of an exported season.

    Raises:
        ExchangeError: There is none, it is damaged, or of another format.
    """
    path = directory / MANIFEST_FILE
    try:
        content = json.loads(_read(path, directory))
    except (ValueError, RecursionError) as error:
        raise ExchangeError(f"{path}: the JSON content is damaged ({error}); export or copy it again") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ExchangeError(f"{path} is no manifest of an exported season; name the directory that export wrote")
    if content.get("format_version") != FORMAT_VERSION:
        raise ExchangeError(
            f"{path} has format version {content.get('format_version')!r}, this project reads {FORMAT_VERSION}; "
            "use the version of the project that exported it, or export it again"
        )
    values = {name: value for name, value in content.items() if name not in ("format", "format_version")}
    try:
        tables = [ExportedTable(**entry) for entry in values.pop("tables")]
        manifest = Manifest(tables=tables, outcomes=ExportedTable(**values.pop("outcomes")), **values)
        _check_types(manifest)
    except (KeyError, TypeError, ValueError) as error:
        raise ExchangeError(f"{path}: the manifest is damaged ({error}); export or copy it again") from error
    return manifest


def _check_types(manifest: Manifest) -> None:
    for day in (manifest.first_date, manifest.last_date):
        date.fromisoformat(day)
    datetime.fromisoformat(manifest.exported_at)
    if not isinstance(manifest.season_year, int) or not isinstance(manifest.simulated, bool):
        raise TypeError("season_year is a number, and simulated true or false")
    for entry in (*manifest.tables, manifest.outcomes):
        if not isinstance(entry.name, str) or not isinstance(entry.rows, int):
            raise TypeError("a table has a name and a number of rows")


def read_file(directory: Path, table: Table, entry: ExportedTable) -> bytes:
    """A table's file, if it is still the one that was exported.

    Raises:
        ExchangeError: It is absent, leads out of the directory, or differs from what the manifest says.
    """
    path = directory / file_name(table)
    content = _read(path, directory)
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise ExchangeError(
            f"{path} is not the file that was exported: its SHA-256 is not the manifest's; copy or export it again"
        )
    return content


def _read(path: Path, directory: Path) -> bytes:
    if path.is_symlink():
        raise ExchangeError(f"{path} is a link, which could lead anywhere; put the file itself into {directory}")
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ExchangeError(
            f"{path} does not exist; name the directory that export wrote, with all its files"
        ) from error
    except OSError as error:
        raise ExchangeError(f"{path} cannot be read ({error}); check the path") from error
