"""Choosing a warehouse by URL and environment."""

from pathlib import Path

import pytest

from analytics_assets.settings import project_root
from analytics_assets.warehouse import WarehouseError, open_warehouse
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse


def opened(url: str | None = None, **environment: str) -> DuckDBWarehouse:
    warehouse = open_warehouse(url, environment)
    assert isinstance(warehouse, DuckDBWarehouse)
    return warehouse


def test_default_is_a_file_in_the_data_directory_which_is_created(tmp_path: Path) -> None:
    warehouse = opened(NBA_DATA_DIR=str(tmp_path / "new" / "data"))
    assert warehouse.path == tmp_path / "new" / "data" / "nba.duckdb"
    assert warehouse.path.parent.is_dir()
    assert not warehouse.path.exists()
    assert str(warehouse.path) in warehouse.label


def test_url_wins_over_environment_and_an_empty_variable_is_none(tmp_path: Path) -> None:
    stated = f"duckdb:///{tmp_path}/a.duckdb"
    other = f"duckdb:///{tmp_path}/b.duckdb"
    assert opened(stated, NBA_WAREHOUSE=other).path == tmp_path / "a.duckdb"
    assert opened(NBA_WAREHOUSE=other, NBA_DATA_DIR="/nowhere").path == tmp_path / "b.duckdb"
    assert opened(NBA_WAREHOUSE="", NBA_DATA_DIR=str(tmp_path)).path == tmp_path / "nba.duckdb"


def test_relative_path_starts_at_the_project() -> None:
    assert opened("duckdb:///here.duckdb").path == project_root() / "here.duckdb"


def test_waiting_time_is_an_option_of_the_url(tmp_path: Path) -> None:
    assert opened(f"duckdb:///{tmp_path}/a.duckdb?wait_seconds=2.5").wait_seconds == 2.5
    assert opened(f"duckdb:///{tmp_path}/a.duckdb").wait_seconds > 2.5


@pytest.mark.parametrize(
    "url", ["postgres://x/y", "duckdb:///", "duckdb://file", "nba.duckdb", "duckdb:///?wait_seconds=1"]
)
def test_unknown_kind_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(WarehouseError, match="is not a warehouse; write duckdb:///"):
        opened(url)


@pytest.mark.parametrize("options", ["wait=1", "wait_seconds=long", "wait_seconds", "wait_seconds=1&threads=2"])
def test_unknown_options_are_refused_not_ignored(options: str, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="wait_seconds"):
        opened(f"duckdb:///{tmp_path}/a.duckdb?{options}")


def test_missing_directory_is_told_before_anything_is_created(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"no-such-place of the warehouse file a\.duckdb does not exist"):
        opened(f"duckdb:///{tmp_path}/no-such-place/a.duckdb")
    assert not (tmp_path / "no-such-place").exists()
