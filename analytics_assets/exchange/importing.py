"""Reading an exported season into a warehouse: checked as a whole first, then one transaction a table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from analytics_assets.coverage.results import current_outcomes
from analytics_assets.exchange.manifest import ExportedTable, Manifest, read_file, read_manifest
from analytics_assets.exchange.table_files import ExchangeError, content_hash, rows_of_parquet
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.raw.origin import refuse_imports_of_other_origin
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import as_date, conform, date_series, row_digests, set_digests
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES, IMPORT_RUN_PREFIX
from analytics_assets.tables.validation import broken_rules
from analytics_assets.warehouse import Warehouse, Write
from analytics_assets.warehouse.interface import writes_for_dates

_NAMED_AT_MOST = 3


@dataclass(frozen=True)
class ImportedTable:
    """What became of one table.

    Attributes:
        name: Table, without its data set.
        rows: Rows written.
        dates: Dates that are done or partly done and were taken over, off-days among them.
        replaced: Those of them that held other content before.
        unchanged: Dates that are done here with the same content already, and were not written again.
        left: Dates that the export has not done and the warehouse has: left as they are.
    """

    name: str
    rows: int
    dates: int
    replaced: int
    unchanged: int
    left: int


@dataclass(frozen=True)
class _Checked:
    """One table of an export, ready to be written."""

    table: Table
    rows: pd.DataFrame
    outcomes: pd.DataFrame
    dates: list[date]
    replaced: list[date]
    unchanged: int
    left: int


def import_season(
    warehouse: Warehouse,
    tables: Sequence[Table],
    directory: Path,
    *,
    now: datetime,
    overwrite: bool = False,
) -> tuple[Manifest, list[ImportedTable]]:
    """Take over the dates of an exported season, rows and outcomes together.

    Everything is read and checked before the first table is written: files against the manifest, columns against the
    declarations, keys, bounds and dates. Dates of the season that the export does not hold as done stay as they are;
    their outcomes come along where the warehouse has not done them either, so that ``status`` can explain them.
    Outcomes keep the fingerprint of the inputs they were built from: where the raw tables are the same, nothing is
    outdated.

    Args:
        warehouse: Where to write.
        tables: Tables to import; those that the export does not hold are left out.
        directory: Directory of one exported season.
        now: The present moment, with a time zone.
        overwrite: Whether dates that hold other content may be replaced.

    Returns:
        The manifest, and what became of each table.

    Raises:
        ExchangeError: The export is damaged or of another version, or the warehouse holds other content.
        WarehouseError: The warehouse holds the demo league and the export is real, or the other way round.
    """
    manifest = read_manifest(directory)
    held = {entry.name: entry for entry in manifest.tables}
    wanted = [table for table in tables if table.name in held]
    if not wanted:
        raise ExchangeError(f"{directory} holds {', '.join(held) or 'no tables'}, none of those asked for")
    refuse_imports_of_other_origin(warehouse, simulated=manifest.simulated)
    outcomes = _checked_rows(directory, DATE_OUTCOMES, manifest.outcomes, manifest)
    warehouse.ensure(*wanted, DATE_OUTCOMES)
    stored = _stored_outcomes(warehouse, manifest)
    checked = [
        _check_table(warehouse, table, held[table.name], directory, manifest, outcomes, stored) for table in wanted
    ]
    if not overwrite:
        _refuse_other_content(checked)
    for part in checked:
        written = writes_for_dates(part.table, part.rows, part.dates)
        told = part.outcomes.assign(run_id=f"{IMPORT_RUN_PREFIX}{manifest.identity}", recorded_at=pd.Timestamp(now))
        warehouse.commit([written, Write(DATE_OUTCOMES, conform(told, DATE_OUTCOMES))])
    return manifest, [
        ImportedTable(part.table.name, len(part.rows), len(part.dates), len(part.replaced), part.unchanged, part.left)
        for part in checked
    ]


def _check_table(
    warehouse: Warehouse,
    table: Table,
    entry: ExportedTable,
    directory: Path,
    manifest: Manifest,
    outcomes: pd.DataFrame,
    stored: pd.DataFrame,
) -> _Checked:
    rows = _checked_rows(directory, table, entry, manifest)
    own = outcomes[outcomes["table_name"] == table.name]
    done, done_here = _done_dates(own), _done_dates(stored[stored["table_name"] == table.name])
    with_rows = _dates(rows)
    if with_rows - _dates(own):
        raise ExchangeError(f"{directory}: {table.name} has rows of {_named(with_rows - _dates(own))} without outcome")
    # A date that is only partly done there never replaces one that is done here.
    left = {day for day in _dates(own) - done if day in done_here}
    offered = sorted((done | with_rows) - left)
    replaced = _differing_dates(warehouse, table, _of_dates(rows, offered), offered, manifest, done_here)
    unchanged = (set(offered) & done_here) - set(replaced)
    taken = [day for day in offered if day not in unchanged]
    return _Checked(
        table=table,
        rows=_of_dates(rows, taken),
        outcomes=_of_dates(own, _dates(own) - left - unchanged),
        dates=taken,
        replaced=replaced,
        unchanged=len(unchanged),
        left=len(left),
    )


def _of_dates(rows: pd.DataFrame, days: Collection[date]) -> pd.DataFrame:
    return rows[rows["game_date"].isin(date_series(sorted(days)))]


def _checked_rows(directory: Path, table: Table, entry: ExportedTable, manifest: Manifest) -> pd.DataFrame:
    name = f"{directory.name}/{table.name}.parquet"
    rows = rows_of_parquet(read_file(directory, table, entry), table, name)
    if len(rows) != entry.rows or content_hash(rows, table) != entry.content_hash:
        raise ExchangeError(f"{name} holds other rows than the manifest says; export it again")
    foreign = {day for day in _dates(rows) if season_year_of_date(day) != manifest.season_year}
    if foreign:
        raise ExchangeError(f"{name} has rows of {_named(foreign)}, outside the season {manifest.season}; export again")
    broken = broken_rules(rows, table)
    if broken:
        raise ExchangeError(
            f"{name}: {len(broken)} rules of {table.full_name} are broken, first {broken[0].rule} of "
            f"{broken[0].column}: {broken[0].detail}; build the dates again where they were exported"
        )
    return rows


def _stored_outcomes(warehouse: Warehouse, manifest: Manifest) -> pd.DataFrame:
    first, last = date.fromisoformat(manifest.first_date), date.fromisoformat(manifest.last_date)
    return current_outcomes(warehouse.read(DATE_OUTCOMES, start=first, end=last))


def _differing_dates(
    warehouse: Warehouse,
    table: Table,
    rows: pd.DataFrame,
    taken: Sequence[date],
    manifest: Manifest,
    done_here: Collection[date],
) -> list[date]:
    """Dates that are done here or hold rows here, with other content than they would get."""
    if not taken:
        return []
    first, last = date.fromisoformat(manifest.first_date), date.fromisoformat(manifest.last_date)
    columns = list(dict.fromkeys(["game_date", *table.content_columns]))
    before = warehouse.read(table, columns, first, last)
    held = (_dates(before) | set(done_here)) & set(taken)
    now_held, then_held = (_digests_by_date(frame, table) for frame in (before, rows))
    return sorted(day for day in held if now_held.get(day) != then_held.get(day))


def _digests_by_date(rows: pd.DataFrame, table: Table) -> dict[date, str]:
    if rows.empty:
        return {}
    digests = set_digests(row_digests(rows, table.content_columns), rows["game_date"])
    return {as_date(day): str(digest) for day, digest in digests.items()}


def _refuse_other_content(checked: Sequence[_Checked]) -> None:
    told = [
        f"{part.table.full_name} on {len(part.replaced)} dates ({_named(part.replaced)})"
        for part in checked
        if part.replaced
    ]
    if told:
        raise ExchangeError(
            f"the warehouse holds other content of {'; '.join(told)}; replace it with --overwrite, or import into "
            "another warehouse with NBA_WAREHOUSE"
        )


def _done_dates(outcomes: pd.DataFrame) -> set[date]:
    return _dates(outcomes[outcomes["outcome"].isin([str(outcome) for outcome in DONE_OUTCOMES])])


def _dates(rows: pd.DataFrame) -> set[date]:
    return {as_date(day) for day in rows["game_date"].unique()}


def _named(days: Collection[date]) -> str:
    first = ", ".join(day.isoformat() for day in sorted(days)[:_NAMED_AT_MOST])
    return first if len(days) <= _NAMED_AT_MOST else f"{first} and {len(days) - _NAMED_AT_MOST} more"
