"""The three summaries from real games, against what the league published: team lines, season ratings, playoff boxes."""

import sys
from datetime import date

import pandas as pd
import pytest

from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import NBAC_TEAM_BOXSCORE
from analytics_assets.raw.loaders.load import load_nba_com
from analytics_assets.raw.names import player_lookups
from analytics_assets.tables.frames import empty_frame
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.real_data import NOW, files, needs_real_data, published
from analytics_assets_tests.support.real_exceptions import (
    GAMES_OF_FEWER_THAN_SIXTEEN,
    MINUTES_BEYOND_TWO,
    SHOTS_LESS_ATTEMPTS,
    TEAMS_OF_FEWER_THAN_EIGHT,
)
from analytics_assets_tests.support.summary_invariants import assert_summary_invariants
from analytics_assets_tests.support.warehouses import outcomes, produce_summaries

OFFENSE_COUNTS = {
    "points_scored": "pts",
    "assists": "ast",
    "offensive_rebounds": "oreb",
    "defensive_rebounds": "dreb",
    "rebounds": "reb",
    "steals": "stl",
    "blocks": "blk",
    "turnovers": "tov",
    "personal_fouls": "pf",
    "fg_makes": "fgm",
    "fg_attempts": "fga",
    "three_pt_makes": "fg3m",
    "three_pt_attempts": "fg3a",
    "ft_makes": "ftm",
    "ft_attempts": "fta",
}
DEFENSE_COUNTS = {"steals": "stl", "blocks_total": "blk", "defensive_rebounds": "dreb", "fouls_committed": "pf"}
ALLOWED_COUNTS = {
    "points_allowed": "pts",
    "opp_fg_attempts": "fga",
    "opp_fg_makes": "fgm",
    "opp_three_pt_attempts": "fg3a",
    "opp_three_pt_makes": "fg3m",
    "opp_ft_attempts": "fta",
    "opp_ft_makes": "ftm",
    "opp_rebounds": "reb",
    "opp_assists": "ast",
    "turnovers_forced": "tov",
}
ZONES = ["paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes", "three_attempts_pbp"]

# What no source here tells: lines, gamebooks, referees, the other feeds, and who blocked which shot: the chart of the
# regular season has no blockers, the events of the playoffs have no distances.
EMPTY_OF_PLAYERS = {
    *("paint_blocks", "mid_range_blocks", "three_pt_blocks"),
    *("points_line", "over_under_result", "margin", "opening_line", "line_movement", "over_price", "under_price"),
    *("points_line_source", "opening_line_source", "quality_sample_size"),
    *(f"source_{name}_{what}" for name in ("nbac", "bdl", "bbd", "odds", "bp") for what in ("last_updated", "hash")),
}
EMPTY_OF_OFFENSE = {
    *("players_inactive", "starters_inactive", "referee_crew_id", "quality_sample_size"),
    *(
        f"source_{name}_{what}"
        for name in ("gamebook_players", "bdl_players", "bbd", "referees")
        for what in ("last_updated", "hash")
    ),
}
EMPTY_OF_DEFENSE = EMPTY_OF_OFFENSE | {"blocks_paint", "blocks_mid_range", "blocks_three_pt"}
# One source and one backfill: every row is of a final and whole game, of that source, written once at one moment.
_WRITTEN_ONCE = {"created_at", "processed_at", "quality_calculated_at", "game_status_at_processing"}
_WRITTEN_ONCE |= {"is_partial_game_data", "game_completeness_pct"}
CONSTANT_OF_PLAYERS = _WRITTEN_ONCE | {
    *("is_active", "record_version", "first_processed_at", "primary_source_used", "quality_used_fallback"),
    *("quality_tier", "data_quality_tier", "quality_reconstructed"),
    *("source_nbac_box_last_updated", "source_nbac_box_completeness_pct"),
    # Only one source of each: the box has starters and the one comment on not playing in the playoffs.
    *("starter_source", "dnp_reason", "dnp_reason_category", "shot_zones_estimated"),
    *("source_team_last_updated", "source_nbac_pbp_last_updated"),
    *(
        f"source_{name}_{what}"
        for name in ("nbac", "bdl", "bbd", "odds", "bp")
        for what in ("rows_found", "completeness_pct")
    ),
}
CONSTANT_OF_TEAMS = _WRITTEN_ONCE | {
    *("processed_with_issues", "source_nbac_box_players_last_updated", "source_nbac_box_players_completeness_pct"),
    *("shot_zones_source", "source_play_by_play_last_updated"),
    *(
        f"source_{name}_{what}"
        for name in ("gamebook_players", "bdl_players", "bbd", "referees")
        for what in ("rows_found", "completeness_pct")
    ),
}

