"""Travel: distances that can be looked up, clocks that run later in the east."""

import numpy as np
import pandas as pd
import pytest

from analytics_assets.league.arenas import home_places
from analytics_assets.stats.travel import EARTH_RADIUS_MILES, clock_offset_hours, great_circle_miles, trips

WINTER, SUMMER = "2024-01-10", "2024-04-10"


def miles(*coordinates: float) -> float:
    return great_circle_miles(*(pd.Series([value], dtype="float64") for value in coordinates)).iloc[0]


def trip(start: str, end: str, day: str = WINTER) -> pd.Series:
    places = [home_places(pd.Series([team], dtype="string"), pd.Series([2024])) for team in (start, end)]
    return trips(*places, pd.Series([pd.Timestamp(day)])).iloc[0]


def test_a_quarter_of_the_globe() -> None:
    quarter = np.pi / 2 * EARTH_RADIUS_MILES
    assert miles(0, 0, 0, 90) == pytest.approx(quarter)
    assert miles(0, 12, 90, -150) == pytest.approx(quarter)
    assert miles(0, -170, 0, 100) == pytest.approx(quarter)
    assert miles(0, 0, 0, 180) == pytest.approx(2 * quarter)


def test_one_minute_of_latitude_is_a_nautical_mile() -> None:
    assert miles(40, -75, 40 + 1 / 60, -75) == pytest.approx(1.15078, rel=2e-3)


@pytest.mark.parametrize(
    ("start", "end", "published"),
    # Great-circle distances between the cities' airports or centres, as travel tables give them.
    [("BOS", "LAL", 2595), ("NYK", "MIA", 1092), ("POR", "ORL", 2530), ("CHI", "DEN", 915), ("TOR", "PHX", 1875)],
)
def test_distances_between_cities(start, end, published) -> None:
    assert trip(start, end)["travel_miles"] == pytest.approx(published, rel=0.015)
    assert trip(end, start)["travel_miles"] == pytest.approx(trip(start, end)["travel_miles"], rel=1e-12)


def test_staying_is_no_trip() -> None:
    assert trip("DEN", "DEN").tolist() == [0.0, 0.0, "none", 0.0]


def test_an_unknown_coordinate_is_an_unknown_distance() -> None:
    assert np.isnan(miles(np.nan, 0, 0, 0))


@pytest.mark.parametrize(
    ("start", "end", "hours", "direction", "jet_lag"),
    [
        # Defect 14 of the team context: the static table had these two the wrong way round.
        ("LAL", "BOS", 3.0, "east", 4.5),
        ("BOS", "LAL", -3.0, "west", 3.0),
        ("DEN", "CHI", 1.0, "east", 1.5),
        ("MIA", "BOS", 0.0, "none", 0.0),
    ],
)
def test_moving_east_is_a_later_clock(start, end, hours, direction, jet_lag) -> None:
    found = trip(start, end)
    assert found[["time_zones_crossed", "travel_direction", "jet_lag_factor"]].tolist() == [hours, direction, jet_lag]


def test_arizona_keeps_its_clock_in_summer() -> None:
    assert trip("PHX", "LAL", WINTER)["time_zones_crossed"] == -1
    assert trip("PHX", "LAL", SUMMER)["time_zones_crossed"] == 0


def test_offsets_are_those_of_the_date() -> None:
    zones = pd.Series(["America/New_York", "America/New_York", "Europe/Paris", None], dtype="string")
    dates = pd.Series(pd.to_datetime([WINTER, SUMMER, WINTER, WINTER]))
    found = clock_offset_hours(zones, dates)
    assert found.iloc[:3].tolist() == [-5.0, -4.0, 1.0]
    assert np.isnan(found.iloc[3])
