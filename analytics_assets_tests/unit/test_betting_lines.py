"""Betting lines: which snapshot closes and opens, whose line a player gets, and which raw rows are refused."""

import json
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.league.teams import TEAMS
from analytics_assets.raw.betting_lines import normalised_bookmakers, pregame_lines, sieve_betting_rows
from analytics_assets.raw.declarations import (
    BETTINGPROS_PLAYER_POINTS_PROPS,
    ODDS_API_GAME_LINES,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.raw.points_props import PointsProps, interpret_points_props
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import moment, raw_frame, schedule_frame, schedule_row

DAY = "2024-01-10"
GAME_ID = "20240110_BOS_LAL"
# Tip-off on the schedule: 00:30 UTC of the eleventh.
GAMES = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY))).games
UNTIMED_GAMES = GAMES.assign(tipoff_at=pd.Series(pd.NaT, index=GAMES.index, dtype=GAMES["tipoff_at"].dtype))
ODDS, PROS = ODDS_API_PLAYER_POINTS_PROPS.name, BETTINGPROS_PLAYER_POINTS_PROPS.name
ODDS_API_FILES = Path(__file__).resolve().parents[3] / "shared" / "realdata" / "odds_api"
REAL_SAMPLE = ODDS_API_FILES / "oddsapi_h2h_spreads_totals_2022-11-22.json"


def at(clock: str) -> pd.Timestamp:
    """Moment of the evening of the game: clocks before 12:00 are of the next UTC day."""
    return moment(f"2024-01-{11 if clock < '12' else 10}T{clock}")


def odds(clock: str, line: float | None, book: str = "draftkings", **more) -> dict:
    return {
        "game_id": GAME_ID,
        "game_date": pd.Timestamp(DAY),
        "player_lookup": "jaysontatum",
        "bookmaker": book,
        "points_line": line,
        "over_price": -110,
        "under_price": -110,
        "snapshot_timestamp": at(clock),
        "processed_at": at(clock) + pd.Timedelta(minutes=5),
        **more,
    }


def pros(side: str | None, clock: str, line: float | None, book: str = "draftkings", price=-110, **more) -> dict:
    row = odds(clock, line, book, bet_side=side, price=price, **more)
    return {name: value for name, value in row.items() if name not in ("over_price", "under_price")}


def interpret(odds_rows: list[dict], pros_rows: list[dict] | None = None, games: pd.DataFrame = GAMES) -> PointsProps:
    tables = {ODDS_API_PLAYER_POINTS_PROPS: odds_rows, BETTINGPROS_PLAYER_POINTS_PROPS: pros_rows}
    frames = [raw_frame(table, rows) if rows else empty_frame(table) for table, rows in tables.items()]
    return interpret_points_props(frames[0], frames[1], games)


def only_line(found: PointsProps) -> pd.Series:
    assert found.refused.empty
    assert found.lines[["game_id", "player_lookup"]].to_numpy().tolist() == [[GAME_ID, "jaysontatum"]]
    return found.lines.iloc[0]


def test_last_and_first_snapshot_up_to_tip_off_are_the_lines() -> None:
    line = only_line(
        interpret(
            [
                odds("00:31", 9.5),  # after tip-off: neither closing nor opening
                odds("00:30", 21.5, over_price=-120, under_price=-105),  # at tip-off still counts
                odds("23:00", 20.5),
                odds("18:00", 19.5),
            ]
        )
    )
    assert line.drop(["game_id", "player_lookup"]).to_dict() == {
        "points_line": 21.5,
        "opening_line": 19.5,
        "over_price": -120,
        "under_price": -105,
        "points_line_source": "odds_api:draftkings",
        "opening_line_source": "odds_api:draftkings",
        "processed_at": at("00:35"),
    }


def test_player_with_lines_only_from_the_running_game_has_none() -> None:
    found = interpret([odds("00:31", 9.5)], [pros("over", "01:15", 8.5)])
    assert found.lines.empty
    assert found.refused.empty
    # The game was found in both tables nevertheless.
    assert [found.matched[name]["game_id"].tolist() for name in (ODDS, PROS)] == [[GAME_ID], [GAME_ID]]
    assert [len(found.in_time[name]) for name in (ODDS, PROS)] == [0, 0]


