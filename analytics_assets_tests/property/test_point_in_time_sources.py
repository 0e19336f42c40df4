"""Rosters, injury reports and game lines: nothing that came later, and no order of rows, changes what was known."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.raw.as_of import as_of_moments, stated_tipoffs
from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS, NBAC_INJURY_REPORT, ODDS_API_GAME_LINES
from analytics_assets.raw.game_lines import interpret_game_lines
from analytics_assets.raw.injury_reports import last_reports
from analytics_assets.raw.rosters import interpret_rosters, players_as_of
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import raw_frame, schedule_frame, schedule_row

DAYS = [pd.Timestamp(day) for day in ("2024-01-08", "2024-01-09", "2024-01-12", "2024-01-13")]
TEAMS, PLAYERS = ["BOS", "LAL", "MIA", "DEN"], ["a", "b", "c", "d", "e"]
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def schedule(days: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """BOS at LAL with tip-off at half past midnight UTC and MIA at DEN without one, on every day."""
    rows = []
    for number, day in enumerate(days):
        text = day.strftime("%Y-%m-%d")
        rows.append(schedule_row(f"00223000{number}1", text))
        rows.append(schedule_row(f"00223000{number}2", text, away="MIA", home="DEN", tipoff_at=pd.NaT))
    return interpret_schedule(schedule_frame(*rows)).games


GAMES = schedule(DAYS)
places = st.integers(0, len(DAYS) - 1)
# Hours from the start of the game's date in New York: the evening before, the day, and after any tip-off.
hours = st.sampled_from([-8, 0, 1, 12, 19, 19.5, 20, 23, 26])
pairs = st.sampled_from(["BOS_LAL", "MIA_DEN", "LAL_BOS"])


def moment(day: pd.Timestamp, hour: float) -> pd.Timestamp:
    return (day.tz_localize("America/New_York") + pd.Timedelta(hours=hour)).tz_convert("UTC")


@st.composite
def game_lines(draw) -> dict:
    day, market = DAYS[draw(places)], draw(st.sampled_from(["spreads", "totals", "h2h"]))
    sides = ["over", "under"] if market == "totals" else ["home", "away"]
    shown, tip_off = moment(day, draw(hours)), draw(st.none() | hours)
    line = {"spreads": st.sampled_from([-3.0, 0.0, 2.5]), "totals": st.sampled_from([220.0, 221.5]), "h2h": st.none()}
    return {
        "game_id": f"{day:%Y%m%d}_{draw(pairs)}",
        "game_date": day,
        "bookmaker": draw(st.sampled_from(["draftkings", "betmgm", "prizepicks"])),
        "market": market,
        "bet_side": draw(st.sampled_from(sides)),
        "line": draw(line[market]),
        "price": draw(st.sampled_from([-110.0, 120.0])),
        "snapshot_timestamp": shown,
        "tipoff_at": pd.NaT if tip_off is None else moment(day, tip_off),
        "processed_at": shown + pd.Timedelta(minutes=draw(st.integers(0, 2))),
    }


@st.composite
def reports(draw) -> dict:
    day, pair = DAYS[draw(places)], draw(pairs)
    reported = moment(day, draw(hours))
    return {
        "game_id": f"{day:%Y%m%d}_{pair}",
        "game_date": day,
        "reported_at": reported,
        "team_abbr": draw(st.sampled_from(pair.split("_"))),
        "player_lookup": draw(st.sampled_from(PLAYERS)),
        "injury_status": draw(st.sampled_from(["out", "questionable", "available"])),
        "reason": draw(st.none() | st.just("Rest")),
        "processed_at": reported,
    }


@st.composite
def rosters(draw) -> dict:
    day = DAYS[draw(places)] + pd.Timedelta(days=draw(st.integers(-2, 2)))
    return {
        "roster_date": day,
        "season_year": 2023,
        "team_abbr": draw(st.sampled_from(TEAMS)),
        "player_lookup": draw(st.sampled_from(PLAYERS)),
        "position": draw(st.sampled_from(["C", "PG", None])),
        "processed_at": moment(day, 0),
    }


@st.composite
def appearances(draw) -> dict:
    return {
        "season_year": 2023,
        "game_date": DAYS[draw(places)],
        "team_abbr": draw(st.sampled_from(TEAMS)),
        "player_lookup": draw(st.sampled_from(PLAYERS)),
        "played": draw(st.booleans()),
    }


def frame(table: Table, rows: Sequence[dict]) -> pd.DataFrame:
    return raw_frame(table, list(rows)) if rows else empty_frame(table)


def history_of(rows: Sequence[dict]) -> pd.DataFrame:
    columns = ["season_year", "game_date", "team_abbr", "player_lookup", "played"]
    return pd.DataFrame(list(rows), columns=columns).astype({"season_year": "Int64", "game_date": "datetime64[ns]"})


def moments(lines: Sequence[dict], games: pd.DataFrame, now: datetime | None) -> pd.Series:
    return as_of_moments(games, stated_tipoffs([frame(ODDS_API_GAME_LINES, lines)], games, now), now)


def of_days(rows: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Rows of games up to a date."""
    day = pd.to_datetime(rows["game_id"].str[:8], format="%Y%m%d")
    return rows[day <= last].reset_index(drop=True)


