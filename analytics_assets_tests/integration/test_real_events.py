"""Real play-by-play, shots and betting answers, loaded and reduced as in use, against boxes, scores and own texts."""

import gzip
import json
import sys
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.betting_lines import before_tipoff, pregame_lines, sieve_betting_rows
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    NBAC_PLAY_BY_PLAY,
    NBAC_SCHEDULE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.raw.loaders.load import LoadReport, load_nba_com, load_odds_api
from analytics_assets.raw.loaders.loaded_file import FileKind
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.play_by_play import PlayByPlay, interpret_play_by_play
from analytics_assets.raw.play_by_play_reduction import count_events, summarise_games
from analytics_assets.raw.points_props import interpret_points_props
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.frames import empty_frame
from analytics_assets.warehouse import MergeCounts
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.nba_com_files import result
from analytics_assets_tests.support.real_data import NOW, files, needs_real_data, published
from analytics_assets_tests.support.real_exceptions import (
    SECOND_CHANCE_BY_RULE_LESS_MARKED,
    SHOTS_LESS_ATTEMPTS,
    SINGLE_FREE_THROWS_WITHOUT_BASKET,
    STEALS_IN_EVENTS_LESS_BOX,
)

LIVE, VERSION_3 = "nba_com_raw/nbac_play_by_play__raw_*.json.gz", "nba_com_raw/playbyplayv3.json.gz"
PLAYOFFS = {year: f"playoff_play_by_play/playoff_pbp_{year}.parquet" for year in (2023, 2024)}
SHOTS = "shots/shots_2023-24.parquet"
PLAYER_POINTS, GAME_LINES = "odds_api/oddsapi_player_points_*.json", "odds_api/oddsapi_h2h_*.json"
RESULTS = "schedule/results_*.parquet"
BOX_OF_2023, BOX_OF_2023_24 = (
    "playoffs_advanced/playoffs_2023_*.parquet",
    "nba_com_leaguegamelog/player_gamelogs_2023-24.parquet",
)
LIVE_ID, VERSION_3_ID = "20250106_LAC_MIN", "20241112_ATL_BOS"

pytestmark = [pytest.mark.xdist_group("real_data_events"), needs_real_data]


@dataclass(frozen=True)
class RealEvents:
    """A warehouse with all real events, and what the engine made of them.

    Attributes:
        warehouse: The warehouse.
        reports: What loading each file gave, by pattern of the file.
        games: Games of the loaded schedules.
        counts: Answer of ``count_events`` for all dates.
        facts: Answer of ``summarise_games`` for all dates, by game.
        plays: Both, attributed to the schedule's games and to the players of the box scores.
    """

    warehouse: DuckDBWarehouse
    reports: dict[str, LoadReport]
    games: pd.DataFrame
    counts: pd.DataFrame
    facts: pd.DataFrame
    plays: PlayByPlay

    def counts_of(self, year: int) -> pd.DataFrame:
        """Counts of the playoffs of one year."""
        return self.counts[self.counts["nba_game_id"].str.startswith(f"004{year - 2001}")]


@pytest.fixture(scope="module")
def actions() -> dict[str, list[dict[str, Any]]]:
    """Actions of the two raw play-by-play answers, by pattern of the file."""
    found = {}
    for pattern in (LIVE, VERSION_3):
        with gzip.open(files(pattern)[0]) as answer:
            found[pattern] = json.load(answer)["game"]["actions"]
    return found


@pytest.fixture(scope="module")
def boxes() -> dict[str, pd.DataFrame]:
    """Published player lines by pattern of the file."""
    return {pattern: published(pattern) for pattern in (BOX_OF_2023, BOX_OF_2023_24)}


@pytest.fixture(scope="module")
def real(tmp_path_factory, actions, boxes) -> RealEvents:
    folder = tmp_path_factory.mktemp("events")
    warehouse = DuckDBWarehouse(folder / "nba.duckdb")
    this_season = folder / "results_2024-25.json"
    this_season.write_text(json.dumps(_results_of_single_games(actions)))
    # Version 3 carries no date, and its schedule is named after it.
    patterns = [VERSION_3, LIVE, RESULTS, *PLAYOFFS.values(), SHOTS]
    loaded = load_nba_com(warehouse, [*(files(pattern)[0] for pattern in patterns), this_season], now=NOW)
    odds = load_odds_api(warehouse, [files(PLAYER_POINTS)[0], files(GAME_LINES)[0]], now=NOW)
    games = interpret_schedule(warehouse.read(NBAC_SCHEDULE)).games
    always = date(2021, 10, 1), date(2025, 6, 30)
    counts = warehouse.reduce(count_events(NBAC_PLAY_BY_PLAY), *always)
    facts = warehouse.reduce(summarise_games(NBAC_PLAY_BY_PLAY), *always)
    return RealEvents(
        warehouse=warehouse,
        reports=dict(zip([*patterns, PLAYER_POINTS, GAME_LINES], [*loaded[:-1], *odds], strict=True)),
        games=games,
        counts=counts,
        facts=facts.set_index("game_id"),
        plays=interpret_play_by_play(counts, facts, NBAC_PLAY_BY_PLAY.name, games, _listed(boxes, games)),
    )


