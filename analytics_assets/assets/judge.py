"""Deciding each date's outcome: before anything is read, and after its rows are built. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from analytics_assets.assets.producer import Built, Producer
from analytics_assets.coverage.calendar import DayKind, eastern_date, not_due_reasons
from analytics_assets.coverage.results import DateResult
from analytics_assets.raw.schedule import Schedule
from analytics_assets.run_mode import BACKFILL_MODE_TAG, RunMode, allowance
from analytics_assets.stats.issue_limits import issues_beyond_limits
from analytics_assets.tables.frames import as_date
from analytics_assets.tables.operations import Outcome
from analytics_assets.tables.validation import BrokenRule

_GOOD_TIERS = ("gold", "silver")


def judge_before_building(
    producer: Producer, schedule: Schedule, days: pd.DataFrame, mode: RunMode, now: datetime, historical_days: int
) -> dict[date, DateResult]:
    """Results of the dates that need no building.

    Args:
        producer: The table.
        schedule: The interpreted schedule.
        days: ``classify_dates`` of the dates.
        mode: Live or backfill.
        now: The present moment.
        historical_days: Age beyond which live runs leave a date alone.

    Returns:
        Result by date; dates that are absent are to be built. Off-days are among those to build, because raw rows of
        games that the schedule does not hold would disprove them.
    """
    dates = [stamp.date() for stamp in days.index]
    not_due = not_due_reasons(schedule, dates, now, producer.table.days_ahead)
    limit = eastern_date(now) - timedelta(days=historical_days)
    guarded = producer.historical_rule and not allowance(mode).dates_of_any_age
    results = {}
    for stamp, kind, expected, reason in days[["kind", "expected_games", "reason"]].itertuples():
        day = stamp.date()
        too_old = guarded and day < limit
        outcome, text = _early_outcome(kind, reason, not_due.get(day), historical_days if too_old else None)
        if outcome is not None:
            known = None if kind == DayKind.UNKNOWN else int(expected)
            results[day] = DateResult(
                table_name=producer.table.name, game_date=day, outcome=outcome, reason=text, expected_games=known
            )
    return results


def _early_outcome(kind: str, reason: str, not_due: str | None, too_old_days: int | None) -> tuple[Outcome | None, str]:
    if not_due is not None:
        return Outcome.NOT_DUE, not_due
    if kind == DayKind.OFF_SEASON:
        return Outcome.OFF_SEASON, reason
    if kind == DayKind.OFF_DAY:
        return None, ""
    if too_old_days is not None:
        return Outcome.TOO_OLD, (
            f"older than {too_old_days} days; a live run leaves it alone. To build it, add the run tag "
            f"{BACKFILL_MODE_TAG}=true, launch a partition backfill, or use the job historical_date"
        )
    return (Outcome.NO_SCHEDULE, reason) if kind == DayKind.UNKNOWN else (None, "")


@dataclass(frozen=True)
class BuildFacts:
    """What is known about each date after building.

    Attributes:
        built: The built rows and what is known about the raw data.
        broken: Messages of broken table rules by date.
        days: ``classify_dates`` of the slice.
        games: Expected games by date.
        rows: Built rows, games and share of good tiers by date.
        refused: Refused raw rows by date, as counts by reason.
        issues: Issues beyond their limits by date, as shares of rows.
    """

    built: Built
    broken: dict[date, list[str]]
    days: pd.DataFrame
    games: dict[date, pd.DataFrame]
    rows: pd.DataFrame
    refused: dict[date, dict[str, int]]
    issues: dict[date, dict[str, float]]

    @classmethod
    def of(cls, built: Built, rules: list[BrokenRule], days: pd.DataFrame) -> "BuildFacts":
        """Group everything by date once, so that judging a date only looks things up."""
        broken: dict[date, list[str]] = {}
        for rule in rules:
            for day in built.rows.loc[rule.rows, "game_date"].dropna().dt.date.unique():
                broken.setdefault(day, []).append(rule.detail)
        good = built.rows["quality_tier"].isin(_GOOD_TIERS)
        rows = (
            built.rows.assign(good=good)
            .groupby("game_date")
            .agg(rows=("game_id", "size"), games=("game_id", "nunique"), good=("good", "mean"))
        )
        refused: dict[date, dict[str, int]] = {}
        for row in built.refused.groupby(["game_date", "reason"]).size().reset_index(name="size").to_dict("records"):
            refused.setdefault(as_date(row["game_date"]), {})[row["reason"]] = int(row["size"])
        issues: dict[date, dict[str, float]] = {}
        for row in issues_beyond_limits(built.rows).to_dict("records"):
            issues.setdefault(as_date(row["game_date"]), {})[row["code"]] = round(float(row["share"]), 4)
        games = {as_date(day): frame for day, frame in built.games.groupby("game_date")}
        return cls(built, broken, days, games, rows, refused, issues)


def judge_built_date(producer: Producer, facts: BuildFacts, day: date, mode: RunMode, now: datetime) -> DateResult:
    """Result of a date that was built; rows and games are those the date will hold if they are written.

    Args:
        producer: The table.
        facts: What is known after building.
        day: The date.
        mode: Live or backfill.
        now: The present moment.
    """
    stamp = pd.Timestamp(day)
    games = facts.games.get(day)
    found: Any = facts.rows.loc[stamp] if stamp in facts.rows.index else (0, 0, None)
    rows, complete, good = found
    scheduled: Any = facts.days.at[stamp, "expected_games"]
    refused = facts.refused.get(day, {})
    base = DateResult(
        table_name=producer.table.name,
        game_date=day,
        outcome=Outcome.BUILT,
        expected_games=int(scheduled),
        actual_games=int(complete),
        expected_rows=None if games is None else int(games["rows_expected"].fillna(0).sum()),
        actual_rows=int(rows),
        quarantined_rows=sum(refused.values()),
        sources=facts.built.sources.get(day, ()),
        warnings=(
            *facts.built.warnings,
            *(f"{count} raw rows refused: {reason}" for reason, count in sorted(refused.items())),
        ),
        quality_share=None if good is None else float(good),
        issue_shares=facts.issues.get(day, {}),
        faulty=games is not None and bool((games["faulty"] & ~games["complete"]).any()),
    )
    outcome, reason, warnings = _built_outcome(producer, facts, day, games, mode, now)
    expected = None if outcome is Outcome.NO_SCHEDULE else base.expected_games
    return replace(base, outcome=outcome, reason=reason, expected_games=expected, warnings=base.warnings + warnings)


def _built_outcome(
    producer: Producer, facts: BuildFacts, day: date, games: pd.DataFrame | None, mode: RunMode, now: datetime
) -> tuple[Outcome, str, tuple[str, ...]]:
    if games is None:
        if day in facts.built.unscheduled:
            return Outcome.NO_SCHEDULE, "box rows exist for games that nbac_schedule does not hold or calls off", ()
        return Outcome.OFF_DAY, str(facts.days.at[pd.Timestamp(day), "reason"]), ()
    if day in facts.broken:
        return Outcome.INVALID, "; ".join(facts.broken[day][:3]), ()
    if (games["rows_seen"] == 0).all():
        return Outcome.NO_RAW_DATA, _nothing_found(producer, games), ()
    incomplete = games[~games["complete"]]
    if len(incomplete):
        problems = "; ".join((incomplete["game_id"] + ": " + incomplete["problem"]).head(3))
        broken_throughout = len(incomplete) == len(games) and games["faulty"].any()
        outcome = Outcome.INVALID if broken_throughout else Outcome.PARTIAL_RAW_DATA
        return outcome, f"{len(incomplete)} of {len(games)} games incomplete: {problems}", ()
    return _staleness(producer, facts, day, games, mode, now)


def _nothing_found(producer: Producer, games: pd.DataFrame) -> str:
    if producer.table.days_ahead is not None:
        return f"{len(games)} games without a row: " + "; ".join((games["game_id"] + ": " + games["problem"]).head(3))
    names = ", ".join(games["game_id"].head(3))
    return f"{len(games)} games were played ({names} …), no box source has rows for them"


def _staleness(
    producer: Producer, facts: BuildFacts, day: date, games: pd.DataFrame, mode: RunMode, now: datetime
) -> tuple[Outcome, str, tuple[str, ...]]:
    """Stale is what was last written before the date's games ended, once that end is some hours ago."""
    end, updated = games["ends_at"].max(), facts.built.last_updated.get(pd.Timestamp(day))
    not_final = games.loc[~games["final"], "game_id"]
    hours = (pd.Timestamp(now) - end).total_seconds() / 3600
    stale = [f"nbac_schedule still calls {', '.join(not_final.head(3))} not final"] if len(not_final) else []
    if updated is not None and updated < end:
        stale.append(
            f"raw data was last written {updated:%Y-%m-%d %H:%M} UTC, before the last game ended ({end:%H:%M})"
        )
    if not stale or hours <= producer.warn_hours:
        return Outcome.BUILT, "", ()
    text = f"{'; '.join(stale)}; {hours:.0f} hours have passed since"
    if hours > producer.fail_hours and not allowance(mode).stale_raw_data:
        return Outcome.STALE_RAW_DATA, f"{text}; load the source again", ()
    return Outcome.BUILT, "", (f"stale raw data: {text}",)
