"""Declaration of the player registry, which gives players one identity across sources."""

from analytics_assets.tables.declaration import Table, columns, date_column, integer, string, timestamp

PLAYER_REGISTRY = Table(
    dataset="nba_raw",
    name="player_registry",
    grain="One row per player name and season.",
    description="Which player a normalised name means in a season.",
    key=("player_lookup", "season_year"),
    date_column=None,
    cluster_by=("player_lookup",),
    hash_column="data_hash",
    # Sources spell one name with and without diacritics; another spelling of the same player is no change.
    not_content=("processed_at", "player_name"),
    columns=columns(
        string("player_lookup", "Normalised player name: lower-case letters and digits only.", required=True),
        integer("season_year", "Calendar year in which the season starts.", unit="year", required=True),
        string("universal_player_id", "The player's identity across sources and seasons.", required=True),
        integer("nba_player_id", "NBA.com player id."),
        string("player_name", "Full name as the source writes it."),
        date_column("birth_date", "Date of birth."),
        timestamp("processed_at", "When the row was last written.", required=True),
        string("data_hash", "Digest of the row's content."),
    ),
)
