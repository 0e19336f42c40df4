"""The demo league keeps the promises that everything shown with it rests on: calendar, sums, identity, stability."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from analytics_assets.demo.calendar import season_calendar
from analytics_assets.demo.league import simulate_league
from analytics_assets.demo.names import player_lookup
from analytics_assets.league.games import GAME_TYPE_BY_PREFIX, canonical_game_ids, game_types
from analytics_assets.league.seasons import FINISHED_SEASONS, REFERENCE_END, REFERENCE_START
from analytics_assets.league.teams import TEAMS, TRICODES
from analytics_assets.raw.declarations import BOX_COUNTS, RAW_TABLES
from analytics_assets.raw.declarations.schedule import FINAL
from analytics_assets_tests.support.demo_season import demo_season

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
BOX_TABLES = ("nbac_gamebook_player_stats", "nbac_player_boxscores", "bdl_player_boxscores", "nbac_team_boxscore")
PLAYER_TABLES = BOX_TABLES[:3]
FULL_SEASONS = range(2021, 2026)
COUNTED = ("regular", "playoffs", "play_in", "cup_final")


@pytest.fixture(scope="module")
def league() -> dict[str, pd.DataFrame]:
    """The tables that span seasons: who plays when, where and how well."""
    return simulate_league(now=NOW, tables={"nbac_schedule", "player_registry", *BOX_TABLES})


@pytest.fixture(scope="module")
def games(league):
    """Schedule with game type and canonical id."""
    schedule = league["nbac_schedule"]
    ids = canonical_game_ids(schedule["game_date"], schedule["away_team_tricode"], schedule["home_team_tricode"])
    return schedule.assign(game_type=game_types(schedule["game_id"]), canonical_id=ids)


@pytest.fixture(scope="module")
def team_games(games):
    """Counted games, once for each team, in the order in which the team plays them."""
    counted = games[games["game_type"].isin(COUNTED)]
    sides = [counted.assign(team=counted[f"{side}_team_tricode"], is_home=side == "home") for side in ("home", "away")]
    return pd.concat(sides).sort_values(["team", "season_year", "game_date"], ignore_index=True)


@pytest.fixture(scope="module")
def active(league):
    """Gamebook rows of players who played, with playing time in seconds."""
    rows = league["nbac_gamebook_player_stats"]
    rows = rows[rows["player_status"] == "active"]
    return rows.assign(seconds=seconds(rows["minutes"]))


def seconds(clock: pd.Series) -> pd.Series:
    parts = clock.str.split(":", expand=True).astype(int)
    return parts[0] * 60 + parts[1]


def dates(frame: pd.DataFrame) -> set[date]:
    return set(frame["game_date"].dt.date)


# --- frames ---


def test_every_raw_table_has_exactly_its_declared_columns():
    assert list(demo_season()) == [table.name for table in RAW_TABLES]
    for table in RAW_TABLES:
        assert list(demo_season()[table.name].columns) == table.column_names
        assert len(demo_season()[table.name]) > 0


@pytest.mark.parametrize("table", RAW_TABLES, ids=lambda table: table.name)
def test_keys_are_unique_and_required_columns_filled(table):
    frame = demo_season()[table.name]
    assert not frame.duplicated(list(table.key)).any()
    required = [column.name for column in table.columns if column.required]
    assert frame[required].notna().all(axis=None)
    for column in table.columns:
        if column.allowed:
            assert set(frame[column.name].dropna()) <= set(column.allowed)


def test_dates_are_midnights_and_moments_are_utc():
    for frame in demo_season().values():
        assert str(frame["processed_at"].dt.tz) == "UTC"
        if "game_date" in frame:
            assert frame["game_date"].dt.tz is None
            assert (frame["game_date"] == frame["game_date"].dt.normalize()).all()


# --- schedule ---


def test_every_team_plays_82_regular_games_41_at_home(team_games):
    regular = team_games[team_games["game_type"] == "regular"]
    count = regular.groupby(["season_year", "team"])["is_home"].agg(["size", "sum"])
    assert len(count) == 6 * 30
    assert (count["size"] == 82).all()
    assert (count["sum"] == 41).all()


def test_every_pair_of_teams_meets_two_to_four_times(team_games):
    regular = team_games[(team_games["game_type"] == "regular") & team_games["is_home"]]
    pair = regular[["home_team_tricode", "away_team_tricode"]].apply(lambda row: "-".join(sorted(row)), axis=1)
    meetings = pair.groupby([regular["season_year"], pair]).size()
    assert meetings.groupby("season_year").size().eq(30 * 29 // 2).all()
    assert meetings.between(2, 4).all()


def test_at_most_one_game_a_day_and_never_three_days_in_a_row(team_games):
    by_team = team_games.groupby("team")["game_date"]
    assert by_team.diff().min() >= timedelta(days=1)
    assert by_team.diff(2).min() >= timedelta(days=3)


def test_back_to_backs_are_as_many_as_in_a_real_season(team_games):
    regular = team_games[team_games["game_type"] == "regular"]
    gaps = regular.groupby(["season_year", "team"])["game_date"].diff()
    count = (gaps == timedelta(days=1)).groupby([regular["season_year"], regular["team"]]).sum()
    assert count.between(10, 16).all()


def test_game_dates_are_as_many_as_in_the_reference_range(games):
    real = games[games["game_type"] != "preseason"]
    reference = real[real["game_date"].between(pd.Timestamp(REFERENCE_START), pd.Timestamp(REFERENCE_END))]
    assert 820 <= reference["game_date"].nunique() <= 870
    regular_dates = games[games["game_type"] == "regular"].groupby("season_year")["game_date"].nunique()
    assert regular_dates.between(160, 172).all()


def test_finished_seasons_keep_their_first_and_last_date(games):
    counted = games[games["game_type"].isin(COUNTED)]
    span = counted.groupby("season_year")["game_date"].agg(["min", "max"])
    for season in FINISHED_SEASONS:
        if season.season_year in span.index:
            first, last = span.loc[season.season_year]
            assert (first.date(), last.date()) == (season.first_date, season.last_date)


def test_calendar_has_its_holes(games):
    counted = dates(games[games["game_type"].isin(COUNTED)])
    for year in FULL_SEASONS:
        calendar = season_calendar(year)
        break_days = {calendar.all_star_game + timedelta(days=days) for days in range(-2, 4)}
        assert not counted & ({calendar.thanksgiving, date(year, 12, 24)} | break_days)
        assert not {day for day in counted if date(year + 1, 7, 1) <= day < date(year + 1, 10, 18)}
        assert date(year, 12, 25) in counted
        playoffs = games[(games["game_type"] == "playoffs") & (games["season_year"] == year)]
        possible = (playoffs["game_date"].max() - playoffs["game_date"].min()).days + 1
        assert playoffs["game_date"].nunique() < possible - 5


def test_later_seasons_open_on_a_tuesday_and_end_on_a_sunday():
    for year in range(2025, 2045):
        calendar = season_calendar(year)
        assert date(year, 10, 18) <= calendar.opening <= date(year, 10, 24)
        assert (calendar.opening.strftime("%a"), calendar.regular_end.strftime("%a")) == ("Tue", "Sun")
        assert len(calendar.regular_dates) == 163


def test_game_ids_are_unique_and_tell_type_and_season(games):
    assert games["game_id"].is_unique
    assert games["game_id"].str.fullmatch(r"00[1-6]\d{7}").all()
    assert (games["game_id"].str[3:5] == (games["season_year"] % 100).astype(str)).all()
    per_type = games.groupby(["season_year", "game_type"]).size().unstack(fill_value=0)
    assert set(per_type.columns) == {kind.value for kind in GAME_TYPE_BY_PREFIX.values()}
    assert (per_type["regular"] == 1230).all()
    assert (per_type["all_star"] == 1).all()
    assert (per_type["preseason"] > 0).all()
    assert (per_type.loc[list(FULL_SEASONS), "play_in"] == 6).all()
    assert per_type["cup_final"].to_dict() == {2021: 0, 2022: 0, 2023: 1, 2024: 1, 2025: 1, 2026: 0}


def test_special_games_are_where_they_belong(games):
    all_star = games[games["game_type"] == "all_star"]
    assert not set(all_star["home_team_tricode"]) & set(TRICODES)
    cup = games[games["game_type"] == "cup_final"]
    assert (cup["arena_city"] == "Las Vegas").all()
    assert cup["neutral_site_flag"].all()
    assert (cup["game_date"].dt.month == 12).all()
    assert not games.loc[games["game_type"].isin(["regular", "playoffs", "play_in"]), "neutral_site_flag"].any()


def test_game_date_is_the_eastern_date_of_tip_off(games):
    eastern = games["tipoff_at"].dt.tz_convert("America/New_York")
    assert (eastern.dt.tz_localize(None).dt.normalize() == games["game_date"]).all()
    assert eastern.dt.hour.between(12, 23).all()


def test_a_champion_needs_exactly_sixteen_wins(games):
    playoffs = games[games["game_type"] == "playoffs"]
    home_won = playoffs["home_team_score"] > playoffs["away_team_score"]
    winner = playoffs["home_team_tricode"].where(home_won, playoffs["away_team_tricode"])
    wins = winner.groupby([playoffs["season_year"], winner]).size()
    assert wins.groupby("season_year").max().to_dict() == dict.fromkeys(FULL_SEASONS, 16)
    assert (wins == 16).sum() == len(FULL_SEASONS)
    series = playoffs["game_id"].str[:9]
    assert series.groupby(playoffs["season_year"]).nunique().eq(15).all()
    assert winner.groupby([series, winner]).size().groupby(level=0).max().eq(4).all()


def test_play_in_decides_the_last_two_places_of_each_conference(games):
    conference = {team.tricode: team.conference for team in TEAMS}
    for _, season in games[games["season_year"].isin(FULL_SEASONS)].groupby("season_year"):
        play_in = season[season["game_type"] == "play_in"]
        assert play_in["home_team_tricode"].map(conference).value_counts().to_dict() == {"East": 3, "West": 3}
        tried = set(play_in["home_team_tricode"]) | set(play_in["away_team_tricode"])
        qualified = tried & set(season.loc[season["game_type"] == "playoffs", "home_team_tricode"])
        assert (len(tried), len(qualified)) == (8, 4)


# --- box scores ---


def test_player_rows_add_up_to_team_rows(league, active):
    keys = ["game_id", "team_abbr"]
    team = league["nbac_team_boxscore"].set_index(keys).sort_index()
    total = active.groupby(keys)[[*BOX_COUNTS, "plus_minus", "seconds"]].sum().astype(int).sort_index()
    assert total.index.equals(team.index)
    for count in BOX_COUNTS:
        if count != "turnovers":
            assert (total[count] == team[count]).all(), count
    assert set(team["turnovers"] - total["turnovers"]) == {0, 1, 2}
    assert (total["plus_minus"] == 5 * team["plus_minus"]).all()
    assert (total["seconds"] == seconds(team["minutes"])).all()
    assert ((total["seconds"] - 240 * 60) % (25 * 60) == 0).all()


def test_team_rows_agree_with_the_schedule(league, games):
    team = league["nbac_team_boxscore"]
    assert team.groupby("game_id")["is_home"].agg(["size", "sum"]).eq([2, 1]).all(axis=None)
    joined = team.merge(games, left_on="nba_game_id", right_on="game_id", suffixes=("", "_scheduled"))
    assert len(joined) == len(team)
    final = games[games["game_type"].isin(COUNTED) & (games["game_status"] == FINAL)]
    assert set(final["canonical_id"]) == set(team["game_id"])
    assert (joined["game_id"] == joined["canonical_id"]).all()
    home, score = joined["is_home"], joined["home_team_score"]
    assert (joined["team_abbr"] == joined["home_team_tricode"].where(home, joined["away_team_tricode"])).all()
    assert (joined["points"] == score.where(home, joined["away_team_score"])).all()
    margin = (score - joined["away_team_score"]) * home.map({True: 1, False: -1})
    assert (joined["plus_minus"] == margin).all()
    assert (margin != 0).all()


@pytest.mark.parametrize("table", BOX_TABLES)
def test_points_identity_and_makes_within_attempts(league, table):
    rows = league[table].dropna(subset=["points"])
    twos = rows["fg_made"] - rows["three_pt_made"]
    assert (rows["points"] == 2 * twos + 3 * rows["three_pt_made"] + rows["ft_made"]).all()
    for kind in ("fg", "three_pt", "ft"):
        assert (rows[f"{kind}_made"] <= rows[f"{kind}_attempted"]).all()
    assert (rows["three_pt_made"] <= rows["fg_made"]).all()
    assert (rows["three_pt_attempted"] <= rows["fg_attempted"]).all()
    assert (rows[list(BOX_COUNTS)] >= 0).all(axis=None)


def test_team_lines_look_like_basketball(league):
    team = league["nbac_team_boxscore"]
    mean = team[list(BOX_COUNTS)].mean()
    assert team["points"].between(80, 160).all()
    assert mean["points"] == pytest.approx(113, abs=3)
    assert mean["fg_attempted"] == pytest.approx(88, abs=3)
    assert mean["fg_made"] / mean["fg_attempted"] == pytest.approx(0.47, abs=0.01)
    assert mean["three_pt_made"] / mean["three_pt_attempted"] == pytest.approx(0.36, abs=0.01)
    assert mean["ft_made"] / mean["ft_attempted"] == pytest.approx(0.78, abs=0.01)
    assert (team["assists"] <= team["fg_made"]).all()
    other = team.sort_values(["game_id", "is_home"])
    misses = (other["fg_attempted"] - other["fg_made"]).to_numpy()
    opponent_defensive = other["defensive_rebounds"].to_numpy().reshape(-1, 2)[:, ::-1].ravel()
    assert abs((misses - other["offensive_rebounds"].to_numpy() - opponent_defensive).mean()) < 4


def test_overtime_happens_in_about_six_of_a_hundred_games(league):
    minutes = league["nbac_team_boxscore"].groupby("game_id")["minutes"]
    assert minutes.nunique().eq(1).all()
    assert (minutes.first() != "240:00").mean() == pytest.approx(0.06, abs=0.015)


def test_rosters_of_a_game_have_starters_bench_and_absentees(league):
    rows = league["nbac_gamebook_player_stats"]
    status = rows.groupby(["game_id", "team_abbr", "player_status"]).size().unstack(fill_value=0)
    assert status["active"].between(8, 11).all()
    assert status["dnp"].between(2, 4).all()
    assert status["inactive"].between(1, 4).all()
    starters = rows[rows["starter"]]
    assert (starters["player_status"] == "active").all()
    assert starters.groupby(["game_id", "team_abbr"]).size().eq(5).all()
    played = rows["player_status"] == "active"
    numbers = [*BOX_COUNTS, "minutes", "plus_minus"]
    assert rows.loc[played, numbers].notna().all(axis=None)
    assert rows.loc[~played, numbers].isna().all(axis=None)
    assert (rows["dnp_reason"].isna() == played).all()


def test_some_players_play_only_seconds_and_none_more_than_the_game(active):
    brief = (active["seconds"] < 60).mean()
    assert brief == pytest.approx(0.003, abs=0.0015)
    assert active["seconds"].min() > 0
    longest = active.groupby("game_id")["seconds"].transform("sum") / 10
    assert (active["seconds"] < longest).all()
    assert active["personal_fouls"].max() == 6


def test_other_player_sources_hold_the_same_lines(league, active):
    keys = ["game_id", "player_lookup"]
    gamebook = active.set_index(keys)
    for table in PLAYER_TABLES[1:]:
        rows = league[table].set_index(keys)
        assert rows.index.equals(gamebook.index)
        assert (rows[list(BOX_COUNTS)] == gamebook[list(BOX_COUNTS)]).all(axis=None)
    exact = league["nbac_player_boxscores"].set_index(keys)
    assert (exact["minutes"] == gamebook["minutes"]).all()
    assert (exact["starter"] == gamebook["starter"]).all()
    assert not exact["minutes_are_rounded"].any()
    whole = league["bdl_player_boxscores"].set_index(keys)["minutes"].astype(int)
    assert ((whole * 60 - gamebook["seconds"]).abs() <= 30).all()


# --- players ---


def test_unknown_players_are_in_box_scores_but_not_in_the_registry(league, active):
    seen = active[["season_year", "player_lookup"]].drop_duplicates()
    registry = league["player_registry"][["season_year", "player_lookup", "universal_player_id"]]
    joined = seen.merge(registry, how="left")
    unknown = joined[joined["universal_player_id"].isna()].groupby("season_year").size()
    assert unknown.reindex(FULL_SEASONS).between(5, 10).all()


def test_registry_keeps_one_identity_over_the_seasons(league):
    registry = league["player_registry"]
    assert registry["universal_player_id"].str.fullmatch(r"demo-\d{6}").all()
    for column in ("universal_player_id", "nba_player_id", "birth_date", "player_name"):
        assert registry.groupby("player_lookup")[column].nunique().eq(1).all()
    names = registry["player_name"].drop_duplicates()
    assert (names.map(player_lookup) == registry["player_lookup"].drop_duplicates()).all()
    assert (~names.map(str.isascii)).any()
    assert names.str.contains("-").any()
    assert names.str.contains(r" (?:Jr\.|III)$").any()
    age = registry["season_year"] - registry["birth_date"].dt.year
    assert age.between(18, 50).all()


def test_rosters_change_between_seasons_and_some_players_are_traded(active):
    seasons = active.groupby("season_year")["player_lookup"].agg(set)
    for year in FULL_SEASONS[1:]:
        assert 0.6 < len(seasons[year] & seasons[year - 1]) / len(seasons[year]) < 0.95
    teams = active.groupby(["season_year", "player_lookup"])["team_abbr"].nunique()
    assert (teams > 1).groupby("season_year").sum().reindex(FULL_SEASONS).between(5, 40).all()
    assert teams.max() == 2
