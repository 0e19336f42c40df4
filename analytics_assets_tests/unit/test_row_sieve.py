"""Finding the scheduled game of a raw row by its two ids."""

import pandas as pd
import pytest

from analytics_assets.raw.row_sieve import scheduled_games
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row

GAMES = interpret_schedule(
    schedule_frame(
        schedule_row("0022300001", "2024-01-10"), schedule_row("0022300002", "2024-01-10", away="MIA", home="DEN")
    )
).games


@pytest.mark.parametrize("dtype", ["string", "object"])
def test_ids_contradict_only_if_both_name_a_game(dtype: str) -> None:
    raw = pd.DataFrame(
        {
            "raw_game_id": ["20240110_BOS_LAL", "20240110_BOS_LAL", "20240110_BOS_LAL", "20240111_BOS_LAL"],
            "raw_nba_id": [None, "0022300001", "0022300002", "0022300001"],
        },
        dtype=dtype,
    )
    found = scheduled_games(raw, GAMES.astype({"nba_game_id": dtype}))
    assert found["id_problem"].fillna("").tolist() == ["", "", "game_ids_contradict", ""]
    assert found["nba_game_id"].tolist() == ["0022300001", "0022300001", "0022300002", "0022300001"]
