"""The order in which a demo game's plays are told: possessions, rebounds, periods and the clock."""

import numpy as np
import pandas as pd

from analytics_assets.demo.grouping import dealt, each, place_within, shuffled
from analytics_assets.demo.plays import NOBODY, TECHNICAL, THREE_SHOTS, TWO_SHOTS, Plays

SHOT, TRIP, TURNOVER, FOUL, TECHNICAL_FOUL, TIMEOUT = range(6)
NO_REBOUND, TEAM_REBOUND, DEFENSIVE, OFFENSIVE = range(4)
QUARTERS, QUARTER_SECONDS, OVERTIME_SECONDS = 4, 720, 300

_TIMEOUTS_A_TEAM = 6
_FAST_BREAK_SHARE = 0.5
_OUT_OF_BOUNDS_SHARE = 0.4
# Share of its time slot at which a play happens, and by which its rebound follows: always before the next play.
_EARLIEST, _LATEST, _REBOUND_LATER = 0.1, 0.8, 0.15


def told_in_order(random: np.random.Generator, plays: Plays, overtimes: np.ndarray) -> pd.DataFrame:
    """Put all plays of a season in order.

    A team's plays are shuffled; a missed shot that its own side rebounds is followed by the team's next play, which
    makes one possession of both. The possessions of both teams then alternate over the length of the game.

    Args:
        random: Source of randomness.
        plays: The season's plays.
        overtimes: Overtime periods of each game.

    Returns:
        One row per play, in order of games and time: ``game``, ``kind``, ``item`` (row in the frame of its kind),
        ``team_game``, ``rebound`` (how its miss was rebounded), ``rebounder``, ``second_chance``, ``from_turnover``,
        ``fast_break``, ``period``, ``seconds`` left in the period, ``rebound_seconds`` left at the rebound.
    """
    attacks = _possessions(random, plays)
    others = _between_possessions(random, plays, len(overtimes))
    told = pd.concat([_linked(random, plays, _sorted(attacks)), others], ignore_index=True)
    return _with_clock(random, _sorted(told), overtimes)


