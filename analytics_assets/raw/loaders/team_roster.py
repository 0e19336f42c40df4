"""NBA.com's ``commonteamroster``, one team an answer, to rows of the raw rosters and the player registry."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, PLAYER_REGISTRY
from analytics_assets.raw.loaders.events import team_of_ids
from analytics_assets.raw.loaders.rows import RejectReason, RowLedger, dates, texts, whole_numbers
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.player_registry import registry_rows
from analytics_assets.tables.frames import conform

ROSTER_COLUMNS = ("TEAMID", "SEASON", "PLAYER", "POSITION", "PLAYER_ID")
_EASTERN = ZoneInfo("America/New_York")


def roster_date(fetched_at: datetime) -> date:
    """US-Eastern date for whose games a roster was known before they began.

    No game begins before noon: a roster read by then counts for that date, one read later for the next.
    """
    return (fetched_at.astimezone(_EASTERN).replace(tzinfo=None) + timedelta(hours=12)).date()


def roster_frames(
    lines: pd.DataFrame, ledger: RowLedger, fetched_at: datetime, now: datetime
) -> dict[str, pd.DataFrame]:
    """Raw roster rows of one team.

    Args:
        lines: Cells under upper-case names: at least ``ROSTER_COLUMNS``; ``BIRTH_DATE`` where the source has it.
        ledger: Takes the rejected players.
        fetched_at: Moment at which NBA.com was asked; the answer itself carries no date.
        now: Moment of loading, with a time zone.

    Returns:
        Frames by raw table name: ``espn_team_rosters`` and ``player_registry``. Two-way contracts are not told; players
        without an NBA.com id, and dates of birth that cannot be read, are missing from the registry only.
    """
    roster = pd.DataFrame(index=lines.index)
    roster["roster_date"] = pd.Timestamp(roster_date(fetched_at))
    roster["season_year"], _ = whole_numbers(texts(lines["SEASON"]).str.extract(r"^([0-9]{4})(?:-[0-9]{2})?$")[0])
    ledger.reject(
        roster["season_year"].isna(),
        RejectReason.MALFORMED_DATE,
        lines["SEASON"],
        "not the year in which a season starts; fetch the roster again",
    )
    roster["team_abbr"] = team_of_ids(lines["TEAMID"])
    ledger.reject(
        roster["team_abbr"].isna(), RejectReason.MISSING_TEAM, lines["TEAMID"], "not an NBA team id; fetch it again"
    )
    roster["player_name"] = texts(lines["PLAYER"])
    roster["player_lookup"] = player_lookups(roster["player_name"])
    ledger.reject(
        roster["player_lookup"].fillna("") == "",
        RejectReason.MISSING_PLAYER,
        lines["PLAYER"],
        "no name in Latin letters; fetch the roster again",
    )
    roster["position"] = texts(lines["POSITION"])
    ledger.reject_repeated(
        roster[["team_abbr", "player_lookup"]],
        lines["PLAYER"],
        "the same player stands further down again and that line is kept",
    )
    roster["processed_at"] = now
    kept = roster[ledger.kept].reset_index(drop=True)
    return {
        ESPN_TEAM_ROSTERS.name: conform(kept, ESPN_TEAM_ROSTERS),
        PLAYER_REGISTRY.name: _registry(kept, lines[ledger.kept].reset_index(drop=True), now),
    }


def _registry(roster: pd.DataFrame, lines: pd.DataFrame, now: datetime) -> pd.DataFrame:
    players = roster[["player_lookup", "season_year", "player_name"]].copy()
    players["nba_player_id"], _ = whole_numbers(lines["PLAYER_ID"])
    if "BIRTH_DATE" in lines:
        players["birth_date"] = dates(lines["BIRTH_DATE"])
    return registry_rows(players[(players["nba_player_id"] > 0).fillna(False)], now)