@pytest.mark.parametrize(
    ("games", "stated", "line"),
    [
        (GAMES, None, 22.5),
        (GAMES, "00:10", 21.5),  # the source says earlier
        (GAMES, "01:00", 22.5),  # the schedule says earlier
        (UNTIMED_GAMES, "00:10", 21.5),
        (UNTIMED_GAMES, "01:00", 23.5),
    ],
)
def test_bound_is_the_earlier_known_tip_off(games, stated, line) -> None:
    tip_off = at(stated) if stated else pd.NaT
    rows = [
        odds(clock, value, tipoff_at=tip_off) for clock, value in (("00:05", 21.5), ("00:20", 22.5), ("00:40", 23.5))
    ]
    assert only_line(interpret(rows, games=games))["points_line"] == line


@pytest.mark.parametrize(
    ("one", "other", "main"),
    [
        # (line, over, under): the most balanced line is the main line.
        ((20.5, -110, -110), (25.5, 250, -400), 20.5),
        ((15.5, -500, 300), (20.5, -125, 105), 20.5),
        # American odds are no distances: 100/-120 imply 0.500 and 0.545, -110/-140 imply 0.524 and 0.583.
        ((20.5, -110, -140), (21.5, 100, -120), 21.5),
        ((21.5, -110, -110), (20.5, -120, -120), 20.5),  # equally balanced: the lower line
        ((20.5, -110, None), (25.5, 250, -400), 25.5),  # lacking a price comes last
        ((20.5, None, None), (21.5, None, None), 20.5),
        ((20.5, -110, 0), (25.5, 250, -400), 25.5),  # 0 is no American price
    ],
)
def test_main_line_of_alternate_lines(one, other, main) -> None:
    rows = [odds("23:00", line, over_price=over, under_price=under) for line, over, under in (one, other)]
    for ordered in (rows, rows[::-1]):
        line = only_line(interpret(ordered))
        assert (line["points_line"], line["opening_line"]) == (main, main)


def test_row_written_last_of_one_snapshot_and_line_counts() -> None:
    # The balanced price was corrected: the superseded one must not win for its balance.
    first = odds("23:00", 20.5)
    corrected = odds("23:00", 20.5, game_id="20240110_LAL_BOS", over_price=-150, under_price=130)
    corrected["processed_at"] = at("06:00")
    line = only_line(interpret([corrected, first]))
    assert (line["over_price"], line["under_price"], line["processed_at"]) == (-150, 130, at("06:00"))


def test_side_row_written_last_counts() -> None:
    old, new = {"price": -110, "processed_at": at("23:10")}, {"price": 140, "processed_at": at("23:20")}
    rows = [pros("over", "23:00", 20.5, **new), pros("over", "23:00", 20.5, **old), pros("under", "23:00", 20.5)]
    assert only_line(interpret([], rows))[["over_price", "under_price"]].tolist() == [140, -110]


@pytest.mark.parametrize("prices", [(-105, -115), (-110, None)])
def test_content_settles_what_time_does_not(prices) -> None:
    """Two rows of one line, snapshot and time of writing: the same counts in either order, and a price beats none."""
    of_odds = [odds("23:00", 20.5, over_price=price) for price in prices]
    of_pros = [pros("over", "23:00", 20.5, price=price) for price in prices]
    for found in (
        [interpret(of_odds), interpret(of_odds[::-1])],
        [interpret([], of_pros), interpret([], of_pros[::-1])],
    ):
        one, other = (only_line(each)["over_price"] for each in found)
        assert one == other
        assert one in prices


def test_time_of_writing_is_the_latest_of_the_rows_used() -> None:
    # The opening row was corrected after the closing row was written; the row between them is not used.
    rows = [
        odds("18:00", 19.5, processed_at=at("06:00")),
        odds("20:00", 20.0, processed_at=at("09:00")),
        odds("23:00", 20.5),
    ]
    assert only_line(interpret(rows))["processed_at"] == at("06:00")


