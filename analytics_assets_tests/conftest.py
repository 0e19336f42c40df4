"""What all kinds of tests share, made once a session."""

import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from analytics_assets.alerts.ops_database import METADATA, OpsDatabase

if TYPE_CHECKING:
    from analytics_assets_tests.support.bigquery_emulator import BigQueryEmulator

# Started by a script with `&`, a process ignores interrupts. Dagster then ignores SIGTERM as well, and so does all that
# tests start: processes that are told to end would stay for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def bigquery_emulator() -> Iterator["BigQueryEmulator"]:
    """An emulator of BigQuery in this process."""
    # Only those who use it wait for its libraries.
    from analytics_assets_tests.support.bigquery_emulator import BigQueryEmulator

    running = BigQueryEmulator()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def postgres_ops_url() -> Iterator[str]:
    """URL of an empty database on a PostgreSQL server of its own."""
    from analytics_assets_tests.support.postgres import postgres_server

    with postgres_server() as server:
        server.execute("CREATE DATABASE ops")
        yield server.url("ops")


@pytest.fixture(params=["sqlite", "postgresql"])
def ops_database_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """URL of an ops database without rows; of PostgreSQL where it is installed."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ops.db'}"
    url = request.getfixturevalue("postgres_ops_url")
    with OpsDatabase(url).begin() as connection:
        for table in METADATA.sorted_tables:
            connection.execute(table.delete())
    return url


@pytest.fixture
def ops_database(ops_database_url: str) -> OpsDatabase:
    """An ops database without rows."""
    return OpsDatabase(ops_database_url)
