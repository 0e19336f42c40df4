"""Columns that both context tables carry: what was known of a game, its schedule, its lines and its history."""

from analytics_assets.league.games import COUNTED_GAME_TYPES
from analytics_assets.league.seasons import EARLY_SEASON_DAYS
from analytics_assets.tables.declaration import (
    Column,
    columns,
    count,
    date_column,
    flag,
    integer,
    number,
    string,
    strings,
    timestamp,
)
from analytics_assets.tables.team_columns import BASKETBALL_REFERENCE

# What source tracking of the context tables speaks of: rows that come later change nothing.
KNOWN_BEFORE = "for the date, as far as they were known before its games"
SCHEDULE = "nbac_schedule"
GAME_LINES = "odds_api_game_lines"
_SETTLED_LATER = "Play-in and playoffs: what comes next is not settled; or the season's last game."
_NO_GAMES = "No earlier game of the season is known."
_NO_LINE = "No book offered a line before the row's moment, or no source of lines is loaded."
_NO_REPORT = "No injury report of the game was published before the row's moment."
_NO_BREAKER = "There is no circuit breaker per team or player: whole dates are built again."

GAME_COLUMNS = columns(
    string("game_id", "Game as YYYYMMDD_AWAY_HOME.", required=True),
    string("nba_game_id", "NBA game id of ten digits.", required=True, source=SCHEDULE),
    date_column("game_date", "US-Eastern date of the game.", required=True),
    integer("season_year", "Calendar year in which the season starts.", unit="year", required=True),
    string(
        "game_type",
        "Kind of game, from the NBA game id.",
        required=True,
        allowed=tuple(kind.value for kind in COUNTED_GAME_TYPES),
    ),
)

SIDE_COLUMNS = columns(
    string("opponent_team_abbr", "Tricode of the other team of the game.", required=True, source=SCHEDULE),
    flag("home_game", "Whether the team is the schedule's home team.", required=True, source=SCHEDULE),
    flag("neutral_site", "Whether neither team plays at home.", source=SCHEDULE, null_rule="The source does not say."),
    flag(
        "is_primetime",
        "Whether the game is on national television.",
        source=SCHEDULE,
        null_rule="The source does not say.",
    ),
    string(
        "game_start_time_local",
        "Tip-off as HH:MM in the arena's time zone.",
        source=SCHEDULE,
        null_rule="Tip-off or arena is unknown.",
    ),
    string(
        "season_phase",
        "early to day 30 of the season, late in the last 42 days of the regular season, mid between, then play_in and "
        "playoffs.",
        allowed=("early", "mid", "late", "play_in", "playoffs"),
        source=SCHEDULE,
        null_rule="The schedule does not reach the end of the season.",
    ),
)


def opponent_rest_columns() -> tuple[Column, ...]:
    """Rest and load of the opponent."""
    return columns(
        integer(
            "opponent_days_rest",
            "Full days off of the opponent before this game.",
            unit="days",
            null_rule="The opponent's first game of the season.",
        ),
        integer(
            "rest_advantage",
            "Own full days off minus the opponent's.",
            unit="days",
            null_rule="First game of the season of either team.",
        ),
        count(
            "opponent_games_in_next_7_days",
            "Regular-season games of the opponent in the 7 days after the date.",
            null_rule=_SETTLED_LATER,
        ),
        integer(
            "opponent_next_game_days_rest",
            "Full days off of the opponent after this game.",
            unit="days",
            null_rule=_SETTLED_LATER,
        ),
    )


def ahead_columns() -> tuple[Column, ...]:
    """What the published schedule says comes next."""
    settled = _SETTLED_LATER
    return columns(
        date_column("next_game_date", "Date of the team's next regular-season game.", null_rule=settled),
        integer("next_game_days_rest", "Full days off until then.", unit="days", null_rule=settled),
        count("games_in_next_7_days", "Regular-season games in the 7 days after the date.", null_rule=settled),
        string("next_opponent_team_abbr", "Opponent of the next regular-season game.", null_rule=settled),
        number(
            "next_opponent_win_pct",
            "Share of games that the next opponent has won before the date.",
            unit="ratio",
            minimum=0,
            maximum=1,
            null_rule=f"{settled} Or it has no result yet.",
        ),
        flag("next_game_is_primetime", "Whether the next game is on national television.", null_rule=settled),
    )


