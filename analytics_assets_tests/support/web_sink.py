"""A local receiver of messages in place of Slack: it keeps what was posted, and refuses when told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class WebSink:
    """What was received, and how the next requests are answered.

    Attributes:
        messages: Accepted messages in order, with ``title`` and ``message``.
        refused: Number of requests that were refused.
        status: Answer to requests; only those from 200 to 299 accept a message.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.messages: list[dict[str, Any]] = []
        self.refused = 0
        self.status = 200

    def url(self, token: str = "in") -> str:
        """The address for apprise; the token is in its path."""
        return f"json://127.0.0.1:{self.port}/{token}"

    @property
    def titles(self) -> list[str]:
        """Titles of the accepted messages."""
        return [message["title"] for message in self.messages]


@contextmanager
def web_sink() -> Iterator[WebSink]:
    """Start a receiver on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if 200 <= sink.status < 300:
                sink.messages.append(json.loads(body))
            else:
                sink.refused += 1
            self.send_response(sink.status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink = WebSink(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
