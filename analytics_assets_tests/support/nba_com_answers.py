"""Answers of NBA.com for a season of two played games, invented: Boston at Los Angeles on 10 and 12 January 2024."""

from typing import Any

import pandas as pd

from analytics_assets.league.teams import TEAMS
from analytics_assets.raw.loaders.box_lines import COUNT_COLUMNS
from analytics_assets.raw.loaders.box_score_v3 import STATISTICS
from analytics_assets_tests.support.play_by_play_files import version_3
from analytics_assets_tests.support.raw_rows import box_rows

FIRST, SECOND = "0022300101", "0022300102"
GAME_DATES = {FIRST: "2024-01-10", SECOND: "2024-01-12"}
# Not to be asked for: pre-season, All-Star, and one that is still to come.
OTHERS = {"0012300001": ("2023-10-08", 3), "0032300001": ("2024-01-14", 3), "0022300103": ("2024-01-20", 1)}
AWAY, HOME = "BOS", "LAL"
_IDS = {team.tricode: team.nba_team_id for team in TEAMS}


class Season:
    """What the server tells; a test changes it as NBA.com would."""

    def __init__(self) -> None:
        self.boxes = {game_id: box_rows(day) for game_id, day in GAME_DATES.items()}
        for rows in self.boxes.values():
            for number, row in enumerate(rows):
                # Seconds, so that they differ from the log's whole minutes.
                row["minutes"] = "39:30" if number % 2 else "40:30"
                row["nba_player_id"] = 100 + number
        self.last_period = 4

    def __call__(self, endpoint: str, parameters: dict[str, str]) -> Any:
        """The answer to a question."""
        if endpoint == "scheduleleaguev2":
            return self.schedule(parameters["Season"])
        if endpoint == "leaguegamelog":
            return self.log(parameters) if parameters["Season"] == "2023-24" else None
        if endpoint == "commonteamroster":
            return roster(int(parameters["TeamID"]), parameters["Season"])
        game_id = parameters["GameID"]
        if game_id not in self.boxes:
            return None
        return self.box(game_id) if endpoint == "boxscoretraditionalv3" else self.play_by_play(game_id)

    def schedule(self, season: str) -> dict[str, Any]:
        games = [self._game(game_id, day, 3) for game_id, day in GAME_DATES.items()]
        games += [self._game(game_id, day, status) for game_id, (day, status) in OTHERS.items()]
        return {"leagueSchedule": {"seasonYear": season, "gameDates": [{"gameDate": None, "games": games}]}}

    def _game(self, game_id: str, day: str, status: int) -> dict[str, Any]:
        teams = {
            f"{side}Team": {"teamId": _IDS[team], "teamTricode": team, "score": self._points(game_id, team)}
            for side, team in (("home", HOME), ("away", AWAY))
        }
        return {
            "gameId": game_id,
            "gameStatus": status,
            "gameStatusText": "Final" if status == 3 else "7:30 pm ET",
            "gameDateEst": f"{day}T00:00:00Z",
            "gameDateTimeUTC": f"{pd.Timestamp(day) + pd.Timedelta(days=1):%Y-%m-%d}T00:30:00Z",
            **teams,
        }

    def _points(self, game_id: str, team: str) -> int:
        return sum(row["points"] for row in self.boxes.get(game_id, []) if row["team_abbr"] == team)

    def log(self, parameters: dict[str, str]) -> dict[str, Any]:
        players = parameters["PlayerOrTeam"] == "P"
        frame = pd.DataFrame([{**row, "nba_game_id": game} for game, rows in self.boxes.items() for row in rows])
        if parameters["SeasonType"] != "Regular Season":
            frame = frame.head(0)
        keys = ["nba_game_id", "game_date", "team_abbr", *(["nba_player_id", "player_name"] if players else [])]
        lines = frame.groupby(keys, as_index=False)[list(COUNT_COLUMNS)].sum()
        lines = lines.rename(columns=COUNT_COLUMNS | {"nba_game_id": "GAME_ID", "team_abbr": "TEAM_ABBREVIATION"})
        lines = lines.rename(columns={"nba_player_id": "PLAYER_ID", "player_name": "PLAYER_NAME"})
        at_home = lines["TEAM_ABBREVIATION"] == HOME
        lines["GAME_DATE"] = lines.pop("game_date").dt.strftime("%Y-%m-%d")
        lines["TEAM_ID"] = lines["TEAM_ABBREVIATION"].map(_IDS)
        lines["MATCHUP"] = at_home.map({True: f"{HOME} vs. {AWAY}", False: f"{AWAY} @ {HOME}"})
        lines["MIN"] = 40 if players else 240
        lines["SEASON_ID"] = "22023"
        lines["PLUS_MINUS"] = at_home.map({True: 1, False: -1})
        rows = lines.astype(object).to_numpy().tolist()
        return {"resultSets": [{"name": "LeagueGameLog", "headers": list(lines.columns), "rowSet": rows}]}

    def box(self, game_id: str) -> dict[str, Any]:
        teams = {f"{side}Team": self._team(game_id, team) for side, team in (("home", HOME), ("away", AWAY))}
        return {"meta": {}, "boxScoreTraditional": {"gameId": game_id, **teams}}

    def _team(self, game_id: str, team: str) -> dict[str, Any]:
        rows = [row for row in self.boxes[game_id] if row["team_abbr"] == team]
        players = [_player(row) for row in rows]
        names = STATISTICS.values()
        totals = {name: sum(player["statistics"][name] for player in players) for name in names}
        # Two who never entered the game.
        players += [_sitting(90, "Björn", "O'Neill Jr.", "DNP - Coach's Decision", team)]
        totals |= {"minutes": "240:00", "plusMinusPoints": 1 if team == HOME else -1}
        return {"teamId": _IDS[team], "teamTricode": team, "players": players, "statistics": totals}

    def play_by_play(self, game_id: str) -> dict[str, Any]:
        actions = []
        for period in range(1, self.last_period + 1):
            for kind in ("start", "end"):
                clock = "PT12M00.00S" if kind == "start" else "PT00M00.00S"
                whole = period == 4 and kind == "end"
                actions.append(
                    version_3(
                        len(actions) + 1,
                        "period",
                        f"{kind} of period {period}",
                        subType=kind,
                        period=period,
                        clock=clock,
                        teamId=0,
                        teamTricode="",
                        personId=0,
                        playerName="",
                        playerNameI="",
                        location="",
                        scoreHome=str(self._points(game_id, HOME)) if whole else "0",
                        scoreAway=str(self._points(game_id, AWAY)) if whole else "0",
                    )
                )
        return {"meta": {}, "game": {"gameId": game_id, "actions": actions}}


