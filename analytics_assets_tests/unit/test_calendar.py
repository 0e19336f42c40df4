"""What tiny schedules prove about dates: game day, off-day, off-season, or unknown."""

from datetime import UTC, date, datetime

import pytest

from analytics_assets.coverage.calendar import classify_dates, eastern_date, not_due_reasons
from analytics_assets.raw.schedule import Schedule, interpret_schedule
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row

ALL_PHASES = ["regular", "play_in", "playoffs", "cup_final"]
WITHOUT_PLAY_IN = ["regular", "playoffs"]


def day(text: str) -> date:
    return date.fromisoformat(text)


def season(covered: list[str] | None, *, playoffs: bool = True, finals_games: int = 1, year: int = 2030) -> Schedule:
    """Opening night on 22 October, last regular game on 10 April, playoffs from 18 April."""
    code = str(year)[2:]
    rows = [
        schedule_row(f"002{code}00001", f"{year}-10-22"),
        schedule_row(f"002{code}01230", f"{year + 1}-04-10"),
    ]
    if playoffs:
        rows.append(schedule_row(f"004{code}00101", f"{year + 1}-04-18"))
        rows += [schedule_row(f"004{code}00{400 + n}", f"{year + 1}-06-{n:02}") for n in range(1, finals_games)]
    return interpret_schedule(schedule_frame(*({**row, "covered_game_types": covered} for row in rows)))


def kind(schedule: Schedule, text: str) -> str:
    return classify_dates(schedule, [day(text)])["kind"].iloc[0]


@pytest.mark.parametrize(
    ("text", "covered", "expected"),
    [
        ("2030-10-22", ALL_PHASES, "game_day"),
        ("2030-12-25", ALL_PHASES, "off_day"),
        ("2030-12-25", ["playoffs"], "unknown"),
        # Nothing is known before the first and after the last game that is loaded.
        ("2030-10-21", ALL_PHASES, "unknown"),
        ("2030-07-04", ALL_PHASES, "unknown"),
        ("2031-04-19", ALL_PHASES, "unknown"),
        ("2031-08-01", ALL_PHASES, "unknown"),
        # Between the last regular game and the playoffs only a schedule with the play-in can tell.
        ("2031-04-12", ALL_PHASES, "off_day"),
        ("2031-04-12", WITHOUT_PLAY_IN, "unknown"),
        # A schedule that does not say what it covers covers the types it holds.
        ("2030-12-25", None, "off_day"),
        ("2031-04-12", None, "unknown"),
    ],
)
def test_one_season(text: str, covered, expected: str) -> None:
    assert kind(season(covered), text) == expected


def test_days_between_playoff_games_are_off_days_if_the_playoffs_are_covered() -> None:
    assert kind(season(ALL_PHASES, finals_games=3), "2031-05-05") == "off_day"
    assert kind(season(["regular", "play_in"], finals_games=3), "2031-05-05") == "unknown"


def test_after_the_last_regular_game_nothing_is_known_before_playoffs_are_loaded() -> None:
    schedule = season(ALL_PHASES, playoffs=False)
    assert [kind(schedule, text) for text in ("2031-04-10", "2031-04-11", "2031-06-01")] == [
        *("game_day", "unknown", "unknown")
    ]


def test_reason_names_the_missing_play_in() -> None:
    reason = classify_dates(season(WITHOUT_PLAY_IN), [day("2031-04-12")])["reason"].iloc[0]
    assert "2030-31 schedule holds no play-in" in reason


@pytest.mark.parametrize(("wins", "expected"), [(15, "unknown"), (16, "off_season")])
def test_summer_begins_with_the_sixteenth_playoff_win(wins: int, expected: str) -> None:
    # All playoff games of this schedule are won by the home team, LAL.
    schedule = season(ALL_PHASES, finals_games=wins)
    assert kind(schedule, "2031-07-15") == expected
    assert kind(schedule, "2031-10-01") == "unknown"


def test_summer_reaches_to_the_next_opening_night_once_that_is_loaded() -> None:
    rows = [schedule_row("0023000001", "2030-10-22"), schedule_row("0023001230", "2031-04-10")]
    rows += [schedule_row(f"00430004{n:02}", f"2031-06-{n:02}") for n in range(1, 17)]
    schedule = interpret_schedule(schedule_frame(*rows, schedule_row("0023100001", "2031-10-21")))
    assert [kind(schedule, text) for text in ("2031-06-17", "2031-10-20", "2031-10-21")] == [
        *("off_season", "off_season", "game_day")
    ]


