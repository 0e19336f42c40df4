"""Work on text, done once for each distinct value of a column that repeats few of them many times."""

from collections.abc import Callable

import pandas as pd


def once_per_value(values: pd.Series, change: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """What ``change`` makes of each value; NULL stays NULL.

    Args:
        values: Any column.
        change: Gives a Series of the same length and on the same index; a result may depend on its own value only.

    Returns:
        Series on the index and of the name of ``values``, in the dtype that ``change`` gives.
    """
    codes, distinct = pd.factorize(values)
    changed = change(pd.Series(distinct))
    found = changed.reindex(codes).set_axis(values.index)
    found.name = values.name
    return found
