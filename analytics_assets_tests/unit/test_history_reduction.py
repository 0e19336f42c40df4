"""What contexts look back on is chosen inside the engine: on DuckDB and on an emulator of BigQuery."""

import uuid
from datetime import date

import pandas as pd
import pytest

from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS
from analytics_assets.raw.roster_reduction import rosters_known_on
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.stats.history_reduction import opening_dates, player_history, team_history, teams_of_dates
from analytics_assets.tables.declaration import count, string
from analytics_assets.tables.frames import conform
from analytics_assets.warehouse import Warehouse, Write
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.literal_tables import declare
from analytics_assets_tests.support.raw_rows import moment, raw_frame, schedule_frame, schedule_row

SUMMARY = declare(
    string("team_abbr", "Team.", required=True),
    string("player_lookup", "Player.", required=True),
    count("points", "Points."),
    name="summary",
    key=("game_id", "player_lookup"),
)
COLUMNS = ("game_id", "game_date", "team_abbr", "player_lookup")
START, END = date(2024, 1, 1), date(2024, 1, 31)
OPENING = [date(2024, 1, 1), date(2024, 1, 2)]
# Day of January, team, player.
PLAYED = [
    *((1, "MIA", "early"), (2, "DEN", "soon")),
    *((10, "BOS", "stays"), (11, "BOS", "leaves"), (12, "LAL", "leaves"), (13, "LAL", "comes")),
    *((10, "MIA", "reported"), (10, "MIA", "nobody"), (11, "DEN", "nobody"), (12, "DEN", "robert")),
]


@pytest.fixture(params=["duckdb", "bigquery"])
def warehouse(request, tmp_path) -> Warehouse:
    if request.param == "duckdb":
        found = DuckDBWarehouse(tmp_path / "w.duckdb", wait_seconds=5)
        found.ensure(SUMMARY, ESPN_TEAM_ROSTERS)
        return found
    emulator = request.getfixturevalue("bigquery_emulator")
    return emulator.warehouse(f"project-{uuid.uuid4().hex[:12]}", SUMMARY, ESPN_TEAM_ROSTERS)


def fill(warehouse: Warehouse, *played: tuple[int, str, str]) -> None:
    rows = pd.DataFrame(played, columns=["day", "team_abbr", "player_lookup"])
    rows["game_date"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rows.pop("day") - 1, unit="D")
    rows["game_id"] = rows["game_date"].dt.strftime("%d") + rows["team_abbr"]
    warehouse.commit([Write(SUMMARY, conform(rows.assign(points=1), SUMMARY))])


def chosen(warehouse: Warehouse, reduction) -> list[tuple[int, str, str]]:
    found = warehouse.reduce(reduction, START, END)
    assert tuple(found.columns) == COLUMNS
    rows = zip(found["game_date"].dt.day, found["team_abbr"], found["player_lookup"], strict=True)
    return sorted((int(day), team, player) for day, team, player in rows)


def test_whole_season_of_everyone_whom_the_asked_games_concern_travels_and_nobody_elses(warehouse: Warehouse) -> None:
    fill(warehouse, *PLAYED)
    asked = {"teams": ["BOS"], "opening": OPENING, "players": {"comes", "reported"}}
    renamed = {"other_names": {"bob", "robbie"}, "renamed": {"bob", "robbie", "robert"}}
    concerned = {(day, team, player) for day, team, player in PLAYED if player not in ("nobody", "robert")}
    assert chosen(warehouse, player_history(SUMMARY, COLUMNS, **asked, **renamed)) == sorted(concerned)
    # Under an old name a row may be anybody's who has one.
    fill(warehouse, (20, "LAL", "7bob"))
    found = chosen(warehouse, player_history(SUMMARY, COLUMNS, **asked, **renamed))
    assert found == sorted({*concerned, (12, "DEN", "robert"), (20, "LAL", "7bob")})


def test_of_a_team_table_only_the_asked_teams_and_the_opening_dates_travel(warehouse: Warehouse) -> None:
    fill(warehouse, *PLAYED)
    found = chosen(warehouse, team_history(SUMMARY, COLUMNS, "team_abbr", ["BOS", "O'; DROP TABLE d.summary; --"], []))
    assert found == [(10, "BOS", "stays"), (11, "BOS", "leaves")]
    found = chosen(warehouse, team_history(SUMMARY, COLUMNS, "team_abbr", [], OPENING))
    assert found == [(1, "MIA", "early"), (2, "DEN", "soon")]


def test_rosters_are_the_latest_that_name_a_player_for_a_team_on_each_asked_day(warehouse: Warehouse) -> None:
    editions = [
        *((1, "BOS", "stays"), (1, "BOS", "leaves"), (8, "BOS", "stays"), (8, "BOS", "comes")),
        *((9, "LAL", "leaves"), (15, "BOS", "stays"), (15, "BOS", "late"), (16, "BOS", "later")),
    ]
    written = moment("2024-01-20")
    names = [
        {
            "roster_date": date(2024, 1, day),
            "team_abbr": team,
            "player_lookup": player,
            "season_year": season,
            "processed_at": written,
        }
        for day, team, player in editions
        for season in (2023, None)
    ]
    warehouse.commit([Write(ESPN_TEAM_ROSTERS, raw_frame(ESPN_TEAM_ROSTERS, names))])

    def known_on(*days: int) -> list[tuple[int, str, str]]:
        found = warehouse.reduce(rosters_known_on([date(2024, 1, day) for day in days]), START, END)
        assert found.columns.tolist() == ESPN_TEAM_ROSTERS.column_names
        keys = zip(found["roster_date"].dt.day, found["team_abbr"], found["player_lookup"], strict=True)
        return sorted((int(day), team, player) for day, team, player in keys)

    def twice(*rows: tuple[int, str, str]) -> list[tuple[int, str, str]]:
        return sorted([*rows, *rows])

    left = (1, "BOS", "leaves")
    assert known_on(10) == twice(left, (8, "BOS", "stays"), (8, "BOS", "comes"), (9, "LAL", "leaves"))
    assert known_on(15) == twice(left, (8, "BOS", "comes"), (9, "LAL", "leaves"), *editions[5:7])
    assert known_on(2, 15) == twice(
        (1, "BOS", "stays"), left, (8, "BOS", "comes"), (9, "LAL", "leaves"), *editions[5:7]
    )


def test_dates_until_each_team_has_begun_its_season_are_the_opening() -> None:
    games = [
        schedule_row("0022300001", "2023-10-24"),
        schedule_row("0022300002", "2023-10-25", "MIA", "DEN"),
        schedule_row("0022300003", "2023-10-26", "NYK", "LAL", game_status=1),
        schedule_row("0022300004", "2023-10-27", "NYK", "BOS"),
        schedule_row("0022300005", "2023-10-28", "NYK", "MIA"),
    ]
    schedule = interpret_schedule(schedule_frame(*games)).games
    days = [date(2023, 10, number) for number in range(24, 29)]
    assert opening_dates(schedule, ["LAL"], days[0], days[-1]) == days[:1]
    assert opening_dates(schedule, ["LAL", "DEN"], days[0], days[-1]) == days[:2]
    # A game that is not over begins nothing; what lies after the last date is not looked at.
    assert opening_dates(schedule, ["NYK"], days[0], days[-1]) == days[:4]
    assert opening_dates(schedule, ["NYK"], days[0], days[1]) == []
    asked = pd.Series(pd.to_datetime(["2023-10-24", "2023-10-27", "2023-12-01"]))
    assert teams_of_dates(schedule, asked) == ["BOS", "LAL", "NYK"]
