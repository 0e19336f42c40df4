"""Reduced play-by-play: whose counts they are, and which one source of a game is used."""

from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.play_by_play import (
    ChosenPlayByPlay,
    PlayByPlay,
    choose_play_by_play,
    interpret_play_by_play,
)
from analytics_assets.raw.play_by_play_reduction import PLAY_BY_PLAY_COUNTS, PLAY_BY_PLAY_GAMES
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.frames import conform, empty_frame
from analytics_assets_tests.support.raw_rows import moment, schedule_frame, schedule_row

DAY = "2024-01-10"
GAME_ID, OTHER_ID = "20240110_BOS_LAL", "20240110_MIA_DEN"
GAMES = interpret_schedule(
    schedule_frame(schedule_row("0022300001", DAY), schedule_row("0022300002", DAY, away="MIA", home="DEN"))
).games
LISTED = pd.DataFrame(
    {
        "game_id": pd.Series([GAME_ID] * 3, dtype="string"),
        "player_lookup": pd.Series(["jaysontatum", "jaylenbrown", "lebronjames"], dtype="string"),
        "nba_player_id": pd.Series([1628369, 1627759, None], dtype="Int64"),
    }
)
ZEROS = ("makes", "assisted_makes", "and_ones", "points", "paint_points", "second_chance_points")
ZEROS += ("fast_break_points", "second_chance_points_by_rule")


def count(lookup: str | None, attempts: int = 1, team: str = "BOS", **more: Any) -> dict[str, Any]:
    """A reduced row: shots from the paint unless changed."""
    identity = {"game_id": GAME_ID, "game_date": pd.Timestamp(DAY), "team_abbr": team, "player_lookup": lookup}
    return {**identity, "role": "shooter", "zone": "paint", "attempts": attempts, **dict.fromkeys(ZEROS, 0), **more}


def fact(game_id: str = GAME_ID, **more: Any) -> dict[str, Any]:
    """A game of which everything is told."""
    told = {"events": 400, "periods": 4, "qualified_events": 90, "rebounds": 80, "shooting_fouls": 20}
    written = {"digest": "d", "processed_at": moment("2024-01-11T05:00")}
    return {"game_id": game_id, "game_date": pd.Timestamp(DAY), **told, **written, **more}


def interpret(counts: list[dict], facts: list[dict] | None = None, source: str = "feed") -> PlayByPlay:
    facts = [fact()] if facts is None else facts
    frames = [
        conform(pd.DataFrame(rows), table) if rows else empty_frame(table)
        for rows, table in ((counts, PLAY_BY_PLAY_COUNTS), (facts, PLAY_BY_PLAY_GAMES))
    ]
    return interpret_play_by_play(frames[0], frames[1], source, GAMES, LISTED)


def attempts_by_player(found: PlayByPlay) -> dict[tuple[str, str], int]:
    return found.players.set_index(["team_abbr", "player_lookup"])["fg_attempts"].to_dict()


@pytest.mark.parametrize(
    "identity",
    [
        {"game_id": "20240110_LAL_BOS"},
        {"game_id": "0022300001"},
        {"game_id": GAME_ID, "nba_game_id": "0022300001"},
    ],
)
def test_every_spelling_of_a_game_is_the_schedules_game(identity: dict) -> None:
    found = interpret([count("jaysontatum", **identity)], [fact(**identity)])
    assert found.players["game_id"].tolist() == found.games["game_id"].tolist() == [GAME_ID]
    assert found.refused.empty


def test_game_that_is_there_under_two_ids_counts_once_as_it_was_written_last() -> None:
    reverse = {"game_id": "20240110_LAL_BOS"}
    later = {"processed_at": moment("2024-01-12T05:00"), "events": 401}
    found = interpret([count("jaysontatum", 9), count("jaysontatum", 8, **reverse)], [fact(**reverse, **later), fact()])
    assert attempts_by_player(found) == {("BOS", "jaysontatum"): 8}
    assert found.games["events"].tolist() == [401]
    assert found.refused["reason"].tolist() == ["duplicate_superseded"]


@pytest.mark.parametrize(
    ("player", "lookup"),
    [
        # Spec 3.3 #16: a season of lookups with a number in front left every zone empty.
        ({"player_lookup": "1628369jaysontatum"}, "jaysontatum"),
        ({"player_lookup": "1628369_Jayson Tatum"}, "jaysontatum"),
        ({"player_lookup": "jaysontatum"}, "jaysontatum"),
        ({"player_lookup": None, "player_id": 1628369}, "jaysontatum"),
        ({"player_lookup": "jtatum", "player_id": 1628369}, "jaysontatum"),
        # An id that no box score lists leaves the name.
        ({"player_lookup": "lebronjames", "player_id": 2544}, "lebronjames"),
        ({"player_lookup": None, "player_id": 2544}, None),
    ],
)
def test_player_is_the_one_whom_the_box_scores_list(player: dict, lookup: str | None) -> None:
    found = interpret([count(None, **player)]).players["player_lookup"].tolist()
    assert [None if pd.isna(name) else name for name in found] == [lookup]


