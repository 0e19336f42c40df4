"""The deployment's own settings on a real PostgreSQL server: a five-table backfill, its container, and the sensors.

Code server, webserver and daemon are the commands of ``deploy/compose.yaml`` as processes; runs are started by the
deployment's container run launcher.
"""

import logging
import os
import socket
import time
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from unittest.mock import patch

import dagster as dg
import pandas as pd
import pytest
import yaml
from dagster._daemon.monitoring.run_monitoring import monitor_started_run

from analytics_assets.assets.analytics_tables import WAREHOUSE_POOL
from analytics_assets.assets.coverage_asset import coverage_after_backfills
from analytics_assets.backfill.abandoned_runs import HOST_TAG, PROCESS_TAG, fail_abandoned_runs
from analytics_assets.backfill.records import materialized_dates, report_missing_materializations
from analytics_assets.backfill.runs import new_run_id
from analytics_assets.coverage.grid import ROWS_BUT_NOT_MATERIALIZED
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.container_engine import Container, ContainerEngine, container_engine
from analytics_assets_tests.support.dagster_processes import DagsterProcesses, dagster_processes, free_port
from analytics_assets_tests.support.deployment import DEPLOY, compose, image_environment, yaml_file
from analytics_assets_tests.support.postgres import PostgresServer, postgres_server
from analytics_assets_tests.support.warehouses import three_dates

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("postgres_storage")]

TABLES = [table.name for table in ANALYTICS_TABLES]
DATES = ["2024-01-10", "2024-01-11", "2024-01-12"]
IMAGE = "nba-analytics:tested"
_SENSORS = """
query Sensors($selector: RepositorySelector!) {
  sensorsOrError(repositorySelector: $selector) {
    ... on Sensors { results { name sensorState { status ticks(limit: 5) { status } } } }
  }
}
"""


@dataclass(frozen=True)
class Deployment:
    """The running deployment, after a backfill of five tables and three dates has ended.

    Attributes:
        server: Where Dagster's records are.
        instance: The deployment's instance.
        engine: What started the runs' containers.
        dagit: The processes.
        warehouse: What the runs wrote to.
        backfill_id: Dagster's id of the backfill.
        backfill_status: Its final status.
    """

    server: PostgresServer
    instance: dg.DagsterInstance
    engine: ContainerEngine
    dagit: DagsterProcesses
    warehouse: DuckDBWarehouse
    backfill_id: str
    backfill_status: str

    @property
    def run(self) -> dg.DagsterRun:
        """The one run of the backfill."""
        (run,) = self.instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": self.backfill_id}))
        return run

    @property
    def container(self) -> Container:
        """The container of that run."""
        return self.engine.containers[self.run.tags["docker/container_id"]]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    directory = tmp_path_factory.mktemp("deployment")
    warehouse = three_dates(directory / "league.duckdb")
    with postgres_server() as server:
        server.execute("CREATE DATABASE dagster", (DEPLOY / "create_ops_database.sql").read_text())
        stated = {
            "POSTGRES_USER": server.user,
            "POSTGRES_PASSWORD": server.password,
            "NBA_OPS_DB": server.url("nba_ops"),
            "NBA_WAREHOUSE": f"duckdb:///{directory / 'league.duckdb'}",
            "NBA_PARTITIONS_START": DATES[0],
            "NBA_IMAGE": IMAGE,
            "DOCKER_GROUP": "0",
        }
        composed = compose(stated)
        service = composed["services"]["code"]
        # What differs between containers that have names of their own and processes of one machine.
        here = {
            "DAGSTER_POSTGRES_HOST": server.host,
            "DAGSTER_POSTGRES_PORT": str(server.port),
            "DAGSTER_COMPUTE_LOGS": str(directory / "compute_logs"),
        }
        networks = {network["name"] for network in composed["networks"].values()}
        volumes = {volume["name"] for volume in composed["volumes"].values()}
        image = image_environment() | {
            "DAGSTER_HOME": str(directory / "dagster_home"),
            "NBA_DATA_DIR": str(directory),
        }
        image.pop("PATH")
        with container_engine(directory / "engine", {IMAGE: image}, networks, volumes) as engine:
            environment = image | service["environment"] | here | {"DOCKER_HOST": engine.url}
            with patch.dict(os.environ, environment):
                yield from _deployed(directory, server, environment, engine, warehouse, service["command"])


