"""What the league publishes before demo games: who referees them, and who is injured."""

from datetime import datetime
from functools import cache

import numpy as np
import pandas as pd

from analytics_assets.demo.box_scores import ACTIVE, INACTIVE, SeasonBoxScores
from analytics_assets.demo.calendar import FIRST_DEMO_SEASON
from analytics_assets.demo.frames import texts
from analytics_assets.demo.grouping import place_within
from analytics_assets.demo.names import invented_names
from analytics_assets.demo.random_streams import random_stream
from analytics_assets.demo.rosters import Players
from analytics_assets.demo.schedule import EASTERN
from analytics_assets.league.games import canonical_game_ids
from analytics_assets.league.teams import TRICODES
from analytics_assets.raw.declarations import NBAC_INJURY_REPORT, NBAC_REFEREE_GAME_ASSIGNMENTS
from analytics_assets.raw.declarations.reports import INJURY_STATUSES
from analytics_assets.tables.frames import conform

REFEREES = 75
POSITIONS = ("crew_chief", "referee", "umpire")

_ASSIGNED_AT, _ASSIGNED_LATER_SECONDS = pd.Timedelta(hours=9), 30 * 60
_EVENING_BEFORE = pd.Timedelta(hours=-6, minutes=-30)
_SECONDS_BEFORE_TIPOFF = (60 * 60, 120 * 60)
_WRITTEN_AFTER = pd.Timedelta(minutes=5)
# Reasons of the box score that the injury report knows as well, by how they begin.
_REPORTED_REASONS = ("Injury/Illness", "Rest", "Personal")
_PLAYS_THOUGH_REPORTED_SHARE = 0.04
_MINOR_REASONS = (
    "Injury/Illness - Right Ankle; Soreness",
    "Injury/Illness - Left Wrist; Sprain",
    "Injury/Illness - N/A; Illness",
)
_OUT, _DOUBTFUL, _QUESTIONABLE, _PROBABLE, _AVAILABLE = (
    INJURY_STATUSES.index(status) for status in ("out", "doubtful", "questionable", "probable", "available")
)
# Statuses with their shares: of those who then do not play and of those who do, first and last edition.
_OUT_FIRST = ([_OUT, _DOUBTFUL, _QUESTIONABLE], [0.72, 0.1, 0.18])
_OUT_LAST = ([_OUT, _DOUBTFUL], [0.96, 0.04])
_PLAYS_FIRST = ([_DOUBTFUL, _QUESTIONABLE, _PROBABLE], [0.05, 0.6, 0.35])
_PLAYS_LAST = ([_QUESTIONABLE, _PROBABLE, _AVAILABLE], [0.3, 0.3, 0.4])


def report_frames(
    seed: int, players: Players, games: pd.DataFrame, boxes: SeasonBoxScores, now: datetime
) -> dict[str, pd.DataFrame]:
    """Referee assignments and injury reports as far as they were written by ``now``, in the declared dtypes.

    Args:
        seed: The league's seed.
        players: All players of the league.
        games: The season's counted games, in the order of ``boxes``.
        boxes: Box scores of these games; reports announce who will be out.
        now: Moment of the look; games to come have the reports published by then.
    """
    season_year = int(games["season_year"].iloc[0])
    return {
        NBAC_REFEREE_GAME_ASSIGNMENTS.name: _assignments(
            random_stream(seed, season_year, "referees"), referee_names(seed), games, now
        ),
        NBAC_INJURY_REPORT.name: _injuries(
            random_stream(seed, season_year, "injury reports"), players, games, boxes, now
        ),
    }


@cache
def referee_names(seed: int) -> np.ndarray:
    """Names of the referees, the same in every season; players take theirs from the other end of the list."""
    return invented_names(random_stream(seed, FIRST_DEMO_SEASON, "names"))[0][-REFEREES:]


