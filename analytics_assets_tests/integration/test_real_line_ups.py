"""Late-game minutes from the line-ups of the 2023 playoffs, against the clock and the published box."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pytest

from analytics_assets.raw.declarations import NBAC_PLAY_BY_PLAY, NBAC_PLAYER_BOXSCORES, NBAC_SCHEDULE
from analytics_assets.raw.loaders.load import load_nba_com
from analytics_assets.raw.on_court import interpret_late_game
from analytics_assets.raw.on_court_reduction import count_late_seconds
from analytics_assets.raw.player_lines import interpret_player_rows
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.frames import conform
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.real_data import NOW, files, needs_real_data

pytestmark = needs_real_data

FIRST, LAST = date(2023, 4, 15), date(2023, 6, 12)
GAMES, LINES = 84, 1_728


@dataclass(frozen=True)
class Playoffs:
    """Reduced events and box lines.

    Attributes:
        late: Answer of the reduction.
        by_quarter: The same with each quarter in the place of the fourth, with ``quarter``; overtimes left out.
        lines: Box lines of those who played.
        interpret: Interprets a reduction's answer.
    """

    late: pd.DataFrame
    by_quarter: pd.DataFrame
    lines: pd.DataFrame
    interpret: Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def playoffs(tmp_path_factory) -> Playoffs:
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("playoffs") / "nba.duckdb")
    events = files("playoff_play_by_play/playoff_pbp_2023.parquet")
    box = files("playoffs_advanced/playoffs_2023*.parquet")
    load_nba_com(warehouse, [*files("schedule/results_*.parquet"), *box, *events], now=NOW)
    games = interpret_schedule(warehouse.read(NBAC_SCHEDULE)).games
    rows = warehouse.read(NBAC_PLAYER_BOXSCORES)
    lines = interpret_player_rows(rows, NBAC_PLAYER_BOXSCORES.name, games).lines
    lines = lines[lines["played"].astype(bool)]
    listed = lines[["game_id", "player_lookup", "nba_player_id"]]
    reduction = count_late_seconds(NBAC_PLAY_BY_PLAY)
    late = warehouse.reduce(reduction, FIRST, LAST)
    stored = warehouse.read(NBAC_PLAY_BY_PLAY)
    parts = []
    for quarter in range(1, 5):
        one = stored[stored["period"] == quarter]
        warehouse.replace_dates(
            NBAC_PLAY_BY_PLAY, conform(one.assign(period=4), NBAC_PLAY_BY_PLAY), sorted(set(one["game_date"].dt.date))
        )
        parts.append(warehouse.reduce(reduction, FIRST, LAST).assign(quarter=quarter))
    return Playoffs(
        late=late,
        by_quarter=pd.concat(parts, ignore_index=True),
        lines=lines,
        interpret=lambda answer: interpret_late_game(answer, NBAC_PLAY_BY_PLAY.name, games, listed, lines),
    )


def test_ten_players_are_on_court_at_every_moment_of_every_quarter_and_overtime(playoffs):
    seconds = playoffs.by_quarter.groupby(["game_id", "quarter"])["fourth_quarter_seconds"].sum()
    assert len(seconds) == 4 * GAMES
    assert (seconds == 10 * 720).all()
    overtimes = playoffs.late.groupby("game_id").agg(seconds=("overtime_seconds", "sum"), periods=("periods", "max"))
    assert (overtimes["seconds"] == 10 * 300 * (overtimes["periods"] - 4)).all()
    assert (overtimes["periods"] > 4).sum() == 4


def test_each_team_has_five_of_them(playoffs):
    for _, answer in playoffs.by_quarter.groupby("quarter"):
        found = playoffs.interpret(answer)
        assert found["fourth_quarter_minutes"].notna().all()
        minutes = found.groupby(["game_id", "team_abbr"])["fourth_quarter_minutes"].sum()
        assert len(minutes) == 2 * GAMES
        assert (minutes - 5 * 12).abs().max() < 1e-9


def test_quarters_and_overtimes_add_up_to_the_box_minutes_of_every_player(playoffs):
    late = playoffs.late.groupby(["game_id", "player"])["overtime_seconds"].sum()
    quarters = playoffs.by_quarter.groupby(["game_id", "player"])["fourth_quarter_seconds"].sum()
    minutes = quarters.add(late, fill_value=0).div(60).rename("minutes").reset_index()
    minutes["nba_player_id"] = minutes["player"].astype("Int64")
    both = playoffs.lines.merge(minutes, on=["game_id", "nba_player_id"], how="outer", indicator=True)
    assert len(both) == LINES
    assert (both["_merge"] == "both").all()
    off = (both["minutes"] - both["minutes_played"]).abs()
    # The box rounds to whole minutes, and its own count of seconds differs from the events' on a few lines.
    assert (off <= 0.51).mean() > 0.98
    assert off.max() < 2


def test_every_line_has_late_minutes_and_points_that_fit_its_game(playoffs):
    found = playoffs.interpret(playoffs.late)
    assert len(found) == LINES
    assert found.notna().all(axis=None)
    box = found.merge(playoffs.lines, on=["game_id", "team_abbr", "player_lookup"])
    assert (box["fourth_quarter_minutes"] <= box["minutes_played"] + 0.51).all()
    assert (box["fourth_quarter_points"] <= box["points"]).all()
    assert (found["clutch_minutes"] <= found["fourth_quarter_minutes"] + 10).all()
    # Starters play more of the fourth quarter than others.
    usual = box["starter"].fillna(False).astype(bool)
    assert box.loc[usual, "fourth_quarter_minutes"].mean() > 6 > box.loc[~usual, "fourth_quarter_minutes"].mean() + 1
    clutch = found.groupby(["game_id", "team_abbr"])["clutch_minutes"].sum()
    # Five players at a time: all of a team's clutch minutes are five times the game's, and both teams have the same.
    assert (clutch.groupby("game_id").agg(lambda teams: teams.max() - teams.min()) < 1e-9).all()
    assert 0.3 < (clutch > 0).mean() < 0.9