def travel_columns() -> tuple[Column, ...]:
    """The way from arena to arena."""
    unknown = "A place on the way is unknown."
    return columns(
        number(
            "travel_miles",
            "Great-circle miles from the arena of the team's previous game (in the first game of the season from its "
            "home arena) to this one, at home too.",
            unit="miles",
            minimum=0,
            source="haversine over the league's arenas",
            null_rule=unknown,
        ),
        number(
            "time_zones_crossed",
            "Hours by which the clock differs between those arenas on the date, moving east positive.",
            unit="hours",
            minimum=-24,
            maximum=24,
            null_rule=unknown,
        ),
        string(
            "travel_direction",
            "Where the clock moves.",
            allowed=("east", "west", "none"),
            null_rule=unknown,
        ),
        number(
            "jet_lag_factor",
            "1.5 for each hour moved east, 1.0 for each hour moved west.",
            minimum=0,
            null_rule=unknown,
        ),
        count("consecutive_road_games", "Games in a row away from home, this one included; 0 at home.", required=True),
        number(
            "miles_traveled_last_14_days",
            "Miles of the trips into the games of the 14 days before the date.",
            unit="miles",
            minimum=0,
            null_rule=f"{unknown} Or there was no game.",
        ),
        number(
            "time_zones_crossed_last_14_days",
            "Hours crossed on those trips, either way.",
            unit="hours",
            minimum=0,
            null_rule=f"{unknown} Or there was no game.",
        ),
    )


def line_columns(what: str) -> tuple[Column, ...]:
    """Spread, total and moneyline; ``what`` says of which books the numbers are."""
    return columns(
        number(
            "game_spread",
            f"Closing points that the team gets, negative for the favourite, of {what}.",
            unit="points",
            minimum=-60,
            maximum=60,
            source=GAME_LINES,
            null_rule=_NO_LINE,
        ),
        number("opening_spread", f"First spread of {what}.", unit="points", source=GAME_LINES, null_rule=_NO_LINE),
        number(
            "spread_movement",
            "Closing minus opening spread, of the same books and side.",
            unit="points",
            source=GAME_LINES,
            null_rule=_NO_LINE,
        ),
        string("game_spread_source", "Source and books of the spread.", null_rule=_NO_LINE),
        number(
            "game_total",
            f"Closing total of {what}.",
            unit="points",
            minimum=0,
            usual=(150, 300),
            source=GAME_LINES,
            null_rule=_NO_LINE,
        ),
        number("opening_total", f"First total of {what}.", unit="points", source=GAME_LINES, null_rule=_NO_LINE),
        number("total_movement", "Closing minus opening total.", unit="points", source=GAME_LINES, null_rule=_NO_LINE),
        string("game_total_source", "Source and books of the total.", null_rule=_NO_LINE),
        number(
            "moneyline",
            "Closing moneyline of the team at the preferred book.",
            unit="American odds",
            source=GAME_LINES,
            null_rule=_NO_LINE,
        ),
        number(
            "implied_team_total",
            "Points that spread and total leave the team: total / 2 - spread / 2.",
            unit="points",
            null_rule=_NO_LINE,
        ),
        timestamp("betting_lines_updated_at", "Latest closing snapshot used.", source=GAME_LINES, null_rule=_NO_LINE),
    )


def form_columns() -> tuple[Column, ...]:
    """Ratings and pace of both teams over windows of the season before the date."""
    windows = {"last_5": "last 5 games", "last_10": "last 10 games", "season": "season so far"}
    measures = {
        "offensive_rating": ("Points scored per 100 possessions", "points per 100 possessions"),
        "defensive_rating": ("Points allowed per 100 possessions", "points per 100 possessions"),
        "net_rating": ("Offensive minus defensive rating", "points per 100 possessions"),
        "pace": ("Possessions per 48 minutes", "possessions per 48 minutes"),
    }
    found: list[Column] = []
    for side, whose in (("team", "own team"), ("opponent", "opponent")):
        for window, span in windows.items():
            for name, (text, unit) in measures.items():
                found.append(
                    number(
                        f"{side}_{name}_{window}",
                        f"{text} of the {whose} over the {span}, from sums over the window.",
                        unit=unit,
                        minimum=None if name == "net_rating" else 0,
                        source="Dean Oliver" if name != "pace" else BASKETBALL_REFERENCE,
                        null_rule=_NO_GAMES,
                    )
                )
            found.append(count(f"{side}_games_used_{window}", f"Games of the {whose} in the {span}.", required=True))
    return columns(
        found,
        number(
            "pace_differential",
            "Pace of the own team minus that of the opponent, last 10 games.",
            unit="possessions per 48 minutes",
            null_rule=_NO_GAMES,
        ),
        number(
            "opponent_ft_rate_allowed",
            "Free throws over field goals that teams attempted against the opponent, last 10 games.",
            unit="ratio",
            minimum=0,
            null_rule=_NO_GAMES,
        ),
    )


