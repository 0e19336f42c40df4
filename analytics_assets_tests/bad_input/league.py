"""A small league in which every bad input has a game of its own: clean raw rows, all copies of one template game."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    BETTINGPROS_PLAYER_POINTS_PROPS,
    BIGDATABALL_PLAY_BY_PLAY,
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_INJURY_REPORT,
    NBAC_PLAY_BY_PLAY,
    NBAC_PLAYER_BOXSCORES,
    NBAC_REFEREE_GAME_ASSIGNMENTS,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
    RAW_TABLES,
)
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform
from analytics_assets.warehouse import Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.play_by_play_events import free_throw, in_order, three, two
from analytics_assets_tests.support.pregame_rows import game_line_rows, injury_row, prop_row
from analytics_assets_tests.support.raw_rows import PLAYERS_A_TEAM, box_rows, moment, schedule_row, team_rows

# The template game, of two teams that do not exist; every game is a copy of it.
_DAY, _AWAY, _HOME = "2024-01-10", "AWY", "HOM"
_STARTS_IN_NOVEMBER = 8
NEIGHBOUR = ("MIA", "DEN")
PAIRS = (
    *(("BOS", "LAL"), ("NYK", "CHI"), ("GSW", "PHX"), ("DAL", "MIL")),
    *(("ATL", "CLE"), ("DET", "HOU"), ("IND", "LAC"), ("MEM", "MIN")),
)
EVENT_TABLES = (BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY)
PLAYER_BOXES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES, BDL_PLAYER_BOXSCORES)
_TEXTS = ("game_id", "team_abbr", "player_1_team_abbr", "player_lookup", "player_1_lookup", "player_2_lookup")
_TEXTS += ("player_name",)


@dataclass(frozen=True)
class Slot:
    """A game: its date, teams and ids, and in which of several like tables its rows stand."""

    season_year: int
    day: pd.Timestamp
    away: str
    home: str
    nba_game_id: str
    player_box: Table = NBAC_GAMEBOOK_PLAYER_STATS
    events: Table | None = None

    @property
    def newcomer(self) -> str:
        """The visitors' fourth player, who plays in this game only: faults of the registry are about him."""
        return f"newcomer{self.nba_game_id}"

    @property
    def game_id(self) -> str:
        """``YYYYMMDD_AWAY_HOME``."""
        return f"{self.day:%Y%m%d}_{self.away}_{self.home}"


@dataclass(frozen=True)
class Wanted:
    """What a fault wants of its game: a date of its own, a day without games after it, and where its rows stand."""

    alone: bool
    next_day: bool
    player_box: Table
    events: Table | None


def season_slots(season_year: int, wanted: Sequence[Wanted]) -> list[list[Slot]]:
    """Games for faults, and on each date one more game that stays as it is.

    Args:
        season_year: Season of the games, which begin in November.
        wanted: For each fault what it wants.

    Returns:
        For each date its games; first the neighbour, then those for faults in the order that was asked for.
    """
    dates: list[list[Wanted]] = []
    packed: list[Wanted] = []
    for want in wanted:
        if want.alone:
            dates.append([want])
            continue
        if not packed or len(packed) == len(PAIRS):
            packed = []
            dates.append(packed)
        packed.append(want)
    first = pd.Timestamp(season_year, 11, _STARTS_IN_NOVEMBER)
    slots, number, place = [], 0, 0
    for wants in dates:
        day, games = first + pd.Timedelta(days=place), []
        place += 1 + wants[0].next_day
        events = wants[0].events and BIGDATABALL_PLAY_BY_PLAY
        neighbour = Wanted(False, False, NBAC_GAMEBOOK_PLAYER_STATS, events)
        for (away, home), want in zip((NEIGHBOUR, *PAIRS), [neighbour, *wants], strict=False):
            number += 1
            nba_game_id = f"002{season_year % 100:02}{number:05}"
            games.append(Slot(season_year, day, away, home, nba_game_id, want.player_box, want.events))
        slots.append(games)
    return slots


