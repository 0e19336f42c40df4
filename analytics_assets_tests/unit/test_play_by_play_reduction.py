"""Counts and facts out of literal events, by the SQL as a real DuckDB file runs it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analytics_assets.raw.declarations import BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY
from analytics_assets.raw.play_by_play_reduction import (
    PLAY_BY_PLAY_COUNTS,
    PLAY_BY_PLAY_GAMES,
    count_events,
    summarise_games,
)
from analytics_assets.tables.frames import empty_frame
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.play_by_play_events import (
    GAME_ID,
    by_assist,
    by_block,
    event,
    free_throw,
    rebound,
    shooting_foul,
    three,
    two,
    warehouse_with_events,
)
from analytics_assets_tests.support.raw_rows import moment

LAL = {"player_1_team_abbr": "LAL"}
DATE = date(2024, 1, 10)


def answer(warehouse: DuckDBWarehouse, reduction: Reduction) -> pd.DataFrame:
    return warehouse.reduce(reduction, DATE, DATE)


@pytest.fixture
def counted(tmp_path: Path) -> Callable[..., pd.DataFrame]:
    """Reduces events to counts."""
    return lambda *events: answer(warehouse_with_events(tmp_path, events), count_events(NBAC_PLAY_BY_PLAY))


@pytest.fixture
def facts(tmp_path: Path) -> Callable[..., pd.Series]:
    """Reduces events to the facts of their one game."""

    def reduce(*events: dict) -> pd.Series:
        found = answer(warehouse_with_events(tmp_path, events), summarise_games(NBAC_PLAY_BY_PLAY))
        assert len(found) == 1
        return found.iloc[0]

    return reduce


def total(counts: pd.DataFrame, column: str, team: str = "BOS") -> int:
    return int(counts.loc[(counts["team_abbr"] == team) & (counts["role"] == "shooter"), column].sum())


def counts_by_case(tmp_path_factory, cases: dict[str, tuple[list[dict], int]]) -> pd.DataFrame:
    """Sums over the shots of BOS by case; every case is a game of its own in one table."""
    events = [
        {**row, "game_id": case, "event_order": place}
        for case, (rows, _) in cases.items()
        for place, row in enumerate(rows, start=1)
    ]
    warehouse = warehouse_with_events(tmp_path_factory.mktemp("cases"), events)
    found = answer(warehouse, count_events(NBAC_PLAY_BY_PLAY))
    shots = found[(found["role"] == "shooter") & (found["team_abbr"] == "BOS")]
    return shots.groupby("game_id")[["and_ones", "second_chance_points", "second_chance_points_by_rule"]].sum()


def test_zone_is_told_by_whole_feet_and_without_a_distance_it_is_unknown(counted) -> None:
    # Spec 1.3 #7: a shot without a distance was counted as one from the rim.
    shots = [two("tatum", True, feet) for feet in (0.0, 8.0, 8.9, 9.0, 21.5, None)]
    # A three-pointer is one whatever its distance, also without.
    shots += [three("tatum", False), three("tatum", True, shot_distance=None), three("tatum", False, shot_distance=4.0)]
    found = counted(*shots).set_index("zone")
    assert found[["attempts", "makes"]].to_dict("index") == {
        "paint": {"attempts": 3, "makes": 3},
        "mid_range": {"attempts": 2, "makes": 2},
        "unknown": {"attempts": 1, "makes": 1},
        "three_pt": {"attempts": 3, "makes": 1},
    }
    assert set(found["player_lookup"]) == {"tatum"}
    assert found["points"].to_dict() == {"paint": 6, "mid_range": 4, "unknown": 2, "three_pt": 3}


BASKET, FOUL, THROW = two("tatum", True), shooting_foul("james", "tatum"), free_throw("tatum", "1 of 1")
AND_ONES = {
    "free throw made": ([BASKET, FOUL, THROW], 1),
    "free throw missed": ([BASKET, FOUL, {**THROW, "shot_made": False}], 1),
    "foul written before the basket": ([FOUL, BASKET, THROW], 1),
    "on a three-pointer": ([three("tatum", True), FOUL, THROW], 1),
    "feed does not say who drew the foul": ([BASKET, shooting_foul("james", None), THROW], 1),
    "technical free throw": ([BASKET, FOUL, free_throw("tatum", "technical")], 0),
    "trip of two shots": ([BASKET, FOUL, free_throw("tatum", "1 of 2"), free_throw("tatum", "2 of 2")], 0),
    "foul drawn by another player": ([BASKET, shooting_foul("james", "brown"), THROW], 0),
    "free throw of another player": ([BASKET, FOUL, free_throw("brown", "1 of 1")], 0),
    "no shooting foul": ([BASKET, {**FOUL, "event_sub_type": "personal"}, THROW], 0),
    "no foul": ([BASKET, THROW], 0),
    "missed shot": ([{**BASKET, "shot_made": False}, FOUL, THROW], 0),
    "foul at another clock": ([BASKET, {**FOUL, "seconds_remaining": 590.0}, THROW], 0),
    "same clock of another period": ([BASKET, FOUL, {**THROW, "period": 2}], 0),
    "no clock": ([{**row, "seconds_remaining": None} for row in (BASKET, FOUL, THROW)], 0),
}


@pytest.fixture(scope="module")
def and_ones(tmp_path_factory) -> pd.Series:
    """And-ones by case."""
    return counts_by_case(tmp_path_factory, AND_ONES)["and_ones"]


@pytest.mark.parametrize("case", AND_ONES)
def test_and_one_is_a_basket_with_its_shooting_foul_and_the_shooters_one_free_throw(and_ones, case: str) -> None:
    assert and_ones[case] == AND_ONES[case][1]


def test_and_one_is_found_where_the_foul_names_the_player_by_id_only(counted) -> None:
    named = {"player_1_id": 1628369, "player_1_lookup": "tatum"}
    foul = {**FOUL, "player_2_id": 1628369, "player_2_lookup": None}
    assert total(counted({**BASKET, **named}, foul, {**THROW, **named}), "and_ones") == 1


def test_makes_are_assisted_or_not_and_helpers_are_counted_by_zone_under_the_shooting_team(counted) -> None:
    found = counted(
        two("tatum", True, **by_assist("brown")),
        two("tatum", True, 15.0, **by_assist("brown")),
        two("tatum", True),
        three("tatum", False, **by_block("davis")),
        two("tatum", False, **by_block("davis")),
        two("tatum", False, None, **by_block("davis")),
        # Neither an assist of a miss nor a block of a make is one.
        two("tatum", False, **by_assist("brown")),
        two("tatum", True, **by_block("davis")),
        event("turnover", "tatum", player_2_role="steal", player_2_lookup="davis"),
    )
    assert total(found, "makes") == 4
    assert total(found, "assisted_makes") == 2
    helpers = found[found["role"] != "shooter"].set_index(["role", "player_lookup", "zone"])
    assert helpers["attempts"].to_dict() == {
        ("assister", "brown", "paint"): 1,
        ("assister", "brown", "mid_range"): 1,
        ("blocker", "davis", "three_pt"): 1,
        ("blocker", "davis", "paint"): 1,
        ("blocker", "davis", "unknown"): 1,
    }
    assert set(helpers["team_abbr"]) == {"BOS"}
    assert helpers[["makes", "points", "and_ones", "assisted_makes"]].eq(0).all(axis=None)


def test_points_carry_the_marks_of_the_feed_free_throws_too_and_misses_none(counted) -> None:
    found = counted(
        two("tatum", True, 12.0, qualifiers=["pointsinthepaint", "2ndchance"]),
        two("tatum", False, qualifiers=["pointsinthepaint", "fastbreak"]),
        three("tatum", True, qualifiers=["fastbreak", "fromturnover"]),
        free_throw("tatum", "1 of 2", qualifiers=["2ndchance", "fastbreak"]),
        free_throw("tatum", "2 of 2", made=False, qualifiers=["2ndchance"]),
        # A mark counts as a whole word only.
        two("tatum", True, qualifiers=["notpointsinthepaint", "2ndchancely"]),
    )
    names = ["paint_points", "second_chance_points", "fast_break_points", "points"]
    assert [total(found, name) for name in names] == [2, 3, 4, 8]


MISS, MAKE = two("tatum", False), two("brown", True)
OFFENSIVE, DEFENSIVE = rebound("brown", "offensive"), rebound("brown", "defensive")
MAKE_LAL, MISS_LAL = two("james", True, **LAL), two("james", False, **LAL)


SECOND_CHANCES = {
    "make after an offensive rebound": ([MISS, OFFENSIVE, MAKE], 2),
    "third chance": ([MISS, OFFENSIVE, three("tatum", False), OFFENSIVE, three("tatum", True)], 3),
    "first chance": ([MAKE], 0),
    "dead ball": ([MISS, rebound("tatum", None), MAKE], 0),
    "a basket ends the possession": ([MISS, OFFENSIVE, MAKE, MAKE_LAL, MAKE], 2),
    "a turnover too": ([MISS, OFFENSIVE, event("turnover", "brown"), MISS_LAL, DEFENSIVE, MAKE], 0),
    "and a defensive rebound": (
        [MISS, OFFENSIVE, MISS, rebound("james", "defensive", **LAL), MISS_LAL, DEFENSIVE, MAKE],
        0,
    ),
    "and the end of the period": ([MISS, OFFENSIVE, {**MAKE, "period": 2}], 0),
    "rebound of the other team": ([MISS_LAL, rebound("davis", "offensive", **LAL), MAKE], 0),
    "free throws, the last of which ends it": (
        [MISS, OFFENSIVE, free_throw("brown", "1 of 2"), free_throw("brown", "2 of 2"), MAKE_LAL, MAKE],
        2,
    ),
    "technical free throws never count": ([MISS, OFFENSIVE, free_throw("tatum", "technical"), MAKE], 2),
    "and-one with its free throw": ([MISS, OFFENSIVE, BASKET, FOUL, THROW, MAKE_LAL, MAKE], 3),
    "rebound of a missed and-one throw": ([BASKET, FOUL, {**THROW, "shot_made": False}, OFFENSIVE, MAKE], 2),
}


@pytest.fixture(scope="module")
def second_chances(tmp_path_factory) -> pd.DataFrame:
    """Counts of BOS by case."""
    return counts_by_case(tmp_path_factory, SECOND_CHANCES)


@pytest.mark.parametrize("case", SECOND_CHANCES)
def test_second_chance_points_by_the_order_of_events(second_chances, case: str) -> None:
    assert second_chances.at[case, "second_chance_points_by_rule"] == SECOND_CHANCES[case][1]
    assert second_chances.at[case, "second_chance_points"] == 0


def test_event_written_twice_counts_once_as_it_was_written_last(tmp_path: Path) -> None:
    later = {"processed_at": moment("2024-01-12T05:00")}
    first = [
        two("tatum", True, event_order=1),
        two("tatum", True, event_order=2),
        rebound("brown", None, event_order=3),
    ]
    corrected = [{**row, **later} for row in first]
    corrected[1] = two("brown", False, 20.0, event_order=2, **later)
    warehouse = warehouse_with_events(tmp_path, [*corrected, *first])
    found = answer(warehouse, count_events(NBAC_PLAY_BY_PLAY)).set_index("player_lookup")
    assert found[["zone", "attempts", "makes"]].to_dict("index") == {
        "tatum": {"zone": "paint", "attempts": 1, "makes": 1},
        "brown": {"zone": "mid_range", "attempts": 1, "makes": 0},
    }
    told = answer(warehouse, summarise_games(NBAC_PLAY_BY_PLAY)).iloc[0]
    assert (told["events"], told["processed_at"]) == (3, later["processed_at"])


def test_facts_tell_what_a_feed_knows_about_the_game(facts) -> None:
    told = facts(
        two("tatum", True, qualifiers=["pointsinthepaint"], home_score=0, away_score=2),
        rebound("brown", "offensive", qualifiers=[]),
        rebound("brown", None),
        shooting_foul("james", "tatum", period=5),
        event("foul", "james", event_sub_type="personal", home_score=3, away_score=2),
    )
    expected = {"events": 5, "periods": 5, "qualified_events": 1, "rebounds": 1, "shooting_fouls": 1}
    assert told[[*expected]].to_dict() == expected
    assert (told["home_score"], told["away_score"], told["nba_game_id"]) == (3, 2, "0022300001")


def test_digest_changes_with_any_event_and_not_with_the_order_of_rows(facts) -> None:
    events = [two("tatum", True, event_order=place) for place in (1, 2, 3)]
    digest = facts(*events)["digest"]
    assert facts(*events[::-1])["digest"] == digest
    assert facts(*events[:2])["digest"] != digest
    assert facts(*events[:2], {**events[2], "shot_made": False})["digest"] != digest


def test_games_and_sources_are_kept_apart_and_other_dates_left_out(tmp_path: Path) -> None:
    other = {"game_id": "20240110_MIA_DEN", "player_1_team_abbr": "MIA"}
    outside = {"game_id": "20240111_BOS_LAL", "game_date": pd.Timestamp("2024-01-11")}
    events = [
        two("tatum", True),
        rebound("brown", "offensive"),
        two("butler", True, **other),
        two("x", True, **outside),
    ]
    warehouse = warehouse_with_events(tmp_path, events, BIGDATABALL_PLAY_BY_PLAY)
    found = answer(warehouse, count_events(BIGDATABALL_PLAY_BY_PLAY)).set_index("game_id")
    assert found["player_lookup"].to_dict() == {GAME_ID: "tatum", other["game_id"]: "butler"}
    # The rebound in the first game gives nobody in the second one another chance.
    assert found["second_chance_points_by_rule"].eq(0).all()


def test_source_without_qualifiers_counts_everything_else(tmp_path: Path) -> None:
    warehouse = warehouse_with_events(tmp_path, [two("tatum", True), free_throw("tatum", "1 of 2")])
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("ALTER TABLE nba_raw.nbac_play_by_play DROP COLUMN qualifiers")
    found = answer(warehouse, count_events(NBAC_PLAY_BY_PLAY))
    assert [total(found, name) for name in ("points", "paint_points", "fast_break_points")] == [3, 0, 0]
    assert answer(warehouse, summarise_games(NBAC_PLAY_BY_PLAY))["qualified_events"].tolist() == [0]


def test_table_that_is_empty_or_absent_gives_typed_frames_without_rows(tmp_path: Path) -> None:
    warehouse = warehouse_with_events(tmp_path, [])
    for source in (NBAC_PLAY_BY_PLAY, BIGDATABALL_PLAY_BY_PLAY):
        pd.testing.assert_frame_equal(answer(warehouse, count_events(source)), empty_frame(PLAY_BY_PLAY_COUNTS))
        pd.testing.assert_frame_equal(answer(warehouse, summarise_games(source)), empty_frame(PLAY_BY_PLAY_GAMES))
