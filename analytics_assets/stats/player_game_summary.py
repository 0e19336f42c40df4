"""Builder of ``player_game_summary``: from one chosen box line per player and game to the table's rows."""

import pandas as pd

from analytics_assets.stats import formulas
from analytics_assets.stats.box_names import BOX_NAMES, TABLE_COUNTS
from analytics_assets.stats.player_identity import known_players
from analytics_assets.stats.points_prop import grade_points_prop
from analytics_assets.stats.quality import data_quality_tier, issue_lists, json_objects, quality_tier
from analytics_assets.stats.shot_detail import shot_detail
from analytics_assets.tables.frames import conform, row_digests
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.validation import unusual_values

FIRST_CHOICE_SOURCE = "nbac_gamebook_player_stats"
LAST_RESORT_SOURCE = "bdl_player_boxscores"
_LAST_RESORT_SCORE = 70.0
_DEDUCTIONS = {
    "backup_source_used": 5.0,
    # The older scale calls incomplete box counts low.
    "box_counts_missing": 30.0,
    "points_identity_broken": 10.0,
    "minutes_missing": 10.0,
    "score_unverified": 5.0,
    # Optional sources that are missing, or cannot be used.
    "shot_zones_unavailable": 2.0,
    "shot_zones_contradict_box": 2.0,
    "shot_distance_missing": 2.0,
    "points_prop_unavailable": 2.0,
}
_TEAM = ["game_id", "team_abbr"]
_TEAM_COLUMNS = [*_TEAM, "team_score", "opponent_score", "team_box_turnovers", "opponent_box_turnovers"]
_TEAM_EVENT_FACTS = [
    *("play_by_play_source", "has_events", "has_shooting_fouls"),
    *("tells_assists", "tells_free_throws", "tells_blocks", "tells_distances"),
]
_PROP_COLUMNS = [
    *("points_line", "opening_line", "over_price", "under_price", "points_line_source", "opening_line_source"),
]

_TABLE_NAMES = {**BOX_NAMES, "player_name": "player_full_name", "source": "primary_source_used"}
_SUMMED = (
    "points",
    "fg_attempts",
    "fg_makes",
    "three_pt_attempts",
    "ft_attempts",
    "offensive_rebounds",
    "defensive_rebounds",
    "turnovers",
    "minutes_played",
)
# One column of every group that comes or fails together.
_FROM_EVENTS = ["paint_attempts", "paint_blocks", "and1_count", "assisted_fg_makes"]
_PROP_TABLES = {"odds_api": "odds_api_player_points_props", "bettingpros": "bettingpros_player_points_props"}
_DNP_CATEGORIES = (
    ("coach_decision", r"coach"),
    ("rest", r"\brest\b|load management"),
    ("injury", r"injur|ill|sore|sprain|strain|surg|fractur|concuss|knee|ankle|back|hamstring|contusion|recovery"),
)


