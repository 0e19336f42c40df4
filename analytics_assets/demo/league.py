"""Entry point of the demo league: all raw tables as they stand at a given moment."""

from collections.abc import Collection, Iterator
from datetime import datetime

import pandas as pd

from analytics_assets.demo.box_scores import season_box_scores
from analytics_assets.demo.calendar import FIRST_DEMO_SEASON, SeasonCalendar, published_calendars
from analytics_assets.demo.frames import box_score_frames, registry_frame, schedule_frame
from analytics_assets.demo.game_lines import game_line_frame
from analytics_assets.demo.play_by_play import play_by_play_frames
from analytics_assets.demo.props import props_frames
from analytics_assets.demo.reports import report_frames
from analytics_assets.demo.rosters import Players, SeasonRosters, league_rosters
from analytics_assets.demo.schedule import season_games
from analytics_assets.demo.team_rosters import team_roster_frame
from analytics_assets.league.games import COUNTED_GAME_TYPES
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    BIGDATABALL_PLAY_BY_PLAY,
    ESPN_TEAM_ROSTERS,
    NBAC_INJURY_REPORT,
    NBAC_PLAY_BY_PLAY,
    NBAC_REFEREE_GAME_ASSIGNMENTS,
    NBAC_SCHEDULE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
    RAW_TABLES,
)
from analytics_assets.tables.frames import empty_frame

_ALL = tuple(table.name for table in RAW_TABLES)
_COUNTED = [kind.value for kind in COUNTED_GAME_TYPES]
_PLAY_BY_PLAY = {BIGDATABALL_PLAY_BY_PLAY.name, NBAC_PLAY_BY_PLAY.name}
_PROPS = {ODDS_API_PLAYER_POINTS_PROPS.name, BETTINGPROS_PLAYER_POINTS_PROPS.name}
_REPORTS = {NBAC_REFEREE_GAME_ASSIGNMENTS.name, NBAC_INJURY_REPORT.name}


def simulate_league(
    *, now: datetime, seed: int = 7, first_season_year: int = FIRST_DEMO_SEASON, tables: Collection[str] = _ALL
) -> dict[str, pd.DataFrame]:
    """Simulate the league from its first season to the last one whose schedule is published by ``now``.

    The same arguments give the same rows, and a row of a final game is the same for every later ``now``. No row was
    written after ``now``.

    Args:
        now: Moment of the look, with time zone: later games are only scheduled, later post-season games missing.
        seed: Seed of all randomness, not negative.
        first_season_year: First season to return, 2021 or later; a season is the same whichever comes first.
        tables: Names of the tables to return, all by default; a table is the same whichever come with it.

    Returns:
        Frame by name of every wanted table in the order of ``RAW_TABLES``, with the declared columns in their order:
        dates as midnight without time zone, moments as UTC, counts as whole numbers (NULL where a player did not
        play), ``data_hash`` NULL.

    Raises:
        ValueError: ``now`` has no time zone, the seed is negative, or the first season is before 2021.
    """
    seasons = [
        frames for _, frames in simulate_seasons(now=now, seed=seed, first_season_year=first_season_year, tables=tables)
    ]
    return {
        table.name: _joined([frames[table.name] for frames in seasons], empty_frame(table))
        for table in RAW_TABLES
        if table.name in tables
    }


def simulate_seasons(
    *, now: datetime, seed: int = 7, first_season_year: int = FIRST_DEMO_SEASON, tables: Collection[str] = _ALL
) -> Iterator[tuple[int, dict[str, pd.DataFrame]]]:
    """The league season by season, which takes a fraction of the memory: ``season_year`` and its frames.

    Arguments, frames and errors are those of :func:`simulate_league`.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    calendars = published_calendars(now, first_season_year)
    players, rosters = league_rosters(seed, calendars[-1].season_year if calendars else first_season_year)
    for calendar in calendars:
        frames = _season_frames(seed, players, rosters[calendar.season_year], calendar, now, set(tables))
        wanted = [table for table in RAW_TABLES if table.name in tables]
        yield (
            calendar.season_year,
            {table.name: frames[table.name] if table.name in frames else empty_frame(table) for table in wanted},
        )


def _season_frames(
    seed: int, players: Players, rosters: SeasonRosters, calendar: SeasonCalendar, now: datetime, tables: set[str]
) -> dict[str, pd.DataFrame]:
    """At least the wanted tables as far as the season has rows for them."""
    games = season_games(seed, calendar, rosters)
    frames = {NBAC_SCHEDULE.name: schedule_frame(games, now)}
    if calendar.registry_written_at <= now:
        written_at = calendar.registry_written_at
        frames[PLAYER_REGISTRY.name] = registry_frame(players, rosters, calendar.season_year, written_at)
    counted = games[games["game_type"].isin(_COUNTED)].reset_index(drop=True)
    if ESPN_TEAM_ROSTERS.name in tables:
        frames[ESPN_TEAM_ROSTERS.name] = team_roster_frame(players, rosters, calendar, counted, now)
    if tables <= set(frames):
        return frames
    boxes = season_box_scores(seed, players, rosters, counted)
    frames |= box_score_frames(seed, players, counted, boxes, now)
    if tables & _PLAY_BY_PLAY:
        frames |= play_by_play_frames(seed, players, counted, boxes, now)
    if tables & _PROPS:
        frames |= props_frames(seed, players, rosters, counted, boxes, now)
    if ODDS_API_GAME_LINES.name in tables:
        frames[ODDS_API_GAME_LINES.name] = game_line_frame(seed, rosters, counted, boxes, now)
    if tables & _REPORTS:
        frames |= report_frames(seed, players, counted, boxes, now)
    return frames


def _joined(parts: list[pd.DataFrame], empty: pd.DataFrame) -> pd.DataFrame:
    # Empty parts have no types of their own and would widen those of the others.
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty
