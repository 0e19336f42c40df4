"""The commands ``plan``, ``backfill`` and ``backfill retry``: thin, they decide nothing that is not asked for."""

import json
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from analytics_assets import presentation
from analytics_assets.backfill.plan import Only, PlannedRun, plan_run, wanted_dates
from analytics_assets.backfill.results import BackfillRecord, load_record, start_record, still_open
from analytics_assets.cli_arguments import (
    DONE,
    NOT_DONE,
    DatesFileOption,
    DatesOption,
    EndOption,
    JsonOption,
    StartOption,
    TablesOption,
    now,
    stated_dates,
    stated_tables,
    usage_error,
)
from analytics_assets.coverage.grid import coverage_grid
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES, Outcome
from analytics_assets.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    from analytics_assets.backfill.launch import Launched

OnlyOption = Annotated[
    Only,
    typer.Option(
        help="missing: due and not done; failed: latest attempt ended in error or invalid; outdated: done, but what "
        "they rest on has changed; all. Exact for every table."
    ),
]
NewestFirstOption = Annotated[
    bool, typer.Option("--newest-first", help="Later seasons first; a context still comes after all summaries.")
]
SubmitOption = Annotated[
    str | None,
    typer.Option(
        "--submit", metavar="URL", help="Let the Dagster deployment at this address run it, which uses this warehouse."
    ),
]

backfill_app = typer.Typer(help="Build dates in backfill mode: any age, stale raw data accepted, no alerts.")


