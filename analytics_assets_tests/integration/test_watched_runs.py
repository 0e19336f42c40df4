"""Runs of the command line where Dagster starts containers and looks after them."""

import logging
from types import SimpleNamespace

import dagster as dg
import pytest
import yaml
from dagster._daemon.monitoring.run_monitoring import monitor_started_run
from typer.testing import CliRunner

from analytics_assets.backfill.abandoned_runs import process_tags
from analytics_assets.backfill.dagster_home import DagsterHomeError
from analytics_assets.backfill.runs import new_run_id
from analytics_assets.backfill.watched_runs import WatchedRunsError, refuse_where_runs_are_watched
from analytics_assets.cli import app
from analytics_assets_tests.support.dagster_processes import ROOT
from analytics_assets_tests.support.deployment import yaml_file
from analytics_assets_tests.support.warehouses import three_dates


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A Dagster home and a warehouse, made once because that takes longer than all the rest."""
    made = tmp_path_factory.mktemp("watched_runs")
    three_dates(made / "nba.duckdb")
    return made


@pytest.fixture
def home(directory, monkeypatch):
    """The home with the run launcher and the run monitoring of ``deploy/``, its records in SQLite."""
    deployed = yaml_file("dagster.yaml")
    kept = {name: deployed[name] for name in ("run_launcher", "run_monitoring", "telemetry")}
    (directory / "dagster.yaml").write_text(yaml.safe_dump(kept))
    monkeypatch.setenv("DAGSTER_HOME", str(directory))
    monkeypatch.setenv("NBA_DATA_DIR", str(directory))
    monkeypatch.delenv("NBA_WAREHOUSE", raising=False)
    return directory


def test_run_monitoring_fails_a_run_without_a_container_though_its_process_lives(home):
    """What makes the refusal necessary; if this ends, the refusal can go."""
    with dg.DagsterInstance.get() as instance:
        run = dg.DagsterRun("a_command", run_id=new_run_id(), status=dg.DagsterRunStatus.STARTED, tags=process_tags())
        instance.add_run(run)
        record = instance.get_run_record_by_id(run.run_id)
        monitor_started_run(instance, SimpleNamespace(), record, logging.getLogger("test"))
        assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize(
    "command",
    [
        ("backfill", "--dates", "2024-01-10"),
        ("materialize", "player_game_summary", "2024-01-10", "--backfill-mode"),
    ],
    ids=lambda command: command[0],
)
def test_a_command_refuses_before_anything_is_recorded_and_names_the_way(home, command):
    with dg.DagsterInstance.get() as instance:
        before = instance.get_runs_count()
    finished = CliRunner().invoke(app, command)
    assert isinstance(finished.exception, WatchedRunsError)
    # The command line tells errors of this kind in one line.
    assert isinstance(finished.exception, DagsterHomeError)
    assert "DockerRunLauncher" in str(finished.exception)
    assert "--submit http://HOST:3000" in str(finished.exception)
    assert not (home / "backfills").exists() or not list((home / "backfills").iterdir())
    with dg.DagsterInstance.get() as instance:
        assert instance.get_runs_count() == before


def test_the_projects_own_settings_let_commands_run(home):
    (home / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text())
    refuse_where_runs_are_watched()


def test_a_retry_can_be_handed_to_the_deployment(home, monkeypatch):
    asked = []

    def launched_and_failed(url, run, backfill_id):
        asked.append((url, {name: list(map(str, days)) for name, days in run.dates_by_table.items()}))
        return "followed"

    monkeypatch.setattr("analytics_assets.backfill.submit.submit", launched_and_failed)
    monkeypatch.setattr("analytics_assets.backfill.submit.follow", lambda *_: "COMPLETED_FAILED")
    words = ("backfill", "--dates", "2024-01-10", "--tables", "player_game_summary", "--submit", "http://first")
    assert CliRunner().invoke(app, words).exit_code == 1
    assert CliRunner().invoke(app, ("backfill", "retry", "--submit", "http://second")).exit_code == 1
    once = {"player_game_summary": ["2024-01-10"]}
    assert asked == [("http://first", once), ("http://second", once)]
    refused = CliRunner().invoke(app, ("backfill", "retry", "--submit", "http://second", "--newest-first"))
    assert refused.exit_code == 2
    assert len(asked) == 2
