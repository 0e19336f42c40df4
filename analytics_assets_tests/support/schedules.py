"""Schedules for tests of what depends on them: interpreted, and with the place of every game."""

import pandas as pd
import pytest

from analytics_assets.league.arenas import places_of_games
from analytics_assets.raw.loaders.nba_com import read_nba_com
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets_tests.support.nba_com_files import NOW, REAL_DATA
from analytics_assets_tests.support.raw_rows import schedule_frame


def placed_games(*rows: dict) -> pd.DataFrame:
    """``Schedule.games`` of literal raw rows, joined with where each game is played."""
    return with_places(schedule_frame(*rows))


def with_places(raw: pd.DataFrame) -> pd.DataFrame:
    """``Schedule.games`` of ``nbac_schedule``, joined with where each game is played."""
    games = interpret_schedule(raw).games
    return games.join(places_of_games(games))


def real_schedule(pattern: str) -> pd.DataFrame:
    """``nbac_schedule`` from the one real file of this name; skips the test where real data are absent."""
    paths = sorted(REAL_DATA.glob(pattern))
    if not paths:
        pytest.skip(f"shared/realdata is absent or has no {pattern}: nothing is checked against real schedules")
    (path,) = paths
    return read_nba_com(path, now=NOW).frames["nbac_schedule"]
