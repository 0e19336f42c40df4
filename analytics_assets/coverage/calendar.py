"""Which dates have games, and which are proved to have none."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

import pandas as pd

from analytics_assets.league.games import GameType
from analytics_assets.league.seasons import (
    FINISHED_SEASONS,
    FIRST_SEASON_WITH_PLAY_IN,
    PLAYOFF_WINS_FOR_TITLE,
    known_off_season,
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
    summers = [day for day in index if known_off_season(day.date())]
    _mark(days, index.isin(summers), DayKind.OFF_SEASON, "between two seasons")
    for season in seasons.itertuples():
        _mark_season(days, season)
    _mark_following_summers(days, seasons)
    _mark_broken_schedule(days, schedule)
    counted = schedule.games[schedule.games["counts"]].groupby("game_date").size()
    games = counted.reindex(index).fillna(0).astype(int)
    _mark(days, (games > 0).to_numpy(), DayKind.GAME_DAY, "")
    days["expected_games"] = games
    return days


def eastern_date(now: datetime) -> date:
    """Today in US Eastern."""
    return pd.Timestamp(now).tz_convert(EASTERN).date()


def not_due_reasons(schedule: Schedule, dates: Sequence[date], now: datetime) -> dict[date, str]:
    """Why dates are not due yet: they lie in the future, or their games are not final; due dates are absent."""
    today = eastern_date(now)
    counted = schedule.games[schedule.games["counts"]]
    waiting = counted[~games_due(counted, now)].groupby("game_date")["game_id"].agg(list)
    reasons = {}
    for day in dates:
        if day > today:
            reasons[day] = "the date lies in the future"
        elif pd.Timestamp(day) in waiting.index:
            reasons[day] = f"games are not final yet: {', '.join(waiting[pd.Timestamp(day)][:3])}"
    return reasons


def _mark(days: pd.DataFrame, where: object, kind: DayKind, reason: str) -> None:
    days.loc[where, "kind"] = str(kind)
    days.loc[where, "reason"] = reason


def _seasons(schedule: Schedule) -> pd.DataFrame:
    """First and last dates of each season's phases, which phases are covered, and whether the title was won."""
    games = schedule.games[schedule.games["counts"]]
    phases = games.groupby(["season_year", "game_type"])["game_date"].agg(["min", "max"]).unstack()
    rows = []
    for year in phases.index:
        covered = set(schedule.covered.loc[schedule.covered["season_year"] == year, "game_type"])
        row = {"season_year": int(year), "covered": covered, "title_won": _title_won(games, year)}
        for kind in (GameType.REGULAR, GameType.PLAYOFFS):
            for side in ("min", "max"):
                present = (side, str(kind)) in phases.columns
                row[f"{kind}_{side}"] = phases.loc[year, (side, str(kind))] if present else pd.NaT
        rows.append(row)
    columns = ["season_year", "covered", "title_won", "regular_min", "regular_max", "playoffs_min", "playoffs_max"]
    found = pd.DataFrame(rows, columns=columns)
    return found[found["regular_min"].notna()].sort_values("season_year")


def _title_won(games: pd.DataFrame, year: int) -> bool:
    playoffs = games[(games["season_year"] == year) & (games["game_type"] == str(GameType.PLAYOFFS)) & games["final"]]
    home_won = (playoffs["home_score"] > playoffs["away_score"]).fillna(False).astype(bool)
    winners = playoffs["home"].where(home_won, playoffs["away"])
    return bool(len(winners)) and int(winners.value_counts().iloc[0]) >= PLAYOFF_WINS_FOR_TITLE


def _mark_season(days: pd.DataFrame, season) -> None:  # noqa: ANN001 - a row of itertuples
    label, index = season_label(season.season_year), days.index
    regular = (index >= season.regular_min) & (index <= season.regular_max)
    if str(GameType.REGULAR) in season.covered:
        _mark(days, regular, DayKind.OFF_DAY, f"no game in the {label} regular-season schedule")
    if pd.isna(season.playoffs_min):
        return
    between = (index > season.regular_max) & (index < season.playoffs_min)
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
        playoffs = (index >= season.playoffs_min) & (index <= season.playoffs_max)
        _mark(days, playoffs, DayKind.OFF_DAY, f"no game in the {label} playoff schedule")


def _mark_following_summers(days: pd.DataFrame, seasons: pd.DataFrame) -> None:
    """Dates after a title and before the next opening night that the schedule knows."""
    openings = {row.season_year: row.regular_min for row in seasons.itertuples()}
    ends = {row.season_year: row.playoffs_max for row in seasons.itertuples() if row.title_won}
    ends |= {season.season_year: pd.Timestamp(season.last_date) for season in FINISHED_SEASONS}
    for year, end in ends.items():
        # No season has opened in July, August or September; later dates need the next season's schedule.
        until = openings.get(year + 1, pd.Timestamp(year + 1, 10, 1))
        summer = (days.index > end) & (days.index < until) & (days["kind"] == str(DayKind.UNKNOWN)).to_numpy()
        _mark(days, summer, DayKind.OFF_SEASON, f"after the {season_label(year)} title and before the next season")


def _mark_broken_schedule(days: pd.DataFrame, schedule: Schedule) -> None:
    for day, rows in schedule.broken.groupby("game_date"):
        names = ", ".join(rows["game_id"].astype(str).head(3))
        reason = f"nbac_schedule does not name both teams of {names}; load a newer schedule, or correct the rows"
        _mark(days, days.index == day, DayKind.UNKNOWN, reason)
