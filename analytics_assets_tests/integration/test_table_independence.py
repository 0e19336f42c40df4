"""A fault in one source costs what depends on it and nothing else; the next source stands in at team level."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    BIGDATABALL_PLAY_BY_PLAY,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
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
from analytics_assets_tests.support.warehouses import produce_summaries

DAY = date(2024, 1, 10)
NOW = datetime(2024, 2, 1, 12, tzinfo=UTC)
GAME = generate_game(5, DAY.isoformat(), "BOS", "LAL", overtimes=1, sizes=(9, 10))
TABLES = (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)


def raw_rows(game: GeneratedGame = GAME) -> dict:
    """Good rows of every source of one game; NBA.com's box lists what the gamebook lists."""
    return {
        NBAC_SCHEDULE: [game.schedule(1)],
        NBAC_GAMEBOOK_PLAYER_STATS: game.gamebook(),
        NBAC_PLAYER_BOXSCORES: game.gamebook(),
        NBAC_TEAM_BOXSCORE: game.team_box(),
        BIGDATABALL_PLAY_BY_PLAY: game.play_by_play(),
    }


def built(folder: Path, rows: dict) -> tuple[dict[str, str], list[pd.DataFrame], DuckDBWarehouse]:
    """Outcome by table, the rows of the three tables, and the warehouse."""
    warehouse = DuckDBWarehouse(folder / "nba.duckdb")
    warehouse.ensure(*RAW_TABLES)
    warehouse.merge_rows(NBAC_SCHEDULE, schedule_frame(*rows[NBAC_SCHEDULE]))
    for table in rows.keys() - {NBAC_SCHEDULE}:
        if rows[table]:
            warehouse.replace_dates(table, raw_frame(table, rows[table]), [DAY])
    return *produced(warehouse), warehouse


def produced(warehouse: DuckDBWarehouse) -> tuple[dict[str, str], list[pd.DataFrame]]:
    results = produce_summaries(warehouse, [DAY], now=NOW)
    outcomes = {name: str(found[DAY].outcome) for name, found in results.items()}
    return outcomes, [warehouse.read(table) for table in TABLES]


def has(rows: pd.DataFrame, issue: str) -> pd.Series:
    return rows["quality_issues"].map(lambda issues: issue in issues)


ALL_BUILT = dict.fromkeys((table.name for table in TABLES), "built")


def test_good_sources_give_rows_without_a_word_of_fallback(tmp_path):
    outcomes, (players, offense, _), _ = built(tmp_path, raw_rows())
    assert outcomes == ALL_BUILT
    assert (players["primary_source_used"] == "nbac_gamebook_player_stats").all()
    assert (offense["primary_source_used"] == "nbac_team_boxscore").all()
    assert not players["quality_used_fallback"].any()
    assert players["paint_attempts"].notna().all()


@pytest.mark.parametrize("lost", ["team", "starter", "numbers"])
def test_what_the_gamebook_lacks_of_one_team_comes_from_the_next_source(tmp_path, lost):
    rows = raw_rows()
    starter = GAME.players["BOS"][0]
    kept = {
        # Spec 2.3 no. 4 and 3.3 no. 12: the fallback is chosen per team, never per game.
        "team": lambda row: row if row["team_abbr"] != "BOS" else None,
        "starter": lambda row: row if row["player_lookup"] != starter else None,
        "numbers": lambda row: {**row, "points": row["points"] + 2} if row["player_lookup"] == starter else row,
    }[lost]
    rows[NBAC_GAMEBOOK_PLAYER_STATS] = [row for row in map(kept, rows[NBAC_GAMEBOOK_PLAYER_STATS]) if row]
    outcomes, (players, offense, _), _ = built(tmp_path, rows)
    assert outcomes == ALL_BUILT
    sources = players.groupby("team_abbr")["primary_source_used"].unique().map(list).to_dict()
    assert sources == {"BOS": ["nbac_player_boxscores"], "LAL": ["nbac_gamebook_player_stats"]}
    assert players.loc[has(players, "backup_source_used"), "team_abbr"].tolist() == ["BOS"] * 9
    assert players.loc[players["quality_used_fallback"], "team_abbr"].tolist() == ["BOS"] * 9
    assert len(players) == 19
    assert players.groupby("team_abbr")["points"].sum().to_dict() == {t: GAME.score(t) for t in ("BOS", "LAL")}
    assert (offense["primary_source_used"] == "nbac_team_boxscore").all()