pytestmark = [pytest.mark.xdist_group("real_data"), needs_real_data]


@pytest.fixture(scope="module")
def players(real_seasons) -> pd.DataFrame:
    return real_seasons.warehouse.read(PLAYER_GAME_SUMMARY)


@pytest.fixture(scope="module")
def offense(real_seasons) -> pd.DataFrame:
    return real_seasons.warehouse.read(TEAM_OFFENSE_GAME_SUMMARY)


@pytest.fixture(scope="module")
def defense(real_seasons) -> pd.DataFrame:
    return real_seasons.warehouse.read(TEAM_DEFENSE_GAME_SUMMARY)


def team_lines() -> pd.DataFrame:
    """Published team lines of three regular seasons, by game and team."""
    lines = published("team_gamelog/*.parquet").assign(season_year=lambda rows: rows["season_id"] - 20000)
    return lines.set_index(["game_id", "team_abbreviation"]).sort_index()


def test_all_three_tables_have_the_same_outcome_on_every_date(real_seasons):
    for results in (real_seasons.first, real_seasons.second):
        by_table = {name: {day: str(r.outcome) for day, r in found.items()} for name, found in results.items()}
        assert by_table["team_offense_game_summary"] == by_table["player_game_summary"]
        assert by_table["team_defense_game_summary"] == by_table["player_game_summary"]


def test_both_team_tables_equal_the_published_lines_on_every_count(offense, defense):
    lines = team_lines()
    for rows, team, counts in (
        (offense, "team_abbr", OFFENSE_COUNTS),
        (defense, "defending_team_abbr", DEFENSE_COUNTS),
        (defense, "opponent_team_abbr", ALLOWED_COUNTS),
    ):
        regular = rows[rows["game_type"] == "regular"].set_index(["nba_game_id", team]).sort_index()
        assert list(regular.index) == list(lines.index)
        for ours, theirs in counts.items():
            assert (regular[ours].to_numpy() == lines[theirs].to_numpy()).all(), ours


