"""Completeness of history and fingerprints: same window on both sides, strictly before the date."""

import pandas as pd
import pytest

from analytics_assets.stats.history import digests_before, history_completeness

WINDOWS = {"l5": ("games", 5), "l7d": ("days", 7)}


def team_games(*days: str, team: str = "BOS", final: bool = True) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "game_id": [f"{team}{day}" for day in days],
            "season_year": 2023,
            "team_abbr": team,
            "game_date": pd.to_datetime(list(days)),
            "final": final,
        }
    )


def present(*days: str, team: str = "BOS") -> pd.DataFrame:
    return pd.DataFrame({"game_id": [f"{team}{day}" for day in days], "team_abbr": team}, dtype="string")


def target(day: str) -> pd.DataFrame:
    return team_games(day)[["season_year", "team_abbr", "game_date"]]


def only(frame: pd.DataFrame) -> dict:
    assert len(frame) == 1
    return frame.iloc[0].to_dict()


def test_missing_games_count_in_every_window_that_holds_them():
    games = team_games("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-08", "2024-01-10")
    there = present("2024-01-02", "2024-01-03", "2024-01-04", "2024-01-10")
    found = only(history_completeness(target("2024-01-12"), games, there, WINDOWS))
    assert (found["expected_games_count"], found["actual_games_count"], found["missing_games_count"]) == (6, 4, 2)
    assert found["completeness_percentage"] == pytest.approx(100 * 4 / 6)
    assert found["l5_completeness_pct"] == 80
    assert found["l7d_completeness_pct"] == 50
    assert not found["l7d_is_complete"]
    assert not found["is_production_ready"]
    # The game of the first of January lies before anything that is stored.
    assert found["is_bootstrap"]


def test_the_game_of_the_date_itself_counts_on_neither_side():
    games = team_games("2024-01-10", "2024-01-12")
    everything = present("2024-01-10", "2024-01-12")
    found = only(history_completeness(target("2024-01-12"), games, everything, WINDOWS))
    assert (found["expected_games_count"], found["actual_games_count"]) == (1, 1)
    assert found["all_windows_complete"]
    assert found["is_production_ready"]
    assert not found["is_bootstrap"]


def test_games_that_are_not_final_are_not_expected_and_nothing_expected_is_no_percentage():
    found = only(history_completeness(target("2024-01-12"), team_games("2024-01-10", final=False), present(), WINDOWS))
    assert found["expected_games_count"] == 0
    assert pd.isna(found["completeness_percentage"])
    assert pd.isna(found["l5_is_complete"])
    assert found["is_production_ready"]


def test_a_season_without_any_row_is_bootstrap_and_not_ready():
    found = only(history_completeness(target("2024-01-12"), team_games("2024-01-10"), present(), WINDOWS))
    assert found["is_bootstrap"]
    assert not found["is_production_ready"]


def test_fingerprints_change_with_any_earlier_row_and_with_no_other():
    history = team_games("2024-01-01", "2024-01-03", "2024-01-12").assign(data_hash=["a", "b", "c"])
    others = team_games("2024-01-02", team="LAL").assign(data_hash="d")
    earlier_season = team_games("2023-01-01").assign(data_hash="e", season_year=2022)
    asked = target("2024-01-12")
    alone = digests_before(asked, history, ["team_abbr"])
    every = pd.concat([others, earlier_season, history.iloc[::-1]], ignore_index=True)
    assert digests_before(asked, every, ["team_abbr"]).tolist() == alone.tolist()
    later = history.assign(data_hash=["a", "b", "changed"])
    assert digests_before(asked, later, ["team_abbr"]).tolist() == alone.tolist()
    earlier = history.assign(data_hash=["a", "changed", "c"])
    assert digests_before(asked, earlier, ["team_abbr"]).tolist() != alone.tolist()
    assert digests_before(asked, history[:0], ["team_abbr"]).tolist() == [0]
