"""NBA.com's list of players (``commonallplayers``, ``commonplayerinfo``) to rows of the player registry."""

from datetime import datetime

import pandas as pd

from analytics_assets.raw.declarations import PLAYER_REGISTRY
from analytics_assets.raw.loaders.rows import RejectReason, RowLedger, dates, eastern_date, texts, whole_numbers
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.player_registry import registry_rows

PLAYER_LIST_COLUMNS = ("PERSON_ID", "DISPLAY_FIRST_LAST", "FROM_YEAR", "TO_YEAR")
# Box scores with play-by-play exist from this season on; nothing here reaches back further.
FIRST_LISTED_SEASON = 1996
_FIRST_SEASON_OF_THE_LEAGUE = 1946


def player_list_frames(lines: pd.DataFrame, ledger: RowLedger, now: datetime) -> dict[str, pd.DataFrame]:
    """Registry rows of a list of players: each under his name of today in every season between his first and last.

    Args:
        lines: Cells under upper-case names: at least ``PLAYER_LIST_COLUMNS``; ``BIRTHDATE`` where the source has it.
        ledger: Takes the rejected players.
        now: Moment of loading, with a time zone.

    Returns:
        One frame under its raw table name, ``player_registry``. Seasons before 1996-97 are left out.
    """
    players = pd.DataFrame(index=lines.index)
    players["nba_player_id"], unreadable = whole_numbers(lines["PERSON_ID"])
    ledger.reject(
        players["nba_player_id"].isna() | unreadable | (players["nba_player_id"] <= 0),
        RejectReason.MISSING_PLAYER,
        lines["PERSON_ID"],
        "not an NBA player id; fetch the list again",
    )
    players["player_name"] = texts(lines["DISPLAY_FIRST_LAST"])
    players["player_lookup"] = player_lookups(players["player_name"])
    ledger.reject(
        players["player_lookup"].fillna("") == "",
        RejectReason.MISSING_PLAYER,
        lines["DISPLAY_FIRST_LAST"],
        "no name in Latin letters; fill in the name as NBA.com writes it",
    )
    _add_seasons(players, lines, ledger, now)
    _add_birth_dates(players, lines, ledger, now)
    ledger.reject_repeated(
        players[["nba_player_id"]],
        lines["PERSON_ID"],
        "the same player stands further down again and that line is kept; remove one if they differ",
    )
    kept = players[ledger.kept]
    kept = kept[kept["until"] >= FIRST_LISTED_SEASON]
    first = kept["from"].clip(lower=FIRST_LISTED_SEASON).astype("int64")
    years = [list(range(start, end + 1)) for start, end in zip(first, kept["until"].astype("int64"), strict=True)]
    seasons = kept.assign(season_year=pd.Series(years, index=kept.index, dtype=object)).explode("season_year")
    seasons["season_year"] = seasons["season_year"].astype("Int64")
    return {PLAYER_REGISTRY.name: registry_rows(seasons.reset_index(drop=True), now)}


def _add_seasons(players: pd.DataFrame, lines: pd.DataFrame, ledger: RowLedger, now: datetime) -> None:
    latest = eastern_date(now).year + 1
    for name, column in (("from", "FROM_YEAR"), ("until", "TO_YEAR")):
        players[name], _ = whole_numbers(lines[column])
        ledger.reject(
            ~players[name].between(_FIRST_SEASON_OF_THE_LEAGUE, latest).fillna(False),
            RejectReason.MALFORMED_DATE,
            lines[column],
            f"must be the year in which a season started, {_FIRST_SEASON_OF_THE_LEAGUE} to {latest}; fetch the list "
            "again",
        )
    ledger.reject(
        players["from"] > players["until"],
        RejectReason.MALFORMED_DATE,
        lines["TO_YEAR"],
        "the last season lies before the first; fetch the list again",
    )


def _add_birth_dates(players: pd.DataFrame, lines: pd.DataFrame, ledger: RowLedger, now: datetime) -> None:
    players["birth_date"] = pd.Series(pd.NaT, index=lines.index, dtype="datetime64[ns]")
    if "BIRTHDATE" not in lines:
        return
    players["birth_date"] = dates(lines["BIRTHDATE"])
    wrong = texts(lines["BIRTHDATE"]).notna() & players["birth_date"].isna()
    ledger.reject(
        wrong | (players["birth_date"] > pd.Timestamp(eastern_date(now))),
        RejectReason.MALFORMED_DATE,
        lines["BIRTHDATE"],
        "not a date of birth; write it as YYYY-MM-DD, or leave it empty",
    )
