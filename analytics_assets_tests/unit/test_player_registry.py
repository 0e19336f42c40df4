"""The player registry: NBA.com's list of players, game logs and what others stored agree, whichever comes first."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.build_registry import RegistryReport, build_registry
from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.loaders.files import UnreadableFileError
from analytics_assets.raw.loaders.load import load_nba_com, with_agreeing_registry
from analytics_assets.raw.loaders.load_answers import load_nba_com_answers
from analytics_assets.raw.loaders.nba_com import FileKind, RejectReason
from analytics_assets.raw.loaders.rows import RowLedger
from analytics_assets.raw.loaders.team_roster import roster_frames
from analytics_assets.raw.player_aliases import PLAYER_ALIASES_VARIABLE, PlayerAliasError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.nba_com_files import NOW, league_game_log, load, player_line
from analytics_assets_tests.support.raw_rows import box_rows, moment, raw_frame

ENES, MOE, WAGNER = 202683, 1629021, 2030


def listed(**changes: Any) -> dict[str, Any]:
    return {
        "PERSON_ID": ENES,
        "DISPLAY_LAST_COMMA_FIRST": "Freedom, Enes",
        "DISPLAY_FIRST_LAST": "Enes Freedom",
        "ROSTERSTATUS": 0,
        "FROM_YEAR": "2020",
        "TO_YEAR": "2021",
    } | changes


def answer(*players: dict[str, Any]) -> dict[str, Any]:
    headers = list(players[0])
    rows = [[player.get(name) for name in headers] for player in players]
    return {"resource": "x", "resultSets": [{"name": "CommonAllPlayers", "headers": headers, "rowSet": rows}]}


def saved(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def line(player_id: int, name: str, day: str = "2021-10-24", **changes: Any) -> dict[str, Any]:
    """A line of the season that the date is in."""
    season = int(day[:4]) - (int(day[5:7]) < 10)
    game = {"GAME_ID": f"002{season % 100:02d}00061", "GAME_DATE": day}
    return player_line(PLAYER_ID=player_id, PLAYER_NAME=name, **game, **changes)


def rows_of(registry: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Lookup, season and identity of each row, and its date of birth where it has one."""
    told = registry.sort_values(["season_year", "player_lookup"])
    born = told["birth_date"].dt.date.astype(object).where(told["birth_date"].notna(), None)
    found = zip(told["player_lookup"], told["season_year"], told["universal_player_id"], born, strict=True)
    return [row[:3] if row[3] is None else row for row in found]


def test_a_list_of_players_names_everybody_in_every_season_of_his(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        answer(
            listed(BIRTHDATE="1992-05-20T00:00:00"),
            listed(PERSON_ID=893, DISPLAY_FIRST_LAST="Michael Jordan", FROM_YEAR="1984", TO_YEAR="1997"),
            listed(PERSON_ID=600015, DISPLAY_FIRST_LAST="Oscar Robertson", FROM_YEAR="1960", TO_YEAR="1973"),
        ),
    )
    assert (loaded.kind, len(loaded.rejected)) == (FileKind.PLAYER_LIST, 0)
    assert rows_of(loaded.frames[PLAYER_REGISTRY.name]) == [
        ("michaeljordan", 1996, "nba-893"),
        ("michaeljordan", 1997, "nba-893"),
        ("enesfreedom", 2020, f"nba-{ENES}", date(1992, 5, 20)),
        ("enesfreedom", 2021, f"nba-{ENES}", date(1992, 5, 20)),
    ]


