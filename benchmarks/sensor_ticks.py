"""Times ticks of the alert sensors with nothing to do, in a Dagster instance with many historical runs.

Run it from the project's root:

    .venv/bin/python benchmarks/sensor_ticks.py [--runs 10000]

It prints, for each sensor, the milliseconds of a tick that finds the event log unchanged (median and slowest of 20) and
of one that reads it once more. The warehouse is never opened: opening it ends the benchmark.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analytics_assets.alerts.events import AlertKind
from analytics_assets_tests.support.alert_sensors import Alerts
from analytics_assets_tests.support.long_history import write_history

TICKS = 20


def main() -> None:
    """Fill an instance on SQLite and time the sensors."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--runs", type=int, default=10_000)
    runs = arguments.parse_args().runs
    with tempfile.TemporaryDirectory() as directory, dg.DagsterInstance.local_temp(directory) as instance:
        now = datetime.now(UTC)
        write_history(instance, runs, now - timedelta(hours=1))
        alerts = Alerts(instance, Path(directory), now)
        # The first tick takes the present as its beginning.
        alerts.tick()
        sys.stdout.write(f"{runs:,} runs; milliseconds of a tick\n")
        sys.stdout.write(f"{'sensor':24}{'reads':>8}{'median':>8}{'slowest':>9}\n")
        for kind in AlertKind:
            # Records that become visible late are looked for once more before the log counts as unchanged.
            reading = max(_milliseconds(alerts, kind) for _ in range(2))
            idle = [_milliseconds(alerts, kind) for _ in range(TICKS)]
            sys.stdout.write(f"{kind:24}{reading:8.1f}{statistics.median(idle):8.1f}{max(idle):9.1f}\n")


def _milliseconds(alerts: Alerts, kind: AlertKind) -> float:
    started = time.perf_counter()
    sent = alerts.tick(kind, after=timedelta(seconds=30))
    taken = time.perf_counter() - started
    assert not sent, f"{kind} sent a message: {sent}"
    return 1000 * taken


if __name__ == "__main__":
    main()
