"""Backfills and single dates launched through the webserver and run by the daemon, the way Dagit does it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.partitions import date_range
from analytics_assets.run_coordinator import BackfillTaggingRunCoordinator
from analytics_assets.tables.operations import DATE_OUTCOMES, QUARANTINED_ROWS
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.dagster_processes import dagster_processes
from analytics_assets_tests.support.raw_rows import box_rows, schedule_row, team_rows
from analytics_assets_tests.support.warehouses import warehouse_with

TABLE = "player_game_summary"
FIRST, LAST = date(2024, 1, 2), date(2024, 3, 4)
BROKEN, NO_RAW_DATA = date(2024, 1, 20), date(2024, 3, 7)
OFF_DAYS = {date(2024, 1, 9), date(2024, 2, 16), date(2024, 2, 17)}
TODAY = eastern_date(datetime.now(UTC))
RECENT_GAME, RECENT_OFF_DAY, RECENT_GAP = (TODAY - timedelta(days=days) for days in (6, 5, 4))
# Old dates launched one by one; none of them touches the range.
OLD, OLD_WITH_TAG, OLD_WITH_JOB = date(2023, 12, 31), date(2024, 3, 15), date(2024, 3, 13)
STATED_LIVE = (date(2024, 3, 10), date(2024, 3, 11))

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
        # One season for all recent games, or the off-day would lie between two of them when October begins.
        prefix = f"002{season_year_of_date(day if day in season else RECENT_GAME) % 100:02d}"
        for away, home in _games_on(day) if day in season else [("BOS", "LAL")]:
            over = {} if day < TODAY else {"game_status": 1, "home_team_score": None, "away_team_score": None}
            schedule.append(schedule_row(f"{prefix}{len(schedule):05d}", day.isoformat(), away, home, **over))
            if day in (NO_RAW_DATA, RECENT_GAP) or day > TODAY:
                continue
            broken = {"fg_made": 9, "fg_attempted": 8} if day == BROKEN else {}
            gamebook += box_rows(day.isoformat(), away, home, **broken)
            teams += team_rows(day.isoformat(), away, home)
    return warehouse_with(path, schedule, gamebook, teams)


@dataclass(frozen=True)
class League:
    """What the tests look at after everything has ended.

    Attributes:
        warehouse: Warehouse that the runs wrote to.
        instance: The processes' instance.
        backfills: Backfill ids by launch.
        runs: Run ids of single launches by launch.
        statuses: Final statuses by launch.
        partitions: Ranges by status, as the asset's page shows them.
    """

    warehouse: DuckDBWarehouse
    instance: dg.DagsterInstance
    backfills: dict[str, str]
    runs: dict[str, str]
    statuses: dict[str, str]
    partitions: dict[str, list[tuple[str, str]]]

    def backfill_run(self, launch: str) -> dg.DagsterRun:
        """The one run of a backfill; more than one, or none, fails here."""
        (run,) = self.instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": self.backfills[launch]}))
        return run

    def run(self, launch: str) -> dg.DagsterRun:
        """The run of a single launch."""
        found = self.instance.get_run_by_id(self.runs[launch])
        assert found is not None
        return found

    def materialized(self, run_id: str) -> dict[str, dict]:
        """Metadata values by partition of the materializations that a run made."""
        records = self.instance.fetch_materializations(dg.AssetKey(TABLE), limit=1000).records
        return {
            record.partition_key: {key: value.value for key, value in record.asset_materialization.metadata.items()}
            for record in records
            if record.run_id == run_id
        }

    def outcomes(self, run_id: str) -> dict[date, tuple[str, str]]:
        """Outcome and reason by date that a run recorded: every date that it touched."""
        rows = self.warehouse.read(DATE_OUTCOMES)
        rows = rows[rows["run_id"] == run_id]
        assert not rows["game_date"].duplicated().any()
        return {row.game_date.date(): (row.outcome, row.reason) for row in rows.itertuples()}


@pytest.fixture(scope="module")
def league(tmp_path_factory):
    """A warehouse, webserver and daemon, and everything launched at once: the daemon's ticks are far apart."""
    directory = tmp_path_factory.mktemp("daemon")
    warehouse = _fill(directory / "league.duckdb")
    environment = {"NBA_DATA_DIR": str(directory), "NBA_WAREHOUSE": f"duckdb:///{directory / 'league.duckdb'}"}
    with dagster_processes(directory, environment) as dagit:
        backfills = {
            "range": dagit.launch_backfill([TABLE], partition_names=_names(*date_range(FIRST, LAST))),
            "gap": dagit.launch_backfill([TABLE], ranges={TABLE: ("2024-03-06", "2024-03-08")}),
            "live": dagit.launch_backfill(
                [TABLE], partition_names=_names(*STATED_LIVE), tags={"backfill_mode": "false"}
            ),
        }
        runs = {
            "old": dagit.launch_one_date(TABLE, OLD.isoformat()),
            "old_with_tag": dagit.launch_one_date(TABLE, OLD_WITH_TAG.isoformat(), tags={"backfill_mode": "true"}),
            "old_with_job": dagit.launch_one_date(TABLE, OLD_WITH_JOB.isoformat(), job="historical_date"),
            "recent": dagit.launch_one_date(TABLE, RECENT_GAME.isoformat()),
            "recent_off_day": dagit.launch_one_date(TABLE, RECENT_OFF_DAY.isoformat()),
            "recent_gap": dagit.launch_one_date(TABLE, RECENT_GAP.isoformat()),
        }
        statuses = {name: dagit.wait_for_run(run_id) for name, run_id in runs.items()}
        statuses |= {name: dagit.wait_for_backfill(backfill_id) for name, backfill_id in backfills.items()}
        with dg.DagsterInstance.from_config(str(dagit.home)) as instance:
            league = League(warehouse, instance, backfills, runs, statuses, {})
            # Only now has the backfill ended, so that Dagster drops its own backfill tag from the repetition.
            runs["gap_again"] = dagit.reexecute(league.backfill_run("gap").run_id)
            statuses["gap_again"] = dagit.wait_for_run(runs["gap_again"])
            league.partitions.update(dagit.partitions(TABLE))
            yield league


