"""Both context tables over the reference backfill: rows, schedule, windows and rosters counted again from raw rows."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd
import pytest

from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, NBAC_SCHEDULE
from analytics_assets.tables.context_columns import (
    SIDE_COLUMNS,
    ahead_columns,
    form_columns,
    opponent_rest_columns,
    travel_columns,
)
from analytics_assets.tables.declaration import ColumnType, Table
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.plain_forms import assert_agrees, plain_means, plain_ratings, plain_rest
from analytics_assets_tests.support.plain_schedule import recompute_team_contexts
from analytics_assets_tests.support.warehouses import outcomes

pytestmark = pytest.mark.xdist_group("demo_league")

SEASONS = (2021, 2022, 2023, 2024)
SAMPLED_A_SEASON = 15
LOOKS_BACK = re.compile(
    "_last_(5|7|10|7_days|14_days|7_games)$|(rating|pace|used|home|away|opponent)_season$|_streak|^last_game_|^pace_diff"
    "|^opponent_ft_rate|^win_pct$|^(wins|losses)$|^projected|^days_(rest|since_[l2])"
)
MEASURED = {"travel_miles", "miles_traveled_last_14_days", "win_pct"}
TEAM_GAME = ["game_id", "team_abbr"]


@dataclass(frozen=True)
class Season:
    """One season of the tables, read when a test asks for it."""

    warehouse: DuckDBWarehouse
    year: int

    def read(self, table: Table, columns: list[str] | None = None) -> pd.DataFrame:
        return self.warehouse.read(table, columns, date(self.year, 8, 1), date(self.year + 1, 7, 31))

    @cached_property
    def teams(self) -> pd.DataFrame:
        return self.read(UPCOMING_TEAM_GAME_CONTEXT)

    @cached_property
    def players(self) -> pd.DataFrame:
        return self.read(UPCOMING_PLAYER_GAME_CONTEXT)

    @cached_property
    def played(self) -> pd.DataFrame:
        """Rows of ``player_game_summary`` of those who played, in order."""
        rows = self.read(PLAYER_GAME_SUMMARY)
        return rows[rows["played"]].sort_values("game_date", ignore_index=True)

    @property
    def opening(self) -> pd.Timestamp:
        return self.teams["game_date"].min()


@pytest.fixture(scope="module", params=SEASONS)
def season(demo_league, request) -> Season:
    return Season(demo_league.warehouse, request.param)


def test_every_date_of_both_contexts_is_done(demo_league):
    for found in demo_league.contexts.values():
        assert outcomes(found) == {"built": 827, "off_day": 134, "off_season": 382}
        built = [result for result in found.values() if result.outcome == "built"]
        assert all(result.actual_games == result.expected_games for result in built)
        assert all(result.actual_rows == result.expected_rows for result in built)
        assert not any(result.warnings or result.quarantined_rows for result in built)


def test_two_teams_a_game_and_a_whole_roster_a_team(season):
    schedule = season.read(NBAC_SCHEDULE)
    counted = schedule[schedule["game_id"].str[:3].isin(["002", "004", "005", "006"])]
    assert len(season.teams) == 2 * len(counted)
    assert set(season.teams["nba_game_id"]) == set(season.players["nba_game_id"]) == set(counted["game_id"])
    assert (season.teams.groupby("game_id")["home_game"].sum() == 1).all()
    sizes = season.players.groupby(TEAM_GAME).size()
    assert len(sizes) == len(season.teams)
    assert sizes.between(13, 18).all()
    assert not season.players.duplicated(["game_date", "player_lookup"]).any()


def test_schedule_and_results_of_every_team_and_date_equal_a_count_over_the_raw_schedule(demo_league):
    rows = demo_league.warehouse.read(UPCOMING_TEAM_GAME_CONTEXT).set_index(TEAM_GAME)
    expected = recompute_team_contexts(demo_league.warehouse.read(NBAC_SCHEDULE))
    assert set(rows.index) == set(expected)
    columns = list(next(iter(expected.values())))
    wrong = []
    for key, row in zip(rows.index, rows[columns].to_dict("records"), strict=True):
        for name, value in expected[key].items():
            found = None if pd.isna(row[name]) else row[name]
            measured = name in MEASURED and value is not None
            if found != (pytest.approx(value, rel=1e-9, abs=1e-6) if measured else value):
                wrong.append((key, name, found, value))
    assert wrong == []


def test_both_sides_of_a_game_mirror_each_other(season):
    own = season.teams.set_index(TEAM_GAME).sort_index()
    theirs = season.teams.set_index(["game_id", "opponent_team_abbr"]).sort_index()
    assert list(own.index) == list(theirs.index)

    def equal(one: str, other: str) -> bool:
        return own[one].equals(theirs[other])

    assert equal("opponent_days_rest", "team_days_rest")
    assert equal("opponent_next_game_days_rest", "next_game_days_rest")
    assert equal("opponent_games_in_next_7_days", "games_in_next_7_days")
    assert (own["rest_advantage"] + theirs["rest_advantage"]).dropna().eq(0).all()
    for column in form_columns():
        if column.name.startswith("team_"):
            assert equal(column.name, column.name.replace("team_", "opponent_", 1)), column.name
    for rows in (season.teams, season.players.drop_duplicates(TEAM_GAME)):
        home, away = (rows[rows["home_game"] == side].set_index("game_id").sort_index() for side in (True, False))
        assert list(home.index) == list(away.index)
        for name in ("game_spread", "opening_spread", "spread_movement"):
            assert home[name].notna().all()
            assert (home[name] == -away[name]).all(), name
        for name in ("game_total", "opening_total", "total_movement", "game_total_source"):
            assert home[name].equals(away[name]), name
        assert (home["implied_team_total"] + away["implied_team_total"] == home["game_total"]).all()
        favourite = rows["game_spread"] < 0
        assert (rows.loc[favourite, "moneyline"] < 0).mean() > 0.9
        assert (rows["game_spread"] == rows["opening_spread"] + rows["spread_movement"]).mean() > 0.5


def test_players_carry_the_schedule_and_form_of_their_team(season):
    renamed = {"is_back_to_back": "back_to_back"}
    groups = (SIDE_COLUMNS, opponent_rest_columns(), ahead_columns(), travel_columns(), form_columns())
    shared = [column.name for group in groups for column in group]
    shared += ["back_to_back", "team_days_rest", "early_season_flag", "as_of_timestamp", "season_boundary_detected"]
    own = season.players[[*TEAM_GAME, *shared]]
    of_team = own[TEAM_GAME].merge(season.teams.rename(columns=renamed), on=TEAM_GAME, how="left")[own.columns]
    pd.testing.assert_frame_equal(own, of_team)
    rows = season.players.sort_values("game_date")
    # Whoever was traded overnight played the day before, but not for the team that rests.
    stayed = rows.groupby("player_lookup")["team_abbr"].shift() == rows["team_abbr"]
    assert rows.loc[rows["player_played_yesterday"] & stayed, "back_to_back"].all()


def test_windows_of_sampled_players_equal_plain_python_over_base_rows(season):
    sample = season.players.sample(SAMPLED_A_SEASON, random_state=season.year)
    assert sample["l10_games_used"].max() == 10
    for target in sample.to_dict("records"):
        earlier = season.played[season.played["game_date"] < target["game_date"]]
        rows = earlier[earlier["player_lookup"] == target["player_lookup"]].to_dict("records")
        days = [(target["game_date"] - row["game_date"]).days for row in rows]
        assert_agrees(target, {**plain_rest(days), **plain_means(rows, days, target), **plain_streaks(rows, target)})
        window = [row["game_date"] for row in rows[-10:]] or [pd.NaT]
        assert_same_dates(target, window)
        for size in (5, 10):
            assert target[f"l{size}_sample_quality"] == sample_quality(len(rows), size)


def plain_streaks(rows: list[dict], target: dict) -> dict:
    """Games in a row above and below today's line; games equal to it neither count nor end a streak."""
    line = target["current_points_line"]
    if pd.isna(line) or not rows:
        return {"prop_over_streak": float("nan"), "prop_under_streak": float("nan")}
    sides = [row["points"] > line for row in reversed(rows) if row["points"] != line]
    length = next((n for n, side in enumerate(sides) if side != sides[0]), len(sides))
    over = bool(sides) and sides[0]
    return {"prop_over_streak": length if over else 0, "prop_under_streak": 0 if over else length}


