"""Warehouses and runs for integration tests: a DuckDB file with raw rows, and producing dates without Dagster."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from analytics_assets.assets.player_game_summary import PlayerGameSummaryProducer
from analytics_assets.assets.produce import Request, produce_dates
from analytics_assets.assets.producer import Producer
from analytics_assets.assets.slice_inputs import SliceInputs
from analytics_assets.coverage.results import DateResult
from analytics_assets.definitions import CONTEXTS, SUMMARIES
from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    RAW_TABLES,
)
from analytics_assets.raw.schedule import Schedule
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import empty_frame
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.raw_rows import (
    box_rows,
    raw_frame,
    roster_rows,
    schedule_frame,
    schedule_row,
    team_rows,
)


def warehouse_with(
    path: Path,
    schedule: Sequence[dict],
    gamebook: Sequence[dict] = (),
    teams: Sequence[dict] = (),
) -> DuckDBWarehouse:
    """A DuckDB warehouse with these raw rows."""
    warehouse = DuckDBWarehouse(path, wait_seconds=20)
    warehouse.ensure(*RAW_TABLES)
    warehouse.merge_rows(NBAC_SCHEDULE, schedule_frame(*schedule))
    if gamebook:
        # Not merged: duplicates are what some tests are about.
        frame = raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, list(gamebook))
        warehouse.replace_dates(NBAC_GAMEBOOK_PLAYER_STATS, frame, sorted(set(frame["game_date"].dt.date)))
    if teams:
        warehouse.merge_rows(NBAC_TEAM_BOXSCORE, raw_frame(NBAC_TEAM_BOXSCORE, list(teams)))
    return warehouse


def three_dates(path: Path) -> DuckDBWarehouse:
    """Games on 2024-01-10 and 2024-01-12, an off-day between; rosters of both teams."""
    days = ("2024-01-10", "2024-01-12")
    warehouse = warehouse_with(
        path,
        [schedule_row(f"002230000{number}", day) for number, day in enumerate(days, start=1)],
        [row for day in days for row in box_rows(day)],
        [row for day in days for row in team_rows(day)],
    )
    warehouse.merge_rows(ESPN_TEAM_ROSTERS, raw_frame(ESPN_TEAM_ROSTERS, roster_rows("2024-01-01", "BOS", "LAL")))
    return warehouse


def inputs_of_rows(
    rows: Mapping[Table, Sequence[dict]],
    schedule: Schedule,
    dates: Sequence[date],
    reduced: Mapping[tuple[Table, Table], Sequence[dict]] | None = None,
) -> SliceInputs:
    """Inputs of a build from literal raw rows, without a warehouse file.

    ``reduced`` are rows of the answers by source table and declaration of the answer; without them there is no
    play-by-play.
    """

    def read(table, columns=None, start=None, end=None, dates=None) -> pd.DataFrame:
        frame = raw_frame(table, list(rows[table])) if rows.get(table) else empty_frame(table)
        return frame if columns is None else frame[list(columns)]

    def reduce(reduction, start, end, dates=None) -> pd.DataFrame:
        if set(reduction.result.column_names) <= set(reduction.source.column_names):
            # A question that only chooses rows may as well leave all of them.
            return read(reduction.source, reduction.columns)
        found = (reduced or {}).get((reduction.source, reduction.result))
        return raw_frame(reduction.result, list(found)) if found else empty_frame(reduction.result)

    return SliceInputs(SimpleNamespace(read=read, reduce=reduce), schedule, dates)


def produce(
    warehouse: DuckDBWarehouse,
    dates: Sequence[date],
    *,
    producer: Producer | None = None,
    mode: RunMode = RunMode.BACKFILL,
    now: datetime = datetime(2024, 2, 1, 12, tzinfo=UTC),
    run_id: str = "test-run",
) -> dict[date, DateResult]:
    """Produce dates of one table, by default player_game_summary; results by date."""
    request = Request(dates=list(dates), mode=mode, now=now, run_id=run_id)
    parts = produce_dates(warehouse, [producer or PlayerGameSummaryProducer()], request)
    return {result.game_date: result for part in parts for result in part}


def produce_summaries(
    warehouse: DuckDBWarehouse, dates: Sequence[date], *, now: datetime, mode: RunMode = RunMode.BACKFILL
) -> dict[str, dict[date, DateResult]]:
    """Produce dates of the three summaries as one run does; results by table and date."""
    return _produce_stage(warehouse, SUMMARIES, dates, now, mode)


def produce_contexts(
    warehouse: DuckDBWarehouse, dates: Sequence[date], *, now: datetime, mode: RunMode = RunMode.BACKFILL
) -> dict[str, dict[date, DateResult]]:
    """Produce dates of the two context tables as one run does after the summaries; results by table and date."""
    return _produce_stage(warehouse, CONTEXTS, dates, now, mode)


def _produce_stage(
    warehouse: DuckDBWarehouse, producers: Sequence[Producer], dates: Sequence[date], now: datetime, mode: RunMode
) -> dict[str, dict[date, DateResult]]:
    request = Request(dates=list(dates), mode=mode, now=now, run_id="test-run")
    results: dict[str, dict[date, DateResult]] = {producer.table.name: {} for producer in producers}
    for part in produce_dates(warehouse, producers, request):
        for result in part:
            results[result.table_name][result.game_date] = result
    return results


def outcomes(results: dict[date, DateResult]) -> dict[str, int]:
    """Number of dates per outcome."""
    return pd.Series([str(result.outcome) for result in results.values()]).value_counts().to_dict()