def test_rows_of_one_player_under_several_names_and_zones_are_summed() -> None:
    found = interpret(
        [
            count("999jaysontatum", 4, makes=3, assisted_makes=2, and_ones=1, points=6),
            count("jaysontatum", 2, zone="mid_range", makes=1, points=2),
            count(None, 3, player_id=1628369, zone="three_pt", makes=1, points=3),
            count("jaysontatum", 1, zone="unknown"),
            count("jaysontatum", 5, zone="free_throw", makes=4, points=4),
            count("jaysontatum", 2, role="assister", zone="three_pt"),
            count("jaylenbrown", 7),
        ]
    )
    row = found.players.set_index("player_lookup").loc["jaysontatum"]
    expected = {
        **{"fg_attempts": 10, "fg_makes": 5, "ft_attempts": 5, "ft_makes": 4, "points": 15},
        **{"paint_attempts": 4, "paint_makes": 3, "mid_range_attempts": 2, "mid_range_makes": 1},
        **{"three_pt_attempts": 3, "three_pt_makes": 1, "unknown_zone_attempts": 1, "unknown_zone_makes": 0},
        **{"assists": 2, "assisted_makes": 2, "and_ones": 1, "blocks": 0},
    }
    assert row[[*expected]].to_dict() == expected
    assert found.teams.set_index("team_abbr").at["BOS", "fg_attempts"] == 17


def test_block_belongs_to_the_other_team_by_the_zone_of_the_shot() -> None:
    blocked = {"role": "blocker"}
    rows = [count("lebronjames", 2, **blocked), count("lebronjames", 1, zone="three_pt", **blocked)]
    row = interpret([*rows, count("jaysontatum", 6)]).players.set_index("player_lookup").loc["lebronjames"]
    assert row[["team_abbr", "blocks", "paint_blocks", "mid_range_blocks", "three_pt_blocks"]].tolist() == [
        *("LAL", 3, 2, 0, 1)
    ]
    assert row["fg_attempts"] == 0


def test_unknown_games_and_teams_are_refused_with_their_reason_and_others_stay() -> None:
    stranger = {"game_id": "20240110_BOS_MIA"}
    found = interpret(
        [count("jaysontatum"), count("x", team="MIA"), count("y", team="QQQ"), count("z", **stranger)],
        [fact(), fact(**stranger)],
    )
    assert attempts_by_player(found) == {("BOS", "jaysontatum"): 1}
    reasons = {"game_not_in_schedule", "team_not_in_game", "unknown_tricode"}
    assert set(found.refused["reason"]) == reasons
    assert len(found.refused) == 3
    assert set(found.refused["source_table"]) == {"feed"}


def test_source_without_rows_tells_nothing() -> None:
    found = interpret([], [])
    assert found.players.empty
    assert found.teams.empty
    assert found.games.empty


BOX = {("BOS", GAME_ID): 80, ("LAL", GAME_ID): 85, ("MIA", OTHER_ID): 80, ("DEN", OTHER_ID): 85}
TEAMS = pd.DataFrame(
    [
        {"game_id": game, "team_abbr": team, "fg_attempts": shots, "ft_attempts": 20, "assists": 25}
        for (team, game), shots in BOX.items()
    ]
).astype({"game_id": "string", "team_abbr": "string"})


def team_rows(team: str, shots: int, game: str = GAME_ID, unknown: int = 0, assists: int = 25, throws: int = 20):
    """Reduced rows of one team that add up to these numbers."""
    of = {"team": team, "game_id": game}
    return [
        count("a", shots - unknown, **of),
        *([count("a", unknown, zone="unknown", **of)] if unknown else []),
        *([count("b", assists, role="assister", **of)] if assists else []),
        *([count("a", throws, zone="free_throw", **of)] if throws else []),
    ]


def feed(name: str, bos: int = 80, lal: int = 85, **more: Any) -> PlayByPlay:
    """A source of the first game in which the teams took this many shots."""
    return interpret([*team_rows("BOS", bos, **more), *team_rows("LAL", lal, **more)], source=name)


def chosen_source(*sources: PlayByPlay) -> str | None:
    games = choose_play_by_play(sources, TEAMS).games.set_index("game_id")
    name = games.at[GAME_ID, "play_by_play_source"]
    return None if pd.isna(name) else name


@pytest.mark.parametrize(
    ("bos", "lal", "used"),
    [(80, 85, True), (81, 85, True), (79, 86, True), (82, 85, False), (80, 83, False), (78, 87, False)],
)
def test_source_is_used_if_it_differs_from_the_box_by_at_most_one_shot_of_either_team(bos, lal, used) -> None:
    assert chosen_source(feed("one", bos, lal)) == ("one" if used else None)


