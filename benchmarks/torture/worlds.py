"""Worlds: data directories as a deployment has them (warehouse, Dagster's records, ops database), to be copied."""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from benchmarks.torture.kill_points import counting
from benchmarks.torture.league import DATES, correct, fill
from benchmarks.torture.processes import Child, command, start

WAREHOUSE_FILE = "nba.duckdb"
TABLE_NAMES = tuple(table.name for table in ANALYTICS_TABLES)
# Half of the rounds rebuild fewer tables, which takes half the time; the others build all.
REBUILT_TABLES = ("team_offense_game_summary", "upcoming_team_game_context")
DATES_ARGUMENT = ",".join(day.isoformat() for day in DATES)

# Content by table and date: a digest that no order of rows changes.
Content = dict[tuple[str, str], str]


@dataclass(frozen=True)
class World:
    """A data directory that rounds start from.

    Attributes:
        name: ``missing``: half of the dates are built, the others wait for their first build; ``rebuild``: all are
            built and every raw source was corrected since.
        directory: The data directory; rounds work on copies.
        only: What a backfill of this world is asked for.
        tables: The tables that it builds.
        before: Content before the backfill.
        clean: Content after a backfill that nobody disturbed.
        raw: Content of the raw tables.
        seconds: How long that backfill takes.
        made_at: When the world was made; later attempts are those of a round.
        passages: How often that backfill passes each phase of ``kill_points``.
    """

    name: str
    directory: Path
    only: str
    tables: tuple[str, ...]
    before: Content
    clean: Content
    raw: Content
    seconds: float
    made_at: pd.Timestamp
    passages: Mapping[str, int]

    @property
    def backfill(self) -> list[str]:
        """The command that is disturbed."""
        return _backfill(self.only, self.tables)

    @property
    def status(self) -> list[str]:
        """The command that looks at what this world's backfill builds."""
        days = DATES[0].isoformat(), DATES[-1].isoformat()
        return ["status", "--start", days[0], "--end", days[1], "--tables", ",".join(self.tables)]

    def copy(self, directory: Path) -> Path:
        """A copy to work on."""
        shutil.copytree(self.directory, directory)
        return directory


def environment_of(directory: Path, **more: str) -> dict[str, str]:
    """Variables of a process that works on a data directory."""
    return {"NBA_DATA_DIR": str(directory), "NBA_PARTITIONS_START": "2024-10-01", "COLUMNS": "200", **more}


def call(directory: Path, *arguments: str, name: str = "command", **environment: str) -> Child:
    """Start a command of ``nba-analytics`` on a data directory."""
    return start(command(arguments), directory / "told", environment_of(directory, **environment), name)


def content(path: Path) -> Content:
    """What the analytics tables hold, by table and date; dates without rows are absent."""
    return _digests(path, ANALYTICS_TABLES)


def raw_content(path: Path) -> Content:
    """What the raw tables hold."""
    return _digests(path, RAW_TABLES)


def _digests(path: Path, tables: Any) -> Content:
    found = DuckDBWarehouse(path, wait_seconds=10).digests_by_date(tables, DATES[0], DATES[-1])
    days = (
        found["game_date"].dt.strftime("%Y-%m-%d").where(found["game_date"].notna(), found["season_year"].astype(str))
    )
    return {
        (str(name), str(day)): str(digest)
        for name, day, digest in zip(found["table_name"], days, found["digest"], strict=True)
    }


def make_worlds(directory: Path) -> list[World]:
    """Build both worlds and learn what an undisturbed backfill makes of them."""
    base = directory / "base"
    base.mkdir(parents=True)
    start(lambda: fill(base / WAREHOUSE_FILE), directory, name="fill").result()
    half = ",".join(day.isoformat() for day in DATES[::2])
    _must(call(base, "backfill", "--dates", half), base)
    missing = _world("missing", base, "missing", TABLE_NAMES)
    rebuilt = directory / "rebuild"
    shutil.copytree(base, rebuilt)
    _must(call(rebuilt, "backfill", "--dates", DATES_ARGUMENT), rebuilt)
    return [missing, _corrected(rebuilt)]


def make_small_world(directory: Path) -> World:
    """Only the world that rebuilds a few tables, and only these tables in it: made in a fraction of the time."""
    rebuilt = directory / "rebuild"
    rebuilt.mkdir(parents=True)
    start(lambda: fill(rebuilt / WAREHOUSE_FILE), directory, name="fill").result()
    _must(call(rebuilt, "backfill", "--dates", DATES_ARGUMENT, "--tables", ",".join(REBUILT_TABLES)), rebuilt)
    return _corrected(rebuilt)


def _corrected(rebuilt: Path) -> World:
    start(lambda: correct(rebuilt / WAREHOUSE_FILE), rebuilt.parent, name="correct").result()
    again = _world("rebuild", rebuilt, "all", REBUILT_TABLES)
    built = {key: digest for key, digest in again.clean.items() if key[0] in REBUILT_TABLES}
    unchanged = [key for key, digest in built.items() if again.before.get(key) == digest]
    assert not unchanged, f"a correction must show in every table and date, not so in {unchanged}"
    return again


def _backfill(only: str, tables: tuple[str, ...]) -> list[str]:
    return ["backfill", "--dates", DATES_ARGUMENT, "--only", only, "--tables", ",".join(tables)]


def _world(name: str, directory: Path, only: str, tables: tuple[str, ...]) -> World:
    clean = directory.parent / f"{name}-clean"
    shutil.copytree(directory, clean)
    counts = directory.parent / f"{name}-passages.json"
    made_at = pd.Timestamp.now("UTC")
    began = time.monotonic()
    _must(start(command(_backfill(only, tables), counting(counts)), clean / "told", environment_of(clean)), clean)
    seconds = time.monotonic() - began
    of_file = directory / WAREHOUSE_FILE, clean / WAREHOUSE_FILE
    before, after, raw = start(
        lambda: (content(of_file[0]), content(of_file[1]), raw_content(of_file[0])), directory.parent, name="content"
    ).result()
    rows = [key for key in after if key[0] in tables]
    assert len(rows) >= (len(DATES) - 1) * len(tables), "nearly every date must have rows in every table"
    return World(name, directory, only, tables, before, after, raw, seconds, made_at, json.loads(counts.read_text()))


def _must(child: Child, directory: Path) -> None:
    code = child.wait()
    assert code == 0, f"{directory.name}: {code}: {child.told[-3000:]}"


def newest_record(directory: Path) -> Mapping[str, Any] | None:
    """The record of the latest backfill of the command line; None if there is none."""
    found = sorted((directory / "backfills").glob("cli-*.json"))
    return json.loads(found[-1].read_text()) if found else None


def shown(days: pd.Series) -> pd.Series:
    """Dates as text."""
    return days.dt.strftime("%Y-%m-%d")
