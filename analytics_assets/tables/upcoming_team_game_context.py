"""Declaration of ``upcoming_team_game_context``."""

from analytics_assets.tables.context_columns import (
    AS_OF_COLUMNS,
    GAME_COLUMNS,
    KNOWN_BEFORE,
    NO_CONTENT,
    SCHEDULE,
    SIDE_COLUMNS,
    VERSION_COLUMNS,
    absence_count,
    ahead_columns,
    completeness_columns,
    form_columns,
    line_columns,
    opponent_rest_columns,
    travel_columns,
)
from analytics_assets.tables.declaration import Table, columns, count, flag, integer, number, string
from analytics_assets.tables.shared_columns import quality_columns, source_tracking, written_columns

COMPLETENESS_WINDOWS = {"l7d": "7 days before the date", "l14d": "14 days before the date"}
_FIRST_GAME = "First game of the season."
_NO_RESULT = "No earlier game of the season has a result."

_rest = (
    integer("days_since_last_game", "Days since the team's previous game.", unit="days", null_rule=_FIRST_GAME),
    integer("team_days_rest", "Full days off since then; 0 is back to back.", unit="days", null_rule=_FIRST_GAME),
    flag("is_back_to_back", "Whether the team has a game the day before.", required=True, source=SCHEDULE),
    integer(
        "game_number_in_season",
        "1 for the team's first game of the season.",
        minimum=1,
        null_rule="The cup final has no number and is not counted.",
    ),
    count("games_in_last_7_days", "Games in the 7 days before the date.", required=True, usual=(0, 5)),
    count("games_in_last_14_days", "Games in the 14 days before the date.", required=True, usual=(0, 9)),
    integer("days_into_season", "Days since opening night.", unit="days", null_rule="Opening night is unknown."),
)

_results = (
    count("team_win_streak_entering", "Wins in a row before the date; 0 after a loss.", required=True),
    count("team_loss_streak_entering", "Losses in a row before the date; 0 after a win.", required=True),
    integer("last_game_margin", "Margin of the previous game with a result.", unit="points", null_rule=_NO_RESULT),
    string("last_game_result", "W or L.", allowed=("W", "L"), null_rule=_NO_RESULT),
    count("wins", "Wins of the season before the date.", required=True),
    count("losses", "Losses of the season before the date.", required=True),
    number("win_pct", "Wins over games.", unit="ratio", minimum=0, maximum=1, null_rule=_NO_RESULT),
    count("pending_games", "Earlier games of the season without a result yet.", required=True),
)

_absences = (
    absence_count(
        "starters_out_count",
        "Players out who started at least half of the team's last ten games, or of as many as there were; NULL also "
        "before the first game that says who started.",
    ),
    absence_count("starters_doubtful_count", "The same of players who are doubtful."),
    absence_count("star_players_out", "Stars who are out or doubtful: 18 points, or 12 in 28 minutes, over ten games."),
    absence_count("questionable_players_count", "Players who are questionable or doubtful."),
)

_sources = columns(
    source_tracking("source_schedule", "nbac_schedule", KNOWN_BEFORE),
    source_tracking("source_game_lines", "odds_api_game_lines", KNOWN_BEFORE),
    source_tracking("source_injury_report", "nbac_injury_report", KNOWN_BEFORE),
)

UPCOMING_TEAM_GAME_CONTEXT = Table(
    dataset="nba_analytics",
    name="upcoming_team_game_context",
    grain="One row per team per scheduled game.",
    description="What was known of a team before tip-off: rest, load, travel, form of both teams, lines, absences.",
    key=("game_id", "team_abbr"),
    cluster_by=("game_date", "team_abbr", "game_id"),
    code_version="1",
    days_ahead=7,
    first_seen_columns=("created_at",),
    version_column="context_version",
    hash_column="data_hash",
    not_content=(
        *NO_CONTENT,
        *(column.name for column in _sources),
    ),
    columns=columns(
        GAME_COLUMNS,
        string("team_abbr", "Tricode of the row's team.", required=True),
        SIDE_COLUMNS,
        _rest,
        opponent_rest_columns(),
        ahead_columns(),
        travel_columns(),
        _results,
        line_columns("the preferred book"),
        _absences,
        form_columns(),
        AS_OF_COLUMNS,
        _sources,
        completeness_columns(COMPLETENESS_WINDOWS),
        quality_columns(),
        VERSION_COLUMNS,
        written_columns(),
    ),
)
