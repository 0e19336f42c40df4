"""Checks against a real BigQuery project what an emulator cannot show; leaves nothing behind.

``python deploy/bigquery_smoke.py 'bigquery://PROJECT?location=US'`` creates data sets ``nba_smoke_…_nba_raw`` and so
on, fills them with three days of the demo league, builds the five tables there and in a DuckDB file, compares both, and
checks partition pruning, transactions that collide, writes that fail half-way and the limit on scanned bytes. It scans
some megabytes, takes a few minutes and removes its data sets. The credentials need ``roles/bigquery.user`` and
``roles/bigquery.readSessionUser`` on the project. Exit code 0: all checks passed; 1: some failed.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from google.cloud import bigquery

from analytics_assets.assets.produce import Request, produce_dates
from analytics_assets.assets.producers import CONTEXTS, SUMMARIES
from analytics_assets.demo.fill import fill_demo
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import ColumnType, Table, columns, date_column, number, string, timestamp
from analytics_assets.tables.frames import conform
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse import Warehouse, WarehouseError, Write
from analytics_assets.warehouse.bigquery_address import parse_address
from analytics_assets.warehouse.bigquery_warehouse import BigQueryWarehouse
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

DATASETS = ("nba_raw", "nba_analytics", "nba_ops")
NOW = datetime(2021, 10, 22, 12, tzinfo=UTC)
DATES = date_range(date(2021, 10, 19), date(2021, 10, 21))
MONTH = date_range(date(2024, 1, 1), date(2024, 1, 31))
NEW_MONTH = date_range(date(2024, 3, 1), date(2024, 3, 31))
_OF_THE_RUN = {"created_at", "processed_at", "first_processed_at"}

SMOKE = Table(
    dataset="nba_analytics",
    name="smoke",
    grain="One row per game.",
    description="A small table for checks.",
    key=("game_id",),
    cluster_by=("note",),
    first_seen_columns=("created_at",),
    columns=columns(
        string("game_id", "Game.", required=True),
        date_column("game_date", "Date.", required=True),
        string("note", "Text."),
        number("value", "Number."),
        timestamp("created_at", "First seen."),
    ),
)


@dataclass(frozen=True)
class Smoke:
    """The warehouse under test, and a second one as another deployment would open it."""

    first: BigQueryWarehouse
    second: BigQueryWarehouse
    client: bigquery.Client

    @property
    def is_service(self) -> bool:
        """Whether this is Google's service and not an emulator."""
        return self.first.address.emulator is None


def smoke_rows(note: str, dates: list[date], written: str = "2024-02-01") -> pd.DataFrame:
    """Twenty rows a date that all carry the note."""
    names = [f"{day:%Y%m%d}_{game:02d}" for day in dates for game in range(20)]
    days = [day for day in dates for _ in range(20)]
    frame = pd.DataFrame({"game_id": names, "game_date": days, "note": note, "value": 1 / 3})
    return conform(frame.assign(created_at=pd.Timestamp(written, tz="UTC")), SMOKE)


def check_declared_table(smoke: Smoke) -> None:
    """The table is partitioned, clustered and described as declared."""
    address = smoke.first.address
    smoke.first.ensure(SMOKE)
    found = smoke.client.get_table(f"{address.project}.{address.dataset_prefix}nba_analytics.smoke")
    assert found.time_partitioning.field == "game_date", found.time_partitioning
    assert found.clustering_fields == ["note"], found.clustering_fields
    assert found.schema[0].description == "Game.", found.schema


def check_replacing(smoke: Smoke) -> None:
    """Exactly the dates are replaced, rows come back as written, and created_at is kept."""
    smoke.first.replace_dates(SMOKE, smoke_rows("old", MONTH), MONTH)
    smoke.first.replace_dates(SMOKE, smoke_rows("new", MONTH[:1], "2024-03-01"), MONTH[:2])
    found = smoke.first.read(SMOKE)
    expected = pd.concat([smoke_rows("new", MONTH[:1]), smoke_rows("old", MONTH[2:])], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)


def check_hostile_values(smoke: Smoke) -> None:
    """Values with quotes, backticks and parameters are stored as they are."""
    hostile = "'; DROP TABLE smoke; -- \" ` \\ @start"
    smoke.first.replace_dates(SMOKE, smoke_rows(hostile, MONTH[1:2]), MONTH[1:2])
    assert set(smoke.first.read(SMOKE, ["note"], MONTH[1], MONTH[1])["note"]) == {hostile}


