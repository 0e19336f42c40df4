"""Which context dates were built with little or no history behind them, as their rows tell."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import Table, columns, count, date_column
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse import Warehouse

SEASON_START, HISTORY_START = "season_start", "history_start"

_ROWS_BY_DATE = Table(
    dataset="nba_ops",
    name="bootstrap_rows_by_date",
    grain="One row per game date of a context table.",
    description="How many rows lack games before the first stored date, and how many lie early in the season.",
    key=("game_date",),
    columns=columns(
        date_column("game_date", "US-Eastern game date.", required=True),
        count("history_start_rows", "Rows without games that lie before the first stored date."),
        count("season_start_rows", "Rows in the first days of the season."),
    ),
)
_COUNT_ROWS = (
    " SELECT game_date, SUM(CASE WHEN is_bootstrap THEN 1 ELSE 0 END) AS history_start_rows, "
    "SUM(CASE WHEN early_season_flag THEN 1 ELSE 0 END) AS season_start_rows FROM source_rows GROUP BY game_date"
)


def bootstrap_dates(warehouse: Warehouse, table_names: Sequence[str], start: date, end: date) -> pd.DataFrame:
    """Stored context dates with bootstrap rows, both ends of the range included.

    Returns:
        ``table_name``, ``game_date`` and ``bootstrap``: ``history_start`` where games before the first stored date are
        missing from some row's history, else ``season_start`` in the first days of a season; other dates are absent.
    """
    found = []
    for table in ANALYTICS_TABLES:
        if table.days_ahead is None or table.name not in table_names:
            continue
        asked = Reduction(
            source=table,
            columns=("game_date", "is_bootstrap", "early_season_flag"),
            sql=_COUNT_ROWS,
            result=_ROWS_BY_DATE,
        )
        found.append(warehouse.reduce(asked, start, end).assign(table_name=table.name))
    if not found:
        return pd.DataFrame({"table_name": [], "game_date": pd.to_datetime([]), "bootstrap": []})
    dates = pd.concat(found, ignore_index=True)
    early = dates["season_start_rows"].gt(0).map({True: SEASON_START, False: None})
    dates["bootstrap"] = early.mask(dates["history_start_rows"].gt(0), HISTORY_START)
    return dates.loc[dates["bootstrap"].notna(), ["table_name", "game_date", "bootstrap"]]
