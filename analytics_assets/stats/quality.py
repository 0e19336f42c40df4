"""Judging rows: issue lists, quality score, tiers, further facts."""

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

_TIER_FLOORS = (("gold", 95), ("silver", 75), ("bronze", 50), ("poor", 25), ("unusable", float("-inf")))
_OLDER_SCALE = {"gold": "high", "silver": "medium", "bronze": "low", "poor": "low", "unusable": "low"}
_SEPARATOR = "\x1f"


def issue_lists(found: Mapping[str, pd.Series], index: pd.Index) -> pd.Series:
    """One list of issue codes per row.

    Args:
        found: Issue code to a boolean series on ``index``; NULL counts as false.
        index: Rows to describe.

    Returns:
        Series of lists, codes in the order given, empty where nothing is to be said.
    """
    joined = np.full(len(index), "", dtype=object)
    for code, rows in found.items():
        mask = rows.fillna(False).to_numpy(dtype=bool)
        joined[mask] = joined[mask] + code + _SEPARATOR
    # Rows share few combinations, so each combination is split once.
    split = {text: text.split(_SEPARATOR)[:-1] for text in set(joined)}
    return pd.Series([split[text] for text in joined], index=index, dtype=object)


def json_objects(facts: Mapping[str, pd.Series], index: pd.Index) -> pd.Series:
    """One JSON object per row.

    Args:
        facts: Name to texts on ``index``; NULL becomes null.
        index: Rows to describe.

    Returns:
        JSON text, names in the order given.
    """
    texts_of = [[None if pd.isna(text) else str(text) for text in values] for values in facts.values()]
    rows = list(zip(*texts_of, strict=True))
    # Rows share few combinations, so each combination is written once.
    texts = {row: json.dumps(dict(zip(facts, row, strict=True))) for row in set(rows)}
    return pd.Series([texts[row] for row in rows], index=index, dtype="string")


def quality_tier(score: pd.Series) -> pd.Series:
    """Tier of a score: gold from 95, silver from 75, bronze from 50, poor from 25, else unusable."""
    conditions = [(score >= floor).to_numpy() for _, floor in _TIER_FLOORS]
    names = [name for name, _ in _TIER_FLOORS]
    return pd.Series(np.select(conditions, names, default="unusable"), index=score.index, dtype="string")


def data_quality_tier(tier: pd.Series) -> pd.Series:
    """The older scale: gold is high, silver medium, the rest low."""
    return tier.map(_OLDER_SCALE).astype("string")
