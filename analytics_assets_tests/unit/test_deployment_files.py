"""The files of ``deploy/`` fit each other, and Dagster and its launchers accept what they say."""

import importlib.util
import os
import re
import sys
import tomllib
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import dagster as dg
import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.ref import InstanceRef
from dagster._core.launcher import RunLauncher
from dagster._core.run_coordinator import RunCoordinator
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.launcher import K8sRunLauncher
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config
from typer.testing import CliRunner

from analytics_assets.cli import app
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.run_coordinator import BackfillTaggingRunCoordinator
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES, QUARANTINED_ROWS, WAIVERS
from analytics_assets.warehouse import bigquery_errors
from analytics_assets_tests.support.dagster_processes import ROOT
from analytics_assets_tests.support.deployment import (
    DEPLOY,
    UnsetVariableError,
    compose,
    image_environment,
    yaml_file,
)

STATED = {
    "POSTGRES_USER": "somebody",
    "POSTGRES_PASSWORD": "of-somebody",
    "NBA_OPS_DB": "postgresql+psycopg2://somebody:of-somebody@postgres:5432/nba_ops",
    "NBA_WAREHOUSE": "bigquery://some-project?location=US",
    "DOCKER_GROUP": "999",
}
# Variables that hold, or may hold, a secret.
SECRETS = ("POSTGRES_PASSWORD", "NBA_OPS_DB", "NBA_BIGQUERY_KEY", "NBA_ALERT_URLS", "ODDS_API_KEY")
# Variables without which nothing is amiss.
OPTIONAL = ("NBA_PLAYER_ALIASES", "NBA_RAW_SOURCES", "NBA_COM_URL")
COMPOSED = compose(STATED)
OURS = {name: service for name, service in COMPOSED["services"].items() if name != "postgres"}
LAUNCHER = yaml_file("dagster.yaml")["run_launcher"]["config"]
HELM = yaml_file("helm-values.yaml")
HELM_LAUNCHER = HELM["runLauncher"]["config"]["k8sRunLauncher"]
(HELM_CODE,) = HELM["dagster-user-deployments"]["deployments"]


def _instance(directory: Path, settings: dict) -> InstanceRef:
    """Dagster's reading of instance settings; raises where it does not accept them."""
    (directory / "dagster.yaml").write_text(yaml.safe_dump(settings))
    return InstanceRef.from_dir(str(directory))


def test_dagster_accepts_the_instance_settings_with_the_variables_of_compose(tmp_path):
    with patch.dict(os.environ, OURS["daemon"]["environment"]):
        found = _instance(tmp_path, yaml_file("dagster.yaml"))
        stored = process_config(
            resolve_to_config_type(DagsterPostgresStorage.config_type()), found.storage_data.config_dict
        )
        assert stored.success, stored.errors
        assert pg_url_from_config(stored.value) == "postgresql+psycopg2://somebody:of-somebody@postgres:5432/dagster"
        coordinator = found.run_coordinator_data.rehydrate(as_type=RunCoordinator)
        assert isinstance(coordinator, BackfillTaggingRunCoordinator)
        launcher = found.run_launcher_data.rehydrate(as_type=RunLauncher)
        assert (launcher.networks, launcher.supports_check_run_worker_health) == (["nba-analytics"], True)
        assert found.compute_logs_data.config_dict == {"base_dir": {"env": "DAGSTER_COMPUTE_LOGS"}}
    assert found.settings["run_monitoring"]["enabled"] is True
    assert found.settings["concurrency"]["pools"]["granularity"] == "op"


def test_a_misspelt_setting_would_be_told(tmp_path):
    settings = yaml_file("dagster.yaml")
    settings["run_monitoring"]["poll_intervall_seconds"] = 60
    with pytest.raises(dg.DagsterInvalidConfigError, match="poll_intervall_seconds"):
        _instance(tmp_path, settings)


def test_every_variable_that_settings_and_runs_need_is_set_in_every_container():
    needed = set(re.findall(r"env: (\w+)", (DEPLOY / "dagster.yaml").read_text()))
    assert needed <= set(LAUNCHER["env_vars"])
    for name, service in OURS.items():
        assert set(LAUNCHER["env_vars"]) <= set(service["environment"]), name


