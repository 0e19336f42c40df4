"""Reading playing time as sources write it."""

import numpy as np
import pandas as pd

# Only what the number parser is sure to read: ASCII digits, one point, few enough digits; it raises at anything else.
_CLOCK = r"^(-?)([0-9]{1,3}):([0-9]{1,2})(?:\.[0-9]+)?$"
_ISO_DURATION = r"^PT(?:([0-9]{1,4})M)?(?:([0-9]{1,4}(?:\.[0-9]{1,20})?)S)?$"
_DECIMAL = r"^-?[0-9]{1,4}(?:\.[0-9]{1,20})?$"


def parse_minutes(text: pd.Series) -> pd.Series:
    """Decimal minutes from ``MM:SS``, decimal or ISO-8601 durations (``PT35M24.00S``).

    Args:
        text: Minutes as text; NULL and blank mean unknown.

    Returns:
        Float series in minutes, negative where the source is; NULL where the text is missing or unreadable.
    """
    # Many seasons have but a few thousand different texts.
    codes, distinct = pd.factorize(text.astype("string"))
    minutes = _parsed(pd.Series(distinct, dtype="string")).to_numpy()
    return pd.Series(np.append(minutes, np.nan)[codes], index=text.index, name=text.name)


def _parsed(text: pd.Series) -> pd.Series:
    text = text.str.strip()
    clock = text.str.extract(_CLOCK)
    seconds = pd.to_numeric(clock[2])
    from_clock = (pd.to_numeric(clock[1]) + seconds / 60).where(seconds < 60)
    from_clock = from_clock.where(clock[0] != "-", -from_clock)
    duration = text.where(text != "PT").str.extract(_ISO_DURATION)
    from_duration = pd.to_numeric(duration[0]).fillna(0) + pd.to_numeric(duration[1]).fillna(0) / 60
    from_duration = from_duration.where(duration.notna().any(axis=1))
    decimal = pd.to_numeric(text.where(text.str.match(_DECIMAL).fillna(False)))
    parsed = decimal.astype("Float64").fillna(from_clock.astype("Float64")).fillna(from_duration.astype("Float64"))
    return parsed.astype("float64")


def unreadable_minutes(text: pd.Series) -> pd.Series:
    """Whether a text is there but is no playing time."""
    text = text.astype("string").str.strip().fillna("")
    return (text != "") & parse_minutes(text).isna()
