"""Which events recoveries end. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from analytics_assets.alerts.events import Event, Recovery

# By kind, subject, and date in ISO 8601; None stands for all dates.
Ends = Mapping[tuple[str, str, str | None], datetime]


def latest_ends(recoveries: Sequence[Recovery]) -> Ends:
    """The latest recovery of each kind, subject and date."""
    latest: dict[tuple[str, str, str | None], datetime] = {}
    for one in recoveries:
        key = (str(one.kind), one.subject, None if one.game_date is None else one.game_date.isoformat())
        latest[key] = max(latest.get(key, one.happened_at), one.happened_at)
    return latest


def end_of(event: Event | Any, ends: Ends) -> datetime | None:
    """When an event, or a stored row of one, was ended; None if it lasts."""
    day = None if event.game_date is None else str(event.game_date)
    found = [ends.get((str(event.kind), event.subject, one)) for one in (day, None)]
    return min((end for end in found if end is not None and end > event.happened_at), default=None)
