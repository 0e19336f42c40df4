"""Fetching seasons from NBA.com into the answer store: first their schedules, then whatever these say was played.

``plan_nba_com`` asks for the schedules and says what is left to ask; ``fetch_nba_com`` asks it. Nothing is loaded here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from analytics_assets.league.seasons import season_label
from analytics_assets.raw.fetch.answer_store import AnswerStore
from analytics_assets.raw.fetch.fetch_plan import FetchResult, PlannedRequest, Watcher, missing_requests, run_plan
from analytics_assets.raw.fetch.nba_com_http import NbaComSender
from analytics_assets.raw.fetch.nba_com_requests import (
    ROSTER,
    Scope,
    is_under_way,
    schedule_requests,
    season_requests,
    stored_games,
)


@dataclass(frozen=True)
class SeasonsPlan:
    """What is to be fetched once the schedules are known.

    Attributes:
        schedules: How asking for the schedules ended.
        requests: Everything else, also what is stored already.
        to_send: Those of the requests that will be sent.
        notes: What cannot be had, one line each.
    """

    schedules: FetchResult
    requests: list[PlannedRequest]
    to_send: list[PlannedRequest]
    notes: list[str] = field(default_factory=list)


def plan_nba_com(scope: Scope, send: NbaComSender, store: AnswerStore, *, now: Callable[[], datetime]) -> SeasonsPlan:
    """Fetch the schedules, one request a season, and plan the rest by them.

    A season whose schedule could not be had is planned by its stored one; without one it is left out.
    """
    moment = now()
    schedules = run_plan(schedule_requests(scope, store, moment), send, store, now=now)
    if schedules.stopped or schedules.interrupted:
        return SeasonsPlan(schedules, [], [])
    games = {year: stored_games(store, year, moment) for year in scope.seasons}
    requests = season_requests(scope, games, store, moment)
    return SeasonsPlan(schedules, requests, missing_requests(requests, store), _notes(scope, games, moment))


def fetch_nba_com(
    plan: SeasonsPlan,
    send: NbaComSender,
    store: AnswerStore,
    *,
    now: Callable[[], datetime],
    watcher: Watcher | None = None,
) -> FetchResult:
    """Fetch what a plan holds; the result tells of the schedules too."""
    return plan.schedules + run_plan(plan.requests, send, store, now=now, watcher=watcher)


def _notes(scope: Scope, games: Mapping[int, pd.DataFrame], now: datetime) -> list[str]:
    notes = []
    without = [season_label(year) for year, found in games.items() if found.empty]
    if without:
        notes.append(f"no schedule with games of {', '.join(without)}, so nothing else of it was asked")
    if ROSTER in scope.kinds and not any(is_under_way(found, now) for found in games.values()):
        notes.append("no rosters: NBA.com tells them only of the day on which it is asked, and no season is under way")
    return notes
