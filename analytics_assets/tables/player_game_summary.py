"""Declaration of ``player_game_summary``."""

from analytics_assets.league.games import COUNTED_GAME_TYPES
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
    timestamp,
)
from analytics_assets.tables.shared_columns import (
    GAME_STATE_COLUMNS,
    quality_columns,
    source_tracking,
    written_columns,
)

_NOT_PLAYED = "The player did not play."
_NO_EVENTS = "Not played, no play-by-play of the game agrees with the box score, or it does not tell this."
_NO_LINEUPS = "Not played, or no play-by-play of the game tells who was on court at every moment."
_NO_LINE = "No book offered a line before tip-off, or no source of lines is loaded."
_BASKETBALL_REFERENCE = "Basketball-Reference glossary"


def _box_count(name: str, description: str, **more: object) -> Column:
    return count(name, description, null_rule=_NOT_PLAYED, source="chosen player box score", **more)


def _ratio(name: str, description: str, formula_source: str = _BASKETBALL_REFERENCE, **more: object) -> Column:
    more = {"minimum": 0, "usual": (0, 1), **more}
    return number(name, description, unit="ratio", source=formula_source, **more)


def _per_100(name: str, what: str) -> Column:
    return number(
        f"{name}_per_100_possessions",
        f"{what} per 100 possessions that the player was on court for, possessions spread evenly over the minutes.",
        unit="per 100 possessions",
        minimum=0,
        source=_BASKETBALL_REFERENCE,
        null_rule="Not played, no minutes, or possessions unknown.",
    )


def _zone(name: str, description: str) -> Column:
    return count(name, description, source="chosen play-by-play", null_rule=_NO_EVENTS)


_identity = (
    string("player_lookup", "Normalised player name: lower-case letters and digits only.", required=True),
    string("universal_player_id", "The player's identity across sources.", null_rule="Not in the player registry."),
    string("player_full_name", "Name as the source writes it."),
    string("game_id", "Game as YYYYMMDD_AWAY_HOME.", required=True),
    string("nba_game_id", "NBA game id of ten digits.", required=True, source="nbac_schedule"),
    date_column("game_date", "US-Eastern date of the game.", required=True),
    string("team_abbr", "Tricode of the player's team in this game.", required=True),
    string("opponent_team_abbr", "Tricode of the other team of the game.", required=True, source="nbac_schedule"),
    integer("season_year", "Calendar year in which the season starts.", unit="year", required=True),
    string(
        "game_type",
        "Kind of game, from the NBA game id.",
        required=True,
        allowed=tuple(kind.value for kind in COUNTED_GAME_TYPES),
    ),
    flag("home_game", "Whether the player's team played at home.", required=True, source="nbac_schedule"),
)

_box = (
    _box_count("points", "Points scored.", unit="points", usual=(0, 100)),
    _box_count("assists", "Assists."),
    _box_count("offensive_rebounds", "Offensive rebounds."),
    _box_count("defensive_rebounds", "Defensive rebounds."),
    _box_count("rebounds", "Offensive plus defensive rebounds."),
    _box_count("steals", "Steals."),
    _box_count("blocks", "Blocked shots."),
    _box_count("turnovers", "Turnovers."),
    _box_count("personal_fouls", "Personal fouls."),
    _box_count("fg_attempts", "Field goals attempted.", usual=(0, 50)),
    _box_count("fg_makes", "Field goals made."),
    _box_count("three_pt_attempts", "Three-pointers attempted."),
    _box_count("three_pt_makes", "Three-pointers made."),
    _box_count("ft_attempts", "Free throws attempted."),
    _box_count("ft_makes", "Free throws made."),
    number(
        "minutes_played",
        "Decimal minutes played.",
        unit="minutes",
        minimum=0,
        usual=(0, 60),
        null_rule="Not played, or the source has no readable minutes.",
    ),
    string("minutes_raw", "Minutes exactly as the source writes them."),
    integer(
        "plus_minus",
        "Point difference while the player was on court.",
        unit="points",
        null_rule="Not played, or the source does not have it.",
    ),
)

