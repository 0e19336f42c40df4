"""What both context tables say about their own history: windows that are not full, lists of what is missing."""

import pandas as pd

from analytics_assets.stats.game_context import history_columns, unfilled_windows


def counts(*values: int) -> pd.Series:
    return pd.Series(values, dtype="Int64")


def test_a_window_is_named_while_it_is_not_full() -> None:
    found = unfilled_windows({"last_5": (counts(5, 5, 4, 0), 5), "last_10": (counts(10, 7, 4, 0), 10)})
    assert pd.isna(found[0])
    expected = ["last_10:7_games", "last_5:4_games; last_10:4_games", "last_5:0_games; last_10:0_games"]
    assert found[1:].tolist() == expected


def test_every_kind_of_missing_game_is_listed_with_its_number() -> None:
    rows = pd.DataFrame(
        {
            "missing_games_count": counts(0, 1, 2, 0, 1, 0),
            "opponent_missing_games": counts(0, 0, 1, 3, 0, 0),
            "pending_games": counts(0, 0, 1, 0, 0, 1),
            "expected_games_count": counts(0, 4, 20, 20, 20, 9),
            "is_production_ready": [True, False, False, False, True, True],
            "team_first_game": [True, False, False, False, False, False],
            "is_bootstrap": [False, True, False, False, False, False],
        }
    )
    found = history_columns(rows)
    assert found["data_quality_issues"].tolist() == [
        [],
        ["missing_games:1"],
        ["missing_games:2", "opponent_missing_games:1", "pending_games:1"],
        ["opponent_missing_games:3"],
        ["missing_games:1"],
        ["pending_games:1"],
    ]
    ready = "every window of both teams has at least 90 percent of its games"
    assert found["processing_decision_reason"].tolist() == [
        "no earlier game of the season is over",
        "1 of 4 earlier games lack rows",
        "2 of 20 earlier games lack rows",
        "3 earlier games of the opponent lack rows",
        ready,
        ready,
    ]
    assert found["season_boundary_detected"].tolist() == rows["team_first_game"].tolist()
    assert found["backfill_bootstrap_mode"].tolist() == rows["is_bootstrap"].tolist()