def assert_same_dates(target: dict, window: list) -> None:
    shown = [target["window_first_date"], target["window_last_date"]]
    assert [str(day) for day in shown] == [str(window[0]), str(window[-1])]


def sample_quality(games: int, size: int) -> str:
    share = min(games, size) / size
    return "excellent" if share == 1 else "good" if share >= 0.7 else "limited" if share >= 0.5 else "insufficient"


def test_ratings_of_sampled_teams_equal_plain_python_over_base_rows(season):
    defense = season.read(TEAM_DEFENSE_GAME_SUMMARY).rename(columns={"defending_team_abbr": "team_abbr"})
    games = season.read(TEAM_OFFENSE_GAME_SUMMARY).merge(
        defense[[*TEAM_GAME, "points_allowed", "opp_ft_attempts", "opp_fg_attempts"]], on=TEAM_GAME, validate="1:1"
    )
    games = games.sort_values("game_date")
    for target in season.teams.sample(SAMPLED_A_SEASON, random_state=season.year).to_dict("records"):
        before = games[games["game_date"] < target["game_date"]]
        recent = {}
        for side, column in (("team", "team_abbr"), ("opponent", "opponent_team_abbr")):
            rows = before[before["team_abbr"] == target[column]].to_dict("records")
            recent[side] = plain_ratings(rows[-10:])
            for window, size in (("last_5", 5), ("last_10", 10), ("season", len(rows) or 1)):
                expected = plain_ratings(rows[-size:])
                assert_agrees(target, {f"{side}_{name}_{window}": value for name, value in expected.items()})
        assert_agrees(target, {"pace_differential": recent["team"]["pace"] - recent["opponent"]["pace"]})


