"""Choosing a warehouse by URL."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from analytics_assets.alerts.redaction import Redactor
from analytics_assets.settings import data_directory, project_root
from analytics_assets.warehouse.bigquery_address import EXAMPLE, PREFIX, BigQueryAddress, parse_address
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets.warehouse.interface import Warehouse, WarehouseError

if TYPE_CHECKING:
    from google.cloud import bigquery

WAREHOUSE_VARIABLE = "NBA_WAREHOUSE"
DEFAULT_URL = "duckdb:///data/nba.duckdb"
_DUCKDB_PREFIX = "duckdb:///"


def open_warehouse(
    url: str | None = None,
    environment: Mapping[str, str] | None = None,
    connect: "Callable[[BigQueryAddress], bigquery.Client] | None" = None,
) -> Warehouse:
    """The warehouse that a URL names.

    Args:
        url: ``duckdb:///relative/path`` or ``duckdb:////absolute/path``, with ``?wait_seconds=5`` to wait that long for
            a process that holds the file; None takes ``NBA_WAREHOUSE``, and without it the default file ``nba.duckdb``
            in the data directory, which is created. Relative paths start at the project's root. Or
            ``bigquery://project?location=US``.
        environment: Environment variables; the process's own by default.
        connect: Makes the client of a BigQuery warehouse; by default one with the key of the environment, or with
            application default credentials.

    Raises:
        WarehouseError: The URL is of an unknown kind, its directory does not exist, or there are no credentials.
    """
    environment = os.environ if environment is None else environment
    url = url or environment.get(WAREHOUSE_VARIABLE) or None
    if url is None:
        directory = data_directory(environment)
        directory.mkdir(parents=True, exist_ok=True)
        return DuckDBWarehouse(directory / "nba.duckdb")
    if url.startswith(PREFIX):
        # Google's libraries take a second to load, which a DuckDB user should not wait for.
        from analytics_assets.warehouse.bigquery_warehouse import BigQueryWarehouse

        address = parse_address(url, environment)
        return BigQueryWarehouse(address, client=connect(address) if connect else None)
    location, _, options = url.partition("?")
    if not location.startswith(_DUCKDB_PREFIX) or location == _DUCKDB_PREFIX:
        # Somebody may have put the address of a database here, with its password.
        shown = Redactor()(url)
        raise WarehouseError(f"{WAREHOUSE_VARIABLE}={shown!r} is not a warehouse; write {DEFAULT_URL} or {EXAMPLE}")
    path = project_root() / location.removeprefix(_DUCKDB_PREFIX)
    if not path.parent.is_dir():
        raise WarehouseError(
            f"directory {path.parent} of the warehouse file {path.name} does not exist; create it first"
        )
    return DuckDBWarehouse(path, **_options(url, options))


def _options(url: str, options: str) -> dict[str, float]:
    try:
        stated = dict(parse_qsl(options, strict_parsing=True)) if options else {}
        found = {"wait_seconds": float(stated.pop("wait_seconds"))} if stated else {}
        if stated:
            raise KeyError(*stated)
        return found
    except (KeyError, ValueError) as error:
        raise WarehouseError(f"{url!r} has options that are not known; known is wait_seconds, in seconds") from error
