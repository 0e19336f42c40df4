"""A container engine that answers Docker's HTTP interface and starts containers as plain processes.

A container's process gets the variables that its creator states and nothing else, and starts in an empty directory, so
what a real container would miss is missed here too. Images, networks and volumes that were not made are refused.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_INTERFACE_VERSION = "1.41"


@dataclass
class Container:
    """A container that somebody asked for.

    Attributes:
        specification: The request, as Docker's interface words it.
        log: File that its process writes to.
        process: The process, once started.
    """

    specification: Mapping[str, Any]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables that its creator stated."""
        return dict(entry.split("=", maxsplit=1) for entry in self.specification["Env"])

    @property
    def state(self) -> dict[str, Any]:
        """State as ``docker inspect`` tells it."""
        if self.process is None:
            return {"Status": "created", "ExitCode": 0}
        code = self.process.poll()
        return {"Status": "running" if code is None else "exited", "ExitCode": code or 0}


@dataclass
class ContainerEngine:
    """The engine.

    Attributes:
        directory: Holds the containers' working directory and logs.
        image_environment: Variables that images set, by name of the image.
        networks: Networks there are.
        volumes: Named volumes there are.
        containers: Containers by id.
        url: Value of ``DOCKER_HOST``.
    """

    directory: Path
    image_environment: Mapping[str, Mapping[str, str]]
    networks: Set[str]
    volumes: Set[str]
    containers: dict[str, Container] = field(default_factory=dict)
    url: str = ""

    def create(self, specification: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer to a request for a container."""
        if specification["Image"] not in self.image_environment:
            return 404, {"message": f"No such image: {specification['Image']}"}
        host = specification["HostConfig"]
        sources = {bind.split(":")[0] for bind in host.get("Binds") or ()}
        unknown = ({host["NetworkMode"]} - self.networks) | (sources - self.volumes)
        if unknown:
            return 400, {"message": f"no such network or volume: {sorted(unknown)}"}
        identity = f"{len(self.containers):064x}"
        self.containers[identity] = Container(specification, self.directory / f"container_{len(self.containers)}.log")
        return 201, {"Id": identity, "Warnings": []}

    def start(self, container: Container) -> None:
        """Start the container's process."""
        programs = Path(sys.executable).parent
        program, *arguments = container.specification["Cmd"]
        environment = {"PATH": f"{programs}:/usr/bin:/bin", **self.image_environment[container.specification["Image"]]}
        inside = self.directory / "inside"
        inside.mkdir(exist_ok=True)
        with container.log.open("wb") as output:
            container.process = subprocess.Popen(
                [str(programs / program), *arguments],
                env=environment | container.environment,
                cwd=inside,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def idle(self, image: str) -> str:
        """Start a container that does nothing until it is stopped, and give its id."""
        command = ["python", "-c", "import time; time.sleep(600)"]
        network = {"NetworkMode": next(iter(self.networks))}
        _, answer = self.create({"Image": image, "Cmd": command, "Env": [], "HostConfig": network})
        self.start(self.containers[answer["Id"]])
        return answer["Id"]

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Stop all containers."""
        for container in self.containers.values():
            if container.process is not None:
                with suppress(ProcessLookupError):
                    os.killpg(container.process.pid, number)
                container.process.wait(timeout=20)

    def logs(self) -> str:
        """What the containers wrote."""
        return "\n".join(
            f"--- {container.log.name}\n{container.log.read_text()[-4000:]}" for container in self.containers.values()
        )


@contextmanager
def container_engine(
    directory: Path, image_environment: Mapping[str, Mapping[str, str]], networks: Set[str], volumes: Set[str]
) -> Iterator[ContainerEngine]:
    """Run an engine in a thread of this process."""
    directory.mkdir()
    engine = ContainerEngine(directory, image_environment, networks, volumes)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"engine": engine}))
    engine.url = f"tcp://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield engine
    finally:
        engine.stop(signal.SIGKILL)
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    engine: ContainerEngine

    def do_GET(self) -> None:
        """Version of the interface, or one container."""
        if self.path.endswith("/version"):
            self._answer(200, {"ApiVersion": _INTERFACE_VERSION, "MinAPIVersion": "1.24", "Version": "20.10"})
        elif (container := self._named()) is not None:
            name = container.log.stem
            self._answer(200, {"Id": self.path.split("/")[-2], "Name": name, "State": container.state})
        else:
            self._answer(404, {"message": f"No such container: {self.path}"})

    def do_POST(self) -> None:
        """Create, start or stop a container."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        container = self._named()
        if self.path.split("?")[0].endswith("/containers/create"):
            self._answer(*self.engine.create(json.loads(body)))
        elif container is not None and self.path.endswith("/start"):
            self.engine.start(container)
            self._answer(204)
        elif container is not None and "/stop" in self.path and container.process is not None:
            container.process.terminate()
            self._answer(204)
        else:
            self._answer(404, {"message": f"not known here: {self.path}"})

    def log_message(self, *_: object) -> None:
        """Keep the test's output free of a line for every request."""

    def _named(self) -> Container | None:
        parts = self.path.split("/")
        return self.engine.containers.get(parts[3]) if len(parts) > 3 else None

    def _answer(self, status: int, document: Mapping[str, Any] | None = None) -> None:
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