def clean_rows(slots: Sequence[Slot]) -> dict[str, pd.DataFrame]:
    """Raw rows of the games by name of the table, in the declared dtypes."""
    seasons = sorted({slot.season_year for slot in slots})
    rows = {
        NBAC_SCHEDULE: _copies([schedule_row("0022300001", _DAY, _AWAY, _HOME)], slots),
        NBAC_TEAM_BOXSCORE: _copies(team_rows(_DAY, _AWAY, _HOME), slots),
        ODDS_API_PLAYER_POINTS_PROPS: _copies(_odds_props(), slots),
        BETTINGPROS_PLAYER_POINTS_PROPS: _copies(_bettingpros_props(), slots),
        ODDS_API_GAME_LINES: _copies(_game_lines(), slots),
        NBAC_INJURY_REPORT: _copies(_reports(), slots),
        NBAC_REFEREE_GAME_ASSIGNMENTS: _copies(_referees(), slots),
        ESPN_TEAM_ROSTERS: _rosters(slots),
        PLAYER_REGISTRY: _registry(seasons, slots),
    }
    box = box_rows(_DAY, _AWAY, _HOME)
    for table in PLAYER_BOXES:
        rows[table] = _copies(box, [slot for slot in slots if slot.player_box is table])
    for table in EVENT_TABLES:
        rows[table] = _copies(_events(), [slot for slot in slots if slot.events is table])
    return {table.name: conform(_declared(rows[table], table), table) for table in RAW_TABLES}


def store(path: Path, frames: Mapping[str, pd.DataFrame]) -> DuckDBWarehouse:
    """A warehouse whose raw tables another pipeline made: same columns, and no promise that any is filled."""
    warehouse = DuckDBWarehouse(path, wait_seconds=20)
    loose = [replace(t, columns=tuple(replace(c, required=False) for c in t.columns)) for t in RAW_TABLES]
    warehouse.ensure(*loose)
    warehouse.commit([Write(table, frames[table.name]) for table in loose if len(frames[table.name])])
    return warehouse


