"""What a run that fetches raw data may do, and what it could not do; knows neither Dagster nor a service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# Raw table and date that could not be fetched completely, and why.
Failures = Mapping[tuple[str, date], str]
MAX_CREDITS = 1000


@dataclass(frozen=True)
class FetchOptions:
    """Limits of a run.

    Attributes:
        ask_again: Asks also for games whose answers are on disk: corrections come days later.
        max_credits: The most to spend with a service that counts credits.
    """

    ask_again: bool = False
    max_credits: int = MAX_CREDITS
