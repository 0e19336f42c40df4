"""Writing the demo league into a warehouse; the only module of this room that touches one."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from analytics_assets.demo.faults import FAULTY_SEASON, Fault, with_faults
from analytics_assets.demo.league import simulate_seasons
from analytics_assets.raw.declarations import NBAC_SCHEDULE, RAW_TABLES
from analytics_assets.raw.origin import DEMO_SOURCE, refuse_mixing
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform
from analytics_assets.warehouse import MergeCounts, Warehouse, WarehouseError, Write

_NOTHING = MergeCounts(added=0, changed=0, unchanged=0)
_FACTS_OF_A_GAME = ["game_id", "game_date", "home_team_tricode", "away_team_tricode"]

_Season = tuple[int, dict[str, pd.DataFrame]]


@dataclass(frozen=True)
class FilledDemo:
    """What filling did.

    Attributes:
        counts: Rows added, changed and unchanged by raw table.
        removed: Rows by raw table that an earlier run with or without faults had left and this one took away.
        faults: The faults that are in the rows; empty if none were asked for.
    """

    counts: Mapping[str, MergeCounts]
    removed: Mapping[str, int]
    faults: tuple[Fault, ...]


def fill_demo(warehouse: Warehouse, *, now: datetime, seed: int, faults: bool = False) -> FilledDemo:
    """Simulate the league up to now and write it into the raw tables, season by season.

    Rows that are there already stay untouched. Whichever of both was asked for before: afterwards the raw tables hold
    the league with its faults, or without.

    Args:
        warehouse: Where to write.
        now: The present moment, with time zone.
        seed: Seed of the league.
        faults: Whether one season gets the faults of :func:`with_faults`.

    Raises:
        WarehouseError: The warehouse holds a real schedule, or another demo league; leagues must not mix.
    """
    warehouse.ensure(*RAW_TABLES)
    refuse_mixing(warehouse, DEMO_SOURCE)
    counts, removed = dict.fromkeys((table.name for table in RAW_TABLES), _NOTHING), {}
    told: tuple[Fault, ...] = ()
    for season_year, frames in _ahead(simulate_seasons(now=now, seed=seed)):
        schedule = frames[NBAC_SCHEDULE.name].assign(data_source=DEMO_SOURCE)
        frames = {**frames, NBAC_SCHEDULE.name: schedule}
        _refuse_another_league(warehouse, schedule)
        if season_year == FAULTY_SEASON:
            dates = schedule["game_date"]
            if faults:
                frames, told = with_faults(frames, seed)
            removed = {t.name: _remove_surplus(warehouse, t, frames[t.name], dates) for t in RAW_TABLES}
        for table in RAW_TABLES:
            counts[table.name] += warehouse.merge_rows(table, frames[table.name])
    return FilledDemo(counts, {name: rows for name, rows in removed.items() if rows}, told)


def _ahead(seasons: Iterator[_Season]) -> Iterator[_Season]:
    """The same seasons, each simulated while the one before is being written."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, seasons, None)
        while (season := coming.result()) is not None:
            coming = pool.submit(next, seasons, None)
            yield season


def _refuse_another_league(warehouse: Warehouse, schedule: pd.DataFrame) -> None:
    days = schedule["game_date"]
    stored = warehouse.read(NBAC_SCHEDULE, _FACTS_OF_A_GAME, days.min().date(), days.max().date())
    known = stored[stored["game_id"].isin(schedule["game_id"])]
    if len(known.merge(schedule[_FACTS_OF_A_GAME], on=_FACTS_OF_A_GAME)) < len(known):
        raise WarehouseError(
            f"{warehouse.label} holds another demo league, of another seed or of an older version; give the seed that "
            "filled it, or use another warehouse, for example NBA_WAREHOUSE=duckdb:///data/other.duckdb"
        )


def _remove_surplus(warehouse: Warehouse, table: Table, frame: pd.DataFrame, dates: pd.Series) -> int:
    """Remove stored rows of a season that its frame does not hold; merging by key would leave them.

    A row written at another time is another row, although merging would take both for the same.

    Args:
        warehouse: Where to remove.
        table: Table to remove from.
        frame: All its rows of the season.
        dates: Game dates of the season.

    Returns:
        Rows removed.
    """
    identity = [*(table.unit or table.key), "processed_at"]
    held = conform(frame, table)[identity].drop_duplicates()
    if table.date_column is None:
        stored = warehouse.read(table, identity)
        stored = stored[stored["season_year"].isin(frame["season_year"])]
    else:
        stored = warehouse.read(table, identity, dates.min().date(), dates.max().date())
    compared = stored.merge(held, on=identity, how="left", indicator="found")
    surplus = compared.loc[compared["found"] == "left_only", identity]
    if len(surplus):
        warehouse.commit([Write(table, frame.iloc[:0], surplus.drop_duplicates())])
    return len(surplus)
