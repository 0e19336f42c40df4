"""A plan handed from the command line to a running webserver and daemon, which sends one message when it has ended."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.dagster_processes import dagster_processes
from analytics_assets_tests.support.warehouses import three_dates
from analytics_assets_tests.support.web_sink import WebSink, web_sink

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("daemon_submit")]


def environment(directory: Path, sink: WebSink) -> dict[str, str]:
    return {"NBA_DATA_DIR": str(directory), "NBA_ALERT_URLS": sink.url()}


def wait_for(happened: Callable[[], bool], seconds: float = 180) -> None:
    give_up_at = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up_at, "nothing was sent"
        time.sleep(1)


def test_a_submitted_plan_is_built_by_the_deployment_exactly_and_recorded_here(tmp_path):
    cli = CommandLine(tmp_path)
    three_dates(cli.file)
    # Done before, so the plan differs between the tables.
    assert cli("materialize", "player_game_summary", "2024-01-10", "--backfill-mode").returncode == 0
    with web_sink() as sink, dagster_processes(tmp_path, environment(tmp_path, sink)) as processes:
        url = f"http://127.0.0.1:{processes.port}"
        finished = cli("backfill", "--dates", "2024-01-10,2024-01-12", "--submit", url)
        assert finished.returncode == 0, (finished, processes.log_tails())
        (record,) = [json.loads(path.read_text()) for path in (tmp_path / "backfills").glob("*.json")]
        with dg.DagsterInstance.from_config(str(processes.home)) as instance:
            runs = instance.get_runs(dg.RunsFilter(tags={"nba/backfill_id": record["backfill_id"]}))
        assert {run.tags["backfill_mode"] for run in runs} == {"true"}
        assert {entry["run_id"] for entry in record["dates"]} == {run.run_id for run in runs}
        assert record["counts"] == {"built": 9}
        wanted = {("2024-01-10", "2024-01-10"), ("2024-01-12", "2024-01-12")}
        for table in ANALYTICS_TABLES:
            found = processes.partitions(table.name)
            first = {("2024-01-10", "2024-01-10")} if table.name == "player_game_summary" else set()
            assert set(found["MATERIALIZED"]) == wanted - first
        (backfill,) = {run.tags["dagster/backfill"] for run in runs}
        wait_for(lambda: bool(sink.messages))
        assert sink.titles == [f"NBA analytics: backfill {backfill} finished: 9 of 9 tables and dates done"]
    refused = cli("backfill", "--dates", "2024-01-11", "--submit", url)
    assert refused.returncode == 2
    assert "cannot be asked" in refused.stderr
    assert "Traceback" not in refused.stderr