def _deployed(directory, server, environment, engine, warehouse, command):
    port = str(free_port())
    workspace = yaml_file("workspace.yaml")
    workspace["load_from"][0]["grpc_server"] |= {"host": "127.0.0.1", "port": int(port)}
    (directory / "workspace.yaml").write_text(yaml.safe_dump(workspace))
    renamed = {"0.0.0.0": "127.0.0.1", "4000": port}
    with (
        dagster_processes(
            directory,
            environment,
            settings=DEPLOY / "dagster.yaml",
            workspace=directory / "workspace.yaml",
            code_server=[renamed.get(word, word) for word in command],
        ) as dagit,
        dg.DagsterInstance.from_config(str(dagit.home)) as instance,
    ):
        backfill = dagit.launch_backfill(TABLES, partition_names=DATES)
        status = dagit.wait_for_backfill(backfill)
        yield Deployment(server, instance, engine, dagit, warehouse, backfill, status)


@pytest.fixture(scope="module")
def without_daemon(deployment):
    """An instance in a database of its own, where the daemon does not get to a run first."""
    deployment.server.execute("CREATE DATABASE without_daemon")
    with (
        patch.dict(os.environ, DAGSTER_POSTGRES_DB="without_daemon"),
        dg.DagsterInstance.from_config(str(deployment.dagit.home)) as instance,
    ):
        yield instance


def test_a_five_table_backfill_is_one_tagged_run_in_a_container_of_its_own(deployment):
    assert deployment.backfill_status == "COMPLETED_SUCCESS", deployment.engine.logs() + deployment.dagit.log_tails()
    run = deployment.run
    assert (run.status, run.tags["backfill_mode"]) == (dg.DagsterRunStatus.SUCCESS, "true")
    assert deployment.container.specification["Image"] == IMAGE
    outcomes = deployment.warehouse.read(DATE_OUTCOMES)
    assert set(outcomes["run_id"]) == {run.run_id}
    assert outcomes["outcome"].value_counts().to_dict() == {"built": 10, "off_day": 5}
    for name in TABLES:
        assert deployment.dagit.partitions(name) == {"MATERIALIZED": [(DATES[0], DATES[-1])]}


def test_all_records_are_in_postgres_and_none_of_them_holds_the_password(deployment):
    written = {path.name for path in deployment.dagit.home.rglob("*") if path.suffix == ".db"}
    assert written == set()
    run = deployment.run.run_id
    tables = [
        (schema, name)
        for schema, name in deployment.server.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema = 'public'",
            database="dagster",
        )
    ]
    assert ("public", "event_logs") in tables
    (events,) = deployment.server.execute(
        f"SELECT count(*) FROM event_logs WHERE run_id = '{run}' AND dagster_event_type = 'ASSET_MATERIALIZATION'",
        database="dagster",
    )
    assert events == (len(TABLES) * len(DATES),)
    secret = deployment.server.password
    for _, name in tables:
        (found,) = deployment.server.execute(
            f"SELECT count(*) FROM {name} AS row WHERE row::text LIKE '%{secret}%'", database="dagster"
        )
        assert found == (0,), name
    assert secret not in " ".join(deployment.container.specification["Cmd"])
    assert secret not in deployment.engine.logs() + "".join(path.read_text() for path in deployment.dagit.logs)


