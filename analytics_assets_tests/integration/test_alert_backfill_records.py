"""Backfills of the command line in the ops database: each is told once, however its process ended."""

import threading
from datetime import UTC, datetime, timedelta

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from analytics_assets.alerts import backfill_records
from analytics_assets.alerts.backfill_records import BackfillRecords
from analytics_assets.alerts.ops_database import BACKFILLS
from analytics_assets.backfill.results import BackfillRecord, start_record
from analytics_assets_tests.support.alert_sensors import Alerts
from analytics_assets_tests.support.dagster_records import Records

NOW = datetime(2026, 1, 7, 15, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PLAYERS = "player_game_summary"


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def alerts(instance, tmp_path, ops_database_url) -> Alerts:
    return Alerts(instance, tmp_path, NOW, open_warehouse=unreadable, ops_database_url=ops_database_url)


@pytest.fixture
def record(tmp_path, monkeypatch) -> BackfillRecord:
    """A backfill of two dates that begins."""
    monkeypatch.setenv("NBA_DATA_DIR", str(tmp_path))
    days = pd.to_datetime(["2024-01-10", "2024-01-11"])
    wanted = pd.DataFrame({"table_name": PLAYERS, "game_date": days, "planned_because": "never_built"})
    return start_record(wanted, only="missing", warehouse="a file", now=NOW)


def unreadable():
    raise OSError("another process holds the file")


def test_a_backfill_whose_command_was_killed_is_told_once_as_interrupted(alerts, record):
    records = BackfillRecords(alerts.database)
    records.begin(record, NOW)
    records.beat(record.backfill_id, NOW + MINUTE)
    # Two minutes after its last sign of life it may still live.
    assert alerts.tick(after=3 * MINUTE) == []
    ((title, body),) = alerts.tick(after=MINUTE)
    assert "was interrupted" in title
    assert "no sign of life since 2026-01-07 15:31 UTC" in body
    assert f"nba-analytics backfill retry {record.backfill_id}" in body
    with alerts.database.read() as connection:
        assert connection.scalar(select(BACKFILLS.c.status)) == "interrupted"
    # A machine that only slept ends it after all; it was told.
    record.finish("finished", alerts.now)
    records.end(record, alerts.now)
    assert alerts.tick(after=MINUTE) == []


def test_a_finished_backfill_is_told_once_whenever_a_sensor_first_looks_and_its_runs_have_no_summary(alerts, record):
    records = BackfillRecords(alerts.database)
    with records.alive(record, lambda: alerts.now):
        of_instance = Records(alerts.instance)
        run = of_instance.run({"backfill_mode": "true", "nba/backfill_id": record.backfill_id})
        for day in ("2024-01-10", "2024-01-11"):
            of_instance.done(run, PLAYERS, datetime.fromisoformat(day).date(), alerts.now)
        of_instance.succeeded(run, alerts.now)
        assert alerts.tick() == []
        record.finish("finished", alerts.now)
    ((title, _),) = alerts.tick(after=timedelta(days=3))
    assert f"{record.backfill_id} finished: 2 of 2 tables and dates done" in title
    assert alerts.tick(after=MINUTE) == []


def test_signs_of_life_go_on_after_the_database_was_away_for_a_moment(alerts, record, monkeypatch):
    beats: list[str] = []
    twice = threading.Event()

    def beat(_records: BackfillRecords, backfill_id: str, _now: datetime) -> None:
        beats.append(backfill_id)
        if len(beats) == 1:
            raise OperationalError("update backfills", None, Exception("database is locked"))
        twice.set()

    monkeypatch.setattr(backfill_records, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(BackfillRecords, "beat", beat)
    with BackfillRecords(alerts.database).alive(record, lambda: alerts.now):
        assert twice.wait(10)
    assert set(beats) == {record.backfill_id}


def test_a_stopped_backfill_says_what_it_did_not_reach(alerts, record):
    records = BackfillRecords(alerts.database)
    with pytest.raises(KeyboardInterrupt), records.alive(record, lambda: alerts.now):
        raise KeyboardInterrupt
    ((title, body),) = alerts.tick(after=MINUTE)
    assert "stopped" in title
    assert "2" in title
    assert "backfill retry" in body
