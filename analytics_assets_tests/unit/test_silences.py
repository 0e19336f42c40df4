"""What a silence matches, when it holds, what is refused, and rows that cannot be read."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DataError

from analytics_assets.alerts.events import AlertKind, Severity
from analytics_assets.alerts.ops_database import SILENCES
from analytics_assets.alerts.silence_store import add_silence, all_silences, expire_silence
from analytics_assets.alerts.silences import Silence, SilenceError, SilenceState, check_silence
from analytics_assets_tests.support.told_events import OFFENSE, PLAYERS, failed_date

NOON = datetime(2024, 1, 20, 12, tzinfo=UTC)
END = NOON + timedelta(days=1)
TICK = timedelta(microseconds=1)
KIND, OTHER_KIND = AlertKind.DATES_FAILED, AlertKind.RAW_DATA_STALE
EVENT = failed_date("2024-01-12")


def silence(**changes) -> Silence:
    facts = {
        "silence_id": "s-1",
        "kind": None,
        "table_name": None,
        "first_date": None,
        "last_date": None,
        "severity": None,
        "starts_at": NOON,
        "ends_at": END,
        "author": "Ada",
        "reason": "known",
        "created_at": NOON,
    }
    return Silence(**(facts | changes))


@pytest.mark.parametrize(("kind", "fits_kind"), [(None, True), (KIND, True), (OTHER_KIND, False)])
@pytest.mark.parametrize(("table", "fits_table"), [(None, True), (PLAYERS, True), (OFFENSE, False)])
@pytest.mark.parametrize(
    ("first", "last", "fits_dates"),
    [
        (None, None, True),
        ("2024-01-12", "2024-01-12", True),
        ("2024-01-01", "2024-01-12", True),
        ("2024-01-12", None, True),
        (None, "2024-01-11", False),
        ("2024-01-13", "2024-01-20", False),
    ],
)
@pytest.mark.parametrize(
    ("severity", "fits_severity"), [(None, True), (Severity.ERROR, True), (Severity.WARNING, False)]
)
@pytest.mark.parametrize(
    ("moment", "holds"), [(NOON - TICK, False), (NOON, True), (END - TICK, True), (END, False), (END + TICK, False)]
)
def test_a_silence_holds_back_what_fits_all_its_matchers_from_its_start_until_just_before_its_end(
    kind, fits_kind, table, fits_table, first, last, fits_dates, severity, fits_severity, moment, holds
):
    first, last = (date.fromisoformat(day) if day else None for day in (first, last))
    it = silence(kind=kind, table_name=table, first_date=first, last_date=last, severity=severity)
    assert it.matches_event(EVENT) is (fits_kind and fits_table and fits_dates and fits_severity)
    assert it.holds_at(moment) is holds


def test_an_event_about_no_date_or_no_table_fits_no_silence_of_dates_or_of_a_table():
    run_failed = replace(EVENT, kind=AlertKind.RUN_FAILED, table_name=None, game_date=None)
    assert not silence(first_date=date(2024, 1, 1)).matches_event(run_failed)
    assert not silence(table_name=PLAYERS).matches_event(run_failed)
    assert silence(kind=AlertKind.RUN_FAILED).matches_event(run_failed)


@pytest.mark.parametrize(
    ("moment", "matches", "state"),
    [
        (NOON - TICK, 0, SilenceState.PENDING),
        (NOON, 0, SilenceState.ACTIVE),
        (NOON + timedelta(hours=24) - TICK, 0, SilenceState.ACTIVE),
        (NOON + timedelta(hours=24), 0, SilenceState.IDLE),
        (NOON + timedelta(hours=24), 1, SilenceState.ACTIVE),
        (NOON + timedelta(days=3), 0, SilenceState.EXPIRED),
    ],
)
def test_a_silence_is_pending_active_idle_after_a_day_without_a_match_and_expired_at_its_end(moment, matches, state):
    assert silence(ends_at=NOON + timedelta(days=3), matches=matches).state_at(moment) is state


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": None}, "at least one of"),
        ({"author": " "}, "--author and --reason"),
        ({"reason": ""}, "--author and --reason"),
        ({"ends_at": NOON}, "is not after its start"),
        ({"starts_at": END}, "is not after its start"),
        ({"first_date": date(2024, 1, 2), "last_date": date(2024, 1, 1)}, "lies after"),
        ({"ends_at": NOON + timedelta(days=14) + TICK}, "needs --long"),
    ],
)
def test_a_silence_that_hides_too_much_or_that_nobody_answers_for_is_refused(changes, problem):
    with pytest.raises(SilenceError, match=problem):
        check_silence(silence(**({"kind": KIND} | changes)), now=NOON, allow_long=False)


def test_fourteen_days_are_allowed_and_more_with_a_word():
    check_silence(silence(kind=KIND, ends_at=NOON + timedelta(days=14)), now=NOON, allow_long=False)
    check_silence(silence(kind=KIND, ends_at=NOON + timedelta(days=90)), now=NOON, allow_long=True)


def test_a_stored_silence_is_read_as_it_was_added_and_ends_when_it_is_expired(ops_database):
    database = ops_database
    wanted = silence(kind=KIND, table_name=PLAYERS, first_date=date(2024, 1, 1), severity=Severity.ERROR)
    added = add_silence(database, wanted, now=NOON)
    assert all_silences(database) == ([added], [])
    assert replace(added, silence_id="s-1") == wanted
    with pytest.raises(SilenceError, match=f"no silence 's-none'; known are {added.silence_id}"):
        expire_silence(database, "s-none", now=NOON)
    expire_silence(database, added.silence_id, now=NOON + timedelta(hours=1))
    expire_silence(database, added.silence_id, now=NOON + timedelta(hours=2))
    assert all_silences(database)[0][0].ends_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    "broken",
    [
        {"ends_at": None},
        {"ends_at": "soon"},
        {"starts_at": ""},
        {"kind": "runs_failed"},
        {"severity": "terrible"},
        {"first_date": "2024-13-01"},
        {"author": None},
        {"matches": "many"},
    ],
)
def test_a_row_that_cannot_be_read_is_listed_as_such_and_hides_no_other(ops_database, ops_database_url, broken):
    database = ops_database
    first, second = (add_silence(database, silence(kind=KIND), now=NOON) for _ in range(2))
    breaking = update(SILENCES).where(SILENCES.c.id == first.silence_id).values(broken)
    if "matches" in broken and ops_database_url.startswith("postgresql"):
        # PostgreSQL itself keeps texts out of a column of numbers.
        with pytest.raises(DataError), database.begin() as connection:
            connection.execute(breaking)
        return
    with database.begin() as connection:
        connection.execute(breaking)
    readable, unreadable = all_silences(database)
    assert readable == [second]
    assert [one.silence_id for one in unreadable] == [first.silence_id]
    assert unreadable[0].problem
    expire_silence(database, first.silence_id, now=NOON)
    assert all_silences(database) == ([second], [])
