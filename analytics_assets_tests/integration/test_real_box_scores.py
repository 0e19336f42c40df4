"""player_game_summary from three real seasons, against the published team lines and shooting rates."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.raw.loaders.load import load_nba_com
from analytics_assets.tables.operations import QUARANTINED_ROWS
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.real_data import NOW, files, needs_real_data
from analytics_assets_tests.support.warehouses import outcomes, produce

COUNTS = {
    "points": "pts",
    "assists": "ast",
    "offensive_rebounds": "oreb",
    "defensive_rebounds": "dreb",
    "rebounds": "reb",
    "steals": "stl",
    "blocks": "blk",
    "personal_fouls": "pf",
    "fg_makes": "fgm",
    "fg_attempts": "fga",
    "three_pt_makes": "fg3m",
    "three_pt_attempts": "fg3a",
    "ft_makes": "ftm",
    "ft_attempts": "fta",
}

pytestmark = [pytest.mark.xdist_group("real_data"), needs_real_data]


@pytest.fixture(scope="module")
def real(real_seasons):
    """The warehouse, the results of both backfills and the rows of player_game_summary."""
    name = PLAYER_GAME_SUMMARY.name
    rows = real_seasons.warehouse.read(PLAYER_GAME_SUMMARY)
    return real_seasons.warehouse, real_seasons.first[name], real_seasons.second[name], rows


def test_every_date_of_three_seasons_has_the_outcome_that_the_sources_allow(real):
    _, first, _, _ = real
    expected = {"built": 489, "no_raw_data": 90, "no_schedule": 10, "off_day": 64, "off_season": 256}
    assert outcomes(first) == expected
    assert sum(result.actual_rows for result in first.values()) == 78_335


def test_dates_without_raw_data_are_exactly_the_playoff_dates(real):
    _, first, _, _ = real
    results = pd.read_parquet(files("schedule/results_*.parquet")[0])
    playoffs = results[(results["season_type"] == "Playoffs") & (results["GAME_DATE"] <= "2024-04-14")]
    without = {day.isoformat() for day, result in first.items() if result.outcome == "no_raw_data"}
    assert without == set(playoffs["GAME_DATE"].astype(str))


def test_dates_the_schedule_cannot_explain_are_those_of_the_play_in(real):
    _, first, _, _ = real
    unknown = [day for day, result in first.items() if result.outcome == "no_schedule"]
    expected = date_range(date(2022, 4, 11), date(2022, 4, 15)) + date_range(date(2023, 4, 10), date(2023, 4, 14))
    assert unknown == expected
    assert all("play-in" in first[day].reason for day in unknown)


def test_after_loading_the_playoffs_exactly_their_dates_are_built(real):
    _, first, second, rows = real
    built = [day for day, result in second.items() if result.outcome == "built"]
    assert built == [day for day, result in first.items() if result.outcome == "no_raw_data"]
    assert outcomes(second) == {"built": 90, "no_schedule": 10}
    playoffs = rows[rows["game_type"] == "playoffs"]
    assert len(playoffs) == 3_620
    assert (~playoffs["played"]).sum() == 1
    assert playoffs.loc[~playoffs["played"], ["points", "minutes_played", "usage_rate"]].isna().all(axis=None)


def test_team_sums_equal_the_published_team_lines_on_every_game(real):
    _, _, _, rows = real
    published = pd.concat([pd.read_parquet(path) for path in files("team_gamelog/*.parquet")])
    published = published.set_index(["game_id", "team_abbreviation"])[list(COUNTS.values())].sort_index()
    regular = rows[rows["game_type"] == "regular"]
    sums = regular.groupby(["nba_game_id", "team_abbr"])[list(COUNTS)].sum().sort_index()
    assert len(sums) == len(published) == 3 * 2_460
    assert list(sums.index) == list(published.index)
    for ours, theirs in COUNTS.items():
        assert (sums[ours].to_numpy() == published[theirs].to_numpy()).all(), ours


def test_shooting_rates_equal_the_published_ones_on_every_playoff_line(real):
    _, _, _, rows = real
    published = pd.concat([pd.read_parquet(path) for path in files("playoffs_advanced/*.parquet")])
    published = published.assign(nba_game_id=published["GAME_ID"].astype("string"))
    ours = rows[rows["game_type"] == "playoffs"]
    joined = ours.merge(
        published, left_on=["nba_game_id", "player_full_name"], right_on=["nba_game_id", "PLAYER_NAME"], how="inner"
    )
    assert len(joined) == 3_620
    for name, official in (("ts_pct", "TS_PCT"), ("efg_pct", "EFG_PCT")):
        # NBA.com writes 0 where there was no attempt and ours is NULL. Rounding takes off the noise of binary floats:
        # published values have three digits, so differences of exactly 0.0005 occur.
        difference = (joined[name].fillna(0) - joined[official].fillna(0)).abs().round(12)
        assert difference.max() <= 0.0005, name
    assert joined["starter_flag"].sum() == 5 * 2 * (87 + 84)


def test_players_of_zero_whole_minutes_played(real):
    _, _, _, rows = real
    seconds = rows[(rows["game_type"] == "regular") & (rows["minutes_played"] == 0)]
    assert len(seconds) == 279
    assert seconds["played"].all()
    assert seconds["usage_rate"].isna().all()
    assert set(seconds["usage_rate_anomaly_reason"]) == {"no_minutes"}


def test_winners_opponents_and_scores_agree_with_the_results(real):
    _, _, _, rows = real
    results = pd.read_parquet(files("schedule/results_*.parquet")[0])
    home_won = dict(zip("00" + results["GAME_ID"].astype(str), results["home_win"] == 1, strict=True))
    sides = rows.drop_duplicates(["game_id", "team_abbr"])
    expected = sides["nba_game_id"].map(home_won).astype(bool) == sides["home_game"].astype(bool)
    assert (sides["win_flag"].astype(bool) == expected).all()
    assert (sides["team_abbr"] != sides["opponent_team_abbr"]).all()


def test_loading_the_same_files_again_changes_nothing(real):
    warehouse, _, _, _ = real
    before = {table.name: len(warehouse.read(table)) for table in RAW_TABLES}
    loaded = [*files("nba_com_leaguegamelog/player_gamelogs_*.parquet")[:1], *files("schedule/results_*.parquet")]
    loaded += files("shots/*.parquet") + files("playoff_play_by_play/playoff_pbp_2023.parquet")
    reports = load_nba_com(warehouse, loaded, now=datetime(2026, 2, 1, tzinfo=UTC))
    assert all(count.added == count.changed == 0 for report in reports for count in report.counts.values())
    assert {table.name: len(warehouse.read(table)) for table in RAW_TABLES} == before


def test_building_again_changes_no_content(real):
    warehouse, _, _, rows = real
    days = date_range(date(2022, 1, 1), date(2022, 1, 20))
    produce(warehouse, days, now=datetime(2026, 3, 1, tzinfo=UTC))
    again = warehouse.read(PLAYER_GAME_SUMMARY, start=days[0], end=days[-1])
    before = rows[rows["game_date"].isin(pd.to_datetime(pd.Series(days, dtype="object")))]
    keys = ["game_id", "player_lookup"]
    columns = [name for name in PLAYER_GAME_SUMMARY.column_names if name not in PLAYER_GAME_SUMMARY.not_content]
    left = again[columns].sort_values(keys, ignore_index=True)
    right = before[columns].sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(left, right)
    assert (again["record_version"] == 1).all()


def test_a_schedule_published_before_the_season_explains_what_it_could_not_know(tmp_path):
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    boxes = [*files("nba_com_leaguegamelog/player_gamelogs_2023-24.parquet"), *files("team_gamelog/*2023-24.parquet")]
    load_nba_com(warehouse, [*files("schedule/*scheduleLeagueV2_2023-24.json.gz"), *boxes], now=NOW)
    results = produce(warehouse, date_range(date(2023, 10, 24), date(2024, 4, 14)), now=NOW)
    # Cup games whose teams were open, or that filled days the first schedule left free.
    unknown = [day for day, result in results.items() if result.outcome == "no_schedule"]
    assert unknown == date_range(date(2023, 12, 4), date(2023, 12, 9))
    # Four games were postponed: their old dates lack them, and their new dates refuse rows of an unscheduled game.
    partial = {day: result.reason for day, result in results.items() if result.outcome == "partial_raw_data"}
    assert list(partial) == [date(2024, 1, 17), date(2024, 1, 19), date(2024, 4, 2), date(2024, 4, 5)]
    assert "20240117_GSW_UTA" in partial[date(2024, 1, 17)]
    assert outcomes(results) == {"built": 151, "off_day": 13, "no_schedule": 6, "partial_raw_data": 4}
    # This schedule has no scores: they come from the official team lines, and every game still has its winner.
    rows = warehouse.read(PLAYER_GAME_SUMMARY)
    assert rows["win_flag"].notna().all()
    quarantined = warehouse.read(QUARANTINED_ROWS)
    # One game was made up on a date for which this schedule has another game of the same teams.
    contradicting = quarantined[quarantined["reason"] == "game_ids_contradict"]
    assert set(contradicting["game_id"]) == {"20240402_DAL_GSW"}
    others = set(quarantined["reason"]) - {"game_ids_contradict"}
    assert others == {"game_not_in_schedule", "game_date_contradicts_schedule"}
