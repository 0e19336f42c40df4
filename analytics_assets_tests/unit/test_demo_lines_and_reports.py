"""What the demo league publishes around a game: betting lines, referees, injuries, rosters, each at its moment."""

import numpy as np
import pandas as pd
import pytest

from analytics_assets.demo.betting_market import BOOKS
from analytics_assets.demo.calendar import season_calendar
from analytics_assets.demo.props import DAILY_FANTASY
from analytics_assets.league.games import canonical_game_ids
from analytics_assets.stats.points_prop import implied_probabilities
from analytics_assets_tests.support.demo_season import SEASON_YEAR, active_lines, demo_season

ODDS_API, BETTINGPROS = "odds_api_player_points_props", "bettingpros_player_points_props"
GAME_LINES = "odds_api_game_lines"
LINE_TABLES = (ODDS_API, BETTINGPROS, GAME_LINES)
OFFER = ["game_id", "player_lookup", "bookmaker"]
# In minutes before tip-off, one after the other: opening, morning, afternoon, closing, in game.
SNAPSHOT_BOUNDS = [-110, -20, 5, 40, 90, 300, 480, 960, 1200, 1800]


@pytest.fixture(scope="module")
def games() -> pd.DataFrame:
    """Counted games by canonical id."""
    schedule = demo_season()["nbac_schedule"]
    ids = canonical_game_ids(schedule["game_date"], schedule["away_team_tricode"], schedule["home_team_tricode"])
    played = set(demo_season()["nbac_team_boxscore"]["game_id"])
    games = schedule.assign(canonical_id=ids)
    return games[games["canonical_id"].isin(played)].set_index("canonical_id")


def minutes_before(rows: pd.DataFrame) -> pd.Series:
    return (rows["tipoff_at"] - rows["snapshot_timestamp"]).dt.total_seconds() / 60


# --- betting lines ---


@pytest.mark.parametrize("table", LINE_TABLES)
def test_snapshots_lie_around_tip_off_and_the_last_before_it_is_always_there(table, games):
    rows = demo_season()[table]
    assert (rows["tipoff_at"].to_numpy() == games["tipoff_at"].loc[rows["game_id"]].to_numpy()).all()
    assert (rows["processed_at"] > rows["snapshot_timestamp"]).all()
    snapshot = pd.cut(minutes_before(rows), SNAPSHOT_BOUNDS, right=False, labels=False)
    assert snapshot.isin([0, 2, 4, 6, 8]).all()
    offer = [name for name in ("game_id", "player_lookup", "bookmaker") if name in rows]
    held = snapshot.groupby([rows[name] for name in offer]).agg([lambda s: (s == 2).any(), lambda s: (s == 0).any()])
    assert held.iloc[:, 0].all()
    in_game = held.iloc[:, 1].groupby("game_id").any().mean()
    assert in_game == (0 if table == BETTINGPROS else pytest.approx(1 / 3, abs=0.04))


def test_bettingpros_tells_opening_and_closing_of_both_sides():
    rows = demo_season()[BETTINGPROS]
    moment = [*OFFER, "snapshot_timestamp"]
    assert rows.groupby(moment)["bet_side"].agg(set).map(lambda sides: sides == {"over", "under"}).all()
    shown = rows.drop_duplicates(moment).sort_values("snapshot_timestamp")
    count = shown.groupby(OFFER).size()
    assert count.isin([1, 2]).all()
    assert (count == 2).mean() > 0.98
    first = shown.groupby(OFFER)["points_line"].transform("first")
    has_both = shown.groupby(OFFER)["points_line"].transform("size") == 2
    assert (shown["opening_line"] == first)[has_both].all()
    assert (shown["points_line"] != first).mean() > 0.1
    assert rows.groupby("offer_id")[OFFER].nunique().eq(1).all(axis=None)


def test_daily_fantasy_lines_stand_only_where_no_sportsbook_has_one():
    odds, bettingpros = demo_season()[ODDS_API], demo_season()[BETTINGPROS]
    assert set(odds["bookmaker"]) == {"draftkings", "fanduel", DAILY_FANTASY}
    assert set(bettingpros["bookmaker"]) == {"draftkings", "betmgm"}
    player = ["game_id", "player_lookup"]
    fantasy = odds.loc[odds["bookmaker"] == DAILY_FANTASY, player].drop_duplicates()
    books = pd.concat([odds.loc[odds["bookmaker"] != DAILY_FANTASY, player], bettingpros[player]]).drop_duplicates()
    assert len(fantasy) > 100
    assert fantasy.merge(books).empty
    # Some games are only on BettingPros.
    assert set(bettingpros["game_id"]) - set(odds["game_id"])


def test_points_lines_expect_what_players_score_and_jump_once_the_game_runs():
    odds = demo_season()[ODDS_API].sort_values("snapshot_timestamp")
    before = minutes_before(odds) > 0
    closing = odds[before].groupby(OFFER)["points_line"].last()
    scored = active_lines().set_index(["game_id", "player_lookup"])["points"].astype(float)
    joined = closing.reset_index().join(scored.rename("points"), on=["game_id", "player_lookup"]).dropna()
    error = joined["points"] - joined["points_line"]
    assert error.mean() == pytest.approx(0, abs=0.5)
    assert np.corrcoef(joined["points"], joined["points_line"])[0, 1] > 0.5
    assert (joined["points_line"] > 0).all()
    in_game = odds[~before].groupby(OFFER)["points_line"].last()
    jump = (in_game - closing.reindex(in_game.index)).abs()
    assert jump.between(5, 9).all()


