"""Builder of ``upcoming_player_game_context``: expected players and facts about their teams to the table's rows."""

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
from analytics_assets.stats.player_form import player_form
from analytics_assets.stats.player_identity import known_players, possible_birth_dates
from analytics_assets.stats.star_players import teammate_absences
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT

WINDOWS = {
    "l5": ("games", 5),
    "l10": ("games", 10),
    "l7d": ("days", 7),
    "l14d": ("days", 14),
    "l30d": ("days", 30),
}
_FEWEST_GAMES = 3
_TEAM = ["game_id", "team_abbr"]
_PLAYER_GAME = ["game_id", "player_lookup"]
_MEDIANS = {
    "median_spread": "game_spread",
    "median_opening_spread": "opening_spread",
    "median_spread_movement": "spread_movement",
    "median_spread_source": "game_spread_source",
    "median_total": "game_total",
    "median_opening_total": "opening_total",
    "median_total_movement": "total_movement",
    "median_total_source": "game_total_source",
    "median_implied_team_total": "implied_team_total",
}
_LINES = [*_MEDIANS, "moneyline", "betting_lines_updated_at"]
_PROPS = {
    "points_line": "current_points_line",
    "opening_line": "opening_points_line",
    "points_line_source": "current_points_line_source",
    "opening_line_source": "opening_points_line_source",
}
# Of the team, under the same names as the player's own.
_TEAM_ONLY = ["games_in_last_7_days", "games_in_last_14_days", "window_first_date", "window_last_date"]
_PRIMARY_SOURCES = {
    "roster": "espn_team_rosters",
    "inferred_roster": "player_game_summary",
    "line": "odds_api_player_points_props",
}
# All that the row looked back on; what follows from these is left out.
_FINGERPRINT = [
    *("team_history_digest", "player_history_digest", "absence_digest", "schedule_digest", "expected_games_count"),
    *("missing_games_count", "opponent_missing_games", *_MEDIANS.values(), "moneyline", "betting_lines_updated_at"),
    *_PROPS.values(),
    *("row_origin", "roster_date", "position", "is_two_way", "universal_player_id", "birth_date"),
]


