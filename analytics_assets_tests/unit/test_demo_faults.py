"""Faults of the demo league: each is where it says and nowhere else, and filling a warehouse can do and undo them."""

from collections.abc import Callable

import pandas as pd
import pytest

from analytics_assets.demo import fill
from analytics_assets.demo.faults import with_faults
from analytics_assets.demo.faulty_league import Fault
from analytics_assets.raw.declarations import BOX_COUNTS, NBAC_SCHEDULE, RAW_TABLES
from analytics_assets.stats.minutes import parse_minutes
from analytics_assets.warehouse import WarehouseError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.demo_season import AFTER_THE_SEASON, SEASON_YEAR, SEED, demo_weeks

GAMEBOOK, NBA_COM, BALLDONTLIE = "nbac_gamebook_player_stats", "nbac_player_boxscores", "bdl_player_boxscores"
PLAYER_BOXES = (GAMEBOOK, NBA_COM, BALLDONTLIE)
TEAM_BOX, EVENTS = "nbac_team_boxscore", "bigdataball_play_by_play"
BOXES = (*PLAYER_BOXES, TEAM_BOX)
REGISTRY = "player_registry"


@pytest.fixture(scope="module")
def clean() -> dict[str, pd.DataFrame]:
    return demo_weeks()


@pytest.fixture(scope="module")
def done(clean) -> tuple[dict[str, pd.DataFrame], tuple[Fault, ...]]:
    return with_faults(clean, SEED)


@pytest.fixture(scope="module")
def faulty(done) -> dict[str, pd.DataFrame]:
    return done[0]


@pytest.fixture(scope="module")
def fault(done) -> Callable[[str], Fault]:
    return {told.name: told for told in done[1]}.__getitem__


def dated(frame: pd.DataFrame) -> pd.Series:
    return frame["roster_date" if "roster_date" in frame else "game_date"]


def on_dates(frame: pd.DataFrame, told: Fault) -> pd.DataFrame:
    return frame[dated(frame).isin(pd.to_datetime(list(told.dates)))].reset_index(drop=True)


def of_game(frame: pd.DataFrame, told: Fault) -> pd.DataFrame:
    return frame[frame["game_id"] == told.game_id].reset_index(drop=True)


def points(frame: pd.DataFrame) -> pd.Series:
    return frame.groupby(["game_id", "team_abbr"])["points"].sum()


# --- where they are ---


def test_faults_have_dates_of_their_own_and_touch_nothing_else(clean, done):
    faulty, faults = done
    every_date = [day for told in faults for day in told.dates]
    assert len(faults) == 17
    assert len(every_date) == len(set(every_date)) == 23
    assert [told.dates for told in faults] == sorted(told.dates for told in faults)
    for table in RAW_TABLES:
        touching = [told for told in faults if table.name in told.tables]
        one, other = clean[table.name], faulty[table.name]
        if table.name == REGISTRY:
            assert len(one) == len(other) + 1
            continue
        dates = pd.to_datetime([day for told in touching for day in told.dates])
        outside = [frame[~dated(frame).isin(dates)].reset_index(drop=True) for frame in (one, other)]
        pd.testing.assert_frame_equal(*outside)
        for told in touching:
            assert not on_dates(one, told).equals(on_dates(other, told)), (table.name, told.name)


def test_the_frames_that_came_in_stay_and_the_same_seed_gives_the_same_faults(clean, done):
    before = {name: frame.copy() for name, frame in clean.items()}
    again, faults = with_faults(clean, SEED)
    assert faults == done[1]
    for name, frame in before.items():
        pd.testing.assert_frame_equal(clean[name], frame)
        pd.testing.assert_frame_equal(again[name], done[0][name])
    assert with_faults(clean, SEED + 1)[1] != faults


def test_an_unfinished_season_has_no_room_for_faults(clean):
    opening = {name: frame[dated(frame) < "2021-11-15"] if name != REGISTRY else frame for name, frame in clean.items()}
    with pytest.raises(ValueError, match="too few played games"):
        with_faults(opening, SEED)


# --- what they are ---


def test_missing_days_and_games_are_gone_from_every_box_source(faulty, clean, fault):
    day, game = fault("missing day"), fault("missing game")
    for name in BOXES:
        assert on_dates(faulty[name], day).empty
        assert of_game(faulty[name], game).empty
        lost = of_game(clean[name], game)
        assert len(on_dates(faulty[name], game)) == len(on_dates(clean[name], game)) - len(lost) > 0


