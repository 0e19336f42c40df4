"""A plan handed from the command line to a running webserver and daemon."""

import json

import dagster as dg
import pytest

from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.dagster_processes import dagster_processes
from analytics_assets_tests.support.warehouses import three_dates

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("daemon_submit")]


def test_a_submitted_plan_is_built_by_the_deployment_exactly_and_recorded_here(tmp_path):
    cli = CommandLine(tmp_path)
    three_dates(cli.file)
    # Done before, so the plan differs between the tables.
    assert cli("materialize", "player_game_summary", "2024-01-10", "--backfill-mode").returncode == 0
    with dagster_processes(tmp_path, {"NBA_DATA_DIR": str(tmp_path)}) as processes:
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
    refused = cli("backfill", "--dates", "2024-01-11", "--submit", url)
    assert refused.returncode == 2
    assert "cannot be asked" in refused.stderr
    assert "Traceback" not in refused.stderr
