"""Declarations of what the league publishes about a game besides its box score: referees and injuries."""

from analytics_assets.raw.declarations.game_columns import GAME_COLUMNS, WRITTEN_COLUMNS
from analytics_assets.tables.declaration import Table, columns, string, timestamp

INJURY_STATUSES = ("out", "doubtful", "questionable", "probable", "available")

NBAC_REFEREE_GAME_ASSIGNMENTS = Table(
    dataset="nba_raw",
    name="nbac_referee_game_assignments",
    grain="One row per game official per game.",
    description="Who referees which game, published in the morning of the game.",
    key=("game_id", "official_code"),
    cluster_by=("official_code",),
    hash_column="data_hash",
    not_content=("processed_at",),
    columns=columns(
        GAME_COLUMNS,
        string("official_code", "Code of the official.", required=True),
        string("official_name", "Name of the official."),
        string("position", "Place in the crew: crew_chief, referee, umpire or alternate."),
        WRITTEN_COLUMNS,
    ),
)

NBAC_INJURY_REPORT = Table(
    dataset="nba_raw",
    name="nbac_injury_report",
    grain="One row per player per game per report.",
    description="The league's official injury report, every edition before tip-off.",
    key=("game_id", "player_lookup", "reported_at"),
    cluster_by=("team_abbr", "player_lookup"),
    hash_column="data_hash",
    not_content=("processed_at",),
    columns=columns(
        GAME_COLUMNS,
        timestamp("reported_at", "When the report was published.", required=True),
        string("team_abbr", "Tricode of the player's team."),
        string("player_lookup", "Normalised player name: lower-case letters and digits only.", required=True),
        string("player_name", "Full name, first name first."),
        string("injury_status", "Status in the report, in lower case.", allowed=INJURY_STATUSES),
        string("reason", "Reason in the report's words.", null_rule="The report gives none."),
        WRITTEN_COLUMNS,
    ),
)
