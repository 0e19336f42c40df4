"""The command ``raw report``, which tells Dagster which dates the raw tables hold."""

import json
import time

import typer

from analytics_assets import presentation_raw_report as shown
from analytics_assets.cli_arguments import (
    EndOption,
    JsonOption,
    StartOption,
    TablesOption,
    partition_bounds,
    stated_dates,
    usage_error,
)
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.tables.declaration import Table
from analytics_assets.warehouse import open_warehouse


def raw_report(
    tables: TablesOption = None, start: StartOption = None, end: EndOption = None, as_json: JsonOption = False
) -> None:
    """Tell Dagster which dates the raw tables hold, so that Dagit shows where raw data exists.

    Only what is new or was written differently since it was last told. A table and date take some 15 ms in the
    default records: the reference range is two to five minutes the first time and seconds after that.
    """
    wanted = _stated_raw_tables(tables)
    first, last = partition_bounds()
    days = stated_dates(start or first.isoformat(), end or last.isoformat(), None)
    import dagster as dg

    from analytics_assets.assets.raw_report import compare_raw_dates, report_raw_dates
    from analytics_assets.backfill.dagster_home import prepare_dagster_home

    prepare_dagster_home()
    warehouse, begun = open_warehouse(), time.monotonic()
    with dg.DagsterInstance.get() as instance:
        found = compare_raw_dates(instance, warehouse, wanted, days[0], days[-1])
        with shown.progress(sum(len(entry.untold) for entry in found)) as told:
            events = report_raw_dates(instance, warehouse, found, told)
    seconds = time.monotonic() - begun
    if as_json:
        typer.echo(json.dumps(shown.raw_report_document(found, events, seconds), indent=2))
    else:
        shown.raw_report(found, events, seconds)


def _stated_raw_tables(stated: str | None) -> list[Table]:
    if stated is None:
        return list(RAW_TABLES)
    known = {table.name: table for table in RAW_TABLES}
    names = [name.strip().removeprefix("nba_raw.") for name in stated.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        usage_error(f"unknown raw table {', '.join(map(repr, unknown)) or repr(stated)}; known are {', '.join(known)}")
    return [table for name, table in known.items() if name in names]
