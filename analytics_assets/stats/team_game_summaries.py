"""Builders of the two team tables: two views of the same team games."""

from collections.abc import Mapping

import pandas as pd

from analytics_assets.stats.quality import data_quality_tier, issue_lists, quality_tier
from analytics_assets.stats.team_games import FIRST_CHOICE_SOURCE, ISSUE
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform, row_digests
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.tables.validation import unusual_values

_SHARED = {"source": "primary_source_used"}
_OFFENSE = {
    "points": "points_scored",
    "paint_attempts": "team_paint_attempts",
    "paint_makes": "team_paint_makes",
    "mid_range_attempts": "team_mid_range_attempts",
    "mid_range_makes": "team_mid_range_makes",
    "three_attempts_pbp": "team_three_attempts_pbp",
    "three_makes_pbp": "team_three_makes_pbp",
    "points_in_paint": "points_in_paint_scored",
    "second_chance_points": "second_chance_points_scored",
    "fast_break_points": "fast_break_points_scored",
}
_DEFENSE = {
    "team_abbr": "defending_team_abbr",
    "opp_points": "points_allowed",
    "opp_turnovers": "turnovers_forced",
    "personal_fouls": "fouls_committed",
    "opp_points_in_paint": "points_in_paint_allowed",
    "opp_second_chance_points": "second_chance_points_allowed",
    "opp_fast_break_points": "fast_break_points_allowed",
    "paint_blocks": "blocks_paint",
    "mid_range_blocks": "blocks_mid_range",
    "three_pt_blocks": "blocks_three_pt",
    "blocks": "blocks_total",
    "pace": "opponent_pace",
    "opp_ts_pct": "opponent_ts_pct",
}
# Which issues of the own and of the opponent's line concern a table's rows.
_OF_BOTH = ("score_unverified", "overtime_unknown", "overtime_sources_disagree", "referee_crew_unknown")
_OF_LINE = ("reconstructed", "team_turnovers_missing", "points_identity_broken", "box_counts_missing")
_OF_ZONES = (
    *("shot_zones_unavailable", "shot_zones_contradict_box", "shot_distance_missing"),
    *("points_in_paint_unavailable", "points_in_paint_approximated"),
    *("second_chance_points_unavailable", "second_chance_points_by_rule", "fast_break_points_unavailable"),
)
_OF_NUMBERS = ("points_identity_broken", "box_counts_missing", "overtime_unknown", "overtime_sources_disagree")
_DEDUCTIONS = {
    "reconstructed": 15.0,
    "points_identity_broken": 10.0,
    "box_counts_missing": 10.0,
    "overtime_unknown": 5.0,
    "score_unverified": 5.0,
    # The older scale calls a row with box numbers only medium.
    "shot_zones_unavailable": 6.0,
    "shot_zones_contradict_box": 6.0,
    "shot_distance_missing": 2.0,
    "inactive_players_unknown": 2.0,
    "referee_crew_unknown": 2.0,
}
_ANY_PLAYER_SUM = 5.0


