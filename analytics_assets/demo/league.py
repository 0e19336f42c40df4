"""Entry point of the demo league: all raw tables as they stand at a given moment."""

from datetime import datetime

import pandas as pd

from analytics_assets.demo.box_scores import season_box_scores
from analytics_assets.demo.calendar import FIRST_DEMO_SEASON, published_calendars
from analytics_assets.demo.frames import box_score_frames, registry_frame, schedule_frame
from analytics_assets.demo.rosters import league_rosters
from analytics_assets.demo.schedule import season_games
from analytics_assets.league.games import COUNTED_GAME_TYPES
from analytics_assets.raw.declarations import NBAC_SCHEDULE, PLAYER_REGISTRY, RAW_TABLES


def simulate_league(
    *, now: datetime, seed: int = 7, first_season_year: int = FIRST_DEMO_SEASON
) -> dict[str, pd.DataFrame]:
    """Simulate the league from its first season to the last one whose schedule is published by ``now``.

    The same arguments give the same rows, and a row of a final game is the same for every later ``now``. No row was
    written after ``now``.

    Args:
        now: Moment of the look, with time zone: later games are only scheduled, later post-season games missing.
        seed: Seed of all randomness, not negative.
        first_season_year: First season to return, 2021 or later; a season is the same whichever comes first.

    Returns:
        Frame by name of every table in ``RAW_TABLES``, with the declared columns in their order: dates as midnight
        without time zone, moments as UTC, counts as whole numbers (NULL where a player did not play), ``data_hash``
        NULL.

    Raises:
        ValueError: ``now`` has no time zone, the seed is negative, or the first season is before 2021.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    calendars = published_calendars(now, first_season_year)
    parts: dict[str, list[pd.DataFrame]] = {table.name: [] for table in RAW_TABLES}
    last_season_year = calendars[-1].season_year if calendars else first_season_year
    players, rosters = league_rosters(seed, last_season_year)
    counted_types = [kind.value for kind in COUNTED_GAME_TYPES]
    for calendar in calendars:
        season_rosters = rosters[calendar.season_year]
        games = season_games(seed, calendar, season_rosters)
        parts[NBAC_SCHEDULE.name].append(schedule_frame(games, now))
        counted = games[games["game_type"].isin(counted_types)].reset_index(drop=True)
        boxes = season_box_scores(seed, players, season_rosters, counted)
        for name, frame in box_score_frames(seed, players, counted, boxes, now).items():
            parts[name].append(frame)
        if calendar.registry_written_at <= now:
            registry = registry_frame(players, season_rosters, calendar.season_year, calendar.registry_written_at)
            parts[PLAYER_REGISTRY.name].append(registry)
    return {table.name: _joined(parts[table.name], table.column_names) for table in RAW_TABLES}


def _joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    # Empty parts have no types of their own and would widen those of the others.
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
