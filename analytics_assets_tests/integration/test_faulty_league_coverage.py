"""A whole season of the faulty demo league: each date has one outcome, as its fault tells; nothing is unexplained."""

from datetime import UTC, date, datetime

import duckdb
import pytest

from analytics_assets.coverage.calendar import DayKind, classify_dates
from analytics_assets.coverage.grid import coverage_grid, missing_dates
from analytics_assets.coverage.results import DateResult
from analytics_assets.demo.fill import fill_demo
from analytics_assets.demo.league import simulate_league
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.frames import conform
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.warehouses import produce_contexts, produce_summaries

NOW = datetime(2022, 9, 1, 12, tzinfo=UTC)
DATES = date_range(date(2021, 10, 19), date(2022, 8, 31))
NAMES = [table.name for table in ANALYTICS_TABLES]
DONE = {"built", "off_day", "off_season"}
Results = dict[str, dict[date, DateResult]]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory) -> tuple[DuckDBWarehouse, Results, dict[date, tuple[str, str]]]:
    """Warehouse, results by table and date, and the outcomes that faults promise to players and teams by date."""
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("faulty") / "nba.duckdb")
    filled = fill_demo(warehouse, now=NOW, seed=7, faults=True)
    results = produce_summaries(warehouse, DATES, now=NOW) | produce_contexts(warehouse, DATES, now=NOW)
    told = {day: (fault.player_outcome, fault.team_outcome) for fault in filled.faults for day in fault.dates}
    return warehouse, results, told


def clean_outcomes() -> dict[date, str]:
    """What each date is on the league without faults, by its schedule."""
    raw = simulate_league(now=NOW, seed=7, tables=[NBAC_SCHEDULE.name])[NBAC_SCHEDULE.name]
    kinds = classify_dates(interpret_schedule(conform(raw, NBAC_SCHEDULE)), DATES)["kind"]
    names = {DayKind.GAME_DAY: "built", DayKind.OFF_DAY: "off_day", DayKind.OFF_SEASON: "off_season"}
    return {stamp.date(): names[DayKind(kind)] for stamp, kind in kinds.items()}


def test_summaries_end_as_on_the_clean_league_but_for_the_outcomes_that_faults_promise(faulty):
    _, results, told = faulty
    assert len(told) > 15
    for name in NAMES[:3]:
        promised = {day: str(outcomes[name != "player_game_summary"]) for day, outcomes in told.items()}
        found = {day: str(result.outcome) for day, result in results[name].items()}
        assert found == clean_outcomes() | promised


def test_grid_recorded_outcomes_and_plain_sql_agree_and_every_gap_has_a_reason(faulty):
    warehouse, results, told = faulty
    grid = coverage_grid(warehouse, NAMES, DATES, NOW)
    assert len(grid) == len(NAMES) * len(DATES)
    states = {(row.table_name, row.game_date.date()): row.state for row in grid.itertuples()}
    assert states == {(name, day): str(r.outcome) for name, found in results.items() for day, r in found.items()}
    gaps = missing_dates(grid)
    assert len(gaps) == sum(state not in DONE for state in states.values()) > 0
    assert gaps["reason"].str.len().min() > 10
    # Only faults make gaps: a context may miss what a fault took, and nothing else.
    assert set(gaps["game_date"].dt.date) <= set(told)
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        counted = connection.execute(
            "SELECT table_name, outcome, count(*) FROM nba_ops.date_outcomes GROUP BY ALL"
        ).fetchall()
    shown = grid.groupby(["table_name", "state"]).size()
    assert {(name, outcome): size for name, outcome, size in counted} == shown.to_dict()
