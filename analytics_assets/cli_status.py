"""The commands ``status``, ``waive`` and ``unwaive``: what is done, what is missing and why, and accepted gaps."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from analytics_assets import presentation, status_view
from analytics_assets.cli_arguments import (
    DONE,
    EndOption,
    JsonOption,
    StartOption,
    TablesOption,
    now,
    partition_bounds,
    stated_dates,
    stated_tables,
    usage_error,
)
from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.warehouse import Warehouse, open_warehouse

if TYPE_CHECKING:
    import dagster as dg

    from analytics_assets.raw.schedule import Schedule

WaivedTable = Annotated[str, typer.Argument(metavar="TABLE", help="Table, or several with commas.")]
WaivedDates = Annotated[
    str, typer.Argument(metavar="DATES", help="Dates with commas, or a range as YYYY-MM-DD..YYYY-MM-DD.")
]


def status(
    start: StartOption = None,
    end: EndOption = None,
    tables: TablesOption = None,
    missing: Annotated[bool, typer.Option("--missing", help="List due dates that are not done, with reasons.")] = False,
    why: Annotated[str | None, typer.Option("--why", metavar="YYYY-MM-DD", help="Explain one date in full.")] = None,
    dagster: Annotated[
        bool, typer.Option("--dagster", help="Compare with the dates that Dagster's records hold for materialized.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Add the materializations that Dagster's records lack.")
    ] = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a self-contained page.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is done and what is missing; exit code 1 when something due is not done."""
    from analytics_assets.coverage.grid import covered_phases, read_schedule

    names = stated_tables(tables)
    if why is not None:
        if start or end or missing or dagster or repair or html is not None:
            usage_error("--why explains one date; give only --tables and --json with it")
        _explain(names, stated_dates(None, None, why), as_json)
        return
    wanted = _dates_until_yesterday(start, end)
    warehouse = open_warehouse()
    schedule = read_schedule(warehouse)
    grid, reported = _grid(warehouse, names, wanted, schedule, dagster=dagster, repair=repair)
    phases = covered_phases(schedule)
    if html is not None:
        _write_page(html, grid)
    if as_json:
        typer.echo(json.dumps(status_view.status_document(grid, phases, compared=dagster or repair), indent=2))
    else:
        if reported is not None:
            status_view.repaired(reported)
        status_view.status(grid, phases, list_missing=missing, rebuild=_rebuild_commands(grid))
        _tell_quarantined(warehouse, names, wanted)
    raise typer.Exit(presentation.exit_code(grid))


def waive(
    tables: WaivedTable,
    dates: WaivedDates,
    author: Annotated[str, typer.Option(help="Who accepts the gap.")],
    reason: Annotated[str, typer.Option(help="Why it is accepted.")],
) -> None:
    """Accept dates as a permanent gap: still shown, counted apart, no longer missing."""
    from analytics_assets.coverage import waivers

    names, days = stated_tables(tables), _waived_dates(dates)
    warehouse = open_warehouse()
    for name in names:
        try:
            waivers.waive(warehouse, name, days, author=author, reason=reason, now=now())
        except ValueError as error:
            usage_error(str(error))
    presentation.console().print(f"waived {len(days)} dates of {', '.join(names)}")


def unwaive(tables: WaivedTable, dates: WaivedDates) -> None:
    """Take waivers back."""
    from analytics_assets.coverage import waivers

    names, days = stated_tables(tables), _waived_dates(dates)
    warehouse = open_warehouse()
    for name in names:
        taken = waivers.unwaive(warehouse, name, days, now=now())
        presentation.console().print(f"took back the waivers of {taken} dates of {name}")


def _dates_until_yesterday(start: str | None, end: str | None) -> list[date]:
    first, last = partition_bounds()
    yesterday = eastern_date(now()) - timedelta(days=1)
    return stated_dates(start or first.isoformat(), end or max(first, min(last, yesterday)).isoformat(), None)


def _waived_dates(stated: str) -> list[date]:
    start, dots, end = stated.partition("..")
    return stated_dates(start, end, None) if dots else stated_dates(None, None, stated)


def _grid(
    warehouse: Warehouse, names: list[str], wanted: list[date], schedule: "Schedule", *, dagster: bool, repair: bool
) -> tuple[pd.DataFrame, int | None]:
    """The grid, and how many materializations were added to Dagster's records if that was asked for."""
    from analytics_assets.coverage.grid import coverage_grid

    if not dagster and not repair:
        return coverage_grid(warehouse, names, wanted, now(), schedule=schedule), None
    from analytics_assets.backfill.records import materialized_dates, report_missing_materializations

    with _instance() as instance:
        grid = coverage_grid(warehouse, names, wanted, now(), materialized_dates(instance, names), schedule)
        if not repair:
            return grid, None
        reported = report_missing_materializations(instance, grid)
        shown = materialized_dates(instance, names)
        return coverage_grid(warehouse, names, wanted, now(), shown, schedule), reported


def _instance() -> "dg.DagsterInstance":
    import dagster as dg

    from analytics_assets.backfill.dagster_home import prepare_dagster_home

    prepare_dagster_home()
    return dg.DagsterInstance.get()


def _tell_quarantined(warehouse: Warehouse, names: list[str], wanted: list[date]) -> None:
    from analytics_assets.coverage import quarantine

    selection = quarantine.Selection(tables=names, start=wanted[0], end=wanted[-1])
    states = quarantine.quarantine(warehouse, selection)["state"].value_counts()
    if len(states):
        told = ", ".join(f"{int(states.get(state, 0))} {state}" for state in quarantine.STATES)
        presentation.console().print(f"quarantined raw rows: {told}; see nba-analytics quarantine list")


def _rebuild_commands(grid: pd.DataFrame) -> dict[str, str]:
    if grid["disagreement"].isna().all():
        return {}
    from analytics_assets.backfill.records import rebuild_commands

    return dict(rebuild_commands(grid))


def _explain(names: list[str], days: list[date], as_json: bool) -> None:
    from analytics_assets.coverage.explanation import explain_date

    if len(days) != 1:
        usage_error("--why explains one date")
    found = explain_date(open_warehouse(), names, days[0], now())
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        status_view.explanation(found)
    raise typer.Exit(DONE)


def _write_page(path: Path, grid: pd.DataFrame) -> None:
    from analytics_assets.coverage.page import coverage_page

    try:
        path.write_text(coverage_page(grid, now()), encoding="utf-8")
    except OSError as error:
        usage_error(f"{path} cannot be written: {error}")
