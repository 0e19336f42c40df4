"""Play-by-play and points props in player rows, from literal reduced and raw rows, through the producer."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from analytics_assets.assets.player_game_summary import PlayerGameSummaryProducer
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    BIGDATABALL_PLAY_BY_PLAY,
    BOX_COUNTS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAY_BY_PLAY,
    NBAC_TEAM_BOXSCORE,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.raw.play_by_play_reduction import PLAY_BY_PLAY_COUNTS, PLAY_BY_PLAY_GAMES
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.validation import broken_rules
from analytics_assets_tests.support.raw_rows import box_rows, moment, schedule_frame, schedule_row, team_rows
from analytics_assets_tests.support.warehouses import inputs_of_rows

DAY = "2024-01-10"
GAME_ID = "20240110_BOS_LAL"
NOW = datetime(2024, 2, 1, 12, tzinfo=UTC)
ZONES = ["paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes", "three_attempts_pbp"]
ZONES += ["three_makes_pbp"]
BLOCKS = ["paint_blocks", "mid_range_blocks", "three_pt_blocks"]
CREATION = ["assisted_fg_makes", "unassisted_fg_makes"]
FROM_EVENTS = [*ZONES, *BLOCKS, *CREATION, "and1_count"]
BENCH = {**box_rows(DAY)[0], "player_lookup": "bench", "player_status": "dnp", "minutes": None, "starter": None}
BENCH |= {**dict.fromkeys(BOX_COUNTS), "plus_minus": None, "dnp_reason": "DNP - Coach's Decision"}
LINEUPS = [*box_rows(DAY), BENCH]


def reduced(role: str, lookup: str, team: str, zone: str, attempts: int, makes: int = 0, **more: int) -> dict[str, Any]:
    zeros = ("assisted_makes", "and_ones", "points", "paint_points", "second_chance_points")
    row = dict.fromkeys((*zeros, "fast_break_points", "second_chance_points_by_rule"), 0)
    row |= {"game_id": GAME_ID, "game_date": pd.Timestamp(DAY), "role": role, "player_lookup": lookup}
    return {**row, "team_abbr": team, "zone": zone, "attempts": attempts, "makes": makes, **more}


def shots_of(lookup: str, team: str, paint: int = 3, mid: int = 1, **more: int) -> list[dict[str, Any]]:
    """The box line of a player told by zone: two makes in the paint, two threes; three of the four assisted."""
    throws = 3 if lookup == "lalplayer0" else 2
    return [
        reduced("shooter", lookup, team, "paint", paint, 2, assisted_makes=1, points=4, **more),
        reduced("shooter", lookup, team, "mid_range", mid),
        reduced("shooter", lookup, team, "three_pt", 4, 2, assisted_makes=2, points=6),
        reduced("shooter", lookup, team, "free_throw", throws, throws, points=throws),
    ]


def play_by_play(changed: Mapping[str, list[dict]] = {}, prefix: str = "", **more: int) -> list[dict[str, Any]]:
    """Counts that add up to the box of every player; ``changed`` replaces the shots of some."""
    rows = []
    for line in box_rows(DAY):
        lookup, team = line["player_lookup"], line["team_abbr"]
        other = "LAL" if team == "BOS" else "BOS"
        rows += changed.get(lookup, shots_of(prefix + lookup, team, **more))
        rows.append(reduced("assister", prefix + lookup, team, "three_pt", 3))
        # Blocks stand with the team that took the shot.
        rows.append(reduced("blocker", prefix + lookup, other, "paint", 1))
    return rows


FACTS = [
    {
        **{"game_id": GAME_ID, "game_date": pd.Timestamp(DAY), "events": 400, "periods": 4, "qualified_events": 0},
        **{"rebounds": 80, "shooting_fouls": 9, "processed_at": moment("2024-01-11T06:00"), "digest": "d"},
    }
]


def line(lookup: str, points: float, clock: str = "23:00", book: str = "draftkings", **more: Any) -> dict[str, Any]:
    """A line of the evening of the game, tip-off at 00:30 UTC."""
    shown = moment(f"2024-01-{11 if clock < '12' else 10}T{clock}")
    identity = {"game_id": GAME_ID, "game_date": pd.Timestamp(DAY), "player_lookup": lookup, "bookmaker": book}
    prices = {"over_price": -115, "under_price": -105, "price": -110, "bet_side": "over"}
    return {**identity, **prices, "points_line": points, "snapshot_timestamp": shown, "processed_at": shown, **more}


def build(
    events: dict[Table, Sequence[dict]] | None = None, odds: Sequence[dict] = (), bettingpros: Sequence[dict] = ()
) -> pd.DataFrame:
    """Built rows by player; ``events`` are reduced counts by play-by-play table."""
    rows = {
        NBAC_GAMEBOOK_PLAYER_STATS: LINEUPS,
        NBAC_TEAM_BOXSCORE: team_rows(DAY),
        ODDS_API_PLAYER_POINTS_PROPS: odds,
        BETTINGPROS_PLAYER_POINTS_PROPS: bettingpros,
    }
    answers = {(table, PLAY_BY_PLAY_COUNTS): counts for table, counts in (events or {}).items()}
    answers |= {(table, PLAY_BY_PLAY_GAMES): FACTS for table in events or {}}
    schedule = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY)))
    inputs = inputs_of_rows(rows, schedule, [date.fromisoformat(DAY)], answers)
    return PlayerGameSummaryProducer().build(inputs, NOW).rows.set_index("player_lookup", drop=False)


def issues(rows: pd.DataFrame, lookup: str = "bosplayer0") -> set[str]:
    """Issues of a player, line-ups left out: no source here has them."""
    return set(rows.at[lookup, "quality_issues"]) - {"lineups_unavailable"}


# Two players whose shots contradict their box lines, although the team's add up.
STRANGE = {"bosplayer1": shots_of("bosplayer1", "BOS", paint=6), "bosplayer2": shots_of("bosplayer2", "BOS", paint=0)}
PROPS = [
    *(line("bosplayer0", points, clock) for points, clock in ((10.5, "20:00"), (11.5, "23:00"), (30.5, "00:45"))),
    line("bosplayer1", 12.0),
    line("bosplayer2", 13.5, "21:00", over_price=100, under_price=-130),
    line("bench", 4.5),
    line("bosplayer3", 14.5, book="prizepicks"),
]


@pytest.fixture(scope="module")
def full() -> pd.DataFrame:
    """Everything is there: two sources of events, of which the second says otherwise, and lines of some players."""
    # The first source gives a shot to a player who did not play.
    first = [*play_by_play(STRANGE), reduced("shooter", "bench", "BOS", "paint", 1)]
    second = play_by_play(paint=2, mid=2, and_ones=7)
    return build({BIGDATABALL_PLAY_BY_PLAY: first, NBAC_PLAY_BY_PLAY: second}, PROPS)


def test_zones_blocks_and_creation_of_a_player_add_up_to_his_box(full) -> None:
    row = full.loc["bosplayer0"]
    assert row[ZONES].tolist() == [3, 2, 1, 0, 4, 2]
    assert row[BLOCKS].tolist() == [1, 0, 0]
    assert row[CREATION].tolist() == [3, 1]
    assert row[["and1_count", "has_complete_shot_zones", "shot_zones_estimated"]].tolist() == [0, True, False]
    assert row["quality_metadata"].endswith('"play_by_play": "bigdataball_play_by_play"}')
    assert issues(full) == {"universal_player_id_missing"}
    assert row[["quality_score", "quality_tier", "data_quality_tier"]].tolist() == [100, "gold", "high"]
    assert broken_rules(full.reset_index(drop=True), PLAYER_GAME_SUMMARY) == []


def test_nothing_comes_from_another_source_than_the_games_one(full) -> None:
    # The second source has two shots in the paint, two from mid-range and seven and-ones for everybody.
    agreeing = full[full["paint_attempts"].notna()]
    assert len(agreeing) == 10
    assert agreeing["paint_attempts"].tolist() == [3] * 10
    assert full["and1_count"].dropna().tolist() == [0] * 10
    assert not full["data_sources"].map(lambda names: "nbac_play_by_play" in names).any()


def test_no_column_is_declared_and_never_filled(full) -> None:
    empty = {name for name in full if full[name].isna().all() and not name.startswith("source_")}
    from_line_ups = {"fourth_quarter_minutes", "clutch_minutes", "fourth_quarter_points"}
    assert empty - from_line_ups == {"quality_sample_size", "universal_player_id", "usage_rate_anomaly_reason"}


@pytest.mark.parametrize("lookup", ["bosplayer1", "bosplayer2"])
def test_player_whose_events_contradict_his_box_keeps_only_the_box(full, lookup: str) -> None:
    # Spec 3.3 #17: box threes beside zones of another source, and box attempts overwritten.
    row = full.loc[lookup]
    assert row[FROM_EVENTS].isna().all()
    assert row[["fg_attempts", "three_pt_attempts", "three_pt_makes", "efg_pct"]].tolist() == [8, 4, 2, 5 / 8]
    told = {"shot_zones_contradict_box", "blocks_by_zone_unavailable", "shot_creation_unavailable"}
    assert issues(full, lookup) == {*told, "and_ones_unavailable", "universal_player_id_missing"}
    assert row["has_complete_shot_zones"] == False  # noqa: E712 - a nullable boolean
    assert "bigdataball_play_by_play" not in row["data_sources"]
    assert (row["quality_score"], row["processed_with_issues"]) == (98, False)


def test_player_who_did_not_play_has_no_zones_and_lacks_none(full) -> None:
    assert full.loc["bench", [*FROM_EVENTS, "has_complete_shot_zones", "shot_zones_estimated"]].isna().all()
    assert issues(full, "bench") == {"universal_player_id_missing"}


def test_numbers_before_play_by_play_lookups_cost_no_zone() -> None:
    # Spec 3.3 #16: zone coverage of a season was nil.
    rows = build({BIGDATABALL_PLAY_BY_PLAY: play_by_play(prefix="203999")})
    assert rows.drop(index="bench")[FROM_EVENTS].notna().all(axis=None)


def test_events_without_distances_leave_zones_null_and_tell_the_rest() -> None:
    counts = [
        {**row, "zone": "unknown" if row["zone"] in ("paint", "mid_range") else row["zone"]} for row in play_by_play()
    ]
    rows = build({NBAC_PLAY_BY_PLAY: counts}).drop(index="bench")
    assert rows[[*ZONES, *BLOCKS]].isna().all(axis=None)
    assert rows[[*CREATION, "and1_count"]].notna().all(axis=None)
    assert issues(rows) >= {"shot_distance_missing", "blocks_by_zone_unavailable"}
    assert rows["data_sources"].map(lambda names: "nbac_play_by_play" in names).all()


def test_events_that_agree_with_no_team_give_nothing_to_anybody() -> None:
    rows = build({BIGDATABALL_PLAY_BY_PLAY: play_by_play({"lalplayer0": []})}).drop(index="bench")
    assert rows[[*FROM_EVENTS, "has_complete_shot_zones"]].isna().all(axis=None)
    assert all("shot_zones_contradict_box" in found for found in rows["quality_issues"])
    assert rows["source_bbd_rows_found"].tolist() == [400] * 12


PROP_COLUMNS = ["points_line", "over_under_result", "margin", "opening_line", "line_movement", "over_price"]


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        # Spec 3.3 #8: the last line before tip-off, not the one of the running game.
        ("bosplayer0", [11.5, "OVER", 0.5, 10.5, 1.0, -115]),
        # Spec 3.3 #7: a push was graded as over.
        ("bosplayer1", [12.0, "PUSH", 0.0, 12.0, 0.0, -115]),
        ("bosplayer2", [13.5, "UNDER", -1.5, 13.5, 0.0, 100]),
        ("bench", [4.5, "VOID", None, 4.5, 0.0, -115]),
        ("bosplayer4", [None] * 6),
    ],
)
def test_line_is_graded_in_four_ways(full, lookup: str, expected: list) -> None:
    found = [None if pd.isna(value) else value for value in full.loc[lookup, PROP_COLUMNS]]
    assert found == expected
    assert ("odds_api_player_points_props" in full.at[lookup, "data_sources"]) == (expected[0] is not None)


def test_line_of_a_daily_fantasy_operator_says_so(full) -> None:
    sources = ["points_line_source", "opening_line_source"]
    assert full.loc["bosplayer0", sources].tolist() == ["odds_api:draftkings"] * 2
    assert full.loc["bosplayer3", sources].tolist() == ["odds_api:prizepicks:daily_fantasy"] * 2


def test_missing_lines_are_an_issue_where_nobody_in_the_game_has_one(full) -> None:
    # Books do not offer everybody.
    assert "points_prop_unavailable" not in issues(full, "bosplayer4")
    # The only line is of the running game.
    rows = build(odds=[line("bosplayer0", 30.5, "00:45")])
    assert rows[PROP_COLUMNS].isna().all(axis=None)
    assert all("points_prop_unavailable" in found for found in rows["quality_issues"])
    assert (rows["source_odds_rows_found"] == 1).all()


def test_second_source_of_lines_serves_who_has_none_in_the_first() -> None:
    rows = build(odds=[line("bosplayer0", 11.5)], bettingpros=[line("bosplayer1", 12.5, opening_line=9.5)])
    assert rows.loc[["bosplayer0", "bosplayer1"], "points_line_source"].tolist() == [
        *("odds_api:draftkings", "bettingpros:draftkings")
    ]
    assert rows.loc["bosplayer1", ["opening_line", "line_movement", "over_under_result"]].tolist() == [
        9.5,
        3.0,
        "UNDER",
    ]
    assert "bettingpros_player_points_props" in rows.at["bosplayer1", "data_sources"]
    assert rows.loc["bosplayer1", ["source_odds_rows_found", "source_bp_rows_found"]].tolist() == [1, 1]
