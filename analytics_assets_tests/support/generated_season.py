"""A short generated season with everything around its games, every raw row with the moment at which it became known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    BIGDATABALL_PLAY_BY_PLAY,
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_INJURY_REPORT,
    NBAC_TEAM_BOXSCORE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.declarations.schedule import FINAL, SCHEDULED
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform
from analytics_assets_tests.support.generated_games import GeneratedGame, generate_game
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row

TEAMS = ("BOS", "DEN", "LAL", "MIA")
OPENING = pd.Timestamp("2023-10-24")
DAYS = 21
PUBLISHED = pd.Timestamp("2023-08-17", tz="UTC")
SQUAD = 8
# From the twelfth day on the eighth man of Denver plays for Miami.
TRADED, TRADE_DAY, NEW_TEAM = "denplayerh", 11, "MIA"
_STATUSES = ("out", "doubtful", "questionable", "probable", "available")
_HOURS_BEFORE = (30.0, 9.0, 1.0, 0.0)
_HOURS_AFTER = (0.25, 1.5)


@dataclass(frozen=True, repr=False)
class GeneratedSeason:
    """Games of four teams on three weeks, and two play-off games after them.

    Attributes:
        games: The played regular-season games.
        playoffs: Two games that only a later schedule holds.
        rows: By table all raw rows around the games, with ``known_at`` and ``about`` (the game's date; for rosters
            theirs). Rows about a game's course are known after it.
    """

    games: list[GeneratedGame]
    playoffs: list[GeneratedGame]
    rows: Mapping[Table, pd.DataFrame]

    @property
    def dates(self) -> list[date]:
        """Dates of regular-season games, in order."""
        return sorted({date.fromisoformat(game.day) for game in self.games})

    @property
    def playoff_dates(self) -> list[date]:
        """Dates of play-off games, in order."""
        return sorted({date.fromisoformat(game.day) for game in self.playoffs})

    def schedule(self, *, final_before: date, with_playoffs: bool = False) -> pd.DataFrame:
        """The schedule in the morning of a date: earlier games are final, later ones as they were published."""
        rows = []
        for number, game in enumerate(self.games, start=1):
            final = date.fromisoformat(game.day) < final_before
            rows.append(_scheduled(game, f"00223{number:05d}", number, final=final))
        # The season goes on for months: that is what the phases of the season are told from.
        for number, month in enumerate(("2023-12-20", "2024-02-14", "2024-04-14"), start=101):
            opponents = {"away": TEAMS[number % 4], "home": TEAMS[(number + 1) % 4]}
            unplayed = {"game_status": SCHEDULED, "home_team_score": None, "away_team_score": None}
            rows.append(schedule_row(f"00223{number:05d}", month, **opponents, **unplayed, processed_at=PUBLISHED))
        if with_playoffs:
            rows += [_scheduled(game, f"00423001{n:02d}", n, final=True) for n, game in enumerate(self.playoffs, 1)]
        return schedule_frame(*rows)


def generated_season(seed: int) -> GeneratedSeason:
    """Make up a season; the same seed gives the same season."""
    random = np.random.default_rng(seed)
    games = []
    for offset in range(DAYS):
        day = OPENING + pd.Timedelta(days=offset)
        shuffled = [str(team) for team in random.permutation(TEAMS)]
        # Off-days, dates with one game and dates with two.
        games += [_game(random, day, *shuffled[2 * n : 2 * n + 2]) for n in range(int(random.choice([0, 1, 2, 2])))]
    playoffs = [_game(random, pd.Timestamp(day), "BOS", "MIA") for day in ("2024-04-20", "2024-04-22")]
    parts: dict[Table, list[dict]] = {
        NBAC_GAMEBOOK_PLAYER_STATS: [_after(game, row) for game in games for row in _traded(game, game.gamebook())],
        NBAC_TEAM_BOXSCORE: [_after(game, row) for game in games for row in game.team_box()],
        BIGDATABALL_PLAY_BY_PLAY: [_after(game, row) for game in games for row in _events(game)],
        ODDS_API_GAME_LINES: [row for game in games for row in _game_lines(random, game)],
        ODDS_API_PLAYER_POINTS_PROPS: [row for game in games for row in _odds_props(random, game)],
        BETTINGPROS_PLAYER_POINTS_PROPS: [row for game in games for row in _bettingpros_props(random, game)],
        NBAC_INJURY_REPORT: [row for game in games for row in _reports(random, game)],
        ESPN_TEAM_ROSTERS: [row for offset in range(0, DAYS, 3) for row in _rosters(random, offset)],
        PLAYER_REGISTRY: _registry(games),
    }
    return GeneratedSeason(games, playoffs, {table: pd.DataFrame(rows) for table, rows in parts.items()})


def raw_rows(table: Table, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a season as a frame of their raw table."""
    return conform(rows[[name for name in rows.columns if name in table.by_name]], table)


