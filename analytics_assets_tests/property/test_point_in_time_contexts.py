"""No look-ahead: what is learned after a date changes no bit of the context rows of that date or of earlier ones."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.raw.declarations import (
    BIGDATABALL_PLAY_BY_PLAY,
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_INJURY_REPORT,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    RAW_TABLES,
)
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.generated_games import GeneratedGame, generate_game
from analytics_assets_tests.support.raw_rows import raw_frame
from analytics_assets_tests.support.warehouses import produce_contexts, produce_summaries

FIRST, DAYS = date(2024, 1, 8), 14
DATES = [FIRST + timedelta(days=number) for number in range(DAYS)]
TEAMS = ("BOS", "LAL", "DEN", "MIA")
# A moment long after everything, as in a backfill.
NOW = datetime(2024, 6, 1, tzinfo=UTC)
CONTEXTS = (UPCOMING_TEAM_GAME_CONTEXT, UPCOMING_PLAYER_GAME_CONTEXT)
WHEN_WRITTEN = ["created_at", "processed_at", "quality_calculated_at", "context_version"]
ABOUT_THE_DATE = "source_"


@cache
def season(seed: int) -> tuple[GeneratedGame, ...]:
    """Two games on two of three dates; who meets whom is drawn."""
    random = np.random.default_rng(seed)
    games = []
    for day in DATES:
        if (day - FIRST).days % 3 == 2:
            continue
        order = random.permutation(TEAMS)
        for away, home in (order[:2], order[2:]):
            sizes = (int(random.integers(7, 10)), int(random.integers(7, 10)))
            overtimes, game_seed = int(random.random() < 0.2), int(random.integers(2**32))
            games.append(generate_game(game_seed, day.isoformat(), str(away), str(home), overtimes, sizes))
    return tuple(games)


def tip_off(game: GeneratedGame) -> pd.Timestamp:
    return pd.Timestamp(game.day, tz="UTC") + pd.Timedelta(hours=24, minutes=30)


def rows_of(games: tuple[GeneratedGame, ...], cut: date, *, later: bool, seed: int) -> dict[Table, list[dict]]:
    """All raw rows: those known before the games of the cut date, and if asked for everything that came after."""
    random = np.random.default_rng(seed)
    rows: dict[Table, list[dict]] = {table: [] for table in RAW_TABLES}
    for number, game in enumerate(games):
        day, start = date.fromisoformat(game.day), tip_off(game)
        scheduled = game.schedule(number)
        over = day < cut
        if not over and not later:
            scheduled |= {"game_status": 1, "home_team_score": None, "away_team_score": None}
        rows[NBAC_SCHEDULE].append(scheduled)
        if over or later:
            rows[NBAC_GAMEBOOK_PLAYER_STATS] += game.gamebook()
            rows[NBAC_TEAM_BOXSCORE] += game.team_box()
            rows[BIGDATABALL_PLAY_BY_PLAY] += game.play_by_play()
        # Before the cut's tip-off everything is known of the cut's games, of later ones nothing yet.
        hours = [-20, -3, 1] if later else [-20, -3]
        for moment in [start + pd.Timedelta(hours=hour) for hour in hours if day <= cut or later]:
            rows[ODDS_API_GAME_LINES] += _game_lines(random, game, start, moment)
            rows[ODDS_API_PLAYER_POINTS_PROPS] += _props(random, game, start, moment)
            rows[NBAC_INJURY_REPORT] += _reports(random, game, moment)
    for day in DATES[:: DAYS // 2]:
        if day <= cut or later:
            rows[ESPN_TEAM_ROSTERS] += _rosters(random, day)
    return rows


def _about(game: GeneratedGame, moment: pd.Timestamp) -> dict:
    return {"game_id": game.game_id, "game_date": pd.Timestamp(game.day), "season_year": 2023, "processed_at": moment}


def _game_lines(random, game: GeneratedGame, start: pd.Timestamp, moment: pd.Timestamp) -> list[dict]:
    spread, total = float(random.integers(-8, 9)), float(random.integers(200, 240))
    spreads = [("spreads", "home", spread), ("spreads", "away", -spread)]
    sides = [*spreads, ("totals", "over", total), ("totals", "under", total)]
    shared = {**_about(game, moment), "bookmaker": "draftkings", "snapshot_timestamp": moment, "tipoff_at": start}
    return [{**shared, "market": m, "bet_side": side, "line": line, "price": -110.0} for m, side, line in sides]


def _props(random, game: GeneratedGame, start: pd.Timestamp, moment: pd.Timestamp) -> list[dict]:
    shared = {**_about(game, moment), "bookmaker": "fanduel", "snapshot_timestamp": moment, "tipoff_at": start}
    prices = {"over_price": -110.0, "under_price": -110.0}
    names = [name for players in game.players.values() for name in players[:3]]
    return [{**shared, **prices, "player_lookup": n, "points_line": float(random.integers(5, 30)) + 0.5} for n in names]


def _reports(random, game: GeneratedGame, moment: pd.Timestamp) -> list[dict]:
    statuses = ("out", "questionable", "probable")
    return [
        {
            **_about(game, moment),
            "reported_at": moment,
            "team_abbr": team,
            "player_lookup": str(random.choice(players)),
            "injury_status": str(random.choice(statuses)),
        }
        for team, players in game.players.items()
    ]


def _rosters(random, day: date) -> list[dict]:
    stamp = pd.Timestamp(day)
    shared = {"roster_date": stamp, "season_year": 2023, "processed_at": stamp.tz_localize("UTC")}
    size = int(random.integers(8, 12))
    names = [(team, f"{team.lower()}player{chr(97 + number)}") for team in TEAMS for number in range(size)]
    return [{**shared, "team_abbr": team, "player_lookup": name} for team, name in names]


def contexts(rows: dict[Table, list[dict]], cut: date, shuffle: int | None = None) -> dict[str, pd.DataFrame]:
    """Context rows up to the cut date, built from these raw rows by the real producers."""
    warehouse = DuckDBWarehouse(Path(mkdtemp()) / "nba.duckdb")
    warehouse.ensure(*RAW_TABLES)
    for table, given_rows in rows.items():
        if given_rows:
            frame = raw_frame(table, given_rows).drop_duplicates(list(table.key), keep="last")
            # Merged, because that is how rows get the digests that the fingerprints are made of.
            warehouse.merge_rows(table, frame if shuffle is None else frame.sample(frac=1, random_state=shuffle))
    produce_summaries(warehouse, DATES, now=NOW)
    built = produce_contexts(warehouse, [day for day in DATES if day <= cut], now=NOW)
    assert all(result.outcome in ("built", "off_day") for found in built.values() for result in found.values())
    return {table.name: warehouse.read(table) for table in CONTEXTS}


def assert_same_bits(one: pd.DataFrame, other: pd.DataFrame, *, tracking: bool) -> None:
    """The same rows, floats to the last bit; source tracking speaks of tables as a whole and may differ if asked."""
    columns = [name for name in one.columns if name not in WHEN_WRITTEN]
    if not tracking:
        columns = [name for name in columns if not name.startswith(ABOUT_THE_DATE)]
    pd.testing.assert_frame_equal(one[columns], other[columns], check_exact=True)
    for name in one[columns].select_dtypes("float64"):
        left, right = (frame[name].to_numpy().view("uint64") for frame in (one, other))
        known = one[name].notna().to_numpy()
        assert (left[known] == right[known]).all(), name


cases = st.tuples(st.integers(0, 2**31), st.sampled_from([day for day in DATES[3:-2] if (day - FIRST).days % 3 != 2]))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases)
def test_later_games_lines_reports_and_rosters_change_no_row_of_the_cut_date_or_before(case) -> None:
    seed, cut = case
    games = season(seed)
    before = contexts(rows_of(games, cut, later=False, seed=seed), cut)
    with_later = dict(rows_of(games, cut, later=False, seed=seed))
    everything = rows_of(games, cut, later=True, seed=seed + 1)
    for table, given_rows in everything.items():
        known = {_key(table, row) for row in with_later[table]}
        added = [row for row in given_rows if _key(table, row) not in known and _is_later(table, row, cut)]
        with_later[table] = added if table is NBAC_SCHEDULE else with_later[table] + added
        if table is NBAC_SCHEDULE:
            # The schedule names every game from the start; only results come later.
            with_later[table] = given_rows
    after = contexts(with_later, cut)
    for name, rows in before.items():
        assert len(rows) > 0
        assert_same_bits(rows, after[name], tracking=False)


def _key(table: Table, row: dict) -> tuple:
    return tuple(row.get(name) for name in table.key)


def _is_later(table: Table, row: dict, cut: date) -> bool:
    """Whether a row cannot be known before the games of the cut date tip off."""
    if table is ESPN_TEAM_ROSTERS:
        return row["roster_date"].date() > cut
    day = row["game_date"].date()
    moment = row.get("snapshot_timestamp") or row.get("reported_at")
    if moment is None:
        return day >= cut
    return moment > pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=24, minutes=30) or day > cut


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases)
def test_the_order_of_raw_rows_decides_nothing(case) -> None:
    seed, cut = case
    rows = rows_of(season(seed), cut, later=False, seed=seed)
    one, other = contexts(rows, cut), contexts(rows, cut, shuffle=seed % 1000)
    for name in one:
        assert_same_bits(one[name], other[name], tracking=True)
