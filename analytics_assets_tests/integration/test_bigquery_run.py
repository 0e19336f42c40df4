"""A Dagster run on BigQuery, the warehouse opened as a user opens it: by URL, with a key in the environment."""

import base64
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg

from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.backfill.records import materialized_dates
from analytics_assets.backfill.runs import execute
from analytics_assets.definitions import build_definitions
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT
from analytics_assets.warehouse import Write
from analytics_assets.warehouse.bigquery_address import EMULATOR_VARIABLE, KEY_VARIABLE, STORAGE_EMULATOR_VARIABLE
from analytics_assets_tests.support.warehouses import three_dates

NOW = datetime(2024, 1, 13, 17, tzinfo=UTC)
DAYS = [date(2024, 1, number) for number in (10, 11, 12)]
TABLES = (TEAM_OFFENSE_GAME_SUMMARY, UPCOMING_TEAM_GAME_CONTEXT)
NAMES = [table.name for table in TABLES]
SECRET = "never-to-be-told"


def test_run_materializes_every_date_and_records_no_credential(bigquery_emulator, tmp_path: Path, monkeypatch) -> None:
    filled = three_dates(tmp_path / "nba.duckdb")
    warehouse = bigquery_emulator.warehouse("run-project", *RAW_TABLES, *TABLES)
    warehouse.commit([Write(table, filled.read(table)) for table in RAW_TABLES])
    key = base64.b64encode(f'{{"private_key": "{SECRET}"}}'.encode()).decode()
    hosts = zip((EMULATOR_VARIABLE, STORAGE_EMULATOR_VARIABLE), bigquery_emulator.hosts, strict=True)
    for variable, value in (*hosts, (KEY_VARIABLE, key), ("NBA_PARTITIONS_START", "2024-01-10")):
        monkeypatch.setenv(variable, value)
    resource = WarehouseResource(url="bigquery://run-project?location=US")
    home = tmp_path / "dagster"
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        execute(
            instance,
            PlannedRun.over(NAMES, DAYS),
            mode=RunMode.BACKFILL,
            observer=lambda result: None,
            definitions=lambda **more: build_definitions(warehouse=resource, clock=lambda: NOW, **more),
        )
        (run,) = instance.get_runs()
        assert run.status is dg.DagsterRunStatus.SUCCESS
        assert {name: sorted(days) for name, days in materialized_dates(instance, NAMES).items()} == {
            name: DAYS for name in NAMES
        }
        told = "".join(str(record.event_log_entry) for record in instance.get_records_for_run(run.run_id).records)
    assert "ASSET_MATERIALIZATION" in told
    for secret in (SECRET, key):
        assert secret not in told + str(run)
    for table in TABLES:
        assert warehouse.read(table)["game_date"].nunique() == 2
