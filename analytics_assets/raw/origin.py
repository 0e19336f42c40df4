"""Keeping the simulated league and real data apart."""

from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.warehouse import Warehouse, WarehouseError

DEMO_SOURCE = "demo_league"


def refuse_mixing(warehouse: Warehouse, incoming_source: str) -> None:
    """Refuse to put demo rows beside real ones, or real ones beside demo rows.

    Raises:
        WarehouseError: The schedule comes from the other side.
    """
    stored = set(warehouse.read(NBAC_SCHEDULE, ["data_source"])["data_source"].fillna("unknown"))
    if not stored:
        return
    if (DEMO_SOURCE in stored) != (incoming_source == DEMO_SOURCE):
        held = "the demo league" if DEMO_SOURCE in stored else "real data"
        raise WarehouseError(
            f"{warehouse.label} holds {held}; use another warehouse, for example "
            "NBA_WAREHOUSE=duckdb:///data/other.duckdb, so that simulated and real games never mix"
        )


def holds_demo_league(warehouse: Warehouse) -> bool:
    """Whether the warehouse holds the demo league, and not real data or nothing."""
    return DEMO_SOURCE in set(warehouse.read(NBAC_SCHEDULE, ["data_source"])["data_source"].dropna())


def refuse_imports_of_other_origin(warehouse: Warehouse, *, simulated: bool) -> None:
    """Refuse to put simulated seasons beside real data, or real ones beside the demo league.

    Raises:
        WarehouseError: The schedule comes from the other side.
    """
    refuse_mixing(warehouse, DEMO_SOURCE if simulated else "export")
