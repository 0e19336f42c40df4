"""Contexts are the same whether the engine sends the whole season or only what the asked games rest on."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from analytics_assets.assets.producers import CONTEXTS
from analytics_assets.assets.slice_inputs import SliceInputs
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import Schedule, interpret_schedule
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

pytestmark = pytest.mark.xdist_group("demo_league")

OPENING, MARCH, LATE = date(2022, 10, 18), date(2023, 3, 21), date(2023, 6, 7)
# Games whose rows one table lacks, teams whose season begins late, teams without rosters, and players who changed teams
# without having played for the new one.
SPOILT = {
    "player_game_summary": "SELECT * FROM source_rows WHERE hash(game_id) % 11 > 0",
    "team_offense_game_summary": "SELECT * FROM source_rows "
    "WHERE team_abbr NOT IN ('PHX', 'TOR') OR game_date > DATE '2022-12-01'",
    "team_defense_game_summary": "SELECT * FROM source_rows WHERE hash(game_id) % 13 > 0",
    "espn_team_rosters": "SELECT * REPLACE (CASE WHEN hash(player_lookup) % 37 = 0 AND roster_date > DATE '2023-03-01' "
    "THEN 'PHX' ELSE team_abbr END AS team_abbr) FROM source_rows WHERE team_abbr NOT IN ('DEN', 'TOR')",
}


class CountedWarehouse(DuckDBWarehouse):
    """Counts the rows that answers hold; may spoil what is stored, and may send all of it unasked."""

    def __init__(self, source: DuckDBWarehouse, *, spoilt: bool, whole: bool) -> None:
        super().__init__(source.path, source.wait_seconds)
        self.is_spoilt, self.whole = spoilt, whole
        self.rows: dict[str, int] = {}
        self.dates: dict[str, set[date]] = {}

    def read(self, table, columns=None, start=None, end=None, dates=None) -> pd.DataFrame:
        found = super().read(table, columns, start, end, dates)
        if "game_date" in found and table is not NBAC_SCHEDULE:
            self.dates.setdefault(table.name, set()).update(found["game_date"].dt.date)
        return found

    def reduce(self, reduction: Reduction, start, end, dates=None) -> pd.DataFrame:
        name, told = reduction.source.name, ", ".join(reduction.columns)
        if self.whole:
            reduction = replace(reduction, sql=f" SELECT {told} FROM source_rows", asked={})
        if self.is_spoilt:
            spoilt = f", spoilt AS ({SPOILT[name]})"
            reduction = replace(reduction, sql=spoilt + reduction.sql.replace("source_rows", "spoilt"))
        found = super().reduce(reduction, start, end, dates)
        self.rows[name] = len(found)
        if dates is not None:
            self.dates.setdefault(name, set()).update(found["game_date"].dt.date)
        return found


@pytest.fixture(scope="module")
def schedule(demo_league) -> Schedule:
    return interpret_schedule(demo_league.warehouse.read(NBAC_SCHEDULE))


@pytest.mark.parametrize(
    ("dates", "spoilt"),
    [([MARCH], False), ([LATE], True), ([OPENING, date(2022, 12, 9), LATE], True)],
    ids=["complete", "spoilt", "scattered_and_spoilt"],
)
def test_contexts_are_those_of_a_whole_season(demo_league, schedule, dates: list[date], spoilt: bool) -> None:
    sides = [CountedWarehouse(demo_league.warehouse, spoilt=spoilt, whole=whole) for whole in (False, True)]
    inputs = [SliceInputs(side, schedule, dates) for side in sides]
    for producer in CONTEXTS:
        chosen, whole = (producer.build(found, demo_league.now) for found in inputs)
        # Without a roster, nobody is known before a team's first game.
        assert dates[-1] in set(chosen.rows["game_date"].dt.date) <= set(dates)
        pd.testing.assert_frame_equal(chosen.rows, whole.rows)
        pd.testing.assert_frame_equal(chosen.games, whole.games)
        pd.testing.assert_frame_equal(chosen.refused, whole.refused)
    if spoilt:
        assert {"roster", "inferred_roster"} <= set(chosen.rows["row_origin"])
    if dates == [MARCH]:
        assert sides[0].rows.keys() == SPOILT.keys()
        assert all(rows < 0.6 * sides[1].rows[name] for name, rows in sides[0].rows.items())


def test_of_scattered_dates_nothing_between_them_is_read(demo_league, schedule) -> None:
    dates = [OPENING, MARCH, LATE]
    warehouse = CountedWarehouse(demo_league.warehouse, spoilt=False, whole=False)
    inputs = SliceInputs(warehouse, schedule, dates)
    for producer in CONTEXTS:
        producer.build(inputs, demo_league.now)
    assert set().union(*warehouse.dates.values()) == set(dates)
    assert len(warehouse.dates) == 4
    assert inputs.events.chosen.games["game_id"].nunique() > len(dates)
    for name in ("nbac_gamebook_player_stats", "bigdataball_play_by_play"):
        assert warehouse.dates[name] == set(dates), name
