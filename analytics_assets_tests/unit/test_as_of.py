"""The moment up to which a game's context may know things, in a backfill and in a live run."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from analytics_assets.raw.as_of import as_of_moments, games_as_of, stated_tipoffs
from analytics_assets.raw.declarations import ODDS_API_GAME_LINES, ODDS_API_PLAYER_POINTS_PROPS
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.frames import empty_frame
from analytics_assets_tests.support.raw_rows import moment, raw_frame, schedule_frame, schedule_row

DAY = "2024-01-10"
TIMED, UNTIMED = "20240110_BOS_LAL", "20240110_MIA_DEN"
# Tip-off of the first game is 00:30 UTC of the eleventh.
GAMES = interpret_schedule(
    schedule_frame(
        schedule_row("0022300001", DAY),
        schedule_row("0022300002", DAY, away="MIA", home="DEN", tipoff_at=pd.NaT),
        schedule_row("0022300003", DAY, away="NYK", home="ORL", postponed_status="postponed"),
        schedule_row("0012300003", DAY, away="CHI", home="DET"),
    )
).games
START_OF_DATE = moment("2024-01-10T05:00")  # midnight in New York, in winter


def stated(*tip_offs: str) -> pd.Series:
    return pd.Series([moment(text) for text in tip_offs], index=[TIMED, UNTIMED][: len(tip_offs)])


@pytest.mark.parametrize(
    ("told", "now", "expected"),
    [
        (None, None, [moment("2024-01-11T00:30"), START_OF_DATE]),
        (
            stated("2024-01-11T00:10", "2024-01-11T02:00"),
            None,
            [moment("2024-01-11T00:10"), moment("2024-01-11T02:00")],
        ),
        (stated("2024-01-11T01:00"), None, [moment("2024-01-11T00:30"), START_OF_DATE]),
        (None, datetime(2024, 1, 10, 15, tzinfo=UTC), [moment("2024-01-10T15:00"), START_OF_DATE]),
        (None, datetime(2024, 1, 8, tzinfo=UTC), [moment("2024-01-08"), moment("2024-01-08")]),
        (None, datetime(2024, 2, 1, tzinfo=UTC), [moment("2024-01-11T00:30"), START_OF_DATE]),
    ],
)
def test_moment_is_the_earlier_tip_off_and_never_later_than_now(told, now, expected) -> None:
    moments = as_of_moments(GAMES, told, now)
    # Games that were called off and pre-season games have none.
    assert moments.to_dict() == dict(zip([TIMED, UNTIMED], expected, strict=True))
    assert str(moments.dtype) == "datetime64[us, UTC]"


def test_start_of_the_date_follows_summer_time() -> None:
    games = interpret_schedule(schedule_frame(schedule_row("0022300001", "2024-04-10", tipoff_at=pd.NaT))).games
    assert as_of_moments(games).tolist() == [moment("2024-04-10T04:00")]


def line(snapshot: str, tip_off: str | None, game_id: str = UNTIMED, **more) -> dict:
    return {
        "game_id": game_id,
        "game_date": pd.Timestamp(DAY),
        "bookmaker": "draftkings",
        "market": "spreads",
        "bet_side": "home",
        "line": -4.0,
        "player_lookup": "jaysontatum",
        "points_line": 20.5,
        "snapshot_timestamp": moment(snapshot),
        "tipoff_at": moment(tip_off) if tip_off else pd.NaT,
        "processed_at": moment(snapshot),
        **more,
    }


def test_stated_tip_off_is_the_earliest_that_a_pregame_row_of_the_date_states() -> None:
    odds = [
        line("2024-01-10T20:00", "2024-01-11T02:00"),
        line("2024-01-10T21:00", "2024-01-11T02:10", game_id="20240110_DEN_MIA"),
        line("2024-01-10T21:00", None),
        line("2024-01-11T03:00", "2024-01-11T01:00"),  # a row of the running game moves nothing
        line("2024-01-10T20:00", "2024-01-09T23:00"),  # before its snapshot
        line("2024-01-09T20:00", "2024-01-10T03:00"),  # the evening of the ninth in New York
        line("2024-01-10T20:00", "2024-01-11T01:00", game_id="no game"),
    ]
    props = [line("2024-01-10T22:00", "2024-01-11T00:20", game_id=TIMED)]
    tables = [raw_frame(ODDS_API_GAME_LINES, odds), raw_frame(ODDS_API_PLAYER_POINTS_PROPS, props)]
    assert stated_tipoffs(tables, GAMES).to_dict() == {
        TIMED: moment("2024-01-11T00:20"),
        UNTIMED: moment("2024-01-11T02:00"),
    }


def test_live_run_does_not_hear_what_was_stated_after_its_now() -> None:
    rows = [line("2024-01-10T20:00", "2024-01-11T02:00"), line("2024-01-10T22:00", "2024-01-11T01:00")]
    table = raw_frame(ODDS_API_GAME_LINES, rows)
    heard = [stated_tipoffs([table], GAMES, datetime(2024, 1, 10, hour, tzinfo=UTC)).tolist() for hour in (19, 21, 22)]
    assert heard == [[], [moment("2024-01-11T02:00")], [moment("2024-01-11T01:00")]]


def test_without_betting_rows_nothing_is_stated() -> None:
    found = stated_tipoffs([empty_frame(ODDS_API_GAME_LINES)], GAMES)
    assert found.empty
    assert as_of_moments(GAMES, found).to_dict() == as_of_moments(GAMES).to_dict()


def test_games_as_of_a_moment_tip_off_then_and_others_when_they_do() -> None:
    moments = as_of_moments(GAMES, now=datetime(2024, 1, 10, 15, tzinfo=UTC))
    tip_offs = games_as_of(GAMES, moments).set_index("game_id")["tipoff_at"]
    assert tip_offs[[TIMED, UNTIMED]].tolist() == [moment("2024-01-10T15:00"), START_OF_DATE]
    assert tip_offs["20240110_CHI_DET"] == moment("2024-01-11T00:30")


def test_schedule_without_games_that_count_has_no_moments() -> None:
    pre_season = interpret_schedule(schedule_frame(schedule_row("0012300001", DAY))).games
    moments = as_of_moments(pre_season)
    assert moments.empty
    assert games_as_of(pre_season, moments)["tipoff_at"].tolist() == pre_season["tipoff_at"].tolist()
    assert games_as_of(pre_season.iloc[:0], moments).empty
