"""One whole season of the demo league, simulated once a process for all tests that only look at it."""

from datetime import UTC, datetime
from functools import cache

import pandas as pd

from analytics_assets.demo.league import simulate_league

SEED = 7
SEASON_YEAR = 2021
# After the Finals, before the next season's schedule is published.
AFTER_THE_SEASON = datetime(2022, 7, 1, tzinfo=UTC)


@cache
def demo_season() -> dict[str, pd.DataFrame]:
    """All raw tables of the season 2021-22; not to be changed."""
    return simulate_league(now=AFTER_THE_SEASON, seed=SEED)


def active_lines() -> pd.DataFrame:
    """Gamebook rows of those who played."""
    rows = demo_season()["nbac_gamebook_player_stats"]
    return rows[rows["player_status"] == "active"]
