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


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("bigquery://my-project", "must name its location: write bigquery://my-project"),
        ("bigquery://?location=US", "does not name a project"),
        ("bigquery://my-project`; DROP?location=US", "does not name a project"),
        ("bigquery://user:password@my-project?location=US", "does not name a project"),
        ("bigquery://my-project?location=US'", "does not name a project"),
        ("bigquery://my-project?location=US&limit=3", "known are location, maximum_gigabytes_billed and"),
        ("bigquery://my-project?location=US&maximum_gigabytes_billed=0", "known are location"),
        ("bigquery://my-project?location=US&maximum_gigabytes_billed=much", "must name its location"),
    ],
)
def test_bigquery_url_that_is_not_understood_is_refused_without_repeating_it(url: str, told: str) -> None:
    with pytest.raises(WarehouseError, match=told) as raised:
        open_warehouse(url, {})
    assert "password" not in str(raised.value)


def test_bigquery_is_opened_by_url_for_the_command_line_and_through_dagsters_resource(monkeypatch) -> None:
    from google.auth.credentials import AnonymousCredentials

    from analytics_assets.assets.warehouse_resource import WarehouseResource

    monkeypatch.setattr("google.auth.default", lambda *given, **named: (AnonymousCredentials(), "another-project"))
    for variable in ("NBA_BIGQUERY_KEY", "BIGQUERY_EMULATOR_HOST", "BIGQUERY_STORAGE_EMULATOR_HOST"):
        monkeypatch.delenv(variable, raising=False)
    url = "bigquery://my-project?location=EU&maximum_gigabytes_billed=2"
    for warehouse in (open_warehouse(url), WarehouseResource(url=url).open()):
        assert warehouse.label == "BigQuery project my-project (EU)"
        client = warehouse._client  # type: ignore[attr-defined]
        assert (client.project, client.location) == ("my-project", "EU")
        assert warehouse.address.maximum_bytes_billed == 2 * 2**30  # type: ignore[attr-defined]


def test_without_credentials_bigquery_says_how_to_sign_in(monkeypatch) -> None:
    from google.auth.exceptions import DefaultCredentialsError

    from analytics_assets.assets.warehouse_resource import WarehouseResource

    def none_found(*given: object, **named: object) -> None:
        raise DefaultCredentialsError("Your default credentials were not found.")

    monkeypatch.setattr("google.auth.default", none_found)
    url = "bigquery://my-project?location=EU"
    for use in (open_warehouse, lambda url: WarehouseResource(url=url).open()):
        with pytest.raises(WarehouseError, match=r"no Google credentials were found .* with `gcloud auth"):
            use(url)
