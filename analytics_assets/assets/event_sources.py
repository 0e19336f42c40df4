"""Reducing the play-by-play of some dates inside the engine: counts, which all summaries share, and line-ups."""

from dataclasses import dataclass

import pandas as pd

from analytics_assets.assets.box_sources import BoxSources
from analytics_assets.assets.raw_reader import RawReader
from analytics_assets.raw.declarations import BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY
from analytics_assets.raw.on_court import choose_late_game, interpret_late_game
from analytics_assets.raw.on_court_reduction import count_late_seconds
from analytics_assets.raw.play_by_play import (
    EVENT_COUNTS,
    ChosenPlayByPlay,
    PlayByPlay,
    choose_play_by_play,
    interpret_play_by_play,
)
from analytics_assets.raw.play_by_play_reduction import count_events, summarise_games
from analytics_assets.raw.refused_rows import joined_refused
from analytics_assets.raw.schedule import Schedule
from analytics_assets.raw.source_tracking import reduced_source_tracking
from analytics_assets.stats.box_names import BOX_NAMES

# Best first.
EVENT_TABLES = (BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY)


@dataclass(frozen=True)
class EventSources:
    """Play-by-play of some dates.

    Attributes:
        sources: Interpreted counts by raw table.
        chosen: The source of each game.
        refused: Refused reduced rows.
    """

    sources: dict[str, PlayByPlay]
    chosen: ChosenPlayByPlay
    refused: pd.DataFrame

    def of_teams(self) -> pd.DataFrame:
        """What is known per expected ``game_id`` and ``team_abbr``.

        The facts of the game (``play_by_play_source``, ``has_events``, ``is_qualified``, ``has_rebounds``,
        ``periods``), what the source tells (``tells_assists``, ``tells_free_throws``, ``tells_blocks``,
        ``tells_distances``), and the team's counts with the prefix ``pbp_``.
        """
        teams = self.chosen.expected[["game_id", "team_abbr"]].merge(self.chosen.games, on="game_id")
        return teams.merge(_prefixed(self.chosen.teams), on=["game_id", "team_abbr"], how="left")

    def of_players(self) -> pd.DataFrame:
        """Counts with the prefix ``pbp_`` per ``game_id``, ``team_abbr`` and ``player_lookup``."""
        return _prefixed(self.chosen.players[self.chosen.players["player_lookup"].notna()])

    def tracking(self, prefixes: dict[str, str], expected: pd.DataFrame) -> pd.DataFrame:
        """Source-tracking columns per ``game_date``; ``prefixes`` is prefix to raw table."""
        tracked = expected[["game_date"]].drop_duplicates()
        for prefix, name in prefixes.items():
            part = reduced_source_tracking(prefix, self.sources[name].games, expected)
            tracked = tracked.merge(part, on="game_date")
        return tracked


def read_event_sources(reader: RawReader, schedule: Schedule, box: BoxSources) -> EventSources:
    """Reduce the play-by-play of the reader's dates inside the engine and choose a source per game."""
    listed = box.listed_players()
    sources = {}
    for table in EVENT_TABLES:
        counts, facts = reader.reduce_optional(count_events(table)), reader.reduce_optional(summarise_games(table))
        sources[table.name] = interpret_play_by_play(counts, facts, table.name, schedule.games, listed)
    teams = box.team_lines.rename(columns=BOX_NAMES)[["game_id", "team_abbr", "fg_attempts", "ft_attempts", "assists"]]
    return EventSources(
        sources=sources,
        chosen=choose_play_by_play(list(sources.values()), teams),
        refused=joined_refused(source.refused for source in sources.values()),
    )


def read_late_game(reader: RawReader, schedule: Schedule, box: BoxSources) -> pd.DataFrame:
    """Reduce line-ups inside the engine to minutes and points late in the game; one source per game."""
    listed, lines = box.listed_players(), box.chosen.lines
    played = lines[lines["played"].astype(bool)]
    return choose_late_game(
        [
            interpret_late_game(
                reader.reduce_optional(count_late_seconds(table)), table.name, schedule.games, listed, played
            )
            for table in EVENT_TABLES
        ]
    )


def _prefixed(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.drop(columns="play_by_play_source").rename(columns={name: f"pbp_{name}" for name in EVENT_COUNTS})
