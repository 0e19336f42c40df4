"""Backfills and single dates launched through the webserver and run by the daemon, the way Dagit does it."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.partitions import date_range
from analytics_assets.tables.operations import DATE_OUTCOMES, QUARANTINED_ROWS
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets_tests.support.dagster_processes import dagster_processes
from analytics_assets_tests.support.raw_rows import box_rows, schedule_row, team_rows
from analytics_assets_tests.support.warehouses import warehouse_with

TABLE = "player_game_summary"
FIRST, LAST = date(2024, 1, 2), date(2024, 3, 4)
BROKEN, NO_RAW_DATA = date(2024, 1, 20), date(2024, 3, 7)
OFF_DAYS = {date(2024, 1, 9), date(2024, 2, 16), date(2024, 2, 17)}
TODAY = eastern_date(datetime.now(UTC))
RECENT_GAME, RECENT_OFF_DAY, RECENT_GAP = (TODAY - timedelta(days=days) for days in (6, 5, 4))

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("daemon")]


def _games_on(day: date) -> list[tuple[str, str]]:
    """One game on most dates, a second one on every third."""
    if day in OFF_DAYS:
        return []
    return [("BOS", "LAL"), ("DEN", "MIA")] if day.day % 3 == 0 else [("BOS", "LAL")]


def _fill(path):
    schedule, gamebook, teams = [], [], []
    season = date_range(date(2023, 12, 30), date(2024, 3, 20))
    recent = [RECENT_GAME, RECENT_GAP, TODAY + timedelta(days=20)]
    for day in [*season, *recent]:
        prefix = f"002{season_year_of_date(day) % 100:02d}"
        for away, home in _games_on(day) if day in season else [("BOS", "LAL")]:
            over = {} if day < TODAY else {"game_status": 1, "home_team_score": None, "away_team_score": None}
            schedule.append(schedule_row(f"{prefix}{len(schedule):05d}", day.isoformat(), away, home, **over))
            if day in (NO_RAW_DATA, RECENT_GAP) or day > TODAY:
                continue
            broken = {"fg_made": 9, "fg_attempted": 8} if day == BROKEN else {}
            gamebook += box_rows(day.isoformat(), away, home, **broken)
            teams += team_rows(day.isoformat(), away, home)
    return warehouse_with(path, schedule, gamebook, teams)


@pytest.fixture(scope="module")
def league(tmp_path_factory):
    """A warehouse, webserver and daemon, and everything launched at once: the daemon's ticks are far apart."""
    directory = tmp_path_factory.mktemp("daemon")
    warehouse = _fill(directory / "nba.duckdb")
    with dagster_processes(directory, {"NBA_DATA_DIR": str(directory)}) as dagit:
        names = [day.isoformat() for day in date_range(FIRST, LAST)]
        backfills = {
            "range": dagit.launch_backfill([TABLE], partition_names=names),
            "gap": dagit.launch_backfill([TABLE], ranges={TABLE: ("2024-03-06", "2024-03-08")}),
            "live": dagit.launch_backfill(
                [TABLE], partition_names=["2024-03-10", "2024-03-11"], tags={"backfill_mode": "false"}
            ),
        }
        runs = {
            "old": dagit.launch_one_date(TABLE, "2023-12-31"),
            "old_with_tag": dagit.launch_one_date(TABLE, "2024-01-01", tags={"backfill_mode": "true"}),
            "old_with_job": dagit.launch_one_date(TABLE, "2024-03-13", job="historical_date"),
            "recent": dagit.launch_one_date(TABLE, RECENT_GAME.isoformat()),
            "recent_off_day": dagit.launch_one_date(TABLE, RECENT_OFF_DAY.isoformat()),
            "recent_gap": dagit.launch_one_date(TABLE, RECENT_GAP.isoformat()),
        }
        statuses = {name: dagit.wait_for_run(run_id) for name, run_id in runs.items()}
        statuses |= {name: dagit.wait_for_backfill(backfill_id) for name, backfill_id in backfills.items()}
        partitions = dagit.partitions(TABLE)
        with dg.DagsterInstance.from_config(str(dagit.home)) as instance:
            yield warehouse, instance, backfills, runs, statuses, partitions


