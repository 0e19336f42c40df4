"""Forms of players and teams in plain Python, from the rows of their earlier games in order."""

import statistics
from itertools import pairwise

import pandas as pd
import pytest

from analytics_assets_tests.support.season_histories import known

NULL = float("nan")


def assert_agrees(result: dict, expected: dict) -> None:
    """Assert that a row holds these numbers, up to rounding; NaN stands for NULL."""
    found = {name: NULL if pd.isna(result[name]) else float(result[name]) for name in expected}
    assert found == pytest.approx({name: float(value) for name, value in expected.items()}, nan_ok=True)


def plain_rest(days: list[int]) -> dict:
    """Rest and load from the days that each game of a player lies before the date, first game first."""
    gaps = [earlier - later for earlier, later in pairwise(days)]
    rested = [day for day, gap in zip(days[1:], gaps, strict=True) if gap >= 3]
    return {
        "days_since_last_game": days[-1] if days else NULL,
        "days_rest": days[-1] - 1 if days else NULL,
        "days_rest_before_last_game": gaps[-1] - 1 if gaps else NULL,
        "days_since_2_plus_days_rest": rested[-1] if rested else NULL,
        "player_played_yesterday": 1 in days,
        "games_in_last_7_days": sum(day <= 7 for day in days),
        "games_in_last_14_days": sum(day <= 14 for day in days),
        "back_to_backs_last_14_days": sum(day <= 14 and day - 1 in days for day in days),
        "l5_games_used": min(len(days), 5),
        "l10_games_used": min(len(days), 10),
    }


def plain_means(rows: list[dict], days: list[int], target: dict) -> dict:
    """Means and ratios of a player's games, first game first; ``days`` that each lies before the date."""

    def mean(chosen: list[dict], column: str) -> float:
        values = known(chosen, column)
        return statistics.fmean(values) if values else NULL

    def shooting(chosen: list[dict]) -> float:
        both = [row for row in chosen if not pd.isna(row["fg_makes"]) and not pd.isna(row["fg_attempts"])]
        attempts = sum(row["fg_attempts"] for row in both)
        return sum(row["fg_makes"] for row in both) / attempts if attempts else NULL

    def by_minutes(chosen: list[dict], name: str) -> float:
        both = [row for row in chosen if not pd.isna(row[name]) and not pd.isna(row["minutes_played"])]
        total = sum(row["minutes_played"] for row in both)
        return sum(row[name] * row["minutes_played"] for row in both) / total if total else NULL

    def total(chosen: list[dict]) -> float:
        minutes = known(chosen, "minutes_played")
        return sum(minutes) if chosen and len(minutes) == len(chosen) else NULL

    def slope(chosen: list[dict]) -> float:
        told = [(n, float(row["minutes_played"])) for n, row in enumerate(chosen) if not pd.isna(row["minutes_played"])]
        return statistics.linear_regression(*zip(*told, strict=True)).slope if len(told) >= 3 else NULL

    week, fortnight = ([row for row, day in zip(rows, days, strict=True) if day <= most] for most in (7, 14))
    home, away = ([row for row in rows if row["home_game"] is side] for side in (True, False))
    against = [row for row in rows if row["opponent_team_abbr"] == target["opponent_team_abbr"]]
    return {
        "points_avg_last_5": mean(rows[-5:], "points"),
        "points_avg_last_10": mean(rows[-10:], "points"),
        "minutes_avg_last_10": mean(rows[-10:], "minutes_played"),
        "minutes_in_last_7_days": total(week),
        "minutes_in_last_14_days": total(fortnight),
        "minutes_trend_last_10": slope(rows[-10:]),
        "avg_minutes_per_game_last_7": mean(week, "minutes_played"),
        "avg_usage_rate_last_7_games": by_minutes(rows[-7:], "usage_rate"),
        "projected_usage_rate": mean(rows[-10:], "usage_rate"),
        "starter_share_last_10": mean(rows[-10:], "starter_flag"),
        "shooting_pct_decline_last_5": shooting(rows) - shooting(rows[-5:]),
        "fourth_quarter_minutes_last_7": mean(rows[-7:], "fourth_quarter_minutes"),
        "clutch_minutes_last_7_games": mean(rows[-7:], "clutch_minutes"),
        "fourth_quarter_production_last_7": mean(rows[-7:], "fourth_quarter_points"),
        "points_avg_home_season": mean(home, "points"),
        "home_games_used_season": len(home),
        "points_avg_away_season": mean(away, "points"),
        "away_games_used_season": len(away),
        "points_avg_vs_opponent_season": mean(against, "points"),
        "vs_opponent_games_used_season": len(against),
    }


def plain_ratings(rows: list[dict]) -> dict:
    """Ratings and pace of a team over games of which the rows know both sides."""
    timed = [{**row, "minutes": 48 + 5 * row["overtime_periods"]} for row in rows]
    offensive = 100 * quotient(rows, "points_scored", "possessions")
    defensive = 100 * quotient(rows, "points_allowed", "possessions")
    return {
        "offensive_rating": offensive,
        "defensive_rating": defensive,
        "net_rating": offensive - defensive,
        "pace": 48 * quotient(timed, "possessions", "minutes"),
        "games_used": len(rows),
    }


def quotient(rows: list[dict], above: str, below: str) -> float:
    """Ratio of two sums over the rows in which both are known."""
    both = [row for row in rows if not pd.isna(row.get(above)) and not pd.isna(row.get(below))]
    total = sum(row[below] for row in both)
    return sum(row[above] for row in both) / total if total else NULL
