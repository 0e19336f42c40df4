"""What happened in demo games, taken from their box lines: shots, free throws, turnovers and fouls, in no order yet.

Everything is exploded from the players' counts and then paired (a made shot with an assist, a turnover with a steal),
so whatever order it is told in, it adds up to the box.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics_assets.demo.box_scores import ACTIVE, SeasonBoxScores
from analytics_assets.demo.grouping import anyone, dealt, each, place_within, shuffled

AND_ONE, TWO_SHOTS, THREE_SHOTS, TECHNICAL = range(4)
TRIP_SIZES = np.array([1, 2, 3, 1])
NOBODY = -1

# How an odd number of free throws comes about: by a shot made through a foul, by a foul on a three, by a technical.
_AND_ONE_UP_TO, _ONLY_AND_ONE_UP_TO, _THREE_SHOTS_UP_TO = 0.6, 0.9, 0.9
_OFFENSIVE_FOUL_SHARE = 0.4
_MOST_SWAPS = 200
_PAINT_SHARE, _LOWEST_THREE_FEET = 0.72, 22.0
_BLOCKABLE_THREES_SHARE = 0.1


@dataclass(frozen=True)
class Plays:
    """All plays of a season's games. Players are rows of ``lines``; ``NOBODY`` where there is none.

    Attributes:
        lines: Box lines of those who played, with ``team_game`` (twice the game's row, plus one for the visitors).
        shots: ``player``, ``team_game``, ``is_three``, ``made``, ``assister``, ``blocker``, ``distance`` (feet) and
            ``trip``, the and-one free throw of the shot or ``NOBODY``.
        trips: Sets of free throws: ``player``, ``team_game``, ``kind``, ``fouler``, ``first`` (row in ``throws``),
            ``last_missed``, ``any_missed``.
        throws: Free throws in the order of their trips: ``trip``, ``number`` (from 1) and ``made``.
        turnovers: ``player`` (``NOBODY`` for the team's own), ``team_game``, ``stealer``, ``is_foul``.
        fouls: Fouls that bring neither free throws nor a turnover: ``player``, ``team_game``, ``drawn_by``.
    """

    lines: pd.DataFrame
    shots: pd.DataFrame
    trips: pd.DataFrame
    throws: pd.DataFrame
    turnovers: pd.DataFrame
    fouls: pd.DataFrame


def draw_plays(random: np.random.Generator, boxes: SeasonBoxScores) -> Plays:
    """Take the box lines of a season apart into plays.

    Args:
        random: Source of randomness.
        boxes: The season's box scores.
    """
    lines = _active_lines(boxes)
    shots = _shots(random, lines)
    trips = _trips(random, lines)
    throws = _throws(random, lines, trips)
    trips["first"] = np.cumsum(TRIP_SIZES[trips["kind"]]) - TRIP_SIZES[trips["kind"]]
    missed = ~throws["made"].to_numpy()
    trips["last_missed"] = missed[trips["first"] + TRIP_SIZES[trips["kind"]] - 1]
    trips["any_missed"] = np.bincount(throws["trip"], missed, len(trips)) > 0
    shots["trip"] = _and_one_of_shot(shots, trips)
    loose_fouls = _hand_out_fouls(random, lines, trips)
    turnovers = _turnovers(random, lines, boxes)
    turnovers["is_foul"], is_loose = _offensive_fouls(random, turnovers, loose_fouls)
    fouls = pd.DataFrame({"player": loose_fouls[is_loose]})
    fouls["team_game"] = _groups(lines)[fouls["player"]]
    fouls["drawn_by"] = anyone(random, _groups(lines), fouls["team_game"].to_numpy() ^ 1)
    return Plays(lines, shots, trips, throws, turnovers, fouls)


def _active_lines(boxes: SeasonBoxScores) -> pd.DataFrame:
    lines = boxes.player_rows[boxes.player_rows["status"] == ACTIVE].reset_index(drop=True)
    home = boxes.team_rows["team"].to_numpy()[::2]
    game = lines["game"].to_numpy()
    return lines.assign(team_game=2 * game + (lines["team"].to_numpy() != home[game]))


def _groups(lines: pd.DataFrame) -> np.ndarray:
    return lines["team_game"].to_numpy()


def _shots(random: np.random.Generator, lines: pd.DataFrame) -> pd.DataFrame:
    made, threes_made = lines["fg_made"].to_numpy(), lines["three_pt_made"].to_numpy()
    attempts, threes = lines["fg_attempted"].to_numpy(), lines["three_pt_attempted"].to_numpy()
    by_kind = [made - threes_made, attempts - threes - made + threes_made, threes_made, threes - threes_made]
    player = np.concatenate([each(counts) for counts in by_kind])
    kind = np.repeat(np.arange(len(by_kind)), [counts.sum() for counts in by_kind])
    order = shuffled(random, _groups(lines)[player])
    player, kind = player[order], kind[order]
    group, is_three, is_made = _groups(lines)[player], kind >= 2, kind % 2 == 0
    assister, blocker = np.full(len(player), NOBODY), np.full(len(player), NOBODY)
    helpers, helper_group = _items(random, lines, "assists")
    assister[is_made] = _by_others(
        random, player[is_made], dealt(helpers, helper_group, group[is_made]), group[is_made]
    )
    blocked = ~is_made & (~is_three | (random.random(len(player)) < _BLOCKABLE_THREES_SHARE))
    blocker[blocked] = dealt(*_items(random, lines, "blocks"), group[blocked] ^ 1)
    return pd.DataFrame(
        {
            "player": player,
            "team_game": group,
            "is_three": is_three,
            "made": is_made,
            "assister": assister,
            "blocker": blocker,
            "distance": _distances(random, is_three),
        }
    )


def _items(random: np.random.Generator, lines: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """A count of the box, one entry for every one counted, in random order within each team-game."""
    player = each(lines[name].to_numpy())
    player = player[shuffled(random, _groups(lines)[player])]
    return player, _groups(lines)[player]


def _by_others(random: np.random.Generator, shooter: np.ndarray, assister: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Exchange assists between made shots of a team until nobody has assisted himself."""
    assister = assister.copy()
    for _ in range(_MOST_SWAPS):
        own = np.flatnonzero(assister == shooter)
        if not len(own):
            break
        # One a team at a time: two exchanges at once could take the same assist.
        one = own[np.unique(group[own], return_index=True)[1]]
        other = anyone(random, group, group[one])
        fits = (assister[other] != shooter[one]) & (assister[one] != shooter[other])
        one, other = one[fits], other[fits]
        assister[one], assister[other] = assister[other], assister[one]
    return assister


def _distances(random: np.random.Generator, is_three: np.ndarray) -> np.ndarray:
    count = len(is_three)
    paint = 8.9 * random.random(count) ** 1.5
    mid_range = 9.0 + 12.9 * random.random(count)
    two = np.where(random.random(count) < _PAINT_SHARE, paint, mid_range)
    three = _LOWEST_THREE_FEET + random.gamma(3.0, 1.2, count)
    return np.round(np.where(is_three, three, two), 1)


def _trips(random: np.random.Generator, lines: pd.DataFrame) -> pd.DataFrame:
    attempts, group = lines["ft_attempted"].to_numpy(), _groups(lines)
    luck = random.random(len(lines))
    odd = attempts % 2 == 1
    most_luck = np.where(attempts == 1, _ONLY_AND_ONE_UP_TO, _AND_ONE_UP_TO)
    and_one = odd & (lines["fg_made"].to_numpy() > 0) & (luck < most_luck)
    three_shots = odd & ~and_one & (attempts > 1) & (luck < _THREE_SHOTS_UP_TO)
    # Every and-one needs a personal foul of an opponent; what exceeds them becomes a technical.
    before = np.cumsum(and_one) - and_one
    rank = before - before[np.searchsorted(group, group)]
    and_one &= rank < np.bincount(group, lines["personal_fouls"])[group ^ 1]
    technical = odd & ~and_one & ~three_shots
    pairs = (attempts - and_one - 3 * three_shots - technical) // 2
    by_kind = {AND_ONE: and_one, TWO_SHOTS: pairs, THREE_SHOTS: three_shots, TECHNICAL: technical}
    player = np.concatenate([each(counts.astype(int)) for counts in by_kind.values()])
    kind = np.repeat(list(by_kind), [int(counts.sum()) for counts in by_kind.values()])
    # And-ones come first within their team, so that they are the first to be given a foul.
    order = np.lexsort((random.random(len(player)), kind != AND_ONE, group[player]))
    return pd.DataFrame({"player": player[order], "team_game": group[player[order]], "kind": kind[order]})


def _throws(random: np.random.Generator, lines: pd.DataFrame, trips: pd.DataFrame) -> pd.DataFrame:
    trip = each(TRIP_SIZES[trips["kind"]])
    player = trips["player"].to_numpy()[trip]
    order = shuffled(random, player)
    made = np.zeros(len(trip), dtype=bool)
    made[order] = place_within(player[order]) < lines["ft_made"].to_numpy()[player[order]]
    return pd.DataFrame({"trip": trip, "number": place_within(trip) + 1, "made": made})


def _and_one_of_shot(shots: pd.DataFrame, trips: pd.DataFrame) -> np.ndarray:
    """The and-one of each made shot: a shooter's first made shot of the shots' order takes his."""
    made = np.flatnonzero(shots["made"])
    shooters, first = np.unique(shots["player"].to_numpy()[made], return_index=True)
    and_ones = np.flatnonzero(trips["kind"] == AND_ONE)
    at = np.searchsorted(shooters, trips["player"].to_numpy()[and_ones])
    trip_of_shot = np.full(len(shots), NOBODY)
    trip_of_shot[made[first[at]]] = and_ones
    return trip_of_shot


def _hand_out_fouls(random: np.random.Generator, lines: pd.DataFrame, trips: pd.DataFrame) -> np.ndarray:
    """Give every trip its ``fouler``, as far as the opponents' fouls go; the players of all other fouls."""
    fouls, group = _items(random, lines, "personal_fouls")
    trip_group, kind = trips["team_game"].to_numpy(), trips["kind"].to_numpy()
    by_foul = kind != TECHNICAL
    # A technical foul is no personal foul: any opponent may have it.
    fouler = anyone(random, _groups(lines), trip_group ^ 1)
    fouler[by_foul] = dealt(fouls, group, trip_group[by_foul] ^ 1)
    trips["fouler"] = fouler
    given = np.bincount(trip_group[by_foul] ^ 1, minlength=group.max(initial=0) + 1)
    return fouls[place_within(group) >= given[group]]


def _turnovers(random: np.random.Generator, lines: pd.DataFrame, boxes: SeasonBoxScores) -> pd.DataFrame:
    player, group = _items(random, lines, "turnovers")
    stealer = dealt(*_items(random, lines, "steals"), group ^ 1)
    by_players = np.bincount(group, minlength=len(boxes.team_rows))
    of_team = each(boxes.team_rows["turnovers"].to_numpy() - by_players)
    nobody = np.full(len(of_team), NOBODY)
    return pd.DataFrame(
        {
            "player": np.r_[player, nobody],
            "team_game": np.r_[group, of_team],
            "stealer": np.r_[stealer, nobody],
        }
    )


def _offensive_fouls(
    random: np.random.Generator, turnovers: pd.DataFrame, loose_fouls: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Make some fouls the reason of a turnover of the same player.

    Returns:
        Which turnovers are offensive fouls, and which of the loose fouls stay loose.
    """
    lost = np.flatnonzero((turnovers["stealer"] == NOBODY) & (turnovers["player"] != NOBODY))
    _, foul, turnover = np.intersect1d(loose_fouls, turnovers["player"].to_numpy()[lost], return_indices=True)
    chosen = random.random(len(foul)) < _OFFENSIVE_FOUL_SHARE
    is_foul, is_loose = np.zeros(len(turnovers), dtype=bool), np.ones(len(loose_fouls), dtype=bool)
    is_foul[lost[turnover[chosen]]] = True
    is_loose[foul[chosen]] = False
    return is_foul, is_loose
