"""Producers of the two team tables: the same reading and the same team games, seen from either side."""

from collections.abc import Callable
from datetime import datetime

import pandas as pd

from analytics_assets.assets.box_sources import BOX_TABLES, BoxSources, judged_games, sources_by_date
from analytics_assets.assets.event_sources import EVENT_TABLES
from analytics_assets.assets.producer import Built
from analytics_assets.assets.slice_inputs import SliceInputs
from analytics_assets.raw.declarations import NBAC_REFEREE_GAME_ASSIGNMENTS, NBAC_SCHEDULE
from analytics_assets.raw.referees import referee_crews
from analytics_assets.raw.refused_rows import describe_refused, joined_refused
from analytics_assets.raw.source_tracking import source_tracking
from analytics_assets.stats.team_game_summaries import build_team_defense, build_team_offense
from analytics_assets.stats.team_games import build_team_games
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY

_PLAYER_PREFIXES = {
    "source_gamebook_players": "nbac_gamebook_player_stats",
    "source_nbac_box_players": "nbac_player_boxscores",
    "source_bdl_players": "bdl_player_boxscores",
}
_EVENT_PREFIXES = {"source_bbd": "bigdataball_play_by_play", "source_play_by_play": "nbac_play_by_play"}
_Builder = Callable[[pd.DataFrame, pd.DataFrame, pd.Timestamp], pd.DataFrame]


class TeamGameSummaryProducer:
    """Builds one of the team tables.

    Args:
        table: Declaration.
        builder: Turns team games into the table's rows.
        team_box_prefix: Source-tracking prefix under which the table keeps the team box.
    """

    raw_tables = (NBAC_SCHEDULE, *BOX_TABLES, *EVENT_TABLES, NBAC_REFEREE_GAME_ASSIGNMENTS)
    analytics_tables = ()
    warn_hours = 24.0
    fail_hours = 72.0
    historical_rule = True

    def __init__(self, table: Table, builder: _Builder, team_box_prefix: str) -> None:
        self.table = table
        self._builder = builder
        self._box_prefixes = {team_box_prefix: "nbac_team_boxscore", **_PLAYER_PREFIXES}

    def build(self, inputs: SliceInputs, now: datetime) -> Built:
        """Build all dates; see :class:`Producer`."""
        reader, schedule, box, events = inputs.reader(), inputs.schedule, inputs.box, inputs.events
        referees = reader.read_optional(NBAC_REFEREE_GAME_ASSIGNMENTS)
        crews, refused_referees = referee_crews(referees, schedule.games)
        lines = _complete(box)
        team_games = build_team_games(lines, events.of_teams(), inputs.absences, crews)
        expected = box.teams[["game_date", "game_id", "team_abbr"]]
        tracking = box.tracking(self._box_prefixes).merge(events.tracking(_EVENT_PREFIXES, expected), on="game_date")
        tracking = tracking.merge(
            source_tracking("source_referees", NBAC_REFEREE_GAME_ASSIGNMENTS, referees, crews[["game_id"]], expected),
            on="game_date",
        )
        crew_refusals = describe_refused(referees, refused_referees, NBAC_REFEREE_GAME_ASSIGNMENTS.name)
        return Built(
            rows=self._builder(team_games, tracking, pd.Timestamp(now)),
            games=judged_games(box.team_lines.assign(rows_expected=1), schedule.games),
            last_updated=lines.groupby("game_date")["processed_at"].max(),
            sources=sources_by_date(lines),
            refused=joined_refused([box.refused, events.refused, crew_refusals]),
            unscheduled=box.unscheduled,
            warnings=inputs.warnings(reader),
        )


TEAM_OFFENSE_PRODUCER = TeamGameSummaryProducer(TEAM_OFFENSE_GAME_SUMMARY, build_team_offense, "source_nbac_boxscore")
TEAM_DEFENSE_PRODUCER = TeamGameSummaryProducer(TEAM_DEFENSE_GAME_SUMMARY, build_team_defense, "source_team_boxscore")


def _complete(box: BoxSources) -> pd.DataFrame:
    """Team lines of games in which both teams have a usable source."""
    usable = box.team_lines["source"].notna()
    return box.team_lines[usable.groupby(box.team_lines["game_id"]).transform("all")]