@pytest.mark.parametrize(
    ("first", "second", "used"),
    [
        ({}, {}, "first"),
        # Closer is not better: within one, the order decides.
        ({"bos": 81}, {}, "first"),
        ({"bos": 83}, {}, "second"),
        ({"unknown": 1}, {}, "second"),
        ({"unknown": 1}, {"unknown": 60}, "first"),
        ({"unknown": 80}, {"lal": 90}, "first"),
        ({"bos": 83}, {"lal": 90}, None),
    ],
)
def test_source_that_knows_every_zone_comes_first_then_the_order_given(first: dict, second: dict, used) -> None:
    assert chosen_source(feed("first", **first), feed("second", **second)) == used


def test_source_that_lacks_a_team_is_not_used() -> None:
    assert chosen_source(interpret(team_rows("BOS", 80), source="half")) is None


def two_games() -> ChosenPlayByPlay:
    """The first source has both games and contradicts the box in the second one."""
    other = {"game": OTHER_ID}
    first = [
        *team_rows("BOS", 80),
        *team_rows("LAL", 85),
        *team_rows("MIA", 70, **other),
        *team_rows("DEN", 85, **other),
    ]
    second = [
        *team_rows("BOS", 81),
        *team_rows("LAL", 86),
        *team_rows("MIA", 79, **other),
        *team_rows("DEN", 84, **other),
    ]
    facts = [fact(), fact(OTHER_ID, periods=5, qualified_events=0, rebounds=0, shooting_fouls=0)]
    return choose_play_by_play(
        [
            interpret(first, [fact(), fact(OTHER_ID)], source="first"),
            interpret(second, facts, source="second"),
        ],
        TEAMS,
    )


def test_all_numbers_of_a_game_come_from_its_one_source() -> None:
    found = two_games()
    assert found.games.set_index("game_id")["play_by_play_source"].to_dict() == {GAME_ID: "first", OTHER_ID: "second"}
    expected = {"BOS": 80, "LAL": 85, "MIA": 79, "DEN": 84}
    for rows in (found.teams, found.players.groupby("team_abbr", as_index=False)["fg_attempts"].sum()):
        assert rows.set_index("team_abbr")["fg_attempts"].to_dict() == expected
    # Facts of the game are those of its source too.
    told = ["is_qualified", "has_rebounds", "has_shooting_fouls", "periods"]
    games = found.games.set_index("game_id")[told]
    assert games.loc[GAME_ID].tolist() == [True, True, True, 4]
    assert games.loc[OTHER_ID].tolist() == [False, False, False, 5]


def test_without_a_usable_source_there_are_no_numbers_but_what_is_known_is_told() -> None:
    contradicting = [feed("first", 70), interpret(team_rows("BOS", 50), [fact(periods=6)], source="second")]
    found = choose_play_by_play(contradicting, TEAMS)
    assert found.teams.empty
    assert found.players.empty
    games = found.games.set_index("game_id")
    assert games["play_by_play_source"].isna().all()
    assert games["has_events"].to_dict() == {GAME_ID: True, OTHER_ID: False}
    # The last period needs no box score.
    assert games.at[GAME_ID, "periods"] == 6
    assert pd.isna(games.at[OTHER_ID, "periods"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, (True, True, True)),
        ({"assists": 24, "throws": 21}, (True, True, True)),
        ({"assists": 23}, (False, True, True)),
        ({"assists": 0, "throws": 0}, (False, False, True)),
        ({"unknown": 1}, (True, True, True)),
        ({"unknown": 80}, (True, True, True)),  # five shots of LAL have a distance
    ],
)
def test_what_a_source_tells_is_seen_against_the_box_score(changes: dict, told: tuple) -> None:
    found = choose_play_by_play([feed("one", **changes)], TEAMS).teams
    rows = found[["tells_assists", "tells_free_throws", "tells_distances"]].to_numpy().tolist()
    assert rows == [list(told)] * 2


def test_feed_without_any_distance_tells_none_even_of_threes() -> None:
    rows = [
        count("a", shots, team=team, zone=zone)
        for team, zone, shots in (("BOS", "unknown", 50), ("BOS", "three_pt", 30), ("LAL", "unknown", 85))
    ]
    found = choose_play_by_play([interpret(rows, source="one")], TEAMS)
    assert found.teams["tells_distances"].tolist() == [False, False]


def test_no_expected_teams_choose_nothing() -> None:
    found = choose_play_by_play([feed("one")], TEAMS.iloc[:0])
    assert found.games.empty
    assert found.teams.empty
    assert found.players.empty


def test_one_blocker_in_a_game_shows_that_the_feed_tells_blocks_of_both_teams() -> None:
    shots = [*team_rows("BOS", 80), *team_rows("LAL", 85)]
    without = choose_play_by_play([interpret(shots, source="one")], TEAMS)
    assert without.teams["tells_blocks"].tolist() == [False, False]
    blocked = count("c", 1, team="BOS", zone="paint", role="blocker")
    found = choose_play_by_play([interpret([*shots, blocked], source="one")], TEAMS)
    assert found.teams["tells_blocks"].tolist() == [True, True]
