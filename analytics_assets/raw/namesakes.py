"""Namesakes over several files: whoever had a name first in a season keeps it, the others carry their NBA.com id."""

import pandas as pd

from analytics_assets.raw.names import player_lookups

_NAME = ["player_lookup", "season_year"]


def disputed_names(rows: pd.DataFrame, registry: pd.DataFrame) -> pd.DataFrame:
    """Names of box score rows that the registry gives to somebody else, or gave to them before their namesake came.

    Args:
        rows: Columns of :func:`told_apart`.
        registry: ``player_lookup``, ``season_year`` and ``nba_player_id`` as stored.

    Returns:
        ``player_lookup`` and ``season_year`` of the names for which it must be known who played under them.
    """
    players = _players(rows)
    held = players.merge(registry.rename(columns={"nba_player_id": "held_by"})[[*_NAME, "held_by"]], on=_NAME)
    other = (held["held_by"] != held["nba_player_id"]) | (held["written"] != held["player_lookup"])
    return held.loc[other.fillna(False), _NAME].drop_duplicates(ignore_index=True)


def told_apart(rows: pd.DataFrame, holders: pd.DataFrame) -> pd.Series:
    """The lookup of each box score row, no two players of a season under one.

    Args:
        rows: ``player_lookup``, ``player_name``, ``season_year``, ``nba_player_id`` of rows of one source.
        holders: ``player_lookup``, ``season_year`` and ``nba_player_id`` of who played under a name in earlier files.

    Returns:
        On the rows' index. Of a name that nobody had before, the lowest id keeps it. Rows without an id, and those
        whose lookup is neither their name nor their name and id, stay as they are.
    """
    players = _players(rows)
    first = holders.dropna().sort_values("nba_player_id").drop_duplicates(_NAME)
    players = players.merge(first.rename(columns={"nba_player_id": "owner"}), on=_NAME, how="left")
    lowest = players.groupby(_NAME)["nba_player_id"].transform("min")
    owns = players["nba_player_id"] == players["owner"].astype("Int64").fillna(lowest)
    apart = players["player_lookup"] + players["nba_player_id"].astype("string")
    players["lookup"] = players["player_lookup"].where(owns, apart)
    key = ["written", "season_year", "nba_player_id"]
    asked = rows[["player_lookup", *key[1:]]].rename(columns={"player_lookup": "written"})
    found = asked.merge(players[[*key, "lookup"]].drop_duplicates(key), on=key, how="left")["lookup"]
    return found.set_axis(rows.index).fillna(rows["player_lookup"]).astype("string")


def _players(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per player: ``player_lookup`` (of his name alone), ``season_year``, ``nba_player_id``, ``written``."""
    columns = ["player_lookup", "player_name", "season_year", "nba_player_id"]
    players = rows[columns].drop_duplicates().dropna()
    players = players.assign(written=players["player_lookup"], player_lookup=player_lookups(players["player_name"]))
    with_id = players["player_lookup"] + players["nba_player_id"].astype("string")
    is_his = (players["written"] == players["player_lookup"]) | (players["written"] == with_id)
    return players[is_his & (players["player_lookup"] != "")].drop(columns="player_name").drop_duplicates()
