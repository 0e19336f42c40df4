"""What both context tables know of a team before a game, as one frame, and the columns that follow in both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from analytics_assets.stats.history import digests_before, history_completeness
from analytics_assets.stats.quality import data_quality_tier, issue_lists, quality_tier
from analytics_assets.stats.team_form import team_form
from analytics_assets.stats.team_schedule import results_entering, team_schedule
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform, row_digests
from analytics_assets.tables.validation import unusual_values

_TEAM = ["game_id", "team_abbr"]
# Whether the game itself is over is no knowledge from before it.
_NOT_BEFORE = ["final", "ends_at"]
_READY = "every window of both teams has at least 90 percent of its games"


@dataclass(frozen=True)
class TeamFacts:
    """Facts per target game and team.

    Attributes:
        targets: One row per counted game of the dates and team: all columns of ``team_schedule``, ``results_entering``
            and ``team_form``, ``as_of_timestamp``; ``team_history_digest`` over every earlier row of the season of
            both teams in the team summaries, ``schedule_digest`` over what schedule and results say of the game.
        team_games: ``team_schedule`` of all seasons.
        summarised: ``game_id`` and ``team_abbr`` of the games of the season that every summary has rows of.
    """

    targets: pd.DataFrame
    team_games: pd.DataFrame
    summarised: pd.DataFrame


def team_facts(
    games: pd.DataFrame,
    dates: pd.Series,
    as_of: pd.Series,
    players: pd.DataFrame,
    offense: pd.DataFrame,
    defense: pd.DataFrame,
) -> TeamFacts:
    """Facts about the teams of the games on some dates, from what was known before.

    Args:
        games: ``Schedule.games`` joined with ``league.arenas.places_of_games``.
        dates: Dates of the target games.
        as_of: Moment by ``game_id``, as ``raw.as_of.as_of_moments`` gives it.
        players: Rows of ``player_game_summary`` of the targets' season; of these three, later ones are not looked at.
        offense: The same of ``team_offense_game_summary``.
        defense: The same of ``team_defense_game_summary``.
    """
    team_games = team_schedule(games)
    targets = team_games[team_games["game_date"].isin(dates)].reset_index(drop=True)
    told = pd.concat([targets, results_entering(targets, games)], axis=1)
    found = pd.concat([told, team_form(targets, offense, defense)], axis=1)
    defending = defense.rename(columns={"defending_team_abbr": "team_abbr"})
    words = []
    for side in ("team_abbr", "opponent_team_abbr"):
        asked = targets[["season_year", "game_date"]].assign(team_abbr=targets[side])
        words += [digests_before(asked, rows, ["team_abbr"]) for rows in (offense, defending)]
    found = found.assign(
        as_of_timestamp=targets["game_id"].map(as_of),
        team_history_digest=joined_words(words),
        schedule_digest=row_digests(told, [name for name in told.columns if name not in _NOT_BEFORE]),
    )
    return TeamFacts(found, team_games, _in_every(players, offense, defending))


def _in_every(*summaries: pd.DataFrame) -> pd.DataFrame:
    """Games and teams of which each of the tables has a row."""
    held = pd.concat([rows[_TEAM].astype("object").drop_duplicates() for rows in summaries])
    sizes = held.groupby(_TEAM).size()
    return sizes[sizes == len(summaries)].reset_index()[_TEAM].astype("string")


def history_of_both_teams(facts: TeamFacts, windows: Mapping[str, tuple[str, int]]) -> pd.DataFrame:
    """Which earlier games of the season are in the summaries.

    Args:
        facts: Facts about the teams.
        windows: As for ``stats.history.history_completeness``.

    Returns:
        On the index of the targets the columns of ``history_completeness`` of the row's team, save that
        ``is_production_ready`` asks for the opponent's windows too, and ``opponent_missing_games``.
    """
    targets = facts.targets
    own = history_completeness(targets, facts.team_games, facts.summarised, windows)
    of_team = pd.concat([targets[_TEAM], own[["missing_games_count", "is_production_ready"]]], axis=1)
    asked = targets[["game_id", "opponent_team_abbr"]].set_axis(_TEAM, axis=1)
    theirs = asked.merge(of_team.drop_duplicates(_TEAM), on=_TEAM, how="left").set_axis(targets.index)
    return own.assign(
        is_production_ready=own["is_production_ready"] & theirs["is_production_ready"].astype(bool),
        opponent_missing_games=theirs["missing_games_count"],
    )


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


_DEDUCTIONS = {
    "history_incomplete": 20.0,
    "opponent_history_incomplete": 10.0,
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
    """Columns that follow from :func:`history_of_both_teams` and the schedule, the same in both tables.

    Args:
        rows: Targets with the columns of :func:`history_of_both_teams`, ``pending_games``, and ``team_first_game``:
            whether the team has no earlier game of the season.
    """
    missing, theirs = rows["missing_games_count"], rows["opponent_missing_games"]
    told = {"missing_games": missing, "opponent_missing_games": theirs, "pending_games": rows["pending_games"]}
    expected, ready = rows["expected_games_count"], rows["is_production_ready"].astype(bool)
    reason = pd.Series(_READY, index=rows.index, dtype="string")
    reason = reason.mask(expected == 0, "no earlier game of the season is over")
    lacking = missing.astype("string") + " of " + expected.astype("string") + " earlier games lack rows"
    of_opponent = theirs.astype("string") + " earlier games of the opponent lack rows"
    reason = reason.mask(~ready & (theirs > 0), of_opponent).mask(~ready & (missing > 0), lacking)
    return {
        "data_quality_issues": _counts_as_lists(told, rows.index),
        "processing_decision_reason": reason,
        "season_boundary_detected": rows["team_first_game"],
        "backfill_bootstrap_mode": rows["is_bootstrap"],
    }


def _counts_as_lists(counts: Mapping[str, pd.Series], index: pd.Index) -> pd.Series:
    """Lists of ``code:number`` of the counts above 0."""
    found = {}
    for code, numbers in counts.items():
        for number in numbers[numbers > 0].unique():
            found[f"{code}:{int(number)}"] = numbers == number
    return issue_lists(found, index)


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
