"""Arenas: every game has its place, by name, by city or at home; what is unknown stays unknown."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from analytics_assets.demo.league import simulate_league
from analytics_assets.league.arenas import HOME_ARENAS, NEUTRAL_ARENAS, PRESEASON_ARENAS, home_places, places_of_games
from analytics_assets.league.games import game_types
from analytics_assets.league.teams import TRICODES
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.stats.travel import clock_offset_hours
from analytics_assets_tests.support.schedules import real_schedule

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


def place(name=None, city=None, neutral=None, home="LAL", season_year=2023) -> tuple:
    games = pd.DataFrame(
        {
            "arena_name": pd.array([name], dtype="string"),
            "arena_city": pd.array([city], dtype="string"),
            "neutral_site": pd.array([neutral], dtype="boolean"),
            "home": pd.array([home], dtype="string"),
            "season_year": pd.array([season_year], dtype="Int64"),
        }
    )
    found = places_of_games(games).iloc[0]
    return found["latitude"], found["longitude"], found["time_zone"]


def stands(arena) -> tuple:
    return arena.latitude, arena.longitude, arena.time_zone


def is_unknown(found: tuple) -> bool:
    return all(pd.isna(part) for part in found)


def test_every_team_has_a_home_arena_of_its_own() -> None:
    assert set(HOME_ARENAS) == set(TRICODES)
    assert len({stands(arena) for arena in HOME_ARENAS.values()}) == 30


def test_no_two_arenas_share_a_name() -> None:
    names = [
        name.lower() for arena in (*HOME_ARENAS.values(), *NEUTRAL_ARENAS, *PRESEASON_ARENAS) for name in arena.names
    ]
    assert len(set(names)) == len(names)


def test_winter_clocks_agree_with_the_sun() -> None:
    # A wrong sign, swapped coordinates or a wrong zone puts noon hours away from where 15 degrees an hour have it.
    arenas = [*HOME_ARENAS.values(), *NEUTRAL_ARENAS, *PRESEASON_ARENAS]
    zones = pd.Series([arena.time_zone for arena in arenas], dtype="string")
    offsets = clock_offset_hours(zones, pd.Series(pd.Timestamp("2024-01-10"), index=zones.index))
    from_sun = offsets - np.array([arena.longitude for arena in arenas]) / 15
    assert from_sun.between(-0.7, 1.3).all()
    assert all(19 < arena.latitude < 54 for arena in arenas)


@pytest.mark.parametrize(
    ("tricode", "name"),
    [
        ("LAL", "STAPLES Center"),
        ("LAL", "Crypto.com Arena"),
        ("LAC", "Intuit Dome"),
        ("MIA", "FTX Arena"),
        ("MIA", "Kaseya Center"),
        ("PHX", "Footprint Center"),
        ("PHX", "PHX Arena"),
        ("PHX", "Mortgage Matchup Center"),
        ("SAS", "AT&T Center"),
        ("UTA", "Vivint Arena"),
        ("CLE", "Rocket Mortgage Fieldhouse"),
        ("PHI", "Wells Fargo Center"),
        ("ORL", "Amway Center"),
        ("MEM", "FedEx Forum"),
    ],
)
def test_an_arena_is_known_by_every_name_it_had(tricode, name) -> None:
    assert place(name, home="BOS") == stands(HOME_ARENAS[tricode])


def test_the_name_decides_before_the_city_and_the_city_before_the_home_team() -> None:
    alamodome = next(arena for arena in NEUTRAL_ARENAS if arena.names == ("Alamodome",))
    assert place("Alamodome", "San Antonio", False, "SAS") == stands(alamodome)
    assert place("Renamed Last Week Center", "San Antonio", False, "SAS") == stands(HOME_ARENAS["SAS"])
    assert place("Renamed Last Week Center", "Paris", None, "SAS")[2] == "Europe/Paris"
    assert place(None, "Las Vegas", True, "SAS")[2] == "America/Los_Angeles"


def test_the_home_arena_stands_in_only_where_the_game_is_at_home() -> None:
    home = stands(HOME_ARENAS["LAL"])
    assert place() == place(neutral=False) == home
    assert place("Renamed Last Week Center", neutral=False) == home
    # Where it may be elsewhere, and where it is, no place is better than a wrong one.
    assert is_unknown(place(neutral=True))
    assert is_unknown(place("Rod Laver Arena", "Melbourne", neutral=True))
    assert is_unknown(place("Rod Laver Arena", "Melbourne"))


@pytest.mark.parametrize(
    ("tricode", "season_year", "expected"),
    [("LAC", 2023, "LAL"), ("LAC", 2024, "LAC"), ("LAC", 2026, "LAC"), ("LAL", 2021, "LAL"), ("BOS", 2030, "BOS")],
)
def test_home_is_where_the_team_played_in_that_season(tricode, season_year, expected) -> None:
    found = home_places(pd.Series([tricode], dtype="string"), pd.Series([season_year]))
    assert tuple(found.iloc[0]) == place(home=tricode, season_year=season_year) == stands(HOME_ARENAS[expected])


@pytest.mark.parametrize(("tricode", "season_year"), [("GSW", 2018), ("TOR", 2020), ("SEA", 2023), (None, 2023)])
def test_homes_that_are_not_listed_are_unknown(tricode, season_year) -> None:
    assert is_unknown(place(home=tricode, season_year=season_year))


def test_places_keep_the_index_of_the_games() -> None:
    games = interpret_schedule(
        simulate_league(now=NOW, first_season_year=2026, tables={"nbac_schedule"})["nbac_schedule"]
    )
    shuffled = games.games.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(places_of_games(shuffled).sort_index(), places_of_games(games.games))


def test_every_game_of_the_demo_league_has_its_place() -> None:
    raw = simulate_league(now=NOW, tables={"nbac_schedule"})["nbac_schedule"]
    games = interpret_schedule(raw).games
    assert set(games["season_year"]) == set(range(2021, 2027))
    assert places_of_games(games).notna().all(axis=None)
    # By name and by city alone: the home team's arena need not stand in.
    assert places_of_games(games.assign(neutral_site=True)).notna().all(axis=None)


def test_every_game_of_a_real_schedule_has_the_place_it_names() -> None:
    raw = real_schedule("schedule/*scheduleLeagueV2*.json.gz")
    named = raw[raw["arena_name"].notna()]
    assert len(named) == 1_276
    games = pd.DataFrame(
        {
            "arena_name": named["arena_name"],
            "arena_city": named["arena_city"],
            "neutral_site": True,
            "home": named["home_team_tricode"],
            "season_year": named["season_year"],
        }
    )
    by_name, by_city = places_of_games(games.assign(arena_city=None)), places_of_games(games.assign(arena_name=None))
    assert by_name.notna().all(axis=None)
    assert by_city.notna().all(axis=None)
    assert (by_name["time_zone"] == by_city["time_zone"]).all()
    # Regular-season games away from every home: Paris, Mexico City, twice Austin, the cup's semi-finals.
    regular = (game_types(named["game_id"]) == "regular").to_numpy()
    at_home = home_places(games["home"], games["season_year"])["latitude"].to_numpy() == by_name["latitude"].to_numpy()
    away = named.loc[regular & ~at_home, "arena_city"].value_counts()
    assert away.to_dict() == {"Austin": 2, "Las Vegas": 2, "Mexico City": 1, "Paris": 1}
