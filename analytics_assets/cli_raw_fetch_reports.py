"""The part of ``raw fetch`` that asks for the league's injury reports of the dates on the stored schedule."""

import json
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import typer
from rich.console import Console

from analytics_assets import presentation
from analytics_assets.cli_arguments import NOT_DONE, now, usage_error
from analytics_assets.presentation_raw_fetch import cost_line
from analytics_assets.raw.declarations import NBAC_INJURY_REPORT, NBAC_SCHEDULE
from analytics_assets.raw.fetch import injury_reports as reports
from analytics_assets.raw.fetch.answer_store import raw_answers_directory
from analytics_assets.raw.fetch.polite_http import Pace
from analytics_assets.raw.loaders.load_tables import load_injury_reports
from analytics_assets.raw.schedule import EASTERN, interpret_schedule
from analytics_assets.settings import data_directory
from analytics_assets.warehouse import Warehouse, open_warehouse

_FAILURES_SHOWN = 10


def fetch_injury_reports(
    ranges: Sequence[tuple[date, date]] | None, *, interval: float, load: bool, as_json: bool
) -> None:
    """Ask for the editions of the game dates in these ranges; exits with 1 if not all could be had or read.

    Args:
        ranges: First and last dates.
        interval: Least seconds between two requests.
        load: Whether to load what the warehouse lacks.
        as_json: Whether to print JSON.
    """
    if not ranges:
        usage_error("give --seasons, such as 2023-24, or --dates A..B")
    warehouse = open_warehouse()
    editions = reports.editions_of(_game_dates(warehouse, ranges), now())
    directory, pace = raw_answers_directory(data_directory()), Pace(interval=interval)
    stored = sum(reports.report_path(directory, edition).is_file() for edition in editions)
    if not as_json:
        presentation.console().print(cost_line(len(editions) - stored, stored, pace))
    client = reports.reports_client(pace, time.sleep, now)
    with Console(stderr=True).status("asking for injury reports") as shown:
        found = reports.fetch_reports(
            editions,
            client,
            directory,
            reports.BASE_URL,
            told=lambda edition: shown.update(f"asking for injury reports: {edition.file_name}"),
        )
    files = _not_loaded(warehouse, found.files, editions, directory) if load else []
    loaded = load_injury_reports(warehouse, files, now=now()) if files else []
    rejected = sum(len(report.file.rejected) for report in loaded)
    if as_json:
        typer.echo(json.dumps(_document(found, len(loaded), rejected), indent=2))
    else:
        _show(found)
        presentation.load_reports(loaded)
    if not found.complete or rejected:
        raise typer.Exit(NOT_DONE)


def _game_dates(warehouse: Warehouse, ranges: Sequence[tuple[date, date]]) -> list[date]:
    games = interpret_schedule(warehouse.read(NBAC_SCHEDULE)).games
    days = games.loc[games["counts"], "game_date"].drop_duplicates().dt.date
    wanted = [day for day in days if any(first <= day <= last for first, last in ranges)]
    if not wanted:
        usage_error(
            "the stored schedule has no game on these dates, and it tells for which reports to ask; load it first: "
            "nba-analytics raw fetch --source nba-com --tables nbac_schedule --seasons …"
        )
    return wanted


def _not_loaded(
    warehouse: Warehouse, files: Sequence[Path], editions: Sequence[reports.Edition], directory: Path
) -> list[Path]:
    """Files of editions of whose hour no row is stored; the time in a report is at most the minutes after it."""
    days = [edition.day for edition in editions]
    if not days:
        return []
    first, last = min(days), max(days) + pd.Timedelta(days=3)
    stored = warehouse.read(NBAC_INJURY_REPORT, ["reported_at"], first, last)["reported_at"].drop_duplicates()
    hours = set(stored.dt.tz_convert(EASTERN).dt.strftime("%Y-%m-%d %H"))
    known = {
        reports.report_path(directory, edition)
        for edition in editions
        if f"{edition.day.isoformat()} {edition.hour:02}" in hours
    }
    return [path for path in files if path not in known]


def _show(found: reports.ReportsFetch) -> None:
    console = presentation.console()
    console.print(
        f"{len(found.fetched):,} reports fetched, {len(found.on_disk):,} on disk before, "
        f"{len(found.absent):,} editions do not exist"
    )
    for line in [*found.failures[:_FAILURES_SHOWN], *([found.stopped] if found.stopped else [])]:
        console.print(f"[yellow]{presentation.plain(line)}[/yellow]")


def _document(found: reports.ReportsFetch, loaded: int, rejected: int) -> dict[str, Any]:
    return {
        "fetched": len(found.fetched),
        "on_disk": len(found.on_disk),
        "absent": [edition.file_name for edition in found.absent],
        "failures": found.failures,
        "stopped": found.stopped,
        "files_loaded": loaded,
        "rows_rejected": rejected,
    }