def _names(*days: date) -> list[str]:
    return [day.isoformat() for day in days]


def test_a_backfill_is_one_run_that_carries_the_tag_nobody_typed(league):
    assert len(date_range(FIRST, LAST)) >= 60
    # The assets stamp a run that has no tag yet, so the tag alone would not show that the coordinator is in use.
    assert isinstance(league.instance.run_coordinator, BackfillTaggingRunCoordinator)
    # One run for three dates and one for all of these: the number does not grow with the dates.
    for launch in ("range", "gap"):
        assert league.backfill_run(launch).tags["backfill_mode"] == "true"
    assert league.backfill_run("range").status == dg.DagsterRunStatus.FAILURE
    assert league.statuses["range"] == "COMPLETED_FAILED"


def test_a_broken_date_fails_alone_and_its_neighbours_have_their_own_row_counts(league):
    assert ("2024-01-20", "2024-01-20") in league.partitions["FAILED"]
    run_id = league.backfill_run("range").run_id
    made = league.materialized(run_id)
    good = [day for day in date_range(FIRST, LAST) if day != BROKEN]
    assert set(made) == set(_names(*good))
    counts = league.warehouse.counts_by_date(PLAYER_GAME_SUMMARY, FIRST, LAST).set_index("game_date")["rows"]
    stored = {f"{day:%Y-%m-%d}": int(rows) for day, rows in counts.items()}
    # From the warehouse, and from what was put into it: twelve players a game.
    assert {day: metadata["rows"] for day, metadata in made.items()} == {day: stored.get(day, 0) for day in made}
    assert stored == {day.isoformat(): 12 * len(_games_on(day)) for day in good if _games_on(day)}
    assert set(stored.values()) == {12, 24}
    outcome, reason = league.outcomes(run_id)[BROKEN]
    assert outcome == "invalid"
    assert "rows broke a rule" in reason
    quarantined = league.warehouse.read(QUARANTINED_ROWS, start=BROKEN, end=BROKEN)
    assert set(quarantined["reason"]) == {"more_made_than_attempted"}


def test_off_days_are_materialized_with_zero_rows(league):
    made = league.materialized(league.backfill_run("range").run_id)
    for day in OFF_DAYS:
        assert (made[day.isoformat()]["outcome"], made[day.isoformat()]["rows"]) == ("off_day", 0)


def test_exactly_the_launched_dates_are_built_and_none_is_shifted(league):
    assert set(league.outcomes(league.backfill_run("range").run_id)) == set(date_range(FIRST, LAST))
    attempted = {day.date() for day in league.warehouse.read(DATE_OUTCOMES)["game_date"]}
    # Both have games and raw rows, so that a shifted range would have built one of them.
    for neighbour in (FIRST - timedelta(days=1), LAST + timedelta(days=1)):
        assert _games_on(neighbour)
        assert neighbour not in attempted
    assert league.partitions["FAILED"] == [("2024-01-20", "2024-01-20"), tuple(_names(RECENT_GAP, RECENT_GAP))]
    assert league.partitions["MATERIALIZED"] == [
        ("2024-01-02", "2024-01-19"),
        ("2024-01-21", "2024-03-04"),
        ("2024-03-06", "2024-03-06"),
        ("2024-03-08", "2024-03-08"),
        ("2024-03-13", "2024-03-13"),
        ("2024-03-15", "2024-03-15"),
        tuple(_names(RECENT_GAME, RECENT_OFF_DAY)),
    ]
    stored = {day.date() for day in league.warehouse.counts_by_date(PLAYER_GAME_SUMMARY)["game_date"]}
    alone = {date(2024, 3, 6), date(2024, 3, 8), OLD_WITH_JOB, OLD_WITH_TAG, RECENT_GAME}
    assert stored == {*date_range(FIRST, LAST), *alone} - OFF_DAYS - {BROKEN}


