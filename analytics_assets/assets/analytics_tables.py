"""The one multi-asset whose specs are the analytics tables, and its Dagster events.

One operation for all tables, because only then a launch over a range is one run over exactly the launched dates, and
a date that fails in one table leaves every other date and table alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, NoReturn

import dagster as dg
from pydantic import Field

from analytics_assets.assets.column_schema import asset_metadata
from analytics_assets.assets.produce import HISTORICAL_DAYS, Request, produce_dates
from analytics_assets.assets.producer import Producer
from analytics_assets.assets.scattered_dates import announce, dates_of_tables, told_check
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.coverage.results import DateResult
from analytics_assets.run_mode import BACKFILL_MODE_TAG, RunMode, allowance, run_mode_from_tags
from analytics_assets.tables.operations import Outcome

ANALYTICS_GROUP = "nba_analytics"
WAREHOUSE_POOL = "warehouse"
CHECK_NAME = "every_date_is_done"
# Metadata of the failure that a run raises at its end.
FAILED_DATES = "failed_dates"

_FAILURES = frozenset({Outcome.ERROR, Outcome.INVALID})
_MISSING_INPUT = frozenset({Outcome.NO_RAW_DATA, Outcome.NO_SCHEDULE})
_NAMED_AT_MOST = 20
_ISSUES_AT_MOST = 12

Clock = Callable[[], datetime]
Observer = Callable[[DateResult], None]
StopAsked = Callable[[], bool]


class ProduceConfig(dg.Config):
    """Run configuration of the analytics tables.

    Attributes:
        historical_days: Age in days beyond which a live run leaves a date alone.
        dates: Exact dates by table, as YYYY-MM-DD, for a run without partitions over scattered dates.
        newest_first: Whether later seasons come first.
    """

    historical_days: int = HISTORICAL_DAYS
    dates: dict[str, list[str]] = Field(default_factory=dict)
    newest_first: bool = False


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def table_spec(producer: Producer) -> dg.AssetSpec:
    """Asset spec of one table, from its declaration."""
    table = producer.table
    return dg.AssetSpec(
        table.name,
        description=f"{table.grain} {table.description}",
        deps=[
            *(dg.AssetKey([raw.dataset, raw.name]) for raw in producer.raw_tables),
            *(dg.AssetKey(table.name) for table in producer.analytics_tables),
        ],
        group_name=ANALYTICS_GROUP,
        kinds={"pandas"},
        skippable=True,
        code_version=table.code_version,
        metadata=asset_metadata(table),
    )


def build_analytics_tables(
    stages: Sequence[Sequence[Producer]],
    partitions: dg.PartitionsDefinition,
    clock: Clock = utc_now,
    observer: Observer | None = None,
    stop_asked: StopAsked | None = None,
) -> dg.AssetsDefinition:
    """The multi-asset of all analytics tables.

    Args:
        stages: Tables in the order in which a run produces them; a stage begins when all dates of the one before are
            committed, so that its tables can look back on them.
        partitions: Daily partitions.
        clock: Gives the present moment.
        observer: Told each date's result once Dagster has recorded it.
        stop_asked: Asked after every committed slice; if it says so, the run is cancelled there.
    """
    producers = [producer for stage in stages for producer in stage]

    @dg.multi_asset(
        name="analytics_tables",
        specs=[table_spec(producer) for producer in producers],
        can_subset=True,
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=WAREHOUSE_POOL,
        check_specs=[
            dg.AssetCheckSpec(
                CHECK_NAME,
                asset=producer.table.name,
                description="Every date of the run is done or not due yet; the others are listed with their reasons.",
            )
            for producer in producers
        ],
    )
    def analytics_tables(
        context: dg.AssetExecutionContext, config: ProduceConfig, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckResult]:
        mode = run_mode_from_tags(tag_run(context))
        selected = {key.to_user_string() for key in context.selected_asset_keys}
        names = [producer.table.name for producer in producers if producer.table.name in selected]
        dates = dates_of_tables(context, config.dates, names)
        announce(context, dates)
        request = Request(
            dates=(),
            mode=mode,
            now=clock(),
            run_id=context.run.run_id,
            historical_days=config.historical_days,
            newest_first=config.newest_first,
        )
        failed: list[DateResult] = []
        for stage in stages:
            chosen = [producer for producer in stage if producer.table.name in selected]
            results: dict[str, list[DateResult]] = {producer.table.name: [] for producer in chosen}
            for part in _produce_stage(warehouse, chosen, dates, request):
                for result in part:
                    results[result.table_name].append(result)
                    yield _event(context, result, mode)
                    # Dagster resumes the generator after it has written the event.
                    if observer is not None:
                        observer(result)
                if stop_asked is not None and stop_asked():
                    _cancel(context)
            for name, found in results.items():
                if not dates[name]:
                    continue
                yield from told_check(context, _check_result(name, found))
                failed += [result for result in found if fails_the_run(result, mode)]
        if failed:
            raise dg.Failure(_failure_text(failed), metadata=_failure_metadata(failed), allow_retries=False)

    return analytics_tables


def _produce_stage(
    warehouse: WarehouseResource, producers: Sequence[Producer], dates: Mapping[str, tuple[date, ...]], request: Request
) -> Iterator[list[DateResult]]:
    """Tables of a stage that have dates are produced together, because they share what they read."""
    asked = [producer for producer in producers if dates[producer.table.name]]
    if asked:
        yield from produce_dates(warehouse.open(), asked, replace(request, dates_by_table=dates))


def _cancel(context: dg.AssetExecutionContext) -> NoReturn:
    """End the run as a cancelled one: dates that it did not reach are missing, not failed."""
    context.instance.report_run_canceling(context.run, "stopped after a slice; what was committed stays")
    raise dg.DagsterExecutionInterruptedError()


def tag_run(context: dg.AssetExecutionContext) -> dict[str, str]:
    """The run's tags; a backfill run that no coordinator stamped is stamped here, so that it can be found."""
    tags = dict(context.run.tags)
    if BACKFILL_MODE_TAG not in tags and run_mode_from_tags(tags) is RunMode.BACKFILL:
        context.instance.add_run_tags(context.run_id, {BACKFILL_MODE_TAG: "true"})
    return tags


