"""Player lines and team lines of NBA.com's ``LeagueGameLog`` to rows of the raw box scores and the player registry."""

from datetime import datetime

import numpy as np
import pandas as pd

from analytics_assets.league.games import canonical_game_ids, season_year_of_game_id
from analytics_assets.league.teams import canonical_tricodes
from analytics_assets.raw.declarations import BOX_COUNTS, NBAC_PLAYER_BOXSCORES, NBAC_TEAM_BOXSCORE, PLAYER_REGISTRY
from analytics_assets.raw.loaders.rows import (
    RejectReason,
    RowLedger,
    check_dates,
    check_game_ids,
    check_whole_numbers,
    eastern_date,
    texts,
    whole_numbers,
)
from analytics_assets.raw.names import player_lookups
from analytics_assets.tables.frames import conform

COUNT_COLUMNS = {
    "points": "PTS",
    "assists": "AST",
    "offensive_rebounds": "OREB",
    "defensive_rebounds": "DREB",
    "steals": "STL",
    "blocks": "BLK",
    "turnovers": "TOV",
    "personal_fouls": "PF",
    "fg_made": "FGM",
    "fg_attempted": "FGA",
    "three_pt_made": "FG3M",
    "three_pt_attempted": "FG3A",
    "ft_made": "FTM",
    "ft_attempted": "FTA",
}
_SHARED_COLUMNS = ("GAME_ID", "GAME_DATE", "MATCHUP", "TEAM_ABBREVIATION", "MIN", *COUNT_COLUMNS.values())
PLAYER_LINE_COLUMNS = ("PLAYER_ID", "PLAYER_NAME", *_SHARED_COLUMNS)
TEAM_LINE_COLUMNS = ("TEAM_ID", *_SHARED_COLUMNS)

_MATCHUP = r"^([A-Za-z]{2,4})\s+(vs\.?|VS\.?|@)\s+([A-Za-z]{2,4})$"
_MINUTES = r"[0-9]+(?:\.[0-9]+)?|[0-9]+:[0-5][0-9](?:\.[0-9]+)?"
_WHOLE_MINUTES = r"[0-9]+(?:\.0+)?"


def player_line_frames(lines: pd.DataFrame, ledger: RowLedger, now: datetime) -> dict[str, pd.DataFrame]:
    """Raw box rows and registry rows of player lines.

    Args:
        lines: Cells under upper-case names: at least ``PLAYER_LINE_COLUMNS``; ``PLUS_MINUS``, ``START_POSITION``
            and ``COMMENT`` where the source has them.
        ledger: Takes the rejected lines.
        now: Moment of loading, with a time zone.

    Returns:
        Frames by raw table name: ``nbac_player_boxscores`` and ``player_registry``.
    """
    box = _game_columns(lines, ledger, now)
    box["nba_player_id"], unreadable = whole_numbers(lines["PLAYER_ID"])
    box["player_name"] = texts(lines["PLAYER_NAME"])
    box["player_lookup"] = player_lookups(box["player_name"])
    ledger.reject(
        box["nba_player_id"].isna() | unreadable | (box["nba_player_id"] <= 0),
        RejectReason.MISSING_PLAYER,
        lines["PLAYER_ID"],
        "not an NBA player id; fill it in, or leave out the line if it is a team total",
    )
    ledger.reject(
        box["player_lookup"].isna() | (box["player_lookup"] == ""),
        RejectReason.MISSING_PLAYER,
        lines["PLAYER_NAME"],
        "no name in Latin letters; fill in the name as NBA.com writes it",
    )
    _add_measures(box, lines, ledger)
    ledger.reject_repeated(
        box[["nba_game_id", "nba_player_id"]],
        lines["PLAYER_NAME"],
        "the same player and game stand further down again and that line is kept; remove one if they differ",
    )
    _add_game_ids(box, ledger)
    _keep_lookups_distinct(box, ledger)
    ledger.reject_repeated(
        box[["game_id", "player_lookup"]],
        lines["GAME_ID"],
        "another game id further down has the same date, teams and player; remove the wrong one",
    )
    _add_did_not_play(box, lines, ledger)
    box["game_status"] = "Final"
    box["processed_at"] = now
    kept = box[ledger.kept].reset_index(drop=True)
    frame = kept.drop(columns=["away", "home", "is_home"])
    return {
        NBAC_PLAYER_BOXSCORES.name: conform(frame, NBAC_PLAYER_BOXSCORES),
        PLAYER_REGISTRY.name: _registry(kept),
    }


