"""Sending what the ledger holds undelivered: one message per sink, recorded before and after it is sent.

At least once: between the two records a crash leaves the message marked as being sent, and its events are sent once
more with a remark. Never lost: whatever is not marked as sent is undelivered, and the next tick sends it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from analytics_assets.alerts.events import AlertKind
from analytics_assets.alerts.message_parts import Links
from analytics_assets.alerts.messages import Told, compose
from analytics_assets.alerts.redaction import Redactor
from analytics_assets.alerts.sinks import Sink, SinkError

_LOGGER = logging.getLogger(__name__)


class Deliveries(Protocol):
    """What the ledger holds of deliveries: for every event that is to be told, its state at every sink."""

    def reroute(self, kind: AlertKind, sinks: Sequence[str], *, now: datetime) -> Any:
        """Give what sinks that are no longer configured were not sent to each of these that never had the event."""
        ...

    def undelivered(self, kind: AlertKind, sink: str) -> Sequence[Told]:
        """Events that a sink was not sent, or of which it is not known; the latter may have been sent before."""
        ...

    def begin_sending(
        self, kind: AlertKind, sink: str, events: Sequence[Any], title: str, body: str, now: datetime
    ) -> Any:
        """Record that a message of these events is about to be sent; gives what names it."""
        ...

    def mark_sent(self, message_id: Any, now: datetime) -> Any:
        """Record that a message was accepted."""
        ...

    def mark_failed(self, message_id: Any, error: str, now: datetime, *, maybe_sent: bool = False) -> Any:
        """Record that a message was not accepted; its events are undelivered, or it is not known."""
        ...


@dataclass(frozen=True)
class Delivered:
    """What one delivery sent.

    Attributes:
        messages: Number of messages that sinks accepted.
        events: Number of different events in them.
    """

    messages: int = 0
    events: int = 0


class DeliveryError(Exception):
    """At least one sink did not accept its message; nothing is lost, the next delivery tries again.

    Attributes:
        problems: Reason by name of the sink, without secrets.
        delivered: What the other sinks accepted.
    """

    def __init__(self, problems: Mapping[str, str], delivered: Delivered) -> None:
        """Name the sinks that failed and why."""
        told = "; ".join(f"{name}: {problem}" for name, problem in problems.items())
        super().__init__(f"not delivered, tried again with the next tick: {told}")
        self.problems, self.delivered = problems, delivered


def deliver(
    ledger: Deliveries,
    kind: AlertKind,
    sinks: Sequence[Sink],
    *,
    links: Links,
    redactor: Redactor,
    now: datetime,
    since_stopped: tuple[datetime, datetime] | None = None,
) -> Delivered:
    """Send each sink one message out of all events of a kind that it was not sent.

    Args:
        ledger: Holds what is undelivered.
        kind: Kind of the events.
        sinks: Where to.
        links: Addresses in Dagit.
        redactor: Takes secrets out of messages and reasons.
        now: The present moment.
        since_stopped: From when to when the kind's sensor was not running, if these events are from that time.

    Raises:
        DeliveryError: A sink did not accept its message; the others were served.
    """
    ledger.reroute(kind, [sink.name for sink in sinks], now=now)
    problems: dict[str, str] = {}
    told: set[object] = set()
    messages = 0
    for sink in sinks:
        events = ledger.undelivered(kind, sink.name)
        if not events:
            continue
        message = compose(kind, events, links=links, redactor=redactor, since_stopped=since_stopped)
        message_id = ledger.begin_sending(kind, sink.name, events, message.title, message.body, now)
        try:
            sink.send(message.title, message.body, message.severity)
        except Exception as error:
            # Of any kind: a service that fails in an unforeseen way must not keep the others from their messages.
            reason = redactor(str(error) if isinstance(error, SinkError) else f"{type(error).__name__}: {error}")
            maybe_sent = not isinstance(error, SinkError) or error.maybe_sent
            ledger.mark_failed(message_id, reason, now, maybe_sent=maybe_sent)
            _LOGGER.warning("%s was not delivered to %s: %s", message.title, sink.name, reason)
            problems[sink.name] = reason
            continue
        ledger.mark_sent(message_id, now)
        messages += 1
        told |= {event.event_key for event in events}
    delivered = Delivered(messages, len(told))
    if problems:
        raise DeliveryError(problems, delivered)
    return delivered
