"""Questions for what contexts look back on, put so that an engine sends only rows that some asked game rests on."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from analytics_assets.tables.declaration import ColumnType, Table
from analytics_assets.tables.frames import as_date
from analytics_assets.tables.reduction import AskedValues, Reduction


def teams_of_dates(games: pd.DataFrame, dates: pd.Series) -> list[str]:
    """Tricodes of the teams that play on some dates.

    Args:
        games: ``Schedule.games``.
        dates: Game dates.
    """
    asked = games[games["game_date"].isin(dates)]
    return sorted(set(asked["home"].dropna()) | set(asked["away"].dropna()))


def opening_dates(games: pd.DataFrame, teams: Sequence[str], start: date, end: date) -> list[date]:
    """The dates of a season until each of some teams has had its first game.

    Whether rows begin later than the season is told by the first stored game of any team; with the rows of these dates
    it is known of each of the teams whether that lies after its first game, and later rows say nothing about it.

    Args:
        games: ``Schedule.games``.
        teams: Tricodes.
        start: First date of the season.
        end: Last date to look at.
    """
    of_season = games[games["game_date"].between(pd.Timestamp(start), pd.Timestamp(end))]
    over = of_season[of_season["counts"] & of_season["final"]]
    sides = [over[["season_year", "game_date", side]].set_axis(["season", "day", "team"], axis=1) for side in _SIDES]
    first = pd.concat(sides).groupby(["season", "team"])["day"].min().reset_index()
    until = first[first["team"].isin(list(teams))].groupby("season")["day"].max()
    early = of_season.loc[of_season["game_date"] <= of_season["season_year"].map(until), "game_date"]
    return sorted({as_date(day) for day in early})


_SIDES = ("home", "away")


def team_history(
    source: Table, columns: Sequence[str], team_column: str, teams: Sequence[str], opening: Sequence[date]
) -> Reduction:
    """Rows of one of the team summaries that games of some teams rest on: those of the teams, and of the opening dates.

    Args:
        source: Declaration of the summary.
        columns: Columns to send.
        team_column: The column that says whose row it is.
        teams: Teams of the games.
        opening: Answer of :func:`opening_dates`.
    """
    told = ", ".join(columns)
    return Reduction(
        source=source,
        columns=tuple(columns),
        sql=f"""
SELECT {told}
FROM source_rows
WHERE {team_column} IN (SELECT entry FROM asked_teams) OR game_date IN (SELECT entry FROM opening_dates)
""",
        result=_part_of(source, columns),
        asked={
            "asked_teams": AskedValues(ColumnType.STRING, tuple(teams)),
            "opening_dates": AskedValues(ColumnType.DATE, tuple(opening)),
        },
    )


def player_history(
    source: Table,
    columns: Sequence[str],
    teams: Sequence[str],
    opening: Sequence[date],
    players: Collection[str],
    other_names: Collection[str],
    renamed: Collection[str],
) -> Reduction:
    """Rows of ``player_game_summary`` that games of some teams rest on.

    These are the whole season, for any team, of everyone who has a row of one of the teams and of named players, and
    all rows of the opening dates. Rows that were written under a name which is another name of a player by now make
    one player of several names, which the engine cannot tell apart; if there are any, whoever has another name is sent.

    Args:
        source: Declaration of ``player_game_summary``.
        columns: Columns to send; ``team_abbr`` and ``player_lookup`` among them.
        teams: Teams of the games.
        opening: Answer of :func:`opening_dates`.
        players: Lookups of further players: those on a roster, with a line or on an injury report.
        other_names: Lookups that are other names of players.
        renamed: These, and the names that they stand for.
    """
    told = ", ".join(columns)
    return Reduction(
        source=source,
        columns=tuple(columns),
        sql=f"""
, compared AS (
  SELECT {told},
    CASE WHEN team_abbr IN (SELECT entry FROM asked_teams) THEN 1 ELSE 0 END AS of_asked_team,
    CASE WHEN REGEXP_REPLACE(player_lookup, '^[0-9]+', '') IN (SELECT entry FROM other_names) THEN 1 ELSE 0 END
      AS is_other_name
  FROM source_rows
)
, marked AS (
  SELECT {told},
    MAX(of_asked_team) OVER (PARTITION BY player_lookup) AS seen_with_asked_team,
    MAX(is_other_name) OVER () AS any_other_name
  FROM compared
)
SELECT {told}
FROM marked
WHERE seen_with_asked_team = 1
  OR player_lookup IN (SELECT entry FROM asked_players)
  OR game_date IN (SELECT entry FROM opening_dates)
  OR (any_other_name = 1 AND REGEXP_REPLACE(player_lookup, '^[0-9]+', '') IN (SELECT entry FROM renamed_players))
""",
        result=_part_of(source, columns),
        asked={
            "asked_teams": AskedValues(ColumnType.STRING, tuple(teams)),
            "opening_dates": AskedValues(ColumnType.DATE, tuple(opening)),
            "asked_players": AskedValues(ColumnType.STRING, tuple(sorted(players))),
            "other_names": AskedValues(ColumnType.STRING, tuple(sorted(other_names))),
            "renamed_players": AskedValues(ColumnType.STRING, tuple(sorted(renamed))),
        },
    )


def _part_of(source: Table, columns: Sequence[str]) -> Table:
    """Declaration of some columns of a table."""
    return replace(
        source,
        dataset="reduced",
        columns=tuple(source.by_name[name] for name in columns),
        cluster_by=(),
        first_seen_columns=(),
        version_column=None,
        hash_column=None,
        not_content=(),
    )