def roster(team_id: int, season: str) -> dict[str, Any]:
    headers = ["TeamID", "SEASON", "PLAYER", "PLAYER_SLUG", "POSITION", "SCHOOL", "PLAYER_ID"]
    tricode = next(team.tricode for team in TEAMS if team.nba_team_id == team_id)
    rows = [
        [team_id, season[:4], f"{tricode} Player {number}", "slug", "G", "none", team_id * 10 + number]
        for number in range(6)
    ]
    return {
        "resource": "commonteamroster",
        "resultSets": [{"name": "CommonTeamRoster", "headers": headers, "rowSet": rows}],
    }


def _player(row: dict[str, Any]) -> dict[str, Any]:
    first, _, last = row["player_name"].partition(" ")
    return {
        "personId": row["nba_player_id"],
        "firstName": first,
        "familyName": last,
        "position": "G" if row["starter"] else "",
        "comment": "",
        "statistics": {field: row[name] for name, field in STATISTICS.items()}
        | {"minutes": row["minutes"], "plusMinusPoints": row["plus_minus"]},
    }


def _sitting(number: int, first: str, last: str, why: str, team: str) -> dict[str, Any]:
    return {
        "personId": number + (team == HOME),
        "firstName": first,
        "familyName": f"{last} of {team}",
        "position": "",
        "comment": why,
        "statistics": dict.fromkeys(STATISTICS.values(), 0) | {"minutes": "", "plusMinusPoints": 0},
    }
