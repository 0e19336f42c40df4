"""The question for the rosters that were known on some dates, so that an engine sends no others."""

from collections.abc import Sequence
from datetime import date

from analytics_assets.raw.declarations import ESPN_TEAM_ROSTERS
from analytics_assets.tables.declaration import ColumnType
from analytics_assets.tables.reduction import AskedValues, Reduction

_COLUMNS = ", ".join(ESPN_TEAM_ROSTERS.column_names)
_SQL = f"""
, named AS (
  SELECT {_COLUMNS},
    COALESCE(
      LEAD(roster_date) OVER (PARTITION BY season_year, team_abbr, player_lookup ORDER BY roster_date),
      DATE '9999-12-31'
    ) AS following
  FROM source_rows
)
, followed AS (
  SELECT {_COLUMNS},
    MAX(following) OVER (PARTITION BY season_year, team_abbr, player_lookup, roster_date) AS named_again
  FROM named
)
, read_on AS (SELECT DISTINCT roster_date AS day_read FROM source_rows)
, first_asked AS (
  SELECT day_read, MIN(entry) AS asked_day
  FROM read_on INNER JOIN asked_days ON entry >= day_read
  GROUP BY day_read
)
SELECT {_COLUMNS}
FROM followed INNER JOIN first_asked ON day_read = roster_date
WHERE named_again > asked_day
"""


def rosters_known_on(days: Sequence[date]) -> Reduction:
    """Rows of ``espn_team_rosters`` that are the latest to name a player for a team on some day, that day included.

    Of each team these hold its latest roster whole, and of everyone who left it the last roster that named him, which
    is all that ``raw.rosters.players_as_of`` looks at. Teams and players are told apart as the source writes them, so
    several spellings leave more rows, never fewer.

    Args:
        days: The days.
    """
    return Reduction(
        source=ESPN_TEAM_ROSTERS,
        columns=tuple(ESPN_TEAM_ROSTERS.column_names),
        sql=_SQL,
        result=ESPN_TEAM_ROSTERS,
        asked={"asked_days": AskedValues(ColumnType.DATE, tuple(days))},
    )
