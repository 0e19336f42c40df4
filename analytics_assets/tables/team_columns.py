"""Columns that both team tables carry, and the way their measures are declared."""

from analytics_assets.league.games import COUNTED_GAME_TYPES
from analytics_assets.tables.declaration import Column, columns, count, date_column, flag, integer, number, string
from analytics_assets.tables.shared_columns import source_tracking

BASKETBALL_REFERENCE = "Basketball-Reference glossary"
FOUR_FACTORS = "Dean Oliver's four factors"
TEAM_LINE = "team box score, else the sum of the players"
PLAY_BY_PLAY = "chosen play-by-play"
_NO_EVENTS = "No play-by-play of the game agrees with the box score, or it does not tell this."


def team_count(name: str, description: str, **more: object) -> Column:
    """Count of a team line."""
    more = {"source": TEAM_LINE, "null_rule": "The source does not have it.", **more}
    return count(name, description, **more)


def event_count(name: str, description: str, **more: object) -> Column:
    """Count from play-by-play."""
    return count(name, description, source=PLAY_BY_PLAY, null_rule=_NO_EVENTS, **more)


def team_ratio(name: str, description: str, source: str, **more: object) -> Column:
    """Rate between 0 and 1, or a little beyond."""
    more = {"minimum": 0, "usual": (0, 1), "null_rule": "An input is unknown or nothing was attempted.", **more}
    return number(name, description, unit="ratio", source=source, **more)


def rating_column(name: str, description: str) -> Column:
    """Points per 100 possessions."""
    return number(
        name,
        description,
        unit="points per 100 possessions",
        minimum=0,
        usual=(60, 180),
        source="Dean Oliver",
        null_rule="Possessions are unknown.",
    )


def possessions_column() -> Column:
    """Possessions of the game."""
    return number(
        "possessions",
        "Possessions of the game: mean of both teams' FGA + 0.4 FTA - 1.07 (ORB / (ORB + opponent DRB)) (FGA - FGM) + "
        "TOV, the same for both.",
        unit="possessions",
        minimum=0,
        usual=(70, 150),
        source="Dean Oliver",
        null_rule="A count of either team is unknown.",
    )


def pace_column(name: str) -> Column:
    """Possessions per 48 minutes."""
    return number(
        name,
        "Possessions per 48 minutes, overtime taken into account; the same for both teams.",
        unit="possessions per 48 minutes",
        minimum=0,
        usual=(70, 130),
        source=BASKETBALL_REFERENCE,
        null_rule="Possessions or overtime periods are unknown.",
    )


def identity_columns(team: str, whose: str) -> tuple[Column, ...]:
    """Keys and names of a team's game; ``team`` is the name of the column of the row's own team."""
    return columns(
        string("game_id", "Game as YYYYMMDD_AWAY_HOME.", required=True),
        string("nba_game_id", "NBA game id of ten digits.", required=True, source="nbac_schedule"),
        date_column("game_date", "US-Eastern date of the game.", required=True),
        string(team, f"Tricode of the {whose} team.", required=True),
        string("opponent_team_abbr", "Tricode of the other team of the game.", required=True),
        integer("season_year", "Calendar year in which the season starts.", unit="year", required=True),
        string(
            "game_type",
            "Kind of game, from the NBA game id.",
            required=True,
            allowed=tuple(kind.value for kind in COUNTED_GAME_TYPES),
        ),
    )


RESULT_COLUMNS = (
    flag("home_game", "Whether the row's team played at home.", required=True, source="nbac_schedule"),
    flag("win_flag", "Whether the row's team won, by score.", required=True),
    integer("margin_of_victory", "Points of the row's team minus points of the other.", unit="points", required=True),
    count(
        "overtime_periods",
        "Overtime periods: from the players' minutes, else the team's, else the last period of play-by-play.",
        null_rule="No source has minutes or periods.",
    ),
)

ABSENCE_COLUMNS = (
    count(
        "players_inactive",
        "Players of the row's team on the inactive list.",
        source="nbac_gamebook_player_stats",
        null_rule="The gamebook has no rows of the team.",
    ),
    count(
        "starters_inactive",
        "Inactive players who started at least half of the team's last ten games of the season, or of as many as "
        "there were.",
        source="nbac_gamebook_player_stats",
        null_rule="The gamebook has no rows of the team, or no earlier game of the season says who started.",
    ),
    string(
        "referee_crew_id",
        "Codes of the game's officials in order, joined by hyphens.",
        source="nbac_referee_game_assignments",
        null_rule="No officials are known.",
    ),
)

ZONE_STATE_COLUMNS = (
    flag("shot_zones_available", "Whether this row has shot zones.", required=True),
    string(
        "shot_zones_source",
        "Play-by-play source of the row's zones.",
        allowed=("bigdataball", "nbac_pbp"),
        null_rule="The row has no zones.",
    ),
)


def team_sources(team_box: str) -> tuple[Column, ...]:
    """Source tracking; ``team_box`` is the prefix of the team box."""
    return columns(
        source_tracking(team_box, "nbac_team_boxscore"),
        source_tracking("source_gamebook_players", "nbac_gamebook_player_stats"),
        source_tracking("source_nbac_box_players", "nbac_player_boxscores"),
        source_tracking("source_bdl_players", "bdl_player_boxscores"),
        source_tracking("source_bbd", "bigdataball_play_by_play"),
        source_tracking("source_play_by_play", "nbac_play_by_play"),
        source_tracking("source_referees", "nbac_referee_game_assignments"),
    )


HASH_COLUMN = string("data_hash", "SHA-256 over the row's content.", required=True)