def test_a_season_starts_with_empty_windows_and_no_number_of_the_season_before(season):
    for rows, table in ((season.teams, UPCOMING_TEAM_GAME_CONTEXT), (season.players, UPCOMING_PLAYER_GAME_CONTEXT)):
        openers = rows[rows["season_boundary_detected"]]
        assert openers["team_abbr"].nunique() == 30
        looking_back = [name for name in table.column_names if LOOKS_BACK.search(name)]
        counts = [name for name in looking_back if table.by_name[name].required and "quality" not in name]
        measures = [name for name in looking_back if not table.by_name[name].required]
        assert len(counts) > 8
        assert len(measures) > 30
        assert (openers[counts] == 0).all(axis=None)
        assert openers[measures].isna().all(axis=None)
        assert (openers["insufficient_data_reason"] == "last_5:0_games; last_10:0_games").all()
        known = rows[rows["window_first_date"].notna()]
        assert (known["window_first_date"] >= season.opening).all()
        assert (known["window_last_date"] < known["game_date"]).all()
        assert len(known) > 0.8 * len(rows)


def test_games_used_are_the_games_of_this_season_before_the_date(season):
    teams = season.teams.sort_values("game_date")
    number = teams.groupby("team_abbr").cumcount()
    assert (teams["team_games_used_season"] == number).all()
    assert (teams["team_games_used_last_10"] == number.clip(upper=10)).all()
    assert (teams["expected_games_count"] == number).all()
    players = season.players
    played = season.played.groupby("player_lookup")["game_date"].apply(list)
    before = [
        sum(day < target for day in played.get(player, []))
        for player, target in zip(players["player_lookup"], players["game_date"], strict=True)
    ]
    used = players["home_games_used_season"] + players["away_games_used_season"]
    assert used.tolist() == before
    assert players["l10_games_used"].tolist() == [min(number, 10) for number in before]


def test_the_first_fourteen_days_are_flagged(season):
    for rows in (season.teams, season.players):
        early = (rows["game_date"] - season.opening).dt.days < 14
        assert early.any()
        assert (rows["early_season_flag"] == early).all()
        told = rows["quality_issues"].map(lambda issues: "early_season" in issues)
        assert (told == early).all()


