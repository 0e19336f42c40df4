"""Undelivered events to local receivers: once each, in one message, through failures and crashes."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from analytics_assets.alerts.events import AlertKind, Event, Severity
from analytics_assets.alerts.ledger import Ledger
from analytics_assets.alerts.message_parts import Links
from analytics_assets.alerts.ops_database import MESSAGES, OpsDatabase
from analytics_assets.alerts.outbox import Delivered, DeliveryError, deliver
from analytics_assets.alerts.redaction import Redactor
from analytics_assets.alerts.sinks import AppriseSink, sinks_from_environment
from analytics_assets_tests.support.told_events import failed_date
from analytics_assets_tests.support.web_sink import WebSink, web_sink

KIND = AlertKind.DATES_FAILED
NOON = datetime(2024, 1, 20, 12, tzinfo=UTC)
TOKEN = "t0kenT0KEN-in-the-path"


class Deployment:
    """A ledger in a file, and the environment that names the receivers."""

    def __init__(self, path: Path, *urls: str) -> None:
        self.database = OpsDatabase(f"sqlite:///{path}")
        self.ledger = Ledger(self.database)
        self.environment = {"NBA_ALERT_URLS": " ".join(urls), "VENDOR_PASSWORD": "vendorpassword"}
        self.now = NOON

    def record(self, *events: Event, kind: AlertKind = KIND) -> None:
        names = [sink.name for sink in sinks_from_environment(self.environment, kind)]
        self.ledger.record(events, [], now=self.now, sinks=names)

    def deliver(self, kind: AlertKind = KIND) -> Delivered:
        self.now += timedelta(minutes=1)
        redactor = Redactor.from_environment(self.environment)
        sinks = sinks_from_environment(self.environment, kind)
        return deliver(self.ledger, kind, sinks, links=Links(), redactor=redactor, now=self.now)


@pytest.fixture
def web() -> Iterator[WebSink]:
    with web_sink() as found:
        yield found


@pytest.fixture
def other() -> Iterator[WebSink]:
    with web_sink() as found:
        yield found


def _days(count: int) -> list[Event]:
    return [failed_date(f"2024-01-{number:02}") for number in range(1, count + 1)]


def _first_lines(web: WebSink) -> list[str]:
    return [message["message"].splitlines()[0] for message in web.messages]


def _last_lines(messages: Sequence[dict[str, str]]) -> list[list[str]]:
    return [message["message"].rpartition("\n\n")[2].splitlines() for message in messages]


def test_twenty_five_events_are_one_message_and_the_next_delivery_sends_nothing(tmp_path: Path, web: WebSink) -> None:
    deployment = Deployment(tmp_path / "ops.db", web.url())
    deployment.record(*_days(25))
    assert deployment.deliver() == Delivered(messages=1, events=25)
    assert web.titles == ["NBA analytics: 25 dates failed in player_game_summary"]
    assert deployment.deliver() == Delivered()
    assert len(web.messages) == 1


def test_what_a_sink_refused_for_an_hour_comes_in_one_message_when_it_is_back(tmp_path: Path, web: WebSink) -> None:
    deployment = Deployment(tmp_path / "ops.db", web.url())
    web.status = 503
    for number, event in enumerate(_days(10), start=1):
        deployment.record(event)
        with pytest.raises(DeliveryError, match=r"json-[0-9a-f]{6}: .*503") as raised:
            deployment.deliver()
        assert raised.value.delivered == Delivered()
        assert web.refused == number
    web.status = 200
    assert deployment.deliver() == Delivered(messages=1, events=10)
    assert web.titles == ["NBA analytics: 10 dates failed in player_game_summary"]
    assert [len(lines) for lines in _last_lines(web.messages)] == [1], "it was refused, so it cannot have been sent"
    assert deployment.deliver() == Delivered()


def test_one_failing_sink_does_not_keep_the_other_from_its_message_or_send_it_twice(
    tmp_path: Path, web: WebSink, other: WebSink
) -> None:
    deployment = Deployment(tmp_path / "ops.db", web.url(), other.url())
    web.status = 500
    for number in (1, 2, 3):
        # Trouble of another kind each time, for repeats are only counted.
        deployment.record(failed_date(f"2024-01-0{number}", error_class=f"error {number}"))
        with pytest.raises(DeliveryError) as raised:
            deployment.deliver()
        assert raised.value.delivered == Delivered(messages=1, events=1)
        assert len(raised.value.problems) == 1
    assert _first_lines(other) == [f"- 2024-01-0{number}: error {number}: KeyError" for number in (1, 2, 3)]
    web.status = 200
    assert deployment.deliver() == Delivered(messages=1, events=3)
    assert web.titles == ["NBA analytics: 3 dates failed in player_game_summary"]
    assert len(other.messages) == 3


def test_a_crash_between_sending_and_marking_gives_one_duplicate_that_says_so(
    tmp_path: Path, web: WebSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = Deployment(tmp_path / "ops.db", web.url())
    deployment.record(*_days(2))

    monkeypatch.setattr(Ledger, "mark_sent", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        deployment.deliver()
    monkeypatch.undo()
    again = Deployment(tmp_path / "ops.db", web.url())
    assert again.deliver() == Delivered(messages=1, events=2)
    assert again.deliver() == Delivered()
    (first,), second = _last_lines(web.messages)
    assert second == [first, "may have been sent before"]


def test_a_crash_before_sending_loses_nothing(tmp_path: Path, web: WebSink, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = Deployment(tmp_path / "ops.db", web.url())
    deployment.record(*_days(1))
    monkeypatch.setattr(AppriseSink, "send", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        deployment.deliver()
    monkeypatch.undo()
    assert web.messages == []
    deployment.record(failed_date("2024-01-09"))
    assert deployment.deliver() == Delivered(messages=1, events=2)
    assert _last_lines(web.messages)[0][1:] == ["1 of 2 events may have been sent before"]


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_kinds_are_routed_and_delivered_apart(tmp_path: Path, web: WebSink, other: WebSink) -> None:
    deployment = Deployment(tmp_path / "ops.db", f"raw_data_missing={web.url()}", other.url())
    missing = failed_date("2024-01-02", kind=AlertKind.RAW_DATA_MISSING)
    deployment.record(failed_date("2024-01-01"))
    deployment.record(missing, kind=AlertKind.RAW_DATA_MISSING)
    assert deployment.deliver() == Delivered(messages=1, events=1)
    assert (web.titles, other.titles) == ([], ["NBA analytics: 1 date failed in player_game_summary"])
    assert deployment.deliver(AlertKind.RAW_DATA_MISSING) == Delivered(messages=2, events=1)
    assert web.titles == ["NBA analytics: 1 date without raw data in player_game_summary"] == other.titles[1:]


def test_a_new_address_gets_what_the_old_one_did_not_and_nothing_twice(
    tmp_path: Path, web: WebSink, other: WebSink
) -> None:
    deployment = Deployment(tmp_path / "ops.db", web.url("0ld-t0ken"), other.url())
    web.status = 401
    deployment.record(*_days(2))
    with pytest.raises(DeliveryError):
        deployment.deliver()
    web.status = 200
    deployment.environment["NBA_ALERT_URLS"] = f"{web.url('n3w-t0ken')} {other.url()}"
    assert deployment.deliver() == Delivered(messages=1, events=2)
    assert (len(web.messages), len(other.messages)) == (1, 1)
    deployment.environment["NBA_ALERT_URLS"] = other.url()
    assert deployment.deliver() == Delivered()


def test_without_addresses_the_log_takes_the_message(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    deployment = Deployment(tmp_path / "ops.db")
    deployment.record(*_days(1))
    assert deployment.deliver() == Delivered(messages=1, events=1)
    (record,) = (record for record in caplog.records if record.name == "analytics_assets.alerts.sinks")
    assert record.levelname == "ERROR"
    assert record.getMessage().startswith("NBA analytics: 1 date failed in player_game_summary\n- 2024-01-01: error")
    assert deployment.deliver() == Delivered()


def test_no_secret_reaches_deliveries_log_or_receiver(
    tmp_path: Path, web: WebSink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address = web.url(TOKEN).replace("//", "//user:s3cretpass@")
    deployment = Deployment(tmp_path / "ops.db", address, f"slack://{TOKEN}")
    text = f"cannot reach postgres://nba:dbpassword@db or {address} with vendorpassword"
    event = failed_date("2024-01-01", text=text, details={"tried": [text]})
    deployment.record(Redactor.from_environment(deployment.environment).event(event))
    web.status = 500
    for _ in range(2):
        with pytest.raises(DeliveryError) as raised:
            deployment.deliver()
        web.status = 200
    assert len(web.messages) == 1
    with deployment.database.read() as connection:
        errors = list(connection.scalars(select(MESSAGES.c.error).where(MESSAGES.c.error.is_not(None))))
    assert len(errors) == 3
    # Everything that SQLite has written, also what was replaced since.
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"2024-01-01" in stored
    shown = f"{caplog.text}\n{raised.value}\n{web.messages}\n{stored.decode(errors='replace')}"
    for secret in (TOKEN, "s3cretpass", "dbpassword", "vendorpassword"):
        assert secret not in shown


class _Broken:
    """A sink of another make, which fails in a way that nobody foresaw."""

    name = "broken-000000"

    def send(self, title: str, body: str, severity: Severity) -> None:
        raise ValueError("lost the connection of vendorpassword")


def test_an_unforeseen_error_of_a_sink_is_told_redacted_and_its_message_may_have_been_sent(
    tmp_path: Path, web: WebSink
) -> None:
    deployment = Deployment(tmp_path / "ops.db", web.url())
    sinks = [_Broken(), *sinks_from_environment(deployment.environment, KIND)]
    deployment.ledger.record(_days(1), [], now=NOON, sinks=[sink.name for sink in sinks])
    redactor = Redactor.from_environment(deployment.environment)
    with pytest.raises(DeliveryError) as raised:
        deliver(deployment.ledger, KIND, sinks, links=Links(), redactor=redactor, now=NOON)
    assert raised.value.problems == {"broken-000000": "ValueError: lost the connection of ***"}
    assert (raised.value.delivered, len(web.messages)) == (Delivered(messages=1, events=1), 1)
    (event,) = deployment.ledger.undelivered(KIND, "broken-000000")
    assert event.maybe_sent_before


def test_a_sink_that_stays_broken_does_not_turn_repeats_into_messages_for_the_others(
    tmp_path: Path, web: WebSink
) -> None:
    deployment = Deployment(tmp_path / "ops.db", web.url(), "slack://broken")
    for day in ("2024-01-01", "2024-01-02", "2024-01-03"):
        deployment.record(failed_date(day))
        with pytest.raises(DeliveryError):
            deployment.deliver()
    assert len(web.messages) == 1
    assert [row["disposition"] for row in deployment.ledger.listing()] == ["grouped", "grouped", "pending"]
