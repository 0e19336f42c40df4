"""Files of any origin by a mapping: what each way to fill a column gives, what is refused and how it is told."""

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, NBAC_PLAYER_BOXSCORES, NBAC_SCHEDULE, RAW_TABLES
from analytics_assets.raw.loaders.files import UnreadableFileError
from analytics_assets.raw.loaders.load_tables import load_mapped_files
from analytics_assets.raw.loaders.loaded_file import LoadedFile
from analytics_assets.raw.loaders.mapped_file import read_mapped_file
from analytics_assets.raw.loaders.mapping import ColumnSource, Mapping, MappingError, needed_columns, read_mapping
from analytics_assets.raw.loaders.mapping_template import mapping_template
from analytics_assets.raw.loaders.rows import RejectReason
from analytics_assets.tables.declaration import Table, count, string
from analytics_assets.warehouse import MergeCounts
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.nba_com_files import NOW, checked

BOXES = """
table = "nba_raw.nbac_player_boxscores"

[columns]
game_id = { date = "Date", away = "Visitor", home = "Home", as = "game_id" }
game_date = "Date"
player_lookup = { column = "Player", as = "player_lookup" }
player_name = "Player"
team_abbr = { column = "Tm", as = "tricode" }
minutes = { column = "MP", as = "minutes" }
points = "PTS"
plus_minus = "+/-"
starter = "GS"
game_status = { constant = "Final" }
"""
KIND = string("kind", "Kind.", allowed=("big", "small"))
HOSTILE = [
    'O\'Neal, "Shaq" Jr.',
    "Luka Dončić",
    "Robert'); DROP TABLE nba_raw.nbac_schedule;--",
    '=HYPERLINK("http://example.com","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "Nikola\tJokić\n(C)",
    "Li 李 Ming\u202e",
    "x" * 20_000,
    "NaN",
    "null",
]


def box(**changes: Any) -> dict[str, Any]:
    return {
        "Date": "2024-01-31",
        "Visitor": "BRK",
        "Home": "PHO",
        "Player": "Mikal Bridges",
        "Tm": "BRK",
        "MP": "36:30",
        "PTS": "21",
        "+/-": "-4",
        "GS": "1",
    } | changes


def load(tmp_path: Path, mapping: str, rows: list[dict[str, Any]]) -> LoadedFile:
    stated, path = tmp_path / "mapping.toml", tmp_path / "rows.csv"
    stated.write_text(mapping, encoding="utf-8")
    pd.DataFrame(rows).to_csv(path, index=False)
    return checked(read_mapped_file(path, read_mapping(stated), now=NOW))


def boxes(loaded: LoadedFile) -> pd.DataFrame:
    return loaded.frames[NBAC_PLAYER_BOXSCORES.name]


def test_columns_come_from_columns_conversions_constants_and_parts_of_a_game_id(tmp_path: Path) -> None:
    loaded = load(tmp_path, BOXES, [box()])
    found = boxes(loaded).iloc[0]
    assert loaded.rejected.empty
    assert found["game_id"] == "20240131_BKN_PHX"
    assert found["game_date"] == pd.Timestamp("2024-01-31")
    assert (found["player_lookup"], found["player_name"], found["team_abbr"]) == (
        "mikalbridges",
        "Mikal Bridges",
        "BKN",
    )
    assert (found["minutes"], found["points"], found["plus_minus"]) == ("36:30", 21, -4)
    assert (found["starter"], found["game_status"], found["season_year"]) == (True, "Final", 2023)
    assert found["processed_at"] == pd.Timestamp(NOW)
    assert pd.isna(found["assists"])


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"Date": "31.01.2024"}, RejectReason.MALFORMED_GAME_ID, "visiting team first"),
        ({"Home": "BKN"}, RejectReason.MALFORMED_GAME_ID, "two different"),
        ({"Player": "李明"}, RejectReason.MISSING_PLAYER, "Latin"),
        ({"Player": ""}, RejectReason.BREAKS_DECLARATION, "player_lookup may not be NULL"),
        ({"Tm": "XYZ"}, RejectReason.UNKNOWN_TRICODE, "BRK"),
        ({"MP": "a while"}, RejectReason.NOT_A_NUMBER, "playing time"),
        ({"PTS": "21.5"}, RejectReason.NOT_A_NUMBER, "whole number"),
        ({"GS": "maybe"}, RejectReason.BREAKS_DECLARATION, "yes or no"),
    ],
)
def test_a_row_that_breaks_the_declaration_is_rejected_and_told(
    tmp_path: Path, changes: dict[str, Any], reason: RejectReason, words: str
) -> None:
    loaded = load(tmp_path, BOXES, [box(Player="Kevin Durant"), box(**changes)])
    assert len(boxes(loaded)) == 1
    assert loaded.rejected["reason"].tolist() == [reason]
    assert words in loaded.rejected["detail"].iloc[0]
    told = json.loads(loaded.rejected["raw_values"].iloc[0])
    assert told == {name: value or None for name, value in box(**changes).items()}


