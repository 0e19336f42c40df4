"""Refused raw rows in the shape in which they are quarantined."""

from collections.abc import Iterable

import pandas as pd

REFUSED_COLUMNS = ["game_date", "source_table", "game_id", "player_lookup", "reason", "detail", "raw_values"]


def describe_refused(
    raw: pd.DataFrame, refused: pd.DataFrame, source_table: str, date_column: str = "game_date"
) -> pd.DataFrame:
    """Refused rows with their raw values.

    Args:
        raw: The rows as they came, with a unique index.
        refused: ``RowSieve.refused``: ``row`` (index label in ``raw``), ``reason``, ``detail``.
        source_table: Raw table they came from.
        date_column: Column that partitions the raw table.

    Returns:
        Frame of ``REFUSED_COLUMNS``; ``raw_values`` is JSON text.
    """
    if refused.empty:
        return pd.DataFrame(columns=REFUSED_COLUMNS)
    rows = raw.loc[refused["row"]]
    return pd.DataFrame(
        {
            "game_date": rows[date_column].to_numpy(),
            "source_table": source_table,
            **{name: rows[name].to_numpy() if name in rows.columns else None for name in ("game_id", "player_lookup")},
            "reason": refused["reason"].to_numpy(),
            "detail": refused["detail"].to_numpy(),
            "raw_values": rows.to_json(orient="records", lines=True, date_format="iso").splitlines(),
        }
    )


def joined_refused(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several frames of ``REFUSED_COLUMNS`` as one."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=REFUSED_COLUMNS)
