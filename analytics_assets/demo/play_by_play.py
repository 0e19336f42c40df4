"""Play-by-play of demo games as two sources write it: BigDataBall by name, NBA.com by id and with qualifiers."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import numpy as np
import pandas as pd

from analytics_assets.demo.box_scores import SeasonBoxScores
from analytics_assets.demo.court_time import elapsed_seconds, game_lengths, players_on_court
from analytics_assets.demo.events import (
    AREAS,
    FREE_THROW,
    NONE,
    QUALIFIERS,
    ROLES,
    SUB_TYPES,
    THREE,
    TWO,
    season_events,
)
from analytics_assets.demo.frames import FIRST_NBA_PLAYER_ID, WRITTEN_AFTER, about_games, texts
from analytics_assets.demo.plays import NOBODY
from analytics_assets.demo.random_streams import random_stream
from analytics_assets.demo.rosters import Players
from analytics_assets.demo.timeline import DEFENSIVE, OFFENSIVE, QUARTERS
from analytics_assets.league.teams import TRICODES
from analytics_assets.raw.declarations import BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform

# From this season on NBA.com's feed is there for every game, before it only for games that BigDataBall lacks. The year
# is fixed, so that no later day takes rows away.
FIRST_SEASON_WITH_BOTH_SOURCES = 2026
_BIGDATABALL_LACKS_SHARE = 1 / 25
# In the order of the event codes; BigDataBall tells a made shot from a miss by the type.
_BIGDATABALL_TYPES = (
    "shot",
    "shot",
    "free throw",
    "rebound",
    "turnover",
    "foul",
    "timeout",
    "start of period",
    "end of period",
    "miss",
)
_BIGDATABALL_MISS = len(_BIGDATABALL_TYPES) - 1
_NBA_COM_TYPES = ("2pt", "3pt", "freethrow", "rebound", "turnover", "foul", "timeout", "period", "period")
_SHOT_TYPES = ("2PT", "3PT")
_Columns = Callable[[pd.DataFrame], dict[str, object]]
_REBOUND_TYPES = {DEFENSIVE: "defensive", OFFENSIVE: "offensive"}


def play_by_play_frames(
    seed: int, players: Players, games: pd.DataFrame, boxes: SeasonBoxScores, now: datetime
) -> dict[str, pd.DataFrame]:
    """Rows of both play-by-play tables for the games that are final at ``now``, in the declared dtypes.

    Args:
        seed: The league's seed.
        players: All players of the league.
        games: The season's counted games, in the order of ``boxes``.
        boxes: Box scores of these games.
        now: Moment of the look.
    """
    season_year = int(games["season_year"].iloc[0])
    about = about_games(seed, games, now)
    final = about["is_final"].to_numpy()
    if not final.any():
        return {}
    lacks = random_stream(seed, season_year, "play-by-play sources").random(len(games)) < _BIGDATABALL_LACKS_SHARE
    in_both = season_year >= FIRST_SEASON_WITH_BOTH_SOURCES
    random = random_stream(seed, season_year, "play-by-play")
    overtimes = games["overtimes"].to_numpy()
    events, lines = season_events(random, boxes, overtimes)
    game = events["game"].to_numpy()
    late, on_court = _late_on_court(events, lines, overtimes)
    numbers = lines["player"].to_numpy()
    names = {
        BIGDATABALL_PLAY_BY_PLAY: players.lookups[numbers],
        NBAC_PLAY_BY_PLAY: (numbers + FIRST_NBA_PLAYER_ID).astype(str).astype(object),
    }
    by_name: _Columns = partial(_bigdataball_columns, lookups=players.lookups[numbers])
    by_id: _Columns = partial(_nba_com_columns, ids=numbers + FIRST_NBA_PLAYER_ID)
    sources = {
        BIGDATABALL_PLAY_BY_PLAY: ((final & ~lacks)[game], by_name),
        NBAC_PLAY_BY_PLAY: ((final & (lacks | in_both))[game], by_id),
    }
    frames = {}
    for table, (held, columns_of) in sources.items():
        rows = events[held]
        columns = {**_shared_columns(table, rows, about, boxes), **columns_of(rows)}
        columns["players_on_court"] = _name_lists(names[table], held, late, on_court)
        frames[table.name] = conform(pd.DataFrame(columns, copy=False), table)
    return frames


def _late_on_court(events: pd.DataFrame, lines: pd.DataFrame, overtimes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which events say who is on court, and the ten of each of these: home team first.

    They do from the fourth quarter on, which is all that is ever asked: ten names on every event would make the league
    three times as large.
    """
    late = (events["period"] >= QUARTERS).to_numpy()
    rows = events[late]
    game = rows["game"].to_numpy()
    elapsed = elapsed_seconds(rows["period"].to_numpy(), rows["seconds"].to_numpy())
    length = game_lengths(overtimes)[game]
    sides = [players_on_court(lines, 2 * game + side, elapsed, length) for side in (0, 1)]
    return late, np.concatenate(sides, axis=1)


