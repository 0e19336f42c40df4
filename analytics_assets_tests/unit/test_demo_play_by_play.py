"""Play-by-play of the demo league: it adds up to every box score exactly, and it tells a game that could have been."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from analytics_assets.demo.league import simulate_league
from analytics_assets.raw.declarations import BOX_COUNTS
from analytics_assets_tests.support.demo_season import active_lines, demo_season

SOURCES = ("bigdataball_play_by_play", "nbac_play_by_play")
GAME_CLOCK = ["game_id", "period", "seconds_remaining"]


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    """Events of every game from the one source that holds it, with ``who`` and ``helper`` by name."""
    told = pd.concat([demo_season()[name] for name in SOURCES], ignore_index=True)
    # Box tables hold texts as objects; indexes of both can then be compared.
    told = told.astype({name: object for name in ("game_id", "nba_game_id", "player_1_team_abbr")})
    lines = active_lines()
    names = lines.drop_duplicates("nba_player_id").set_index("nba_player_id")["player_lookup"]
    told["who"] = told["player_1_lookup"].fillna(told["player_1_id"].map(names))
    told["helper"] = told["player_2_lookup"].fillna(told["player_2_id"].map(names))
    shot = told["shot_type"].notna()
    told["is_throw"] = ~shot & told["shot_made"].notna()
    made = told["shot_made"].fillna(False).astype(bool)
    worth = told["shot_type"].map({"2PT": 2, "3PT": 3}).fillna(1)
    told["points"] = worth.where(made, 0).astype(int)
    told["made"] = made
    return told


def counted(events: pd.DataFrame, player: str, where: pd.Series, name: str) -> pd.DataFrame:
    rows = events.loc[where.fillna(False).astype(bool), ["game_id", player]]
    return rows.rename(columns={player: "player_lookup"}).assign(count=name, value=1)


@pytest.fixture(scope="module")
def box_from_events(events) -> pd.DataFrame:
    """What the events add up to, per game and player; the row of a game without player has the team's turnovers."""
    shot, three, throw, made = (
        events["shot_type"].notna(),
        events["shot_type"] == "3PT",
        events["is_throw"],
        events["made"],
    )
    rebound, role = events["rebound_type"], events["player_2_role"]
    foul = (events["event_type"] == "foul") & (events["event_sub_type"] != "technical")
    parts = [
        counted(events, "who", shot, "fg_attempted"),
        counted(events, "who", shot & made, "fg_made"),
        counted(events, "who", three, "three_pt_attempted"),
        counted(events, "who", three & made, "three_pt_made"),
        counted(events, "who", throw, "ft_attempted"),
        counted(events, "who", throw & made, "ft_made"),
        counted(events, "who", rebound == "offensive", "offensive_rebounds"),
        counted(events, "who", rebound == "defensive", "defensive_rebounds"),
        counted(events, "helper", role == "assist", "assists"),
        counted(events, "helper", role == "steal", "steals"),
        counted(events, "helper", role == "block", "blocks"),
        counted(events, "who", events["event_type"] == "turnover", "turnovers"),
        counted(events, "who", foul, "personal_fouls"),
        counted(events, "who", made, "points").assign(value=events.loc[made, "points"]),
    ]
    every = pd.concat(parts, ignore_index=True)
    keys = ["game_id", "player_lookup", "count"]
    return every.groupby(keys, dropna=False)["value"].sum().unstack(fill_value=0)


def test_every_game_is_told_by_exactly_one_source():
    box = set(demo_season()["nbac_team_boxscore"]["game_id"])
    one, other = (set(demo_season()[name]["game_id"]) for name in SOURCES)
    assert one | other == box
    assert not one & other
    assert len(other) / len(box) == pytest.approx(1 / 25, abs=0.02)


def test_events_add_up_to_the_line_of_every_player(box_from_events):
    lines = active_lines().set_index(["game_id", "player_lookup"])[list(BOX_COUNTS)].astype(int).sort_index()
    of_players = box_from_events[box_from_events.index.get_level_values("player_lookup").notna()]
    assert not set(of_players.index) - set(lines.index)
    told = of_players.reindex(lines.index, fill_value=0)[list(BOX_COUNTS)].astype(int)
    pd.testing.assert_frame_equal(told, lines, check_names=False)


def test_events_add_up_to_the_team_box_with_team_turnovers(events):
    box = demo_season()["nbac_team_boxscore"].set_index(["game_id", "team_abbr"]).sort_index()
    by_team = events.groupby(["game_id", "player_1_team_abbr"])
    assert (by_team["points"].sum() == box["points"]).all()
    lost = events["event_type"] == "turnover"
    assert (lost.groupby([events["game_id"], events["player_1_team_abbr"]]).sum() == box["turnovers"]).all()
    of_nobody = events[lost & events["who"].isna()]
    assert (of_nobody["event_sub_type"] == "shot clock").all()
    assert of_nobody["player_1_team_abbr"].notna().all()


