"""Builders of the two team tables: two views of the same team games."""

from collections.abc import Mapping

import pandas as pd

from analytics_assets.stats.box_names import TABLE_COUNTS
from analytics_assets.stats.quality import data_quality_tier, issue_lists, json_objects, quality_tier
from analytics_assets.stats.team_games import ISSUE
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform, row_digests
from analytics_assets.tables.team_columns import PLAY_BY_PLAY
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
# What concerns rows of both teams of a game alike.
_OF_GAME = (
    *("score_unverified", "overtime_unknown", "overtime_sources_disagree", "possessions_unknown"),
    *("referee_crew_unknown", "inactive_players_unknown", "inactive_starters_unknown"),
)
# What concerns the table that holds a line's offense: the own line in one table, the opponent's in the other.
_OF_OFFENSE = (
    *("points_identity_broken", "box_counts_missing", "three_pointers_exceed_field_goals"),
    *("shot_zones_unavailable", "shot_zones_contradict_box", "shot_distance_missing"),
    *("points_in_paint_unavailable", "points_in_paint_approximated"),
    *("second_chance_points_unavailable", "second_chance_points_by_rule", "fast_break_points_unavailable"),
)
# Own numbers of a defending team, under the names of the team games and of the table.
_ACTIONS = {"steals": "steals", "blocks": "blocks_total", "defensive_rebounds": "defensive_rebounds"}
_ACTIONS |= {"personal_fouls": "fouls_committed"}
_PLAYER_SUMS = "player_sums_differ:"
_OF_NUMBERS = (
    *("points_identity_broken", "box_counts_missing", "defensive_actions_missing", "three_pointers_exceed_field_goals"),
    *("possessions_unknown", "overtime_unknown", "overtime_sources_disagree", "score_unverified"),
)
# The older scale, which is derived from the score, calls complete box counts with zones high, complete box counts
# medium, and incomplete ones low.
_DEDUCTIONS = {
    "box_counts_missing": 30.0,
    "defensive_actions_missing": 30.0,
    "points_identity_broken": 10.0,
    "three_pointers_exceed_field_goals": 10.0,
    "overtime_unknown": 5.0,
    "overtime_sources_disagree": 5.0,
    "score_unverified": 5.0,
    "shot_zones_unavailable": 6.0,
    "shot_zones_contradict_box": 6.0,
    "shot_distance_missing": 6.0,
    "inactive_players_unknown": 2.0,
    "referee_crew_unknown": 2.0,
}
_RECONSTRUCTED, _ANY_PLAYER_SUM = 15.0, 5.0
_ESTIMATOR = "refined estimate, mean of both teams"


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
    issues = {**_issues(games, _OF_GAME), **_issues(games, _OF_OFFENSE)}
    differing = [name for name in games.columns if name.startswith(f"{ISSUE}{_PLAYER_SUMS}")]
    issues |= {name.removeprefix(ISSUE): games[name] for name in differing}
    rows = games.rename(columns=_OFFENSE | _SHARED)
    return _finished(rows, issues, games["reconstructed"], TEAM_OFFENSE_GAME_SUMMARY, tracking, now)


