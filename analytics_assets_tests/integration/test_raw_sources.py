"""Raw tables that a deployment fills itself: materializing dates fetches exactly these and tells what they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from analytics_assets.assets.raw_report import compare_raw_dates
from analytics_assets.assets.raw_sources import RawSource
from analytics_assets.assets.raw_tables import raw_asset_key
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.backfill.runs import execute
from analytics_assets.definitions import build_definitions
from analytics_assets.partitions import daily_partitions
from analytics_assets.raw.declarations import NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAY_BY_PLAY, NBAC_TEAM_BOXSCORE
from analytics_assets.run_mode import RunMode
from analytics_assets_tests.support.raw_rows import box_rows, raw_frame, schedule_row, team_rows
from analytics_assets_tests.support.warehouses import warehouse_with

NOW = datetime(2024, 1, 15, 15, tzinfo=UTC)
DAYS = ["2024-01-10", "2024-01-11", "2024-01-12", "2024-01-13"]
TABLES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_TEAM_BOXSCORE, NBAC_PLAY_BY_PLAY)
PLAYERS = "player_game_summary"
MATERIALIZED, FAILED = AssetPartitionStatus.MATERIALIZED, AssetPartitionStatus.FAILED


@dataclass
class Published:
    """A source that has box scores of the 10th and 12th, no play-by-play, and may be away on some dates."""

    away: Mapping[date, str] = field(default_factory=dict)
    asked: list[tuple[tuple[str, ...], list[str]]] = field(default_factory=list)

    def __call__(self, warehouse, tables, dates, *, now, told, options) -> Mapping[tuple[str, date], str]:
        self.asked.append((tuple(table.name for table in tables), [f"{day}" for day in dates]))
        for day in dates:
            if day in self.away or f"{day}" not in ("2024-01-10", "2024-01-12"):
                continue
            for table, rows in ((NBAC_GAMEBOOK_PLAYER_STATS, box_rows), (NBAC_TEAM_BOXSCORE, team_rows)):
                if table in tables:
                    warehouse.replace_dates(table, raw_frame(table, rows(f"{day}")), [day])
        told(f"asked for {len(dates)} dates")
        return {(table.name, day): reason for table in tables for day, reason in self.away.items() if day in dates}


@dataclass
class Deployment:
    """Definitions with a source, and where their runs are recorded."""

    instance: dg.DagsterInstance
    source: Published
    path: Path

    @property
    def warehouse(self) -> WarehouseResource:
        return WarehouseResource(url=f"duckdb:///{self.path}")

    def definitions(self, **more) -> dg.Definitions:
        source = RawSource("nba-com", TABLES, self.source)
        return build_definitions(warehouse=self.warehouse, clock=lambda: NOW, raw_sources=[source], **more)

    def run(self, keys: list, start: str, end: str | None = None, **tags: str) -> dg.ExecuteInProcessResult:
        """Materialize assets over one date, or over a range as a backfill's run does."""
        job = self.definitions().resolve_implicit_global_asset_job_def()
        if end is not None:
            tags |= {"dagster/asset_partition_range_start": start, "dagster/asset_partition_range_end": end}
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(key) if isinstance(key, str) else key for key in keys],
            partition_key=start if end is None else None,
            tags=tags,
            raise_on_error=False,
        )

    def shown(self, key) -> list[AssetPartitionStatus | None]:
        """What Dagit shows of the four days."""
        found = self.instance.get_status_by_partition(
            dg.AssetKey(key.path if hasattr(key, "path") else [key]), DAYS, daily_partitions()
        )
        return [found[day] for day in DAYS]

    def told(self, table) -> dict[str, dict]:
        """Metadata of the latest materialization by date."""
        records = self.instance.fetch_materializations(raw_asset_key(table), limit=100, ascending=True).records
        return {
            record.partition_key: {name: value.value for name, value in record.asset_materialization.metadata.items()}
            for record in records
        }


@pytest.fixture
def deployment(tmp_path: Path):
    """Games on the 10th, 12th and 13th, none of them with raw rows yet."""
    path = tmp_path / "nba.duckdb"
    warehouse_with(
        path, [schedule_row(f"002230000{number}", day) for number, day in enumerate((DAYS[0], DAYS[2], DAYS[3]))]
    )
    with dg.DagsterInstance.ephemeral() as instance:
        yield Deployment(instance, Published(), path)