def team_line_frames(lines: pd.DataFrame, ledger: RowLedger, now: datetime) -> dict[str, pd.DataFrame]:
    """Raw box rows of team lines.

    Args:
        lines: Cells under upper-case names: at least ``TEAM_LINE_COLUMNS``; ``PLUS_MINUS`` where the source has it.
        ledger: Takes the rejected lines.
        now: Moment of loading, with a time zone.

    Returns:
        One frame under its raw table name, ``nbac_team_boxscore``.
    """
    box = _game_columns(lines, ledger, now)
    _add_measures(box, lines, ledger)
    ledger.reject_repeated(
        box[["nba_game_id", "team_abbr"]],
        lines["TEAM_ABBREVIATION"],
        "the same team and game stand further down again and that line is kept; remove one if they differ",
    )
    _add_game_ids(box, ledger)
    ledger.reject_repeated(
        box[["game_id", "team_abbr"]],
        lines["GAME_ID"],
        "another game id further down has the same date and teams; remove the wrong one",
    )
    box["processed_at"] = now
    kept = box[ledger.kept].reset_index(drop=True).drop(columns=["away", "home"])
    return {NBAC_TEAM_BOXSCORE.name: conform(kept, NBAC_TEAM_BOXSCORE)}


def _game_columns(lines: pd.DataFrame, ledger: RowLedger, now: datetime) -> pd.DataFrame:
    """Game, date, season, team and side of every line; lines where any of them is wrong are rejected."""
    box = pd.DataFrame(index=lines.index)
    box["nba_game_id"] = check_game_ids(ledger, lines["GAME_ID"])
    box["game_date"] = check_dates(ledger, lines["GAME_DATE"], latest=eastern_date(now))
    box["season_year"] = season_year_of_game_id(box["nba_game_id"])
    written_team = texts(lines["TEAM_ABBREVIATION"])
    box["team_abbr"] = canonical_tricodes(written_team)
    ledger.reject(
        written_team.isna(),
        RejectReason.MISSING_TEAM,
        lines["TEAM_ABBREVIATION"],
        "the line does not say whose it is; fill in the team's three-letter code",
    )
    unknown = "no team has this code; correct it, or add it to the variants in league/teams.py if it is a new spelling"
    ledger.reject(box["team_abbr"].isna(), RejectReason.UNKNOWN_TRICODE, lines["TEAM_ABBREVIATION"], unknown)

    parts = texts(lines["MATCHUP"]).str.extract(_MATCHUP)
    ledger.reject(
        parts[0].isna(),
        RejectReason.MALFORMED_MATCHUP,
        lines["MATCHUP"],
        "must read 'DEN vs. LAL' (at home) or 'LAL @ DEN' (away); correct it in the file",
    )
    own, other = canonical_tricodes(parts[0]), canonical_tricodes(parts[2])
    ledger.reject(own.isna() | other.isna(), RejectReason.UNKNOWN_TRICODE, lines["MATCHUP"], unknown)
    ledger.reject(
        (own != box["team_abbr"]) | (own == other),
        RejectReason.MALFORMED_MATCHUP,
        lines["MATCHUP"],
        "must name the line's own team (TEAM_ABBREVIATION) first and its opponent second; correct one of them",
    )
    box["is_home"] = (parts[1] != "@").astype("boolean")
    box["home"] = own.where(box["is_home"].fillna(False), other)
    box["away"] = other.where(box["is_home"].fillna(False), own)
    return box


