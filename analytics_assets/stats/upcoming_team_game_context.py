"""Builder of ``upcoming_team_game_context``: facts about teams before a game to the table's rows."""

import pandas as pd

from analytics_assets.stats.game_context import (
    TeamFacts,
    finished,
    history_columns,
    history_of_both_teams,
    joined_words,
    quality_columns,
    unfilled_windows,
)
from analytics_assets.stats.history import absence_digests, digests_before
from analytics_assets.stats.star_players import team_absences
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT

WINDOWS = {"l7d": ("days", 7), "l14d": ("days", 14)}
_FEWEST_GAMES = 3
_TEAM = ["game_id", "team_abbr"]
_LINES = (
    *("game_spread", "opening_spread", "spread_movement", "game_spread_source"),
    *("game_total", "opening_total", "total_movement", "game_total_source"),
    *("moneyline", "implied_team_total", "betting_lines_updated_at"),
)
# All that the row looked back on; what follows from these is left out.
_FINGERPRINT = [
    *("team_history_digest", "absence_digest", "schedule_digest", "expected_games_count"),
    *("missing_games_count", "opponent_missing_games", *_LINES),
]


def build_upcoming_team_game_context(
    *,
    facts: TeamFacts,
    lines: pd.DataFrame,
    statuses: pd.DataFrame,
    history: pd.DataFrame,
    tracking: pd.DataFrame,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """Rows of ``upcoming_team_game_context``.

    Args:
        facts: Facts about the teams of the dates.
        lines: ``GameLines.lines``.
        statuses: ``InjuryReports.statuses``.
        history: Rows of ``player_game_summary`` of the season.
        tracking: Source-tracking columns per ``game_id``.
        now: Moment of writing, UTC.

    Returns:
        Frame conformed to the declaration, one row per team and game, ordered by date, game and team.

    Raises:
        SchemaError: The result does not agree with the declaration.
    """
    targets = facts.targets
    rows = targets.merge(lines[[*_TEAM, *_LINES]], on=_TEAM, how="left")
    absences = team_absences(targets, statuses, history)
    rows = pd.concat([rows, absences, history_of_both_teams(facts, WINDOWS)], axis=1)
    words = [absence_digests(targets, statuses, history), digests_before(targets, history, ["team_abbr"])]
    rows["absence_digest"] = joined_words(words)
    rows["team_first_game"] = rows["days_since_last_game"].isna()
    rows = rows.assign(**history_columns(rows))
    used = rows["team_games_used_last_10"]
    rows["insufficient_data_reason"] = unfilled_windows(
        {"last_5": (rows["team_games_used_last_5"], 5), "last_10": (used, 10)}
    )
    rows["quality_sample_size"] = used
    rows["primary_source_used"] = "nbac_schedule"
    rows["quality_used_fallback"] = False
    reported = rows["questionable_players_count"].notna()
    issues = {
        "history_incomplete": rows["missing_games_count"] > 0,
        "opponent_history_incomplete": rows["opponent_missing_games"] > 0,
        "pending_games": rows["pending_games"] > 0,
        "bootstrap": rows["is_bootstrap"],
        "early_season": rows["early_season_flag"],
        "thin_sample": (used < _FEWEST_GAMES) & ~rows["early_season_flag"].fillna(False).astype(bool),
        "form_missing": rows["team_offensive_rating_season"].isna() & (rows["expected_games_count"] > 0),
        "game_spread_missing": rows["game_spread"].isna(),
        "game_total_missing": rows["game_total"].isna(),
        "injury_report_missing": ~reported,
        "travel_unknown": rows["travel_miles"].isna(),
        "tipoff_unknown": rows["tipoff_at"].isna(),
        "primetime_unknown": rows["is_primetime"].isna(),
        "neutral_site_unknown": rows["neutral_site"].isna(),
    }
    everyone = pd.Series(True, index=rows.index)
    sources = {
        "nbac_schedule": everyone,
        "team_offense_game_summary": rows["team_games_used_season"] > 0,
        "team_defense_game_summary": rows["team_games_used_season"] > 0,
        "odds_api_game_lines": rows["betting_lines_updated_at"].notna(),
        "nbac_injury_report": reported,
    }
    concerning = ("history_incomplete", "opponent_history_incomplete", "pending_games", "form_missing")
    table = UPCOMING_TEAM_GAME_CONTEXT
    rows = rows.assign(**quality_columns(rows, issues, concerning, sources, table, now))
    rows = rows.merge(tracking, on="game_id", how="left")
    return finished(rows, table, _FINGERPRINT, now)