def test_dates_that_then_hold_rows_and_proven_off_days_are_materialized_and_others_stay_missing(deployment):
    finished = deployment.run([raw_asset_key(table) for table in TABLES], DAYS[0], DAYS[3], **{"dagster/backfill": "b"})
    assert finished.success
    assert deployment.instance.get_run_by_id(finished.run_id).tags["backfill_mode"] == "true"
    assert deployment.source.asked == [(tuple(table.name for table in TABLES), DAYS)]
    for table in TABLES[:2]:
        # The 13th had a game, and the source has nothing of it.
        assert deployment.shown(raw_asset_key(table)) == [MATERIALIZED, MATERIALIZED, MATERIALIZED, None]
    assert deployment.shown(raw_asset_key(NBAC_PLAY_BY_PLAY)) == [None, MATERIALIZED, None, None]
    told = deployment.told(NBAC_TEAM_BOXSCORE)
    assert (told[DAYS[0]]["rows"], told[DAYS[0]]["games"], told[DAYS[0]]["fetched_from"]) == (2, 1, "nba-com")
    assert (told[DAYS[1]]["rows"], told[DAYS[1]]["outcome"]) == (0, "off_day")
    # A report afterwards has nothing to add, and takes no off-day for a date that lost its rows.
    compared = compare_raw_dates(
        deployment.instance, deployment.warehouse.open(), TABLES, date(2024, 1, 1), date(2024, 1, 31)
    )
    assert [(entry.untold, entry.gone) for entry in compared] == [((), ())] * 3


def test_dates_that_could_not_be_fetched_fail_alone_and_are_named(deployment):
    deployment.source.away = {date(2024, 1, 10): "the server answered 500 four times"}
    finished = deployment.run([raw_asset_key(NBAC_TEAM_BOXSCORE)], DAYS[0], DAYS[3])
    assert not finished.success
    assert deployment.source.asked == [((NBAC_TEAM_BOXSCORE.name,), DAYS)]
    assert deployment.shown(raw_asset_key(NBAC_TEAM_BOXSCORE)) == [FAILED, MATERIALIZED, MATERIALIZED, FAILED]
    (failure,) = [event for event in finished.all_events if event.is_step_failure]
    error = failure.step_failure_data.error.message
    assert "1 dates could not be fetched from nba-com" in error
    assert "nbac_team_boxscore 2024-01-10: the server answered 500 four times" in error


def test_raw_rows_and_the_tables_built_from_them_in_one_run_over_a_date_come_in_this_order(deployment):
    keys = [raw_asset_key(table) for table in TABLES[:2]]
    finished = deployment.run([*keys, PLAYERS], DAYS[0])
    assert finished.success
    assert [shown[0] for shown in map(deployment.shown, [*keys, PLAYERS])] == [MATERIALIZED] * 3
    report = compare_raw_dates(
        deployment.instance, deployment.warehouse.open(), TABLES[:2], date(2024, 1, 1), date(2024, 1, 31)
    )
    assert [entry.untold for entry in report] == [(), ()]


def test_a_run_over_scattered_dates_of_a_table_fetches_nothing(deployment):
    deployment.run([raw_asset_key(table) for table in TABLES], DAYS[0], DAYS[3])
    deployment.source.asked.clear()
    planned = PlannedRun({PLAYERS: (date(2024, 1, 10), date(2024, 1, 12))})
    finished = execute(
        deployment.instance, planned, mode=RunMode.BACKFILL, observer=lambda _: None, definitions=deployment.definitions
    )
    assert finished.success
    assert deployment.source.asked == []
    assert deployment.shown(PLAYERS) == [MATERIALIZED, None, MATERIALIZED, None]


def test_the_schedule_asks_for_yesterday_of_all_sources_and_is_off(deployment):
    repository = deployment.definitions().get_repository_def()
    schedule = repository.get_schedule_def("raw_data_of_yesterday")
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    (request,) = schedule.evaluate_tick(
        dg.build_schedule_context(scheduled_execution_time=NOW, repository_def=repository)
    ).run_requests
    assert request.partition_key == "2024-01-14"
    assert "backfill_mode" not in request.tags
    job = repository.get_job(schedule.job_name)
    assert job.asset_layer.executable_asset_keys == {raw_asset_key(table) for table in TABLES}


def test_without_a_source_nothing_is_fetched_and_every_raw_table_is_external():
    repository = build_definitions(environment={}).get_repository_def()
    assert not [job.name for job in repository.get_all_jobs() if "fetch" in job.name]
    raw = [node for node in repository.asset_graph.asset_nodes if node.key.path[0] == "nba_raw"]
    assert raw
    assert all(node.is_external for node in raw)
