"""Lines on games: whose spread it is, which book and snapshot count, how lines moved, which rows are refused."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.raw.as_of import as_of_moments, stated_tipoffs
from analytics_assets.raw.declarations import ODDS_API_GAME_LINES
from analytics_assets.raw.game_lines import GameLines, interpret_game_lines
from analytics_assets.raw.loaders.odds_api import read_odds_api
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import moment, raw_frame, schedule_frame, schedule_row

DAY = "2024-01-10"
# BOS plays at LAL; tip-off on the schedule is 00:30 UTC of the eleventh.
GAME_ID = "20240110_BOS_LAL"
GAMES = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY))).games
ODDS_API_FILES = Path(__file__).resolve().parents[3] / "shared" / "realdata" / "odds_api"
REAL_SAMPLE = ODDS_API_FILES / "oddsapi_h2h_spreads_totals_2022-11-22.json"
UNTIMED_GAMES = interpret_schedule(schedule_frame(schedule_row("0022300001", DAY, tipoff_at=pd.NaT))).games


def at(clock: str) -> pd.Timestamp:
    """Moment of the day of the game: clocks before 12:00 are of the next UTC day."""
    return moment(f"2024-01-{11 if clock < '12' else 10}T{clock}")


def bet(market: str, side: str, clock: str, line: float | None, price: float | None = -110, **more) -> dict:
    return {
        "game_id": GAME_ID,
        "game_date": pd.Timestamp(DAY),
        "bookmaker": "draftkings",
        "market": market,
        "bet_side": side,
        "line": line,
        "price": price,
        "snapshot_timestamp": at(clock),
        "processed_at": at(clock) + pd.Timedelta(minutes=2),
        **more,
    }


def spreads(clock: str, home: float, prices: tuple = (-110, -110), **more) -> list[dict]:
    """Both sides of a spread; LAL plays at home."""
    sides = (("home", home, prices[0]), ("away", -home, prices[1]))
    return [bet("spreads", side, clock, line, price, **more) for side, line, price in sides]


def totals(clock: str, line: float, **more) -> list[dict]:
    return [bet("totals", side, clock, line, **more) for side in ("over", "under")]


def moneylines(clock: str, home: float, away: float, **more) -> list[dict]:
    return [bet("h2h", side, clock, None, price, **more) for side, price in (("home", home), ("away", away))]


def interpret(rows: list[dict], games: pd.DataFrame = GAMES, as_of: pd.Series | None = None) -> GameLines:
    frame = raw_frame(ODDS_API_GAME_LINES, rows) if rows else empty_frame(ODDS_API_GAME_LINES)
    return interpret_game_lines(frame, games, as_of_moments(games) if as_of is None else as_of)


def teams(found: GameLines, *columns: str) -> dict[str, list]:
    """Values of the columns by team, None for NULL."""
    assert found.refused.empty
    rows = found.lines.set_index("team_abbr")[list(columns)].astype(object)
    return {team: [None if pd.isna(value) else value for value in rows.loc[team]] for team in rows.index}


def test_each_team_gets_its_own_side_of_every_market() -> None:
    rows = [*spreads("18:00", -5.5), *spreads("23:00", -7.0), *totals("18:00", 230), *totals("22:00", 226.5)]
    rows += [*moneylines("18:00", -200, 170), *moneylines("23:30", -280, 230)]
    found = interpret(rows).lines.set_index("team_abbr")
    assert found.index.tolist() == ["BOS", "LAL"]
    both = {
        "game_id": GAME_ID,
        "game_spread_source": "odds_api:draftkings",
        "game_total": 226.5,
        "opening_total": 230.0,
        "total_movement": -3.5,
        "game_total_source": "odds_api:draftkings",
        "moneyline_source": "odds_api:draftkings",
        "betting_lines_updated_at": at("23:30"),
        "median_spread_source": "odds_api:median_of_1",
        "median_total": 226.5,
        "median_opening_total": 230.0,
        "median_total_movement": -3.5,
        "median_total_source": "odds_api:median_of_1",
    }
    spread = {"game_spread": -7.0, "opening_spread": -5.5, "spread_movement": -1.5}
    medians = {f"median_{name.removeprefix('game_')}": value for name, value in spread.items()}
    implied = {"implied_team_total": 116.75, "median_implied_team_total": 116.75}
    assert found.loc["LAL"].to_dict() == {**both, **spread, **medians, "moneyline": -280.0, **implied}
    visitors = {name: -value for name, value in (spread | medians).items()}
    implied = {"implied_team_total": 109.75, "median_implied_team_total": 109.75}
    assert found.loc["BOS"].to_dict() == {**both, **visitors, "moneyline": 230.0, **implied}


def test_median_is_of_the_teams_side_and_not_of_both() -> None:
    # Spec 5.4 #3: a median over both sides is always 0.
    books = {"draftkings": (-4.5, -6.0), "fanduel": (-5.0, -5.5), "betmgm": (-6.5, -5.0)}
    rows = [
        row
        for book, (first, last) in books.items()
        for clock, line in (("18:00", first), ("23:00", last))
        for row in spreads(clock, line, bookmaker=book)
    ]
    columns = ["median_spread", "median_opening_spread", "median_spread_movement", "median_spread_source"]
    assert teams(interpret(rows), *columns) == {
        "LAL": [-5.5, -5.0, -0.5, "odds_api:median_of_3"],
        "BOS": [5.5, 5.0, 0.5, "odds_api:median_of_3"],
    }


def test_pick_em_is_a_line_and_moves() -> None:
    # Spec 5.4 #14: 0 was taken for missing.
    columns = ["game_spread", "opening_spread", "spread_movement", "median_spread", "implied_team_total"]
    rows = [*spreads("18:00", -2.0), *spreads("23:00", 0.0), *totals("23:00", 220)]
    assert teams(interpret(rows), *columns) == {"LAL": [0, -2, 2, 0, 110], "BOS": [0, 2, -2, 0, 110]}
    rows = [*spreads("18:00", 0.0), *spreads("23:00", 1.5)]
    assert teams(interpret(rows), *columns) == {"LAL": [1.5, 0, 1.5, 1.5, None], "BOS": [-1.5, 0, -1.5, -1.5, None]}
    # No negative zero, which would be other bytes for the same line.
    spread = interpret(spreads("23:00", 0.0)).lines["game_spread"]
    assert spread.map(str).tolist() == ["0.0", "0.0"]


@pytest.mark.parametrize(
    ("games", "stated", "as_of", "spread", "opening"),
    [
        (GAMES, None, None, -3, -1),
        (GAMES, "00:10", None, -2, -1),  # the source says earlier
        (GAMES, "01:00", None, -3, -1),  # the schedule says earlier
        (GAMES, None, "23:00", -1, -1),  # a run before tip-off
        (GAMES, "00:10", "00:15", -2, -1),
        (UNTIMED_GAMES, None, None, None, None),  # nothing after the start of the date counts
        (UNTIMED_GAMES, "00:20", "00:20", -3, -1),
    ],
)
def test_no_snapshot_after_the_games_moment_counts_neither_as_closing_nor_as_opening(
    games, stated, as_of, spread, opening
) -> None:
    # Spec 4.3 #7 and 5.4 #13.
    tip_off = at(stated) if stated else pd.NaT
    rows = [
        row
        for clock, line in (("22:00", -1.0), ("00:05", -2.0), ("00:20", -3.0), ("00:31", -14.0))
        for row in spreads(clock, line, tipoff_at=tip_off)
    ]
    moments = pd.Series({GAME_ID: at(as_of)}) if as_of else None
    found = interpret(rows, games, moments)
    if spread is None:
        assert found.lines.empty
        assert found.in_time.empty
        return
    # Both sides of every snapshot up to the closing one, by label in the raw frame.
    assert found.in_time["game_id"].to_dict() == dict.fromkeys(range(2 * -spread), GAME_ID)
    expected = [spread, opening, spread - opening]
    assert teams(found, "game_spread", "opening_spread", "spread_movement")["LAL"] == expected


def test_side_that_was_shown_after_the_tip_off_it_states_does_not_count() -> None:
    home, away = moneylines("00:20", -150, 130)
    found = interpret([*moneylines("22:00", -140, 120), {**home, "tipoff_at": at("00:10")}, away])
    assert teams(found, "moneyline") == {"BOS": [130.0], "LAL": [None]}


def test_lines_of_the_day_before_count_where_no_tip_off_is_known() -> None:
    early = spreads("18:00", -4.0, snapshot_timestamp=moment("2024-01-10T05:00"))  # midnight in New York
    late = spreads("18:00", -9.0, snapshot_timestamp=moment("2024-01-10T05:01"))
    assert teams(interpret([*early, *late], UNTIMED_GAMES), "game_spread")["LAL"] == [-4.0]


@pytest.mark.parametrize(
    ("books", "preferred", "median_of"),
    [
        (["betmgm", "fanduel", "DraftKings"], "draftkings", 3),
        (["caesars", "fanduel", "betmgm"], "fanduel", 3),
        (["caesars", "Bet MGM"], "betmgm", 2),
        (["prizepicks", "caesars"], "caesars", 1),
        (["underdog", "prizepicks"], "prizepicks:daily_fantasy", 2),
    ],
)
def test_preferred_book_and_books_of_the_median(books, preferred, median_of) -> None:
    rows = [row for n, book in enumerate(books) for row in spreads(f"22:0{n}", -4.5 - n, bookmaker=book)]
    found = interpret(rows)
    sources = [f"odds_api:{preferred}", f"odds_api:median_of_{median_of}"]
    assert teams(found, "game_spread_source", "median_spread_source")["BOS"] == sources


def test_movement_is_that_of_one_book() -> None:
    # Spec 4.2 and 5.3: first and last snapshot of any book gave movements that no book made.
    rows = [*spreads("12:00", -9.0, bookmaker="betmgm"), *spreads("18:00", -3.0), *spreads("22:00", -3.5)]
    rows += spreads("23:30", -9.5, bookmaker="betmgm")
    assert teams(interpret(rows), "opening_spread", "spread_movement", "betting_lines_updated_at")["LAL"] == [
        -3.0,
        -0.5,
        at("22:00"),
    ]


def test_each_market_has_its_own_book() -> None:
    rows = [*spreads("22:00", -4.0, bookmaker="betmgm"), *totals("22:10", 221, bookmaker="fanduel")]
    rows += moneylines("22:20", -150, 130, bookmaker="caesars")
    sources = ["game_spread_source", "game_total_source", "moneyline_source", "betting_lines_updated_at"]
    expected = ["odds_api:betmgm", "odds_api:fanduel", "odds_api:caesars", at("22:20")]
    assert teams(interpret(rows), *sources) == {"BOS": expected, "LAL": expected}


def test_markets_without_a_line_are_null_and_one_side_tells_the_other() -> None:
    columns = ["game_spread", "game_total", "total_movement", "moneyline", "implied_team_total"]
    assert teams(interpret(spreads("22:00", -4.0)[1:]), *columns) == {
        "BOS": [4.0, None, None, None, None],
        "LAL": [-4.0, None, None, None, None],
    }
    assert teams(interpret(moneylines("22:00", -150, 130)[:1]), *columns) == {
        "BOS": [None] * 5,
        "LAL": [None, None, None, -150.0, None],
    }


def test_main_line_of_alternate_lines_is_the_balanced_one_for_both_teams() -> None:
    rows = [
        *spreads("22:00", -9.5, (250, -330)),
        *spreads("22:00", -4.0, (-112, -108)),
        *spreads("22:00", 3.0, (-400, 300)),
    ]
    for ordered in (rows, rows[::-1]):
        assert teams(interpret(ordered), "game_spread") == {"BOS": [4.0], "LAL": [-4.0]}


def test_row_written_last_of_one_side_counts_whatever_the_order_of_rows() -> None:
    old = moneylines("22:00", -150, 130)
    new = moneylines("22:00", -160, 140, game_id="20240110_LAL_BOS", processed_at=at("23:00"))
    for rows in ([*old, *new], [*new, *old]):
        assert teams(interpret(rows), "moneyline") == {"BOS": [140.0], "LAL": [-160.0]}
    # What time of writing does not settle, content does.
    tied = [*old, *moneylines("22:00", -170, 150, game_id="20240110_LAL_BOS")]
    assert teams(interpret(tied), "moneyline") == teams(interpret(tied[::-1]), "moneyline")


@pytest.mark.parametrize(
    ("row", "reason", "told"),
    [
        (bet("spreads", "over", "22:00", -4.0), "unknown_bet_side", "'over' is no side of spreads"),
        (bet("totals", "home", "22:00", 220), "unknown_bet_side", "'home' is no side of totals"),
        (bet("spreads", "home", "22:00", None), "line_out_of_range", "line NULL"),
        (bet("spreads", "home", "22:00", -60.5), "line_out_of_range", "-60.5"),
        (bet("totals", "over", "22:00", 0.0), "line_out_of_range", "0.0"),
        (bet("totals", "over", "22:00", 400.5), "line_out_of_range", "400.5"),
        (bet("h2h", "home", "22:00", None, 1.91), "price_out_of_range", "1.91"),
        (bet("h2h", "home", "22:00", None, None), "price_out_of_range", "NULL"),
        (bet("spreads", "home", "22:00", -4.0, bookmaker=" "), "bookmaker_missing", "empty"),
        (bet("spreads", "home", "22:00", -4.0, game_id="20240110_BOS_MIA"), "game_not_in_schedule", "BOS_MIA"),
        # Spec 4.3 #6: the ids of betting sources are not the schedule's.
        (bet("spreads", "home", "22:00", -4.0, game_id="e912304de2b2ce35b473ce2ecd3d1502"), "malformed_game_id", "e91"),
    ],
)
def test_row_that_breaks_a_rule_is_refused_alone(row, reason, told) -> None:
    found = interpret([row, *spreads("21:00", -6.0), *totals("21:00", 219), *moneylines("21:00", -240, 200)])
    assert found.refused[["row", "reason"]].to_numpy().tolist() == [[0, reason]]
    assert told in found.refused["detail"].iloc[0]
    assert found.lines[["game_spread", "game_total", "moneyline"]].to_numpy().tolist() == [
        [6, 219, 200],
        [-6, 219, -240],
    ]


def test_games_are_found_by_date_and_teams_or_nba_id() -> None:
    # Spec 4.3 #6.
    for game_id in ("20240110_LAL_BOS", "0022300001"):
        assert teams(interpret(spreads("22:00", -4.0, game_id=game_id)), "game_spread")["LAL"] == [-4.0]


def test_other_markets_are_neither_used_nor_refused() -> None:
    found = interpret([bet("spreads_h1", "home", "22:00", -2.0), bet("team_totals", "LAL over", "22:00", 110.5)])
    assert (len(found.lines), len(found.refused), len(found.in_time)) == (0, 0, 0)


def test_empty_table_gives_the_columns_of_a_full_one() -> None:
    empty, full = interpret([]), interpret([*spreads("22:00", -4.0), *totals("22:00", 220)])
    assert list(empty.lines.columns) == list(full.lines.columns)
    assert empty.lines.empty
    assert list(empty.in_time.columns) == ["game_id"]


@pytest.mark.skipif(not REAL_SAMPLE.is_file(), reason="the real sample of lines is absent, so it is not checked")
def test_real_lines_are_symmetric_and_a_running_game_has_none() -> None:
    loaded = read_odds_api(REAL_SAMPLE, now=datetime(2026, 1, 1, tzinfo=UTC))
    raw = loaded.frames[ODDS_API_GAME_LINES.name]
    pairs = sorted(set(raw["game_id"].str.extract(r"^(\d{8})_(\w{3})_(\w{3})$").itertuples(index=False, name=None)))
    # NBA ids of the test only; the raw rows name games by date and teams, and state the tip-off.
    schedule = [
        schedule_row(f"00222{n:05d}", f"{day[:4]}-{day[4:6]}-{day[6:]}", away=away, home=home, tipoff_at=pd.NaT)
        for n, (day, away, home) in enumerate(pairs)
    ]
    games = interpret_schedule(schedule_frame(*schedule)).games
    found = interpret_game_lines(raw, games, as_of_moments(games, stated_tipoffs([raw], games)))
    # Philadelphia had tipped off half an hour before the answer was given.
    assert set(games["game_id"]) - set(found.lines["game_id"]) == {"20221122_BKN_PHI"}
    rows = found.lines.set_index(["game_id", "team_abbr"])
    assert rows["game_spread"].notna().all()
    assert rows["game_total"].between(200, 260).all()
    for name in ("game_spread", "median_spread"):
        assert (rows[name].groupby("game_id").sum() == 0).all()
    totals_of_game = rows["implied_team_total"].groupby("game_id").sum()
    assert (totals_of_game == rows["game_total"].groupby("game_id").first()).all()
    # Favourites by spread are favourites by moneyline.
    clear = rows[rows["game_spread"].abs() >= 2.5]
    assert ((clear["game_spread"] < 0) == (clear["moneyline"] < 0)).all()
