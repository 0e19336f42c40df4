"""One whole season of the demo league, simulated once a process for all tests that only look at it."""

from datetime import UTC, datetime
from functools import cache

import pandas as pd

from analytics_assets.demo.league import simulate_league
from analytics_assets.league.games import canonical_game_ids
from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, NBAC_SCHEDULE, PLAYER_REGISTRY, RAW_TABLES
from analytics_assets.tables.frames import conform

SEED = 7
SEASON_YEAR = 2021
# After the Finals, before the next season's schedule is published.
AFTER_THE_SEASON = datetime(2022, 7, 1, tzinfo=UTC)


@cache
def demo_season() -> dict[str, pd.DataFrame]:
    """All raw tables of the season 2021-22; not to be changed."""
    return simulate_league(now=AFTER_THE_SEASON, seed=SEED)


def demo_weeks() -> dict[str, pd.DataFrame]:
    """Six weeks of the season and four games a date, in the declared dtypes: what faults need and little more."""
    season = {table.name: conform(demo_season()[table.name], table) for table in RAW_TABLES}
    schedule = season[NBAC_SCHEDULE.name]
    schedule = schedule[schedule["game_date"].between("2021-11-08", "2021-12-20")].groupby("game_date").head(4)
    game_ids = canonical_game_ids(schedule["game_date"], schedule["away_team_tricode"], schedule["home_team_tricode"])
    frames = {name: frame[frame["game_id"].isin(game_ids)] for name, frame in season.items() if "game_id" in frame}
    frames |= {NBAC_SCHEDULE.name: schedule}
    frames |= {table.name: season[table.name] for table in (PLAYER_REGISTRY, ESPN_TEAM_ROSTERS)}
    return {table.name: frames[table.name].reset_index(drop=True) for table in RAW_TABLES}


def active_lines() -> pd.DataFrame:
    """Gamebook rows of those who played."""
    rows = demo_season()["nbac_gamebook_player_stats"]
    return rows[rows["player_status"] == "active"]
