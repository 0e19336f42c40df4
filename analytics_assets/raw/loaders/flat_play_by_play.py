"""Tables of the live feed's events, many games a file with one line an event, to rows of the raw play-by-play."""

import re
from datetime import datetime

import pandas as pd

from analytics_assets.raw.declarations.play_by_play import TECHNICAL_FREE_THROW
from analytics_assets.raw.loaders.events import (
    FREE_THROW,
    REPEATED_EVENT,
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
    places_in_time,
    sides_of_rebounds,
)
from analytics_assets.raw.loaders.rows import (
    RowLedger,
    check_dates,
    check_game_ids,
    check_whole_numbers,
    eastern_date,
    texts,
)

FLAT_EVENT_COLUMNS = (
    *("GAME_ID", "DATE", "PERIOD", "CLOCK", "ACTIONNUMBER", "ACTIONTYPE", "DESCRIPTION", "QUALIFIER"),
    *("SCOREHOME", "SCOREAWAY", "SHOTRESULT", "TEAM", "PERSON_ID"),
    *("ASSISTER_ID", "BLOCKPERSONID", "STEALPERSONID", "FOULDRAWNPERSONID", "PLAYERS_ON"),
)

# The finer kind stands in lower case between the name and the kind, as in "D. White 7' running Layup (2 PTS)".
_LOWER = r"(?:^|\s)((?:[a-z0-9][a-z0-9-]* )*)"
_SHOT = rf"{_LOWER}(Layup|DUNK|Hook|Jump Shot|Shot|3PT)"
_FOUL = rf"{_LOWER}FOUL"
_TURNOVER = rf"{_LOWER}(?:Team )?TURNOVER"


def flat_event_frames(lines: pd.DataFrame, ledger: RowLedger, now: datetime) -> dict[str, pd.DataFrame]:
    """Raw play-by-play rows of a table of events.

    Args:
        lines: Cells under upper-case names: at least ``FLAT_EVENT_COLUMNS``. ``QUALIFIER`` is a list written as text,
            ``PLAYERS_ON`` player ids between bars; finer kinds stand only in ``DESCRIPTION``.
        ledger: Takes the rejected events.
        now: Moment of loading, with a time zone.

    Returns:
        One frame under its raw table name, ``nbac_play_by_play``. Places in the game follow the clock, because events
        that were added later carry high action numbers. The distance of shots is NULL: the text tells it only for some.
    """
    events = pd.DataFrame(index=lines.index)
    events["nba_game_id"] = check_game_ids(ledger, lines["GAME_ID"])
    events["game_date"] = check_dates(ledger, lines["DATE"], latest=eastern_date(now))
    numbers = check_needed_numbers(ledger, lines["ACTIONNUMBER"], "the action's number in the game")
    events["period"] = check_needed_numbers(ledger, lines["PERIOD"], "the period", at_least=1)
    events["seconds_remaining"] = check_clocks(ledger, lines["CLOCK"])
    events["home_score"] = check_whole_numbers(ledger, lines["SCOREHOME"])
    events["away_score"] = check_whole_numbers(ledger, lines["SCOREAWAY"])
    events["event_type"] = texts(lines["ACTIONTYPE"]).str.lower()
    events["event_description"] = texts(lines["DESCRIPTION"])
    events["player_1_team_abbr"] = check_teams(ledger, lines["TEAM"])
    events["player_1_id"] = check_player_ids(ledger, lines["PERSON_ID"])
    events["shot_type"] = events["event_type"].map(SHOT_TYPE_OF_EVENT).astype("string")
    attempts = events["shot_type"].notna() | (events["event_type"] == FREE_THROW).fillna(False)
    events["shot_made"] = check_results(ledger, lines["SHOTRESULT"], attempts)
    check_shooting_teams(ledger, events, lines["TEAM"])
    events["qualifiers"] = _each_once(texts(lines["QUALIFIER"]).fillna("[]"), r"[\w-]+")
    events["players_on_court"] = _each_once(texts(lines["PLAYERS_ON"]), r"[^|]+")
    add_second_players(
        events,
        assisters=check_player_ids(ledger, lines["ASSISTER_ID"]),
        blockers=check_player_ids(ledger, lines["BLOCKPERSONID"]),
        stealers=check_player_ids(ledger, lines["STEALPERSONID"]),
        fouled=check_player_ids(ledger, lines["FOULDRAWNPERSONID"]),
    )
    repeated = pd.DataFrame({"game": events["nba_game_id"], "number": numbers})
    ledger.reject_repeated(repeated, lines["ACTIONNUMBER"], REPEATED_EVENT)
    # Within a second the score tells which side of a basket an event was on.
    score = events["home_score"] + events["away_score"]
    events["event_order"] = places_in_time(events, ledger.kept, [score, numbers])
    _add_sub_types(events)
    add_game_ids_by_score(events, ledger.kept)
    return event_frames(events, ledger, lines["ACTIONNUMBER"], now)


def _each_once(written: pd.Series, entry: str) -> pd.Series:
    """The entries of each text that match a pattern, each distinct text read once; None where there is no text."""
    found = {text: re.findall(entry, text) for text in written.dropna().unique()}
    return pd.Series([None if pd.isna(text) else found[text] for text in written], index=written.index, dtype=object)


def _add_sub_types(events: pd.DataFrame) -> None:
    """Add the finer kind from the text, and the type of rebounds."""
    kind, text = events["event_type"], events["event_description"]
    shots, fouls, turnovers = (text.str.extract(pattern) for pattern in (_SHOT, _FOUL, _TURNOVER))
    sides = sides_of_rebounds(events)
    cases = {
        FREE_THROW: text.str.extract(r"([0-9] of [0-9])")[0].mask(
            text.str.contains("technical Free Throw").fillna(False), TECHNICAL_FREE_THROW
        ),
        "foul": _foul_kinds(fouls[0], text),
        "turnover": turnovers[0],
        "rebound": sides,
        "substitution": text.str.extract(r"^SUB (in|out):")[0],
        **{shot: shots[0] + shots[1].str.lower() for shot in SHOT_TYPE_OF_EVENT},
    }
    finer = pd.Series(pd.NA, index=events.index, dtype="string")
    for name, values in cases.items():
        finer = finer.mask((kind == name).fillna(False), values.astype("string").str.strip())
    events["event_sub_type"] = finer.replace("", pd.NA)
    dead = events["qualifiers"].map(lambda marks: "deadball" in marks).astype(bool)
    events["rebound_type"] = sides.where(~dead)


def _foul_kinds(words: pd.Series, text: pd.Series) -> pd.Series:
    """'shooting personal' is a shooting foul, 'personal' stays; technical and offensive ones go by that name."""
    kinds = words.str.strip().str.replace(r"^(.+) personal$", r"\1", regex=True)
    for name in ("offensive", "technical"):
        kinds = kinds.mask(text.str.contains(rf"\b{name}\b").fillna(False), name)
    return kinds
