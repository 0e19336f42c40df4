"""Builder of ``player_game_summary``: from one chosen box line per player and game to the table's rows."""

import pandas as pd

from analytics_assets.stats import formulas
from analytics_assets.stats.quality import data_quality_tier, issue_lists, quality_tier
from analytics_assets.tables.frames import conform, row_digests
from analytics_assets.tables.player_game_summary import (
    PLAYER_GAME_SUMMARY,
    POINTS_PROP_UNAVAILABLE,
    SHOT_CREATION_UNAVAILABLE,
    SHOT_ZONES_UNAVAILABLE,
)
from analytics_assets.tables.validation import unusual_values

FIRST_CHOICE_SOURCE = "nbac_gamebook_player_stats"
LAST_RESORT_SOURCE = "bdl_player_boxscores"
_LAST_RESORT_SCORE = 70.0
_DEDUCTIONS = {
    "backup_source_used": 5.0,
    "points_identity_broken": 10.0,
    "minutes_missing": 10.0,
    "score_unverified": 5.0,
}
# Two sources are still to come: play-by-play (zones, creation) and points props.
_DEDUCTION_PER_MISSING_SOURCE = 2.0

_TABLE_NAMES = {
    "fg_attempted": "fg_attempts",
    "fg_made": "fg_makes",
    "three_pt_attempted": "three_pt_attempts",
    "three_pt_made": "three_pt_makes",
    "ft_attempted": "ft_attempts",
    "ft_made": "ft_makes",
    "player_name": "player_full_name",
    "source": "primary_source_used",
}
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
_DNP_CATEGORIES = (
    ("coach_decision", r"coach"),
    ("rest", r"\brest\b|load management"),
    ("injury", r"injur|ill|sore|sprain|strain|surg|fractur|concuss|knee|ankle|back|hamstring|contusion|recovery"),
)


def build_player_game_summary(
    lines: pd.DataFrame, teams: pd.DataFrame, registry: pd.DataFrame, tracking: pd.DataFrame, now: pd.Timestamp
) -> pd.DataFrame:
    """Rows of ``player_game_summary``.

    Args:
        lines: One chosen box line per player and game, everyone listed, as ``raw.source_choice`` gives it: game and
            player identity, ``played``, ``player_status``, raw box counts, ``minutes_played`` in decimal minutes,
            ``source``, ``starter``.
        teams: One row per ``game_id`` and ``team_abbr``: ``team_score``, ``opponent_score`` (NULL when unknown) and
            ``team_box_turnovers`` and ``opponent_box_turnovers``, team turnovers included (NULL when unknown).
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
    rows = _with_registry(rows, registry).merge(teams, on=["game_id", "team_abbr"], how="left")
    rows = _with_team_terms(rows)
    _add_efficiency(rows)
    _add_availability(rows)
    rows = rows.merge(tracking, on="game_date", how="left")
    _add_quality(rows, now)
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


def _with_registry(rows: pd.DataFrame, registry: pd.DataFrame) -> pd.DataFrame:
    known = registry[["player_lookup", "season_year", "universal_player_id"]]
    known = known.drop_duplicates(["player_lookup", "season_year"], keep="last")
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
    rows["is_partial_game_data"] = False
    rows["game_completeness_pct"] = 100.0


def _add_quality(rows: pd.DataFrame, now: pd.Timestamp) -> None:
    played = rows["played"].astype(bool)
    identity = formulas.points_identity_holds(
        rows["points"], rows["fg_makes"], rows["three_pt_makes"], rows["ft_makes"]
    )
    missing_counts = rows[["points", "fg_attempts", "fg_makes", "ft_attempts", "turnovers"]].isna().any(axis=1)
    concerning_numbers = {
        "points_identity_broken": played & ~identity.fillna(True).astype(bool),
        "minutes_missing": played & rows["minutes_played"].isna(),
        "box_counts_missing": played & missing_counts,
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
        "team_turnovers_missing": played & rows["team_box_turnovers"].isna(),
        SHOT_ZONES_UNAVAILABLE: played,
        SHOT_CREATION_UNAVAILABLE: played,
        # A line may exist for a player who then did not play, so this one concerns every row.
        POINTS_PROP_UNAVAILABLE: pd.Series(True, index=rows.index),
    }
    rows["quality_issues"] = issue_lists(found, rows.index)
    score = pd.Series(100.0, index=rows.index)
    for code, deduction in _DEDUCTIONS.items():
        score -= deduction * found[code].fillna(False).astype(float)
    score -= _DEDUCTION_PER_MISSING_SOURCE * (1 + played.astype(float))
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


def _contributing_sources(rows: pd.DataFrame) -> pd.Series:
    box = rows["primary_source_used"]
    starters = rows["starter_source"]
    return issue_lists(
        {
            **{name: (box == name) | (starters == name) for name in sorted({*box.dropna(), *starters.dropna()})},
            "nbac_schedule": pd.Series(True, index=rows.index),
            "nbac_team_boxscore": rows["team_box_turnovers"].notna(),
            "player_registry": rows["universal_player_id"].notna(),
        },
        rows.index,
    )
