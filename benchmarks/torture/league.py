"""The small leagues that are tormented: raw tables of a few dates of the demo league, thin, and a corrected form."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from analytics_assets.demo.league import simulate_seasons
from analytics_assets.league.games import canonical_game_ids
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
    RAW_TABLES,
)
from analytics_assets.raw.origin import DEMO_SOURCE
from analytics_assets.tables.frames import conform
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

# One season: a run commits five times, once for every table.
DATES = tuple(date_range(date(2024, 10, 23), date(2024, 10, 28)))
GAMES_A_DATE = 2
_ROSTERS_BEFORE = pd.Timedelta(days=10)
# A schedule says nothing of dates that lie behind its last game.
_NEXT_GAMES = date(2024, 10, 29)
_SIMULATED_AT = datetime(2024, 11, 5, tzinfo=UTC)

Frames = Mapping[str, pd.DataFrame]


def thin_frames(frames: Frames, games: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The raw rows of some games only, in the declared types; tables that do not name games stay whole.

    Args:
        frames: All raw tables as the demo league gives them.
        games: Rows of the schedule to keep.
    """
    ids = canonical_game_ids(games["game_date"], games["away_team_tricode"], games["home_team_tricode"])
    kept = {}
    for table in RAW_TABLES:
        frame = frames[table.name]
        if table.name == NBAC_SCHEDULE.name:
            frame = games.assign(data_source=DEMO_SOURCE)
        elif table.name == ESPN_TEAM_ROSTERS.name:
            first = games["game_date"].min() - _ROSTERS_BEFORE
            frame = frame[frame["roster_date"].between(first, games["game_date"].max())]
        elif table.name != PLAYER_REGISTRY.name:
            frame = frame[frame["game_id"].isin(ids)]
        kept[table.name] = conform(frame.reset_index(drop=True), table)
    return kept


def small_league() -> Iterator[dict[str, pd.DataFrame]]:
    """Raw rows of :data:`DATES`, season by season, with two games a date."""
    for _, frames in simulate_seasons(now=_SIMULATED_AT, first_season_year=2024):
        schedule = frames[NBAC_SCHEDULE.name]
        games = (
            schedule[schedule["game_date"].isin(pd.to_datetime([*DATES, _NEXT_GAMES]))]
            .groupby("game_date")
            .head(GAMES_A_DATE)
        )
        yield thin_frames(frames, games)


def fill(path: Path) -> None:
    """A new warehouse file with the raw rows of the small league."""
    warehouse = DuckDBWarehouse(path)
    warehouse.ensure(*RAW_TABLES)
    for frames in small_league():
        for table in RAW_TABLES:
            warehouse.merge_rows(table, frames[table.name])


def correct(path: Path) -> None:
    """Correct raw rows of every game, so that all tables come out differently when they are built again."""
    warehouse = DuckDBWarehouse(path)
    for table, column in (
        (NBAC_GAMEBOOK_PLAYER_STATS, "assists"),
        (NBAC_TEAM_BOXSCORE, "assists"),
        (ODDS_API_GAME_LINES, "line"),
        (ODDS_API_PLAYER_POINTS_PROPS, "points_line"),
    ):
        rows = warehouse.read(table)
        # Rows of a line are keyed by it, so they are replaced by date and not merged.
        moved = rows.assign(**{column: rows[column] + 1, table.hash_column or "": None})
        warehouse.replace_dates(table, moved, sorted(set(rows["game_date"].dt.date)))
