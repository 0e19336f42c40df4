"""Fetching lines of some dates for the raw assets: which dates are told as lacking, and what is never paid twice."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from analytics_assets.assets.fetch_options import FetchOptions
from analytics_assets.assets.raw_fetchers_odds_api import TABLES_OF_ODDS_API, fetch_odds_api_dates
from analytics_assets.raw.declarations import NBAC_SCHEDULE, ODDS_API_GAME_LINES, ODDS_API_PLAYER_POINTS_PROPS
from analytics_assets.raw.fetch.answer_store import AnswerStore
from analytics_assets.raw.fetch.polite_http import FetchError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row

NOW = datetime(2024, 2, 3, 12, tzinfo=UTC)
THIRTIETH, THIRTY_FIRST = date(2024, 1, 30), date(2024, 1, 31)
# Tip-offs in the evening of the US-Eastern date are of the next day in UTC.
TIP_OFFS = {THIRTIETH: "2024-01-31T00:30:00Z", THIRTY_FIRST: "2024-02-01T00:30:00Z"}
CLOSING_OF_THE_31ST = "2024-02-01T00:29:00Z"


def event(moment: str) -> dict:
    day = THIRTIETH if moment < "2024-01-31T12" else THIRTY_FIRST
    teams = {"away_team": "Boston Celtics", "home_team": "Los Angeles Lakers"}
    return {"id": f"game-of-{day}", "commence_time": TIP_OFFS[day], **teams}


class Service:
    """One game a date; what it is told to refuse fails."""

    def __init__(self) -> None:
        self.asked, self.refused = [], set()

    def __call__(self, request) -> object:
        moment = request.parameters["date"]
        self.asked.append(request.key)
        if (request.endpoint.rsplit("/", 1)[1], moment) in self.refused:
            raise FetchError(f"odds-api: {request.key}: answered 500 six times")
        if request.endpoint.endswith("/events"):
            return {"timestamp": moment, "data": [event(moment)]}
        sides = [{"name": side, "description": "Bo A", "price": -110, "point": 20.5} for side in ("Over", "Under")]
        winners = [{"name": event(moment)[f"{side}_team"], "price": -110} for side in ("home", "away")]
        markets = [{"key": "player_points", "last_update": moment, "outcomes": sides}]
        if "player_points" not in request.parameters["markets"]:
            markets = [{"key": "h2h", "last_update": moment, "outcomes": winners}]
        lines = {**event(moment), "bookmakers": [{"key": "draftkings", "title": "DraftKings", "markets": markets}]}
        of_one_game = "/events/" in request.endpoint
        return {"timestamp": moment, "data": lines if of_one_game else [lines]}


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def fetch(tmp_path, service):
    warehouse, store = DuckDBWarehouse(tmp_path / "nba.duckdb"), AnswerStore(tmp_path, "odds-api")
    rows = [
        schedule_row(f"002230{number:04d}", f"{day}", tipoff_at=pd.Timestamp(tip_off))
        for number, (day, tip_off) in enumerate(TIP_OFFS.items())
    ]
    warehouse.ensure(NBAC_SCHEDULE)
    warehouse.merge_rows(NBAC_SCHEDULE, schedule_frame(*rows))

    def ask(dates, tables=TABLES_OF_ODDS_API, send=service):
        service.asked.clear()
        failed = fetch_odds_api_dates(
            warehouse,
            tables,
            dates,
            now=lambda: NOW,
            told=lambda _: None,
            options=FetchOptions(),
            send=send,
            store=store,
        )
        return failed, warehouse

    return ask


def test_lines_of_exactly_the_dates_are_asked_for_loaded_and_not_paid_twice(fetch, service):
    failed, warehouse = fetch([THIRTY_FIRST])
    assert failed == {}
    # Of opening and closing each the lines of all games and the props of the one game, and the list of games.
    assert len(service.asked) == 5
    for table in TABLES_OF_ODDS_API:
        assert set(warehouse.counts_by_date(table)["game_date"].dt.date) == {THIRTY_FIRST}
    fetch([THIRTY_FIRST])
    assert service.asked == []
    fetch([THIRTIETH, THIRTY_FIRST], tables=[ODDS_API_GAME_LINES])
    assert len(service.asked) == 2


def test_what_failed_is_told_by_table_and_date(fetch, service):
    service.refused = {("odds", CLOSING_OF_THE_31ST)}
    failed, _ = fetch([THIRTIETH, THIRTY_FIRST])
    # The closing lines of all games and those of the one game's players.
    assert set(failed) == {(table.name, THIRTY_FIRST) for table in TABLES_OF_ODDS_API}
    assert all("answered 500 six times" in reason for reason in failed.values())


def test_without_its_list_of_games_a_date_has_no_props_and_the_others_have(fetch, service):
    service.refused = {("events", "2024-01-31T15:00:00Z")}
    failed, warehouse = fetch([THIRTIETH, THIRTY_FIRST])
    assert set(failed) == {(ODDS_API_PLAYER_POINTS_PROPS.name, THIRTY_FIRST)}
    assert set(warehouse.counts_by_date(ODDS_API_PLAYER_POINTS_PROPS)["game_date"].dt.date) == {THIRTIETH}


def test_without_a_key_the_run_says_which_variable_is_missing(fetch, monkeypatch):
    monkeypatch.delenv("ODDS_API_KEY", raising=False)
    with pytest.raises(FetchError, match="set the environment variable ODDS_API_KEY"):
        fetch([THIRTY_FIRST], send=None)