def test_scores_rise_by_the_points_of_each_event_to_the_final_score(events):
    games = demo_season()["nbac_schedule"].set_index("game_id")
    scores = events[["home_score", "away_score"]].astype(int)
    before = scores.groupby(events["game_id"]).shift(fill_value=0)
    home = events["player_1_team_abbr"] == events["nba_game_id"].map(games["home_team_tricode"])
    assert (scores["home_score"] - before["home_score"] == events["points"].where(home, 0)).all()
    assert (scores["away_score"] - before["away_score"] == events["points"].where(~home, 0)).all()
    final = events.groupby("nba_game_id")[["home_score", "away_score"]].last().astype(int)
    told = games.loc[final.index, ["home_team_score", "away_team_score"]].astype(int)
    assert (final.to_numpy() == told.to_numpy()).all()


def test_the_clock_never_runs_backwards_and_periods_match_overtime(events):
    by_game = events.groupby("game_id")
    assert (by_game.cumcount() + 1 == events["event_order"]).all()
    assert by_game["period"].diff().dropna().isin([0, 1]).all()
    clock = events.groupby(["game_id", "period"])["seconds_remaining"]
    assert (clock.diff().dropna() <= 0).all()
    length = events["period"].astype(int).map(lambda period: 720.0 if period <= 4 else 300.0)
    assert (clock.transform("first") == length).all()
    assert (clock.transform("last") == 0).all()
    minutes = demo_season()["nbac_team_boxscore"].groupby("game_id")["minutes"].first().str[:-3].astype(int)
    assert (by_game["period"].last().astype(int) == 4 + (minutes - 240) // 25).all()
    assert (minutes > 240).any()


def test_a_free_throw_after_a_made_shot_stands_at_the_clock_of_the_basket_and_of_the_foul(events):
    single = events.loc[events["event_sub_type"] == "1 of 1", [*GAME_CLOCK, "who", "event_order"]]
    baskets = events.loc[events["shot_type"].notna() & events["made"], [*GAME_CLOCK, "who", "event_order"]]
    fouls = events.loc[events["event_sub_type"] == "shooting", [*GAME_CLOCK, "helper", "player_2_role", "event_order"]]
    found = single.merge(baskets, on=[*GAME_CLOCK, "who"], suffixes=("", "_of_basket"))
    found = found.merge(fouls.rename(columns={"helper": "who"}), on=[*GAME_CLOCK, "who"], suffixes=("", "_of_foul"))
    assert len(single) > 2000
    assert len(found.drop_duplicates(["game_id", "event_order"])) == len(single)
    assert (found["player_2_role"] == "foul_drawn").all()
    in_order = (found["event_order_of_basket"] < found["event_order_of_foul"]) & (
        found["event_order_of_foul"] < found["event_order"]
    )
    assert in_order.groupby([found["game_id"], found["event_order"]]).any().all()


def test_sets_of_free_throws_are_complete_and_in_order(events):
    throws = events[events["is_throw"] & (events["event_sub_type"] != "technical")]
    number, size = (throws["event_sub_type"].str.extract(r"^(\d) of (\d)$")[part].astype(int) for part in (0, 1))
    start = (number == 1).cumsum()
    assert (throws.groupby(start).cumcount() + 1 == number).all()
    assert (size.groupby(start).transform("size") == size).all()
    assert throws.groupby(start)["who"].nunique().eq(1).all()


def test_nobody_helps_himself_and_helpers_are_on_the_right_side(events):
    teams = active_lines().set_index(["game_id", "player_lookup"])["team_abbr"]
    helped = events[events["helper"].notna()]
    assert (helped["who"] != helped["helper"]).all()
    own = pd.Series(teams.reindex(pd.MultiIndex.from_frame(helped[["game_id", "helper"]])).to_numpy(), helped.index)
    assert own.notna().all()
    same_side = own == helped["player_1_team_abbr"]
    assert (same_side == (helped["player_2_role"] == "assist")).all()
    assert helped.loc[helped["player_2_role"] == "assist", "made"].all()
    assert not helped.loc[helped["player_2_role"] == "block", "made"].any()


def test_shots_are_taken_from_where_their_kind_says(events):
    shots = events[events["shot_type"].notna()]
    three = shots["shot_type"] == "3PT"
    assert (shots.loc[three, "shot_distance"] >= 22).all()
    assert (shots.loc[~three, "shot_distance"] < 22).all()
    assert (shots.loc[~three, "shot_distance"] <= 8).mean() == pytest.approx(0.72, abs=0.03)
    of_nba_com = shots[shots["shot_area"].notna()]
    assert (of_nba_com["shot_area"].str.contains("3") == (of_nba_com["shot_type"] == "3PT")).all()


def test_where_both_sources_tell_a_game_they_tell_the_same():
    league = simulate_league(now=datetime(2026, 11, 5, tzinfo=UTC), first_season_year=2026, tables=SOURCES)
    one, other = (league[name] for name in SOURCES)
    games = set(one["game_id"])
    assert len(games) > 50
    other = other[other["game_id"].isin(games)].reset_index(drop=True)
    same = ["game_id", "event_order", "period", "seconds_remaining", "home_score", "away_score", "event_sub_type"]
    same += ["player_1_team_abbr", "player_2_role", "shot_type", "shot_made", "rebound_type"]
    pd.testing.assert_frame_equal(one[same], other[same])
    assert (one["shot_distance"].dropna() == other["shot_distance"].dropna() // 1).all()
    shots = other["shot_type"].notna()
    assert other.loc[shots, "qualifiers"].map(lambda marks: "pointsinthepaint" in marks).mean() > 0.2
