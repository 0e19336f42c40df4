"""Faults that real sources have, put into one season of the demo league on request; each tells what comes of it."""

from collections.abc import Callable, Mapping

import pandas as pd

from analytics_assets.demo import box_faults, event_faults
from analytics_assets.demo.calendar import FIRST_DEMO_SEASON
from analytics_assets.demo.faulty_league import Fault, FaultyLeague
from analytics_assets.demo.random_streams import random_stream
from analytics_assets.raw.declarations import NBAC_SCHEDULE

# A season that is long over: its faults stay where they are on every later day.
FAULTY_SEASON = FIRST_DEMO_SEASON

# Those that few dates suit pick first.
_FAULTS: tuple[Callable[[FaultyLeague], Fault], ...] = (
    event_faults.prefixed_lookups,
    box_faults.overtime_without_player_minutes,
    box_faults.overtime_without_any_minutes,
    event_faults.only_in_game_lines,
    event_faults.events_twice,
    event_faults.broken_events,
    box_faults.missing_day,
    box_faults.missing_game,
    box_faults.gamebook_lacks_a_team,
    box_faults.gamebook_lacks_a_starter,
    box_faults.two_sources_lack_a_starter,
    box_faults.corrected_duplicates,
    box_faults.players_above_the_score,
    box_faults.team_box_against_the_score,
    box_faults.stale_day,
    box_faults.unregistered_star,
    box_faults.schedule_lacks_a_date,
)


def with_faults(frames: Mapping[str, pd.DataFrame], seed: int) -> tuple[dict[str, pd.DataFrame], tuple[Fault, ...]]:
    """Put every fault into a season, each on dates of its own.

    Args:
        frames: All raw tables of one season, its regular season over, as :func:`simulate_seasons` gives them; they stay
            as they are.
        seed: The league's seed; the same seed and season give the same faults on the same dates.

    Returns:
        Frames with the faults, in the declared dtypes, and what was done, in order of dates.

    Raises:
        ValueError: The season has too few played games.
    """
    season_year = int(frames[NBAC_SCHEDULE.name]["season_year"].iloc[0])
    league = FaultyLeague(frames, random_stream(seed, season_year, "faults"))
    faults = [put_in(league) for put_in in _FAULTS]
    return league.frames, tuple(sorted(faults, key=lambda fault: fault.dates))
