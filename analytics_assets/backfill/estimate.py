"""How long a backfill will take, from the seconds that earlier attempts recorded. Pure."""

import pandas as pd

# Announcing and recording one date are two events, measured at 11 to 14 milliseconds each in SQLite.
BOOKKEEPING_SECONDS = 0.025


def estimated_seconds(wanted: pd.DataFrame, attempts: pd.DataFrame) -> float | None:
    """Seconds that the wanted dates will take.

    Each counts the mean of earlier attempts of its table at dates with or without rows, of any table if its own was
    never tried, and Dagster's bookkeeping.

    Args:
        wanted: ``table_name`` and ``expected_games`` of the dates to produce.
        attempts: ``table_name``, ``actual_rows`` and ``seconds`` of recorded attempts.

    Returns:
        Seconds; None when no attempt is recorded.
    """
    if attempts.empty:
        return None
    seconds = attempts["seconds"].astype(float)
    with_rows = attempts["actual_rows"].fillna(0).gt(0).rename("with_rows")
    means = seconds.groupby([attempts["table_name"].astype(str), with_rows]).mean()
    keys = pd.MultiIndex.from_arrays([wanted["table_name"].astype(str), wanted["expected_games"].fillna(0).gt(0)])
    each = pd.Series(means.reindex(keys).to_numpy()).fillna(seconds.mean())
    return float(each.sum() + BOOKKEEPING_SECONDS * len(wanted))
