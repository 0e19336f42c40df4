"""The commands ``nba-analytics raw ...``, which fill the raw tables and tell what they hold."""

from pathlib import Path
from typing import Annotated

import typer

from analytics_assets import presentation, presentation_raw_report
from analytics_assets.cli_arguments import NOT_DONE, now, usage_error
from analytics_assets.cli_player import raw_unresolved
from analytics_assets.cli_raw_fetch import load_fetched_answers, raw_fetch
from analytics_assets.cli_raw_load import raw_load_mapped, raw_mapping_template
from analytics_assets.cli_raw_report import raw_report
from analytics_assets.warehouse import open_warehouse

raw_app = typer.Typer(no_args_is_help=True, help="Fill the raw tables.")
raw_app.command("report")(raw_report)
raw_app.command("unresolved")(raw_unresolved)
raw_app.command("fetch")(raw_fetch)
raw_app.command("load-mapped")(raw_load_mapped)
raw_app.command("mapping-template")(raw_mapping_template)


@raw_app.command("load")
def raw_load(
    source: Annotated[str, typer.Argument(help="Whose files: nba-com, odds-api or injury-report.")],
    paths: Annotated[list[Path] | None, typer.Argument(help="Files: Parquet, CSV, JSON or PDF, also gzipped.")] = None,
    fetched: Annotated[bool, typer.Option("--fetched", help="Load every answer that raw fetch stored.")] = False,
) -> None:
    """Load files of a public source into the raw tables; loading twice changes nothing."""
    if fetched == bool(paths):
        usage_error("give either files or --fetched")
    if fetched:
        load_fetched_answers(source)
        return
    from analytics_assets.raw.loaders.load import load_nba_com, load_odds_api
    from analytics_assets.raw.loaders.load_tables import load_injury_reports

    loaders = {"nba-com": load_nba_com, "odds-api": load_odds_api, "injury-report": load_injury_reports}
    if source not in loaders:
        usage_error(f"unknown source {source!r}; known are {', '.join(loaders)}")
    reports = loaders[source](open_warehouse(), paths or [], now=now())
    presentation.load_reports(reports)
    presentation_raw_report.how_to_report()
    if any(len(report.file.rejected) for report in reports):
        raise typer.Exit(NOT_DONE)
