"""What the project takes for granted about Dagster, each as one sentence and one check.

``test_dagster_behaviour`` pins how whole runs behave, the tests with a daemon how backfills do. A new Dagster that
differs fails here and names the sentence.
"""

import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.partitions.context import partition_loading_context
from dagster._core.execution.backfill import BulkActionStatus
from dagster._core.storage import tags as dagster_tags
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from analytics_assets.alerts.backfill_ends import BulkActionStatus as OurBulkActionStatus
from analytics_assets.definitions import build_definitions
from analytics_assets.partitions import DAYS_AHEAD
from analytics_assets.run_mode import DAGSTER_BACKFILL_TAG
from analytics_assets.settings import project_root

DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-11")
DAY = "2024-01-03"
RANGE = {"dagster/asset_partition_range_start": "2024-01-03", "dagster/asset_partition_range_end": "2024-01-06"}
FACTS: dict[str, Callable[[dg.DagsterInstance], None]] = {}
Check = Callable[[dg.DagsterInstance], None]


def fact(sentence: str) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        FACTS[sentence] = check
        return check

    return keep


def run(instance: dg.DagsterInstance, body, *, tags=None, partition=None, checks=(), after=()):
    """Run one skippable table in this process; ``after`` are further assets and checks."""

    @dg.multi_asset(
        specs=[dg.AssetSpec("table", skippable=True)],
        can_subset=True,
        partitions_def=DAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        check_specs=list(checks),
    )
    def tables(context: dg.AssetExecutionContext):
        yield from body(context)

    return dg.materialize([tables, *after], instance=instance, tags=tags, partition_key=partition, raise_on_error=False)


@fact("Backfills, partitions, ranges and coming retries are told by run tags of these names.")
def _(instance):
    assert dagster_tags.BACKFILL_ID_TAG == DAGSTER_BACKFILL_TAG == "dagster/backfill"
    assert dagster_tags.PARTITION_NAME_TAG == "dagster/partition"
    assert {dagster_tags.ASSET_PARTITION_RANGE_START_TAG, dagster_tags.ASSET_PARTITION_RANGE_END_TAG} == set(RANGE)
    assert dagster_tags.WILL_RETRY_TAG == "dagster/will_retry"


@fact("A run over a range has all its keys, no dagster/partition tag, and no single partition key.")
def _(instance):
    seen = {}

    def body(context):
        seen["keys"], seen["tags"] = list(context.partition_keys), dict(context.run.tags)
        with pytest.raises(Exception, match="partition"):
            _ = context.partition_key
        return iter(())

    assert run(instance, body, tags=RANGE).success
    assert seen["keys"] == ["2024-01-03", "2024-01-04", "2024-01-05", "2024-01-06"]
    assert "dagster/partition" not in seen["tags"]


@fact("A run of one date carries dagster/partition and gives that key alone.")
def _(instance):
    seen = []

    def body(context):
        seen.append((list(context.partition_keys), context.run.tags["dagster/partition"]))
        return iter(())

    assert run(instance, body, partition=DAY).success
    assert seen == [([DAY], DAY)]


@fact("Without an output a check outside the asset is skipped; one inside is evaluated, without a partition.")
def _(instance):
    @dg.asset_check(asset="table")
    def outside() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    def body(context):
        yield dg.AssetMaterialization("table", partition=DAY)
        yield dg.AssetCheckResult(check_name="inside", passed=True, metadata={"dates": 1})

    inside = dg.AssetCheckSpec("inside", asset="table")
    finished = run(instance, body, tags=RANGE, checks=[inside], after=[outside])
    assert finished.success
    told = finished.get_asset_check_evaluations()
    assert [(check.check_name, check.partition) for check in told] == [("inside", None)]


@fact("Events that the body yields are recorded once, each with its own metadata, also for a date outside the tags.")
def _(instance):
    def body(context):
        for key in context.partition_keys:
            yield dg.AssetMaterialization("table", partition=key, metadata={"rows": int(key[-2:])})

    finished = run(instance, body, tags=RANGE)
    events = finished.asset_materializations_for_node("tables")
    assert [(event.partition, event.metadata["rows"].value) for event in events] == [
        (f"2024-01-0{number}", number) for number in (3, 4, 5, 6)
    ]


@fact("Failure(allow_retries=False) fails the run at once and its description is the run's reason.")
def _(instance):
    def body(context):
        yield dg.AssetMaterialization("table", partition="2024-01-04")
        raise dg.Failure("2024-01-03 is broken", metadata={"dates": 1}, allow_retries=False)

    finished = run(instance, body, tags=RANGE)
    assert not finished.success
    (failed,) = [event for event in finished.all_events if event.is_step_failure]
    assert "2024-01-03 is broken" in failed.step_failure_data.error_display_string
    assert not [event for event in finished.all_events if event.is_step_up_for_retry]
    assert failed.step_failure_data.user_failure_data.description == "2024-01-03 is broken"


