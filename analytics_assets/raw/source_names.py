"""The names under which each source knows players: who, in which season, for which team, on how many rows."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analytics_assets.league.seasons import season_years_of_dates
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    BETTINGPROS_PLAYER_POINTS_PROPS,
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_INJURY_REPORT,
    NBAC_PLAYER_BOXSCORES,
    ODDS_API_PLAYER_POINTS_PROPS,
)
from analytics_assets.tables.declaration import Table, columns, count, date_column, integer, string, timestamp
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse import Warehouse

BOX_TABLES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES, BDL_PLAYER_BOXSCORES)
NAMING_TABLES = (
    *BOX_TABLES,
    *(ODDS_API_PLAYER_POINTS_PROPS, BETTINGPROS_PLAYER_POINTS_PROPS, NBAC_INJURY_REPORT, ESPN_TEAM_ROSTERS),
)

SOURCE_NAMES = Table(
    dataset="reduced",
    name="source_names",
    grain="One row per player name, NBA id, season and team, or game where the source names no team.",
    description="Under which names a source knows players.",
    key=("player_lookup", "nba_player_id", "season_year", "team_or_game"),
    date_column=None,
    columns=columns(
        string("player_lookup", "The name as the rows have it."),
        integer("nba_player_id", "NBA.com player id.", null_rule="The source has none."),
        integer("season_year", "Calendar year in which the season starts.", unit="year"),
        string("team_or_game", "Tricode of the team, else the game's id."),
        string("player_name", "Full name as the source writes it."),
        date_column("first_date", "First date of the rows.", required=True),
        date_column("last_date", "Last date of the rows.", required=True),
        count("row_count", "Rows with this name."),
        timestamp("processed_at", "Latest write."),
    ),
)
_EVER = (date(1946, 1, 1), date(2100, 12, 31))


def names_in(table: Table) -> Reduction:
    """The question for the names of one raw table; only the columns that tell them are read."""
    team = "team_abbr" if "team_abbr" in table.by_name else "game_id"
    nba_id = "nba_player_id" if "nba_player_id" in table.by_name else None
    day = table.date_column
    sql = f"""
SELECT player_lookup, {nba_id or "CAST(NULL AS INT64)"} AS nba_player_id, season_year, {team} AS team_or_game,
  MAX(player_name) AS player_name, MIN({day}) AS first_date, MAX({day}) AS last_date,
  CAST(COUNT(*) AS INT64) AS row_count, MAX(processed_at) AS processed_at
FROM source_rows
GROUP BY player_lookup, {f"{nba_id}, " if nba_id else ""}season_year, {team}
"""
    read = ("player_lookup", nba_id, "season_year", team, "player_name", day, "processed_at")
    return Reduction(
        source=table, columns=tuple(name for name in read if name is not None), sql=sql, result=SOURCE_NAMES
    )


def read_source_names(warehouse: Warehouse, tables: Sequence[Table] = NAMING_TABLES) -> pd.DataFrame:
    """The names in raw tables, of all seasons.

    Returns:
        Columns of ``SOURCE_NAMES`` and ``source_table``. A row without a season has that of its first date.
    """
    parts = [warehouse.reduce(names_in(table), *_EVER).assign(source_table=table.name) for table in tables]
    # Frames without rows have no dtypes that could count.
    names = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    season = names["season_year"].fillna(season_years_of_dates(names["first_date"]))
    return names.assign(season_year=season, source_table=names["source_table"].astype("string"))
