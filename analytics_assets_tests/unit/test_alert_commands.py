"""``silence add``, ``list``, ``expire`` and ``alerts list`` on an ops database of their own."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from analytics_assets import cli_alerts
from analytics_assets.alerts.events import AlertKind
from analytics_assets.alerts.ledger import Ledger
from analytics_assets.alerts.ops_database import SILENCES, open_ops_database
from analytics_assets.cli import app
from analytics_assets_tests.support.told_events import PLAYERS, failed_date

NOON = datetime(2024, 1, 20, 12, tzinfo=UTC)
BY = ("--author", "Ada", "--reason", "the source reloads")


class Commands:
    """Calls commands at a moment that the test states."""

    def __init__(self, monkeypatch, directory) -> None:
        monkeypatch.setenv("NBA_DATA_DIR", str(directory))
        monkeypatch.delenv("NBA_OPS_DB", raising=False)
        monkeypatch.setattr(cli_alerts, "now", lambda: self.now)
        self.now = NOON

    def __call__(self, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == code, result.output
        return result.output

    def silences(self) -> list[tuple[str, str]]:
        """Name and state of each."""
        return [(row["silence_id"], row["state"]) for row in json.loads(self("silence", "list", "--json"))]


@pytest.fixture
def commands(monkeypatch, tmp_path) -> Commands:
    return Commands(monkeypatch, tmp_path)


def ledger() -> Ledger:
    return Ledger(open_ops_database())


def test_a_silence_is_shown_first_without_a_write_then_added_and_ended(commands):
    ledger().record([failed_date(f"2024-01-{day}") for day in (10, 11, 14)], [], now=NOON, sinks=["log"])
    arguments = ("silence", "add", "--table", PLAYERS, "--dates", "2024-01-10..2024-01-12", "--until", "12h", *BY)
    shown = commands(*arguments, "--dry-run")
    assert "2 of 3 events that last would match" in shown
    assert "2024-01-11" in shown
    assert "2024-01-14" not in shown
    assert "no silences" in commands("silence", "list")

    assert f"{PLAYERS} 2024-01-10..2024-01-12 until 2024-01-21 00:00" in commands(*arguments)
    ((name, state),) = commands.silences()
    assert state == "active"
    for hours, later in ((11, "active"), (12, "expired")):
        commands.now = NOON + timedelta(hours=hours)
        assert commands.silences() == [(name, later)]
    commands.now = NOON + timedelta(hours=2)
    assert f"{name} is over" in commands("silence", "expire", name)
    assert commands.silences() == [(name, "expired")]


def test_the_list_tells_pending_idle_and_unreadable_silences_apart(commands):
    commands("silence", "add", "--kind", "run_failed", "--until", "2w", *BY)
    commands.now = NOON + timedelta(minutes=1)
    pending = ("--severity", "warning", "--from", "2024-01-22T12:00", "--until", "2024-01-23T12:00+00:00")
    assert "(pending) holds back warning from 2024-01-22 12:00" in commands("silence", "add", *pending, *BY)
    with open_ops_database().begin() as connection:
        connection.execute(insert(SILENCES).values(id="s-bad", ends_at="[soon]", author="A", reason="b", matches=0))
    commands.now = NOON + timedelta(days=1)
    assert [state for _, state in commands.silences()] == ["pending", "idle", "unreadable"]
    assert "s-bad" in commands("silence", "list")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--until", "3d"], "at least one of --kind, --table, --dates, --severity"),
        (["--kind", "run_failed", "--until", "15d"], "needs --long"),
        (["--kind", "run_failed", "--until", "tomorrow"], "--until 'tomorrow' is no time"),
        (["--kind", "run_failed", "--until", "2024-01-20T11:59"], "is not after its start"),
        (["--kind", "run_failed", "--until", "999999w"], "is no time"),
        (["--table", "players", "--until", "3d"], "unknown table 'players'"),
        (["--dates", "2024-01-12..2024-01-10", "--until", "3d"], "2024-01-12 lies after 2024-01-10"),
        (["--dates", "..", "--until", "3d"], "--dates needs a date"),
        (["--dates", "2024-1-x", "--until", "3d"], "'2024-1-x' is no date"),
        (["--kind", "run_failed", "--until", "3d", "--dry-run", "--author", " "], "needs --author and --reason"),
    ],
)
def test_a_silence_that_makes_no_sense_is_told_in_one_line_with_exit_code_2(commands, arguments, message):
    shown = commands("silence", "add", *BY, *arguments, code=2)
    assert message in shown
    assert len(shown.strip().splitlines()) == 1
    assert commands.silences() == []


def test_an_end_an_author_and_a_known_kind_are_required(commands):
    for arguments in (("--until", "3d"), BY, ("--until", "3d", *BY, "--kind", "everything")):
        commands("silence", "add", *arguments, code=2)
    assert "needs --long" not in commands("silence", "add", "--kind", "run_failed", "--until", "15d", "--long", *BY)
    assert "no silence 's-0'" in commands("silence", "expire", "s-0", code=2)


def test_alerts_are_listed_with_what_became_of_them(commands):
    suppressed = [
        failed_date(f"2024-01-{day}", in_backfill_mode=True, backfill_id="b1", happened_at=NOON - timedelta(days=day))
        for day in (10, 11)
    ]
    ledger().record([*suppressed, failed_date("2024-01-12", text="[bold]KeyError")], [], now=NOON, sinks=["log"])
    shown = commands("alerts", "list")
    assert "suppressed_by_backfill (b1)" in shown
    assert "[bold]KeyError" in shown
    held = json.loads(commands("alerts", "list", "--silenced", "--json"))
    assert [row["game_date"] for row in held] == ["2024-01-10", "2024-01-11"]
    recent = json.loads(commands("alerts", "list", "--silenced", "--since", "10d", "--json"))
    assert [row["game_date"] for row in recent] == ["2024-01-10"]
    assert "no alerts" in commands("alerts", "list", "--kind", AlertKind.RUN_FAILED)
    assert "--since 'once' is no time" in commands("alerts", "list", "--since", "once", code=2)


def test_a_database_that_cannot_be_opened_is_told_in_one_line_without_its_password(commands, monkeypatch):
    monkeypatch.setenv("NBA_OPS_DB", "postgresql+psycopg2://nba:hidden@127.0.0.1:1/ops")
    shown = commands("silence", "list", code=2)
    assert "cannot be opened" in shown
    assert "hidden" not in shown
