"""The shared routine that produces dates of a table: judge each date, build, check, commit, report.

Works on slices of at most a season, so that memory stays bounded and each slice is committed by itself.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from analytics_assets.assets.broken_games import without_broken_games
from analytics_assets.assets.input_fingerprints import InputFingerprints
from analytics_assets.assets.judge import BuildFacts, judge_before_building, judge_built_date
from analytics_assets.assets.producer import Built, Producer
from analytics_assets.assets.slice_inputs import LatestInputs
from analytics_assets.coverage.calendar import classify_dates
from analytics_assets.coverage.results import DateResult, current_outcomes, outcome_rows
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import Schedule, interpret_schedule
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.frames import SchemaError, as_date, conform, date_series, empty_frame
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES, QUARANTINED_ROWS, Outcome
from analytics_assets.tables.validation import broken_rules
from analytics_assets.warehouse import Warehouse, WarehouseError, Write
from analytics_assets.warehouse.interface import writes_for_dates

HISTORICAL_DAYS = 90
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """Which dates to produce, and how.

    Attributes:
        dates: Game dates.
        mode: Live or backfill.
        now: The present moment, with time zone.
        run_id: Run that asks.
        historical_days: Age in days beyond which live runs leave a date alone.
        newest_first: Whether later seasons come first.
        dates_by_table: Exact dates of each table where tables have different ones; ``dates`` does not count then.
    """

    dates: Sequence[date]
    mode: RunMode
    now: datetime
    run_id: str
    historical_days: int = HISTORICAL_DAYS
    newest_first: bool = False
    dates_by_table: Mapping[str, Sequence[date]] | None = None

    def dates_of(self, producer: Producer) -> frozenset[date]:
        """Dates of one table."""
        return frozenset(self.dates if self.dates_by_table is None else self.dates_by_table[producer.table.name])


def produce_dates(warehouse: Warehouse, producers: Sequence[Producer], request: Request) -> Iterator[list[DateResult]]:
    """Produce the dates of tables that do not depend on each other.

    Args:
        warehouse: Where raw tables are read and results are written.
        producers: The tables, in order; they share what they read of a slice.
        request: Dates, mode, now.

    Yields:
        The results of one table and slice, after its rows and outcomes are committed; every table and date exactly
        once, all tables of a slice before the next slice.
    """
    warehouse.ensure(*(producer.table for producer in producers), DATE_OUTCOMES, QUARANTINED_ROWS)
    schedule = interpret_schedule(warehouse.read(NBAC_SCHEDULE))
    slices = season_slices([day for producer in producers for day in request.dates_of(producer)])
    for dates in reversed(slices) if request.newest_first else slices:
        inputs, fingerprints = LatestInputs(warehouse, schedule), InputFingerprints(warehouse, schedule)
        parts = [_TableSlice.of(producer, schedule, dates, request) for producer in producers]
        # Tables share what is read of dates that any of them builds: mostly the same ones.
        shared = sorted({day for part in parts for day in part.to_build})
        for part in parts:
            if part.request.dates:
                yield _produce_slice(warehouse, part, inputs, fingerprints, shared)


def season_slices(dates: Sequence[date]) -> list[list[date]]:
    """Dates in order, cut where a season ends."""
    slices: dict[int, list[date]] = {}
    for day in sorted(set(dates)):
        slices.setdefault(season_year_of_date(day), []).append(day)
    return list(slices.values())


@dataclass(frozen=True)
class _TableSlice:
    """One table's dates of a slice: their kinds, the results known without building, and the dates to build."""

    producer: Producer
    request: Request
    days: pd.DataFrame
    early: dict[date, DateResult]
    to_build: list[date]

    @classmethod
    def of(cls, producer: Producer, schedule: Schedule, dates: Sequence[date], request: Request) -> "_TableSlice":
        """The dates of the slice that the request wants of this table."""
        wanted = request.dates_of(producer)
        own = replace(request, dates=[day for day in dates if day in wanted])
        days = classify_dates(schedule, own.dates)
        early = judge_before_building(producer, schedule, days, own.mode, own.now, own.historical_days)
        return cls(producer, own, days, early, [day for day in own.dates if day not in early])


