"""Declaration of ``upcoming_player_game_context``."""

from analytics_assets.tables.context_columns import (
    AS_OF_COLUMNS,
    GAME_COLUMNS,
    KNOWN_BEFORE,
    NO_CONTENT,
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
from analytics_assets.tables.declaration import (
    Column,
    Table,
    columns,
    count,
    date_column,
    flag,
    integer,
    number,
    string,
)
from analytics_assets.tables.shared_columns import quality_columns, source_tracking, written_columns

COMPLETENESS_WINDOWS = {
    "l5": "team's last 5 games",
    "l10": "team's last 10 games",
    "l7d": "7 days before the date",
    "l14d": "14 days before the date",
    "l30d": "30 days before the date",
}
_NOT_PLAYED_YET = "The player has not played in the season before the date."
_NO_LINE = "No book offered a line before the row's moment, or no source of lines is loaded."
_NO_LINEUPS = "No play-by-play of those games tells who was on court, or the player has not played."
_HISTORY = "player_game_summary"


def _mean(name: str, description: str, unit: str, **more: object) -> Column:
    more = {"minimum": 0, "null_rule": _NOT_PLAYED_YET, **more}
    return number(name, description, unit=unit, source=_HISTORY, **more)


def _load(name: str, description: str, most: float) -> Column:
    return count(name, description, source=_HISTORY, usual=(0, most), required=True)


_player = (
    string("player_lookup", "Normalised player name: lower-case letters and digits only.", required=True),
    string("universal_player_id", "The player's identity across sources.", null_rule="Not in the player registry."),
    string("team_abbr", "Tricode of the team that the player is with as of the date.", required=True),
    string(
        "row_origin",
        "Why the player has a row: on the roster as of the date, on an inferred one, or only a line speaks for him.",
        required=True,
        allowed=("roster", "inferred_roster", "line"),
    ),
    date_column("roster_date", "Date of the roster.", null_rule="No roster of the team is known as of the date."),
    string("position", "Position on the roster.", null_rule="No roster tells it."),
    flag("is_two_way", "Whether the player has a two-way contract.", null_rule="No roster tells it."),
    integer(
        "player_age",
        "Age in whole years on the date.",
        unit="years",
        minimum=0,
        usual=(18, 45),
        source="player_registry",
        null_rule="The birth date is unknown.",
    ),
)

_props = (
    flag("has_prop_line", "Whether a line on the player's points was offered before the row's moment.", required=True),
    number("current_points_line", "Closing line of the preferred book.", unit="points", null_rule=_NO_LINE),
    number("opening_points_line", "First line of the same book.", unit="points", null_rule=_NO_LINE),
    number("line_movement", "Closing minus opening line.", unit="points", null_rule=_NO_LINE),
    string("current_points_line_source", "Source and book of the closing line.", null_rule=_NO_LINE),
    string("opening_points_line_source", "Source and book of the opening line.", null_rule=_NO_LINE),
    count(
        "prop_over_streak",
        "Games in a row with more points than today's line; games equal to it neither count nor end a streak.",
        null_rule=f"{_NO_LINE} {_NOT_PLAYED_YET}",
    ),
    count(
        "prop_under_streak",
        "Games in a row with fewer points than today's line.",
        null_rule=f"{_NO_LINE} {_NOT_PLAYED_YET}",
    ),
)

_rest = (
    integer(
        "days_since_last_game",
        "Days since the player last played; since his team did while its previous game is not over or has no rows.",
        unit="days",
        null_rule=_NOT_PLAYED_YET,
    ),
    integer("days_rest", "Full days off since then; 0 is back to back.", unit="days", null_rule=_NOT_PLAYED_YET),
    integer(
        "days_rest_before_last_game",
        "Full days off before the game he last played.",
        unit="days",
        null_rule="Fewer than two games; or nobody can tell yet who played in the team's previous game.",
    ),
    integer(
        "days_since_2_plus_days_rest",
        "Days since the latest game that followed at least two full days off within the season.",
        unit="days",
        null_rule="There was no such game.",
    ),
    flag("back_to_back", "Whether the team has a game the day before.", required=True, source="nbac_schedule"),
    flag(
        "player_played_yesterday",
        "Whether the player himself played the day before.",
        null_rule="Nobody can tell yet who played in the team's game of the day before.",
    ),
    _load("games_in_last_7_days", "Games the player played in the 7 days before the date.", 5),
    _load("games_in_last_14_days", "Games the player played in the 14 days before the date.", 9),
    _mean("minutes_in_last_7_days", "Minutes played in those 7 days.", "minutes", null_rule="No such game."),
    _mean("minutes_in_last_14_days", "Minutes played in those 14 days.", "minutes", null_rule="No such game."),
    _mean("avg_minutes_per_game_last_7", "Mean minutes of those 7 days.", "minutes", null_rule="No such game."),
    _load("back_to_backs_last_14_days", "Pairs of consecutive dates played in the 14 days before the date.", 7),
    integer("team_days_rest", "Full days off of the team.", unit="days", null_rule="First game of the season."),
)

_performance = (
    _mean("points_avg_last_5", "Mean points of the last 5 games played.", "points"),
    _mean("points_avg_last_10", "Mean points of the last 10 games played.", "points"),
    _mean("minutes_avg_last_10", "Mean minutes of the last 10 games played.", "minutes"),
    number(
        "minutes_trend_last_10",
        "Least-squares slope of minutes over the last 10 games played.",
        unit="minutes per game",
        source=_HISTORY,
        null_rule="Fewer than three games.",
    ),
    _mean("starter_share_last_10", "Share of the last 10 games played that he started.", "ratio", maximum=1),
    _mean("avg_usage_rate_last_7_games", "Usage rate over the last 7 games played, weighted by minutes.", "percent"),
    _mean("projected_usage_rate", "Mean usage rate of the last 10 games played, without adjustment.", "percent"),
    number(
        "shooting_pct_decline_last_5",
        "Field-goal percentage of the season so far minus that of the last 5 games, as ratios of sums.",
        unit="ratio",
        source=_HISTORY,
        null_rule="No field goal attempted.",
    ),
    _mean("points_avg_home_season", "Mean points at home, season so far.", "points", null_rule="No home game."),
    count("home_games_used_season", "Home games played in the season so far.", required=True),
    _mean("points_avg_away_season", "Mean points away, season so far.", "points", null_rule="No away game."),
    count("away_games_used_season", "Away games played in the season so far.", required=True),
    _mean(
        "points_avg_vs_opponent_season",
        "Mean points against this opponent, season so far.",
        "points",
        null_rule="None.",
    ),
    count("vs_opponent_games_used_season", "Games against this opponent in the season so far.", required=True),
    _mean(
        "fourth_quarter_minutes_last_7",
        "Mean minutes in the fourth quarter, last 7 games played.",
        "minutes",
        null_rule=_NO_LINEUPS,
    ),
    _mean(
        "clutch_minutes_last_7_games",
        "Mean minutes with at most 5 left in the fourth quarter or overtime and at most 5 points between the teams, "
        "last 7 games played.",
        "minutes",
        null_rule=_NO_LINEUPS,
    ),
    _mean(
        "fourth_quarter_production_last_7",
        "Mean points in the fourth quarter, last 7 games played.",
        "points",
        null_rule="No play-by-play of those games agrees with his points, or the player has not played.",
    ),
    count("l5_games_used", "Games in the window of the last 5.", required=True, maximum=5),
    count("l10_games_used", "Games in the window of the last 10.", required=True, maximum=10),
    *(
        string(
            f"l{size}_sample_quality",
            f"How full the window of {size} is: all, at least 70 percent, at least half, less.",
            required=True,
            allowed=("excellent", "good", "limited", "insufficient"),
        )
        for size in (5, 10)
    ),
    number(
        "opponent_def_rating_last_10",
        "Points the opponent allowed per 100 possessions over its last 10 games.",
        unit="points per 100 possessions",
        minimum=0,
        null_rule="The opponent has no earlier game of the season.",
    ),
)

_availability = (
    string(
        "player_status",
        "Status in the last injury report before the row's moment.",
        allowed=("out", "doubtful", "questionable", "probable", "available", "not_listed"),
        null_rule="No injury report of the game was published before the row's moment.",
    ),
    string("injury_report", "Reason in the report's words.", null_rule="The report gives none or does not name him."),
    absence_count("questionable_teammates", "Teammates who are questionable."),
    absence_count("probable_teammates", "Teammates who are probable."),
    absence_count(
        "star_teammates_out",
        "Teammates who are out or doubtful and stars: 18 points, or 12 in 28 minutes, over their last ten games, with "
        "ten games this season.",
    ),
)

_sources = columns(
    source_tracking("source_boxscore", "player_game_summary", "of both teams, of the season before the date"),
    source_tracking("source_schedule", "nbac_schedule", KNOWN_BEFORE),
    source_tracking("source_props", "odds_api_player_points_props", KNOWN_BEFORE),
    source_tracking("source_bp_props", "bettingpros_player_points_props", KNOWN_BEFORE),
    source_tracking("source_game_lines", "odds_api_game_lines", KNOWN_BEFORE),
    source_tracking("source_injury_report", "nbac_injury_report", KNOWN_BEFORE),
)

UPCOMING_PLAYER_GAME_CONTEXT = Table(
    dataset="nba_analytics",
    name="upcoming_player_game_context",
    grain="One row per player expected for a scheduled game.",
    description=(
        "What was known of a player before tip-off: line, rest, load, form, availability, the teams' form and travel. "
        "Players ruled out keep their row."
    ),
    key=("player_lookup", "game_id"),
    cluster_by=("player_lookup", "universal_player_id", "game_date"),
    code_version="1",
    days_ahead=2,
    first_seen_columns=("created_at",),
    version_column="context_version",
    hash_column="data_hash",
    not_content=(
        *NO_CONTENT,
        *(column.name for column in _sources),
    ),
    columns=columns(
        GAME_COLUMNS,
        _player,
        SIDE_COLUMNS,
        _props,
        line_columns("the median across books"),
        _rest,
        opponent_rest_columns(),
        ahead_columns(),
        travel_columns(),
        number(
            "time_zone_changes",
            "Hours by which the clock differs between the previous arena and this one, either way.",
            unit="hours",
            minimum=0,
            null_rule="A place on the way is unknown.",
        ),
        _performance,
        _availability,
        form_columns(),
        AS_OF_COLUMNS,
        _sources,
        completeness_columns(COMPLETENESS_WINDOWS),
        quality_columns(),
        VERSION_COLUMNS,
        written_columns(),
    ),
)
