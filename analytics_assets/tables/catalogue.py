"""All analytics tables, in the order in which a run produces them."""

from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT

ANALYTICS_TABLES = (
    PLAYER_GAME_SUMMARY,
    TEAM_OFFENSE_GAME_SUMMARY,
    TEAM_DEFENSE_GAME_SUMMARY,
    UPCOMING_TEAM_GAME_CONTEXT,
    UPCOMING_PLAYER_GAME_CONTEXT,
)