def test_bounds_and_allowed_values_of_the_declaration_hold(tmp_path: Path) -> None:
    table = Table(
        dataset="nba_raw",
        name="measured",
        grain="One row per name.",
        description="A table with bounds, of which no raw table has any.",
        key=("name",),
        date_column=None,
        columns=(string("name", "Name.", required=True), count("size", "Size.", maximum=9), KIND),
    )
    sources = {name: ColumnSource(1, kind, (name,)) for name, kind in (("name", "text"), ("size", "whole_number"))}
    sources["kind"] = ColumnSource(1, "text", ("kind",))
    path = tmp_path / "rows.json"
    rows = [{"name": "a", "size": 9, "kind": "big"}, {"name": "b", "size": -1}, {"name": "c", "size": 10}]
    path.write_text(json.dumps([*rows, {"name": "d", "size": 1, "kind": "BIG"}, {"name": "e"}]))
    loaded = read_mapped_file(path, Mapping(tmp_path / "mapping.toml", table, sources), now=NOW)
    assert loaded.frames["measured"]["name"].tolist() == ["a", "e"]
    assert loaded.rejected["reason"].tolist() == [RejectReason.BREAKS_DECLARATION] * 3
    for detail, words in zip(loaded.rejected["detail"], ["at least 0", "at most 9", "one of big, small"], strict=True):
        assert words in detail


def test_ids_codes_and_lookups_are_not_bent_into_their_form(tmp_path: Path) -> None:
    plain = BOXES.replace('{ date = "Date", away = "Visitor", home = "Home", as = "game_id" }', '"Id"')
    plain = plain.replace('{ column = "Player", as = "player_lookup" }', '"Lookup"').replace(
        '{ column = "Tm", as = "tricode" }', '"Tm"'
    )
    good = box(Id="20240131_BKN_PHX", Lookup="mikalbridges", Tm="BKN")
    wrong = [{"Id": "2024-01-31 BKN"}, {"Lookup": "Mikal Bridges"}, {"Tm": "BRK"}]
    loaded = load(tmp_path, plain, [good, *({**good, **changes} for changes in wrong)])
    assert len(boxes(loaded)) == 1
    assert loaded.rejected["reason"].tolist() == [
        *(RejectReason.MALFORMED_GAME_ID, RejectReason.MISSING_PLAYER, RejectReason.UNKNOWN_TRICODE)
    ]


def test_hostile_names_pass_through_unharmed(tmp_path: Path) -> None:
    # A lookup of its own for each, because several of them have the same letters.
    mapping = BOXES.replace('{ column = "Player", as = "player_lookup" }', '"Lookup"')
    rows = [box(Player=name, Lookup=f"player{number}") for number, name in enumerate(HOSTILE)]
    loaded = load(tmp_path, mapping, rows)
    warehouse = DuckDBWarehouse(tmp_path / "boxes.duckdb")
    paths, stated = [tmp_path / "rows.csv"], read_mapping(tmp_path / "mapping.toml")
    load_mapped_files(warehouse, paths, stated, now=NOW)
    assert boxes(loaded)["player_name"].tolist() == HOSTILE
    stored = warehouse.read(
        NBAC_PLAYER_BOXSCORES, ["player_lookup", "player_name"], date(2024, 1, 31), date(2024, 1, 31)
    )
    assert dict(zip(stored["player_lookup"], stored["player_name"], strict=True)) == {
        f"player{number}": name for number, name in enumerate(HOSTILE)
    }
    again = load_mapped_files(warehouse, paths, stated, now=NOW)[0].counts
    assert again == {NBAC_PLAYER_BOXSCORES.name: MergeCounts(added=0, changed=0, unchanged=len(HOSTILE))}


