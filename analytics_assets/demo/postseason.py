"""Play-in and playoffs of a demo season: seeds, series, their dates, and when each game became known."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from analytics_assets.demo.calendar import SeasonCalendar
from analytics_assets.demo.scores import HOME_ADVANTAGE_POINTS, Scores, final_scores
from analytics_assets.league.games import GameType
from analytics_assets.league.teams import TEAMS

GAMES_IN_SERIES = 7
WINS_FOR_SERIES = 4
_BETTER_TEAM_HOSTS = np.array([True, True, False, False, True, False, True])
_EARLY_ROUND_DAYS = np.array([0, 2, 5, 7, 9, 11, 13])
_CONFERENCE_FINALS_DAYS = np.array([0, 2, 4, 6, 8, 10, 12])
_FINALS_DAYS = np.array([0, 3, 6, 8, 11, 14, 17])
# Days after the playoffs' first date before which a round does not start, alternating between its series.
_ROUND_STARTS = {1: (1, 0, 0, 1), 2: (16, 17), 3: (31, 32)}
_FINALS_START = 47
_REST_DAYS_BETWEEN_ROUNDS = 2
# How often the Finals are drawn to find ones as long as history says they were.
_FINALS_DRAWS = 300
# Pairs of seeds (0 is the best) in the order in which their winners meet.
_FIRST_ROUND_PAIRS = ((0, 7), (3, 4), (2, 5), (1, 6))


@dataclass(frozen=True)
class _Series:
    """Best-of-seven series played side by side; arrays with one entry per series, scores with seven columns."""

    better: np.ndarray
    worse: np.ndarray
    home: np.ndarray
    away: np.ndarray
    scores: Scores
    length: np.ndarray
    winner: np.ndarray


def postseason_games(
    random: np.random.Generator,
    calendar: SeasonCalendar,
    regular_games: pd.DataFrame,
    strength: np.ndarray,
) -> pd.DataFrame:
    """All play-in and playoff games of a season.

    Args:
        random: Source of randomness.
        calendar: The season's calendar; settled Finals end on their date.
        regular_games: ``home``, ``away`` (positions in ``TEAMS``), ``home_points``, ``away_points``.
        strength: Strength of each team in points.

    Returns:
        One row per game: ``game_type``, ``number`` (last five digits of the NBA id), ``game_date``, ``home``,
        ``away``, ``home_points``, ``away_points``, ``overtimes`` and ``known_on``, the date whose games settled who
        plays.
    """
    ranking = _ranking(regular_games)
    rows, seeds = _play_in(random, calendar, ranking, strength)
    rank = np.empty(len(TEAMS), dtype=int)
    rank[ranking] = np.arange(len(TEAMS))
    for teams in seeds:
        # Within a conference the seed decides who hosts; the play-in may have put a team above better records.
        rank[teams] = np.sort(rank[teams])
    rows += _playoffs(random, calendar, seeds, rank, strength)
    return pd.DataFrame(rows)


def _ranking(games: pd.DataFrame) -> np.ndarray:
    """Positions of all teams by regular-season wins, then by points scored over points allowed."""
    margin = (games["home_points"] - games["away_points"]).to_numpy()
    home, away = games["home"].to_numpy(), games["away"].to_numpy()
    wins, differential = np.zeros(len(TEAMS)), np.zeros(len(TEAMS))
    for teams, gain in ((home, margin), (away, -margin)):
        np.add.at(wins, teams, gain > 0)
        np.add.at(differential, teams, gain)
    return np.lexsort((-differential, -wins))


def _play_in(
    random: np.random.Generator, calendar: SeasonCalendar, ranking: np.ndarray, strength: np.ndarray
) -> tuple[list[dict[str, object]], list[np.ndarray]]:
    """Play-in games and the eight playoff seeds of each conference."""
    rows: list[dict[str, object]] = []
    seeds: list[np.ndarray] = []
    seventh_on, ninth_on, eighth_on = calendar.play_in_dates
    for conference, name in enumerate(("East", "West")):
        table = [int(team) for team in ranking if TEAMS[team].conference == name]

        def play(number: int, day: date, known_on: date, home: int, away: int) -> tuple[int, int]:
            scores = final_scores(random, _expected_margin(strength, np.array([home]), np.array([away])))
            rows.append(_game_row(GameType.PLAY_IN, number, day, known_on, home, away, scores, 0))
            return (home, away) if scores.home[0] > scores.away[0] else (away, home)

        number = 101 + 10 * conference
        seventh, loser = play(number, seventh_on, calendar.regular_end, table[6], table[7])
        survivor, _ = play(number + 20, ninth_on, calendar.regular_end, table[8], table[9])
        eighth, _ = play(number + 100, eighth_on, ninth_on, loser, survivor)
        seeds.append(np.array([*table[:6], seventh, eighth]))
    return rows, seeds


def _playoffs(
    random: np.random.Generator,
    calendar: SeasonCalendar,
    seeds: list[np.ndarray],
    rank: np.ndarray,
    strength: np.ndarray,
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    pairs = np.array([teams[list(pair)] for teams in seeds for pair in _FIRST_ROUND_PAIRS])
    seventh_on, _, eighth_on = calendar.play_in_dates
    known_on = [eighth_on, calendar.regular_end, calendar.regular_end, seventh_on] * 2
    earliest = [calendar.playoffs_start] * 8
    for round_number in (1, 2, 3):
        series = _play_series(random, pairs, rank, strength)
        starts = _ROUND_STARTS[round_number]
        days = _EARLY_ROUND_DAYS if round_number < 3 else _CONFERENCE_FINALS_DAYS
        ends = []
        for index, length in enumerate(series.length):
            first = max(earliest[index], calendar.playoffs_start + timedelta(days=starts[index % len(starts)]))
            dates = [first + timedelta(days=int(day)) for day in days[:length]]
            rows += _series_rows(series, index, round_number, dates, known_on[index])
            ends.append(dates[-1])
        pairs = series.winner.reshape(-1, 2)
        known_on = [max(one, other) for one, other in zip(ends[::2], ends[1::2], strict=True)]
        earliest = [day + timedelta(days=_REST_DAYS_BETWEEN_ROUNDS) for day in known_on]
    dates = _finals_dates(calendar)
    finals = _play_series(random, np.repeat(pairs, _FINALS_DRAWS, axis=0), rank, strength)
    # Settled Finals have a settled number of games; open ones take the first draw.
    too_short = np.where(finals.length <= len(dates), len(dates) - finals.length, GAMES_IN_SERIES)
    chosen = int(too_short.argmin()) if calendar.finals_end else 0
    return rows + _series_rows(finals, chosen, 4, dates[: finals.length[chosen]], known_on[0])


def _finals_dates(calendar: SeasonCalendar) -> list[date]:
    """Dates of the Finals: seven possible ones, or those up to the settled last one."""
    usual_start = calendar.playoffs_start + timedelta(days=_FINALS_START)
    if calendar.finals_end is None:
        return [usual_start + timedelta(days=int(day)) for day in _FINALS_DAYS]
    lengths = range(WINS_FOR_SERIES, GAMES_IN_SERIES + 1)
    starts = {length: calendar.finals_end - timedelta(days=int(_FINALS_DAYS[length - 1])) for length in lengths}
    length = min(lengths, key=lambda games: abs(starts[games] - usual_start))
    return [starts[length] + timedelta(days=int(day)) for day in _FINALS_DAYS[:length]]


def _play_series(random: np.random.Generator, pairs: np.ndarray, rank: np.ndarray, strength: np.ndarray) -> _Series:
    first_is_better = rank[pairs[:, 0]] < rank[pairs[:, 1]]
    better = np.where(first_is_better, pairs[:, 0], pairs[:, 1])
    worse = np.where(first_is_better, pairs[:, 1], pairs[:, 0])
    home = np.where(_BETTER_TEAM_HOSTS, better[:, None], worse[:, None])
    away = np.where(_BETTER_TEAM_HOSTS, worse[:, None], better[:, None])
    scores = final_scores(random, _expected_margin(strength, home, away))
    better_won = (scores.home > scores.away) == _BETTER_TEAM_HOSTS
    better_wins, worse_wins = better_won.cumsum(axis=1), (~better_won).cumsum(axis=1)
    over = (better_wins == WINS_FOR_SERIES) | (worse_wins == WINS_FOR_SERIES)
    winner = np.where(better_wins[:, -1] >= WINS_FOR_SERIES, better, worse)
    return _Series(better, worse, home, away, scores, over.argmax(axis=1) + 1, winner)


def _series_rows(
    series: _Series, index: int, round_number: int, dates: list[date], known_on: date
) -> list[dict[str, object]]:
    rows = []
    for game, day in enumerate(dates):
        # The first four games are certain once both teams are; each later one only when the game before it is over.
        known = known_on if game < WINS_FOR_SERIES else dates[game - 1]
        number = 100 * round_number + 10 * (index if round_number < 4 else 0) + game + 1
        home, away = int(series.home[index, game]), int(series.away[index, game])
        rows.append(_game_row(GameType.PLAYOFFS, number, day, known, home, away, series.scores, (index, game)))
    return rows


def _game_row(
    game_type: GameType,
    number: int,
    day: date,
    known_on: date,
    home: int,
    away: int,
    scores: Scores,
    at: int | tuple[int, int],
) -> dict[str, object]:
    return {
        "game_type": game_type.value,
        "number": number,
        "game_date": day,
        "known_on": known_on,
        "home": home,
        "away": away,
        "home_points": int(scores.home[at]),
        "away_points": int(scores.away[at]),
        "overtimes": int(scores.overtimes[at]),
    }


def _expected_margin(strength: np.ndarray, home: np.ndarray, away: np.ndarray) -> np.ndarray:
    return strength[home] - strength[away] + HOME_ADVANTAGE_POINTS
