"""What all kinds of tests share, made once a session."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from analytics_assets_tests.support.bigquery_emulator import BigQueryEmulator


@pytest.fixture(scope="session")
def bigquery_emulator() -> Iterator["BigQueryEmulator"]:
    """An emulator of BigQuery in this process."""
    # Only those who use it wait for its libraries.
    from analytics_assets_tests.support.bigquery_emulator import BigQueryEmulator

    running = BigQueryEmulator()
    yield running
    running.stop()
