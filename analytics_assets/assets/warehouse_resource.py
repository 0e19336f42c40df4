"""The warehouse as a Dagster resource."""

import dagster as dg

from analytics_assets.warehouse import Warehouse, open_warehouse


class WarehouseResource(dg.ConfigurableResource):
    """Opens the warehouse that holds raw and analytics tables.

    Attributes:
        url: Warehouse URL such as ``duckdb:///data/nba.duckdb``; empty takes ``NBA_WAREHOUSE`` or the default file.
    """

    url: str = ""

    def open(self) -> Warehouse:
        """The warehouse.

        Raises:
            WarehouseError: The URL or its directory does not exist.
        """
        return open_warehouse(self.url or None)
