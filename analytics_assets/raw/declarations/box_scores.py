"""Declarations of the raw box scores: three player sources and the team box."""

from analytics_assets.raw.declarations.game_columns import GAME_COLUMNS, WRITTEN_COLUMNS
from analytics_assets.tables.declaration import Column, Table, columns, flag, integer, string

_COUNTS = {
    "points": "Points scored.",
    "assists": "Assists.",
    "offensive_rebounds": "Offensive rebounds.",
    "defensive_rebounds": "Defensive rebounds.",
    "steals": "Steals.",
    "blocks": "Blocked shots.",
    "turnovers": "Turnovers.",
    "personal_fouls": "Personal fouls.",
    "fg_made": "Field goals made.",
    "fg_attempted": "Field goals attempted.",
    "three_pt_made": "Three-pointers made.",
    "three_pt_attempted": "Three-pointers attempted.",
    "ft_made": "Free throws made.",
    "ft_attempted": "Free throws attempted.",
}
BOX_COUNTS = tuple(_COUNTS)

# Bounds stay off raw columns: a broken raw row must be readable so that it can be quarantined with its values.
_count_columns = tuple(integer(name, text) for name, text in _COUNTS.items())
_player_columns = (
    string("player_lookup", "Normalised player name: lower-case letters and digits only.", required=True),
    string("player_name", "Full name as the source writes it."),
    integer("nba_player_id", "NBA.com player id."),
    string("team_abbr", "Tricode of the player's team.", null_rule="The source left it out."),
    string("minutes", "Playing time as the source writes it: MM:SS or decimal minutes."),
)


def _player_box(name: str, description: str, *more: Column) -> Table:
    return Table(
        dataset="nba_raw",
        name=name,
        grain="One row per player per game.",
        description=description,
        key=("game_id", "player_lookup"),
        cluster_by=("team_abbr", "player_lookup"),
        hash_column="data_hash",
        not_content=("processed_at",),
        columns=columns(GAME_COLUMNS, _player_columns, _count_columns, more, WRITTEN_COLUMNS),
    )


NBAC_GAMEBOOK_PLAYER_STATS = _player_box(
    "nbac_gamebook_player_stats",
    "Official gamebook, or NBA.com's box score of one game: also those who did not play, with exact minutes.",
    string(
        "player_status",
        "'active' (played), 'dnp' (dressed, did not play) or 'inactive'.",
        null_rule="The source has no inactive list.",
        allowed=("active", "dnp", "inactive"),
    ),
    string("dnp_reason", "Why the player did not play, in the gamebook's words."),
    flag("starter", "Whether the player started.", null_rule="The source does not say."),
    integer("plus_minus", "Point difference while the player was on court.", unit="points"),
)

NBAC_PLAYER_BOXSCORES = _player_box(
    "nbac_player_boxscores",
    "NBA.com box scores: those who appeared, available the same night.",
    string("game_status", "'Final' once the box score no longer changes."),
    string("dnp_reason", "The source's comment when the player did not play."),
    flag("starter", "Whether the player started.", null_rule="The source does not say."),
    flag(
        "minutes_are_rounded",
        "Whether the source rounds minutes and lists only those who appeared: 0 minutes then means seconds.",
    ),
    integer("plus_minus", "Point difference while the player was on court.", unit="points"),
)

BDL_PLAYER_BOXSCORES = _player_box(
    "bdl_player_boxscores",
    "balldontlie box scores: last resort, used only where it adds up to the score.",
)

NBAC_TEAM_BOXSCORE = Table(
    dataset="nba_raw",
    name="nbac_team_boxscore",
    grain="One row per team per game.",
    description="Official team lines; turnovers include team turnovers.",
    key=("game_id", "team_abbr"),
    cluster_by=("team_abbr",),
    hash_column="data_hash",
    not_content=("processed_at",),
    columns=columns(
        GAME_COLUMNS,
        string("team_abbr", "Tricode of the team."),
        flag("is_home", "Whether the team played at home."),
        string("minutes", "Sum of the players' minutes as the source writes it, such as 240:00."),
        _count_columns,
        integer("plus_minus", "Final point difference.", unit="points"),
        WRITTEN_COLUMNS,
    ),
)
