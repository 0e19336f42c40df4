"""Rows of every raw table, made from its declaration, good and bad: nothing raises, and every row is accounted for."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.coverage.calendar import classify_dates
from analytics_assets.raw.as_of import as_of_moments
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_INJURY_REPORT,
    NBAC_REFEREE_GAME_ASSIGNMENTS,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.raw.game_lines import interpret_game_lines
from analytics_assets.raw.injury_reports import last_reports
from analytics_assets.raw.player_lines import interpret_player_rows
from analytics_assets.raw.points_props import interpret_points_props
from analytics_assets.raw.referees import referee_crews
from analytics_assets.raw.rosters import interpret_rosters
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.raw.team_lines import interpret_team_rows
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform, empty_frame
from analytics_assets_tests.bad_input.faulty_build import recorded_sieves
from analytics_assets_tests.bad_input.malformed_values import arbitrary_values
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row

DAY = "2024-01-10"
GAMES = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY))).games
AS_OF = as_of_moments(GAMES)
# So that rows get beyond the first check: what most rows of a source have right.
RIGHT = {
    "game_id": ["20240110_BOS_LAL", "0022300001"],
    "nba_game_id": ["0022300001", None],
    "game_date": [pd.Timestamp(DAY)],
    "roster_date": [pd.Timestamp(DAY)],
    "team_abbr": ["BOS", "LAL"],
    "player_lookup": ["ada", "bob"],
    "processed_at": [pd.Timestamp(DAY, tz="UTC")],
    "snapshot_timestamp": [pd.Timestamp(DAY, tz="UTC")],
    "reported_at": [pd.Timestamp(DAY, tz="UTC")],
    "bookmaker": ["draftkings"],
    "market": ["h2h", "spreads", "totals"],
    "bet_side": ["home", "away", "over", "under"],
}
INTERPRETED = {
    NBAC_GAMEBOOK_PLAYER_STATS: lambda rows: interpret_player_rows(rows, NBAC_GAMEBOOK_PLAYER_STATS.name, GAMES),
    NBAC_TEAM_BOXSCORE: lambda rows: interpret_team_rows(rows, GAMES),
    ODDS_API_PLAYER_POINTS_PROPS: lambda rows: interpret_points_props(
        rows, empty_frame(BETTINGPROS_PLAYER_POINTS_PROPS), GAMES
    ),
    BETTINGPROS_PLAYER_POINTS_PROPS: lambda rows: interpret_points_props(
        empty_frame(ODDS_API_PLAYER_POINTS_PROPS), rows, GAMES
    ),
    ODDS_API_GAME_LINES: lambda rows: interpret_game_lines(rows, GAMES, AS_OF),
    NBAC_INJURY_REPORT: lambda rows: last_reports(rows, GAMES, AS_OF),
    NBAC_REFEREE_GAME_ASSIGNMENTS: lambda rows: referee_crews(rows, GAMES),
    ESPN_TEAM_ROSTERS: interpret_rosters,
}
FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


def rows_of(table: Table) -> st.SearchStrategy[pd.DataFrame]:
    """Frames of up to six rows in the declared dtypes, NULL allowed everywhere."""
    values = {
        column.name: (st.sampled_from(RIGHT[column.name]) if column.name in RIGHT else st.nothing())
        | arbitrary_values(column)
        for column in table.columns
    }
    return st.lists(st.fixed_dictionaries(values), min_size=1, max_size=6).map(
        lambda rows: conform(pd.DataFrame(rows, columns=table.column_names, dtype=object), table)
    )


@pytest.mark.parametrize("table", INTERPRETED, ids=lambda table: table.name)
@FEW
@given(data=st.data())
def test_every_row_is_used_refused_or_left_out(table: Table, data) -> None:
    rows = data.draw(rows_of(table))
    with recorded_sieves() as sieves:
        INTERPRETED[table](rows)
    came, sieve = max(sieves, key=lambda found: len(found[0]))
    assert list(came) == list(rows.index)
    refused = sieve.refused
    assert sorted([*sieve.rows.index, *refused["row"], *sieve.left_out.index]) == sorted(came)
    assert refused[["reason", "detail"]].notna().all(axis=None)


@settings(parent=FEW, max_examples=25)
@given(rows_of(NBAC_SCHEDULE))
def test_every_row_of_the_schedule_is_a_game_or_broken_or_called_off(rows: pd.DataFrame) -> None:
    schedule = interpret_schedule(rows)
    distinct = rows.drop_duplicates("game_id")
    assert len(schedule.games) + len(schedule.broken) <= len(distinct)
    assert not schedule.games.loc[schedule.games["counts"], "pair"].duplicated().any()
    assert schedule.games["game_date"].notna().all()
    classify_dates(schedule, [date(2024, 1, 10), date(2024, 7, 1)])
