"""What reading one file gives, whatever its source: its kind, frames of our raw tables, and what is in none of them."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pandas as pd


class FileKind(StrEnum):
    """What a file holds."""

    PLAYER_GAME_LOG = "player_game_log"
    TEAM_GAME_LOG = "team_game_log"
    RESULTS = "results"
    SCHEDULE = "schedule"
    LIVE_PLAY_BY_PLAY = "live_play_by_play"
    PLAY_BY_PLAY_V3 = "play_by_play_v3"
    FLAT_PLAY_BY_PLAY = "flat_play_by_play"
    SHOT_CHART = "shot_chart"
    ODDS = "odds"
    PLAYER_LIST = "player_list"
    BOX_SCORE_V3 = "box_score_v3"
    TEAM_ROSTER = "team_roster"
    INJURY_REPORT = "injury_report"
    MAPPED_TABLE = "mapped_table"


@dataclass(frozen=True)
class LoadedFile:
    """What one file gave. Every row of the file is in the frame of its table, in ``rejected`` or in ``skipped``.

    Attributes:
        path: The file.
        kind: What it holds.
        frames: Frames by raw table name, each with exactly its declaration's columns and types. The registry is
            derived from the player lines, or from a list of players: one row per player and season, not per line.
        rejected: ``row_number`` (from 1, a CSV header not counted), ``reason`` (a :class:`RejectReason`), ``detail``
            (column, value and what to do), ``raw_values`` (the row as it stood, JSON text).
        skipped: Rows that are sound and belong in no raw table, counted by what they are. Rows are numbered without
            them.
    """

    path: Path
    kind: FileKind
    frames: dict[str, pd.DataFrame]
    rejected: pd.DataFrame
    skipped: dict[str, int] = field(default_factory=dict)
