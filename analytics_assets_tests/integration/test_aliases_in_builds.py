"""One player under several names through whole builds: an alias joins what belongs to him, and never two players."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.assets.upcoming_contexts import UPCOMING_PLAYER_PRODUCER
from analytics_assets.demo.league import simulate_league
from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_INJURY_REPORT,
    NBAC_SCHEDULE,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.player_aliases import PLAYER_ALIASES_VARIABLE, player_aliases
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.pregame_rows import injury_row, prop_row
from analytics_assets_tests.support.raw_rows import (
    box_rows,
    raw_frame,
    registry_rows,
    roster_rows,
    schedule_row,
)
from analytics_assets_tests.support.warehouses import produce, warehouse_with

NOW = datetime(2024, 2, 1, 12, tzinfo=UTC)
DAYS = [date(2024, 1, 10), date(2024, 1, 12)]
# Of one player: the name in most rows, then one in each of a gamebook, a book, a report, a roster and the registry.
HE = "bosplayer3"
OTHERS = {"gamebook": "bobthreeagain", "book": "Bob Three Jr.", "report": "threebob"}
OTHERS |= {"roster": "bthree", "registry": "robertthree"}


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    """Two games; whoever names the player after the first gamebook has a name of his own for him."""
    second = box_rows("2024-01-12")
    second[3] |= {"player_lookup": OTHERS["gamebook"]}
    found = warehouse_with(
        tmp_path / "nba.duckdb",
        [schedule_row(f"002230000{number}", str(day)) for number, day in enumerate(DAYS, start=1)],
        [*box_rows("2024-01-10"), *second],
    )
    roster = roster_rows("2024-01-11", "BOS", "LAL")
    roster[3] |= {"player_lookup": OTHERS["roster"]}
    rows = {
        ESPN_TEAM_ROSTERS: roster,
        ODDS_API_PLAYER_POINTS_PROPS: [prop_row("2024-01-12", OTHERS["book"], 10.5, "2024-01-12T20:00:00")],
        NBAC_INJURY_REPORT: [injury_row("2024-01-12", OTHERS["report"], "questionable", "2024-01-12T18:00:00")],
        PLAYER_REGISTRY: registry_rows(OTHERS["registry"]),
    }
    for table, of_table in rows.items():
        found.merge_rows(table, raw_frame(table, of_table))
    return found


def own_aliases(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    path = folder / "own.csv"
    path.write_text("\n".join(["alias,canonical,from_season,until_season,note", *lines]))
    monkeypatch.setenv(PLAYER_ALIASES_VARIABLE, str(path))


def built(warehouse: DuckDBWarehouse) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of him in both player tables, by date."""
    produce(warehouse, DAYS)
    produce(warehouse, DAYS[1:], producer=UPCOMING_PLAYER_PRODUCER)
    tables = (warehouse.read(table) for table in (PLAYER_GAME_SUMMARY, UPCOMING_PLAYER_GAME_CONTEXT))
    summary, context = (rows[rows["player_lookup"] == HE].set_index("game_date") for rows in tables)
    return summary, context


def test_without_aliases_every_name_is_somebody_else(warehouse) -> None:
    produce(warehouse, DAYS)
    rows = warehouse.read(PLAYER_GAME_SUMMARY)
    assert (rows["player_lookup"] == HE).sum() == 1
    assert (rows["player_lookup"] == OTHERS["gamebook"]).sum() == 1
    assert rows[["points_line", "universal_player_id"]].isna().all(axis=None)


def test_aliases_join_gamebook_book_report_roster_and_registry(warehouse, tmp_path, monkeypatch) -> None:
    own_aliases(tmp_path, monkeypatch, *(f"{other},{HE},2023,," for other in OTHERS.values()))
    summary, context = built(warehouse)
    assert summary["played"].tolist() == [True, True]
    assert summary["points_line"].fillna(-1).tolist() == [-1, 10.5]
    assert summary["over_under_result"].iloc[1] == "OVER"
    assert set(summary["universal_player_id"]) == {f"id-{OTHERS['registry']}"}
    row = context.loc[pd.Timestamp(DAYS[1])]
    assert (row["current_points_line"], row["player_status"], row["row_origin"]) == (10.5, "questionable", "roster")
    assert (row["l10_games_used"], row["points_avg_last_5"]) == (1, 12)
    assert row["universal_player_id"] == f"id-{OTHERS['registry']}"
    every = warehouse.read(UPCOMING_PLAYER_GAME_CONTEXT, start=DAYS[1], end=DAYS[1])
    assert (every.groupby("team_abbr").size() == 6).all()
    # The raw rows keep the names that their sources wrote.
    raw = warehouse.read(NBAC_GAMEBOOK_PLAYER_STATS, start=DAYS[1], end=DAYS[1])
    assert OTHERS["gamebook"] in set(raw["player_lookup"])


def test_an_alias_that_makes_two_players_one_fails_every_date_and_names_both(warehouse, tmp_path, monkeypatch) -> None:
    own_aliases(tmp_path, monkeypatch, f"bosplayer2,{HE},,,")
    numbered = [{**row, "nba_player_id": 2 + place} for place, row in enumerate(registry_rows("bosplayer2", HE))]
    warehouse.merge_rows(PLAYER_REGISTRY, raw_frame(PLAYER_REGISTRY, numbered))
    # On the first date both play, on the second only the registry tells them apart.
    results = produce(warehouse, DAYS)
    assert {str(result.outcome) for result in results.values()} == {"error"}
    assert all(f"makes bosplayer2 and {HE} one player" in result.reason for result in results.values())
    assert "lists both in game 20240110_BOS_LAL" in results[DAYS[0]].reason
    assert "has both of 2023, with two ids" in results[DAYS[1]].reason
    assert warehouse.read(PLAYER_GAME_SUMMARY).empty


def test_no_invented_player_of_the_demo_has_a_name_that_is_an_alias() -> None:
    aliases = player_aliases({})
    registry = simulate_league(now=NOW, tables={NBAC_SCHEDULE.name, PLAYER_REGISTRY.name})[PLAYER_REGISTRY.name]
    assert len(registry) > 1_000
    lookups = registry["player_lookup"]
    assert aliases.resolve(lookups, registry["season_year"]).tolist() == lookups.tolist()
