"""What is asked of NBA.com for which raw tables: endpoints, parameters, keys of the answers, and when to ask again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pandas as pd

from analytics_assets.league.games import COUNTED_GAME_TYPES, GameType, game_types
from analytics_assets.league.seasons import season_label
from analytics_assets.league.teams import TEAMS
from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAY_BY_PLAY,
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
)
from analytics_assets.raw.declarations.schedule import FINAL, TEAM_NOT_KNOWN_YET
from analytics_assets.raw.fetch import nba_com_checks as checks
from analytics_assets.raw.fetch.answer_store import AnswerStore
from analytics_assets.raw.fetch.fetch_plan import PlannedRequest
from analytics_assets.raw.loaders.nba_com import read_nba_com
from analytics_assets.raw.loaders.team_roster import roster_date

SCHEDULE, PLAYER_LOG, TEAM_LOG = "schedule", "player_game_log", "team_game_log"
BOX_SCORE, PLAY_BY_PLAY, ROSTER = "box_score", "play_by_play", "roster"
# Raw table that each kind of answer fills, in the order in which they are fetched.
TABLE_OF_KIND = {
    SCHEDULE: NBAC_SCHEDULE.name,
    PLAYER_LOG: NBAC_PLAYER_BOXSCORES.name,
    TEAM_LOG: NBAC_TEAM_BOXSCORE.name,
    ROSTER: ESPN_TEAM_ROSTERS.name,
    BOX_SCORE: NBAC_GAMEBOOK_PLAYER_STATS.name,
    PLAY_BY_PLAY: NBAC_PLAY_BY_PLAY.name,
}
# The final of the in-season cup is of no season type; its lines come with its box score.
_SEASON_TYPES = {
    GameType.REGULAR: "Regular Season",
    GameType.PLAY_IN: "PlayIn",
    GameType.PLAYOFFS: "Playoffs",
}
# What was checked so short a time ago is not asked again, so that a command that was stopped goes on where it was.
RECENTLY = timedelta(hours=1)
# Answers about a whole season are asked again until so long after its last game.
_SETTLED_AFTER = timedelta(days=8)
_LOG_SETTLED_AFTER = timedelta(days=2)


@dataclass(frozen=True)
class Scope:
    """What to fetch.

    Attributes:
        seasons: Start years.
        kinds: Kinds of answers, as in ``TABLE_OF_KIND``.
        changed_since: Asks again for games of this date and later, and for what holds whole seasons.
        first_date: Games from this date on only.
        last_date: Games up to this date only.
    """

    seasons: Sequence[int]
    kinds: Sequence[str] = tuple(TABLE_OF_KIND)
    changed_since: date | None = None
    first_date: date | None = None
    last_date: date | None = None


def kind_of_key(key: str) -> str:
    """The kind of answer that a key such as ``2023-24/box_score/0022300061`` names."""
    return key.split("/")[1]


def schedule_key(season_year: int) -> str:
    """Key of a season's schedule."""
    return f"{season_label(season_year)}/{SCHEDULE}"


def schedule_requests(scope: Scope, store: AnswerStore, now: datetime) -> list[PlannedRequest]:
    """The schedule of every season: the others are planned by it."""
    from nba_api.stats.endpoints.scheduleleaguev2 import ScheduleLeagueV2

    plan = []
    for year in scope.seasons:
        games = stored_games(store, year, now)
        asked = ScheduleLeagueV2(season=season_label(year), get_request=False)
        final = games.loc[games["game_status"] == FINAL, "game_id"]
        check = partial(checks.check_schedule, season=season_label(year), final_before=list(final))
        settled = _moment(games["game_date"].max(), _SETTLED_AFTER)
        again = _ask_again(settled, scope.changed_since is not None, now)
        plan.append(_planned(schedule_key(year), asked, check, again))
    return plan


def stored_games(store: AnswerStore, season_year: int, now: datetime) -> pd.DataFrame:
    """Games that count of a season's stored schedule: ``game_id``, ``game_date``, ``game_status``, ``kind``.

    Games whose teams are not known yet are left out; without a stored schedule there are none.
    """
    key = schedule_key(season_year)
    if store.read(key) is None:
        return pd.DataFrame({"game_id": [], "game_date": pd.to_datetime([]), "game_status": [], "kind": []})
    games = read_nba_com(store.path(key), now=now).frames[NBAC_SCHEDULE.name]
    games = games.assign(kind=game_types(games["game_id"]))
    known = (games[["home_team_tricode", "away_team_tricode"]] != TEAM_NOT_KNOWN_YET).all(axis=1)
    counted = games["kind"].isin([str(kind) for kind in COUNTED_GAME_TYPES])
    columns = ["game_id", "game_date", "game_status", "kind"]
    return games.loc[known & counted, columns].sort_values(["game_date", "game_id"], ignore_index=True)


