"""Real NBA.com files, read where they lie; skipped by name where they are absent."""

import pandas as pd
import pytest

from analytics_assets.raw.loaders.nba_com import FileKind, LoadedFile, read_nba_com
from analytics_assets_tests.support.nba_com_files import NOW, REAL_DATA, checked, games, nulls, players, teams


def real(pattern: str) -> list[LoadedFile]:
    if not REAL_DATA.is_dir():
        pytest.skip(f"real data are not here: {REAL_DATA} is absent, so the real files are not checked")
    paths = sorted(REAL_DATA.glob(pattern))
    if not paths:
        pytest.skip(f"real data are incomplete: nothing matches {pattern} in {REAL_DATA}")
    return [checked(read_nba_com(path, now=NOW)) for path in paths]


def test_real_player_lines() -> None:
    loaded = real("nba_com_leaguegamelog/player_gamelogs_*.parquet")
    box = pd.concat([players(one) for one in loaded])
    assert len(box) == 78_335
    assert (box["minutes"] == "0").sum() == 279
    assert sum(len(one.rejected) for one in loaded) == 0
    assert box["minutes_are_rounded"].all()
    assert box["game_id"].nunique() == box["nba_game_id"].nunique() == 3 * 1_230


def test_real_team_lines() -> None:
    for one in real("team_gamelog/*.parquet"):
        box = teams(one)
        assert (one.kind, len(box), len(one.rejected)) == (FileKind.TEAM_GAME_LOG, 2_460, 0)
        assert box["is_home"].sum() == 1_230
        assert (box["plus_minus"].groupby(box["game_id"]).sum() == 0).all()


def test_real_results() -> None:
    (one,) = real("schedule/results_*.parquet")
    frame = games(one)
    assert (one.kind, len(frame), len(one.rejected)) == (FileKind.RESULTS, 3_943, 0)
    assert {tuple(types) for types in frame["covered_game_types"]} == {("playoffs", "regular")}
    assert set(frame["game_status"]) == {3}


def test_real_playoffs() -> None:
    loaded = real("playoffs_advanced/*.parquet")
    box = pd.concat([players(one) for one in loaded])
    assert len(box) == 3_620
    assert sum(len(one.rejected) for one in loaded) == 0
    sat = box[box["dnp_reason"].notna()]
    assert sat["player_name"].tolist() == ["Markieff Morris"]
    assert nulls(sat[["minutes", "points", "plus_minus"]].iloc[0])
    assert set(box["starter"].astype(int).groupby([box["game_id"], box["team_abbr"]]).sum()) == {5}


def test_real_schedule() -> None:
    (one,) = real("schedule/*scheduleLeagueV2*.json.gz")
    frame = games(one)
    assert (one.kind, len(frame), len(one.rejected)) == (FileKind.SCHEDULE, 1_280, 0)
    assert (frame["home_team_tricode"] == "TBD").sum() == 7
    assert {tuple(types) for types in frame["covered_game_types"]} == {("cup_final", "preseason", "regular")}
    assert frame.loc[frame["home_team_tricode"] != "TBD", "tipoff_at"].notna().all()
    assert nulls(frame["is_primetime"])


def test_real_league_game_log_answer() -> None:
    (one,) = real("nba_com_raw/test_endpoints_LeagueGameLog.json.gz")
    box = teams(one)
    assert (one.kind, len(box), len(one.rejected)) == (FileKind.TEAM_GAME_LOG, 1_688, 0)
    # Five games on neutral courts: both lines say '@'.
    unsettled = box[box["is_home"].isna()]
    assert unsettled["game_id"].nunique() == 5
    assert (unsettled["game_id"] == unsettled["nba_game_id"]).all()
