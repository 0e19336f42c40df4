"""One row per team and game with everything both team tables need: own line, opponent's line, rates, issues.

The two team tables are two views of this frame, so that what one team scored is by construction what the other allowed.
"""

import pandas as pd

from analytics_assets.stats import formulas
from analytics_assets.stats.box_names import BOX_NAMES, TABLE_COUNTS
from analytics_assets.stats.shot_detail import PLAY_BY_PLAY_SOURCES, points_by_origin, shot_detail

ISSUE = "issue_"
_REGULATION_PERIODS = 4
_RECONCILED = (
    *("fg_attempted", "fg_made", "three_pt_attempted", "three_pt_made", "ft_attempted", "ft_made"),
    *("offensive_rebounds", "defensive_rebounds", "assists", "steals", "blocks", "personal_fouls"),
)
# The same on both rows of a game.
_OF_GAME = (
    *("nba_game_id", "game_date", "season_year", "game_type", "game_status", "game_status_at_processing"),
    *("referee_crew_id", "overtime_periods", "overtime_source", "is_partial_game_data", "game_completeness_pct"),
)
_STATUSES = {1: "scheduled", 2: "in_progress", 3: "final"}


def build_team_games(
    lines: pd.DataFrame, events: pd.DataFrame, absences: pd.DataFrame, crews: pd.DataFrame
) -> pd.DataFrame:
    """Both teams of every complete game.

    Args:
        lines: Team lines of complete games as ``raw.team_choice.choose_team_lines`` gives them.
        events: Play-by-play per ``game_id`` and ``team_abbr``: the counts of the chosen source with the prefix
            ``pbp_``, ``play_by_play_source``, ``has_events``, ``is_qualified``, ``has_rebounds``,
            ``has_shooting_fouls``, ``periods``, ``tells_assists``, ``tells_free_throws``, ``tells_blocks``,
            ``tells_distances``.
        absences: ``players_inactive`` and ``starters_inactive`` per ``game_id`` and ``team_abbr``.
        crews: ``referee_crew_id`` per ``game_id``.

    Returns:
        One row per team and game: identity, the box counts under the tables' names, zones and points by origin, rates,
        result, absences; what is known about the game (``overtime_periods`` and ``overtime_source``,
        ``is_partial_game_data``, ``game_completeness_pct``, ``game_status_at_processing``); the opponent's columns with
        the prefix ``opp_``; boolean columns with the prefix ``issue_``.
    """
    keys = ["game_id", "team_abbr"]
    rows = lines.reset_index(drop=True).merge(events, on=keys, how="left").merge(absences, on=keys, how="left")
    rows = rows.merge(crews[["game_id", "referee_crew_id"]], on="game_id", how="left")
    differing = _differing_player_sums(rows)
    rows = rows.rename(columns=BOX_NAMES)
    rows["rebounds"] = rows["offensive_rebounds"] + rows["defensive_rebounds"]
    for what in ("attempts", "makes"):
        twos = rows[f"fg_{what}"] - rows[f"three_pt_{what}"]
        # A source with more three-pointers than field goals does not know its two-pointers.
        rows[f"two_pt_{what}"] = twos.where((twos >= 0).fillna(False))
    rows["score"] = rows["team_score"].fillna(rows["points"])
    rows["game_status_at_processing"] = rows["game_status"].map(_STATUSES).fillna("scheduled").astype("string")
    rows["is_partial_game_data"] = rows["game_status_at_processing"] != "final"
    known = rows[list(TABLE_COUNTS)].notna().mean(axis=1)
    rows["game_completeness_pct"] = 100 * known.groupby(rows["game_id"]).transform("mean")
    zones, zone_issues = shot_detail(rows)
    origin, origin_issues = points_by_origin(rows, zones["paint_makes"])
    overtimes = _overtime_periods(rows)
    issues = {**_line_issues(rows), **zone_issues, **origin_issues, **differing}
    issues["overtime_unknown"] = overtimes["overtime_periods"].isna()
    issues["overtime_sources_disagree"] = overtimes.pop("disagree")
    issues["player_sums_differ:minutes"] = _minutes_differ(rows["player_minutes"], overtimes["overtime_periods"])
    flags = pd.DataFrame({f"{ISSUE}{code}": found for code, found in issues.items()}, index=rows.index)
    rows = pd.concat([rows, zones, origin, overtimes, flags], axis=1)
    rows["shot_zones_source"] = (
        rows["play_by_play_source"].map(PLAY_BY_PLAY_SOURCES).where(rows["paint_attempts"].notna()).astype("string")
    )
    return _with_rates(_with_opponent(rows))


