"""One row per team and game with everything both team tables need: own line, opponent's line, rates, issues.

The two team tables are two views of this frame, so that what one team scored is by construction what the other allowed.
"""

import pandas as pd

from analytics_assets.stats import formulas
from analytics_assets.stats.box_names import BOX_NAMES
from analytics_assets.stats.shot_detail import PLAY_BY_PLAY_SOURCES, points_by_origin, shot_detail

FIRST_CHOICE_SOURCE = "nbac_team_boxscore"
ISSUE = "issue_"
_REGULATION_PERIODS = 4
# Sums of a team's minutes that are shorter than regulation say nothing about overtime.
_FEWEST_MINUTES = 236.0
_RECONCILED = (
    *("fg_attempted", "fg_made", "three_pt_attempted", "three_pt_made", "ft_attempted", "ft_made"),
    *("offensive_rebounds", "defensive_rebounds", "assists", "steals", "blocks", "personal_fouls"),
)
_STATUSES = {1: "scheduled", 2: "in_progress", 3: "final"}


def build_team_games(
    lines: pd.DataFrame, events: pd.DataFrame, absences: pd.DataFrame, crews: pd.DataFrame
) -> pd.DataFrame:
    """Both teams of every complete game.

    Args:
        lines: Team lines of complete games as ``raw.team_choice.choose_team_lines`` gives them.
        events: Play-by-play per ``game_id`` and ``team_abbr``: the counts of the chosen source with the prefix
            ``pbp_``, ``play_by_play_source``, ``has_events``, ``is_qualified``, ``has_rebounds``, ``periods``,
            ``tells_assists``, ``tells_free_throws``, ``tells_distances``.
        absences: ``players_inactive`` and ``starters_inactive`` per ``game_id`` and ``team_abbr``.
        crews: ``referee_crew_id`` per ``game_id``.

    Returns:
        One row per team and game: identity, the box counts under the tables' names, zones and points by origin, rates,
        result, absences; the opponent's columns with the prefix ``opp_``; boolean columns with the prefix ``issue_``.
    """
    keys = ["game_id", "team_abbr"]
    rows = lines.reset_index(drop=True).merge(events, on=keys, how="left").merge(absences, on=keys, how="left")
    rows = rows.merge(crews[["game_id", "referee_crew_id"]], on="game_id", how="left")
    differing = _differing_player_sums(rows)
    rows = rows.rename(columns=BOX_NAMES)
    rows["rebounds"] = rows["offensive_rebounds"] + rows["defensive_rebounds"]
    rows["two_pt_attempts"] = rows["fg_attempts"] - rows["three_pt_attempts"]
    rows["two_pt_makes"] = rows["fg_makes"] - rows["three_pt_makes"]
    rows["score"] = rows["team_score"].fillna(rows["points"])
    rows["game_status_at_processing"] = rows["game_status"].map(_STATUSES).fillna("scheduled").astype("string")
    zones, zone_issues = shot_detail(rows)
    origin, origin_issues = points_by_origin(rows, zones["paint_makes"])
    overtimes, disagree = _overtime_periods(rows)
    issues = {**_line_issues(rows), **zone_issues, **origin_issues, **differing}
    issues |= {"overtime_unknown": overtimes.isna(), "overtime_sources_disagree": disagree}
    flags = pd.DataFrame({f"{ISSUE}{code}": found for code, found in issues.items()}, index=rows.index)
    rows = pd.concat([rows, zones, origin, flags], axis=1).assign(overtime_periods=overtimes)
    rows["shot_zones_source"] = (
        rows["play_by_play_source"].map(PLAY_BY_PLAY_SOURCES).where(rows["paint_attempts"].notna()).astype("string")
    )
    return _with_rates(_with_opponent(rows))


def _line_issues(rows: pd.DataFrame) -> dict[str, pd.Series]:
    identity = formulas.points_identity_holds(
        rows["points"], rows["fg_makes"], rows["three_pt_makes"], rows["ft_makes"]
    )
    counts = rows[["points", "fg_attempts", "fg_makes", "ft_attempts", "offensive_rebounds", "turnovers"]]
    return {
        "reconstructed": rows["reconstructed"].astype(bool),
        "team_turnovers_missing": rows["reconstructed"].astype(bool),
        "points_identity_broken": ~identity.fillna(True).astype(bool),
        "box_counts_missing": counts.isna().any(axis=1),
        "score_unverified": rows["team_score"].isna(),
        "inactive_players_unknown": rows["players_inactive"].isna(),
        "referee_crew_unknown": rows["referee_crew_id"].isna(),
    }


