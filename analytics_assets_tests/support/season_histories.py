"""Random but possible seasons for tests that look back: player games, team games, targets, injury reports."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

TEAMS = ("BOS", "DEN", "LAL")
PLAYERS = ("ann", "bob", "cid", "dan", "eve")
STATUSES = ("out", "doubtful", "questionable", "probable", "available")
OPENERS = {2022: pd.Timestamp("2022-10-18"), 2023: pd.Timestamp("2023-10-24")}
DAYS = 75


@dataclass(frozen=True)
class SeasonHistories:
    """Tables as the builders of the context tables receive them."""

    players: pd.DataFrame
    offense: pd.DataFrame
    defense: pd.DataFrame
    targets: pd.DataFrame
    statuses: pd.DataFrame


def random_histories(seed: int) -> SeasonHistories:
    """Two seasons of three teams and five players who change teams, sit out and have unknown numbers."""
    rng = np.random.default_rng(seed)
    schedule = _schedule(rng)
    players = _players(rng, schedule)
    offense = _thinned(rng, _offense(rng, schedule))
    defense = _thinned(rng, _defense(rng, schedule)).rename(columns={"team_abbr": "defending_team_abbr"})
    targets = players[["game_id", "season_year", "game_date", "team_abbr", "opponent_team_abbr", "player_lookup"]]
    targets = targets.sample(frac=0.5, random_state=seed).reset_index(drop=True)
    lines = np.where(rng.random(len(targets)) < 0.2, np.nan, rng.integers(4, 40, len(targets)) / 2)
    return SeasonHistories(players, offense, defense, targets.assign(points_line=lines), _statuses(rng, players))


def _schedule(rng: np.random.Generator) -> pd.DataFrame:
    """A row per team and game: on most days two of the three teams meet."""
    rows = []
    for season, opener in OPENERS.items():
        for day in np.flatnonzero(rng.random(DAYS) < rng.choice([0.3, 0.7, 1.0])):
            home, away = rng.permutation(TEAMS)[:2]
            date = opener + pd.Timedelta(days=int(day))
            game = {"game_id": f"{date:%Y%m%d}_{away}_{home}", "season_year": season, "game_date": date}
            rows.append({**game, "team_abbr": home, "opponent_team_abbr": away, "home_game": True})
            rows.append({**game, "team_abbr": away, "opponent_team_abbr": home, "home_game": False})
    columns = ["game_id", "season_year", "game_date", "team_abbr", "opponent_team_abbr", "home_game"]
    return pd.DataFrame(rows, columns=columns).astype({"season_year": "Int64", "home_game": "boolean"})


def _players(rng: np.random.Generator, schedule: pd.DataFrame) -> pd.DataFrame:
    listed = schedule.merge(pd.DataFrame({"player_lookup": PLAYERS}), how="cross")
    # Some change teams in the middle of the season.
    first, second = (dict(zip(PLAYERS, rng.choice(TEAMS, len(PLAYERS)), strict=True)) for _ in range(2))
    opener = listed["season_year"].map(OPENERS)
    late = listed["game_date"] >= opener + pd.Timedelta(days=DAYS // 2)
    team = listed["player_lookup"].map(second).where(late, listed["player_lookup"].map(first))
    rows = listed[listed["team_abbr"] == team].reset_index(drop=True)
    number = len(rows)
    played = rng.random(number) < 0.8
    attempts = rng.integers(0, 12, number)
    numbers = {
        "points": _some(rng, rng.integers(0, 45, number)),
        "minutes_played": _some(rng, rng.uniform(0, 42, number)),
        "usage_rate": _some(rng, rng.uniform(0, 60, number)),
        "fg_attempts": _some(rng, attempts),
        "fg_makes": _some(rng, rng.binomial(attempts, 0.5)),
        "clutch_minutes": _some(rng, rng.uniform(0, 5, number)),
        "fourth_quarter_minutes": _some(rng, rng.uniform(0, 12, number)),
        "fourth_quarter_points": _some(rng, rng.integers(0, 15, number)),
    }
    kinds = {name: "Int64" for name in ("points", "fg_attempts", "fg_makes", "fourth_quarter_points")}
    starters = pd.array(rng.random(number) < 0.5, dtype="boolean")
    starters[~played | (rng.random(number) < 0.1)] = pd.NA
    # Rows of those who did not play keep their numbers: some sources write zeros there, and none of them may enter.
    return rows.assign(**numbers, played=pd.array(played, dtype="boolean"), starter_flag=starters).astype(kinds)


def _offense(rng: np.random.Generator, schedule: pd.DataFrame) -> pd.DataFrame:
    number = len(schedule)
    rows = schedule[["game_id", "season_year", "game_date", "team_abbr"]].assign(
        points_scored=rng.integers(80, 140, number),
        possessions=_some(rng, rng.uniform(85, 110, number)),
        overtime_periods=rng.choice([0, 0, 0, 1, 2], number),
    )
    return rows.astype({"overtime_periods": "Int64"})


def _defense(rng: np.random.Generator, schedule: pd.DataFrame) -> pd.DataFrame:
    number = len(schedule)
    rows = schedule[["game_id", "season_year", "game_date", "team_abbr"]].assign(
        points_allowed=rng.integers(80, 140, number),
        possessions=_some(rng, rng.uniform(85, 110, number)),
        overtime_periods=pd.Series(rng.choice([0, 0, 0, 1, 2], number)),
        opp_ft_attempts=_some(rng, rng.integers(0, 40, number)),
        opp_fg_attempts=_some(rng, rng.integers(70, 100, number)),
    )
    return rows.astype({"overtime_periods": "Int64", "opp_ft_attempts": "Int64", "opp_fg_attempts": "Int64"})


def _statuses(rng: np.random.Generator, players: pd.DataFrame) -> pd.DataFrame:
    listed = players[["game_id", "team_abbr", "player_lookup"]].sample(frac=0.4, random_state=int(rng.integers(1000)))
    return listed.assign(injury_status=rng.choice(STATUSES, len(listed))).reset_index(drop=True)


def _some(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    return np.where(rng.random(len(values)) < 0.08, np.nan, values)


def _thinned(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rng.random(len(rows)) < 0.95].reset_index(drop=True)


def earlier_games(history: list[dict], target: dict, entity: str) -> list[dict]:
    """The rows of the target's season and entity before its date, in order: what every window is cut from."""
    rows = [row for row in history if (row["season_year"], row[entity]) == (target["season_year"], target[entity])]
    return sorted((row for row in rows if row["game_date"] < target["game_date"]), key=lambda row: row["game_date"])


def known(rows: list[dict], column: str) -> list[float]:
    """The column's values that are not NULL."""
    return [float(row[column]) for row in rows if not pd.isna(row[column])]
