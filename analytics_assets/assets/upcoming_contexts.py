"""Producers of the two context tables: what was known before tip-off, for dates past and to come."""

from datetime import datetime

import pandas as pd

from analytics_assets.assets.box_sources import sources_by_date
from analytics_assets.assets.context_inputs import CONTEXT_TABLES, SUMMARIES, ContextInputs
from analytics_assets.assets.producer import Built
from analytics_assets.assets.raw_reader import RawReader
from analytics_assets.assets.slice_inputs import SliceInputs
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    NBAC_INJURY_REPORT,
    NBAC_SCHEDULE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.refused_rows import REFUSED_COLUMNS, joined_refused
from analytics_assets.raw.rosters import players_as_of
from analytics_assets.raw.schedule import Schedule
from analytics_assets.stats.upcoming_player_game_context import build_upcoming_player_game_context
from analytics_assets.stats.upcoming_team_game_context import build_upcoming_team_game_context
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.tables.upcoming_team_game_context import UPCOMING_TEAM_GAME_CONTEXT

_PROPS_OF = {True: ODDS_API_PLAYER_POINTS_PROPS.name, False: BETTINGPROS_PLAYER_POINTS_PROPS.name}


class UpcomingTeamGameContextProducer:
    """Builds team contexts from schedule, summaries of earlier dates, lines and reports."""

    table = UPCOMING_TEAM_GAME_CONTEXT
    raw_tables = (NBAC_SCHEDULE, ODDS_API_GAME_LINES, NBAC_INJURY_REPORT)
    analytics_tables = SUMMARIES
    warn_hours = 12.0
    fail_hours = 36.0
    historical_rule = False

    def build(self, inputs: SliceInputs, now: datetime) -> Built:
        """Build all dates; see :class:`Producer`."""
        context = inputs.context(now)
        rows = build_upcoming_team_game_context(
            facts=context.facts,
            lines=context.lines.lines,
            statuses=context.reports.statuses,
            history=context.players,
            tracking=context.tracking,
            now=pd.Timestamp(now),
        )
        expected = context.facts.targets.groupby("game_id").size()
        return _built(inputs, inputs.reader(), context, rows, expected, context.refused, now)


class UpcomingPlayerGameContextProducer:
    """Builds player contexts for everyone on a roster as of the date or with a line."""

    table = UPCOMING_PLAYER_GAME_CONTEXT
    raw_tables = (*CONTEXT_TABLES, PLAYER_REGISTRY)
    analytics_tables = SUMMARIES
    warn_hours = 12.0
    fail_hours = 36.0
    historical_rule = False

    def build(self, inputs: SliceInputs, now: datetime) -> Built:
        """Build all dates; see :class:`Producer`."""
        reader, context = inputs.reader(), inputs.context(now)
        rosters, props = context.rosters, context.props.lines
        expected = players_as_of(context.facts.targets, rosters.rows, context.players, props)
        registry = ["player_lookup", "season_year", "universal_player_id", "birth_date"]
        rows = build_upcoming_player_game_context(
            facts=context.facts,
            players=expected.players,
            lines=context.lines.lines,
            props=props,
            statuses=context.reports.statuses,
            history=context.players,
            registry=reader.read_whole(PLAYER_REGISTRY, registry),
            tracking=context.tracking,
            now=pd.Timestamp(now),
        )
        # A broken row of an older roster was told on the date of that roster.
        of_rosters = rosters.refused[rosters.refused["game_date"].isin(reader.dates)]
        refused = joined_refused([context.refused, of_rosters, _lines_without_team(expected.unplaced_lines, context)])
        return _built(inputs, reader, context, rows, expected.players.groupby("game_id").size(), refused, now)


UPCOMING_TEAM_PRODUCER = UpcomingTeamGameContextProducer()
UPCOMING_PLAYER_PRODUCER = UpcomingPlayerGameContextProducer()


def _lines_without_team(unplaced: pd.DataFrame, context: ContextInputs) -> pd.DataFrame:
    """Lines that give nobody a row, in the shape in which refused rows are quarantined."""
    dates = context.facts.targets[["game_id", "game_date"]].drop_duplicates("game_id")
    lines = context.props.lines.merge(unplaced, on=["game_id", "player_lookup"]).merge(dates, on="game_id")
    if lines.empty:
        return pd.DataFrame(columns=REFUSED_COLUMNS)
    from_odds = lines["points_line_source"].str.startswith("odds_api").astype(bool)
    values = ["game_id", "player_lookup", "points_line", "opening_line", "points_line_source"]
    told = lines[["game_date", "game_id", "player_lookup"]].assign(
        source_table=from_odds.map(_PROPS_OF),
        reason="player_without_team",
        detail=lines["player_lookup"] + " has a line, but no roster and no appearance of the season puts him into "
        "this game; load espn_team_rosters, or correct the name",
        raw_values=lines[values].to_json(orient="records", lines=True).splitlines(),
    )
    return told[REFUSED_COLUMNS]


def _built(
    inputs: SliceInputs,
    reader: RawReader,
    context: ContextInputs,
    rows: pd.DataFrame,
    expected_rows: pd.Series,
    refused: pd.DataFrame,
    now: datetime,
) -> Built:
    """What the shared routine wants to know; a game is complete when both teams have rows."""
    targets = context.facts.targets
    games = targets[["game_date", "game_id"]].drop_duplicates("game_id").reset_index(drop=True)
    problem = _teams_without_rows(targets, rows).reindex(games["game_id"]).set_axis(games.index)
    found = rows.groupby("game_id").size().reindex(games["game_id"]).fillna(0).astype("int64").to_numpy()
    complete = problem.isna().to_numpy()
    sources = rows[["game_date"]].assign(source=rows["primary_source_used"].astype("string"))
    return Built(
        rows=rows[rows["game_id"].isin(games["game_id"][complete])].reset_index(drop=True),
        games=games.assign(
            complete=complete,
            rows_expected=expected_rows.reindex(games["game_id"]).fillna(0).astype("Int64").to_numpy(),
            rows_seen=found,
            problem=problem,
            faulty=False,
            # What happened before the date must be known; the date's own games need not be over.
            final=True,
            ends_at=_latest_ends_before(inputs.schedule, games["game_date"], pd.Timestamp(now)),
        ),
        last_updated=pd.Series(inputs.schedule.games["processed_at"].max(), index=games["game_date"].unique()),
        sources=sources_by_date(sources),
        refused=refused,
        unscheduled=frozenset(),
        warnings=inputs.warnings(reader),
    )


def _teams_without_rows(targets: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """What is missing, by ``game_id`` of the games in which a team has no row."""
    side = ["game_id", "team_abbr"]
    told = rows[side].drop_duplicates().assign(told=True)
    silent = targets[side].merge(told, on=side, how="left")
    teams = silent[silent["told"].isna()].groupby("game_id")["team_abbr"].agg(" and ".join)
    text = "no roster, no line and no earlier game of the season tells who plays for "
    return text + teams.astype("string") + "; load espn_team_rosters"


def _latest_ends_before(schedule: Schedule, dates: pd.Series, now: pd.Timestamp) -> pd.Series:
    """When the last game before each date ended, of those that have; NULL where none has."""
    games = schedule.games[schedule.games["counts"]]
    over = games.loc[games["ends_at"] <= now, ["game_date", "ends_at"]].sort_values("game_date")
    over["ends_at"] = over["ends_at"].cummax()
    asked = dates.to_frame().reset_index().sort_values("game_date", kind="stable")
    found = pd.merge_asof(asked, over, on="game_date", allow_exact_matches=False)
    return found.set_index("index")["ends_at"].reindex(dates.index)
