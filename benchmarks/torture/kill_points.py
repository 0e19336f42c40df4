"""Where a victim kills itself: wrappers around named functions of the product, put on in the victim's process alone.

The product knows nothing of them. A point is the n-th passage of a phase, before it, after it, or in its midst.
"""

import functools
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BEFORE, AFTER, DURING = "before", "after", "during"
# Hardly a statement of the small league takes longer, so a timer of up to it ends in its midst or just after.
_MIDST_SECONDS = 0.02


@dataclass(frozen=True)
class KillPoint:
    """A moment in the life of a process.

    Attributes:
        phase: Name of the phase, as :data:`PHASES` groups them.
        passage: Which passage, counted from 1.
        when: ``before``, ``after`` or ``during``.
        delay: For ``during``: seconds after its beginning.
    """

    phase: str
    passage: int
    when: str
    delay: float = 0.0


# What the issue names, and the functions in which it happens.
PHASES = {
    "reads": ("read",),
    "staging": ("staging", "begin"),
    "transaction": ("delete", "insert", "commit", "close"),
    "outcome writing": ("outcomes",),
    "event writing": ("event", "run created"),
    "record writing": ("record", "heartbeat"),
}


class Tripwire:
    """Counts passages of phases and does something at one of them.

    Args:
        point: Where; None only counts.
        act: What is done there; kills the process by default.
    """

    def __init__(self, point: KillPoint | None, act: Callable[[], None] | None = None) -> None:
        self.point, self.act = point, act or _kill_oneself
        self.passed: Counter[str] = Counter()

    def wrap(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, watched."""

        @functools.wraps(function)
        def watched(*arguments: Any, **named: Any) -> Any:
            with _Passage(self, phase):
                return function(*arguments, **named)

        return watched

    def begins(self, phase: str) -> bool:
        """Note a passage; whether something is to be done at its end."""
        self.passed[phase] += 1
        point = self.point
        if point is None or (point.phase, point.passage) != (phase, self.passed[phase]):
            return False
        if point.when == BEFORE:
            self.act()
        elif point.when == DURING:
            timer = threading.Timer(point.delay, self.act)
            timer.daemon = True
            timer.start()
        return point.when == AFTER


class _Passage:
    def __init__(self, tripwire: Tripwire, phase: str) -> None:
        self._tripwire, self._phase, self._here = tripwire, phase, False

    def __enter__(self) -> None:
        self._here = self._tripwire.begins(self._phase)

    def __exit__(self, *raised: object) -> None:
        if self._here:
            self._tripwire.act()


class _WatchedConnection:
    """A DuckDB connection whose statements are phases."""

    def __init__(self, connection: Any, tripwire: Tripwire) -> None:
        self._connection, self._tripwire = connection, tripwire

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *arguments: Any) -> Any:
        with _Passage(self._tripwire, phase_of(statement)):
            return self._connection.execute(statement, *arguments)

    def close(self) -> None:
        with _Passage(self._tripwire, "close"):
            self._connection.close()


def phase_of(statement: str) -> str:
    """Phase that an SQL statement belongs to."""
    word = statement.split(None, 1)[0].lower()
    if word == "insert" and "nba_ops.date_outcomes" in statement:
        return "outcomes"
    return word if word in ("begin", "delete", "insert", "commit") else "other"


def watch(tripwire: Tripwire) -> None:
    """Put the wrappers on, in this process."""
    import dagster as dg
    import duckdb
    from dagster._core.storage.event_log import SqliteEventLogStorage

    from analytics_assets.alerts.backfill_records import BackfillRecords
    from analytics_assets.backfill.results import BackfillRecord
    from analytics_assets.warehouse import duckdb_warehouse

    connect = duckdb.connect
    duckdb.connect = lambda *a, **k: _WatchedConnection(connect(*a, **k), tripwire)  # type: ignore[assignment]
    duckdb_warehouse.to_arrow = tripwire.wrap("staging", duckdb_warehouse.to_arrow)
    places: tuple[tuple[type, str, str], ...] = (
        (duckdb_warehouse.DuckDBWarehouse, "read", "read"),
        (duckdb_warehouse.DuckDBWarehouse, "reduce", "read"),
        (duckdb_warehouse.DuckDBWarehouse, "digests_by_date", "read"),
        (duckdb_warehouse.DuckDBWarehouse, "counts_by_date", "read"),
        (SqliteEventLogStorage, "store_event", "event"),
        (SqliteEventLogStorage, "store_event_batch", "event"),
        (dg.DagsterInstance, "create_run", "run created"),
        (BackfillRecord, "save", "record"),
        (BackfillRecords, "begin", "heartbeat"),
        (BackfillRecords, "end", "heartbeat"),
    )
    for owner, name, phase in places:
        setattr(owner, name, tripwire.wrap(phase, getattr(owner, name)))


def counting(path: Path) -> Callable[[], None]:
    """Preparation of a process that only counts, and writes the counts when it ends."""
    tripwire = Tripwire(None)

    def prepare() -> None:
        import analytics_assets.cli as cli

        watch(tripwire)
        app = cli.app

        def counted(*arguments: Any, **named: Any) -> Any:
            try:
                return app(*arguments, **named)
            finally:
                path.write_text(json.dumps(tripwire.passed))

        cli.app = counted  # type: ignore[assignment]

    return prepare


def chosen_points(passed: Mapping[str, int], chance: random.Random) -> Iterator[KillPoint]:
    """Random points without end: every phase as often as any other, every passage of a phase as likely as any other.

    Args:
        passed: Passages of each phase in an undisturbed run.
        chance: Source of randomness.
    """
    while True:
        for group in PHASES.values():
            places = [name for name in group if passed.get(name)]
            name = chance.choice(places)
            when = chance.choice((BEFORE, AFTER, DURING))
            delay = chance.uniform(0, _MIDST_SECONDS) if when == DURING else 0.0
            yield KillPoint(name, chance.randint(1, passed[name]), when, delay)


def group_of(phase: str) -> str:
    """The phase, as :data:`PHASES` groups them."""
    return next(group for group, names in PHASES.items() if phase in names)


def _kill_oneself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    # The signal may arrive a moment later, and nothing may happen until then.
    time.sleep(10)
