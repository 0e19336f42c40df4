"""The commands ``raw load-mapped`` and ``raw mapping-template``: files of any origin, by a mapping file."""

from pathlib import Path
from typing import Annotated

import typer

from analytics_assets import presentation, presentation_raw_report
from analytics_assets.cli_arguments import NOT_DONE, now, usage_error
from analytics_assets.warehouse import open_warehouse


def raw_load_mapped(
    paths: Annotated[list[Path], typer.Argument(help="Files: Parquet, CSV or JSON records, also gzipped.")],
    mapping: Annotated[
        Path, typer.Option("--mapping", help="TOML file that names the table and its columns' sources.")
    ],
) -> None:
    """Load files of any origin into a raw table; loading twice changes nothing.

    raw mapping-template TABLE prints a mapping file to fill in. Rows whose values the table's declaration does not
    allow are rejected and told.
    """
    from analytics_assets.raw.loaders.load_tables import load_mapped_files
    from analytics_assets.raw.loaders.mapping import read_mapping

    read = read_mapping(mapping)
    reports = load_mapped_files(open_warehouse(), paths, read, now=now())
    presentation.load_reports(reports)
    presentation_raw_report.how_to_report()
    if any(len(report.file.rejected) for report in reports):
        raise typer.Exit(NOT_DONE)


def raw_mapping_template(
    table: Annotated[str, typer.Argument(help="Raw table, such as nbac_player_boxscores.")],
) -> None:
    """Print a mapping file to fill in, with every column of a raw table explained."""
    from analytics_assets.raw.declarations import RAW_TABLES
    from analytics_assets.raw.loaders.mapping import table_named
    from analytics_assets.raw.loaders.mapping_template import mapping_template

    declared = table_named(table)
    if declared is None:
        usage_error(f"unknown raw table {table!r}; known are {', '.join(one.name for one in RAW_TABLES)}")
    typer.echo(mapping_template(declared), nl=False)
