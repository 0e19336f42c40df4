"""Backfills that ended: each is found once, whoever ran it and however it ended, and its summary says what happened.

Pins what is used of Dagster's stored backfills, whose classes are not public.
"""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from analytics_assets.alerts import failed_runs
from analytics_assets.alerts.backfill_ends import BackfillWatch, Ended, read_tagged_runs
from analytics_assets.alerts.backfill_summaries import told_end
from analytics_assets.alerts.events import Severity
from analytics_assets.alerts.run_facts import Streams
from analytics_assets.coverage.results import DateResult, outcome_rows
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.operations import DATE_OUTCOMES, Outcome
from analytics_assets.warehouse import WarehouseError, Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.dagster_backfills import end, launch
from analytics_assets_tests.support.dagster_records import Records

PLAYERS, OFFENSE = "player_game_summary", "team_offense_game_summary"
TABLES = (PLAYERS, OFFENSE)
DAYS = [date(2024, 1, number) for number in (10, 11, 12)]
NOW = datetime(2026, 1, 7, 12, tzinfo=UTC)


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def records(instance) -> Records:
    return Records(instance)


class Watch:
    """Looks as the sensor does, with nothing in between but what it saves."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.state = BackfillWatch.beginning(instance, NOW).state
        self.runs = Streams(failed_runs.beginning(instance), 20).state

    def backfills(self, now: datetime) -> list[Ended]:
        watch = BackfillWatch.of(self.state)
        found = watch.ended(self.instance, now, TABLES, None)
        self.state = watch.state
        return found

    def tagged_runs(self, recorded: tuple[str, ...] = ()) -> list[Ended]:
        streams = Streams(self.runs, 20)
        found = read_tagged_runs(
            self.instance,
            streams,
            minutes(60),
            is_recorded=recorded.__contains__,
            tables=TABLES,
            location_name=None,
        )
        self.runs = streams.state
        return found


def no_warehouse() -> DuckDBWarehouse:
    raise WarehouseError("another process holds the file")


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        ("COMPLETED_SUCCESS", None, "finished"),
        ("COMPLETED_FAILED", None, "finished"),
        ("COMPLETED", None, "finished"),
        ("CANCELED", None, "cancelled"),
        ("FAILED", "the code location could not be loaded", "failed"),
    ],
)
def test_a_backfill_is_told_once_when_it_and_its_runs_are_over(instance, records, status, error, told):
    watch = Watch(instance)
    launch(instance, "abc", minutes(1), TABLES, DAYS)
    assert watch.backfills(minutes(1.5)) == []
    run = records.run({"dagster/backfill": "abc"}, assets=TABLES)
    end(instance, "abc", status, minutes(3), error)
    # Dagster calls it ended, its run still finishes.
    assert watch.backfills(minutes(3)) == []
    records.succeeded(run, minutes(4))
    (found,) = watch.backfills(minutes(5))
    assert (found.status, found.dagster_status, found.run_ids) == (told, status, (run,))
    assert (found.started_at, found.finished_at) == (minutes(1), minutes(4))
    assert (found.first_date, found.last_date, found.planned) == (DAYS[0], DAYS[2], 6)
    assert found.problem == (error or "")
    assert watch.backfills(minutes(6)) == watch.backfills(minutes(60)) == []
    # The run belongs to it and has no summary of its own.
    assert watch.tagged_runs() == []


def test_backfills_before_the_first_look_are_history_those_under_way_are_watched_and_short_ones_are_not_missed(
    instance,
):
    launch(instance, "old", minutes(-5), TABLES, DAYS)
    end(instance, "old", "COMPLETED_SUCCESS", minutes(-4))
    launch(instance, "under way", minutes(-5), TABLES, DAYS)
    watch = Watch(instance)
    # Began and ended while nobody looked, even for days.
    launch(instance, "short", minutes(1), TABLES, DAYS)
    end(instance, "short", "COMPLETED_SUCCESS", minutes(2))
    launch(instance, "of other assets", minutes(1), ["coverage"], DAYS)
    end(instance, "of other assets", "COMPLETED_SUCCESS", minutes(2))
    assert [found.subject for found in watch.backfills(minutes(5000))] == ["short"]
    end(instance, "under way", "COMPLETED_SUCCESS", minutes(5001))
    assert [found.subject for found in watch.backfills(minutes(5002))] == ["under way"]


def test_a_run_that_hangs_delays_the_summary_and_does_not_swallow_it(instance, records):
    watch = Watch(instance)
    launch(instance, "abc", minutes(1), TABLES, DAYS)
    records.run({"dagster/backfill": "abc"})
    end(instance, "abc", "COMPLETED_FAILED", minutes(3))
    assert watch.backfills(minutes(350)) == []
    assert len(watch.backfills(minutes(370))) == 1


def test_runs_tagged_by_hand_have_a_summary_of_their_own_and_runs_of_backfills_have_none(instance, records):
    watch = Watch(instance)
    tag = {"backfill_mode": "true"}
    by_hand = records.run({**tag, "dagster/partition": "2024-01-10"})
    in_range = {"dagster/asset_partition_range_start": "2024-01-10", "dagster/asset_partition_range_end": "2024-01-12"}
    ranged = records.run({**tag, **in_range}, assets=())
    recorded = records.run({**tag, "nba/backfill_id": "cli-1"})
    unrecorded = records.run({**tag, "nba/backfill_id": "cli-without-ops-database"})
    # Run again from its page after the backfill was told: it kept both tags.
    again = records.run({**tag, "nba/backfill_id": "cli-1"}, parent=recorded)
    for run in (recorded, unrecorded, again, records.run({**tag, "dagster/backfill": "abc"}), records.run()):
        records.succeeded(run, minutes(2))
    records.cancelled(ranged, minutes(3))
    records.failed(by_hand, minutes(3))
    # Dagster runs it again by itself: that one is told.
    records.failed(records.run(tag), minutes(3), ValueError("x"), will_retry=True)
    records.run(tag)
    found = {one.run_ids[0]: one for one in watch.tagged_runs(recorded=("cli-1",))}
    assert set(found) == {by_hand, ranged, unrecorded, again}
    assert (found[by_hand].planned, found[by_hand].tables, found[by_hand].first_date) == (1, (PLAYERS,), DAYS[0])
    assert (found[ranged].planned, found[ranged].status, found[ranged].last_date) == (6, "cancelled", DAYS[2])
    assert watch.tagged_runs(recorded=("cli-1",)) == []


def test_the_summary_counts_outcomes_names_open_dates_and_holds_the_events_of_its_runs(instance, records, tmp_path):
    launch(instance, "abc", minutes(1), TABLES, DAYS, {"nba/backfill_id": "cli-9"})
    run = records.run({"dagster/backfill": "abc"}, assets=TABLES)
    records.done(run, PLAYERS, DAYS[0], minutes(2), quality_share=0.1)
    records.not_done(run, PLAYERS, DAYS[1], "error", minutes(2), reason="building raised KeyError")
    records.not_done(run, PLAYERS, DAYS[2], "no_raw_data", minutes(2), reason="2 games were played")
    records.done(run, OFFENSE, DAYS[0], minutes(2))
    records.failed(run, minutes(3), MemoryError("killed"))
    end(instance, "abc", "COMPLETED_FAILED", minutes(4))
    watch = BackfillWatch(minutes(0))
    (ended,) = watch.ended(instance, minutes(5), TABLES, None)
    suppressed, summary = told_end(instance, ended, no_warehouse)
    assert sorted((str(event.kind), event.error_class) for event in suppressed) == [
        ("dates_failed", "error"),
        ("quality_warning", "low_quality_tiers"),
        ("raw_data_missing", "no_raw_data"),
        ("run_failed", "MemoryError"),
    ]
    assert all(event.in_backfill_mode and event.backfill_id == "abc" for event in suppressed)
    assert (summary.event_key, summary.severity, summary.in_backfill_mode) == (
        "backfill_finished:abc",
        Severity.WARNING,
        False,
    )
    details = summary.details
    assert details["outcomes"] == {"built": 2, "error": 1, "no_raw_data": 1, "not_reached": 2}
    assert details["planned"] == 6
    assert [(one["date"], one["outcome"]) for one in details["not_done"]] == [
        ("2024-01-11", "error"),
        ("2024-01-12", "no_raw_data"),
    ]
    assert details["suppressed"] == 4
    assert details["retry"] == "nba-analytics backfill retry cli-9"
    assert "MemoryError: killed" in details["problem"]
    assert "the warehouse cannot be read, so this is what Dagster recorded" in details["problem"]
    # What the killed run had committed and could not report is in the warehouse.
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    warehouse.ensure(DATE_OUTCOMES)
    results = [DateResult(table_name=OFFENSE, game_date=day, outcome=Outcome.BUILT) for day in DAYS]
    rows = outcome_rows(results, mode=RunMode.BACKFILL, run_id=run, code_version="1", now=minutes(2))
    others = outcome_rows(results[:1], mode=RunMode.LIVE, run_id="another", code_version="1", now=minutes(9))
    warehouse.commit([Write(DATE_OUTCOMES, rows), Write(DATE_OUTCOMES, others)])
    _, summary = told_end(instance, ended, lambda: warehouse)
    assert summary.details["outcomes"] == {"built": 4, "error": 1, "no_raw_data": 1}
    assert "the warehouse" not in summary.details["problem"]


def test_a_backfill_in_which_everything_is_done_is_told_as_an_info_and_needs_no_command(instance, records):
    launch(instance, "abc", minutes(1), [PLAYERS], DAYS[:2])
    run = records.run({"dagster/backfill": "abc"})
    records.done(run, PLAYERS, DAYS[0], minutes(2))
    records.not_done(run, PLAYERS, DAYS[1], "not_due", minutes(2))
    records.succeeded(run, minutes(3))
    end(instance, "abc", "COMPLETED_FAILED", minutes(4))
    (ended,) = BackfillWatch(minutes(0)).ended(instance, minutes(5), TABLES, None)
    suppressed, summary = told_end(instance, ended, no_warehouse)
    assert (suppressed, summary.severity, summary.details["not_done"]) == ([], Severity.INFO, [])
    assert "retry" not in summary.details


def test_a_run_that_never_began_is_told_as_failed_to_start(instance, records):
    launch(instance, "abc", minutes(1), [PLAYERS], DAYS)
    records.failed(records.run({"dagster/backfill": "abc"}), minutes(2))
    end(instance, "abc", "COMPLETED_FAILED", minutes(4))
    (ended,) = BackfillWatch(minutes(0)).ended(instance, minutes(5), TABLES, None)
    suppressed, summary = told_end(instance, ended, no_warehouse)
    assert [event.kind for event in suppressed] == ["run_failed"]
    assert summary.details["status"] == "failed"
    assert summary.details["outcomes"] == {"not_reached": 3}
    assert "it could not be launched" in summary.details["problem"]


def test_a_stated_live_mode_leaves_the_alerts_to_their_kinds_and_the_summary_to_the_backfill(instance, records):
    launch(instance, "abc", minutes(1), [PLAYERS], DAYS, {"backfill_mode": "false"})
    run = records.run({"dagster/backfill": "abc", "backfill_mode": "false"})
    records.not_done(run, PLAYERS, DAYS[0], "error", minutes(2))
    records.failed(run, minutes(3), failed_dates=[f"{PLAYERS} 2024-01-10"])
    end(instance, "abc", "COMPLETED_FAILED", minutes(4))
    (ended,) = BackfillWatch(minutes(0)).ended(instance, minutes(5), TABLES, None)
    suppressed, summary = told_end(instance, ended, no_warehouse)
    assert (suppressed, summary.details["suppressed"]) == ([], 0)
