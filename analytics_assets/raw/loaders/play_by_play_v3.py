"""Actions of NBA.com's play-by-play version 3, one game an answer, to rows of the raw play-by-play."""

from datetime import date, datetime

import pandas as pd

from analytics_assets.raw.declarations.play_by_play import TECHNICAL_FREE_THROW
from analytics_assets.raw.loaders.events import (
    add_game_ids,
    add_second_players,
    check_clocks,
    check_needed_numbers,
    check_player_ids,
    check_results,
    check_shooting_teams,
    check_teams,
    event_frames,
    json_cells,
    of_last_miss,
    sides_of_rebounds,
    team_of_ids,
)
from analytics_assets.raw.loaders.rows import RejectReason, RowLedger, check_decimals, check_whole_numbers, texts
from analytics_assets.raw.names import player_lookups

_FIELDS = (
    *("actionId", "actionNumber", "period", "clock", "actionType", "subType", "description", "location"),
    *("teamTricode", "teamId", "personId", "playerName", "playerNameI", "scoreHome", "scoreAway"),
    *("shotResult", "shotValue", "shotDistance", "xLegacy", "yLegacy"),
)
_ASSIST = r"\(([^()]+?) [0-9]+ AST\)"
# Only after a plain last free throw is the ball live: technical, flagrant and clear-path ones give it back.
_LIVE_FREE_THROW = r"^Free Throw ([0-9]) of \1$"


def is_version_3(actions: list[object]) -> bool:
    """Whether actions are of version 3, which numbers them by ``actionId``."""
    return any(isinstance(action, dict) and "actionId" in action for action in actions)


def version_3_event_frames(
    nba_game_id: str, game_date: date, actions: list[object], ledger: RowLedger, now: datetime
) -> dict[str, pd.DataFrame]:
    """Raw play-by-play rows of one game.

    Args:
        nba_game_id: The game's ten digits.
        game_date: The game's US-Eastern date, which the answer does not carry.
        actions: The answer's actions.
        ledger: Takes the rejected actions.
        now: Moment of loading, with a time zone.

    Returns:
        One frame under its raw table name, ``nbac_play_by_play``. Blocks and steals are events of their own and also
        the second player of their shot or turnover. ``qualifiers`` are NULL; who drew a foul is not told.
    """
    cells = json_cells(actions, _FIELDS)
    events = pd.DataFrame(index=cells.index)
    events["nba_game_id"] = pd.Series(nba_game_id, index=cells.index, dtype="string")
    events["game_date"] = pd.Timestamp(game_date)
    events["event_order"] = check_needed_numbers(ledger, cells["actionId"], "the action's place in the game")
    events["period"] = check_needed_numbers(ledger, cells["period"], "the period", at_least=1)
    events["seconds_remaining"] = check_clocks(ledger, cells["clock"])
    events["event_description"] = texts(cells["description"])
    events["event_type"] = _kinds(cells, events["event_description"])
    teams = check_teams(ledger, cells["teamTricode"])
    # Rebounds and time-outs of a team have its id in the player's place and no code.
    events["player_1_team_abbr"] = teams.fillna(team_of_ids(cells["teamId"])).fillna(team_of_ids(cells["personId"]))
    # Replays have the official's number in the player's place, and sometimes a player's name that goes with it.
    events["player_1_id"] = check_player_ids(ledger, cells["personId"]).where(events["player_1_team_abbr"].notna())
    _add_scores(events, cells, ledger)
    _add_shots(events, cells, ledger)
    check_shooting_teams(ledger, events, cells["teamTricode"])
    _add_sub_types(events, cells)
    helpers = _helpers(events, cells, ledger)
    assists = events["event_description"].str.extract(_ASSIST)[0]
    add_second_players(
        events,
        assisters=_assisters(events, cells, assists),
        blockers=helpers["block"],
        stealers=helpers["steal"],
    )
    assisted = (events["shot_made"] & events["shot_type"].notna() & assists.notna()).fillna(False)
    events["player_2_role"] = events["player_2_role"].mask(assisted, "assist")
    home, away = (_team_at(teams, cells["location"], side) for side in ("h", "v"))
    add_game_ids(events, away, home)
    return event_frames(events, ledger, cells["actionId"], now)


def _kinds(cells: pd.DataFrame, descriptions: pd.Series) -> pd.Series:
    """The action's type in lower case; blocks and steals have none and are told by their text."""
    kinds = texts(cells["actionType"]).str.lower()
    for kind, words in (("block", r" BLOCK \("), ("steal", r" STEAL \(")):
        kinds = kinds.mask(kinds.isna() & descriptions.str.contains(words).fillna(False), kind)
    return kinds


