"""A season of the demo league with faults and lost days: backfilled, mended and repaired as ``backfill`` does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd

from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.backfill.plan import Only, PlannedRun, plan_run, wanted_dates
from analytics_assets.backfill.runs import execute, failure_text
from analytics_assets.coverage.grid import coverage_grid
from analytics_assets.coverage.outdated import outdated_dates
from analytics_assets.coverage.results import DateResult
from analytics_assets.definitions import build_definitions
from analytics_assets.demo.box_faults import BOX_TABLES
from analytics_assets.demo.faulty_league import Fault
from analytics_assets.demo.fill import fill_demo
from analytics_assets.league.seasons import REFERENCE_END, REFERENCE_START
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY, RAW_TABLES
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.operations import DATE_OUTCOMES, QUARANTINED_ROWS
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.demo_season import AFTER_THE_SEASON, SEED

REFERENCE_DATES = date_range(REFERENCE_START, REFERENCE_END)
# The season that gets the faults, and the summer after it.
FIRST, LAST = REFERENCE_START, date(2022, 7, 31)
DatesByTable = dict[str, set[date]]


@dataclass(frozen=True)
class Step:
    """One ``backfill`` with its run.

    Attributes:
        run: The plan.
        results: What the run told, in order.
        status: How the run ended.
        failure: Why it failed; empty otherwise.
    """

    run: PlannedRun
    results: list[DateResult]
    status: dg.DagsterRunStatus
    failure: str

    @property
    def planned(self) -> DatesByTable:
        """Dates that were asked for."""
        return {name: set(days) for name, days in self.run.dates_by_table.items()}

    @property
    def outcomes(self) -> dict[tuple[str, date], str]:
        """Outcome by table and date."""
        return {(result.table_name, result.game_date): str(result.outcome) for result in self.results}


class FaultySeason:
    """A copy of the clean league after its backfill, whose first season was never built and gets faults.

    Args:
        clean: The league after its backfill; stays as it is.
        file: Where the copy is, not opened by anyone yet.
        instance: Where runs are recorded.
        now: Moment of all backfills.

    Attributes:
        warehouse: The copy.
        faults: The faults.
    """

    def __init__(self, clean: DuckDBWarehouse, file: Path, instance: dg.DagsterInstance, now: datetime) -> None:
        self.warehouse, self.instance, self.now = DuckDBWarehouse(file), instance, now
        self._clean = clean
        self.faults: tuple[Fault, ...] = fill_demo(self.warehouse, now=AFTER_THE_SEASON, seed=SEED, faults=True).faults
        built = [*ANALYTICS_TABLES, DATE_OUTCOMES, QUARANTINED_ROWS]
        with duckdb.connect(str(file)) as connection:
            for table in built:
                connection.execute(f"DELETE FROM {table.full_name} WHERE game_date BETWEEN ? AND ?", [FIRST, LAST])

    def lose(self, days: Sequence[date]) -> None:
        """Take every box score and all play-by-play of some days away."""
        with duckdb.connect(str(self.warehouse.path)) as connection:
            for table in (*BOX_TABLES, BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY):
                connection.execute(f"DELETE FROM {table.full_name} WHERE list_contains(?, game_date)", [list(days)])

    def mend(self) -> None:
        """Raw rows as in the clean league: lost days arrive, faults are gone."""
        with duckdb.connect(str(self.warehouse.path)) as connection:
            self._attach_clean(connection)
            for table in RAW_TABLES:
                day = table.date_column
                where = f" WHERE {day} BETWEEN '{FIRST}' AND '{LAST}'" if day else ""
                connection.execute(f"DELETE FROM {table.full_name}{where}")
                rows = f"SELECT * FROM clean.{table.full_name}{where}"
                connection.execute(f"INSERT INTO {table.full_name} BY NAME {rows}")

    def grid(self, names: Sequence[str]) -> pd.DataFrame:
        """Coverage of the whole reference range."""
        return coverage_grid(self.warehouse, names, REFERENCE_DATES, self.now)

    def definitions(self, **more) -> dg.Definitions:
        """The project's definitions over this warehouse at this moment."""
        resource = WarehouseResource(url=f"duckdb:///{self.warehouse.path}")
        return build_definitions(warehouse=resource, clock=lambda: self.now, **more)

    def backfill(self, names: Sequence[str], only: Only) -> Step:
        """What ``backfill --only`` does with the reference range: plan, one run."""
        outdated = None
        if only is Only.OUTDATED:
            outdated = outdated_dates(self.warehouse, names, REFERENCE_DATES, self.now)
        run = plan_run(wanted_dates(self.grid(names), only, outdated))
        assert run is not None
        results: list[DateResult] = []
        finished = execute(
            self.instance, run, mode=RunMode.BACKFILL, observer=results.append, definitions=self.definitions
        )
        failure = "" if finished.success else failure_text(finished)
        return Step(run, results, finished.dagster_run.status, failure)

    def differing(self, names: Sequence[str]) -> DatesByTable:
        """Dates of which any row is not as in the clean league, times of writing and versions aside."""
        found: DatesByTable = {}
        with duckdb.connect(str(self.warehouse.path)) as connection:
            self._attach_clean(connection)
            for table in (table for table in ANALYTICS_TABLES if table.name in names):
                columns = ", ".join(f'"{name}"' for name in _compared(table))
                own, other = (
                    f"SELECT {columns} FROM {owner}{table.full_name} WHERE game_date BETWEEN '{FIRST}' AND '{LAST}'"
                    for owner in ("", "clean.")
                )
                rows = f"({own} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {own})"
                days = connection.execute(f"SELECT DISTINCT game_date FROM ({rows})").fetchall()
                if days:
                    found[table.name] = {day for (day,) in days}
        return found

    def _attach_clean(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"ATTACH '{self._clean.path}' AS clean (READ_ONLY)")


def _compared(table: Table) -> list[str]:
    """All columns but the version counter and what tells when rows, or those of a source, were written."""
    written = {"processed_at", "created_at", "first_processed_at", "quality_calculated_at", table.version_column}
    return [name for name in table.column_names if name not in written and not name.endswith("_last_updated")]
