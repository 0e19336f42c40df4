"""Exporting a season and importing it: what is read back, by whom, and what is refused without half of it written."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analytics_assets.coverage.outdated import outdated_dates
from analytics_assets.exchange.exporting import export_season
from analytics_assets.exchange.importing import import_season
from analytics_assets.exchange.table_files import ExchangeError
from analytics_assets.partitions import date_range
from analytics_assets.raw.declarations import NBAC_GAMEBOOK_PLAYER_STATS, NBAC_SCHEDULE
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES
from analytics_assets.tables.player_game_summary import PLAYER_GAME_SUMMARY
from analytics_assets.tables.team_defense_game_summary import TEAM_DEFENSE_GAME_SUMMARY
from analytics_assets.tables.team_offense_game_summary import TEAM_OFFENSE_GAME_SUMMARY
from analytics_assets.warehouse import WarehouseError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import box_rows, raw_frame, schedule_frame, schedule_row
from analytics_assets_tests.support.warehouses import produce_contexts, produce_summaries, three_dates

SEASON, LABEL = 2023, "2023-24"
DAYS = date_range(date(2024, 1, 10), date(2024, 1, 13))
NOW, LATER = datetime(2024, 2, 1, 12, tzinfo=UTC), datetime(2024, 2, 2, 12, tzinfo=UTC)
OTHER_CONTENT = r"other content of .*player_game_summary on 1 dates \(2024-01-10\).*--overwrite"
SUMMARIES = (PLAYER_GAME_SUMMARY, TEAM_OFFENSE_GAME_SUMMARY, TEAM_DEFENSE_GAME_SUMMARY)
NOTHING_THERE = r"nothing of the season 2021-22.*nba-analytics backfill --start 2021-10-01"

pytestmark = pytest.mark.xdist_group("exchange")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> DuckDBWarehouse:
    """Two dates with a game, an off-day between them and one after them that the schedule does not cover."""
    warehouse = three_dates(tmp_path_factory.mktemp("built") / "nba.duckdb")
    produce_summaries(warehouse, DAYS, now=NOW)
    produce_contexts(warehouse, DAYS, now=NOW)
    return warehouse


@pytest.fixture(scope="module")
def exported(built, tmp_path_factory) -> Path:
    return export_season(built, ANALYTICS_TABLES, SEASON, tmp_path_factory.mktemp("exported"), now=NOW).directory


@pytest.fixture
def fresh(tmp_path) -> DuckDBWarehouse:
    return DuckDBWarehouse(tmp_path / "fresh.duckdb")


def copy_of(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / LABEL))


def attempts_that_ended_well(warehouse: DuckDBWarehouse) -> int:
    return int(warehouse.read(DATE_OUTCOMES)["outcome"].isin([str(outcome) for outcome in DONE_OUTCOMES]).sum())


def altered_manifest(directory: Path, change) -> None:
    path = directory / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_fresh_warehouse_gets_the_same_rows_and_the_same_outcomes(built, exported, fresh, tmp_path):
    import_season(fresh, ANALYTICS_TABLES, exported, now=LATER)
    for table in ANALYTICS_TABLES:
        key = list(table.key)
        before, after = (warehouse.read(table).sort_values(key, ignore_index=True) for warehouse in (built, fresh))
        pd.testing.assert_frame_equal(before, after)
        assert len(after)
    told = ["table_name", "game_date", "outcome", "reason", "actual_rows", "input_fingerprint"]
    outcomes = [
        warehouse.read(DATE_OUTCOMES)[told].sort_values(told[:2], ignore_index=True) for warehouse in (built, fresh)
    ]
    pd.testing.assert_frame_equal(*outcomes)
    again = export_season(fresh, ANALYTICS_TABLES, SEASON, tmp_path / "again", now=LATER)
    first = json.loads((exported / "manifest.json").read_text())
    assert [entry.content_hash for entry in again.manifest.tables] == [t["content_hash"] for t in first["tables"]]
    assert [entry.sha256 for entry in again.manifest.tables] == [t["sha256"] for t in first["tables"]]


def test_imported_dates_are_outdated_only_where_raw_rows_of_them_say_something_else(exported, fresh):
    import_season(fresh, ANALYTICS_TABLES, exported, now=LATER)
    names = [table.name for table in SUMMARIES]

    def outdated() -> list[tuple[str, date]]:
        found = outdated_dates(fresh, names, DAYS, LATER)
        return [(str(row.table_name), row.game_date.date()) for row in found.itertuples()]

    assert outdated_dates(fresh, [table.name for table in ANALYTICS_TABLES], DAYS, LATER).empty
    fresh.ensure(NBAC_SCHEDULE, NBAC_GAMEBOOK_PLAYER_STATS)
    games = [schedule_row(f"002230000{n}", day) for n, day in enumerate(("2024-01-10", "2024-01-12"), start=1)]
    fresh.merge_rows(NBAC_SCHEDULE, schedule_frame(*games))
    assert outdated() == []
    others = box_rows("2024-01-10")
    others[0] |= {"assists": 4}
    fresh.merge_rows(NBAC_GAMEBOOK_PLAYER_STATS, raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, others))
    assert outdated() == [(name, date(2024, 1, 10)) for name in names]


def test_the_files_are_read_without_us(built, exported):
    file = exported / "player_game_summary.parquet"
    rows = built.read(PLAYER_GAME_SUMMARY)
    pandas_rows = pd.read_parquet(file)
    assert len(pandas_rows) == len(rows)
    assert pandas_rows["points"].sum() == rows["points"].sum()
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT count(*), sum(points), max(len(quality_issues)) FROM read_parquet(?)", [str(file)]
        ).fetchone()
    assert found == (len(rows), rows["points"].sum(), rows["quality_issues"].map(len).max())
    schema = pq.read_schema(file)
    assert schema.metadata[b"grain"].decode() == PLAYER_GAME_SUMMARY.grain
    assert schema.field("ts_pct").metadata[b"description"].decode() == PLAYER_GAME_SUMMARY.by_name["ts_pct"].description


def test_the_manifest_says_what_is_there_and_what_is_missing(built, exported):
    manifest = json.loads((exported / "manifest.json").read_text())
    assert (manifest["season"], manifest["simulated"]) == (LABEL, False)
    entry = next(table for table in manifest["tables"] if table["name"] == "player_game_summary")
    assert (entry["dates"], entry["first_date"], entry["last_date"]) == (2, "2024-01-10", "2024-01-12")
    assert entry["rows"] == len(built.read(PLAYER_GAME_SUMMARY))
    assert entry["outcomes"]["built"] == 2
    assert {"game_date", "outcome", "reason"} == set(entry["not_done"][0])
    assert {c["name"] for c in entry["declaration"]["columns"]} == set(PLAYER_GAME_SUMMARY.column_names)


def test_dates_that_are_the_same_are_no_conflict_and_keep_when_they_were_first_written(built, exported, tmp_path):
    copied = DuckDBWarehouse(Path(shutil.copy(built.path, tmp_path / "copied.duckdb")))
    _, imported = import_season(copied, ANALYTICS_TABLES, exported, now=LATER)
    assert {(part.dates, part.replaced, part.rows) for part in imported} == {(0, 0, 0)}
    assert attempts_that_ended_well(copied) == attempts_that_ended_well(built)
    before, after = (w.read(PLAYER_GAME_SUMMARY)["created_at"].unique().tolist() for w in (built, copied))
    assert before == after
    # The raw tables are the same here, so the imported dates rest on the present inputs.
    assert outdated_dates(copied, [table.name for table in ANALYTICS_TABLES], DAYS, LATER).empty


def test_other_content_is_replaced_only_on_demand_and_then_exactly_the_dates_of_the_export(built, exported, tmp_path):
    other = DuckDBWarehouse(Path(shutil.copy(built.path, tmp_path / "other.duckdb")))
    box = other.read(NBAC_GAMEBOOK_PLAYER_STATS)
    changed = box.assign(steals=box["steals"] + (box["game_date"] == "2024-01-10").astype("Int64"))
    other.merge_rows(NBAC_GAMEBOOK_PLAYER_STATS, changed)
    produce_summaries(other, [date(2024, 1, 10)], now=LATER)
    mine = other.read(PLAYER_GAME_SUMMARY)
    with pytest.raises(ExchangeError, match=OTHER_CONTENT):
        import_season(other, ANALYTICS_TABLES, exported, now=LATER)
    pd.testing.assert_frame_equal(other.read(PLAYER_GAME_SUMMARY), mine)
    _, imported = import_season(other, ANALYTICS_TABLES, exported, now=LATER, overwrite=True)
    assert {part.name: part.replaced for part in imported}["player_game_summary"] == 1
    columns, key = PLAYER_GAME_SUMMARY.content_columns, list(PLAYER_GAME_SUMMARY.key)
    ours, theirs = (w.read(PLAYER_GAME_SUMMARY, columns).sort_values(key, ignore_index=True) for w in (other, built))
    pd.testing.assert_frame_equal(ours, theirs)


def test_what_the_export_has_not_done_replaces_nothing_that_is_done(built, tmp_path):
    """The exporting warehouse lacks a date's box scores; the importing one has it built."""
    poorer = DuckDBWarehouse(tmp_path / "poorer.duckdb")
    poorer.ensure(NBAC_SCHEDULE)
    poorer.merge_rows(NBAC_SCHEDULE, built.read(NBAC_SCHEDULE))
    produce_summaries(poorer, DAYS, now=NOW)
    directory = export_season(poorer, [PLAYER_GAME_SUMMARY], SEASON, tmp_path / "export", now=NOW).directory
    copied = DuckDBWarehouse(Path(shutil.copy(built.path, tmp_path / "copied.duckdb")))
    _, [imported] = import_season(copied, [PLAYER_GAME_SUMMARY], directory, now=LATER)
    assert imported.left == 2
    pd.testing.assert_frame_equal(copied.read(PLAYER_GAME_SUMMARY), built.read(PLAYER_GAME_SUMMARY))