def _game(random: np.random.Generator, day: pd.Timestamp, away: str, home: str) -> GeneratedGame:
    sizes = (SQUAD, SQUAD)
    return generate_game(int(random.integers(2**32)), f"{day:%Y-%m-%d}", away, home, int(random.random() < 0.2), sizes)


def tip_off(game: GeneratedGame) -> pd.Timestamp:
    """Half past seven or ten at night, Eastern."""
    hours = 24.5 if game.home in ("BOS", "MIA") else 27
    return pd.Timestamp(game.day, tz="UTC") + pd.Timedelta(hours=hours)


def _scheduled(game: GeneratedGame, nba_game_id: str, number: int, *, final: bool) -> dict:
    row = game.schedule(number) | {"game_id": nba_game_id, "tipoff_at": tip_off(game), "game_status": FINAL}
    row["processed_at"] = tip_off(game) + pd.Timedelta(hours=4)
    if not final:
        row |= {"game_status": SCHEDULED, "home_team_score": None, "away_team_score": None, "processed_at": PUBLISHED}
    # Of some games only betting sources know the tip-off, and of some nobody does.
    if number % 5 in (0, 1):
        row["tipoff_at"] = pd.NaT
    return row | {"is_primetime": number % 3 == 0, "neutral_site_flag": False}


def _states_tip_off(game: GeneratedGame) -> bool:
    return int(game.day[-2:]) % 4 > 0


def _about(game: GeneratedGame, known_at: pd.Timestamp) -> dict:
    return {
        "game_id": game.game_id,
        "game_date": pd.Timestamp(game.day),
        "season_year": 2023,
        "processed_at": known_at + pd.Timedelta(minutes=1),
        "known_at": known_at,
        "about": pd.Timestamp(game.day),
    }


def _after(game: GeneratedGame, row: dict) -> dict:
    return row | {"known_at": tip_off(game) + pd.Timedelta(hours=3), "about": pd.Timestamp(game.day)}


def _traded(game: GeneratedGame, rows: list[dict]) -> list[dict]:
    """The rows after the trade: the traded player takes the place of his new team's last man."""
    if pd.Timestamp(game.day) < OPENING + pd.Timedelta(days=TRADE_DAY):
        return rows
    names = {f"{NEW_TEAM.lower()}playerh": TRADED, TRADED: "denplayeri"}
    fields = ("player_lookup", "player_name", "player_1_lookup", "player_2_lookup")
    return [row | {name: names.get(row[name], row[name]) for name in fields if name in row} for row in rows]


def _events(game: GeneratedGame) -> list[dict]:
    starters = [name for names in game.players.values() for name in names[:5]]
    return [row | {"players_on_court": starters} for row in _traded(game, game.play_by_play())]


def _moments(game: GeneratedGame, random: np.random.Generator) -> list[pd.Timestamp]:
    """Some moments before tip-off, and some after."""
    hours = [-hour for hour in _HOURS_BEFORE if random.random() < 0.8] + list(_HOURS_AFTER)
    return [tip_off(game) + pd.Timedelta(hours=hour) for hour in hours]


