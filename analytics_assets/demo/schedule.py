"""All games of a demo season with teams, dates, tip-offs, arenas, ids and results, before any ``now`` cuts them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from analytics_assets.demo.calendar import SeasonCalendar
from analytics_assets.demo.postseason import postseason_games
from analytics_assets.demo.random_streams import random_stream
from analytics_assets.demo.regular_season import regular_season_games
from analytics_assets.demo.rosters import SeasonRosters
from analytics_assets.demo.scores import HOME_ADVANTAGE_POINTS, final_scores
from analytics_assets.league.games import GAME_TYPE_BY_PREFIX, GameType
from analytics_assets.league.teams import TEAMS, TRICODES

EASTERN = "America/New_York"
NOT_A_TEAM = -1
ALL_STAR_TRICODES = ("EST", "WST")
_PREFIX_BY_TYPE = {kind.value: prefix for prefix, kind in GAME_TYPE_BY_PREFIX.items()}
_NATIONAL_TV_SHARE = 0.15
_PRESEASON_GAMES_A_DATE = 4
_CUP_FINALISTS_KNOWN_DAYS_BEFORE = 3
# A post-season game enters the schedule in the night after the games that settled who plays it.
_SETTLED_BY_HOUR = 3

# Local tip-off times in minutes after midnight, with their shares.
_EVENING_TIMES, _EVENING_SHARES = np.array([1140, 1170, 1200]), np.array([0.5, 0.4, 0.1])
_WEEKEND_TIMES = np.array([780, 930, 1020, 1080, 1140, 1170])
_WEEKEND_SHARES = np.array([0.08, 0.12, 0.1, 0.15, 0.35, 0.2])
_CUP_FINAL_TIME = 1050


@dataclass(frozen=True)
class _Site:
    name: str
    city: str
    time_zone: str


_HOME_SITES = [_Site(team.arena_name, team.arena_city, team.time_zone) for team in TEAMS]
_CUP_FINAL_SITE = _Site("T-Mobile Arena", "Las Vegas", "America/Los_Angeles")


def season_games(seed: int, calendar: SeasonCalendar, rosters: SeasonRosters) -> pd.DataFrame:
    """Every game of a season, played to its end whatever the date is.

    Args:
        seed: The league's seed.
        calendar: The season's calendar.
        rosters: The season's rosters; they give the strength of the teams.

    Returns:
        One row per game ordered by tip-off: ``nba_game_id``, ``game_type``, ``game_date`` (midnight), ``season_year``,
        ``home`` and ``away`` (positions in ``TEAMS``, ``NOT_A_TEAM`` in the All-Star game), ``home_tricode``,
        ``away_tricode``, ``home_points``, ``away_points``, ``overtimes``, ``tipoff_at`` and ``known_at`` (UTC; from
        when on the schedule holds the game), ``arena_name``, ``arena_city``, ``neutral_site``, ``national_tv``.
    """
    before, after = rosters.strengths()
    regular = _regular(random_stream(seed, calendar.season_year, "regular season"), calendar, before, after)
    parts = [
        _preseason(random_stream(seed, calendar.season_year, "preseason"), calendar),
        regular,
        _all_star(random_stream(seed, calendar.season_year, "all-star"), calendar),
        _cup_final(random_stream(seed, calendar.season_year, "cup"), calendar, regular, before),
        postseason_games(random_stream(seed, calendar.season_year, "postseason"), calendar, regular, after),
    ]
    games = pd.concat([part for part in parts if not part.empty], ignore_index=True)
    games = _with_sites(random_stream(seed, calendar.season_year, "sites"), games)
    games["season_year"] = calendar.season_year
    games["known_at"] = _known_at(games["known_on"], calendar.published_at)
    prefix = games["game_type"].map(_PREFIX_BY_TYPE)
    games["nba_game_id"] = (
        prefix + f"{calendar.season_year % 100:02d}" + games["number"].astype(int).astype(str).str.zfill(5)
    )
    games["home_tricode"], games["away_tricode"] = (
        np.where(games[side] == NOT_A_TEAM, code, np.array(TRICODES)[games[side]])
        for side, code in zip(("home", "away"), ALL_STAR_TRICODES, strict=True)
    )
    games["game_date"] = pd.to_datetime(games["game_date"])
    return games.sort_values(["tipoff_at", "nba_game_id"], ignore_index=True)


def _preseason(random: np.random.Generator, calendar: SeasonCalendar) -> pd.DataFrame:
    dates = calendar.preseason_dates
    pairs = np.concatenate(
        [random.permutation(len(TEAMS))[: 2 * _PRESEASON_GAMES_A_DATE].reshape(-1, 2) for _ in dates]
    )
    scores = final_scores(random, np.zeros(len(pairs)))
    return pd.DataFrame(
        {
            "game_type": GameType.PRESEASON.value,
            "number": np.arange(1, len(pairs) + 1),
            "game_date": np.repeat(np.array(dates, dtype=object), _PRESEASON_GAMES_A_DATE),
            "home": pairs[:, 0],
            "away": pairs[:, 1],
            "home_points": scores.home,
            "away_points": scores.away,
            "overtimes": scores.overtimes,
        }
    )


def _regular(
    random: np.random.Generator, calendar: SeasonCalendar, before: np.ndarray, after: np.ndarray
) -> pd.DataFrame:
    games = regular_season_games(random, calendar.regular_dates)
    home, away = games["home"].to_numpy(), games["away"].to_numpy()
    late = (games["game_date"] > calendar.trade_deadline).to_numpy()
    expected = np.where(late, after[home] - after[away], before[home] - before[away]) + HOME_ADVANTAGE_POINTS
    scores = final_scores(random, expected)
    return games.assign(
        game_type=GameType.REGULAR.value,
        number=np.arange(1, len(games) + 1),
        home_points=scores.home,
        away_points=scores.away,
        overtimes=scores.overtimes,
    )


def _all_star(random: np.random.Generator, calendar: SeasonCalendar) -> pd.DataFrame:
    loser, margin = random.integers(150, 190), random.integers(1, 20)
    return pd.DataFrame(
        {
            "game_type": [GameType.ALL_STAR.value],
            "number": [1],
            "game_date": [calendar.all_star_game],
            "home": [NOT_A_TEAM],
            "away": [NOT_A_TEAM],
            "home_points": [loser + margin],
            "away_points": [loser],
            "overtimes": [0],
        }
    )


def _cup_final(
    random: np.random.Generator, calendar: SeasonCalendar, regular: pd.DataFrame, strength: np.ndarray
) -> pd.DataFrame:
    """The cup final between each conference's best team for which it is not the third day in a row with a game."""
    if calendar.cup_final is None:
        return pd.DataFrame()
    day_of = {days: calendar.cup_final + timedelta(days=days) for days in (-2, -1, 1, 2)}
    busy = {
        days: set(regular.loc[regular["game_date"] == day, ["home", "away"]].to_numpy().ravel().tolist())
        for days, day in day_of.items()
    }
    tired = busy[-2] & busy[-1] | busy[-1] & busy[1] | busy[1] & busy[2]
    finalists = []
    for name in ("East", "West"):
        rested = [n for n, team in enumerate(TEAMS) if team.conference == name and n not in tired]
        finalists.append(max(rested, key=lambda team: strength[team]))
    home, away = finalists
    scores = final_scores(random, np.array([strength[home] - strength[away]]))
    return pd.DataFrame(
        {
            "game_type": [GameType.CUP_FINAL.value],
            "number": [1],
            "game_date": [calendar.cup_final],
            "known_on": [calendar.cup_final - timedelta(days=_CUP_FINALISTS_KNOWN_DAYS_BEFORE)],
            "home": [home],
            "away": [away],
            "home_points": scores.home,
            "away_points": scores.away,
            "overtimes": scores.overtimes,
        }
    )


