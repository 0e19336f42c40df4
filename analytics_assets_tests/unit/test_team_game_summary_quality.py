"""How rows of the team tables are judged, where their numbers come from, and how overtime is found."""

import pandas as pd
import pytest

from analytics_assets_tests.support.team_lines import (
    BOS,
    POSSESSIONS,
    absences,
    build,
    build_cases,
    crews,
    issues,
    judged,
    no_events,
    summed_from_players,
    team_events,
    team_lines,
)

TEAM_BOX, GAMEBOOK = "nbac_team_boxscore", "nbac_gamebook_player_stats"


def test_missing_actions_stay_null_and_the_row_is_low() -> None:
    # Spec 2.3 #2: zeros in their place could not be told from real ones, and no row was ever low.
    stored = {"steals": "steals", "blocks": "blocks_total", "defensive_rebounds": "defensive_rebounds"}
    built = build_cases({name: {"lines": team_lines(bos={name: None})} for name in stored})
    for missing, (offense, defense) in built.items():
        assert pd.isna(defense.at["BOS", stored[missing]])
        assert "defensive_actions_missing" in issues(defense, "BOS")
        assert "box_counts_missing" in issues(offense, "BOS")
        assert judged(defense, "BOS")[2:] == judged(offense, "BOS")[2:] == ("low", True)
        assert (offense["game_completeness_pct"] == 100 * 27 / 28).all()
    offense, defense = built["steals"]
    # Nothing that LAL's rows hold is missing.
    assert judged(defense, "LAL") == judged(offense, "LAL") == (100, "gold", "high", False)
    # Without rebounds nobody's possessions are known, and LAL's row lacks what the opponent took.
    offense, defense = built["defensive_rebounds"]
    assert offense[["possessions", "pace", "offensive_rating"]].isna().all(axis=None)
    assert "possessions_unknown" in issues(offense, "LAL")
    assert "box_counts_missing" in issues(defense, "LAL")


SUMMED_BOS = team_lines(bos=summed_from_players(BOS))
NOTHING_ELSE = {"events": no_events(), "who_was_out": absences(None, None), "referees": crews(None)}
QUALITY = {
    "complete box and zones": ({}, 100, "gold", "high"),
    "box only": ({"events": no_events()}, 94, "silver", "medium"),
    "no distances": ({"events": team_events(tells_distances=False)}, 94, "silver", "medium"),
    "contradicting events": ({"events": team_events(bos={"fg_makes": 42})}, 94, "silver", "medium"),
    "incomplete box": ({"lines": team_lines(bos={"assists": None})}, 70, "bronze", "low"),
    "points do not add up": ({"lines": team_lines(bos={"ft_made": 17})}, 85, "silver", "medium"),
    "player sums": ({"lines": SUMMED_BOS}, 85, "silver", "medium"),
    "player sums and nothing else": ({"lines": SUMMED_BOS, **NOTHING_ELSE}, 75, "silver", "medium"),
}


@pytest.fixture(scope="module")
def of_quality() -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """All cases of ``QUALITY``."""
    return build_cases({case: changes for case, (changes, *_) in QUALITY.items()})


@pytest.mark.parametrize("case", QUALITY)
def test_quality_says_high_for_box_and_zones_medium_for_the_box_low_for_less(of_quality, case: str) -> None:
    changes, *expected = QUALITY[case]
    offense, _ = of_quality[case]
    assert list(judged(offense, "BOS")[:3]) == expected
    assert offense.at["BOS", "shot_zones_available"] == ("events" not in changes)


def test_players_sums_in_the_place_of_a_team_box_are_told_wherever_they_count() -> None:
    # Spec 1.3 #14 and 2.3 #4.
    offense, defense = build(team_lines(bos=summed_from_players(BOS)))
    facts = ["primary_source_used", "quality_used_fallback", "quality_reconstructed"]
    for rows in (offense, defense):
        assert rows.loc["BOS", facts].tolist() == [GAMEBOOK, True, True]
        assert {"reconstructed", "team_turnovers_missing"} <= issues(rows, "BOS")
        assert {"opponent_reconstructed", "team_turnovers_missing"} <= issues(rows, "LAL")
    # What LAL allowed is what BOS's players add up to; what LAL did itself is in its own box.
    assert offense.loc["LAL", facts].tolist() == [TEAM_BOX, False, False]
    assert defense.loc["LAL", facts].tolist() == [TEAM_BOX, True, True]
    assert offense.at["BOS", "turnovers"] == defense.at["LAL", "turnovers_forced"] == 12
    assert offense["possessions"].tolist() == pytest.approx([POSSESSIONS - 0.5] * 2)
    assert offense["pace"].tolist() == pytest.approx([POSSESSIONS - 0.5] * 2)


