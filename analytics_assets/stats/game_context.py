"""What both context tables know of a team before a game, as one frame, and the columns that follow in both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from analytics_assets.stats.history import digests_before
from analytics_assets.stats.quality import data_quality_tier, issue_lists, quality_tier
from analytics_assets.stats.team_form import team_form
from analytics_assets.stats.team_schedule import results_entering, team_schedule
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform, row_digests
from analytics_assets.tables.validation import unusual_values

_TEAM = ["game_id", "team_abbr"]
_OF_TEAM, _OF_OPPONENT = "team", "opponent"


@dataclass(frozen=True)
class TeamFacts:
    """Facts per target game and team.

    Attributes:
        targets: One row per counted game of the dates and team: all columns of ``team_schedule``, ``results_entering``
            and ``team_form``, ``as_of_timestamp``, and ``team_history_digest`` over every earlier row of the season of
            both teams in the summaries.
        team_games: ``team_schedule`` of all seasons.
    """

    targets: pd.DataFrame
    team_games: pd.DataFrame


def team_facts(
    games: pd.DataFrame, dates: pd.Series, as_of: pd.Series, offense: pd.DataFrame, defense: pd.DataFrame
) -> TeamFacts:
    """Facts about the teams of the games on some dates, from what was known before.

    Args:
        games: ``Schedule.games`` joined with ``league.arenas.places_of_games``.
        dates: Dates of the target games.
        as_of: Moment by ``game_id``, as ``raw.as_of.as_of_moments`` gives it.
        offense: Rows of ``team_offense_game_summary`` of the targets' season; later ones are not looked at.
        defense: The same of ``team_defense_game_summary``.
    """
    team_games = team_schedule(games)
    targets = team_games[team_games["game_date"].isin(dates)].reset_index(drop=True)
    parts = [targets, results_entering(targets, games), team_form(targets, offense, defense)]
    found = pd.concat(parts, axis=1).assign(as_of_timestamp=targets["game_id"].map(as_of))
    defending = defense.rename(columns={"defending_team_abbr": "team_abbr"})
    words = []
    for side in ("team_abbr", "opponent_team_abbr"):
        asked = targets[["season_year", "game_date"]].assign(team_abbr=targets[side])
        words += [digests_before(asked, rows, ["team_abbr"]) for rows in (offense, defending)]
    return TeamFacts(found.assign(team_history_digest=joined_words(words)), team_games)


def joined_words(words: Iterable[pd.Series]) -> pd.Series:
    """Several 64-bit words of a row as one text of hexadecimal digits."""
    texts = [word.map(lambda value: f"{int(value):016x}") for word in words]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined + text
    return joined.astype("string")


def unfilled_windows(games_used: Mapping[str, tuple[pd.Series, int]]) -> pd.Series:
    """Which windows are not full, such as ``last_10:4_games``; NULL where all are.

    Args:
        games_used: Name of the window to the games in it and its full size.
    """
    texts = []
    for name, (games, size) in games_used.items():
        short = (games < size).fillna(True).astype(bool)
        texts.append((name + ":" + games.astype("string") + "_games; ").where(short, ""))
    joined = texts[0]
    for text in texts[1:]:
        joined = joined + text
    return joined.str.removesuffix("; ").replace("", pd.NA).astype("string")


# Further codes that say something about the row's history, in the order in which they are told.
HISTORY_ISSUES = ("history_incomplete", "pending_games", "bootstrap")
_DEDUCTIONS = {
    "history_incomplete": 20.0,
    "pending_games": 5.0,
    "thin_sample": 15.0,
    "game_spread_missing": 2.0,
    "game_total_missing": 2.0,
    "injury_report_missing": 2.0,
    "roster_inferred": 5.0,
    "prop_line_missing": 2.0,
    "form_missing": 10.0,
    "travel_unknown": 2.0,
}


def history_columns(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Columns that follow from ``history_completeness`` and the schedule, the same in both tables.

    Args:
        rows: Targets with the columns of ``history_completeness``, ``pending_games`` and ``days_since_last_game`` of
            the team (``team_first_game``: whether it has none).
    """
    missing, pending = rows["missing_games_count"], rows["pending_games"]
    texts = {
        "missing_games": missing.where(missing > 0),
        "pending_games": pending.where(pending > 0),
    }
    lists = pd.Series([[] for _ in range(len(rows))], index=rows.index, dtype=object)
    for name, numbers in texts.items():
        told = numbers.notna()
        lists[told] = [
            [*codes, f"{name}:{int(number)}"] for codes, number in zip(lists[told], numbers[told], strict=True)
        ]
    ready = rows["is_production_ready"].astype(bool)
    reason = pd.Series("every window has at least 90 percent of its games", index=rows.index, dtype="string")
    reason = reason.mask(rows["expected_games_count"] == 0, "no earlier game of the season")
    reason = reason.mask(
        ~ready, missing.astype("string") + " of " + rows["expected_games_count"].astype("string") + " games lack rows"
    )
    return {
        "data_quality_issues": lists,
        "processing_decision_reason": reason,
        "season_boundary_detected": rows["team_first_game"],
        "backfill_bootstrap_mode": rows["is_bootstrap"],
    }


def quality_columns(
    rows: pd.DataFrame,
    issues: Mapping[str, pd.Series],
    concerning: Iterable[str],
    sources: Mapping[str, pd.Series],
    table: Table,
    now: pd.Timestamp,
) -> dict[str, pd.Series | bool | pd.Timestamp]:
    """The quality columns of a context row.

    Args:
        rows: Rows under the table's names.
        issues: Code to boolean series.
        concerning: Codes that concern the row's own numbers.
        sources: Raw and analytics tables to whether they contributed.
        table: Declaration, for usual ranges.
        now: Moment of writing, UTC.
    """
    unusual = unusual_values(rows.reindex(columns=table.column_names), table)
    found = {code: values.fillna(False).astype(bool) for code, values in issues.items()}
    found |= {f"unusual_value:{name}": unusual[name] for name in unusual.columns}
    worrying = [*concerning, *(f"unusual_value:{name}" for name in unusual.columns)]
    score = pd.Series(100.0, index=rows.index)
    for code, deduction in _DEDUCTIONS.items():
        if code in found:
            score -= deduction * found[code].astype(float)
    tier = quality_tier(score.clip(lower=0))
    return {
        "quality_issues": issue_lists(found, rows.index),
        "quality_score": score.clip(lower=0),
        "quality_tier": tier,
        "data_quality_tier": data_quality_tier(tier),
        "processed_with_issues": pd.DataFrame({code: found[code] for code in worrying}, index=rows.index).any(axis=1),
        "quality_reconstructed": False,
        "quality_calculated_at": now,
        "data_sources": issue_lists(sources, rows.index),
    }


def finished(rows: pd.DataFrame, table: Table, fingerprint: list[str], now: pd.Timestamp) -> pd.DataFrame:
    """Rows conformed to a context table, ordered by date and key, with fingerprint, first version and content hash.

    Args:
        rows: Rows under the table's names.
        table: Declaration.
        fingerprint: Columns of ``rows`` that tell what the row looked back on.
        now: Moment of writing, UTC.

    Raises:
        SchemaError: The rows do not agree with the declaration.
    """
    rows = rows.assign(input_fingerprint=row_digests(rows, fingerprint).str[:32])
    rows = rows.assign(context_version=1, data_hash="", created_at=now, processed_at=now)
    rows = rows.sort_values(["game_date", *table.key], ignore_index=True)
    built = conform(rows[[name for name in table.column_names if name in rows.columns]], table)
    built["data_hash"] = row_digests(built, table.content_columns)
    return built