@pytest.mark.parametrize(
    ("odds_books", "pros_books", "source"),
    [
        (["betmgm", "fanduel", "DraftKings"], ["draftkings"], "odds_api:draftkings"),
        (["caesars", "fanduel", "betmgm"], ["draftkings"], "odds_api:fanduel"),
        (["caesars", "betmgm"], ["draftkings"], "odds_api:betmgm"),
        (["prizepicks", "draftkings_pick6"], ["caesars", "betmgm"], "bettingpros:betmgm"),
        (["Bet MGM", "underdog"], [], "odds_api:betmgm"),
        (["underdog", "PrizePicks"], ["pick6"], "odds_api:prizepicks:daily_fantasy"),
        (["draftkings_pick6"], [], "odds_api:draftkings_pick6:daily_fantasy"),
        ([], ["sleeper", "betr_us_dfs"], "bettingpros:betr_us_dfs:daily_fantasy"),
    ],
)
def test_preferred_source_and_book(odds_books, pros_books, source) -> None:
    line = only_line(
        interpret(
            # Each further book is later and higher, so that neither latest nor highest is preferred by accident.
            [odds(f"22:0{n}", 20.5 + n, book) for n, book in enumerate(odds_books)],
            [pros("over", f"22:1{n}", 25.5 + n, book) for n, book in enumerate(pros_books)],
        )
    )
    assert (line["points_line_source"], line["opening_line_source"]) == (source, source)


def test_preferred_book_without_a_line_before_tip_off_is_passed_over() -> None:
    line = only_line(interpret([odds("00:45", 9.5), odds("22:00", 20.5, "fanduel"), odds("21:00", 18.5, "betmgm")]))
    assert line[["points_line", "opening_line", "points_line_source"]].tolist() == [20.5, 20.5, "odds_api:fanduel"]


def test_prices_of_both_side_rows_of_the_same_line_and_snapshot() -> None:
    rows = [
        pros(" Over", "23:00", 20.5, price=-125),
        pros("UNDER", "23:00", 20.5, price=105, processed_at=at("23:45")),
        pros("over", "22:00", 19.5, price=-115),
        pros("under", "22:00", 19.5, price=-105),
        pros("over", "23:00", 24.5, price=300),  # alternate line without its other side
    ]
    line = only_line(interpret([], rows))
    assert line[["points_line", "over_price", "under_price", "opening_line"]].tolist() == [20.5, -125, 105, 19.5]
    assert line["points_line_source"] == "bettingpros:draftkings"
    assert line["processed_at"] == at("23:45")


@pytest.mark.parametrize(
    ("changes", "opening"),
    [
        ([{"opening_line": 17.5}, {}, {}], 17.5),  # as the closing row states it
        ([{}, {}, {"opening_line": 17.5}], 17.5),  # as an earlier row states it
        ([{"opening_line": 18.5}, {}, {"opening_line": 17.5}], 18.5),
        ([{}, {"opening_line": 17.5}, {}], 19.5),  # the middle row is of the running game
        ([{"opening_line": 0.0}, {}, {"opening_line": 400.0}], 19.5),  # no line can be that
    ],
)
def test_opening_line_is_the_stated_one_else_the_first_snapshot(changes, opening) -> None:
    snapshots = (("23:00", 21.5), ("00:45", 9.5), ("22:00", 19.5))
    rows = [pros("over", *snapshot, **change) for snapshot, change in zip(snapshots, changes, strict=True)]
    line = only_line(interpret([], rows))
    assert (line["points_line"], line["opening_line"]) == (21.5, opening)


def test_opening_line_that_only_the_under_states() -> None:
    rows = [pros("over", "23:00", 21.5), pros("under", "23:00", 21.5, opening_line=17.5), pros("over", "22:00", 19.5)]
    assert only_line(interpret([], rows))["opening_line"] == 17.5


def test_lines_that_were_taken_off_do_not_count_and_are_no_fault() -> None:
    rows = [
        pros("over", "22:00", 19.5, is_active=True),
        pros("over", "23:00", 24.5, is_active=False),
        pros("over", "23:30", None, is_active=False),
        pros("under", "22:00", 19.5, is_active=None),
    ]
    line = only_line(interpret([], rows))
    assert line[["points_line", "opening_line", "under_price"]].tolist() == [19.5, 19.5, -110]