def check_failing_write(smoke: Smoke) -> None:
    """A commit whose second table refuses a row leaves the first as it was."""
    address = smoke.first.address
    path = f"{address.project}.{address.dataset_prefix}nba_analytics.strict"
    fields = [bigquery.SchemaField(name, "STRING", mode="REQUIRED") for name in ("game_id", "note")]
    smoke.client.create_table(bigquery.Table(path, schema=[*fields, bigquery.SchemaField("game_date", "DATE")]))
    strict = Table(
        dataset="nba_analytics",
        name="strict",
        grain="One row per game.",
        description="Refuses rows without a note.",
        key=("game_id",),
        columns=columns(SMOKE.columns[0], date_column("game_date", "Date."), string("note", "Text.")),
    )
    before = smoke.first.read(SMOKE)
    scope = pd.DataFrame({"game_date": MONTH})
    bad = conform(pd.DataFrame({"game_id": ["a"], "game_date": MONTH[:1], "note": [None]}), strict)
    try:
        smoke.first.commit([Write(SMOKE, smoke_rows("half", MONTH), scope), Write(strict, bad)])
    except RuntimeError:
        pd.testing.assert_frame_equal(smoke.first.read(SMOKE), before)
        return
    raise AssertionError("a row without a required value was accepted")


def check_colliding_deployments(smoke: Smoke) -> None:
    """Two deployments write the same new or old dates at the same time: the rows are those of one of them."""
    for turn, dates in enumerate((MONTH, NEW_MONTH, NEW_MONTH)):
        notes = [f"{which} {turn}" for which in ("first", "second")]
        with ThreadPoolExecutor(2) as pool:
            writing = [
                pool.submit(warehouse.replace_dates, SMOKE, smoke_rows(note, dates), dates)
                for warehouse, note in zip((smoke.first, smoke.second), notes, strict=True)
            ]
        for one in writing:
            one.result()
        found = smoke.first.read(SMOKE, None, dates[0], dates[-1])
        assert len(found) == 20 * len(dates), f"{len(found)} rows"
        assert found["note"].nunique() == 1, found["note"].value_counts().to_dict()


def check_pruning(smoke: Smoke) -> None:
    """A date, or two far apart, cost a fraction of what the table costs, in reads and in queries."""
    whole = smoke.first.bytes_to_read(SMOKE, None, None, None)
    one = smoke.first.bytes_to_read(SMOKE, None, MONTH[0], MONTH[0])
    counted = [smoke.first.bytes_to_count(SMOKE, *bounds) for bounds in ((None, None), (MONTH[0], MONTH[0]))]
    assert 0 < one < whole / 10, f"{one} of {whole} bytes are read for one of {len(MONTH)} dates"
    assert 0 < counted[1] < counted[0] / 10, f"{counted[1]} of {counted[0]} bytes are counted for one date"
    ends = (MONTH[0], MONTH[-1])
    apart = smoke.first.bytes_to_read(SMOKE, None, *ends, ends)
    assert 0 < apart < whole / 5, f"{apart} of {whole} bytes are read for two dates far apart"
    columns = ("game_id", "game_date")
    asked = Reduction(source=SMOKE, columns=columns, sql=" SELECT game_id, game_date FROM source_rows", result=SMOKE)
    month, two = (smoke.first.bytes_to_reduce(asked, *ends, dates) for dates in (None, ends))
    assert 0 < two < month / 5, f"{two} of {month} bytes are asked for two dates far apart"


def check_limit(smoke: Smoke) -> None:
    """What would scan more than allowed is refused before it costs anything."""
    strict = BigQueryWarehouse(replace(smoke.first.address, maximum_bytes_billed=1), smoke.client)
    for use in (strict.read, strict.counts_by_date):
        told = ""
        with suppress(WarehouseError):
            told = f"{len(use(SMOKE))} rows were scanned"
        assert not told, told


def check_no_staging_is_left(smoke: Smoke) -> None:
    """After all writes no staging table is left."""
    left = [table.table_id for table in smoke.client.list_tables(f"{smoke.first.address.dataset_prefix}nba_ops")]
    assert not [name for name in left if name.startswith("staging_")], left


