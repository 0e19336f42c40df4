"""Player box lines of demo games: team lines handed out to the players, so that both always add up."""

import numpy as np

from analytics_assets.demo.lineups import MOST_ACTIVE, Lineups, rounded_to_totals
from analytics_assets.demo.rosters import HABITS, Players
from analytics_assets.demo.team_lines import LINE_COUNTS

MOST_FOULS = 6
# Of one minute on court; it grows with the square root of the playing time.
_PLUS_MINUS_SPREAD_POINTS = 1.45

# How much of a count a guard, a wing and a big man gather in equal time.
_BY_POSITION = {
    "two_pt": (1.0, 0.85, 1.25),
    "three_pt": (1.25, 1.2, 0.45),
    "ft": (1.0, 0.9, 1.15),
    "offensive_rebounds": (0.45, 0.9, 2.1),
    "defensive_rebounds": (0.7, 1.0, 1.6),
    "assists": (1.8, 0.85, 0.6),
    "steals": (1.2, 1.05, 0.75),
    "blocks": (0.4, 0.7, 2.3),
    "turnovers": (1.15, 0.9, 0.95),
    "personal_fouls": (0.85, 1.0, 1.25),
}
# How strongly skill raises a player's share of a count.
_BY_SKILL = {"two_pt": 0.30, "three_pt": 0.25, "ft": 0.40, "assists": 0.25, "turnovers": 0.18}
_BY_HABIT = {
    "three_pt": "threes",
    "ft": "free_throws",
    "offensive_rebounds": "offensive_rebounds",
    "defensive_rebounds": "defensive_rebounds",
    "assists": "assists",
    "steals": "steals",
    "blocks": "blocks",
    "personal_fouls": "fouls",
}
# Better players make more of their shots: skill moves shares of makes further than shares of misses.
_ACCURACY_BY_SKILL = 0.04


def hand_out_lines(
    random: np.random.Generator,
    players: Players,
    skill: np.ndarray,
    lineups: Lineups,
    team_lines: dict[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Split every team count over the players who play.

    Args:
        random: Source of randomness.
        players: All players of the league.
        skill: Skill of each player number this season.
        lineups: Who plays, and how long.
        team_lines: Team counts as :func:`draw_team_lines` gives them.

    Returns:
        The counts of ``LINE_COUNTS``: one row per team-game, ``MOST_ACTIVE`` columns as in ``lineups.seconds``; the
        rows sum to the team's count and nobody has more than six fouls.
    """
    playing = lineups.players[:, :MOST_ACTIVE]
    skilled = np.clip(skill[playing], -2.0, 2.5)
    minutes = lineups.seconds / 60
    handed_out = {}
    for name in LINE_COUNTS:
        kind = name.removesuffix("_made").removesuffix("_missed")
        weight = minutes * np.array(_BY_POSITION[kind])[players.positions[playing]]
        slope = _BY_SKILL.get(kind, 0.0)
        if kind != name:
            slope += _ACCURACY_BY_SKILL if name.endswith("_made") else -_ACCURACY_BY_SKILL
        weight = weight * np.exp(slope * skilled)
        if kind in _BY_HABIT:
            weight = weight * players.habits[playing, HABITS.index(_BY_HABIT[kind])]
        handed_out[name] = _split(random, team_lines[name], weight)
    handed_out["personal_fouls"] = _at_most_six_fouls(random, handed_out["personal_fouls"], minutes)
    return handed_out


def draw_plus_minus(random: np.random.Generator, lineups: Lineups, margin: np.ndarray) -> np.ndarray:
    """Point difference while each player was on court; rows sum to five times the team's final margin.

    Args:
        random: Source of randomness.
        lineups: Who plays, and how long.
        margin: Final point difference of each team-game.
    """
    share_of_time = lineups.seconds / lineups.seconds.sum(axis=1, keepdims=True)
    luck = random.normal(0, 1, lineups.seconds.shape) * _PLUS_MINUS_SPREAD_POINTS * np.sqrt(lineups.seconds / 60)
    luck -= luck.sum(axis=1, keepdims=True) * share_of_time
    total = 5 * margin
    return rounded_to_totals(share_of_time * total[:, None] + luck, total, lineups.plays)


def _split(random: np.random.Generator, totals: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return random.multinomial(totals, weight / weight.sum(axis=1, keepdims=True))


def _at_most_six_fouls(random: np.random.Generator, fouls: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """Give fouls beyond a player's sixth to team-mates."""
    fouls = fouls.copy()
    while (too_many := (fouls > MOST_FOULS).any(axis=1)).any():
        rows = fouls[too_many]
        excess = np.clip(rows - MOST_FOULS, 0, None).sum(axis=1)
        rows = np.minimum(rows, MOST_FOULS)
        room = np.where(rows < MOST_FOULS, minutes[too_many], 0.0)
        fouls[too_many] = rows + _split(random, excess, room)
    return fouls