def plan(
    start: StartOption = None,
    end: EndOption = None,
    dates: DatesOption = None,
    dates_file: DatesFileOption = None,
    tables: TablesOption = None,
    only: OnlyOption = Only.MISSING,
    newest_first: NewestFirstOption = False,
    cost: Annotated[
        bool, typer.Option("--cost", help="Also the bytes that BigQuery would scan, told by dry runs; free of charge.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a backfill would build, why, and how long it would take; writes nothing."""
    names, days = stated_tables(tables), stated_dates(start, end, dates, dates_file)
    warehouse = open_warehouse()
    wanted = _wanted(warehouse, names, days, only)
    scans = None
    if cost:
        # Building needs modules that a plan does not wait for.
        from analytics_assets.backfill.costs import scans_of

        scans = scans_of(warehouse, plan_run(wanted), now())
    _show_plan(warehouse, wanted, len(names) * len(days), as_json, newest_first, scans)


@backfill_app.callback(invoke_without_command=True)
def backfill(
    context: typer.Context,
    start: StartOption = None,
    end: EndOption = None,
    dates: DatesOption = None,
    dates_file: DatesFileOption = None,
    tables: TablesOption = None,
    only: OnlyOption = Only.MISSING,
    newest_first: NewestFirstOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would run; write nothing.")] = False,
    submit: SubmitOption = None,
) -> None:
    """Build dates in backfill mode: any age, stale raw data accepted, no alerts."""
    if context.invoked_subcommand is not None:
        return
    _refuse_order_of_deployment(submit, newest_first)
    names, days = stated_tables(tables), stated_dates(start, end, dates, dates_file)
    warehouse = open_warehouse()
    if dry_run:
        wanted = _wanted(warehouse, names, days, only)
        _show_plan(warehouse, wanted, len(names) * len(days), False, newest_first)
        return
    # Rebuilt summaries make contexts outdated, so these are looked for only afterwards.
    stages = _stages(names) if only is Only.OUTDATED else [names]
    wanted = (_wanted(warehouse, stage, days, only, writes=True) for stage in stages)
    raise typer.Exit(_run(warehouse, wanted, names, days, only=str(only), newest_first=newest_first, submit=submit))


@backfill_app.command("retry")
def retry(
    backfill_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Backfill; the latest by default.")] = None,
    newest_first: NewestFirstOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would run; write nothing.")] = False,
    submit: SubmitOption = None,
) -> None:
    """Build exactly what a backfill did not get done and nobody has done since."""
    _refuse_order_of_deployment(submit, newest_first)
    record = load_record(backfill_id)
    names = [name for name in stated_tables(None) if any(entry.table == name for entry in record.dates)]
    days = sorted({date.fromisoformat(entry.date) for entry in record.dates})
    warehouse = open_warehouse()
    attempts = warehouse.read(DATE_OUTCOMES, start=days[0], end=days[-1])
    grid = coverage_grid(warehouse, names, days, now())
    keys = pd.MultiIndex.from_arrays([grid["table_name"].astype(str), grid["game_date"].dt.date])
    wanted = grid[keys.isin(still_open(record, attempts)) & (grid["due"] | grid["without_games"]) & ~grid["waived"]]
    wanted = wanted.assign(planned_because=wanted["last_outcome"].fillna(wanted["state"]).astype("string"))
    if dry_run:
        _show_plan(warehouse, wanted, len(record.dates), False, newest_first)
        return
    presentation.retrying(record)
    code = _run(
        warehouse,
        [wanted],
        names,
        days,
        only=record.only,
        newest_first=newest_first,
        retry_of=record.backfill_id,
        submit=submit,
    )
    raise typer.Exit(code)


def refuse_where_runs_are_watched() -> None:
    """Before anything is recorded, see to it that Dagster would leave a run of this process alone."""
    from analytics_assets.backfill import watched_runs

    watched_runs.refuse_where_runs_are_watched()


def execute_run(run: PlannedRun, record: BackfillRecord | None, *, backfill_mode: bool) -> "Launched":
    """Execute a planned run with a progress bar."""
    from analytics_assets.backfill.dagster_home import prepare_dagster_home
    from analytics_assets.backfill.launch import launch
    from analytics_assets.run_mode import RunMode

    prepare_dagster_home()
    mode = RunMode.BACKFILL if backfill_mode else RunMode.LIVE
    with presentation.progress(run.size) as bar:
        launched = launch(run, mode, observer=bar.advance, stopping=bar.stopping, record=record)
    if launched.problem:
        presentation.error(launched.problem)
    return launched


def _refuse_order_of_deployment(submit: str | None, newest_first: bool) -> None:
    if submit is not None and newest_first:
        usage_error("--newest-first is for runs of this process; a deployment orders its own runs")


def _wanted(
    warehouse: Warehouse, names: list[str], days: list[date], only: Only, *, writes: bool = False
) -> pd.DataFrame:
    """The dates that a backfill shall produce; see :func:`wanted_dates`.

    Unless nothing may be written, dates that were compared and agree with their inputs are not compared again.
    """
    outdated = None
    if only is Only.OUTDATED:
        # Looking for them builds dates in memory, which needs modules that no other command waits for.
        from analytics_assets.coverage.outdated import look_for_outdated, record_unchanged

        looked = look_for_outdated(warehouse, names, days, now())
        if writes:
            record_unchanged(warehouse, looked)
        outdated = looked.outdated
    return wanted_dates(coverage_grid(warehouse, names, days, now()), only, outdated)


def _stages(names: list[str]) -> list[list[str]]:
    """The tables, cut into those that look at played games and those that look back on the former's rows."""
    ahead = {table.name for table in ANALYTICS_TABLES if table.days_ahead is not None}
    stages = [name for name in names if name not in ahead], [name for name in names if name in ahead]
    return [stage for stage in stages if stage]


def _run(
    warehouse: Warehouse,
    stages: Iterable[pd.DataFrame],
    names: list[str],
    days: list[date],
    *,
    only: str,
    newest_first: bool,
    retry_of: str | None = None,
    submit: str | None = None,
) -> int:
    """Run a backfill, stage by stage; the exit code."""
    from analytics_assets.alerts.backfill_records import BackfillRecords
    from analytics_assets.alerts.ops_database import open_ops_database
    from analytics_assets.backfill.stages import run_stages

    kept = ExitStack()

    def begin(wanted: pd.DataFrame) -> BackfillRecord:
        if submit is not None:
            return start_record(wanted, only=only, warehouse=warehouse.label, now=now(), retry_of=retry_of)
        refuse_where_runs_are_watched()
        database = open_ops_database()
        record = start_record(wanted, only=only, warehouse=warehouse.label, now=now(), retry_of=retry_of)
        # Its summary is sent by a sensor, which must know when this process died.
        kept.enter_context(BackfillRecords(database).alive(record, now))
        return record

    def execute(run: PlannedRun, record: BackfillRecord) -> bool:
        if submit is not None:
            return _submitted(warehouse, submit, run, record)
        return not execute_run(run, record, backfill_mode=True).stopped

    with kept:
        record = run_stages(stages, begin=begin, execute=execute, newest_first=newest_first, now=now)
    grid = coverage_grid(warehouse, names, days, now())
    if record is None:
        presentation.nothing_to_do(only)
    presentation.backfill_summary(grid, warehouse.label)
    if record is None:
        return DONE
    presentation.backfill_record(record)
    return _exit_code(record, grid)


def _submitted(warehouse: Warehouse, url: str, run: PlannedRun, record: BackfillRecord) -> bool:
    """Hand a run to a deployment and follow it; whether it was followed to its end."""
    from analytics_assets.backfill.submit import DeploymentError, follow, submit

    try:
        dagster_id = submit(url, run, record.backfill_id)
    except DeploymentError:
        if not any(entry.outcome for entry in record.dates):
            # Nothing began, so there is nothing to retry.
            record.path.unlink()
        raise
    ended = True
    try:
        with presentation.progress(run.size) as bar:
            follow(url, dagster_id, bar.reached)
    except KeyboardInterrupt:
        presentation.error(f"not followed any longer; backfill {dagster_id} goes on at {url}")
        ended = False
    days = [date.fromisoformat(entry.date) for entry in record.dates]
    attempts = warehouse.read(DATE_OUTCOMES, start=min(days), end=max(days))
    record.note_attempts(attempts[attempts["recorded_at"] >= pd.Timestamp(record.started_at)])
    return ended


def _exit_code(record: BackfillRecord, grid: pd.DataFrame) -> int:
    """0 when every planned date is done, or not due after all, or waived."""
    waived = grid[grid["waived"]]
    accepted = set(zip(waived["table_name"].astype(str), waived["game_date"].dt.strftime("%Y-%m-%d"), strict=True))
    open_dates = [entry for entry in record.not_done if entry.outcome != str(Outcome.NOT_DUE)]
    return NOT_DONE if any((entry.table, entry.date) not in accepted for entry in open_dates) else DONE


def _show_plan(
    warehouse: Warehouse,
    wanted: pd.DataFrame,
    asked: int,
    as_json: bool,
    newest_first: bool,
    scans: pd.DataFrame | None = None,
) -> None:
    from analytics_assets.backfill.estimate import estimated_seconds

    attempts = warehouse.read(DATE_OUTCOMES, ["table_name", "actual_rows", "seconds"])
    run = plan_run(wanted, newest_first=newest_first)
    seconds = estimated_seconds(wanted, attempts)
    if as_json:
        document = presentation.plan_document(run, wanted, asked, seconds)
        typer.echo(json.dumps(document if scans is None else {**document, "cost": scans.to_dict("records")}, indent=2))
        return
    presentation.plan(run, wanted, asked, seconds)
    if scans is not None:
        presentation.scans(scans)