def fails_the_run(result: DateResult, mode: RunMode) -> bool:
    """Whether a date makes its run red: errors and broken data always, missing or stale input in live mode."""
    if result.outcome in _FAILURES or result.faulty:
        return True
    allowed = allowance(mode)
    if result.outcome in _MISSING_INPUT:
        return not allowed.missing_raw_data
    return result.outcome is Outcome.STALE_RAW_DATA and not allowed.stale_raw_data


def _event(
    context: dg.AssetExecutionContext, result: DateResult, mode: RunMode
) -> dg.AssetMaterialization | dg.AssetObservation:
    day = result.game_date.isoformat()
    if result.done:
        return dg.AssetMaterialization(result.table_name, partition=day, metadata=_metadata(result, mode))
    (context.log.error if fails_the_run(result, mode) else context.log.warning)(_line(result))
    return dg.AssetObservation(result.table_name, partition=day, metadata=_metadata(result, mode))


def _metadata(result: DateResult, mode: RunMode) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "outcome": str(result.outcome),
        "dagster/partition_row_count": result.actual_rows,
        "rows": result.actual_rows,
        "games": result.actual_games,
        "run_mode": str(mode),
        "seconds": round(result.seconds, 4),
    }
    optional = {
        "reason": result.reason,
        "expected_games": result.expected_games,
        "quarantined_rows": result.quarantined_rows,
        "sources": ", ".join(result.sources),
        "warnings": "; ".join(result.warnings),
        "quality_share": result.quality_share,
        "faulty": result.faulty,
        "issue_shares": dict(list(result.issue_shares.items())[:_ISSUES_AT_MOST]),
    }
    # A share of 0 says something, a count of 0 does not.
    return metadata | {
        name: value for name, value in optional.items() if value or (name == "quality_share" and value is not None)
    }


def _check_result(name: str, results: Sequence[DateResult]) -> dg.AssetCheckResult:
    open_dates = [result for result in results if not result.done and result.outcome is not Outcome.NOT_DUE]
    return dg.AssetCheckResult(
        asset_key=name,
        check_name=CHECK_NAME,
        passed=not open_dates,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "dates": len(results),
            "not_done": len(open_dates),
            "sample": "\n".join(_line(result) for result in open_dates[:_NAMED_AT_MOST]),
        },
    )


def _failure_text(failed: Sequence[DateResult]) -> str:
    shown = "; ".join(_line(result) for result in failed[:_NAMED_AT_MOST])
    more = f"; and {len(failed) - _NAMED_AT_MOST} more" if len(failed) > _NAMED_AT_MOST else ""
    return f"{len(failed)} dates failed, all others were committed: {shown}{more}"


def _failure_metadata(failed: Sequence[DateResult]) -> dict[str, Any]:
    return {FAILED_DATES: [f"{result.table_name} {result.game_date}" for result in failed]}


def _line(result: DateResult) -> str:
    return f"{result.table_name} {result.game_date} {result.outcome}: {result.reason}"