def _declared(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    return rows[[name for name in rows.columns if name in table.by_name]]


def _copies(template: list[dict], slots: Sequence[Slot]) -> pd.DataFrame:
    """The template's rows for every game, with its teams, players, ids, date and moments."""
    games = pd.DataFrame(
        {
            "to_away": pd.Series([slot.away for slot in slots], dtype="string"),
            "to_home": pd.Series([slot.home for slot in slots], dtype="string"),
            "to_day": pd.Series([slot.day for slot in slots], dtype="datetime64[ns]"),
            "to_id": pd.Series([slot.nba_game_id for slot in slots], dtype="string"),
            "to_season": pd.Series([slot.season_year for slot in slots], dtype="int64"),
        }
    )
    rows = games.merge(pd.DataFrame(template), how="cross")
    shift = rows["to_day"] - pd.Timestamp(_DAY)
    for name in rows.columns:
        if isinstance(rows[name].dtype, pd.DatetimeTZDtype):
            rows[name] = rows[name] + shift
    ids = rows["to_day"].dt.strftime("%Y%m%d") + "_" + rows["to_away"] + "_" + rows["to_home"]
    if "player_lookup" in rows:
        newcomer = rows["player_lookup"] == f"{_AWAY.lower()}player3"
        rows["player_lookup"] = rows["player_lookup"].mask(newcomer, "newcomer" + rows["to_id"])
    named = {"game_id": ids, "game_date": rows["to_day"], "season_year": rows["to_season"]}
    named |= {"nba_game_id": rows["to_id"]}
    if "home_team_tricode" in rows:
        named |= {"game_id": rows["to_id"], "home_team_tricode": rows["to_home"], "away_team_tricode": rows["to_away"]}
    for name in set(_TEXTS[1:]) & set(rows.columns):
        named[name] = _with_teams(rows, name)
    rows = rows.assign(**named)
    return rows.drop(columns=[name for name in rows.columns if name.startswith("to_")])


def _with_teams(rows: pd.DataFrame, name: str) -> pd.Series:
    text = rows[name].astype("string")
    for mark, to in ((_AWAY, rows["to_away"]), (_HOME, rows["to_home"])):
        for own, other in ((mark, to), (mark.lower(), to.str.lower())):
            found = text.str.startswith(own).fillna(False).astype(bool)
            text = text.mask(found, other + text.str.slice(len(own)))
    return text


def _odds_props() -> list[dict]:
    return [
        prop_row(_DAY, player, line, shown, away=_AWAY, home=_HOME)
        for player in ("awyplayer0", "homplayer0")
        for line, shown in ((11.5, "2024-01-10T15:00"), (12.5, "2024-01-10T23:00"))
    ]


def _bettingpros_props() -> list[dict]:
    rows = [prop_row(_DAY, player, 10.5, "2024-01-10T16:00", away=_AWAY, home=_HOME) for player in ("awyplayer1",)]
    return [
        {**row, "bet_side": side, "price": -110.0, "opening_line": 9.5, "is_active": True, "offer_id": 5}
        for row in rows
        for side in ("over", "under")
    ]


def _game_lines() -> list[dict]:
    return game_line_rows(_DAY, -4.5, 220.5, "2024-01-10T20:00", away=_AWAY, home=_HOME)


def _reports() -> list[dict]:
    return [
        injury_row(_DAY, player, status, "2024-01-10T18:00", team=team, away=_AWAY, home=_HOME)
        for player, team, status in (("awyplayer5", _AWAY, "questionable"), ("homplayer5", _HOME, "probable"))
    ]


def _referees() -> list[dict]:
    game = {"game_id": f"20240110_{_AWAY}_{_HOME}", "game_date": pd.Timestamp(_DAY), "season_year": 2023}
    return [
        {**game, "official_code": f"{number}", "official_name": f"Official {number}", "position": position}
        | {"processed_at": moment("2024-01-10T14:00")}
        for number, position in ((11, "crew_chief"), (22, "referee"), (33, "umpire"))
    ]


def _events() -> list[dict]:
    """Every shot of the box: two of four threes and two of four two-pointers a player, and his free throws."""
    events = []
    for team in (_AWAY, _HOME):
        for number in range(PLAYERS_A_TEAM):
            who, side = f"{team.lower()}player{number}", {"player_1_team_abbr": team}
            bonus = int(team == _HOME and number == 0)
            for made in (True, True, False, False):
                events += [two(who, made, **side), three(who, made, **side)]
            events += [free_throw(who, f"{n + 1} of {2 + bonus}", **side) for n in range(2 + bonus)]
    return in_order(events)


def _rosters(slots: Sequence[Slot]) -> pd.DataFrame:
    """Every team's roster of each date on which it plays."""
    rows = [{"team_abbr": t, "player_lookup": f"{t.lower()}player{n}"} for t in (_AWAY, _HOME) for n in range(6)]
    frame = _copies([{**row, "processed_at": moment("2024-01-10T12:00")} for row in rows], slots)
    return frame.rename(columns={"game_date": "roster_date"})


def _registry(seasons: Sequence[int], slots: Sequence[Slot]) -> pd.DataFrame:
    teams = [team for pair in (NEIGHBOUR, *PAIRS) for team in pair]
    lookups = [f"{team.lower()}player{number}" for team in teams for number in range(PLAYERS_A_TEAM)]
    rows = pd.DataFrame({"player_lookup": lookups}).merge(pd.DataFrame({"season_year": seasons}), how="cross")
    newcomers = [{"player_lookup": slot.newcomer, "season_year": slot.season_year} for slot in slots]
    rows = pd.concat([rows, pd.DataFrame(newcomers)], ignore_index=True)
    return rows.assign(universal_player_id="id-" + rows["player_lookup"], processed_at=moment("2020-09-01"))
