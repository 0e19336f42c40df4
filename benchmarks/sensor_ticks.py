"""How long an idle tick of each alert sensor takes after a long history of runs; the target is 50 ms."""

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import dagster as dg
import typer

from analytics_assets.alerts.events import AlertKind
from analytics_assets_tests.support.alert_sensors import Alerts
from analytics_assets_tests.support.long_history import write_history


def main() -> None:
    """Write the history, let every sensor look once, and time the ticks in which nothing is new."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="finished runs in the history")
    parser.add_argument("--ticks", type=int, default=20, help="ticks timed of each sensor")
    chosen = parser.parse_args()
    now = datetime(2026, 1, 7, 15, 30, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as directory, dg.DagsterInstance.local_temp(directory) as instance:
        write_history(instance, chosen.runs, now - timedelta(hours=1))
        # No tick may open a warehouse; opening it raises.
        alerts = Alerts(instance, Path(directory), now)
        for _ in range(2):
            alerts.tick(after=timedelta(minutes=1))
        typer.echo(f"idle ticks after {chosen.runs:,} runs, {chosen.ticks} of each sensor")
        for kind in AlertKind:
            seconds = []
            for _ in range(chosen.ticks):
                started = time.perf_counter()
                assert alerts.tick(kind, after=timedelta(seconds=30)) == []
                seconds.append(time.perf_counter() - started)
            typer.echo(f"{kind:20} median {median(seconds) * 1000:6.1f} ms, longest {max(seconds) * 1000:6.1f} ms")


if __name__ == "__main__":
    main()
