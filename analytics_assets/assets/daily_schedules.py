"""The two daily schedules of a live deployment: yesterday's summaries, and today's contexts; live rules apply."""

from datetime import date, datetime, timedelta

import dagster as dg

from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.coverage.calendar import DayKind, classify_dates, eastern_date, not_due_reasons
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import EASTERN, interpret_schedule
from analytics_assets.tables.catalogue import ANALYTICS_TABLES

DAILY_SUMMARIES_JOB = dg.define_asset_job(
    "daily_summaries",
    selection=dg.AssetSelection.assets(*(table.name for table in ANALYTICS_TABLES if table.days_ahead is None)),
    description="Summaries of one date, with live rules.",
    executor_def=dg.in_process_executor,
)
DAILY_CONTEXTS_JOB = dg.define_asset_job(
    "daily_contexts",
    selection=dg.AssetSelection.assets(*(table.name for table in ANALYTICS_TABLES if table.days_ahead is not None)),
    description="Contexts of one date, from what is known now.",
    executor_def=dg.in_process_executor,
)


@dg.schedule(
    job=DAILY_SUMMARIES_JOB,
    # The gamebook of the night's last game is there by then.
    cron_schedule="30 9 * * *",
    execution_timezone=EASTERN,
    description="Builds yesterday's summaries once its games are final; a day without games is skipped.",
)
def yesterdays_summaries(
    context: dg.ScheduleEvaluationContext, warehouse: WarehouseResource
) -> dg.RunRequest | dg.SkipReason:
    """Yesterday's summaries, or why there are none to build."""
    now = context.scheduled_execution_time
    return _request(warehouse, eastern_date(now) - timedelta(days=1), now, after_the_games=True)


@dg.schedule(
    job=DAILY_CONTEXTS_JOB,
    # After the night's results, after the day's first reports, and before the first evening games.
    cron_schedule="0 10,14,18 * * *",
    execution_timezone=EASTERN,
    description="Builds today's contexts again as lines and reports arrive; a day without games is skipped.",
)
def todays_contexts(
    context: dg.ScheduleEvaluationContext, warehouse: WarehouseResource
) -> dg.RunRequest | dg.SkipReason:
    """Today's contexts, or why there are none to build."""
    now = context.scheduled_execution_time
    return _request(warehouse, eastern_date(now), now, after_the_games=False)


def _request(
    warehouse: WarehouseResource, day: date, now: datetime, *, after_the_games: bool
) -> dg.RunRequest | dg.SkipReason:
    schedule = interpret_schedule(warehouse.open().read(NBAC_SCHEDULE))
    found = classify_dates(schedule, [day]).iloc[0]
    if found["kind"] in (DayKind.OFF_DAY, DayKind.OFF_SEASON):
        return dg.SkipReason(f"{day}: {found['reason']}")
    waiting = not_due_reasons(schedule, [day], now).get(day) if after_the_games else None
    if waiting is not None:
        return dg.SkipReason(f"{day}: {waiting}")
    # A date that the schedule does not reach is requested: its run fails, names the reason and is seen.
    return dg.RunRequest(run_key=f"{now:%Y-%m-%dT%H:%M}", partition_key=day.isoformat())
