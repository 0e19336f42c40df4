"""Asking a public service without being a burden: one request at a time, spaced, retried with growing pauses.

How to use it: make one :class:`PoliteClient` per service and call :meth:`PoliteClient.get_json` for each address. It
waits between requests, tries again what can pass by itself (too many requests, errors of the server, dropped
connections, answers cut short, pages in place of data) and in the end raises one :class:`FetchError`, whose message is
a single line without secrets. Tests pass their own ``sleep`` and ``now``, so that nothing waits.
"""

import contextlib
import json
import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import requests

from analytics_assets.alerts.redaction import Redactor

_THROTTLED = 429
_REFUSED = {401, 402, 403, 407, 451}
_FIRST_SERVER_ERROR = 500


class FetchError(RuntimeError):
    """A request that gave nothing usable; the message is one line: the source, the address, what was seen, what to do.

    Attributes:
        stops_run: Whether further requests to the service are pointless for now.
        status: Status that was answered, if that was the trouble.
    """

    def __init__(self, message: str, *, stops_run: bool = False, status: int | None = None) -> None:
        super().__init__(" ".join(message.split()))
        self.stops_run, self.status = stops_run, status


class UnexpectedAnswerError(FetchError):
    """An answer that is no answer to the question: without rows, of something else, or of a changed shape."""


@dataclass(frozen=True)
class Pace:
    """How fast to ask and how long to insist.

    Attributes:
        interval: Least seconds between the starts of two requests.
        jitter: Share by which each pause is lengthened at random, so that requests keep no beat.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds to wait for the next bytes.
        attempts: How often one address is asked before giving up.
        first_pause: Seconds before the second attempt; every further pause is twice as long.
        longest_pause: Bound of these pauses in seconds.
        longest_wait: Seconds that a service may ask us to wait (``Retry-After``) before we rather give up.
    """

    interval: float = 1.0
    jitter: float = 0.25
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    attempts: int = 6
    first_pause: float = 2.0
    longest_pause: float = 60.0
    longest_wait: float = 300.0

    def seconds_for(self, requests_to_send: int) -> float:
        """Least time that so many requests take, without retries."""
        return requests_to_send * self.interval * (1 + self.jitter / 2)


class _PassingError(Exception):
    """What one attempt saw, if it may be different the next time."""

    def __init__(self, seen: str, wait: float | None = None) -> None:
        super().__init__(seen)
        self.seen, self.wait = seen, wait