def test_some_lines_are_of_players_who_then_do_not_play():
    active = active_lines().set_index(["game_id", "player_lookup"]).index
    offered = demo_season()[ODDS_API].drop_duplicates(["game_id", "player_lookup"])
    plays = offered.set_index(["game_id", "player_lookup"]).index.isin(active)
    assert 0.005 < 1 - plays.mean() < 0.1
    withdrawn = demo_season()[BETTINGPROS].loc[lambda rows: ~rows["is_active"].astype(bool)]
    assert len(withdrawn) > 0
    assert not withdrawn.set_index(["game_id", "player_lookup"]).index.isin(active).any()


def test_game_lines_are_symmetric_and_complete():
    rows = demo_season()[GAME_LINES]
    moment = ["game_id", "bookmaker", "snapshot_timestamp"]
    bets = rows.set_index([*moment, "market", "bet_side"])[["line", "price"]].unstack(["market", "bet_side"])
    assert bets["price"].notna().all(axis=None)
    line, price = bets["line"], bets["price"]
    assert (line["spreads", "home"] == -line["spreads", "away"]).all()
    assert (line["totals", "over"] == line["totals", "under"]).all()
    assert line["h2h"].isna().all(axis=None)
    assert (2 * line[["spreads", "totals"]] % 1 == 0).all(axis=None)
    assert (price.abs() >= 100).all(axis=None)
    for market, (one, other) in (
        ("h2h", ("home", "away")),
        ("spreads", ("home", "away")),
        ("totals", ("over", "under")),
    ):
        together = implied_probabilities(price[market, one]) + implied_probabilities(price[market, other])
        assert together.between(1.0, 1.08).all(), market
    clear = line["spreads", "home"].abs() >= 1
    home_favoured = line["spreads", "home"] < 0
    assert ((price["h2h", "home"] < price["h2h", "away"]) == home_favoured)[clear].all()


def test_game_lines_expect_what_teams_score(games):
    rows = demo_season()[GAME_LINES]
    assert set(rows["bookmaker"]) == set(BOOKS)
    assert set(rows["game_id"]) == set(games.index)
    closing = rows[(minutes_before(rows) > 0) & (rows["bookmaker"] == "draftkings")].sort_values("snapshot_timestamp")
    last = closing.groupby(["game_id", "market", "bet_side"])["line"].last().unstack(["market", "bet_side"])
    home, away = (games.loc[last.index, f"{side}_team_score"].astype(float) for side in ("home", "away"))
    margin_error = home - away + last["spreads", "home"]
    total_error = home + away - last["totals", "over"]
    assert margin_error.mean() == pytest.approx(0, abs=1.2)
    assert total_error.mean() == pytest.approx(0, abs=2)
    assert margin_error.std() < (home - away).std()


# --- referees, injuries, rosters ---


def test_three_referees_work_a_game_and_nobody_twice_a_date(games):
    rows = demo_season()["nbac_referee_game_assignments"]
    crews = rows.groupby("game_id")["position"].agg(sorted)
    assert set(crews.index) == set(games.index)
    assert crews.map(lambda crew: crew == ["crew_chief", "referee", "umpire"]).all()
    assert not rows.duplicated(["game_date", "official_code"]).any()
    assert rows.groupby("official_code")["official_name"].nunique().eq(1).all()
    assert rows["official_code"].nunique() == 75
    assert (rows["processed_at"].to_numpy() < games["tipoff_at"].loc[rows["game_id"]].to_numpy()).all()


def test_injuries_are_reported_before_tip_off_and_who_is_out_does_not_play(games):
    rows = demo_season()["nbac_injury_report"]
    assert (rows["processed_at"].to_numpy() < games["tipoff_at"].loc[rows["game_id"]].to_numpy()).all()
    listed = demo_season()["nbac_gamebook_player_stats"].set_index(["game_id", "player_lookup"])
    status = listed.loc[pd.MultiIndex.from_frame(rows[["game_id", "player_lookup"]]), "player_status"].to_numpy()
    assert set(status[rows["injury_status"] == "out"]) == {"inactive"}
    last = rows.sort_values("reported_at").groupby(["game_id", "player_lookup"]).tail(1)
    assert set(rows["injury_status"]) == {"out", "doubtful", "questionable", "probable", "available"}
    out = listed[(listed["player_status"] == "inactive") & listed["dnp_reason"].str.startswith("Injury", na=False)]
    reported = set(map(tuple, last[["game_id", "player_lookup"]].to_numpy()))
    assert set(out.index) <= reported


def test_everyone_listed_for_a_game_is_on_the_latest_roster_of_his_team():
    rosters = demo_season()["espn_team_rosters"]
    assert rosters.groupby(["roster_date", "team_abbr"]).size().eq(17).all()
    assert not rosters.duplicated(["roster_date", "player_lookup"]).any()
    assert (rosters["processed_at"].dt.tz_convert("America/New_York").dt.hour == 6).all()
    listed = demo_season()["nbac_gamebook_player_stats"][["game_date", "team_abbr", "player_lookup"]]
    editions = pd.DataFrame({"roster_date": sorted(rosters["roster_date"].unique())})
    dated = pd.merge_asof(listed.sort_values("game_date"), editions, left_on="game_date", right_on="roster_date")
    assert dated["roster_date"].notna().all()
    on_roster = dated.astype({"team_abbr": "string", "player_lookup": "string"}).merge(
        rosters, on=["roster_date", "team_abbr", "player_lookup"]
    )
    assert len(on_roster) == len(listed)
    deadline = pd.Timestamp(season_calendar(SEASON_YEAR).trade_deadline)
    teams = rosters.groupby(["player_lookup", rosters["roster_date"] > deadline])["team_abbr"].nunique()
    assert teams.eq(1).all()
    assert (rosters.groupby("player_lookup")["team_abbr"].nunique() == 2).sum() == 28
