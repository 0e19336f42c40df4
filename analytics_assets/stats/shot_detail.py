"""What play-by-play adds to a box score line, of a player or a team: shot zones, and-ones, assisted makes.

Play-by-play never changes a box number. What it adds is given only where it agrees with the box score, all of it from
one source; elsewhere it is NULL and an issue says why.
"""

import pandas as pd

# A source may miss or add one attempt.
ATTEMPTS_TOLERANCE = 1

_ZONE_COLUMNS = {
    "paint_attempts": "pbp_paint_attempts",
    "paint_makes": "pbp_paint_makes",
    "mid_range_attempts": "pbp_mid_range_attempts",
    "mid_range_makes": "pbp_mid_range_makes",
    "three_attempts_pbp": "pbp_three_pt_attempts",
    "three_makes_pbp": "pbp_three_pt_makes",
}
_BLOCK_COLUMNS = {
    "paint_blocks": "pbp_paint_blocks",
    "mid_range_blocks": "pbp_mid_range_blocks",
    "three_pt_blocks": "pbp_three_pt_blocks",
}
PLAY_BY_PLAY_SOURCES = {"bigdataball_play_by_play": "bigdataball", "nbac_play_by_play": "nbac_pbp"}


def shot_detail(rows: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Zones, blocks by zone, and-ones and shot creation, where they agree with the box score.

    A line whose attempts or makes differ from the box score by more than one gets nothing at all. Beyond that, shot
    creation needs the same makes and blocks by zone the same blocks as the box score.

    Args:
        rows: Box lines with ``fg_attempts``, ``fg_makes`` and ``blocks``; ``play_by_play_source`` (NULL where no source
            of the game can be used), ``has_events`` (whether any source has events of the game), ``tells_assists``,
            ``tells_free_throws``, ``tells_blocks``, ``tells_distances`` and ``has_shooting_fouls`` (whether the source
            has them), and the counts of the source with the prefix ``pbp_`` (NULL or 0 where the line has none).

    Returns:
        Frame on the same index: ``paint_attempts``, ``paint_makes``, ``mid_range_attempts``, ``mid_range_makes``,
        ``three_attempts_pbp``, ``three_makes_pbp``, ``paint_blocks``, ``mid_range_blocks``, ``three_pt_blocks``,
        ``and1_count``, ``assisted_fg_makes``, ``unassisted_fg_makes``, ``has_complete_shot_zones``; and the issues
        found, code to boolean series.
    """
    used = rows["play_by_play_source"].notna()
    events = rows.filter(regex="^pbp_").fillna(0).astype("Int64")
    attempts_agree = _close(events["pbp_fg_attempts"], rows["fg_attempts"], ATTEMPTS_TOLERANCE)
    makes_agree = _close(events["pbp_fg_makes"], rows["fg_makes"], ATTEMPTS_TOLERANCE)
    agree = used & attempts_agree & makes_agree
    # Without any distance in the game, nobody's zones are known, not even of a player who only took threes.
    distances = _true(rows["tells_distances"])
    zones_known = distances & (events["pbp_unknown_zone_attempts"] == 0)
    has_zones = agree & zones_known
    same_blocks = _close(events["pbp_blocks"], rows["blocks"], 0)
    told_blocks = distances & _true(rows["tells_blocks"])
    block_zones = agree & told_blocks & (events["pbp_unknown_zone_blocks"] == 0) & same_blocks
    creation = agree & _true(rows["tells_assists"]) & _close(events["pbp_fg_makes"], rows["fg_makes"], 0)
    and_ones = agree & _true(rows["tells_free_throws"]) & _true(rows["has_shooting_fouls"])
    complete = has_zones & _close(events["pbp_fg_attempts"], rows["fg_attempts"], 0)
    columns = {name: events[source].where(has_zones) for name, source in _ZONE_COLUMNS.items()}
    columns |= {name: events[source].where(block_zones) for name, source in _BLOCK_COLUMNS.items()}
    columns["and1_count"] = events["pbp_and_ones"].where(and_ones)
    columns["assisted_fg_makes"] = events["pbp_assisted_makes"].where(creation)
    columns["unassisted_fg_makes"] = (events["pbp_fg_makes"] - events["pbp_assisted_makes"]).where(creation)
    columns["has_complete_shot_zones"] = complete.astype("boolean").where(used)
    has_events = _true(rows["has_events"])
    issues = {
        "shot_zones_unavailable": ~has_events,
        "shot_zones_contradict_box": has_events & ~agree,
        "shot_distance_missing": agree & ~zones_known,
        "blocks_by_zone_unavailable": ~block_zones,
        "shot_creation_unavailable": ~creation,
        "and_ones_unavailable": ~and_ones,
    }
    return pd.DataFrame(columns, index=rows.index), issues


def points_by_origin(rows: pd.DataFrame, paint_makes: pd.Series) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Points in the paint, second-chance and fast-break points of teams.

    The feed's marks reproduce official boxes exactly. Without marks, points in the paint are two for every make from at
    most 8 feet (on average 4.8 a game too low) and second-chance points come from the order of rebounds and shots.

    Args:
        rows: As for :func:`shot_detail`, and ``points``, ``is_qualified`` (whether the source marks points) and
            ``has_rebounds`` (whether it tells rebounds).
        paint_makes: Makes in the paint, NULL where zones are unknown.

    Returns:
        ``points_in_paint``, ``second_chance_points``, ``fast_break_points`` on the same index, NULL where unknown; and
        the issues found.
    """
    used = rows["play_by_play_source"].notna()
    marked = used & _true(rows["is_qualified"])
    complete = _close(rows["pbp_points"], rows["points"], 0)
    same_makes = _close(rows["pbp_fg_makes"], rows["fg_makes"], 0)
    from_marks, from_order = marked & complete, used & ~marked & complete & _true(rows["has_rebounds"])
    approximated = used & ~marked & paint_makes.notna()
    paint = rows["pbp_paint_points"].where(marked & same_makes)
    second_chance = rows["pbp_second_chance_points"].where(from_marks)
    columns = {
        "points_in_paint": paint.mask(approximated, 2 * paint_makes),
        "second_chance_points": second_chance.mask(from_order, rows["pbp_second_chance_points_by_rule"]),
        "fast_break_points": rows["pbp_fast_break_points"].where(from_marks),
    }
    found = pd.DataFrame(columns, index=rows.index).astype("Int64")
    issues = {
        "points_in_paint_unavailable": found["points_in_paint"].isna(),
        "points_in_paint_approximated": approximated,
        "second_chance_points_unavailable": found["second_chance_points"].isna(),
        "second_chance_points_by_rule": from_order,
        "fast_break_points_unavailable": found["fast_break_points"].isna(),
    }
    return found, issues


def _close(one: pd.Series, other: pd.Series, tolerance: int) -> pd.Series:
    return ((one.astype("Float64") - other.astype("Float64")).abs() <= tolerance).fillna(False).astype(bool)


def _true(values: pd.Series) -> pd.Series:
    return values.astype("boolean").fillna(False).astype(bool)
