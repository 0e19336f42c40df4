"""``--only outdated`` from the command line: changed summaries, then exactly the contexts that look back on them."""

import json
from datetime import date
from pathlib import Path

import dagster as dg

from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, NBAC_GAMEBOOK_PLAYER_STATS
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import (
    box_rows,
    moment,
    raw_frame,
    roster_rows,
    schedule_row,
    team_rows,
)
from analytics_assets_tests.support.warehouses import warehouse_with

SPAN = ("--start", "2024-01-02", "--end", "2024-01-06")
GAMES = {"2024-01-02": ("BOS", "LAL"), "2024-01-04": ("MIA", "DEN"), "2024-01-06": ("BOS", "LAL")}
SUMMARIES = ("player_game_summary", "team_offense_game_summary", "team_defense_game_summary")


def attempts(warehouse: DuckDBWarehouse) -> set[tuple[str, str]]:
    found = warehouse.read(DATE_OUTCOMES)
    latest = found[found["run_id"] != found.loc[found["recorded_at"].idxmin(), "run_id"]]
    return set(zip(latest["table_name"], latest["game_date"].dt.strftime("%Y-%m-%d"), strict=True))


def test_what_a_corrected_box_score_outdates_is_planned_and_built_in_one_command(tmp_path: Path, monkeypatch, capsys):
    cli = CommandLine(tmp_path)
    warehouse = warehouse_with(
        cli.file,
        [schedule_row(f"002230000{n}", day, *teams) for n, (day, teams) in enumerate(GAMES.items(), start=1)],
        [row for day, teams in GAMES.items() for row in box_rows(day, *teams)],
        [row for day, teams in GAMES.items() for row in team_rows(day, *teams)],
    )
    rosters = roster_rows("2023-10-20", "BOS", "LAL", "MIA", "DEN")
    warehouse.merge_rows(ESPN_TEAM_ROSTERS, raw_frame(ESPN_TEAM_ROSTERS, rosters))
    assert cli("backfill", *SPAN).returncode == 0
    nothing = cli("backfill", *SPAN, "--only", "outdated")
    assert (nothing.returncode, "no date is outdated" in nothing.stdout) == (0, True), nothing.stderr
    assert attempts(warehouse) == set()

    rows = box_rows("2024-01-02")
    rows[0] |= {"assists": 4, "processed_at": moment("2024-01-19")}
    warehouse.replace_dates(NBAC_GAMEBOOK_PLAYER_STATS, raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, rows), [rows_date(rows)])
    document = json.loads(cli.here(monkeypatch, capsys, "plan", *SPAN, "--only", "outdated", "--json").stdout)
    planned = {(entry["table"], entry["date"]) for entry in document["dates"]}
    assert planned == {(name, "2024-01-02") for name in SUMMARIES}
    assert {entry["because"] for entry in document["dates"]} == {"outdated"}

    done = cli("backfill", *SPAN, "--only", "outdated")
    assert done.returncode == 0, done.stderr
    # Miami and Denver, who meet on the fourth, look back on nothing that changed.
    assert attempts(warehouse) == {
        *planned,
        ("upcoming_team_game_context", "2024-01-06"),
        ("upcoming_player_game_context", "2024-01-06"),
    }
    assert (
        json.loads(cli.here(monkeypatch, capsys, "plan", *SPAN, "--only", "outdated", "--json").stdout)["dates"] == []
    )
    # Two runs, as the contexts are known only after the first, are one backfill.
    _, record = [json.loads(path.read_text()) for path in sorted((tmp_path / "backfills").glob("*.json"))]
    assert {(entry["table"], entry["date"]) for entry in record["dates"]} == attempts(warehouse)
    assert (record["status"], record["counts"]) == ("finished", {"built": 5})
    assert list(record["runs"].values()) == ["SUCCESS", "SUCCESS"]
    with dg.DagsterInstance.from_config(str(tmp_path / "dagster")) as instance:
        runs = instance.get_runs(dg.RunsFilter(tags={"nba/backfill_id": record["backfill_id"]}))
    assert {run.run_id for run in runs} == set(record["runs"])


def rows_date(rows: list[dict]) -> date:
    return rows[0]["game_date"].date()