def build_team_offense(games: pd.DataFrame, tracking: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Rows of ``team_offense_game_summary``.

    Args:
        games: As :func:`analytics_assets.stats.team_games.build_team_games` gives them.
        tracking: Source-tracking columns per ``game_date``, under the table's prefixes.
        now: Moment of writing, UTC.

    Returns:
        Frame conformed to the declaration, one row per team and game, ordered by date, game and team.

    Raises:
        SchemaError: The result does not agree with the declaration.
    """
    issues = _issues(games, own=(*_OF_LINE, *_OF_ZONES, "inactive_players_unknown"), theirs=())
    issues["opponent_reconstructed"] = games[f"opp_{ISSUE}reconstructed"]
    rows = games.rename(columns=_OFFENSE | _SHARED)
    return _finished(rows, issues, TEAM_OFFENSE_GAME_SUMMARY, tracking, now)


def build_team_defense(games: pd.DataFrame, tracking: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Rows of ``team_defense_game_summary``; see :func:`build_team_offense`."""
    games = games.assign(
        mid_range_points_allowed=2 * games["opp_mid_range_makes"],
        three_pt_points_allowed=3 * games["opp_three_pt_makes"],
        shot_zones_source=games["opp_shot_zones_source"],
    )
    own = (*_OF_LINE, "blocks_by_zone_unavailable", "inactive_players_unknown")
    issues = _issues(games, own=own, theirs=_OF_ZONES)
    issues["opponent_reconstructed"] = games[f"opp_{ISSUE}reconstructed"]
    # Own steals, blocks and rebounds keep their names; what the offense calls pace and turnovers belongs to the other.
    rows = games.drop(columns=["points", "turnovers"]).rename(columns=_DEFENSE | _SHARED)
    return _finished(rows, issues, TEAM_DEFENSE_GAME_SUMMARY, tracking, now)


def _issues(games: pd.DataFrame, own: tuple[str, ...], theirs: tuple[str, ...]) -> dict[str, pd.Series]:
    found = {code: games[f"{ISSUE}{code}"] for code in (*_OF_BOTH, *own)}
    found |= {code: games[f"opp_{ISSUE}{code}"] for code in theirs}
    sums = [name for name in games.columns if name.startswith(f"{ISSUE}player_sums_differ:")]
    return found | {name.removeprefix(ISSUE): games[name] for name in sums}


def _finished(
    rows: pd.DataFrame, issues: dict[str, pd.Series], table: Table, tracking: pd.DataFrame, now: pd.Timestamp
) -> pd.DataFrame:
    rows = rows.assign(
        shot_zones_available=rows["shot_zones_source"].notna(),
        is_partial_game_data=False,
        game_completeness_pct=100.0,
        data_hash="",
        created_at=now,
        processed_at=now,
        **_quality(rows, issues, table, now),
    ).merge(tracking, on="game_date", how="left")
    rows = rows.sort_values(["game_date", *table.key], ignore_index=True)
    built = conform(rows[[name for name in table.column_names if name in rows.columns]], table)
    built["data_hash"] = row_digests(built, table.content_columns)
    return built


def _quality(
    rows: pd.DataFrame, issues: Mapping[str, pd.Series], table: Table, now: pd.Timestamp
) -> dict[str, pd.Series | bool | pd.Timestamp]:
    unusual = unusual_values(rows.reindex(columns=table.column_names), table)
    found = {code: values.fillna(False).astype(bool) for code, values in issues.items()}
    found |= {f"unusual_value:{name}": unusual[name] for name in unusual.columns}
    differ = [code for code in found if code.startswith("player_sums_differ:")]
    concerning = [*_OF_NUMBERS, *differ, *(f"unusual_value:{name}" for name in unusual.columns)]
    any_differs = pd.DataFrame({code: found[code] for code in differ}, index=rows.index).any(axis=1)
    score = 100.0 - _ANY_PLAYER_SUM * any_differs.astype(float)
    for code, deduction in _DEDUCTIONS.items():
        score -= deduction * found[code].astype(float)
    score = score.clip(lower=0)
    tier = quality_tier(score)
    fallback = rows["primary_source_used"] != FIRST_CHOICE_SOURCE
    return {
        "quality_issues": issue_lists(found, rows.index),
        "quality_score": score,
        "quality_tier": tier,
        "data_quality_tier": data_quality_tier(tier),
        "processed_with_issues": pd.DataFrame({code: found[code] for code in concerning}, index=rows.index).any(axis=1),
        "quality_used_fallback": fallback,
        "quality_reconstructed": found["reconstructed"] | found["opponent_reconstructed"],
        "quality_calculated_at": now,
        "data_sources": _contributing_sources(rows),
    }


def _contributing_sources(rows: pd.DataFrame) -> pd.Series:
    columns = [rows["primary_source_used"], rows["opp_source"], rows["play_by_play_source"]]
    names = sorted({name for values in columns for name in values.dropna()})
    used = {name: pd.concat([values == name for values in columns], axis=1).any(axis=1) for name in names}
    used["nbac_schedule"] = pd.Series(True, index=rows.index)
    used["nbac_referee_game_assignments"] = rows["referee_crew_id"].notna()
    return issue_lists(used, rows.index)
