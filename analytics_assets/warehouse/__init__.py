"""Reading and writing tables: one small interface, its DuckDB engine, and how an engine is chosen."""

from analytics_assets.warehouse.interface import (
    MergeCounts,
    Warehouse,
    WarehouseError,
    WarehouseLockedError,
    Write,
)
from analytics_assets.warehouse.open import DEFAULT_URL, WAREHOUSE_VARIABLE, open_warehouse

__all__ = [
    "DEFAULT_URL",
    "WAREHOUSE_VARIABLE",
    "MergeCounts",
    "Warehouse",
    "WarehouseError",
    "WarehouseLockedError",
    "Write",
    "open_warehouse",
]
