"""Both context tables through a real file: nothing that became known later, and no order of raw rows, changes a row."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    BIGDATABALL_PLAY_BY_PLAY,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_INJURY_REPORT,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
    RAW_TABLES,
)
from analytics_assets.raw.declarations.reports import INJURY_STATUSES
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.generated_season import (
    TRADED,
    GeneratedSeason,
    generated_season,
    raw_rows,
    tip_off,
)
from analytics_assets_tests.support.warehouses import outcomes, produce_contexts, produce_summaries

CONTEXTS = (UPCOMING_TEAM_GAME_CONTEXT, UPCOMING_PLAYER_GAME_CONTEXT)
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
AFTER_GAMES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_TEAM_BOXSCORE, BIGDATABALL_PLAY_BY_PLAY)
PROPS = (ODDS_API_PLAYER_POINTS_PROPS, BETTINGPROS_PLAYER_POINTS_PROPS)
ABOUT_GAMES = (ODDS_API_GAME_LINES, *PROPS, NBAC_INJURY_REPORT)
WRITTEN = ["created_at", "processed_at", "context_version"]
# Of the day's own games: the schedule's rows are written anew with the results, and do not tell when they were first.
REWRITTEN = ["source_schedule_last_updated"]
# There is no breaker per row, and nothing more to say of its quality.
NEVER_FILLED = {
    *("circuit_breaker_active", "circuit_breaker_until", "last_reprocess_attempt_at", "manual_override_required"),
    *("reprocess_attempt_count", "quality_metadata"),
}
FEW = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("moments")
    return (folder / f"{number}.duckdb" for number in range(1000))


def fill(warehouse: DuckDBWarehouse, schedule: pd.DataFrame, rows: Mapping[Table, pd.DataFrame]) -> None:
    warehouse.ensure(*RAW_TABLES)
    frames = {table: raw_rows(table, part) for table, part in rows.items()} | {NBAC_SCHEDULE: schedule}
    for table, frame in frames.items():
        if table is PLAYER_REGISTRY:
            warehouse.merge_rows(table, frame)
            continue
        span = frame[table.date_column]
        stored = warehouse.read(table, [table.date_column])[table.date_column]
        warehouse.replace_dates(table, frame, sorted({day.date() for day in pd.concat([span, stored])}))


def known_before(season: GeneratedSeason, cut: date) -> dict[Table, pd.DataFrame]:
    """All rows known on the morning of a date, after its rosters, and what is known of its games when they begin."""
    day = pd.Timestamp(cut)
    morning = day.tz_localize("UTC") + pd.Timedelta(hours=12)
    tips = {game.game_id: tip_off(game) for game in season.games}
    found = {}
    for table, rows in season.rows.items():
        if table in AFTER_GAMES:
            found[table] = rows[rows["about"] < day]
            continue
        until = pd.Series(morning, index=rows.index)
        if table in ABOUT_GAMES:
            until = until.mask(rows["about"] <= day, rows["game_id"].map(tips))
        found[table] = rows[rows["known_at"] <= until]
    return found


def some_of(season: GeneratedSeason, known: Mapping[Table, pd.DataFrame], seed: int) -> dict[Table, pd.DataFrame]:
    """All known rows, all rows about the course of games, and all or about half of the other ones."""
    random = np.random.default_rng(seed)
    chosen = {}
    for table, every in season.rows.items():
        share = 1.0 if table in AFTER_GAMES else random.choice([0.5, 1.0])
        chosen[table] = every[(random.random(len(every)) < share) | every.index.isin(known[table].index)]
    return chosen


def shuffle(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    return rows.sample(frac=1, random_state=seed)


def build(warehouse: DuckDBWarehouse, summaries: list[date], contexts: list[date]) -> dict[str, pd.DataFrame]:
    """Rows of both tables after building summaries and contexts of these dates."""
    if summaries:
        made = produce_summaries(warehouse, summaries, now=NOW)
        assert all(set(outcomes(found)) == {"built"} for found in made.values())
    made = produce_contexts(warehouse, contexts, now=NOW)
    # On the first dates nothing tells who plays for the team without a roster.
    possible = {"built", "partial_raw_data", "no_raw_data"}
    assert all(set(outcomes(found)) <= possible for found in made.values())
    return {table.name: ordered(warehouse.read(table), table) for table in CONTEXTS}


def ordered(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    return rows.sort_values(list(table.key), ignore_index=True)


def until(rows: Mapping[str, pd.DataFrame], last: date) -> dict[str, pd.DataFrame]:
    return {name: part[part["game_date"] <= pd.Timestamp(last)].reset_index(drop=True) for name, part in rows.items()}


def assert_same(one: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame], today: date | None = None) -> None:
    """Every column of every row is the same, floats in every bit."""
    for name, rows in one.items():
        later = other[name]
        assert len(rows) == len(later), name
        columns = rows.columns.difference(WRITTEN)
        assert [column for column in columns if not same_values(rows, later, column, today)] == [], name


def same_values(one: pd.DataFrame, other: pd.DataFrame, column: str, today: date | None) -> bool:
    if column in REWRITTEN and today is not None:
        one, other = (rows[rows["game_date"] < pd.Timestamp(today)] for rows in (one, other))
    left, right = one[column], other[column]
    if left.dtype == "float64":
        return bool((left.to_numpy().view("int64") == right.to_numpy().view("int64")).all())
    return left.equals(right)


@FEW
@example(place=8, seed=0)
@given(place=st.integers(0, 16), seed=st.integers(0, 2**31))
def test_what_becomes_known_later_changes_no_earlier_row(files, place, seed) -> None:
    season = generated_season(seed)
    dates = season.dates
    cut = dates[min(place, len(dates) - 1)]
    warehouse = DuckDBWarehouse(next(files))
    known = known_before(season, cut)
    fill(warehouse, season.schedule(final_before=cut), known)
    until_cut = [day for day in dates if day <= cut]
    before = build(warehouse, until_cut[:-1], until_cut)

    later = {table: shuffle(rows, seed) for table, rows in some_of(season, known, seed).items()}
    fill(warehouse, shuffle(season.schedule(final_before=dates[-1] + timedelta(days=1)), seed), later)
    after = build(warehouse, dates, until_cut)
    assert_same(before, after, today=cut)
    assert all((rows["context_version"] == 1).all() for rows in after.values())


@pytest.fixture(scope="module")
def whole(files) -> tuple[DuckDBWarehouse, GeneratedSeason, dict[str, pd.DataFrame]]:
    """A regular season with all that is known after it, and its contexts."""
    season = generated_season(seed=11)
    warehouse = DuckDBWarehouse(next(files))
    fill(warehouse, season.schedule(final_before=season.dates[-1] + timedelta(days=1)), season.rows)
    return warehouse, season, build(warehouse, season.dates, season.dates)


def test_the_generated_season_fills_every_column_that_could_change(whole) -> None:
    _, _, rows = whole
    for table in CONTEXTS:
        empty = {column.name for column in table.columns if rows[table.name][column.name].isna().all()}
        assert empty == NEVER_FILLED, table.name
    players = rows["upcoming_player_game_context"]
    assert set(players["row_origin"]) == {"roster", "inferred_roster", "line"}
    assert set(players["player_status"].dropna()) == {*INJURY_STATUSES, "not_listed"}
    assert players.loc[players["player_lookup"] == TRADED, "team_abbr"].nunique() == 2


def test_the_order_of_raw_rows_changes_no_row(whole) -> None:
    warehouse, season, before = whole
    schedule = season.schedule(final_before=season.dates[-1] + timedelta(days=1))
    fill(warehouse, shuffle(schedule, 3), {table: shuffle(rows, 3) for table, rows in season.rows.items()})
    assert_same(before, build(warehouse, season.dates, season.dates))


def test_play_off_games_that_come_later_change_no_row_of_the_regular_season(whole) -> None:
    warehouse, season, before = whole
    end = season.dates[-1] + timedelta(days=1)
    fill(warehouse, season.schedule(final_before=end, with_playoffs=True), {})
    after = build(warehouse, [], [*season.dates, *season.playoff_dates])
    teams = after["upcoming_team_game_context"]
    assert (teams["game_type"] == "playoffs").sum() == 2 * len(season.playoffs)
    assert_same(before, until(after, season.dates[-1]))
