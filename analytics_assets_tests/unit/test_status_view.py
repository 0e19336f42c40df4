"""What ``status`` shows over literal recorded histories: calendar, JSON as documented, one date in full, the page."""

import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets import status_view
from analytics_assets.coverage.explanation import explain_date
from analytics_assets.coverage.grid import coverage_grid, covered_phases, read_schedule
from analytics_assets.coverage.heat_map import STATE_ORDER, season_calendars, worst_states
from analytics_assets.coverage.page import coverage_page
from analytics_assets.coverage.waivers import waive
from analytics_assets.settings import project_root
from analytics_assets.tables.operations import Outcome
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.raw_rows import box_rows, schedule_row
from analytics_assets_tests.support.warehouses import produce, warehouse_with

NOW = datetime(2024, 1, 20, 17, tzinfo=UTC)
TABLE, OTHER = "player_game_summary", "team_offense_game_summary"
DAYS = [date(2024, 1, number) for number in range(8, 13)]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Games on 8, 10 and 12 January; the 8th is built, the 10th lacks raw rows, the 12th is waived."""
    path: Path = tmp_path_factory.mktemp("status")
    found = warehouse_with(
        path / "w.duckdb",
        [schedule_row(f"00223000{number:02}", f"2024-01-{number:02}") for number in (8, 10, 12)],
        box_rows("2024-01-08"),
    )
    produce(found, DAYS, now=NOW, run_id="first-run")
    waive(found, TABLE, [DAYS[4]], author="Ada", reason="lost <for ever>", now=NOW)
    return found


@pytest.fixture(scope="module")
def grid(warehouse: DuckDBWarehouse) -> pd.DataFrame:
    return coverage_grid(warehouse, [TABLE, OTHER], DAYS, NOW, {TABLE: DAYS[:3], OTHER: []})


def _keys_of_rows(text: str) -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))


def test_json_has_exactly_the_documented_keys(warehouse: DuckDBWarehouse, grid: pd.DataFrame) -> None:
    phases = covered_phases(read_schedule(warehouse))
    document = json.loads(json.dumps(status_view.status_document(grid, phases, compared=True)))
    text = (project_root() / "docs" / "status_json.md").read_text()
    whole, table, why = re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]
    assert set(document) == _keys_of_rows(whole)
    assert all(set(found) == _keys_of_rows(table) for found in document["tables"].values())
    entries = document["tables"][TABLE]
    for name in ("missing", "waived", "disagreements"):
        (row,) = re.findall(rf"^\| `{name}` .*$", table, flags=re.MULTILINE)
        listed = {key for key in re.findall(r"`(\w+)`", row.rpartition(":")[0] + row.rpartition(":")[2]) if key != name}
        assert listed >= set(entries[name][0]), name
    explained = explain_date(warehouse, [TABLE], DAYS[0], NOW)
    assert set(explained) == _keys_of_rows(why)
    (of_table,) = explained["tables"]
    told = set(re.findall(r"`(\w+)`", why.partition("Each table:")[2]))
    assert told == set(of_table) | set(of_table["attempts"][0])


def test_json_counts_missing_waived_and_disagreeing_dates(warehouse: DuckDBWarehouse, grid: pd.DataFrame) -> None:
    document = status_view.status_document(grid, {}, compared=True)
    # The other table was never built: its three dates with games are missing; of this one the 10th.
    assert (document["missing"], document["waived"], document["disagreements"]) == (4, 1, 2)
    found = document["tables"][TABLE]
    assert found["outcomes"] == {"built": 1, "no_raw_data": 2, "off_day": 2}
    assert [(gap["date"], gap["state"]) for gap in found["missing"]] == [("2024-01-10", "no_raw_data")]
    assert [(gap["date"], gap["waiver"]) for gap in found["waived"]] == [("2024-01-12", "Ada: lost <for ever>")]
    assert {entry["date"]: entry["disagreement"] for entry in found["disagreements"]} == {
        "2024-01-10": "materialized_but_no_rows",
        "2024-01-11": "rows_but_not_materialized",
    }
    assert status_view.status_document(grid, {})["disagreements"] is None


def test_one_date_is_told_with_schedule_sources_and_every_attempt(warehouse: DuckDBWarehouse) -> None:
    explained = explain_date(warehouse, [TABLE, OTHER], DAYS[0], NOW)
    assert explained["schedule"] == {"kind": "game_day", "reason": "", "expected_games": 1}
    built, never = explained["tables"]
    assert (built["state"], built["run_id"], built["actual_games"]) == ("built", "first-run", 1)
    assert built["sources"][0] == "nbac_gamebook_player_stats"
    assert [attempt["outcome"] for attempt in built["attempts"]] == ["built"]
    assert (never["state"], never["attempts"], never["sources"]) == ("never_built", [], [])


def test_explanation_is_printed_with_its_reason(warehouse: DuckDBWarehouse, capsys: pytest.CaptureFixture[str]) -> None:
    status_view.explanation(explain_date(warehouse, [TABLE], DAYS[4], NOW))
    printed = capsys.readouterr().out
    assert "2024-01-12 is game_day, 1 games on the schedule" in printed
    assert "waiver: Ada: lost <for ever>" in printed
    assert "backfill run first-run no_raw_data" in printed


def test_calendar_shows_the_worst_state_of_a_date_in_its_week_and_weekday(grid: pd.DataFrame) -> None:
    worst = worst_states(grid)
    assert worst["shown"].tolist() == ["never_built", "never_built", "no_raw_data", "never_built", "never_built"]
    alone = worst_states(grid[grid["table_name"] == TABLE])
    assert alone["shown"].tolist() == ["built", "off_day", "no_raw_data", "off_day", "waived"]
    (season,) = season_calendars(alone)
    assert (season.label, season.weeks, season.days["weekday"].tolist()) == ("2023-24", 1, [0, 1, 2, 3, 4])


def test_calendars_are_cut_between_september_and_october_and_weeks_begin_on_monday() -> None:
    days = pd.DataFrame({"game_date": pd.date_range("2022-09-24", "2022-10-10"), "shown": "built"})
    first, second = season_calendars(days)
    assert (first.label, first.days["game_date"].max(), second.label) == (
        "2021-22",
        pd.Timestamp("2022-09-30"),
        "2022-23",
    )
    # Saturday 1 October, then Mondays on the 3rd and the 10th.
    assert second.days.loc[second.days["weekday"] == 0, "week"].tolist() == [1, 2]


def test_every_outcome_has_a_place_in_the_order_of_states() -> None:
    assert set(STATE_ORDER) == {str(outcome) for outcome in Outcome} | {"never_built", "waived"}


def test_printed_status_shows_calendar_letters_waivers_and_disagreements(
    warehouse: DuckDBWarehouse, grid: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    of_table = grid[grid["table_name"] == TABLE]
    status_view.status(of_table, {}, list_missing=True, rebuild={TABLE: "nba-analytics backfill --dates 2024-01-10"})
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.startswith(("Mon", "Tue", "Wed", "Thu", "Fri"))] == [
        "Mon #",
        "Tue -",
        "Wed R",
        "Thu -",
        "Fri W",
    ]
    assert "1 waived, not counted as missing" in printed
    assert f"{TABLE} 2024-01-12 no_raw_data: waived by Ada: lost <for ever>" in printed
    assert f"{TABLE}: 1 dates rows_but_not_materialized: 2024-01-11" in printed
    assert "build again with: nba-analytics backfill --dates 2024-01-10" in printed
    assert len(re.findall(rf"^{TABLE} 2024-01-10 no_raw_data: ", printed, flags=re.MULTILINE)) == 1


class _Page(HTMLParser):
    """Days of the calendars, and everything that would be loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.days: list[tuple[str, str]] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "i" and "title" in found:
            self.days.append((str(found["class"]), str(found["title"])))
        self.loaded += [str(found[name]) for name in ("src", "href") if name in found]


def test_page_is_self_contained_and_tells_every_table_and_date(grid: pd.DataFrame) -> None:
    text = coverage_page(grid, NOW)
    page = _Page()
    page.feed(text)
    assert page.loaded == []
    assert "url(" not in text
    assert [state for state, _ in page.days] == ["built", "off_day", "no_raw_data", "off_day", "waived"] + [
        "never_built"
    ] * 5
    assert page.days[4][1].startswith("Fri 2024-01-12; waived; ")
    assert page.days[4][1].endswith("Ada: lost <for ever>")
    assert "<for ever>" not in text
    assert "<h2>Missing: 4</h2>" in text