def _line_issues(rows: pd.DataFrame) -> dict[str, pd.Series]:
    identity = formulas.points_identity_holds(
        rows["points"], rows["fg_makes"], rows["three_pt_makes"], rows["ft_makes"]
    )
    return {
        "points_identity_broken": ~identity.fillna(True).astype(bool),
        "box_counts_missing": rows[list(TABLE_COUNTS)].isna().any(axis=1),
        "three_pointers_exceed_field_goals": (rows["three_pt_attempts"] > rows["fg_attempts"])
        | (rows["three_pt_makes"] > rows["fg_makes"]),
        "score_unverified": rows["team_score"].isna(),
        "inactive_players_unknown": rows["players_inactive"].isna(),
        "inactive_starters_unknown": rows["starters_inactive"].isna(),
        "referee_crew_unknown": rows["referee_crew_id"].isna(),
    }


def _differing_player_sums(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Counts in which the team box differs from its players' sums; turnovers may, because teams have their own."""
    found = {}
    for name in _RECONCILED:
        differs = (rows[name] != rows[f"player_{name}"]).fillna(False).astype(bool)
        found[f"player_sums_differ:{BOX_NAMES.get(name, name)}"] = differs
    return found


def _overtime_periods(rows: pd.DataFrame) -> pd.DataFrame:
    """Overtime periods of each row's game, which source tells them, and whether sources contradict each other.

    The players' minutes tell first, then the team's own minutes, then the last period of play-by-play. Sums that are
    not 240 + 25 per overtime tell nothing. What one team's line tells holds for both.
    """
    told = {}
    for source, name in (("player minutes", "player_minutes"), ("team minutes", "box_minutes")):
        minutes = rows[name].astype("float64")
        told[source] = formulas.overtime_periods(minutes).where(formulas.team_minutes_add_up(minutes))
    periods = rows["periods"].astype("Int64")
    told["play-by-play"] = (periods - _REGULATION_PERIODS).where((periods >= _REGULATION_PERIODS).fillna(False))
    by_game = pd.DataFrame(told, index=rows.index).astype("Int64").groupby(rows["game_id"])
    # The larger one of both teams: a team whose rows are not all there tells too few, never too many.
    most, fewest = by_game.transform("max").astype("Int64"), by_game.transform("min").astype("Int64")
    chosen = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    source_names = pd.Series(pd.NA, index=rows.index, dtype="string")
    for source in told:
        source_names = source_names.mask(chosen.isna() & most[source].notna(), source)
        chosen = chosen.fillna(most[source])
    return pd.DataFrame(
        {
            "overtime_periods": chosen,
            "overtime_source": source_names,
            "disagree": (most.max(axis=1) != fewest.min(axis=1)).fillna(False).astype(bool),
        }
    )


def _minutes_differ(player_minutes: pd.Series, overtimes: pd.Series) -> pd.Series:
    off = (player_minutes.astype("float64") - formulas.nominal_team_minutes(overtimes)).abs()
    return off > formulas.TEAM_MINUTES_TOLERANCE


def _with_opponent(rows: pd.DataFrame) -> pd.DataFrame:
    identity = ["game_id", "opponent_team_abbr"]
    theirs = rows.drop(columns=[*_OF_GAME, "home_game", "opponent_team_abbr"]).add_prefix("opp_")
    theirs = theirs.rename(columns={"opp_game_id": "game_id", "opp_team_abbr": "opponent_team_abbr"})
    return rows.merge(theirs, on=identity, how="left", validate="one_to_one")


def _with_rates(rows: pd.DataFrame) -> pd.DataFrame:
    possessions = (_possessions(rows, "", "opp_") + _possessions(rows, "opp_", "")) / 2
    possessions = possessions.where(possessions > 0)
    rates = {
        "possessions": possessions,
        f"{ISSUE}possessions_unknown": possessions.isna(),
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
