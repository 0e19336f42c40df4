"""``status``, ``waive`` and ``unwaive`` as a user calls them: exit codes, one-line errors, repair of records."""

import json
import shutil
from functools import partial

import pytest

from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import box_rows, schedule_row
from analytics_assets_tests.support.warehouses import warehouse_with

TABLE = "player_game_summary"
SPAN = ("--start", "2024-01-10", "--end", "2024-01-12", "--tables", TABLE)


@pytest.fixture
def cli(tmp_path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["status", "--start", "2024-01-12", "--end", "2024-01-10"], "--start 2024-01-12 lies after --end 2024-01-10"),
        (["status", "--end", "2099-01-01"], "2099-01-01 is no partition"),
        (["status", "--why", "2024-13-01"], "'2024-13-01' is no date; write YYYY-MM-DD"),
        (["status", "--why", "2024-01-10", "--missing"], "--why explains one date"),
        (["status", "--why", "2024-01-10,2024-01-11"], "--why explains one date"),
        (["waive", "players", "2024-01-10", "--author", "A", "--reason", "b"], "unknown table 'players'"),
        (["waive", TABLE, "2024-01-12..2024-01-10", "--author", "A", "--reason", "b"], "lies after --end"),
        (["unwaive", TABLE, "someday"], "'someday' is no date; write YYYY-MM-DD, yesterday or today"),
        (["waive", TABLE, "2024-01-10..", "--author", "A", "--reason", "b"], "a date is missing; write YYYY-MM-DD"),
        (["waive", TABLE, "2024-01-10", "--author", "A"], "Missing option '--reason'; see nba-analytics waive --help"),
        (["plan", "--dates", "2024-01-10", "--only", "some"], "Invalid value for '--only'"),
        (["statu"], "No such command 'statu'"),
        (["materialize", TABLE, "2024-01-10,2024-01-11"], "materialize builds one date"),
    ],
)
def test_bad_usage_is_told_in_one_line_with_exit_code_2(cli, monkeypatch, capsys, arguments, message):
    finished = cli.here(monkeypatch, capsys, *arguments)
    assert finished.returncode == 2, finished
    assert message in finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1
    assert not cli.file.exists()


def test_a_gap_is_explained_waived_taken_back_and_repaired(cli, monkeypatch, capsys):
    here = partial(cli.here, monkeypatch, capsys)
    days = ("2024-01-10", "2024-01-12")
    rows = [schedule_row(f"002230000{number}", day) for number, day in enumerate(days, start=1)]
    warehouse_with(cli.file, rows, box_rows(days[0]))
    assert cli("backfill", *SPAN).returncode == 1

    explained = here("status", "--why", "2024-01-12", "--tables", TABLE)
    assert explained.returncode == 0
    assert f"{TABLE} no_raw_data (games 0/1" in explained.stdout
    assert json.loads(here("status", "--why", "2024-01-12", "--json").stdout)["schedule"]["kind"] == "game_day"

    assert here("status", *SPAN).returncode == 1
    refused = here("waive", TABLE, "2024-01-12", "--author", " ", "--reason", "lost")
    assert (refused.returncode, refused.stderr.strip()) == (2, "error: a waiver needs an author and a reason")
    assert here("waive", TABLE, "2024-01-11..2024-01-12", "--author", "Ada", "--reason", "lost").returncode == 0
    page = cli.directory / "coverage.html"
    waived = here("status", *SPAN, "--missing", "--html", str(page))
    assert waived.returncode == 0
    assert f"{TABLE} 2024-01-12 no_raw_data: waived by Ada: lost" in waived.stdout
    assert "Ada: lost" in page.read_text()
    # A waived date is not built as missing, and one that is done says so.
    assert "nothing to do" in cli("backfill", *SPAN).stdout
    assert "2024-01-11 off_day: waived by Ada: lost (done: take the waiver back)" in waived.stdout
    assert here("unwaive", TABLE, "2024-01-11,2024-01-12").returncode == 0
    assert here("status", *SPAN).returncode == 1

    # Dagster's records are lost; what is done is told to the new ones.
    shutil.rmtree(cli.directory / "dagster")
    compared = here("status", *SPAN, "--dagster")
    assert f"{TABLE}: 2 dates rows_but_not_materialized: 2024-01-10, 2024-01-11" in compared.stdout
    repaired = here("status", *SPAN, "--repair")
    assert "2 materializations of done dates were added" in repaired.stdout
    assert "rows_but_not_materialized" not in repaired.stdout
    assert json.loads(here("status", *SPAN, "--dagster", "--json").stdout)["disagreements"] == 0
