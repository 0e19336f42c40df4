"""Travel between arenas: great-circle miles, and by how much the clock changes; moving east is positive."""

import numpy as np
import pandas as pd

# Mean radius of the Earth, 6,371.0 km (International Union of Geodesy and Geophysics), in statute miles.
EARTH_RADIUS_MILES = 3958.8
# An hour lost to a later clock costs more sleep than an hour won: ruled in section 4.3 of the specification.
_JET_LAG_EAST, _JET_LAG_WEST = 1.5, 1.0


def great_circle_miles(
    from_latitude: pd.Series, from_longitude: pd.Series, to_latitude: pd.Series, to_longitude: pd.Series
) -> pd.Series:
    """Shortest distance over the globe, in miles; NULL where a coordinate is.

    Haversine formula (Sinnott, Sky and Telescope 68, 1984) on a sphere of the Earth's mean radius: within 0.5 % of the
    distance on the ellipsoid.

    Args:
        from_latitude: Degrees north.
        from_longitude: Degrees east.
        to_latitude: Degrees north.
        to_longitude: Degrees east.
    """
    north, further_north = np.radians(from_latitude), np.radians(to_latitude)
    half_chord_squared = (
        np.sin((further_north - north) / 2) ** 2
        + np.cos(north) * np.cos(further_north) * np.sin(np.radians(to_longitude - from_longitude) / 2) ** 2
    )
    # Rounding may lift the value of two opposite points above 1.
    return pd.Series(2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(np.minimum(half_chord_squared, 1.0))))


def clock_offset_hours(time_zones: pd.Series, dates: pd.Series) -> pd.Series:
    """Hours by which the clocks of a zone are ahead of UTC at noon of a date, daylight saving time included.

    Args:
        time_zones: IANA names; NULL where unknown.
        dates: Calendar dates, at midnight, on the same index.

    Returns:
        Float series, negative in America; NULL where the zone is.
    """
    noon = dates + pd.Timedelta(hours=12)
    offsets = pd.Series(np.nan, index=dates.index, dtype="float64")
    for zone in time_zones.dropna().unique():
        inside = (time_zones == zone).fillna(False).to_numpy(dtype=bool)
        local = noon[inside]
        utc = local.dt.tz_localize(zone).dt.tz_convert("UTC").dt.tz_localize(None)
        offsets[inside] = (local - utc).dt.total_seconds() / 3600
    return offsets


def trips(start: pd.DataFrame, end: pd.DataFrame, dates: pd.Series) -> pd.DataFrame:
    """What each trip asks of a team.

    Args:
        start: ``latitude``, ``longitude``, ``time_zone`` of where the team comes from.
        end: The same of where it goes, on the same index.
        dates: Date of the game for which it travels. Both clocks are read on it, so that the change to or from
            daylight saving time is no trip.

    Returns:
        Frame on that index: ``travel_miles``; ``time_zones_crossed`` (hours by which the clock at the end is later,
        positive when moving east); ``travel_direction`` (``east``, ``west``, or ``none`` with an unchanged clock);
        ``jet_lag_factor`` (1.5 an hour east, 1 an hour west). All are NULL where either place is unknown.
    """
    miles = great_circle_miles(start["latitude"], start["longitude"], end["latitude"], end["longitude"])
    hours = clock_offset_hours(end["time_zone"], dates) - clock_offset_hours(start["time_zone"], dates)
    direction = pd.Series("none", index=dates.index, dtype="string").mask(hours > 0, "east").mask(hours < 0, "west")
    return pd.DataFrame(
        {
            "travel_miles": miles,
            "time_zones_crossed": hours,
            "travel_direction": direction.mask(hours.isna()),
            "jet_lag_factor": hours.abs() * np.where(hours > 0, _JET_LAG_EAST, _JET_LAG_WEST),
        }
    )
