"""Columns that every raw table of games carries: which game the row speaks of, and when it was written."""

from analytics_assets.tables.declaration import date_column, integer, string, timestamp

GAME_COLUMNS = (
    string("game_id", "Game id: YYYYMMDD_AWAY_HOME, or the NBA's ten digits.", required=True),
    string("nba_game_id", "NBA game id of ten digits.", null_rule="The source does not know it."),
    date_column("game_date", "US-Eastern date of the game.", required=True),
    integer("season_year", "Calendar year in which the season starts.", unit="year"),
)
WRITTEN_COLUMNS = (
    timestamp("processed_at", "When the row was last written.", required=True),
    string("data_hash", "Digest of the row's content."),
)
