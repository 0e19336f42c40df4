"""Declarations of the raw tables in ``nba_raw``; one file a family of tables."""

from analytics_assets.raw.declarations.box_scores import (
    BDL_PLAYER_BOXSCORES,
    BOX_COUNTS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_TEAM_BOXSCORE,
)
from analytics_assets.raw.declarations.registry import PLAYER_REGISTRY
from analytics_assets.raw.declarations.schedule import NBAC_SCHEDULE

RAW_TABLES = (
    NBAC_SCHEDULE,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    BDL_PLAYER_BOXSCORES,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
)

__all__ = [
    "BDL_PLAYER_BOXSCORES",
    "BOX_COUNTS",
    "NBAC_GAMEBOOK_PLAYER_STATS",
    "NBAC_PLAYER_BOXSCORES",
    "NBAC_SCHEDULE",
    "NBAC_TEAM_BOXSCORE",
    "PLAYER_REGISTRY",
    "RAW_TABLES",
]