def _assignments(random: np.random.Generator, names: np.ndarray, games: pd.DataFrame, now: datetime) -> pd.DataFrame:
    # Nobody works twice on one date: each date has its own order of all referees.
    day, dates = pd.factorize(games["game_date"])
    order = np.argsort(random.random((len(dates), REFEREES)), axis=1)
    number_on_day = np.empty(len(games), dtype=int)
    by_day = np.argsort(day, kind="stable")
    number_on_day[by_day] = place_within(day[by_day])
    crew = order[day[:, None], number_on_day[:, None] * len(POSITIONS) + np.arange(len(POSITIONS))]
    later = pd.to_timedelta(random.integers(0, _ASSIGNED_LATER_SECONDS, len(games)), unit="s")
    written = _eastern(games["game_date"], _ASSIGNED_AT) + later
    game = np.repeat(np.flatnonzero(written <= now), len(POSITIONS))
    position = np.arange(len(game)) % len(POSITIONS)
    referee = crew[game, position]
    codes = [f"demo-{number + 1:03d}" for number in range(REFEREES)]
    frame = pd.DataFrame(
        {
            **_game_columns(games, game),
            "official_code": texts(codes, referee),
            "official_name": texts(names, referee),
            "position": texts(POSITIONS, position),
            "processed_at": written.take(game).reset_index(drop=True),
        }
    )
    return conform(frame, NBAC_REFEREE_GAME_ASSIGNMENTS)


def _injuries(
    random: np.random.Generator, players: Players, games: pd.DataFrame, boxes: SeasonBoxScores, now: datetime
) -> pd.DataFrame:
    rows = boxes.player_rows
    out = (rows["status"] == INACTIVE) & rows["reason"].astype("string").str.startswith(_REPORTED_REASONS).fillna(False)
    plays = (rows["status"] == ACTIVE) & (random.random(len(rows)) < _PLAYS_THOUGH_REPORTED_SHARE)
    listed = rows[out | plays]
    is_out = (listed["status"] == INACTIVE).to_numpy()
    minor = random.choice(np.array(_MINOR_REASONS, dtype=object), len(listed))
    game = listed["game"].to_numpy()
    seconds = random.integers(*_SECONDS_BEFORE_TIPOFF, len(games))
    last_at = games["tipoff_at"] - pd.to_timedelta(seconds, unit="s")
    editions = (
        (_eastern(games["game_date"], _EVENING_BEFORE), _OUT_FIRST, _PLAYS_FIRST),
        (last_at, _OUT_LAST, _PLAYS_LAST),
    )
    frames = []
    for reported, of_out, of_plays in editions:
        status = np.where(is_out, _drawn(random, of_out, len(listed)), _drawn(random, of_plays, len(listed)))
        # A post-season game has no report before it is known who plays.
        published = ((reported >= games["known_at"]) & (reported + _WRITTEN_AFTER <= now)).to_numpy()[game]
        moments = reported.take(game[published]).reset_index(drop=True)
        number = listed["player"].to_numpy()[published]
        columns = {
            **_game_columns(games, game[published]),
            "reported_at": moments,
            "team_abbr": texts(TRICODES, listed["team"].to_numpy()[published]),
            "player_lookup": texts(players.lookups, number),
            "player_name": texts(players.names, number),
            "injury_status": texts(INJURY_STATUSES, status[published]),
            "reason": np.where(is_out, listed["reason"].to_numpy(), minor)[published],
            "processed_at": moments + _WRITTEN_AFTER,
        }
        frames.append(conform(pd.DataFrame(columns, copy=False), NBAC_INJURY_REPORT))
    return pd.concat(frames, ignore_index=True)


def _drawn(random: np.random.Generator, shares: tuple[list[int], list[float]], count: int) -> np.ndarray:
    statuses, weights = shares
    return random.choice(statuses, count, p=weights)


def _game_columns(games: pd.DataFrame, game: np.ndarray) -> dict[str, object]:
    game_ids = canonical_game_ids(games["game_date"], games["away_tricode"], games["home_tricode"])
    return {
        "game_id": texts(game_ids, game),
        "nba_game_id": texts(games["nba_game_id"], game),
        "game_date": games["game_date"].to_numpy()[game],
        "season_year": games["season_year"].to_numpy()[game],
    }


def _eastern(dates: pd.Series, time_of_day: pd.Timedelta) -> pd.Series:
    """Moment of each date in UTC; the time of day is wall-clock time in New York."""
    return (dates + time_of_day).dt.tz_localize(EASTERN).dt.tz_convert("UTC")