def _add_measures(box: pd.DataFrame, lines: pd.DataFrame, ledger: RowLedger) -> None:
    """Add minutes as text, the counts and plus-minus."""
    box["minutes"] = texts(lines["MIN"])
    ledger.reject(
        box["minutes"].notna() & ~box["minutes"].str.fullmatch(_MINUTES).fillna(False),
        RejectReason.NOT_A_NUMBER,
        lines["MIN"],
        "minutes are whole (26), decimal (26.5) or minutes and seconds (26:30); correct it in the file",
    )
    for name in BOX_COUNTS:
        box[name] = check_whole_numbers(ledger, lines[COUNT_COLUMNS[name]])
    box["plus_minus"] = pd.Series(pd.NA, index=lines.index, dtype="Int64")
    if "PLUS_MINUS" in lines:
        # Some team lines carry an average such as -9.2 here. It is no point difference, and no reason to lose the line.
        box["plus_minus"] = check_whole_numbers(ledger, lines["PLUS_MINUS"], fractions_are_null=True)


def _add_game_ids(box: pd.DataFrame, ledger: RowLedger) -> None:
    """Add the canonical game id, or the NBA's own where the lines of a game contradict each other on who is at home.

    On neutral courts NBA.com writes '@' on the lines of both teams ('DAL @ DET' and 'DET @ DAL'). Which of them the
    league lists as home stands only in the schedule, so the id stays the NBA's ten digits and the side stays NULL.
    """
    box["game_id"] = canonical_game_ids(box["game_date"], box["away"], box["home"])
    good = box[ledger.kept]
    if good.empty:
        return
    home_first = (good["home"] < good["away"]).to_numpy(dtype=bool)
    pair = (good["home"] + good["away"]).where(home_first, good["away"] + good["home"])
    sides = good["home"].groupby([good["nba_game_id"], good["game_date"], pair]).transform("nunique")
    unsettled = sides.index[(sides > 1).to_numpy(dtype=bool)]
    box.loc[unsettled, "game_id"] = box.loc[unsettled, "nba_game_id"]
    box.loc[unsettled, "is_home"] = pd.NA


def _keep_lookups_distinct(box: pd.DataFrame, ledger: RowLedger) -> None:
    """Append the player id to lookups of namesakes in a season; the lowest id keeps the plain lookup."""
    good = box[ledger.kept]
    if good.empty:
        return
    lowest = good["nba_player_id"].groupby([good["player_lookup"], good["season_year"]]).transform("min")
    namesakes = good.index[(good["nba_player_id"] != lowest).to_numpy(dtype=bool)]
    ids = good.loc[namesakes, "nba_player_id"].astype("string")
    box.loc[namesakes, "player_lookup"] = good.loc[namesakes, "player_lookup"] + ids


def _add_did_not_play(box: pd.DataFrame, lines: pd.DataFrame, ledger: RowLedger) -> None:
    """Add starters, reasons for not playing and whether minutes are rounded; blank what those who sat cannot have."""
    written = box.loc[ledger.kept, "minutes"].dropna()
    rounded = bool(written.str.fullmatch(_WHOLE_MINUTES).all()) if len(written) else None
    box["minutes_are_rounded"] = pd.Series(rounded, index=box.index, dtype="boolean")
    if "START_POSITION" in lines:
        box["starter"] = texts(lines["START_POSITION"]).notna().astype("boolean")
    if "COMMENT" not in lines:
        return
    # A remark beside playing time is no reason for not playing: the player's counts are real.
    sat = ~box["minutes"].str.contains("[1-9]").fillna(False).astype(bool)
    box["dnp_reason"] = texts(lines["COMMENT"]).where(sat)
    did_not_play = box["dnp_reason"].notna().to_numpy(dtype=bool)
    measures = ["minutes", *BOX_COUNTS, "plus_minus"]
    box[measures] = box[measures].mask(np.repeat(did_not_play[:, None], len(measures), axis=1))


def _registry(box: pd.DataFrame) -> pd.DataFrame:
    players = box.drop_duplicates(["player_lookup", "season_year"], keep="last").reset_index(drop=True)
    registry = players[["player_lookup", "season_year", "nba_player_id", "player_name", "processed_at"]].copy()
    registry["universal_player_id"] = "nba-" + players["nba_player_id"].astype("string")
    return conform(registry, PLAYER_REGISTRY)
