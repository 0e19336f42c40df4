"""The raw schedule as the project reads it: identity, state, end, what is covered, what is broken."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from analytics_assets.raw.schedule import games_due, interpret_schedule, pair_keys
from analytics_assets_tests.support.raw_rows import moment, schedule_frame, schedule_row

DAY = "2024-01-10"


def game(**changes) -> pd.Series:
    return interpret_schedule(schedule_frame(schedule_row("0022300001", DAY, **changes))).games.iloc[0]


def test_game_is_named_by_date_and_canonical_codes() -> None:
    found = game(away="BRK", home="PHO")
    assert found["game_id"] == "20240110_BKN_PHX"
    assert found[["game_type", "season_year", "counts", "final"]].tolist() == ["regular", 2023, True, True]


@pytest.mark.parametrize(
    ("nba_id", "changes", "counts"),
    [
        ("0022300001", {}, True),
        ("0042300101", {}, True),
        ("0052300101", {}, True),
        ("0062300001", {}, True),
        ("0012300001", {}, False),
        ("0032300001", {"home": "EST", "away": "WST"}, False),
        ("0022300001", {"postponed_status": "postponed"}, False),
        ("0022300001", {"postponed_status": "cancelled"}, False),
        ("0022300001", {"game_status": 1}, True),
    ],
)
def test_which_games_count(nba_id: str, changes: dict, counts: bool) -> None:
    found = interpret_schedule(schedule_frame(schedule_row(nba_id, DAY, **changes)))
    assert found.broken.empty
    assert found.games["counts"].tolist() == [counts]


@pytest.mark.parametrize(
    ("nba_id", "changes", "broken"),
    [
        ("0022300001", {"home": "QQQ"}, True),
        ("0042300301", {"away": "TBD"}, True),
        ("0092300001", {}, True),
        ("0042300301", {"away": "TBD", "postponed_status": "cancelled"}, False),
        ("0012300001", {"home": "MAD"}, False),
    ],
)
def test_games_that_cannot_be_told_are_broken_unless_they_are_none_of_ours(nba_id, changes, broken) -> None:
    found = interpret_schedule(schedule_frame(schedule_row(nba_id, DAY, **changes)))
    assert found.broken["game_id"].tolist() == ([nba_id] if broken else [])
    assert not found.games["counts"].any()


def test_where_and_whether_on_national_television_stays_unknown_unless_told() -> None:
    told = {"arena_name": "Accor Arena", "arena_city": "Paris", "neutral_site_flag": True, "is_primetime": False}
    names = ["arena_name", "arena_city", "neutral_site", "is_primetime"]
    assert game(**told)[names].tolist() == ["Accor Arena", "Paris", True, False]
    assert game()[names].isna().all()


def test_latest_row_of_a_game_wins() -> None:
    moved = schedule_row("0022300001", "2024-02-20", processed_at=moment("2024-03-01"))
    assert interpret_schedule(schedule_frame(moved, schedule_row("0022300001", DAY))).games["game_id"].tolist() == [
        "20240220_BOS_LAL"
    ]


def test_game_ends_two_and_a_half_hours_after_tip_off_or_at_one_in_the_night() -> None:
    assert game(tipoff_at=moment("2024-01-11T00:30"))["ends_at"] == moment("2024-01-11T03:00")
    # Eastern midnight is 05:00 UTC in winter and 04:00 in summer.
    assert game(tipoff_at=None)["ends_at"] == moment("2024-01-11T06:00")
    summer = schedule_row("0042300401", "2024-06-06", tipoff_at=None)
    assert interpret_schedule(schedule_frame(summer)).games["ends_at"].tolist() == [moment("2024-06-07T05:00")]


@pytest.mark.parametrize(
    ("status", "now", "due"),
    [
        (3, datetime(2024, 1, 11, 3, 1, tzinfo=UTC), True),
        (1, datetime(2024, 1, 11, 3, 1, tzinfo=UTC), False),
        (2, datetime(2024, 1, 12, 3, 0, tzinfo=UTC), False),
        (2, datetime(2024, 1, 12, 3, 1, tzinfo=UTC), True),
        (1, datetime(2024, 1, 12, 3, 1, tzinfo=UTC), True),
    ],
)
def test_result_is_due_when_final_or_a_day_after_the_end(status: int, now: datetime, due: bool) -> None:
    games = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY, game_status=status))).games
    assert games_due(games, now).tolist() == [due]


def test_season_comes_from_the_row_or_else_from_the_id() -> None:
    assert game(season_year=None)["season_year"] == 2023


def test_covered_types_are_those_stated_or_else_those_present() -> None:
    found = interpret_schedule(
        schedule_frame(
            schedule_row("0022300001", DAY, covered_game_types=["regular", "playoffs"]),
            schedule_row("0022300002", "2024-01-11", covered_game_types=None),
            schedule_row("0022200001", "2023-01-11", covered_game_types=None),
            schedule_row("0052200101", "2023-04-11", covered_game_types=None),
        )
    ).covered
    phases = found.groupby("season_year")["game_type"].agg(sorted).to_dict()
    assert phases == {2023: ["playoffs", "regular"], 2022: ["play_in", "regular"]}


def test_pair_key_ignores_the_order_of_teams_and_is_null_without_one() -> None:
    days = pd.Series([pd.Timestamp(DAY)] * 3)
    one, other = pd.Series(["BOS", "LAL", "BOS"]), pd.Series(["LAL", "BOS", None])
    found = pair_keys(days, one, other)
    assert found[0] == found[1]
    assert pd.isna(found[2])


def test_empty_schedule() -> None:
    found = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY)).iloc[:0])
    assert (len(found.games), len(found.covered), len(found.broken)) == (0, 0, 0)
