"""Odds API answers: what each outcome becomes, every reason for rejecting one, loading twice."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analytics_assets.raw.declarations import (
    NBAC_SCHEDULE,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
    RAW_TABLES,
)
from analytics_assets.raw.loaders.files import UnreadableFileError
from analytics_assets.raw.loaders.load import load_odds_api
from analytics_assets.raw.loaders.loaded_file import FileKind, LoadedFile
from analytics_assets.raw.loaders.odds_api import read_odds_api
from analytics_assets.raw.loaders.rows import RejectReason
from analytics_assets.raw.origin import DEMO_SOURCE
from analytics_assets.tables.operations import QUARANTINED_ROWS
from analytics_assets.warehouse import MergeCounts, WarehouseError
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.support.nba_com_files import NOW, assert_rejected, checked
from analytics_assets_tests.support.play_by_play_files import told
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row

UPDATED = "2023-10-24T23:20:05Z"
TIP_OFF = "2023-10-24T23:40:00Z"
POINTS, GAMES = ODDS_API_PLAYER_POINTS_PROPS.name, ODDS_API_GAME_LINES.name


def side(name: Any, price: Any = -110, point: Any = None, player: Any = None) -> dict[str, Any]:
    """One outcome; what is None is absent, as in the API's answers."""
    fields = {"name": name, "description": player, "price": price, "point": point}
    return {field: value for field, value in fields.items() if value is not None}


def market(key: str, *outcomes: Any, **more: Any) -> dict[str, Any]:
    return {"key": key, "last_update": UPDATED, "outcomes": list(outcomes), **more}


def book(*markets: Any, **more: Any) -> dict[str, Any]:
    return {"key": "draftkings", "title": "DraftKings", "markets": list(markets), **more}


def event(*books: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": "e1",
        "sport_key": "basketball_nba",
        "commence_time": TIP_OFF,
        "home_team": "Denver Nuggets",
        "away_team": "Los Angeles Lakers",
        "bookmakers": list(books),
        **more,
    }


def of_points(*outcomes: Any, **more: Any) -> dict[str, Any]:
    return event(book(market("player_points", *outcomes)), **more)


def saved(path: Path, answer: Any) -> Path:
    path.write_text(json.dumps(answer), encoding="utf-8")
    return path


def load(path: Path, answer: Any) -> LoadedFile:
    return checked(read_odds_api(saved(path / "answer.json", answer), now=NOW))


def test_over_and_under_of_a_players_line_are_one_row(tmp_path: Path) -> None:
    answer = event(
        book(
            market(
                "player_points",
                side("Over", -130, 27.5, "Nikola Jokić"),
                side("Under", 100, 27.5, "Nikola Jokić"),
                side("Over", 250, 34.5, "Nikola Jokić"),
                side("Under", -120, 20.5, "LeBron James"),
            )
        ),
        book(market("player_points", side("Over", -115, 27.5, "Nikola Jokić")), key="Bet MGM"),
    )
    loaded = load(tmp_path, answer)
    assert (loaded.kind, len(loaded.rejected), loaded.skipped) == (FileKind.ODDS, 0, {})
    assert loaded.frames[GAMES].empty
    lines = loaded.frames[POINTS]
    columns = ["player_lookup", "bookmaker", "points_line", "over_price", "under_price"]
    assert [told(row) for _, row in lines[columns].iterrows()] == [
        ["nikolajokic", "draftkings", 27.5, -130, 100],
        ["nikolajokic", "draftkings", 34.5, 250, None],
        ["lebronjames", "draftkings", 20.5, None, -120],
        ["nikolajokic", "betmgm", 27.5, -115, None],
    ]
    assert lines["player_name"].tolist()[0] == "Nikola Jokić"
    # Tip-off is on the 24th in New York, and the seasons change in summer.
    assert set(lines["game_id"]) == {"20231024_LAL_DEN"}
    assert set(lines["game_date"]) == {pd.Timestamp("2023-10-24")}
    assert set(lines["season_year"]) == {2023}
    assert set(lines["event_id"]) == {"e1"}
    assert set(lines["snapshot_timestamp"]) == {pd.Timestamp(UPDATED)}
    assert set(lines["tipoff_at"]) == {pd.Timestamp(TIP_OFF)}


