"""The demo league over time: what a later moment adds, what it never changes, and what seeds and arguments do."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from analytics_assets.demo.calendar import season_calendar
from analytics_assets.demo.league import simulate_league
from analytics_assets.league.games import COUNTED_GAME_TYPES, canonical_game_ids, game_types
from analytics_assets.raw.declarations import NBAC_SCHEDULE, RAW_TABLES
from analytics_assets.raw.declarations.schedule import FINAL, IN_PROGRESS, SCHEDULED

# Half past eight in the evening, Eastern: some of the night's games are running, none is over.
NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
MID_SEASON = datetime(2025, 1, 16, 3, 0, tzinfo=UTC)
# Two hours before the first tip-offs of an evening.
BEFORE_GAMES = datetime(2025, 1, 15, 22, 0, tzinfo=UTC)
MID_PLAYOFFS = datetime(2025, 5, 10, 2, 0, tzinfo=UTC)
EVENT_TABLES = ("bigdataball_play_by_play", "nbac_play_by_play")
LINE_TABLES = ("odds_api_player_points_props", "bettingpros_player_points_props", "odds_api_game_lines")
BOX_TABLES = ("nbac_gamebook_player_stats", "nbac_player_boxscores", "bdl_player_boxscores", "nbac_team_boxscore")
COUNTED = [kind.value for kind in COUNTED_GAME_TYPES]
ABOUT_GAMES = [table.name for table in RAW_TABLES if "game_id" in table.column_names and table is not NBAC_SCHEDULE]
FIRST_SEASON = 2024
SCHEDULE_ALONE = {"nbac_schedule"}


@pytest.fixture(scope="module")
def league() -> dict[str, pd.DataFrame]:
    return simulate_league(now=NOW, first_season_year=FIRST_SEASON)


def of_games(rows: pd.DataFrame, schedule: pd.DataFrame) -> pd.DataFrame:
    """Rows of the schedule's games."""
    ids = canonical_game_ids(schedule["game_date"], schedule["away_team_tricode"], schedule["home_team_tricode"])
    return rows[rows["game_id"].isin(ids)].reset_index(drop=True)


def test_status_follows_the_clock(league):
    games = league["nbac_schedule"]
    final = games["game_status"] == FINAL
    assert (final == (games["tipoff_at"] + timedelta(hours=3, minutes=30) <= NOW)).all()
    running = games["game_status"] == IN_PROGRESS
    assert running.any()
    assert (games.loc[running, "tipoff_at"] <= NOW).all()
    assert (games.loc[games["game_status"] == SCHEDULED, "tipoff_at"] > NOW).all()
    for score in ("home_team_score", "away_team_score"):
        assert (games[score].notna() == final).all()


@pytest.mark.parametrize("now", [NOW, MID_SEASON, MID_PLAYOFFS, datetime(2025, 8, 20, tzinfo=UTC)])
def test_nothing_is_written_after_now(now):
    league = simulate_league(now=now, first_season_year=min(now.year - 1, 2025))
    for name, frame in league.items():
        assert (frame["processed_at"] <= now).all(), name
    schedule = league["nbac_schedule"].set_index("game_id")
    for table in (*BOX_TABLES, *EVENT_TABLES):
        assert (schedule.loc[league[table]["nba_game_id"].unique(), "game_status"] == FINAL).all()


