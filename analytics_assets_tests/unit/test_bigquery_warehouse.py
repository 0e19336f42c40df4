"""What only the BigQuery engine does: tables as declared, staging, transactions, hostile names and values, errors."""

import importlib.util
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from google.cloud import bigquery

from analytics_assets.tables.declaration import count, date_column, integer, number, string
from analytics_assets.tables.frames import SchemaError, conform, empty_frame
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse import WarehouseError, Write
from analytics_assets.warehouse.bigquery_address import EMULATOR_VARIABLE, STORAGE_EMULATOR_VARIABLE, BigQueryAddress
from analytics_assets.warehouse.bigquery_client import connect
from analytics_assets.warehouse.bigquery_jobs import BigQueryJobs
from analytics_assets.warehouse.bigquery_statements import name, path
from analytics_assets.warehouse.bigquery_warehouse import STAGING_DATASET, BigQueryWarehouse
from analytics_assets_tests.support.literal_tables import D1, D2, D3, HOSTILE_NAMES, PLAIN, TABLE, declare, rows, stored


@pytest.fixture
def make(bigquery_emulator) -> Callable[..., BigQueryWarehouse]:
    """Make a warehouse with some tables in a project of its own."""
    return lambda *tables: bigquery_emulator.warehouse(f"project-{uuid.uuid4().hex[:12]}", *tables, datasets=["d"])


def staging_tables(warehouse: BigQueryWarehouse) -> list[bigquery.Table]:
    client = warehouse._client
    listed = client.list_tables(f"{warehouse.address.project}.{STAGING_DATASET}")
    return [client.get_table(table.reference) for table in listed]


def test_created_table_is_partitioned_clustered_and_described(make) -> None:
    declared = declare(number("rate", "Share.", unit="ratio"), cluster_by=("game_id",))
    warehouse = make(declared)
    found = warehouse._client.get_table(f"{warehouse.address.project}.d.t")
    assert (found.time_partitioning.field, found.time_partitioning.type_) == ("game_date", "DAY")
    assert found.clustering_fields == ["game_id"]
    assert found.description.startswith("One row per game's result.")
    fields = {field.name: (field.field_type, field.mode, field.description) for field in found.schema}
    assert fields == {
        "game_id": ("STRING", "REQUIRED", "Game."),
        "game_date": ("DATE", "REQUIRED", "Date."),
        "rate": ("FLOAT64", "NULLABLE", "Share. Unit: ratio."),
    }


def test_exact_decimals_of_others_are_read_and_written_where_a_number_is_declared(make) -> None:
    declared = declare(number("share", "Share."))
    warehouse = make()
    fields = [("game_id", "STRING"), ("game_date", "DATE"), ("share", "NUMERIC")]
    schema = [bigquery.SchemaField(name, kind) for name, kind in fields]
    warehouse._client.create_table(bigquery.Table(f"{warehouse.address.project}.d.t", schema=schema))
    warehouse.ensure(declared)
    frame = conform(pd.DataFrame({"game_id": ["a", "b"], "game_date": [D1, D1], "share": [0.25, None]}), declared)
    warehouse.replace_dates(declared, frame, [D1])
    pd.testing.assert_frame_equal(warehouse.read(declared), frame)
    asked = Reduction(
        source=declared,
        columns=("game_id", "game_date", "share"),
        sql=" SELECT game_id, game_date, share / 2 AS share FROM source_rows",
        result=declared,
    )
    assert warehouse.reduce(asked, D1, D1)["share"].tolist()[0] == 0.125


def test_json_that_arrow_marks_as_such_is_read_as_its_text(make, monkeypatch) -> None:
    warehouse = make(TABLE)
    marked = pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"k":1}', None]))
    monkeypatch.setattr(BigQueryJobs, "read_rows", lambda *given: pa.table({"extra": marked}))
    assert warehouse.read(TABLE, ["extra"])["extra"].tolist() == ['{"k":1}', pd.NA]


def test_view_is_read_like_a_table(make) -> None:
    warehouse = make(PLAIN)
    warehouse.commit([Write(PLAIN, pd.DataFrame({"game_id": list("ab"), "game_date": [D1, D2], "note": ["n", "m"]}))])
    names = [f"`{warehouse.address.project}.d.{name}`" for name in ("seen", "plain")]
    warehouse._jobs.run("CREATE VIEW {} AS SELECT game_id, game_date, note FROM {}".format(*names))
    seen = declare(string("note", "Note."), integer("lacking", "Lacking."), name="seen")
    found = warehouse.read(seen, ["lacking", "note"], D2, D3)
    assert found["note"].tolist() == ["m"]
    assert found["lacking"].isna().all()


