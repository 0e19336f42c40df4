"""Where messages go: Slack, mail or any webhook through ``apprise``, or the log. Knows URLs and keeps their secrets.

What a message says is decided in ``messages``; what is sent when, in ``outbox``.
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Protocol

from analytics_assets.alerts.events import AlertKind, Severity
from analytics_assets.alerts.redaction import (
    ALERT_URLS_VARIABLE,
    Redactor,
    address_of,
    secrets_of_delivery_url,
)

_LOGGER = logging.getLogger(__name__)
# Loggers of libraries that write addresses with their tokens.
_TALKATIVE = (
    "apprise",
    "urllib3.connectionpool",
    "requests_oauthlib.oauth1_session",
    "requests_oauthlib.oauth2_session",
)
_SENDING = ContextVar("sending_an_alert", default=False)

_SECONDS_TO_SEND, _SECONDS_TO_ANSWER = 45.0, 20.0
_ROOM_FOR_PARTS = 1500
_REASON_AT_MOST = 300
_LOG_LEVELS = {Severity.ERROR: logging.ERROR, Severity.WARNING: logging.WARNING, Severity.INFO: logging.INFO}
_APPRISE_TYPES = {Severity.ERROR: "failure", Severity.WARNING: "warning", Severity.INFO: "info"}


class SinkError(Exception):
    """A message was not accepted; the text holds no secret.

    Attributes:
        maybe_sent: Whether it could have arrived all the same.
    """

    def __init__(self, reason: str, *, maybe_sent: bool = False) -> None:
        """Say why in words for a reader."""
        super().__init__(reason)
        self.maybe_sent = maybe_sent


class Sink(Protocol):
    """Something that takes messages."""

    @property
    def name(self) -> str:
        """Names it in the ledger and in errors; the same for the same address, and without secrets."""
        ...

    def send(self, title: str, body: str, severity: Severity) -> None:
        """Hand over one message.

        Raises:
            SinkError: It was not accepted.
        """
        ...


class LogSink:
    """The log of the process: where messages go when no address is given."""

    name = "log"

    def send(self, title: str, body: str, severity: Severity) -> None:
        """Write the message at the level of its severity."""
        _LOGGER.log(_LOG_LEVELS[severity], "%s\n%s", title, body)


class AppriseSink:
    """One address of ``NBA_ALERT_URLS``, in any form that apprise knows."""

    def __init__(self, url: str, problem: str | None = None) -> None:
        """Take an address; one with a problem accepts nothing, so that what is meant for it stays undelivered."""
        self._url, self._problem = url, problem
        self.name = sink_name(url)

    def send(self, title: str, body: str, severity: Severity) -> None:
        """Hand over one message, in parts where the service takes only short ones.

        Raises:
            SinkError: The address cannot be used, or the service did not accept the message.
        """
        if self._problem is not None:
            raise SinkError(self._problem)
        guard = _guarded(secrets_of_delivery_url(self._url))
        sending = _SENDING.set(True)
        try:
            result = self._notify(title, body, severity)
        except SinkError:
            raise
        except Exception as error:
            raise SinkError(_shortened(guard.redact(f"{type(error).__name__}: {error}"))) from None
        finally:
            _SENDING.reset(sending)
        if not result:
            said = "; ".join(dict.fromkeys(entry.message for entry in result.logs()))
            text = guard.redact(said) or f"not accepted ({result.status.name.lower()})"
            raise SinkError(_shortened(text), maybe_sent=result.status.name in ("TIMEOUT", "PARTIAL"))

    def _notify(self, title: str, body: str, severity: Severity) -> Any:
        # Takes a third of a second, which an idle tick shall not wait for.
        import apprise

        asset = apprise.AppriseAsset(
            app_id="NBA analytics", app_desc="NBA analytics alerts", image_url_mask="", storage_mode="memory"
        )
        service = apprise.Apprise.instantiate(self._url, asset=asset)
        if service is None:
            raise SinkError(f"the address is none that apprise knows; look at {ALERT_URLS_VARIABLE}")
        if "rto=" not in self._url:
            # A service that answers late has accepted; giving up on it early would send the message again.
            service.socket_read_timeout = _SECONDS_TO_ANSWER
        if "overflow=" not in self._url:
            # Parts of a message make sense in a chat and none in a text message to a telephone.
            mode = apprise.OverflowMode
            service.overflow_mode = mode.SPLIT if service.body_maxlen >= _ROOM_FOR_PARTS else mode.TRUNCATE
        client = apprise.Apprise(asset=asset)
        client.add(service)
        # Plain text: every service shows or escapes it as it is, so no text of an event is read as markup.
        return client.notify(
            body=body,
            title=title,
            notify_type=_APPRISE_TYPES[severity],
            body_format=apprise.NotifyFormat.TEXT,
            timeout=_SECONDS_TO_SEND,
        )


def sinks_from_environment(environment: Mapping[str, str], kind: AlertKind) -> list[Sink]:
    """The sinks of a kind of alerts.

    ``NBA_ALERT_URLS`` holds entries separated by blanks or line ends, each an apprise URL; one that begins with
    ``kind,kind=`` gets only these kinds.

    Args:
        environment: Environment variables.
        kind: Kind of alerts.

    Returns:
        At least one sink: the log when no entry is for this kind. An entry with an unknown kind, or without an
        address, is a sink that accepts nothing: its ticks fail visibly while other sinks are served.
    """
    found: dict[str, AppriseSink] = {}
    for entry in environment.get(ALERT_URLS_VARIABLE, "").split():
        url = address_of(entry)
        kinds = entry.removesuffix(url).rstrip("=").split(",") if entry != url else []
        unknown = [name for name in kinds if name not in set(AlertKind)]
        if unknown:
            problem = f"{ALERT_URLS_VARIABLE} routes {', '.join(unknown)} to this address; kinds are {_known_kinds()}"
        elif not re.match(r"[A-Za-z0-9+.-]+://", url):
            problem = f"{ALERT_URLS_VARIABLE} holds an entry that is no URL"
        else:
            problem = None
        if problem is not None or not kinds or kind in kinds:
            found.setdefault(url, AppriseSink(url, problem))
    return list(found.values()) or [LogSink()]


def sink_name(url: str) -> str:
    """A name from which the address cannot be guessed: the kind of service and six digits of a slow hash."""
    scheme, _, rest = url.partition("://")
    service = re.sub(r"[^a-z0-9.+-]", "", scheme.lower())[:20] if rest else "unreadable"
    host = re.match(r"(?:[^/@]*@)?([a-z0-9.-]{1,60}\.[a-z]{2,20})(?=[:/?#]|$)", rest)
    if service in ("http", "https") and host:
        # The address that the service itself hands out; apprise knows the service by the host.
        service = host.group(1)
    return f"{service}-{_digest(url)}"


@lru_cache(maxsize=64)
def _digest(url: str) -> str:
    # Slow, because a short password could otherwise be found by trying.
    return hashlib.pbkdf2_hmac("sha256", url.encode(), b"nba-analytics alerts", 20_000).hex()[:6]


def _known_kinds() -> str:
    return ", ".join(AlertKind)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _REASON_AT_MOST else f"{line[: _REASON_AT_MOST - 1]}…"


class _LogGuard(logging.Filter):
    """Keeps secrets of delivery addresses out of the logs of the libraries that deliver."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets: set[str] = set()
        self.redact = Redactor()

    def know(self, secrets: set[str]) -> None:
        """Redact these from now on."""
        if not secrets <= self._secrets:
            self._secrets = self._secrets | secrets
            self.redact = Redactor(self._secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop chatter about requests; redact the rest."""
        if record.levelno < logging.WARNING and (_SENDING.get() or record.name == "apprise"):
            return False
        record.msg, record.args = self.redact(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = self.redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


_GUARD = _LogGuard()


def _guarded(secrets: set[str]) -> _LogGuard:
    """The guard, in place on every talkative logger and told of these secrets."""
    _GUARD.know(secrets)
    for name in _TALKATIVE:
        # Adding a filter twice changes nothing.
        logging.getLogger(name).addFilter(_GUARD)
    return _GUARD
