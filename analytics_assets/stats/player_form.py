"""What a player's earlier games of the season say before the next one: rest, load, averages, trends, streaks."""

import numpy as np
import pandas as pd

from analytics_assets.stats.prior_games import (
    RECENT_GAMES,
    PriorGames,
    Window,
    days_since_previous_game,
    one_game_a_date,
)

_PLAYER = ["player_lookup"]
# Spec 5.3: at least two full days off.
_RESTED_GAP_DAYS = 3
# Only play-by-play with players on court knows these.
_OF_LINEUPS = ("fourth_quarter_minutes", "clutch_minutes", "fourth_quarter_points")
_MEASURED = ("points", "minutes_played", "usage_rate", "fg_makes", "fg_attempts", "starter_flag", *_OF_LINEUPS)
_COLUMNS = [*_PLAYER, "season_year", "game_date", "opponent_team_abbr", "home_game", *_MEASURED]
_SAMPLE_QUALITY = ((1.0, "excellent"), (0.7, "good"), (0.5, "limited"))


def player_form(targets: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Form of each target's player as of its date, from games he played in its season, for any team, before it.

    Args:
        targets: ``player_lookup``, ``season_year``, ``game_date``, ``opponent_team_abbr``, ``points_line`` (NULL
            without a line).
        history: Rows of ``player_game_summary``; only those with ``played`` enter. The columns that need lineups may
            be absent and are then NULL.

    Returns:
        On the targets' index. A measure of no games is NULL; counts of games are then 0.

        - Rest, in days: ``days_since_last_game``, ``days_rest`` and ``days_rest_before_last_game`` (full days off,
          0 is back to back), ``days_since_2_plus_days_rest`` (since the latest game that followed at least two full
          days off within the season), ``player_played_yesterday``.
        - Load, on the 7 and 14 days before the date: ``games_in_last_7_days``, ``games_in_last_14_days``,
          ``minutes_in_last_7_days``, ``minutes_in_last_14_days``, ``avg_minutes_per_game_last_7``,
          ``back_to_backs_last_14_days`` (pairs of consecutive dates, both in the 14 days).
        - Means per game: ``points_avg_last_5``, ``points_avg_last_10``, ``minutes_avg_last_10``,
          ``avg_usage_rate_last_7_games`` (percent, weighted by minutes: ruling 7 of the specification),
          ``projected_usage_rate`` (percent, mean of the last 10 games: ruling 16),
          ``fourth_quarter_minutes_last_7``, ``clutch_minutes_last_7_games``, ``fourth_quarter_production_last_7``
          (minutes and points, last 7 games); of the season so far ``points_avg_home_season``,
          ``points_avg_away_season``, ``points_avg_vs_opponent_season``, each with its ``..._games_used_season``.
        - ``minutes_trend_last_10``: least-squares slope, minutes per game; NULL under three games.
          ``starter_share_last_10``: a ratio. ``shooting_pct_decline_last_5``: field goal percentage of the season so
          far minus that of the last 5 games, both ratios of sums.
        - ``prop_over_streak``, ``prop_under_streak``: games in a row, back from the last, with points above and below
          today's line; games equal to it neither count nor end a streak.
        - ``l5_games_used``, ``l10_games_used``, ``l5_sample_quality``, ``l10_sample_quality`` (full window
          ``excellent``, from 70 % ``good``, from 50 % ``limited``, else ``insufficient``), ``window_first_date``,
          ``window_last_date`` of the last 10.
    """
    games = _played(history)
    prior = PriorGames(games, targets, _PLAYER)
    recent = prior.last(RECENT_GAMES)
    return pd.DataFrame(
        {
            **_rest(prior, games, targets),
            **_load(prior, games),
            **_averages(prior, recent),
            **_splits(games, targets),
            **_lines(prior, targets["points_line"]),
            "l5_games_used": prior.last(5).games,
            "l10_games_used": recent.games,
            "l5_sample_quality": sample_quality(prior.last(5).games, 5),
            "l10_sample_quality": sample_quality(recent.games, RECENT_GAMES),
            "window_first_date": recent.first_date,
            "window_last_date": recent.last_date,
        },
        index=targets.index,
    )


def sample_quality(games_used: pd.Series, wanted: int) -> pd.Series:
    """How full a window of games is: ``excellent`` when full, from 70 % ``good``, from 50 % ``limited``."""
    share = games_used.astype("float64") / wanted
    conditions = [(share >= floor).to_numpy() for floor, _ in _SAMPLE_QUALITY]
    names = np.select(conditions, [name for _, name in _SAMPLE_QUALITY], default="insufficient")
    return pd.Series(names, index=games_used.index, dtype="string")


def _played(history: pd.DataFrame) -> pd.DataFrame:
    games = history[history["played"].fillna(False).astype(bool)]
    # Nullable floats, so that columns that are not there look like columns without a value.
    games = games.reindex(columns=_COLUMNS).astype(dict.fromkeys(_MEASURED, "Float64")).reset_index(drop=True)
    games = one_game_a_date(games, _PLAYER)
    # Weighted by minutes, a window's usage is one of sums and not of the extremes of short appearances.
    usage_minutes = games["usage_rate"] * games["minutes_played"]
    return games.assign(gap=days_since_previous_game(games, _PLAYER), usage_minutes=usage_minutes)


def _rest(prior: PriorGames, games: pd.DataFrame, targets: pd.DataFrame) -> dict[str, pd.Series]:
    dates = targets["game_date"]
    since_last = _days_between(prior.last(1).last_date, dates)
    rested = PriorGames(games[games["gap"] >= _RESTED_GAP_DAYS], targets, _PLAYER).last(1)
    return {
        "days_since_last_game": since_last,
        "days_rest": since_last - 1,
        "days_rest_before_last_game": prior.last(1).sum("gap").astype("Int64") - 1,
        "days_since_2_plus_days_rest": _days_between(rested.last_date, dates),
        "player_played_yesterday": (since_last == 1).fillna(False),
    }


def _load(prior: PriorGames, games: pd.DataFrame) -> dict[str, pd.Series]:
    week, fortnight = prior.days(7), prior.days(14)
    return {
        "games_in_last_7_days": week.games,
        "games_in_last_14_days": fortnight.games,
        "minutes_in_last_7_days": week.sum("minutes_played"),
        "minutes_in_last_14_days": fortnight.sum("minutes_played"),
        "avg_minutes_per_game_last_7": week.mean("minutes_played"),
        # The first day of the fortnight can only begin a pair.
        "back_to_backs_last_14_days": prior.days(13).count(games["gap"] == 1),
    }


def _averages(prior: PriorGames, recent: Window) -> dict[str, pd.Series]:
    last_5, last_7 = prior.last(5), prior.last(7)
    return {
        "points_avg_last_5": last_5.mean("points"),
        "points_avg_last_10": recent.mean("points"),
        "minutes_avg_last_10": recent.mean("minutes_played"),
        "minutes_trend_last_10": recent.trend("minutes_played"),
        "starter_share_last_10": recent.mean("starter_flag"),
        "avg_usage_rate_last_7_games": last_7.ratio("usage_minutes", "minutes_played"),
        "projected_usage_rate": recent.mean("usage_rate"),
        "shooting_pct_decline_last_5": (
            prior.season().ratio("fg_makes", "fg_attempts") - last_5.ratio("fg_makes", "fg_attempts")
        ),
        "fourth_quarter_minutes_last_7": last_7.mean("fourth_quarter_minutes"),
        "clutch_minutes_last_7_games": last_7.mean("clutch_minutes"),
        "fourth_quarter_production_last_7": last_7.mean("fourth_quarter_points"),
    }


def _splits(games: pd.DataFrame, targets: pd.DataFrame) -> dict[str, pd.Series]:
    at_home = games["home_game"].astype("boolean")
    windows = {
        "home": PriorGames(games[at_home.fillna(False)], targets, _PLAYER).season(),
        "away": PriorGames(games[(~at_home).fillna(False)], targets, _PLAYER).season(),
        "vs_opponent": PriorGames(games, targets, [*_PLAYER, "opponent_team_abbr"]).season(),
    }
    found = {}
    for name, window in windows.items():
        found[f"points_avg_{name}_season"] = window.mean("points")
        found[f"{name}_games_used_season"] = window.games
    return found


def _lines(prior: PriorGames, line: pd.Series) -> dict[str, pd.Series]:
    streaks = prior.season().streaks("points", line)
    return {"prop_over_streak": streaks["above"], "prop_under_streak": streaks["below"]}


def _days_between(earlier: pd.Series, later: pd.Series) -> pd.Series:
    return (later - earlier).dt.days.astype("Int64")