@pytest.mark.parametrize("identifier", HOSTILE_NAMES)
def test_hostile_names_are_refused_where_statements_are_made(identifier: str) -> None:
    with pytest.raises(SchemaError, match="is not a name for BigQuery"):
        name(identifier)
    with pytest.raises(SchemaError, match="is not"):
        path("my-project", "d", identifier)
    with pytest.raises(SchemaError, match="is not the id of a Google Cloud project"):
        path(f"my-project`{identifier}", "d", "t")


def test_statement_that_fails_leaves_every_table_of_the_commit_as_it_was(make) -> None:
    warehouse = make(TABLE)
    created = f"CREATE TABLE `{warehouse.address.project}.d.strict`"
    warehouse._jobs.run(f"{created} (game_id STRING, game_date DATE, note STRING NOT NULL)")
    strict = declare(string("note", "Note."), name="strict")
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    good = Write(TABLE, rows(("a", D1, 2)), pd.DataFrame({"game_date": [pd.Timestamp(D1)]}))
    bad = Write(strict, pd.DataFrame({"game_id": ["x", "y"], "game_date": [D1, D1], "note": ["yes", None]}))
    with pytest.raises(RuntimeError, match="note"):
        warehouse.commit([good, bad])
    assert stored(warehouse) == {"a": 1}
    assert warehouse.read(strict).empty
    assert staging_tables(warehouse) == []


def test_crash_between_staging_and_transaction_leaves_old_rows_and_a_table_that_expires(make, monkeypatch) -> None:
    warehouse = make(TABLE)
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])

    def killed(*given: object) -> None:
        raise KeyboardInterrupt

    def refused(*given: object, **named: object) -> None:
        raise ConnectionError

    created: list[bigquery.Table] = []
    create = warehouse._client.create_table
    monkeypatch.setattr(warehouse._client, "create_table", lambda table: (created.append(table), create(table))[1])
    monkeypatch.setattr(BigQueryJobs, "script", killed)
    monkeypatch.setattr(warehouse._client, "delete_table", refused)
    with pytest.raises(KeyboardInterrupt):
        warehouse.replace_dates(TABLE, rows(("a", D1, 2)), [D1])
    assert stored(warehouse) == {"a": 1}
    assert [table.reference for table in staging_tables(warehouse)] == [table.reference for table in created]
    assert timedelta(hours=1) < created[0].expires - datetime.now(UTC) < timedelta(days=1)


def test_load_that_fails_leaves_old_rows_and_nothing_else(make, monkeypatch) -> None:
    warehouse = make(TABLE, PLAIN)
    warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    load, calls = warehouse._client.load_table_from_file, []

    def second_fails(*given, **named):
        calls.append(given)
        if len(calls) == 2:
            raise ConnectionResetError("the network is gone")
        return load(*given, **named)

    monkeypatch.setattr(warehouse._client, "load_table_from_file", second_fails)
    plain = pd.DataFrame({"game_id": ["p"], "game_date": [D1], "note": ["n"]})
    with pytest.raises(ConnectionResetError):
        warehouse.commit([Write(TABLE, rows(("a", D1, 2)), pd.DataFrame({"game_date": [D1]})), Write(PLAIN, plain)])
    assert (stored(warehouse), warehouse.read(PLAIN).empty) == ({"a": 1}, True)
    assert staging_tables(warehouse) == []


def test_two_deployments_that_write_the_same_dates_leave_the_rows_of_one(make, bigquery_emulator, monkeypatch) -> None:
    first = make(TABLE)
    second = BigQueryWarehouse(first.address)
    script = BigQueryJobs.script

    def other_comes_between(jobs: BigQueryJobs, sql: str):
        monkeypatch.setattr(BigQueryJobs, "script", script)
        second.replace_dates(TABLE, rows(("b", D1, 2), ("c", D2, 2), written="2024-03-01"), [D1, D2])
        return script(jobs, sql)

    monkeypatch.setattr(BigQueryJobs, "script", other_comes_between)
    first.replace_dates(TABLE, rows(("a", D1, 1), ("c", D2, 1), written="2024-04-01"), [D1, D2])
    found = first.read(TABLE).set_index("game_id")
    assert found["points"].to_dict() == {"a": 1, "c": 1}
    assert found.at["c", "seen"] == pd.Timestamp("2024-03-01", tz="UTC")


