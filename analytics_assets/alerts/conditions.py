"""Conditions of single dates, read from Dagster's event log: failed, without raw data, stale, of low quality.

Every attempt of a date is there, as a materialization if it is done and as an observation if not. The warehouse is
never opened.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import dagster as dg
from dagster import EventLogRecord

from analytics_assets.alerts.events import AlertKind, Event, Recovery, Severity
from analytics_assets.alerts.run_facts import Read, RunFacts, Streams, asset_fetch, facts_of_runs, moment_of
from analytics_assets.tables.operations import Outcome

DATE_KINDS = (
    AlertKind.DATES_FAILED,
    AlertKind.RAW_DATA_MISSING,
    AlertKind.RAW_DATA_STALE,
    AlertKind.QUALITY_WARNING,
)
LOW_TIER_LIMITS = {"team": 0.20, "player": 0.30}
REFUSED_ROWS_LIMIT = 0.05
STALE_WARNING = "stale raw data: "

_OUTCOME_KINDS = {
    Outcome.ERROR: AlertKind.DATES_FAILED,
    Outcome.INVALID: AlertKind.DATES_FAILED,
    Outcome.PARTIAL_RAW_DATA: AlertKind.RAW_DATA_MISSING,
    Outcome.NO_RAW_DATA: AlertKind.RAW_DATA_MISSING,
    Outcome.NO_SCHEDULE: AlertKind.RAW_DATA_MISSING,
    Outcome.STALE_RAW_DATA: AlertKind.RAW_DATA_STALE,
}


def beginning(instance: dg.DagsterInstance, table_names: Sequence[str]) -> dict[str, Any]:
    """The state of a reader for which everything up to now is history."""
    keys = [dg.AssetKey(name) for name in table_names]
    fetches = (instance.fetch_materializations, instance.fetch_observations)
    return Streams.beginning(fetch(key, limit=1).records for fetch in fetches for key in keys)


def read_dates(instance: dg.DagsterInstance, kind: AlertKind, streams: Streams, table_names: Sequence[str]) -> Read:
    """What is new about dates.

    Args:
        instance: Whose event log is read.
        kind: One of ``DATE_KINDS``.
        streams: Where reading has got to; moved on.
        table_names: Output tables without their dataset.
    """
    done: list[EventLogRecord] = []
    not_done: list[EventLogRecord] = []
    complete = True
    if streams.nothing_new(instance):
        return Read()
    for name in table_names:
        # Done ones first: whatever failed before them is then read as well, and no recovery comes before its event.
        made, all_made = streams.read(f"done:{name}", asset_fetch(instance.fetch_materializations, name))
        if kind is not AlertKind.QUALITY_WARNING:
            seen, all_seen = streams.read(f"not_done:{name}", asset_fetch(instance.fetch_observations, name))
            not_done += seen
            if not all_seen:
                reached = streams.positions[f"not_done:{name}"]
                made, all_made = [record for record in made if record.storage_id <= reached], False
                streams.back_to(f"done:{name}", reached)
        done += made
        complete = complete and all_made
    return events_of_records(instance, kind, done, not_done, complete)


def events_of_records(
    instance: dg.DagsterInstance,
    kind: AlertKind,
    done: Sequence[EventLogRecord],
    not_done: Sequence[EventLogRecord],
    complete: bool = True,
) -> Read:
    """Events and recoveries of one kind out of materializations and observations of dates."""
    told = [(record, _of_observation(kind, _metadata(record))) for record in not_done]
    recovered: dict[tuple[str, date], datetime] = {}
    for record in done:
        found = _of_materialization(kind, _metadata(record), _table(record))
        told.append((record, found))
        day = _day(record)
        if day is not None and _ends(kind, _metadata(record), found):
            recovered[_table(record), day] = moment_of(record)
    told = [(record, found) for record, found in told if found and _day(record) is not None]
    runs = facts_of_runs(instance, {record.run_id for record, _ in told})
    events = [
        _event(kind, record, runs.get(record.run_id, RunFacts()), told_class, severity, text)
        for record, found in told
        for told_class, severity, text in found
    ]
    recoveries = [
        Recovery(kind=kind, subject=table, game_date=day, happened_at=moment)
        for (table, day), moment in recovered.items()
    ]
    moments = [moment_of(record) for record in (*done, *not_done)]
    return Read(events, recoveries, complete, max(moments, default=None))


def _of_observation(kind: AlertKind, metadata: Mapping[str, Any]) -> list[tuple[str, Severity, str]]:
    """Error class, severity and text of what a date that is not done tells; dates too old or not due tell nothing."""
    try:
        outcome = Outcome(metadata.get("outcome", ""))
    except ValueError:
        return []
    of_outcome = AlertKind.DATES_FAILED if metadata.get("faulty") else _OUTCOME_KINDS.get(outcome)
    if of_outcome is not kind:
        return []
    return [(str(outcome), Severity.ERROR, str(metadata.get("reason") or outcome))]


def _of_materialization(kind: AlertKind, metadata: Mapping[str, Any], table: str) -> list[tuple[str, Severity, str]]:
    if kind is AlertKind.RAW_DATA_STALE:
        warnings = str(metadata.get("warnings") or "")
        _, found, text = warnings.partition(STALE_WARNING)
        return [("built_from_stale_raw_data", Severity.WARNING, f"built, but {text}")] if found else []
    if kind is AlertKind.QUALITY_WARNING:
        return [(name, Severity.WARNING, text) for name, text in quality_concerns(metadata, table)]
    return []


def quality_concerns(metadata: Mapping[str, Any], table: str) -> list[tuple[str, str]]:
    """What is worth a warning about a built date: error class and text.

    Args:
        metadata: Metadata values of its materialization.
        table: Output table, whose grain decides from which share on low tiers are too many.
    """
    found = []
    share = metadata.get("quality_share")
    limit = LOW_TIER_LIMITS["player" if "player" in table else "team"]
    below = 0.0 if share is None else round(1 - float(share), 6)
    if below > limit:
        found.append(("low_quality_tiers", f"{below:.0%} of rows are below tier silver (limit {limit:.0%})"))
    refused, rows = int(metadata.get("quarantined_rows") or 0), int(metadata.get("rows") or 0)
    if refused and refused / (refused + rows) > REFUSED_ROWS_LIMIT:
        part = f"{refused} of {refused + rows} rows"
        found.append(
            ("refused_raw_rows", f"{part} were refused (limit {REFUSED_ROWS_LIMIT:.0%}); see quarantined_rows")
        )
    issues = metadata.get("issue_shares") or {}
    return found + [
        (f"issue:{code}", f"{float(part):.0%} of rows have the issue {code}") for code, part in issues.items()
    ]


def _ends(kind: AlertKind, metadata: Mapping[str, Any], found: Sequence[object]) -> bool:
    """Whether a done date ends earlier events; one reported again by a repair says nothing about its rows' quality."""
    return kind is not AlertKind.QUALITY_WARNING or (not found and not metadata.get("repaired"))


