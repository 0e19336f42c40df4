"""Declaration of ``team_offense_game_summary``."""

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

_sources = team_sources("source_nbac_boxscore")

_box = (
    team_count("points_scored", "Points scored.", unit="points", required=True, usual=(50, 200)),
    team_count("fg_attempts", "Field goals attempted."),
    team_count("fg_makes", "Field goals made."),
    team_count("two_pt_attempts", "Two-pointers attempted."),
    team_count("two_pt_makes", "Two-pointers made."),
    team_count("three_pt_attempts", "Three-pointers attempted."),
    team_count("three_pt_makes", "Three-pointers made."),
    team_count("ft_attempts", "Free throws attempted."),
    team_count("ft_makes", "Free throws made."),
    team_count("offensive_rebounds", "Offensive rebounds of players."),
    team_count("defensive_rebounds", "Defensive rebounds of players."),
    team_count("rebounds", "Offensive plus defensive rebounds of players."),
    team_count("assists", "Assists."),
    team_count("steals", "Steals."),
    team_count("blocks", "Shots of the opponent blocked."),
    team_count(
        "turnovers", "Turnovers, team turnovers included where the source is the team box; else those of players."
    ),
    team_count("personal_fouls", "Personal fouls."),
)

_zones = (
    event_count("team_paint_attempts", "Two-pointers attempted from at most 8 feet."),
    event_count("team_paint_makes", "Two-pointers made from at most 8 feet."),
    event_count("team_mid_range_attempts", "Two-pointers attempted from beyond 8 feet."),
    event_count("team_mid_range_makes", "Two-pointers made from beyond 8 feet."),
    event_count("team_three_attempts_pbp", "Three-pointers attempted according to play-by-play."),
    event_count("team_three_makes_pbp", "Three-pointers made according to play-by-play."),
    event_count(
        "points_in_paint_scored",
        "Points in the paint as the feed marks them; without marks two for every make from at most 8 feet.",
        unit="points",
    ),
    event_count(
        "second_chance_points_scored",
        "Points on possessions that an offensive rebound extended, as the feed marks them; without marks from the "
        "order of rebounds and shots.",
        unit="points",
    ),
    event_count("fast_break_points_scored", "Fast-break points as the feed marks them.", unit="points"),
)

_efficiency = (
    rating_column("offensive_rating", "Points per 100 possessions; equals the opponent's defensive rating."),
    pace_column("pace"),
    possessions_column(),
    team_ratio("ts_pct", "True shooting: points over two times (FGA + 0.44 FTA).", BASKETBALL_REFERENCE, maximum=1.5),
    team_ratio("efg_pct", "Effective field goals: (FGM + 0.5 3PM) over FGA.", FOUR_FACTORS, maximum=1.5),
    team_ratio("tov_pct", "Turnovers over FGA + 0.44 FTA + TOV.", FOUR_FACTORS),
    team_ratio("orb_pct", "Offensive rebounds over those and the opponent's defensive rebounds.", FOUR_FACTORS),
    team_ratio("ft_rate", "Free throws made over field goals attempted.", FOUR_FACTORS),
)

TEAM_OFFENSE_GAME_SUMMARY = Table(
    dataset="nba_analytics",
    name="team_offense_game_summary",
    grain="One row per team per game.",
    description="What every team did with the ball: box score, four factors, possessions, ratings, shot zones.",
    key=("game_id", "team_abbr"),
    cluster_by=("team_abbr", "game_date", "home_game"),
    code_version="2",
    first_seen_columns=("created_at",),
    hash_column="data_hash",
    # Source tracking speaks of the whole date: another team's correction is no change of this row.
    not_content=("processed_at", "quality_calculated_at", *(column.name for column in _sources)),
    columns=columns(
        identity_columns("team_abbr", "row's"),
        _box,
        _zones,
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