def build_player_game_summary(
    *,
    lines: pd.DataFrame,
    teams: pd.DataFrame,
    team_events: pd.DataFrame,
    player_events: pd.DataFrame,
    late_game: pd.DataFrame,
    points_lines: pd.DataFrame,
    registry: pd.DataFrame,
    tracking: pd.DataFrame,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """Rows of ``player_game_summary``.

    Args:
        lines: One chosen box line per player and game, everyone listed, as ``raw.source_choice`` gives it: game and
            player identity, ``played``, ``player_status``, raw box counts, ``minutes_played`` in decimal minutes,
            ``source``, ``starter``.
        teams: One row per ``game_id`` and ``team_abbr``: ``team_score``, ``opponent_score`` (NULL when unknown) and
            ``team_box_turnovers`` and ``opponent_box_turnovers``, team turnovers included (NULL when unknown).
        team_events: Per ``game_id`` and ``team_abbr``: ``play_by_play_source`` (NULL where none can be used),
            ``has_events``, ``has_shooting_fouls``, ``tells_assists``, ``tells_free_throws``, ``tells_blocks``,
            ``tells_distances``.
        player_events: Counts from play-by-play with the prefix ``pbp_`` per ``game_id``, ``team_abbr`` and
            ``player_lookup``.
        late_game: Per ``game_id``, ``team_abbr`` and ``player_lookup``: ``fourth_quarter_minutes``, ``clutch_minutes``,
            ``fourth_quarter_points`` and ``late_game_source``.
        points_lines: Per ``game_id`` and ``player_lookup``: ``points_line``, ``opening_line``, ``over_price``,
            ``under_price``, ``points_line_source``, ``opening_line_source``.
        registry: ``player_lookup``, ``season_year``, ``universal_player_id``.
        tracking: Source-tracking columns per ``game_date``.
        now: Moment of writing, UTC.

    Returns:
        Frame conformed to the declaration, one row per line, ordered by date, game, team and player.

    Raises:
        SchemaError: The result does not agree with the declaration.
    """
    rows = lines.rename(columns=_TABLE_NAMES).reset_index(drop=True)
    rows["rebounds"] = rows["offensive_rebounds"] + rows["defensive_rebounds"]
    rows = _with_registry(rows, registry).merge(teams[_TEAM_COLUMNS], on=_TEAM, how="left")
    rows = _with_team_terms(rows)
    rows, event_issues = _with_events(rows, team_events, player_events)
    rows, late_issues = _with_late_game(rows, late_game)
    rows = _with_points_prop(rows, points_lines)
    _add_efficiency(rows)
    _add_availability(rows)
    _add_game_state(rows)
    rows = rows.merge(tracking, on="game_date", how="left")
    offered = rows["game_id"].isin(points_lines["game_id"])
    _add_quality(rows, {**event_issues, **late_issues, "points_prop_unavailable": ~offered}, now)
    rows["dedup_key"] = rows["game_id"] + "|" + rows["player_lookup"]
    rows["record_version"] = 1
    for name in ("created_at", "first_processed_at", "processed_at"):
        rows[name] = now
    rows["data_hash"] = ""
    rows = rows.sort_values(["game_date", "game_id", "team_abbr", "player_lookup"], ignore_index=True)
    table = PLAYER_GAME_SUMMARY
    built = conform(rows[[name for name in table.column_names if name in rows.columns]], table)
    built["data_hash"] = row_digests(built, table.content_columns)
    return built


def _with_events(
    rows: pd.DataFrame, team_events: pd.DataFrame, player_events: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Add what play-by-play tells; only players who played can have it, and only they can lack it."""
    rows = rows.merge(team_events[[*_TEAM, *_TEAM_EVENT_FACTS]], on=_TEAM, how="left")
    rows = rows.merge(player_events, on=[*_TEAM, "player_lookup"], how="left")
    detail, issues = shot_detail(rows)
    played = rows["played"].astype(bool)
    detail = detail.where(played)
    detail["shot_zones_estimated"] = (
        pd.Series(False, index=rows.index).astype("boolean").where(detail["paint_attempts"].notna())
    )
    return pd.concat([rows, detail], axis=1), {code: found & played for code, found in issues.items()}


def _with_late_game(rows: pd.DataFrame, late_game: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Add what line-ups tell of the fourth quarter and of clutch time."""
    rows = rows.merge(late_game, on=[*_TEAM, "player_lookup"], how="left")
    unknown = rows["fourth_quarter_minutes"].isna() | rows["clutch_minutes"].isna()
    return rows, {"lineups_unavailable": unknown & rows["played"].astype(bool)}


def _with_points_prop(rows: pd.DataFrame, points_lines: pd.DataFrame) -> pd.DataFrame:
    keys = ["game_id", "player_lookup"]
    rows = rows.merge(points_lines[[*keys, *_PROP_COLUMNS]], on=keys, how="left")
    graded = grade_points_prop(rows["points"], rows["played"], rows["points_line"], rows["opening_line"])
    return pd.concat([rows, graded], axis=1)


def _with_registry(rows: pd.DataFrame, registry: pd.DataFrame) -> pd.DataFrame:
    known = known_players(registry[["player_lookup", "season_year", "universal_player_id"]])
    # Per row's own season: a name may mean another player in another season.
    return rows.merge(known, on=["player_lookup", "season_year"], how="left")


def _with_team_terms(rows: pd.DataFrame) -> pd.DataFrame:
    """Add ``team_*`` and ``opponent_*`` sums over players, nominal minutes and possessions of the game."""
    played = rows[rows["played"]]
    # A team's sum is unknown as soon as one of its players' numbers is.
    grouped = played.groupby(["game_id", "team_abbr"], sort=False)
    sums = grouped[list(_SUMMED)].sum().astype("float64")
    complete = grouped[list(_SUMMED)].count().eq(grouped.size(), axis=0)
    sums = sums.where(complete)
    sums["nominal_minutes"] = formulas.nominal_team_minutes(formulas.overtime_periods(sums["minutes_played"]))
    own = sums.add_prefix("team_").reset_index()
    other = sums.add_prefix("opponent_").reset_index().rename(columns={"team_abbr": "opponent_team_abbr"})
    rows = rows.merge(own, on=["game_id", "team_abbr"], how="left")
    rows = rows.merge(other, on=["game_id", "opponent_team_abbr"], how="left")
    rows["game_possessions"] = (_possessions(rows, "team", "opponent") + _possessions(rows, "opponent", "team")) / 2
    return rows


def _possessions(rows: pd.DataFrame, side: str, other: str) -> pd.Series:
    turnovers = rows[f"{side}_box_turnovers"].astype("float64").fillna(rows[f"{side}_turnovers"])
    return formulas.possessions(
        rows[f"{side}_fg_attempts"],
        rows[f"{side}_fg_makes"],
        rows[f"{side}_ft_attempts"],
        rows[f"{side}_offensive_rebounds"],
        rows[f"{other}_defensive_rebounds"],
        turnovers,
    )


def _add_efficiency(rows: pd.DataFrame) -> None:
    minutes, team_minutes = rows["minutes_played"], rows["team_nominal_minutes"]
    rows["ts_pct"] = formulas.true_shooting_pct(rows["points"], rows["fg_attempts"], rows["ft_attempts"])
    rows["efg_pct"] = formulas.effective_field_goal_pct(rows["fg_makes"], rows["three_pt_makes"], rows["fg_attempts"])
    usage = formulas.usage_rate(
        formulas.plays(rows["fg_attempts"], rows["ft_attempts"], rows["turnovers"]),
        minutes,
        formulas.plays(rows["team_fg_attempts"], rows["team_ft_attempts"], rows["team_turnovers"]),
        team_minutes,
    )
    played = rows["played"].astype(bool)
    rows["usage_rate"] = rows["usage_rate_raw"] = usage
    rows["usage_rate_capped"] = usage.clip(upper=50)
    rows["usage_rate_valid"] = (usage <= 100).astype("boolean").where(played)
    anomaly = pd.Series(pd.NA, index=rows.index, dtype="string")
    anomaly = anomaly.mask(played & usage.isna(), "team_sums_unknown")
    anomaly = anomaly.mask(played & ~(minutes > 0), "no_minutes").mask(played & (usage > 100), "above_100")
    rows["usage_rate_anomaly_reason"] = anomaly
    rows["assist_pct"] = formulas.assist_pct(
        rows["assists"], minutes, rows["fg_makes"], rows["team_fg_makes"], team_minutes
    )
    _add_on_court_shares(rows, minutes, team_minutes)
    for name in ("points", "rebounds", "assists", "steals", "blocks", "turnovers"):
        rows[f"{name}_per_100_possessions"] = formulas.per_100_possessions(
            rows[name], minutes, rows["game_possessions"], team_minutes
        )
    scores_known = rows["team_score"].notna() & rows["opponent_score"].notna()
    rows["win_flag"] = (rows["team_score"] > rows["opponent_score"]).astype("boolean").where(scores_known)
    rows["starter_flag"] = rows["starter"]


def _add_on_court_shares(rows: pd.DataFrame, minutes: pd.Series, team_minutes: pd.Series) -> None:
    offensive = rows["team_offensive_rebounds"] + rows["opponent_defensive_rebounds"]
    defensive = rows["team_defensive_rebounds"] + rows["opponent_offensive_rebounds"]
    available = {
        "offensive_rebound": offensive,
        "defensive_rebound": defensive,
        "rebound": offensive + defensive,
        "steal": rows["game_possessions"],
        "block": rows["opponent_fg_attempts"] - rows["opponent_three_pt_attempts"],
    }
    for name, total in available.items():
        rows[f"{name}_pct"] = formulas.share_while_on_court(rows[f"{name}s"], minutes, total, team_minutes)


def _add_availability(rows: pd.DataFrame) -> None:
    inactive = rows["player_status"] == "inactive"
    rows["is_active"] = ~inactive
    rows["is_dnp"] = ~inactive & ~rows["played"].astype(bool)
    rows["dnp_reason"] = rows["dnp_reason"].mask(rows["played"].astype(bool))
    text = rows["dnp_reason"].str.lower()
    category = pd.Series(pd.NA, index=rows.index, dtype="string").mask(text.notna(), "other")
    for name, pattern in reversed(_DNP_CATEGORIES):
        category = category.mask(text.str.contains(pattern).fillna(False).astype(bool), name)
    rows["dnp_reason_category"] = category


def _add_game_state(rows: pd.DataFrame) -> None:
    rows["is_partial_game_data"] = rows["game_status_at_processing"] != "final"
    known = rows[list(TABLE_COUNTS)].notna().mean(axis=1).where(rows["played"].astype(bool))
    rows["game_completeness_pct"] = 100 * known.groupby(rows["game_id"]).transform("mean")


def _add_quality(rows: pd.DataFrame, optional: dict[str, pd.Series], now: pd.Timestamp) -> None:
    played = rows["played"].astype(bool)
    identity = formulas.points_identity_holds(
        rows["points"], rows["fg_makes"], rows["three_pt_makes"], rows["ft_makes"]
    )
    concerning_numbers = {
        "points_identity_broken": played & ~identity.fillna(True).astype(bool),
        "minutes_missing": played & rows["minutes_played"].isna(),
        "box_counts_missing": played & rows[list(TABLE_COUNTS)].isna().any(axis=1),
        "score_unverified": rows["team_score"].isna(),
    }
    table_view = rows.reindex(columns=PLAYER_GAME_SUMMARY.column_names)
    for name, unusual in unusual_values(table_view, PLAYER_GAME_SUMMARY).items():
        concerning_numbers[f"unusual_value:{name}"] = unusual
    found = {
        **concerning_numbers,
        "backup_source_used": rows["primary_source_used"] != FIRST_CHOICE_SOURCE,
        "universal_player_id_missing": rows["universal_player_id"].isna(),
        "starter_unknown": played & rows["starter_flag"].isna(),
        "plus_minus_missing": played & rows["plus_minus"].isna(),
        # Possessions need the turnovers of both teams.
        "team_turnovers_missing": played & ~_have_team_turnovers(rows),
        **optional,
    }
    rows["quality_issues"] = issue_lists(found, rows.index)
    score = pd.Series(100.0, index=rows.index)
    for code, deduction in _DEDUCTIONS.items():
        score -= deduction * found[code].fillna(False).astype(float)
    last_resort = rows["primary_source_used"] == LAST_RESORT_SOURCE
    score = score.mask(last_resort, score.clip(upper=_LAST_RESORT_SCORE)).clip(lower=0)
    rows["quality_score"] = score
    rows["quality_tier"] = quality_tier(score)
    rows["data_quality_tier"] = data_quality_tier(rows["quality_tier"])
    rows["processed_with_issues"] = pd.DataFrame(concerning_numbers).fillna(False).any(axis=1)
    rows["quality_used_fallback"] = found["backup_source_used"]
    rows["quality_reconstructed"] = False
    rows["quality_calculated_at"] = now
    rows["data_sources"] = _contributing_sources(rows)
    rows["quality_metadata"] = _metadata(rows)


def _have_team_turnovers(rows: pd.DataFrame) -> pd.Series:
    return rows[["team_box_turnovers", "opponent_box_turnovers"]].notna().all(axis=1)


def _metadata(rows: pd.DataFrame) -> pd.Series:
    estimator = pd.Series("refined estimate, mean of both teams", index=rows.index)
    facts = {
        "possessions": estimator.where(rows["game_possessions"].notna()),
        "play_by_play": rows["play_by_play_source"],
    }
    return json_objects(facts, rows.index)


def _contributing_sources(rows: pd.DataFrame) -> pd.Series:
    box = rows["primary_source_used"]
    starters = rows["starter_source"]
    events = rows["play_by_play_source"].where(rows[_FROM_EVENTS].notna().any(axis=1))
    props = rows["points_line_source"].str.extract(r"^([^:]+)")[0].map(_PROP_TABLES)
    late = rows["late_game_source"].where(rows[["fourth_quarter_minutes", "fourth_quarter_points"]].notna().any(axis=1))
    columns = [box, starters, events, late, props]
    names = sorted({name for values in columns for name in values.dropna()})
    return issue_lists(
        {
            **{name: pd.concat([values == name for values in columns], axis=1).any(axis=1) for name in names},
            "nbac_schedule": pd.Series(True, index=rows.index),
            "nbac_team_boxscore": rows[["team_box_turnovers", "opponent_box_turnovers"]].notna().any(axis=1),
            "player_registry": rows["universal_player_id"].notna(),
        },
        rows.index,
    )
