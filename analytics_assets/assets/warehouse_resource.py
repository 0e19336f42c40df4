"""The warehouse as a Dagster resource."""

from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.warehouse import Warehouse, open_warehouse
from analytics_assets.warehouse.bigquery_address import BigQueryAddress

if TYPE_CHECKING:
    from google.cloud import bigquery


class WarehouseResource(dg.ConfigurableResource):
    """Opens the warehouse that holds raw and analytics tables.

    Attributes:
        url: Warehouse URL such as ``duckdb:///data/nba.duckdb`` or ``bigquery://project?location=US``; empty takes
            ``NBA_WAREHOUSE`` or the default file.
    """

    url: str = ""

    def open(self) -> Warehouse:
        """The warehouse.

        Raises:
            WarehouseError: The URL or its directory does not exist, or there are no credentials.
        """
        return open_warehouse(self.url or None, connect=_client)


def _client(address: BigQueryAddress) -> "bigquery.Client":
    """The client that Dagster's own resource makes for an address."""
    # Google's libraries take a second to load, which a DuckDB user should not wait for.
    from dagster_gcp import BigQueryResource

    from analytics_assets.warehouse.bigquery_client import connect
    from analytics_assets.warehouse.bigquery_errors import explained

    if address.emulator:
        return connect(address)
    resource = BigQueryResource(project=address.project, location=address.location, gcp_credentials=address.key)
    with explained(address), resource.get_client() as client:
        # The client keeps its credentials; only the temporary key file ends with the block.
        return client
