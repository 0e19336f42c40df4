"""Declaration of ``team_defense_game_summary``."""

from analytics_assets.tables.declaration import Table, columns
from analytics_assets.tables.shared_columns import GAME_STATE_COLUMNS, quality_columns, written_columns
from analytics_assets.tables.team_columns import (
    ABSENCE_COLUMNS,
    BASKETBALL_REFERENCE,
    FOUR_FACTORS,
    HASH_COLUMN,
    RESULT_COLUMNS,
    ZONE_STATE_COLUMNS,
    event_count,
    identity_columns,
    pace_column,
    possessions_column,
    rating_column,
    team_count,
    team_ratio,
    team_sources,
)

_sources = team_sources("source_team_boxscore")

_allowed = (
    team_count("points_allowed", "Points of the opponent.", unit="points", required=True, usual=(50, 200)),
    team_count("opp_fg_attempts", "Field goals the opponent attempted."),
    team_count("opp_fg_makes", "Field goals the opponent made."),
    team_count("opp_three_pt_attempts", "Three-pointers the opponent attempted."),
    team_count("opp_three_pt_makes", "Three-pointers the opponent made."),
    team_count("opp_ft_attempts", "Free throws the opponent attempted."),
    team_count("opp_ft_makes", "Free throws the opponent made."),
    team_count("opp_rebounds", "Offensive plus defensive rebounds of the opponent's players."),
    team_count("opp_offensive_rebounds", "Offensive rebounds of the opponent's players."),
    team_count("opp_defensive_rebounds", "Defensive rebounds of the opponent's players."),
    team_count("opp_assists", "Assists of the opponent."),
    team_count("turnovers_forced", "Turnovers of the opponent, forced or not."),
    team_count("fouls_committed", "Personal fouls of the defending team."),
)

_zones = (
    event_count("opp_paint_attempts", "Two-pointers the opponent attempted from at most 8 feet."),
    event_count("opp_paint_makes", "Two-pointers the opponent made from at most 8 feet."),
    event_count("opp_mid_range_attempts", "Two-pointers the opponent attempted from beyond 8 feet."),
    event_count("opp_mid_range_makes", "Two-pointers the opponent made from beyond 8 feet."),
    event_count(
        "points_in_paint_allowed",
        "The opponent's points in the paint as the feed marks them; without marks two for every make from at most "
        "8 feet.",
        unit="points",
    ),
    event_count("mid_range_points_allowed", "Two for every mid-range shot the opponent made.", unit="points"),
    team_count("three_pt_points_allowed", "Three for every three-pointer the opponent made.", unit="points"),
    event_count(
        "second_chance_points_allowed",
        "The opponent's points on possessions that its offensive rebound extended, as the feed marks them; without "
        "marks from the order of rebounds and shots.",
        unit="points",
    ),
    event_count("fast_break_points_allowed", "The opponent's fast-break points as the feed marks them.", unit="points"),
)

_actions = (
    event_count("blocks_paint", "Blocked shots from at most 8 feet."),
    event_count("blocks_mid_range", "Blocked two-pointers from beyond 8 feet."),
    event_count("blocks_three_pt", "Blocked three-pointers."),
    team_count("blocks_total", "Blocked shots, from the team's own box row."),
    team_count("steals", "Steals, from the team's own box row."),
    team_count("defensive_rebounds", "Defensive rebounds, from the team's own box row."),
)

_efficiency = (
    rating_column("defensive_rating", "Opponent's points per 100 possessions; equals the opponent's offensive rating."),
    pace_column("opponent_pace"),
    possessions_column(),
    team_ratio("opponent_ts_pct", "The opponent's true shooting.", BASKETBALL_REFERENCE, maximum=1.5),
    team_ratio("opp_efg_pct", "The opponent's effective field goals.", FOUR_FACTORS, maximum=1.5),
    team_ratio("opp_tov_pct", "The opponent's turnovers over its FGA + 0.44 FTA + TOV.", FOUR_FACTORS),
    team_ratio("drb_pct", "Defensive rebounds over those and the opponent's offensive rebounds.", FOUR_FACTORS),
    team_ratio("opp_ft_rate", "The opponent's free throws made over field goals attempted.", FOUR_FACTORS),
)

TEAM_DEFENSE_GAME_SUMMARY = Table(
    dataset="nba_analytics",
    name="team_defense_game_summary",
    grain="One row per defending team per game.",
    description="What every team allowed and did without the ball: the opponent's line, zones, ratings, own actions.",
    key=("game_id", "defending_team_abbr"),
    cluster_by=("defending_team_abbr", "game_date", "data_quality_tier"),
    code_version="3",
    first_seen_columns=("created_at",),
    hash_column="data_hash",
    # Source tracking speaks of the whole date: another team's correction is no change of this row.
    not_content=("processed_at", "quality_calculated_at", *(column.name for column in _sources)),
    columns=columns(
        identity_columns("defending_team_abbr", "defending"),
        _allowed,
        _zones,
        _actions,
        _efficiency,
        RESULT_COLUMNS,
        ABSENCE_COLUMNS,
        GAME_STATE_COLUMNS,
        ZONE_STATE_COLUMNS,
        _sources,
        quality_columns(),
        HASH_COLUMN,
        written_columns(),
    ),
)
