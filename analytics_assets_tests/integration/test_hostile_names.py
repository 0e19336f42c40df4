"""Hostile names of players from a file to a built row and back out: through load, build, status and quarantine."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from analytics_assets.raw.declarations import NBAC_PLAYER_BOXSCORES, PLAYER_REGISTRY, RAW_TABLES
from analytics_assets.raw.loaders.load import load_nba_com, load_odds_api
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import QUARANTINED_ROWS
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.upcoming_player_game_context import UPCOMING_PLAYER_GAME_CONTEXT
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.nba_com_files import COUNTS, NOW, league_game_log, player_line, result
from analytics_assets_tests.support.warehouses import produce_contexts, produce_summaries

DAY, BROKEN_DAY, NEXT_DAY = date(2024, 1, 10), date(2024, 1, 12), date(2024, 1, 14)
TEAMS = {"DEN": "Denver Nuggets", "LAL": "Los Angeles Lakers"}
# The name as a file writes it, and its lookup.
USABLE = {
    "Robert'); DROP TABLE nba_raw.nbac_player_boxscores; --": "robertdroptablenbarawnbacplayerboxscores",
    '"Quo"te, "The" O\'Brien': "quotetheobrien",
    "Zoë Ångström-Łódź Đặng": "zoeangstromlodzdang",
    "\N{BASKETBALL AND HOOP} Ball \N{FAMILY} Player": "ballplayer",
    "A" * 5_000: "a" * 5_000,
    "[red]Mark[/red] [link=file:///etc]Up": "redmarkredlinkfileetcup",
    "=HYPERLINK(1+1);@SUM": "hyperlink11sum",
    "Line\nBreak\tTab\r": "linebreaktab",
    "Right \N{RIGHT-TO-LEFT OVERRIDE}To Left דוד": "righttoleft",
    "Zero\N{ZERO WIDTH SPACE}Width": "zerowidth",
    "NULL": "null",
    "%s {0} $1 \\x00 ${HOME}": "s01x00home",
}
# Nothing is left of these in Latin letters and digits, so they name nobody.
UNUSABLE = ("姚明", "דוד בן גוריון", "\N{BASKETBALL AND HOOP}\N{FAMILY}", "'); --", "\N{ZERO WIDTH SPACE}")


def box(game_id: str, day: date, names: list[str]) -> list[dict[str, Any]]:
    """Lines of one game: the first half of the names plays for Denver, the other for the Lakers, forty minutes each."""
    lines = []
    for number, name in enumerate(names):
        home = number < len(names) // 2
        own = ("DEN", "DEN vs. LAL") if home else ("LAL", "LAL @ DEN")
        line = player_line(PLAYER_ID=1000 + number, PLAYER_NAME=name, GAME_ID=game_id, GAME_DATE=str(day), MIN=40)
        # One free throw more, so that Denver wins.
        bonus = {"PTS": COUNTS["PTS"] + 1, "FTM": 3} if number == 0 else {}
        lines.append(line | {"TEAM_ABBREVIATION": own[0], "MATCHUP": own[1]} | bonus)
    return lines


def points_line(name: str) -> list[dict[str, Any]]:
    return [{"name": side, "description": name, "price": -110, "point": 20.5} for side in ("Over", "Under")]


@pytest.fixture(scope="module")
def command(tmp_path_factory) -> CommandLine:
    return CommandLine(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def files(command) -> dict[str, Path]:
    """A log of two games, of which the second has names of nobody, their results, and a book's lines on the first."""
    players = list(USABLE)
    logs = box("0022300601", DAY, players) + box("0022300602", BROKEN_DAY, [*players[:7], *UNUSABLE])
    score = {"homeScore": 6 * COUNTS["PTS"] + 1, "awayScore": 6 * COUNTS["PTS"]}
    teams = {"hometeamName": TEAMS["DEN"], "awayteamName": TEAMS["LAL"]}
    played = {"22300601": DAY, "22300602": BROKEN_DAY}
    results = [result(GAME_ID=game, GAME_DATE=str(day), **teams, **score) for game, day in played.items()]
    results.append(result(GAME_ID="22300603", GAME_DATE=str(NEXT_DAY), **teams, homeScore=None, awayScore=None))
    market = {
        "key": "player_points",
        "last_update": "2024-01-10T23:00:00Z",
        "outcomes": [outcome for name in (*players, UNUSABLE[0]) for outcome in points_line(name)],
    }
    event = {
        **{"id": "e'1", "commence_time": "2024-01-11T00:00:00Z"},
        **{"home_team": TEAMS["DEN"], "away_team": TEAMS["LAL"]},
        "bookmakers": [{"key": "draftkings", "markets": [market]}],
    }
    found = {}
    for name, content in {"logs": league_game_log(*logs), "results": results, "odds": event}.items():
        found[name] = command.directory / f"{name} 'of'; \"hostile\" names.json"
        found[name].write_text(json.dumps(content), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def loaded(command, files) -> DuckDBWarehouse:
    """The warehouse after loading and building."""
    warehouse = DuckDBWarehouse(command.file)
    load_nba_com(warehouse, [files["logs"], files["results"]], now=NOW)
    load_odds_api(warehouse, [files["odds"]], now=NOW)
    produce_summaries(warehouse, [DAY, BROKEN_DAY], now=NOW)
    produce_contexts(warehouse, [NEXT_DAY], now=NOW)
    return warehouse


def written(name: str) -> str:
    """A name as it is stored: without the white space around it."""
    return name.strip()


def test_names_come_through_load_and_build_as_they_were_written(loaded) -> None:
    warehouse = loaded
    expected = {lookup: written(name) for name, lookup in USABLE.items()}
    for table, column in ((NBAC_PLAYER_BOXSCORES, "player_name"), (PLAYER_REGISTRY, "player_name")):
        rows = warehouse.read(table)
        assert dict(zip(rows["player_lookup"], rows[column], strict=True)) == expected, table.name
    rows = warehouse.read(PLAYER_GAME_SUMMARY, start=DAY, end=DAY)
    assert dict(zip(rows["player_lookup"], rows["player_full_name"], strict=True)) == expected
    # Lines of the book are those of the same players.
    assert (rows["points_line"] == 20.5).all()
    assert (rows["over_under_result"] == "OVER").all()
    assert rows["universal_player_id"].nunique() == len(USABLE)
    context = warehouse.read(UPCOMING_PLAYER_GAME_CONTEXT)
    assert set(context["player_lookup"]) == set(USABLE.values())
    assert (context["points_avg_last_5"] >= COUNTS["PTS"]).all()


def test_no_name_reaches_the_engine_as_sql(loaded, command) -> None:
    with duckdb.connect(str(command.file), read_only=True) as connection:
        found = connection.sql("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
    stored = {f"{schema}.{name}" for schema, name in found}
    assert {table.full_name for table in (*RAW_TABLES, *ANALYTICS_TABLES)} <= stored


def test_names_of_nobody_are_quarantined_with_the_row_as_it_stood(loaded) -> None:
    warehouse = loaded
    rows = warehouse.read(QUARANTINED_ROWS)
    rejected = rows[(rows["reason"] == "missing_player") & rows["source_table"].str.startswith("logs")]
    assert [json.loads(row)["PLAYER_NAME"] for row in rejected["raw_values"]] == list(UNUSABLE)
    assert set(rejected["source_table"]) == {"logs 'of'; \"hostile\" names.json"}
    of_odds = rows[(rows["reason"] == "missing_player") & rows["source_table"].str.startswith("odds")]
    assert [json.loads(row)["description"] for row in of_odds["raw_values"]] == [UNUSABLE[0]] * 2
    # Without them the game does not add up to its score: nothing of it is built, and nothing of the other is missing.
    assert warehouse.read(PLAYER_GAME_SUMMARY, start=BROKEN_DAY, end=BROKEN_DAY).empty


def test_commands_print_them(loaded, command, files, monkeypatch, capsys) -> None:
    told = command.here(monkeypatch, capsys, "status", "--start", str(DAY), "--end", str(BROKEN_DAY), "--json")
    assert (told.returncode, told.stderr) == (1, "")
    assert json.loads(told.stdout)
    why = command.here(monkeypatch, capsys, "status", "--why", str(BROKEN_DAY))
    assert "20240112_LAL_DEN: LAL (" in why.stdout, why.stdout
    # Rejected rows are told, and by the exit code, and nothing in them is read as markup.
    again = command.here(monkeypatch, capsys, "raw", "load", "nba-com", str(files["logs"]), str(files["results"]))
    assert (again.returncode, again.stderr) == (1, "")
    assert f"{len(UNUSABLE)} rows rejected (missing_player)" in again.stdout
    assert "PLAYER_NAME is '姚明'" in again.stdout
    assert "logs 'of'; \"hostile\" names.json" in again.stdout
    # Every usable name is registered by its log, so none is unresolved.
    assert command.here(monkeypatch, capsys, "raw", "unresolved").returncode == 0
    shown = command.here(monkeypatch, capsys, "player", "registry", "build", "--json")
    assert json.loads(shown.stdout)["seasons"] == [
        {"season_year": 2023, "names": len(USABLE), "players": len(USABLE), "birth_dates": 0}
    ]


def test_names_survive_parquet_and_csv(loaded, tmp_path: Path) -> None:
    rows = loaded.read(PLAYER_GAME_SUMMARY, ["player_lookup", "player_full_name", "game_date"], DAY, DAY)
    rows.to_parquet(tmp_path / "rows.parquet")
    pd.testing.assert_series_equal(
        pd.read_parquet(tmp_path / "rows.parquet")["player_full_name"], rows["player_full_name"], check_dtype=False
    )
    rows.to_csv(tmp_path / "rows.csv", index=False)
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        assert [row["player_full_name"] for row in csv.DictReader(file)] == rows["player_full_name"].tolist()
