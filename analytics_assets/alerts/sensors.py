"""The alert sensors, one for each kind, so that each can be stopped by itself in Dagit.

A tick reads what is new, records it in the ledger, which decides what becomes of it, and sends one message for all
that is to be told. The cursor moves only with a tick that succeeded; reading something twice changes nothing.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from analytics_assets.alerts import conditions, failed_runs
from analytics_assets.alerts.backfill_ends import UNFINISHED_RUNS, BackfillWatch, Ended, read_tagged_runs
from analytics_assets.alerts.backfill_records import BackfillRecords
from analytics_assets.alerts.backfill_summaries import told_end
from analytics_assets.alerts.daily_digest import digest_event, digest_is_due
from analytics_assets.alerts.events import AlertKind, Event
from analytics_assets.alerts.ledger import Ledger
from analytics_assets.alerts.message_parts import Links
from analytics_assets.alerts.missing_dates import read_missing_dates
from analytics_assets.alerts.ops_database import OpsDatabase, open_ops_database
from analytics_assets.alerts.outbox import deliver
from analytics_assets.alerts.redaction import Redactor
from analytics_assets.alerts.run_facts import Read, Streams
from analytics_assets.alerts.sinks import Sink, sinks_from_environment
from analytics_assets.run_mode import BACKFILL_MODE_TAG
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.warehouse import Warehouse

TABLE_NAMES = tuple(table.name for table in ANALYTICS_TABLES)
READING_SECONDS = 20.0
# A daemon that did not run for longer than this is worth a remark.
_UNWATCHED = timedelta(minutes=15)

MakeSinks = Callable[[Mapping[str, str], AlertKind], Sequence[Sink]]


@dataclass(frozen=True)
class _Described:
    """How a kind is shown in Dagit, and how often it is looked at."""

    seconds: int
    text: str


_DESCRIBED = {
    AlertKind.RUN_FAILED: _Described(
        30,
        "Tells when a run fails by itself: an error in the code, a run that could not be launched, a process that "
        "died. Dates whose data is bad are told by the sensors of dates. A later success is told as resolved.",
    ),
    AlertKind.DATES_FAILED: _Described(
        30,
        "Tells which dates of a table could not be built or broke a rule of the table, with the reasons. "
        "What was stored before stays stored.",
    ),
    AlertKind.RAW_DATA_MISSING: _Described(
        30,
        "Tells which dates have no or not all raw data, or no schedule, although their games were played.",
    ),
    AlertKind.RAW_DATA_STALE: _Described(
        60,
        "Tells which dates have raw data that was last written before their games ended: not built past the fail age, "
        "built and warned of past the warn age.",
    ),
    AlertKind.QUALITY_WARNING: _Described(
        60,
        "Tells which dates were built with many rows of low quality, with many refused raw rows, or with an issue that "
        "more rows have than usual.",
    ),
    AlertKind.DATES_MISSING: _Described(
        60,
        "The standing watch: tells once which due dates are not done, whoever should have built them. Looks at what "
        "the coverage asset found, not while a backfill is under way. Waived dates are not missing.",
    ),
    AlertKind.BACKFILL_FINISHED: _Described(
        30,
        "Tells once how a backfill ended, launched in Dagit, by API, by the command line, or as a run tagged "
        "backfill_mode=true: dates by outcome, those that are not done with reasons, the command that goes on. "
        "It is the only alert of a backfill.",
    ),
    AlertKind.DAILY_DIGEST: _Described(
        300,
        "Once a day from nine in the morning in New York: what repeats, what was silenced, what backfills held back, "
        "silences that match nothing. Nothing to tell, no message.",
    ),
}


@dataclass
class _Reading:
    """What a kind has read in a tick: events and recoveries, what to remember, what to do once they are recorded."""

    read: Read
    state: dict[str, Any]
    recorded: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True)
class _Tick:
    """One evaluation of one sensor.

    Attributes:
        context: Dagster's context.
        kind: Kind of alerts.
        now: The present moment.
        database: The ops database.
        ledger: The ledger in it.
        open_warehouse: Opens the warehouse; asked only when a backfill has ended.
    """

    context: dg.SensorEvaluationContext
    kind: AlertKind
    now: datetime
    database: OpsDatabase
    ledger: Ledger
    open_warehouse: Callable[[], Warehouse]

    @property
    def instance(self) -> dg.DagsterInstance:
        """Where runs and dates are recorded."""
        return self.context.instance

    @property
    def location_name(self) -> str | None:
        """The code location of the sensor; None outside a deployment."""
        origin = self.context.code_location_origin
        return None if origin is None else origin.location_name


def build_alert_sensors(
    clock: Callable[[], datetime],
    *,
    open_warehouse: Callable[[], Warehouse],
    environment: Mapping[str, str] | None = None,
    make_sinks: MakeSinks = sinks_from_environment,
) -> list[dg.SensorDefinition]:
    """One sensor for each kind of alerts.

    Args:
        clock: Gives the present moment.
        open_warehouse: Opens the warehouse; only the summary of a backfill needs it.
        environment: Environment variables; the process's own, as they are at each tick, by default.
        make_sinks: Gives the sinks of a kind.
    """

    def build(kind: AlertKind) -> dg.SensorDefinition:
        def evaluate(context: dg.SensorEvaluationContext) -> dg.SkipReason:
            variables = os.environ if environment is None else environment
            database = open_ops_database(variables)
            tick = _Tick(context, kind, clock(), database, Ledger(database), open_warehouse)
            return _evaluate(tick, variables, make_sinks)

        return dg.SensorDefinition(
            name=sensor_name(kind),
            evaluation_fn=evaluate,
            minimum_interval_seconds=_DESCRIBED[kind].seconds,
            description=_DESCRIBED[kind].text,
            default_status=dg.DefaultSensorStatus.RUNNING,
        )

    return [build(kind) for kind in AlertKind]


def sensor_name(kind: AlertKind) -> str:
    """Name of a kind's sensor."""
    return f"alert_{kind}"