def test_every_variable_that_the_project_reads_reaches_the_code_server():
    read = {
        name
        for path in (ROOT / "analytics_assets").rglob("*.py")
        for name in re.findall(r"\bNBA_[A-Z_]+", path.read_text())
    }
    assert "NBA_WAREHOUSE" in read
    given = set(OURS["code"]["environment"]) | set(image_environment())
    assert read <= given, f"deploy/compose.yaml and deploy/example.env lack {sorted(read - given)}"


def test_no_secret_is_written_down_and_none_that_is_needed_may_be_empty():
    raw = yaml_file("compose.yaml")
    values = [
        (key, value)
        for service in raw["services"].values()
        for key, value in service["environment"].items()
        if any(word in key for word in ("PASSWORD", "KEY", "OPS_DB", "URLS", "SECRET", "TOKEN"))
    ]
    assert {re.match(r"\$\{(\w+)", value)[1] for _, value in values} == set(SECRETS)
    # From the environment alone: without a default, or with an empty one.
    assert all(re.fullmatch(r"\$\{\w+:(\?[^}]+|-)\}", value) for _, value in values), values
    for name in ("POSTGRES_PASSWORD", "NBA_OPS_DB", "NBA_WAREHOUSE", "DOCKER_GROUP"):
        with pytest.raises(UnsetVariableError, match=name):
            compose({key: value for key, value in STATED.items() if key != name})
    for path in filter(Path.is_file, DEPLOY.iterdir()):
        assert not re.search(r"://[^\s:/]+:[^\s@]*[a-z0-9][^\s@]*@", path.read_text()), path.name


def test_the_example_names_exactly_the_variables_of_compose_and_fills_in_no_secret():
    lines = [line for line in (DEPLOY / "example.env").read_text().splitlines() if line and not line.startswith("#")]
    example = dict(line.split("=", maxsplit=1) for line in lines)
    used = re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text())
    assert set(example) == set(used)
    empty = {name for name, value in example.items() if not value}
    assert empty == {*SECRETS, *OPTIONAL, "NBA_WAREHOUSE", "DOCKER_GROUP"}
    # What the example states is what holds without it.
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]+)\}", (DEPLOY / "compose.yaml").read_text()))
    assert {name: value for name, value in example.items() if value} == defaults
    assert "/deploy/.env" in (ROOT / ".gitignore").read_text().splitlines()


def test_services_are_reached_only_on_this_machine_and_only_two_hold_the_docker_engine():
    published = [port for service in COMPOSED["services"].values() for port in service.get("ports", ())]
    assert published == ["127.0.0.1:3000:3000"]
    sockets = {name for name, service in OURS.items() if any("docker.sock" in v for v in service["volumes"])}
    assert sockets == {name for name, service in OURS.items() if "group_add" in service} == {"webserver", "daemon"}


