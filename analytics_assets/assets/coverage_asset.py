"""The ``coverage`` asset: what ``status`` says, in Dagit, with a check that no due date is missing."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
import pandas as pd

from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.backfill.plan import contiguous_blocks
from analytics_assets.backfill.records import materialized_dates
from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.coverage.grid import coverage_grid, missing_dates
from analytics_assets.coverage.heat_map import shown_states
from analytics_assets.partitions import date_range, partitions_start
from analytics_assets.raw.schedule import EASTERN
from analytics_assets.run_mode import BACKFILL_MODE_TAG
from analytics_assets.tables.catalogue import ANALYTICS_TABLES

COVERAGE_ASSET, NO_DUE_DATE_MISSING = "coverage", "no_due_date_is_missing"
MISSING_BLOCKS, MISSING_REASONS, MISSING_LISTED_FROM = "missing_blocks", "missing_reasons", "missing_listed_from"
_NAMED_AT_MOST, _REASONS_AT_MOST, _BLOCKS_AT_MOST = 20, 100, 2000
_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]

COVERAGE_JOB = dg.define_asset_job(
    "refresh_coverage",
    selection=dg.AssetSelection.assets(COVERAGE_ASSET),
    description="Looks again at what is done and what is missing.",
    executor_def=dg.in_process_executor,
)
hourly_coverage = dg.ScheduleDefinition(
    name="hourly_coverage",
    job=COVERAGE_JOB,
    cron_schedule="0 * * * *",
    execution_timezone=EASTERN,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Looks once an hour at what is done and what is missing.",
)


def build_coverage_asset(
    clock: Callable[[], datetime], environment: Mapping[str, str] | None = None
) -> dg.AssetsDefinition:
    """The asset; unpartitioned, because it tells of all partitions from the first to yesterday.

    Args:
        clock: Gives the present moment.
        environment: Environment variables; the process's own by default.
    """

    @dg.asset(
        name=COVERAGE_ASSET,
        group_name="nba_coverage",
        kinds={"pandas"},
        description="What is done and what is missing, by table, from the first partition to yesterday.",
        check_specs=[
            dg.AssetCheckSpec(
                NO_DUE_DATE_MISSING,
                asset=COVERAGE_ASSET,
                description="Every due date of every table is done or waived.",
            )
        ],
    )
    def coverage(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
        now = clock()
        names = [table.name for table in ANALYTICS_TABLES]
        first = partitions_start(environment)
        last = max(first, eastern_date(now) - timedelta(days=1))
        shown = materialized_dates(context.instance, names)
        grid = coverage_grid(warehouse.open(), names, date_range(first, last), now, shown)
        missing = missing_dates(grid)
        return dg.MaterializeResult(metadata=_metadata(grid, missing), check_results=[_check(missing)])

    return coverage


@dg.sensor(
    job=COVERAGE_JOB,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks at what is missing once a backfill, of Dagit or of the command line, has ended.",
)
def coverage_after_backfills(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """A refresh after the latest finished run in backfill mode, unless another one is under way."""
    tags = {BACKFILL_MODE_TAG: "true"}
    finished = context.instance.get_run_records(
        dg.RunsFilter(tags=tags, statuses=_FINISHED), limit=1, order_by="update_timestamp"
    )
    if not finished:
        return dg.SkipReason("no run in backfill mode has ended yet")
    latest = finished[0].dagster_run.run_id
    if latest == context.cursor:
        return dg.SkipReason("no run in backfill mode has ended since the last look")
    if context.instance.get_runs(dg.RunsFilter(tags=tags, statuses=_UNFINISHED), limit=1):
        return dg.SkipReason("a backfill is under way")
    context.update_cursor(latest)
    return dg.RunRequest(run_key=latest)


def _metadata(grid: pd.DataFrame, missing: pd.DataFrame) -> dict[str, Any]:
    counts = grid.groupby(["table_name", shown_states(grid).rename("state")], sort=True).size()
    lines = ["| table | state | dates |", "| --- | --- | ---: |"]
    lines += [f"| {name} | {state} | {size} |" for (name, state), size in counts.items()]  # type: ignore[misc]
    return {
        "counts": dg.MetadataValue.md("\n".join(lines)),
        "first_date": f"{grid['game_date'].min():%Y-%m-%d}",
        "last_date": f"{grid['game_date'].max():%Y-%m-%d}",
        "missing": len(missing),
        "missing_sample": _sample(missing, "reason"),
        **_missing_for_alerts(missing),
        "waived": int((grid["waived"] & ~grid["done"]).sum()),
        "disagreements": int(grid["disagreement"].notna().sum()),
        "disagreements_sample": _sample(grid[grid["disagreement"].notna()], "disagreement"),
    }


def _missing_for_alerts(missing: pd.DataFrame) -> dict[str, Any]:
    """All missing dates as ``[table, state, first, last]`` blocks, and the latest reasons as ``[table, date, reason]``.

    A table whose blocks are too many lists its latest ones, and says from which date on.
    """
    blocks: list[list[str]] = []
    listed_from: dict[str, str] = {}
    for name, of_table in missing.groupby("table_name", sort=False):
        found = [
            (first, last, str(state))
            for state, rows in of_table.groupby("state")
            for first, last in contiguous_blocks(list(rows["game_date"].dt.date))
        ]
        found.sort(key=lambda block: block[1])
        if len(found) > _BLOCKS_AT_MOST:
            dropped, found = found[:-_BLOCKS_AT_MOST], found[-_BLOCKS_AT_MOST:]
            listed_from[str(name)] = (dropped[-1][1] + timedelta(days=1)).isoformat()
        blocks += [[str(name), state, first.isoformat(), last.isoformat()] for first, last, state in found]
    latest = missing.sort_values(["game_date", "table_name"], ascending=[False, True]).head(_REASONS_AT_MOST)
    reasons = [
        [str(row["table_name"]), f"{row['game_date']:%Y-%m-%d}", str(row["reason"])]
        for row in latest.to_dict("records")
    ]
    return {MISSING_BLOCKS: blocks, MISSING_REASONS: reasons, MISSING_LISTED_FROM: listed_from}


def _check(missing: pd.DataFrame) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=NO_DUE_DATE_MISSING,
        passed=missing.empty,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"missing": len(missing), "sample": _sample(missing, "reason")},
    )


def _sample(rows: pd.DataFrame, told: str) -> str:
    return "\n".join(
        f"{row['table_name']} {row['game_date']:%Y-%m-%d} {row['state']}: {row[told]}"
        for row in rows.head(_NAMED_AT_MOST).to_dict("records")
    )
