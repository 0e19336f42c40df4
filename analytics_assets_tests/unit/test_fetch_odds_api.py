"""Fetching from the Odds API: what is asked for which games, credits, the key, and answers that are none."""

import gzip
import json
import logging
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import NBAC_SCHEDULE, ODDS_API_GAME_LINES, ODDS_API_PLAYER_POINTS_PROPS
from analytics_assets.raw.fetch.answer_store import AnswerStore, raw_answers_directory
from analytics_assets.raw.fetch.odds_api import OddsApiSender, OddsFetch, estimate, fetch_odds, stated_key
from analytics_assets.raw.fetch.odds_api_requests import CLOSING, GAME_LINES, OddsPlan, OddsScope, plan_odds
from analytics_assets.raw.fetch.polite_http import PoliteClient
from analytics_assets.raw.loaders.load_answers import load_odds_api_answers
from analytics_assets.tables.frames import conform
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.answer_server import AnswerServer, Clock, answer_server
from analytics_assets_tests.support.command_line import CommandLine
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row

KEY = "0123456789abcdef0123456789abcdef"
NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
EARLY, LATE = "2024-02-01T00:30:00Z", "2024-02-01T03:00:00Z"
GAMES = {
    "e1": ("Los Angeles Lakers", "Denver Nuggets", EARLY),
    "e2": ("Boston Celtics", "Miami Heat", EARLY),
    "e3": ("Golden State Warriors", "Portland Trail Blazers", LATE),
}
EVENTS_KEY = "2023-24/events/2024-01-31"
LINES, PROPS = "2023-24/game_lines/us", "2023-24/player_points/us"
CLOSING_ONLY = OddsScope(moments=(CLOSING,))


def scheduled(number: int, away: str, home: str, tip_off: str, **more: Any) -> dict[str, Any]:
    stated = {"tipoff_at": pd.Timestamp(tip_off), **more}
    return schedule_row(f"002230{number:04d}", "2024-01-31", away=away, home=home, **stated)


def schedule() -> pd.DataFrame:
    return schedule_frame(
        scheduled(1, "LAL", "DEN", EARLY), scheduled(2, "BOS", "MIA", EARLY), scheduled(3, "GSW", "POR", LATE)
    )


def event(event_id: str) -> dict[str, Any]:
    away, home, start = GAMES[event_id]
    return {"id": event_id, "commence_time": start, "away_team": away, "home_team": home}


def odds(event_id: str, markets: str) -> dict[str, Any]:
    updated = "2024-01-31T23:55:07Z"
    player = [{"name": side, "description": "Nikola Jokić", "price": -110, "point": 27.5} for side in ("Over", "Under")]
    teams = [{"name": name, "price": price} for name, price in zip(GAMES[event_id][:2], (150, -170), strict=True)]
    told = [
        {"key": key, "last_update": updated, "outcomes": player if key == "player_points" else teams}
        for key in markets.split(",")
        if key in ("player_points", "h2h")
    ]
    return {**event(event_id), "bookmakers": [{"key": "draftkings", "title": "DraftKings", "markets": told}]}


class Service:
    """The Odds API with three games; subclasses of answers are put in by tests."""

    def __init__(self, server: AnswerServer) -> None:
        self.server = server
        self.listed = list(GAMES)

    def answer(self, endpoint: str, parameters: dict[str, str]) -> Any:
        path = self.server.paths[-1]
        if endpoint == "events":
            content: Any = [event(one) for one in self.listed]
        elif "/events/" in path:
            content = odds(path.split("/")[-2], parameters["markets"])
        else:
            content = [odds(one, parameters["markets"]) for one in self.listed]
        return {"timestamp": parameters["date"], "data": content} if "/historical/" in path else content


@pytest.fixture
def service():
    with answer_server(lambda endpoint, parameters: told.answer(endpoint, parameters)) as server:
        told = Service(server)
        yield told


@pytest.fixture
def store(tmp_path):
    return AnswerStore(tmp_path / "answers", "odds-api")


def sender(service: Service, clock: Clock, max_credits: int | None = None) -> OddsApiSender:
    client = PoliteClient("odds-api", secrets=[KEY], sleep=clock.sleep, now=clock.now)
    return OddsApiSender(client, KEY, service.server.url + "/v4", max_credits)


