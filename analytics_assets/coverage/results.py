"""The result of producing one table and date, and its row in ``nba_ops.date_outcomes``."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import pandas as pd

from analytics_assets.run_mode import RunMode
from analytics_assets.tables.frames import conform
from analytics_assets.tables.operations import DATE_OUTCOMES, DONE_OUTCOMES, Outcome


@dataclass(frozen=True, kw_only=True)
class DateResult:
    """What became of one table and date in one run.

    Attributes:
        table_name: Output table without its dataset.
        game_date: The date.
        outcome: Exactly one outcome.
        reason: Why, for a reader; empty when there is nothing to say.
        expected_games: Games the schedule says count; None without a schedule.
        actual_games: Games with stored rows afterwards.
        expected_rows: Rows the chosen sources list; None when nothing was read.
        actual_rows: Stored rows afterwards.
        quarantined_rows: Raw rows refused.
        sources: Raw tables used, first the one that gave most rows.
        warnings: What a reader should know although the date was done.
        quality_share: Share of rows in tier gold or silver; None without rows.
        issue_shares: Issues that more rows have than they should, with the share of rows; the largest first.
        seconds: The date's share of its slice's time.
        faulty: Whether broken raw rows, not absent ones, left games out.
        input_fingerprint: Digest over what could matter to the date, from before it was read; None if not built.
    """

    table_name: str
    game_date: date
    outcome: Outcome
    reason: str = ""
    expected_games: int | None = None
    actual_games: int = 0
    expected_rows: int | None = None
    actual_rows: int = 0
    quarantined_rows: int = 0
    sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    quality_share: float | None = None
    issue_shares: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    faulty: bool = False
    input_fingerprint: str | None = None

    @property
    def done(self) -> bool:
        """Whether the date counts as done and becomes a materialization."""
        return self.outcome in DONE_OUTCOMES


def outcome_rows(
    results: Iterable[DateResult], *, mode: RunMode, run_id: str, code_version: str | None, now: datetime
) -> pd.DataFrame:
    """Rows of ``nba_ops.date_outcomes`` for results."""
    rows = [
        {
            "table_name": result.table_name,
            "game_date": pd.Timestamp(result.game_date),
            "outcome": str(result.outcome),
            "reason": result.reason or None,
            "run_mode": str(mode),
            "run_id": run_id,
            "expected_games": result.expected_games,
            "actual_games": result.actual_games,
            "expected_rows": result.expected_rows,
            "actual_rows": result.actual_rows,
            "quarantined_rows": result.quarantined_rows,
            "sources": list(result.sources),
            "warnings": list(result.warnings),
            "quality_share": result.quality_share,
            "seconds": result.seconds,
            "code_version": code_version,
            "input_fingerprint": result.input_fingerprint,
            "recorded_at": pd.Timestamp(now),
        }
        for result in results
    ]
    return conform(pd.DataFrame(rows, columns=DATE_OUTCOMES.column_names), DATE_OUTCOMES)


def current_outcomes(attempts: pd.DataFrame) -> pd.DataFrame:
    """The state of each table and date from all recorded attempts.

    A date that was once done stays done, whatever later attempts were told (too old, stale, broken): its rows are
    still there. What the latest attempt said is kept beside it.

    Args:
        attempts: Rows of ``nba_ops.date_outcomes``.

    Returns:
        One row per ``table_name`` and ``game_date`` with the columns of the attempt that decides, and
        ``last_outcome`` and ``last_reason`` of the latest attempt.
    """
    done = [str(outcome) for outcome in DONE_OUTCOMES]
    ordered = attempts.sort_values("recorded_at", kind="stable")
    # One number a table and date, in their order: sorting and comparing texts again and again takes far longer.
    ordered = ordered.set_index(ordered.groupby(["table_name", "game_date"]).ngroup().to_numpy())
    latest = ordered[~ordered.index.duplicated(keep="last")]
    by_weight = ordered.iloc[ordered["outcome"].isin(done).to_numpy().argsort(kind="stable")]
    deciding = by_weight[~by_weight.index.duplicated(keep="last")].sort_index()
    told = latest[["outcome", "reason"]].reindex(deciding.index)
    return deciding.assign(last_outcome=told["outcome"], last_reason=told["reason"]).reset_index(drop=True)