@pytest.mark.parametrize("earlier", [MID_SEASON, MID_PLAYOFFS])
def test_final_games_never_change_with_a_later_now(league, earlier):
    before = simulate_league(now=earlier, first_season_year=FIRST_SEASON)
    final_before = before["nbac_schedule"].query("game_status == @FINAL").reset_index(drop=True)
    later = league["nbac_schedule"]
    same_games = later[later["game_id"].isin(final_before["game_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(final_before, same_games)
    for table in ABOUT_GAMES:
        one, other = (of_games(frames[table], final_before) for frames in (before, league))
        assert len(one) > 0
        pd.testing.assert_frame_equal(one, other, obj=table)
    registry = league["player_registry"]
    same_players = registry[registry["season_year"] <= before["player_registry"]["season_year"].max()]
    pd.testing.assert_frame_equal(before["player_registry"], same_players.reset_index(drop=True))
    rosters = league["espn_team_rosters"]
    same_rosters = rosters[rosters["processed_at"] <= earlier].reset_index(drop=True)
    pd.testing.assert_frame_equal(before["espn_team_rosters"], same_rosters)


def test_lines_and_reports_of_coming_games_stay_when_they_are_played(league):
    before = simulate_league(now=BEFORE_GAMES, first_season_year=FIRST_SEASON)
    coming = before["nbac_schedule"].query("game_status != @FINAL")
    for table in (*LINE_TABLES, "nbac_referee_game_assignments", "nbac_injury_report"):
        known = of_games(before[table], coming)
        assert len(known) > 0
        then = of_games(league[table], coming)
        assert len(then) > len(known)
        written = then[then["processed_at"] <= BEFORE_GAMES].reset_index(drop=True)
        pd.testing.assert_frame_equal(known, written, obj=table)


def test_games_to_come_are_those_that_will_be_played(league):
    before = simulate_league(now=MID_PLAYOFFS, first_season_year=2024, tables=SCHEDULE_ALONE)["nbac_schedule"]
    open_games = before[before["game_status"] != FINAL]
    assert len(open_games) > 0
    assert (game_types(open_games["game_id"]) == "playoffs").all()
    facts = ["game_id", "game_date", "home_team_tricode", "away_team_tricode", "tipoff_at"]
    assert len(open_games.merge(league["nbac_schedule"], on=facts)) == len(open_games)


def test_a_fifth_game_is_scheduled_only_after_the_fourth_is_over():
    for days in range(0, 40, 4):
        now = MID_PLAYOFFS + timedelta(days=days - 10)
        league = simulate_league(now=now, first_season_year=2024, tables=SCHEDULE_ALONE)
        schedule = league["nbac_schedule"].set_index("game_id")
        playoffs = schedule[game_types(schedule.index.to_series()) == "playoffs"]
        uncertain = playoffs[(playoffs.index.str[-1] >= "5") & (playoffs["game_status"] != FINAL)]
        game_before = [f"{game[:-1]}{int(game[-1]) - 1}" for game in uncertain.index]
        assert (playoffs.loc[game_before, "game_status"] == FINAL).all()


def test_a_season_is_published_ten_weeks_before_its_opening():
    opening = season_calendar(2026).opening
    morning = datetime(opening.year, opening.month, opening.day, 16, tzinfo=UTC)
    for weeks, latest in ((11, 2025), (10, 2026)):
        now = morning - timedelta(weeks=weeks)
        schedule = simulate_league(now=now, first_season_year=2025, tables=SCHEDULE_ALONE)["nbac_schedule"]
        assert schedule["season_year"].max() == latest


def test_same_seed_same_league_and_other_seed_another():
    one, same, other = (
        simulate_league(now=MID_SEASON, seed=seed, first_season_year=FIRST_SEASON) for seed in (7, 7, 8)
    )
    for table in one:
        pd.testing.assert_frame_equal(one[table], same[table])
        assert not one[table].equals(other[table])


def test_a_season_is_the_same_whichever_season_comes_first(league):
    alone = simulate_league(now=NOW, first_season_year=2026)
    for name, frame in alone.items():
        whole = league[name]
        pd.testing.assert_frame_equal(frame, whole[whole["season_year"] >= 2026].reset_index(drop=True))


def test_a_table_is_the_same_whichever_tables_come_with_it(league):
    for name in ("nbac_play_by_play", "odds_api_game_lines", "nbac_injury_report", "espn_team_rosters"):
        alone = simulate_league(now=NOW, first_season_year=2026, tables={name})
        assert list(alone) == [name]
        whole = league[name]
        pd.testing.assert_frame_equal(alone[name], whole[whole["season_year"] >= 2026].reset_index(drop=True))


@pytest.mark.parametrize("seed", range(5))
def test_other_seeds_keep_the_calendar_too(seed):
    now = datetime(2025, 8, 1, tzinfo=UTC)
    league = simulate_league(now=now, seed=seed, first_season_year=2023, tables=SCHEDULE_ALONE)
    schedule = league["nbac_schedule"]
    schedule = schedule[game_types(schedule["game_id"]).isin(COUNTED)]
    assert schedule.groupby("season_year")["game_date"].max().dt.date.to_dict() == {
        2023: date(2024, 6, 17),
        2024: date(2025, 6, 22),
    }
    sides = [schedule.assign(team=schedule[f"{side}_team_tricode"]) for side in ("home", "away")]
    by_team = pd.concat(sides).sort_values(["team", "game_date"]).groupby("team")["game_date"]
    assert by_team.diff(2).min() >= timedelta(days=3)


def test_before_the_first_season_there_is_nothing():
    league = simulate_league(now=datetime(2021, 7, 1, tzinfo=UTC))
    for table in RAW_TABLES:
        assert league[table.name].empty
        assert list(league[table.name].columns) == table.column_names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"now": NOW.replace(tzinfo=None)}, "time zone"),
        ({"now": NOW, "first_season_year": 2019}, "starts in 2021"),
        ({"now": NOW, "seed": -1}, "seed must not be negative"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        simulate_league(**arguments)