def season_requests(
    scope: Scope, games_by_season: Mapping[int, pd.DataFrame], store: AnswerStore, now: datetime
) -> list[PlannedRequest]:
    """Everything but the schedules: game logs, rosters, box scores and play-by-play of games that are over.

    Args:
        scope: What to fetch.
        games_by_season: :func:`stored_games` by start year.
        store: Where the answers go.
        now: The present moment.
    """
    plan: list[PlannedRequest] = []
    for year, games in games_by_season.items():
        final = games[games["game_status"] == FINAL]
        for kind in (PLAYER_LOG, TEAM_LOG):
            if kind in scope.kinds:
                plan += _log_requests(scope, store, now, year, kind, final)
        if ROSTER in scope.kinds and is_under_way(games, now):
            plan += _roster_requests(year, now)
        plan += _game_requests(scope, now, year, _within(scope, final))
    return plan


def is_under_way(games: pd.DataFrame, now: datetime) -> bool:
    """Whether now lies in the season of these games: NBA.com tells rosters only of the day on which it is asked."""
    return len(games) > 0 and games["game_date"].min().date() <= roster_date(now) <= games["game_date"].max().date()


def _within(scope: Scope, games: pd.DataFrame) -> pd.DataFrame:
    first = pd.Timestamp(scope.first_date or date.min.replace(year=1900))
    last = pd.Timestamp(scope.last_date or date(2200, 1, 1))
    return games[games["game_date"].between(first, last)]


def _log_requests(
    scope: Scope, store: AnswerStore, now: datetime, year: int, kind: str, final: pd.DataFrame
) -> Iterable[PlannedRequest]:
    """One log for each season type of which a game is over."""
    from nba_api.stats.endpoints.leaguegamelog import LeagueGameLog

    of_players = kind == PLAYER_LOG
    for game_type, season_type in _SEASON_TYPES.items():
        games = final[final["kind"] == game_type]
        if games.empty:
            continue
        asked = LeagueGameLog(
            player_or_team_abbreviation="P" if of_players else "T",
            season=season_label(year),
            season_type_all_star=season_type,
            sorter="DATE",
            get_request=False,
        )
        key = f"{season_label(year)}/{kind}/{game_type}"
        earlier = store.read(key)
        before = checks.game_log_games(earlier.answer) if earlier is not None else set()
        check = partial(checks.check_game_log, season=season_label(year), of_players=of_players, games_before=before)
        settled = _moment(games["game_date"].max(), _LOG_SETTLED_AFTER)
        yield _planned(key, asked, check, _ask_again(settled, scope.changed_since is not None, now))


def _roster_requests(year: int, now: datetime) -> Iterable[PlannedRequest]:
    from nba_api.stats.endpoints.commonteamroster import CommonTeamRoster

    for team in TEAMS:
        asked = CommonTeamRoster(team_id=team.nba_team_id, season=season_label(year), get_request=False)
        key = f"{season_label(year)}/{ROSTER}/{roster_date(now)}/{team.tricode}"
        yield _planned(key, asked, partial(checks.check_roster, team_id=team.nba_team_id), None)


def _game_requests(scope: Scope, now: datetime, year: int, games: pd.DataFrame) -> Iterable[PlannedRequest]:
    from nba_api.stats.endpoints.boxscoretraditionalv3 import BoxScoreTraditionalV3
    from nba_api.stats.endpoints.playbyplayv3 import PlayByPlayV3

    asking: dict[str, tuple[Any, Any]] = {
        BOX_SCORE: (BoxScoreTraditionalV3, checks.check_box_score),
        PLAY_BY_PLAY: (PlayByPlayV3, checks.check_play_by_play),
    }
    for game_id, game_date in zip(games["game_id"], games["game_date"].dt.date, strict=True):
        changed = scope.changed_since is not None and game_date >= scope.changed_since
        for kind, (endpoint, check) in asking.items():
            if kind in scope.kinds:
                asked = endpoint(game_id=game_id, get_request=False)
                key = f"{season_label(year)}/{kind}/{game_id}"
                yield _planned(key, asked, partial(check, game_id=game_id), now - RECENTLY if changed else None)


def _planned(key: str, asked: Any, check: Any, again: datetime | None) -> PlannedRequest:
    return PlannedRequest(key, asked.endpoint, asked.parameters, check, again)


def _moment(day: pd.Timestamp, later: timedelta) -> datetime | None:
    return None if pd.isna(day) else day.to_pydatetime().replace(tzinfo=UTC) + later


def _ask_again(settled: datetime | None, again: bool, now: datetime) -> datetime | None:
    """Moment before which a stored answer counts as old: until everything in it is settled, after a short while."""
    if again or settled is None:
        return now - RECENTLY
    return min(settled, now - RECENTLY)
