"""Regular season of the demo league: 82 rounds in which every team plays once, laid on the season's dates.

Rounds instead of a search: a round fills two neighbouring dates, so no team can ever play on three days in a row, and
the only choice left is which games of a round come first, which decides the back-to-backs.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics_assets.league.teams import TEAMS

GAMES_PER_ROUND = len(TEAMS) // 2
_CONFERENCE_TEAMS = 15
# Teams of a conference meet four times, neighbours on the circle (one or two places apart) three times: the fourth
# round-robin leaves out these steps from the idle team.
_LEFT_OUT_STEPS = (1, 7)
# Places, counted from the idle team, of the teams without a conference game in the fourth round-robin, paired across
# conferences so that no pair of teams meets more than twice.
_IDLE_PAIRS = ((0, 1), (1, 7), (7, -1), (-1, -7), (-7, 0))
_WEEKDAY_WEIGHTS = (8.1, 5.8, 9.9, 4.8, 9.6, 7.0, 7.5)
_CHRISTMAS_GAMES, _OPENING_NIGHT_GAMES = 5, 2
# Back-to-backs that a team is steered towards; it ends within a few of them.
_BACK_TO_BACKS = (11.7, 14.3)

Game = tuple[int, int]


def regular_season_games(random: np.random.Generator, dates: list[date]) -> pd.DataFrame:
    """All 1,230 games with their dates.

    Args:
        random: Source of randomness.
        dates: Playing dates in order: two for each round, one for the last.

    Returns:
        One row per game: ``game_date``, ``home`` and ``away`` (positions in ``TEAMS``); 82 games a team, 41 at home.
    """
    rounds = _rounds(random)
    order = random.permutation(len(rounds))
    placed: list[tuple[date, int, int]] = []
    back_to_backs = np.zeros(len(TEAMS))
    wanted = random.uniform(*_BACK_TO_BACKS, len(TEAMS))
    played_yesterday = np.zeros(len(TEAMS), dtype=bool)
    for turn, round_number in enumerate(order[:-1]):
        first, second = dates[2 * turn], dates[2 * turn + 1]
        home, away = np.array(rounds[round_number]).T
        if turn == 0 or first - dates[2 * turn - 1] > timedelta(days=1):
            played_yesterday[:] = False
        # A team behind its share of back-to-backs draws its game to the first date, one ahead of it to the second.
        excess = np.where(played_yesterday, back_to_backs - wanted * turn / len(order), 0.0)
        cost = excess[home] + excess[away] + random.normal(0, 0.35, GAMES_PER_ROUND)
        on_first = np.zeros(GAMES_PER_ROUND, dtype=bool)
        on_first[np.argsort(cost)[: _games_on_first(random, first, second, opening=turn == 0)]] = True
        placed += [
            (first if early else second, int(h), int(a)) for early, h, a in zip(on_first, home, away, strict=True)
        ]
        for side in (home, away):
            back_to_backs[side[on_first]] += played_yesterday[side[on_first]]
        played_yesterday[:] = False
        played_yesterday[home[~on_first]] = played_yesterday[away[~on_first]] = True
    placed += [(dates[-1], home, away) for home, away in rounds[order[-1]]]
    games = pd.DataFrame(placed, columns=["game_date", "home", "away"])
    return games.sort_values("game_date", kind="stable", ignore_index=True)


def _games_on_first(random: np.random.Generator, first: date, second: date, *, opening: bool) -> int:
    """How many of a round's games are played on the first of its two dates."""
    christmas = (12, 25)
    if opening:
        return _OPENING_NIGHT_GAMES
    if (first.month, first.day) == christmas:
        return _CHRISTMAS_GAMES
    if (second.month, second.day) == christmas:
        return GAMES_PER_ROUND - _CHRISTMAS_GAMES
    weight, other = _WEEKDAY_WEIGHTS[first.weekday()], _WEEKDAY_WEIGHTS[second.weekday()]
    usual = round(GAMES_PER_ROUND * weight / (weight + other))
    return int(np.clip(usual + random.integers(-1, 2), 3, GAMES_PER_ROUND - 3))


def _rounds(random: np.random.Generator) -> list[list[Game]]:
    """82 rounds of 15 games (home, away): four round-robins of the conferences, then rounds across conferences.

    A conference of 15 leaves a team idle in each round; the idle teams of both conferences play each other.
    """
    east, west = (
        random.permutation([n for n, team in enumerate(TEAMS) if team.conference == name]).tolist()
        for name in ("East", "West")
    )
    used_shifts: dict[int, int] = {}
    rounds: list[list[Game]] = []
    for meeting in range(4):
        last = meeting == 3
        idle_pairs = _IDLE_PAIRS if last else ((0, 0),)
        shifts = [(there - here + meeting) % _CONFERENCE_TEAMS for here, there in idle_pairs]
        east_hosts = []
        for shift in shifts:
            used_shifts[shift] = used_shifts.get(shift, 0) + 1
            east_hosts.append(used_shifts[shift] == 1)
        for idle in range(_CONFERENCE_TEAMS):
            games = [
                game
                for teams, at in ((east, idle), (west, idle + meeting))
                for game in _conference_games(teams, at, meeting)
            ]
            for (here, _), shift, east_host in zip(idle_pairs, shifts, east_hosts, strict=True):
                place = (idle + here) % _CONFERENCE_TEAMS
                games.append(_cross_game(east, west, place, shift, east_host))
            rounds.append(games)
    rounds += [
        [_cross_game(east, west, place, shift, use == 0) for place in range(_CONFERENCE_TEAMS)]
        for shift in range(_CONFERENCE_TEAMS)
        for use in range(used_shifts.get(shift, 0), 2)
    ]
    return rounds


def _conference_games(teams: list[int], idle: int, meeting: int) -> Iterator[Game]:
    """Games of one conference in the round in which the team at place ``idle`` of the circle has none."""
    for step in range(1, 8):
        if meeting == 3 and step in _LEFT_OUT_STEPS:
            continue
        one, other = (idle + step) % _CONFERENCE_TEAMS, (idle - step) % _CONFERENCE_TEAMS
        # Hosting teams up to seven places ahead in every other meeting gives each team as many home as away games.
        if ((other - one) % _CONFERENCE_TEAMS <= 7) != (meeting % 2 == 0):
            one, other = other, one
        yield teams[one], teams[other]


def _cross_game(east: list[int], west: list[int], place: int, shift: int, east_hosts: bool) -> Game:
    one, other = east[place], west[(place + shift) % _CONFERENCE_TEAMS]
    return (one, other) if east_hosts else (other, one)