def test_a_date_can_be_missing_in_the_schedule_alone(faulty, fault):
    told = fault("date missing in the schedule")
    assert on_dates(faulty[NBAC_SCHEDULE.name], told).empty
    assert len(on_dates(faulty[TEAM_BOX], told)) > 0


def test_a_source_can_lack_a_team_or_a_starter_so_that_it_no_longer_adds_up(faulty, clean, fault):
    team = fault("source lacks a team")
    away, home = team.game_id.split("_")[1:]
    assert set(of_game(faulty[GAMEBOOK], team)["team_abbr"]) == {home}
    assert set(of_game(faulty[NBA_COM], team)["team_abbr"]) == {home, away}
    for name, poor in (("source lacks a starter", {GAMEBOOK}), ("two sources lack a starter", {GAMEBOOK, NBA_COM})):
        told = fault(name)
        for source in PLAYER_BOXES:
            one, other = of_game(clean[source], told), of_game(faulty[source], told)
            assert len(one) - len(other) == (source in poor)
            assert (points(one) == points(other)).tolist() == [True, True] if source not in poor else [True, False]
        lost = set(of_game(clean[GAMEBOOK], told)["player_lookup"]) - set(
            of_game(faulty[GAMEBOOK], told)["player_lookup"]
        )
        rows = of_game(clean[GAMEBOOK], told).set_index("player_lookup").loc[list(lost)]
        assert (rows["starter"] & (rows["points"] > 0)).all()


def test_duplicates_stand_under_the_reversed_id_later_and_corrected(faulty, fault):
    told = fault("duplicates, corrected later")
    day, away, home = told.game_id.split("_")
    rows = on_dates(faulty[GAMEBOOK], told)
    first, second = (
        rows[rows["game_id"] == game].reset_index(drop=True) for game in (told.game_id, f"{day}_{home}_{away}")
    )
    assert len(first) == len(second) > 20
    assert (second["processed_at"] > first["processed_at"]).all()
    assert (second["steals"] - first["steals"]).dropna().value_counts().to_dict() == {
        0: len(first.dropna(subset=["steals"])) - 2,
        1: 1,
        -1: 1,
    }
    same = [name for name in first.columns if name not in ("game_id", "steals", "processed_at")]
    pd.testing.assert_frame_equal(first[same], second[same])
    assert points(first).tolist() == points(second).tolist()


def test_events_stand_twice_under_the_reversed_id(faulty, clean, fault):
    told = fault("reversed game id in play-by-play")
    day, away, home = told.game_id.split("_")
    rows = on_dates(faulty[EVENTS], told)
    copy = rows[rows["game_id"] == f"{day}_{home}_{away}"].reset_index(drop=True)
    kept = [name for name in copy.columns if name not in ("game_id", "processed_at")]
    pd.testing.assert_frame_equal(copy[kept], of_game(clean[EVENTS], told)[kept])


def test_names_get_a_number_for_a_stretch_of_dates(faulty, clean, fault):
    told = fault("numbers before player names")
    assert len(told.dates) == 7
    for name in ("player_1_lookup", "player_2_lookup"):
        one, other = on_dates(clean[EVENTS], told)[name], on_dates(faulty[EVENTS], told)[name]
        assert (one.isna() == other.isna()).all()
        assert other.dropna().str.fullmatch(r"\d+[a-z]+").all()
        assert (other.str.replace(r"^\d+", "", regex=True).dropna() == one.dropna()).all()
    one, other = (on_dates(frames[EVENTS], told)["players_on_court"].explode() for frames in (clean, faulty))
    assert other.dropna().str.fullmatch(r"\d+[a-z]+").all()
    assert (other.str.replace(r"^\d+", "", regex=True).dropna() == one.dropna()).all()


def test_overtime_games_lose_their_minutes(faulty, clean, fault):
    for name, without in (("overtime without player minutes", PLAYER_BOXES), ("overtime without any minutes", BOXES)):
        told = fault(name)
        assert (parse_minutes(of_game(clean[TEAM_BOX], told)["minutes"]) > 240).all()
        for source in BOXES:
            assert of_game(faulty[source], told)["minutes"].isna().all() == (source in without)
            assert of_game(faulty[source], told)[list(BOX_COUNTS)].equals(
                of_game(clean[source], told)[list(BOX_COUNTS)]
            )