def test_game_lines_have_a_row_a_side(tmp_path: Path) -> None:
    answer = event(
        book(
            market("h2h", side("Denver Nuggets", -210), side("Los Angeles Lakers", 175)),
            market("spreads", side("Los Angeles Lakers", -108, 5.5), side("Denver Nuggets", -112, -5.5)),
            market("totals", side("Over", -110, 228.5), side("Under", -110, 228.5)),
            market("totals_q1", side("Over", -115, 57.5)),
            market("h2h_lay", side("Denver Nuggets", -205)),
        )
    )
    loaded = load(tmp_path, answer)
    assert (len(loaded.rejected), loaded.skipped, len(loaded.frames[POINTS])) == (0, {}, 0)
    lines = loaded.frames[GAMES]
    assert [told(row) for _, row in lines[["market", "bet_side", "line", "price"]].iterrows()] == [
        ["h2h", "home", None, -210],
        ["h2h", "away", None, 175],
        ["spreads", "away", 5.5, -108],
        ["spreads", "home", -5.5, -112],
        ["totals", "over", 228.5, -110],
        ["totals", "under", 228.5, -110],
        ["totals_q1", "over", 57.5, -115],
        ["h2h_lay", "home", None, -205],
    ]
    assert set(lines["game_id"]) == {"20231024_LAL_DEN"}


def test_games_after_midnight_utc_belong_to_the_evening_before(tmp_path: Path) -> None:
    late = load(tmp_path, of_points(side("Over", -110, 25.5, "LeBron James"), commence_time="2023-10-25T02:10:00Z"))
    assert late.frames[POINTS]["game_id"].tolist() == ["20231024_LAL_DEN"]


def test_other_markets_are_skipped_and_counted(tmp_path: Path) -> None:
    answer = event(
        book(
            market("player_rebounds", side("Over", -110, 11.5, "Nikola Jokić"), side("Under", -110, 11.5)),
            market("player_points", side("Over", -110, 27.5, "Nikola Jokić")),
            market("alternate_spreads", side("Denver Nuggets", 150, -9.5)),
        ),
        book(market("player_rebounds", side("Over", -120, 11.5, "Nikola Jokić")), key="fanduel"),
    )
    loaded = load(tmp_path, answer)
    assert loaded.skipped == {"market alternate_spreads": 1, "market player_rebounds": 3}
    assert (len(loaded.frames[POINTS]), len(loaded.frames[GAMES]), len(loaded.rejected)) == (1, 0, 0)


def test_every_shape_of_an_answer_gives_the_same_rows(tmp_path: Path) -> None:
    points = of_points(side("Over", -110, 27.5, "Nikola Jokić"))
    expected = load(tmp_path, points).frames[POINTS]
    historical = {"timestamp": "2023-10-24T23:25:00Z", "previous_timestamp": None, "data": points}
    for answer in ([points], historical, {**historical, "data": [points]}, [historical]):
        pd.testing.assert_frame_equal(load(tmp_path, answer).frames[POINTS], expected)
    assert all(frame.empty for frame in load(tmp_path, []).frames.values())
    assert all(frame.empty for frame in load(tmp_path, event()).frames.values())


def test_moment_is_that_of_the_market_else_of_the_book_else_of_the_answer(tmp_path: Path) -> None:
    outcome = side("Over", -110, 27.5, "Nikola Jokić")
    of_market = market("player_points", outcome)
    timeless = market("player_points", outcome, last_update=None)
    cases = [
        (book(of_market, last_update="2023-10-24T23:00:00Z"), UPDATED),
        (book(timeless, last_update="2023-10-24T23:00:00Z"), "2023-10-24T23:00:00Z"),
        (book(timeless), "2023-10-24T23:25:00Z"),
    ]
    for shown, moment in cases:
        loaded = load(tmp_path, {"timestamp": "2023-10-24T23:25:00Z", "data": event(shown)})
        assert loaded.frames[POINTS]["snapshot_timestamp"].tolist() == [pd.Timestamp(moment)]
    assert load(tmp_path, event(book(timeless))).rejected["reason"].tolist() == [RejectReason.MALFORMED_DATE]


