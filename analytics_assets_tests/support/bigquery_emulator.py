"""An emulator of BigQuery inside the test process: the whole engine runs against it without a network.

It does not show what only Google's service has: pruning of partitions, quotas, permissions, transactions that run at
the same moment, and names of jobs that are known already.
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from unittest.mock import patch

import structlog

from analytics_assets.tables.declaration import Table
from analytics_assets.warehouse.bigquery_address import BigQueryAddress
from analytics_assets.warehouse.bigquery_client import connect
from analytics_assets.warehouse.bigquery_warehouse import STAGING_DATASET, BigQueryWarehouse

_SECONDS_TO_START = 90


class BigQueryEmulator:
    """A running emulator; every project in it is empty and apart from the others."""

    def __init__(self) -> None:
        # It would log every step, and take away the handlers by which pytest sees what is logged.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        from bqemulator.config import Settings
        from bqemulator.server import EmulatorServer
        from bqemulator.storage.engine import DuckDBEngine

        settings = Settings(
            rest_port=0, grpc_port=0, enable_format_extensions=False, metrics_enabled=False, log_level="error"
        )
        self._loop = asyncio.new_event_loop()
        self._server = EmulatorServer(settings)
        self._thread = threading.Thread(target=self._loop.run_forever, name="bigquery-emulator", daemon=True)
        self._thread.start()
        # Its extension for geography, which is not used here, would have to be downloaded.
        with patch.object(DuckDBEngine, "_load_spatial"), patch("bqemulator.server.configure_logging"):
            asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(_SECONDS_TO_START)
        self.hosts = (self._server.rest_url, self._server.grpc_endpoint)

    def stop(self) -> None:
        """End the server and its thread."""
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(_SECONDS_TO_START)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS_TO_START)
        self._loop.close()

    def address(self, project: str) -> BigQueryAddress:
        """Address of a project."""
        return BigQueryAddress(project=project, location="US", emulator=self.hosts)

    def warehouse(self, project: str, *tables: Table, datasets: Sequence[str] = ()) -> BigQueryWarehouse:
        """A warehouse in a project of its own, with the data sets of some tables and these tables."""
        client = connect(self.address(project))
        for dataset in sorted({table.dataset for table in tables} | {STAGING_DATASET, *datasets}):
            client.create_dataset(f"{project}.{dataset}", exists_ok=True)
        warehouse = BigQueryWarehouse(self.address(project), client)
        warehouse.ensure(*tables)
        return warehouse
