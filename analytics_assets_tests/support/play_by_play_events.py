"""Literal rows of the raw play-by-play tables: events of BOS at LAL, and a warehouse that holds them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analytics_assets.raw.declarations import NBAC_PLAY_BY_PLAY
from analytics_assets.tables.declaration import Table
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.raw_rows import moment, raw_frame

DAY = "2024-01-10"
GAME_ID = "20240110_BOS_LAL"


def event(kind: str, player: str | None = None, **more: Any) -> dict[str, Any]:
    """An event of BOS, ten minutes before the end of the first period, unless changed."""
    return {
        "game_id": GAME_ID,
        "nba_game_id": "0022300001",
        "game_date": pd.Timestamp(DAY),
        "season_year": 2023,
        "period": 1,
        "seconds_remaining": 600.0,
        "event_type": kind,
        "player_1_lookup": player,
        "player_1_team_abbr": "BOS",
        "qualifiers": None,
        "processed_at": moment("2024-01-11T05:00"),
        **more,
    }


def two(player: str, made: bool, distance: float | None = 5.0, **more: Any) -> dict[str, Any]:
    """A two-pointer."""
    return event("2pt", player, **{"shot_type": "2PT", "shot_made": made, "shot_distance": distance, **more})


def three(player: str, made: bool, **more: Any) -> dict[str, Any]:
    """A three-pointer from 25 feet."""
    return event("3pt", player, **{"shot_type": "3PT", "shot_made": made, "shot_distance": 25.0, **more})


def free_throw(player: str, which: str, made: bool = True, **more: Any) -> dict[str, Any]:
    """A free throw; ``which`` is '1 of 2', 'technical' and so on."""
    return event("freethrow", player, **{"event_sub_type": which, "shot_made": made, **more})


def shooting_foul(player: str, drawn_by: str | None, **more: Any) -> dict[str, Any]:
    """A shooting foul of LAL; without ``drawn_by`` the feed does not say who drew it."""
    role = None if drawn_by is None else "foul_drawn"
    drawn = {"player_2_role": role, "player_2_lookup": drawn_by, "player_1_team_abbr": "LAL"}
    return event("foul", player, **{"event_sub_type": "shooting", **drawn, **more})


def rebound(player: str, side: str | None, **more: Any) -> dict[str, Any]:
    """A rebound; ``side`` is None for a dead ball."""
    return event("rebound", player, **{"rebound_type": side, **more})


def by_assist(player: str) -> dict[str, Any]:
    """Changes for a shot that ``player`` assisted."""
    return {"player_2_role": "assist", "player_2_lookup": player}


def by_block(player: str) -> dict[str, Any]:
    """Changes for a shot that ``player`` blocked."""
    return {"player_2_role": "block", "player_2_lookup": player}


def in_order(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events with their places in the game; those that have one keep it."""
    placed = [{"event_order": place, **row} for place, row in enumerate(events, start=1)]
    return [{"data_hash": f"{row['event_order']}:{row.get('shot_made')}", **row} for row in placed]


def warehouse_with_events(
    path: Path, events: Sequence[dict[str, Any]], table: Table = NBAC_PLAY_BY_PLAY
) -> DuckDBWarehouse:
    """A DuckDB file with one play-by-play table; duplicates stay as they are."""
    warehouse = DuckDBWarehouse(path / "events.duckdb", wait_seconds=20)
    warehouse.ensure(table)
    if events:
        frame = raw_frame(table, in_order(events))
        warehouse.replace_dates(table, frame, sorted(set(frame["game_date"].dt.date)))
    return warehouse