_shot_zones = (
    _zone("paint_attempts", "Two-pointers attempted from at most 8 feet."),
    _zone("paint_makes", "Two-pointers made from at most 8 feet."),
    _zone("mid_range_attempts", "Two-pointers attempted from beyond 8 feet."),
    _zone("mid_range_makes", "Two-pointers made from beyond 8 feet."),
    _zone("three_attempts_pbp", "Three-pointers attempted according to play-by-play."),
    _zone("three_makes_pbp", "Three-pointers made according to play-by-play."),
    _zone("paint_blocks", "Shots blocked in the paint."),
    _zone("mid_range_blocks", "Two-pointers blocked beyond the paint."),
    _zone("three_pt_blocks", "Three-pointers blocked."),
    _zone("and1_count", "Made shots with a shooting foul and its free throw."),
    flag(
        "has_complete_shot_zones",
        "Whether every attempt of the player has a zone.",
        null_rule=_NO_EVENTS,
    ),
    flag(
        "shot_zones_estimated",
        "Whether zones are estimates; always false, estimates are never stored.",
        null_rule=_NO_EVENTS,
    ),
)

_shot_creation = tuple(
    count(name, text, source="chosen play-by-play", null_rule=_NO_EVENTS)
    for name, text in (
        ("assisted_fg_makes", "Made shots that a teammate assisted."),
        ("unassisted_fg_makes", "Made shots without an assist."),
    )
)

_late_game = (
    number(
        "fourth_quarter_minutes",
        "Minutes on court in the fourth quarter.",
        unit="minutes",
        minimum=0,
        maximum=12.5,
        source="line-ups of the chosen play-by-play",
        null_rule=_NO_LINEUPS,
    ),
    number(
        "clutch_minutes",
        "Minutes on court with at most 5 left in the fourth quarter or an overtime and at most 5 points between the "
        "teams.",
        unit="minutes",
        minimum=0,
        source="line-ups of the chosen play-by-play; NBA.com's definition of clutch time",
        null_rule=_NO_LINEUPS,
    ),
    count(
        "fourth_quarter_points",
        "Points scored in the fourth quarter.",
        unit="points",
        source="chosen play-by-play",
        null_rule="Not played, or no play-by-play of the game agrees with the player's points.",
    ),
)

_efficiency = (
    number(
        "usage_rate",
        "Share of team plays the player finished while on court; team terms are sums over the team's players.",
        unit="percent",
        minimum=0,
        usual=(0, 100),
        source=_BASKETBALL_REFERENCE,
        null_rule="Not played, minutes zero or unknown, or team sums unknown.",
    ),
    flag("usage_rate_valid", "Whether usage_rate is known and at most 100.", null_rule=_NOT_PLAYED),
    number(
        "usage_rate_capped",
        "usage_rate, at most 50, for models that cannot bear the extremes of a few seconds played.",
        unit="percent",
        minimum=0,
        maximum=50,
        null_rule="usage_rate is NULL.",
    ),
    number("usage_rate_raw", "Same as usage_rate; kept under the name consumers know.", unit="percent", minimum=0),
    string(
        "usage_rate_anomaly_reason",
        "Why usage_rate is missing or above 100 although the player played.",
        allowed=("no_minutes", "team_sums_unknown", "above_100"),
        null_rule="Nothing unusual, or not played.",
    ),
    _ratio(
        "ts_pct",
        "True shooting: points over two times (FGA + 0.44 FTA).",
        maximum=1.5,
        usual=(0, 1.5),
        null_rule="No attempts.",
    ),
    _ratio(
        "efg_pct",
        "Effective field goals: (FGM + 0.5 3PM) over FGA.",
        maximum=1.5,
        usual=(0, 1.5),
        null_rule="No attempts.",
    ),
    _ratio(
        "assist_pct",
        "Share of teammates' field goals the player assisted while on court.",
        null_rule="Not played, no minutes, or no teammate field goals.",
    ),
    _ratio(
        "offensive_rebound_pct",
        "Share of available offensive rebounds taken while on court.",
        null_rule="Not played or no minutes.",
    ),
    _ratio(
        "defensive_rebound_pct",
        "Share of available defensive rebounds taken while on court.",
        null_rule="Not played or no minutes.",
    ),
    _ratio("rebound_pct", "Share of available rebounds taken while on court.", null_rule="Not played or no minutes."),
    _ratio(
        "steal_pct",
        "Share of opponent possessions ended by the player's steal while on court.",
        null_rule="Not played, no minutes, or possessions unknown.",
    ),
    _ratio(
        "block_pct",
        "Share of opponent two-point attempts blocked while on court.",
        null_rule="Not played or no minutes.",
    ),
    _per_100("points", "Points"),
    _per_100("rebounds", "Rebounds"),
    _per_100("assists", "Assists"),
    _per_100("steals", "Steals"),
    _per_100("blocks", "Blocked shots"),
    _per_100("turnovers", "Turnovers"),
    flag("starter_flag", "Whether the player started.", null_rule="No source says who started."),
    string("starter_source", "Raw table that says who started.", null_rule="No source says who started."),
    flag("win_flag", "Whether the player's team won, by score.", null_rule="No source has the score."),
)