@pytest.mark.parametrize(
    ("changes", "reason", "says"),
    [
        ({"PERSON_ID": None}, RejectReason.MISSING_PLAYER, "PERSON_ID is empty"),
        ({"PERSON_ID": 0}, RejectReason.MISSING_PLAYER, "not an NBA player id"),
        ({"DISPLAY_FIRST_LAST": "姚明"}, RejectReason.MISSING_PLAYER, "no name in Latin letters"),
        ({"FROM_YEAR": None}, RejectReason.MALFORMED_DATE, "FROM_YEAR is empty"),
        ({"TO_YEAR": "2077"}, RejectReason.MALFORMED_DATE, "TO_YEAR is '2077'"),
        ({"FROM_YEAR": "2022"}, RejectReason.MALFORMED_DATE, "lies before the first"),
        ({"BIRTHDATE": "soon"}, RejectReason.MALFORMED_DATE, "not a date of birth"),
        ({"BIRTHDATE": "2092-05-20"}, RejectReason.MALFORMED_DATE, "not a date of birth"),
        ({"TO_YEAR": "2020"}, RejectReason.DUPLICATE_ROW, "stands further down again"),
    ],
)
def test_rejected_players(tmp_path: Path, changes: dict[str, Any], reason: RejectReason, says: str) -> None:
    loaded = load(tmp_path, answer(listed(BIRTHDATE=None) | changes, listed(BIRTHDATE=None)))
    assert loaded.rejected["reason"].tolist() == [reason]
    assert says in loaded.rejected["detail"].iloc[0]
    assert len(loaded.frames[PLAYER_REGISTRY.name]) == 2


def test_logs_and_list_give_the_same_registry_in_either_order_and_twice_changes_nothing(tmp_path: Path) -> None:
    """The log of 2020-21 knows him as Kanter; two more players are namesakes, of whom only the younger played."""
    logs = [
        saved(tmp_path / "2020.json", league_game_log(line(ENES, "Enes Kanter", "2021-01-24"))),
        saved(tmp_path / "2021.json", league_game_log(line(ENES, "Enes Freedom"), line(MOE, "Marcus Williams"))),
    ]
    williams = {"DISPLAY_FIRST_LAST": "Marcus Williams", "FROM_YEAR": "2021", "TO_YEAR": "2021"}
    everybody = [
        listed(BIRTHDATE="1992-05-20"),
        listed(**williams, PERSON_ID=WAGNER, BIRTHDATE=None),
        listed(**williams, PERSON_ID=MOE, BIRTHDATE=None),
    ]
    players = saved(tmp_path / "players.json", answer(*everybody))
    expected = [
        ("enesfreedom", 2020, f"nba-{ENES}", date(1992, 5, 20)),
        ("eneskanter", 2020, f"nba-{ENES}", date(1992, 5, 20)),
        ("enesfreedom", 2021, f"nba-{ENES}", date(1992, 5, 20)),
        ("marcuswilliams", 2021, f"nba-{MOE}"),
    ]
    first = DuckDBWarehouse(tmp_path / "first.duckdb")
    load_nba_com(first, [*logs, players], now=NOW)
    found = first.read(PLAYER_REGISTRY)
    # His namesake, who did not play, is there under a name of his own.
    plain = found[found["player_lookup"] != f"marcuswilliams{WAGNER}"]
    assert [row for row in rows_of(plain) if row[0] != f"marcuswilliams{MOE}"] == expected
    assert f"marcuswilliams{WAGNER}" in set(found["player_lookup"])
    reports = load_nba_com(first, [*logs, players], now=NOW)
    counts = [report.counts[PLAYER_REGISTRY.name] for report in reports]
    assert all(count.added == count.changed == 0 for count in counts)
    # List first: the log takes the plain name for the one who played, and keeps what the list says of Freedom.
    second = DuckDBWarehouse(tmp_path / "second.duckdb")
    load_nba_com(second, [players, *logs], now=NOW)
    assert [row for row in rows_of(second.read(PLAYER_REGISTRY)) if row[0][-1].isalpha()] == expected


