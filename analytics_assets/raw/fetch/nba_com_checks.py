"""Whether an answer of NBA.com is the whole answer to the question; what is not is never stored. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from analytics_assets.raw.fetch.polite_http import UnexpectedAnswerError
from analytics_assets.raw.loaders.box_lines import PLAYER_LINE_COLUMNS, TEAM_LINE_COLUMNS
from analytics_assets.raw.loaders.box_score_v3 import PLAYER_FIELDS, STATISTICS
from analytics_assets.stats.minutes import parse_minutes

_CHANGED = "the shape of the answer has changed, look for a newer version of this project"
_FEWEST_PLAYERS = 5
_FULL_GAME_MINUTES = 240
# Ten players' minutes, each rounded to the second, may miss their sum by that much; a game that goes on by far more.
_ROUNDING_MINUTES = 1
_REGULAR_PERIODS = 4
_SCHEDULED_GAME = ("gameId", "gameDateEst", "gameStatus", "homeTeam", "awayTeam")
_ACTION = ("actionId", "period", "clock", "actionType", "subType", "personId", "teamId", "scoreHome", "scoreAway")
_ROSTER = ("TeamID", "SEASON", "PLAYER", "POSITION", "PLAYER_ID")


def check_schedule(answer: Any, season: str, final_before: Iterable[str] = ()) -> None:
    """Accept a season's schedule.

    Args:
        answer: What ``scheduleleaguev2`` answered.
        season: Such as ``2023-24``.
        final_before: Ids of games that an earlier answer called final.

    Raises:
        UnexpectedAnswerError: It is of another season, without games, of another shape, or lacks a game that was final.
    """
    schedule = _part(answer, "leagueSchedule", dict)
    stated = schedule.get("seasonYear")
    if stated is not None and stated != season:
        raise UnexpectedAnswerError(f"speaks of the season {stated}, not {season}")
    groups = _part(schedule, "gameDates", list)
    games = [game for group in groups for game in _part(group, "games", list)]
    if not games:
        raise UnexpectedAnswerError("holds no games")
    for game in games:
        _need(game, _SCHEDULED_GAME, "a game of the schedule")
    lost = set(final_before) - {str(game["gameId"]) for game in games}
    if lost:
        raise UnexpectedAnswerError(f"lacks {len(lost)} games that were final before, such as {min(lost)}")


def check_game_log(answer: Any, season: str, *, of_players: bool, games_before: Iterable[str] = ()) -> None:
    """Accept a season's game log.

    Args:
        answer: What ``leaguegamelog`` answered.
        season: Such as ``2023-24``.
        of_players: Whether lines of players are asked for, not of teams.
        games_before: Ids of games that an earlier answer held.

    Raises:
        UnexpectedAnswerError: It is of another season, without lines, of another shape, holds only one team of a game,
            or lacks a game that was there before.
    """
    wanted = PLAYER_LINE_COLUMNS if of_players else TEAM_LINE_COLUMNS
    lines = _result_set(answer, "LeagueGameLog", ("SEASON_ID", "TEAM_ID", *wanted))
    if lines.empty:
        raise UnexpectedAnswerError("holds no lines")
    other = sorted(set(lines["SEASON_ID"].astype("string").str[-4:]) - {season[:4]})
    if other:
        raise UnexpectedAnswerError(f"holds lines of a season that started in {other[0]}, not of {season}")
    teams = lines.groupby("GAME_ID")["TEAM_ID"].nunique()
    halves = teams[teams != 2]
    if len(halves):
        raise UnexpectedAnswerError(f"holds only one team of {len(halves)} games, such as {halves.index[0]}")
    lost = set(games_before) - game_log_games(answer)
    if lost:
        raise UnexpectedAnswerError(f"lacks {len(lost)} games that it held before, such as {min(lost)}")


def game_log_games(answer: Any) -> set[str]:
    """Ids of the games of a game log."""
    return set(_result_set(answer, "LeagueGameLog", ("GAME_ID",))["GAME_ID"].astype(str))


def check_box_score(answer: Any, game_id: str) -> None:
    """Accept the box score of one game that is over.

    Raises:
        UnexpectedAnswerError: It is of another game or shape, lacks a team or players, does not add up to the team's
            points, or its minutes are fewer than a whole game has.
    """
    box = _part(answer, "boxScoreTraditional", dict)
    _need_game(box.get("gameId"), game_id)
    for side in ("homeTeam", "awayTeam"):
        team = _part(box, side, dict)
        players = _part(team, "players", list)
        names = (*STATISTICS.values(), "minutes", "plusMinusPoints")
        for player in players:
            _need(player, (*PLAYER_FIELDS, "statistics"), "a player")
            _need(player["statistics"], names, "a player's statistics")
        totals = _part(team, "statistics", dict)
        _need(totals, tuple(STATISTICS.values()), "a team's statistics")
        _check_team(str(team.get("teamTricode") or side), [player["statistics"] for player in players], totals)


def _check_team(team: str, players: list[dict[str, Any]], totals: Mapping[str, Any]) -> None:
    minutes = parse_minutes(pd.Series([player["minutes"] for player in players], dtype="string"))
    if (minutes > 0).sum() < _FEWEST_PLAYERS:
        raise UnexpectedAnswerError(f"lists only {(minutes > 0).sum()} players of {team} who appeared")
    if minutes.sum() < _FULL_GAME_MINUTES - _ROUNDING_MINUTES:
        raise UnexpectedAnswerError(
            f"gives {team} {minutes.sum():.0f} of {_FULL_GAME_MINUTES} minutes, so the game is not over in it"
        )
    points = [player["points"] for player in players]
    if not all(isinstance(number, int) for number in [*points, totals["points"]]):
        raise UnexpectedAnswerError(f"leaves out points of {team}")
    if sum(points) != totals["points"]:
        raise UnexpectedAnswerError(f"gives players of {team} {sum(points)} points and the team {totals['points']}")


def check_play_by_play(answer: Any, game_id: str) -> None:
    """Accept the play-by-play of one game that is over.

    Raises:
        UnexpectedAnswerError: It is of another game or shape, does not begin with the first period, or does not end
            with the end of the last one and a winner.
    """
    game = _part(answer, "game", dict)
    _need_game(game.get("gameId"), game_id)
    actions = _part(game, "actions", list)
    if not actions:
        raise UnexpectedAnswerError("holds no events")
    for action in actions:
        _need(action, _ACTION, "an event")
    periods = {action["period"] for action in actions}
    if not all(isinstance(period, int) for period in periods):
        raise UnexpectedAnswerError(f"holds an event without a period; {_CHANGED}")
    last = max(periods)
    ended = [
        one for one in actions if one["period"] == last and (one["actionType"], one["subType"]) == ("period", "end")
    ]
    if last < _REGULAR_PERIODS or not ended:
        raise UnexpectedAnswerError(f"stops in period {last} without its end, so the game is not over in it")
    if periods != set(range(1, last + 1)):
        raise UnexpectedAnswerError(f"lacks a period before {last}")
    scores = [_last_score(actions, name) for name in ("scoreHome", "scoreAway")]
    if scores[0] == scores[1]:
        raise UnexpectedAnswerError(f"ends at {scores[0]}:{scores[1]}, so the game is not over in it")


def _last_score(actions: list[dict[str, Any]], name: str) -> str:
    written = [str(action[name]).strip() for action in actions if action[name] is not None]
    return next((score for score in reversed(written) if score), "0")


def check_roster(answer: Any, team_id: int) -> None:
    """Accept a team's roster.

    Raises:
        UnexpectedAnswerError: It is of another team or shape, or has fewer players than a team needs to play.
    """
    players = _result_set(answer, "CommonTeamRoster", _ROSTER)
    if len(players) < _FEWEST_PLAYERS:
        raise UnexpectedAnswerError(f"lists only {len(players)} players")
    others = set(players["TeamID"]) - {team_id}
    if others:
        raise UnexpectedAnswerError(f"lists players of team {others.pop()}, not of {team_id}")


def _part(answer: Any, name: str, kind: type) -> Any:
    part = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(part, kind):
        raise UnexpectedAnswerError(f"has no '{name}'; {_CHANGED}")
    return part


def _need(entry: Any, names: Iterable[str], what: str) -> None:
    missing = list(names) if not isinstance(entry, dict) else [name for name in names if name not in entry]
    if missing:
        raise UnexpectedAnswerError(f"{what} has no {', '.join(missing)}; {_CHANGED}")


def _need_game(stated: Any, game_id: str) -> None:
    if stated != game_id:
        raise UnexpectedAnswerError(f"speaks of game {stated}, not {game_id}")


def _result_set(answer: Any, name: str, columns: Iterable[str]) -> pd.DataFrame:
    sets = [one for one in _part(answer, "resultSets", list) if isinstance(one, dict) and one.get("name") == name]
    if not sets:
        raise UnexpectedAnswerError(f"has no result set {name}; {_CHANGED}")
    headers, rows = _part(sets[0], "headers", list), _part(sets[0], "rowSet", list)
    missing = [column for column in columns if column not in headers]
    if missing:
        raise UnexpectedAnswerError(f"has no column {', '.join(missing)}; {_CHANGED}")
    if any(not isinstance(row, list) or len(row) != len(headers) for row in rows):
        raise UnexpectedAnswerError(f"has rows of other than {len(headers)} cells; {_CHANGED}")
    return pd.DataFrame(rows, columns=pd.Index(headers), dtype=object)
