"""Tables of shots, one line a field-goal attempt with its place on the court, to rows of the raw play-by-play."""

from datetime import datetime

import pandas as pd

from analytics_assets.raw.loaders.events import (
    THREE_POINTER,
    TWO_POINTER,
    add_game_ids,
    check_needed_numbers,
    check_player_ids,
    check_results,
    check_teams,
    event_frames,
    places_in_time,
    team_of_ids,
)
from analytics_assets.raw.loaders.rows import (
    RejectReason,
    RowLedger,
    check_dates,
    check_decimals,
    check_game_ids,
    eastern_date,
    texts,
)
from analytics_assets.raw.names import player_lookups

SHOT_COLUMNS = (
    *("GAME_ID", "GAME_DATE", "HOME_TEAM", "AWAY_TEAM", "TEAM_ID", "PLAYER_ID", "PLAYER_NAME", "EVENT_TYPE"),
    *("ACTION_TYPE", "SHOT_TYPE", "SHOT_DISTANCE", "BASIC_ZONE", "LOC_X", "LOC_Y"),
    *("QUARTER", "MINS_LEFT", "SECS_LEFT"),
)


def shot_frames(lines: pd.DataFrame, ledger: RowLedger, now: datetime) -> dict[str, pd.DataFrame]:
    """Raw play-by-play rows of a table of shots.

    Args:
        lines: Cells under upper-case names: at least ``SHOT_COLUMNS``.
        ledger: Takes the rejected shots.
        now: Moment of loading, with a time zone.

    Returns:
        One frame under its raw table name, ``nbac_play_by_play``: only field-goal attempts, without assists, blocks,
        scores and qualifiers. Places in the game follow the clock, within a second the file. Equal lines all stay: a
        player can miss two tips within the second that the clock is rounded to.
    """
    events = pd.DataFrame(index=lines.index)
    events["nba_game_id"] = check_game_ids(ledger, lines["GAME_ID"])
    events["game_date"] = check_dates(ledger, lines["GAME_DATE"], latest=eastern_date(now))
    events["period"] = check_needed_numbers(ledger, lines["QUARTER"], "the period", at_least=1)
    minutes = check_needed_numbers(ledger, lines["MINS_LEFT"], "whole minutes left in the period")
    seconds = check_needed_numbers(ledger, lines["SECS_LEFT"], "seconds left in the minute")
    events["seconds_remaining"] = (minutes * 60 + seconds).astype("Float64").astype("float64")
    home, away = (check_teams(ledger, lines[f"{side}_TEAM"]) for side in ("HOME", "AWAY"))
    _check_sides(ledger, lines, home, away)
    events["player_1_team_abbr"] = _check_shooting_team(ledger, lines["TEAM_ID"], home, away)
    events["player_1_id"] = check_player_ids(ledger, lines["PLAYER_ID"])
    events["player_1_lookup"] = player_lookups(texts(lines["PLAYER_NAME"])).replace("", pd.NA)
    events["shot_type"] = _check_shot_types(ledger, lines["SHOT_TYPE"])
    events["event_type"] = events["shot_type"].map({"2PT": TWO_POINTER, "3PT": THREE_POINTER})
    events["shot_made"] = check_results(ledger, lines["EVENT_TYPE"], events["shot_type"].notna())
    events["event_sub_type"] = texts(lines["ACTION_TYPE"]).str.lower()
    events["shot_area"] = texts(lines["BASIC_ZONE"])
    for column, field in {"shot_distance": "SHOT_DISTANCE", "x": "LOC_X", "y": "LOC_Y"}.items():
        events[column] = check_decimals(ledger, lines[field])
    events["event_order"] = places_in_time(events, ledger.kept, [])
    add_game_ids(events, away, home)
    return event_frames(events, ledger, lines["GAME_ID"], now)


def _check_sides(ledger: RowLedger, lines: pd.DataFrame, home: pd.Series, away: pd.Series) -> None:
    for side, tricodes in (("HOME", home), ("AWAY", away)):
        cells = lines[f"{side}_TEAM"]
        ledger.reject(tricodes.isna(), RejectReason.MISSING_TEAM, cells, "fill in the team's three-letter code")
    ledger.reject(
        home == away,
        RejectReason.MALFORMED_MATCHUP,
        lines["HOME_TEAM"],
        "names one team as both home and away; correct one of them",
    )


def _check_shooting_team(ledger: RowLedger, cells: pd.Series, home: pd.Series, away: pd.Series) -> pd.Series:
    tricodes = team_of_ids(cells)
    ledger.reject(tricodes.isna(), RejectReason.MISSING_TEAM, cells, "not an NBA team id; correct it in the file")
    ledger.reject(
        (tricodes != home) & (tricodes != away),
        RejectReason.MALFORMED_MATCHUP,
        cells,
        "this team is neither HOME_TEAM nor AWAY_TEAM; correct one of them",
    )
    return tricodes


def _check_shot_types(ledger: RowLedger, cells: pd.Series) -> pd.Series:
    kinds = texts(cells).str.upper().str.extract(r"^([23]PT)")[0].astype("string")
    ledger.reject(
        kinds.isna(),
        RejectReason.UNKNOWN_SHOT_TYPE,
        cells,
        "must start with '2PT' or '3PT', or the shot's worth is unknown; correct it in the file",
    )
    return kinds
