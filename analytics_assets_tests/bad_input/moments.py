"""Moments and dates that are somewhat off."""

from collections.abc import Callable

import pandas as pd


def hours_later(hours: int) -> Callable[[pd.Timestamp], pd.Timestamp]:
    """The moment so many hours later."""
    return lambda old: old + pd.Timedelta(hours=hours)


def days_later(days: int) -> Callable[[pd.Timestamp], pd.Timestamp]:
    """The moment or date so many days later."""
    return hours_later(24 * days)
