"""``quarantine list``, ``show`` and ``release`` as a user calls them: a bad row from its refusal to its release."""

import json
from functools import partial

import pytest

from analytics_assets.raw.declarations import NBAC_GAMEBOOK_PLAYER_STATS
from analytics_assets.tables.operations import QUARANTINE_RELEASES
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import box_rows, raw_frame, schedule_row
from analytics_assets_tests.support.warehouses import produce, warehouse_with

DAYS = ("2024-01-10", "2024-01-12")
SOURCE = NBAC_GAMEBOOK_PLAYER_STATS.name


@pytest.fixture
def bad(tmp_path):
    """Two dates: a negative count with a hostile name on the first, a repeated row on the second."""
    first, second = (box_rows(day) for day in DAYS)
    first[0] |= {"assists": -4, "player_name": "[red]Bobby\x1b[2J'); DROP TABLE x; --"}
    rows = [schedule_row(f"002230000{number}", day) for number, day in enumerate(DAYS, start=1)]
    warehouse = warehouse_with(tmp_path / "nba.duckdb", rows, [*first, *second, second[0]])
    _build(warehouse)
    return warehouse


def _build(warehouse):
    return produce(warehouse, [warehouse_day.date() for warehouse_day in _days()])


def _days():
    return raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, [row for day in DAYS for row in box_rows(day)[:1]])["game_date"]


def test_a_bad_row_is_listed_shown_released_taken_back_and_gone_once_it_is_corrected(
    bad, tmp_path, monkeypatch, capsys
):
    here = partial(CommandLine(tmp_path).here, monkeypatch, capsys)

    listed = here("quarantine", "list")
    assert listed.returncode == 0
    assert "negative_count" in listed.stdout
    assert "quarantined rows: 1 open, 0 released, 1 harmless" in listed.stdout
    assert "duplicate_superseded" not in listed.stdout
    assert "duplicate_superseded" in here("quarantine", "list", "--all").stdout
    (row,) = json.loads(here("quarantine", "list", "--json").stdout)
    assert (row["source_table"], row["game_date"], row["reason"]) == (SOURCE, DAYS[0], "negative_count")
    assert row["raw_values"]["assists"] == -4
    assert row["tables"] == ["player_game_summary"]
    assert row["id"] in here("quarantine", "list", "--rows", "--rule", "negative_count").stdout
    for nothing in (("--source", "odds"), ("--rule", "other"), ("--start", DAYS[1]), ("--tables", "raw_load")):
        assert json.loads(here("quarantine", "list", "--json", *nothing).stdout) == []

    shown = here("quarantine", "show", row["id"][:6]).stdout
    assert "assists: -4" in shown
    assert f"correct the row in {SOURCE} and build {DAYS[0]} again" in shown
    assert "[red]Bobby\\x1b[2J'); DROP TABLE x; --" in shown
    assert "\x1b" not in shown

    decide = partial(here, "quarantine", "release", "--author", "Ada", "--reason", "the league will not correct it")
    assert "released: 1 rows; 1 needed nothing" in decide("--start", DAYS[0], "--end", DAYS[1]).stdout
    assert "0 open, 1 released, 1 harmless" in here("quarantine", "list").stdout
    assert "quarantined raw rows: 0 open, 1 released" in here("status", "--start", DAYS[0], "--end", DAYS[1]).stdout
    (told,) = json.loads(here("quarantine", "show", row["id"], "--json").stdout)
    assert (told["state"], told["author"], told["explanation"]) == ("released", "Ada", "the league will not correct it")
    # A release lets nothing through, and the same row refused again stays released.
    results = _build(bad)
    assert [str(result.outcome) for result in results.values()] == ["invalid", "built"]
    assert "0 open, 1 released, 1 harmless" in here("quarantine", "list").stdout

    assert "opened again: 1 rows" in decide(row["id"], "--take-back").stdout
    assert "1 open, 0 released, 1 harmless" in here("quarantine", "list").stdout
    assert len(bad.read(QUARANTINE_RELEASES)) == 2

    corrected = raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, box_rows(DAYS[0]))
    bad.replace_dates(NBAC_GAMEBOOK_PLAYER_STATS, corrected, [_days().iloc[0].date()])
    _build(bad)
    assert "0 open, 0 released, 1 harmless" in here("quarantine", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "--tables", "players"], "unknown table 'players'"),
        (["list", "--start", "2024-01-12", "--end", "2024-01-10"], "lies after --end"),
        (["show"], "say which rows"),
        (["show", "zzz"], "no quarantined row has an id that begins with 'zzz'"),
        (["release", "--author", "A", "--reason", "b"], "say which rows"),
        (["release", "--author", " ", "--reason", "b", "--rule", "x"], "a release needs an author and a reason"),
        (["release", "--rule", "x", "--author", "A"], "Missing option '--reason'"),
    ],
)
def test_bad_usage_is_told_in_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    finished = CommandLine(tmp_path).here(monkeypatch, capsys, "quarantine", *arguments)
    assert finished.returncode == 2
    assert message in finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1


def test_a_warehouse_without_quarantined_rows_says_so(tmp_path, monkeypatch, capsys):
    warehouse_with(tmp_path / "nba.duckdb", [schedule_row("0022300001", DAYS[0])])
    listed = CommandLine(tmp_path).here(monkeypatch, capsys, "quarantine", "list")
    assert listed.stdout.strip() == "quarantined rows: 0 open, 0 released, 0 harmless"
