"""The command line ``nba-analytics``: thin, every command calls a room and prints what it gives."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from analytics_assets import presentation
from analytics_assets.backfill.plan import Only, PlannedRun, plan_runs
from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.coverage.results import DateResult
from analytics_assets.run_mode import RunMode
from analytics_assets.settings import project_root
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.frames import SchemaError
from analytics_assets.warehouse import WarehouseError, open_warehouse

DONE, NOT_DONE, USAGE = 0, 1, 2

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="NBA analytics tables: build, backfill, see what is missing and why.",
)
raw_app = typer.Typer(no_args_is_help=True, help="Fill the raw tables.")
app.add_typer(raw_app, name="raw")

StartOption = Annotated[str | None, typer.Option("--start", metavar="YYYY-MM-DD", help="First date.")]
EndOption = Annotated[str | None, typer.Option("--end", metavar="YYYY-MM-DD", help="Last date, included.")]
TablesOption = Annotated[str | None, typer.Option("--tables", help="Comma-separated tables; all by default.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="Another seed gives another league, in another warehouse.")] = 7,
    faults: Annotated[
        bool,
        typer.Option(
            "--faults",
            help="Put faults into the season 2021-22 and tell them; without it, an earlier run's are undone.",
        ),
    ] = False,
) -> None:
    """Fill the raw tables with a simulated league, from 2021-10-19 to today."""
    from analytics_assets.demo.fill import fill_demo

    warehouse = open_warehouse()
    filled = fill_demo(warehouse, now=_now(), seed=seed, faults=faults)
    presentation.merge_counts(warehouse.label, filled.counts)
    presentation.demo_faults(filled.faults, filled.removed)


@app.command()
def dev(
    port: Annotated[int, typer.Option(help="Port of the webserver.")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Start Dagit (webserver) and the daemon on the same records that this command line writes."""
    import dagster as dg

    _dagster_home()
    # Webserver and daemon start together; in a fresh home both would create the record files at the same moment.
    with dg.DagsterInstance.get():
        pass
    workspace = project_root() / "workspace.yaml"
    target = ["-w", str(workspace)] if workspace.is_file() else ["-m", "analytics_assets.definitions"]
    command = [sys.executable, "-m", "dagster", "dev", *target, "-p", str(port), "-h", host]
    raise typer.Exit(subprocess.call(command, env=os.environ.copy()))


@raw_app.command("load")
def raw_load(
    source: Annotated[str, typer.Argument(help="Who published the files: nba-com or odds-api.")],
    paths: Annotated[list[Path], typer.Argument(help="Files: Parquet, CSV or JSON, also gzipped.")],
) -> None:
    """Load files of a public source into the raw tables; loading twice changes nothing."""
    from analytics_assets.raw.loaders.load import load_nba_com, load_odds_api

    loaders = {"nba-com": load_nba_com, "odds-api": load_odds_api}
    if source not in loaders:
        _usage(f"unknown source {source!r}; known are {', '.join(loaders)}")
    reports = loaders[source](open_warehouse(), paths, now=_now())
    presentation.load_reports(reports)
    if any(len(report.file.rejected) for report in reports):
        raise typer.Exit(NOT_DONE)


@app.command()
def backfill(
    start: StartOption = None,
    end: EndOption = None,
    dates: Annotated[str | None, typer.Option("--dates", help="Comma-separated dates instead of a range.")] = None,
    tables: TablesOption = None,
    only: Annotated[Only, typer.Option(help="Missing dates (due and not done), or all.")] = Only.MISSING,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would run; write nothing.")] = False,
) -> None:
    """Build dates in backfill mode: any age, stale raw data accepted, no alerts."""
    from analytics_assets.coverage.grid import coverage_grid

    names, wanted = _tables(tables), _dates(start, end, dates)
    warehouse = open_warehouse()
    grid = coverage_grid(warehouse, names, wanted, _now())
    runs = plan_runs(grid, only)
    if dry_run:
        presentation.plan(runs, grid)
        return
    if runs:
        _execute(runs, RunMode.BACKFILL)
    grid = coverage_grid(warehouse, names, wanted, _now())
    presentation.backfill_summary(grid, runs, warehouse.label)
    raise typer.Exit(presentation.exit_code(grid))


@app.command()
def materialize(
    table: Annotated[str, typer.Argument(help="Table to build.")],
    day: Annotated[str, typer.Argument(metavar="YYYY-MM-DD", help="Game date.")],
    backfill_mode: Annotated[bool, typer.Option("--backfill-mode", help="Build a date of any age; no alerts.")] = False,
) -> None:
    """Build one table for one date, with live rules unless --backfill-mode is given."""
    names, wanted = _tables(table), _dates(None, None, day)
    mode = RunMode.BACKFILL if backfill_mode else RunMode.LIVE
    results = _execute([PlannedRun(tuple(names), wanted[0], wanted[0])], mode)
    presentation.results(results)
    raise typer.Exit(DONE if results and all(result.done for result in results) else NOT_DONE)


