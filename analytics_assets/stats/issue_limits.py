"""From which share of a date's rows an issue is worth a warning. Pure.

Codes that are not listed say something about a row and never warn: how a number was estimated, that a season is young,
that a player has played little.
"""

import pandas as pd

_NUMBERS, _HISTORY, _SOURCE, _COMMONLY_ABSENT = 0.05, 0.20, 0.50, 0.90

ISSUE_LIMITS = {
    # The row's own numbers are broken or absent.
    "points_identity_broken": _NUMBERS,
    "minutes_missing": _NUMBERS,
    "box_counts_missing": _NUMBERS,
    "defensive_actions_missing": _NUMBERS,
    "three_pointers_exceed_field_goals": _NUMBERS,
    "player_sums_differ": _NUMBERS,
    "overtime_sources_disagree": _NUMBERS,
    "score_unverified": _NUMBERS,
    "unusual_value": _NUMBERS,
    "shot_zones_contradict_box": _NUMBERS,
    # Earlier games or the player registry have gaps.
    "history_incomplete": _HISTORY,
    "opponent_history_incomplete": _HISTORY,
    "form_missing": _HISTORY,
    "universal_player_id_missing": _HISTORY,
    # A source that most rows normally have is absent.
    "backup_source_used": _SOURCE,
    "reconstructed": _SOURCE,
    "shot_zones_unavailable": _SOURCE,
    "roster_inferred": _SOURCE,
    # A source that many rows lack on any date is absent nearly throughout.
    "points_prop_unavailable": _COMMONLY_ABSENT,
    "prop_line_missing": _COMMONLY_ABSENT,
    "game_spread_missing": _COMMONLY_ABSENT,
    "game_total_missing": _COMMONLY_ABSENT,
    "injury_report_missing": _COMMONLY_ABSENT,
}


def issues_beyond_limits(rows: pd.DataFrame) -> pd.DataFrame:
    """Issues that more rows of a date have than they should.

    Args:
        rows: ``game_date`` and ``quality_issues`` (lists of ``code`` or ``code:detail``).

    Returns:
        One row per date and code beyond its limit: ``game_date``, ``code`` (with its detail), ``share`` of the date's
        rows (0..1); per date the largest share first.
    """
    issues = rows[["game_date", "quality_issues"]].explode("quality_issues").dropna(subset="quality_issues")
    counts = issues.groupby(["game_date", "quality_issues"]).size().rename("rows").reset_index()
    sizes = rows.groupby("game_date").size()
    found = counts.assign(
        code=counts["quality_issues"].astype("string"),
        share=counts["rows"] / counts["game_date"].map(sizes).astype(float),
    )
    limits = found["code"].str.split(":").str[0].map(ISSUE_LIMITS)
    beyond = found[(found["share"] > limits.astype(float)).fillna(False).astype(bool)]
    beyond = beyond.sort_values(["game_date", "share", "code"], ascending=[True, False, True], ignore_index=True)
    return beyond[["game_date", "code", "share"]]