def fetched(
    service: Service, store: AnswerStore, plan: OddsPlan | None = None, max_credits: int | None = None
) -> tuple[OddsFetch, OddsApiSender]:
    clock = Clock(NOW)
    send = sender(service, clock, max_credits)
    plan = plan or plan_odds(schedule(), CLOSING_ONLY, NOW)
    return fetch_odds(plan, send, store, now=clock.now), send


def test_games_with_one_tip_off_share_a_request_for_lines_and_each_game_has_its_props(service, store):
    plan = plan_odds(schedule(), CLOSING_ONLY, NOW)
    result, send = fetched(service, store, plan)
    assert result.result.complete
    assert store.keys() == [
        EVENTS_KEY,
        f"{LINES}/20240201T0029Z",
        f"{LINES}/20240201T0259Z",
        f"{PROPS}/20240201T0029Z/BOS_MIA",
        f"{PROPS}/20240201T0029Z/LAL_DEN",
        f"{PROPS}/20240201T0259Z/GSW_POR",
    ]
    historical = "/v4/historical/sports/basketball_nba"
    assert sorted(service.server.paths) == sorted(
        [f"{historical}/events", *[f"{historical}/odds"] * 2, *[f"{historical}/events/{one}/odds" for one in GAMES]]
    )
    assert {parameters["date"] for endpoint, parameters in service.server.asked if endpoint == "odds"} == {
        "2024-02-01T00:29:00Z",
        "2024-02-01T02:59:00Z",
    }
    # One list, two moments of three markets, three games of one market; the service told of no other cost.
    assert send.spent == 1 + 2 * 30 + 3 * 10
    assert estimate(plan, AnswerStore(store.directory / "empty", "odds-api")).credits == send.spent


def test_the_opening_is_of_the_morning_and_shared_by_all_games_of_the_date():
    noon = scheduled(4, "NYK", "BKN", "2024-01-31T15:00:30Z")
    plan = plan_odds(pd.concat([schedule(), schedule_frame(noon)]), OddsScope(kinds=(GAME_LINES,)), NOW)
    assert [request.key.rpartition("/")[2] for request in plan.lines] == [
        # Ten in New York; the game that begins then has no opening of its own before its closing.
        *("20240131T1459Z", "20240131T1500Z", "20240201T0029Z", "20240201T0259Z")
    ]
    assert plan.events == plan.props == []


def test_games_that_cannot_have_odds_are_told_and_not_asked_for():
    rows = schedule_frame(
        scheduled(1, "LAL", "DEN", EARLY, tipoff_at=None),
        scheduled(2, "BOS", "MIA", "2024-02-05T00:00:00Z"),
        scheduled(3, "TBD", "POR", LATE),
        scheduled(5, "GSW", "UTA", LATE, postponed_status="postponed"),
        scheduled(6, "GSW", "SAS", "2023-05-02T23:00:00Z", game_date=pd.Timestamp("2023-05-02")),
        schedule_row("0032300001", "2024-01-31"),
    )
    plan = plan_odds(rows, CLOSING_ONLY, NOW)
    assert [request.key for request in plan.lines] == ["2022-23/game_lines/us/20230502T2259Z"]
    assert plan.props == []
    assert [note.partition(",")[0].partition(";")[0] for note in plan.notes] == [
        "1 games have no tip-off in the schedule",
        "1 games are still ahead",
        "1 games are before 2023-05-03",
    ]


def test_what_is_stored_is_neither_asked_nor_paid_again(service, store):
    plan = plan_odds(schedule(), CLOSING_ONLY, NOW)
    first, send = fetched(service, store, plan, max_credits=41)
    assert send.spent == 31
    assert first.result.stopped == (
        "odds-api: stopped at 31 credits, because the next request costs 30 and --max-credits is 41; run the same "
        "command with more to go on, what is stored is not asked again"
    )
    assert len(first.result.left) == 3
    assert estimate(plan, store).credits == 60
    second, send = fetched(service, store, plan)
    assert (second.result.complete, send.spent) == (True, 60)
    third, send = fetched(service, store, plan)
    assert (third.result.complete, send.spent, send.remaining) == (True, 0, None)
    assert len(service.server.asked) == 6