class PoliteClient:
    """Sends GET requests to one service."""

    def __init__(
        self,
        source: str,
        pace: Pace | None = None,
        *,
        secrets: Iterable[str] = (),
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        uniform: Callable[[float, float], float] = random.uniform,
        content_problem: Callable[[bytes], str | None] | None = None,
    ) -> None:
        """Ask the service called ``source`` in messages.

        Args:
            source: Name of the service for messages.
            pace: How fast to ask and how long to insist.
            secrets: Keys that must show in no message and no log.
            session: Connection pool; one of its own by default.
            sleep: Waits so many seconds.
            now: The present moment, with a time zone.
            uniform: A random number between two bounds.
            content_problem: Tells what is wrong with an answer's content, None if nothing is; what is wrong is asked
                again. By default the content must be JSON.
        """
        self.source, self.pace = source, pace or Pace()
        self.requests_sent = 0
        self.last_headers: Mapping[str, str] = {}
        self._session = session or requests.Session()
        self._sleep, self._now, self._uniform = sleep, now, uniform
        self._content_problem = content_problem or json_problem
        self._redact = Redactor(secrets)
        self._next_start: datetime | None = None

    def get_json(self, url: str, params: Any = None, headers: Mapping[str, str] | None = None, **others: Any) -> Any:
        """The value that the address answers as JSON; what the answer's headers said is in ``last_headers``.

        Raises:
            FetchError: Nothing usable came, however often it was asked.
        """
        return json.loads(self.get(url, params=params, headers=headers, **others).content)

    def get(
        self,
        url: str,
        params: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """A whole answer with status 200.

        Args:
            url: Address without its query.
            params: Query, as ``requests`` takes it.
            headers: Headers of the request.
            timeout: Seconds to wait for the next bytes; the pace's by default.
            proxies: Proxies, as ``requests`` takes them.

        Raises:
            FetchError: Nothing usable came, however often it was asked.
        """
        prepared = requests.Request("GET", url, params=params).prepare()
        shown = self._redact(str(prepared.url))
        others = {"headers": dict(headers or {}), "proxies": proxies, "timeout": timeout}
        for attempt in range(1, self.pace.attempts + 1):
            try:
                response = self._attempt(str(prepared.url), shown, others)
                problem = self._content_problem(response.content)
                if problem is not None:
                    raise _PassingError(self._redact(problem))
            except _PassingError as error:
                if attempt == self.pace.attempts:
                    self._give_up(shown, attempt, error.seen)
                self._pause(shown, attempt, error)
            else:
                # JSON is UTF-8; guessing from the bytes would spoil names with few accents.
                response.encoding = "utf-8"
                return response
        raise AssertionError("a pace needs at least one attempt")

    def _attempt(self, url: str, shown: str, others: dict[str, Any]) -> requests.Response:
        self._wait_for_turn()
        self.requests_sent += 1
        timeout = (self.pace.connect_timeout, others["timeout"] or self.pace.read_timeout)
        try:
            with self._secretless_logs():
                response = self._session.get(
                    url, headers=others["headers"], proxies=others["proxies"], timeout=timeout, allow_redirects=True
                )
        except requests.Timeout:
            raise _PassingError("no answer in time") from None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise _PassingError("an answer cut short") from None
        except requests.ConnectionError:
            # Never the text of the error: it holds the whole address.
            raise _PassingError("no connection, or a dropped one") from None
        except requests.RequestException as error:
            raise FetchError(
                f"{self.source}: {shown} cannot be asked ({type(error).__name__}); check the address", stops_run=True
            ) from None
        self.last_headers = response.headers
        self._judge_status(response, shown)
        return response

    def _judge_status(self, response: requests.Response, shown: str) -> None:
        status = response.status_code
        if status == requests.codes.ok:
            return
        if status == _THROTTLED or status >= _FIRST_SERVER_ERROR:
            wait = self._retry_after(response.headers.get("Retry-After"))
            if wait is not None and wait > self.pace.longest_wait:
                raise FetchError(
                    f"{self.source}: {shown} answered status {status} and asks to wait {wait:,.0f} seconds; "
                    "run the same command again after that, what is stored is not asked again",
                    stops_run=True,
                )
            raise _PassingError(f"status {status}", wait)
        if status in _REFUSED:
            raise FetchError(
                f"{self.source}: {shown} answered status {status}, it refuses us; check the key and what it may ask, "
                "or whether the service blocks this network",
                stops_run=True,
                status=status,
            )
        raise FetchError(
            f"{self.source}: {shown} answered status {status}; it holds nothing for this question", status=status
        )

    def _retry_after(self, stated: str | None) -> float | None:
        """Seconds that the service asks to wait, stated as a number or as an HTTP date; None if it states neither."""
        if stated is None:
            return None
        if stated.strip().isdigit():
            return float(stated)
        try:
            moment = parsedate_to_datetime(stated)
        except (TypeError, ValueError):
            return None
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self._now()).total_seconds())

    def _wait_for_turn(self) -> None:
        if self._next_start is not None:
            left = (self._next_start - self._now()).total_seconds()
            # Bounded, because a clock may be set back.
            if left > 0:
                self._sleep(min(left, self.pace.interval * (1 + self.pace.jitter)))
        pause = self.pace.interval * (1 + self._uniform(0.0, self.pace.jitter))
        self._next_start = datetime.fromtimestamp(self._now().timestamp() + pause, UTC)

    def _pause(self, shown: str, attempt: int, error: _PassingError) -> None:
        grown = min(self.pace.longest_pause, self.pace.first_pause * 2 ** (attempt - 1))
        seconds = (error.wait if error.wait is not None else grown) + grown * self._uniform(0.0, 0.5)
        logging.getLogger(__name__).info("%s: %s: %s; again in %.0f s", self.source, shown, error.seen, seconds)
        self._sleep(seconds)

    def _give_up(self, shown: str, attempts: int, seen: str) -> NoReturn:
        raise FetchError(
            f"{self.source}: gave up on {shown} after {attempts} attempts, seen last: {seen}; "
            "run the same command again later, what is stored is not asked again"
        ) from None

    @contextlib.contextmanager
    def _secretless_logs(self) -> Iterator[None]:
        """While a request runs, urllib3 writes no address with a key into a log."""
        logger = logging.getLogger("urllib3.connectionpool")

        def masked(record: logging.LogRecord) -> bool:
            record.msg, record.args = self._redact(record.getMessage()), ()
            return True

        logger.addFilter(masked)
        try:
            yield
        finally:
            logger.removeFilter(masked)


def json_problem(content: bytes) -> str | None:
    """What is wrong with content that should be JSON; None if nothing is."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not start:
        return "an empty answer"
    if start == b"<":
        return "a web page in place of data"
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return f"broken JSON of {len(content):,} bytes"
    return None
