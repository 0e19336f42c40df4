"""Writing a season to a directory of its own: all files or none."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from analytics_assets.coverage.grid import coverage_grid, read_schedule
from analytics_assets.coverage.results import current_outcomes
from analytics_assets.exchange.manifest import (
    FORMAT,
    MANIFEST_FILE,
    ExportedTable,
    Manifest,
    described_file,
    file_name,
    project_version,
    read_manifest,
)
from analytics_assets.exchange.table_files import ExchangeError, content_hash, parquet_bytes
from analytics_assets.league.seasons import dates_of_season, season_label
from analytics_assets.raw.origin import holds_demo_league
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import as_date
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse import Warehouse

_UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class ExportedSeason:
    """What was written.

    Attributes:
        directory: The season's directory.
        manifest: What it says about itself.
    """

    directory: Path
    manifest: Manifest


def export_season(
    warehouse: Warehouse,
    tables: Sequence[Table],
    season_year: int,
    to: Path,
    *,
    now: datetime,
    overwrite: bool = False,
) -> ExportedSeason:
    """Write tables of one season to ``to/2023-24``: a Parquet file a table, the outcomes of its dates, a manifest.

    Files are written beside the place and moved there as a whole, so an interrupted export leaves no half of one.

    Args:
        warehouse: Where the tables are.
        tables: Tables to export.
        season_year: Calendar year in which the season starts.
        to: Directory of exported seasons; made if it does not exist.
        now: The present moment, with a time zone.
        overwrite: Whether an earlier export of the season may be replaced. Anything else in its place never is.

    Raises:
        ExchangeError: The place is taken, or cannot be written, or the season has no rows.
    """
    label, dates = season_label(season_year), dates_of_season(season_year)
    place = to / label
    _check_place(place, overwrite=overwrite)
    try:
        to.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f"{_UNFINISHED}{label}-", dir=to))
    except OSError as error:
        raise ExchangeError(f"{to} cannot be written ({error}); name another directory with --to") from error
    try:
        manifest = _write(warehouse, tables, season_year, dates, unfinished, now)
        (unfinished / MANIFEST_FILE).write_text(manifest.text(), encoding="utf-8")
        unfinished.chmod(0o755)
        _put_in_place(unfinished, place)
    except OSError as error:
        raise ExchangeError(f"{place} cannot be written ({error}); nothing was changed there") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return ExportedSeason(place, manifest)


def _check_place(place: Path, *, overwrite: bool) -> None:
    if not place.exists() and not place.is_symlink():
        return
    if place.is_symlink() or not place.is_dir():
        raise ExchangeError(f"{place} is in the way and no export; name another directory with --to")
    try:
        read_manifest(place)
    except ExchangeError as error:
        raise ExchangeError(
            f"{place} exists and holds no {FORMAT} export, so it is left alone ({error}); name another directory"
        ) from error
    if not overwrite:
        raise ExchangeError(f"{place} holds an export already; replace it with --overwrite, or name another directory")


def _put_in_place(unfinished: Path, place: Path) -> None:
    if place.exists():
        former = Path(tempfile.mkdtemp(prefix=f"{_UNFINISHED}former-", dir=place.parent))
        place.rename(former / place.name)
        try:
            unfinished.rename(place)
        except BaseException:
            (former / place.name).rename(place)
            raise
        finally:
            shutil.rmtree(former, ignore_errors=True)
    else:
        unfinished.rename(place)


def _write(
    warehouse: Warehouse,
    tables: Sequence[Table],
    season_year: int,
    dates: Sequence[date],
    directory: Path,
    now: datetime,
) -> Manifest:
    names, first, last = [table.name for table in tables], dates[0], dates[-1]
    grid = coverage_grid(warehouse, names, dates, now, schedule=read_schedule(warehouse))
    attempts = warehouse.read(DATE_OUTCOMES, start=first, end=last)
    outcomes = current_outcomes(attempts[attempts["table_name"].isin(names)])[DATE_OUTCOMES.column_names]
    written = []
    # One table at a time: a season of one table is what memory must hold.
    for table in tables:
        rows = warehouse.read(table, start=first, end=last)
        written.append(_write_table(directory, table, rows, grid[grid["table_name"] == table.name]))
        del rows
    if outcomes.empty and not any(entry.rows for entry in written):
        label = season_label(season_year)
        raise ExchangeError(
            f"{warehouse.label} holds nothing of the season {label}; build it first: "
            f"nba-analytics backfill --start {first} --end {last}"
        )
    return Manifest(
        season=season_label(season_year),
        season_year=season_year,
        first_date=first.isoformat(),
        last_date=last.isoformat(),
        simulated=holds_demo_league(warehouse),
        exported_at=now.isoformat(),
        project_version=project_version(),
        tables=written,
        outcomes=_write_table(directory, DATE_OUTCOMES, outcomes),
    )


def _write_table(directory: Path, table: Table, rows: pd.DataFrame, grid: pd.DataFrame | None = None) -> ExportedTable:
    content = parquet_bytes(rows, table)
    (directory / file_name(table)).write_bytes(content)
    days = sorted({as_date(day) for day in rows["game_date"].unique()})
    coverage = {} if grid is None else {"outcomes": _counts(grid), "not_done": _not_done(grid)}
    return described_file(table, content, content_hash(rows, table), days, len(rows), **coverage)


def _counts(grid: pd.DataFrame) -> dict[str, int]:
    return {str(state): int(size) for state, size in grid["state"].value_counts().sort_index().items()}


def _not_done(grid: pd.DataFrame) -> list[dict[str, str]]:
    rows = grid[grid["due"] & ~grid["done"]].sort_values("game_date")
    days = rows["game_date"].dt.strftime("%Y-%m-%d")
    told = zip(days, rows["state"], rows["reason"].fillna(""), strict=True)
    return [{"game_date": day, "outcome": str(state), "reason": str(reason)} for day, state, reason in told]