def test_broken_play_by_play_contradicts_the_box_in_every_game(faulty, clean, fault):
    told = fault("broken play-by-play")
    for name in (EVENTS, "nbac_play_by_play"):
        assert 3 not in set(on_dates(faulty[name], told)["period"])
    shots = on_dates(faulty[EVENTS], told)
    taken = shots[shots["shot_type"].notna()].groupby(["game_id", "player_1_team_abbr"]).size()
    box = on_dates(clean[TEAM_BOX], told).set_index(["game_id", "team_abbr"])["fg_attempted"].reindex(taken.index)
    assert len(taken) > 0
    assert (box - taken > 1).all()


def test_sources_contradict_the_score(faulty, clean, fault):
    told = fault("players contradict the score")
    for name in PLAYER_BOXES:
        excess = points(on_dates(faulty[name], told)) - points(on_dates(clean[name], told))
        at_home = excess.index.get_level_values("game_id").str[-3:] == excess.index.get_level_values("team_abbr")
        assert (excess[at_home] == 3).all()
        assert (excess[~at_home] == 0).all()
    told = fault("team box contradicts the score")
    excess = points(of_game(faulty[TEAM_BOX], told)) - points(of_game(clean[TEAM_BOX], told))
    assert sorted(excess) == [0, 3]


def test_stale_rows_are_written_before_the_games_end(faulty, fault):
    told = fault("stale sources")
    last_tip_off = on_dates(faulty[NBAC_SCHEDULE.name], told)["tipoff_at"].max()
    for name in BOXES:
        assert (on_dates(faulty[name], told)["processed_at"] < last_tip_off + pd.Timedelta(hours=2, minutes=30)).all()


def test_only_in_game_lines_are_left_of_a_game(faulty, fault):
    told = fault("only in-game lines")
    for name in ("odds_api_player_points_props", "odds_api_game_lines"):
        rows = of_game(faulty[name], told)
        assert len(rows) > 0
        assert (rows["snapshot_timestamp"] > rows["tipoff_at"]).all()
    assert of_game(faulty["bettingpros_player_points_props"], told).empty


def test_a_star_is_missing_in_the_registry(faulty, clean, fault):
    (star,) = set(clean[REGISTRY]["player_lookup"]) - set(faulty[REGISTRY]["player_lookup"])
    rows = of_game(faulty[GAMEBOOK], fault("unknown player")).set_index("player_lookup")
    assert rows.at[star, "points"] > 15


# --- filling a warehouse ---


@pytest.fixture
def filled(tmp_path, clean, monkeypatch):
    """Fills a warehouse with the weeks, with play-by-play of one game a date, and gives what is stored then."""
    events = clean[EVENTS]
    told = events["game_id"].isin(events.drop_duplicates("game_date")["game_id"])
    season = {**clean, EVENTS: events[told].reset_index(drop=True)}
    monkeypatch.setattr(fill, "simulate_seasons", lambda **_: iter([(SEASON_YEAR, season)]))
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")

    def run(*, faults: bool) -> tuple[fill.FilledDemo, dict[str, pd.DataFrame]]:
        found = fill.fill_demo(warehouse, now=AFTER_THE_SEASON, seed=SEED, faults=faults)
        return found, sorted_rows({table.name: warehouse.read(table) for table in RAW_TABLES})

    run.season = season
    return run


def sorted_rows(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {
        table.name: frames[table.name].drop(columns="data_hash").sort_values(list(table.key), ignore_index=True)
        for table in RAW_TABLES
    }


def assert_same(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name], obj=name)


def test_faults_are_filled_in_once_and_taken_out_by_a_run_without_them(filled):
    faulty, faults = with_faults(filled.season, SEED)
    filled(faults=False)
    first, with_them = filled(faults=True)
    assert first.faults == faults
    assert set(first.removed) == {name for told in faults for name in told.tables} - {EVENTS}
    assert_same(with_them, sorted_rows(faulty))
    again, _ = filled(faults=True)
    assert not again.removed
    assert all(count.added == count.changed == 0 for count in again.counts.values())
    undone, without = filled(faults=False)
    assert undone.faults == ()
    assert {*BOXES, EVENTS} <= set(undone.removed)
    assert_same(without, sorted_rows(filled.season))


def test_leagues_of_different_seeds_never_mix(filled):
    filled(faults=False)
    schedule = filled.season[NBAC_SCHEDULE.name]
    swapped = {"home_team_tricode": schedule["away_team_tricode"], "away_team_tricode": schedule["home_team_tricode"]}
    filled.season[NBAC_SCHEDULE.name] = schedule.assign(**swapped)
    with pytest.raises(WarehouseError, match="another demo league"):
        filled(faults=False)
