"""Box scores of a demo season: line-ups, team lines and player lines of its counted games, still as arrays."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics_assets.demo.lineups import MOST_ACTIVE, ROSTER_SIZE, STARTERS, draw_lineups
from analytics_assets.demo.player_lines import draw_plus_minus, hand_out_lines
from analytics_assets.demo.random_streams import random_stream
from analytics_assets.demo.rosters import Players, SeasonRosters
from analytics_assets.demo.team_lines import draw_team_lines
from analytics_assets.raw.declarations import BOX_COUNTS

ACTIVE, DID_NOT_PLAY, INACTIVE = "active", "dnp", "inactive"


@dataclass(frozen=True)
class SeasonBoxScores:
    """All box rows of a season.

    Attributes:
        team_rows: One row per team-game, home team first: ``game`` (row of the games frame), ``team``, ``is_home``,
            ``seconds``, ``plus_minus`` and the counts of ``BOX_COUNTS``, turnovers with team turnovers.
        player_rows: One row per listed player and game: ``game``, ``team``, ``player`` (player number), ``status``,
            ``reason``, ``starter``, ``seconds``, ``plus_minus`` and the counts; numbers are 0 for those who did not
            play.
    """

    team_rows: pd.DataFrame
    player_rows: pd.DataFrame


def season_box_scores(seed: int, players: Players, rosters: SeasonRosters, games: pd.DataFrame) -> SeasonBoxScores:
    """Box scores of the given games, consistent with their scores and overtimes.

    Args:
        seed: The league's seed.
        players: All players of the league.
        rosters: The season's rosters.
        games: All counted games of the season as :func:`season_games` gives them, in its order.
    """
    random = random_stream(seed, int(games["season_year"].iloc[0]), "box scores")
    game = np.repeat(np.arange(len(games)), 2)
    team = games[["home", "away"]].to_numpy().ravel()
    points = games[["home_points", "away_points"]].to_numpy().ravel()
    margin = points - points.reshape(-1, 2)[:, ::-1].ravel()
    dates = games["game_date"].iloc[game].reset_index(drop=True)
    overtimes = games["overtimes"].to_numpy()[game]

    lineups = draw_lineups(random, rosters, team, dates, overtimes)
    seconds = lineups.seconds.sum(axis=1)
    team_lines = draw_team_lines(random, points, seconds)
    player_lines = hand_out_lines(random, players, rosters.skill, lineups, team_lines)
    plus_minus = draw_plus_minus(random, lineups, margin)

    team_counts = _box_counts(team_lines)
    team_counts["turnovers"] = team_lines["turnovers"] + team_lines["team_turnovers"]
    team_rows = pd.DataFrame(
        {"game": game, "team": team, "is_home": np.arange(len(game)) % 2 == 0, "seconds": seconds, **team_counts}
    )
    team_rows["plus_minus"] = margin

    place = np.arange(ROSTER_SIZE)
    last_seated = (lineups.active + lineups.seated)[:, None]
    listed = (place < last_seated) | lineups.inactive
    row, column = np.nonzero(listed)
    status = np.where(
        lineups.inactive, INACTIVE, np.where(place < lineups.active[:, None], ACTIVE, DID_NOT_PLAY)
    ).astype(object)[row, column]
    numbers = {"seconds": lineups.seconds, "plus_minus": plus_minus, **_box_counts(player_lines)}
    unused_places = ((0, 0), (0, ROSTER_SIZE - MOST_ACTIVE))
    player_rows = pd.DataFrame(
        {
            "game": game[row],
            "team": team[row],
            "player": lineups.players[row, column],
            "status": status,
            "reason": pd.Series(lineups.reasons[row, column], dtype=object).mask(status == ACTIVE, None),
            "starter": column < STARTERS,
            **{name: np.pad(values, unused_places)[row, column] for name, values in numbers.items()},
        }
    )
    return SeasonBoxScores(team_rows, player_rows)


def _box_counts(lines: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The counts of ``BOX_COUNTS`` from makes and misses."""
    fg_made = lines["two_pt_made"] + lines["three_pt_made"]
    three_pt_attempted = lines["three_pt_made"] + lines["three_pt_missed"]
    derived = {
        "points": 2 * lines["two_pt_made"] + 3 * lines["three_pt_made"] + lines["ft_made"],
        "fg_made": fg_made,
        "fg_attempted": lines["two_pt_made"] + lines["two_pt_missed"] + three_pt_attempted,
        "three_pt_attempted": three_pt_attempted,
        "ft_attempted": lines["ft_made"] + lines["ft_missed"],
    }
    return {name: derived[name] if name in derived else lines[name] for name in BOX_COUNTS}
