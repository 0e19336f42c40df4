"""Declaration of the raw schedule, the table that says which games exist."""

from analytics_assets.tables.declaration import (
    Table,
    columns,
    date_column,
    flag,
    integer,
    string,
    strings,
    timestamp,
)

SCHEDULED, IN_PROGRESS, FINAL = 1, 2, 3
CALLED_OFF = ("postponed", "cancelled")
TEAM_NOT_KNOWN_YET = "TBD"

NBAC_SCHEDULE = Table(
    dataset="nba_raw",
    name="nbac_schedule",
    grain="One row per NBA game.",
    description="Every game the league has scheduled or played, with result once it is final.",
    key=("game_id",),
    cluster_by=("home_team_tricode", "away_team_tricode"),
    hash_column="data_hash",
    not_content=("processed_at",),
    columns=columns(
        string("game_id", "NBA game id of ten digits; its first three tell the game type.", required=True),
        date_column("game_date", "US-Eastern date of the game.", required=True),
        integer("season_year", "Calendar year in which the season starts.", unit="year"),
        integer("game_status", "1 scheduled, 2 in progress, 3 final.", required=True),
        string(
            "postponed_status",
            "'postponed' or 'cancelled' when the game will not be played on this date.",
            allowed=CALLED_OFF,
            null_rule="The game stands as scheduled.",
        ),
        string("home_team_tricode", "Tricode of the home team; TBD while nobody knows it.", required=True),
        string("away_team_tricode", "Tricode of the visiting team; TBD while nobody knows it.", required=True),
        integer("home_team_score", "Points of the home team.", unit="points", null_rule="Not final."),
        integer("away_team_score", "Points of the visiting team.", unit="points", null_rule="Not final."),
        timestamp("tipoff_at", "Scheduled tip-off.", null_rule="The source gives only the date."),
        string("arena_name", "Arena.", null_rule="The source does not name it."),
        string("arena_city", "City of the arena.", null_rule="The source does not name it."),
        flag("neutral_site_flag", "Whether neither team plays at home.", null_rule="The source does not say."),
        flag("is_primetime", "Whether the game is on national television.", null_rule="The source does not say."),
        strings(
            "covered_game_types",
            "Game types which the file that this row came from holds for this season.",
            null_rule="Unknown: then the types of the season's games that are present count.",
        ),
        string("data_source", "Name of the source that delivered the row."),
        timestamp("processed_at", "When the row was last written.", required=True),
        string("data_hash", "Digest of the row's content."),
    ),
)
