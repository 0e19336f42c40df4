"""What play-by-play adds to a box line: only what agrees with it, all from one source, else NULL and a reason."""

from typing import Any

import pandas as pd
import pytest

from analytics_assets.stats.shot_detail import points_by_origin, shot_detail

ZONES = ["paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes", "three_attempts_pbp"]
ZONES += ["three_makes_pbp"]
BLOCKS = ["paint_blocks", "mid_range_blocks", "three_pt_blocks"]
CREATION = ["assisted_fg_makes", "unassisted_fg_makes"]
# Six of ten in the paint, three mid-range shots and three threes; two blocks; 21 points with four free throws.
LINE = {
    **{"fg_attempts": 16, "fg_makes": 8, "blocks": 2, "points": 21},
    **{"play_by_play_source": "feed", "has_events": True, "has_shooting_fouls": True},
    **{"tells_assists": True, "tells_free_throws": True, "tells_blocks": True, "tells_distances": True},
    **{"is_qualified": True, "has_rebounds": True},
    **{"pbp_fg_attempts": 16, "pbp_fg_makes": 8, "pbp_points": 21},
    **{"pbp_paint_attempts": 10, "pbp_paint_makes": 6, "pbp_mid_range_attempts": 3, "pbp_mid_range_makes": 1},
    **{"pbp_three_pt_attempts": 3, "pbp_three_pt_makes": 1, "pbp_unknown_zone_attempts": 0},
    **{"pbp_paint_blocks": 1, "pbp_mid_range_blocks": 0, "pbp_three_pt_blocks": 1, "pbp_unknown_zone_blocks": 0},
    **{"pbp_blocks": 2, "pbp_and_ones": 2, "pbp_assisted_makes": 5},
    **{"pbp_paint_points": 14, "pbp_second_chance_points": 6, "pbp_fast_break_points": 4},
    **{"pbp_second_chance_points_by_rule": 7},
}
UNUSED = {"play_by_play_source": None, **{name: None for name in LINE if name.startswith(("pbp_", "tells_"))}}
REASONS = {"shot_zones_unavailable", "shot_zones_contradict_box", "shot_distance_missing"}
REASONS |= {"blocks_by_zone_unavailable", "shot_creation_unavailable", "and_ones_unavailable"}


def rows_of(**changes: Any) -> pd.DataFrame:
    """The line with changes, in the dtypes of the merged frames, under a label that is no position."""
    frame = pd.DataFrame([{**LINE, **changes}], index=[7])
    kinds = {name: "boolean" for name in frame if name.startswith(("has_", "tells_", "is_"))}
    kinds |= {name: "Int64" for name in frame if name.startswith(("pbp_", "fg_")) or name in ("blocks", "points")}
    return frame.astype({**kinds, "play_by_play_source": "string"})


def detail_of(**changes: Any) -> tuple[pd.Series, set[str]]:
    found, issues = shot_detail(rows_of(**changes))
    assert found.index.tolist() == [7]
    return found.loc[7], {code for code, rows in issues.items() if rows.loc[7]}


def is_null(detail: pd.Series, names: list[str]) -> bool:
    """Whether all of the columns are NULL; some of them would be a mistake in itself."""
    missing = detail[names].isna()
    assert missing.nunique() == 1
    return bool(missing.iloc[0])


def test_line_that_agrees_gets_everything_and_no_issue() -> None:
    detail, issues = detail_of()
    assert detail[ZONES].tolist() == [10, 6, 3, 1, 3, 1]
    assert detail[BLOCKS].tolist() == [1, 0, 1]
    assert detail[CREATION].tolist() == [5, 3]
    assert (detail["and1_count"], detail["has_complete_shot_zones"]) == (2, True)
    assert issues == set()


