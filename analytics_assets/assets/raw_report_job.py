"""The job ``report_raw_dates`` and its hourly schedule: in Dagit what ``nba-analytics raw report`` does by hand."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

import dagster as dg

from analytics_assets.assets.raw_report import TableDates, compare_raw_dates, report_raw_dates
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.partitions import DAYS_AHEAD, partitions_start
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.raw.schedule import EASTERN

REPORT_JOB = "report_raw_dates"


def build_raw_report(
    clock: Callable[[], datetime], environment: Mapping[str, str] | None = None
) -> tuple[dg.JobDefinition, dg.ScheduleDefinition]:
    """The job and its schedule, which is off by default.

    Args:
        clock: Gives the present moment.
        environment: Environment variables; the process's own by default.
    """

    def compared(instance: dg.DagsterInstance, warehouse: WarehouseResource, now: datetime) -> list[TableDates]:
        first, last = partitions_start(environment), eastern_date(now) + timedelta(days=DAYS_AHEAD - 1)
        return compare_raw_dates(instance, warehouse.open(), RAW_TABLES, first, last)

    @dg.op
    def tell_raw_dates(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
        found = compared(context.instance, warehouse, clock())
        told = report_raw_dates(context.instance, warehouse.open(), found)
        context.log.info(f"told Dagster of {told} tables and dates; {_known(found)}")

    @dg.job(
        name=REPORT_JOB,
        executor_def=dg.in_process_executor,
        description="Tells Dagster which dates the raw tables hold: what is new or was written differently.",
    )
    def report_job() -> None:
        tell_raw_dates()

    @dg.schedule(
        name="raw_dates_reported",
        job=report_job,
        # Between the looks of hourly_coverage and before yesterdays_summaries.
        cron_schedule="20 * * * *",
        execution_timezone=EASTERN,
        description="Tells Dagster once an hour which dates the raw tables hold; runs only when something is new.",
    )
    def raw_dates_reported(
        context: dg.ScheduleEvaluationContext, warehouse: WarehouseResource
    ) -> dg.RunRequest | dg.SkipReason:
        now = context.scheduled_execution_time
        found = compared(context.instance, warehouse, now)
        if not any(entry.untold for entry in found):
            return dg.SkipReason(f"nothing new: {_known(found)}")
        return dg.RunRequest(run_key=f"{now:%Y-%m-%dT%H:%M}")

    return report_job, raw_dates_reported


def _known(found: list[TableDates]) -> str:
    held: set[date] = {day for entry in found for day in entry.digests if day is not None}
    text = f"raw tables hold rows of {len(held)} dates"
    gone = [f"{entry.table.name} {day}" for entry in found for day in entry.gone]
    if not gone:
        return text
    named = ", ".join(gone[:20]) + (f" and {len(gone) - 20} more" if len(gone) > 20 else "")
    return f"{text}; shown as held, but without rows now: {named}"
