"""The events of demo games: what a play-by-play source reports of every play, as arrays of codes."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analytics_assets.demo.box_scores import SeasonBoxScores
from analytics_assets.demo.grouping import anyone, place_within
from analytics_assets.demo.plays import AND_ONE, NOBODY, TECHNICAL, TRIP_SIZES, Plays, draw_plays
from analytics_assets.demo.timeline import (
    FOUL,
    NO_REBOUND,
    OFFENSIVE,
    OVERTIME_SECONDS,
    QUARTER_SECONDS,
    QUARTERS,
    SHOT,
    TECHNICAL_FOUL,
    TIMEOUT,
    TRIP,
    TURNOVER,
    told_in_order,
)

# Event types.
(TWO, THREE, FREE_THROW, REBOUND, TURNOVER_EVENT, FOUL_EVENT, TIMEOUT_EVENT, PERIOD_START, PERIOD_END) = range(9)
NONE = -1
SUB_TYPES = (
    "layup",
    "hook shot",
    "jump shot",
    "1 of 1",
    "1 of 2",
    "2 of 2",
    "1 of 3",
    "2 of 3",
    "3 of 3",
    "technical",
    "shooting",
    "personal",
    "loose ball",
    "offensive",
    "bad pass",
    "lost ball",
    "traveling",
    "shot clock",
    "offensive foul",
    "start",
    "end",
)
_SUB = {text: code for code, text in enumerate(SUB_TYPES)}
AREAS = ("Restricted Area", "In The Paint (Non-RA)", "Mid-Range", "Corner 3", "Above the Break 3")
ROLES = ("assist", "block", "steal", "foul_drawn")
ASSIST, BLOCK, STEAL, FOUL_DRAWN = range(4)
# Bits of the qualifiers, which together are the code of a list.
PAINT, SECOND_CHANCE, FAST_BREAK, FROM_TURNOVER = 1, 2, 4, 8
QUALIFIERS = {
    PAINT: "pointsinthepaint",
    SECOND_CHANCE: "2ndchance",
    FAST_BREAK: "fastbreak",
    FROM_TURNOVER: "fromturnover",
}

_PAINT_FEET, _LANE_FEET, _LANE_SHARE, _CORNER_FEET = 9.0, 14.0, 0.3, 23.7
_SHOOTING_FOUL_SHARE, _PERSONAL_FOUL_SHARE = 0.75, 0.85
# Places of events within their play; a play has fewer than sixteen.
_FOUL_FIRST, _SHOT_OR_LOSS, _FOUL_AFTER, _FIRST_THROW, _REBOUND_AFTER, _PERIOD_ENDS, _PERIOD_STARTS = (
    0,
    1,
    2,
    3,
    9,
    14,
    -1,
)
_PLACES = 16
_DEFAULTS = {
    "sub_type": NONE,
    "player_1": NOBODY,
    "player_2": NOBODY,
    "role": NONE,
    "made": NONE,
    "points": 0,
    "distance": np.nan,
    "area": NONE,
    "rebound": NO_REBOUND,
    "qualifiers": 0,
}


def season_events(
    random: np.random.Generator, boxes: SeasonBoxScores, overtimes: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every event of a season's games; they add up to the box scores.

    Args:
        random: Source of randomness.
        boxes: The season's box scores.
        overtimes: Overtime periods of each game.

    Returns:
        The events in order of games and time: ``game``, ``event_order`` (from 1), ``period``, ``seconds`` left,
        ``home_score``, ``away_score``, ``type``, ``sub_type``, ``team_game`` (``NONE`` at a period's start and end),
        ``player_1`` and ``player_2`` (rows of the second frame), ``role``, ``made`` (0, 1), ``distance`` in feet,
        ``area``, ``rebound``, ``qualifiers``; codes point into this module's lists, ``NONE`` where there is nothing.
        And the lines of those who played, with ``player``, ``team`` and ``team_game``.
    """
    plays = draw_plays(random, boxes)
    told = told_in_order(random, plays, overtimes)
    parts = [
        _shots(random, plays, told),
        _throws(plays, told),
        _fouls(random, plays, told),
        _turnovers(random, plays, told),
        _rebounds(told),
        _part(_of_kind(told, [TIMEOUT]), _SHOT_OR_LOSS, TIMEOUT_EVENT),
        _periods(told),
    ]
    events = _joined(parts)
    order = np.argsort(events.pop("key"), kind="stable")
    return _with_score(pd.DataFrame({name: values[order] for name, values in events.items()})), plays.lines


