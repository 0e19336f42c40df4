"""Literal frames for the builders of the context tables: what is known before one game of BOS at LAL."""

from dataclasses import dataclass, field, replace

import pandas as pd

from analytics_assets.raw.as_of import as_of_moments, games_as_of
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    ESPN_TEAM_ROSTERS,
    NBAC_INJURY_REPORT,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.game_lines import interpret_game_lines
from analytics_assets.raw.injury_reports import last_reports
from analytics_assets.raw.points_props import interpret_points_props
from analytics_assets.raw.rosters import interpret_rosters, players_as_of
from analytics_assets.stats.game_context import TeamFacts, team_facts
from analytics_assets.stats.upcoming_player_game_context import build_upcoming_player_game_context
from analytics_assets.stats.upcoming_team_game_context import build_upcoming_team_game_context
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import PANDAS_DTYPES, date_series, empty_frame
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets_tests.support.pregame_rows import game_line_rows, injury_row, prop_row
from analytics_assets_tests.support.raw_rows import moment, raw_frame, roster_rows, schedule_row
from analytics_assets_tests.support.schedules import placed_games

DAY = "2024-01-10"
GAME_ID = "20240110_BOS_LAL"
NOW = pd.Timestamp("2024-02-01T12:00", tz="UTC")
# Earlier games with visitors first: LAL rests longer, BOS is back to back.
EARLIER = (("2024-01-03", "BOS", "LAL"), ("2024-01-06", "LAL", "BOS"), ("2024-01-09", "BOS", "MIA"))
LAST_YEAR = "2023-03-10"


def schedule() -> list[dict]:
    """Rows of ``nbac_schedule``: a game of the season before, three earlier games, the game itself and the next."""
    games = [(LAST_YEAR, "BOS", "LAL"), *EARLIER, (DAY, "BOS", "LAL"), ("2024-01-13", "LAL", "BOS")]
    rows = []
    for number, (day, away, home) in enumerate(games):
        season = 2022 if day == LAST_YEAR else 2023
        scores = {"home_team_score": 110, "away_team_score": 100}
        if day >= DAY:
            scores = {"home_team_score": None, "away_team_score": None, "game_status": 1}
        told = {"neutral_site_flag": False, "is_primetime": number == 4, **scores}
        rows.append(schedule_row(f"002{season - 2000}{number:05}", day, away, home, season_year=season, **told))
    return rows


def played_rows() -> list[dict]:
    """Rows of ``player_game_summary``: six players a team; of each the first scores 30, the others 10."""
    rows = []
    for day, away, home in ((LAST_YEAR, "BOS", "LAL"), *EARLIER):
        for team in (away, home):
            rows += [
                {
                    **_game(day, away, home),
                    "team_abbr": team,
                    "opponent_team_abbr": home if team == away else away,
                    "home_game": team == home,
                    "player_lookup": f"{team.lower()}player{number}",
                    "played": True,
                    "starter_flag": number < 5,
                    "points": 30 if number == 0 else 10,
                    "minutes_played": 40.0,
                    "usage_rate": 20.0,
                    "fg_makes": 4,
                    "fg_attempts": 8,
                    "fourth_quarter_minutes": 10.0,
                    "clutch_minutes": 3.0,
                    "fourth_quarter_points": 5,
                    "processed_at": moment(day),
                    "data_hash": f"{day} {team} {number}",
                }
                for number in range(6)
            ]
    return rows


def offense_rows() -> list[dict]:
    """Rows of ``team_offense_game_summary``: the home team scores 110, the visitors 100, on 100 possessions."""
    return [
        {
            **_game(day, away, home),
            "team_abbr": team,
            "points_scored": 110 if team == home else 100,
            "possessions": 100.0,
            "overtime_periods": 0,
            "data_hash": f"offense {day} {team}",
        }
        for day, away, home in ((LAST_YEAR, "BOS", "LAL"), *EARLIER)
        for team in (away, home)
    ]


def defense_rows() -> list[dict]:
    """Rows of ``team_defense_game_summary`` of the same games."""
    return [
        {
            **_game(day, away, home),
            "defending_team_abbr": team,
            "points_allowed": 100 if team == home else 110,
            "possessions": 100.0,
            "overtime_periods": 0,
            "opp_ft_attempts": 20,
            "opp_fg_attempts": 80,
            "data_hash": f"defense {day} {team}",
        }
        for day, away, home in ((LAST_YEAR, "BOS", "LAL"), *EARLIER)
        for team in (away, home)
    ]


def lines() -> list[dict]:
    """Rows of ``odds_api_game_lines``: two books; LAL is the favourite, DraftKings moved by a point."""
    return [
        *game_line_rows(DAY, -4.0, 220.0, "2024-01-10T15:00"),
        *game_line_rows(DAY, -5.0, 222.0, "2024-01-10T22:00"),
        *game_line_rows(DAY, -8.0, 221.0, "2024-01-10T21:00", bookmaker="betmgm"),
    ]


def props() -> list[dict]:
    """Rows of ``odds_api_player_points_props``: one player, whose line did not move."""
    return [prop_row(DAY, "bosplayer0", 20.5, shown) for shown in ("2024-01-10T15:00", "2024-01-10T22:00")]