def _differing_player_sums(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Counts in which the team box differs from its players' sums; turnovers may, because teams have their own."""
    found = {}
    for name in _RECONCILED:
        differs = (rows[name] != rows[f"player_{name}"]).fillna(False).astype(bool)
        found[f"player_sums_differ:{BOX_NAMES.get(name, name)}"] = differs
    return found


def _overtime_periods(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Overtime periods of each row's game, and whether sources contradict each other.

    The players' minutes tell first, then the team's own minutes, then the last period of play-by-play; what one team
    tells holds for both.
    """
    known = []
    for name in ("player_minutes", "box_minutes"):
        minutes = rows[name].astype("float64")
        known.append(formulas.overtime_periods(minutes.where(minutes >= _FEWEST_MINUTES)))
    known.append((rows["periods"].astype("Int64") - _REGULATION_PERIODS).where(rows["periods"] >= _REGULATION_PERIODS))
    # The larger one of both teams: a team whose minutes are short tells too few, never too many.
    per_game = pd.DataFrame(dict(enumerate(known))).groupby(rows["game_id"]).transform("max").astype("Int64")
    told = per_game[0].fillna(per_game[1]).fillna(per_game[2])
    return told, (per_game.nunique(axis=1) > 1)


def _with_opponent(rows: pd.DataFrame) -> pd.DataFrame:
    identity = ["game_id", "opponent_team_abbr"]
    shared = {
        "nba_game_id",
        "game_date",
        "season_year",
        "game_type",
        "home_game",
        "referee_crew_id",
        "overtime_periods",
    }
    theirs = rows.drop(columns=[*shared, "opponent_team_abbr"]).add_prefix("opp_")
    theirs = theirs.rename(columns={"opp_game_id": "game_id", "opp_team_abbr": "opponent_team_abbr"})
    return rows.merge(theirs, on=identity, how="left", validate="one_to_one")


def _with_rates(rows: pd.DataFrame) -> pd.DataFrame:
    possessions = (_possessions(rows, "", "opp_") + _possessions(rows, "opp_", "")) / 2
    rates = {
        "possessions": possessions.where(possessions > 0),
        "pace": formulas.pace(possessions, rows["overtime_periods"]),
        "offensive_rating": formulas.rating(rows["points"], possessions),
        "defensive_rating": formulas.rating(rows["opp_points"], possessions),
        "orb_pct": formulas.rebound_share(rows["offensive_rebounds"], rows["opp_defensive_rebounds"]),
        "drb_pct": formulas.rebound_share(rows["defensive_rebounds"], rows["opp_offensive_rebounds"]),
        "win_flag": rows["score"] > rows["opp_score"],
        "margin_of_victory": rows["score"] - rows["opp_score"],
    }
    for side in ("", "opp_"):
        attempts, free_throws = rows[f"{side}fg_attempts"], rows[f"{side}ft_attempts"]
        makes, threes = rows[f"{side}fg_makes"], rows[f"{side}three_pt_makes"]
        rates[f"{side}ts_pct"] = formulas.true_shooting_pct(rows[f"{side}points"], attempts, free_throws)
        rates[f"{side}efg_pct"] = formulas.effective_field_goal_pct(makes, threes, attempts)
        rates[f"{side}tov_pct"] = formulas.turnover_pct(rows[f"{side}turnovers"], attempts, free_throws)
        rates[f"{side}ft_rate"] = formulas.free_throw_rate(rows[f"{side}ft_makes"], attempts)
    return rows.assign(**rates)


def _possessions(rows: pd.DataFrame, side: str, other: str) -> pd.Series:
    return formulas.possessions(
        rows[f"{side}fg_attempts"],
        rows[f"{side}fg_makes"],
        rows[f"{side}ft_attempts"],
        rows[f"{side}offensive_rebounds"],
        rows[f"{other}defensive_rebounds"],
        rows[f"{side}turnovers"],
    )
