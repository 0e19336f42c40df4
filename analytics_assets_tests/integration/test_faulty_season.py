"""The reference range with faults and forty lost days: each date ends as told, then exactly what changed is repaired.

Faults and lost days are all in one season. The other three are as the reference backfill of the clean league left
them, so the whole range is looked at.
"""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime

import dagster as dg
import duckdb
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics_assets.backfill.plan import Only
from analytics_assets.backfill.records import materialized_dates
from analytics_assets.cli import app
from analytics_assets.coverage.grid import missing_dates
from analytics_assets.coverage.outdated import outdated_dates
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets_tests.support.faulty_season import FIRST, LAST, REFERENCE_DATES, DatesByTable, FaultySeason, Step

pytestmark = pytest.mark.xdist_group("demo_league")

NAMES = [table.name for table in ANALYTICS_TABLES]
SUMMARIES, CONTEXTS = NAMES[:3], NAMES[3:]
PLAYERS, OFFENSE = SUMMARIES[:2]
DONE = {"built", "off_day", "off_season"}
LOST_DAYS = 40
# The morning after the last date of the range.
NOW = datetime(2025, 6, 23, 16, tzinfo=UTC)
Outcomes = dict[tuple[str, date], str]


@dataclass(frozen=True)
class Story:
    """What was seen on the way.

    Attributes:
        promised: The outcome of every table and date of the range, from clean league, faults and lost days alone.
        lost: The lost days.
        faulty: The dates with faults.
        first: The backfill with faults and without the lost days.
        grid: Coverage after it.
        counted: Table, outcome and number of dates, by SQL over the recorded outcomes.
        shown: Dates that Dagster shows as materialized.
        status: What ``status --json`` said, and its exit code.
        metadata: What the coverage asset told.
        check: Its check.
        missing: The backfill of what is missing once the days have arrived and the faults are gone.
        summaries: That of outdated summaries.
        contexts: That of outdated contexts, afterwards.
        differing: Dates with rows unlike the clean league's: of summaries before the former of these two, of all tables
            before the latter, of contexts at the end.
        outdated: Outdated dates of contexts at the end.
        runs: Number of runs in all.
    """

    promised: Outcomes
    lost: set[date]
    faulty: set[date]
    first: Step
    grid: pd.DataFrame
    counted: dict[tuple[str, str], int]
    shown: dict[str, set[date]]
    status: tuple[dict, int]
    metadata: dict
    check: dg.AssetCheckEvaluation
    missing: Step
    summaries: Step
    contexts: Step
    differing: list[DatesByTable]
    outdated: pd.DataFrame
    runs: int


@pytest.fixture(scope="module")
def story(demo_league, tmp_path_factory) -> Story:
    file = shutil.copy(demo_league.warehouse.path, tmp_path_factory.mktemp("faulty") / "nba.duckdb")
    with dg.DagsterInstance.ephemeral() as instance:
        season = FaultySeason(demo_league.warehouse, file, instance, NOW)
        clean = {
            (name, day): str(result.outcome)
            for name, found in (demo_league.results | demo_league.contexts).items()
            for day, result in found.items()
        }
        faulty = {day for fault in season.faults for day in fault.dates}
        played = [day for day in REFERENCE_DATES if day <= LAST and clean[PLAYERS, day] == "built"]
        # From the first week to the play-offs, some a day apart, some a week.
        lost = [day for day in played if day not in faulty][3::4][:LOST_DAYS]
        season.lose(lost)
        first = season.backfill(NAMES, Only.MISSING)
        grid = season.grid(NAMES)
        shown = materialized_dates(instance, NAMES)
        metadata, check = look(season)
        looked = {
            "promised": promised_outcomes(clean, season, lost),
            "lost": set(lost),
            "faulty": faulty,
            "first": first,
            "grid": grid,
            "counted": counted_by_sql(season),
            "shown": shown,
            "status": told_status(season),
            "metadata": metadata,
            "check": check,
        }
        season.mend()
        missing = season.backfill(NAMES, Only.MISSING)
        wrong = [season.differing(SUMMARIES)]
        summaries = season.backfill(SUMMARIES, Only.OUTDATED)
        wrong.append(season.differing(NAMES))
        contexts = season.backfill(CONTEXTS, Only.OUTDATED)
        wrong.append(season.differing(CONTEXTS))
        return Story(
            **looked,
            missing=missing,
            summaries=summaries,
            contexts=contexts,
            differing=wrong,
            outdated=outdated_dates(season.warehouse, CONTEXTS, REFERENCE_DATES, season.now),
            runs=len([run for run in instance.get_runs() if run.job_name != "refresh_coverage"]),
        )


def promised_outcomes(clean: Outcomes, season: FaultySeason, lost: list[date]) -> Outcomes:
    """What the clean league, the faults and the lost days promise of every table and date."""
    promised = clean | {(name, day): "no_raw_data" for name in SUMMARIES for day in lost}
    for fault in season.faults:
        for name in SUMMARIES:
            outcome = fault.player_outcome if name == PLAYERS else fault.team_outcome
            promised |= {(name, day): str(outcome) for day in fault.dates}
        if fault.name == "date missing in the schedule":
            # Contexts look ahead: for them, a date without scheduled games is an off-day.
            promised |= {(name, day): "off_day" for name in CONTEXTS for day in fault.dates}
    return promised