def _produce_slice(
    warehouse: Warehouse,
    part: _TableSlice,
    inputs: LatestInputs,
    fingerprints: InputFingerprints,
    shared: Sequence[date],
) -> list[DateResult]:
    started = time.monotonic()
    producer, request, days, early, to_build = part.producer, part.request, part.days, part.early, part.to_build
    # Before anything is read: what changes in between then makes the date outdated, never the fingerprint too new.
    known = _fingerprints(producer, fingerprints, to_build)
    builds = _build_among(producer, inputs, to_build, shared, request.now) if to_build else []
    stored = _StoredState(warehouse, producer, request.dates)
    results, writes = _judge_and_collect(producer, days, builds, stored, request)
    results += [stored.fill(result) for result in early.values()]
    results.sort(key=lambda result: result.game_date)
    share = (time.monotonic() - started) / len(results)
    results = [replace(r, seconds=share, input_fingerprint=known.get(r.game_date)) for r in results]
    recorded = outcome_rows(
        results, mode=request.mode, run_id=request.run_id, code_version=producer.table.code_version, now=request.now
    )
    done_empty = [r.game_date for r in results if r.done and r.outcome is not Outcome.BUILT]
    writes.append(writes_for_dates(producer.table, empty_frame(producer.table), done_empty))
    warehouse.commit([*writes, Write(DATE_OUTCOMES, recorded)])
    return results


def _fingerprints(producer: Producer, fingerprints: InputFingerprints, dates: Sequence[date]) -> dict[date, str]:
    """Fingerprints by date; none where a source cannot be read, which is no reason not to build."""
    try:
        return fingerprints.of(producer, dates)
    except WarehouseError:
        raise
    except Exception as error:
        _LOGGER.warning("%s: inputs have no fingerprint", producer.table.name, exc_info=error)
        return {}


def _build_among(
    producer: Producer, inputs: LatestInputs, dates: Sequence[date], shared: Sequence[date], now: datetime
) -> list[tuple[list[date], Built | Exception]]:
    """Build the dates, together with those of other tables if that spares reading nearly the same twice."""
    if len(shared) > 2 * len(dates):
        return build_isolating(producer, inputs, dates, now)
    wanted, found = set(dates), []
    for part, built in build_isolating(producer, inputs, shared, now):
        own = [day for day in part if day in wanted]
        if own:
            found.append((own, built if isinstance(built, Exception) else _restricted(built, own)))
    return found


def _restricted(built: Built, dates: Sequence[date]) -> Built:
    rows, games, refused = (_of_dates(frame, dates) for frame in (built.rows, built.games, built.refused))
    return replace(built, rows=rows, games=games, refused=refused)


def build_isolating(
    producer: Producer, inputs: LatestInputs, dates: Sequence[date], now: datetime
) -> list[tuple[list[date], Built | Exception]]:
    """Build all dates at once; if that fails, halve until the dates that fail stand alone."""
    try:
        return [(list(dates), producer.build(inputs.of(dates), now))]
    except WarehouseError:
        raise
    except Exception as error:
        # Broken data of any kind must cost its own date only.
        if len(dates) == 1:
            return [(list(dates), error)]
    middle = len(dates) // 2
    halves = (dates[:middle], dates[middle:])
    return [part for half in halves for part in build_isolating(producer, inputs, half, now)]


def _judge_and_collect(
    producer: Producer,
    days: pd.DataFrame,
    builds: list[tuple[list[date], Built | Exception]],
    stored: "_StoredState",
    request: Request,
) -> tuple[list[DateResult], list[Write]]:
    results: list[DateResult] = []
    writes: list[Write] = []
    name = producer.table.name
    for dates, built in builds:
        if isinstance(built, Exception):
            outcome, reason = _failure(built)
            # What is wrong with a table's columns is said in a sentence; anything else needs the trace.
            trace = built if outcome is Outcome.ERROR else None
            _LOGGER.error("%s %s: %s", name, dates[0], reason, exc_info=trace)
            for day in dates:
                failed = DateResult(table_name=name, game_date=day, outcome=outcome, reason=reason)
                results.append(stored.fill(replace(failed, expected_games=_games_on(days, day))))
            continue
        built, of_dates = without_broken_games(built, broken_rules(built.rows, producer.table), producer.table)
        facts = BuildFacts.of(built, of_dates, days)
        judged = [judge_built_date(producer, facts, day, request.mode, request.now) for day in dates]
        judged = [stored.protect(result, built.rows) for result in judged]
        results += judged
        writes += _row_writes(producer, built, judged, stored)
        writes.append(_quarantine_write(name, built.refused, dates, request))
    return results, writes


