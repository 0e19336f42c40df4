"""What to ask the Odds API for the games of a schedule: moments, requests and what they cost in credits. Pure.

Costs as the service publishes them: odds one credit a market and region, tenfold for historical ones; a list of events
is free, a historical one costs one credit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pandas as pd

from analytics_assets.league.games import COUNTED_GAME_TYPES, game_types
from analytics_assets.league.seasons import season_label, season_year_of_date
from analytics_assets.league.teams import UnknownTeamError, tricode_of_name
from analytics_assets.raw.declarations import ODDS_API_GAME_LINES, ODDS_API_PLAYER_POINTS_PROPS
from analytics_assets.raw.declarations.schedule import TEAM_NOT_KNOWN_YET
from analytics_assets.raw.fetch.fetch_plan import PlannedRequest
from analytics_assets.raw.fetch.odds_api_checks import check_event_odds, check_events, check_game_odds
from analytics_assets.raw.loaders.odds_api import POINTS_MARKET
from analytics_assets.raw.loaders.rows import moments

EVENTS, GAME_LINES, PLAYER_POINTS = "events", "game_lines", "player_points"
TABLE_OF_KIND = {GAME_LINES: ODDS_API_GAME_LINES.name, PLAYER_POINTS: ODDS_API_PLAYER_POINTS_PROPS.name}
CLOSING, OPENING = "closing", "opening"
GAME_MARKETS = ("h2h", "spreads", "totals")
SCHEDULE_COLUMNS = (
    *("game_id", "game_date", "postponed_status", "home_team_tricode", "away_team_tricode", "tipoff_at"),
)

_SPORT = "sports/basketball_nba"
_EASTERN = "America/New_York"
_HISTORICAL_FACTOR = 10
# The last snapshot before the tip-off, and the first of the day that a bettor would look at.
_BEFORE_TIPOFF, _OPENING_HOUR = pd.Timedelta(minutes=1), pd.Timedelta(hours=10)
# Since when the service has historical snapshots.
FIRST_MOMENTS = {GAME_LINES: pd.Timestamp("2020-06-06", tz="UTC"), PLAYER_POINTS: pd.Timestamp("2023-05-03", tz="UTC")}


@dataclass(frozen=True)
class OddsScope:
    """What is wanted.

    Attributes:
        kinds: ``game_lines``, ``player_points`` or both.
        moments: ``closing``, ``opening`` or both; without meaning for current odds.
        regions: Regions of bookmakers as the service names them, such as ``us``.
        current: Whether the odds of this moment are wanted, not those before past games.
    """

    kinds: tuple[str, ...] = (GAME_LINES, PLAYER_POINTS)
    moments: tuple[str, ...] = (CLOSING, OPENING)
    regions: tuple[str, ...] = ("us",)
    current: bool = False


@dataclass(frozen=True)
class WantedProps:
    """Points props of one game at one moment; the request needs the service's id of the game.

    Attributes:
        key: Where the answer is kept.
        game_date: US-Eastern date.
        away: Tricode of the visiting team.
        home: Tricode of the home team.
        moment: The moment to ask for, UTC.
        events_key: Where the list of events is kept that holds the id.
    """

    key: str
    game_date: date
    away: str
    home: str
    moment: pd.Timestamp
    events_key: str


@dataclass
class OddsPlan:
    """Everything that a scope asks.

    Attributes:
        scope: The scope.
        events: Lists of events, one a date.
        lines: Game lines, one request a moment for all games.
        props: Points props, one request a game and moment.
        notes: What cannot be asked, one line each.
    """

    scope: OddsScope
    events: list[PlannedRequest] = field(default_factory=list)
    lines: list[PlannedRequest] = field(default_factory=list)
    props: list[WantedProps] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """Keys of all answers that hold odds."""
        return [request.key for request in self.lines] + [wanted.key for wanted in self.props]


def plan_odds(schedule: pd.DataFrame, scope: OddsScope, now: datetime) -> OddsPlan:
    """The requests for the games of a schedule.

    Args:
        schedule: Rows of ``nbac_schedule`` with ``SCHEDULE_COLUMNS``, of the dates that are wanted.
        scope: What is wanted of them.
        now: The present moment, with a time zone: historical odds end and current ones begin here.

    Returns:
        The plan, in order of time. Games with the same tip-off share one request for their lines.
    """
    plan = OddsPlan(scope)
    games = _games(schedule, plan.notes)
    asked = _current_moments(games, now) if scope.current else _historical_moments(games, scope, now, plan.notes)
    if asked.empty:
        return plan
    if GAME_LINES in scope.kinds:
        plan.lines = _line_requests(_since(asked, GAME_LINES, scope, plan.notes), scope)
    if PLAYER_POINTS in scope.kinds:
        props = _since(asked, PLAYER_POINTS, scope, plan.notes)
        plan.props = _wanted_props(props, scope)
        plan.events = _event_requests(props, scope)
    return plan


def prop_requests(
    wanted: Sequence[WantedProps], event_ids: dict[tuple[date, str, str], str], scope: OddsScope
) -> tuple[list[PlannedRequest], list[str]]:
    """Requests for points props, and a line for each game that the service does not list.

    Args:
        wanted: What is wanted.
        event_ids: The service's id by date, visiting and home team.
        scope: The scope of the plan.
    """
    requests, notes = [], []
    for one in wanted:
        event_id = event_ids.get((one.game_date, one.away, one.home))
        if event_id is None:
            notes.append(
                f"{one.game_date} {one.away} at {one.home}: the Odds API lists no such game, so it has no props"
            )
            continue
        parameters = _odds_parameters((POINTS_MARKET,), scope, one.moment)
        endpoint = f"{_prefix(scope)}{_SPORT}/events/{event_id}/odds"
        requests.append(PlannedRequest(one.key, endpoint, parameters, check_event_odds(event_id)))
    return requests, notes


def event_ids_of(events: Iterable[object]) -> dict[tuple[date, str, str], str]:
    """The service's id of each game of a list of events, by US-Eastern date, visiting and home team."""
    listed = [event for event in events if isinstance(event, dict)]
    starts = moments(pd.Series([event.get("commence_time") for event in listed], dtype=object))
    found = {}
    for event, start in zip(listed, starts, strict=True):
        try:
            away, home = (tricode_of_name(str(event.get(f"{side}_team"))) for side in ("away", "home"))
        except UnknownTeamError:
            continue
        if not pd.isna(start) and event.get("id"):
            found[(start.tz_convert(_EASTERN).date(), away, home)] = str(event["id"])
    return found