def counted_by_sql(season: FaultySeason) -> dict[tuple[str, str], int]:
    query = "SELECT table_name, outcome, count(*) FROM nba_ops.date_outcomes GROUP BY ALL"
    with duckdb.connect(str(season.warehouse.path), read_only=True) as connection:
        return {(name, outcome): size for name, outcome, size in connection.execute(query).fetchall()}


def told_status(season: FaultySeason) -> tuple[dict, int]:
    span = ["--start", str(REFERENCE_DATES[0]), "--end", str(REFERENCE_DATES[-1])]
    environment = {"NBA_WAREHOUSE": f"duckdb:///{season.warehouse.path}"}
    finished = CliRunner().invoke(app, ["status", *span, "--json"], env=environment)
    return json.loads(finished.stdout), finished.exit_code


def look(season: FaultySeason) -> tuple[dict, dg.AssetCheckEvaluation]:
    """Metadata of the coverage asset and its check."""
    finished = season.definitions().resolve_job_def("refresh_coverage").execute_in_process(instance=season.instance)
    (materialized,) = finished.asset_materializations_for_node("coverage")
    (check,) = finished.get_asset_check_evaluations()
    return {name: value.value for name, value in materialized.metadata.items()}, check


def by_table(outcomes: Outcomes, wanted: set[str]) -> DatesByTable:
    """Dates with one of the wanted outcomes."""
    found: DatesByTable = {}
    for (name, day), outcome in outcomes.items():
        if outcome in wanted:
            found.setdefault(name, set()).add(day)
    return found


def not_done(outcomes: Outcomes) -> DatesByTable:
    return by_table(outcomes, set(outcomes.values()) - DONE)


def test_one_run_builds_all_dates_but_those_that_faults_and_lost_days_take(story):
    assert story.first.run.block == (FIRST, LAST)
    assert story.first.outcomes == {key: value for key, value in story.promised.items() if FIRST <= key[1] <= LAST}
    assert len(story.first.results) == len(story.first.outcomes)
    # A backfill goes on over lost data; what is broken fails the run, after everything else is committed.
    ((broken, days),) = by_table(story.promised, {"invalid"}).items()
    (day,) = days
    assert story.first.status is dg.DagsterRunStatus.FAILURE
    assert f"1 dates failed, all others were committed: {broken} {day} invalid: " in story.first.failure


def test_each_of_the_1343_dates_has_the_one_outcome_that_was_promised_and_every_gap_a_reason(story):
    assert len(story.lost) == LOST_DAYS
    assert len(story.grid) == len(story.promised) == 1343 * len(NAMES)
    states = {(row.table_name, row.game_date.date()): row.state for row in story.grid.itertuples()}
    assert states == story.promised
    gaps = missing_dates(story.grid)
    assert {(row.table_name, row.game_date.date()) for row in gaps.itertuples()} == {
        (name, day) for name, days in not_done(story.promised).items() for day in days
    }
    assert gaps["reason"].str.len().min() > 10


def test_status_check_and_sql_tell_the_same_counts(story):
    expected = pd.Series(story.promised).rename_axis(["table_name", "game_date"]).rename("outcome").reset_index()
    counts = expected.groupby(["table_name", "outcome"]).size().to_dict()
    assert story.counted == counts
    gaps = sum(len(days) for days in not_done(story.promised).values())
    # Forty lost days of three tables; three dates lack something for all three, one for players only.
    assert gaps == 3 * (LOST_DAYS + 3) + 1
    document, exit_code = story.status
    assert (document["dates"], document["missing"], exit_code) == (1343, gaps, 1)
    told = {(name, state): size for name, of in document["tables"].items() for state, size in of["outcomes"].items()}
    assert told == counts
    assert (story.metadata["first_date"], story.metadata["last_date"]) == ("2021-10-19", "2025-06-22")
    assert story.metadata["missing"] == story.check.metadata["missing"].value == gaps
    assert not story.check.passed
    # The run of the clean seasons is in no Dagster records; what is in them is what is done.
    done = by_table(story.first.outcomes, DONE)
    assert story.shown == done


def test_once_the_days_have_arrived_exactly_what_is_missing_is_built(story):
    assert story.missing.planned == not_done(story.promised)
    assert set(story.missing.outcomes.values()) == {"built"}
    assert story.missing.status is dg.DagsterRunStatus.SUCCESS


def test_then_exactly_the_dates_whose_rows_are_not_those_of_a_clean_run_are_outdated_and_built_again(story):
    before, between, after = story.differing
    assert set(before) == set(SUMMARIES)
    assert story.summaries.planned == before
    # Team rows tell how many of the absent had been starting, on the lost days too.
    assert before[OFFENSE] - story.faulty
    assert set(between) == set(CONTEXTS)
    assert story.contexts.planned == between
    assert after == {}
    assert story.outdated.empty
    for step in (story.summaries, story.contexts):
        assert set(step.outcomes.values()) == {"built"}
        assert step.status is dg.DagsterRunStatus.SUCCESS
    assert story.runs == 4
