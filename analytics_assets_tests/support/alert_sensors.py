"""The alert sensors with a clock, an ops database and a sink of their own, ticked one by one as the daemon does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg

from analytics_assets.alerts.events import AlertKind, Severity
from analytics_assets.alerts.ledger import Ledger
from analytics_assets.alerts.ops_database import OPS_DATABASE_VARIABLE, OpsDatabase, open_ops_database
from analytics_assets.alerts.sensors import build_alert_sensors
from analytics_assets.alerts.sinks import SinkError
from analytics_assets.warehouse import Warehouse


@dataclass
class RecordingSink:
    """Keeps what it is sent, or refuses it.

    Attributes:
        messages: Title and body of what was accepted.
        down: Whether it refuses.
    """

    name: str = "recording"
    messages: list[tuple[str, str]] = field(default_factory=list)
    down: bool = False

    def send(self, title: str, body: str, severity: Severity) -> None:
        """Accept or refuse a message."""
        if self.down:
            raise SinkError("the service does not answer")
        self.messages.append((title, body))


def closed_warehouse() -> Warehouse:
    """No tick but the one after a backfill may open the warehouse."""
    raise AssertionError("the warehouse was opened")


class Alerts:
    """All sensors of a deployment and what they remember.

    Attributes:
        instance: Dagster instance.
        now: The present moment; moved by the tests.
        sink: Where all messages go.
        cursors: What the sensors saved.
        reports: What the sensors said of their last ticks.
        started: When a sensor was last started in Dagit.
    """

    def __init__(
        self,
        instance: dg.DagsterInstance,
        directory: Path,
        now: datetime,
        open_warehouse: Callable[[], Warehouse] = closed_warehouse,
        ops_database_url: str = "",
    ) -> None:
        self.instance, self.now, self.sink = instance, now, RecordingSink()
        self.environment: Mapping[str, str] = {"NBA_DATA_DIR": str(directory), OPS_DATABASE_VARIABLE: ops_database_url}
        self.cursors: dict[AlertKind, str | None] = {}
        self.reports: dict[AlertKind, str] = {}
        self.started: dict[AlertKind, datetime] = {}
        sensors = build_alert_sensors(
            lambda: self.now,
            open_warehouse=open_warehouse,
            environment=self.environment,
            make_sinks=lambda environment, kind: [self.sink],
        )
        self.sensors = dict(zip(AlertKind, sensors, strict=True))

    @property
    def database(self) -> OpsDatabase:
        """The ops database."""
        return open_ops_database(self.environment)

    @property
    def ledger(self) -> Ledger:
        """The ledger that the sensors write."""
        return Ledger(self.database)

    def tick(self, *kinds: AlertKind, after: timedelta = timedelta(0)) -> list[tuple[str, str]]:
        """Tick sensors, all by default; what was sent meanwhile."""
        self.now += after
        before = len(self.sink.messages)
        for kind in kinds or tuple(AlertKind):
            started = self.started.get(kind)
            context = dg.build_sensor_context(
                instance=self.instance,
                cursor=self.cursors.get(kind),
                last_sensor_start_time=None if started is None else started.timestamp(),
            )
            skipped = self.sensors[kind](context)
            # A tick that raised saves nothing.
            self.cursors[kind] = context.cursor
            self.reports[kind] = skipped.skip_message
        return self.sink.messages[before:]


def titles(messages: Sequence[tuple[str, str]]) -> list[str]:
    """Only the titles."""
    return [title for title, _ in messages]
