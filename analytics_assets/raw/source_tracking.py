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
        matched: ``game_id`` and ``team_abbr`` of the rows that could be attributed.
        expected: ``game_date``, ``game_id`` and ``team_abbr`` that the schedule expects.

    Returns:
        ``game_date`` and ``<prefix>_last_updated``, ``_rows_found``, ``_completeness_pct`` (percent of the expected
        games and teams with at least one row), ``_hash``; zero rows found means checked and empty.
    """
    dates = pd.Index(expected["game_date"].unique(), name="game_date")
    grouped = raw.groupby("game_date")
    present = expected.merge(matched[["game_id", "team_abbr"]].drop_duplicates(), how="left", indicator="found")
    share = (present["found"] == "both").groupby(present["game_date"]).mean() * 100
    digests = (
        set_digests(row_digests(raw, table.content_columns), raw["game_date"])
        if len(raw)
        else pd.Series(dtype="string")
    )
    columns = {
        f"{prefix}_last_updated": grouped["processed_at"].max().reindex(dates),
        f"{prefix}_rows_found": grouped.size().reindex(dates).fillna(0).astype("Int64"),
        f"{prefix}_completeness_pct": share.reindex(dates),
        f"{prefix}_hash": digests.reindex(dates).astype("string"),
    }
    return pd.DataFrame(columns, index=dates).reset_index()
