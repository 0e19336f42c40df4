"""The soak: live operation day after day in fast time, and what tables, alerts and records are in the end."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg

from analytics_assets.alerts.events import AlertKind
from analytics_assets.assets.coverage_asset import COVERAGE_JOB
from analytics_assets.assets.daily_schedules import todays_contexts, yesterdays_summaries
from analytics_assets.assets.produce import Request, produce_dates
from analytics_assets.assets.producers import CONTEXTS, SUMMARIES
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.backfill.plan import Only, PlannedRun, plan_run, wanted_dates
from analytics_assets.backfill.runs import execute
from analytics_assets.coverage.grid import coverage_grid
from analytics_assets.coverage.outdated import outdated_dates
from analytics_assets.definitions import build_definitions
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.alert_sensors import Alerts
from benchmarks.torture.soak_league import FIRST_DAY, SoakLeague, soak_league

_SUMMARY_NAMES = tuple(producer.table.name for producer in SUMMARIES)
_CONTEXT_NAMES = tuple(producer.table.name for producer in CONTEXTS)
# Half past nine in the morning in New York in winter; the schedules' own times.
_MORNING = timedelta(hours=14, minutes=30)
_COVERAGE_EVERY = 7
_MEASURED_TIMES = 8
# What each fault must make the alerts say, by kind.
_TOLD_AS = {
    "late source": AlertKind.RAW_DATA_MISSING,
    "broken rows": AlertKind.DATES_FAILED,
    "missed morning": AlertKind.DATES_MISSING,
    "crashed run": AlertKind.RUN_FAILED,
}


class _Clock:
    """The simulated moment, also for Dagster's own records."""

    def __init__(self, now: datetime) -> None:
        self.now, self._real = now, time.time
        self._set_at = self._real()

    def set(self, now: datetime) -> None:
        """Move on to a moment; from there time passes as it does."""
        self.now, self._set_at = now, self._real()

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=self._real() - self._set_at)

    def timestamp(self) -> float:
        """Seconds since 1970."""
        return self().timestamp()


