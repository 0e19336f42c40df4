"""The daily partitions that every table shares."""

import os
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from analytics_assets.league.seasons import REFERENCE_START
from analytics_assets.raw.schedule import EASTERN

if TYPE_CHECKING:
    import dagster as dg

PARTITIONS_START_VARIABLE = "NBA_PARTITIONS_START"
# Context tables look up to a week ahead; today itself needs one more.
DAYS_AHEAD = 8


def partitions_start(environment: Mapping[str, str] | None = None) -> date:
    """First partition: ``NBA_PARTITIONS_START`` as YYYY-MM-DD, or the first date of the reference backfill.

    Raises:
        ValueError: The variable holds no date.
    """
    stated = (os.environ if environment is None else environment).get(PARTITIONS_START_VARIABLE)
    if not stated:
        return REFERENCE_START
    try:
        return date.fromisoformat(stated)
    except ValueError as error:
        raise ValueError(f"{PARTITIONS_START_VARIABLE}={stated!r} is no date; write YYYY-MM-DD") from error


def daily_partitions(environment: Mapping[str, str] | None = None) -> "dg.DailyPartitionsDefinition":
    """One partition per US-Eastern game date, up to a week ahead."""
    # Imported late: the command line asks for dates far more often than it runs anything.
    import dagster as dg

    return dg.DailyPartitionsDefinition(
        start_date=partitions_start(environment).isoformat(), timezone=EASTERN, end_offset=DAYS_AHEAD
    )


def date_range(start: date, end: date) -> list[date]:
    """Every date from start to end, both included."""
    return [start + timedelta(days=offset) for offset in range((end - start).days + 1)]
