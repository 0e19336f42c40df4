"""What each team's schedule and results were before every game, counted game by game from the raw schedule.

Nothing of the product is called but its facts: where the arenas stand and what the digits of a game id mean.
"""

from math import asin, cos, radians, sin, sqrt

import pandas as pd

from analytics_assets.league.arenas import HOME_ARENAS, NEUTRAL_ARENAS, Arena

COUNTED_PREFIXES = ("002", "004", "005", "006")
FINAL = 3
LAST_SEASON_OF_BOTH_LOS_ANGELES_TEAMS_IN_ONE_ARENA = 2023
_BY_NAME = {name: arena for arena in (*HOME_ARENAS.values(), *NEUTRAL_ARENAS) for name in arena.names}


def recompute_team_contexts(raw: pd.DataFrame) -> dict[tuple[str, str], dict]:
    """Expected values of ``upcoming_team_game_context`` by ``game_id`` and ``team_abbr``.

    Args:
        raw: All rows of ``nbac_schedule``, one per game.
    """
    chains: dict[tuple[int, str], list[dict]] = {}
    for game in sorted(raw.to_dict("records"), key=lambda row: row["game_date"]):
        if game["game_id"][:3] in COUNTED_PREFIXES and pd.isna(game["postponed_status"]):
            for team in (game["home_team_tricode"], game["away_team_tricode"]):
                chains.setdefault((game["season_year"], team), []).append(game)
    found = {}
    for (season, team), games in chains.items():
        for place, game in enumerate(games):
            key = (_game_id(game), team)
            found[key] = {**_rest(games, place), **_travel(games, place, team, season), **_results(games, place, team)}
    return found


def great_circle_miles(start: Arena, end: Arena) -> float:
    """Haversine formula on a sphere of 3,958.8 miles."""
    north, further = radians(start.latitude), radians(end.latitude)
    east = radians(end.longitude - start.longitude)
    half = sin((further - north) / 2) ** 2 + cos(north) * cos(further) * sin(east / 2) ** 2
    return 2 * 3958.8 * asin(sqrt(half))


def _game_id(game: dict) -> str:
    return f"{game['game_date']:%Y%m%d}_{game['away_team_tricode']}_{game['home_team_tricode']}"


def _rest(games: list[dict], place: int) -> dict:
    game = games[place]
    ago = [(game["game_date"] - other["game_date"]).days for other in games[:place]]
    is_cup_final = game["game_id"].startswith("006")
    numbered = sum(not other["game_id"].startswith("006") for other in games[:place])
    return {
        "days_since_last_game": ago[-1] if ago else None,
        "team_days_rest": ago[-1] - 1 if ago else None,
        "is_back_to_back": bool(ago) and ago[-1] == 1,
        "games_in_last_7_days": sum(days <= 7 for days in ago),
        "games_in_last_14_days": sum(days <= 14 for days in ago),
        "game_number_in_season": None if is_cup_final else numbered + 1,
    }


def _travel(games: list[dict], place: int, team: str, season: int) -> dict:
    trips = [_miles_into(games, number, team, season) for number in range(place + 1)]
    ago = [(games[place]["game_date"] - other["game_date"]).days for other in games[:place]]
    recent = [miles for miles, days in zip(trips, ago, strict=False) if days <= 14]
    road = 0
    for other in reversed(games[: place + 1]):
        if other["home_team_tricode"] == team and not other["neutral_site_flag"]:
            break
        road += 1
    return {
        "travel_miles": trips[-1],
        "miles_traveled_last_14_days": sum(recent) if recent else None,
        "consecutive_road_games": road,
    }


def _miles_into(games: list[dict], place: int, team: str, season: int) -> float:
    if place:
        start = _BY_NAME[games[place - 1]["arena_name"]]
    else:
        shared = team == "LAC" and season <= LAST_SEASON_OF_BOTH_LOS_ANGELES_TEAMS_IN_ONE_ARENA
        start = HOME_ARENAS["LAL" if shared else team]
    return great_circle_miles(start, _BY_NAME[games[place]["arena_name"]])


def _results(games: list[dict], place: int, team: str) -> dict:
    margins = []
    for other in games[:place]:
        if other["game_status"] == FINAL:
            home = other["home_team_score"] - other["away_team_score"]
            margins.append(home if other["home_team_tricode"] == team else -home)
    streak = 0
    for margin in reversed(margins):
        if (margin > 0) != (margins[-1] > 0):
            break
        streak += 1
    wins = sum(margin > 0 for margin in margins)
    won_last = bool(margins) and margins[-1] > 0
    return {
        "last_game_margin": margins[-1] if margins else None,
        "last_game_result": ("W" if won_last else "L") if margins else None,
        "team_win_streak_entering": streak if won_last else 0,
        "team_loss_streak_entering": 0 if won_last else streak,
        "wins": wins,
        "losses": len(margins) - wins,
        "win_pct": wins / len(margins) if margins else None,
        "pending_games": place - len(margins),
    }
