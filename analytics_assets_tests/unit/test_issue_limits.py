"""Issues that are worth a warning, by their share of a date's rows."""

import pandas as pd

from analytics_assets.stats.issue_limits import issues_beyond_limits

FIRST, SECOND = pd.Timestamp("2024-01-10"), pd.Timestamp("2024-01-11")


def rows(day: pd.Timestamp, *issues: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"game_date": day, "quality_issues": issues})


def test_shares_are_of_the_dates_own_rows_and_only_those_beyond_the_codes_limit_are_told() -> None:
    half = [["minutes_missing", "backup_source_used"], ["thin_sample"]]
    found = issues_beyond_limits(
        pd.concat(
            [
                # Half of the rows: beyond 5 %, not beyond 50 %.
                rows(FIRST, *half * 10),
                # 1 of 20 is exactly 5 % and not beyond it; 11 of 20 use a backup.
                rows(SECOND, ["minutes_missing"], *[["backup_source_used"]] * 11, *[[]] * 8),
            ],
            ignore_index=True,
        )
    )
    assert found.values.tolist() == [[FIRST, "minutes_missing", 0.5], [SECOND, "backup_source_used", 0.55]]


def test_codes_with_a_detail_share_the_limit_and_keep_apart_what_they_tell() -> None:
    issues = [["unusual_value:pace"], ["unusual_value:points", "unusual_value:pace"], []]
    found = issues_beyond_limits(rows(FIRST, *issues))
    assert found["code"].tolist() == ["unusual_value:pace", "unusual_value:points"]


def test_rows_without_issues_and_no_rows_at_all_give_nothing() -> None:
    assert issues_beyond_limits(rows(FIRST, [], [])).empty
    assert issues_beyond_limits(rows(FIRST, []).iloc[:0]).empty
