"""Which dates have games, and which are proved to have none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import pandas as pd

from analytics_assets.league.games import GameType
from analytics_assets.league.seasons import (
    FINISHED_SEASONS,
    FIRST_SEASON_WITH_PLAY_IN,
    PLAYOFF_WINS_FOR_TITLE,
    known_off_seasons,
    season_label,
)
from analytics_assets.raw.schedule import EASTERN, Schedule, games_due


class DayKind(StrEnum):
    """What the schedule says about a date."""

    GAME_DAY = "game_day"
    OFF_DAY = "off_day"
    OFF_SEASON = "off_season"
    UNKNOWN = "unknown"


def classify_dates(schedule: Schedule, dates: Sequence[date]) -> pd.DataFrame:
    """What the schedule says about each date.

    An off-day is proved by a schedule that covers the date's phase of the season; the summer between two seasons by
    settled history, or by a title that was won. Everything else without games is unknown.

    Args:
        schedule: The interpreted schedule.
        dates: Dates to classify.

    Returns:
        Frame indexed by ``game_date`` with ``kind`` (:class:`DayKind`), ``expected_games`` and ``reason``.
    """
    index = pd.DatetimeIndex(pd.to_datetime(pd.Series(list(dates), dtype="object")), name="game_date")
    days = pd.DataFrame({"kind": str(DayKind.UNKNOWN), "expected_games": 0}, index=index)
    days["reason"] = "the loaded schedule does not reach this date; load nbac_schedule for its season"
    seasons = _seasons(schedule)
    for last, opening in known_off_seasons():
        summer = (index > pd.Timestamp(last)) & (index < pd.Timestamp(opening))
        _mark(days, summer, DayKind.OFF_SEASON, "between two seasons")
    for season in seasons:
        _mark_season(days, season)
    _mark_following_summers(days, seasons)
    counted = schedule.games[schedule.games["counts"]].groupby("game_date").size()
    games = counted.reindex(index).fillna(0).astype(int)
    _mark(days, (games > 0).to_numpy(), DayKind.GAME_DAY, "")
    # After the known games: a date with one more game than can be told must not count as complete without it.
    _mark_broken_schedule(days, schedule)
    days["expected_games"] = games
    return days


def eastern_date(now: datetime) -> date:
    """Today in US Eastern."""
    return pd.Timestamp(now).tz_convert(EASTERN).date()


def not_due_reasons(
    schedule: Schedule, dates: Sequence[date], now: datetime, days_ahead: int | None = None
) -> dict[date, str]:
    """Why dates are not due yet: they lie in the future, or their games are not final; due dates are absent.

    Args:
        schedule: The interpreted schedule.
        dates: Dates to ask for.
        now: The present moment.
        days_ahead: For a table that looks forward: dates up to so many days ahead are due, whatever is played.
    """
    today = eastern_date(now)
    if days_ahead is not None:
        last = today + timedelta(days=days_ahead)
        return {day: f"more than {days_ahead} days ahead" for day in dates if day > last}
    counted = schedule.games[schedule.games["counts"]]
    unplayed = counted[~games_due(counted, now)].groupby("game_date")["game_id"].agg(list)
    waiting = dict(zip(pd.DatetimeIndex(unplayed.index).date, unplayed, strict=True))
    reasons = {}
    for day in dates:
        if day > today:
            reasons[day] = "the date lies in the future"
        elif day in waiting:
            reasons[day] = f"games are not final yet: {', '.join(waiting[day][:3])}"
    return reasons


def _mark(days: pd.DataFrame, where: object, kind: DayKind, reason: str) -> None:
    days.loc[where, "kind"] = str(kind)
    days.loc[where, "reason"] = reason


@dataclass(frozen=True)
class _Phases:
    """First and last dates of a season's phases; NaT where the schedule has no such game."""

    season_year: int
    covered: frozenset[str]
    title_won: bool
    regular: tuple[Any, Any]
    playoffs: tuple[Any, Any]