_points_prop = (
    number("points_line", "Closing line: the last before tip-off.", unit="points", null_rule=_NO_LINE),
    string(
        "over_under_result",
        "Points against the closing line; VOID when the player did not play.",
        allowed=("OVER", "UNDER", "PUSH", "VOID"),
        null_rule=_NO_LINE,
    ),
    number("margin", "Points minus closing line.", unit="points", null_rule="No line, or the player did not play."),
    number("opening_line", "First line of the same book.", unit="points", null_rule=_NO_LINE),
    number("line_movement", "Closing minus opening line.", unit="points", null_rule=_NO_LINE),
    string("points_line_source", "Source and book of the closing line.", null_rule=_NO_LINE),
    string("opening_line_source", "Source and book of the opening line.", null_rule=_NO_LINE),
    number("over_price", "Closing price of the over.", unit="American odds", null_rule=_NO_LINE),
    number("under_price", "Closing price of the under.", unit="American odds", null_rule=_NO_LINE),
)

_availability = (
    flag("played", "Whether the player appeared in the game; the only predicate for averages.", required=True),
    flag("is_active", "Whether the player was on the active list.", required=True),
    string(
        "player_status", "Whether and how the player took part.", required=True, allowed=("active", "dnp", "inactive")
    ),
    flag("is_dnp", "Whether the player was available and did not play.", required=True),
    string(
        "dnp_reason", "Why the player did not play, in the source's words.", null_rule="Played, or no reason given."
    ),
    string(
        "dnp_reason_category",
        "Kind of reason.",
        allowed=("coach_decision", "injury", "rest", "other"),
        null_rule="Played, or no reason given.",
    ),
)

_sources = columns(
    source_tracking("source_nbac", "nbac_gamebook_player_stats"),
    source_tracking("source_nbac_box", "nbac_player_boxscores"),
    source_tracking("source_bdl", "bdl_player_boxscores"),
    source_tracking("source_team", "nbac_team_boxscore"),
    source_tracking("source_bbd", "bigdataball_play_by_play"),
    source_tracking("source_nbac_pbp", "nbac_play_by_play"),
    source_tracking("source_odds", "odds_api_player_points_props"),
    source_tracking("source_bp", "bettingpros_player_points_props"),
)

_bookkeeping = (
    string("dedup_key", "game_id and player_lookup joined by a bar.", required=True),
    integer("record_version", "Rises when the row is written again with other content.", required=True, minimum=1),
    timestamp("first_processed_at", "When the row was first written.", required=True),
    string("data_hash", "SHA-256 over the row's content.", required=True),
)

PLAYER_GAME_SUMMARY = Table(
    dataset="nba_analytics",
    name="player_game_summary",
    grain="One row per player per game.",
    description=(
        "What every player on a game's roster did: box score, efficiency, availability, and how good the data is. "
        "Players who did not play keep their row with empty box columns."
    ),
    key=("game_id", "player_lookup"),
    cluster_by=("universal_player_id", "player_lookup", "team_abbr", "game_date"),
    code_version="5",
    first_seen_columns=("created_at", "first_processed_at"),
    version_column="record_version",
    hash_column="data_hash",
    # Source tracking speaks of the whole date: another player's correction is no change of this row.
    not_content=("processed_at", "quality_calculated_at", *(column.name for column in _sources)),
    columns=columns(
        _identity,
        _box,
        _shot_zones,
        _shot_creation,
        _late_game,
        _efficiency,
        _points_prop,
        _availability,
        GAME_STATE_COLUMNS,
        _sources,
        quality_columns(),
        _bookkeeping,
        written_columns(),
    ),
)