def _evaluate(tick: _Tick, variables: Mapping[str, str], make_sinks: MakeSinks) -> dg.SkipReason:
    saved: dict[str, Any] | None = json.loads(tick.context.cursor) if tick.context.cursor else None
    reading = _READERS[tick.kind](tick, None if saved is None else saved["state"])
    redactor, sinks = Redactor.from_environment(variables), make_sinks(variables, tick.kind)
    names = [sink.name for sink in sinks]
    events = [redactor.event(event) for event in reading.read.events]
    new: Sequence[Any] = ()
    if events or reading.read.recoveries:
        new = tick.ledger.record(events, reading.read.recoveries, now=tick.now, sinks=names).new
    reading.recorded()
    tick.ledger.after_silences(tick.kind, now=tick.now, sinks=names)
    delivered = deliver(
        tick.ledger,
        tick.kind,
        sinks,
        links=Links.from_environment(variables),
        redactor=redactor,
        now=tick.now,
        since_stopped=None if saved is None else _unwatched(tick, datetime.fromisoformat(saved["ticked_at"])),
    )
    tick.context.update_cursor(json.dumps({"ticked_at": tick.now.isoformat(), "state": reading.state}))
    return dg.SkipReason(_report(tick, reading.read, len(new), delivered.messages, len(sinks)))


def _unwatched(tick: _Tick, ticked_at: datetime) -> tuple[datetime, datetime] | None:
    """From when to when nobody looked: the sensor was stopped and started again, or no daemon ran."""
    started = tick.context.last_sensor_start_time
    if started is not None and started > ticked_at.timestamp():
        return ticked_at, datetime.fromtimestamp(started, UTC)
    last = tick.context.last_tick_completion_time
    # A tick that failed has looked as well; its cursor did not move.
    if last is not None and tick.now - datetime.fromtimestamp(last, UTC) > _UNWATCHED:
        return datetime.fromtimestamp(last, UTC), tick.now
    return None