def _name_lists(names: np.ndarray, held: np.ndarray, late: np.ndarray, on_court: np.ndarray) -> np.ndarray:
    """The list of names of each held event, NULL for those that do not say."""
    lists = np.full(int(held.sum()), None, dtype=object)
    told = np.empty(int((held & late).sum()), dtype=object)
    told[:] = names[on_court[held[late]]].tolist()
    lists[late[held]] = told
    return lists


def _shared_columns(table: Table, rows: pd.DataFrame, about: pd.DataFrame, boxes: SeasonBoxScores) -> dict[str, object]:
    game, kind = rows["game"].to_numpy(), rows["type"].to_numpy()
    made = rows["made"].to_numpy()
    is_shot = (kind == TWO) | (kind == THREE)
    team = np.where(rows["team_game"] == NONE, NONE, boxes.team_rows["team"].to_numpy()[rows["team_game"]])
    written = (about["wrote_first"] + WRITTEN_AFTER[table.name]).astype("datetime64[us, UTC]")
    rebound = rows["rebound"].to_numpy()
    return {
        **{name: texts(about[name], game) for name in ("game_id", "nba_game_id")},
        "game_date": about["game_date"].to_numpy()[game],
        "season_year": _whole(about["season_year"].to_numpy()[game]),
        **{name: _whole(rows[name]) for name in ("event_order", "period", "home_score", "away_score")},
        "seconds_remaining": rows["seconds"].to_numpy(),
        "event_sub_type": texts(SUB_TYPES, rows["sub_type"]),
        "player_1_team_abbr": texts(TRICODES, team),
        "player_2_role": texts(ROLES, rows["role"]),
        "shot_type": texts(_SHOT_TYPES, np.where(is_shot, kind, NONE)),
        "shot_made": pd.arrays.BooleanArray(made == 1, ~is_shot & (kind != FREE_THROW)),
        "rebound_type": texts(list(_REBOUND_TYPES.values()), np.where(rebound >= DEFENSIVE, rebound - DEFENSIVE, NONE)),
        "processed_at": written.take(game).reset_index(drop=True),
    }


def _bigdataball_columns(rows: pd.DataFrame, lookups: np.ndarray) -> dict[str, object]:
    kind = rows["type"].to_numpy()
    missed = ((kind == TWO) | (kind == THREE)) & (rows["made"].to_numpy() == 0)
    return {
        "event_type": texts(_BIGDATABALL_TYPES, np.where(missed, _BIGDATABALL_MISS, kind)),
        "shot_distance": np.floor(rows["distance"].to_numpy()),
        **{f"{who}_lookup": texts(lookups, rows[who].to_numpy()) for who in ("player_1", "player_2")},
    }


def _nba_com_columns(rows: pd.DataFrame, ids: np.ndarray) -> dict[str, object]:
    return {
        "event_type": texts(_NBA_COM_TYPES, rows["type"]),
        "shot_distance": rows["distance"].to_numpy(),
        "shot_area": texts(AREAS, rows["area"]),
        "qualifiers": _qualifier_lists()[rows["qualifiers"]],
        **{
            f"{who}_id": pd.arrays.IntegerArray(ids[rows[who]], (rows[who] == NOBODY).to_numpy())
            for who in ("player_1", "player_2")
        },
    }


def _qualifier_lists() -> np.ndarray:
    """The list of qualifiers that each code stands for; events with one code share one list."""
    codes = range(2 * max(QUALIFIERS))
    lists = np.empty(len(codes), dtype=object)
    lists[:] = [[text for bit, text in QUALIFIERS.items() if code & bit] for code in codes]
    return lists


def _whole(values: np.ndarray | pd.Series) -> pd.arrays.IntegerArray:
    numbers = np.asarray(values, dtype="int64")
    return pd.arrays.IntegerArray(numbers, np.zeros(len(numbers), dtype=bool))
