"""Times the reference backfill of 1,343 dates on a fresh demo league, stage by stage, without Dagster's bookkeeping.

Run it from the project's root:

    .venv/bin/python benchmarks/reference_backfill.py [--stage summaries|contexts|all]

It prints the seconds of each table and season, of each stage, and the peak memory of the stage's own process. Contexts
need the summaries; with ``--stage contexts`` these are built first, in a process of their own that is not counted.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from analytics_assets.assets.produce import Request, produce_dates
from analytics_assets.definitions import CONTEXTS, SUMMARIES
from analytics_assets.demo.fill import fill_demo
from analytics_assets.league.seasons import REFERENCE_END, REFERENCE_START
from analytics_assets.partitions import date_range
from analytics_assets.run_mode import RunMode
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

NOW = datetime(2025, 7, 1, 12, tzinfo=UTC)
STAGES = {"summaries": SUMMARIES, "contexts": CONTEXTS}


def main() -> None:
    """Fill a temporary warehouse and time the wanted stages."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--stage", choices=[*STAGES, "all"], default="all")
    arguments.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    wanted = arguments.parse_args()
    if wanted.file:
        if wanted.fill:
            _fill(wanted.file)
        else:
            _time_stage(wanted.stage, wanted.file)
        return
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "nba.duckdb"
        _run(file, "--fill")
        for stage in STAGES:
            counted = wanted.stage in (stage, "all")
            if counted or (stage == "summaries" and wanted.stage == "contexts"):
                _run(file, "--stage", stage, silent=not counted)


def _run(file: Path, *options: str, silent: bool = False) -> None:
    # Each step is a process of its own, filling too: a process starts with its parent's peak memory as its own.
    command = [sys.executable, __file__, "--file", str(file), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL if silent else None)


def _fill(file: Path) -> None:
    started = time.monotonic()
    fill_demo(DuckDBWarehouse(file), now=NOW, seed=7)
    _say(f"demo league: {time.monotonic() - started:.1f} s")


def _time_stage(stage: str, file: Path) -> None:
    dates = date_range(REFERENCE_START, REFERENCE_END)
    request = Request(dates=dates, mode=RunMode.BACKFILL, now=NOW, run_id="benchmark")
    started = last = time.monotonic()
    done = 0
    for part in produce_dates(DuckDBWarehouse(file), STAGES[stage], request):
        now = time.monotonic()
        first, rows = part[0], sum(result.actual_rows for result in part)
        _say(f"{first.table_name} from {first.game_date}: {len(part)} dates, {rows:,} rows, {now - last:.1f} s")
        done += sum(result.done for result in part)
        last = now
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.monotonic() - started
    _say(f"{stage}: {done} of {len(dates) * len(STAGES[stage])} dates done in {seconds:.1f} s, peak {peak:,.0f} MiB")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