def _of_kind(told: pd.DataFrame, kinds: Iterable[int]) -> pd.DataFrame:
    return told[told["kind"].isin(list(kinds))]


def _part(told: pd.DataFrame, place: int | np.ndarray, kind: int | np.ndarray, **columns: object) -> dict:
    """Events of some plays, one for each row; what is not given is absent."""
    columns = {
        "key": told.index.to_numpy() * _PLACES + place,
        "game": told["game"],
        "team_game": told["team_game"],
        "period": told["period"],
        "seconds": told["seconds"],
        "type": kind,
        **_DEFAULTS,
        **columns,
    }
    return {name: np.broadcast_to(np.asarray(values), len(told)) for name, values in columns.items()}


def _flags(told: pd.DataFrame, scored: np.ndarray) -> np.ndarray:
    """Qualifiers that a scoring event inherits from its possession; fast breaks are marked on misses too."""
    inherited = SECOND_CHANCE * told["second_chance"] + FROM_TURNOVER * told["from_turnover"]
    return np.where(scored, inherited, 0) + FAST_BREAK * told["fast_break"].to_numpy()


def _shots(random: np.random.Generator, plays: Plays, told: pd.DataFrame) -> dict:
    told = _of_kind(told, [SHOT])
    shot = plays.shots.iloc[told["item"]]
    made, three, distance = (shot[name].to_numpy() for name in ("made", "is_three", "distance"))
    in_lane = (distance < _LANE_FEET) & (random.random(len(shot)) < _LANE_SHARE)
    in_paint = ~three & ((distance < _PAINT_FEET) | in_lane)
    area = np.select([three & (distance < _CORNER_FEET), three, in_paint & (distance < 4), in_paint], [3, 4, 0, 1], 2)
    helper = np.where(made, shot["assister"], shot["blocker"])
    kind = np.select([distance < 5, distance < _PAINT_FEET], [_SUB["layup"], _SUB["hook shot"]], _SUB["jump shot"])
    return _part(
        told,
        _SHOT_OR_LOSS,
        np.where(three, THREE, TWO),
        sub_type=kind,
        player_1=shot["player"],
        player_2=helper,
        role=np.where(helper == NOBODY, NONE, np.where(made, ASSIST, BLOCK)),
        made=made.astype(int),
        points=np.where(three, 3, 2) * made,
        distance=distance,
        area=area,
        qualifiers=_flags(told, made) + PAINT * in_paint,
    )


def _with_trips(plays: Plays, told: pd.DataFrame) -> pd.DataFrame:
    """The plays that bring free throws, with their ``trip``."""
    told = _of_kind(told, [SHOT, TRIP, TECHNICAL_FOUL])
    of_shot = plays.shots["trip"].to_numpy()[np.where(told["kind"] == SHOT, told["item"], 0)]
    told = told.assign(trip=np.where(told["kind"] == SHOT, of_shot, told["item"]))
    return told[told["trip"] != NOBODY]


def _throws(plays: Plays, told: pd.DataFrame) -> dict:
    told = _with_trips(plays, told)
    kind = plays.trips["kind"].to_numpy()[told["trip"]]
    told = told.loc[told.index.repeat(TRIP_SIZES[kind])]
    number = place_within(told["trip"].to_numpy())
    trip = told["trip"].to_numpy()
    made = plays.throws["made"].to_numpy()[plays.trips["first"].to_numpy()[trip] + number]
    kind = plays.trips["kind"].to_numpy()[trip]
    # The sub-types of sets of one, two and three follow each other in the list.
    first_sub = np.array([_SUB["1 of 1"], _SUB["1 of 2"], _SUB["1 of 3"], _SUB["technical"]])
    return _part(
        told,
        _FIRST_THROW + number,
        FREE_THROW,
        sub_type=first_sub[kind] + number,
        player_1=plays.trips["player"].to_numpy()[trip],
        made=made.astype(int),
        points=made.astype(int),
        qualifiers=np.where(kind == TECHNICAL, 0, _flags(told, made)),
    )


def _fouls(random: np.random.Generator, plays: Plays, told: pd.DataFrame) -> dict:
    return _joined([_fouls_before_throws(random, plays, told), _loose_fouls(random, plays, told)])