def _failure(error: Exception) -> tuple[Outcome, str]:
    """Outcome and reason of dates whose building raised."""
    if isinstance(error, SchemaError):
        return Outcome.INVALID, str(error)
    return Outcome.ERROR, f"building raised {type(error).__name__}: {error}"


def _games_on(days: pd.DataFrame, day: date) -> int:
    scheduled: Any = days.at[pd.Timestamp(day), "expected_games"]
    return int(scheduled)


def _row_writes(producer: Producer, built: Built, judged: list[DateResult], stored: "_StoredState") -> list[Write]:
    """Whole dates that are built, and the complete games of partial dates that may be written."""
    built_dates = [result.game_date for result in judged if result.outcome is Outcome.BUILT]
    writes = [writes_for_dates(producer.table, _of_dates(built.rows, built_dates), built_dates)] if built_dates else []
    partial = [
        r.game_date for r in judged if r.outcome is Outcome.PARTIAL_RAW_DATA and r.game_date in stored.replaceable
    ]
    if partial:
        rows = _of_dates(built.rows, partial)
        writes.append(Write(producer.table, rows, rows[["game_date", "game_id"]].drop_duplicates()))
    return writes


def _of_dates(rows: pd.DataFrame, dates: Sequence[date]) -> pd.DataFrame:
    chosen = rows["game_date"].isin(date_series(dates))
    # Mostly all rows are meant, and a second copy of a season's rows is a heavy one.
    return rows if chosen.all() else rows[chosen]


def _quarantine_write(table_name: str, refused: pd.DataFrame, dates: Sequence[date], request: Request) -> Write:
    rows = refused.assign(table_name=table_name, run_id=request.run_id, quarantined_at=pd.Timestamp(request.now))
    rows["row_number"] = rows.groupby(["game_date", "source_table"]).cumcount() if len(rows) else 0
    scope = pd.DataFrame({"table_name": table_name, "game_date": date_series(dates)})
    return Write(QUARANTINED_ROWS, conform(rows, QUARANTINED_ROWS), scope)


class _StoredState:
    """What the table holds before this run's commit, for the dates of a slice."""

    def __init__(self, warehouse: Warehouse, producer: Producer, dates: Sequence[date]) -> None:
        self._warehouse, self._producer = warehouse, producer
        self._range = (min(dates), max(dates))
        counts = warehouse.counts_by_date(producer.table, *self._range)
        self._counts = {
            as_date(row["game_date"]): (int(row["rows"]), int(row["games"])) for row in counts.to_dict("records")
        }
        self._done: set[date] | None = None
        self.replaceable: set[date] = set()

    def fill(self, result: DateResult) -> DateResult:
        """The result with the rows and games that stay stored; done dates keep what they wrote."""
        if result.done:
            return result
        rows, games = self._counts.get(result.game_date, (0, 0))
        return replace(result, actual_rows=rows, actual_games=games)

    def protect(self, result: DateResult, built: pd.DataFrame) -> DateResult:
        """A partial date never replaces a done date nor one that holds more games; its other stored games stay."""
        if result.outcome is not Outcome.PARTIAL_RAW_DATA:
            return self.fill(result)
        _, games = self._counts.get(result.game_date, (0, 0))
        if result.actual_games == 0 or games > result.actual_games or result.game_date in self._done_dates():
            return self.fill(result)
        self.replaceable.add(result.game_date)
        if games == 0:
            return result
        kept = self._warehouse.read(self._producer.table, ["game_id"], result.game_date, result.game_date)["game_id"]
        kept = kept[~kept.isin(built["game_id"])]
        return replace(
            result, actual_rows=result.actual_rows + len(kept), actual_games=result.actual_games + kept.nunique()
        )

    def _done_dates(self) -> set[date]:
        if self._done is None:
            attempts = self._warehouse.read(DATE_OUTCOMES, start=self._range[0], end=self._range[1])
            current = current_outcomes(attempts[attempts["table_name"] == self._producer.table.name])
            done = current[current["outcome"].isin([str(outcome) for outcome in DONE_OUTCOMES])]
            self._done = {day.date() for day in done["game_date"]}
        return self._done
