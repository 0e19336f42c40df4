"""A local HTTP server in place of a public service: answers from literals, and misbehaves when told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = "<!DOCTYPE html><html><body>Access Denied</body></html>"


class Clock:
    """A clock that only moves when somebody sleeps, and remembers the naps."""

    def __init__(self, start: datetime = datetime(2024, 1, 15, 12, tzinfo=UTC)) -> None:
        self.moment, self.naps = start, []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.naps.append(round(seconds, 3))
        self.moment += timedelta(seconds=seconds)


class AnswerServer:
    """What the server answers and what it was asked.

    Attributes:
        url: Its address.
        asked: Endpoint and parameters of every request, in order.
        headers: Headers of the last request.
        faults: What the next requests meet instead of an answer, first first: ``drop``, ``cut`` (within the body),
            ``truncate`` (a shorter body), ``page``, ``empty``, a status, or a status with the value of ``Retry-After``.
        answers: Gives the value for an endpoint and its parameters; None is status 404.
        paths: The whole path of every request, in order.
        further_headers: Headers of every answer besides the usual ones.
    """

    def __init__(self, answers: Callable[[str, dict[str, str]], Any]) -> None:
        self.answers, self.faults, self.asked = answers, [], []
        self.headers: dict[str, str] = {}
        self.further_headers: dict[str, str] = {}
        self.paths: list[str] = []
        self.url = ""

    def count(self, endpoint: str) -> int:
        """How often an endpoint was asked."""
        return sum(asked == endpoint for asked, _ in self.asked)


class _Handler(BaseHTTPRequestHandler):
    script: AnswerServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        endpoint = parts.path.rpartition("/")[2]
        self.script.asked.append((endpoint, parameters))
        self.script.paths.append(parts.path)
        self.script.headers = dict(self.headers)
        fault = self.script.faults.pop(0) if self.script.faults else None
        if fault == "drop":
            self.close_connection = True
        elif fault == "page":
            self._send(200, PAGE.encode(), "text/html")
        elif fault == "empty":
            self._send(200, b"")
        elif isinstance(fault, tuple):
            self._send(fault[0], b"", retry_after=fault[1])
        elif isinstance(fault, int):
            self._send(fault, PAGE.encode(), "text/html")
        else:
            self._answer(fault, endpoint, parameters)

    def _answer(self, fault: Any, endpoint: str, parameters: dict[str, str]) -> None:
        value = self.script.answers(endpoint, parameters)
        content = json.dumps(value, ensure_ascii=False).encode()
        status, half = 404 if value is None else 200, content[: len(content) // 2]
        if fault == "truncate":
            self._send(status, half)
        elif fault == "cut":
            self._send(status, half, promised=len(content))
            self.close_connection = True
        else:
            self._send(status, content)

    def _send(
        self,
        status: int,
        content: bytes,
        kind: str = "application/json",
        retry_after: str = "",
        promised: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) if promised is None else promised))
        for name, value in self.script.further_headers.items():
            self.send_header(name, value)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def answer_server(answers: Callable[[str, dict[str, str]], Any]) -> Iterator[AnswerServer]:
    """A server on a free port of this machine until the end of the block."""
    server = AnswerServer(answers)
    web = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"script": server}))
    server.url = f"http://127.0.0.1:{web.server_address[1]}"
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        web.shutdown()
        web.server_close()
        thread.join()
