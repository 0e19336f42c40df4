"""What becomes of events in the ledger: each has one fate, nothing is told twice, nothing is lost."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from analytics_assets.alerts.events import AlertKind, Disposition, Event, Recovery, Severity
from analytics_assets.alerts.ledger import Ledger
from analytics_assets.alerts.ops_database import SILENCES, OpsDatabase
from analytics_assets.alerts.silence_store import add_silence, all_silences, expire_silence
from analytics_assets.alerts.silences import Silence
from analytics_assets_tests.support.told_events import OFFENSE, PLAYERS, failed_date

NOON = datetime(2024, 1, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SINKS = ("chat", "mail")
FAILED, MISSING = AlertKind.DATES_FAILED, AlertKind.DATES_MISSING
DAYS = [f"2024-01-{day:02}" for day in range(1, 26)]


@pytest.fixture
def database(ops_database) -> OpsDatabase:
    return ops_database


@pytest.fixture
def ledger(database) -> Ledger:
    return Ledger(database)


def record(ledger: Ledger, *happened: Event | Recovery, now: datetime = NOON) -> list[Disposition]:
    events = [one for one in happened if isinstance(one, Event)]
    recoveries = [one for one in happened if isinstance(one, Recovery)]
    return [event.disposition for event in ledger.record(events, recoveries, now=now, sinks=SINKS).new]


def deliver(ledger: Ledger, kind: AlertKind = FAILED, now: datetime = NOON, sinks=SINKS) -> list[list]:
    """Have each sink accept one message; gives the events of each."""
    sent = []
    for sink in sinks:
        events = ledger.undelivered(kind, sink)
        if events:
            ledger.mark_sent(ledger.begin_sending(kind, sink, events, "title", "body", now), now)
            sent.append(events)
    return sent


def recovery(day: str | None, kind: AlertKind = FAILED, at: datetime = NOON + HOUR) -> Recovery:
    return Recovery(
        kind=kind, subject=PLAYERS, game_date=None if day is None else date.fromisoformat(day), happened_at=at
    )


def silenced(database: OpsDatabase, **changes) -> str:
    facts = {
        "silence_id": "",
        "kind": FAILED,
        "table_name": None,
        "first_date": None,
        "last_date": None,
        "severity": None,
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
        "author": "Ada",
        "reason": "the source reloads",
        "created_at": NOON,
    }
    return add_silence(database, Silence(**(facts | changes)), now=NOON).silence_id


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        ({}, Disposition.PENDING),
        ({"will_retry": True}, Disposition.HELD_FOR_RETRY),
        ({"in_backfill_mode": True, "backfill_id": "b1"}, Disposition.SUPPRESSED_BY_BACKFILL),
    ],
)
def test_what_is_neither_held_nor_suppressed_is_to_be_told(ledger, changes, fate):
    assert record(ledger, failed_date(DAYS[0], **changes)) == [fate]
    assert bool(ledger.undelivered(FAILED, "mail")) is (fate is Disposition.PENDING)


def test_recording_the_same_again_changes_nothing(ledger):
    events = [failed_date(day) for day in DAYS[:3]]
    assert record(ledger, *events, *events, recovery(DAYS[0])) == [Disposition.PENDING] * 3
    before = ledger.listing()
    assert record(ledger, *events, recovery(DAYS[0]), now=NOON + HOUR) == []
    assert ledger.listing() == before


def test_failures_of_one_tick_are_one_message_a_sink_and_those_after_it_are_only_counted(ledger):
    assert record(ledger, *(failed_date(day) for day in DAYS)) == [Disposition.PENDING] * 25
    assert [len(events) for events in deliver(ledger)] == [25, 25]
    for hour in range(1, 25):
        again = failed_date(DAYS[0], event_key=f"again-{hour}", happened_at=NOON + hour * HOUR)
        assert record(ledger, again, now=NOON + hour * HOUR) == [Disposition.GROUPED]
        assert deliver(ledger) == []
    untold = ledger.untold(NOON + 24 * HOUR)
    assert [row["repeats_untold"] for row in untold.repeats] == [24]
    ledger.mark_digested(untold, NOON + 24 * HOUR)
    assert ledger.untold(NOON + 25 * HOUR).repeats == []


def test_another_class_of_error_or_another_table_is_told_although_the_first_was(ledger):
    record(ledger, failed_date(DAYS[0]))
    deliver(ledger)
    others = [
        failed_date(DAYS[0], event_key="invalid", error_class="invalid"),
        failed_date(DAYS[0], event_key="offense", subject=OFFENSE, table_name=OFFENSE),
    ]
    assert record(ledger, *others) == [Disposition.PENDING] * 2


def test_trouble_is_told_once_somebody_got_it_and_a_sink_that_refused_gets_what_it_lacks(ledger):
    record(ledger, failed_date(DAYS[0]))
    deliver(ledger, sinks=("chat",))
    message = ledger.begin_sending(FAILED, "mail", ledger.undelivered(FAILED, "mail"), "title", "body", NOON)
    ledger.mark_failed(message, "refused", NOON)
    assert record(ledger, failed_date(DAYS[1]), now=NOON + HOUR) == [Disposition.GROUPED]
    assert [len(events) for events in deliver(ledger)] == [1]
    assert [row["disposition"] for row in ledger.listing()] == ["grouped", "sent"]


def test_recovery_of_the_last_date_is_told_once_and_a_new_failure_is_told_again(ledger):
    record(ledger, failed_date(DAYS[0]), failed_date(DAYS[1]))
    deliver(ledger)
    assert ledger.record([], [recovery(DAYS[0])], now=NOON + HOUR, sinks=SINKS).resolved == 0
    assert ledger.has_open(FAILED)
    for _ in range(2):
        ledger.record([], [recovery(DAYS[1])], now=NOON + HOUR, sinks=SINKS)
    ((resolved,), _) = deliver(ledger)
    assert (resolved.nature, resolved.severity, resolved.details["events"]) == ("resolved", Severity.INFO, 2)
    assert not ledger.has_open(FAILED)
    later = failed_date(DAYS[0], event_key="later", happened_at=NOON + 2 * HOUR)
    assert record(ledger, later, now=NOON + 2 * HOUR) == [Disposition.PENDING]


def test_a_success_from_before_the_failure_ends_nothing(ledger):
    record(ledger, failed_date(DAYS[0]), recovery(DAYS[0], at=NOON - HOUR))
    assert ledger.has_open(FAILED)
    record(ledger, recovery(None))
    assert not ledger.has_open(FAILED)


def test_trouble_that_was_only_silenced_ends_without_a_word(ledger, database):
    name = silenced(database)
    assert record(ledger, failed_date(DAYS[0]), failed_date(DAYS[1])) == [Disposition.SILENCED] * 2
    assert [(one.silence_id, one.matches) for one in all_silences(database)[0]] == [(name, 2)]
    record(ledger, recovery(None))
    assert ledger.after_silences(FAILED, now=NOON + 3 * HOUR, sinks=SINKS) == 0
    assert (deliver(ledger), ledger.has_open(FAILED)) == ([], False)


@pytest.mark.parametrize("expired", [False, True])
def test_a_silence_that_ends_before_the_trouble_leads_to_one_message_that_names_it(ledger, database, expired):
    name = silenced(database)
    record(ledger, failed_date(DAYS[0]), failed_date(DAYS[1]))
    over = NOON + HOUR
    if expired:
        over = NOON + HOUR / 2
        expire_silence(database, name, now=over)
    assert ledger.after_silences(FAILED, now=over - timedelta(microseconds=1), sinks=SINKS) == 0
    assert ledger.after_silences(FAILED, now=over, sinks=SINKS) == 1
    assert ledger.after_silences(FAILED, now=over + HOUR, sinks=SINKS) == 0
    ((told,), _) = deliver(ledger)
    assert (told.nature, told.details["silence_id"], told.details["author"]) == ("silence_ended", name, "Ada")
    assert [entry["date"] for entry in told.details["dates"]] == DAYS[:2]
    again = failed_date(DAYS[2], happened_at=NOON + 2 * HOUR)
    assert record(ledger, again, now=NOON + 2 * HOUR) == [Disposition.GROUPED]
    ledger.record([], [recovery(None, at=NOON + 3 * HOUR)], now=NOON + 3 * HOUR, sinks=SINKS)
    assert [event.nature for event in deliver(ledger)[0]] == ["resolved"]


def test_an_event_at_the_end_of_a_silence_or_under_an_unreadable_one_is_told(ledger, database):
    silenced(database)
    assert record(ledger, failed_date(DAYS[0]), now=NOON + HOUR) == [Disposition.PENDING]
    with database.begin() as connection:
        connection.execute(insert(SILENCES).values(id="s-bad", kind=str(FAILED), author="Ada", reason="x", matches=0))
    assert record(ledger, failed_date(DAYS[1]), now=NOON + 2 * HOUR) == [Disposition.PENDING]
    assert [one.silence_id for one in ledger.untold(NOON).unreadable] == ["s-bad"]


def test_what_a_silence_held_back_is_told_when_its_row_becomes_unreadable(ledger, database):
    name = silenced(database)
    record(ledger, failed_date(DAYS[0]))
    with database.begin() as connection:
        connection.execute(update(SILENCES).where(SILENCES.c.id == name).values(ends_at="soon"))
    assert ledger.after_silences(FAILED, now=NOON, sinks=SINKS) == 1
    assert deliver(ledger)[0][0].details["silence_id"] == name


@pytest.mark.parametrize("in_backfill_mode", [False, True], ids=["sent", "in the summary of a backfill"])
def test_a_missing_date_is_not_told_when_its_failure_is(ledger, in_backfill_mode):
    record(ledger, failed_date(DAYS[0], in_backfill_mode=in_backfill_mode))
    missing = [failed_date(day, MISSING, severity=Severity.WARNING, error_class="error") for day in DAYS[:2]]
    assert record(ledger, *missing) == [Disposition.INHIBITED, Disposition.PENDING]
    (inhibited,) = (row for row in ledger.listing(kind=MISSING) if row["disposition"] == "inhibited")
    assert inhibited["inhibited_by"] == failed_date(DAYS[0]).event_key


def test_what_a_backfill_suppressed_is_found_by_its_name_and_opens_nothing(ledger):
    suppressed = [
        failed_date(day, event_key=f"{name}-{day}", in_backfill_mode=True, backfill_id=name)
        for name in ("b1", "b2")
        for day in DAYS[:3]
    ]
    record(ledger, *suppressed)
    assert [str(event.game_date) for event in ledger.suppressed_of_backfill("b1")] == DAYS[:3]
    assert not ledger.has_open(FAILED)
    assert ledger.untold(NOON).suppressed == {"b1": 3, "b2": 3}
    assert record(ledger, failed_date(DAYS[0])) == [Disposition.PENDING]


def test_several_threads_that_record_at_once_lose_nothing(ledger):
    def batch(number: int) -> int:
        events = [failed_date(day, event_key=f"{number % 4}-{day}") for day in DAYS[:10]]
        return len(ledger.record(events, [], now=NOON, sinks=SINKS).new)

    with ThreadPoolExecutor(4) as threads:
        new = list(threads.map(batch, range(8)))
    assert sum(new) == 40
    assert Counter(row["disposition"] for row in ledger.listing()) == {"pending": 40}
    assert len({row["incident_id"] for row in ledger.listing()}) == 1


def test_a_date_that_fails_in_the_tick_in_which_another_recovered_is_told_as_a_new_trouble(ledger):
    record(ledger, failed_date(DAYS[0]))
    deliver(ledger)
    again = failed_date(DAYS[0], event_key="again", happened_at=NOON + HOUR / 2)
    other = failed_date(DAYS[1], happened_at=NOON + HOUR)
    assert record(ledger, other, again, recovery(DAYS[0]), now=NOON + HOUR) == [
        Disposition.GROUPED,
        Disposition.PENDING,
    ]
    assert [event.nature for event in deliver(ledger)[0]] == ["resolved", "problem"]
    assert ledger.has_open(FAILED)


def test_a_silence_that_follows_another_takes_over_what_it_held_back(ledger, database):
    silenced(database)
    record(ledger, failed_date(DAYS[0]), failed_date(DAYS[1]))
    second = silenced(database, ends_at=NOON + 2 * HOUR, first_date=date.fromisoformat(DAYS[1]))
    assert ledger.after_silences(FAILED, now=NOON + HOUR, sinks=SINKS) == 1
    assert [entry["date"] for entry in deliver(ledger)[0][0].details["dates"]] == [DAYS[0]]
    assert ledger.after_silences(FAILED, now=NOON + 2 * HOUR, sinks=SINKS) == 1
    (told,) = deliver(ledger)[0]
    assert (told.details["silence_id"], told.details["dates"][0]["date"]) == (second, DAYS[1])


@pytest.mark.parametrize(
    "hostile",
    [
        {"text": "x" * 100_000 + "'; drop table alert_events; --"},
        {"text": "a\x00b\udcff", "event_key": "\udcff", "run_id": "r" * 500, "table_name": "t" * 500},
        {"details": {"share": float("nan"), "day": date(2024, 1, 1), "a\x00": ["\udcff", {1}]}},
    ],
)
def test_texts_and_numbers_that_a_database_would_refuse_are_recorded_all_the_same(ledger, hostile):
    event = failed_date(DAYS[0], **hostile)
    assert record(ledger, event) == [Disposition.PENDING]
    assert record(ledger, event) == []
    (stored,) = ledger.undelivered(FAILED, "mail")
    assert stored.text[:1] == event.text[:1]
    assert "nan" not in str(stored.details).lower()