def test_the_run_of_a_dead_process_is_failed_and_its_slot_freed(without_daemon):
    instance = without_daemon
    instance.event_log_storage.initialize_concurrency_limit_to_default(WAREHOUSE_POOL)
    dead, alive = new_run_id(), new_run_id()
    # Process ids end long before the first one.
    for run_id, process in ((dead, 2**30), (alive, os.getpid())):
        tags = {HOST_TAG: socket.gethostname(), PROCESS_TAG: str(process)}
        run = dg.DagsterRun("a_command", run_id=run_id, status=dg.DagsterRunStatus.STARTED, tags=tags)
        instance.add_run(run)
        claimed = instance.event_log_storage.claim_concurrency_slot(WAREHOUSE_POOL, run_id, "analytics_tables")
        assert claimed.is_claimed
    assert fail_abandoned_runs(instance) == [dead]
    assert instance.get_run_by_id(dead).status == dg.DagsterRunStatus.FAILURE
    assert instance.event_log_storage.get_concurrency_info(WAREHOUSE_POOL).active_run_ids == {alive}


def test_run_monitoring_fails_the_run_of_a_container_that_ended_and_leaves_a_living_one(deployment, without_daemon):
    ended = deployment.run.tags["docker/container_id"]
    alive = deployment.engine.idle(IMAGE)
    instance = without_daemon
    for container, expected in ((ended, dg.DagsterRunStatus.FAILURE), (alive, dg.DagsterRunStatus.STARTED)):
        run_id, tags = new_run_id(), {"docker/container_id": container}
        instance.add_run(dg.DagsterRun("job", run_id=run_id, status=dg.DagsterRunStatus.STARTED, tags=tags))
        record = instance.get_run_record_by_id(run_id)
        monitor_started_run(instance, SimpleNamespace(), record, logging.getLogger("test"))
        assert instance.get_run_by_id(run_id).status == expected


def test_every_sensor_ticks_and_none_fails(deployment):
    selector = {"repositoryLocationName": "nba-analytics", "repositoryName": "__repository__"}
    # The daemon looks at one sensor after the other.
    give_up_at = time.monotonic() + 30
    while True:
        found = deployment.dagit.graphql(_SENSORS, {"selector": selector})["sensorsOrError"]["results"]
        ticks = {
            sensor["name"]: {tick["status"] for tick in sensor["sensorState"]["ticks"]} - {"STARTED"}
            for sensor in found
            if sensor["sensorState"]["status"] == "RUNNING"
        }
        if all(ticks.values()) or time.monotonic() > give_up_at:
            break
        time.sleep(0.5)
    assert {"abandoned_runs", "coverage_after_backfills"} <= set(ticks)
    assert all(statuses and statuses <= {"SKIPPED", "SUCCESS"} for statuses in ticks.values()), ticks


def test_coverage_is_asked_for_once_after_the_backfill(deployment):
    context = dg.build_sensor_context(instance=deployment.instance)
    asked = coverage_after_backfills(context)
    assert isinstance(asked, dg.RunRequest)
    assert asked.run_key == deployment.run.run_id
    again = coverage_after_backfills(dg.build_sensor_context(instance=deployment.instance, cursor=context.cursor))
    assert isinstance(again, dg.SkipReason)


def test_records_tell_the_dates_from_postgres_and_add_what_lacks(deployment, without_daemon):
    shown = materialized_dates(deployment.instance, TABLES)
    assert {name: sorted(day.isoformat() for day in days) for name, days in shown.items()} == dict.fromkeys(
        TABLES, DATES
    )
    lacking = {
        "table_name": TABLES[0],
        "game_date": pd.Timestamp(DATES[0]),
        "disagreement": ROWS_BUT_NOT_MATERIALIZED,
        "state": "built",
        "actual_rows": 10,
        "actual_games": 1,
        "run_id": deployment.run.run_id,
    }
    assert materialized_dates(without_daemon, [TABLES[0]]) == {TABLES[0]: set()}
    assert report_missing_materializations(without_daemon, pd.DataFrame([lacking])) == 1
    assert materialized_dates(without_daemon, [TABLES[0]]) == {TABLES[0]: {date.fromisoformat(DATES[0])}}