def _with_sites(random: np.random.Generator, games: pd.DataFrame) -> pd.DataFrame:
    """Add arena, tip-off, neutral site and national television."""
    kind = games["game_type"]
    is_cup, is_all_star = kind == GameType.CUP_FINAL.value, kind == GameType.ALL_STAR.value
    # The All-Star game has no home team: a random city hosts it.
    host = np.where(is_all_star, random.integers(0, len(TEAMS), len(games)), games["home"])
    sites = [_CUP_FINAL_SITE if cup else _HOME_SITES[team] for cup, team in zip(is_cup, host, strict=True)]
    days = pd.to_datetime(games["game_date"])
    evening = random.choice(_EVENING_TIMES, len(games), p=_EVENING_SHARES)
    weekend = random.choice(_WEEKEND_TIMES, len(games), p=_WEEKEND_SHARES)
    minutes = np.where(days.dt.dayofweek >= 5, weekend, evening)
    minutes = np.where(is_cup, _CUP_FINAL_TIME, minutes)
    televised = random.random(len(games)) < _NATIONAL_TV_SHARE
    return games.assign(
        arena_name=[site.name for site in sites],
        arena_city=[site.city for site in sites],
        tipoff_at=_in_utc(days + pd.to_timedelta(minutes, unit="min"), pd.Series([site.time_zone for site in sites])),
        neutral_site=is_cup | is_all_star,
        national_tv=televised | ~kind.isin([GameType.REGULAR.value, GameType.PRESEASON.value]),
    )


def _in_utc(local: pd.Series, time_zones: pd.Series) -> pd.Series:
    parts = [local[time_zones == zone].dt.tz_localize(zone).dt.tz_convert("UTC") for zone in time_zones.unique()]
    return pd.concat(parts).sort_index()


def _known_at(known_on: pd.Series, published_at: datetime) -> pd.Series:
    def moment(day: object) -> datetime:
        if not isinstance(day, date) or pd.isna(day):
            return published_at
        after = day + timedelta(days=1)
        return datetime(after.year, after.month, after.day, _SETTLED_BY_HOUR, tzinfo=ZoneInfo(EASTERN))

    return pd.to_datetime(known_on.map(moment), utc=True)