def test_overtime_winner_and_margin_are_those_of_the_published_lines(offense, defense):
    lines = team_lines()
    for rows, team in ((offense, "team_abbr"), (defense, "defending_team_abbr")):
        regular = rows[rows["game_type"] == "regular"].set_index(["nba_game_id", team]).sort_index()
        assert (regular["overtime_periods"].to_numpy() == (lines["min"] - 240).to_numpy() // 25).all()
        assert (regular["win_flag"].to_numpy() == (lines["wl"] == "W").to_numpy()).all()
        assert (regular["margin_of_victory"].to_numpy() == lines["plus_minus"].to_numpy()).all()


def test_season_ratings_are_close_to_those_that_count_real_possessions(offense, defense, capsys):
    official = published("nba_com_leaguegamelog/team_stats_adv_*.parquet")
    official["season_year"] = official["SEASON"].str[:4].astype(int)
    official["team"] = official["TEAM_NAME"].map(dict(_team_names()))
    official = official.set_index(["season_year", "team"]).sort_index()
    regular = offense[offense["game_type"] == "regular"].rename(columns={"team_abbr": "team"})
    allowed = defense[defense["game_type"] == "regular"].groupby(["season_year", "defending_team_abbr"])
    seasons = regular.groupby(["season_year", "team"])
    sums = seasons[["points_scored", "possessions", "fg_makes", "three_pt_makes", "fg_attempts", "ft_attempts"]].sum()
    conceded = allowed[["points_allowed", "possessions"]].sum()
    minutes = seasons["overtime_periods"].sum() * 5 + 48 * seasons.size()
    ours = {
        "OFF_RATING": 100 * sums["points_scored"] / sums["possessions"],
        "DEF_RATING": 100 * conceded["points_allowed"] / conceded["possessions"],
        "PACE": 48 * sums["possessions"] / minutes,
        "EFG_PCT": (sums["fg_makes"] + 0.5 * sums["three_pt_makes"]) / sums["fg_attempts"],
        "TS_PCT": sums["points_scored"] / (2 * (sums["fg_attempts"] + 0.44 * sums["ft_attempts"])),
    }
    bounds = {"OFF_RATING": 2.0, "DEF_RATING": 2.0, "PACE": 1.5, "EFG_PCT": 0.001, "TS_PCT": 0.001}
    assert len(official) == len(sums) == 90
    differences = {name: values.to_numpy() - official[name].to_numpy() for name, values in ours.items()}
    told = [f"{name} {off.mean():+.4f} (largest {abs(off).max():.4f})" for name, off in differences.items()]
    with capsys.disabled():
        sys.stdout.write(f"\nmean bias against NBA.com over 90 team seasons: {', '.join(told)}\n")
    for name, off in differences.items():
        assert abs(off).max() <= bounds[name], name


def _team_names() -> list[tuple[str, str]]:
    lines = published("team_gamelog/*.parquet")
    names = lines[["team_name", "team_abbreviation"]].drop_duplicates()
    return [("LA Clippers", "LAC"), *names.itertuples(index=False, name=None)]


def test_invariants_hold_on_every_real_game(players, offense, defense):
    assert_summary_invariants(players, offense, defense, exact_minutes=False)


def test_every_game_that_is_not_shaped_like_the_others_is_listed(players, offense):
    played = players[players["played"]]
    team = ["nba_game_id", "team_abbr"]
    appeared = played.groupby(team).size()
    assert appeared[appeared < 8].to_dict() == TEAMS_OF_FEWER_THAN_EIGHT
    in_game = played.groupby("nba_game_id").size()
    assert in_game[(in_game < 16) | (in_game > 30)].to_dict() == GAMES_OF_FEWER_THAN_SIXTEEN
    length = 240 + 25 * offense.set_index(team)["overtime_periods"].astype(float)
    off = played.groupby(team)["minutes_played"].sum() - length
    assert off[off.abs() > 2].to_dict() == MINUTES_BEYOND_TWO


def test_columns_without_any_or_with_one_value_are_those_that_one_source_and_one_backfill_explain(
    players, offense, defense
):
    for rows, empty, constant in (
        (players, EMPTY_OF_PLAYERS, CONSTANT_OF_PLAYERS),
        (offense, EMPTY_OF_OFFENSE, CONSTANT_OF_TEAMS | {"source_nbac_boxscore_last_updated"}),
        (defense, EMPTY_OF_DEFENSE, CONSTANT_OF_TEAMS | {"source_team_boxscore_last_updated"}),
    ):
        assert set(rows.columns[rows.isna().all()]) == empty
        # Other tests of the group build dates again, later: of times of writing only the first one stays the same.
        told = [name for name in rows.columns if name not in empty | WRITTEN_AGAIN]
        assert {name for name in told if is_constant(rows[name])} == constant - WRITTEN_AGAIN


WRITTEN_AGAIN = {"processed_at", "quality_calculated_at"}


def is_constant(values: pd.Series) -> bool:
    """Whether all values, NULL not counted, are the same."""
    known = values.dropna()
    return (known.map(tuple) if known.dtype == object else known).nunique() == 1


def test_zones_from_the_shot_chart_cover_the_season(players, offense):
    known = players[(players["season_year"] == 2023) & (players["game_type"] == "regular") & players["played"]]
    assert known["paint_attempts"].notna().all()
    off = known["paint_attempts"] + known["mid_range_attempts"] + known["three_attempts_pbp"] - known["fg_attempts"]
    differ = known.assign(off=off)[off != 0].set_index(["nba_game_id", "player_lookup"])["off"]
    assert differ.to_dict() == SHOTS_LESS_ATTEMPTS
    # A shot chart has no assists and no free throws: those columns are NULL and say so, not zero.
    assert known[["assisted_fg_makes", "unassisted_fg_makes", "and1_count"]].isna().all(axis=None)
    assert known["quality_issues"].map(lambda issues: "shot_creation_unavailable" in issues).all()
    teams = offense[(offense["season_year"] == 2023) & (offense["game_type"] == "regular")]
    assert teams["shot_zones_available"].all()
    assert (teams["shot_zones_source"] == "nbac_pbp").all()
    # Without marks of the feed, points in the paint are an approximation and say so.
    assert (teams["points_in_paint_scored"] == 2 * teams["team_paint_makes"]).all()
    assert teams["quality_issues"].map(lambda issues: "points_in_paint_approximated" in issues).all()


def test_seasons_without_events_have_no_zones_and_say_so(players, offense):
    for rows, column in ((players[players["played"]], "paint_attempts"), (offense, "team_paint_attempts")):
        before = rows[(rows["season_year"] < 2023) & (rows["game_type"] == "regular")]
        assert before[column].isna().all()
        assert before["quality_issues"].map(lambda issues: "shot_zones_unavailable" in issues).all()


def playoff_box() -> pd.DataFrame:
    box = published("playoffs_advanced/playoffs_2023_player_advanced.parquet")
    box["player_lookup"] = player_lookups(box["PLAYER_NAME"].astype("string"))
    return box.assign(nba_game_id=box["GAME_ID"].astype("string"))


def test_playoff_events_tell_the_same_makes_as_the_box_for_every_player(players):
    rows = players[(players["season_year"] == 2022) & (players["game_type"] == "playoffs") & players["played"]]
    assert len(rows) == 1_728
    assert (rows["assisted_fg_makes"] + rows["unassisted_fg_makes"] == rows["fg_makes"]).all()
    assert rows["and1_count"].notna().all()
    # The feed has no distances: numeric zones are NULL with a reason, never zero.
    assert rows[[*ZONES, "paint_blocks"]].isna().all(axis=None)
    assert rows["quality_issues"].map(lambda issues: "shot_distance_missing" in issues).all()
    # Every assist of the box is an assisted make of a teammate.
    teams = rows.groupby(["game_id", "team_abbr"])[["assists", "assisted_fg_makes"]].sum()
    assert (teams["assists"] == teams["assisted_fg_makes"]).all()


def test_playoff_team_rows_equal_the_box_and_carry_the_marks_of_the_feed(offense, defense):
    box = playoff_box()
    rows = offense[(offense["season_year"] == 2022) & (offense["game_type"] == "playoffs")]
    assert len(rows) == 2 * 84
    sums = box.groupby(["nba_game_id", "TEAM_ABBREVIATION"])[["PTS", "AST", "BLK", "FGA", "FGM", "FG3A", "TOV"]].sum()
    ours = rows.set_index(["nba_game_id", "team_abbr"]).sort_index()
    columns = {"points_scored": "PTS", "assists": "AST", "blocks": "BLK", "fg_attempts": "FGA", "fg_makes": "FGM"}
    for name, official in columns.items():
        assert (ours[name].to_numpy() == sums[official].sort_index().to_numpy()).all(), name
    # There is no team box of these games: rows are rebuilt from the players and say so.
    assert rows["quality_reconstructed"].all()
    assert rows["quality_issues"].map(lambda issues: "team_turnovers_missing" in issues).all()
    marked = ["points_in_paint_scored", "second_chance_points_scored", "fast_break_points_scored"]
    assert rows[marked].notna().all(axis=None)
    assert rows["points_in_paint_scored"].between(20, 80).all()
    conceded = defense.set_index(["nba_game_id", "opponent_team_abbr"])
    same = conceded.loc[list(ours.index)]
    for own, theirs in zip(marked, ["points_in_paint_allowed", "second_chance_points_allowed"], strict=False):
        assert (same[theirs].to_numpy() == ours[own].to_numpy()).all()


def test_usage_is_close_to_the_published_one(players):
    official = published("playoffs_advanced/*.parquet")
    official["nba_game_id"] = official["GAME_ID"].astype("string")
    rows = players[players["game_type"] == "playoffs"]
    joined = rows.merge(
        official, left_on=["nba_game_id", "player_full_name"], right_on=["nba_game_id", "PLAYER_NAME"], how="inner"
    )
    regulars = joined[joined["minutes_played"] >= 10]
    assert len(regulars) > 2_500
    assert (regulars["usage_rate"] / 100 - regulars["USG_PCT"]).abs().mean() <= 0.012


@pytest.fixture(scope="module")
def exact(tmp_path_factory):
    """2021-22 with exact minutes, once with and once without the team box: the three tables of each."""
    lines = published("exact_minutes_2021-22/*.parquet")
    results = published("schedule/results_*.parquet")
    names = dict(_team_names()) | {"Los Angeles Clippers": "LAC"}
    results["id"] = "00" + results["GAME_ID"].astype(str)
    sides = results.assign(
        home=results["hometeamName"].map(names),
        away=results["awayteamName"].map(names),
    ).set_index("id")
    home, away = lines["GAME_ID"].map(sides["home"]), lines["GAME_ID"].map(sides["away"])
    at_home = lines["TEAM"] == home
    lines = lines.rename(columns={"TEAM": "TEAM_ABBREVIATION"})
    lines["MATCHUP"] = (home + " vs. " + away).where(at_home, away + " @ " + home)
    folder = tmp_path_factory.mktemp("exact")
    lines[lines["MATCHUP"].notna()].to_parquet(folder / "lines.parquet")
    built = {}
    for name, team_box in (("with_team_box", files("team_gamelog/*2021-22.parquet")), ("without_team_box", [])):
        warehouse = DuckDBWarehouse(folder / f"{name}.duckdb")
        load_nba_com(warehouse, [folder / "lines.parquet", *files("schedule/results_*.parquet"), *team_box], now=NOW)
        if not team_box:
            assert warehouse.read(NBAC_TEAM_BOXSCORE).equals(empty_frame(NBAC_TEAM_BOXSCORE))
        dates = date_range(date(2021, 10, 19), date(2022, 4, 10))
        results_of = produce_summaries(warehouse, dates, now=NOW)
        assert set(outcomes(results_of["team_offense_game_summary"])) <= {"built", "off_day"}
        tables = (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)
        built[name] = tuple(warehouse.read(table) for table in tables)
    return built


def test_exact_minutes_give_the_overtime_periods_of_every_game(exact):
    lines = team_lines()
    lines = lines[lines["season_year"] == 2021]
    for name, (_, offense, defense) in exact.items():
        for rows, team in ((offense, "team_abbr"), (defense, "defending_team_abbr")):
            ours = rows.set_index(["nba_game_id", team]).sort_index()
            assert list(ours.index) == list(lines.index), name
            assert (ours["overtime_periods"].to_numpy() == (lines["min"] - 240).to_numpy() // 25).all(), name
    assert (exact["without_team_box"][1]["overtime_periods"] > 0).sum() > 100


def test_exact_minutes_satisfy_the_usage_identity_and_all_invariants(exact):
    for players, offense, defense in exact.values():
        assert_summary_invariants(players, offense, defense, exact_minutes=True)


def test_a_season_without_team_box_differs_from_it_by_team_turnovers_only(exact):
    keys = ["nba_game_id", "team_abbr"]
    (_, full, _), (_, rebuilt, _) = exact["with_team_box"], exact["without_team_box"]
    full, rebuilt = full.set_index(keys).sort_index(), rebuilt.set_index(keys).sort_index()
    same = [name for name in OFFENSE_COUNTS if name != "turnovers"]
    pd.testing.assert_frame_equal(full[same], rebuilt[same])
    assert (full["turnovers"] >= rebuilt["turnovers"]).all()
    assert rebuilt["quality_reconstructed"].all()
    assert not full["quality_reconstructed"].any()