def test_rejected_points_outcomes(tmp_path: Path) -> None:
    jokic = "Nikola Jokić"
    bad: list[tuple[dict[str, Any], RejectReason, str]] = [
        (side("Yes", -110, 27.5, jokic), RejectReason.UNKNOWN_BET_SIDE, "name is 'Yes'"),
        (side("Denver Nuggets", -110, 27.5, jokic), RejectReason.UNKNOWN_BET_SIDE, "name is 'Denver Nuggets'"),
        (side("Over", -110, 27.5), RejectReason.MISSING_PLAYER, "description is empty"),
        (side("Over", -110, 27.5, "约基奇"), RejectReason.MISSING_PLAYER, "description is '约基奇'"),
        (side("Over", 1.91, 27.5, jokic), RejectReason.NOT_A_NUMBER, "price is '1.91'"),
        (side("Over", None, 27.5, jokic), RejectReason.NOT_A_NUMBER, "price is empty"),
        (side("Over", -110, None, jokic), RejectReason.NOT_A_NUMBER, "point is empty"),
        (side("Over", -110, "many", jokic), RejectReason.NOT_A_NUMBER, "point is 'many'"),
        (side("Over", -110, 30.5, jokic), RejectReason.DUPLICATE_ROW, "further down"),
    ]
    good = [side("Over", -110, 28.5, jokic), side("Over", -110, 29.5, jokic), side("Over", -140, 24.5, jokic)]
    loaded = load(tmp_path, of_points(*good, *(row for row, _, _ in bad), side("Over", -105, 30.5, jokic)))
    assert loaded.frames[POINTS]["points_line"].tolist() == [28.5, 29.5, 24.5, 30.5]
    assert loaded.frames[POINTS]["over_price"].tolist()[-1] == -105
    assert loaded.rejected["row_number"].tolist() == list(range(4, 4 + len(bad)))
    assert loaded.rejected["reason"].tolist() == [reason for _, reason, _ in bad]
    for detail, (_, _, part) in zip(loaded.rejected["detail"], bad, strict=True):
        assert part in detail


def test_rejected_events_and_books(tmp_path: Path) -> None:
    shown = book(market("h2h", side("Denver Nuggets", -210)))
    bad: list[tuple[dict[str, Any], RejectReason, str]] = [
        (event(shown, commence_time=1698190800), RejectReason.MALFORMED_DATE, "commence_time is '1698190800'"),
        (event(shown, commence_time="2023-10-24"), RejectReason.MALFORMED_DATE, "commence_time is '2023-10-24'"),
        (event(shown, home_team=None), RejectReason.MISSING_TEAM, "home_team is empty"),
        (event(shown, away_team="Seattle SuperSonics"), RejectReason.UNKNOWN_TEAM_NAME, "'Seattle SuperSonics'"),
        (event(shown, away_team="Denver Nuggets"), RejectReason.MALFORMED_MATCHUP, "both home and away"),
        (event(book(*shown["markets"], key=" ")), RejectReason.MISSING_BOOKMAKER, "bookmaker is empty"),
        (event(book(market("h2h", side("Draw", 900)))), RejectReason.UNKNOWN_BET_SIDE, "name is 'Draw'"),
        (event(book(market("h2h", side("Over", 900)))), RejectReason.UNKNOWN_BET_SIDE, "name is 'Over'"),
        (event(book(market("spreads", side("Denver Nuggets")))), RejectReason.NOT_A_NUMBER, "point is empty"),
    ]
    loaded = load(tmp_path, [event(shown), *(row for row, _, _ in bad)])
    assert loaded.frames[GAMES]["price"].tolist() == [-210]
    rows = [None, *(json.loads(row) for row in loaded.rejected["raw_values"])]
    assert_rejected(loaded, rows, [(reason, detail) for _, reason, detail in bad])