def known(lines, reported, games, now=None) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Moments, game lines and statuses."""
    as_of = moments(lines, games, now)
    found = interpret_game_lines(frame(ODDS_API_GAME_LINES, lines), games, as_of)
    statuses = last_reports(frame(NBAC_INJURY_REPORT, reported), games, as_of).statuses
    return as_of.reset_index(), found.lines, statuses


def expected(roster_rows, box_rows, lines, games) -> tuple[pd.DataFrame, pd.DataFrame]:
    sides = [games.assign(team_abbr=games[side]) for side in ("home", "away")]
    targets = pd.concat(sides)[["game_id", "season_year", "game_date", "team_abbr"]]
    with_line = pd.DataFrame(lines, columns=["game_id", "player_lookup"], dtype="string")
    current = interpret_rosters(frame(ESPN_TEAM_ROSTERS, roster_rows)).rows
    found = players_as_of(targets, current, history_of(box_rows), with_line)
    return found.players, found.unplaced_lines


def assert_equal(one: Sequence[pd.DataFrame], other: Sequence[pd.DataFrame]) -> None:
    for left, right in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(left, right)


lists_of_lines, lists_of_reports = st.lists(game_lines(), max_size=16), st.lists(reports(), max_size=12)


@QUICK
@given(lists_of_lines, lists_of_reports, st.none() | st.tuples(places, hours))
def test_what_was_shown_after_a_games_moment_changes_nothing(lines, reported, present) -> None:
    now = moment(DAYS[present[0]], present[1]).to_pydatetime() if present else None
    as_of = moments(lines, GAMES, now)

    def bound(row: dict) -> pd.Timestamp:
        day, one, other = row["game_id"].split("_")
        return as_of[f"{day}_{one}_{other}" if one != "LAL" else f"{day}_BOS_LAL"]

    in_time = [row for row in lines if row["snapshot_timestamp"] <= bound(row)]
    told_in_time = [row for row in reported if row["reported_at"] <= bound(row)]
    assert_equal(known(lines, reported, GAMES, now), known(in_time, told_in_time, GAMES, now))


@QUICK
@given(lists_of_lines, lists_of_reports, places)
def test_later_games_lines_and_reports_change_nothing_for_earlier_dates(lines, reported, place) -> None:
    cut, games = DAYS[place], schedule(DAYS[: place + 1])
    end = moment(cut, 24)
    early = [row for row in lines if row["snapshot_timestamp"] <= end and row["game_date"] <= cut]
    told_early = [row for row in reported if row["reported_at"] <= end and row["game_date"] <= cut]
    everything = [of_days(rows, cut) for rows in known(lines, reported, GAMES)]
    assert_equal(known(early, told_early, games), everything)


@QUICK
@given(
    st.lists(rosters(), max_size=20),
    st.lists(appearances(), max_size=20),
    st.lists(st.tuples(st.sampled_from(list(GAMES["game_id"])), st.sampled_from(PLAYERS)), max_size=6),
    places,
)
def test_later_rosters_and_appearances_change_nothing_for_earlier_dates(roster_rows, box_rows, lines, place) -> None:
    cut, games = DAYS[place], schedule(DAYS[: place + 1])
    early = [row for row in roster_rows if row["roster_date"] <= cut]
    # Box rows of the date itself are already too late.
    played_early = [row for row in box_rows if row["game_date"] < cut]
    lines_early = [line for line in lines if line[0] in set(games["game_id"])]
    everything = [of_days(rows, cut) for rows in expected(roster_rows, box_rows, lines, GAMES)]
    assert_equal(expected(early, played_early, lines_early, games), everything)
    players = everything[0]
    day = players["game_id"].str[:8]
    assert not players.assign(day=day).duplicated(["day", "player_lookup"]).any()


@QUICK
@given(
    lists_of_lines,
    lists_of_reports,
    st.lists(rosters(), max_size=20),
    st.lists(appearances(), max_size=20),
    st.randoms(use_true_random=False),
)
def test_order_of_rows_decides_nothing(lines, reported, roster_rows, box_rows, random) -> None:
    shuffled = [random.sample(rows, len(rows)) for rows in (lines, reported, roster_rows, box_rows)]
    assert_equal(known(lines, reported, GAMES), known(*shuffled[:2], GAMES))
    with_line = [(str(game_id), player) for game_id in GAMES["game_id"] for player in PLAYERS[:2]]
    in_other_order = expected(*shuffled[2:], with_line[::-1], GAMES.iloc[::-1])
    assert_equal(expected(roster_rows, box_rows, with_line, GAMES), in_other_order)


@QUICK
@given(lists_of_lines)
def test_spread_of_one_team_is_the_negative_of_the_other(lines) -> None:
    rows = known(lines, [], GAMES)[1].set_index(["game_id", "team_abbr"])
    for name in ("game_spread", "opening_spread", "spread_movement", "median_spread", "median_spread_movement"):
        spreads = rows[name].unstack()
        told = spreads.notna().sum(axis=1)
        assert told.isin([0, 2]).all()
        assert (spreads.sum(axis=1) == 0).all()