@pytest.mark.parametrize(
    ("changes", "reason", "told"),
    [
        ({"points_line": None}, "line_out_of_range", "points_line NULL"),
        ({"points_line": 0}, "line_out_of_range", "0.0"),
        ({"points_line": -4.5}, "line_out_of_range", "-4.5"),
        ({"points_line": 100.5}, "line_out_of_range", "100.5"),
        ({"player_lookup": " "}, "player_missing", "empty"),
        ({"player_lookup": "1630173"}, "player_missing", "empty"),
        ({"player_lookup": None}, "player_missing", "empty"),
        ({"bookmaker": None}, "bookmaker_missing", "empty"),
        ({"bookmaker": " . "}, "bookmaker_missing", "empty"),
        ({"snapshot_timestamp": pd.NaT}, "snapshot_unknown", "snapshot_timestamp is NULL"),
        ({"game_id": "20240110_BOS_MIA"}, "game_not_in_schedule", "20240110_BOS_MIA"),
        ({"game_id": "20240110_BOS_QQQ"}, "unknown_tricode", "20240110_BOS_QQQ"),
        ({"game_date": pd.Timestamp("2024-01-11")}, "game_date_contradicts_schedule", "2024-01-10"),
    ],
)
def test_row_that_breaks_a_rule_is_refused_alone(changes, reason, told) -> None:
    found = interpret([odds("23:00", 25.5) | changes, odds("22:00", 20.5)], [pros("over", "23:00", 25.5) | changes])
    assert found.refused[["source_table", "row", "reason"]].to_numpy().tolist() == [
        [ODDS, 0, reason],
        [PROS, 0, reason],
    ]
    assert found.refused["detail"].str.contains(told, regex=False).all()
    assert found.lines["points_line"].tolist() == [20.5]
    assert [len(games) for games in found.matched.values()] == [1, 0]


@pytest.mark.parametrize("side", ["push", "", None])
def test_unknown_side_is_refused(side) -> None:
    found = interpret([], [pros("over", "22:00", 20.5), pros(side, "23:00", 25.5)])
    assert found.refused[["row", "reason", "game_id"]].to_numpy().tolist() == [[1, "unknown_bet_side", GAME_ID]]
    assert found.lines["points_line"].tolist() == [20.5]


def test_row_without_any_tip_off_is_refused() -> None:
    found = interpret([odds("23:00", 25.5), odds("22:00", 20.5, tipoff_at=at("00:30"))], games=UNTIMED_GAMES)
    assert found.refused[["row", "reason", "game_id"]].to_numpy().tolist() == [[0, "tipoff_unknown", GAME_ID]]
    assert GAME_ID in found.refused["detail"].iloc[0]
    assert found.lines["points_line"].tolist() == [20.5]


def test_all_spellings_of_a_game_and_a_player_are_one() -> None:
    found = interpret(
        [
            odds("20:00", 18.5, player_lookup="1628369jaysontatum"),
            odds("21:00", 19.5, game_id="20240110_LAL_BOS"),
            odds("22:00", 20.5, game_id="0022300001", player_lookup="Jayson Tatum"),
            odds("23:00", 21.5, game_id="20240110_bos_lal ", nba_game_id="0022300001"),
        ]
    )
    line = only_line(found)
    assert (line["opening_line"], line["points_line"]) == (18.5, 21.5)
    assert found.matched[ODDS].to_numpy().tolist() == [[GAME_ID, pd.Timestamp(DAY)]]


def test_rows_of_games_the_tables_leave_out_are_neither_used_nor_refused() -> None:
    games = interpret_schedule(schedule_frame(schedule_row("0012300001", DAY))).games
    found = interpret([odds("23:00", 20.5)], games=games)
    assert (len(found.lines), len(found.refused), len(found.matched[ODDS])) == (0, 0, 0)


def test_rows_keep_their_labels_when_refused() -> None:
    frame = raw_frame(ODDS_API_PLAYER_POINTS_PROPS, [odds("23:00", 0.0), odds("23:00", 20.5)]).set_axis([70, 50])
    found = interpret_points_props(frame, empty_frame(BETTINGPROS_PLAYER_POINTS_PROPS), GAMES)
    assert found.refused["row"].tolist() == [70]