def test_in_a_backfill_by_ranges_a_date_without_raw_data_stays_missing_and_the_run_is_green(league):
    run = league.backfill_run("gap")
    assert run.status == dg.DagsterRunStatus.SUCCESS
    assert set(league.materialized(run.run_id)) == {"2024-03-06", "2024-03-08"}
    outcomes = {day: outcome for day, (outcome, _) in league.outcomes(run.run_id).items()}
    assert outcomes == {date(2024, 3, 6): "built", NO_RAW_DATA: "no_raw_data", date(2024, 3, 8): "built"}


def test_a_repeated_backfill_run_keeps_the_mode_after_the_backfill_has_ended(league):
    run = league.run("gap_again")
    assert league.statuses["gap_again"] == "SUCCESS"
    assert "dagster/backfill" not in run.tags
    assert run.tags["backfill_mode"] == "true"
    # In live mode these dates would be too old.
    assert set(league.materialized(run.run_id)) == {"2024-03-06", "2024-03-08"}
    assert set(league.outcomes(run.run_id)) == {date(2024, 3, 6), NO_RAW_DATA, date(2024, 3, 8)}


def test_a_stated_backfill_mode_false_keeps_live_rules(league):
    run = league.backfill_run("live")
    assert run.tags["backfill_mode"] == "false"
    assert run.status == dg.DagsterRunStatus.SUCCESS
    assert league.materialized(run.run_id) == {}
    outcomes = {day: outcome for day, (outcome, _) in league.outcomes(run.run_id).items()}
    assert outcomes == dict.fromkeys(STATED_LIVE, "too_old")


def test_a_single_old_date_is_left_alone_without_the_tag(league):
    run = league.run("old")
    assert league.statuses["old"] == "SUCCESS"
    assert run.tags["dagster/partition"] == OLD.isoformat()
    assert "dagster/backfill" not in run.tags
    assert "backfill_mode" not in run.tags
    ((day, (outcome, reason)),) = league.outcomes(run.run_id).items()
    assert (day, outcome) == (OLD, "too_old")
    assert "backfill_mode=true" in reason
    assert league.materialized(run.run_id) == {}
    assert league.warehouse.counts_by_date(PLAYER_GAME_SUMMARY, OLD, OLD).empty
    observed = league.instance.fetch_observations(dg.AssetKey(TABLE), limit=100).records
    assert [record.partition_key for record in observed if record.run_id == run.run_id] == [OLD.isoformat()]


@pytest.mark.parametrize(("launch", "day"), [("old_with_tag", OLD_WITH_TAG), ("old_with_job", OLD_WITH_JOB)])
def test_a_single_old_date_is_built_with_the_tag_or_the_job(league, launch, day):
    run = league.run(launch)
    assert league.statuses[launch] == "SUCCESS"
    assert run.tags["backfill_mode"] == "true"
    made = league.materialized(run.run_id)
    assert set(made) == {day.isoformat()}
    assert made[day.isoformat()]["outcome"] == "built"
    assert made[day.isoformat()]["rows"] == 12 * len(_games_on(day))


def test_recent_dates_follow_live_rules(league):
    launches = ("recent", "recent_off_day", "recent_gap")
    assert [league.statuses[launch] for launch in launches] == ["SUCCESS", "SUCCESS", "FAILURE"]
    for launch in launches:
        assert "backfill_mode" not in league.run(launch).tags
    made = league.materialized(league.runs["recent"])
    assert {day: metadata["rows"] for day, metadata in made.items()} == {RECENT_GAME.isoformat(): 12}
    made = league.materialized(league.runs["recent_off_day"])
    assert {day: metadata["rows"] for day, metadata in made.items()} == {RECENT_OFF_DAY.isoformat(): 0}
    assert league.outcomes(league.runs["recent_off_day"])[RECENT_OFF_DAY][0] == "off_day"


def test_a_recent_date_with_games_and_no_raw_data_fails_its_run_and_is_named(league):
    failures = [
        str(event.dagster_event.step_failure_data.error)
        for event in league.instance.all_logs(league.runs["recent_gap"])
        if event.dagster_event is not None and event.dagster_event.is_step_failure
    ]
    assert len(failures) == 1
    assert f"player_game_summary {RECENT_GAP} no_raw_data" in failures[0]
    assert league.outcomes(league.runs["recent_gap"])[RECENT_GAP][0] == "no_raw_data"
    assert league.materialized(league.runs["recent_gap"]) == {}
