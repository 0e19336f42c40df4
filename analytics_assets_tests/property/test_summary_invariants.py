"""Generated games through all three summaries: invariants, and what events tell, counted independently."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.raw.declarations import (
    BIGDATABALL_PLAY_BY_PLAY,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    RAW_TABLES,
)
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.generated_games import GeneratedGame, generate_game
from analytics_assets_tests.support.raw_rows import raw_frame, schedule_frame
from analytics_assets_tests.support.summary_invariants import assert_summary_invariants
from analytics_assets_tests.support.warehouses import produce_summaries

PAIRS = (("2024-01-10", "BOS", "LAL"), ("2024-01-10", "MIA", "DEN"), ("2024-01-12", "LAL", "BOS"))
TOLD = {
    "paint_attempts": "paint_attempts",
    "paint_makes": "paint_makes",
    "mid_range_attempts": "mid_range_attempts",
    "mid_range_makes": "mid_range_makes",
    "three_attempts": "three_attempts_pbp",
    "three_makes": "three_makes_pbp",
    "paint_blocks": "paint_blocks",
    "mid_range_blocks": "mid_range_blocks",
    "three_blocks": "three_pt_blocks",
    "assisted": "assisted_fg_makes",
    "and_ones": "and1_count",
}
squads = st.tuples(st.integers(5, 13), st.integers(5, 13))
games = st.tuples(
    *(
        st.builds(
            generate_game,
            seed=st.integers(0, 2**32 - 1),
            day=st.just(day),
            away=st.just(away),
            home=st.just(home),
            overtimes=st.integers(0, 3),
            sizes=squads,
        )
        for day, away, home in PAIRS
    )
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory) -> DuckDBWarehouse:
    found = DuckDBWarehouse(tmp_path_factory.mktemp("generated") / "nba.duckdb")
    found.ensure(*RAW_TABLES)
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(played=games)
def test_generated_games_keep_every_invariant_and_what_their_events_tell(warehouse, played) -> None:
    dates = [date(2024, 1, 10), date(2024, 1, 11), date(2024, 1, 12)]
    rows = {
        NBAC_SCHEDULE: schedule_frame(*(game.schedule(number) for number, game in enumerate(played, start=1))),
        NBAC_GAMEBOOK_PLAYER_STATS: raw_frame(
            NBAC_GAMEBOOK_PLAYER_STATS, [row for game in played for row in game.gamebook()]
        ),
        NBAC_TEAM_BOXSCORE: raw_frame(NBAC_TEAM_BOXSCORE, [row for game in played for row in game.team_box()]),
        BIGDATABALL_PLAY_BY_PLAY: raw_frame(
            BIGDATABALL_PLAY_BY_PLAY, [row for game in played for row in game.play_by_play()]
        ),
    }
    for table, frame in rows.items():
        warehouse.replace_dates(table, frame, dates)
    results = produce_summaries(warehouse, dates, now=datetime(2024, 2, 1, 12, tzinfo=UTC))
    assert {str(r.outcome) for found in results.values() for r in found.values()} == {"built", "off_day"}
    tables = (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)
    players, offense, defense = (warehouse.read(table) for table in tables)
    assert_summary_invariants(players, offense, defense, exact_minutes=True)
    for game in played:
        _assert_told(game, players[players["game_id"] == game.game_id])
        teams = offense[offense["game_id"] == game.game_id].set_index("team_abbr")
        assert (teams["overtime_periods"] == game.overtimes).all()
        for team, names in game.players.items():
            own = sum(game.box[player]["turnovers"] for player in names) + game.team_turnovers[team]
            assert teams.at[team, "turnovers"] == own
            assert teams.at[team, "points_scored"] == game.score(team)


def _assert_told(game: GeneratedGame, rows: pd.DataFrame) -> None:
    rows = rows.set_index("player_lookup")
    for player, seconds in game.seconds.items():
        assert rows.at[player, "minutes_played"] == pytest.approx(seconds / 60)
        for name, column in TOLD.items():
            assert rows.at[player, column] == game.told[player][name], (player, column)