def test_without_a_deployment_dagit_listens_on_this_machine_only(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    started = []
    monkeypatch.setattr("analytics_assets.cli.subprocess.call", lambda command, env: started.append(command) or 0)
    with patch("dagster.DagsterInstance.get"):
        assert CliRunner().invoke(app, ["dev"]).exit_code == 0
    ((*_, option, address),) = started
    assert (option, address) == ("-h", "127.0.0.1")


def test_commands_modules_and_addresses_exist():
    home = image_environment()["DAGSTER_HOME"]
    programs = Path(sys.executable).parent
    for name, service in OURS.items():
        command = service["command"]
        for words in (command, service.get("healthcheck", {}).get("test", ["CMD", *command])[1:]):
            assert (programs / words[0]).is_file(), name
        for module in (after for word, after in pairwise(command) if word == "-m"):
            assert importlib.util.find_spec(module) is not None
        if "-w" in command:
            assert command[command.index("-w") + 1] == f"{home}/workspace.yaml"
    (location,) = yaml_file("workspace.yaml")["load_from"]
    server = location["grpc_server"]
    code = OURS[server["host"]]["command"]
    assert str(server["port"]) == code[code.index("-p") + 1]
    assert OURS["webserver"]["ports"][0].endswith(":" + OURS["webserver"]["command"][4])
    assert OURS["daemon"]["environment"]["DAGSTER_POSTGRES_HOST"] in COMPOSED["services"]
    assert (DEPLOY / "create_ops_database.sql").is_file()
    assert "CREATE DATABASE nba_ops" in (DEPLOY / "create_ops_database.sql").read_text()


def test_runs_use_the_image_network_and_volume_of_the_services():
    image = OURS["code"]["environment"]["DAGSTER_CURRENT_IMAGE"]
    assert {service["image"] for service in OURS.values()} == {image}
    assert LAUNCHER["network"] in {network["name"] for network in COMPOSED["networks"].values()}
    (mounted,) = LAUNCHER["container_kwargs"]["volumes"]
    volume, place = mounted.split(":")
    assert volume == COMPOSED["volumes"]["data"]["name"]
    for service in OURS.values():
        assert f"data:{place}" in service["volumes"]
    assert OURS["code"]["environment"]["DAGSTER_COMPUTE_LOGS"].startswith(f"{place}/")
    assert image_environment()["NBA_DATA_DIR"] == place


def test_the_image_is_built_from_files_that_are_there_and_nothing_else():
    text = (DEPLOY / "Dockerfile").read_text()
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for word in line.split()[:-1]
        if not word.startswith("--")
    }
    allowed = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert copied == allowed
    assert all((ROOT / path).exists() for path in copied)
    (extras,) = re.findall(r'pip install [^"]*"\.\[([a-z,]+)\]"', text)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    # By number, so that Kubernetes can check runAsNonRoot.
    assert re.search(r"^USER (\d+):\1$", text, re.MULTILINE)[1] == str(_pod_security(HELM_CODE)["runAsUser"])


def _pod_security(values: dict) -> dict:
    return values["podSecurityContext"]


def test_dagster_accepts_the_instance_settings_that_the_chart_makes_of_the_values(tmp_path):
    daemon = HELM["dagsterDaemon"]
    coordinator = daemon["runCoordinator"]
    assert (coordinator["enabled"], coordinator["type"]) == (True, "CustomRunCoordinator")
    found = _instance(
        tmp_path,
        {
            "run_coordinator": coordinator["config"]["customRunCoordinator"],
            "run_monitoring": _snake(daemon["runMonitoring"]),
            "run_retries": _snake(daemon["runRetries"]),
            "retention": {name: _snake(HELM["retention"][name]) for name in ("schedule", "sensor")},
            "telemetry": HELM["telemetry"],
            **HELM["additionalInstanceConfig"],
        },
    )
    assert isinstance(found.run_coordinator_data.rehydrate(as_type=RunCoordinator), BackfillTaggingRunCoordinator)
    assert found.settings["concurrency"]["pools"] == {"granularity": "op", "default_limit": 4}
    # The driver that the image has; the password comes from the secret.
    assert (
        HELM["postgresql"]["postgresqlScheme"]
        == yaml_file("dagster.yaml")["storage"]["postgres"]["postgres_db"]["scheme"]
    )
    assert "postgresqlPassword" not in HELM["postgresql"]


def test_every_pod_has_our_image_and_no_privileges():
    pods = [HELM["dagsterWebserver"], HELM["dagsterDaemon"], HELM_CODE]
    assert all(pod["image"] == HELM_CODE["image"] for pod in pods)
    assert all(_pod_security(pod)["runAsNonRoot"] for pod in pods)
    assert all(pod["securityContext"]["allowPrivilegeEscalation"] is False for pod in pods)
    # Code and runs reach BigQuery and may do nothing in the cluster; webserver and daemon the other way round.
    code = HELM["dagster-user-deployments"]
    assert code["serviceAccount"]["name"] != HELM["serviceAccount"]["name"]
    assert (code["rbacEnabled"], "annotations" in HELM["serviceAccount"]) == (False, False)
    assert "serviceAccountName" not in HELM["global"]
    assert "ingress" not in HELM
    assert HELM["dagsterWebserver"]["service"]["type"] == "ClusterIP"
    module = HELM_CODE["dagsterApiGrpcArgs"][HELM_CODE["dagsterApiGrpcArgs"].index("-m") + 1]
    assert importlib.util.find_spec(module) is not None


