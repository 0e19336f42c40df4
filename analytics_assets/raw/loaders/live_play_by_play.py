"""Actions of NBA.com's live play-by-play, one game an answer, to rows of the raw play-by-play."""

from datetime import datetime

import pandas as pd

from analytics_assets.raw.declarations.play_by_play import TECHNICAL_FREE_THROW
from analytics_assets.raw.loaders.events import (
    FREE_THROW,
    SHOT_TYPE_OF_EVENT,
    add_game_ids_by_score,
    add_second_players,
    check_clocks,
    check_needed_numbers,
    check_player_ids,
    check_results,
    check_shooting_teams,
    check_teams,
    event_frames,
    json_cells,
    team_of_ids,
)
from analytics_assets.raw.loaders.rows import (
    RejectReason,
    RowLedger,
    check_decimals,
    check_whole_numbers,
    eastern_date,
    moments,
    texts,
)

_FIELDS = (
    *("orderNumber", "period", "clock", "timeActual", "actionType", "subType", "descriptor", "qualifiers"),
    *("description", "teamTricode", "teamId", "personId", "scoreHome", "scoreAway", "shotResult", "shotDistance"),
    *("area", "x", "y", "assistPersonId", "blockPersonId", "stealPersonId", "foulDrawnPersonId"),
)


def live_event_frames(
    nba_game_id: str, actions: list[object], ledger: RowLedger, now: datetime
) -> dict[str, pd.DataFrame]:
    """Raw play-by-play rows of one game.

    Args:
        nba_game_id: The game's ten digits.
        actions: The answer's actions.
        ledger: Takes the rejected actions.
        now: Moment of loading, with a time zone.

    Returns:
        One frame under its raw table name, ``nbac_play_by_play``. The date is the US-Eastern one of the first action;
        the game id is canonical once a basket has told who is at home.
    """
    cells = json_cells(actions, _FIELDS)
    events = pd.DataFrame(index=cells.index)
    events["nba_game_id"] = pd.Series(nba_game_id, index=cells.index, dtype="string")
    events["event_order"] = check_needed_numbers(ledger, cells["orderNumber"], "the action's place in the game")
    events["period"] = check_needed_numbers(ledger, cells["period"], "the period", at_least=1)
    events["seconds_remaining"] = check_clocks(ledger, cells["clock"])
    events["game_date"] = _check_date(ledger, cells["timeActual"], now)
    events["home_score"] = check_whole_numbers(ledger, cells["scoreHome"])
    events["away_score"] = check_whole_numbers(ledger, cells["scoreAway"])
    events["event_type"] = texts(cells["actionType"]).str.lower()
    events["event_description"] = texts(cells["description"])
    events["player_1_team_abbr"] = check_teams(ledger, cells["teamTricode"]).fillna(team_of_ids(cells["teamId"]))
    events["player_1_id"] = check_player_ids(ledger, cells["personId"])
    events["shot_type"] = events["event_type"].map(SHOT_TYPE_OF_EVENT).astype("string")
    is_shot = events["shot_type"].notna()
    is_free_throw = (events["event_type"] == FREE_THROW).fillna(False)
    events["shot_made"] = check_results(ledger, cells["shotResult"], is_shot | is_free_throw)
    check_shooting_teams(ledger, events, cells["teamTricode"])
    events["event_sub_type"] = _sub_types(cells, events["event_type"], is_shot)
    for column, field in {"shot_distance": "shotDistance", "x": "x", "y": "y"}.items():
        events[column] = check_decimals(ledger, cells[field]).where(is_shot)
    events["shot_area"] = texts(cells["area"]).where(is_shot)
    events["qualifiers"] = cells["qualifiers"].map(_marks)
    _add_rebound_types(events)
    add_second_players(
        events,
        assisters=check_player_ids(ledger, cells["assistPersonId"]),
        blockers=check_player_ids(ledger, cells["blockPersonId"]),
        stealers=check_player_ids(ledger, cells["stealPersonId"]),
        fouled=check_player_ids(ledger, cells["foulDrawnPersonId"]),
    )
    add_game_ids_by_score(events, ledger.kept)
    return event_frames(events, ledger, cells["orderNumber"], now)


def _check_date(ledger: RowLedger, cells: pd.Series, now: datetime) -> pd.Series:
    """The game's date on every row: the US-Eastern date of its earliest action, as games end after midnight."""
    first = moments(cells).dt.tz_convert("America/New_York").min()
    days = pd.Series(first, index=cells.index).dt.normalize().dt.tz_localize(None).astype("datetime64[ns]")
    ledger.reject(
        days.isna(),
        RejectReason.MALFORMED_DATE,
        cells,
        "no action of the game says when it happened, such as 2025-01-07T01:11:02Z; fetch the file again",
    )
    today = eastern_date(now)
    ledger.reject(
        days > pd.Timestamp(today),
        RejectReason.DATE_BEYOND_TODAY,
        cells,
        f"later than today ({today}, US Eastern), so nothing can have been played; fetch the file again",
    )
    return days


def _sub_types(cells: pd.DataFrame, kinds: pd.Series, is_shot: pd.Series) -> pd.Series:
    """The finer kind; shots and turnovers carry it in two fields, fouls say 'shooting' only in the second."""
    sub_types, descriptors = texts(cells["subType"]).str.lower(), texts(cells["descriptor"]).str.lower()
    both = (descriptors + " " + sub_types).fillna(sub_types)
    finer = sub_types.where(~(is_shot | (kinds == "turnover").fillna(False)), both)
    personal = ((kinds == "foul") & (sub_types == "personal") & descriptors.notna()).fillna(False)
    technical = ((kinds == FREE_THROW) & (descriptors == "technical")).fillna(False)
    return finer.mask(personal, descriptors).mask(technical, TECHNICAL_FREE_THROW)


def _marks(cell: object) -> list[str]:
    return [str(mark) for mark in cell] if isinstance(cell, list) else []


def _add_rebound_types(events: pd.DataFrame) -> None:
    dead = events["qualifiers"].map(lambda marks: "deadball" in marks).astype(bool)
    told = events["event_sub_type"].isin(["offensive", "defensive"]) & (events["event_type"] == "rebound")
    events["rebound_type"] = events["event_sub_type"].where(told.fillna(False) & ~dead)
