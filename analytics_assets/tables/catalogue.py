"""All analytics tables, in the order in which a run produces them."""

from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY

ANALYTICS_TABLES = (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)
