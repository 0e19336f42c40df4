"""Declarations of the raw tables in ``nba_raw``; one file a family of tables."""

from analytics_assets.raw.declarations.betting_lines import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.raw.declarations.box_scores import (
    BDL_PLAYER_BOXSCORES,
    BOX_COUNTS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    NBAC_TEAM_BOXSCORE,
)
from analytics_assets.raw.declarations.play_by_play import BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY
from analytics_assets.raw.declarations.registry import PLAYER_REGISTRY
from analytics_assets.raw.declarations.reports import NBAC_INJURY_REPORT, NBAC_REFEREE_GAME_ASSIGNMENTS
from analytics_assets.raw.declarations.rosters import ESPN_TEAM_ROSTERS
from analytics_assets.raw.declarations.schedule import NBAC_SCHEDULE

RAW_TABLES = (
    NBAC_SCHEDULE,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    BDL_PLAYER_BOXSCORES,
    NBAC_TEAM_BOXSCORE,
    PLAYER_REGISTRY,
    BIGDATABALL_PLAY_BY_PLAY,
    NBAC_PLAY_BY_PLAY,
    ODDS_API_PLAYER_POINTS_PROPS,
    BETTINGPROS_PLAYER_POINTS_PROPS,
    ODDS_API_GAME_LINES,
    NBAC_REFEREE_GAME_ASSIGNMENTS,
    NBAC_INJURY_REPORT,
    ESPN_TEAM_ROSTERS,
)

__all__ = [
    "BDL_PLAYER_BOXSCORES",
    "BETTINGPROS_PLAYER_POINTS_PROPS",
    "BIGDATABALL_PLAY_BY_PLAY",
    "BOX_COUNTS",
    "ESPN_TEAM_ROSTERS",
    "NBAC_GAMEBOOK_PLAYER_STATS",
    "NBAC_INJURY_REPORT",
    "NBAC_PLAYER_BOXSCORES",
    "NBAC_PLAY_BY_PLAY",
    "NBAC_REFEREE_GAME_ASSIGNMENTS",
    "NBAC_SCHEDULE",
    "NBAC_TEAM_BOXSCORE",
    "ODDS_API_GAME_LINES",
    "ODDS_API_PLAYER_POINTS_PROPS",
    "PLAYER_REGISTRY",
    "RAW_TABLES",
]