def test_the_services_own_account_of_credits_counts(service, store):
    service.server.further_headers = {"x-requests-remaining": "25.0", "x-requests-last": "0"}
    result, send = fetched(service, store)
    assert (send.spent, send.remaining) == (0, 25)
    assert result.result.stopped.startswith("odds-api: out of credits, 25 are left for the key in ODDS_API_KEY")
    assert store.keys() == [EVENTS_KEY]


@pytest.mark.parametrize(
    ("headers", "words"),
    [({}, "the key in ODDS_API_KEY was refused"), ({"x-requests-remaining": "0"}, "out of credits, 0 are left")],
)
def test_a_refused_key_is_one_clear_line_and_the_end(service, store, headers, words):
    service.server.faults, service.server.further_headers = [401], headers
    result, _ = fetched(service, store)
    assert words in result.result.stopped
    assert "\n" not in result.result.stopped
    assert len(service.server.asked) == 1
    assert len(result.result.left) == 5
    assert store.keys() == []


@pytest.mark.parametrize("fault", ["truncate", "cut", "drop", "page", "empty", 500, (429, "7")])
def test_what_passes_by_itself_is_asked_again(service, store, fault):
    service.server.faults = [fault, fault]
    result, _ = fetched(service, store)
    assert result.result.complete
    assert len(service.server.asked) == 8


def test_who_asks_for_a_long_wait_ends_the_run(service, store):
    service.server.faults = [(429, "86400")]
    result, _ = fetched(service, store)
    assert "asks to wait 86,400 seconds" in result.result.stopped
    assert KEY not in result.result.stopped


def changed(service: Service, change: Any) -> None:
    plain = service.answer
    service.answer = lambda endpoint, parameters: change(endpoint, plain(endpoint, parameters))


@pytest.mark.parametrize(
    ("of", "change", "words"),
    [
        ("events", lambda answer: {**answer, "data": {"games": []}}, "a list of events is needed"),
        ("events", lambda answer: {**answer, "data": [{"id": "e1"}]}, "lacks commence_time, home_team, away_team"),
        ("events", lambda answer: {"data": answer["data"]}, "without its 'timestamp'"),
        ("odds", lambda answer: {**answer, "data": "soon"}, "soon|a str|lacks"),
        ("odds", lambda answer: {**answer, "data": event("e1")}, "list of events|no list 'bookmakers'"),
        ("odds", lambda answer: {**answer, "echo": {"apiKey": KEY}}, "repeats the key"),
    ],
)
def test_a_changed_shape_is_told_and_not_stored(service, store, of, change, words):
    changed(service, lambda endpoint, answer: change(answer) if endpoint == of else answer)
    result, _ = fetched(service, store)
    assert not result.result.complete
    lines = [f"{LINES}/20240201T0029Z", f"{LINES}/20240201T0259Z"]
    # Lines need no list of games.
    assert store.keys() == (lines if of == "events" else [EVENTS_KEY])
    for told in result.result.failures.values():
        assert any(word in told for word in words.split("|"))
        assert told.endswith("; not stored")
        assert KEY not in told


def test_odds_of_another_game_are_not_stored(service, store):
    def of_another(endpoint: str, answer: Any) -> Any:
        one = endpoint == "odds" and isinstance(answer["data"], dict)
        return {**answer, "data": odds("e2", "player_points")} if one else answer

    changed(service, of_another)
    fetched(service, store)
    assert [key for key in store.keys("2023-24/player_points")] == [f"{PROPS}/20240201T0029Z/BOS_MIA"]


def test_a_game_that_the_service_does_not_list_is_told(service, store):
    service.listed = ["e1", "e3"]
    result, _ = fetched(service, store)
    assert result.result.complete
    assert result.notes == ["2024-01-31 BOS at MIA: the Odds API lists no such game, so it has no props"]


