"""The daily schedules, evaluated on a real warehouse: game days run, days without games say why they do not."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from analytics_assets.assets.daily_schedules import todays_contexts, yesterdays_summaries
from analytics_assets.assets.warehouse_resource import WarehouseResource
from analytics_assets.definitions import build_definitions
from analytics_assets.run_mode import BACKFILL_MODE_TAG
from analytics_assets_tests.support.raw_rows import schedule_row
from analytics_assets_tests.support.warehouses import warehouse_with

# Games on the 10th and 12th, none on the 11th; the season ends with the game of the 14th, which is not final.
DAYS = ("2024-01-10", "2024-01-12")
NOT_FINAL = {"game_status": 1, "home_team_score": None, "away_team_score": None}


@pytest.fixture
def warehouse(tmp_path) -> WarehouseResource:
    rows = [schedule_row(f"002230000{number}", day) for number, day in enumerate(DAYS)]
    rows.append(schedule_row("0022300009", "2024-01-14", **NOT_FINAL))
    path = tmp_path / "nba.duckdb"
    warehouse_with(path, rows)
    return WarehouseResource(url=f"duckdb:///{path}")


def evaluate(schedule, day: int, warehouse: WarehouseResource) -> dg.RunRequest | dg.SkipReason:
    """What a schedule asks for in the morning of a day of January 2024, US Eastern."""
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2024, 1, day, 14, 30, tzinfo=UTC))
    return schedule(context, warehouse=warehouse)


@pytest.mark.parametrize(
    ("schedule", "day", "partition"),
    [
        (yesterdays_summaries, 11, "2024-01-10"),
        (todays_contexts, 12, "2024-01-12"),
        (todays_contexts, 14, "2024-01-14"),
    ],
)
def test_a_game_day_is_requested_in_live_mode(warehouse, schedule, day, partition):
    request = evaluate(schedule, day, warehouse)
    assert isinstance(request, dg.RunRequest)
    assert request.partition_key == partition
    assert BACKFILL_MODE_TAG not in request.tags


@pytest.mark.parametrize(
    ("schedule", "day", "says"),
    [
        (yesterdays_summaries, 12, "2024-01-11: no game in the 2023-24 regular-season schedule"),
        (todays_contexts, 11, "2024-01-11: no game in the 2023-24 regular-season schedule"),
        (yesterdays_summaries, 15, "2024-01-14: games are not final yet: 20240114_BOS_LAL"),
    ],
)
def test_a_day_without_games_or_with_open_ones_is_skipped_with_its_reason(warehouse, schedule, day, says):
    skipped = evaluate(schedule, day, warehouse)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == says


def test_a_day_that_nobody_can_tell_is_requested_so_that_its_failure_is_seen(warehouse):
    assert isinstance(evaluate(yesterdays_summaries, 31, warehouse), dg.RunRequest)


def test_each_schedule_builds_its_own_tables_of_the_same_partitions():
    repository = build_definitions(environment={}).get_repository_def()
    daily = [repository.get_schedule_def(name) for name in ("yesterdays_summaries", "todays_contexts")]
    jobs = {schedule.name: repository.get_job(schedule.job_name) for schedule in daily}
    selected = {
        name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
        for name, job in jobs.items()
    }
    assert selected["yesterdays_summaries"] == [
        *("player_game_summary", "team_defense_game_summary", "team_offense_game_summary"),
    ]
    assert selected["todays_contexts"] == ["upcoming_player_game_context", "upcoming_team_game_context"]
    assert all(job.partitions_def is not None for job in jobs.values())