def test_a_kubernetes_run_has_resources_of_its_own_which_one_run_can_change():
    launcher = _kubernetes_launcher()
    usual = K8sContainerContext.create_for_run(dg.DagsterRun("job"), launcher, include_run_tags=True)
    container = usual.run_k8s_config.container_config
    assert container["resources"] == HELM_LAUNCHER["resources"] != HELM_CODE["resources"]
    assert HELM_CODE["includeConfigInLaunchedRuns"]["enabled"] is False
    sources = [next(iter(source.values()))["name"] for source in container["env_from"]]
    assert sources == ["nba-analytics", "nba-analytics"]
    assert HELM_CODE["envConfigMaps"] == HELM_LAUNCHER["envConfigMaps"]
    assert HELM_CODE["envSecrets"] == HELM_LAUNCHER["envSecrets"]
    assert usual.run_k8s_config.pod_spec_config["security_context"]["run_as_non_root"] is True
    code_account = HELM["dagster-user-deployments"]["serviceAccount"]["name"]
    assert usual.run_k8s_config.pod_spec_config["service_account_name"] == code_account
    larger = '{"container_config": {"resources": {"limits": {"memory": "12Gi"}}}}'
    one = K8sContainerContext.create_for_run(
        dg.DagsterRun("job", tags={"dagster-k8s/config": larger}), launcher, include_run_tags=True
    )
    assert one.run_k8s_config.container_config["resources"]["limits"]["memory"] == "12Gi"


def _kubernetes_launcher() -> K8sRunLauncher:
    """The run launcher as the chart's template words it, accepted by its own configuration schema."""
    given = HELM_LAUNCHER
    config = {
        "job_namespace": "default",
        "dagster_home": "/opt/dagster/dagster_home",
        "instance_config_map": "nba-analytics-instance",
        "postgres_password_secret": HELM["global"]["postgresqlSecretName"],
        "service_account_name": HELM["serviceAccount"]["name"],
        "image_pull_policy": given["imagePullPolicy"],
        "env_config_maps": [source["name"] for source in given["envConfigMaps"]],
        "env_secrets": [source["name"] for source in given["envSecrets"]],
        "resources": given["resources"],
        "security_context": given["securityContext"],
        "run_k8s_config": _snake(given["runK8sConfig"]),
    }
    # Nothing that the values say is forgotten here.
    said = {"imagePullPolicy", "envConfigMaps", "envSecrets", "resources", "securityContext", "runK8sConfig"}
    assert set(given) == said
    accepted = process_config(resolve_to_config_type(K8sRunLauncher.config_type()), config)
    assert accepted.success, accepted.errors
    with patch("dagster_k8s.launcher.load_kubernetes_config"):
        return K8sRunLauncher.from_config_value(None, accepted.value)


def _snake(values: dict) -> dict:
    return {_snake_word(name): value for name, value in values.items()}


def _snake_word(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_the_guide_names_every_data_set_and_every_role_that_the_warehouse_may_ask_for():
    guide = (ROOT / "docs" / "deployment.md").read_text()
    table = guide[guide.index("### Who may do what") : guide.index("gcloud projects add-iam-policy-binding")]
    datasets = {table.dataset for table in (*RAW_TABLES, *ANALYTICS_TABLES, DATE_OUTCOMES, QUARANTINED_ROWS, WAIVERS)}
    assert datasets == set(re.findall(r"`(nba_[a-z]+)`", table))
    # The data sets are created by hand before, so no account may create one.
    roles = {role for role, _ in bigquery_errors._ROLES.values()} - {"roles/bigquery.user"}
    assert roles == set(re.findall(r"`(roles/bigquery\.\w+)`", table))
