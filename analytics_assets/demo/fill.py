"""Writing the demo league into a warehouse; the only module of this room that touches one."""

from datetime import datetime

from analytics_assets.demo.league import simulate_league
from analytics_assets.raw.declarations import NBAC_SCHEDULE, RAW_TABLES
from analytics_assets.raw.origin import DEMO_SOURCE, refuse_mixing
from analytics_assets.warehouse import MergeCounts, Warehouse


def fill_demo(warehouse: Warehouse, *, now: datetime, seed: int) -> dict[str, MergeCounts]:
    """Simulate the league up to now and merge it into the raw tables.

    Returns:
        Rows added, changed and unchanged by raw table.

    Raises:
        WarehouseError: The warehouse holds a real schedule, which demo rows must not mix with.
    """
    warehouse.ensure(*RAW_TABLES)
    refuse_mixing(warehouse, DEMO_SOURCE)
    frames = simulate_league(now=now, seed=seed)
    frames[NBAC_SCHEDULE.name]["data_source"] = DEMO_SOURCE
    return {table.name: warehouse.merge_rows(table, frames[table.name]) for table in RAW_TABLES}
