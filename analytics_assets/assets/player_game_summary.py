"""Producer of ``player_game_summary``: reads raw frames, calls the pure steps in order."""

from datetime import datetime

import pandas as pd

from analytics_assets.assets.box_sources import BOX_TABLES, judged_games, sources_by_date
from analytics_assets.assets.event_sources import EVENT_TABLES, read_late_game
from analytics_assets.assets.producer import Built
from analytics_assets.assets.slice_inputs import SliceInputs
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    NBAC_SCHEDULE,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.raw.points_props import interpret_points_props
from analytics_assets.raw.refused_rows import describe_refused, joined_refused
from analytics_assets.raw.source_tracking import source_tracking
from analytics_assets.stats.player_game_summary import build_player_game_summary
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY

_BOX_PREFIXES = {
    "source_nbac": "nbac_gamebook_player_stats",
    "source_nbac_box": "nbac_player_boxscores",
    "source_bdl": "bdl_player_boxscores",
    "source_team": "nbac_team_boxscore",
}
_EVENT_PREFIXES = {"source_bbd": "bigdataball_play_by_play", "source_nbac_pbp": "nbac_play_by_play"}
_PROP_TABLES = {"source_odds": ODDS_API_PLAYER_POINTS_PROPS, "source_bp": BETTINGPROS_PLAYER_POINTS_PROPS}


class PlayerGameSummaryProducer:
    """Builds player rows from the gamebook, NBA.com's box or balldontlie, whichever adds up."""

    table = PLAYER_GAME_SUMMARY
    raw_tables = (NBAC_SCHEDULE, *BOX_TABLES, *EVENT_TABLES, *_PROP_TABLES.values())
    analytics_tables = ()
    warn_hours = 12.0
    fail_hours = 24.0
    historical_rule = True

    def build(self, inputs: SliceInputs, now: datetime) -> Built:
        """Build all dates; see :class:`Producer`."""
        reader, schedule, box, events = inputs.reader(), inputs.schedule, inputs.box, inputs.events
        raw_props = {table.name: reader.read_optional(table) for table in _PROP_TABLES.values()}
        props = interpret_points_props(
            raw_props[ODDS_API_PLAYER_POINTS_PROPS.name],
            raw_props[BETTINGPROS_PLAYER_POINTS_PROPS.name],
            schedule.games,
        )
        expected = box.teams[["game_date", "game_id", "team_abbr"]]
        tracking = box.tracking(_BOX_PREFIXES).merge(events.tracking(_EVENT_PREFIXES, expected), on="game_date")
        for prefix, table in _PROP_TABLES.items():
            matched = props.matched[table.name][["game_id"]]
            part = source_tracking(prefix, table, raw_props[table.name], matched, expected)
            tracking = tracking.merge(part, on="game_date")
        rows = build_player_game_summary(
            lines=box.chosen.lines,
            teams=box.teams,
            team_events=events.of_teams(),
            player_events=events.of_players(),
            late_game=read_late_game(reader, schedule, box),
            points_lines=props.lines,
            registry=box.registry,
            tracking=tracking,
            now=pd.Timestamp(now),
        )
        refused = [box.refused, events.refused]
        for name, raw in raw_props.items():
            refused.append(describe_refused(raw, props.refused[props.refused["source_table"] == name], name))
        return Built(
            rows=rows,
            games=judged_games(box.chosen.teams, schedule.games),
            last_updated=box.chosen.lines.groupby("game_date")["processed_at"].max(),
            sources=sources_by_date(box.chosen.lines),
            refused=joined_refused(refused),
            unscheduled=box.unscheduled,
            warnings=inputs.warnings(reader),
        )