def build_upcoming_player_game_context(
    *,
    facts: TeamFacts,
    players: pd.DataFrame,
    lines: pd.DataFrame,
    props: pd.DataFrame,
    statuses: pd.DataFrame,
    history: pd.DataFrame,
    registry: pd.DataFrame,
    tracking: pd.DataFrame,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """Rows of ``upcoming_player_game_context``.

    Args:
        facts: Facts about the teams of the dates.
        players: ``ExpectedPlayers.players``: who gets a row.
        lines: ``GameLines.lines``.
        props: ``PointsProps.lines``, as of the games' moments.
        statuses: ``InjuryReports.statuses``.
        history: Rows of ``player_game_summary`` of the season.
        registry: ``player_lookup``, ``season_year``, ``universal_player_id``, ``birth_date``.
        tracking: Source-tracking columns per ``game_id``.
        now: Moment of writing, UTC.

    Returns:
        Frame conformed to the declaration, one row per player and game, ordered by date, player and game.

    Raises:
        SchemaError: The result does not agree with the declaration.
    """
    teams = _team_rows(facts, lines, statuses, history)
    rows = players.merge(teams, on=_TEAM, how="inner", validate="many_to_one")
    rows = rows.merge(props[[*_PLAYER_GAME, *_PROPS]], on=_PLAYER_GAME, how="left")
    rows = _with_registry(rows, registry)
    form = player_form(rows, history)
    rows = _with_rest(rows.rename(columns={"is_back_to_back": "back_to_back"}), form)
    rows = _with_availability(rows.rename(columns=_PROPS), statuses, history)
    rows["time_zone_changes"] = rows["time_zones_crossed"].abs()
    rows["has_prop_line"] = rows["current_points_line"].notna()
    rows["line_movement"] = rows["current_points_line"] - rows["opening_points_line"]
    rows["player_history_digest"] = joined_words([digests_before(rows, history, ["player_lookup"])])
    rows = rows.assign(**history_columns(rows))
    rows["insufficient_data_reason"] = unfilled_windows(
        {"last_5": (rows["l5_games_used"], 5), "last_10": (rows["l10_games_used"], 10)}
    )
    rows["quality_sample_size"] = rows["l10_games_used"]
    rows["primary_source_used"] = _primary_sources(rows)
    rows["quality_used_fallback"] = rows["row_origin"] != "roster"
    rows = rows.assign(**_quality(rows, now)).merge(tracking, on="game_id", how="left")
    return finished(rows, UPCOMING_PLAYER_GAME_CONTEXT, _FINGERPRINT, now)


def _team_rows(facts: TeamFacts, lines: pd.DataFrame, statuses: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    targets = facts.targets
    rows = pd.concat([targets.drop(columns=_TEAM_ONLY), history_of_both_teams(facts, WINDOWS)], axis=1)
    rows = rows.assign(
        team_first_game=rows["days_since_last_game"].isna(),
        absence_digest=joined_words([absence_digests(targets, statuses, history)]),
        previous_game_unknown=_previous_game_unknown(facts, history),
    )
    rows = rows.rename(columns={"days_since_last_game": "days_since_team_game"})
    return rows.merge(lines[[*_TEAM, *_LINES]].rename(columns=_MEDIANS), on=_TEAM, how="left")


def _previous_game_unknown(facts: TeamFacts, history: pd.DataFrame) -> pd.Series:
    """Whether nobody can tell who played in the team's previous game: it is not over, or has no rows yet."""
    key = ["season_year", "team_abbr", "game_date"]
    dates, days = facts.targets["game_date"], facts.targets["days_since_last_game"]
    # Whole numbers, because pandas reads memory that nobody wrote where a fraction of a day is unknown.
    previous = dates - pd.to_timedelta(days.astype("Int64"), unit="D")
    asked = facts.targets[key].assign(game_date=previous)
    told = history[key].drop_duplicates().assign(told=True)
    return days.notna() & asked.merge(told, on=key, how="left")["told"].isna().set_axis(days.index)


def _with_rest(rows: pd.DataFrame, form: pd.DataFrame) -> pd.DataFrame:
    """The rows with the player's form; while the team's previous game is unknown, he rests since that game.

    Source: ruling 16 of the specification.
    """
    unknown, days = rows["previous_game_unknown"], rows["days_since_team_game"]
    form["days_since_last_game"] = form["days_since_last_game"].mask(unknown, days)
    form["days_rest"] = form["days_rest"].mask(unknown, days - 1)
    form["days_rest_before_last_game"] = form["days_rest_before_last_game"].mask(unknown)
    form["player_played_yesterday"] = form["player_played_yesterday"].mask(unknown & (days == 1))
    return pd.concat([rows, form], axis=1)


def _with_registry(rows: pd.DataFrame, registry: pd.DataFrame) -> pd.DataFrame:
    known = known_players(registry[["player_lookup", "season_year", "universal_player_id", "birth_date"]])
    rows = rows.merge(known, on=["player_lookup", "season_year"], how="left")
    rows["birth_date"] = possible_birth_dates(rows["birth_date"], rows["game_date"])
    born, day = rows["birth_date"], rows["game_date"]
    had_birthday = (day.dt.month > born.dt.month) | ((day.dt.month == born.dt.month) & (day.dt.day >= born.dt.day))
    age = (day.dt.year - born.dt.year - (~had_birthday).astype(int)).where(born.notna())
    return rows.assign(player_age=age.astype("Int64"))


def _with_availability(rows: pd.DataFrame, statuses: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    named = statuses[[*_PLAYER_GAME, "injury_status", "injury_report"]]
    rows = rows.merge(named.rename(columns={"injury_status": "player_status"}), on=_PLAYER_GAME, how="left")
    reported = rows["game_id"].isin(statuses["game_id"])
    rows["player_status"] = rows["player_status"].mask(reported & rows["player_status"].isna(), "not_listed")
    return pd.concat([rows, teammate_absences(rows, statuses, history)], axis=1)


def _primary_sources(rows: pd.DataFrame) -> pd.Series:
    source = rows["row_origin"].map(_PRIMARY_SOURCES)
    from_bettingpros = rows["current_points_line_source"].str.startswith("bettingpros").fillna(False).astype(bool)
    return source.mask((rows["row_origin"] == "line") & from_bettingpros, "bettingpros_player_points_props")


def _quality(rows: pd.DataFrame, now: pd.Timestamp) -> dict[str, pd.Series | bool | pd.Timestamp]:
    used, early = rows["l10_games_used"], rows["early_season_flag"].fillna(False).astype(bool)
    reported = rows["player_status"].notna()
    source = rows["current_points_line_source"].fillna("")
    issues = {
        "history_incomplete": rows["missing_games_count"] > 0,
        "opponent_history_incomplete": rows["opponent_missing_games"] > 0,
        "pending_games": rows["pending_games"] > 0,
        "bootstrap": rows["is_bootstrap"],
        "early_season": early,
        "thin_sample": (used < _FEWEST_GAMES) & ~early,
        "roster_inferred": rows["row_origin"] == "inferred_roster",
        "only_a_line": rows["row_origin"] == "line",
        "prop_line_missing": ~rows["has_prop_line"],
        "game_spread_missing": rows["game_spread"].isna(),
        "game_total_missing": rows["game_total"].isna(),
        "injury_report_missing": ~reported,
        "universal_player_id_missing": rows["universal_player_id"].isna(),
        "birth_date_missing": rows["birth_date"].isna(),
        "lineups_unknown": rows["clutch_minutes_last_7_games"].isna() & (used > 0),
        "travel_unknown": rows["travel_miles"].isna(),
        "tipoff_unknown": rows["tipoff_at"].isna(),
        "primetime_unknown": rows["is_primetime"].isna(),
        "neutral_site_unknown": rows["neutral_site"].isna(),
    }
    everyone = pd.Series(True, index=rows.index)
    sources = {
        "nbac_schedule": everyone,
        "espn_team_rosters": rows["roster_date"].notna(),
        "player_game_summary": used > 0,
        "team_offense_game_summary": rows["team_games_used_season"] > 0,
        "team_defense_game_summary": rows["team_games_used_season"] > 0,
        "odds_api_player_points_props": source.str.startswith("odds_api"),
        "bettingpros_player_points_props": source.str.startswith("bettingpros"),
        "odds_api_game_lines": rows["betting_lines_updated_at"].notna(),
        "nbac_injury_report": reported,
        "player_registry": rows["universal_player_id"].notna(),
    }
    concerning = (
        *("history_incomplete", "opponent_history_incomplete", "pending_games"),
        *("game_spread_missing", "game_total_missing", "thin_sample"),
    )
    return quality_columns(rows, issues, concerning, sources, UPCOMING_PLAYER_GAME_CONTEXT, now)