def _add_scores(events: pd.DataFrame, cells: pd.DataFrame, ledger: RowLedger) -> None:
    """Add the scores, which the feed writes only where they change."""
    order = events["event_order"].sort_values(kind="stable").index
    for column, field in {"home_score": "scoreHome", "away_score": "scoreAway"}.items():
        written = check_whole_numbers(ledger, cells[field])
        events[column] = written.reindex(order).ffill().reindex(events.index)


def _add_shots(events: pd.DataFrame, cells: pd.DataFrame, ledger: RowLedger) -> None:
    is_shot = events["event_type"].isin(["made shot", "missed shot"])
    is_free_throw = (events["event_type"] == "free throw").fillna(False)
    worth = check_whole_numbers(ledger, cells["shotValue"])
    events["shot_type"] = worth.map({2: "2PT", 3: "3PT"}).astype("string").where(is_shot)
    ledger.reject(
        is_shot & events["shot_type"].isna(),
        RejectReason.UNKNOWN_SHOT_TYPE,
        cells["shotValue"],
        "a field goal is worth 2 or 3; correct it in the file",
    )
    # Free throws carry no result; the text of a miss starts so.
    missed = events["event_description"].str.startswith("MISS").fillna(False)
    made = check_results(ledger, cells["shotResult"], is_shot)
    events["shot_made"] = made.mask(is_free_throw, (~missed).astype("boolean"))
    # Zero is a real distance of a shot, and what the feed writes on everything else.
    for column, field in {"shot_distance": "shotDistance", "x": "xLegacy", "y": "yLegacy"}.items():
        events[column] = check_decimals(ledger, cells[field]).where(is_shot)


def _add_sub_types(events: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Add the finer kind and the type of rebounds, of which the feed's own sub-types say nothing."""
    written = texts(cells["subType"])
    finer = written.str.lower().replace({"shooting block": "shooting"})
    is_free_throw = (events["event_type"] == "free throw").fillna(False)
    of_set = finer.str.extract(r"([0-9] of [0-9])")[0]
    technical = finer.str.contains("technical").fillna(False)
    finer = finer.mask(is_free_throw, of_set).mask(is_free_throw & technical, TECHNICAL_FREE_THROW)
    sides = sides_of_rebounds(events)
    events["event_sub_type"] = finer.mask((events["event_type"] == "rebound").fillna(False), sides)
    live = (~is_free_throw | written.str.match(_LIVE_FREE_THROW).fillna(False)).astype("boolean")
    events["rebound_type"] = sides.where(of_last_miss(events, live).fillna(False).astype(bool))


def _helpers(events: pd.DataFrame, cells: pd.DataFrame, ledger: RowLedger) -> dict[str, pd.Series]:
    """Who blocked or stole at each action: the player of the block or steal with the same number."""
    numbers = check_whole_numbers(ledger, cells["actionNumber"])
    found = {}
    for kind in ("block", "steal"):
        own = (events["event_type"] == kind).fillna(False) & numbers.notna() & events["player_1_id"].notna()
        by_number = events.loc[own, "player_1_id"].groupby(numbers[own]).last()
        found[kind] = numbers.map(by_number).astype("Int64")
    return found


def _assisters(events: pd.DataFrame, cells: pd.DataFrame, names: pd.Series) -> pd.Series:
    """Ids of the assisters named in the text; NULL where none or several players of the team have that name."""
    known = [
        pd.DataFrame(
            {
                "team": events["player_1_team_abbr"],
                "name": player_lookups(texts(cells[field])),
                "id": events["player_1_id"],
            }
        )
        for field in ("playerName", "playerNameI")
    ]
    players = pd.concat(known, ignore_index=True).dropna().drop_duplicates()
    players = players[~players.duplicated(["team", "name"], keep=False)]
    asked = pd.DataFrame({"team": events["player_1_team_abbr"], "name": player_lookups(names)})
    matched = asked.merge(players, on=["team", "name"], how="left")
    return matched["id"].set_axis(events.index).where(names.notna()).astype("Int64")


def _team_at(teams: pd.Series, location: pd.Series, side: str) -> pd.Series:
    """The one team that acts at this location under its code; NULL if there are none or several."""
    found = teams[(texts(location) == side).fillna(False)].dropna().unique()
    return pd.Series(found[0] if len(found) == 1 else pd.NA, index=teams.index, dtype="string")
