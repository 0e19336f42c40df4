"""Turning raw player box rows of any source into comparable lines, and refusing rows that break a rule.

Every raw row of a counted game ends either in the lines or among the refused rows with a reason.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics_assets.raw.declarations import BOX_COUNTS
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.row_sieve import (
    HIGHEST_COUNT,
    RowSieve,
    check_counts,
    drop_superseded,
    match_games,
    match_teams,
    refuse_rows,
    shown,
)
from analytics_assets.stats import formulas
from analytics_assets.stats.minutes import parse_minutes, unreadable_minutes

HIGHEST_SHOOTING_RATE = 1.5
# Refused rows with these reasons leave nothing missing: a better row of the same player stays.
HARMLESS_REASONS = ("duplicate_superseded",)
# The row's game is known and its team is not: it may belong to either side.
TEAM_UNKNOWN_REASONS = ("team_missing", "unknown_tricode", "team_not_in_game")
# Rows of games that count, on a date for which the schedule has no such game.
_UNSCHEDULED_REASONS = ("game_not_in_schedule", "game_called_off")

_STATUSES = ("active", "dnp", "inactive")


@dataclass(frozen=True)
class PlayerLines:
    """Lines of one source.

    Attributes:
        lines: One row per player and game of counted games on the schedule: game identity from the schedule,
            ``team_abbr``, ``opponent_team_abbr``, ``home_game``, ``player_lookup``, ``player_name``,
            ``nba_player_id`` (NULL if unknown), raw counts (NULL for those who did not play), ``minutes_played``
            (decimal), ``minutes_raw``, ``minutes_are_rounded``, ``plus_minus``, ``starter``, ``player_status``,
            ``played``, ``dnp_reason``, ``source``, ``processed_at``.
        refused: ``row`` (index label in the raw frame), ``reason``, ``detail``; ``game_id`` and ``team_abbr`` if known.
        unscheduled: Dates with rows of counted games that the schedule does not hold or calls off.
    """

    lines: pd.DataFrame
    refused: pd.DataFrame
    unscheduled: pd.DataFrame


def interpret_player_rows(raw: pd.DataFrame, source: str, games: pd.DataFrame) -> PlayerLines:
    """Interpret the raw rows of one player box source.

    Args:
        raw: Frame of the raw table with a unique index.
        source: Name of the raw table.
        games: ``Schedule.games``.
    """
    sieve = RowSieve(raw)
    match_games(sieve, games)
    refused = sieve.refused
    outside = refused.loc[refused["reason"].isin(_UNSCHEDULED_REASONS), "row"]
    unscheduled = raw.loc[outside, ["game_date"]].drop_duplicates()
    match_teams(sieve)
    lookup = player_lookups(sieve.rows["player_lookup"])
    sieve.rows = sieve.rows.assign(player_lookup=lookup)
    sieve.refuse(lookup.isna() | (lookup == ""), "player_missing", "player_lookup is empty; give the player's name")
    _read_participation(sieve)
    check_counts(sieve)
    beyond = sieve.rows["plus_minus"].astype("Float64").abs() > HIGHEST_COUNT
    refuse_rows(
        sieve,
        beyond,
        "count_out_of_range",
        lambda rows: "plus_minus is " + shown(rows["plus_minus"]) + "; correct it and load again",
    )
    check_shooting_rates(sieve)
    drop_superseded(sieve, ["game_id", "player_lookup"], "player")
    lines = sieve.rows.copy()
    not_played = ~lines["played"].astype(bool)
    for name in (*BOX_COUNTS, "plus_minus", "minutes_played"):
        lines[name] = lines[name].mask(not_played)
    lines["source"] = source
    return PlayerLines(lines=lines[_LINE_COLUMNS], refused=sieve.refused, unscheduled=unscheduled)


_LINE_COLUMNS = [
    *("nba_game_id", "game_id", "game_date", "season_year", "game_type", "game_status_at_processing"),
    *("team_abbr", "opponent_team_abbr", "home_game", "player_lookup", "player_name", "nba_player_id"),
    *BOX_COUNTS,
    *("minutes_played", "minutes_raw", "minutes_are_rounded", "plus_minus", "starter"),
    *("player_status", "played", "dnp_reason", "source", "processed_at"),
]


def _read_participation(sieve: RowSieve) -> None:
    rows = sieve.rows.copy()
    absent = pd.Series(pd.NA, index=rows.index)
    optional: dict[str, Any] = {
        "starter": "boolean",
        "plus_minus": "Int64",
        "dnp_reason": "string",
        "player_status": "string",
        "minutes_are_rounded": "boolean",
        "raw_status": "string",
        "nba_player_id": "Int64",
    }
    for name, dtype in optional.items():
        rows[name] = rows[name].astype(dtype) if name in rows.columns else absent.astype(dtype)
    rows["minutes_raw"] = rows["minutes"].astype("string")
    rows["minutes_played"] = parse_minutes(rows["minutes_raw"])
    rows["minutes_are_rounded"] = rows["minutes_are_rounded"].fillna(False).astype(bool)
    reason = rows["dnp_reason"].str.strip()
    rows["dnp_reason"] = reason.mask(reason == "")
    status = rows["player_status"].str.strip().str.lower()
    did_something = (rows[list(BOX_COUNTS)].fillna(0) != 0).any(axis=1) | (rows["minutes_played"].fillna(0) > 0)
    # Only a source that rounds minutes and lists nobody else may call a player with 0 minutes a participant.
    listed_means_played = rows["minutes_are_rounded"] & rows["dnp_reason"].isna() & status.isna()
    played = (did_something | listed_means_played) & ~status.isin(["dnp", "inactive"]).fillna(False)
    commented_out = rows["dnp_reason"].notna() & ~did_something
    rows["played"] = (played & ~commented_out).astype(bool)
    rows["did_something"] = did_something
    guessed = pd.Series("dnp", index=rows.index, dtype="string").mask(rows["played"], "active")
    rows["player_status"] = status.fillna(guessed)
    state = rows["game_status"].map({1: "scheduled", 2: "in_progress", 3: "final"})
    rows["game_status_at_processing"] = state.fillna("scheduled").astype("string")
    sieve.rows = rows
    sieve.refuse(
        ~rows["player_status"].isin(_STATUSES),
        "unknown_player_status",
        "player_status '" + rows["player_status"] + "' is none of " + ", ".join(_STATUSES),
    )
    rows = sieve.rows
    sieve.refuse(
        unreadable_minutes(rows["minutes_raw"]),
        "unreadable_minutes",
        "minutes '" + rows["minutes_raw"] + "' is neither MM:SS nor a decimal number; correct it and load again",
    )
    rows = sieve.rows
    sieve.refuse(rows["minutes_played"] < 0, "negative_minutes", "minutes '" + rows["minutes_raw"] + "' is negative")
    rows = sieve.rows
    numbers = rows["minutes_raw"].fillna("unknown") + ", points " + rows["points"].astype("string").fillna("unknown")
    sieve.refuse(
        rows["player_status"].isin(["dnp", "inactive"]) & rows["did_something"],
        "numbers_without_playing",
        "player_status '" + rows["player_status"] + "' but he played according to his numbers: minutes " + numbers,
    )


def check_shooting_rates(sieve: RowSieve) -> None:
    """Refuse rows whose effective field goals or true shooting exceed what shooting can give."""
    rows = sieve.rows
    efg = formulas.effective_field_goal_pct(rows["fg_made"], rows["three_pt_made"], rows["fg_attempted"])
    shooting = formulas.true_shooting_pct(rows["points"], rows["fg_attempted"], rows["ft_attempted"])
    beyond = (efg > HIGHEST_SHOOTING_RATE) | (shooting > HIGHEST_SHOOTING_RATE)
    detail = (
        "effective field goals "
        + efg.round(3).astype("string")
        + ", true shooting "
        + shooting.round(3).astype("string")
    )
    sieve.refuse(beyond, "shooting_rate_out_of_range", detail + f"; neither can exceed {HIGHEST_SHOOTING_RATE}")
