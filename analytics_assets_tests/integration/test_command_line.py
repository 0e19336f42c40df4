"""The command line as a user calls it: real processes, exit codes, messages, the shared Dagster records."""

import json
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime

import dagster as dg
import pytest

from analytics_assets import cli_arguments
from analytics_assets.cli_arguments import stated_dates
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import box_rows, schedule_row, team_rows
from analytics_assets_tests.support.warehouses import three_dates, warehouse_with


@pytest.fixture
def cli(tmp_path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["backfill", "--start", "2024-1-5x", "--end", "2024-01-06"], "'2024-1-5x' is no date; write YYYY-MM-DD"),
        (
            ["backfill", "--start", "2024-01-06", "--end", "2024-01-05"],
            "--start 2024-01-06 lies after --end 2024-01-05",
        ),
        (["backfill", "--start", "2024-01-06"], "give --start and --end, or --dates"),
        (["backfill", "--dates", "2019-01-01"], "2019-01-01 is no partition; partitions reach from 2021-10-19"),
        (["backfill", "--dates", "2099-01-01"], "2099-01-01 is no partition"),
        (
            ["backfill", "--dates", "2024-01-01", "--tables", "players"],
            "unknown table 'players'; known are player_game_summary",
        ),
        (["materialize", "team_summary", "2024-01-01"], "unknown table 'team_summary'"),
        (["materialize", "player_game_summary", "Friday"], "'Friday' is no date"),
        (["verify", "--start", "01/02/2024"], "'01/02/2024' is no date"),
        (["raw", "load", "espn", "x.csv"], "unknown source 'espn'; known are nba-com, odds-api, injury-report"),
        (["raw", "load", "nba-com", "nowhere.parquet"], "nowhere.parquet"),
    ],
)
def test_bad_usage_is_told_in_one_line_with_exit_code_2_and_leaves_nothing_behind(
    cli, monkeypatch, capsys, arguments, message
):
    finished = cli.here(monkeypatch, capsys, *arguments)
    assert finished.returncode == 2, finished
    assert message in finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1
    assert not cli.file.exists()


def test_yesterday_and_today_are_dates_of_us_eastern_time(monkeypatch):
    # Half past three in the morning of the twelfth in London, the evening of the eleventh in New York.
    monkeypatch.setattr(cli_arguments, "now", lambda: datetime(2024, 1, 12, 3, 30, tzinfo=UTC))
    assert stated_dates("2024-01-09", "yesterday", None) == [date(2024, 1, 9), date(2024, 1, 10)]
    assert stated_dates(None, None, "today,yesterday") == [date(2024, 1, 10), date(2024, 1, 11)]


def test_missing_warehouse_directory_is_named(cli):
    finished = cli("status", NBA_WAREHOUSE=f"duckdb:///{cli.directory}/absent/nba.duckdb")
    assert finished.returncode == 2
    assert f"directory {cli.directory}/absent" in finished.stderr
    assert "create it first" in finished.stderr


