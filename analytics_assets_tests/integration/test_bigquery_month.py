"""A month of the demo league on BigQuery: the five tables agree with DuckDB's row for row, and so does coverage."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import pandas as pd
import pytest

from analytics_assets.assets.produce import Request, produce_dates
from analytics_assets.backfill.costs import scans_of
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.coverage.grid import coverage_grid
from analytics_assets.coverage.outdated import outdated_dates
from analytics_assets.definitions import CONTEXTS, SUMMARIES
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, NBAC_SCHEDULE, NBAC_TEAM_BOXSCORE, RAW_TABLES
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import ColumnType, Table
from analytics_assets.tables.operations import DATE_OUTCOMES, QUARANTINED_ROWS, WAIVERS
from analytics_assets.warehouse import WarehouseError, Write
from analytics_assets.warehouse.bigquery_jobs import BigQueryJobs
from analytics_assets.warehouse.bigquery_warehouse import BigQueryWarehouse
from analytics_assets_tests.integration.conftest import DemoLeague

pytestmark = pytest.mark.xdist_group("demo_league")

FIRST, LAST = date(2021, 10, 19), date(2021, 11, 18)
MONTH = date_range(FIRST, LAST)
# What is about the moment and the manner of the run and not about basketball.
_OF_THE_RUN = ["created_at", "processed_at", "first_processed_at", "run_id", "seconds", "input_fingerprint"]


@dataclass
class Month:
    """The month on BigQuery, the jobs that each table took for few dates and for many, and the reads of the latter."""

    league: DemoLeague
    warehouse: BigQueryWarehouse
    jobs: dict[str, list[Counter[str]]]
    reads: dict[str, int]

    def differing(self, table: Table, columns: list[str]) -> list[str]:
        """Columns in which the two engines differ."""
        sides = [
            engine.read(table, start=FIRST, end=LAST).sort_values(list(table.key), ignore_index=True)
            for engine in (self.league.warehouse, self.warehouse)
        ]
        assert len(sides[0]) == len(sides[1]) > 0
        for column in columns:
            if table.by_name[column].type is ColumnType.JSON:
                for side in sides:
                    side[column] = [json.loads(text) for text in side[column].fillna("null")]
        return [column for column in columns if not sides[0][column].equals(sides[1][column])]


@contextmanager
def counted(warehouse: BigQueryWarehouse) -> Iterator[Counter[str]]:
    """Jobs that the warehouse sends inside the block, by kind."""
    jobs, client = Counter(), warehouse._client
    query, load, session = client.query, client.load_table_from_file, warehouse._jobs._read_session
    client.query = lambda *given, **named: (jobs.update(["query"]), query(*given, **named))[1]
    client.load_table_from_file = lambda *given, **named: (jobs.update(["load"]), load(*given, **named))[1]
    warehouse._jobs._read_session = lambda *given: (jobs.update(["read"]), session(*given))[1]
    try:
        yield jobs
    finally:
        del client.query, client.load_table_from_file, warehouse._jobs._read_session


@pytest.fixture(scope="module")
def month(demo_league: DemoLeague, bigquery_emulator) -> Month:
    warehouse = bigquery_emulator.warehouse("demo-month", *RAW_TABLES, *ANALYTICS_TABLES, DATE_OUTCOMES, WAIVERS)
    source = demo_league.warehouse
    raw = []
    for table in RAW_TABLES:
        whole = table in (NBAC_SCHEDULE, ESPN_TEAM_ROSTERS) or table.date_column is None
        raw.append(Write(table, source.read(table) if whole else source.read(table, start=FIRST, end=LAST)))
    warehouse.commit(raw)
    jobs, reads = defaultdict(list), {}
    for stage, dates in product((SUMMARIES, CONTEXTS), (MONTH[:3], MONTH[3:])):
        request = Request(dates=dates, mode=RunMode.BACKFILL, now=demo_league.now, run_id="test-run")
        with counted(warehouse) as sent:
            for results in produce_dates(warehouse, stage, request):
                assert all(result.done for result in results)
                reads[results[0].table_name] = sent.pop("read", 0)
                jobs[results[0].table_name].append(Counter(sent))
                sent.clear()
    return Month(demo_league, warehouse, dict(jobs), reads)


@pytest.mark.parametrize("table", ANALYTICS_TABLES, ids=lambda table: table.name)
def test_table_is_equal_to_duckdbs_row_for_row(month: Month, table: Table) -> None:
    compared = [name for name in table.column_names if name not in _OF_THE_RUN]
    assert month.differing(table, compared) == []


def test_outcomes_and_coverage_are_equal_to_duckdbs(month: Month) -> None:
    compared = [name for name in DATE_OUTCOMES.column_names if name not in _OF_THE_RUN]
    assert month.differing(DATE_OUTCOMES, compared) == []
    names = [table.name for table in ANALYTICS_TABLES]
    grids = [
        coverage_grid(engine, names, MONTH, month.league.now).drop(columns="run_id")
        for engine in (month.league.warehouse, month.warehouse)
    ]
    pd.testing.assert_frame_equal(*grids, check_dtype=False)
    assert month.warehouse.read(QUARANTINED_ROWS).empty


def test_a_table_takes_as_many_jobs_for_three_dates_as_for_four_weeks(month: Month) -> None:
    assert month.jobs.keys() == {table.name for table in ANALYTICS_TABLES}
    for few, many in month.jobs.values():
        assert few == many
        assert 3 <= sum(many.values()) <= 12


def test_cost_of_a_plan_is_told_from_the_very_questions_of_a_run_and_writes_nothing(month: Month, monkeypatch) -> None:
    monkeypatch.setattr(BigQueryJobs, "bytes_scanned", lambda jobs, *given: 10)
    monkeypatch.setattr(BigQueryJobs, "bytes_of_read", lambda jobs, *given: 1)
    names = [table.name for table in ANALYTICS_TABLES]
    with counted(month.warehouse) as sent:
        scans = scans_of(month.warehouse, PlannedRun.over(names, MONTH[3:]), month.league.now).set_index("table_name")
    assert sent.keys() == {"read"}
    for name, (_, jobs) in month.jobs.items():
        queries = jobs["query"] - 1
        assert scans.loc[name].tolist() == [10 * queries + month.reads[name], queries + month.reads[name]], name
    with pytest.raises(WarehouseError, match=r"has no cost; --cost is for a BigQuery warehouse"):
        scans_of(month.league.warehouse, None, month.league.now)


def test_changed_raw_row_outdates_its_date_on_bigquery_too(month: Month) -> None:
    offense = [SUMMARIES[1].table.name]
    later = month.league.now + timedelta(days=1)
    assert outdated_dates(month.warehouse, offense, MONTH, later).empty
    rows = month.warehouse.read(NBAC_TEAM_BOXSCORE, start=LAST, end=LAST)
    rows["turnovers"] += 1
    month.warehouse.merge_rows(NBAC_TEAM_BOXSCORE, rows)
    found = outdated_dates(month.warehouse, offense, MONTH, later)
    assert found["game_date"].tolist() == [pd.Timestamp(LAST)]
