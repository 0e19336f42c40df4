"""Live or backfill: how a run's mode is decided from its tags, and what each mode allows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

BACKFILL_MODE_TAG = "backfill_mode"
DAGSTER_BACKFILL_TAG = "dagster/backfill"


class RunMode(StrEnum):
    """The two ways in which dates are produced."""

    LIVE = "live"
    BACKFILL = "backfill"


class RunModeError(ValueError):
    """The run carries a ``backfill_mode`` that is neither true nor false."""


@dataclass(frozen=True)
class Allowance:
    """What a run mode allows.

    Attributes:
        dates_of_any_age: Dates older than ``historical_days`` are built.
        stale_raw_data: Raw data that was not updated since the games ended is accepted.
        missing_raw_data: A date without raw data or schedule stays not done without failing the run.
        alerts: Alerts may be sent.
    """

    dates_of_any_age: bool
    stale_raw_data: bool
    missing_raw_data: bool
    alerts: bool


_ALLOWANCES = {
    RunMode.LIVE: Allowance(dates_of_any_age=False, stale_raw_data=False, missing_raw_data=False, alerts=True),
    RunMode.BACKFILL: Allowance(dates_of_any_age=True, stale_raw_data=True, missing_raw_data=True, alerts=False),
}


def run_mode_from_tags(tags: Mapping[str, str]) -> RunMode:
    """Mode of a run.

    Args:
        tags: The run's tags.

    Returns:
        Backfill for ``backfill_mode=true`` or a run of a Dagster backfill; an explicit ``backfill_mode=false`` wins.

    Raises:
        RunModeError: ``backfill_mode`` holds something else.
    """
    stated = tags.get(BACKFILL_MODE_TAG)
    if stated is None:
        return RunMode.BACKFILL if DAGSTER_BACKFILL_TAG in tags else RunMode.LIVE
    if stated.strip().lower() == "true":
        return RunMode.BACKFILL
    if stated.strip().lower() == "false":
        return RunMode.LIVE
    raise RunModeError(f"run tag {BACKFILL_MODE_TAG} is {stated!r}; write true or false")


def allowance(mode: RunMode) -> Allowance:
    """What the mode allows."""
    return _ALLOWANCES[mode]