def test_an_identity_that_others_gave_stays_with_the_player(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    warehouse.ensure(PLAYER_REGISTRY)
    theirs = {"universal_player_id": "kanter-01", "processed_at": moment("2020-09-01")}
    stored = [
        {"player_lookup": "eneskanter", "season_year": 2020, "nba_player_id": ENES, **theirs},
        {"player_lookup": "moewagner", "season_year": 2021, **theirs, "universal_player_id": "wagner-01"},
    ]
    warehouse.merge_rows(PLAYER_REGISTRY, raw_frame(PLAYER_REGISTRY, stored))
    moe = listed(PERSON_ID=MOE, DISPLAY_FIRST_LAST="Moe Wagner", FROM_YEAR="2021", TO_YEAR="2021")
    load_nba_com(warehouse, [saved(tmp_path / "players.json", answer(listed(), moe))], now=NOW)
    assert rows_of(warehouse.read(PLAYER_REGISTRY)) == [
        ("enesfreedom", 2020, "kanter-01"),
        ("eneskanter", 2020, "kanter-01"),
        ("enesfreedom", 2021, "kanter-01"),
        ("moewagner", 2021, "wagner-01"),
    ]


def test_namesakes_in_several_files_never_become_one(tmp_path: Path) -> None:
    """One file a game, as they are fetched: the first to play keeps the name, whoever has the lower id."""
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    name, young, old = "Marcus Williams", MOE, WAGNER
    games = [
        (young, "2021-10-24", "0022100061"),
        (old, "2021-10-26", "0022100075"),
        (young, "2021-10-28", "0022100090"),
    ]
    files = []
    for number, (player, day, game_id) in enumerate(games):
        log = league_game_log(line(player, name, day) | {"GAME_ID": game_id})
        files.append(saved(tmp_path / f"{number}.json", log))
        load_nba_com(warehouse, files[-1:], now=NOW)
    season = league_game_log(*(line(player, name, day) | {"GAME_ID": game_id} for player, day, game_id in games))
    for paths in ([], [*files, saved(tmp_path / "season.json", season)]):
        reports = load_nba_com(warehouse, paths, now=NOW)
        assert all(count.added == count.changed == 0 for report in reports for count in report.counts.values())
        box = warehouse.read(NBAC_PLAYER_BOXSCORES).sort_values("game_date")
        plain, apart = "marcuswilliams", f"marcuswilliams{old}"
        assert box["player_lookup"].tolist() == [plain, apart, plain]
        registry = warehouse.read(PLAYER_REGISTRY)
        assert rows_of(registry) == [(plain, 2021, f"nba-{young}"), (apart, 2021, f"nba-{old}")]
    # Together in one command nobody was first, so the lower id keeps the name, as in a log of the season.
    together = DuckDBWarehouse(tmp_path / "together.duckdb")
    load_nba_com_answers(together, {path.name: path for path in files}, now=NOW)
    box = together.read(NBAC_PLAYER_BOXSCORES).sort_values("game_date")
    assert box["player_lookup"].tolist() == [f"marcuswilliams{young}", "marcuswilliams", f"marcuswilliams{young}"]
    assert rows_of(together.read(PLAYER_REGISTRY)) == [
        ("marcuswilliams", 2021, f"nba-{old}"),
        (f"marcuswilliams{young}", 2021, f"nba-{young}"),
    ]


def test_a_fetched_roster_tells_dates_of_birth_and_takes_no_name_from_who_played(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    log = saved(tmp_path / "log.json", league_game_log(line(ENES, "Enes Freedom"), line(MOE, "Marcus Williams")))
    member = {"TeamID": 1610612743, "SEASON": "2021", "PLAYER_SLUG": "x", "POSITION": "C", "SCHOOL": "Kentucky"}
    roster = [
        member | {"PLAYER": "Enes Freedom", "PLAYER_ID": ENES, "BIRTH_DATE": "MAY 20, 1992"},
        member | {"PLAYER": "Marcus Williams", "PLAYER_ID": WAGNER, "BIRTH_DATE": "soon"},
        member | {"PLAYER": "No Number", "PLAYER_ID": None, "BIRTH_DATE": None},
    ]
    lines = pd.DataFrame(roster)
    frames = roster_frames(lines.rename(columns=str.upper), RowLedger(len(lines)), NOW, NOW)
    assert len(frames[ESPN_TEAM_ROSTERS.name]) == 3
    load_nba_com(warehouse, [log], now=NOW)
    found = with_agreeing_registry(warehouse, frames, from_list=True)[PLAYER_REGISTRY.name]
    assert rows_of(found) == [
        ("enesfreedom", 2021, f"nba-{ENES}", date(1992, 5, 20)),
        (f"marcuswilliams{WAGNER}", 2021, f"nba-{WAGNER}"),
    ]


def gamebook(path: Path) -> DuckDBWarehouse:
    """A gamebook of another loader: everybody with an id, but for one; nobody is registered."""
    warehouse = DuckDBWarehouse(path / "nba.duckdb")
    warehouse.ensure(NBAC_GAMEBOOK_PLAYER_STATS)
    rows = box_rows("2024-01-10")
    for number, row in enumerate(rows):
        row["nba_player_id"] = None if number == 0 else number
    frame = raw_frame(NBAC_GAMEBOOK_PLAYER_STATS, rows)
    warehouse.merge_rows(NBAC_GAMEBOOK_PLAYER_STATS, frame)
    return warehouse


def built(warehouse: DuckDBWarehouse, *paths: Path) -> RegistryReport:
    return build_registry(warehouse, paths, now=NOW)


def test_building_registers_whom_stored_box_scores_name_with_an_id(tmp_path: Path) -> None:
    warehouse = gamebook(tmp_path)
    report = built(warehouse)
    assert (report.counts.added, report.counts.changed) == (11, 0)
    assert report.seasons.to_dict("records") == [{"season_year": 2023, "names": 11, "players": 11, "birth_dates": 0}]
    again = built(warehouse)
    assert (again.counts.added, again.counts.changed, again.counts.unchanged) == (0, 0, 11)
    called = listed(PERSON_ID=3, DISPLAY_FIRST_LAST="Chuck", FROM_YEAR="2022", TO_YEAR="2023", BIRTHDATE="1999-01-02")
    with_list = built(warehouse, saved(tmp_path / "players.json", answer(called)))
    # The name of his that was there gets the date of birth too.
    assert (with_list.counts.added, with_list.counts.changed) == (2, 1)
    assert with_list.seasons.to_dict("records")[-1] == {
        **{"season_year": 2023, "names": 12, "players": 11, "birth_dates": 1}
    }
    assert built(warehouse).counts.changed == 0
    assert with_list.several_names.to_dict("records") == [
        {"nba_player_id": 3, "names": ["chuck 2022-2023", "bosplayer3 2023"]}
    ]
    with pytest.raises(UnreadableFileError, match="is a player_game_log, not a list of players"):
        built(warehouse, saved(tmp_path / "log.json", league_game_log(player_line())))


def test_an_alias_that_makes_two_registered_players_one_is_refused(tmp_path: Path, monkeypatch) -> None:
    own = tmp_path / "own.csv"
    own.write_text("alias,canonical,from_season,until_season,note\nbosplayer3,bosplayer4,,,\n")
    monkeypatch.setenv(PLAYER_ALIASES_VARIABLE, str(own))
    with pytest.raises(PlayerAliasError, match="makes bosplayer3 and bosplayer4 one player"):
        built(gamebook(tmp_path))


def test_the_command_tells_what_the_registry_holds_as_text_and_as_json(tmp_path: Path, monkeypatch, capsys) -> None:
    gamebook(tmp_path)
    command = CommandLine(tmp_path)
    told = command.here(monkeypatch, capsys, "player", "registry", "build", "--json")
    assert told.returncode == 0
    document = json.loads(told.stdout)
    assert (document["added"], document["rejected"]) == (11, 0)
    players = saved(tmp_path / "players.json", answer(listed(), listed(PERSON_ID=None)))
    told = command.here(monkeypatch, capsys, "player", "registry", "build", str(players))
    assert told.returncode == 1
    assert "2 rows added, 0 changed, 11 unchanged" in told.stdout
    assert "1 players rejected (missing_player), first row 2: PERSON_ID is empty" in told.stdout
