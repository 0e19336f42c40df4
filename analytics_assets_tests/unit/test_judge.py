"""Judging a date before and after building, from what is known about it."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from analytics_assets.assets.analytics_tables import fails_the_run
from analytics_assets.assets.judge import BuildFacts, judge_before_building, judge_built_date
from analytics_assets.assets.player_game_summary import PlayerGameSummaryProducer
from analytics_assets.assets.producer import Built
from analytics_assets.coverage.calendar import classify_dates
from analytics_assets.coverage.results import DateResult
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.run_mode import RunMode
from analytics_assets.tables.operations import Outcome
from analytics_assets.tables.validation import BrokenRule
from analytics_assets_tests.support.raw_rows import schedule_frame, schedule_row

PRODUCER = PlayerGameSummaryProducer()
DAY = date(2024, 1, 10)
END = datetime(2024, 1, 11, 3, tzinfo=UTC)
LIVE, BACKFILL = RunMode.LIVE, RunMode.BACKFILL
SCHEDULE = interpret_schedule(
    schedule_frame(
        schedule_row("0022300001", "2024-01-10"),
        schedule_row("0022300002", "2024-01-12"),
        schedule_row("0022300003", "2024-01-14", game_status=2),
    )
)


def early(day: date, mode: RunMode, now: datetime) -> tuple[Outcome, int | None] | None:
    days = classify_dates(SCHEDULE, [day])
    result = judge_before_building(PRODUCER, SCHEDULE, days, mode, now, 90).get(day)
    return None if result is None else (result.outcome, result.expected_games)


@pytest.mark.parametrize("mode", [LIVE, BACKFILL])
@pytest.mark.parametrize(
    ("day", "now", "expected"),
    [
        (DAY, datetime(2024, 1, 11, 12, tzinfo=UTC), None),
        # An off-day is built too: raw rows could disprove it.
        (date(2024, 1, 11), datetime(2024, 1, 12, 12, tzinfo=UTC), None),
        (date(2024, 1, 14), datetime(2024, 1, 15, 12, tzinfo=UTC), (Outcome.NOT_DUE, 1)),
        (date(2024, 1, 12), datetime(2024, 1, 11, 12, tzinfo=UTC), (Outcome.NOT_DUE, 1)),
        (date(2024, 1, 20), datetime(2024, 1, 15, 12, tzinfo=UTC), (Outcome.NOT_DUE, None)),
        (date(2024, 1, 20), datetime(2024, 1, 25, 12, tzinfo=UTC), (Outcome.NO_SCHEDULE, None)),
        (date(2023, 8, 1), datetime(2024, 1, 25, 12, tzinfo=UTC), (Outcome.OFF_SEASON, 0)),
    ],
)
def test_before_building(day: date, now: datetime, expected, mode: RunMode) -> None:
    assert early(day, mode, now) == expected


@pytest.mark.parametrize(
    ("day", "age", "live"),
    [
        (DAY, 90, None),
        (DAY, 91, (Outcome.TOO_OLD, 1)),
        # Old off-days and summers are done all the same, and of an unknown date no number of games is claimed.
        (date(2024, 1, 11), 91, None),
        (date(2023, 8, 1), 400, (Outcome.OFF_SEASON, 0)),
        (date(2024, 1, 20), 91, (Outcome.TOO_OLD, None)),
    ],
)
def test_age_matters_to_live_runs_only(day: date, age: int, live) -> None:
    now = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=age, hours=17)
    assert early(day, LIVE, now) == live
    backfill = early(day, BACKFILL, now)
    assert backfill is None or backfill[0] is not Outcome.TOO_OLD


def test_too_old_tells_what_to_do() -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC)
    result = judge_before_building(PRODUCER, SCHEDULE, classify_dates(SCHEDULE, [DAY]), LIVE, now, 90)[DAY]
    for word in ("older than 90 days", "backfill_mode=true", "historical_date"):
        assert word in result.reason


def game(name: str = "20240110_BOS_LAL", **changes) -> dict:
    return {
        "game_id": name,
        "game_date": pd.Timestamp(DAY),
        "complete": True,
        "rows_expected": 12,
        "rows_seen": 12,
        "faulty": False,
        "problem": "",
        "final": True,
        "ends_at": pd.Timestamp(END),
        **changes,
    }


def judged(
    *games: dict,
    rows: int = 12,
    updated: datetime = END + timedelta(hours=1),
    now: datetime = END + timedelta(hours=2),
    mode: RunMode = LIVE,
    broken: bool = False,
    refused: tuple[str, ...] = (),
    unscheduled: bool = False,
    day: date = DAY,
):
    found = pd.DataFrame(
        {
            "game_id": "20240110_BOS_LAL",
            "game_date": pd.Timestamp(DAY),
            "quality_tier": ["gold", "poor"] * (rows // 2),
            "quality_issues": [["thin_sample"], ["thin_sample", "unusual_value:points"]] * (rows // 2),
        },
        index=range(rows),
    )
    built = Built(
        rows=found if rows else found.astype({"game_date": "datetime64[ns]"}),
        games=pd.DataFrame(games, columns=list(game())).astype({"game_date": "datetime64[ns]"}),
        last_updated=pd.Series({pd.Timestamp(DAY): pd.Timestamp(updated)}) if rows else pd.Series(dtype=object),
        sources={DAY: ("nbac_gamebook_player_stats",)} if rows else {},
        refused=pd.DataFrame({"game_date": pd.Timestamp(DAY), "reason": refused}),
        unscheduled=frozenset({day}) if unscheduled else frozenset(),
    )
    rules = [BrokenRule("duplicate_key", "key", pd.Index([0]), "key repeats")] if broken else []
    facts = BuildFacts.of(built, rules, classify_dates(SCHEDULE, [day]))
    return judge_built_date(PRODUCER, facts, day, mode, now)


def test_complete_date_is_built_with_its_numbers() -> None:
    result = judged(game(), refused=("negative_count", "negative_count", "team_missing"))
    assert (result.outcome, result.reason) == (Outcome.BUILT, "")
    assert (result.expected_games, result.actual_games, result.expected_rows, result.actual_rows) == (1, 1, 12, 12)
    assert (result.quarantined_rows, result.quality_share) == (3, 0.5)
    # Every row has the other code, which says something and is nothing to warn of.
    assert result.issue_shares == {"unusual_value:points": 0.5}
    assert result.warnings == ("2 raw rows refused: negative_count", "1 raw rows refused: team_missing")
    assert result.sources == ("nbac_gamebook_player_stats",)


MISSING = {"complete": False, "rows_seen": 0, "rows_expected": 5, "problem": "LAL (no rows)"}
BROKEN = {"complete": False, "faulty": True, "problem": "LAL (1 rows broke a rule)"}
WRONG = {"complete": False, "problem": "LAL (points add up to 60, not to the score 73)"}


@pytest.mark.parametrize("mode", [LIVE, BACKFILL])
@pytest.mark.parametrize(
    ("games", "rows", "outcome", "told"),
    [
        ([game(**MISSING)], 0, Outcome.NO_RAW_DATA, "1 games were played (20240110_BOS_LAL"),
        ([game(), game("other", **MISSING)], 12, Outcome.PARTIAL_RAW_DATA, "1 of 2 games incomplete: other: LAL (no"),
        ([game(), game("other", **BROKEN)], 12, Outcome.PARTIAL_RAW_DATA, "broke a rule"),
        ([game(**WRONG)], 0, Outcome.PARTIAL_RAW_DATA, "1 of 1 games incomplete"),
        ([game(**BROKEN)], 0, Outcome.INVALID, "broke a rule"),
        ([game(**BROKEN), game("other", **MISSING)], 0, Outcome.INVALID, "2 of 2 games"),
    ],
)
def test_incomplete_dates(games: list[dict], rows: int, outcome: Outcome, told: str, mode: RunMode) -> None:
    result = judged(*games, rows=rows, mode=mode)
    assert result.outcome is outcome
    assert told in result.reason
    assert result.faulty == any(one["faulty"] for one in games)


@pytest.mark.parametrize("mode", [LIVE, BACKFILL])
def test_broken_table_rule_makes_the_date_invalid_in_every_mode(mode: RunMode) -> None:
    result = judged(game(), broken=True, mode=mode)
    assert (result.outcome, result.reason) == (Outcome.INVALID, "key repeats")


def test_date_without_games_is_an_off_day_unless_box_rows_say_otherwise() -> None:
    off_day = date(2024, 1, 11)
    assert judged(rows=0, day=off_day).outcome is Outcome.OFF_DAY
    assert judged(rows=0, day=off_day).expected_rows is None
    assert judged(rows=0, day=off_day, unscheduled=True).outcome is Outcome.NO_SCHEDULE


BEFORE = END - timedelta(hours=1)


@pytest.mark.parametrize(
    ("updated", "hours", "live", "warned"),
    [
        (END, 100, Outcome.BUILT, False),
        (BEFORE, 12, Outcome.BUILT, False),
        (BEFORE, 12.1, Outcome.BUILT, True),
        (BEFORE, 24, Outcome.BUILT, True),
        (BEFORE, 24.1, Outcome.STALE_RAW_DATA, False),
        (BEFORE, 5000, Outcome.STALE_RAW_DATA, False),
    ],
)
def test_raw_data_is_stale_if_older_than_the_games_not_if_the_date_is_long_ago(updated, hours, live, warned) -> None:
    now = END + timedelta(hours=hours)
    result = judged(game(), updated=updated, now=now)
    assert result.outcome is live
    assert any("stale raw data" in text for text in result.warnings) is warned
    if live is Outcome.STALE_RAW_DATA:
        assert "2024-01-11 02:00 UTC, before the last game ended (03:00)" in result.reason
    backfill = judged(game(), updated=updated, now=now, mode=BACKFILL)
    assert backfill.outcome is Outcome.BUILT
    assert bool(backfill.warnings) is (warned or live is Outcome.STALE_RAW_DATA)


def test_schedule_that_never_called_a_game_final_is_stale_too() -> None:
    now = END + timedelta(hours=30)
    result = judged(game(final=False), now=now)
    assert result.outcome is Outcome.STALE_RAW_DATA
    assert "20240110_BOS_LAL not final" in result.reason
    assert judged(game(final=False), now=now, mode=BACKFILL).outcome is Outcome.BUILT


@pytest.mark.parametrize(
    ("outcome", "faulty", "live", "backfill"),
    [
        (Outcome.ERROR, False, True, True),
        (Outcome.INVALID, False, True, True),
        (Outcome.NO_RAW_DATA, False, True, False),
        (Outcome.NO_SCHEDULE, False, True, False),
        (Outcome.STALE_RAW_DATA, False, True, False),
        (Outcome.PARTIAL_RAW_DATA, False, False, False),
        # Broken rows are a fault of the data in every mode; absent ones may still come.
        (Outcome.PARTIAL_RAW_DATA, True, True, True),
        (Outcome.TOO_OLD, False, False, False),
        (Outcome.NOT_DUE, False, False, False),
        (Outcome.BUILT, False, False, False),
        (Outcome.OFF_DAY, False, False, False),
    ],
)
def test_which_dates_make_a_run_red(outcome: Outcome, faulty: bool, live: bool, backfill: bool) -> None:
    result = DateResult(table_name="t", game_date=DAY, outcome=outcome, faulty=faulty)
    assert (fails_the_run(result, LIVE), fails_the_run(result, BACKFILL)) == (live, backfill)
