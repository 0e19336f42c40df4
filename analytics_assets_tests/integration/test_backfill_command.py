"""Backfills from the command line that are interrupted, killed, doubled and continued: real processes and records."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, NBAC_GAMEBOOK_PLAYER_STATS, NBAC_TEAM_BOXSCORE
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES
from analytics_assets.warehouse import WarehouseError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import box_rows, raw_frame, roster_rows, schedule_row, team_rows
from analytics_assets_tests.support.warehouses import warehouse_with

SPAN = ("--start", "2024-01-01", "--end", "2024-01-31")
DATES = 31
GAME_DAYS = ("2024-01-01", "2024-01-05", "2024-01-12", "2024-01-20", "2024-01-31")
# Told again by every run, so no part of what a table says.
WHEN = {
    "created_at",
    "first_processed_at",
    "processed_at",
    "quality_calculated_at",
    "context_version",
    # When the summaries that a context looks back on were written.
    "source_boxscore_last_updated",
}


@pytest.fixture(scope="module")
def raw_file(tmp_path_factory) -> Path:
    """A warehouse with every raw row; its copies also say when the rows were loaded, as some columns tell it."""
    return season(tmp_path_factory.mktemp("raw"), GAME_DAYS).file


def season(directory: Path, raw_days: tuple[str, ...]) -> CommandLine:
    """A command line over 31 dates with five games, of which these days have raw rows."""
    cli = CommandLine(directory)
    schedule = [schedule_row(f"002230000{number}", day) for number, day in enumerate(GAME_DAYS, start=1)]
    warehouse = warehouse_with(cli.file, schedule)
    warehouse.merge_rows(ESPN_TEAM_ROSTERS, raw_frame(ESPN_TEAM_ROSTERS, roster_rows("2023-10-20", "BOS", "LAL")))
    load_raw_days(cli, raw_days)
    return cli


@pytest.fixture
def cli(tmp_path, raw_file) -> CommandLine:
    """A command line with all raw rows and nothing built."""
    command_line = CommandLine(tmp_path)
    shutil.copyfile(raw_file, command_line.file)
    return command_line


def load_raw_days(cli: CommandLine, days: tuple[str, ...]) -> None:
    warehouse = DuckDBWarehouse(cli.file, wait_seconds=20)
    box = [row for day in days for row in box_rows(day)]
    warehouse.merge_rows(NBAC_GAMEBOOK_PLAYER_STATS, raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, box))
    teams = [row for day in days for row in team_rows(day)]
    warehouse.merge_rows(NBAC_TEAM_BOXSCORE, raw_frame(NBAC_TEAM_BOXSCORE, teams))


def rows(cli: CommandLine) -> dict[str, pd.DataFrame]:
    warehouse = DuckDBWarehouse(cli.file, wait_seconds=20)
    return {
        table.name: warehouse.read(table)
        .drop(columns=WHEN & set(table.column_names))
        .sort_values(list(table.key), ignore_index=True)
        for table in ANALYTICS_TABLES
    }


def committed(cli: CommandLine) -> set[tuple[str, str]]:
    attempts = DuckDBWarehouse(cli.file, wait_seconds=20).read(DATE_OUTCOMES)
    done = attempts[attempts["outcome"].isin([str(outcome) for outcome in DONE_OUTCOMES])]
    return set(zip(done["table_name"], done["game_date"].dt.strftime("%Y-%m-%d"), strict=True))


def planned(document: dict) -> set[tuple[str, str]]:
    return {(entry["table"], entry["date"]) for entry in document["dates"]}


@pytest.fixture
def plan(monkeypatch, capsys) -> Callable[..., dict]:
    """Asks a command line what it would build."""

    def ask(cli: CommandLine, *more: str) -> dict:
        return json.loads(cli.here(monkeypatch, capsys, "plan", *SPAN, "--json", *more).stdout)

    return ask


def records(cli: CommandLine) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted((cli.directory / "backfills").glob("*.json"))]


def run_statuses(cli: CommandLine) -> list[str]:
    with dg.DagsterInstance.from_config(str(cli.directory / "dagster")) as instance:
        return [run.status.value for run in reversed(instance.get_runs())]


def wait_for_first_commit(cli: CommandLine, process: subprocess.Popen[str]) -> None:
    reader = DuckDBWarehouse(cli.file, wait_seconds=20)
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        try:
            if len(reader.read(DATE_OUTCOMES, ["table_name"])):
                return
        except WarehouseError:
            continue
        time.sleep(0.05)
    raise AssertionError(process.communicate(timeout=10))


@pytest.fixture(scope="module")
def clean_rows(tmp_path_factory, raw_file) -> dict[str, pd.DataFrame]:
    cli = CommandLine(tmp_path_factory.mktemp("clean"))
    shutil.copyfile(raw_file, cli.file)
    assert cli("backfill", *SPAN).returncode == 0
    return rows(cli)


def assert_same_rows(cli: CommandLine, clean: dict[str, pd.DataFrame]) -> None:
    found = rows(cli)
    for name, frame in clean.items():
        assert len(frame)
        assert_frame_equal(found[name], frame)


def test_after_a_kill_the_plan_is_what_was_not_committed_and_retry_does_exactly_that(cli, clean_rows, plan):
    process = cli.start("backfill", *SPAN)
    wait_for_first_commit(cli, process)
    process.kill()
    process.communicate()

    before = committed(cli)
    assert 0 < len(before) < DATES * 5
    everything = planned(plan(cli, "--only", "all"))
    assert len(everything) == DATES * 5
    assert planned(plan(cli)) == everything - before

    finished = cli("backfill", "retry")
    assert finished.returncode == 0, finished
    killed, continued = records(cli)
    assert killed["status"] == "running"
    assert planned(killed) == everything
    assert continued["status"] == "finished"
    assert continued["retry_of"] == killed["backfill_id"]
    assert planned(continued) == everything - before
    # The killed run was failed and its slot was freed, or the second could not have run.
    assert run_statuses(cli) == ["FAILURE", "SUCCESS"]
    assert_same_rows(cli, clean_rows)
    assert plan(cli)["planned"] == 0


def test_ctrl_c_ends_after_the_slice_and_says_how_to_go_on(cli, clean_rows):
    process = cli.start("backfill", *SPAN)
    wait_for_first_commit(cli, process)
    process.send_signal(signal.SIGINT)
    output, told = process.communicate(timeout=120)
    assert process.returncode == 1, (output, told)
    assert "press Ctrl-C again to stop at once" in told
    (record,) = records(cli)
    assert record["status"] == "stopped"
    assert f"go on with: nba-analytics backfill retry {record['backfill_id']}" in output
    before = committed(cli)
    # Whole slices: every date of a table that has any.
    assert len(before) % DATES == 0
    assert 0 < len(before) < DATES * 5
    reached = {(entry["table"], entry["date"]) for entry in record["dates"] if entry["outcome"]}
    assert reached == before
    assert run_statuses(cli) == ["CANCELED"]

    assert cli("backfill", "retry", record["backfill_id"]).returncode == 0
    assert_same_rows(cli, clean_rows)


def test_days_that_arrive_later_are_built_alone_in_one_run_weeks_after(tmp_path, plan):
    late = ("2024-01-05", "2024-01-12")
    cli = season(tmp_path, tuple(day for day in GAME_DAYS if day not in late))
    first = cli("backfill", *SPAN)
    assert first.returncode == 1
    (record,) = records(cli)
    assert f"retry with: nba-analytics backfill retry {record['backfill_id']}" in first.stdout
    lacking = {(entry["table"], entry["date"]) for entry in record["dates"] if entry["outcome"] == "no_raw_data"}
    summaries = {"player_game_summary", "team_offense_game_summary", "team_defense_game_summary"}
    assert lacking == {(name, day) for name in summaries for day in late}
    assert all(entry["run_id"] in record["runs"] for entry in record["dates"])

    document = plan(cli)
    assert planned(document) == lacking
    assert document["because"] == {name: {"no_raw_data": 2} for name in document["because"]}
    assert document["estimated_seconds"] > 0
    assert plan(cli, "--only", "failed")["planned"] == 0

    load_raw_days(cli, late)
    again = cli("backfill", "retry", "--newest-first")
    assert again.returncode == 0, again
    assert planned(records(cli)[1]) == lacking
    assert run_statuses(cli) == ["SUCCESS", "SUCCESS"]
    nothing = cli("backfill", "retry", record["backfill_id"])
    assert nothing.returncode == 0
    assert "nothing to do" in nothing.stdout
    assert len(records(cli)) == 2


def test_two_backfills_of_the_same_dates_at_the_same_time_end_with_the_rows_of_one(cli, clean_rows):
    # The records are made before, as both would create them at the same moment.
    assert cli("materialize", "player_game_summary", "2024-01-01", "--backfill-mode").returncode == 0
    both = [cli.start("backfill", *SPAN, "--only", "all") for _ in range(2)]
    for process in both:
        output, told = process.communicate(timeout=300)
        assert process.returncode == 0, (output, told)
    assert_same_rows(cli, clean_rows)
    assert len({record["backfill_id"] for record in records(cli)}) == 2


def test_dates_can_come_from_a_file_and_mistakes_are_told_in_one_line(cli, tmp_path, monkeypatch, capsys):
    listed = tmp_path / "dates.txt"
    listed.write_text("2024-01-01  # opening\n\n2024-01-31, 2024-01-05\n")
    document = json.loads(cli.here(monkeypatch, capsys, "plan", "--dates-file", str(listed), "--json").stdout)
    assert {day for _, day in planned(document)} == {"2024-01-01", "2024-01-05", "2024-01-31"}
    assert len(document["ranges"]) == 3
    listed.write_text("# none\n")
    for arguments, message in (
        (["plan", "--dates-file", str(listed)], "holds no date"),
        (["plan", "--dates-file", str(tmp_path / "absent")], "cannot be read"),
        (["plan", "--dates", "2024-01-02", *SPAN], "give either --dates or --start and --end"),
        (["backfill", "retry"], "no backfill is recorded in"),
    ):
        finished = cli.here(monkeypatch, capsys, *arguments)
        assert finished.returncode == 2, finished
        assert message in finished.stderr
        assert len(finished.stderr.strip().splitlines()) == 1
    assert DuckDBWarehouse(cli.file).read(DATE_OUTCOMES, start=date(2024, 1, 1), end=date(2024, 1, 31)).empty