@pytest.mark.parametrize(
    ("text", "expected"), [("2022-08-01", "off_season"), ("2021-10-18", "off_season"), ("2022-01-01", "unknown")]
)
def test_settled_summers_need_no_schedule(text: str, expected: str) -> None:
    assert kind(interpret_schedule(schedule_frame(schedule_row("0022300001", "2024-01-10"))), text) == expected


def test_before_the_first_season_with_a_play_in_its_gap_is_an_off_day() -> None:
    assert kind(season(WITHOUT_PLAY_IN, year=2018), "2019-04-12") == "off_day"


@pytest.mark.parametrize("alone", [True, False])
def test_game_whose_teams_cannot_be_told_makes_its_date_unknown(alone: bool) -> None:
    known = [] if alone else [schedule_row("0022300002", "2024-01-10", away="MIA", home="DEN")]
    around = [schedule_row("0022300003", "2024-01-08"), schedule_row("0022300004", "2024-01-12")]
    schedule = interpret_schedule(schedule_frame(schedule_row("0022300001", "2024-01-10", home="QQQ"), *known, *around))
    days = classify_dates(schedule, [day("2024-01-10"), day("2024-01-11")])
    assert days["kind"].tolist() == ["unknown", "off_day"]
    assert "0022300001" in days["reason"].iloc[0]


def test_postponed_and_preseason_games_leave_an_off_day() -> None:
    rows = [schedule_row("0022300001", "2024-01-08"), schedule_row("0022300002", "2024-01-12")]
    rows.append(schedule_row("0022300003", "2024-01-10", postponed_status="postponed", game_status=1))
    rows.append(schedule_row("0032300001", "2024-01-11", home="EST", away="WST"))
    days = classify_dates(interpret_schedule(schedule_frame(*rows)), [day("2024-01-10"), day("2024-01-11")])
    assert days["kind"].tolist() == ["off_day", "off_day"]
    assert days["expected_games"].tolist() == [0, 0]


def test_expected_games_are_counted_per_date() -> None:
    rows = [schedule_row("0022300001", "2024-01-10"), schedule_row("0022300002", "2024-01-10", "MIA", "DEN")]
    days = classify_dates(interpret_schedule(schedule_frame(*rows)), [day("2024-01-10")])
    assert days["expected_games"].tolist() == [2]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2024, 1, 11, 4, 59, tzinfo=UTC), day("2024-01-10")),
        (datetime(2024, 1, 11, 5, 0, tzinfo=UTC), day("2024-01-11")),
        (datetime(2024, 7, 11, 4, 0, tzinfo=UTC), day("2024-07-11")),
    ],
)
def test_today_is_eastern(now: datetime, expected: date) -> None:
    assert eastern_date(now) == expected


def test_future_dates_and_unfinished_games_are_not_due() -> None:
    rows = [schedule_row("0022300001", "2024-01-09"), schedule_row("0022300002", "2024-01-10", game_status=2)]
    schedule = interpret_schedule(schedule_frame(*rows))
    dates = [day(f"2024-01-{n:02}") for n in (8, 9, 10, 11)]
    reasons = not_due_reasons(schedule, dates, datetime(2024, 1, 11, 4, tzinfo=UTC))
    assert list(reasons) == dates[2:]
    assert "20240110_BOS_LAL" in reasons[dates[2]]
    assert "future" in reasons[dates[3]]


def test_postponed_game_does_not_keep_its_date_waiting() -> None:
    row = schedule_row("0022300001", "2024-01-10", game_status=1, postponed_status="postponed")
    schedule = interpret_schedule(schedule_frame(row))
    assert not_due_reasons(schedule, [day("2024-01-10")], datetime(2024, 1, 11, 6, tzinfo=UTC)) == {}


def test_a_schedule_that_lacks_the_first_weeks_of_a_known_season_does_not_make_them_summer() -> None:
    late = interpret_schedule(schedule_frame(schedule_row("0022300200", "2023-11-20")))
    assert kind(late, "2023-10-23") == "off_season"
    assert kind(late, "2023-11-01") == "unknown"


def test_tables_that_look_forward_are_due_up_to_their_horizon() -> None:
    now = datetime(2031, 1, 10, 12, tzinfo=UTC)
    dates = [day("2031-01-12"), day("2031-01-13")]
    assert not_due_reasons(season(ALL_PHASES), dates, now, 2) == {day("2031-01-13"): "more than 2 days ahead"}
