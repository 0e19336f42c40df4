"""The command line ``nba-analytics``: thin, every command calls a room and prints what it gives."""

import json
import os
import subprocess
import sys
from typing import Annotated, Any

import typer

from analytics_assets import presentation, presentation_raw_report
from analytics_assets.alerts.redaction import Redactor
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.backfill.results import UnknownBackfillError
from analytics_assets.cli_alerts import alerts_app, silence_app
from analytics_assets.cli_arguments import (
    DONE,
    NOT_DONE,
    USAGE,
    EndOption,
    JsonOption,
    StartOption,
)
from analytics_assets.cli_arguments import now as _now
from analytics_assets.cli_arguments import stated_date as _date
from analytics_assets.cli_arguments import stated_dates as _dates
from analytics_assets.cli_arguments import stated_tables as _tables
from analytics_assets.cli_arguments import usage_error as _usage
from analytics_assets.cli_backfill import backfill_app, execute_run, plan, refuse_where_runs_are_watched
from analytics_assets.cli_exchange import export, import_
from analytics_assets.cli_player import player_app
from analytics_assets.cli_quarantine import quarantine_app
from analytics_assets.cli_raw import raw_app
from analytics_assets.cli_status import status, unwaive, waive
from analytics_assets.settings import project_root
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.frames import SchemaError
from analytics_assets.warehouse import WarehouseError, open_warehouse

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="NBA analytics tables: build, backfill, see what is missing and why.",
)
# What the command line's library raises for a wrong call; it has no public name in all of its versions.
_UsageError: Any = typer.BadParameter.__base__
app.add_typer(raw_app, name="raw")
app.add_typer(player_app, name="player")
app.command("plan")(plan)
app.command("status")(status)
app.command("waive")(waive)
app.command("unwaive")(unwaive)
app.command("export")(export)
app.command("import")(import_)
app.add_typer(backfill_app, name="backfill")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(silence_app, name="silence")
app.add_typer(alerts_app, name="alerts")


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
    presentation_raw_report.how_to_report()


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


@app.command()
def materialize(
    table: Annotated[str, typer.Argument(help="Table to build.")],
    day: Annotated[str, typer.Argument(metavar="YYYY-MM-DD", help="Game date.")],
    backfill_mode: Annotated[bool, typer.Option("--backfill-mode", help="Build a date of any age; no alerts.")] = False,
) -> None:
    """Build one table for one date, with live rules unless --backfill-mode is given."""
    names, wanted = _tables(table), _dates(None, None, day)
    if len(wanted) != 1:
        _usage("materialize builds one date; give several to backfill --dates")
    refuse_where_runs_are_watched()
    results = execute_run(PlannedRun.over(names, wanted), None, backfill_mode=backfill_mode).results
    presentation.results(results)
    raise typer.Exit(DONE if results and all(result.done for result in results) else NOT_DONE)


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
    try:
        raise SystemExit(app(prog_name="nba-analytics", standalone_mode=False))
    except _UsageError as error:
        message = error.format_message()
        # A group that was called without a command has the help for its message, or has printed it.
        if "\n" in message:
            error.show()
        elif message:
            path = error.ctx.command_path if error.ctx is not None else "nba-analytics"
            presentation.error(f"{message.rstrip('.')}; see {path} --help")
        raise SystemExit(USAGE) from error
    except Exception as error:
        if not isinstance(error, _known_errors()):
            raise
        presentation.error(Redactor.from_environment(os.environ)(str(error)))
        raise SystemExit(USAGE) from error


def _known_errors() -> tuple[type[Exception], ...]:
    from analytics_assets.alerts.ops_database import OpsDatabaseError
    from analytics_assets.backfill.dagster_home import DagsterHomeError
    from analytics_assets.backfill.submit import DeploymentError
    from analytics_assets.exchange.table_files import ExchangeError
    from analytics_assets.raw.loaders.nba_com import UnreadableFileError

    of_rooms = (WarehouseError, SchemaError, DagsterHomeError, UnreadableFileError, UnknownBackfillError)
    return (*of_rooms, DeploymentError, ExchangeError, OpsDatabaseError)


def _dagster_home() -> None:
    from analytics_assets.backfill.dagster_home import prepare_dagster_home

    prepare_dagster_home()