def _seasons(schedule: Schedule) -> list[_Phases]:
    """The seasons that have regular-season games, in order."""
    games = schedule.games[schedule.games["counts"]]
    covered = schedule.covered.groupby("season_year")["game_type"].agg(frozenset)
    phases = {
        (int(str(year)), str(kind)): (dates.min(), dates.max())
        for (year, kind), dates in games.groupby(["season_year", "game_type"])["game_date"]
    }
    won = _titles_won(games)
    return [
        _Phases(
            season_year=year,
            covered=covered.get(year, frozenset()),
            title_won=year in won,
            regular=found,
            playoffs=phases.get((year, str(GameType.PLAYOFFS)), (pd.NaT, pd.NaT)),
        )
        for (year, kind), found in sorted(phases.items())
        if kind == str(GameType.REGULAR)
    ]


def _titles_won(games: pd.DataFrame) -> set[int]:
    """Seasons in which a team has won as many playoff games as the title takes."""
    playoffs = games[(games["game_type"] == str(GameType.PLAYOFFS)) & games["final"]]
    home_won = (playoffs["home_score"] > playoffs["away_score"]).fillna(False).astype(bool)
    winners = playoffs["home"].where(home_won, playoffs["away"])
    wins = playoffs.groupby(["season_year", winners.rename("winner")]).size()
    return {int(str(year)) for year, _ in wins.index[wins >= PLAYOFF_WINS_FOR_TITLE]}


def _mark_season(days: pd.DataFrame, season: _Phases) -> None:
    label, index = season_label(season.season_year), days.index
    regular = (index >= season.regular[0]) & (index <= season.regular[1])
    if str(GameType.REGULAR) in season.covered:
        _mark(days, regular, DayKind.OFF_DAY, f"no game in the {label} regular-season schedule")
    if pd.isna(season.playoffs[0]):
        return
    between = (index > season.regular[1]) & (index < season.playoffs[0])
    if str(GameType.PLAY_IN) in season.covered or season.season_year < FIRST_SEASON_WITH_PLAY_IN:
        _mark(days, between, DayKind.OFF_DAY, f"no game between the {label} regular season and playoffs")
    else:
        _mark(
            days,
            between,
            DayKind.UNKNOWN,
            f"the loaded {label} schedule holds no play-in games, so this date may or may not have had one; "
            "load a schedule with the play-in",
        )
    if str(GameType.PLAYOFFS) in season.covered:
        playoffs = (index >= season.playoffs[0]) & (index <= season.playoffs[1])
        _mark(days, playoffs, DayKind.OFF_DAY, f"no game in the {label} playoff schedule")


def _mark_following_summers(days: pd.DataFrame, seasons: Sequence[_Phases]) -> None:
    """Dates after a title and before the next opening night that the schedule knows."""
    openings = {season.season_year: season.regular[0] for season in seasons}
    ends = {season.season_year: season.playoffs[1] for season in seasons if season.title_won}
    ends |= {season.season_year: pd.Timestamp(season.last_date) for season in FINISHED_SEASONS}
    settled = {season.season_year: pd.Timestamp(season.first_date) for season in FINISHED_SEASONS}
    for year, end in ends.items():
        # No season has opened in July, August or September; later dates need the next season's schedule. One that lacks
        # the season's first weeks does not make them summer.
        until = openings.get(year + 1, pd.Timestamp(year + 1, 10, 1))
        until = min(until, settled.get(year + 1, until))
        summer = (days.index > end) & (days.index < until) & (days["kind"] == str(DayKind.UNKNOWN)).to_numpy()
        _mark(days, summer, DayKind.OFF_SEASON, f"after the {season_label(year)} title and before the next season")


def _mark_broken_schedule(days: pd.DataFrame, schedule: Schedule) -> None:
    for day, rows in schedule.broken.groupby("game_date"):
        names = ", ".join(rows["game_id"].astype(str).head(3))
        reason = (
            f"nbac_schedule does not tell what {names} is: its id, date, teams or status cannot be right, or the same "
            "teams stand twice on the date; load a newer schedule, or correct the rows"
        )
        _mark(days, days.index == day, DayKind.UNKNOWN, reason)
