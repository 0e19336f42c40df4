"""All analytics tables, in the order in which a run produces them."""

from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY

ANALYTICS_TABLES = (PLAYER_GAME_SUMMARY,)