class _Deployment:
    """A deployment without processes: instance, warehouse, schedules and sensors, all under one clock."""

    def __init__(self, directory: Path, instance: dg.DagsterInstance, league: SoakLeague, clock: _Clock) -> None:
        self.directory, self.instance, self.league, self.clock = directory, instance, league, clock
        self.warehouse = DuckDBWarehouse(directory / "nba.duckdb")
        self.warehouse.ensure(*RAW_TABLES, *ANALYTICS_TABLES, DATE_OUTCOMES)
        self.resource = WarehouseResource(url=f"duckdb:///{directory / 'nba.duckdb'}")
        self.alerts = Alerts(instance, directory, clock(), open_warehouse=lambda: self.warehouse)
        self.alerts.tick()
        self.build = partial(build_definitions, warehouse=self.resource, clock=clock)
        self.coverage_job = self.build().get_job_def(COVERAGE_JOB.name)
        self.expected: set[tuple[str, str]] = set()
        self.again: list[date] = []
        self.missed: list[date] = []
        self.met: Counter[str] = Counter()
        self.tick_seconds: list[float] = []
        self.problems: list[str] = []

    def day(self, today: date) -> None:
        """One morning."""
        moment = datetime(today.year, today.month, today.day, tzinfo=UTC) + _MORNING
        self.clock.set(moment)
        yesterday = today - timedelta(days=1)
        fault = self.league.faults.get(yesterday, "")
        self.league.feed(self.warehouse, moment)
        for late in self.again:
            # What arrived late or was corrected meanwhile is built again, still in live mode.
            self._run(_SUMMARY_NAMES, [late], RunMode.LIVE)
        self.again = []
        self._summaries(yesterday, fault, moment)
        request = self._asked(todays_contexts, moment)
        if request is not None:
            self._run(_CONTEXT_NAMES, [request], RunMode.LIVE)
        if (today - FIRST_DAY).days % _COVERAGE_EVERY == 0:
            self._look_at_coverage()
        began = time.perf_counter()
        self.alerts.now = self.clock()
        self.alerts.tick()
        self.tick_seconds.append(time.perf_counter() - began)

    def _summaries(self, yesterday: date, fault: str, moment: datetime) -> None:
        asked = self._asked(yesterdays_summaries, moment)
        if asked is None:
            return
        if fault:
            self.met[fault] += 1
        if fault == "missed morning":
            self.missed.append(yesterday)
            return
        if fault in ("late source", "broken rows"):
            self.expected.add((str(_TOLD_AS[fault]), str(yesterday)))
            self.again.append(yesterday)
        if fault == "crashed run":

            def broken(_result: object) -> None:
                raise OSError("the worker lost its disk")

            finished = execute(
                self.instance,
                PlannedRun.over(_SUMMARY_NAMES, [yesterday]),
                mode=RunMode.LIVE,
                observer=broken,
                definitions=self.build,
            )
            self.expected.add((str(AlertKind.RUN_FAILED), finished.run_id))
        self._run(_SUMMARY_NAMES, [yesterday], RunMode.LIVE)

    def _asked(self, schedule: Callable[..., Any], moment: datetime) -> date | None:
        context = dg.build_schedule_context(scheduled_execution_time=moment)
        answer = schedule(context, warehouse=self.resource)
        return date.fromisoformat(str(answer.partition_key)) if isinstance(answer, dg.RunRequest) else None

    def _run(self, tables: Sequence[str], dates: Sequence[date], mode: RunMode) -> None:
        self._execute(PlannedRun.over(tables, dates), mode)

    def _execute(self, run: PlannedRun, mode: RunMode) -> None:
        execute(self.instance, run, mode=mode, observer=lambda _: None, definitions=self.build)

    def _look_at_coverage(self) -> None:
        """The hourly look, here once a week; then the operator fills what is missing."""
        # A date whose source is late, or whose rows are broken, is due and not done as well when the watch looks.
        self.expected |= {(str(AlertKind.DATES_MISSING), str(day)) for day in (*self.missed, *self.again)}
        self.missed = []
        self.coverage_job.execute_in_process(instance=self.instance)
        self.alerts.now = self.clock()
        self.alerts.tick(AlertKind.DATES_MISSING)
        self.fill(Only.MISSING)

    def fill(self, only: Only, first: date = FIRST_DAY) -> None:
        """A backfill of what is missing or outdated up to yesterday, as the command line plans it."""
        now = self.clock()
        days = date_range(first, now.date() - timedelta(days=1))
        if days[0] > days[-1] or now.date() <= first:
            return
        for names in ((*_SUMMARY_NAMES,), (*_CONTEXT_NAMES,)):
            outdated = outdated_dates(self.warehouse, names, days, now) if only is Only.OUTDATED else None
            grid = coverage_grid(self.warehouse, names, days, now)
            run = plan_run(wanted_dates(grid, only, outdated))
            if run is not None:
                self._execute(run, RunMode.BACKFILL)


def soak_part(directory: Path, days: int, seed: int) -> dict[str, Any]:
    """Live operation over some days.

    Must run in a process of its own: it moves the clock of the whole process.

    Args:
        directory: Where the deployment is kept.
        days: Simulated days.
        seed: Seed of the faults.

    Returns:
        The figures of the page.
    """
    (directory / "dagster").mkdir(parents=True)
    os.environ["NBA_PARTITIONS_START"] = FIRST_DAY.isoformat()
    began = time.monotonic()
    league = soak_league(days, seed)
    clock = _Clock(datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC))
    with (
        patch("time.time", clock.timestamp),
        patch("dagster._time._mockable_get_current_datetime", clock),
        patch("dagster._time._mockable_get_current_timestamp", clock.timestamp),
        dg.DagsterInstance.local_temp(str(directory / "dagster")) as instance,
    ):
        deployment = _Deployment(directory, instance, league, clock)
        growth = _live(deployment, days)
        deployment.fill(Only.MISSING)
        deployment.fill(Only.OUTDATED)
        figures = _judge(deployment, directory, days)
    return figures | {
        "days": days,
        "first_day": str(FIRST_DAY),
        "last_day": str(FIRST_DAY + timedelta(days=days)),
        "faults": dict(sorted(deployment.met.items())),
        "growth": growth,
        "seconds": round(time.monotonic() - began),
    }