HISTORY_COLUMNS = columns(
    flag(
        "early_season_flag",
        f"Whether the date lies in the first {EARLY_SEASON_DAYS} days of the season.",
        required=True,
        source=SCHEDULE,
    ),
    flag(
        "is_bootstrap",
        "Whether games before the first stored date are missing from the row's history.",
        required=True,
    ),
    string(
        "insufficient_data_reason",
        "Why a window is not full, such as last_10:4_games.",
        null_rule="Every window is full.",
    ),
    count("expected_games_count", "Earlier games of the season that must have rows by now.", required=True),
    count("actual_games_count", "Those that have rows in all three summaries.", required=True),
    count("missing_games_count", "Those that lack rows.", required=True),
    number(
        "completeness_percentage",
        "Share of the expected games that have rows.",
        unit="percent",
        minimum=0,
        maximum=100,
        null_rule="No game was expected.",
    ),
)


def completeness_columns(windows: dict[str, str]) -> tuple[Column, ...]:
    """Expected against found history per window; ``windows`` is prefix to words."""
    found: list[Column] = []
    for prefix, words in windows.items():
        found.append(
            number(
                f"{prefix}_completeness_pct",
                f"Share of the team's games in the {words} that have rows.",
                unit="percent",
                minimum=0,
                maximum=100,
                null_rule="No game was expected.",
            )
        )
        found.append(
            flag(
                f"{prefix}_is_complete",
                f"Whether at least 90 percent of the {words} have rows.",
                null_rule="No game was expected.",
            )
        )
    return columns(
        HISTORY_COLUMNS,
        found,
        flag("all_windows_complete", "Whether every window is complete.", required=True),
        flag(
            "is_production_ready",
            "Whether at least 90 percent of the expected games of every window have rows, of the opponent too.",
            required=True,
        ),
        strings("data_quality_issues", "What is missing in the row's history, as code:detail.", required=True),
        string(
            "processing_decision_reason",
            "Why the row is, or is not, ready for production.",
            required=True,
        ),
        flag("season_boundary_detected", "Whether this is the team's first game of the season.", required=True),
        flag("backfill_bootstrap_mode", "Same as is_bootstrap; kept under the name consumers know.", required=True),
        flag("manual_override_required", "Whether somebody must decide.", null_rule=_NO_BREAKER),
        count("reprocess_attempt_count", "Attempts to build the row again.", null_rule=_NO_BREAKER),
        timestamp("last_reprocess_attempt_at", "Latest such attempt.", null_rule=_NO_BREAKER),
        flag("circuit_breaker_active", "Whether the row is held back.", null_rule=_NO_BREAKER),
        timestamp("circuit_breaker_until", "Until when it is held back.", null_rule=_NO_BREAKER),
    )


AS_OF_COLUMNS = columns(
    timestamp(
        "as_of_timestamp",
        "Latest moment whose information the row may hold: tip-off, in a live run at most the run's present moment.",
        required=True,
    ),
    date_column("window_first_date", "Date of the first game in the longest window of games.", null_rule=_NO_GAMES),
    date_column("window_last_date", "Date of the last game in that window.", null_rule=_NO_GAMES),
    string(
        "input_fingerprint",
        "Digest over all that the row rests on: earlier rows of the summaries, what the schedule says, lines, reports, "
        "roster. Changes with any of it, whether or not the row's numbers do.",
        required=True,
    ),
)

# A later look that finds the same numbers gives no new version, even if it looked at newer rows. Source tracking, which
# speaks of the whole date, is left out as well.
NO_CONTENT = (
    "processed_at",
    "quality_calculated_at",
    "as_of_timestamp",
    "betting_lines_updated_at",
    "input_fingerprint",
)

VERSION_COLUMNS = columns(
    integer("context_version", "Rises when the row is written again with other content.", required=True, minimum=1),
    string("data_hash", "SHA-256 over the row's content.", required=True),
)


def absence_count(name: str, description: str) -> Column:
    """Count of players from injury reports."""
    return count(name, description, source="nbac_injury_report", null_rule=_NO_REPORT)
