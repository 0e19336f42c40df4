"""Arenas: where they stand, in which time zone, and what they have been called since 2021-22.

Name, city and time zone of today's home arenas stand in ``league/teams.py``; here is what is more than that.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analytics_assets.league.teams import TEAMS


@dataclass(frozen=True)
class Arena:
    """One building.

    Attributes:
        names: Today's name, then earlier ones and other spellings.
        city: City as NBA.com writes it.
        latitude: Degrees north.
        longitude: Degrees east; negative in America.
        time_zone: IANA time zone.
    """

    names: tuple[str, ...]
    city: str
    latitude: float
    longitude: float
    time_zone: str


# Before this season some teams played in buildings that are not listed here.
FIRST_SEASON_OF_HOME_ARENAS = 2021

_HOME_POSITIONS = {
    "ATL": (33.7573, -84.3963),
    "BOS": (42.3662, -71.0621),
    "CLE": (41.4965, -81.6882),
    "NOP": (29.9490, -90.0821),
    "CHI": (41.8807, -87.6742),
    "DAL": (32.7905, -96.8103),
    "DEN": (39.7487, -105.0077),
    "GSW": (37.7680, -122.3877),
    "HOU": (29.7508, -95.3621),
    "LAC": (33.9450, -118.3431),
    "LAL": (34.0430, -118.2673),
    "MIA": (25.7814, -80.1870),
    "MIL": (43.0451, -87.9172),
    "MIN": (44.9795, -93.2761),
    "BKN": (40.6826, -73.9754),
    "NYK": (40.7505, -73.9934),
    "ORL": (28.5392, -81.3839),
    "IND": (39.7640, -86.1555),
    "PHI": (39.9012, -75.1720),
    "PHX": (33.4457, -112.0712),
    "POR": (45.5316, -122.6668),
    "SAC": (38.5802, -121.4997),
    "SAS": (29.4270, -98.4375),
    "OKC": (35.4634, -97.5151),
    "TOR": (43.6435, -79.3791),
    "UTA": (40.7683, -111.9011),
    "MEM": (35.1382, -90.0506),
    "WAS": (38.8982, -77.0209),
    "DET": (42.3411, -83.0553),
    "CHA": (35.2251, -80.8392),
}
_EARLIER_NAMES = {
    "CLE": ("Rocket Mortgage FieldHouse",),
    "LAL": ("Staples Center",),
    "MIA": ("Miami-Dade Arena", "FTX Arena"),
    "ORL": ("Amway Center",),
    "PHI": ("Wells Fargo Center",),
    "PHX": ("PHX Arena", "Footprint Center"),
    "SAS": ("AT&T Center",),
    "UTA": ("Vivint Arena", "Vivint Smart Home Arena"),
}

HOME_ARENAS = {
    team.tricode: Arena(
        (team.arena_name, *_EARLIER_NAMES.get(team.tricode, ())),
        team.arena_city,
        *_HOME_POSITIONS[team.tricode],
        team.time_zone,
    )
    for team in TEAMS
}

# Teams that moved since: the last season in the earlier building.
_EARLIER_HOMES = {"LAC": (2023, HOME_ARENAS["LAL"])}

# Sites of regular-season games and of the cup final that are no team's home, abroad and at home.
NEUTRAL_ARENAS = (
    Arena(("T-Mobile Arena",), "Las Vegas", 36.1028, -115.1784, "America/Los_Angeles"),
    Arena(("Moody Center",), "Austin", 30.2820, -97.7327, "America/Chicago"),
    Arena(("Alamodome",), "San Antonio", 29.4169, -98.4789, "America/Chicago"),
    Arena(("Arena CDMX", "Mexico City Arena"), "Mexico City", 19.4967, -99.1756, "America/Mexico_City"),
    Arena(("Accor Arena", "AccorHotels Arena"), "Paris", 48.8386, 2.3786, "Europe/Paris"),
    Arena(("Uber Arena",), "Berlin", 52.5053, 13.4430, "Europe/Berlin"),
    Arena(("The O2", "The O2 Arena", "O2 Arena"), "London", 51.5030, 0.0032, "Europe/London"),
    Arena(("Co-op Live",), "Manchester", 53.4860, -2.2000, "Europe/London"),
    # Where 2019-20 was finished, three floors of one sports complex, and where Toronto was at home in 2020-21.
    Arena(
        ("AdventHealth Arena", "The Arena at ESPN Wide World of Sports", "HP Field House", "Visa Athletic Center"),
        "Lake Buena Vista",
        28.3386,
        -81.5556,
        "America/New_York",
    ),
    Arena(("Amalie Arena",), "Tampa", 27.9427, -82.4519, "America/New_York"),
)

# Sites of pre-season games only. No travel is computed to them; they are here so that a schedule with its pre-season
# resolves in full.
PRESEASON_ARENAS = (
    Arena(("Gateway Center Arena",), "College Park", 33.6467, -84.4530, "America/New_York"),
    Arena(("Climate Pledge Arena",), "Seattle", 47.6221, -122.3540, "America/Los_Angeles"),
    Arena(("Stan Sheriff Center",), "Honolulu", 21.2943, -157.8187, "Pacific/Honolulu"),
    Arena(("Acrisure Arena",), "Palm Desert", 33.7785, -116.3515, "America/Los_Angeles"),
    Arena(("Honda Center",), "Anaheim", 33.8078, -117.8765, "America/Los_Angeles"),
    Arena(("Legacy Arena at the BJCC",), "Birmingham", 33.5241, -86.8120, "America/Chicago"),
    Arena(("BOK Center",), "Tulsa", 36.1528, -95.9964, "America/Chicago"),
    Arena(("Bell Centre",), "Montreal", 45.4960, -73.5693, "America/Toronto"),
    Arena(("Rogers Arena",), "Vancouver", 49.2778, -123.1089, "America/Vancouver"),
    Arena(("WiZink Center",), "Madrid", 40.4240, -3.6717, "Europe/Madrid"),
    Arena(("Etihad Arena",), "Abu Dhabi", 24.4604, 54.6040, "Asia/Dubai"),
    Arena(("Saitama Super Arena",), "Saitama", 35.8949, 139.6307, "Asia/Tokyo"),
    Arena(("Venetian Arena",), "Macao", 22.1466, 113.5627, "Asia/Macau"),
)

_ARENAS = (*HOME_ARENAS.values(), *NEUTRAL_ARENAS, *PRESEASON_ARENAS)
_TRICODES = list(HOME_ARENAS)
_UNKNOWN = -1


def places_of_games(games: pd.DataFrame) -> pd.DataFrame:
    """Where each game is played.

    The arena's name decides, then its city, then the home team's arena in that season. The home arena stands in only
    where the game is at home: the schedule says so, or it says neither that the site is neutral nor where it is.

    Args:
        games: Frame with ``arena_name``, ``arena_city``, ``neutral_site`` (all nullable), ``home`` (tricode),
            ``season_year``.

    Returns:
        Frame on the same index with ``latitude``, ``longitude`` (degrees) and ``time_zone`` (IANA); all three are NULL
        where the place is unknown.
    """
    by_name = _positions(games["arena_name"], _arenas_by_name())
    by_city = _positions(games["arena_city"], _arenas_by_city())
    unstated = games["arena_name"].isna() & games["arena_city"].isna()
    at_home = ~games["neutral_site"].astype("boolean").fillna(~unstated).to_numpy(dtype=bool)
    home = np.where(at_home, _home_arenas(games["home"], games["season_year"]), _UNKNOWN)
    arena = np.where(by_name != _UNKNOWN, by_name, np.where(by_city != _UNKNOWN, by_city, home))
    return _places(arena, games.index)


def home_places(teams: pd.Series, season_years: pd.Series) -> pd.DataFrame:
    """Where each team's home arena stood in a season.

    Args:
        teams: Canonical tricodes.
        season_years: Calendar year in which the season starts, on the same index.

    Returns:
        Frame as from :func:`places_of_games`; NULL for unknown teams and seasons before 2021-22.
    """
    return _places(_home_arenas(teams, season_years), teams.index)


@cache
def _arenas_by_name() -> dict[str, int]:
    return {_key(name): position for position, arena in enumerate(_ARENAS) for name in arena.names}


@cache
def _arenas_by_city() -> dict[str, int]:
    # Backwards, so that in cities with several arenas the first one listed, a home arena, stays.
    return {_key(arena.city): position for position, arena in reversed(list(enumerate(_ARENAS)))}


def _key(text: str) -> str:
    """Letters and digits only, so that spellings such as STAPLES Center and FedEx Forum fall together."""
    return "".join(character for character in text.casefold() if character.isalnum())


def _positions(texts: pd.Series, known: dict[str, int]) -> np.ndarray:
    distinct = texts.dropna().unique()
    found = {text: known.get(_key(text), _UNKNOWN) for text in distinct}
    return texts.map(found).fillna(_UNKNOWN).to_numpy(dtype=np.int64)


def _home_arenas(teams: pd.Series, season_years: pd.Series) -> np.ndarray:
    seasons = season_years.astype("Int64").fillna(0).to_numpy(dtype=np.int64)
    arena = pd.Categorical(teams, categories=_TRICODES).codes.astype(np.int64)
    for tricode, (last_season, earlier) in _EARLIER_HOMES.items():
        arena[(teams == tricode).fillna(False).to_numpy(dtype=bool) & (seasons <= last_season)] = _ARENAS.index(earlier)
    return np.where(seasons >= FIRST_SEASON_OF_HOME_ARENAS, arena, _UNKNOWN)


def _places(arena: np.ndarray, index: pd.Index) -> pd.DataFrame:
    # One more row, all NULL, for the position -1.
    facts = pd.DataFrame(
        {
            "latitude": [*(known.latitude for known in _ARENAS), np.nan],
            "longitude": [*(known.longitude for known in _ARENAS), np.nan],
            "time_zone": pd.array([*(known.time_zone for known in _ARENAS), pd.NA], dtype="string"),
        }
    )
    return facts.iloc[arena].set_axis(index)