def test_an_answer_in_decimal_odds_is_refused_as_a_whole(tmp_path: Path) -> None:
    # 101.0 alone would pass for American +101; it pays a hundred to one.
    loaded = load(tmp_path, event(book(market("h2h", side("Denver Nuggets", 1.01), side("Los Angeles Lakers", 101.0)))))
    assert loaded.frames[GAMES].empty
    assert loaded.rejected["reason"].tolist() == [RejectReason.NOT_A_NUMBER] * 2
    assert all("oddsFormat=american" in detail for detail in loaded.rejected["detail"])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"message": "API key is missing"}, "found the keys message"),
        ("odds", "found a str"),
        ([{"id": "e1", "home_team": "Denver Nuggets"}], "found the keys id, home_team"),
        ({"data": None}, "found a NoneType"),
        (event() | {"bookmakers": None}, "event e1: 'bookmakers' is no list"),
        (event("draftkings"), "event e1: an entry of 'bookmakers' is no object"),
        (event({"key": "draftkings"}), "event e1, book draftkings: 'markets' is no list"),
        (event(book({"key": "h2h"})), "book draftkings, market h2h: 'outcomes' is no list"),
    ],
)
def test_other_answers_name_the_path_and_the_trouble(tmp_path: Path, answer: Any, says: str) -> None:
    with pytest.raises(UnreadableFileError, match=says) as caught:
        load(tmp_path, answer)
    assert "answer.json" in str(caught.value)


def test_loading_twice_changes_nothing_and_a_later_snapshot_is_added(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    broken = side("Over", 1.91, 27.5, "Nikola Jokić")
    offers = [side("Over", -110, 27.5, "Nikola Jokić"), side("Under", -110, 27.5, "Nikola Jokić")]
    first = saved(tmp_path / "first.json", of_points(*offers, broken))
    later = of_points(*offers)
    later["bookmakers"][0]["markets"][0]["last_update"] = "2023-10-24T23:35:00Z"
    second = saved(tmp_path / "second.json", later)
    (report,) = load_odds_api(warehouse, [first], now=NOW)
    assert report.counts == {POINTS: MergeCounts(1, 0, 0), GAMES: MergeCounts(0, 0, 0)}
    (report, added) = load_odds_api(warehouse, [first, second], now=datetime(2026, 3, 2, tzinfo=UTC))
    assert report.counts[POINTS] == MergeCounts(0, 0, 1)
    assert added.counts[POINTS] == MergeCounts(1, 0, 0)
    stored = warehouse.read(ODDS_API_PLAYER_POINTS_PROPS, start=date(2023, 10, 24), end=date(2023, 10, 24))
    assert sorted(stored["snapshot_timestamp"]) == [pd.Timestamp(UPDATED), pd.Timestamp("2023-10-24T23:35:00Z")]
    # The unchanged row keeps the moment at which it was first written.
    assert stored.set_index("snapshot_timestamp")["processed_at"][pd.Timestamp(UPDATED)] == pd.Timestamp(NOW)
    assert warehouse.read(QUARANTINED_ROWS)["reason"].tolist() == [RejectReason.NOT_A_NUMBER]


def test_real_odds_do_not_enter_the_demo_league(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "nba.duckdb")
    warehouse.ensure(*RAW_TABLES)
    warehouse.merge_rows(
        NBAC_SCHEDULE, schedule_frame(schedule_row("0022300061", "2023-10-24", data_source=DEMO_SOURCE))
    )
    path = saved(tmp_path / "answer.json", of_points(side("Over", -110, 27.5, "Nikola Jokić")))
    with pytest.raises(WarehouseError, match="holds the demo league"):
        load_odds_api(warehouse, [path], now=NOW)
    assert warehouse.read(ODDS_API_PLAYER_POINTS_PROPS).empty
