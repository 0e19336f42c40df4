"""Play-by-play and shots for tests: one event with changes in each of the feeds' shapes, and what the frames give."""

from datetime import date
from typing import Any

import pandas as pd

from analytics_assets.raw.declarations import NBAC_PLAY_BY_PLAY
from analytics_assets.raw.loaders.nba_com import LoadedFile

GAME_ID = "0022300061"
GAME_DATES = {GAME_ID: date(2023, 10, 24)}
DEN, LAL = 1610612743, 1610612747
JOKIC, MURRAY, JAMES, DAVIS = 203999, 1627750, 2544, 203076


def live(order: int, kind: str, **changes: Any) -> dict[str, Any]:
    """An action of the live feed: by Jokić for Denver, first period, unless changed."""
    return {
        "actionNumber": order,
        "orderNumber": order * 10000,
        "clock": "PT11M42.50S",
        "timeActual": "2023-10-25T02:40:02.1Z",
        "period": 1,
        "teamId": DEN,
        "teamTricode": "DEN",
        "actionType": kind,
        "subType": "",
        "qualifiers": [],
        "personId": JOKIC,
        "x": None,
        "y": None,
        "scoreHome": "0",
        "scoreAway": "0",
        "description": "as it stands",
        **changes,
    }


def version_3(order: int, kind: str, description: str = "", **changes: Any) -> dict[str, Any]:
    """An action of version 3: by Jokić for Denver at home, first period, unless changed."""
    return {
        "actionNumber": order,
        "clock": "PT11M42.00S",
        "period": 1,
        "teamId": DEN,
        "teamTricode": "DEN",
        "personId": JOKIC,
        "playerName": "Jokić",
        "playerNameI": "N. Jokić",
        "xLegacy": 0,
        "yLegacy": 0,
        "shotDistance": 0,
        "shotResult": "",
        "isFieldGoal": 0,
        "scoreHome": "",
        "scoreAway": "",
        "location": "h",
        "description": description,
        "actionType": kind,
        "subType": "",
        "shotValue": 0,
        "actionId": order,
        **changes,
    }


def shot_3(order: int, description: str, made: bool, **changes: Any) -> dict[str, Any]:
    """A two-pointer of version 3."""
    result = {"shotResult": "Made" if made else "Missed", "shotValue": 2, "isFieldGoal": 1, "subType": "Jump Shot"}
    return version_3(order, "Made Shot" if made else "Missed Shot", description, **(result | changes))


OF_LAL = {"teamId": LAL, "teamTricode": "LAL", "personId": JAMES}
OF_LAL_3 = OF_LAL | {"location": "v", "playerName": "James", "playerNameI": "L. James"}


def answer(*actions: Any, game_id: Any = GAME_ID) -> dict[str, Any]:
    """A playbyplay answer, live or version 3."""
    return {"meta": {"version": 1}, "game": {"gameId": game_id, "actions": list(actions)}}


def flat(number: int, kind: str, description: str, **changes: Any) -> dict[str, Any]:
    """A line of a table of events: by Jokić for Denver, first period, unless changed."""
    return {
        "period": 1,
        "clock": "PT11M49.00S",
        "actionNumber": number,
        "actionType": kind,
        "description": description,
        "qualifier": "[]",
        "scoreHome": 0,
        "scoreAway": 0,
        "shotResult": None,
        "person_id": JOKIC,
        "assister_id": None,
        "foulDrawnPersonId": None,
        "stealPersonId": None,
        "blockPersonId": None,
        "players_on": "203999|2544",
        "game_id": "0042200311",
        "date": 20230516,
        "team": "DEN",
        **changes,
    }


def shot(**changes: Any) -> dict[str, Any]:
    """A line of a table of shots."""
    return {
        "TEAM_ID": DEN,
        "PLAYER_ID": JOKIC,
        "PLAYER_NAME": "Nikola Jokić",
        "GAME_DATE": "10-24-2023",
        "GAME_ID": 22300061,
        "HOME_TEAM": "DEN",
        "AWAY_TEAM": "LAL",
        "EVENT_TYPE": "Made Shot",
        "ACTION_TYPE": "Hook Shot",
        "SHOT_TYPE": "2PT Field Goal",
        "BASIC_ZONE": "Restricted Area",
        "LOC_X": -0.4,
        "LOC_Y": 5.25,
        "SHOT_DISTANCE": 0,
        "QUARTER": 1,
        "MINS_LEFT": 11,
        "SECS_LEFT": 1,
        **changes,
    }


def events(loaded: LoadedFile) -> pd.DataFrame:
    """The play-by-play in order of events."""
    frame = loaded.frames[NBAC_PLAY_BY_PLAY.name]
    return frame.sort_values(["game_id", "event_order"]).reset_index(drop=True)


def told(values: pd.Series) -> list[Any]:
    """Values with None for NULL."""
    return [None if value is None or (not isinstance(value, list) and pd.isna(value)) else value for value in values]


def points_by_team(frame: pd.DataFrame) -> pd.Series:
    """Points of made shots and free throws per game and team."""
    made = frame[frame["shot_made"].fillna(False)]
    worth = made["shot_type"].map({"2PT": 2, "3PT": 3}).fillna(1).astype(int)
    return worth.groupby([made["nba_game_id"], made["player_1_team_abbr"]]).sum()


def tallies(frame: pd.DataFrame) -> pd.DataFrame:
    """FGA, FGM, FG3A, FG3M, AST, BLK, STL per game and player, as a box score counts them."""
    shots = frame[frame["shot_type"].notna()]
    made, threes = shots["shot_made"].fillna(False), shots["shot_type"] == "3PT"
    counted = {
        "FGA": (shots, "player_1_id"),
        "FGM": (shots[made], "player_1_id"),
        "FG3A": (shots[threes], "player_1_id"),
        "FG3M": (shots[threes & made], "player_1_id"),
        "AST": (frame[frame["player_2_role"] == "assist"], "player_2_id"),
        "BLK": (frame[frame["player_2_role"] == "block"], "player_2_id"),
        "STL": (frame[frame["player_2_role"] == "steal"], "player_2_id"),
    }
    columns = {name: rows.groupby(["nba_game_id", rows[player]]).size() for name, (rows, player) in counted.items()}
    return pd.DataFrame(columns).fillna(0).astype(int).rename_axis(["GAME_ID", "PLAYER_ID"])