def _results_of_single_games(actions: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The season of the two raw answers is in no file of results: one line for each, with the answer's own score."""
    live, version_3 = (
        {"homeScore": int(last["scoreHome"]), "awayScore": int(last["scoreAway"])}
        for last in (actions[LIVE][-1], actions[VERSION_3][-1])
    )
    minnesota = {"hometeamName": "Minnesota Timberwolves", "awayteamName": "Los Angeles Clippers"}
    boston = {"hometeamName": "Boston Celtics", "awayteamName": "Atlanta Hawks"}
    return [
        result(GAME_ID="22400500", GAME_DATE="2025-01-06", **minnesota, **live),
        result(GAME_ID="22400001", GAME_DATE="2024-11-12", **boston, **version_3),
    ]


def _listed(boxes: dict[str, pd.DataFrame], games: pd.DataFrame) -> pd.DataFrame:
    """Players of the published box scores, as ``interpret_play_by_play`` asks for them."""
    lines = pd.concat(boxes.values(), ignore_index=True)
    canonical = games.set_index("nba_game_id")["game_id"]
    return pd.DataFrame(
        {
            "game_id": lines["GAME_ID"].map(canonical),
            "player_lookup": player_lookups(lines["PLAYER_NAME"]),
            "nba_player_id": lines["PLAYER_ID"].astype("Int64"),
        }
    )


def _beside_box(real: RealEvents, box: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Both sources on every line of the box score, 0 where no event names the player; nobody else may have events."""
    lines = box.assign(player_lookup=player_lookups(box["PLAYER_NAME"])).set_index(["GAME_ID", "player_lookup"])
    ids = real.games.set_index("game_id")["nba_game_id"]
    players = real.plays.players.assign(GAME_ID=lambda rows: rows["game_id"].map(ids))
    ours = players[players["GAME_ID"].isin(box["GAME_ID"])].set_index(["GAME_ID", "player_lookup"])
    strangers = ours.index.difference(lines.index)
    assert strangers.empty, strangers
    counted = ours[list(names)].reindex(lines.index, fill_value=0).rename(columns=names).add_prefix("events_")
    return lines.join(counted)


def test_every_event_and_shot_is_loaded(real, actions):
    kinds = {
        LIVE: (FileKind.LIVE_PLAY_BY_PLAY, len(actions[LIVE])),
        VERSION_3: (FileKind.PLAY_BY_PLAY_V3, len(actions[VERSION_3])),
        PLAYOFFS[2023]: (FileKind.FLAT_PLAY_BY_PLAY, 44_226),
        PLAYOFFS[2024]: (FileKind.FLAT_PLAY_BY_PLAY, 42_447),
        SHOTS: (FileKind.SHOT_CHART, 218_701),
    }
    for pattern, (kind, rows) in kinds.items():
        report = real.reports[pattern]
        assert (report.file.kind, len(report.file.rejected)) == (kind, 0), pattern
        assert report.counts == {NBAC_PLAY_BY_PLAY.name: MergeCounts(rows, 0, 0)}


def test_every_game_is_reduced_and_found_on_the_schedule(real):
    expected = {"00422": 84, "00423": 82, "00223": 1_230, "00224": 2}
    assert real.facts["nba_game_id"].str[:5].value_counts().to_dict() == expected
    assert real.plays.refused.empty
    assert set(real.plays.games["game_id"]) == set(real.facts.index)
    assert len(real.plays.teams) == 2 * len(real.facts)


def test_points_of_both_teams_add_up_to_the_final_scores(real, actions):
    own = {
        LIVE_ID: {"LAC": int(actions[LIVE][-1]["scoreAway"]), "MIN": int(actions[LIVE][-1]["scoreHome"])},
        VERSION_3_ID: {
            "ATL": int(actions[VERSION_3][-1]["scoreAway"]),
            "BOS": int(actions[VERSION_3][-1]["scoreHome"]),
        },
    }
    points = real.plays.teams.set_index(["game_id", "team_abbr"])["points"]
    for game_id, scores in own.items():
        assert points[game_id].to_dict() == scores
    # The feed's highest score on each side, and the result as the schedule has it.
    playoffs = real.games[real.games["nba_game_id"].str[:5].isin(["00422", "00423"])].set_index("game_id")
    assert len(playoffs) == 84 + 82
    for side in ("home", "away"):
        teams = pd.MultiIndex.from_arrays([playoffs.index, playoffs[side]])
        scored = points.reindex(teams).to_numpy()
        assert (scored == real.facts.loc[playoffs.index, f"{side}_score"].to_numpy()).all()
        assert (scored == playoffs[f"{side}_score"].to_numpy()).all()


def test_zones_and_threes_add_up_to_attempts_where_the_feed_tells_distances(real):
    teams = real.plays.teams
    zones = teams[["paint_attempts", "mid_range_attempts", "three_pt_attempts", "unknown_zone_attempts"]]
    assert (zones.sum(axis=1) == teams["fg_attempts"]).all()
    twos_without_distance = teams["paint_attempts"] + teams["mid_range_attempts"] == 0
    playoffs = teams["game_id"].map(real.facts["nba_game_id"]).str.startswith("004")
    # The playoff tables have no distance on any shot; every other feed has one on all of them.
    assert twos_without_distance.equals(playoffs)
    assert (teams.loc[playoffs, "unknown_zone_attempts"] > 0).all()
    assert (teams.loc[~playoffs, "unknown_zone_attempts"] == 0).all()


def test_version_3_agrees_with_the_running_totals_in_its_own_text(real, actions):
    """The text of an event says the player's total so far; the last one of the game is his total."""
    told = pd.DataFrame(actions[VERSION_3]).set_index("personId")["description"]
    stored = real.warehouse.read(NBAC_PLAY_BY_PLAY, start=date(2024, 11, 12), end=date(2024, 11, 12))
    rebounds = pd.crosstab(stored["player_1_id"], stored["rebound_type"])
    for kind, pattern in {"offensive": r"\(Off:(\d+)", "defensive": r"Def:(\d+)\)"}.items():
        totals = told.str.extract(pattern)[0].dropna().astype(int).groupby(level=0).max()
        assert rebounds[kind].to_dict() == totals.to_dict(), kind
    helped = real.counts[real.counts["game_id"] == VERSION_3_ID].groupby(["role", "player_id"])["attempts"].sum()
    blocks = told.str.extract(r"\((\d+) BLK\)")[0].dropna().astype(int).groupby(level=0).max()
    assert helped["blocker"].to_dict() == blocks.to_dict()
    # Assisters are named only: their ids were found by name, so their totals are compared in order.
    assists = told.str.extract(r"\((?P<name>[^()]+) (?P<total>\d+) AST\)").dropna().astype({"total": int})
    assert sorted(helped["assister"]) == sorted(assists.groupby("name")["total"].max())
    points = told.str.extract(r"\((\d+) PTS\)")[0].dropna().astype(int).groupby(level=0).max()
    scored = real.counts[real.counts["game_id"] == VERSION_3_ID].groupby("player_id")["points"].sum()
    assert scored[scored > 0].to_dict() == points.to_dict()


def test_second_chance_by_rule_follows_the_marks_of_the_feed(real, capsys):
    by_mark, by_rule = "second_chance_points", "second_chance_points_by_rule"
    qualified = real.plays.games.loc[real.plays.games["qualified_events"] > 0, "game_id"]
    assert len(qualified) == 84 + 82 + 1
    teams = real.plays.teams[real.plays.teams["game_id"].isin(qualified)]
    off = (teams[by_rule] - teams[by_mark]).astype(int)
    live = teams[teams["game_id"] == LIVE_ID].set_index("team_abbr")[[by_mark, by_rule]]
    with capsys.disabled():
        sys.stdout.write(
            f"\nSecond-chance points of {LIVE_ID} as marked and by rule: {live.astype(int).to_numpy().tolist()}; "
            f"by rule less marked on {len(off)} team-games: {off.value_counts().to_dict()}\n"
        )
    differ = teams.assign(off=off)[off != 0].set_index(["game_id", "team_abbr"])["off"]
    assert differ.to_dict() == SECOND_CHANCE_BY_RULE_LESS_MARKED


def test_events_of_2024_agree_with_their_own_text(real):
    raw = published(PLAYOFFS[2024])
    counts = real.counts_of(2024)
    text = raw["description"]
    points = text.str.extract(r"\((\d+) PTS\)")[0].dropna().astype(int)
    told = points.groupby([raw["game_id"], raw["person_id"]]).max()
    scored = counts.groupby(["nba_game_id", "player_id"])["points"].sum()
    assert scored[scored > 0].astype(int).to_dict() == told.to_dict()
    assists = text.str.extract(r" (\d+) AST\)")[0].dropna().astype(int)
    told = assists.groupby([raw["game_id"], raw["assister_id"].astype("Int64")]).max()
    helped = counts[counts["role"] == "assister"].groupby(["nba_game_id", "player_id"])["attempts"].sum()
    assert helped.astype(int).to_dict() == told.to_dict()


def test_and_ones_of_2024_are_baskets_with_one_free_throw(real):
    raw = published(PLAYOFFS[2024])
    other_fouls = "technical|flagrant|take|away-from-play"
    single = raw[raw["description"].str.contains("Free Throw 1 of 1") & ~raw["description"].str.contains(other_fouls)]
    thrown = single.groupby(["game_id", "person_id"]).size()
    counts = real.counts_of(2024)
    and_ones = counts.groupby(["nba_game_id", "player_id"])["and_ones"].sum()
    assert (and_ones <= thrown.reindex(and_ones.index, fill_value=0)).all()
    without = thrown - and_ones.reindex(thrown.index, fill_value=0)
    assert set(without.index[without > 0]) == SINGLE_FREE_THROWS_WITHOUT_BASKET
    assert and_ones.sum() == thrown.sum() - len(SINGLE_FREE_THROWS_WITHOUT_BASKET) == 337


def test_playoffs_of_2023_equal_the_box_on_every_player_line(real, boxes):
    names = {
        "fg_attempts": "FGA",
        "fg_makes": "FGM",
        "three_pt_attempts": "FG3A",
        "three_pt_makes": "FG3M",
        "ft_attempts": "FTA",
        "ft_makes": "FTM",
        "points": "PTS",
        "assists": "AST",
        "blocks": "BLK",
    }
    lines = _beside_box(real, boxes[BOX_OF_2023], names)
    assert len(lines) == 1_728
    for name in names.values():
        assert (lines[f"events_{name}"] == lines[name]).all(), name
    # An assist is somebody's assisted make, so the teams' sums are equal.
    ids = real.games.set_index("game_id")["nba_game_id"]
    assisted = real.plays.teams.assign(GAME_ID=lambda rows: rows["game_id"].map(ids))
    assisted = assisted.set_index(["GAME_ID", "team_abbr"])["assisted_makes"]
    given = boxes[BOX_OF_2023].groupby(["GAME_ID", "TEAM_ABBREVIATION"])["AST"].sum()
    assert len(given) == 2 * 84
    assert (assisted.reindex(given.index).to_numpy() == given.to_numpy()).all()


def test_rebounds_of_2023_equal_the_box_on_every_player_line(real, boxes):
    """The feed does not say which rebounds are offensive: the team of the last miss tells."""
    box = boxes[BOX_OF_2023].set_index(["GAME_ID", "PLAYER_ID"])
    days = pd.to_datetime(box["GAME_DATE"]).dt.date
    columns = ["nba_game_id", "player_1_id", "rebound_type"]
    stored = real.warehouse.read(NBAC_PLAY_BY_PLAY, columns, start=days.min(), end=days.max())
    rebounds = stored.groupby(columns).size().unstack(fill_value=0).reindex(box.index, fill_value=0)
    assert (rebounds["offensive"] == box["OREB"]).all()
    assert (rebounds["defensive"] == box["DREB"]).all()


def test_steals_of_2023_equal_the_box_but_for_three_that_went_to_a_teammate(real, boxes):
    box = boxes[BOX_OF_2023].set_index(["GAME_ID", "PLAYER_ID"])
    days = pd.to_datetime(box["GAME_DATE"]).dt.date
    columns = ["nba_game_id", "player_2_id", "player_2_role"]
    stored = real.warehouse.read(NBAC_PLAY_BY_PLAY, columns, start=days.min(), end=days.max())
    steals = stored[stored["player_2_role"] == "steal"].groupby(["nba_game_id", "player_2_id"]).size()
    assert set(steals.index) <= set(box.index)
    off = steals.reindex(box.index, fill_value=0) - box["STL"]
    differ = box.assign(off=off)[off != 0].reset_index().set_index(["GAME_ID", "PLAYER_NAME"])
    assert differ["off"].to_dict() == STEALS_IN_EVENTS_LESS_BOX
    assert (differ.groupby(["GAME_ID", "TEAM_ABBREVIATION"])["off"].sum() == 0).all()


def test_shots_of_2023_24_equal_the_box_on_every_player_game(real, boxes):
    names = {"fg_attempts": "FGA", "fg_makes": "FGM", "three_pt_attempts": "FG3A", "three_pt_makes": "FG3M"}
    lines = _beside_box(real, boxes[BOX_OF_2023_24], names)
    assert len(lines) == 26_401
    for name in ("FGM", "FG3A", "FG3M"):
        assert (lines[f"events_{name}"] == lines[name]).all(), name
    off = (lines["events_FGA"] - lines["FGA"]).astype(int)
    assert off[off != 0].to_dict() == SHOTS_LESS_ATTEMPTS


def test_zones_of_2023_24_are_those_of_the_distances_in_the_file(real):
    shots = published(SHOTS)
    twos = shots[shots["SHOT_TYPE"] == "2PT Field Goal"]
    # Paint: at most 8 feet, which the file gives in whole feet.
    zones = {"paint": twos[twos["SHOT_DISTANCE"] <= 8], "mid_range": twos[twos["SHOT_DISTANCE"] > 8]}
    counts = real.counts[real.counts["nba_game_id"].str.startswith("00223")]
    for zone, taken in zones.items():
        expected = taken.groupby([taken["GAME_ID"].astype(str).str.zfill(10), "PLAYER_ID"]).size()
        found = counts[counts["zone"] == zone].groupby(["nba_game_id", "player_id"])["attempts"].sum()
        assert found.astype(int).to_dict() == expected.to_dict(), zone


def test_periods_are_those_of_games_with_overtime(real):
    assert real.facts["periods"].between(4, 6).all()
    in_overtime = real.facts["periods"] > 4
    # Regular season: 59 games with shots in overtime; playoffs: four and three.
    counted = in_overtime.groupby(real.facts["nba_game_id"].str[:5]).sum().to_dict()
    assert counted == {"00223": 59, "00224": 0, "00422": 4, "00423": 3}


def test_loading_the_raw_answers_again_changes_nothing(real):
    reports = load_nba_com(real.warehouse, [files(LIVE)[0], files(VERSION_3)[0]], now=NOW)
    reports += load_odds_api(real.warehouse, [files(PLAYER_POINTS)[0], files(GAME_LINES)[0]], now=NOW)
    assert all(count.added == count.changed == 0 for report in reports for count in report.counts.values())


def test_real_points_lines_close_with_the_snapshot_before_tip_off(real):
    report = real.reports[PLAYER_POINTS]
    assert len(report.file.rejected) == 0
    raw = real.warehouse.read(ODDS_API_PLAYER_POINTS_PROPS)
    found = interpret_points_props(raw, empty_frame(BETTINGPROS_PLAYER_POINTS_PROPS), real.games)
    assert found.refused.empty
    assert set(found.lines["game_id"]) == {"20240222_ORL_CLE"}
    answer = json.loads(files(PLAYER_POINTS)[0].read_text())
    # DraftKings comes first, so its over and under of every player are the line.
    (market,) = next(book["markets"] for book in answer["bookmakers"] if book["key"] == "draftkings")
    told = pd.DataFrame(market["outcomes"]).pivot(index="description", columns="name", values=["point", "price"])
    told.index = player_lookups(told.index.to_series()).to_numpy()
    lines = found.lines.set_index("player_lookup").loc[told.index]
    assert set(lines["points_line_source"]) == {"odds_api:draftkings"}
    expected = {
        "points_line": told["point", "Over"],
        "over_price": told["price", "Over"],
        "under_price": told["price", "Under"],
    }
    for name, values in expected.items():
        assert lines[name].tolist() == values.tolist(), name
    others = found.lines[~found.lines["player_lookup"].isin(told.index)]
    assert not others["points_line_source"].str.contains("draftkings").any()


def test_lines_of_a_running_game_are_raw_rows_and_no_closing_line(real):
    report = real.reports[GAME_LINES]
    assert (len(report.file.rejected), report.file.skipped) == (0, {})
    raw = real.warehouse.read(ODDS_API_GAME_LINES)
    assert len(raw) == report.counts[ODDS_API_GAME_LINES.name].added == 874
    sieve = sieve_betting_rows(raw, real.games)
    assert sieve.refused.empty
    lines = pregame_lines(sieve.rows, ["game_id", "bookmaker", "market", "bet_side"], "line")
    running = "20221122_BKN_PHI"
    assert sieve.rows.loc[sieve.rows["game_id"] == running, "bookmaker"].nunique() == 15
    assert running not in set(before_tipoff(sieve.rows)["game_id"])
    assert running not in {*lines.closing["game_id"], *lines.opening["game_id"]}
    # The other games of the answer had not begun, or not for every book.
    assert set(lines.closing["game_id"]) == set(sieve.rows["game_id"]) - {running}