def _runs_of(instance: dg.DagsterInstance, backfill_id: str) -> list[dg.DagsterRun]:
    return list(instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": backfill_id})))


def _materialized(instance: dg.DagsterInstance, run_ids: set[str]) -> dict[str, dict]:
    """Metadata values by partition of the materializations that some runs made."""
    records = instance.fetch_materializations(dg.AssetKey(TABLE), limit=1000).records
    return {
        record.partition_key: {key: value.value for key, value in record.asset_materialization.metadata.items()}
        for record in records
        if record.run_id in run_ids
    }


def _outcomes(warehouse) -> dict[date, tuple[str, str]]:
    rows = warehouse.read(DATE_OUTCOMES).sort_values("recorded_at")
    return {row.game_date.date(): (row.outcome, row.reason) for row in rows.itertuples()}


def test_a_backfill_is_one_run_that_carries_the_tag_nobody_typed(league):
    _, instance, backfills, _, statuses, _ = league
    (run,) = _runs_of(instance, backfills["range"])
    assert run.tags["backfill_mode"] == "true"
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert statuses["range"] in ("COMPLETED_FAILED", "COMPLETED")


def test_a_broken_date_fails_alone_and_its_neighbours_have_their_own_row_counts(league):
    warehouse, instance, backfills, _, _, partitions = league
    assert ("2024-01-20", "2024-01-20") in partitions["FAILED"]
    made = _materialized(instance, {run.run_id for run in _runs_of(instance, backfills["range"])})
    launched = {day.isoformat() for day in date_range(FIRST, LAST)}
    assert set(made) == launched - {BROKEN.isoformat()}
    counts = warehouse.counts_by_date(PLAYER_GAME_SUMMARY, FIRST, LAST).set_index("game_date")["rows"]
    stored = {f"{day:%Y-%m-%d}": int(rows) for day, rows in counts.items()}
    assert {day: metadata["rows"] for day, metadata in made.items()} == {
        day: stored.get(day, 0) for day in launched - {BROKEN.isoformat()}
    }
    assert {metadata["rows"] for metadata in made.values()} == {0, 12, 24}
    outcome, reason = _outcomes(warehouse)[BROKEN]
    assert outcome == "invalid"
    assert "rows broke a rule" in reason
    quarantined = warehouse.read(QUARANTINED_ROWS, start=BROKEN, end=BROKEN)
    assert set(quarantined["reason"]) == {"more_made_than_attempted"}


def test_off_days_are_materialized_with_zero_rows(league):
    _, instance, backfills, _, _, _ = league
    made = _materialized(instance, {run.run_id for run in _runs_of(instance, backfills["range"])})
    for day in OFF_DAYS:
        assert (made[day.isoformat()]["outcome"], made[day.isoformat()]["rows"]) == ("off_day", 0)


def test_exactly_the_launched_dates_are_built_and_none_is_shifted(league):
    warehouse, _, _, _, _, partitions = league
    assert partitions["FAILED"] == [("2024-01-20", "2024-01-20"), (RECENT_GAP.isoformat(), RECENT_GAP.isoformat())]
    assert partitions["MATERIALIZED"] == [
        # The single date with the tag stands right before the range's first date.
        ("2024-01-01", "2024-01-19"),
        ("2024-01-21", "2024-03-04"),
        ("2024-03-06", "2024-03-06"),
        ("2024-03-08", "2024-03-08"),
        ("2024-03-13", "2024-03-13"),
        (RECENT_GAME.isoformat(), RECENT_OFF_DAY.isoformat()),
    ]
    stored = {day.date() for day in warehouse.counts_by_date(PLAYER_GAME_SUMMARY)["game_date"]}
    alone = {date(2024, 3, 6), date(2024, 3, 8), date(2024, 3, 13), RECENT_GAME}
    assert stored == {*date_range(date(2024, 1, 1), LAST), *alone} - OFF_DAYS - {BROKEN}


def test_in_a_backfill_a_date_without_raw_data_stays_missing_and_the_run_is_green(league):
    warehouse, instance, backfills, _, _, _ = league
    (run,) = _runs_of(instance, backfills["gap"])
    assert run.status == dg.DagsterRunStatus.SUCCESS
    assert run.tags["backfill_mode"] == "true"
    assert set(_materialized(instance, {run.run_id})) == {"2024-03-06", "2024-03-08"}
    assert _outcomes(warehouse)[NO_RAW_DATA][0] == "no_raw_data"


def test_a_stated_backfill_mode_false_keeps_live_rules(league):
    warehouse, instance, backfills, _, _, _ = league
    runs = _runs_of(instance, backfills["live"])
    assert {run.tags["backfill_mode"] for run in runs} == {"false"}
    assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
    assert {_outcomes(warehouse)[date(2024, 3, day)][0] for day in (10, 11)} == {"too_old"}


def test_a_single_old_date_is_left_alone_without_the_tag(league):
    warehouse, instance, _, runs, statuses, _ = league
    assert statuses["old"] == "SUCCESS"
    run = instance.get_run_by_id(runs["old"])
    assert run is not None
    assert "dagster/backfill" not in run.tags
    assert "backfill_mode" not in run.tags
    outcome, reason = _outcomes(warehouse)[date(2023, 12, 31)]
    assert outcome == "too_old"
    assert "backfill_mode=true" in reason
    observed = instance.fetch_observations(dg.AssetKey(TABLE), limit=100).records
    assert "2023-12-31" in {record.partition_key for record in observed}


@pytest.mark.parametrize("launch", ["old_with_tag", "old_with_job"])
def test_a_single_old_date_is_built_with_the_tag_or_the_job(league, launch):
    _, instance, _, runs, statuses, _ = league
    assert statuses[launch] == "SUCCESS"
    run = instance.get_run_by_id(runs[launch])
    assert run is not None
    assert run.tags["backfill_mode"] == "true"
    (metadata,) = _materialized(instance, {run.run_id}).values()
    assert metadata["outcome"] == "built"


def test_recent_dates_follow_live_rules(league):
    warehouse, instance, _, runs, statuses, _ = league
    assert (statuses["recent"], statuses["recent_off_day"], statuses["recent_gap"]) == ("SUCCESS", "SUCCESS", "FAILURE")
    assert _materialized(instance, {runs["recent"]})[RECENT_GAME.isoformat()]["rows"] == 12
    assert _materialized(instance, {runs["recent_off_day"]})[RECENT_OFF_DAY.isoformat()]["rows"] == 0
    failures = [
        str(event.dagster_event.step_failure_data.error)
        for event in instance.all_logs(runs["recent_gap"])
        if event.dagster_event is not None and event.dagster_event.is_step_failure
    ]
    assert f"player_game_summary {RECENT_GAP} no_raw_data" in failures[0]
    assert _outcomes(warehouse)[RECENT_GAP][0] == "no_raw_data"