def test_locked_warehouse_names_the_process_that_holds_it(cli):
    three_dates(cli.file)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
                import duckdb
                connection = duckdb.connect({str(cli.file)!r})
                print("open", flush=True)
                input()
            """),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        finished = cli("status", NBA_WAREHOUSE=f"duckdb:///{cli.file}?wait_seconds=0.5")
    finally:
        holder.communicate("\n")
    assert finished.returncode == 2
    assert f"process {holder.pid}" in finished.stderr
    assert "close that session" in finished.stderr


def test_backfill_builds_what_is_missing_once_and_dagit_sees_it(cli):
    warehouse = three_dates(cli.file)
    span = ("--start", "2024-01-10", "--end", "2024-01-12")

    planned = cli("backfill", *span, "--dry-run")
    assert planned.returncode == 0
    assert "15 of 15 tables and dates would be built in 1 run (no estimate" in planned.stdout
    assert warehouse.read(DATE_OUTCOMES).empty
    assert cli("status", *span).returncode == 1

    built = cli("backfill", *span)
    assert built.returncode == 0, built
    rows = warehouse.read(PLAYER_GAME_SUMMARY)
    assert len(rows) == 24

    document = json.loads(cli("status", *span, "--json").stdout)
    assert document["missing"] == 0
    assert len(document["tables"]) == 5
    assert all(found["outcomes"] == {"built": 2, "off_day": 1} for found in document["tables"].values())
    assert document["schedule"] == {"2023-24": ["cup_final", "play_in", "playoffs", "regular"]}

    again = cli("backfill", *span)
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    assert warehouse.read(PLAYER_GAME_SUMMARY).equals(rows)

    profile = json.loads(cli("verify", "--json").stdout)["player_game_summary"]
    expected = {"first_date": "2024-01-10", "last_date": "2024-01-12", "rows": 24, "dates": 2, "duplicate_keys": 0}
    assert profile == expected

    with dg.DagsterInstance.from_config(str(cli.directory / "dagster")) as instance:
        (run,) = instance.get_runs()
        assert run.tags["backfill_mode"] == "true"
        assert run.tags["nba/process"]
        for name in document["tables"]:
            partitions = instance.get_materialized_partitions(dg.AssetKey(name))
            assert partitions == {"2024-01-10", "2024-01-11", "2024-01-12"}


def test_backfill_lists_every_date_that_is_not_done_with_its_reason(cli):
    days = ("2024-01-10", "2024-01-12")
    schedule = [schedule_row(f"002230000{number}", day) for number, day in enumerate(days, start=1)]
    warehouse_with(cli.file, schedule, box_rows(days[0]), team_rows(days[0]))
    finished = cli("backfill", "--dates", "2024-01-12,2024-01-10")
    assert finished.returncode == 1
    assert "player_game_summary 2024-01-12 no_raw_data: 1 games were played (20240112_BOS_LAL" in finished.stdout
    listed = cli("status", "--start", "2024-01-10", "--end", "2024-01-12", "--missing")
    assert listed.returncode == 1
    assert "player_game_summary 2024-01-12 no_raw_data" in listed.stdout
    # Nobody built the day between, on which the schedule proves that there was no game: that is no gap.
    assert "2024-01-11" not in listed.stdout
    assert "without games, never recorded" in listed.stdout


def test_an_old_single_date_needs_backfill_mode(cli):
    warehouse = three_dates(cli.file)
    live = cli("materialize", "player_game_summary", "2024-01-10")
    assert live.returncode == 1
    assert "too_old" in live.stdout
    assert "backfill_mode=true" in live.stdout
    assert warehouse.read(PLAYER_GAME_SUMMARY).empty
    backfilled = cli("materialize", "player_game_summary", "2024-01-10", "--backfill-mode")
    assert backfilled.returncode == 0, backfilled
    assert "built (12 rows, 1 games)" in backfilled.stdout
    off_day = cli("materialize", "player_game_summary", "2024-01-11")
    assert off_day.returncode == 0
    assert "off_day (0 rows, 0 games)" in off_day.stdout


def test_demo_fills_every_raw_table_and_refuses_to_mix_with_real_data(cli):
    assert cli("demo").returncode == 0
    assert cli("backfill", "--start", "2021-10-19", "--end", "2021-10-25").returncode == 0
    rows = DuckDBWarehouse(cli.file).read(PLAYER_GAME_SUMMARY, start=date(2021, 10, 19), end=date(2021, 10, 25))
    assert len(rows) > 500
    results = cli.directory / "results.csv"
    results.write_text(
        "GAME_ID,GAME_DATE,hometeamName,homeScore,season_type,awayteamName,awayScore\n"
        "0022300001,2023-10-24,Denver Nuggets,119,Regular Season,Los Angeles Lakers,107\n"
    )
    mixed = cli("raw", "load", "nba-com", str(results))
    assert mixed.returncode == 2
    assert "holds the demo league; use another warehouse" in mixed.stderr
