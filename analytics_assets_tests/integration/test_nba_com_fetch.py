"""A season is fetched from a local server, loaded and built; no part of a game is stored, what changed is found."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from analytics_assets import cli_raw_fetch
from analytics_assets.coverage.outdated import outdated_dates
from analytics_assets.coverage.results import Outcome
from analytics_assets.presentation_raw_fetch import cost_line
from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAY_BY_PLAY,
    NBAC_PLAYER_BOXSCORES,
)
from analytics_assets.raw.fetch.answer_store import AnswerStore
from analytics_assets.raw.fetch.fetch_plan import Fetched, FetchResult
from analytics_assets.raw.fetch.nba_com import SeasonsPlan, fetch_nba_com, plan_nba_com
from analytics_assets.raw.fetch.nba_com_http import NbaComSender, nba_com_client
from analytics_assets.raw.fetch.nba_com_loading import in_loading_order, keys_not_loaded
from analytics_assets.raw.fetch.nba_com_requests import BOX_SCORE, PLAY_BY_PLAY, ROSTER, TABLE_OF_KIND, Scope
from analytics_assets.raw.fetch.polite_http import Pace
from analytics_assets.raw.loaders.load_answers import load_nba_com_answers
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.answer_server import AnswerServer, Clock, answer_server
from analytics_assets_tests.support.nba_com_answers import FIRST, SECOND, Season
from analytics_assets_tests.support.warehouses import produce, produce_summaries

SUMMARIES = [table.name for table in ANALYTICS_TABLES[:3]]
DAYS = [date(2024, 1, day) for day in (10, 11, 12)]
WITHOUT_ROSTERS = tuple(kind for kind in TABLE_OF_KIND if kind != ROSTER)
GAMES_ONLY = ("schedule", BOX_SCORE, PLAY_BY_PLAY)
FAST = Pace(interval=1.0, attempts=2)


@pytest.fixture(scope="module")
def running() -> Iterator[AnswerServer]:
    with answer_server(Season()) as server:
        yield server


@pytest.fixture
def server(running: AnswerServer) -> AnswerServer:
    running.answers, running.faults, running.asked = Season(), [], []
    return running


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    return AnswerStore(tmp_path / "raw_answers", "nba-com")


def fetch(server: AnswerServer, store: AnswerStore, clock: Clock, **scope) -> tuple[SeasonsPlan, FetchResult]:
    """Plan and fetch the season as the command does."""
    send = NbaComSender(nba_com_client(FAST, clock.sleep, clock.now, uniform=lambda low, _: low), server.url)
    wanted = Scope(**({"seasons": [2023], "kinds": GAMES_ONLY} | scope))
    plan = plan_nba_com(wanted, send, store, now=clock.now)
    return plan, fetch_nba_com(plan, send, store, now=clock.now)


def load_new(store: AnswerStore, warehouse: DuckDBWarehouse, clock: Clock) -> set[str]:
    """Load what the warehouse does not hold; the keys that were loaded."""
    keys = keys_not_loaded(store, warehouse, store.keys())
    loaded = load_nba_com_answers(warehouse, in_loading_order(store, keys), now=clock.now(), part=20)
    assert loaded.complete, (loaded.unreadable, loaded.rejected)
    return set(keys)


def test_a_season_is_fetched_loaded_and_built_with_exact_minutes_and_starters(server, store, tmp_path):
    clock = Clock()
    plan, result = fetch(server, store, clock, kinds=tuple(TABLE_OF_KIND))
    assert result.complete
    assert len(plan.to_send) == 2 + 30 + 4
    assert {endpoint: server.count(endpoint) for endpoint, _ in server.asked} == {
        "scheduleleaguev2": 1,
        "leaguegamelog": 2,
        "commonteamroster": 30,
        "boxscoretraditionalv3": 2,
        "playbyplayv3": 2,
    }
    assert {asked.get("SeasonType", "Regular Season") for _, asked in server.asked} == {"Regular Season"}
    assert server.headers["Referer"] == "https://www.nba.com/"
    assert server.headers["Host"].startswith("127.0.0.1")

    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    assert load_new(store, warehouse, clock) == set(store.keys())
    assert load_new(store, warehouse, clock) == set()
    box = warehouse.read(NBAC_GAMEBOOK_PLAYER_STATS)
    assert box["player_status"].isna().all(), "the answer has no inactive list"
    assert set(box["dnp_reason"].dropna()) == {"DNP - Coach's Decision"}
    assert warehouse.read(NBAC_PLAYER_BOXSCORES)["minutes_are_rounded"].all()
    rosters = warehouse.read(ESPN_TEAM_ROSTERS)
    assert set(rosters["roster_date"].dt.date) == {date(2024, 1, 15)}
    assert len(rosters) == 30 * 6
    assert warehouse.read(NBAC_PLAY_BY_PLAY)["game_id"].nunique() == 2

    found = produce_summaries(warehouse, DAYS, now=clock.now())
    for name in SUMMARIES:
        outcomes = [found[name][day].outcome for day in DAYS]
        assert outcomes == [Outcome.BUILT, Outcome.OFF_DAY, Outcome.BUILT], name
    players = warehouse.read(ANALYTICS_TABLES[0])
    played = players[players["minutes_played"].notna()]
    assert set(played["minutes_played"]) == {39.5, 40.5}
    assert played["starter_flag"].sum() == 20
    assert set(played["primary_source_used"]) == {NBAC_GAMEBOOK_PLAYER_STATS.name}
    assert len(players) - len(played) == 4


def test_whatever_the_server_does_the_next_run_asks_only_what_is_missing(server, store):
    clock = Clock()
    # The schedule comes at the second of two tries, no box score ever, and the play-by-play between them at once.
    server.faults = [(429, "7"), None, "truncate", "page", None, "cut", 500, None]
    _, first = fetch(server, store, clock)
    assert 7.0 in clock.naps
    assert first.count(Fetched.NEW) == 3
    assert set(first.failures) == {f"2023-24/box_score/{FIRST}", f"2023-24/box_score/{SECOND}"}
    assert all("\n" not in line and "gave up on" in line for line in first.failures.values())
    server.asked.clear()
    _, second = fetch(server, store, clock)
    assert second.complete
    assert [(endpoint, asked["GameID"]) for endpoint, asked in server.asked] == [
        ("boxscoretraditionalv3", FIRST),
        ("boxscoretraditionalv3", SECOND),
    ]


def test_a_service_that_is_down_ends_the_run_with_one_line(server, store):
    server.faults = [403]
    plan, result = fetch(server, store, Clock())
    assert result.stopped.startswith("nba-com: http://127.0.0.1")
    assert "answered status 403" in result.stopped
    assert (plan.requests, store.keys()) == ([], [])
    assert len(server.asked) == 1


def answers_of(store: AnswerStore) -> dict:
    keys = store.keys()
    return {key: store.read(key).answer for key in keys}


def without(answer: dict, *path) -> dict:
    """The answer without what the path leads to."""
    changed = copy.deepcopy(answer)
    part = changed
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]
    return changed


def with_value(answer: dict, value, *path) -> dict:
    changed = copy.deepcopy(answer)
    part = changed
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return changed


BOX, EVENTS = Season().box(FIRST), Season().play_by_play(FIRST)
_HOME = ("boxScoreTraditional", "homeTeam")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({}, "has no 'boxScoreTraditional'; the shape of the answer has changed"),
        (with_value(BOX, SECOND, "boxScoreTraditional", "gameId"), f"speaks of game {SECOND}, not {FIRST}"),
        (with_value(BOX, [], *_HOME, "players"), "lists only 0 players of LAL who appeared"),
        (without(BOX, *_HOME, "players", 0, "statistics", "assists"), "has no assists; the shape"),
        (without(BOX, *_HOME, "players", 0), "gives LAL 200 of 240 minutes, so the game is not over in it"),
        (with_value(BOX, 99, *_HOME, "statistics", "points"), "gives players of LAL 73 points and the team 99"),
    ],
)
def test_a_box_score_that_is_not_whole_is_never_stored(server, store, answer, said):
    _never_stored(server, store, "boxscoretraditionalv3", f"2023-24/box_score/{FIRST}", answer, said)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"game": {"gameId": FIRST, "actions": []}}, "holds no events"),
        (with_value(EVENTS, SECOND, "game", "gameId"), f"speaks of game {SECOND}, not {FIRST}"),
        (without(EVENTS, "game", "actions", 3, "clock"), "an event has no clock; the shape"),
        (without(EVENTS, "game", "actions", 7), "stops in period 4 without its end, so the game is not over in it"),
        (with_value(EVENTS, EVENTS["game"]["actions"][:4], "game", "actions"), "stops in period 2 without its end"),
        (with_value(EVENTS, EVENTS["game"]["actions"][2:], "game", "actions"), "lacks a period before 4"),
        (with_value(EVENTS, "72", "game", "actions", 7, "scoreHome"), "ends at 72:72, so the game is not over in it"),
    ],
)
def test_play_by_play_that_is_not_whole_is_never_stored(server, store, answer, said):
    _never_stored(server, store, "playbyplayv3", f"2023-24/play_by_play/{FIRST}", answer, said)


def _never_stored(server, store, endpoint, key, answer, said) -> None:
    season = Season()

    def answers(asked: str, parameters: dict[str, str]):
        return answer if (asked, parameters.get("GameID")) == (endpoint, FIRST) else season(asked, parameters)

    server.answers = answers
    _, result = fetch(server, store, Clock())
    assert list(result.failures) == [key]
    line = result.failures[key]
    assert line.startswith(f"nba-com: {key}: ")
    assert said in line
    assert line.endswith("; not stored")
    assert not store.has(key)
    assert len(store.keys()) == 4


def test_game_logs_of_half_a_game_or_fewer_games_than_before_are_not_stored(server, store):
    season, clock, kinds = Season(), Clock(), ("schedule", "player_game_log", "team_game_log")
    fetch(server, store, clock, kinds=kinds)
    held = answers_of(store)
    clock.sleep(7200)

    def answers(asked: str, parameters: dict[str, str]):
        answer = season(asked, parameters)
        if asked == "leaguegamelog":
            rows = answer["resultSets"][0]["rowSet"]
            keep = 1 if parameters["PlayerOrTeam"] == "T" else 12
            answer["resultSets"][0]["rowSet"] = rows[:keep]
        return answer

    server.answers = answers
    _, result = fetch(server, store, clock, kinds=kinds, changed_since=date(2024, 1, 1))
    assert "holds only one team of 1 games" in result.failures["2023-24/team_game_log/regular"]
    assert "lacks 1 games that it held before" in result.failures["2023-24/player_game_log/regular"]
    assert answers_of(store) == held


def test_a_correction_days_later_makes_exactly_its_date_outdated(server, store, tmp_path):
    clock, warehouse = Clock(), DuckDBWarehouse(tmp_path / "w.duckdb")
    fetch(server, store, clock, kinds=WITHOUT_ROSTERS)
    load_new(store, warehouse, clock)
    produce(warehouse, DAYS, now=clock.now())
    clock.sleep(timedelta(days=2).total_seconds())

    # The league takes an assist from one player of the second game.
    corrected = server.answers.boxes[SECOND][3]
    corrected["assists"] -= 1
    server.asked.clear()
    _, quiet = fetch(server, store, clock, kinds=WITHOUT_ROSTERS)
    assert not [endpoint for endpoint, _ in server.asked if endpoint in ("boxscoretraditionalv3", "playbyplayv3")]
    assert outdated_dates(warehouse, SUMMARIES[:1], DAYS, clock.now()).empty

    server.asked.clear()
    _, result = fetch(server, store, clock, kinds=WITHOUT_ROSTERS, changed_since=date(2024, 1, 11))
    assert {asked["GameID"] for _, asked in server.asked if "GameID" in asked} == {SECOND}
    changed = {key for key, outcome in (quiet + result).outcomes.items() if outcome is Fetched.CHANGED}
    assert f"2023-24/box_score/{SECOND}" in changed
    assert f"2023-24/play_by_play/{SECOND}" not in changed
    again = load_new(store, warehouse, clock)
    assert f"2023-24/box_score/{FIRST}" not in again
    found = outdated_dates(warehouse, SUMMARIES[:1], DAYS, clock.now())
    assert set(found["game_date"].dt.date) == {date(2024, 1, 12)}
    produce(warehouse, [date(2024, 1, 12)], now=clock.now())
    players = warehouse.read(ANALYTICS_TABLES[0])
    fixed = players[(players["player_lookup"] == corrected["player_lookup"]) & (players["game_date"] == "2024-01-12")]
    assert fixed["assists"].tolist() == [2]
    assert outdated_dates(warehouse, SUMMARIES[:1], DAYS, clock.now()).empty


def test_games_of_other_dates_and_tables_that_nobody_wants_are_not_asked(server, store):
    fetch(server, store, Clock(), kinds=("schedule", BOX_SCORE), first_date=DAYS[2], last_date=DAYS[2])
    assert [endpoint for endpoint, _ in server.asked] == ["scheduleleaguev2", "boxscoretraditionalv3"]


def test_rosters_are_of_the_day_and_of_a_season_under_way_only(server, store):
    clock = Clock()
    plan, _ = fetch(server, store, clock, kinds=("schedule", ROSTER))
    assert all(request.key.startswith("2023-24/roster/2024-01-15/") for request in plan.to_send)
    clock.sleep(timedelta(hours=6).total_seconds())
    plan, _ = fetch(server, store, clock, kinds=("schedule", ROSTER))
    assert plan.to_send[0].key.startswith("2023-24/roster/2024-01-16/"), "games of the fifteenth may have begun"
    later = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    plan, _ = fetch(server, store, later, kinds=("schedule", ROSTER))
    assert plan.requests == []
    assert plan.notes == [
        "no rosters: NBA.com tells them only of the day on which it is asked, and no season is under way"
    ]


def test_the_cost_is_told_before_anything_is_asked():
    assert cost_line(1312, 20, Pace(interval=1.0, jitter=0.25)) == (
        "1,312 requests, about 25 min at one every 1.0 s or a little more; 20 answers are on disk and not asked again"
    )
    assert cost_line(13_000, 0, Pace()).startswith("13,000 requests, about 4.1 h")
    assert cost_line(0, 7, Pace()) == "nothing to ask; 7 answers are on disk and not asked again"


@pytest.fixture
def command(server: AnswerServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    """The command with its own data directory, asking the local server without waiting."""
    clock = Clock()
    monkeypatch.setenv("NBA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NBA_WAREHOUSE", f"duckdb:///{tmp_path / 'w.duckdb'}")
    monkeypatch.setenv("NBA_COM_URL", server.url)
    monkeypatch.setattr(cli_raw_fetch, "now", clock.now)
    monkeypatch.setattr(cli_raw_fetch, "time", SimpleNamespace(sleep=clock.sleep))

    def run(seasons: str = "2023-24", **options) -> tuple[int, str]:
        try:
            cli_raw_fetch.raw_fetch(
                seasons=seasons,
                **{
                    "source": "nba-com",
                    "tables": "nbac_schedule,nbac_gamebook_player_stats",
                    "dates": None,
                    "changed_since": None,
                    "interval": 1.0,
                    "load": True,
                    "as_json": False,
                }
                | options,
            )
        except cli_raw_fetch.typer.Exit as end:
            return end.exit_code, capsys.readouterr().out
        return 0, capsys.readouterr().out

    return run


def test_the_command_fetches_and_loads_and_says_so(server, command):
    code, told = command(as_json=True)
    document = json.loads(told)
    assert (code, document["complete"]) == (0, True)
    assert document["answers"] == {"schedule": {"new": 1}, "box_score": {"new": 2}}
    assert document["loaded"]["tables"]["nbac_gamebook_player_stats"] == {"added": 28, "changed": 0, "unchanged": 0}
    code, told = command()
    assert code == 0
    assert "nothing to ask" in told
    assert "nothing to load" in told


def test_what_was_only_fetched_is_loaded_later_or_into_another_warehouse(server, command, tmp_path, monkeypatch):
    assert command(load=False)[0] == 0
    assert not (tmp_path / "w.duckdb").exists()
    cli_raw_fetch.load_fetched_answers("nba-com")
    assert len(DuckDBWarehouse(tmp_path / "w.duckdb").read(NBAC_GAMEBOOK_PLAYER_STATS)) == 28
    monkeypatch.setenv("NBA_WAREHOUSE", f"duckdb:///{tmp_path / 'other.duckdb'}")
    assert command()[0] == 0
    assert len(DuckDBWarehouse(tmp_path / "other.duckdb").read(NBAC_GAMEBOOK_PLAYER_STATS)) == 28
    assert len(server.asked) == 3, "each thing was asked once"


def test_ctrl_c_ends_the_command_at_once_and_the_next_goes_on(server, command, tmp_path, monkeypatch):
    real = NbaComSender.__call__

    def press(self, request):
        if request.key.endswith(SECOND):
            raise KeyboardInterrupt
        return real(self, request)

    monkeypatch.setattr(NbaComSender, "__call__", press)
    code, told = command()
    assert (code, "stopped by Ctrl-C; run the same command to go on" in told) == (1, True)
    monkeypatch.setattr(NbaComSender, "__call__", real)
    assert command()[0] == 0
    assert [asked.get("GameID") for _, asked in server.asked] == [None, FIRST, SECOND]
    assert len(DuckDBWarehouse(tmp_path / "w.duckdb").read(NBAC_GAMEBOOK_PLAYER_STATS)) == 28


def test_the_command_ends_with_1_and_one_line_when_an_answer_is_missing(server, command):
    server.faults = [None, *[500] * 6]
    code, told = command(load=False)
    assert code == 1
    assert "gave up on" in told.replace("\n", " ")


def test_calls_that_make_no_sense_end_with_2(server, command, monkeypatch):
    wrong = [
        {"seasons": "2023"},
        {"seasons": "2024-25..2022-23"},
        {"tables": "nbac_scores"},
        {"dates": "2024-01-12..2024-01-10"},
        {"changed_since": "soon"},
        {"source": "somebody"},
    ]
    assert [command(**{"seasons": "2023-24"} | options)[0] for options in wrong] == [2] * len(wrong)
    monkeypatch.delenv("NBA_COM_URL")
    assert command(interval=0.1)[0] == 2
    assert server.asked == []