@pytest.mark.parametrize("merged", [False, True], ids=["replaced", "merged"])
def test_rows_that_two_deployments_insert_at_the_same_moment_become_those_of_one(make, monkeypatch, merged) -> None:
    warehouse = make(TABLE)
    script, scripts = BigQueryJobs.script, []
    target = path(warehouse.address.project, "d", "t")

    def other_inserts_too(jobs: BigQueryJobs, sql: str):
        """Where nobody finds anything to delete, two transactions may both insert."""
        scripts.append(sql)
        if len(scripts) > 1:
            return script(jobs, sql)
        game = "a" if merged else "b"
        other = f"INSERT INTO {target} (game_id, game_date, points) VALUES ('{game}', DATE '2024-01-10', 9);\n"
        return script(jobs, sql.replace("INSERT INTO", f"{other}INSERT INTO", 1))

    monkeypatch.setattr(BigQueryJobs, "script", other_inserts_too)
    if merged:
        warehouse.merge_rows(TABLE, rows(("a", D1, 1)))
    else:
        warehouse.replace_dates(TABLE, rows(("a", D1, 1)), [D1])
    assert len(scripts) == 2
    assert warehouse.read(TABLE)[["game_id", "points"]].to_numpy().tolist() == [["a", 1]]


def test_commit_of_any_number_of_dates_and_writes_is_one_job_per_table_and_one_script(make, monkeypatch) -> None:
    warehouse = make(TABLE, PLAIN)
    scripts, loads = [], []
    script, load = BigQueryJobs.script, BigQueryJobs.load
    monkeypatch.setattr(BigQueryJobs, "script", lambda jobs, sql: (scripts.append(sql), script(jobs, sql))[1])
    monkeypatch.setattr(BigQueryJobs, "load", lambda jobs, tables: (loads.append(len(tables)), load(jobs, tables))[1])
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(60)]
    scopes = [pd.DataFrame({"game_date": [day]}) for day in days]
    writes = [Write(TABLE, rows((f"g{day}", day, 1)), scope) for day, scope in zip(days, scopes, strict=True)]
    warehouse.commit([*writes, *(Write(PLAIN, empty_frame(PLAIN), scope) for scope in scopes)])
    assert loads == [2]
    (sent,) = scripts
    verbs = [line.split()[0] for line in sent.splitlines()]
    assert verbs == ["BEGIN", "UPDATE", "DELETE", "INSERT", "DELETE", "COMMIT", "SELECT"]
    bounds = "stored.`game_date` >= DATE '2024-01-01' AND stored.`game_date` <= DATE '2024-02-29'"
    assert sent.count(f" AS stored WHERE {bounds} AND EXISTS (") == 3
    assert len(stored(warehouse)) == 60
    warehouse.commit([])
    warehouse.commit([Write(TABLE, empty_frame(TABLE))])
    assert len(scripts) == 1


def test_every_question_filters_the_partition_column(make, monkeypatch) -> None:
    warehouse = make(TABLE, PLAIN)
    asked: list[str] = []
    query, read = BigQueryJobs.query, BigQueryJobs.read_rows
    monkeypatch.setattr(
        BigQueryJobs, "query", lambda jobs, sql, *given: (asked.append(sql), query(jobs, sql, *given))[1]
    )
    monkeypatch.setattr(BigQueryJobs, "read_rows", lambda jobs, *given: (asked.append(given[2]), read(jobs, *given))[1])
    same = Reduction(
        source=PLAIN,
        columns=("game_id", "game_date"),
        sql=" SELECT game_id, game_date FROM source_rows",
        result=PLAIN,
    )
    warehouse.read(TABLE, None, D1, D2)
    warehouse.reduce(same, D1, D2)
    warehouse.counts_by_date(TABLE, D1, D2)
    warehouse.digests_by_date([TABLE, PLAIN], D1, D2)
    warehouse.profile(TABLE, D1, D2)
    assert asked[0] == "game_date >= '2024-01-10' AND game_date <= '2024-01-11'"
    for question in asked[1:]:
        assert question.count("FROM `project-") == question.count("WHERE `game_date` >= @start AND `game_date` <= @end")
    asked.clear()
    warehouse.read(TABLE, ["game_id"], D1, D3, [D3, D1])
    warehouse.reduce(same, D1, D3, [D3, D1])
    span = "game_date >= '2024-01-10' AND game_date <= '2024-01-12'"
    assert asked[0] == f"{span} AND game_date IN ('2024-01-10', '2024-01-12')"
    assert "`game_date` <= @end AND `game_date` IN UNNEST(@dates))" in asked[1]
    asked.clear()
    warehouse.read(TABLE)
    warehouse.profile(TABLE)
    assert asked[0] == "game_date >= '0001-01-01'"
    assert asked[1].count("WHERE `game_date` >= DATE '0001-01-01'") == 2


def test_rows_without_a_date_are_read_although_the_partitions_are_filtered(make) -> None:
    loose = declare(
        name="loose", columns=(string("game_id", "Game.", required=True), date_column("game_date", "Date."))
    )
    warehouse = make(loose)
    frame = conform(pd.DataFrame({"game_id": ["a", "b"], "game_date": [D1, None]}), loose)
    warehouse.commit([Write(loose, frame)])
    assert warehouse.read(loose)["game_id"].tolist() == ["a", "b"]
    warehouse.commit([Write(loose, frame.iloc[:0], frame[["game_date"]].iloc[1:])])
    assert warehouse.read(loose)["game_id"].tolist() == ["a"]


