"""Dates cut into runs and slices, recorded attempts, digests: what holds for any input."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_assets.assets.produce import season_slices
from analytics_assets.backfill.plan import Only, contiguous_blocks, plan_run, wanted_dates
from analytics_assets.coverage.results import current_outcomes
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.run_mode import RunMode, RunModeError, run_mode_from_tags
from analytics_assets.tables.frames import row_digests, set_digests
from analytics_assets.tables.operations import DONE_OUTCOMES, Outcome

QUICK = settings(max_examples=60, deadline=None)
dates = st.dates(date(2021, 1, 1), date(2026, 12, 31))
last_outcomes = st.sampled_from(["built", "error", "invalid", "no_raw_data", None])
near_dates = st.integers(0, 40).map(lambda offset: date(2024, 2, 10) + timedelta(days=offset))


def days_of(start: date, end: date) -> list[date]:
    return [start + timedelta(days=offset) for offset in range((end - start).days + 1)]


@QUICK
@given(st.lists(near_dates, max_size=40))
def test_blocks_cover_exactly_the_dates_and_do_not_touch(wanted: list[date]) -> None:
    blocks = contiguous_blocks(wanted)
    assert [day for start, end in blocks for day in days_of(start, end)] == sorted(set(wanted))
    for (_, end), (start, _) in pairwise(blocks):
        assert (start - end).days > 1


@QUICK
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), near_dates),
        st.tuples(st.booleans(), st.booleans(), last_outcomes),
        max_size=60,
    ),
    st.sampled_from(Only),
)
def test_a_run_produces_every_wanted_table_and_date_once(states: dict, only: Only) -> None:
    rows = [(name, pd.Timestamp(day), due, done, last) for (name, day), (due, done, last) in states.items()]
    columns = ["table_name", "game_date", "due", "done", "last_outcome"]
    grid = pd.DataFrame(rows, columns=columns).assign(state="x", waived=False, without_games=False)
    grid = grid.astype({"game_date": "datetime64[ns]", "due": "bool", "done": "bool", "last_outcome": "string"})
    run = plan_run(wanted_dates(grid, only))
    planned = [(name, day) for name, days in (run.dates_by_table if run else {}).items() for day in days]
    wants = {
        "missing": lambda due, done, _: due and not done,
        "failed": lambda _due, _done, last: last in ("error", "invalid"),
        # None were named.
        "outdated": lambda *_: False,
        "all": lambda *_: True,
    }
    assert sorted(planned) == sorted(key for key, state in states.items() if wants[str(only)](*state))
    if run is not None and run.block is not None:
        assert planned == [(name, day) for name in run.dates_by_table for day in days_of(*run.block)]


@QUICK
@given(st.lists(dates, max_size=50))
def test_slices_partition_the_dates_by_season(wanted: list[date]) -> None:
    slices = season_slices(wanted)
    assert [day for part in slices for day in part] == sorted(set(wanted))
    seasons = [{season_year_of_date(day) for day in part} for part in slices]
    assert all(len(found) == 1 for found in seasons)
    assert len({season for found in seasons for season in found}) == len(slices)


@QUICK
@given(st.none() | st.text(max_size=6) | st.sampled_from(["true", "False", "TRUE ", "false"]), st.booleans())
def test_mode_is_stated_or_follows_the_backfill_tag(stated: str | None, in_backfill: bool) -> None:
    tags = {"dagster/backfill": "x"} if in_backfill else {}
    expected = RunMode.BACKFILL if in_backfill else RunMode.LIVE
    if stated is not None:
        tags["backfill_mode"] = stated
        expected = {"true": RunMode.BACKFILL, "false": RunMode.LIVE}.get(stated.strip().lower())
    try:
        found = run_mode_from_tags(tags)
    except RunModeError:
        found = None
    assert found is expected


def recorded(outcomes: list[Outcome]) -> pd.DataFrame:
    """Attempts of one table and date, some at the same moment."""
    return pd.DataFrame(
        {
            "table_name": "t",
            "game_date": pd.Timestamp("2024-01-10"),
            "outcome": pd.array([str(outcome) for outcome in outcomes], dtype="string"),
            "reason": pd.array([str(number) for number in range(len(outcomes))], dtype="string"),
            "recorded_at": [datetime(2024, 2, 1, tzinfo=UTC) + timedelta(hours=n // 2) for n in range(len(outcomes))],
        }
    )


@QUICK
@given(st.lists(st.sampled_from(Outcome), min_size=1, max_size=8))
def test_done_date_never_becomes_not_done(outcomes: list[Outcome]) -> None:
    was_done = False
    for length in range(1, len(outcomes) + 1):
        (state,) = current_outcomes(recorded(outcomes[:length])).to_dict("records")
        done = Outcome(state["outcome"]) in DONE_OUTCOMES
        assert done is (was_done or outcomes[length - 1] in DONE_OUTCOMES)
        assert state["last_outcome"] == str(outcomes[length - 1])
        was_done = done


cells = st.fixed_dictionaries(
    {
        "text": st.none() | st.sampled_from(["", "0", "a"]) | st.text(max_size=3),
        "whole": st.none() | st.integers(-2, 2),
        "measured": st.none() | st.sampled_from([0.0, 0.5, -1.0]),
        "known": st.none() | st.booleans(),
        "listed": st.none() | st.lists(st.sampled_from(["", "a", "b"]), max_size=2),
    }
)
TYPES = {"text": "string", "whole": "Int64", "measured": "float64", "known": "boolean", "listed": "object"}


def frame(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=dtype) for name, dtype in TYPES.items()})


@QUICK
@given(st.lists(cells, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_digests_are_equal_exactly_for_equal_rows_and_follow_their_rows(rows: list[dict], random) -> None:
    names = list(TYPES)
    digests = row_digests(frame(rows), names)
    assert digests.nunique() == len({repr([row[name] for name in names]) for row in rows})
    order = random.sample(range(len(rows)), len(rows))
    shuffled = row_digests(frame([rows[at] for at in order]), names)
    assert shuffled.tolist() == digests.iloc[order].tolist()
    one_group = pd.Series(0, index=digests.index)
    assert set_digests(shuffled, one_group).tolist() == set_digests(digests, one_group).tolist()
    assert set_digests(digests.iloc[1:], one_group.iloc[1:]).tolist() != set_digests(digests, one_group).tolist()
