"""What several integration tests share, made once a session."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from analytics_assets.coverage.results import DateResult
from analytics_assets.demo.fill import fill_demo
from analytics_assets.league.seasons import REFERENCE_END, REFERENCE_START
from analytics_assets.partitions import date_range
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.real_data import DATES as REAL_DATES
from analytics_assets_tests.support.real_data import NOW as REAL_NOW
from analytics_assets_tests.support.real_data import RealSeasons, load_real_seasons
from analytics_assets_tests.support.warehouses import produce_contexts, produce_summaries


@dataclass(frozen=True)
class DemoLeague:
    """The demo league after the reference backfill.

    Attributes:
        warehouse: Where everything is.
        now: Moment of the backfill.
        results: Results of the summaries by table and date.
        contexts: Results of the context tables by table and date.
    """

    warehouse: DuckDBWarehouse
    now: datetime
    results: dict[str, dict[date, DateResult]]
    contexts: dict[str, dict[date, DateResult]]


@pytest.fixture(scope="session")
def real_seasons(tmp_path_factory) -> RealSeasons:
    """Real seasons, loaded and built; its tests belong to the group ``real_data`` and so to one process."""
    return load_real_seasons(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="session")
def real_contexts(real_seasons) -> dict[str, dict[date, DateResult]]:
    """Both context tables of the real regular seasons, built after the summaries; results by table and date."""
    return produce_contexts(real_seasons.warehouse, REAL_DATES, now=REAL_NOW)


@pytest.fixture(scope="session")
def demo_league(tmp_path_factory) -> DemoLeague:
    """The whole demo league; its tests belong to the group ``demo_league`` and so to one process."""
    now = datetime(2025, 7, 1, 12, tzinfo=UTC)
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("demo") / "nba.duckdb")
    fill_demo(warehouse, now=now, seed=7)
    dates = date_range(REFERENCE_START, REFERENCE_END)
    results = produce_summaries(warehouse, dates, now=now)
    return DemoLeague(warehouse, now, results, produce_contexts(warehouse, dates, now=now))