def test_missing_data_set_and_another_location_are_told_with_the_remedy(make, bigquery_emulator) -> None:
    warehouse = make(TABLE)
    elsewhere = declare(dataset="nba_raw")
    for use in (warehouse.ensure, warehouse.read):
        with pytest.raises(WarehouseError, match=r"data set nba_raw does not exist .* bq --location=US mk --dataset"):
            use(elsewhere)
    address = BigQueryAddress(
        project=warehouse.address.project, location="europe-west1", emulator=bigquery_emulator.hosts
    )
    with pytest.raises(
        WarehouseError, match=r"d of .* lies in US, not in europe-west1; write bigquery://.*location=US"
    ):
        BigQueryWarehouse(address, connect(address)).read(TABLE)


def test_scan_beyond_the_limit_is_refused_before_anything_is_read(make, monkeypatch) -> None:
    warehouse = make(TABLE)
    session = BigQueryJobs._read_session

    def large(jobs: BigQueryJobs, *given):
        found = session(jobs, *given)
        found.estimated_total_bytes_scanned = 200 * 2**30
        return found

    monkeypatch.setattr(BigQueryJobs, "_read_session", large)
    with pytest.raises(WarehouseError, match=r"d\.t would scan 200\.0 GB, more than the 100 GB allowed; ask for fewer"):
        warehouse.read(TABLE, None, D1, D2)
    limits = []
    monkeypatch.setattr(warehouse._client, "query", lambda sql, job_config, **named: limits.append(job_config))
    with pytest.raises(AttributeError):
        warehouse.counts_by_date(TABLE)
    assert limits[0].maximum_bytes_billed == 100 * 2**30


def test_another_deployment_that_adds_columns_at_the_same_time_is_no_conflict(make, monkeypatch) -> None:
    warehouse = make(PLAIN)
    gained = declare(string("note", "Note."), count("gained", 'It\'s "new".'), name="plain")
    other = BigQueryWarehouse(warehouse.address)
    run = BigQueryJobs.run

    def other_comes_first(jobs: BigQueryJobs, sql: str) -> None:
        monkeypatch.setattr(BigQueryJobs, "run", run)
        other.ensure(gained)
        run(jobs, sql)

    monkeypatch.setattr(BigQueryJobs, "run", other_comes_first)
    warehouse.ensure(gained)
    warehouse.commit([Write(gained, pd.DataFrame({"game_id": ["a"], "game_date": [D1], "gained": [3]}))])
    assert other.read(gained)["gained"].tolist() == [3]


def test_prefix_of_data_sets_keeps_two_warehouses_of_a_project_apart(make) -> None:
    plain = make(TABLE)
    for dataset in ("test_d", f"test_{STAGING_DATASET}"):
        plain._client.create_dataset(dataset)
    other = BigQueryWarehouse(replace(plain.address, dataset_prefix="test_"))
    assert other.read(TABLE).empty
    other.ensure(TABLE)
    other.replace_dates(TABLE, rows(("b", D1, 2)), [D1])
    plain.merge_rows(TABLE, rows(("a", D1, 1)))
    assert (stored(plain), stored(other)) == ({"a": 1}, {"b": 2})
    assert other.digests_by_date([TABLE], D1, D1)["table_name"].tolist() == ["t"]
    assert (other.profile(TABLE)["rows"], other.counts_by_date(TABLE)["games"].tolist()) == (1, [1])
    assert [table.table_id for table in plain._client.list_tables("test_d")] == ["t"]


def test_smoke_script_passes_on_the_emulator_and_leaves_no_data_sets(bigquery_emulator, monkeypatch, capsys) -> None:
    script = Path(__file__).resolve().parents[2] / "deploy" / "bigquery_smoke.py"
    spec = importlib.util.spec_from_file_location("bigquery_smoke", script)
    assert spec is not None
    assert spec.loader is not None
    smoke = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "bigquery_smoke", smoke)
    spec.loader.exec_module(smoke)
    for variable, host in zip((EMULATOR_VARIABLE, STORAGE_EMULATOR_VARIABLE), bigquery_emulator.hosts, strict=True):
        monkeypatch.setenv(variable, host)
    assert smoke.main(["bigquery://smoke-project?location=US", "--without-league"]) == 0
    assert capsys.readouterr().out.count("ok  ") == len(smoke.CHECKS) - len(smoke.ONLY_OF_THE_SERVICE) - 1
    assert list(connect(bigquery_emulator.address("smoke-project")).list_datasets()) == []
    monkeypatch.setattr(smoke, "CHECKS", (smoke.check_no_staging_is_left, lambda checked: 1 / 0))
    assert smoke.main(["bigquery://smoke-project?location=US"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