def test_moments_need_a_stated_time_zone_and_dates_may_be_taken_from_them(tmp_path: Path) -> None:
    mapping = """
        table = "nbac_schedule"
        [columns]
        game_id = { column = "id", as = "nba_game_id" }
        game_date = { column = "utc", as = "eastern_date" }
        game_status = { constant = 3 }
        home_team_tricode = { column = "home", as = "team_name" }
        away_team_tricode = { column = "away", as = "team_name" }
        tipoff_at = { column = "local", as = "eastern_moment" }
        covered_game_types = "kinds"
        processed_at = "utc"
    """
    game = {"id": "22300061", "utc": "2023-10-25T00:30:00Z", "home": "Denver Nuggets", "away": "Los Angeles Lakers"}
    game |= {"local": "2023-10-24 20:30:00", "kinds": "regular; playoffs"}
    rows = [game, {**game, "id": "22300062", "local": "2023-10-24T20:30:00Z"}]
    loaded = load(tmp_path, mapping, rows)
    found = loaded.frames[NBAC_SCHEDULE.name].iloc[0]
    assert (found["game_id"], found["game_date"]) == ("0022300061", pd.Timestamp("2023-10-24"))
    assert found["tipoff_at"] == found["processed_at"] == pd.Timestamp("2023-10-25T00:30:00Z")
    assert (found["away_team_tricode"], found["home_team_tricode"]) == ("LAL", "DEN")
    assert (found["covered_game_types"], found["data_source"]) == (["regular", "playoffs"], "mapped_file")
    assert loaded.rejected["reason"].tolist() == [RejectReason.MALFORMED_DATE]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"PTS"', "PTS"), "TOML"),
        (("nba_raw.nbac_player_boxscores", "boxes"), "line 2: 'boxes' is no raw table"),
        (("points =", "pionts ="), "line 11: pionts: .* did you mean points"),
        (("player_lookup = {", "# {"), "player_lookup of nba_raw.nbac_player_boxscores may not be NULL and is not"),
        (('as = "tricode"', 'as = "code"'), "line 9: team_abbr: 'code' is no conversion; .*tricode"),
        (('points = "PTS"', 'points = { column = "PTS", as = "date" }'), "gives DATE, the column is INT64"),
        (('points = "PTS"', 'points = { constant = "many" }'), "must be a whole number"),
        (('points = "PTS"', "points = 21"), "constant"),
        (('points = "PTS"', 'data_hash = "PTS"'), "leave it out"),
        (('date = "Date", away', 'day = "Date", away'), 'write { date = "…", away = "…", home = "…"'),
        (("[columns]", "[column]"), "'column' means nothing here"),
    ],
)
def test_a_mapping_that_does_not_fit_is_told_with_its_line_and_the_remedy(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    assert change[0] in BOXES
    with pytest.raises(MappingError, match=words) as told:
        load(tmp_path, BOXES.replace(*change), [box()])
    assert "mapping.toml" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_column_that_the_file_lacks_is_told_with_both_files_and_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"rows.csv: has no column 'PTS'.*mapping.toml, line 11.*'Pts'"):
        load(tmp_path, BOXES, [{("Pts" if name == "PTS" else name): value for name, value in box().items()}])


@pytest.mark.parametrize("table", RAW_TABLES, ids=lambda table: table.name)
def test_the_template_of_every_table_is_a_mapping_that_only_lacks_names(tmp_path: Path, table: Table) -> None:
    text = mapping_template(table)
    assert set(tomllib.loads(text)["columns"]) == {column.name for column in needed_columns(table)}
    path = tmp_path / "mapping.toml"
    # With every remark opened it names each column once.
    opened = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and line[2:].split(" = ")[0] in table.by_name else line
        for line in text.splitlines()
    )
    path.write_text(opened, encoding="utf-8")
    read = read_mapping(path)
    assert read.table is table
    assert set(table.column_names) - set(read.sources) <= {"processed_at", "data_hash", "season_year"}


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(
        """
        table = "espn_team_rosters"
        [columns]
        roster_date = "day"
        team_abbr = { column = "team", as = "tricode" }
        player_lookup = { column = "name", as = "player_lookup_last_first" }
        player_name = { column = "name", as = "name_last_first" }
        season_year = { column = "day", as = "season_year" }
        """
    )
    path = tmp_path / "rows.parquet"
    day = pd.Timestamp("2024-01-31")
    pd.DataFrame({"day": [day], "team": ["GS"], "name": ["Payton II, Gary"]}).to_parquet(path)
    loaded = checked(read_mapped_file(path, read_mapping(tmp_path / "mapping.toml"), now=NOW))
    found = loaded.frames[ESPN_TEAM_ROSTERS.name].iloc[0]
    assert (found["roster_date"], found["season_year"], found["team_abbr"]) == (day, 2023, "GSW")
    assert (found["player_lookup"], found["player_name"]) == ("garypaytonii", "Gary Payton II")