def test_a_source_that_contradicts_the_score_is_not_used_even_if_it_is_the_last(tmp_path):
    rows = raw_rows()
    rows[NBAC_PLAYER_BOXSCORES] = []
    rows[NBAC_GAMEBOOK_PLAYER_STATS] = [{**row, "points": row["points"] + 1} for row in GAME.gamebook()]
    outcomes, (players, offense, defense), _ = built(tmp_path, rows)
    # The player table cannot be built; both team tables have the team box and do not care.
    assert outcomes == ALL_BUILT | {"player_game_summary": "invalid"}
    assert players.empty
    assert len(offense) == len(defense) == 2
    assert offense["points_scored"].tolist() == [GAME.score("BOS"), GAME.score("LAL")]


def test_broken_play_by_play_leaves_the_box_built_and_zones_null_with_a_reason(tmp_path):
    rows = raw_rows()
    shots = [row for row in rows[BIGDATABALL_PLAY_BY_PLAY] if row.get("shot_type")]
    rows[BIGDATABALL_PLAY_BY_PLAY] = shots[: len(shots) // 2]
    outcomes, (players, offense, defense), _ = built(tmp_path, rows)
    assert outcomes == ALL_BUILT
    zones = ["paint_attempts", "mid_range_makes", "three_attempts_pbp", "assisted_fg_makes", "and1_count"]
    assert players[zones].isna().all(axis=None)
    assert players[["points", "fg_attempts", "usage_rate"]].notna().all(axis=None)
    assert has(players, "shot_zones_contradict_box").all()
    assert (
        offense[["team_paint_attempts", "points_in_paint_scored", "second_chance_points_scored"]].isna().all(axis=None)
    )
    assert not offense["shot_zones_available"].any()
    assert offense[["offensive_rating", "pace", "efg_pct"]].notna().all(axis=None)
    assert defense[["opp_paint_attempts", "blocks_paint"]].isna().all(axis=None)
    assert defense[["blocks_total", "steals", "defensive_rating"]].notna().all(axis=None)


@pytest.mark.parametrize("fault", ["absent", "contradicts_score", "impossible_count"])
def test_a_broken_team_box_leaves_the_players_and_rebuilds_the_teams_from_them(tmp_path, fault):
    rows = raw_rows()
    changes = {"contradicts_score": {"points": 1}, "impossible_count": {"fg_made": 300}}
    broken = [{**row, **changes.get(fault, {})} if row["team_abbr"] == "BOS" else row for row in GAME.team_box()]
    rows[NBAC_TEAM_BOXSCORE] = broken if fault != "absent" else []
    outcomes, (players, offense, defense), _ = built(tmp_path, rows)
    assert outcomes == ALL_BUILT
    assert players["points"].sum() == GAME.score("BOS") + GAME.score("LAL")
    boston = offense[offense["team_abbr"] == "BOS"].iloc[0]
    assert boston["primary_source_used"] == "nbac_gamebook_player_stats"
    assert boston["quality_reconstructed"]
    assert {"reconstructed", "team_turnovers_missing"} <= set(boston["quality_issues"])
    assert boston["points_scored"] == GAME.score("BOS")
    # Overtime still comes from the players' minutes, so pace stays per 48 minutes (spec 1.3 no. 4 and 14).
    assert (offense["overtime_periods"] == 1).all()
    assert (defense["overtime_periods"] == 1).all()
    whole = offense[offense["team_abbr"] == "LAL"].iloc[0]
    assert whole["quality_reconstructed"] == (fault == "absent") or "opponent_reconstructed" in whole["quality_issues"]


def test_overtime_without_any_minutes_is_told_by_the_last_period_of_the_events(tmp_path):
    rows = raw_rows()
    for table in (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES, NBAC_TEAM_BOXSCORE):
        rows[table] = [{**row, "minutes": None} for row in rows[table]]
    outcomes, (players, offense, defense), _ = built(tmp_path, rows)
    assert outcomes == ALL_BUILT
    assert (offense["overtime_periods"] == 1).all()
    assert (defense["overtime_periods"] == 1).all()
    assert offense["pace"].notna().all()
    assert players["usage_rate"].isna().all()
    assert has(players, "minutes_missing").all()


def test_an_optional_source_that_cannot_be_read_is_left_out_with_a_warning(tmp_path):
    _, _, warehouse = built(tmp_path, raw_rows())
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("DROP TABLE nba_raw.bigdataball_play_by_play")
        connection.execute("CREATE TABLE nba_raw.bigdataball_play_by_play (game_id VARCHAR, game_date DATE)")
    outcomes, (players, _, _) = produced(warehouse)
    assert outcomes == ALL_BUILT
    assert players["paint_attempts"].isna().all()
    results = produce_summaries(warehouse, [DAY], now=NOW)
    for found in results.values():
        assert any("bigdataball_play_by_play cannot be read" in warning for warning in found[DAY].warnings)