def _shown(game: GeneratedGame, moment: pd.Timestamp, book: str) -> dict:
    stated = tip_off(game) if _states_tip_off(game) else pd.NaT
    return _about(game, moment) | {"snapshot_timestamp": moment, "tipoff_at": stated, "bookmaker": book}


def _game_lines(random: np.random.Generator, game: GeneratedGame) -> list[dict]:
    rows = []
    for moment in _moments(game, random):
        for book in ("draftkings", "fanduel"):
            spread, total = float(random.integers(-8, 9)), float(random.integers(210, 240))
            sides = [("spreads", "home", spread), ("spreads", "away", -spread), ("h2h", "home", None)]
            sides += [("h2h", "away", None), ("totals", "over", total), ("totals", "under", total)]
            for market, side, line in sides:
                offer = {"market": market, "bet_side": side, "line": line, "price": float(random.integers(101, 140))}
                rows.append(_shown(game, moment, book) | offer)
    return rows


def _odds_props(random: np.random.Generator, game: GeneratedGame) -> list[dict]:
    # A player nobody has heard of, and one whom the other team has.
    names = [*(name for squad in game.players.values() for name in squad[:3]), "stranger", TRADED]
    return [
        _shown(game, moment, "draftkings")
        | {"player_lookup": name, "player_name": name, "points_line": float(random.integers(8, 30)) + 0.5}
        | {"over_price": -110.0, "under_price": float(random.integers(-120, -100))}
        for moment in _moments(game, random)
        for name in names
        if random.random() < 0.7
    ]


def _bettingpros_props(random: np.random.Generator, game: GeneratedGame) -> list[dict]:
    names = [name for squad in game.players.values() for name in squad[3:5]]
    rows = []
    for moment in _moments(game, random):
        for name in names:
            line = float(random.integers(4, 20)) + 0.5
            offer = {"player_lookup": name, "player_name": name, "points_line": line, "opening_line": line + 1}
            shown = _shown(game, moment, "betmgm") | offer | {"price": -115.0}
            rows += [shown | {"bet_side": side} for side in ("over", "under")]
    return rows


def _reports(random: np.random.Generator, game: GeneratedGame) -> list[dict]:
    rows = []
    for moment in _moments(game, random):
        for team, squad in game.players.items():
            for name in random.choice(squad, 3, replace=False):
                told = {"injury_status": str(random.choice(_STATUSES)), "reason": "Injury/Illness"}
                who = {"team_abbr": team, "player_lookup": str(name), "player_name": str(name), "reported_at": moment}
                rows.append(_about(game, moment) | who | told)
    return rows


def _rosters(random: np.random.Generator, offset: int) -> list[dict]:
    day = OPENING + pd.Timedelta(days=offset)
    read_at = day.tz_localize("UTC") + pd.Timedelta(hours=12)
    rows = []
    # Of Los Angeles nobody reads a roster, so that it is inferred.
    for team in ("BOS", "DEN", "MIA"):
        squad = [f"{team.lower()}player{chr(97 + n)}" for n in range(SQUAD + 1)]
        if offset >= TRADE_DAY:
            squad = [name for name in squad if name != TRADED] + ([TRADED] if team == NEW_TEAM else [])
        for name in squad:
            row = {"roster_date": day, "season_year": 2023, "team_abbr": team, "player_lookup": name}
            row |= {"player_name": name, "position": str(random.choice(["G", "F", "C"])), "is_two_way": name[-1] == "h"}
            row["processed_at"] = read_at
            rows.append(row | {"known_at": read_at, "about": day})
    return rows


def _registry(games: list[GeneratedGame]) -> list[dict]:
    names = sorted({name for game in games for squad in game.players.values() for name in squad})
    return [
        {
            "player_lookup": name,
            "season_year": 2023,
            "universal_player_id": f"id-{name}",
            "birth_date": pd.Timestamp("1999-11-01") + pd.Timedelta(days=place),
            "processed_at": PUBLISHED,
            "known_at": PUBLISHED,
            "about": OPENING,
        }
        for place, name in enumerate(names)
    ]
