"""Raw tables that this deployment fills itself: one multi-asset per public source, and a schedule of yesterday's data.

The bodies fetch and load through :mod:`analytics_assets.raw.fetch` and tell Dagster what the dates then hold.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import dagster as dg

from analytics_assets.assets.analytics_tables import tag_run
from analytics_assets.assets.fetch_options import MAX_CREDITS, Failures, FetchOptions
from analytics_assets.assets.raw_report import NO_ROWS, counts_of_dates, digests_of_tables, held_date
from analytics_assets.assets.raw_tables import external_raw_tables, raw_asset_key, raw_table_spec
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.coverage.calendar import DayKind, classify_dates, eastern_date
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import EASTERN, interpret_schedule
from analytics_assets.tables.declaration import Table
from analytics_assets.warehouse import Warehouse

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

FETCH_JOB = "fetch_raw_data"
RAW_SOURCES_VARIABLE = "NBA_RAW_SOURCES"
# A season a run. Another policy than that of the tables: Dagster then gives raw dates runs of their own first. In one
# run it would skip the tables as a whole as soon as one raw date is left out.
DATES_A_RUN = 200
_NAMED_AT_MOST = 20


class FetchConfig(dg.Config):
    """Run configuration of the raw tables of a source; see :class:`FetchOptions`."""

    ask_again: bool = False
    max_credits: int = MAX_CREDITS


class Fetch(Protocol):
    """Fetches dates of raw tables from a source and loads them."""

    def __call__(
        self,
        warehouse: Warehouse,
        tables: Sequence[Table],
        dates: Sequence[date],
        *,
        now: Callable[[], datetime],
        told: Callable[[str], None],
        options: FetchOptions,
    ) -> Failures:
        """Fetch and load exactly these dates of these tables.

        ``told`` is told in one line how far it has got. Gives the tables, by name, and dates that could not be fetched
        completely, with the reason of each.
        """
        ...


@dataclass(frozen=True)
class RawSource:
    """A public source of raw data.

    Attributes:
        name: Its name, such as ``nba-com``.
        tables: Raw tables with dates that it fills.
        fetch: Fetches and loads dates.
    """

    name: str
    tables: tuple[Table, ...]
    fetch: Fetch


def stated_raw_sources(environment: Mapping[str, str] | None = None) -> tuple[RawSource, ...]:
    """The sources that ``NBA_RAW_SOURCES`` names, with commas between; none by default.

    Raises:
        ValueError: One of them is unknown.
    """
    stated = (os.environ if environment is None else environment).get(RAW_SOURCES_VARIABLE, "")
    names = [name.strip() for name in stated.split(",") if name.strip()]
    if not names:
        return ()
    # Imported late: most deployments fetch nothing, and what fetches knows clients of services.
    from analytics_assets.assets.raw_fetchers import TABLES_OF_NBA_COM, fetch_nba_com_dates
    from analytics_assets.assets.raw_fetchers_odds_api import TABLES_OF_ODDS_API, fetch_odds_api_dates

    sources = (
        RawSource("nba-com", TABLES_OF_NBA_COM, fetch_nba_com_dates),
        RawSource("odds-api", TABLES_OF_ODDS_API, fetch_odds_api_dates),
    )
    known = {source.name: source for source in sources}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"{RAW_SOURCES_VARIABLE} names {unknown[0]!r}; known are {', '.join(known)}")
    return tuple(source for name, source in known.items() if name in names)


@dataclass(frozen=True)
class RawDefinitions:
    """What Dagster is told of the raw tables.

    Attributes:
        assets: External assets, and the multi-assets of the sources.
        jobs: The job that fetches a date, if there is a source.
        schedules: Its schedule.
    """

    assets: Sequence[dg.AssetSpec | dg.AssetsDefinition]
    jobs: "Sequence[UnresolvedAssetJobDefinition]" = ()
    schedules: Sequence[dg.ScheduleDefinition] = ()


def build_raw_tables(
    sources: Sequence[RawSource], partitions: dg.PartitionsDefinition, clock: Callable[[], datetime]
) -> RawDefinitions:
    """All raw tables: those of the sources materializable, all others external.

    Args:
        sources: Sources from which this deployment fills raw tables itself; no table is of two.
        partitions: Daily partitions of all tables.
        clock: Gives the present moment.
    """
    external = external_raw_tables(partitions, but={table for source in sources for table in source.tables})
    if not sources:
        return RawDefinitions(external)
    fetched = [build_raw_source(source, partitions, clock) for source in sources]
    job, schedule = build_fetch_schedule(fetched)
    return RawDefinitions([*external, *fetched], [job], [schedule])


def build_raw_source(
    source: RawSource, partitions: dg.PartitionsDefinition, clock: Callable[[], datetime]
) -> dg.AssetsDefinition:
    """The multi-asset whose specs are the raw tables of a source.

    Materializing dates fetches and loads exactly these. A date is materialized when it was fetched and then holds rows,
    or when the schedule proves that there was no game; other dates stay missing. If any date could not be fetched, the
    run fails at its end and names it.

    Args:
        source: The source.
        partitions: Daily partitions of all tables.
        clock: Gives the present moment.
    """
    name = f"raw_{source.name.replace('-', '_')}"

    @dg.multi_asset(
        name=name,
        specs=[raw_table_spec(table, partitions, filled_from=source.name) for table in source.tables],
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=DATES_A_RUN),
        # A source is asked by one run at a time, beside runs that build tables.
        pool=name,
    )
    def fetched_tables(
        context: dg.AssetExecutionContext, config: FetchConfig, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetMaterialization | dg.MaterializeResult]:
        tag_run(context)
        tables = [table for table in source.tables if raw_asset_key(table) in context.selected_asset_keys]
        dates = [date.fromisoformat(key) for key in context.partition_keys]
        opened = warehouse.open()
        options = FetchOptions(config.ask_again, config.max_credits)
        failed = source.fetch(opened, tables, dates, now=clock, told=context.log.info, options=options)
        for event in _events(opened, source, tables, dates, failed, clock()):
            yield _result(event) if len(dates) == 1 else event
        if failed:
            raise dg.Failure(_failure_text(source, failed))

    return fetched_tables


def build_fetch_schedule(
    fetched: Sequence[dg.AssetsDefinition],
) -> "tuple[UnresolvedAssetJobDefinition, dg.ScheduleDefinition]":
    """The job that fetches one date of all sources, and its daily schedule, which is off by default."""
    job = dg.define_asset_job(
        FETCH_JOB,
        selection=dg.AssetSelection.assets(*(key for assets in fetched for key in assets.keys)),
        description="Fetches one date of all raw tables that this deployment fills itself.",
        executor_def=dg.in_process_executor,
    )

    @dg.schedule(
        name="raw_data_of_yesterday",
        job=job,
        # The night's last box score is published by then, and yesterdays_summaries comes an hour later.
        cron_schedule="30 8 * * *",
        execution_timezone=EASTERN,
        description="Fetches yesterday's raw data, also of a day without games, which refreshes the schedule.",
    )
    def raw_data_of_yesterday(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        now = context.scheduled_execution_time
        day = eastern_date(now) - timedelta(days=1)
        return dg.RunRequest(run_key=f"{now:%Y-%m-%dT%H:%M}", partition_key=day.isoformat())

    return job, raw_data_of_yesterday


def _events(
    warehouse: Warehouse,
    source: RawSource,
    tables: Sequence[Table],
    dates: Sequence[date],
    failed: Failures,
    now: datetime,
) -> Iterator[dg.AssetMaterialization]:
    """What the dates that were fetched hold now, by table; off-days hold nothing."""
    held = digests_of_tables(warehouse, tables, min(dates), max(dates))
    off_days = _proven_off_days(warehouse, dates, now)
    for table in tables:
        counts = counts_of_dates(warehouse, table, [day for day in dates if day in held[table]])
        for day in dates:
            if (table.name, day) in failed:
                continue
            if day in held[table]:
                yield held_date(table, day, held[table][day], counts.get(day, {}), fetched_from=source.name)
            elif day in off_days:
                yield held_date(table, day, NO_ROWS, {"rows": 0}, fetched_from=source.name, outcome=off_days[day])


def _proven_off_days(warehouse: Warehouse, dates: Sequence[date], now: datetime) -> dict[date, str]:
    """Dates of which the schedule as it is now proves that there was no game, with their kind."""
    past = [day for day in dates if day < eastern_date(now)]
    kinds = classify_dates(interpret_schedule(warehouse.read(NBAC_SCHEDULE)), past)["kind"]
    found = zip(past, kinds, strict=True)
    return {day: str(kind) for day, kind in found if kind in (DayKind.OFF_DAY, DayKind.OFF_SEASON)}


def _result(event: dg.AssetMaterialization) -> dg.MaterializeResult:
    """The same as a result, for a run over one date: tables that are built in the same run then wait for it."""
    return dg.MaterializeResult(
        asset_key=event.asset_key,
        metadata=event.metadata,
        data_version=dg.DataVersion(str(event.metadata["digest"].value)),
    )


def _failure_text(source: RawSource, failed: Failures) -> str:
    lines = [f"{name} {day}: {reason}" for (name, day), reason in sorted(failed.items())]
    more = f"; and {len(lines) - _NAMED_AT_MOST} more" if len(lines) > _NAMED_AT_MOST else ""
    named = "; ".join(lines[:_NAMED_AT_MOST])
    return f"{len(lines)} dates could not be fetched from {source.name}, all others were loaded: {named}{more}"
