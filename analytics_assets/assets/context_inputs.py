"""The step that both context tables share: what was known of some dates' games before tip-off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce

import pandas as pd

from analytics_assets.assets.raw_reader import RawReader
from analytics_assets.league.arenas import places_of_games
from analytics_assets.raw.as_of import as_of_moments, games_as_of, stated_tipoffs
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    ESPN_TEAM_ROSTERS,
    NBAC_INJURY_REPORT,
    NBAC_SCHEDULE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.raw.game_lines import GameLines, interpret_game_lines
from analytics_assets.raw.injury_reports import InjuryReports, last_reports
from analytics_assets.raw.points_props import PointsProps, interpret_points_props
from analytics_assets.raw.refused_rows import describe_refused, joined_refused
from analytics_assets.raw.roster_reduction import rosters_known_on
from analytics_assets.raw.rosters import Rosters, interpret_rosters
from analytics_assets.raw.schedule import Schedule
from analytics_assets.raw.source_tracking import history_source_tracking, source_tracking
from analytics_assets.stats.game_context import TeamFacts, team_facts
from analytics_assets.stats.history_reduction import opening_dates, player_history, team_history, teams_of_dates
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import as_date
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY

PROP_TABLES = (ODDS_API_PLAYER_POINTS_PROPS, BETTINGPROS_PLAYER_POINTS_PROPS)
DATED_TABLES = (NBAC_SCHEDULE, ODDS_API_GAME_LINES, NBAC_INJURY_REPORT, *PROP_TABLES)
CONTEXT_TABLES = (*DATED_TABLES, ESPN_TEAM_ROSTERS)
# By table, the prefix of its source-tracking columns in both context tables.
PREFIXES = {
    NBAC_SCHEDULE.name: "source_schedule",
    ODDS_API_GAME_LINES.name: "source_game_lines",
    NBAC_INJURY_REPORT.name: "source_injury_report",
    ODDS_API_PLAYER_POINTS_PROPS.name: "source_props",
    BETTINGPROS_PLAYER_POINTS_PROPS.name: "source_bp_props",
    PLAYER_GAME_SUMMARY.name: "source_boxscore",
}
# Rosters are read before the season's first game; July begins the league's year.
ROSTERS_BEFORE_SEASON = timedelta(days=100)
SUMMARIES = (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)

# What the schedule's row of a game says only once it is played, and where the row was read.
_RESULT_COLUMNS = ("game_status", "home_team_score", "away_team_score", "covered_game_types", "data_source")
_IDENTITY = ["season_year", "game_date", "game_id"]
_PLAYER_COLUMNS = [
    *_IDENTITY,
    *("team_abbr", "player_lookup", "opponent_team_abbr", "home_game", "played", "starter_flag"),
    *("points", "minutes_played", "usage_rate", "fg_makes", "fg_attempts"),
    *("fourth_quarter_minutes", "clutch_minutes", "fourth_quarter_points", "processed_at", "data_hash"),
]
_OFFENSE_COLUMNS = [
    *_IDENTITY,
    *("team_abbr", "points_scored", "possessions", "overtime_periods", "processed_at", "data_hash"),
]
_DEFENSE_COLUMNS = [
    *_IDENTITY,
    *("defending_team_abbr", "points_allowed", "possessions", "overtime_periods"),
    *("opp_ft_attempts", "opp_fg_attempts", "data_hash"),
]


@dataclass(frozen=True)
class ContextInputs:
    """What was known before the games of some dates.

    Attributes:
        facts: Facts about the teams.
        lines: Lines on games.
        props: Lines on players' points.
        reports: Injury reports.
        rosters: Rosters that were known on the dates.
        players: Rows of ``player_game_summary`` of the season up to the dates, of everyone whom the dates concern.
        refused: Refused raw rows of lines and reports.
        tracking: Source-tracking columns of everything that was read, per ``game_id``. The raw rows themselves are
            not kept: those of a season take more memory than all the rest.
    """

    facts: TeamFacts
    lines: GameLines
    props: PointsProps
    reports: InjuryReports
    rosters: Rosters
    players: pd.DataFrame
    refused: pd.DataFrame
    tracking: pd.DataFrame


def read_context_inputs(reader: RawReader, schedule: Schedule, now: datetime) -> ContextInputs:
    """Read history, lines and reports of the reader's dates and interpret them as of each game's moment.

    The moment is tip-off, or now while that is earlier.
    """
    games = schedule.games
    raw = {table.name: reader.read_optional(table) for table in DATED_TABLES if table is not NBAC_SCHEDULE}
    raw[NBAC_SCHEDULE.name] = reader.read(NBAC_SCHEDULE)
    betting = [raw[table.name] for table in (ODDS_API_GAME_LINES, *PROP_TABLES)]
    as_of = as_of_moments(games, stated_tipoffs(betting, games, now), now)
    lines = interpret_game_lines(raw[ODDS_API_GAME_LINES.name], games, as_of)
    odds, bettingpros = (raw[table.name] for table in PROP_TABLES)
    props = interpret_points_props(odds, bettingpros, games_as_of(games, as_of))
    reports = last_reports(raw[NBAC_INJURY_REPORT.name], games, as_of)
    season_start = _season_start(games, reader)
    known_rosters = rosters_known_on([as_date(day) for day in reader.dates])
    rosters = interpret_rosters(reader.reduce_optional_since(known_rosters, season_start - ROSTERS_BEFORE_SEASON))
    players, offense, defense = _read_history(reader, games, season_start, rosters, [props.lines, reports.statuses])
    refused = {ODDS_API_GAME_LINES.name: lines.refused, NBAC_INJURY_REPORT.name: reports.refused}
    for table in PROP_TABLES:
        refused[table.name] = props.refused[props.refused["source_table"] == table.name]
    placed = pd.concat([games, places_of_games(games)], axis=1)
    facts = team_facts(placed, reader.dates, as_of, players, offense, defense)
    in_time = {
        ODDS_API_GAME_LINES: lines.in_time,
        NBAC_INJURY_REPORT: reports.in_time,
        **{table: props.in_time[table.name] for table in PROP_TABLES},
    }
    return ContextInputs(
        facts=facts,
        lines=lines,
        props=props,
        reports=reports,
        rosters=rosters,
        players=players,
        refused=joined_refused(describe_refused(raw[name], rows, name) for name, rows in refused.items()),
        tracking=_tracking(facts, raw, in_time, players),
    )


def _tracking(
    facts: TeamFacts, raw: Mapping[str, pd.DataFrame], in_time: Mapping[Table, pd.DataFrame], players: pd.DataFrame
) -> pd.DataFrame:
    """Source-tracking columns per game, of what was known at the games' moments: later rows change nothing.

    Raw tables are told of by date, the summaries that a game's rows look back on by game.

    Args:
        facts: Facts about the teams.
        raw: Raw rows by name of the table.
        in_time: ``game_id`` by index label of the raw rows that count, of tables whose rows have a moment.
        players: Rows of ``player_game_summary`` of the season.
    """
    targets = facts.targets
    expected = targets[["game_date", "game_id", "team_abbr"]]
    parts = [
        source_tracking(PREFIXES[table.name], table, raw[table.name].loc[rows.index], rows, expected)
        for table, rows in in_time.items()
    ]
    fixture = [name for name in NBAC_SCHEDULE.content_columns if name not in _RESULT_COLUMNS]
    scheduled = raw[NBAC_SCHEDULE.name]
    schedule_prefix = PREFIXES[NBAC_SCHEDULE.name]
    parts.append(source_tracking(schedule_prefix, NBAC_SCHEDULE, scheduled, targets[["game_id"]], expected, fixture))
    columns = [*_IDENTITY, "team_abbr"]
    final = facts.team_games.loc[facts.team_games["final"].astype(bool), columns].assign(is_target=False)
    of_season = pd.concat([final, targets[columns].assign(is_target=True)], ignore_index=True)
    of_dates = reduce(lambda one, other: one.merge(other, on="game_date"), parts)
    of_games = history_source_tracking(PREFIXES[PLAYER_GAME_SUMMARY.name], players, of_season)
    games = targets[["game_date", "game_id"]].drop_duplicates("game_id").merge(of_dates, on="game_date", how="left")
    return games.merge(of_games, on="game_id", how="left").drop(columns="game_date")


def _read_history(
    reader: RawReader, games: pd.DataFrame, start: date, rosters: Rosters, named: Sequence[pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rows of the three summaries from the season's start that games of the reader's dates rest on.

    Args:
        reader: The dates.
        games: ``Schedule.games``.
        start: First date of the season.
        rosters: Rosters that were known on the dates.
        named: Frames with further players in ``player_lookup``.
    """
    teams = teams_of_dates(games, reader.dates)
    opening = opening_dates(games, teams, start, reader.last)
    of_teams = rosters.rows[rosters.rows["team_abbr"].isin(teams)]
    names = {name for rows in (of_teams, *named) for name in rows["player_lookup"].dropna()}
    aliases = reader.aliases.lines
    other_names = set(aliases["alias"])
    players = player_history(
        PLAYER_GAME_SUMMARY,
        _PLAYER_COLUMNS,
        teams=teams,
        opening=opening,
        players=names,
        other_names=other_names,
        renamed=other_names | set(aliases["canonical"]),
    )
    offense = team_history(TEAM_OFFENSE_GAME_SUMMARY, _OFFENSE_COLUMNS, "team_abbr", teams, opening)
    defense = team_history(TEAM_DEFENSE_GAME_SUMMARY, _DEFENSE_COLUMNS, "defending_team_abbr", teams, opening)
    return (
        reader.reduce_since(players, start),
        reader.reduce_since(offense, start),
        reader.reduce_since(defense, start),
    )


def _season_start(games: pd.DataFrame, reader: RawReader) -> date:
    """First date of the seasons in which the reader's dates lie; its first date if none has games."""
    seasons = games.loc[games["game_date"].isin(reader.dates), "season_year"].unique()
    started = games.loc[games["season_year"].isin(seasons), "game_date"]
    return reader.first if started.empty else started.min().date()
