"""All five tables launched through the webserver and run by the daemon, into next week, the way Dagit does it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pandas as pd
import pytest

from analytics_assets.assets.raw_report import compare_raw_dates, report_raw_dates
from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, RAW_TABLES
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.dagster_processes import dagster_processes
from analytics_assets_tests.support.raw_rows import (
    PLAYERS_A_TEAM,
    box_rows,
    raw_frame,
    roster_rows,
    schedule_row,
    team_rows,
)
from analytics_assets_tests.support.warehouses import warehouse_with

TABLES = [table.name for table in ANALYTICS_TABLES]
SUMMARIES, CONTEXTS = TABLES[:3], TABLES[3:]
TEAMS, PLAYERS = CONTEXTS
# The first partition of all is the first date of the launch.
FIRST, LAST, BROKEN, OFF_DAY = date(2024, 1, 2), date(2024, 1, 11), date(2024, 1, 5), date(2024, 1, 8)
TODAY = eastern_date(datetime.now(UTC))
SEASON = season_year_of_date(TODAY)
GAMES_AHEAD = tuple(TODAY + timedelta(days=days) for days in (1, 2, 5, 7))
BEYOND = TODAY + timedelta(days=9)
RECENT = TODAY - timedelta(days=3)

pytestmark = [pytest.mark.daemon, pytest.mark.xdist_group("daemon_contexts")]


def _fill(path) -> DuckDBWarehouse:
    """One game on each date of the range but one; a recent game, and games ahead; rosters of both teams."""
    schedule, gamebook, teams = [], [], []
    past = [day for day in date_range(FIRST, LAST) if day != OFF_DAY]
    for number, day in enumerate([*past, RECENT, *GAMES_AHEAD, BEYOND]):
        over = {} if day < TODAY else {"game_status": 1, "home_team_score": None, "away_team_score": None}
        season = 2023 if day in past else SEASON
        schedule.append(schedule_row(f"002{season % 100:02d}{number:05d}", day.isoformat(), season_year=season, **over))
        if day < TODAY:
            broken = {"fg_made": 9, "fg_attempted": 8} if day == BROKEN else {}
            gamebook += [row | {"season_year": season} for row in box_rows(day.isoformat(), **broken)]
            if day != BROKEN:
                teams += [row | {"season_year": season} for row in team_rows(day.isoformat())]
    warehouse = warehouse_with(path, schedule, gamebook, teams)
    rosters = roster_rows(FIRST.isoformat(), "BOS", "LAL")
    rosters += [row | {"season_year": SEASON} for row in roster_rows(RECENT.isoformat(), "BOS", "LAL")]
    warehouse.merge_rows(ESPN_TEAM_ROSTERS, raw_frame(ESPN_TEAM_ROSTERS, rosters))
    return warehouse


@dataclass(frozen=True)
class Launched:
    """What the tests look at after everything has ended.

    Attributes:
        warehouse: Warehouse that the runs wrote to.
        instance: The processes' instance.
        backfills: Backfill ids by launch.
        partitions: Ranges by status by table, as the assets' pages show them.
    """

    warehouse: DuckDBWarehouse
    instance: dg.DagsterInstance
    backfills: dict[str, str]
    partitions: dict[str, dict[str, list[tuple[str, str]]]]

    def only_run(self, launch: str) -> dg.DagsterRun:
        """The one run of a backfill; more than one, or none, fails here."""
        (run,) = self.instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": self.backfills[launch]}))
        return run

    def outcomes(self, launch: str) -> dict[str, dict[date, str]]:
        """Outcome by table and date that the launch's run recorded."""
        rows = self.warehouse.read(DATE_OUTCOMES)
        rows = rows[rows["run_id"] == self.only_run(launch).run_id]
        assert not rows.duplicated(["table_name", "game_date"]).any()
        found: dict[str, dict[date, str]] = {}
        for row in rows.itertuples():
            found.setdefault(row.table_name, {})[row.game_date.date()] = row.outcome
        return found