def _report(tick: _Tick, read: Read, new: int, messages: int, sinks: int) -> str:
    """What a tick did, in a line that Dagit shows beside it."""
    told = f"{messages} of {sinks} sinks got a message" if messages else "nothing to send"
    if not new:
        return f"nothing new; {told}"
    oldest = max(0.0, (tick.now - min(event.happened_at for event in read.events)).total_seconds())
    behind = "" if read.complete else f"; not all is read yet, only up to {read.latest:%Y-%m-%d %H:%M:%S} UTC"
    return f"{new} new events, the oldest from {oldest:.0f} s ago; {told}{behind}"


def _read_dates(tick: _Tick, state: dict[str, Any] | None) -> _Reading:
    if state is None:
        return _Reading(Read(), conditions.beginning(tick.instance, TABLE_NAMES))
    streams = Streams(state, READING_SECONDS)
    return _Reading(conditions.read_dates(tick.instance, tick.kind, streams, TABLE_NAMES), streams.state)


def _read_runs(tick: _Tick, state: dict[str, Any] | None) -> _Reading:
    if state is None:
        return _Reading(Read(), failed_runs.beginning(tick.instance))
    streams = Streams(state, READING_SECONDS)
    return _Reading(failed_runs.read_failed_runs(tick.instance, streams, tick.now, tick.location_name), streams.state)


def _read_missing(tick: _Tick, state: dict[str, Any] | None) -> _Reading:
    seen = None if state is None else state["seen"]
    read, look = read_missing_dates(tick.instance, seen)
    # While a backfill is under way its dates are missing only for now.
    unfinished = dg.RunsFilter(tags={BACKFILL_MODE_TAG: "true"}, statuses=UNFINISHED_RUNS)
    if (read.events or read.recoveries) and tick.instance.get_runs(unfinished, limit=1):
        return _Reading(Read(), {"seen": seen})
    return _Reading(read, {"seen": look})


def _read_backfills(tick: _Tick, state: dict[str, Any] | None) -> _Reading:
    records = BackfillRecords(tick.database)
    if state is None:
        watch = BackfillWatch.beginning(tick.instance, tick.now)
        streams = Streams(failed_runs.beginning(tick.instance), READING_SECONDS)
    else:
        watch, streams = BackfillWatch.of(state["watch"]), Streams(state["streams"], READING_SECONDS)
    # Records of the command line are told whatever their age: they say themselves whether they were.
    of_command_line = records.ended(tick.instance, tick.now)
    ended: list[Ended] = [
        *of_command_line,
        *watch.ended(tick.instance, tick.now, TABLE_NAMES, tick.location_name),
        *read_tagged_runs(
            tick.instance,
            streams,
            tick.now,
            is_recorded=records.is_recorded,
            tables=TABLE_NAMES,
            location_name=tick.location_name,
        ),
    ]
    events: list[Event] = []
    for one in ended:
        suppressed, summary = told_end(tick.instance, one, tick.open_warehouse)
        events += [*suppressed, summary]
    told = [one.subject for one in of_command_line]
    latest = max((event.happened_at for event in events), default=None)
    return _Reading(
        Read(events, latest=latest),
        {"watch": watch.state, "streams": streams.state},
        recorded=lambda: records.mark_told(told, tick.now),
    )


def _read_digest(tick: _Tick, state: dict[str, Any] | None) -> _Reading:
    last = None if state is None else state["day"]
    day = digest_is_due(last, tick.now)
    if day is None:
        return _Reading(Read(), {"day": last})
    untold = tick.ledger.untold(tick.now)
    event = digest_event(untold, day, tick.now)
    events = [] if event is None else [event]
    return _Reading(
        Read(events, latest=tick.now),
        {"day": day.isoformat()},
        recorded=lambda: tick.ledger.mark_digested(untold, tick.now),
    )


_READERS: Mapping[AlertKind, Callable[[_Tick, dict[str, Any] | None], _Reading]] = {
    AlertKind.RUN_FAILED: _read_runs,
    **dict.fromkeys(conditions.DATE_KINDS, _read_dates),
    AlertKind.DATES_MISSING: _read_missing,
    AlertKind.BACKFILL_FINISHED: _read_backfills,
    AlertKind.DAILY_DIGEST: _read_digest,
}
