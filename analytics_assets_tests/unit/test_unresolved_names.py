"""Names that the registry does not know: which are told, whom they may mean, and the line that settles them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_INJURY_REPORT,
    NBAC_PLAYER_BOXSCORES,
    ODDS_API_PLAYER_POINTS_PROPS,
    PLAYER_REGISTRY,
    RAW_TABLES,
)
from analytics_assets.raw.player_aliases import PLAYER_ALIASES_VARIABLE, player_aliases
from analytics_assets.raw.source_names import SOURCE_NAMES, read_source_names
from analytics_assets.raw.unresolved_names import unresolved_names
from analytics_assets.tables.frames import conform
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import moment, raw_frame

ORL, LAL = "ORL", "20240110_ORL_LAL"
BOX, GAMEBOOK = NBAC_PLAYER_BOXSCORES.name, NBAC_GAMEBOOK_PLAYER_STATS.name
PROPS, ROSTERS = ODDS_API_PLAYER_POINTS_PROPS.name, ESPN_TEAM_ROSTERS.name


def named(table: str, lookup: str | None, place: str, *, nba_id: int | None = None, rows: int = 1, season: int = 2023):
    return {
        "source_table": table,
        "player_lookup": lookup,
        "nba_player_id": nba_id,
        "season_year": season,
        "team_or_game": place,
        "player_name": lookup,
        "first_date": pd.Timestamp("2024-01-10"),
        "last_date": pd.Timestamp("2024-01-12"),
        "row_count": rows,
    }


def names_of(*rows: dict) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows))
    return conform(frame.drop(columns="source_table"), SOURCE_NAMES).assign(source_table=frame["source_table"])


def registered(*players: tuple[str, str, int | None], season: int = 2023) -> pd.DataFrame:
    frame = pd.DataFrame(players, columns=["player_lookup", "player_name", "nba_player_id"]).assign(season_year=season)
    return frame.astype({"player_lookup": "string", "player_name": "string", "nba_player_id": "Int64"})


REGISTRY = registered(
    ("jonathanisaac", "Jonathan Isaac", 1),
    ("jalensuggs", "Jalen Suggs", 2),
    ("wendellcarterjr", "Wendell Carter Jr.", 3),
    ("austinreaves", "Austin Reaves", 4),
    ("jarredvanderbilt", "Jarred Vanderbilt", 5),
    ("jaxsonhayes", "Jaxson Hayes", 6),
    ("jeffgreen", "Jeff Green", 7),
    ("jaydengreen", "Jayden Green", 8),
)
ROSTER = [
    *(named(BOX, lookup, ORL, nba_id=number) for lookup, number in (("jonathanisaac", 1), ("jalensuggs", 2))),
    *(named(BOX, lookup, "LAL", nba_id=number) for lookup, number in (("austinreaves", 4), ("jaxsonhayes", 6))),
    *(named(BOX, lookup, "LAL", nba_id=number) for lookup, number in (("jeffgreen", 7), ("jaydengreen", 8))),
]


def found(*rows: dict, registry: pd.DataFrame = REGISTRY) -> dict[str, tuple[list[str], str, str]]:
    """By lookup: suggestions, the reason and the line."""
    told = unresolved_names(names_of(*ROSTER, *rows), registry, player_aliases({}))
    columns = zip(told["player_lookup"], told["suggestions"], told["reason"], told["alias_line"], strict=True)
    return {lookup: (suggestions, reason, line) for lookup, suggestions, reason, line in columns}


def test_known_names_aliases_and_rows_without_a_name_are_no_trouble() -> None:
    rows = [
        named(PROPS, "jalensuggs", LAL),
        named(PROPS, "1234jalensuggs", LAL),
        named(PROPS, "Jalen Suggs", LAL),
        # An alias of the project.
        named(PROPS, "wendellcarter", LAL),
        # Registered, though no box score names him.
        named(ROSTERS, "jarredvanderbilt", "LAL"),
        named(PROPS, None, LAL),
        named(PROPS, "", LAL),
    ]
    assert found(*rows) == {}


def test_suggestions_are_the_same_but_for_a_suffix_an_initial_or_alike_in_this_order() -> None:
    rows = [
        named(PROPS, "austinreavesjr", LAL),
        named(PROPS, "jisaac", LAL),
        named(PROPS, "jgreen", LAL),
        named(PROPS, "jalensugs", LAL),
        named(PROPS, "jarodvanderbilt", LAL),
        named(PROPS, "nobodyever", LAL),
    ]
    assert found(*rows) == {
        "austinreavesjr": (
            ["austinreaves"],
            "the same name but for a suffix",
            "austinreavesjr,austinreaves,2023,,the same name but for a suffix",
        ),
        # An initial is settled for the season alone.
        "jisaac": (
            ["jonathanisaac"],
            "an initial for the first name",
            "jisaac,jonathanisaac,2023,2023,an initial for the first name",
        ),
        "jgreen": (["jaydengreen", "jeffgreen"], "an initial for the first name", ""),
        "jalensugs": (["jalensuggs"], "a name alike", "jalensugs,jalensuggs,2023,,a name alike"),
        # No box score says where he plays; the season has him.
        "jarodvanderbilt": (
            ["jarredvanderbilt"],
            "a name alike",
            "jarodvanderbilt,jarredvanderbilt,2023,,a name alike",
        ),
        "nobodyever": (
            [],
            "nobody of the season has a name like this; is his season's box score or list of players loaded?",
            "",
        ),
    }


def test_names_alike_of_another_team_are_not_suggested() -> None:
    # Three letters of ten differ: enough within his team, too many among six hundred players.
    assert found(named(ROSTERS, "jalensigns", ORL))["jalensigns"][0] == ["jalensuggs"]
    assert found(named(ROSTERS, "jalensigns", "LAL"))["jalensigns"][0] == []


def test_the_nba_id_says_whom_a_name_means_before_any_likeness() -> None:
    # A gamebook with a name of its own for id 2, and a registered other name that a book uses.
    rows = [named(GAMEBOOK, "theroute", ORL, nba_id=2), named(PROPS, "jalenrashonsuggs", LAL)]
    registry = pd.concat([REGISTRY, registered(("jalenrashonsuggs", "Jalen Rashon Suggs", 2))], ignore_index=True)
    told = found(*rows, registry=registry)
    assert {lookup: (who, why) for lookup, (who, why, _) in told.items()} == {
        "theroute": (["jalensuggs"], "the same NBA.com id"),
        "jalenrashonsuggs": (["jalensuggs"], "the same NBA.com id"),
    }


def test_a_season_without_registry_says_what_to_run() -> None:
    told = found(named(PROPS, "jalensuggs", LAL, season=2022))
    assert told["jalensuggs"] == (
        *([], "the registry holds nobody of this season; run nba-analytics player registry build", ""),
    )


def test_rows_are_counted_per_table_and_season_and_the_team_in_all_his_games_is_his() -> None:
    rows = [
        named(PROPS, "jisaac", LAL, rows=3),
        named(PROPS, "jisaac", "20240112_ORL_BOS", rows=2),
        named(ROSTERS, "jisaac", ORL, rows=9),
        named(PROPS, "jisaac", "LAL", season=2024),
    ]
    told = unresolved_names(names_of(*ROSTER, *rows), REGISTRY, player_aliases({}))
    columns = ["source_table", "season_year", "row_count"]
    assert told[columns].to_numpy().tolist() == [[ROSTERS, 2023, 9], [PROPS, 2023, 5], [PROPS, 2024, 1]]
    assert told["teams"].tolist() == [[ORL], [ORL], ["LAL"]]


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    """A warehouse in which a book and an injury report name a player whom the box score calls differently."""
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    warehouse.ensure(*RAW_TABLES)
    written = moment("2024-01-11")
    game = {"game_id": LAL, "game_date": pd.Timestamp("2024-01-10"), "processed_at": written}
    box = {**game, "player_lookup": "jonathanisaac", "nba_player_id": 1, "team_abbr": ORL, "minutes": "20:00"}
    short = {**game, "player_lookup": "jisaac", "player_name": "J. Isaac"}
    offer = {"bookmaker": "fanduel", "points_line": 6.5, "snapshot_timestamp": written}
    rows = {
        NBAC_PLAYER_BOXSCORES: box,
        ODDS_API_PLAYER_POINTS_PROPS: short | offer,
        NBAC_INJURY_REPORT: short | {"team_abbr": ORL, "reported_at": written, "injury_status": "out"},
        PLAYER_REGISTRY: {
            **{"player_lookup": "jonathanisaac", "player_name": "Jonathan Isaac", "season_year": 2023},
            **{"universal_player_id": "nba-1", "nba_player_id": 1, "processed_at": written},
        },
    }
    for table, row in rows.items():
        warehouse.merge_rows(table, raw_frame(table, [row]))
    return CommandLine(tmp_path)


def test_the_command_lists_names_and_lines_and_is_quiet_once_they_are_added(command, monkeypatch, capsys) -> None:
    told = command.here(monkeypatch, capsys, "raw", "unresolved", "--season", "2023-24", "--json")
    assert told.returncode == 1
    rows = json.loads(told.stdout)
    assert [row["source_table"] for row in rows] == [NBAC_INJURY_REPORT.name, PROPS]
    assert rows[1] == {
        "source_table": PROPS,
        "season": "2023-24",
        "player_lookup": "jisaac",
        "player_name": "J. Isaac",
        "teams": ["LAL", "ORL"],
        "first_date": "2024-01-10",
        "last_date": "2024-01-10",
        "rows": 1,
        "suggestions": ["jonathanisaac"],
        "reason": "an initial for the first name",
        "alias_line": "jisaac,jonathanisaac,2023,2023,an initial for the first name",
    }
    shown = command.here(monkeypatch, capsys, "raw", "unresolved")
    assert shown.returncode == 1
    own = command.directory / "own.csv"
    lines = shown.stdout.splitlines()
    own.write_text("\n".join(lines[lines.index("alias,canonical,from_season,until_season,note") :]))
    names = read_source_names(DuckDBWarehouse(command.file))
    aliases = player_aliases({PLAYER_ALIASES_VARIABLE: str(own)})
    assert unresolved_names(names, registered(("jonathanisaac", "Jonathan Isaac", 1)), aliases).empty
    assert command.here(monkeypatch, capsys, "raw", "unresolved", "--season", "2022").returncode == 0
    wrong = command.here(monkeypatch, capsys, "raw", "unresolved", "--season", "2023-25")
    assert (wrong.returncode, "'2023-25' is no season; write it as 2023-24" in wrong.stderr) == (2, True)
