"""What each raw table held for a date when the date was built: the source-tracking columns."""

import pandas as pd

from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import row_digests, set_digests


def source_tracking(
    prefix: str, table: Table, raw: pd.DataFrame, matched: pd.DataFrame, expected: pd.DataFrame
) -> pd.DataFrame:
    """The four tracking columns of one raw table per date.

    Args:
        prefix: Column prefix, such as ``source_nbac``.
        table: Declaration of the raw table.
        raw: Its rows for the dates.
        matched: ``game_id``, and ``team_abbr`` where rows belong to a team, of the rows that could be attributed.
        expected: ``game_date``, ``game_id`` and ``team_abbr`` that the schedule expects.

    Returns:
        ``game_date`` and ``<prefix>_last_updated``, ``_rows_found``, ``_completeness_pct`` (percent of the expected
        games and teams with at least one row), ``_hash``; zero rows found means checked and empty.
    """
    told = [name for name in ("game_id", "team_abbr") if name in matched.columns]
    present = matched[told].drop_duplicates()
    digests = (
        set_digests(row_digests(raw, table.content_columns), raw["game_date"])
        if len(raw)
        else pd.Series(dtype="string")
    )
    grouped = raw.groupby("game_date")
    return _tracked(prefix, grouped["processed_at"].max(), grouped.size(), digests, expected, present)


def reduced_source_tracking(prefix: str, facts: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """The four tracking columns of a raw table of which only facts per game are known.

    Args:
        prefix: Column prefix, such as ``source_bbd``.
        facts: Per game that could be attributed: ``game_id``, ``game_date``, ``events``, ``digest``, ``processed_at``.
        expected: As for :func:`source_tracking`.
    """
    grouped = facts.groupby("game_date")
    digests = set_digests(facts["digest"], facts["game_date"]) if len(facts) else pd.Series(dtype="string")
    rows = grouped["events"].sum()
    return _tracked(prefix, grouped["processed_at"].max(), rows, digests, expected, facts[["game_id"]])


def _tracked(
    prefix: str,
    updated: pd.Series,
    rows: pd.Series,
    digests: pd.Series,
    expected: pd.DataFrame,
    present: pd.DataFrame,
) -> pd.DataFrame:
    """``present`` names the expected games, or games and teams, that the source holds."""
    dates = pd.Index(expected["game_date"].unique(), name="game_date")
    held = expected.merge(present, how="left", indicator="found")
    share = (held["found"] == "both").groupby(held["game_date"]).mean() * 100
    columns = {
        f"{prefix}_last_updated": updated.reindex(dates),
        f"{prefix}_rows_found": rows.reindex(dates).fillna(0).astype("Int64"),
        f"{prefix}_completeness_pct": share.reindex(dates),
        f"{prefix}_hash": digests.reindex(dates).astype("string"),
    }
    return pd.DataFrame(columns, index=dates).reset_index()