def _event(
    kind: AlertKind, record: EventLogRecord, run: RunFacts, error_class: str, severity: Severity, text: str
) -> Event:
    table, day = _table(record), _day(record)
    # One attempt per run and date: the key is the same whoever reads the record, and however often.
    source = record.run_id or f"record {record.storage_id}"
    return Event(
        event_key=f"{kind}:{source}:{table}:{day}:{error_class}",
        kind=kind,
        severity=severity,
        happened_at=moment_of(record),
        subject=table,
        error_class=error_class,
        text=text,
        table_name=table,
        game_date=day,
        run_id=record.run_id or None,
        backfill_id=run.backfill_id,
        in_backfill_mode=run.in_backfill_mode,
        will_retry=run.will_retry,
    )


def _table(record: EventLogRecord) -> str:
    key = record.asset_key
    return key.to_user_string() if key is not None else ""


def _day(record: EventLogRecord) -> date | None:
    try:
        return date.fromisoformat(record.partition_key or "")
    except ValueError:
        return None


def _metadata(record: EventLogRecord) -> dict[str, Any]:
    told = record.asset_materialization or record.event_log_entry.asset_observation
    return {} if told is None else {name: value.value for name, value in told.metadata.items()}


def attempts_of_records(records: Iterable[EventLogRecord]) -> list[dict[str, Any]]:
    """``table``, ``date``, ``outcome`` and ``reason`` of dates as Dagster's records tell them, in order."""
    found = [(_table(record), _day(record), _metadata(record)) for record in records]
    return [
        {"table": table, "date": day, "outcome": str(told["outcome"]), "reason": str(told.get("reason") or "")}
        for table, day, told in found
        if day is not None and "outcome" in told
    ]