def test_an_export_is_replaced_only_on_demand_and_nothing_else_ever(built, tmp_path):
    place = export_season(built, [PLAYER_GAME_SUMMARY], SEASON, tmp_path, now=NOW).directory
    with pytest.raises(ExchangeError, match="holds an export already; replace it with --overwrite"):
        export_season(built, ANALYTICS_TABLES, SEASON, tmp_path, now=NOW)
    export_season(built, ANALYTICS_TABLES, SEASON, tmp_path, now=NOW, overwrite=True)
    assert len(list(place.glob("*.parquet"))) == len(ANALYTICS_TABLES) + 1
    assert [path.name for path in tmp_path.iterdir()] == [LABEL]
    (place / "manifest.json").write_text("my notes")
    with pytest.raises(ExchangeError, match="it is left alone"):
        export_season(built, ANALYTICS_TABLES, SEASON, tmp_path, now=NOW, overwrite=True)
    assert (place / "manifest.json").read_text() == "my notes"


def test_an_export_that_fails_half_way_leaves_the_earlier_one_and_no_files(built, tmp_path, monkeypatch):
    place = export_season(built, ANALYTICS_TABLES, SEASON, tmp_path, now=NOW).directory
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    read = DuckDBWarehouse.read

    def failing(self, table, *more, **others):
        if table is ANALYTICS_TABLES[-1]:
            raise WarehouseError("gone")
        return read(self, table, *more, **others)

    monkeypatch.setattr(DuckDBWarehouse, "read", failing)
    with pytest.raises(WarehouseError, match="gone"):
        export_season(built, ANALYTICS_TABLES, SEASON, tmp_path, now=LATER, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == [LABEL]
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before


def test_a_season_of_which_nothing_is_stored_is_told_with_the_command_that_builds_it(built, tmp_path):
    with pytest.raises(ExchangeError, match=NOTHING_THERE):
        export_season(built, ANALYTICS_TABLES, 2021, tmp_path, now=NOW)
    assert list(tmp_path.iterdir()) == []


def truncate(directory: Path) -> None:
    file = directory / "team_offense_game_summary.parquet"
    file.write_bytes(file.read_bytes()[:-9])


def drop_a_column(directory: Path) -> None:
    """Rewrites a file with its own digest in the manifest, as an export by another version would."""
    import hashlib

    file = directory / "team_offense_game_summary.parquet"
    rows = pq.read_table(file).drop_columns(["pace"])
    pq.write_table(rows, file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    altered_manifest(directory, lambda content: content["tables"][1].update(sha256=digest))


def link_out(directory: Path) -> None:
    file = directory / "player_game_summary.parquet"
    outside = file.rename(directory.parent / "elsewhere.parquet")
    file.symlink_to(outside)


DAMAGES = {
    "a file cut short": (truncate, "team_offense_game_summary.parquet is not the file that was exported"),
    "a column less": (drop_a_column, "team_offense_game_summary of this version: lacks pace"),
    "a file that leads elsewhere": (link_out, "is a link"),
    "a file that is gone": (lambda d: (d / "date_outcomes.parquet").unlink(), "date_outcomes.parquet does not exist"),
    "a newer format": (
        lambda d: altered_manifest(d, lambda c: c.update(format_version=2)),
        "format version 2, this project reads 1",
    ),
    "another kind of file": (lambda d: altered_manifest(d, lambda c: c.update(format="other")), "is no manifest"),
    "a broken manifest": (lambda d: (d / "manifest.json").write_text('{"format"'), "manifest.json: the JSON content"),
    "a manifest without tables": (
        lambda d: altered_manifest(d, lambda c: c.pop("tables")),
        "the manifest is damaged",
    ),
    "another season": (
        lambda d: altered_manifest(d, lambda c: c.update(season_year=2022, season="2022-23")),
        r"has rows of 2024-01-10.*outside the season 2022-23",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_export_is_refused_in_one_line_and_nothing_is_written(name, exported, fresh, tmp_path):
    damage, told = DAMAGES[name]
    directory = copy_of(exported, tmp_path)
    damage(directory)
    with pytest.raises(ExchangeError, match=told) as error:
        import_season(fresh, ANALYTICS_TABLES, directory, now=LATER)
    assert "\n" not in str(error.value)
    assert all(fresh.read(table).empty for table in (*ANALYTICS_TABLES, DATE_OUTCOMES))


def test_a_manifest_names_no_file_of_its_own_choice(exported, fresh, tmp_path):
    """Whatever path stands in it, the table's own file in the directory is read."""
    directory = copy_of(exported, tmp_path)
    altered_manifest(directory, lambda content: content["tables"][0].update(file="../../etc/passwd"))
    import_season(fresh, ANALYTICS_TABLES, directory, now=LATER)
    assert len(fresh.read(PLAYER_GAME_SUMMARY))


def test_a_simulated_season_is_not_put_beside_real_data(exported, fresh, tmp_path):
    directory = copy_of(exported, tmp_path)
    altered_manifest(directory, lambda content: content.update(simulated=True))
    fresh.ensure(NBAC_SCHEDULE)
    fresh.merge_rows(NBAC_SCHEDULE, schedule_frame(schedule_row("0022300001", "2024-01-10")))
    with pytest.raises(WarehouseError, match="holds real data"):
        import_season(fresh, ANALYTICS_TABLES, directory, now=LATER)


def test_the_commands_export_and_import_seasons(built, tmp_path, monkeypatch, capsys):
    cli = CommandLine(tmp_path / "home")
    cli.directory.mkdir()
    shutil.copy(built.path, cli.file)
    to = str(tmp_path / "seasons [x]")
    done = cli.here(monkeypatch, capsys, "export", "--season", LABEL, "--to", to)
    assert (done.returncode, "exported the season 2023-24 to" in done.stdout) == (0, True)
    other = CommandLine(tmp_path / "other")
    other.directory.mkdir()
    taken = other.here(monkeypatch, capsys, "import", to, "--json")
    [season] = json.loads(taken.stdout)
    assert {part["name"] for part in season["tables"]} == {table.name for table in ANALYTICS_TABLES}
    assert DuckDBWarehouse(other.file).read(PLAYER_GAME_SUMMARY).equals(built.read(PLAYER_GAME_SUMMARY))
    refused = [
        cli.here(monkeypatch, capsys, *call)
        for call in (
            ("export", "--season", LABEL, "--to", to),
            ("export", "--season", "2023", "--to", to),
            ("import", str(tmp_path / "nowhere")),
            ("import", str(tmp_path / "home")),
        )
    ]
    assert [result.returncode for result in refused] == [2] * 4
    told = [result.stderr.strip() for result in refused]
    assert all(text.startswith("error: ") and "\n" not in text for text in told)
    wanted = ("--overwrite", "write 2023-24", "is no directory", "holds no exported season")
    assert [text for part, text in zip(wanted, told, strict=True) if part not in text] == []
