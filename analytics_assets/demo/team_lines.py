"""Team box lines of demo games that agree with scores already drawn."""

import numpy as np

from analytics_assets.demo.lineups import REGULATION_SECONDS

# What a team line must hold before it is handed out to players; two-pointers and misses instead of attempts, because
# any split of makes and misses keeps every player's makes at or below his attempts.
LINE_COUNTS = (
    "two_pt_made",
    "two_pt_missed",
    "three_pt_made",
    "three_pt_missed",
    "ft_made",
    "ft_missed",
    "offensive_rebounds",
    "defensive_rebounds",
    "assists",
    "steals",
    "blocks",
    "turnovers",
    "personal_fouls",
)
_USUAL_POINTS = 113
_TEAM_TURNOVER_SHARES = (0.5, 0.35, 0.15)


def draw_team_lines(random: np.random.Generator, points: np.ndarray, seconds: np.ndarray) -> dict[str, np.ndarray]:
    """Team lines, two neighbouring rows (0 and 1, 2 and 3, …) per game.

    Args:
        random: Source of randomness.
        points: Final points of each team.
        seconds: Playing time of each team's players together.

    Returns:
        The counts of ``LINE_COUNTS`` (``turnovers`` those of players) and ``team_turnovers``, which no player has.
    """
    rows = len(points)
    opponent = np.arange(rows) ^ 1
    length = seconds / REGULATION_SECONDS
    surplus = points - _USUAL_POINTS * length
    # The limits leave points for two-pointers in every game.
    three_pt_made = _whole(random.normal(12.7 * length + 0.10 * surplus, 3.0), 3, points // 5)
    ft_made = _whole(random.normal(17.2 * length + 0.08 * surplus, 4.5), 4, points // 4)
    # Two-pointers can only make an even rest: an odd one costs or brings a free throw.
    ft_made += (points - 3 * three_pt_made - ft_made) % 2
    two_pt_made = (points - 3 * three_pt_made - ft_made) // 2
    made = two_pt_made + three_pt_made
    three_pt_missed = _whole(random.normal(22.4 * length, 4.0), 6, 60)
    attempted = random.normal(88.0 * length + 0.12 * surplus, 3.8)
    two_pt_missed = _whole(attempted - made - three_pt_missed, 9, 70)
    ft_missed = random.binomial(_whole(0.56 * ft_made, 2, 40), 0.5)
    missed = two_pt_missed + three_pt_missed

    live_misses = missed + np.rint(0.4 * ft_missed).astype(int)
    offensive_rebounds = random.binomial(live_misses, 0.215)
    # Some misses go out of bounds and are nobody's rebound.
    defensive_rebounds = random.binomial((live_misses - offensive_rebounds)[opponent], 0.92)
    turnovers = np.maximum(random.poisson(12.7 * length), 2)
    team_turnovers = random.choice(len(_TEAM_TURNOVER_SHARES), rows, p=_TEAM_TURNOVER_SHARES)
    fouls = random.normal(13.0 * length + 0.32 * (ft_made + ft_missed)[opponent], 2.6)
    return {
        "two_pt_made": two_pt_made,
        "two_pt_missed": two_pt_missed,
        "three_pt_made": three_pt_made,
        "three_pt_missed": three_pt_missed,
        "ft_made": ft_made,
        "ft_missed": ft_missed,
        "offensive_rebounds": offensive_rebounds,
        "defensive_rebounds": defensive_rebounds,
        "assists": random.binomial(made, 0.61),
        "steals": random.binomial(turnovers[opponent], 0.57),
        "blocks": random.binomial(two_pt_missed[opponent], 0.2),
        "turnovers": turnovers,
        "personal_fouls": _whole(fouls, 8, 36),
        "team_turnovers": team_turnovers,
    }


def _whole(values: np.ndarray, lowest: int, highest: int | np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), lowest, highest).astype(int)