def _possessions(random: np.random.Generator, plays: Plays) -> pd.DataFrame:
    """Plays of teams in possession, with who rebounded their misses, and their place in the game."""
    attacks = _attacks(plays)
    attacks = attacks.iloc[shuffled(random, attacks["team_game"].to_numpy())].reset_index(drop=True)
    group = attacks["team_game"].to_numpy()
    attacks["rebound"], attacks["rebounder"] = _rebounds(random, plays, attacks)
    # A play after an own offensive rebound continues the possession.
    continues = np.r_[False, (attacks["rebound"].to_numpy()[:-1] == OFFENSIVE) & (group[1:] == group[:-1])]
    starts = np.cumsum(~continues) - 1
    attacks["chain"] = place_within(starts)
    number = place_within(group[~continues])[starts]
    total = np.bincount(group[~continues])[group]
    second = random.random(group.max(initial=0) // 2 + 1) < 0.5
    goes_second = second[group // 2] ^ (group % 2 == 1)
    attacks["position"] = (number + np.where(goes_second, 0.75, 0.25)) / total
    return attacks


def _attacks(plays: Plays) -> pd.DataFrame:
    """Shots with their and-ones, other trips to the line, turnovers; 0 a live miss, 1 a dead one, 2 none."""
    shots, trips, turnovers = plays.shots, plays.trips, plays.turnovers
    trip = shots["trip"].to_numpy()
    free_throw_missed = (trip != NOBODY) & trips["last_missed"].to_numpy()[trip]
    at_line = np.flatnonzero(trips["kind"].isin([TWO_SHOTS, THREE_SHOTS]))
    dead = np.where(trips["any_missed"], 1, 2)
    parts = [
        (SHOT, np.arange(len(shots)), shots, np.where(~shots["made"] | free_throw_missed, 0, 2)),
        (TRIP, at_line, trips.iloc[at_line], np.where(trips["last_missed"], 0, dead)[at_line]),
        (TURNOVER, np.arange(len(turnovers)), turnovers, np.full(len(turnovers), 2)),
    ]
    return pd.DataFrame(
        {
            "kind": np.repeat([kind for kind, *_ in parts], [len(item) for _, item, *_ in parts]),
            "item": np.concatenate([item for _, item, *_ in parts]),
            "team_game": np.concatenate([rows["team_game"].to_numpy() for _, _, rows, _ in parts]),
            "miss": np.concatenate([miss for *_, miss in parts]),
        }
    )


def _rebounds(random: np.random.Generator, plays: Plays, attacks: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Who rebounded each play's miss: how, and by which player."""
    lines, group = plays.lines, attacks["team_game"].to_numpy()
    miss = attacks["miss"].to_numpy()
    of_team = lines["team_game"].to_numpy()
    offensive = np.bincount(of_team, lines["offensive_rebounds"]).astype(int)[group]
    defensive = np.bincount(of_team, lines["defensive_rebounds"]).astype(int)[group ^ 1]
    # Dead misses are rebounded only in the rare game that has more rebounds than live misses.
    order = np.lexsort((random.random(len(group)), miss, group))
    rank = np.empty(len(group), dtype=int)
    rank[order] = place_within(group[order])
    rebound = np.select(
        [rank < offensive, rank < offensive + defensive, miss == 0], [OFFENSIVE, DEFENSIVE, TEAM_REBOUND], NO_REBOUND
    )
    rebounder = np.full(len(group), NOBODY)
    for kind, count, side in ((OFFENSIVE, "offensive_rebounds", 0), (DEFENSIVE, "defensive_rebounds", 1)):
        player = each(lines[count].to_numpy())
        player = player[shuffled(random, of_team[player])]
        chosen = rebound == kind
        rebounder[chosen] = dealt(player, of_team[player], group[chosen] ^ side)
    return rebound, rebounder


def _sorted(plays: pd.DataFrame) -> pd.DataFrame:
    """By game and position; the plays of one possession stay together."""
    order = np.lexsort((plays["chain"], plays["team_game"], plays["position"], plays["team_game"] // 2))
    return plays.iloc[order].reset_index(drop=True)


def _linked(random: np.random.Generator, plays: Plays, attacks: pd.DataFrame) -> pd.DataFrame:
    """Sorted plays with what they owe to the ones before them, and misses out of bounds without a rebound."""
    team_game, chain, rebound = (attacks[name].to_numpy() for name in ("team_game", "chain", "rebound"))
    # Whoever has the ball after the other team's turnover plays off it until the possession ends.
    before = np.maximum(np.arange(len(attacks)) - chain - 1, 0)
    turnover = attacks["item"].to_numpy()[before]
    from_turnover = (attacks["kind"].to_numpy()[before] == TURNOVER) & (team_game[before] == team_game ^ 1)
    stolen = np.zeros(len(attacks), dtype=bool)
    stolen[from_turnover] = plays.turnovers["stealer"].to_numpy()[turnover[from_turnover]] != NOBODY
    others_ball = np.r_[team_game[1:] != team_game[:-1], True]
    out_of_bounds = (rebound == TEAM_REBOUND) & others_ball & (random.random(len(attacks)) < _OUT_OF_BOUNDS_SHARE)
    return attacks.assign(
        rebound=np.where(out_of_bounds, NO_REBOUND, rebound),
        second_chance=chain > 0,
        from_turnover=from_turnover,
        fast_break=stolen & (chain == 0) & (random.random(len(attacks)) < _FAST_BREAK_SHARE),
    )


def _between_possessions(random: np.random.Generator, plays: Plays, games: int) -> pd.DataFrame:
    """Loose fouls, technical fouls and timeouts, which may come at any moment between two possessions."""
    technicals = np.flatnonzero(plays.trips["kind"] == TECHNICAL)
    timeouts = each(random.binomial(_TIMEOUTS_A_TEAM, 0.9, 2 * games))
    kinds = (FOUL, TECHNICAL_FOUL, TIMEOUT)
    items = (np.arange(len(plays.fouls)), technicals, np.arange(len(timeouts)))
    teams = (plays.fouls["team_game"], plays.trips["team_game"].iloc[technicals], timeouts)
    count = sum(len(part) for part in items)
    return pd.DataFrame(
        {
            "kind": np.repeat(kinds, [len(part) for part in items]),
            "item": np.concatenate(items),
            "team_game": np.concatenate(teams),
            "rebound": NO_REBOUND,
            "rebounder": NOBODY,
            "chain": 0,
            "position": random.random(count),
            "second_chance": False,
            "from_turnover": False,
            "fast_break": False,
        }
    )


def _with_clock(random: np.random.Generator, told: pd.DataFrame, overtimes: np.ndarray) -> pd.DataFrame:
    """Add game, period and clock: the plays of a period share its time in slots of one length."""
    game = told["team_game"].to_numpy() // 2
    regulation = QUARTERS * QUARTER_SECONDS
    elapsed = told["position"].to_numpy() * (regulation + OVERTIME_SECONDS * overtimes[game])
    quarter = elapsed // QUARTER_SECONDS
    overtime = QUARTERS + (elapsed - regulation) // OVERTIME_SECONDS
    period = np.where(elapsed < regulation, quarter, np.minimum(overtime, QUARTERS - 1 + overtimes[game])).astype(int)
    length = np.where(period < QUARTERS, QUARTER_SECONDS, OVERTIME_SECONDS)
    stretch = np.cumsum(np.r_[True, (np.diff(game) != 0) | (np.diff(period) != 0)]) - 1
    slot = length / np.bincount(stretch)[stretch]
    at = place_within(stretch) + random.uniform(_EARLIEST, _LATEST, len(told))
    return told.assign(
        game=game,
        period=period + 1,
        seconds=np.floor(length - at * slot),
        rebound_seconds=np.floor(length - (at + _REBOUND_LATER) * slot),
    )
