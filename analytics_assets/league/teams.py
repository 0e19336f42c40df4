"""The thirty teams: canonical tricodes, spelling variants, names, arenas."""

from dataclasses import dataclass
from functools import cache

import pandas as pd

from analytics_assets.league.distinct_values import once_per_value


class UnknownTeamError(ValueError):
    """A team code or name that belongs to no team we know."""


@dataclass(frozen=True)
class Team:
    """One team and its home arena.

    Attributes:
        tricode: Canonical code, as NBA.com writes it.
        nba_team_id: NBA.com team id.
        name: Full name.
        arena_name: Home arena.
        arena_city: City of the arena.
        time_zone: IANA time zone of the arena.
        conference: ``East`` or ``West``.
    """

    tricode: str
    nba_team_id: int
    name: str
    arena_name: str
    arena_city: str
    time_zone: str
    conference: str


_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)

TEAMS = (
    Team("ATL", 1610612737, "Atlanta Hawks", "State Farm Arena", "Atlanta", _EASTERN, "East"),
    Team("BOS", 1610612738, "Boston Celtics", "TD Garden", "Boston", _EASTERN, "East"),
    Team("CLE", 1610612739, "Cleveland Cavaliers", "Rocket Arena", "Cleveland", _EASTERN, "East"),
    Team("NOP", 1610612740, "New Orleans Pelicans", "Smoothie King Center", "New Orleans", _CENTRAL, "West"),
    Team("CHI", 1610612741, "Chicago Bulls", "United Center", "Chicago", _CENTRAL, "East"),
    Team("DAL", 1610612742, "Dallas Mavericks", "American Airlines Center", "Dallas", _CENTRAL, "West"),
    Team("DEN", 1610612743, "Denver Nuggets", "Ball Arena", "Denver", _MOUNTAIN, "West"),
    Team("GSW", 1610612744, "Golden State Warriors", "Chase Center", "San Francisco", _PACIFIC, "West"),
    Team("HOU", 1610612745, "Houston Rockets", "Toyota Center", "Houston", _CENTRAL, "West"),
    Team("LAC", 1610612746, "LA Clippers", "Intuit Dome", "Inglewood", _PACIFIC, "West"),
    Team("LAL", 1610612747, "Los Angeles Lakers", "Crypto.com Arena", "Los Angeles", _PACIFIC, "West"),
    Team("MIA", 1610612748, "Miami Heat", "Kaseya Center", "Miami", _EASTERN, "East"),
    Team("MIL", 1610612749, "Milwaukee Bucks", "Fiserv Forum", "Milwaukee", _CENTRAL, "East"),
    Team("MIN", 1610612750, "Minnesota Timberwolves", "Target Center", "Minneapolis", _CENTRAL, "West"),
    Team("BKN", 1610612751, "Brooklyn Nets", "Barclays Center", "Brooklyn", _EASTERN, "East"),
    Team("NYK", 1610612752, "New York Knicks", "Madison Square Garden", "New York", _EASTERN, "East"),
    Team("ORL", 1610612753, "Orlando Magic", "Kia Center", "Orlando", _EASTERN, "East"),
    Team(
        "IND",
        1610612754,
        "Indiana Pacers",
        "Gainbridge Fieldhouse",
        "Indianapolis",
        "America/Indiana/Indianapolis",
        "East",
    ),
    Team("PHI", 1610612755, "Philadelphia 76ers", "Xfinity Mobile Arena", "Philadelphia", _EASTERN, "East"),
    Team("PHX", 1610612756, "Phoenix Suns", "Mortgage Matchup Center", "Phoenix", "America/Phoenix", "West"),
    Team("POR", 1610612757, "Portland Trail Blazers", "Moda Center", "Portland", _PACIFIC, "West"),
    Team("SAC", 1610612758, "Sacramento Kings", "Golden 1 Center", "Sacramento", _PACIFIC, "West"),
    Team("SAS", 1610612759, "San Antonio Spurs", "Frost Bank Center", "San Antonio", _CENTRAL, "West"),
    Team("OKC", 1610612760, "Oklahoma City Thunder", "Paycom Center", "Oklahoma City", _CENTRAL, "West"),
    Team("TOR", 1610612761, "Toronto Raptors", "Scotiabank Arena", "Toronto", "America/Toronto", "East"),
    Team("UTA", 1610612762, "Utah Jazz", "Delta Center", "Salt Lake City", _MOUNTAIN, "West"),
    Team("MEM", 1610612763, "Memphis Grizzlies", "FedExForum", "Memphis", _CENTRAL, "West"),
    Team("WAS", 1610612764, "Washington Wizards", "Capital One Arena", "Washington", _EASTERN, "East"),
    Team("DET", 1610612765, "Detroit Pistons", "Little Caesars Arena", "Detroit", "America/Detroit", "East"),
    Team("CHA", 1610612766, "Charlotte Hornets", "Spectrum Center", "Charlotte", _EASTERN, "East"),
)

TRICODES = tuple(team.tricode for team in TEAMS)

# Only spellings that name one current franchise; codes of moved franchises (NJN, SEA, VAN) are added when
# seasons that used them are loaded, because their home arena was another one.
_VARIANTS = {
    "BRK": "BKN",
    "CHO": "CHA",
    "PHO": "PHX",
    "NOR": "NOP",
    "NO": "NOP",
    "NOH": "NOP",
    "GS": "GSW",
    "NY": "NYK",
    "SA": "SAS",
    "UTH": "UTA",
    "UTAH": "UTA",
    "WSH": "WAS",
}
_NAME_VARIANTS = {"los angeles clippers": "LAC"}


@cache
def tricode_map() -> dict[str, str]:
    """Every accepted spelling of a code, upper case, to the canonical tricode."""
    return {tricode: tricode for tricode in TRICODES} | _VARIANTS


@cache
def _name_map() -> dict[str, str]:
    return {team.name.lower(): team.tricode for team in TEAMS} | _NAME_VARIANTS


def canonical_tricodes(codes: pd.Series) -> pd.Series:
    """Canonical tricode of each code; NULL where the code is missing or unknown.

    Args:
        codes: Team codes in any accepted spelling.

    Returns:
        Text series on the same index. Callers decide what an unknown code means; it is never guessed.
    """
    return once_per_value(codes.astype("string"), _canonical)


def _canonical(codes: pd.Series) -> pd.Series:
    return codes.str.strip().str.upper().map(tricode_map()).astype("string")


def tricode_of_name(name: str) -> str:
    """Tricode of a team's full name.

    Raises:
        UnknownTeamError: No team has this name.
    """
    tricode = _name_map().get(name.strip().lower())
    if tricode is None:
        raise UnknownTeamError(f"unknown team name {name!r}; known are {', '.join(t.name for t in TEAMS)}")
    return tricode
