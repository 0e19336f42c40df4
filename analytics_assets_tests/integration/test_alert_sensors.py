"""The alert sensors over hours, days and backfills: what reaches somebody, what is held back, nothing is lost."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from analytics_assets.alerts.events import AlertKind
from analytics_assets.alerts.outbox import DeliveryError
from analytics_assets.definitions import build_definitions
from analytics_assets.warehouse import WarehouseError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.alert_sensors import Alerts
from analytics_assets_tests.support.dagster_backfills import end, launch
from analytics_assets_tests.support.dagster_records import Records
from analytics_assets_tests.support.long_history import write_dates, write_history

PLAYERS = "player_game_summary"
DAY = date(2026, 1, 5)
# Half past ten in the morning in New York.
NOW = datetime(2026, 1, 7, 15, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
ORDERS = (tuple(AlertKind), tuple(reversed(AlertKind)))


def unreadable() -> DuckDBWarehouse:
    raise WarehouseError("another process holds the file")


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def records(instance) -> Records:
    return Records(instance)


@pytest.fixture
def alerts(instance, tmp_path) -> Alerts:
    """Sensors that have looked once, so that what follows is news."""
    found = Alerts(instance, tmp_path, NOW)
    assert found.tick() == []
    return found


def fail(records: Records, day: date, at: datetime, tags: dict[str, str] | None = None) -> str:
    """A run of one date that fails."""
    run = records.run(tags)
    records.not_done(run, PLAYERS, day, "error", at, reason="building raised KeyError: 'x'")
    records.failed(run, at, RuntimeError("named"), failed_dates=[f"{PLAYERS} {day}"])
    return run


@pytest.mark.parametrize("order", ORDERS, ids=["in order", "the other way round"])
def test_a_backfill_of_1343_dates_of_which_300_fail_sends_one_message(instance, records, tmp_path, order):
    alerts = Alerts(instance, tmp_path, NOW, open_warehouse=unreadable)
    alerts.tick(*order)
    days = [date(2021, 10, 19) + timedelta(days=number) for number in range(1343)]
    launch(instance, "abcdefgh", alerts.now, [PLAYERS], days)
    run = records.run({"dagster/backfill": "abcdefgh", "backfill_mode": "true"})
    at = alerts.now + timedelta(minutes=1)
    failing = set(days[10:1210:4])
    outcomes = [(run, PLAYERS, day, "error" if day in failing else "built", at, f"why {day}") for day in days]
    write_dates(instance, outcomes)
    assert alerts.tick(*order, after=timedelta(minutes=2)) == []
    records.failed(run, at, RuntimeError("named"), failed_dates=[f"{PLAYERS} {day}" for day in failing])
    assert alerts.tick(*order, after=timedelta(minutes=1)) == []
    end(instance, "abcdefgh", "COMPLETED_FAILED", alerts.now)
    ((title, body),) = alerts.tick(*order, after=timedelta(minutes=1))
    assert title == "NBA analytics: backfill abcdefgh finished: 1,043 of 1,343 tables and dates done, 300 not done"
    named = [day for day in sorted(failing) if f"why {day}" in body]
    assert named == sorted(failing)[:20]
    assert "280 more" in body
    assert "300 alerts of its runs not sent" in body
    assert "nba-analytics backfill" in body
    # Whatever comes later, it was told.
    assert alerts.tick(*order, after=HOUR) == []
    listed = alerts.ledger.listing(kind=AlertKind.DATES_FAILED)
    assert len(listed) == 300
    assert {str(row["disposition"]) for row in listed} == {"suppressed_by_backfill"}


def test_25_failing_runs_in_one_tick_are_one_message_and_another_failure_of_the_kind_is_counted(alerts, records):
    for number in range(25):
        fail(records, DAY - timedelta(days=number), alerts.now)
    ((title, body),) = alerts.tick(after=timedelta(seconds=30))
    assert "25 dates failed" in title
    assert "building raised KeyError" in body
    assert alerts.reports[AlertKind.DATES_FAILED].startswith("25 new events, the oldest from 30 s ago; 1 of 1 sinks")
    assert alerts.tick(after=timedelta(seconds=30)) == []
    assert alerts.reports[AlertKind.DATES_FAILED] == "nothing new; nothing to send"


def test_the_same_failure_every_hour_for_a_day_is_one_message_and_a_digest_and_the_recovery_one(alerts, records):
    sent = []
    for _ in range(24):
        fail(records, DAY, alerts.now)
        sent.append(alerts.tick(after=HOUR))
    told = [message for messages in sent for message in messages]
    assert len(told) == 2
    assert "1 date failed" in told[0][0]
    # The tick at nine in the morning in New York, after 22 or 23 repeats.
    digest = next(number for number, messages in enumerate(sent) if messages and number)
    assert alerts.now - HOUR * (23 - digest) >= datetime(2026, 1, 8, 14, tzinfo=UTC)
    assert told[1][0].startswith(f"NBA analytics: daily digest: {digest} repeats")
    records.done(records.run(), PLAYERS, DAY, alerts.now)
    ((title, _),) = alerts.tick(after=HOUR)
    assert "resolved" in title.lower()
    assert alerts.tick(after=HOUR) == []


def test_a_run_that_fails_by_itself_is_told_and_resolved_by_the_next_success(alerts, records):
    run = records.run()
    records.failed(run, alerts.now, ConnectionError("no answer"))
    ((title, body),) = alerts.tick(after=timedelta(minutes=1))
    assert "1 run failed" in title
    assert f"/runs/{run}" in body
    assert "ConnectionError" in body
    records.succeeded(records.run(), alerts.now)
    ((title, _),) = alerts.tick(after=timedelta(minutes=1))
    assert "resolved" in title.lower()


def test_failures_while_a_sensor_was_stopped_are_one_digest_that_says_so(alerts, records):
    others = [kind for kind in AlertKind if kind is not AlertKind.DATES_FAILED]
    for number in range(50):
        fail(records, DAY - timedelta(days=number), alerts.now)
        assert alerts.tick(*others, after=timedelta(minutes=1)) == []
    alerts.started[AlertKind.DATES_FAILED] = alerts.now
    ((title, body),) = alerts.tick(after=timedelta(seconds=30))
    assert "50 dates failed" in title
    assert "stopped" in title + body
    fail(records, date(2026, 1, 6), alerts.now)
    assert alerts.tick(after=timedelta(seconds=30)) == []


def test_a_sink_that_is_down_for_an_hour_fails_the_ticks_and_gets_one_message_afterwards(alerts, records):
    alerts.sink.down = True
    for number in range(10):
        fail(records, DAY - timedelta(days=number), alerts.now)
        with pytest.raises(DeliveryError, match="does not answer"):
            alerts.tick(AlertKind.DATES_FAILED, after=timedelta(minutes=6))
    alerts.sink.down = False
    ((title, body),) = alerts.tick(after=timedelta(minutes=1))
    assert "10 dates failed" in title
    assert "stopped" not in title + body


def test_backfill_mode_false_on_a_backfills_runs_brings_the_alerts_back(alerts, records):
    fail(records, DAY, alerts.now, {"dagster/backfill": "abc", "backfill_mode": "true"})
    assert alerts.tick(after=timedelta(minutes=1)) == []
    fail(records, DAY, alerts.now, {"dagster/backfill": "abc", "backfill_mode": "false"})
    ((title, _),) = alerts.tick(after=timedelta(minutes=1))
    assert "1 date failed" in title


def test_a_run_that_dagster_repeats_is_not_told_before_its_last_attempt(alerts, records):
    records.failed(records.run(), alerts.now, ConnectionError("x"), will_retry=True)
    assert alerts.tick(after=timedelta(minutes=1)) == []
    records.failed(records.run(), alerts.now, ConnectionError("x"), will_retry=False)
    assert len(alerts.tick(after=timedelta(minutes=1))) == 1


def test_a_missing_date_whose_failure_was_told_is_not_told_again(alerts, records):
    records.covered(alerts.now, missing_blocks=[], missing_reasons=[])
    alerts.tick()
    fail(records, DAY, alerts.now)
    assert len(alerts.tick(after=timedelta(minutes=1))) == 1
    block = [PLAYERS, "error", DAY.isoformat(), (DAY + timedelta(days=1)).isoformat()]
    records.covered(alerts.now, missing_blocks=[block], missing_reasons=[])
    # Its dates are missing only for now.
    under_way = records.run({"backfill_mode": "true"})
    assert alerts.tick(AlertKind.DATES_MISSING, after=timedelta(minutes=1)) == []
    records.succeeded(under_way, alerts.now)
    ((title, body),) = alerts.tick(AlertKind.DATES_MISSING, after=timedelta(minutes=1))
    assert "1 date missing" in title
    assert "2026-01-06" in body
    assert DAY.isoformat() not in body


@pytest.mark.parametrize(
    ("status", "says"),
    [("CANCELED", "was cancelled"), ("FAILED", "failed to start"), ("COMPLETED_SUCCESS", "finished")],
)
def test_each_end_of_a_backfill_without_any_date_is_one_message(instance, tmp_path, status, says):
    alerts = Alerts(instance, tmp_path, NOW, open_warehouse=unreadable)
    alerts.tick()
    launch(instance, "abcdefgh", alerts.now, [PLAYERS], [DAY])
    end(instance, "abcdefgh", status, alerts.now, "no such asset" if status == "FAILED" else None)
    ((title, body),) = alerts.tick(after=timedelta(minutes=1))
    assert says in title
    assert ("no such asset" in body) is (status == "FAILED")
    assert alerts.tick(after=timedelta(minutes=1)) == []


def test_an_idle_tick_tells_nothing_of_the_history_and_opens_no_warehouse(instance, tmp_path):
    alerts = Alerts(instance, tmp_path, NOW)
    write_history(instance, 200, NOW - HOUR)
    # The first tick takes the present as its beginning, the second finds that nothing has come.
    for _ in range(2):
        assert alerts.tick(after=timedelta(minutes=1)) == []
    assert set(alerts.reports.values()) == {"nothing new; nothing to send"}


@pytest.mark.parametrize("kind", [kind for kind in AlertKind if kind is not AlertKind.DAILY_DIGEST])
def test_an_idle_tick_reads_no_run_and_no_date_of_the_history(instance, tmp_path, monkeypatch, kind):
    alerts = Alerts(instance, tmp_path, NOW)
    write_history(instance, 50, NOW - HOUR)
    # The first tick takes the present as its beginning, the second and third look for what became visible late.
    for _ in range(3):
        alerts.tick(kind, after=timedelta(minutes=1))

    def read(*arguments, **options):
        raise AssertionError("history was read")

    # The standing watch asks for the one latest look, whatever came before it.
    names = ["fetch_observations", "fetch_run_status_changes", "get_runs", "get_run_records"]
    names += [] if kind is AlertKind.DATES_MISSING else ["fetch_materializations"]
    for name in names:
        monkeypatch.setattr(type(instance), name, read)
    alerts.tick(kind, after=timedelta(minutes=1))
    assert alerts.reports[kind] == "nothing new; nothing to send"


def test_every_kind_has_a_running_sensor_that_is_described():
    sensors = {sensor.name: sensor for sensor in build_definitions().sensors or ()}
    of_alerts = [sensors[f"alert_{kind}"] for kind in AlertKind]
    assert {sensor.default_status for sensor in of_alerts} == {dg.DefaultSensorStatus.RUNNING}
    assert all(len(sensor.description or "") > 80 for sensor in of_alerts)
