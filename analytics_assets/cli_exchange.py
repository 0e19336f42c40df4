"""The commands ``export`` and ``import``: seasons of our tables as Parquet files, and back into a warehouse."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from analytics_assets import presentation
from analytics_assets.cli_arguments import (
    JsonOption,
    TablesOption,
    now,
    partition_bounds,
    stated_seasons,
    stated_tables,
    usage_error,
)
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import Table
from analytics_assets.warehouse import open_warehouse

OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace what is there already.")]


def export(
    season: Annotated[
        str, typer.Option(metavar="SEASONS", help="Seasons as 2023-24, 2021-22..2023-24, or several with commas.")
    ],
    to: Annotated[Path, typer.Option(metavar="DIR", help="Directory; every season gets one of its own in it.")],
    tables: TablesOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write seasons to Parquet files that anyone can read, with a manifest that says what is in them and what lacks."""
    from analytics_assets.exchange.exporting import export_season

    wanted, years = _wanted(tables), stated_seasons(season, season_year_of_date(partition_bounds()[0]))
    warehouse = open_warehouse()
    exported = [export_season(warehouse, wanted, year, to, now=now(), overwrite=overwrite) for year in years]
    if as_json:
        document = [{"directory": str(one.directory), **asdict(one.manifest)} for one in exported]
        typer.echo(json.dumps(document, indent=2))
        return
    for one in exported:
        rows = [
            (entry.name, f"{entry.rows:,}", f"{entry.dates:,}", f"{len(entry.not_done):,}", entry.content_hash[:16])
            for entry in one.manifest.tables
        ]
        presentation.plain_table(("table", "rows", "dates with rows", "dates not done", "content"), rows)
        place = presentation.plain(str(one.directory))
        presentation.console().print(f"exported the season {one.manifest.season} to {place}")


def import_(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="What export wrote: the directory of a season, or of several.")
    ],
    tables: TablesOption = None,
    overwrite: OverwriteOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take exported seasons over into this warehouse: rows and outcomes, each table in one transaction."""
    from analytics_assets.exchange.importing import import_season

    wanted, found = _wanted(tables), _seasons_in(directory)
    warehouse = open_warehouse()
    document = []
    for place in found:
        manifest, imported = import_season(warehouse, wanted, place, now=now(), overwrite=overwrite)
        document.append({"season": manifest.season, "tables": [asdict(part) for part in imported]})
        if not as_json:
            counts = [
                (part.name, *(f"{n:,}" for n in (part.rows, part.dates, part.replaced, part.unchanged, part.left)))
                for part in imported
            ]
            headers = ("table", "rows written", "dates taken over", "replaced", "the same before", "left as they are")
            presentation.plain_table(headers, counts)
            presentation.console().print(f"imported the season {manifest.season} into {warehouse.label}")
    if as_json:
        typer.echo(json.dumps(document, indent=2))
    else:
        presentation.console().print("Dagit shows the dates as materialized after: nba-analytics status --repair")


def _wanted(tables: str | None) -> list[Table]:
    names = stated_tables(tables)
    return [table for table in ANALYTICS_TABLES if table.name in names]


def _seasons_in(directory: Path) -> list[Path]:
    from analytics_assets.exchange.manifest import MANIFEST_FILE

    if not directory.is_dir():
        usage_error(f"{directory} is no directory; name the one that export wrote")
    if (directory / MANIFEST_FILE).is_file():
        return [directory]
    found = sorted(path.parent for path in directory.glob(f"[0-9]*/{MANIFEST_FILE}"))
    if not found:
        usage_error(f"{directory} holds no exported season; name the directory that export wrote")
    return found
