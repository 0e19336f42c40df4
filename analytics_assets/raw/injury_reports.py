"""Injury reports: what the last one that counts says of each player of a game."""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.raw.declarations.reports import INJURY_STATUSES
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.row_sieve import (
    RowSieve,
    match_distinct_games,
    match_teams,
    refuse_other_times,
    refuse_rows,
)

_PLAYER = ["game_id", "player_lookup"]
_STATUS_COLUMNS = ["game_id", "team_abbr", "player_lookup", "injury_status", "injury_report", "reported_at"]


@dataclass(frozen=True)
class InjuryReports:
    """What is known of players' health before their games.

    Attributes:
        statuses: One row per ``game_id`` and ``player_lookup`` whom any report that counts names: ``team_abbr`` and
            ``injury_status`` (``out``, ``doubtful``, ``questionable``, ``probable``, ``available``) of the last one,
            ``injury_report`` (its reason in the report's words, NULL if it gives none), ``reported_at`` (UTC). A game
            without rows has no report: nothing is known of its players.
        in_time: ``game_id`` by index label of the raw rows that were not refused and published at or before their
            game's moment.
        refused: ``row`` (index label in the raw frame), ``reason``, ``detail``, ``game_id`` and ``team_abbr`` if known.
    """

    statuses: pd.DataFrame
    in_time: pd.DataFrame
    refused: pd.DataFrame


def last_reports(raw: pd.DataFrame, games: pd.DataFrame, as_of: pd.Series) -> InjuryReports:
    """The last report on each player of a game, published at or before the game's moment.

    A player whom a later edition no longer names keeps what the last one said that names him. Of several rows of one
    player and moment the one written last counts.

    Args:
        raw: Frame of ``nbac_injury_report`` with a unique index.
        games: ``Schedule.games``.
        as_of: Latest moment that counts, UTC, by ``game_id``; of games without one no report counts.

    Returns:
        Refused are, besides what :func:`match_games` and :func:`match_teams` refuse: ``player_missing``,
        ``report_time_unknown``, ``time_out_of_range`` and ``unknown_injury_status``.
    """
    sieve = RowSieve(raw)
    match_distinct_games(sieve, games)
    match_teams(sieve)
    status = sieve.rows["injury_status"].astype("string").str.strip().str.lower()
    sieve.rows = sieve.rows.assign(player_lookup=player_lookups(sieve.rows["player_lookup"]), injury_status=status)
    lookup = sieve.rows["player_lookup"]
    sieve.refuse(lookup.isna() | (lookup == ""), "player_missing", "player_lookup is empty; give the player's name")
    sieve.refuse(
        sieve.rows["reported_at"].isna(),
        "report_time_unknown",
        "reported_at is NULL; give the time at which the report was published",
    )
    refuse_other_times(sieve, "reported_at")
    refuse_rows(
        sieve,
        ~sieve.rows["injury_status"].isin(INJURY_STATUSES),
        "unknown_injury_status",
        lambda rows: (
            "injury_status '"
            + rows["injury_status"].fillna("NULL")
            + f"' is none of {', '.join(INJURY_STATUSES)}; correct it and load again"
        ),
    )
    rows = sieve.rows
    in_time = rows[rows["reported_at"] <= rows["game_id"].map(as_of)].rename(columns={"reason": "injury_report"})
    # Ties are settled by content, so that the order of rows decides nothing.
    order = ["reported_at", "processed_at", "injury_status", "injury_report", "team_abbr"]
    last = in_time.sort_values(order, na_position="first").drop_duplicates(_PLAYER, keep="last")
    statuses = last[_STATUS_COLUMNS].sort_values(_PLAYER, ignore_index=True)
    return InjuryReports(statuses=statuses, in_time=in_time[["game_id"]], refused=sieve.refused)
