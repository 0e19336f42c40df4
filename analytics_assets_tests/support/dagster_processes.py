"""The real webserver and daemon in a Dagster home of their own, and the requests that Dagit sends to them."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import grpc

ROOT = Path(__file__).resolve().parents[2]
LOCATION = {"repositoryLocationName": "analytics_assets.definitions", "repositoryName": "__repository__"}
# A loaded machine starts processes slowly.
PATIENCE_SECONDS = 300

_LAUNCH_BACKFILL = """
mutation LaunchPartitionBackfill($backfillParams: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $backfillParams) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
    ... on PartitionSetNotFoundError { message }
  }
}
"""
LAUNCH_RUN = """
mutation LaunchPipelineExecution($executionParams: ExecutionParams!) {
  launchPipelineExecution(executionParams: $executionParams) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""
REEXECUTE = """
mutation LaunchRunReexecution($reexecutionParams: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $reexecutionParams) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
_LOCATIONS = """
{
  workspaceOrError {
    ... on Workspace { locationEntries { name locationOrLoadError { __typename ... on PythonError { message } } } }
  }
}
"""
_PARTITIONS = """
query Partitions($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) {
    ... on AssetNode {
      assetPartitionStatuses { ... on TimePartitionStatuses { ranges { status startKey endKey } } }
    }
  }
}
"""


@dataclass
class DagsterProcesses:
    """A running webserver and daemon.

    Attributes:
        home: Their Dagster home.
        port: Port of the webserver on the loopback address.
        logs: Files that the processes write to.
        started: The processes.
    """

    home: Path
    port: int
    logs: Sequence[Path]
    started: Sequence[subprocess.Popen[bytes]]

    def graphql(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Answer of the webserver; errors raise with the processes' logs."""
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = json.load(answer)
        except urllib.error.HTTPError as error:
            # The webserver says what is wrong in the body, which urllib leaves unread.
            raise AssertionError(f"{error}: {error.read().decode()}\n{self.log_tails()}") from error
        assert "errors" not in content, f"{content['errors']}\n{self.log_tails()}"
        return content["data"]

    def launch_backfill(
        self,
        assets: Sequence[str],
        *,
        partition_names: Sequence[str] | None = None,
        ranges: Mapping[str, tuple[str, str]] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Launch a partition backfill as Dagit does: by partition names, or by ranges for each asset."""
        parameters: dict[str, Any] = {"tags": _tags(tags or {})}
        if partition_names is not None:
            parameters |= {
                "assetSelection": [{"path": [name]} for name in assets],
                "partitionNames": list(partition_names),
            }
        else:
            assert ranges is not None
            parameters["partitionsByAssets"] = [
                {"assetKey": {"path": [name]}, "partitions": {"ranges": [{"start": start, "end": end}]}}
                for name, (start, end) in ranges.items()
            ]
        launched = self.graphql(_LAUNCH_BACKFILL, {"backfillParams": parameters})["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", f"{launched}\n{self.log_tails()}"
        return launched["backfillId"]

    def launch_one_date(
        self, asset: str, day: str, *, job: str = "__ASSET_JOB", tags: Mapping[str, str] | None = None
    ) -> str:
        """Launch one partition as Dagit does for a single date: a plain run of the asset's job."""
        selector = {**LOCATION, "pipelineName": job, "assetSelection": [{"path": [asset]}], "assetCheckSelection": []}
        parameters = {
            "selector": selector,
            "mode": "default",
            "runConfigData": {},
            "executionMetadata": {"tags": _tags({"dagster/partition": day, **(tags or {})})},
        }
        launched = self.graphql(LAUNCH_RUN, {"executionParams": parameters})["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", f"{launched}\n{self.log_tails()}"
        return launched["run"]["runId"]

    def reexecute(self, run_id: str) -> str:
        """Run all steps of a finished run again, as "Re-execute all" on a run's page does."""
        parameters = {"parentRunId": run_id, "strategy": "ALL_STEPS"}
        launched = self.graphql(REEXECUTE, {"reexecutionParams": parameters})["launchRunReexecution"]
        assert launched["__typename"] == "LaunchRunSuccess", f"{launched}\n{self.log_tails()}"
        return launched["run"]["runId"]

    def wait_for_backfill(self, backfill_id: str) -> str:
        """Final status of a backfill."""
        query = (
            "query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
        )

        def status() -> str | None:
            found = self.graphql(query, {"id": backfill_id})["partitionBackfillOrError"]["status"]
            return None if found in ("REQUESTED", "CANCELING", "FAILING") else found

        return self._wait(status, f"backfill {backfill_id}")

    def wait_for_run(self, run_id: str) -> str:
        """Final status of a run."""
        query = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"

        def status() -> str | None:
            found = self.graphql(query, {"id": run_id})["runOrError"]["status"]
            return found if found in ("SUCCESS", "FAILURE", "CANCELED") else None

        return self._wait(status, f"run {run_id}")

    def partitions(self, asset: str) -> dict[str, list[tuple[str, str]]]:
        """Ranges of partitions by status, as the asset's page shows them; missing ones are absent."""
        node = self.graphql(_PARTITIONS, {"key": {"path": [asset]}})["assetNodeOrError"]
        found: dict[str, list[tuple[str, str]]] = {}
        for part in node["assetPartitionStatuses"]["ranges"]:
            found.setdefault(part["status"], []).append((part["startKey"], part["endKey"]))
        return found

    def log_tails(self) -> str:
        """The last lines of both processes."""
        return "\n".join(f"--- {path.name}\n" + "\n".join(path.read_text().splitlines()[-40:]) for path in self.logs)

    def assert_alive(self) -> None:
        """Fail at once, with the logs, when one of the processes has ended."""
        assert all(process.poll() is None for process in self.started), f"a process ended\n{self.log_tails()}"

    def _wait(self, ask: Callable[[], str | None], what: str) -> str:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            self.assert_alive()
            answer = ask()
            if answer is not None:
                return answer
            time.sleep(1)
        raise AssertionError(f"{what} did not end within {PATIENCE_SECONDS} s\n{self.log_tails()}")


@contextmanager
def dagster_processes(
    directory: Path,
    environment: Mapping[str, str],
    *,
    settings: Path = ROOT / "dagster.yaml",
    workspace: Path = ROOT / "workspace.yaml",
    code_server: Sequence[str] = (),
) -> Iterator[DagsterProcesses]:
    """Start webserver and daemon; stop them in any case.

    Args:
        directory: Holds their Dagster home and their logs.
        environment: Variables that they get beside the inherited ones; of ours and of Dagster's none is inherited.
        settings: Instance settings, by default the project's own.
        workspace: Code locations, by default the project's own.
        code_server: Module and arguments, ``-p`` among them, of a code server that the workspace names; by default
            there is none.
    """
    home = directory / "dagster_home"
    home.mkdir()
    shutil.copyfile(settings, home / "dagster.yaml")
    # Several processes that create the SQLite files of a fresh home at the same time can leave two migration heads,
    # and then no code location loads. Created here first, they find them finished.
    with patch.dict(os.environ, environment), dg.DagsterInstance.from_config(str(home)):
        pass
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("NBA_", "DAGSTER_"))}
    everything = {**inherited, **environment, "DAGSTER_HOME": str(home)}
    port = free_port()
    where = ["-w", str(workspace)]
    commands: dict[str, Sequence[str]] = {"code": ["-m", *code_server]} if code_server else {}
    commands |= {
        "webserver": ["-m", "dagster_webserver", *where, "-h", "127.0.0.1", "-p", str(port)],
        "daemon": ["-m", "analytics_assets_tests.support.quick_daemon", "run", *where],
    }
    started: list[subprocess.Popen[bytes]] = []
    logs = []
    try:
        for name, arguments in commands.items():
            log = directory / f"{name}.log"
            logs.append(log)
            with log.open("wb") as output:
                command = [sys.executable, *arguments]
                # A session of its own, so that code servers and run workers go down with their parent.
                process = subprocess.Popen(
                    command, env=everything, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
                )
            started.append(process)
            if name == "code":
                # The webserver looks for it once, at its own start.
                _wait_until_it_serves(process, arguments[arguments.index("-p") + 1], log)
        processes = DagsterProcesses(home, port, logs, started)
        _wait_until_it_answers(processes)
        yield processes
    finally:
        _stop(started)


def _wait_until_it_serves(process: subprocess.Popen[bytes], port: str, log: Path) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        ready = grpc.channel_ready_future(channel)
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while process.poll() is None and time.monotonic() < give_up_at:
            with suppress(grpc.FutureTimeoutError):
                return ready.result(timeout=1)
        raise AssertionError(f"the code server did not start\n{log.read_text()}")


def _wait_until_it_answers(processes: DagsterProcesses) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        processes.assert_alive()
        try:
            entries = processes.graphql(_LOCATIONS)["workspaceOrError"]["locationEntries"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
            continue
        loaded = [entry["locationOrLoadError"] for entry in entries]
        problems = [entry["message"] for entry in loaded if entry and entry["__typename"] == "PythonError"]
        assert not problems, f"the code location did not load: {problems}\n{processes.log_tails()}"
        if loaded and all(loaded):
            return
        time.sleep(0.5)
    raise AssertionError(f"the webserver did not answer\n{processes.log_tails()}")


def _stop(started: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all of them first, so that they end side by side, then kill what is left of their process groups."""
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in started:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