def reports() -> list[dict]:
    """Rows of ``nbac_injury_report``: two starters of BOS, nobody of LAL."""
    listed = (("bosplayer1", "out"), ("bosplayer2", "questionable"))
    return [injury_row(DAY, player, status, "2024-01-10T21:00") for player, status in listed]


def rosters() -> list[dict]:
    """Rows of ``espn_team_rosters`` with a position."""
    return [{**row, "position": "C", "is_two_way": False} for row in roster_rows("2024-01-05", "BOS", "LAL")]


def registry() -> list[dict]:
    """Rows of ``player_registry``; one player of either team was born on a date of some year."""
    born = {"bosplayer0": "1998-01-10", "bosplayer1": "1998-01-11", "lalplayer0": "1996-02-29"}
    return [
        {
            "player_lookup": player,
            "season_year": 2023,
            "universal_player_id": f"id-{player}",
            "birth_date": pd.Timestamp(day),
            "processed_at": moment("2023-09-01"),
        }
        for player, day in born.items()
    ]


def changed(rows: list[dict], changes: dict, **where) -> list[dict]:
    """The rows, those that match with other values; none that matches is a mistake of the test."""
    found = [{**row, **changes} if _matches(row, where) else row for row in rows]
    assert found != rows
    return found


def without(rows: list[dict], **where) -> list[dict]:
    """The rows that do not match; some must, and some must not."""
    left = [row for row in rows if not _matches(row, where)]
    assert 0 < len(left) < len(rows)
    return left


@dataclass(frozen=True)
class Known:
    """All rows that are known of one game; tests replace some of them."""

    schedule: list[dict] = field(default_factory=schedule)
    played: list[dict] = field(default_factory=played_rows)
    offense: list[dict] = field(default_factory=offense_rows)
    defense: list[dict] = field(default_factory=defense_rows)
    lines: list[dict] = field(default_factory=lines)
    props: list[dict] = field(default_factory=props)
    bettingpros: list[dict] = field(default_factory=list)
    reports: list[dict] = field(default_factory=reports)
    rosters: list[dict] = field(default_factory=rosters)
    registry: list[dict] = field(default_factory=registry)

    def but(self, **changes) -> "Known":
        """The same with other rows of some tables."""
        return replace(self, **changes)

    def teams(self) -> pd.DataFrame:
        """Rows of ``upcoming_team_game_context`` by team."""
        shared = self._shared()
        rows = build_upcoming_team_game_context(**{name: shared[name] for name in _OF_TEAMS})
        return rows.set_index("team_abbr", drop=False)

    def players(self) -> pd.DataFrame:
        """Rows of ``upcoming_player_game_context`` by player."""
        rows = build_upcoming_player_game_context(**self._shared())
        return rows.set_index("player_lookup", drop=False)

    def _shared(self) -> dict:
        games = placed_games(*self.schedule)
        as_of = as_of_moments(games)
        history, facts = self._history(), self._facts(games, as_of)
        with_line = interpret_points_props(
            _raw(ODDS_API_PLAYER_POINTS_PROPS, self.props),
            _raw(BETTINGPROS_PLAYER_POINTS_PROPS, self.bettingpros),
            games_as_of(games, as_of),
        ).lines
        rows_of_rosters = interpret_rosters(_raw(ESPN_TEAM_ROSTERS, self.rosters)).rows
        games_to_come = facts.targets["game_id"].unique()
        return {
            "facts": facts,
            "players": players_as_of(facts.targets, rows_of_rosters, history, with_line).players,
            "lines": interpret_game_lines(_raw(ODDS_API_GAME_LINES, self.lines), games, as_of).lines,
            "props": with_line,
            "statuses": last_reports(_raw(NBAC_INJURY_REPORT, self.reports), games, as_of).statuses,
            "history": history,
            "registry": _raw(PLAYER_REGISTRY, self.registry),
            "tracking": pd.DataFrame({"game_id": games_to_come, "source_schedule_rows_found": 7}),
            "now": NOW,
        }

    def _history(self) -> pd.DataFrame:
        return _typed(PLAYER_GAME_SUMMARY, self.played)

    def _facts(self, games: pd.DataFrame, as_of: pd.Series) -> TeamFacts:
        return team_facts(
            games,
            date_series([pd.Timestamp(DAY).date()]),
            as_of,
            self._history(),
            _typed(TEAM_OFFENSE_GAME_SUMMARY, self.offense),
            _typed(TEAM_DEFENSE_GAME_SUMMARY, self.defense),
        )


_OF_TEAMS = ("facts", "lines", "statuses", "history", "tracking", "now")


def _matches(row: dict, where: dict) -> bool:
    return all(row[name] == value for name, value in where.items())


def _game(day: str, away: str, home: str) -> dict:
    stamp = pd.Timestamp(day)
    return {
        "game_id": f"{stamp:%Y%m%d}_{away}_{home}",
        "game_date": stamp,
        "season_year": stamp.year - (stamp.month < 10),
    }


def _raw(table: Table, rows: list[dict]) -> pd.DataFrame:
    return raw_frame(table, rows) if rows else empty_frame(table)


def _typed(table: Table, rows: list[dict]) -> pd.DataFrame:
    """Some columns of a table in their declared types; without rows all of them."""
    if not rows:
        return empty_frame(table)
    frame = pd.DataFrame(rows)
    return frame.astype({name: PANDAS_DTYPES[table.by_name[name].type] for name in frame.columns})