def _fouls_before_throws(random: np.random.Generator, plays: Plays, told: pd.DataFrame) -> dict:
    told = _with_trips(plays, told)
    trip = plays.trips.iloc[told["trip"]]
    fouled = trip["fouler"].to_numpy() != NOBODY
    told, trip = told[fouled], trip[fouled]
    kind = trip["kind"].to_numpy()
    shooting = (kind == AND_ONE) | (random.random(len(trip)) < _SHOOTING_FOUL_SHARE)
    by_kind = np.where(shooting, _SUB["shooting"], _SUB["personal"])
    return _part(
        told,
        np.where(kind == AND_ONE, _FOUL_AFTER, _FOUL_FIRST),
        FOUL_EVENT,
        sub_type=np.where(kind == TECHNICAL, _SUB["technical"], by_kind),
        team_game=told["team_game"] ^ 1,
        player_1=trip["fouler"],
        player_2=np.where(kind == TECHNICAL, NOBODY, trip["player"]),
        role=np.where(kind == TECHNICAL, NONE, FOUL_DRAWN),
    )


def _loose_fouls(random: np.random.Generator, plays: Plays, told: pd.DataFrame) -> dict:
    alone = _of_kind(told, [FOUL])
    foul = plays.fouls.iloc[alone["item"]]
    lost = _of_kind(told, [TURNOVER])
    lost = lost[plays.turnovers["is_foul"].to_numpy()[lost["item"]]]
    of_team = plays.lines["team_game"].to_numpy()
    alone_sub = np.where(random.random(len(alone)) < _PERSONAL_FOUL_SHARE, _SUB["personal"], _SUB["loose ball"])
    return _part(
        pd.concat([alone, lost]),
        _FOUL_FIRST,
        FOUL_EVENT,
        sub_type=np.r_[alone_sub, np.full(len(lost), _SUB["offensive"])],
        player_1=np.r_[foul["player"], plays.turnovers["player"].to_numpy()[lost["item"]]],
        player_2=np.r_[foul["drawn_by"], anyone(random, of_team, lost["team_game"].to_numpy() ^ 1)],
        role=FOUL_DRAWN,
    )


def _turnovers(random: np.random.Generator, plays: Plays, told: pd.DataFrame) -> dict:
    told = _of_kind(told, [TURNOVER])
    turnover = plays.turnovers.iloc[told["item"]]
    player, stealer = turnover["player"].to_numpy(), turnover["stealer"].to_numpy()
    stolen_sub = np.where(random.random(len(told)) < 0.5, _SUB["bad pass"], _SUB["lost ball"])
    sub_type = np.select(
        [player == NOBODY, turnover["is_foul"], stealer != NOBODY],
        [_SUB["shot clock"], _SUB["offensive foul"], stolen_sub],
        _SUB["traveling"],
    )
    return _part(
        told,
        _SHOT_OR_LOSS,
        TURNOVER_EVENT,
        sub_type=sub_type,
        player_1=player,
        player_2=stealer,
        role=np.where(stealer == NOBODY, NONE, STEAL),
    )


def _rebounds(told: pd.DataFrame) -> dict:
    told = told[told["rebound"] != NO_REBOUND]
    kind = told["rebound"].to_numpy()
    return _part(
        told,
        _REBOUND_AFTER,
        REBOUND,
        team_game=np.where(kind == OFFENSIVE, told["team_game"], told["team_game"] ^ 1),
        seconds=told["rebound_seconds"],
        player_1=told["rebounder"],
        rebound=kind,
    )


def _periods(told: pd.DataFrame) -> dict:
    """Start and end of every period."""
    changes = np.flatnonzero(np.diff(told["game"]) | np.diff(told["period"]))
    first, last = told.iloc[np.r_[0, changes + 1]], told.iloc[np.r_[changes, len(told) - 1]]
    length = np.where(first["period"] <= QUARTERS, QUARTER_SECONDS, OVERTIME_SECONDS)
    start = _part(first, _PERIOD_STARTS, PERIOD_START, sub_type=_SUB["start"], team_game=NONE, seconds=length)
    return _joined([start, _part(last, _PERIOD_ENDS, PERIOD_END, sub_type=_SUB["end"], team_game=NONE, seconds=0)])


def _joined(parts: list[dict]) -> dict:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _with_score(events: pd.DataFrame) -> pd.DataFrame:
    """Sorted events with their place in the game and the score after them."""
    place = place_within(events["game"].to_numpy())
    first = np.arange(len(events)) - place
    scores = {}
    for side, name in enumerate(("home_score", "away_score")):
        points = np.where(events["team_game"] % 2 == side, events["points"], 0)
        total = np.cumsum(points)
        scores[name] = total - (total - points)[first]
    return events.drop(columns="points").assign(event_order=place + 1, **scores)