@pytest.fixture(scope="module")
def launched(tmp_path_factory):
    directory = tmp_path_factory.mktemp("daemon_contexts")
    warehouse = _fill(directory / "league.duckdb")
    environment = {
        "NBA_DATA_DIR": str(directory),
        "NBA_WAREHOUSE": f"duckdb:///{directory / 'league.duckdb'}",
        "NBA_PARTITIONS_START": FIRST.isoformat(),
    }
    with dagster_processes(directory, environment) as dagit:
        # What Dagster knows of the raw tables decides nothing: not which dates are launched, nor in how many runs.
        with dg.DagsterInstance.from_config(str(dagit.home)) as instance:
            known = compare_raw_dates(instance, warehouse, RAW_TABLES, FIRST, TODAY + timedelta(days=7))
            assert report_raw_dates(instance, warehouse, known) > 0
        backfills = {
            "five": dagit.launch_backfill(TABLES, partition_names=[d.isoformat() for d in date_range(FIRST, LAST)]),
            "ahead": dagit.launch_backfill(
                CONTEXTS, partition_names=[d.isoformat() for d in date_range(TODAY, TODAY + timedelta(days=7))]
            ),
            "by_asset": dagit.launch_backfill(
                TABLES, ranges=dict.fromkeys(TABLES, (RECENT.isoformat(), GAMES_AHEAD[0].isoformat()))
            ),
        }
        for backfill_id in backfills.values():
            dagit.wait_for_backfill(backfill_id)
        with dg.DagsterInstance.from_config(str(dagit.home)) as instance:
            yield Launched(warehouse, instance, backfills, {name: dagit.partitions(name) for name in TABLES})


def test_five_tables_are_one_run_over_exactly_the_launched_dates_the_first_included(launched):
    assert launched.only_run("five").tags["backfill_mode"] == "true"
    outcomes = launched.outcomes("five")
    assert list(outcomes) == TABLES
    assert all(set(found) == set(date_range(FIRST, LAST)) for found in outcomes.values())
    assert outcomes[TEAMS][FIRST] == outcomes[PLAYERS][FIRST] == outcomes["player_game_summary"][FIRST] == "built"
    for name in TABLES:
        assert outcomes[name][OFF_DAY] == "off_day"


def test_a_failed_summary_date_stops_no_context_and_later_ones_say_what_is_missing(launched):
    outcomes = launched.outcomes("five")
    assert {name: outcomes[name][BROKEN] for name in TABLES} == {
        **dict.fromkeys(SUMMARIES, "invalid"),
        **dict.fromkeys(CONTEXTS, "built"),
    }
    for name in SUMMARIES:
        assert (BROKEN.isoformat(), BROKEN.isoformat()) in launched.partitions[name]["FAILED"]
    for table in (UPCOMING_TEAM_GAME_CONTEXT, UPCOMING_PLAYER_GAME_CONTEXT):
        rows = launched.warehouse.read(table, start=FIRST, end=LAST)
        after = rows["game_date"] > pd.Timestamp(BROKEN)
        incomplete = rows["quality_issues"].map(lambda issues: "history_incomplete" in issues)
        assert incomplete.tolist() == after.tolist()
        # Of few earlier games the one that is missing is more than a tenth.
        assert rows["is_production_ready"].tolist() == (~after).tolist()


def test_summaries_of_the_whole_range_are_committed_before_any_context(launched):
    run_id = launched.only_run("five").run_id
    made = [
        event.dagster_event.asset_key.to_user_string()
        for event in launched.instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    ]
    first_context = min(place for place, name in enumerate(made) if name in CONTEXTS)
    assert set(made[:first_context]) == set(SUMMARIES)
    assert set(made[first_context:]) == set(CONTEXTS)
    rows = launched.warehouse.read(UPCOMING_TEAM_GAME_CONTEXT, start=LAST, end=LAST)
    # Nine dates with games before, one of them broken: what was built in the same run is there.
    assert rows["actual_games_count"].tolist() == [7, 7]
    assert rows["team_games_used_last_5"].tolist() == [5, 5]


def test_a_launch_of_contexts_only_reaches_the_horizon_of_each(launched):
    outcomes = launched.outcomes("ahead")
    assert set(outcomes) == set(CONTEXTS)
    week = date_range(TODAY, TODAY + timedelta(days=7))
    expected = {day: "built" if day in GAMES_AHEAD else "off_day" for day in week}
    assert outcomes[TEAMS] == expected
    beyond = TODAY + timedelta(days=2)
    assert outcomes[PLAYERS] == {day: state if day <= beyond else "not_due" for day, state in expected.items()}
    rows = launched.warehouse.read(UPCOMING_PLAYER_GAME_CONTEXT, start=TODAY)
    assert len(rows) == 2 * PLAYERS_A_TEAM * 2
    # What is known of tomorrow's game is known now, not at its tip-off.
    assert (rows["as_of_timestamp"] <= pd.Timestamp.now(tz="UTC")).all()


def test_ranges_by_asset_reach_from_the_past_into_tomorrow_in_one_run(launched):
    outcomes = launched.outcomes("by_asset")
    days = date_range(RECENT, GAMES_AHEAD[0])
    assert all(set(found) == set(days) for found in outcomes.values())
    assert outcomes["player_game_summary"][RECENT] == "built"
    assert outcomes["player_game_summary"][GAMES_AHEAD[0]] == "not_due"
    assert outcomes[PLAYERS][GAMES_AHEAD[0]] == "built"