def test_tables_without_rows_give_typed_empty_frames() -> None:
    empty, full = interpret([]), interpret([odds("23:00", 20.5)], [pros("over", "23:00", 20.5)])
    assert list(empty.refused) == ["row", "reason", "detail", "game_id", "team_abbr", "source_table"]
    assert list(empty.lines) == list(full.lines)
    assert len(empty.lines) == len(empty.refused) == 0
    assert all(list(games) == ["game_id", "game_date"] and games.empty for games in empty.matched.values())
    assert empty.lines.dtypes["points_line"] == full.lines.dtypes["points_line"] == "float64"
    assert empty.lines.dtypes["processed_at"] == full.lines.dtypes["processed_at"] == "datetime64[us, UTC]"


def test_book_names() -> None:
    names = pd.Series(["DraftKings", " Bet MGM ", "MyBookie.ag", "williamhill_us", "", None])
    expected = pd.Series(["draftkings", "betmgm", "mybookieag", "williamhill_us", "", None], dtype="string")
    pd.testing.assert_series_equal(normalised_bookmakers(names), expected)


def test_moneyline_has_a_closing_price_without_a_line() -> None:
    rows = pd.DataFrame(
        {
            "game_id": GAME_ID,
            "bet_side": ["home", "home", "away", "away"],
            "line": float("nan"),
            "price": [-140, -150, 120, 400],
            "snapshot_timestamp": [at("22:00"), at("23:00"), at("22:00"), at("00:31")],
            "tipoff_bound": at("00:30"),
            "processed_at": at("06:00"),
        }
    )
    found = pregame_lines(rows, ["game_id", "bet_side"], "line")
    assert found.closing.set_index("bet_side")["price"].to_dict() == {"home": -150, "away": 120}
    assert found.opening.set_index("bet_side")["price"].to_dict() == {"home": -140, "away": 120}


def test_real_lines_of_a_running_game_close_nothing() -> None:
    if not REAL_SAMPLE.is_file():
        pytest.skip(f"real data are not here: {REAL_SAMPLE} is absent, so the real in-game sample is not checked")
    codes = {team.name: team.tricode for team in TEAMS}
    # NBA ids of the test only; the raw rows name games by date and teams.
    rows, schedule = [], []
    for number, event in enumerate(json.loads(REAL_SAMPLE.read_text())):
        away, home = codes[event["away_team"]], codes[event["home_team"]]
        tip_off = pd.Timestamp(event["commence_time"])
        day = tip_off.tz_convert("America/New_York").strftime("%Y-%m-%d")
        schedule.append(schedule_row(f"00222{number:05d}", day, away=away, home=home, tipoff_at=pd.NaT))
        rows += [
            {
                "game_id": f"{day.replace('-', '')}_{away}_{home}",
                "game_date": pd.Timestamp(day),
                "bookmaker": book["key"],
                "market": market["key"],
                "bet_side": {event["home_team"]: "home", event["away_team"]: "away"}.get(
                    outcome["name"], outcome["name"].lower()
                ),
                "line": outcome.get("point"),
                "price": outcome["price"],
                "snapshot_timestamp": pd.Timestamp(book["last_update"]),
                "tipoff_at": tip_off,
                "processed_at": pd.Timestamp(book["last_update"]),
            }
            for book in event["bookmakers"]
            for market in book["markets"]
            for outcome in market["outcomes"]
        ]
    games = interpret_schedule(schedule_frame(*schedule)).games
    sieve = sieve_betting_rows(raw_frame(ODDS_API_GAME_LINES, rows), games)
    assert sieve.refused.empty
    lines = pregame_lines(sieve.rows, ["game_id", "bookmaker", "market", "bet_side"], "line")
    books_seen = sieve.rows.groupby("game_id")["bookmaker"].nunique()
    books_closing = lines.closing.groupby("game_id")["bookmaker"].nunique().reindex(books_seen.index, fill_value=0)
    # Philadelphia had tipped off half an hour before; Memphis tipped off between the updates of its books.
    assert (books_seen["20221122_BKN_PHI"], books_closing["20221122_BKN_PHI"]) == (15, 0)
    assert 0 < books_closing["20221122_SAC_MEM"] < books_seen["20221122_SAC_MEM"]
    waiting = books_seen.index.difference(["20221122_BKN_PHI", "20221122_SAC_MEM"])
    assert len(waiting) == 12
    assert books_closing[waiting].equals(books_seen[waiting])
    assert "20221122_BKN_PHI" not in set(lines.opening["game_id"])
