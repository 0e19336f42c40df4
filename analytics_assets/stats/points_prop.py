"""Bets on a player's points: what prices imply, and how a line turned out."""

import pandas as pd

_EVEN_PRICE = 100


def implied_probabilities(prices: pd.Series) -> pd.Series:
    """Probability that a price implies, the book's share included: a ratio.

    Args:
        prices: American odds. Source of the rule: -110 asks 110 to win 100, +150 wins 150 on 100.

    Returns:
        NULL where the price is NULL or lies between -100 and 100, where American odds have no values.
    """
    odds = prices.astype("float64")
    odds = odds.where(odds.abs() >= _EVEN_PRICE)
    stake, win = (-odds).where(odds < 0, _EVEN_PRICE), odds.where(odds > 0, _EVEN_PRICE)
    return (stake / (stake + win)).where(odds.notna())


def grade_points_prop(
    points: pd.Series, played: pd.Series, points_line: pd.Series, opening_line: pd.Series
) -> pd.DataFrame:
    """How the closing line on each player's points turned out.

    Args:
        points: Points scored.
        played: Whether the player appeared in the game.
        points_line: Closing line, in points.
        opening_line: Opening line of the same book, in points.

    Returns:
        On the same index: ``over_under_result`` (``OVER``, ``UNDER``, ``PUSH`` when points equal the line, ``VOID``
        when the player did not play; NULL without a line, and while it is unknown whether or how he played),
        ``margin`` (points minus closing line, in points; NULL when void) and ``line_movement`` (closing minus opening
        line, in points). Source of the rules: ruling 13 of the specification.
    """
    line = points_line.astype("float64")
    took_part = played.astype("boolean")
    appeared, absent = took_part.fillna(False).astype(bool), (~took_part).fillna(False).astype(bool)
    margin = (points.astype("float64") - line).where(appeared)
    result = pd.Series(pd.NA, index=line.index, dtype="string")
    result = result.mask(margin > 0, "OVER").mask(margin < 0, "UNDER").mask(margin == 0, "PUSH")
    result = result.mask(absent & line.notna(), "VOID")
    movement = line - opening_line.astype("float64")
    return pd.DataFrame({"over_under_result": result, "margin": margin, "line_movement": movement})