def test_players_are_those_of_the_roster_as_of_the_date_whether_or_not_they_play(season):
    rosters = season.read(ESPN_TEAM_ROSTERS)
    editions = {key: set(rows["player_lookup"]) for key, rows in rosters.groupby(["roster_date", "team_abbr"])}
    dates = sorted(rosters["roster_date"].unique())
    for (day, team), rows in season.players.groupby(["game_date", "team_abbr"]):
        latest = max(edition for edition in dates if edition <= day)
        assert set(rows["player_lookup"]) == editions[latest, team]
        assert (rows["roster_date"] == latest).all()
    box = season.played[["game_id", "player_lookup"]].assign(appeared=True)
    rows = season.players.merge(box, on=["game_id", "player_lookup"], how="left")
    assert rows["appeared"].sum() == len(box)
    # Players ruled out keep their row, and so do those whom the coach left on the bench.
    out = rows[rows["player_status"] == "out"]
    assert len(out) > 1000
    assert out["appeared"].isna().all()
    assert (rows.loc[rows["player_status"] == "not_listed", "appeared"].isna()).sum() > 1000


def test_a_traded_player_keeps_his_history_and_has_the_context_of_his_new_team(season):
    moves = season.players.sort_values("game_date").groupby("player_lookup")["team_abbr"].unique()
    traded = moves[moves.map(len) == 2]
    assert len(traded) >= 20
    kept = 0
    for player, (old, new) in traded.items():
        rows = season.players[season.players["player_lookup"] == player].sort_values("game_date")
        arrival = rows[rows["team_abbr"] == new].iloc[0]
        assert (rows.loc[rows["game_date"] >= arrival["game_date"], "team_abbr"] == new).all()
        own = season.played[season.played["player_lookup"] == player]
        before = own[own["game_date"] < arrival["game_date"]]
        assert set(before["team_abbr"]) <= {old}
        assert arrival["l10_games_used"] == min(len(before), 10)
        if len(before):
            kept += 1
            assert arrival["points_avg_last_10"] == pytest.approx(before["points"].tail(10).mean())
        # What is his own differs from the team's rest, which is that of the new team.
        team = season.teams.set_index(TEAM_GAME).loc[(arrival["game_id"], new)]
        assert arrival["team_days_rest"] == team["team_days_rest"]
        assert arrival["team_net_rating_last_10"] == team["team_net_rating_last_10"]
    assert kept >= 15


def test_a_player_back_after_forty_days_has_his_last_ten_games_of_the_season(season):
    rows = season.players[(season.players["days_since_last_game"] >= 40) & (season.players["l10_games_used"] == 10)]
    back = rows.merge(season.played[["game_id", "player_lookup"]], on=["game_id", "player_lookup"])
    assert len(back) >= 1
    for target in back.to_dict("records"):
        own = season.played[season.played["player_lookup"] == target["player_lookup"]]
        before = own[own["game_date"] < target["game_date"]].tail(10)
        assert len(before) == 10
        assert_same_dates(target, before["game_date"].tolist())
        assert target["points_avg_last_10"] == pytest.approx(before["points"].mean())
        assert pd.isna(target["minutes_in_last_14_days"])
        assert target["games_in_last_14_days"] == 0
        assert target["l10_sample_quality"] == "excellent"


def test_every_row_knows_nothing_later_than_its_tip_off(season):
    schedule = season.read(NBAC_SCHEDULE).set_index("game_id")["tipoff_at"]
    for rows in (season.teams, season.players):
        assert (rows["as_of_timestamp"] == rows["nba_game_id"].map(schedule)).all()
        assert (rows["betting_lines_updated_at"] <= rows["as_of_timestamp"]).all()


# Columns with one value throughout a season of the demo league, and why that is right.
NOTHING_MISSING = "every summary of every earlier date is there"
ALWAYS_TOLD = "the source has rows of every game"
CONSTANT = {
    "season_year": "it is one season",
    "row_origin": "every team has a roster, and every line is on one of its players",
    "primary_source_used": "the first source is always there",
    "quality_used_fallback": "the first source is always there",
    "quality_reconstructed": "nothing is put together from other sources",
    "game_spread_source": "DraftKings has a line on every game; the players' medians differ in their number of books",
    "game_total_source": "DraftKings has a line on every game",
    "pending_games": "all games are final",
    "context_version": "every row is written once",
    "quality_tier": "teams lack no source",
    "data_quality_tier": "teams lack no source",
    "processed_with_issues": "teams lack no source",
    **dict.fromkeys(["missing_games_count", "completeness_percentage", "data_quality_issues"], NOTHING_MISSING),
    **dict.fromkeys(["all_windows_complete", "is_production_ready"], NOTHING_MISSING),
    **dict.fromkeys(["is_bootstrap", "backfill_bootstrap_mode"], NOTHING_MISSING),
    **{f"{window}_completeness_pct": NOTHING_MISSING for window in ("l5", "l10", "l7d", "l14d", "l30d")},
    **{f"{window}_is_complete": NOTHING_MISSING for window in ("l5", "l10", "l7d", "l14d", "l30d")},
    **{f"source_{name}_completeness_pct": ALWAYS_TOLD for name in ("boxscore", "schedule", "bp_props", "game_lines")},
}
# Columns that vary in one of the two tables.
VARIES_FOR_PLAYERS = {
    *("game_spread_source", "game_total_source", "quality_tier", "data_quality_tier", "processed_with_issues"),
}
NO_CUP_FINAL = {"neutral_site": "no game on neutral ground before the cup final of 2023"}
# Columns that are NULL throughout, because their declaration says so.
UNKNOWN = {
    *("manual_override_required", "reprocess_attempt_count", "last_reprocess_attempt_at"),
    *("circuit_breaker_active", "circuit_breaker_until", "quality_metadata"),
}