@fact("Failed is a fact of the run: a date that a later green run leaves out stays failed until it is materialized.")
def _(instance):
    def fails(context):
        raise dg.Failure("no", allow_retries=False)
        yield

    def gives(context):
        yield dg.AssetMaterialization("table", partition="2024-01-08")

    key, day = dg.AssetKey("table"), "2024-01-08"
    run(instance, fails, partition=day)
    assert instance.get_status_by_partition(key, [day], DAYS) == {day: AssetPartitionStatus.FAILED}
    run(instance, lambda context: iter(()), partition=day)
    assert instance.get_status_by_partition(key, [day], DAYS) == {day: AssetPartitionStatus.FAILED}
    run(instance, gives, partition=day)
    assert instance.get_status_by_partition(key, [day], DAYS) == {day: AssetPartitionStatus.MATERIALIZED}


@fact("A materialization reported without a run counts for its partition, an observation does not.")
def _(instance):
    key = dg.AssetKey("raw_table")
    instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=DAY))
    instance.report_runless_asset_event(dg.AssetObservation(key, partition="2024-01-04"))
    assert instance.get_materialized_partitions(key) == {DAY}


@fact("end_offset=0 ends with yesterday, so that end_offset=n reaches n - 1 days ahead of today.")
def _(instance):
    today = datetime(2024, 1, 10, 17, tzinfo=UTC)
    for offset, last in ((0, "2024-01-09"), (1, "2024-01-10"), (DAYS_AHEAD, "2024-01-17")):
        days = dg.DailyPartitionsDefinition("2024-01-01", timezone="America/New_York", end_offset=offset)
        with partition_loading_context(effective_dt=today):
            assert days.get_last_partition_key() == last
    assert DAYS_AHEAD == 8


@fact("The concurrency block of the instance, not the coordinator, says how many runs go at once, and pools are by op.")
def _(instance):
    settings = yaml.safe_load((project_root() / "dagster.yaml").read_text())
    assert settings["concurrency"]["runs"] == {"max_concurrent_runs": 2}
    assert "max_concurrent_runs" not in settings["run_coordinator"].get("config", {})
    found = instance.get_concurrency_config()
    assert found.run_queue_config.max_concurrent_runs == 2
    assert str(found.pool_config.pool_granularity.value) == "op"


@fact("A backfill ends as one of five statuses, and those that are under way are these.")
def _(instance):
    assert OurBulkActionStatus is BulkActionStatus
    assert {status.value for status in BulkActionStatus} == {
        *("REQUESTED", "COMPLETED", "FAILED", "CANCELED", "CANCELING"),
        *("COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILING"),
    }


@fact("Runs can be asked for by when they were last updated, earliest first.")
def _(instance):
    since = datetime.now(UTC) - timedelta(minutes=10)
    finished = [run(instance, lambda context: iter(()), partition=DAY).run_id for _ in range(2)]
    filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS], updated_after=since)
    records = instance.get_run_records(filters, order_by="update_timestamp", ascending=True)
    told = [record.dagster_run.run_id for record in records]
    assert [run_id for run_id in told if run_id in finished] == finished
    assert all(record.update_timestamp >= since for record in records)


@fact("Tags given to a run are what the body reads, and tags added later are on the stored run only.")
def _(instance):
    seen = []

    def body(context):
        context.instance.add_run_tags(context.run_id, {"backfill_mode": "true"})
        seen.append((context.run.tags.get("own"), context.run.tags.get("backfill_mode")))
        return iter(())

    finished = run(instance, body, partition=DAY, tags={"own": "1"})
    assert seen == [("1", None)]
    assert instance.get_run_by_id(finished.run_id).tags["backfill_mode"] == "true"


@fact("What is to run unasked runs unasked: alerts and coverage; what builds dates every day does not.")
def _(instance):
    repository = build_definitions().get_repository_def()
    on = {sensor.name for sensor in repository.sensor_defs if sensor.default_status is dg.DefaultSensorStatus.RUNNING}
    assert len(on) >= 8
    stopped = {s.name for s in repository.schedule_defs if s.default_status is dg.DefaultScheduleStatus.STOPPED}
    assert {"yesterdays_summaries", "todays_contexts"} <= stopped


@fact("A [tool.dagster] block would win over workspace.yaml, so there is none.")
def _(instance):
    tools = tomllib.loads((project_root() / "pyproject.toml").read_text())["tool"]
    assert "dagster" not in tools


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    settings = {"runs": {"max_concurrent_runs": 2}, "pools": {"granularity": "op", "default_limit": 1}}
    with dg.instance_for_test(overrides={"concurrency": settings}) as made:
        yield made


@pytest.mark.parametrize("sentence", FACTS)
def test_dagster_is_as_the_project_takes_for_granted(instance, sentence) -> None:
    try:
        FACTS[sentence](instance)
    except Exception as error:
        raise AssertionError(f"Dagster {dg.__version__} differs from what the project relies on: {sentence}") from error
