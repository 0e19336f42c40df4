"""Rosters of demo teams as a source reads them: once a week, and on the day after the trade deadline."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from analytics_assets.demo.calendar import SeasonCalendar
from analytics_assets.demo.frames import texts
from analytics_assets.demo.rosters import (
    BIG,
    GUARD,
    PLACE_POSITIONS,
    ROSTER_SIZE,
    TWO_WAY_PLACES,
    WING,
    Players,
    SeasonRosters,
)
from analytics_assets.demo.schedule import EASTERN
from analytics_assets.league.teams import TEAMS, TRICODES
from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS
from analytics_assets.tables.frames import conform

_READ_AT = pd.Timedelta(hours=6)
# Neighbouring places of one position differ in what the source calls it.
_POSITION_NAMES = {GUARD: ("PG", "SG"), WING: ("SF", "SG"), BIG: ("C", "PF")}


def team_roster_frame(
    players: Players, rosters: SeasonRosters, calendar: SeasonCalendar, games: pd.DataFrame, now: datetime
) -> pd.DataFrame:
    """Rows of ``espn_team_rosters`` as far as they were read by ``now``, in the declared dtypes.

    Args:
        players: All players of the league.
        rosters: The season's rosters.
        calendar: The season's calendar; the first roster is of a week before opening night.
        games: The season's counted games; no roster is of a date after the last one.
        now: Moment of the look.
    """
    weekly = pd.date_range(calendar.opening - timedelta(days=7), games["game_date"].max(), freq="7D")
    after_trades = pd.Timestamp(calendar.trade_deadline) + pd.Timedelta(days=1)
    dates = pd.Series(weekly.union([after_trades]))
    read_at = (dates + _READ_AT).dt.tz_localize(EASTERN).dt.tz_convert("UTC")
    dates, read_at = (values[read_at <= now].reset_index(drop=True) for values in (dates, read_at))
    late = (dates > pd.Timestamp(rosters.trade_deadline)).to_numpy()
    number = np.where(late[:, None, None], rosters.after, rosters.before).ravel()
    edition, team, place = (part.ravel() for part in np.indices((len(dates), len(TEAMS), ROSTER_SIZE)))
    names = [_POSITION_NAMES[kind][place % 2] for place, kind in enumerate(PLACE_POSITIONS)]
    columns = {
        "roster_date": dates.to_numpy()[edition],
        "season_year": calendar.season_year,
        "team_abbr": texts(TRICODES, team),
        "player_lookup": texts(players.lookups, number),
        "player_name": texts(players.names, number),
        "position": texts(names, place),
        "is_two_way": np.isin(place, TWO_WAY_PLACES),
        "processed_at": read_at.take(edition).reset_index(drop=True),
    }
    return conform(pd.DataFrame(columns), ESPN_TEAM_ROSTERS)
