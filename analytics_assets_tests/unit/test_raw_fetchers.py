"""Fetching some dates of raw tables: which questions are asked, what is loaded, and which dates are told as lacking."""

from datetime import UTC, date, datetime

import pytest

from analytics_assets.assets.fetch_options import FetchOptions
from analytics_assets.assets.raw_fetchers import fetch_nba_com_dates
from analytics_assets.assets.raw_sources import stated_raw_sources
from analytics_assets.raw.declarations import (
    ESPN_TEAM_ROSTERS,
    NBAC_PLAY_BY_PLAY,
    NBAC_SCHEDULE,
    NBAC_TEAM_BOXSCORE,
)
from analytics_assets.raw.fetch.answer_store import AnswerStore
from analytics_assets.raw.fetch.polite_http import FetchError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.nba_com_files import league_game_log, schedule_answer, scheduled, team_line

NOW = datetime(2023, 10, 28, 15, tzinfo=UTC)
SCHEDULE, TEAM_LOG = "2023-24/schedule", "2023-24/team_game_log/regular"
EVENTS = "2023-24/play_by_play/0022300061"
TWENTY_FOURTH, TWENTY_FIFTH, TWENTY_SIXTH = (date(2023, 10, day) for day in (24, 25, 26))
LATER = {"gameId": "0022300062", "gameDateEst": "2023-10-26T00:00:00Z", "gameDateTimeUTC": "2023-10-26T23:30:00Z"}
LAKERS = {"TEAM_ID": 1610612747, "TEAM_NAME": "Los Angeles Lakers", "TEAM_ABBREVIATION": "LAL", "MATCHUP": "LAL @ DEN"}


class Service:
    """Answers by key; what it has no answer to fails."""

    def __init__(self, answers: dict) -> None:
        self.answers, self.asked = answers, []

    def __call__(self, request) -> object:
        self.asked.append(request.key)
        if request.key not in self.answers:
            raise FetchError(f"nba-com: {request.key}: answered 500 six times")
        answer = self.answers[request.key]
        if isinstance(answer, Exception):
            raise answer
        return answer


def team_log() -> dict:
    season = {"SEASON_ID": "22023"}
    games = [{}, {"GAME_ID": "0022300062", "GAME_DATE": "2023-10-26"}]
    return league_game_log(*(team_line(**season, **game, **team) for game in games for team in ({}, LAKERS)))


@pytest.fixture
def service() -> Service:
    """Games on the 24th and 26th; the play-by-play is not to be had."""
    return Service({SCHEDULE: schedule_answer(scheduled(), scheduled(**LATER)), TEAM_LOG: team_log()})


@pytest.fixture
def fetch(tmp_path, service):
    warehouse, store = DuckDBWarehouse(tmp_path / "nba.duckdb"), AnswerStore(tmp_path, "nba-com")

    def ask(tables, dates, *, now=NOW, ask_again=False):
        service.asked.clear()
        failed = fetch_nba_com_dates(
            warehouse,
            tables,
            dates,
            now=lambda: now,
            told=lambda _: None,
            options=FetchOptions(ask_again=ask_again),
            send=service,
            store=store,
        )
        return failed, warehouse

    return ask


def test_only_games_of_the_dates_are_asked_for_and_what_failed_is_told_by_table_and_date(fetch, service):
    tables = (NBAC_TEAM_BOXSCORE, NBAC_PLAY_BY_PLAY, ESPN_TEAM_ROSTERS)
    failed, warehouse = fetch(tables, [TWENTY_FOURTH, TWENTY_FIFTH])
    # No rosters of a day that is over, and no events of the 26th.
    assert service.asked == [SCHEDULE, TEAM_LOG, EVENTS]
    assert failed == {(NBAC_PLAY_BY_PLAY.name, TWENTY_FOURTH): f"nba-com: {EVENTS}: answered 500 six times"}
    assert len(warehouse.read(NBAC_TEAM_BOXSCORE, start=TWENTY_FOURTH, end=TWENTY_FIFTH)) == 2
    assert len(warehouse.read(NBAC_SCHEDULE)) == 2


def test_what_is_on_disk_is_not_asked_again_unless_wished(fetch, service):
    later = datetime(2023, 12, 1, 15, tzinfo=UTC)
    fetch([NBAC_TEAM_BOXSCORE], [TWENTY_FOURTH], now=later)
    fetch([NBAC_TEAM_BOXSCORE], [TWENTY_FOURTH], now=later.replace(day=2))
    assert service.asked == []
    fetch([NBAC_TEAM_BOXSCORE], [TWENTY_FOURTH], now=later.replace(day=2), ask_again=True)
    assert service.asked == [SCHEDULE, TEAM_LOG]


def test_without_a_schedule_no_date_is_fetched_and_each_says_why(fetch, service):
    service.answers[SCHEDULE] = FetchError("nba-com: refused with 403", stops_run=True)
    failed, _ = fetch([NBAC_TEAM_BOXSCORE], [TWENTY_FOURTH, TWENTY_FIFTH])
    assert service.asked == [SCHEDULE]
    assert failed == dict.fromkeys(
        [(NBAC_TEAM_BOXSCORE.name, day) for day in (TWENTY_FOURTH, TWENTY_FIFTH)], "nba-com: refused with 403"
    )


def test_a_season_wide_answer_that_is_lacking_fails_every_date_of_its_season(fetch, service):
    service.answers[TEAM_LOG] = league_game_log(team_line(SEASON_ID="22023"))
    failed, _ = fetch([NBAC_TEAM_BOXSCORE, NBAC_SCHEDULE], [TWENTY_FOURTH, TWENTY_FIFTH, TWENTY_SIXTH])
    assert {name for name, _ in failed} == {NBAC_TEAM_BOXSCORE.name}
    assert [day for _, day in failed] == [TWENTY_FOURTH, TWENTY_FIFTH, TWENTY_SIXTH]
    assert "holds only one team of 1 games" in failed[NBAC_TEAM_BOXSCORE.name, TWENTY_FOURTH]


def test_dates_ahead_are_left_alone(fetch, service):
    assert fetch([NBAC_TEAM_BOXSCORE], [date(2023, 10, 29), date(2023, 10, 30)])[0] == {}
    assert service.asked == []


def test_sources_are_those_that_the_environment_names():
    assert stated_raw_sources({}) == ()
    (source,) = stated_raw_sources({"NBA_RAW_SOURCES": " nba-com ,"})
    assert source.name == "nba-com"
    assert NBAC_SCHEDULE in source.tables
    both = stated_raw_sources({"NBA_RAW_SOURCES": "odds-api,nba-com"})
    assert [source.name for source in both] == ["nba-com", "odds-api"]
    assert not set(both[0].tables) & set(both[1].tables)
    with pytest.raises(ValueError, match=r"NBA_RAW_SOURCES names 'espn'; known are nba-com, odds-api"):
        stated_raw_sources({"NBA_RAW_SOURCES": "nba-com,espn"})