def credits_of(request: PlannedRequest) -> int:
    """The most that a request costs; an answer without odds costs nothing."""
    historical = request.endpoint.startswith("historical/")
    if "markets" not in request.parameters:
        return int(historical)
    markets, regions = (len(str(request.parameters[name]).split(",")) for name in ("markets", "regions"))
    return markets * regions * (_HISTORICAL_FACTOR if historical else 1)


def credits_of_props(scope: OddsScope) -> int:
    """The most that the points props of one game and moment cost."""
    return len(scope.regions) * (1 if scope.current else _HISTORICAL_FACTOR)


def kind_of_key(key: str) -> str:
    """What an answer holds: ``events``, ``game_lines`` or ``player_points``."""
    return next((part for part in key.split("/") if part in (EVENTS, *TABLE_OF_KIND)), "")


def _games(schedule: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Games that count, with both teams and a tip-off known."""
    counted = game_types(schedule["game_id"]).isin([str(kind) for kind in COUNTED_GAME_TYPES])
    known = (schedule["home_team_tricode"] != TEAM_NOT_KNOWN_YET) & (
        schedule["away_team_tricode"] != TEAM_NOT_KNOWN_YET
    )
    games = schedule[(counted & known & schedule["postponed_status"].isna()).fillna(False)]
    without = int(games["tipoff_at"].isna().sum())
    if without:
        notes.append(
            f"{without:,} games have no tip-off in the schedule, so nobody can tell their closing lines; load "
            "scheduleLeagueV2 (nba-analytics raw fetch --source nba-com --tables nbac_schedule)"
        )
    return games[games["tipoff_at"].notna()].sort_values(["tipoff_at", "game_id"], ignore_index=True)


def _current_moments(games: pd.DataFrame, now: datetime) -> pd.DataFrame:
    return games[games["tipoff_at"] > now].assign(moment=pd.Timestamp(now).floor("min"))


def _historical_moments(games: pd.DataFrame, scope: OddsScope, now: datetime, notes: list[str]) -> pd.DataFrame:
    closing = (games["tipoff_at"] - _BEFORE_TIPOFF).dt.floor("min")
    opening = (games["game_date"] + _OPENING_HOUR).dt.tz_localize(_EASTERN).dt.tz_convert("UTC")
    parts = []
    if OPENING in scope.moments:
        parts.append(games.assign(moment=opening.astype(closing.dtype))[opening < closing])
    if CLOSING in scope.moments:
        parts.append(games.assign(moment=closing))
    asked = pd.concat(parts, ignore_index=True).sort_values(["moment", "game_id"], ignore_index=True)
    ahead = asked["moment"] >= pd.Timestamp(now)
    if ahead.any():
        notes.append(f"{asked.loc[ahead, 'game_id'].nunique():,} games are still ahead; ask for them with --current")
    return asked[~ahead]


def _since(asked: pd.DataFrame, kind: str, scope: OddsScope, notes: list[str]) -> pd.DataFrame:
    """The moments of which the service has snapshots."""
    if scope.current:
        return asked
    early = asked["moment"] < FIRST_MOMENTS[kind]
    if early.any():
        notes.append(
            f"{asked.loc[early, 'game_id'].nunique():,} games are before {FIRST_MOMENTS[kind].date()}, since when the "
            f"Odds API keeps {kind.replace('_', ' ')}"
        )
    return asked[~early]


def _line_requests(asked: pd.DataFrame, scope: OddsScope) -> list[PlannedRequest]:
    shared = asked.drop_duplicates("moment")
    return [
        PlannedRequest(
            _key(day, scope, GAME_LINES, _stamp(moment)),
            f"{_prefix(scope)}{_SPORT}/odds",
            _odds_parameters(GAME_MARKETS, scope, moment),
            check_game_odds,
        )
        for day, moment in zip(shared["game_date"], shared["moment"], strict=True)
    ]


def _event_requests(asked: pd.DataFrame, scope: OddsScope) -> list[PlannedRequest]:
    # The first moment of a date: later lists lack the games that have ended.
    first = asked.sort_values("moment").drop_duplicates("game_date")
    parameters = {"dateFormat": "iso"}
    return [
        PlannedRequest(
            _events_key(day, scope, moment),
            f"{_prefix(scope)}{_SPORT}/events",
            parameters if scope.current else {**parameters, "date": _iso(moment)},
            check_events,
        )
        for day, moment in zip(first["game_date"], first["moment"], strict=True)
    ]


def _wanted_props(asked: pd.DataFrame, scope: OddsScope) -> list[WantedProps]:
    columns = ("game_date", "moment", "away_team_tricode", "home_team_tricode")
    return [
        WantedProps(
            _key(day, scope, PLAYER_POINTS, f"{_stamp(moment)}/{away}_{home}"),
            day.date(),
            away,
            home,
            moment,
            _events_key(day, scope, moment),
        )
        for day, moment, away, home in zip(*(asked[name] for name in columns), strict=True)
    ]


def _odds_parameters(markets: Sequence[str], scope: OddsScope, moment: pd.Timestamp) -> dict[str, str]:
    asked = {"regions": ",".join(scope.regions), "markets": ",".join(markets)}
    asked |= {"oddsFormat": "american", "dateFormat": "iso"}
    return asked if scope.current else {**asked, "date": _iso(moment)}


def _prefix(scope: OddsScope) -> str:
    return "" if scope.current else "historical/"


def _key(day: pd.Timestamp, scope: OddsScope, kind: str, rest: str) -> str:
    place = "current/" if scope.current else ""
    return f"{season_label(season_year_of_date(day.date()))}/{place}{kind}/{'-'.join(scope.regions)}/{rest}"


def _events_key(day: pd.Timestamp, scope: OddsScope, moment: pd.Timestamp) -> str:
    label = season_label(season_year_of_date(day.date()))
    if scope.current:
        return f"{label}/current/{EVENTS}/{day.date()}/{_stamp(moment)}"
    return f"{label}/{EVENTS}/{day.date()}"


def _stamp(moment: pd.Timestamp) -> str:
    return moment.strftime("%Y%m%dT%H%MZ")


def _iso(moment: pd.Timestamp) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