def check_five_tables(smoke: Smoke) -> None:
    """Three days of the demo league give the same five tables as in a DuckDB file."""
    with tempfile.TemporaryDirectory() as directory:
        local = DuckDBWarehouse(Path(directory) / "smoke.duckdb")
        for warehouse in (local, smoke.first):
            fill_demo(warehouse, now=NOW, seed=7)
            build(warehouse)
        for table in ANALYTICS_TABLES:
            sides = [comparable(warehouse.read(table), table) for warehouse in (local, smoke.first)]
            assert len(sides[0]), f"{table.name} is empty"
            differing = [name for name in sides[0] if not sides[0][name].equals(sides[1][name])]
            assert not differing, f"{table.name} differs in {', '.join(differing)}"
    assert smoke.first.read(NBAC_SCHEDULE, ["game_id"])["game_id"].is_unique


def build(warehouse: Warehouse) -> None:
    """Build the five tables as a run does."""
    request = Request(dates=DATES, mode=RunMode.BACKFILL, now=NOW, run_id="smoke")
    for stage in (SUMMARIES, CONTEXTS):
        for results in produce_dates(warehouse, stage, request):
            undone = [f"{result.game_date} {result.outcome}" for result in results if not result.done]
            assert not undone, f"{results[0].table_name}: {', '.join(undone)}"


def comparable(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Rows in the order of the key, without times of the run, JSON by what it says."""
    rows = rows.sort_values(list(table.key), ignore_index=True)
    for column in table.columns:
        if column.type is ColumnType.JSON:
            rows[column.name] = [
                json.dumps(json.loads(text), sort_keys=True) for text in rows[column.name].fillna("null")
            ]
    return rows.drop(columns=[name for name in rows.columns if name in _OF_THE_RUN])


CHECKS: tuple[Callable[[Smoke], None], ...] = (
    check_declared_table,
    check_replacing,
    check_hostile_values,
    check_failing_write,
    check_colliding_deployments,
    check_pruning,
    check_limit,
    check_five_tables,
    check_no_staging_is_left,
)
# What an emulator does not have; an emulator also answers one after the other.
ONLY_OF_THE_SERVICE = {check_failing_write, check_colliding_deployments, check_pruning, check_limit}


def main(arguments: list[str] | None = None) -> int:
    """Run the checks; 0 if all passed, 1 otherwise."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", help="bigquery://PROJECT?location=US; credentials as for the warehouse")
    parser.add_argument("--without-league", action="store_true", help="leave out the five tables, the longest check")
    stated = parser.parse_args(arguments)
    try:
        address = parse_address(stated.url, os.environ)
        address = replace(address, dataset_prefix=f"nba_smoke_{uuid.uuid4().hex[:8]}_")
        first = BigQueryWarehouse(address)
    except WarehouseError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    client = first._client
    smoke = Smoke(first, BigQueryWarehouse(address), client)
    names = [f"{address.project}.{address.dataset_prefix}{name}" for name in DATASETS]
    failed = 0
    try:
        for name in names:
            dataset = bigquery.Dataset(name)
            dataset.location = address.location
            # Should this process be killed, the tables go by themselves.
            dataset.default_table_expiration_ms = 24 * 60 * 60 * 1000
            client.create_dataset(dataset)
        for check in CHECKS:
            skipped = check in ONLY_OF_THE_SERVICE and not smoke.is_service
            if not skipped and not (stated.without_league and check is check_five_tables):
                failed += not passes(check, smoke)
    finally:
        for name in names:
            client.delete_dataset(name, delete_contents=True, not_found_ok=True)
    print("all checks passed" if not failed else f"{failed} checks failed")  # noqa: T201
    return 1 if failed else 0


def passes(check: Callable[[Smoke], None], smoke: Smoke) -> bool:
    """Run one check and say how it went."""
    started = time.monotonic()
    try:
        check(smoke)
    except Exception:
        print(f"FAILED {check.__doc__}\n{traceback.format_exc(limit=3)}")  # noqa: T201
        return False
    print(f"ok     {check.__doc__} ({time.monotonic() - started:.1f} s)")  # noqa: T201
    return True


if __name__ == "__main__":
    sys.exit(main())
