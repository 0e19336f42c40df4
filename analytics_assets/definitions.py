"""The whole project on one page: assets, checks, jobs, sensors, resources."""

from collections.abc import Mapping, Sequence

import dagster as dg

from analytics_assets.alerts.sensors import build_alert_sensors
from analytics_assets.assets.analytics_tables import Clock, Observer, StopAsked, build_analytics_tables, utc_now
from analytics_assets.assets.coverage_asset import (
    COVERAGE_JOB,
    build_coverage_asset,
    coverage_after_backfills,
    hourly_coverage,
)
from analytics_assets.assets.daily_schedules import (
    DAILY_CONTEXTS_JOB,
    DAILY_SUMMARIES_JOB,
    todays_contexts,
    yesterdays_summaries,
)
from analytics_assets.assets.producers import CONTEXTS, SUMMARIES
from analytics_assets.assets.raw_report_job import build_raw_report
from analytics_assets.assets.raw_sources import RawSource, build_raw_tables, stated_raw_sources
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.backfill.abandoned_runs import abandoned_runs
from analytics_assets.partitions import daily_partitions
from analytics_assets.run_mode import BACKFILL_MODE_TAG

HISTORICAL_DATE_JOB = "historical_date"


def build_definitions(
    *,
    warehouse: WarehouseResource | None = None,
    clock: Clock = utc_now,
    observer: Observer | None = None,
    stop_asked: StopAsked | None = None,
    environment: Mapping[str, str] | None = None,
    raw_sources: Sequence[RawSource] | None = None,
) -> dg.Definitions:
    """Fresh definitions; tests replace pieces by keyword instead of patching.

    Args:
        warehouse: Warehouse resource; by default the one ``NBA_WAREHOUSE`` names.
        clock: Gives the present moment.
        observer: Told each date's result once Dagster has recorded it.
        stop_asked: Asked after every committed slice; if it says so, the run is cancelled there.
        environment: Environment variables; the process's own by default.
        raw_sources: Sources from which this deployment fills raw tables itself; by default those ``NBA_RAW_SOURCES``
            names.
    """
    partitions = daily_partitions(environment)
    tables = build_analytics_tables((SUMMARIES, CONTEXTS), partitions, clock, observer, stop_asked)
    resource = warehouse or WarehouseResource()
    sources = stated_raw_sources(environment) if raw_sources is None else raw_sources
    raw = build_raw_tables(sources, partitions, clock)
    report_job, raw_dates_reported = build_raw_report(clock, environment)
    alerts = build_alert_sensors(clock, open_warehouse=resource.open, environment=environment)
    return dg.Definitions(
        assets=[*raw.assets, tables, build_coverage_asset(clock, environment)],
        jobs=[
            DAILY_SUMMARIES_JOB,
            DAILY_CONTEXTS_JOB,
            COVERAGE_JOB,
            report_job,
            *raw.jobs,
            dg.define_asset_job(
                HISTORICAL_DATE_JOB,
                selection=dg.AssetSelection.assets(*tables.keys),
                description="Materialize one date of any age: presets the run tag that lifts the 90-day check.",
                tags={BACKFILL_MODE_TAG: "true"},
                executor_def=dg.in_process_executor,
            ),
        ],
        schedules=[yesterdays_summaries, todays_contexts, hourly_coverage, raw_dates_reported, *raw.schedules],
        sensors=[abandoned_runs, coverage_after_backfills, *alerts],
        resources={"warehouse": resource},
        executor=dg.in_process_executor,
    )


defs = build_definitions()
