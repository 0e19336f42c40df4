"""Live or backfill, from run tags."""

import pytest

from analytics_assets.run_mode import RunMode, RunModeError, allowance, run_mode_from_tags


@pytest.mark.parametrize(
    ("tags", "mode"),
    [
        ({}, RunMode.LIVE),
        ({"dagster/partition": "2024-01-10"}, RunMode.LIVE),
        ({"backfill_mode": "true"}, RunMode.BACKFILL),
        ({"backfill_mode": " TRUE "}, RunMode.BACKFILL),
        ({"backfill_mode": "false"}, RunMode.LIVE),
        ({"dagster/backfill": "abc"}, RunMode.BACKFILL),
        ({"dagster/backfill": "abc", "backfill_mode": "true"}, RunMode.BACKFILL),
        ({"dagster/backfill": "abc", "backfill_mode": "False"}, RunMode.LIVE),
    ],
)
def test_mode_of_tags(tags: dict[str, str], mode: RunMode) -> None:
    assert run_mode_from_tags(tags) is mode


@pytest.mark.parametrize("stated", ["", "yes", "1", "live", "truee"])
def test_anything_but_true_and_false_is_refused(stated: str) -> None:
    with pytest.raises(RunModeError, match="write true or false"):
        run_mode_from_tags({"backfill_mode": stated, "dagster/backfill": "abc"})


def test_a_live_run_allows_only_alerts_and_a_backfill_everything_else() -> None:
    live, backfill = allowance(RunMode.LIVE), allowance(RunMode.BACKFILL)
    assert (live.alerts, live.dates_of_any_age, live.stale_raw_data, live.missing_raw_data) == (
        True,
        False,
        False,
        False,
    )
    assert (backfill.alerts, backfill.dates_of_any_age, backfill.stale_raw_data, backfill.missing_raw_data) == (
        False,
        True,
        True,
        True,
    )
