"""The project as Dagster loads it: no definition changes by accident, and an empty environment suffices."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml

from analytics_assets.definitions import build_definitions

ROOT = Path(__file__).resolve().parents[2]


def _asset(spec: dg.AssetSpec) -> dict[str, object]:
    # The coverage asset alone is no table.
    schema = spec.metadata.get("dagster/column_schema", dg.TableSchema(columns=[]))
    return {
        "dependencies": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
        "description": spec.description,
        "group": spec.group_name,
        "code_version": spec.code_version,
        "partitions": str(spec.partitions_def) if spec.partitions_def else None,
        "skippable": spec.skippable,
        "table": spec.metadata.get("dagster/table_name"),
        "columns": [f"{column.name} {column.type}" for column in schema.columns],
    }


def test_definitions_are_those_of_the_snapshot(snapshot):
    definitions = build_definitions(environment={})
    repository = definitions.get_repository_def()
    found = {
        "assets": {spec.key.to_user_string(): _asset(spec) for spec in definitions.resolve_all_asset_specs()},
        "checks": sorted(key.to_user_string() for key in repository.asset_graph.asset_check_keys),
        "jobs": {job.name: dict(job.tags) for job in repository.get_all_jobs() if not job.name.startswith("__")},
        "sensors": {sensor.name: str(sensor.default_status) for sensor in repository.sensor_defs},
    }
    assert found == snapshot


@pytest.mark.parametrize(
    ("variable", "first"), [({}, "2021-10-19"), ({"NBA_PARTITIONS_START": "2003-10-28"}, "2003-10-28")]
)
def test_partitions_start_where_the_environment_says(variable, first):
    (definition,) = {
        spec.partitions_def
        for spec in build_definitions(environment=variable).resolve_all_asset_specs()
        if spec.partitions_def is not None
    }
    assert definition.get_first_partition_key() == first


def test_project_loads_without_any_environment():
    command = [sys.executable, "-c", "import analytics_assets.definitions as d; d.defs.get_repository_def()"]
    finished = subprocess.run(
        command, env={"PATH": os.environ["PATH"]}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr


def test_workspace_and_instance_name_what_exists():
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())
    assert workspace == {"load_from": [{"python_module": "analytics_assets.definitions"}]}
    settings = yaml.safe_load((ROOT / "dagster.yaml").read_text())
    assert settings["telemetry"] == {"enabled": False}
    coordinator = settings["run_coordinator"]
    module = __import__(coordinator["module"], fromlist=[coordinator["class"]])
    assert issubclass(getattr(module, coordinator["class"]), dg.QueuedRunCoordinator)
    assert "max_concurrent_runs" not in coordinator["config"]
    assert settings["concurrency"]["pools"] == {"granularity": "op", "default_limit": 1}