@app.command()
def status(
    start: StartOption = None,
    end: EndOption = None,
    tables: TablesOption = None,
    missing: Annotated[bool, typer.Option("--missing", help="List due dates that are not done, with reasons.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what is done and what is missing; exit code 1 when something due is not done."""
    from analytics_assets.coverage.grid import coverage_grid, covered_phases

    names = _tables(tables)
    first, last = _partition_bounds()
    yesterday = eastern_date(_now()) - timedelta(days=1)
    wanted = _dates(start or first.isoformat(), end or max(first, min(last, yesterday)).isoformat(), None)
    warehouse = open_warehouse()
    grid = coverage_grid(warehouse, names, wanted, _now())
    phases = covered_phases(warehouse)
    if as_json:
        typer.echo(json.dumps(presentation.status_document(grid, phases), indent=2))
    else:
        presentation.status(grid, phases, list_missing=missing)
    raise typer.Exit(presentation.exit_code(grid))


@app.command()
def verify(start: StartOption = None, end: EndOption = None, as_json: JsonOption = False) -> None:
    """Check the stored tables: first and last date, rows, distinct dates, duplicates on the key."""
    first = _date(start) if start else None
    last = _date(end) if end else None
    if first and last and first > last:
        _usage(f"--start {first} lies after --end {last}")
    warehouse = open_warehouse()
    found = {table.name: warehouse.profile(table, first, last) for table in ANALYTICS_TABLES}
    if as_json:
        typer.echo(json.dumps(found, indent=2, default=str))
    else:
        presentation.verification(found)
    raise typer.Exit(NOT_DONE if any(profile["duplicate_keys"] for profile in found.values()) else DONE)


def main() -> None:
    """Run the command line; known errors are told in one line."""
    from analytics_assets.backfill.dagster_home import DagsterHomeError
    from analytics_assets.raw.loaders.nba_com import UnreadableFileError

    try:
        app()
    except (WarehouseError, SchemaError, DagsterHomeError, UnreadableFileError) as error:
        presentation.error(str(error))
        raise SystemExit(USAGE) from error


def _execute(runs: list[PlannedRun], mode: RunMode) -> list[DateResult]:
    """Execute runs with a progress bar; returns the results of all dates."""
    import dagster as dg

    from analytics_assets.backfill import runs as launcher
    from analytics_assets.backfill.abandoned_runs import fail_abandoned_runs

    _dagster_home()
    backfill_id = f"cli-{_now():%Y%m%d%H%M%S}" if mode is RunMode.BACKFILL else None
    results: list[DateResult] = []
    with dg.DagsterInstance.get() as instance, presentation.progress(runs) as advance:
        fail_abandoned_runs(instance)

        def observe(result: DateResult) -> None:
            results.append(result)
            advance(result)

        for run in runs:
            before = len(results)
            finished = launcher.execute(instance, run, mode=mode, observer=observe, backfill_id=backfill_id)
            if len(results) - before < run.dates * len(run.table_names):
                presentation.error(launcher.failure_text(finished))
    return results


def _dagster_home() -> None:
    from analytics_assets.backfill.dagster_home import prepare_dagster_home

    prepare_dagster_home()


def _now() -> datetime:
    return datetime.now(UTC)


def _partition_bounds() -> tuple[date, date]:
    from analytics_assets.partitions import DAYS_AHEAD, partitions_start

    try:
        first = partitions_start()
    except ValueError as error:
        _usage(str(error))
    return first, eastern_date(_now()) + timedelta(days=DAYS_AHEAD - 1)


def _tables(stated: str | None) -> list[str]:
    known = [table.name for table in ANALYTICS_TABLES]
    names = [name.strip() for name in stated.split(",") if name.strip()] if stated is not None else known
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        _usage(f"unknown table {', '.join(map(repr, unknown)) or repr(stated)}; known are {', '.join(known)}")
    return [name for name in known if name in names]


def _dates(start: str | None, end: str | None, dates: str | None) -> list[date]:
    from analytics_assets.partitions import date_range

    first, last = _partition_bounds()
    if dates is not None:
        if start or end:
            _usage("give either --dates or --start and --end")
        wanted = sorted({_date(text.strip()) for text in dates.split(",")})
    else:
        if start is None or end is None:
            _usage("give --start and --end, or --dates")
        begin, until = _date(start), _date(end)
        if begin > until:
            _usage(f"--start {begin} lies after --end {until}")
        wanted = [begin, until]
    outside = [day for day in wanted if not first <= day <= last]
    if outside:
        _usage(f"{outside[0]} is no partition; partitions reach from {first} to {last}")
    return wanted if dates is not None else date_range(wanted[0], wanted[1])


def _date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        _usage(f"{text!r} is no date; write YYYY-MM-DD")


def _usage(message: str) -> NoReturn:
    presentation.error(message)
    raise typer.Exit(USAGE)
