"""A range costs as many statements as a few dates: nothing is asked per date, game or player."""

import shutil
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from analytics_assets.assets.produce import Request, produce_dates
from analytics_assets.assets.producer import Producer
from analytics_assets.definitions import CONTEXTS, SUMMARIES
from analytics_assets.run_mode import RunMode
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

pytestmark = pytest.mark.xdist_group("demo_league")

NOW = datetime(2022, 3, 1, 12, tzinfo=UTC)
OPENING = date(2021, 10, 19)


class CountingWarehouse(DuckDBWarehouse):
    """Counts every statement that reaches the engine."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.statements: Counter[str] = Counter()

    @contextmanager
    def _connection(self):
        with super()._connection() as connection:
            yield _CountingConnection(connection, self.statements)


class _CountingConnection:
    def __init__(self, connection, statements):
        self._connection, self._statements = connection, statements

    def execute(self, statement, *arguments):
        self._statements[statement.split()[0]] += 1
        return self._connection.execute(statement, *arguments)

    def sql(self, statement, *arguments, **named):
        self._statements[statement.split()[0]] += 1
        return self._connection.sql(statement, *arguments, **named)

    def __getattr__(self, name):
        return getattr(self._connection, name)


@pytest.fixture(scope="module")
def warehouse(demo_league, tmp_path_factory) -> CountingWarehouse:
    """A copy of the league after its backfill: all tables are there, contexts find all summaries."""
    file = tmp_path_factory.mktemp("counted") / "nba.duckdb"
    shutil.copy(demo_league.warehouse.path, file)
    return CountingWarehouse(file)


@cache
def statements(warehouse: CountingWarehouse, producers: tuple[Producer, ...], days: int) -> Counter[str]:
    """Statements of a run, by kind; the same run need not be counted twice."""
    dates = [OPENING + timedelta(days=offset) for offset in range(days)]
    warehouse.statements.clear()
    request = Request(dates=dates, mode=RunMode.BACKFILL, now=NOW, run_id="counted")
    results = [result for part in produce_dates(warehouse, producers, request) for result in part]
    assert len(results) == days * len(producers)
    assert all(result.done for result in results)
    return Counter(warehouse.statements)


@pytest.mark.parametrize("producer", [*SUMMARIES, *CONTEXTS], ids=lambda producer: producer.table.name)
def test_a_table_asks_as_many_questions_for_a_hundred_dates_as_for_ten(warehouse, producer):
    few = statements(warehouse, (producer,), 10)
    assert few == statements(warehouse, (producer,), 100)
    assert sum(few.values()) < 80


@pytest.mark.parametrize("stage", [SUMMARIES, CONTEXTS], ids=["summaries", "contexts"])
def test_tables_of_one_run_share_what_they_read(warehouse, stage):
    alone = sum(sum(statements(warehouse, (producer,), 10).values()) for producer in stage)
    together = sum(statements(warehouse, stage, 10).values())
    assert together < 0.8 * alone
