"""Dagster's records turned into events and recoveries: which date, run and gap tells what, and each of them once."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from analytics_assets.alerts import conditions, failed_runs
from analytics_assets.alerts.conditions import read_dates
from analytics_assets.alerts.events import AlertKind, Severity
from analytics_assets.alerts.failed_runs import read_failed_runs
from analytics_assets.alerts.missing_dates import read_missing_dates
from analytics_assets.alerts.run_facts import Read, Streams
from analytics_assets_tests.support.dagster_records import Records

PLAYERS, OFFENSE = "player_game_summary", "team_offense_game_summary"
TABLES = (PLAYERS, OFFENSE)
DAY, NEXT_DAY = date(2026, 1, 5), date(2026, 1, 6)
NOW = datetime(2026, 1, 7, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(scope="module")
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def records(instance) -> Records:
    return Records(instance)


class Reader:
    """Reads as a sensor does: what it saves is all that it knows the next time."""

    def __init__(self, instance: dg.DagsterInstance, kind: AlertKind) -> None:
        self.instance, self.kind = instance, kind
        begin = failed_runs.beginning if kind is AlertKind.RUN_FAILED else lambda i: conditions.beginning(i, TABLES)
        self.state = begin(instance)

    def read(self, now: datetime = LATER, seconds: float = 20, location: str | None = None) -> Read:
        streams = Streams(self.state, seconds)
        if self.kind is AlertKind.RUN_FAILED:
            found = read_failed_runs(self.instance, streams, now, location)
        else:
            found = read_dates(self.instance, self.kind, streams, TABLES)
        self.state = streams.state
        return found


def told(read: Read) -> list[tuple[str, date | None, str, str]]:
    return [(event.subject, event.game_date, event.error_class, str(event.severity)) for event in read.events]


@pytest.mark.parametrize(
    ("outcome", "faulty", "kind"),
    [
        ("error", False, AlertKind.DATES_FAILED),
        ("invalid", False, AlertKind.DATES_FAILED),
        ("partial_raw_data", True, AlertKind.DATES_FAILED),
        ("partial_raw_data", False, AlertKind.RAW_DATA_MISSING),
        ("no_raw_data", False, AlertKind.RAW_DATA_MISSING),
        ("no_schedule", False, AlertKind.RAW_DATA_MISSING),
        ("stale_raw_data", False, AlertKind.RAW_DATA_STALE),
        ("not_due", False, None),
        ("too_old", False, None),
    ],
)
def test_each_outcome_is_told_by_exactly_one_kind(instance, records, outcome, faulty, kind):
    readers = [Reader(instance, each) for each in conditions.DATE_KINDS]
    more = {"faulty": True} if faulty else {}
    records.not_done(records.run(), PLAYERS, DAY, outcome, NOW, reason="because", **more)
    found = {reader.kind: told(reader.read()) for reader in readers}
    expected = [(PLAYERS, DAY, outcome, "error")]
    assert found == {each: expected if each is kind else [] for each in conditions.DATE_KINDS}


def test_a_date_is_told_once_with_its_run_and_ended_by_a_later_success_of_the_same_date(instance, records):
    reader = Reader(instance, AlertKind.DATES_FAILED)
    run = records.run()
    records.not_done(run, PLAYERS, DAY, "error", NOW, reason="building raised KeyError")
    (event,) = reader.read().events
    assert (event.run_id, event.text, event.happened_at) == (run, "building raised KeyError", NOW)
    assert (event.in_backfill_mode, event.backfill_id, event.will_retry) == (False, None, False)
    assert reader.read() == Read()
    # By any run: also by one of a backfill.
    records.done(records.run({"dagster/backfill": "fix"}), PLAYERS, DAY, LATER)
    (recovery,) = reader.read().recoveries
    assert (recovery.subject, recovery.game_date, recovery.happened_at) == (PLAYERS, DAY, LATER)
    assert reader.read() == Read()


@pytest.mark.parametrize(
    ("tags", "suppressed", "backfill_id", "will_retry"),
    [
        ({}, False, None, False),
        ({"dagster/backfill": "abc"}, True, "abc", False),
        ({"backfill_mode": "true"}, True, None, False),
        ({"backfill_mode": "true", "nba/backfill_id": "cli-1"}, True, "cli-1", False),
        # Handed to a deployment: one backfill with two names, of which Dagster's counts.
        ({"backfill_mode": "true", "nba/backfill_id": "cli-1", "dagster/backfill": "abc"}, True, "abc", False),
        # Said aloud, it brings the alerts back; what cannot be read must swallow nothing.
        ({"backfill_mode": "false", "dagster/backfill": "abc"}, False, "abc", False),
        ({"backfill_mode": "yes please"}, False, None, False),
        ({"dagster/will_retry": "false"}, False, None, False),
        ({"dagster/will_retry": "true"}, False, None, True),
    ],
)
def test_the_tags_of_the_run_decide_whether_an_event_may_be_sent(
    instance, records, tags, suppressed, backfill_id, will_retry
):
    reader = Reader(instance, AlertKind.RAW_DATA_MISSING)
    records.not_done(records.run(tags), PLAYERS, DAY, "no_raw_data", NOW)
    (event,) = reader.read().events
    assert (event.in_backfill_mode, event.backfill_id, event.will_retry) == (suppressed, backfill_id, will_retry)


def test_built_from_stale_raw_data_is_a_warning(instance, records):
    reader = Reader(instance, AlertKind.RAW_DATA_STALE)
    warned = "2 raw rows refused: x; stale raw data: last written before the end; 15 hours have passed since"
    records.done(records.run(), PLAYERS, DAY, NOW, warnings=warned)
    records.done(records.run(), PLAYERS, NEXT_DAY, NOW, warnings="2 raw rows refused: x")
    found = reader.read()
    assert told(found) == [(PLAYERS, DAY, "built_from_stale_raw_data", "warning")]
    assert found.events[0].text == "built, but last written before the end; 15 hours have passed since"


@pytest.mark.parametrize(
    ("table", "metadata", "expected"),
    [
        (OFFENSE, {"quality_share": 0.80}, []),
        (OFFENSE, {"quality_share": 0.79}, ["low_quality_tiers"]),
        (PLAYERS, {"quality_share": 0.70}, []),
        (PLAYERS, {"quality_share": 0.0}, ["low_quality_tiers"]),
        (PLAYERS, {"rows": 95, "quarantined_rows": 5}, []),
        (PLAYERS, {"rows": 94, "quarantined_rows": 6}, ["refused_raw_rows"]),
        (PLAYERS, {"issue_shares": {"minutes_missing": 0.5}}, ["issue:minutes_missing"]),
    ],
)
def test_poor_quality_is_a_warning_until_the_date_is_built_well(instance, records, table, metadata, expected):
    reader = Reader(instance, AlertKind.QUALITY_WARNING)
    records.done(records.run(), table, DAY, NOW, **metadata)
    found = reader.read()
    assert told(found) == [(table, DAY, each, "warning") for each in expected]
    assert bool(found.recoveries) is not bool(expected)
    # A materialization that a repair reported again says nothing about the rows.
    records.done(records.run(), table, DAY, NOW, repaired=True)
    assert reader.read().recoveries == []
    records.done(records.run(), table, DAY, LATER, quality_share=1.0)
    assert [recovery.game_date for recovery in reader.read().recoveries] == [DAY]


def test_a_reader_that_begins_tells_no_history_and_one_that_runs_out_of_time_goes_on(instance, records, monkeypatch):
    run = records.run()
    records.not_done(run, PLAYERS, DAY, "error", NOW)
    reader = Reader(instance, AlertKind.DATES_FAILED)
    monkeypatch.setattr("analytics_assets.alerts.run_facts._PAGE", 15)
    days = [DAY + timedelta(days=number) for number in range(25)]
    for day in days:
        records.not_done(run, PLAYERS, day, "error", NOW)
    records.done(run, PLAYERS, days[3], LATER)
    records.done(run, PLAYERS, days[-1], LATER)
    parts = [reader.read(seconds=0) for _ in range(4)]
    assert [len(part.events) for part in parts] == [15, 5, 5, 0]
    assert [event.game_date for part in parts for event in part.events] == days
    # No success is told before the failures that it ends.
    assert [[recovery.game_date for recovery in part.recoveries] for part in parts] == [[], [], [], [days[3], days[-1]]]
    assert [part.complete for part in parts] == [False, False, False, True]


def test_a_failed_run_is_told_with_its_deepest_cause_and_a_later_success_of_the_same_assets_ends_it(instance, records):
    reader = Reader(instance, AlertKind.RUN_FAILED)
    run = records.run(assets=[OFFENSE, PLAYERS])
    records.failed(run, NOW, ValueError("no such column"))
    (event,) = reader.read().events
    assert (event.kind, event.severity, event.run_id) == (AlertKind.RUN_FAILED, Severity.ERROR, run)
    assert (event.subject, event.error_class) == (f"assets {PLAYERS}, {OFFENSE}", "ValueError")
    assert event.text == "ValueError: no such column"
    records.succeeded(records.run(assets=[PLAYERS]), LATER)
    records.succeeded(records.run(assets=[PLAYERS, OFFENSE]), LATER)
    subjects = [recovery.subject for recovery in reader.read().recoveries]
    assert subjects == [f"assets {PLAYERS}", f"assets {PLAYERS}, {OFFENSE}"]


def test_runs_that_only_name_failed_dates_or_were_cancelled_are_not_told_and_those_that_never_began_are(
    instance, records
):
    reader = Reader(instance, AlertKind.RUN_FAILED)
    records.failed(records.run(), NOW, RuntimeError("told by dates"), failed_dates=[f"{PLAYERS} 2026-01-05"])
    records.cancelled(records.run(), NOW)
    run = records.run({"dagster/backfill": "abc"})
    records.failed(run, NOW)
    (event,) = reader.read().events
    assert (event.run_id, event.error_class, event.text) == (run, "RunFailed", "it could not be launched")
    assert (event.in_backfill_mode, event.backfill_id) == (True, "abc")


def test_a_failure_is_read_again_until_dagster_has_said_whether_it_retries(instance, records, monkeypatch):
    reader = Reader(instance, AlertKind.RUN_FAILED)
    run = records.run()
    records.failed(run, NOW, ValueError("x"))
    # Dagster adds the tag right after the event; a tick may come in between.
    monkeypatch.setattr(type(instance), "run_retries_enabled", property(lambda self: True))
    soon = NOW + timedelta(seconds=5)
    assert reader.read(now=soon).events == []
    instance.add_run_tags(run, {"dagster/will_retry": "true"})
    (event,) = reader.read(now=soon).events
    assert event.will_retry
    assert reader.read(now=soon).events == []


def test_runs_of_another_code_location_are_not_ours(instance, records):
    reader = Reader(instance, AlertKind.RUN_FAILED)
    ours, theirs, in_process = records.run(location="ours"), records.run(location="theirs"), records.run()
    # The command line names the location of the checkout, whatever a deployment calls its own.
    command_line = records.run({"nba/process": "1"}, location="theirs")
    for run in (ours, theirs, in_process, command_line):
        records.failed(run, NOW, ValueError("x"))
    assert [event.run_id for event in reader.read(location="ours").events] == [ours, in_process, command_line]


def look(records: Records, at: datetime, *blocks: list[str], **more) -> None:
    records.covered(at, missing_blocks=list(blocks), missing_reasons=more.pop("reasons", []), **more)


def test_a_missing_date_is_told_once_however_its_gap_grows_and_ended_when_it_is_done(instance, records):
    found, seen = read_missing_dates(instance, None)
    assert (found, seen) == (Read(), None)
    look(records, NOW, [PLAYERS, "never_built", "2025-01-01", "2026-01-03"])
    found, seen = read_missing_dates(instance, None)
    # What the first look finds is history.
    assert (found.events, found.recoveries) == ([], [])
    gap = [[PLAYERS, "2026-01-05", "3 games on the schedule, never built"]]
    look(records, LATER, [PLAYERS, "never_built", "2025-01-01", "2026-01-05"], reasons=gap)
    found, seen = read_missing_dates(instance, seen)
    assert told(found) == [
        (PLAYERS, date(2026, 1, 4), "never_built", "warning"),
        (PLAYERS, date(2026, 1, 5), "never_built", "warning"),
    ]
    assert [event.text for event in found.events] == ["due and not done: never_built", gap[0][2]]
    assert read_missing_dates(instance, seen) == (Read(), seen)
    look(records, LATER, [PLAYERS, "error", "2026-01-05", "2026-01-06"])
    found, seen = read_missing_dates(instance, seen)
    assert told(found) == [(PLAYERS, date(2026, 1, 6), "error", "warning")]
    assert len(found.recoveries) == (date(2026, 1, 4) - date(2025, 1, 1)).days + 1
    look(records, LATER)
    found, _ = read_missing_dates(instance, seen)
    assert [recovery.game_date for recovery in found.recoveries] == [date(2026, 1, 5), date(2026, 1, 6), None]


def test_years_of_dates_that_go_missing_at_once_are_bounded_and_dates_no_longer_listed_are_not_ended(instance, records):
    look(records, NOW)
    _, seen = read_missing_dates(instance, None)
    look(records, NOW, [PLAYERS, "never_built", "2015-01-01", "2025-12-31"])
    found, seen = read_missing_dates(instance, seen)
    assert len(found.events) == 2001
    assert found.events[-1].text.startswith("2018 earlier dates are due and not done, 2015-01-01 to ")
    listed = {"missing_listed_from": {PLAYERS: "2025-12-30"}}
    look(records, LATER, [PLAYERS, "never_built", "2025-12-31", "2025-12-31"], **listed)
    found, _ = read_missing_dates(instance, seen)
    assert [recovery.game_date for recovery in found.recoveries] == [date(2025, 12, 30)]