def test_sources_are_raw_tables_that_contributed() -> None:
    # Spec 2.3 #3: a source that did not answer was written as None.
    offense, defense = build()
    everything = [GAMEBOOK, "nbac_play_by_play", "nbac_referee_game_assignments", "nbac_schedule", TEAM_BOX]
    for rows in (offense, defense):
        assert sorted(rows.at["BOS", "data_sources"]) == everything
        assert rows["primary_source_used"].tolist() == [TEAM_BOX] * 2
    lines = team_lines(bos={"player_minutes": None}, lal={"player_minutes": None})
    poor, _ = build(lines, **NOTHING_ELSE)
    assert sorted(poor.at["BOS", "data_sources"]) == ["nbac_schedule", TEAM_BOX]


OVERTIMES = (
    # Minutes of both teams by players, by the team box, last period; overtimes, who told them, any contradiction.
    ((240, 240), (240, 240), 4, 0, "player minutes", False),
    ((265, 265), (265, 265), 5, 1, "player minutes", False),
    # Whole minutes lose up to four.
    ((237, 243), (None, None), None, 0, "player minutes", False),
    ((286, 294), (None, None), None, 2, "player minutes", False),
    # Spec 1.3 #4: unknown minutes are not 240.
    ((None, None), (265, 265), None, 1, "team minutes", False),
    ((None, None), (None, None), 6, 2, "play-by-play", False),
    ((None, None), (None, None), None, None, None, False),
    # One team's minutes hold for the game.
    ((None, 265), (None, None), None, 1, "player minutes", False),
    # Sums that no number of overtimes gives tell nothing, nor do minutes of the game instead of the team.
    ((252, None), (48, 48), 5, 1, "play-by-play", False),
    ((200, 228), (None, None), None, None, None, False),
    # Nor does play-by-play that stops in the third period.
    ((None, None), (None, None), 3, None, None, False),
    # Contradictions are told: of sources, and of the two teams.
    ((240, 240), (240, 240), 5, 0, "player minutes", True),
    ((240, 240), (265, 265), None, 0, "player minutes", True),
    ((240, 265), (None, None), None, 1, "player minutes", True),
)


@pytest.fixture(scope="module")
def of_overtimes() -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """All cases of ``OVERTIMES`` by their text."""
    cases = {}
    for case in OVERTIMES:
        names = ("player_minutes", "box_minutes")
        bos, lal = (dict(zip(names, minutes, strict=True)) for minutes in zip(*case[:2], strict=True))
        cases[str(case)] = {"lines": team_lines(bos, lal), "events": no_events(case[2])}
    return build_cases(cases)


@pytest.mark.parametrize("case", OVERTIMES, ids=str)
def test_overtime_periods(of_overtimes, case: tuple) -> None:
    overtimes, source, disagree = case[3:]
    for rows in of_overtimes[str(case)]:
        pace = rows["pace" if "pace" in rows else "opponent_pace"]
        if overtimes is None:
            assert rows["overtime_periods"].isna().all()
            assert pace.isna().all()
        else:
            assert rows["overtime_periods"].tolist() == [overtimes] * 2
            assert pace.tolist() == pytest.approx([48 * POSSESSIONS / (48 + 5 * overtimes)] * 2)
        # Ratings are per possession: the length of the game plays no part.
        assert rows["possessions"].tolist() == pytest.approx([POSSESSIONS] * 2)
        for team in ("BOS", "LAL"):
            assert ("overtime_unknown" in issues(rows, team)) == (overtimes is None)
            assert ("overtime_sources_disagree" in issues(rows, team)) == disagree
            assert rows.at[team, "processed_with_issues"] >= (disagree or overtimes is None)
        told = "null" if source is None else f'"{source}"'
        assert f'"overtime_periods": {told}' in rows.at["BOS", "quality_metadata"]


def test_minutes_that_do_not_add_up_are_told() -> None:
    offense, _ = build(team_lines(bos={"player_minutes": 252}))
    assert "player_sums_differ:minutes" in issues(offense, "BOS")
    assert "player_sums_differ:minutes" not in issues(offense, "LAL")
    assert offense["overtime_periods"].tolist() == [0, 0]
