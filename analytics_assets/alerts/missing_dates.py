"""The standing watch: due dates that are not done, from what the ``coverage`` asset last said."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import dagster as dg
from dagster import EventLogRecord

from analytics_assets.alerts.events import AlertKind, Event, Recovery, Severity
from analytics_assets.alerts.run_facts import Read, moment_of
from analytics_assets.assets.coverage_asset import COVERAGE_ASSET, MISSING_BLOCKS, MISSING_LISTED_FROM, MISSING_REASONS

_KEY = dg.AssetKey(COVERAGE_ASSET)
TOLD_AT_MOST = 2000

Missing = Mapping[tuple[str, date], str]


def read_missing_dates(instance: dg.DagsterInstance, last_seen: int | None) -> tuple[Read, int | None]:
    """Dates that are missing since the last look, and dates that are no longer.

    Told is what two looks differ in, so that a date is told once and a gap that grows does not tell its old dates
    again; what the first look found is history.

    Args:
        instance: Whose event log is read.
        last_seen: Id of the look that was read last; None before the first.

    Returns:
        What is new, and the id of the look that was read.
    """
    newest = _records(instance, dg.AssetRecordsFilter(_KEY))
    if not newest or MISSING_BLOCKS not in _values(newest[0]):
        return Read(), last_seen
    record = newest[0]
    if record.storage_id == last_seen:
        return Read(), last_seen
    before = _records(instance, dg.AssetRecordsFilter(_KEY, storage_ids=[last_seen])) if last_seen is not None else []
    if not before:
        return Read(latest=moment_of(record)), record.storage_id
    return compare(before[0], record), record.storage_id


def compare(before: EventLogRecord, record: EventLogRecord) -> Read:
    """What differs between two looks of the ``coverage`` asset."""
    then, now = missing_of(_values(before)), missing_of(_values(record))
    starts = [_listed_from(_values(look)) for look in (before, record)]

    def comparable(table: str, day: date) -> bool:
        return all(day >= listed.get(table, date.min) for listed in starts)

    moment, source = moment_of(record), record.storage_id
    reasons = {(table, day): reason for table, day, reason in _list(_values(record), MISSING_REASONS)}
    fresh = sorted(key for key in now.keys() - then.keys() if comparable(*key))
    events: list[Event] = []
    for table in sorted({table for table, _ in fresh}):
        days = [day for name, day in fresh if name == table]
        # The latest ones; years of dates at once are told as one.
        told = days[-TOLD_AT_MOST:]
        for day in told:
            state = now[table, day]
            text = reasons.get((table, day.isoformat())) or f"due and not done: {state}"
            events.append(_event(moment, source, table, state, text, day))
        rest = days[: len(days) - len(told)]
        if rest:
            text = f"{len(rest)} earlier dates are due and not done, {rest[0]} to {rest[-1]}; see status --missing"
            events.append(_event(moment, source, table, "many", text, None))
    recoveries = [
        Recovery(kind=AlertKind.DATES_MISSING, subject=table, game_date=day, happened_at=moment)
        for table, day in sorted(then.keys() - now.keys())
        if comparable(table, day)
    ]
    recoveries += [
        Recovery(kind=AlertKind.DATES_MISSING, subject=table, game_date=None, happened_at=moment)
        for table in sorted({table for table, _ in then} - {table for table, _ in now})
    ]
    return Read(events, recoveries, latest=moment)


def missing_of(values: Mapping[str, Any]) -> Missing:
    """State by table and date of all missing dates that a look lists."""
    found: dict[tuple[str, date], str] = {}
    for table, state, first, last in _list(values, MISSING_BLOCKS):
        start, end = date.fromisoformat(first), date.fromisoformat(last)
        found |= {(table, start + timedelta(days=number)): state for number in range((end - start).days + 1)}
    return found


def _event(moment: Any, source: int, table: str, state: str, text: str, day: date | None) -> Event:
    return Event(
        event_key=f"{AlertKind.DATES_MISSING}:look {source}:{table}:{day or 'earlier'}",
        kind=AlertKind.DATES_MISSING,
        severity=Severity.WARNING,
        happened_at=moment,
        subject=table,
        error_class=state,
        text=text,
        table_name=table,
        game_date=day,
    )


def _records(instance: dg.DagsterInstance, chosen: dg.AssetRecordsFilter) -> list[EventLogRecord]:
    return list(instance.fetch_materializations(chosen, limit=1).records)


def _values(record: EventLogRecord) -> dict[str, Any]:
    made = record.asset_materialization
    return {} if made is None else {name: value.value for name, value in made.metadata.items()}


def _listed_from(values: Mapping[str, Any]) -> dict[str, date]:
    return {table: date.fromisoformat(first) for table, first in (values.get(MISSING_LISTED_FROM) or {}).items()}


def _list(values: Mapping[str, Any], name: str) -> list[list[str]]:
    return values.get(name) or []