@pytest.mark.parametrize("table", [UPCOMING_TEAM_GAME_CONTEXT, UPCOMING_PLAYER_GAME_CONTEXT], ids=lambda t: t.name)
def test_no_column_is_all_null_or_constant_without_a_reason(season, table: Table):
    of_players = table is UPCOMING_PLAYER_GAME_CONTEXT
    rows = season.players if of_players else season.teams
    lists = [column.name for column in table.columns if column.type is ColumnType.STRING_ARRAY]
    counts = rows.assign(**{name: rows[name].map(tuple) for name in lists}).nunique()
    # All rows are written at one moment; what sources wrote is not.
    written = {column.name for column in table.columns if column.type is ColumnType.TIMESTAMP}
    expected = set(CONSTANT) & set(table.column_names) - (VARIES_FOR_PLAYERS if of_players else set())
    expected |= set(NO_CUP_FINAL) if season.year < 2023 else set()
    assert set(counts.index[counts == 0]) == UNKNOWN
    assert all(table.by_name[name].null_rule for name in UNKNOWN)
    assert set(counts.index[counts == 1]) - written == expected
    flags = {column.name for column in table.columns if column.type is ColumnType.BOOL} - expected - UNKNOWN
    assert len(flags) >= 6
    assert all(set(rows[name].dropna()) == {True, False} for name in flags)


def test_numbers_are_possible(season):
    teams, players = season.teams, season.players
    for rows in (teams, players):
        assert rows["games_in_last_7_days"].between(0, 5).all()
        assert rows["games_in_last_14_days"].between(0, 9).all()
        assert rows["games_in_last_7_days"].max() >= 4
        assert (rows["time_zones_crossed"].dropna().abs() <= 3).all()
        assert (rows["travel_miles"] < 3000).all()
        assert (rows["travel_miles"] > 0).mean() > 0.5
        assert rows["team_offensive_rating_season"].dropna().between(80, 150).all()
        assert rows["team_pace_season"].dropna().between(80, 120).all()
        assert rows["game_total"].between(180, 280).all()
        assert rows["game_spread"].abs().max() < 30
    assert players["player_age"].dropna().between(18, 45).all()
    assert players["points_avg_last_10"].dropna().between(0, 60).all()
    assert players["line_movement"].abs().max() < 5
    assert (players["avg_minutes_per_game_last_7"].dropna() <= 63).all()
    assert players["back_to_backs_last_14_days"].max() <= 4


def test_late_game_minutes_are_known_of_whoever_has_played(season):
    names = ["fourth_quarter_minutes_last_7", "clutch_minutes_last_7_games", "fourth_quarter_production_last_7"]
    known = season.players.loc[season.players["l10_games_used"] > 0, names]
    assert (known.notna().mean() > 0.95).all()
    assert (known["fourth_quarter_minutes_last_7"].dropna() <= 12).all()
    assert known["fourth_quarter_minutes_last_7"].mean() == pytest.approx(60 / 12, abs=1.5)
    assert (known["clutch_minutes_last_7_games"].dropna() <= 25).all()
    assert 0 < known["clutch_minutes_last_7_games"].mean() < 3
    assert season.players.loc[season.players["l10_games_used"] == 0, names].isna().all(axis=None)
