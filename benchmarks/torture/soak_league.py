"""The raw rows of a thin league as they arrive: what a source wrote up to a moment, with faults put in by a seed."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from analytics_assets.demo.league import simulate_seasons
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    BIGDATABALL_PLAY_BY_PLAY,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAY_BY_PLAY,
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    RAW_TABLES,
)
from analytics_assets.raw.declarations.schedule import FINAL, SCHEDULED
from analytics_assets.tables.declaration import Table
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets.warehouse.interface import Write
from analytics_assets.warehouse.writes import rows_to_merge
from benchmarks.torture.league import thin_frames

FIRST_DAY = date(2021, 10, 19)
GAMES_A_DATE = 2
# The chance of each fault on a date with games.
CHANCES = {"late source": 0.07, "broken rows": 0.04, "correction": 0.07, "missed morning": 0.03, "crashed run": 0.03}
_BOXES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES, BDL_PLAYER_BOXSCORES)
_OF_A_GAME = {table.name for table in (*_BOXES, NBAC_TEAM_BOXSCORE, BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY)}


@dataclass
class Arrivals:
    """Rows of one raw table in the order in which they were written."""

    table: Table
    rows: pd.DataFrame
    reached: int = 0

    def until(self, moment: pd.Timestamp) -> pd.DataFrame:
        """The rows written since the last call."""
        end = int(self.rows["processed_at"].searchsorted(moment, side="right"))
        new, self.reached = self.rows.iloc[self.reached : end], max(end, self.reached)
        return new


@dataclass
class SoakLeague:
    """Everything that will ever be written, the faults, and where the warehouse has got to.

    Attributes:
        arrivals: Rows by raw table.
        faults: The fault of each date that has one.
    """

    arrivals: list[Arrivals]
    faults: dict[date, str]
    _later: list[tuple[datetime, Write]] = field(default_factory=list)

    def feed(self, warehouse: DuckDBWarehouse, now: datetime) -> None:
        """Write what arrived since the last call, in one transaction."""
        writes = [write for moment, write in self._later if moment <= now]
        self._later = [(moment, write) for moment, write in self._later if moment > now]
        for arriving in self.arrivals:
            rows = arriving.until(pd.Timestamp(now))
            if arriving.table.name in _OF_A_GAME and len(rows):
                rows = self._with_faults(arriving.table, rows, now)
            if len(rows):
                replaced = rows[["game_id"]] if arriving.table.name == NBAC_SCHEDULE.name else None
                writes.append(Write(arriving.table, rows, replaced))
        if writes:
            warehouse.commit(writes)

    def _with_faults(self, table: Table, rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
        kept = []
        for stamp, of_date in rows.groupby("game_date"):
            fault = self.faults.get(pd.Timestamp(str(stamp)).date())
            replaced = of_date[["game_date"]].drop_duplicates()
            if fault == "late source":
                self._later.append((now + timedelta(hours=20), Write(table, of_date)))
                continue
            if fault == "broken rows" and table in _BOXES:
                self._later.append((now + timedelta(hours=20), Write(table, of_date, replaced)))
                of_date = _rehashed(table, of_date.assign(fg_made=of_date["fg_attempted"] + 1))
            if fault == "correction" and table is NBAC_GAMEBOOK_PLAYER_STATS:
                better = of_date.assign(assists=of_date["assists"] + 1, processed_at=pd.Timestamp(now))
                self._later.append((now + timedelta(days=3), Write(table, _rehashed(table, better), replaced)))
            kept.append(of_date)
        return pd.concat(kept) if kept else rows.iloc[:0]


def soak_league(days: int, seed: int) -> SoakLeague:
    """A league of two games a date over some days from the first of the reference range.

    Args:
        days: Number of days.
        seed: Seed of the faults.
    """
    last = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(days=days + 1)
    parts: dict[str, list[pd.DataFrame]] = {table.name: [] for table in RAW_TABLES}
    for _, frames in simulate_seasons(now=last):
        schedule = frames[NBAC_SCHEDULE.name]
        games = schedule.sort_values(["game_date", "game_id"]).groupby("game_date").head(GAMES_A_DATE)
        for name, rows in thin_frames(frames, games).items():
            parts[name].append(rows)
    arrivals = []
    for table in RAW_TABLES:
        rows = pd.concat(parts[table.name], ignore_index=True)
        if table.name == NBAC_SCHEDULE.name:
            rows = pd.concat([_announced(rows), rows[rows["game_status"] == FINAL]])
        rows = rows.sort_values("processed_at", kind="stable", ignore_index=True)
        arrivals.append(Arrivals(table, _rehashed(table, rows) if table.name != NBAC_SCHEDULE.name else rows))
    played = sorted({day.date() for day in arrivals[0].rows["game_date"]})
    return SoakLeague(arrivals, _faults(played, seed))


def _announced(schedule: pd.DataFrame) -> pd.DataFrame:
    """The games as they stood in the schedule before they were played."""
    known = pd.Timestamp(FIRST_DAY, tz="UTC") - pd.Timedelta(days=30)
    first = schedule["tipoff_at"].dt.normalize().groupby(schedule["season_year"]).transform("min")
    nothing = pd.Series(pd.NA, index=schedule.index, dtype="Int64")
    return schedule.assign(
        game_status=SCHEDULED,
        home_team_score=nothing,
        away_team_score=nothing,
        processed_at=(first - pd.Timedelta(days=10)).clip(lower=known),
    )


def _faults(played: Iterable[date], seed: int) -> dict[date, str]:
    chance = random.Random(f"faults-{seed}")
    found = {}
    for day in played:
        drawn, reached = chance.random(), 0.0
        for name, share in CHANCES.items():
            reached += share
            if drawn < reached:
                found[day] = name
                break
    return found


def _rehashed(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the digests that merging would give them, once and not again at every morning."""
    return rows_to_merge(table, rows)