def _live(deployment: _Deployment, days: int) -> list[dict[str, Any]]:
    growth, since, began = [], 0, time.perf_counter()
    every = max(1, days // _MEASURED_TIMES)
    for number in range(1, days + 1):
        deployment.day(FIRST_DAY + timedelta(days=number))
        if number % every == 0:
            ticks = deployment.tick_seconds[since:]
            growth.append(
                {
                    "days": number,
                    "seconds_a_day": (time.perf_counter() - began) / len(ticks),
                    "tick_milliseconds": 1000 * sum(ticks) / len(ticks),
                    "instance_megabytes": _megabytes(deployment.directory / "dagster"),
                    "ops_megabytes": _megabytes(deployment.directory, "ops.db*"),
                    "warehouse_megabytes": _megabytes(deployment.directory, "nba.duckdb*"),
                }
            )
            since, began = len(deployment.tick_seconds), time.perf_counter()
    return growth


def _megabytes(directory: Path, pattern: str = "**/*") -> float:
    return round(sum(path.stat().st_size for path in directory.glob(pattern) if path.is_file()) / 1e6, 3)


def _judge(deployment: _Deployment, directory: Path, days: int) -> dict[str, Any]:
    last = FIRST_DAY + timedelta(days=days - 1)
    stored, rebuilt = (_content(path, last) for path in (directory / "nba.duckdb", _rebuilt(deployment, last)))
    differing = sorted({key for key, _ in stored.items() ^ rebuilt.items()})
    lost = [f"{name} {day} is not what a clean rebuild gives" for name, day in differing]
    doubled = [
        f"{table.name}: {count} keys twice"
        for table in ANALYTICS_TABLES
        if (count := deployment.warehouse.profile(table)["duplicate_keys"])
    ]
    found = _told(deployment)
    silent = [f"not told: {kind} {what}" for kind, what in sorted(deployment.expected - found)]
    silent += [f"told without a fault: {kind} {what}" for kind, what in sorted(found - deployment.expected)]
    kinds = Counter(str(row["kind"]) for row in deployment.alerts.ledger.listing())
    return {
        "lost": len(lost),
        "doubled": len(doubled),
        "silent": len(silent),
        "broken": [*lost[:20], *doubled, *silent[:40]],
        "alerts_expected": len(deployment.expected),
        "alerts_found": len(found),
        "quality_warnings": kinds[str(AlertKind.QUALITY_WARNING)],
        "alerts_by_kind": dict(sorted(kinds.items())),
        "messages": len(deployment.alerts.sink.messages),
        "tables_and_dates": len(rebuilt),
    }


def _told(deployment: _Deployment) -> set[tuple[str, str]]:
    """What the ledger holds of the kinds that faults cause, sent or not: kind and date, or the run that failed."""
    kinds = {str(kind) for kind in _TOLD_AS.values()}
    found = set()
    for row in deployment.alerts.ledger.listing():
        if row["kind"] in kinds and row["nature"] == "problem" and row["disposition"] != "suppressed_by_backfill":
            found.add((row["kind"], str(row["game_date"] or row["run_id"])))
    return found


def _content(path: Path, last: date) -> dict[tuple[str, str], str]:
    digests = DuckDBWarehouse(path).digests_by_date(ANALYTICS_TABLES, FIRST_DAY, last)
    days = digests["game_date"].dt.strftime("%Y-%m-%d")
    return dict(zip(zip(digests["table_name"], days, strict=True), digests["digest"], strict=True))


def _rebuilt(deployment: _Deployment, last: date) -> Path:
    """Another warehouse with the same raw tables, built at once and never disturbed."""
    import duckdb

    path = deployment.directory / "rebuilt.duckdb"
    shutil.copyfile(deployment.warehouse.path, path)
    with duckdb.connect(str(path)) as connection:
        for table in (*ANALYTICS_TABLES, DATE_OUTCOMES):
            connection.execute(f"DELETE FROM {table.full_name}")
    warehouse, dates = DuckDBWarehouse(path), date_range(FIRST_DAY, last)
    request = Request(dates=dates, mode=RunMode.BACKFILL, now=deployment.clock(), run_id="rebuild")
    for stage in (SUMMARIES, CONTEXTS):
        for _ in produce_dates(warehouse, stage, request):
            pass
    return path
