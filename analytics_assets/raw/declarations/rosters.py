"""Declaration of team rosters: who belonged to which team on which date, whether he plays or not."""

from analytics_assets.raw.declarations.game_columns import WRITTEN_COLUMNS
from analytics_assets.tables.declaration import Table, columns, date_column, flag, integer, string

ESPN_TEAM_ROSTERS = Table(
    dataset="nba_raw",
    name="espn_team_rosters",
    grain="One row per team, player and date of the roster.",
    description="Rosters as ESPN or NBA.com showed them, each as a whole under the date on which it was read.",
    key=("roster_date", "team_abbr", "player_lookup"),
    date_column="roster_date",
    cluster_by=("team_abbr", "player_lookup"),
    hash_column="data_hash",
    not_content=("processed_at",),
    columns=columns(
        date_column(
            "roster_date", "US-Eastern date on which the roster was read, before the date's games.", required=True
        ),
        integer("season_year", "Calendar year in which the season starts.", unit="year"),
        string("team_abbr", "Tricode of the team.", required=True),
        string("player_lookup", "Normalised player name: lower-case letters and digits only.", required=True),
        string("player_name", "Full name as the source writes it."),
        string("position", "Position as the source writes it, such as PG, SF or C.", null_rule="Not told."),
        flag("is_two_way", "Whether the player has a two-way contract.", null_rule="The source does not say."),
        WRITTEN_COLUMNS,
    ),
)
