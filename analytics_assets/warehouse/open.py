"""Choosing a warehouse by URL."""

import os
from collections.abc import Mapping
from pathlib import Path

from analytics_assets.settings import data_directory
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets.warehouse.interface import Warehouse, WarehouseError

WAREHOUSE_VARIABLE = "NBA_WAREHOUSE"
DEFAULT_URL = "duckdb:///data/nba.duckdb"
_DUCKDB_PREFIX = "duckdb:///"


def open_warehouse(url: str | None = None, environment: Mapping[str, str] | None = None) -> Warehouse:
    """The warehouse that a URL names.

    Args:
        url: ``duckdb:///relative/path`` or ``duckdb:////absolute/path``; None takes ``NBA_WAREHOUSE``, and without it
            the default file ``nba.duckdb`` in the data directory, which is created.
        environment: Environment variables; the process's own by default.

    Raises:
        WarehouseError: The URL is of an unknown kind, or its directory does not exist.
    """
    environment = os.environ if environment is None else environment
    url = url or environment.get(WAREHOUSE_VARIABLE) or None
    if url is None:
        directory = data_directory(environment)
        directory.mkdir(parents=True, exist_ok=True)
        return DuckDBWarehouse(directory / "nba.duckdb")
    if not url.startswith(_DUCKDB_PREFIX) or url == _DUCKDB_PREFIX:
        raise WarehouseError(f"{WAREHOUSE_VARIABLE}={url!r} is not a warehouse; write duckdb:///path/to/file.duckdb")
    path = Path(url.removeprefix(_DUCKDB_PREFIX)).absolute()
    if not path.parent.is_dir():
        raise WarehouseError(
            f"directory {path.parent} of the warehouse file {path.name} does not exist; create it first"
        )
    return DuckDBWarehouse(path)
