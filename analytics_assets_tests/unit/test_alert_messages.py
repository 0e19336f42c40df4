"""What messages say, literally."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics_assets.alerts.events import AlertKind, Severity
from analytics_assets.alerts.message_parts import Links, ToldDate, backfill_commands, date_rows
from analytics_assets.alerts.messages import Message, compose
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets_tests.support.told_events import OFFENSE, PLAYERS, ToldEvent, told_event

LINKS = Links("https://dagit.example")


def _composed(kind: AlertKind, *events: ToldEvent, **changes: Any) -> Message:
    return compose(kind, events, links=LINKS, **changes)


def _without_name(message: Message) -> str:
    body, _, last = message.body.rpartition("\n\nalert ")
    assert len(last.splitlines()[0]) == 8
    return body


def test_one_failed_date_names_reason_run_and_command() -> None:
    event = told_event(AlertKind.DATES_FAILED, "2024-01-10", run_id="ab-1", error_class="invalid", text="2 rows twice")
    message = _composed(AlertKind.DATES_FAILED, event)
    assert message.title == "NBA analytics: 1 date failed in player_game_summary"
    assert message.severity is Severity.ERROR
    assert _without_name(message) == (
        "- 2024-01-10: invalid: 2 rows twice\n"
        "\n"
        "run: https://dagit.example/runs/ab-1\n"
        "\n"
        "retry with: nba-analytics materialize player_game_summary 2024-01-10"
    )


def test_consecutive_dates_with_the_same_reason_share_a_row_and_tables_of_a_date_too() -> None:
    days = ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-05")
    events = [
        told_event(AlertKind.DATES_FAILED, day, table_name=table, run_id=f"run-{number}")
        for number, day in enumerate(days)
        for table in (OFFENSE, PLAYERS)
    ]
    other = told_event(AlertKind.DATES_FAILED, "2024-01-04", error_class="partial_raw_data", text="1 game broken")
    message = _composed(AlertKind.DATES_FAILED, *events, other)
    assert message.title == f"NBA analytics: 9 dates failed in {OFFENSE}, {PLAYERS}"
    assert _without_name(message).split("\n\n") == [
        f"- 2024-01-01 to 2024-01-03 (3 dates), {PLAYERS}, {OFFENSE}: error: KeyError: 'points'\n"
        f"- 2024-01-04, {PLAYERS}: partial_raw_data: 1 game broken\n"
        f"- 2024-01-05, {PLAYERS}, {OFFENSE}: error: KeyError: 'points'",
        "\n".join(f"run: https://dagit.example/runs/run-{number}" for number in range(4)),
        "retry with:\n"
        f"nba-analytics backfill --only failed --tables {PLAYERS},{OFFENSE} --dates {','.join(days)}\n"
        f"nba-analytics backfill --only missing --tables {PLAYERS} --dates 2024-01-04",
    ]


def test_rows_are_twenty_and_then_a_count() -> None:
    first = date(2022, 1, 1)
    dates = [ToldDate(first + timedelta(days=2 * number), PLAYERS, "error", f"no {number}") for number in range(300)]
    rows = date_rows(dates)
    assert rows[0] == "- 2022-01-01: error: no 0"
    assert rows[19:] == ["- 2022-02-08: error: no 19", "and 280 more dates"]
    joined = [ToldDate(told.day, told.table, "error", "") for told in dates] + [ToldDate(None, PLAYERS, "", "whole")]
    assert date_rows(joined)[:2] == ["- whole", "- 2022-01-01: error"]
    assert date_rows(joined)[20] == "and 281 more dates"


def _days(count: int, step: int = 1) -> list[date]:
    return [date(2024, 1, 1) + timedelta(days=step * number) for number in range(count)]


@pytest.mark.parametrize(
    ("days", "chosen"),
    [
        (_days(2), "--dates 2024-01-01,2024-01-02"),
        (_days(3), "--start 2024-01-01 --end 2024-01-03"),
        (_days(3, step=2), "--dates 2024-01-01,2024-01-03,2024-01-05"),
        (_days(20, step=2), "--dates " + ",".join(map(str, _days(20, step=2)))),
        (_days(21, step=2), "--start 2024-01-01 --end 2024-02-10"),
    ],
)
def test_the_command_names_dates_while_they_are_few(days: list[date], chosen: str) -> None:
    of_one = [ToldDate(day, PLAYERS, "", "") for day in days]
    assert backfill_commands(of_one, "missing") == [
        f"nba-analytics backfill --only missing --tables {PLAYERS} {chosen}"
    ]
    of_all = [ToldDate(day, table.name, "", "") for day in days for table in ANALYTICS_TABLES]
    assert backfill_commands(of_all, "missing") == [f"nba-analytics backfill --only missing {chosen}"]


def test_a_command_holds_only_names_of_tables() -> None:
    assert backfill_commands([ToldDate(date(2024, 1, 1), "x; rm -rf ~", "", "")], "missing") == []


def test_tables_with_different_dates_get_commands_of_their_own_until_they_are_many() -> None:
    names = [table.name for table in ANALYTICS_TABLES]
    dates = [ToldDate(date(2024, 1, 1 + number), name, "", "") for number, name in enumerate(names)]
    assert backfill_commands(dates[:2], "failed") == [
        f"nba-analytics backfill --only failed --tables {names[0]} --dates 2024-01-01",
        f"nba-analytics backfill --only failed --tables {names[1]} --dates 2024-01-02",
    ]
    assert backfill_commands(dates, "failed") == [
        "nba-analytics backfill --only failed --start 2024-01-01 --end 2024-01-05"
    ]


def test_dates_that_live_runs_leave_alone_are_built_by_a_backfill() -> None:
    old = told_event(AlertKind.DATES_MISSING, "2023-10-20", error_class="never_built", text="")
    assert "build them with: nba-analytics backfill --only missing --tables player_game_summary --dates 2023-10-20" in (
        _composed(AlertKind.DATES_MISSING, old).body
    )
    recent = told_event(AlertKind.DATES_MISSING, "2023-10-23", error_class="never_built", text="")
    assert "build them with: nba-analytics materialize" in _composed(AlertKind.DATES_MISSING, recent).body


def test_stale_dates_that_were_built_are_built_again_after_loading() -> None:
    kind, words = AlertKind.RAW_DATA_STALE, "built_from_stale_raw_data"
    one = told_event(kind, "2024-01-10", error_class=words, text="built, but old")
    assert _without_name(_composed(kind, one)).endswith(
        f"load the source again, then: nba-analytics materialize {PLAYERS} 2024-01-10"
    )
    many = [told_event(kind, f"2024-01-{day:02}", error_class=words, text="old") for day in range(1, 9)]
    assert _without_name(_composed(kind, *many)).endswith(
        f"load the source again, then: nba-analytics backfill --only all --tables {PLAYERS} "
        "--start 2024-01-01 --end 2024-01-08"
    )


def test_twenty_five_failed_runs_of_one_job_are_one_row() -> None:
    kind, noon = AlertKind.RUN_FAILED, datetime(2024, 1, 20, 12, tzinfo=UTC)
    events = [
        told_event(
            kind,
            table_name=None,
            run_id=f"run-{number}",
            subject="daily_tables",
            error_class="ConnectionError",
            text="ConnectionError: no route",
            happened_at=noon + timedelta(minutes=number),
        )
        for number in range(25)
    ]
    message = _composed(kind, *events)
    assert message.title == "NBA analytics: 25 runs failed: daily_tables"
    rows, runs, retry = _without_name(message).split("\n\n")
    assert rows == "- daily_tables (25 runs, last at 2024-01-20 12:24 UTC): ConnectionError: no route"
    assert runs.splitlines()[4:] == ["run: https://dagit.example/runs/run-4", "and 20 more runs"]
    assert retry == "retry with: Re-execute all on the page of the run"


def test_a_silence_that_ended_is_named_with_what_fails_still_and_a_resolved_trouble_is_counted() -> None:
    kind = AlertKind.RAW_DATA_MISSING
    ended = told_event(
        kind,
        nature="silence_ended",
        details={
            "silence_id": "s-1a2b3c",
            "author": "Ada",
            "reason": "outage",
            "ends_at": "2024-01-19T10:00:00+00:00",
            "dates": [{"table": OFFENSE, "date": "2024-01-10", "outcome": "no_raw_data", "reason": "no rows"}],
        },
    )
    resolved = told_event(
        kind,
        nature="resolved",
        severity=Severity.INFO,
        error_class="no_raw_data",
        event_key="r",
        details={"since": "2024-01-11T09:30:00+00:00", "events": 24},
    )
    message = _composed(kind, ended, resolved)
    assert message.title == "NBA analytics: silence s-1a2b3c ended, still failing, 1 resolved"
    assert _without_name(message) == (
        "silence s-1a2b3c of Ada (outage) ended at 2024-01-19 10:00 UTC; still:\n"
        "- 2024-01-10: no_raw_data: no rows\n"
        "\n"
        f"load the raw data, then: nba-analytics materialize {OFFENSE} 2024-01-10\n"
        "\n"
        f"- {PLAYERS}, dates without raw data, no_raw_data: resolved at 2024-01-20 12:00 UTC, 24 events, "
        "since 2024-01-11 09:30 UTC"
    )
    alone = _composed(kind, resolved)
    assert alone.title == f"NBA analytics: resolved: dates without raw data in {PLAYERS}"
    assert alone.severity is Severity.INFO


def test_a_stopped_sensor_says_from_when_to_when_it_was_not_running() -> None:
    first = datetime(2024, 1, 18, 9, tzinfo=UTC)
    event = told_event(AlertKind.DATES_FAILED, "2024-01-19")
    message = _composed(AlertKind.DATES_FAILED, event, since_stopped=(first, first + timedelta(days=1)))
    assert message.title == f"NBA analytics: 1 date failed in {PLAYERS}, while the sensor was stopped"
    assert message.body.splitlines()[0] == (
        "While this sensor was not running, from 2024-01-18 09:00 UTC to 2024-01-19 09:00 UTC:"
    )


def test_the_same_events_have_the_same_name_and_a_message_that_may_have_been_sent_says_so() -> None:
    kind = AlertKind.DATES_FAILED
    one, two = (told_event(kind, day) for day in ("2024-01-10", "2024-01-11"))
    again = told_event(kind, "2024-01-10", maybe_sent_before=True)
    first, second = _composed(kind, one).body.splitlines(), _composed(kind, again).body.splitlines()
    assert second == [*first, "may have been sent before"]
    assert _composed(kind, one, two).body.splitlines()[-1] == _composed(kind, two, one).body.splitlines()[-1]
    assert _composed(kind, again, two).body.splitlines()[-1] == "1 of 2 events may have been sent before"


def _backfill(**details: Any) -> ToldEvent:
    kind, name = AlertKind.BACKFILL_FINISHED, "cli-20240120T160000-ab12"
    return told_event(
        kind, table_name=None, subject=name, backfill_id=name, text="", severity=Severity.INFO, details=details
    )


def test_a_backfill_of_1343_dates_of_which_300_fail_is_one_summary_with_twenty_and_a_count() -> None:
    first = date(2021, 11, 1)
    not_done = [
        {"table": PLAYERS, "date": str(first + timedelta(days=2 * n)), "outcome": "error", "reason": f"bad {n}"}
        for n in range(300)
    ]
    event = _backfill(
        origin="command_line",
        status="finished",
        tables=[PLAYERS],
        first_date="2021-10-19",
        last_date="2025-06-22",
        planned=1343,
        outcomes={"built": 600, "off_day": 443, "error": 300},
        not_done=not_done,
        started_at="2024-01-20T16:00:00+00:00",
        finished_at="2024-01-20T16:12:03+00:00",
        suppressed=300,
        runs=["run-1"],
    )
    message = _composed(AlertKind.BACKFILL_FINISHED, event)
    assert message.title == (
        "NBA analytics: backfill cli-20240120T160000-ab12 finished: 1,043 of 1,343 tables and dates done, 300 not done"
    )
    facts, rows, held, runs, retry = _without_name(message).split("\n\n")
    assert facts == (
        "outcomes: built 600, error 300, off_day 443\n"
        "player_game_summary, 2021-10-19 to 2025-06-22\n"
        "started 2024-01-20 16:00 UTC, took 12 min 3 s"
    )
    assert rows.splitlines()[:2] == ["not done:", "- 2021-11-01: error: bad 0"]
    assert rows.splitlines()[20:] == ["- 2021-12-09: error: bad 19", "and 280 more dates"]
    assert held == "300 alerts of its runs not sent: nba-analytics alerts list"
    assert runs == "run: https://dagit.example/runs/run-1"
    assert retry == "retry with: nba-analytics backfill retry cli-20240120T160000-ab12"


def test_a_backfill_of_dagit_without_raw_data_for_some_dates_says_why_dagit_calls_it_failed() -> None:
    event = _backfill(
        origin="dagster",
        status="finished",
        dagster_status="COMPLETED_FAILED",
        planned=3,
        outcomes={"built": 1, "no_raw_data": 1, "not_due": 1},
        not_done=[
            {"table": PLAYERS, "date": "2021-11-01", "outcome": "no_raw_data", "reason": "nothing"},
            {"table": PLAYERS, "date": "2024-01-21", "outcome": "not_due", "reason": "tomorrow"},
        ],
    )
    message = _composed(AlertKind.BACKFILL_FINISHED, event)
    assert message.title.endswith("finished: 1 of 3 tables and dates done, 1 not done")
    blocks = _without_name(message).split("\n\n")
    assert blocks[0].startswith("no date failed: Dagit calls the backfill failed because dates without raw data")
    assert blocks[2:] == [
        f"backfill: https://dagit.example/runs/b/{event.backfill_id}",
        f"retry with: nba-analytics backfill --only missing --tables {PLAYERS} --dates 2021-11-01",
    ]


def test_a_backfill_that_never_began_or_was_killed_says_so() -> None:
    failed = _composed(AlertKind.BACKFILL_FINISHED, _backfill(status="failed", problem="no workers"))
    assert failed.title == "NBA analytics: backfill cli-20240120T160000-ab12 failed to start"
    assert _without_name(failed) == "no workers"
    killed = _backfill(status="interrupted", origin="command_line", planned=4, outcomes={"built": 1, "not_reached": 3})
    assert _without_name(_composed(AlertKind.BACKFILL_FINISHED, killed)).split("\n\n") == [
        "was interrupted: its process is gone\noutcomes: built 1, not_reached 3",
        "retry with: nba-analytics backfill retry cli-20240120T160000-ab12",
    ]


def test_what_a_cancelled_backfill_of_dagit_did_not_reach_is_asked_for_as_a_range() -> None:
    event = _backfill(
        status="cancelled",
        origin="dagster",
        tables=[PLAYERS, OFFENSE],
        first_date="2022-01-01",
        last_date="2022-03-31",
        planned=180,
        outcomes={"built": 100, "error": 1, "not_reached": 79},
        not_done=[{"table": PLAYERS, "date": "2022-01-05", "outcome": "error", "reason": "bad"}],
    )
    message = _composed(AlertKind.BACKFILL_FINISHED, event)
    assert message.title.endswith("was cancelled: 100 of 180 tables and dates done, 80 not done")
    assert _without_name(message).split("\n\n")[-1] == (
        f"retry with: nba-analytics backfill --only missing --tables {PLAYERS},{OFFENSE} "
        "--start 2022-01-01 --end 2022-03-31"
    )


def test_the_daily_digest_tells_repeats_silenced_suppressed_open_and_odd_silences() -> None:
    event = told_event(
        AlertKind.DAILY_DIGEST,
        table_name=None,
        subject="ledger",
        severity=Severity.INFO,
        details={
            "from": "2024-01-19T12:00:00+00:00",
            "to": "2024-01-20T12:00:00+00:00",
            "repeats": [
                {
                    "kind": "dates_failed",
                    "subject": PLAYERS,
                    "error_class": "error",
                    "repeats": 23,
                    "since": "2024-01-19",
                }
            ],
            "silenced": [{"silence_id": "s-1", "author": "Ada", "reason": "outage", "events": 3}],
            "suppressed": [{"backfill_id": "cli-1", "events": 300}],
            "inhibited": 4,
            "idle_silences": [{"silence_id": "s-2", "author": "Bob", "reason": "just in case"}],
            "unreadable_silences": [{"silence_id": "s-3", "problem": "no end time"}],
        },
    )
    message = _composed(AlertKind.DAILY_DIGEST, event)
    assert message.title == (
        "NBA analytics: daily digest: 23 repeats, 3 silenced, 300 held back by backfills, 1 unreadable silence"
    )
    assert _without_name(message).split("\n\n") == [
        "from 2024-01-19 12:00 UTC to 2024-01-20 12:00 UTC",
        f"told before, and repeated since:\n- dates_failed, {PLAYERS}, error: 23 times more since 2024-01-19 00:00 UTC",
        "silenced (nba-analytics alerts list --silenced):\n- 3 events by silence s-1 of Ada (outage)",
        "held back by backfills:\n- 300 events by backfill cli-1",
        "silences to look at (nba-analytics silence list):\n"
        "- s-3 cannot be read and silences nothing: no end time\n"
        "- silence s-2 of Bob (just in case): matched nothing yet",
        "4 missing dates not told, because the failure was",
    ]