def build_team_defense(games: pd.DataFrame, tracking: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Rows of ``team_defense_game_summary``; see :func:`build_team_offense`.

    What was allowed is the opponent's line; steals, blocks, defensive rebounds and fouls are the own line's. Issues
    about player sums and missing counts speak of the numbers that the table holds.
    """
    issues = {**_issues(games, _OF_GAME), **_issues(games, _OF_OFFENSE, side="opp_")}
    held = [f"opp_{name}" for name in TABLE_COUNTS if _defense_name(f"opp_{name}") in TEAM_DEFENSE_GAME_SUMMARY.by_name]
    issues["box_counts_missing"] = games[held].isna().any(axis=1)
    issues["defensive_actions_missing"] = games[list(_ACTIONS)].isna().any(axis=1)
    issues["blocks_by_zone_unavailable"] = games[f"{ISSUE}blocks_by_zone_unavailable"]
    for name, own in _ACTIONS.items():
        issues[f"{_PLAYER_SUMS}{own}"] = games[f"{ISSUE}{_PLAYER_SUMS}{name}"]
    for name in games.columns:
        counted = name.removeprefix(f"opp_{ISSUE}{_PLAYER_SUMS}")
        if counted != name and f"opp_{counted}" in TEAM_DEFENSE_GAME_SUMMARY.by_name:
            issues[f"{_PLAYER_SUMS}opp_{counted}"] = games[name]
    rows = games.assign(
        mid_range_points_allowed=2 * games["opp_mid_range_makes"],
        three_pt_points_allowed=3 * games["opp_three_pt_makes"],
        shot_zones_source=games["opp_shot_zones_source"],
    )
    # Own steals, blocks and rebounds keep their names; what the offense calls pace and turnovers belongs to the other.
    rows = rows.drop(columns=["points", "turnovers"]).rename(columns=_DEFENSE | _SHARED)
    reconstructed = games["reconstructed"] | games["opp_reconstructed"]
    return _finished(rows, issues, reconstructed, TEAM_DEFENSE_GAME_SUMMARY, tracking, now)


def _defense_name(name: str) -> str:
    return _DEFENSE.get(name, name)


def _issues(games: pd.DataFrame, codes: tuple[str, ...], side: str = "") -> dict[str, pd.Series]:
    return {code: games[f"{side}{ISSUE}{code}"] for code in codes}


def _finished(
    rows: pd.DataFrame,
    issues: dict[str, pd.Series],
    reconstructed: pd.Series,
    table: Table,
    tracking: pd.DataFrame,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """Rows of a table; ``reconstructed`` says whether the counts it holds are sums over players."""
    told = {
        "reconstructed": rows["reconstructed"],
        "opponent_reconstructed": rows["opp_reconstructed"],
        # Possessions, and with them the ratings, need the turnovers of both teams.
        "team_turnovers_missing": rows["reconstructed"] | rows["opp_reconstructed"],
    }
    rows = rows.assign(
        shot_zones_available=rows["shot_zones_source"].notna(),
        data_hash="",
        created_at=now,
        processed_at=now,
        **_quality(rows, told | issues, reconstructed.astype(bool), table, now),
    ).merge(tracking, on="game_date", how="left")
    rows = rows.sort_values(["game_date", *table.key], ignore_index=True)
    built = conform(rows[[name for name in table.column_names if name in rows.columns]], table)
    built["data_hash"] = row_digests(built, table.content_columns)
    return built


def _quality(
    rows: pd.DataFrame, issues: Mapping[str, pd.Series], reconstructed: pd.Series, table: Table, now: pd.Timestamp
) -> dict[str, pd.Series | bool | pd.Timestamp]:
    unusual = unusual_values(rows.reindex(columns=table.column_names), table)
    found = {code: values.fillna(False).astype(bool) for code, values in issues.items()}
    found |= {f"unusual_value:{name}": unusual[name] for name in unusual.columns}
    table_of_issues = pd.DataFrame(found, index=rows.index)
    differing = [code for code in found if code.startswith(_PLAYER_SUMS)]
    concerning = [*(code for code in _OF_NUMBERS if code in found), *differing]
    concerning += [f"unusual_value:{name}" for name in unusual.columns]
    score = 100.0 - _RECONSTRUCTED * reconstructed.astype(float)
    score -= _ANY_PLAYER_SUM * table_of_issues[differing].any(axis=1).astype(float)
    for code, deduction in _DEDUCTIONS.items():
        if code in found:
            score -= deduction * found[code].astype(float)
    score = score.clip(lower=0)
    tier = quality_tier(score)
    facts = {
        "possessions": pd.Series(_ESTIMATOR, index=rows.index).where(rows["possessions"].notna()),
        "overtime_periods": rows["overtime_source"],
        "play_by_play": rows["play_by_play_source"],
        "opponent_line": rows["opp_source"],
    }
    return {
        "quality_issues": issue_lists(found, rows.index),
        "quality_score": score,
        "quality_tier": tier,
        "data_quality_tier": data_quality_tier(tier),
        "processed_with_issues": table_of_issues[concerning].any(axis=1),
        "quality_used_fallback": reconstructed,
        "quality_reconstructed": reconstructed,
        "quality_calculated_at": now,
        "quality_metadata": json_objects(facts, rows.index),
        "data_sources": _contributing_sources(rows, table),
    }


def _contributing_sources(rows: pd.DataFrame, table: Table) -> pd.Series:
    """Raw tables without which the row would hold other values."""
    of_events = [name for name, column in table.by_name.items() if column.source == PLAY_BY_PLAY and name in rows]
    from_events = rows[of_events].notna().any(axis=1) | (rows["overtime_source"] == "play-by-play")
    columns = [
        rows["primary_source_used"],
        rows["opp_source"],
        rows["players_source"].where(rows["overtime_source"] == "player minutes"),
        rows["play_by_play_source"].where(from_events.fillna(False)),
    ]
    names = sorted({name for values in columns for name in values.dropna()})
    used = {name: pd.concat([values == name for values in columns], axis=1).any(axis=1) for name in names}
    gamebook = "nbac_gamebook_player_stats"
    used[gamebook] = used.get(gamebook, False) | rows["players_inactive"].notna()
    used["nbac_schedule"] = pd.Series(True, index=rows.index)
    used["nbac_referee_game_assignments"] = rows["referee_crew_id"].notna()
    return issue_lists(used, rows.index)