@pytest.mark.parametrize("name", ["fg_attempts", "fg_makes"])
@pytest.mark.parametrize(("off", "agrees"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_zones_need_attempts_and_makes_of_the_box_within_one(name: str, off: int, agrees: bool) -> None:
    detail, issues = detail_of(**{name: LINE[name] + off})
    assert is_null(detail, ZONES) is not agrees
    assert ("shot_zones_contradict_box" in issues) is not agrees
    # Spec 3.3 #17: nothing of a source that contradicts the box may stand beside the box numbers.
    assert is_null(detail, [*BLOCKS, "and1_count"]) is not agrees
    # One attempt more or less leaves zones that do not cover every attempt, or one too many.
    assert detail["has_complete_shot_zones"] == (agrees and name != "fg_attempts")


def test_assisted_and_unassisted_makes_need_exactly_the_makes_of_the_box() -> None:
    detail, issues = detail_of(fg_makes=9)
    assert is_null(detail, CREATION)
    assert issues == {"shot_creation_unavailable"}


def test_blocks_by_zone_need_exactly_the_blocks_of_the_box_and_a_zone_for_each() -> None:
    for changes in ({"blocks": 3}, {"pbp_three_pt_blocks": 0, "pbp_unknown_zone_blocks": 1}):
        detail, issues = detail_of(**changes)
        assert is_null(detail, BLOCKS)
        assert not is_null(detail, ZONES)
        assert issues == {"blocks_by_zone_unavailable"}


@pytest.mark.parametrize(
    "changes",
    [
        {"pbp_mid_range_attempts": 2, "pbp_unknown_zone_attempts": 1},
        # A player who took only threes: without any distance in the feed his two-pointers would be zero by chance.
        {"tells_distances": False},
    ],
)
def test_shot_without_a_distance_leaves_all_zones_null_and_nothing_else(changes: dict) -> None:
    detail, issues = detail_of(**changes)
    assert is_null(detail, ZONES)
    assert "shot_distance_missing" in issues
    assert detail["has_complete_shot_zones"] == False  # noqa: E712 - a nullable boolean
    assert detail[CREATION].tolist() == [5, 3]
    assert detail["and1_count"] == 2


@pytest.mark.parametrize(
    ("changes", "names", "issue"),
    [
        ({"tells_assists": False}, CREATION, "shot_creation_unavailable"),
        ({"tells_free_throws": False}, ["and1_count"], "and_ones_unavailable"),
        # Of a player without a block a feed without blockers says nothing, although the two agree on zero.
        ({"tells_blocks": False, "blocks": 0, "pbp_blocks": 0}, BLOCKS, "blocks_by_zone_unavailable"),
        ({"has_shooting_fouls": False}, ["and1_count"], "and_ones_unavailable"),
    ],
)
def test_what_the_feed_does_not_tell_is_null_not_zero(changes: dict, names: list[str], issue: str) -> None:
    detail, issues = detail_of(**changes)
    assert is_null(detail, names)
    assert issues == {issue}
    assert not is_null(detail, ZONES)


@pytest.mark.parametrize(
    ("has_events", "reason"), [(True, "shot_zones_contradict_box"), (False, "shot_zones_unavailable")]
)
def test_without_a_source_everything_is_null_and_every_reason_is_told(has_events: bool, reason: str) -> None:
    detail, issues = detail_of(**UNUSED, has_events=has_events)
    assert is_null(detail, [*ZONES, *BLOCKS, *CREATION, "and1_count", "has_complete_shot_zones"])
    assert issues == REASONS - {"shot_zones_unavailable", "shot_zones_contradict_box", "shot_distance_missing"} | {
        reason
    }


def test_player_whom_the_events_do_not_mention_has_true_zeros() -> None:
    nothing = {name: None for name in LINE if name.startswith("pbp_")}
    detail, issues = detail_of(**nothing, fg_attempts=0, fg_makes=0, blocks=0)
    assert detail[[*ZONES, *BLOCKS, *CREATION, "and1_count"]].eq(0).all()
    assert issues == set()


def points_of(paint_makes: int | None = 6, **changes: Any) -> tuple[list[int | None], set[str]]:
    rows = rows_of(**changes)
    found, issues = points_by_origin(rows, pd.Series([paint_makes], index=rows.index, dtype="Int64"))
    assert found.columns.tolist() == ["points_in_paint", "second_chance_points", "fast_break_points"]
    numbers = [None if pd.isna(value) else int(value) for value in found.loc[7]]
    return numbers, {code for code, told in issues.items() if told.loc[7]}


UNMARKED = {"is_qualified": False}
BY_RULE = {"points_in_paint_approximated", "second_chance_points_by_rule", "fast_break_points_unavailable"}


@pytest.mark.parametrize(
    ("changes", "numbers", "issues"),
    [
        pytest.param({}, [14, 6, 4], set(), id="as the feed marks them"),
        # The paint of the court is larger than eight feet: marks need no zones.
        pytest.param({"paint_makes": None}, [14, 6, 4], set(), id="marks without distances"),
        pytest.param(UNMARKED, [12, 7, None], BY_RULE, id="without marks two a make, and the order of events"),
        pytest.param(
            {**UNMARKED, "paint_makes": None},
            [None, 7, None],
            BY_RULE - {"points_in_paint_approximated"} | {"points_in_paint_unavailable"},
            id="without marks and distances",
        ),
        pytest.param(
            {**UNMARKED, "has_rebounds": False},
            [12, None, None],
            BY_RULE - {"second_chance_points_by_rule"} | {"second_chance_points_unavailable"},
            id="without marks and rebounds",
        ),
        pytest.param(
            {"points": 22},
            [14, None, None],
            {"second_chance_points_unavailable", "fast_break_points_unavailable"},
            id="a free throw is missing in the events",
        ),
        pytest.param(
            {"points": 23, "fg_makes": 9},
            [None, None, None],
            {
                "points_in_paint_unavailable",
                "second_chance_points_unavailable",
                "fast_break_points_unavailable",
            },
            id="a basket is missing in the events",
        ),
        pytest.param(
            {**UNUSED, "paint_makes": None},
            [None, None, None],
            {
                "points_in_paint_unavailable",
                "second_chance_points_unavailable",
                "fast_break_points_unavailable",
            },
            id="no source",
        ),
    ],
)
def test_points_by_origin(changes: dict, numbers: list, issues: set[str]) -> None:
    assert points_of(**changes) == (numbers, issues)
