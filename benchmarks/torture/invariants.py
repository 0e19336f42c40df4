"""What must hold after anything that happens to the project; each broken one is told in a sentence."""

from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pandas as pd

from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES, QUARANTINED_ROWS
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from benchmarks.torture.league import DATES
from benchmarks.torture.worlds import TABLE_NAMES, WAREHOUSE_FILE, Content, World, content, raw_content, shown

_DONE = [str(outcome) for outcome in DONE_OUTCOMES]
Keys = set[tuple[str, str]]


@dataclass
class Findings:
    """What was found broken, in three kinds.

    Attributes:
        lost: Content that should be there and is not.
        doubled: Rows or attempts that are there twice.
        silent: Records that claim what is not so, or keep quiet about what is.
        new: Tables and dates that hold what a clean backfill gives.
    """

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    new: int = 0

    @property
    def broken(self) -> list[str]:
        """Everything that was found."""
        return [*self.lost, *self.doubled, *self.silent]


def check(world: World, directory: Path, *, complete: bool = False) -> Findings:
    """Compare a data directory with what must hold.

    Args:
        world: The world that it is a copy of.
        directory: The data directory.
        complete: Whether every table and date must hold what a clean backfill gives; otherwise each holds that or,
            entirely, what it held before.
    """
    path = directory / WAREHOUSE_FILE
    warehouse = DuckDBWarehouse(path, wait_seconds=10)
    found = Findings()
    now = content(path)
    attempts = warehouse.read(DATE_OUTCOMES)
    fresh = _fresh_attempts(world, attempts)
    _check_content(world, now, complete, found)
    _check_duplicates(warehouse, attempts, found)
    _check_outcomes(world, warehouse, now, fresh, found)
    _check_records(directory, attempts, found, complete=complete)
    if raw_content(path) != world.raw:
        found.lost.append("raw tables changed")
    return found


def _check_content(world: World, now: Content, complete: bool, found: Findings) -> None:
    for key in sorted({*now, *world.before, *world.clean}):
        holds, before, clean = now.get(key), world.before.get(key), world.clean.get(key)
        found.new += holds == clean
        if holds == clean or (holds == before and not complete):
            continue
        kind = "is not what a clean backfill gives" if complete else "is neither what it was nor what a backfill gives"
        found.lost.append(f"{key[0]} {key[1]} {kind}: {holds}")


def _check_duplicates(warehouse: DuckDBWarehouse, attempts: pd.DataFrame, found: Findings) -> None:
    for table in (*ANALYTICS_TABLES, QUARANTINED_ROWS):
        doubled = warehouse.profile(table)["duplicate_keys"]
        if doubled:
            found.doubled.append(f"{table.name}: {doubled} keys twice")
    twice = attempts.duplicated(["table_name", "game_date", "run_id"])
    if twice.any():
        found.doubled.append(f"{int(twice.sum())} attempts of one run and date recorded twice")


def _fresh_attempts(world: World, attempts: pd.DataFrame) -> pd.DataFrame:
    """Done attempts since the world was made, one row a table and date."""
    since = attempts[attempts["recorded_at"] > world.made_at]
    return since[since["outcome"].isin(_DONE)]


def _check_outcomes(
    world: World, warehouse: DuckDBWarehouse, now: Content, fresh: pd.DataFrame, found: Findings
) -> None:
    """Rows and outcomes are written in one transaction: one never without the other."""
    recorded = set(zip(fresh["table_name"].astype(str), shown(fresh["game_date"]), strict=True))
    for key in sorted(recorded):
        if now.get(key) != world.clean.get(key):
            found.silent.append(f"{key[0]} {key[1]} has an outcome of this backfill and not its rows")
    for key in sorted(world.clean):
        if now.get(key) == world.clean[key] != world.before.get(key) and key not in recorded:
            found.silent.append(f"{key[0]} {key[1]} has rows of this backfill and no outcome")
    latest = fresh.drop_duplicates(["table_name", "game_date"], keep="last")
    for table in ANALYTICS_TABLES:
        counts = warehouse.counts_by_date(table, DATES[0], DATES[-1]).set_index("game_date")["rows"]
        told = latest[latest["table_name"] == table.name].set_index("game_date")["actual_rows"]
        wrong = told[told.astype(int) != counts.reindex(told.index, fill_value=0).astype(int)]
        found.silent += [f"{table.name} {day:%Y-%m-%d} has another number of rows than recorded" for day in wrong.index]


def _check_records(directory: Path, attempts: pd.DataFrame, found: Findings, *, complete: bool) -> None:
    """No date is materialized in Dagster that has no done outcome; in the end also none done that is not shown."""
    done = attempts[attempts["outcome"].isin(_DONE)]
    done_keys: Keys = set(zip(done["table_name"].astype(str), shown(done["game_date"]), strict=True))
    told: Keys = set(zip(done["table_name"] + " " + done["run_id"], shown(done["game_date"]), strict=True))
    home = directory / "dagster"
    if not home.is_dir():
        return
    with dg.DagsterInstance.from_config(str(home)) as instance:
        for name in TABLE_NAMES:
            key = dg.AssetKey(name)
            for record in instance.fetch_materializations(key, limit=1000).records:
                event, run = record.asset_materialization, record.run_id
                repaired = event is not None and "repaired" in event.metadata
                day = str(record.partition_key)
                if (name, day) not in done_keys or (not repaired and (f"{name} {run}", day) not in told):
                    found.silent.append(f"{name} {day} is materialized in Dagster by {run} without an outcome of it")
            if complete:
                lacking = {day for table, day in done_keys if table == name} - instance.get_materialized_partitions(key)
                found.silent += [f"{name} {day} is done and not materialized in Dagster" for day in sorted(lacking)]