def test_current_odds_are_of_games_still_to_come_and_cost_a_tenth(service, store):
    now = datetime(2024, 2, 1, 1, 30, 20, tzinfo=UTC)
    plan = plan_odds(schedule(), OddsScope(current=True), now)
    assert estimate(plan, store).credits == 3 + 1
    result, send = fetched(service, store, plan)
    assert result.result.complete
    assert send.spent == 4
    assert store.keys() == [
        "2023-24/current/events/2024-01-31/20240201T0130Z",
        "2023-24/current/game_lines/us/20240201T0130Z",
        "2023-24/current/player_points/us/20240201T0130Z/GSW_POR",
    ]
    assert not any("historical" in path for path in service.server.paths)
    assert all("date" not in parameters for _, parameters in service.server.asked)


def test_the_key_is_in_no_stored_answer_and_no_log(service, store, caplog):
    service.server.faults = [500]
    with caplog.at_level(logging.DEBUG):
        fetched(service, store)
    assert all(parameters["apiKey"] == KEY for _, parameters in service.server.asked)
    assert KEY not in caplog.text
    assert "again in" in caplog.text
    for key in store.keys():  # noqa: SIM118
        assert KEY.encode() not in gzip.decompress(store.path(key).read_bytes())


def test_stored_answers_fill_the_raw_tables_and_loading_twice_changes_nothing(service, store, tmp_path):
    fetched(service, store)
    warehouse = DuckDBWarehouse(tmp_path / "odds.duckdb")
    answers = {key: store.path(key) for key in store.keys() if "/events/" not in key}  # noqa: SIM118
    first, second = (load_odds_api_answers(warehouse, answers, now=NOW) for _ in range(2))
    assert first.complete
    day = date(2024, 1, 31)
    props = warehouse.read(ODDS_API_PLAYER_POINTS_PROPS, ["game_id", "points_line"], day, day)
    lines = warehouse.read(ODDS_API_GAME_LINES, ["game_id", "bet_side"], day, day)
    assert sorted(props["game_id"]) == ["20240131_BOS_MIA", "20240131_GSW_POR", "20240131_LAL_DEN"]
    # Both snapshots show the same update of the same books, so each side stands once.
    assert len(lines) == 6
    assert {name: count.added for name, count in second.counts.items()} == dict.fromkeys(second.counts, 0)


def test_the_command_shows_the_cost_first_and_what_is_left_at_the_end(service, tmp_path, monkeypatch, capsys):
    cli = CommandLine(tmp_path)
    warehouse = DuckDBWarehouse(cli.file)
    warehouse.ensure(NBAC_SCHEDULE)
    warehouse.merge_rows(NBAC_SCHEDULE, conform(schedule(), NBAC_SCHEDULE))
    arguments = ("raw", "fetch", "--source", "odds-api", "--dates", "2024-01-31..2024-01-31", "--interval", "0")
    monkeypatch.delenv("ODDS_API_KEY", raising=False)
    without_key = cli.here(monkeypatch, capsys, *arguments)
    assert (without_key.returncode, "ODDS_API_KEY" in without_key.stderr) == (2, True)
    monkeypatch.setenv("ODDS_API_KEY", KEY)
    monkeypatch.setenv("ODDS_API_URL", service.server.url + "/v4")
    service.server.further_headers = {"x-requests-remaining": "19000"}
    dry = cli.here(monkeypatch, capsys, *arguments, "--dry-run")
    # The opening adds a moment for the lines and one for the props of each game.
    assert "10 requests (1 lists of games, 3 game lines, 6 points props) cost at most 151 credits" in dry.stdout
    assert service.server.asked == []
    done = cli.here(monkeypatch, capsys, *arguments)
    assert done.returncode == 0
    assert "151 credits spent, 19,000 left for the key" in done.stdout
    again = json.loads(cli.here(monkeypatch, capsys, *arguments, "--json").stdout)
    assert (again["credits_spent"], again["estimate"]["credits"]) == (0, 0)
    assert {name: table["added"] for name, table in again["loaded"]["tables"].items()} == {
        ODDS_API_PLAYER_POINTS_PROPS.name: 0,
        ODDS_API_GAME_LINES.name: 0,
    }
    assert KEY not in dry.stdout + done.stdout + done.stderr
    stored = AnswerStore(raw_answers_directory(tmp_path), "odds-api").keys()
    assert len(stored) == 10


def test_a_key_of_blanks_is_none():
    assert stated_key({"ODDS_API_KEY": "  "}) is None
    assert stated_key({"ODDS_API_KEY": f" {KEY}\n"}) == KEY
