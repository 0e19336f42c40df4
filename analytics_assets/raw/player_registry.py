"""The player registry: from box scores and NBA.com's list of players, one identity by NBA.com id over all seasons.

Whoever writes registry rows, a loaded box score or the list, lets them pass through here first, so that they agree.
"""

from datetime import datetime

import pandas as pd

from analytics_assets.raw.declarations import PLAYER_REGISTRY
from analytics_assets.raw.player_aliases import PlayerAliases, plain_lookups, with_resolved_players
from analytics_assets.tables.frames import conform

_NAME = ["player_lookup", "season_year"]


def rows_of_box_scores(names: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Registry rows of everyone whom a box score names together with his NBA.com id.

    Args:
        names: ``player_lookup``, ``season_year``, ``nba_player_id`` and ``player_name`` of box score rows.
        now: Moment of building.
    """
    told = names.assign(player_lookup=plain_lookups(names["player_lookup"]))
    told = told[told["nba_player_id"].notna() & told["season_year"].notna() & (told["player_lookup"].fillna("") != "")]
    told = told.sort_values([*_NAME, "nba_player_id", "player_name"], kind="stable")
    told = told.drop_duplicates([*_NAME, "nba_player_id"])
    return registry_rows(told, now)


def registry_rows(players: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Rows of ``player_registry``; of namesakes in a season only the lowest id keeps the plain name.

    Args:
        players: ``player_lookup``, ``season_year``, ``nba_player_id``, ``player_name``; ``birth_date`` where known.
        now: Moment of writing.
    """
    ids = players["nba_player_id"].astype("Int64")
    lowest = ids.groupby([players[name] for name in _NAME]).transform("min")
    told = players.assign(
        player_lookup=players["player_lookup"].where(ids == lowest, players["player_lookup"] + ids.astype("string")),
        universal_player_id="nba-" + ids.astype("string"),
        processed_at=now,
    )
    told = told.drop_duplicates(_NAME, keep="last")
    wanted = [name for name in PLAYER_REGISTRY.column_names if name in told.columns]
    return conform(told[wanted].reset_index(drop=True), PLAYER_REGISTRY)


def agreeing_rows(rows: pd.DataFrame, stored: pd.DataFrame, *, from_list: bool) -> pd.DataFrame:
    """New registry rows that agree with those which are stored already.

    A player keeps the identity and the date of birth that any season of the registry knows for his NBA.com id. A list
    of players never takes a name away from somebody who has it in the season, because a box score shows who played:
    the newcomer's id is appended to his name then. A date of birth that is new also goes to the player's stored rows.

    Args:
        rows: New rows of ``player_registry``.
        stored: All stored rows.
        from_list: Whether the rows come from a list of players instead of games.
    """
    if stored.empty or rows.empty:
        return rows
    held = rows[_NAME].merge(stored, on=_NAME, how="left")
    if from_list:
        other = (held["nba_player_id"] != rows["nba_player_id"].reset_index(drop=True)).fillna(False).to_numpy(bool)
        apart = rows["player_lookup"] + rows["nba_player_id"].astype("string")
        rows = rows.assign(player_lookup=rows["player_lookup"].mask(other, apart)).drop_duplicates(_NAME, keep="first")
        held = rows[_NAME].merge(stored, on=_NAME, how="left")
    known = stored[stored["nba_player_id"].notna()].sort_values("season_year", kind="stable")
    by_id = known.groupby("nba_player_id")[["universal_player_id", "birth_date"]].last()
    of_id = by_id.reindex(rows["nba_player_id"]).set_axis(rows.index)
    # A row of the same name and season without an id is the same player, whoever named him.
    unnumbered = held["nba_player_id"].isna().to_numpy(bool)
    of_name = held[["universal_player_id", "birth_date"]].set_axis(rows.index)[unnumbered].reindex(rows.index)
    agreed = rows.assign(
        universal_player_id=of_id["universal_player_id"]
        .fillna(of_name["universal_player_id"])
        .fillna(rows["universal_player_id"]),
        birth_date=rows["birth_date"].fillna(of_id["birth_date"]).fillna(of_name["birth_date"]),
    )
    return conform(pd.concat([agreed, _with_new_births(stored, agreed)], ignore_index=True), PLAYER_REGISTRY)


def _with_new_births(stored: pd.DataFrame, agreed: pd.DataFrame) -> pd.DataFrame:
    """Stored rows of other names and seasons whose player's date of birth is known from now on."""
    born = agreed.dropna(subset=["birth_date"]).drop_duplicates("nba_player_id").set_index("nba_player_id")
    lacking = stored[stored["birth_date"].isna() & stored["nba_player_id"].isin(born.index)]
    lacking = lacking.merge(agreed[_NAME].assign(is_new=True), on=_NAME, how="left")
    lacking = lacking[lacking["is_new"].isna()].drop(columns="is_new")
    told = lacking["nba_player_id"].map(born["birth_date"])
    lacking = lacking.assign(birth_date=told, processed_at=agreed["processed_at"].max())
    return lacking.drop(columns="data_hash")


def several_names(registry: pd.DataFrame) -> pd.DataFrame:
    """Players whom the registry knows by several names.

    Returns:
        One row per ``nba_player_id`` with ``names``: each with its seasons, such as ``eneskanter 2019-2020``.
    """
    named = registry[registry["nba_player_id"].notna()]
    spans = named.groupby(["nba_player_id", "player_lookup"])["season_year"].agg(["min", "max"]).reset_index()
    spans = spans.sort_values(["nba_player_id", "min", "player_lookup"])
    years = spans["min"].astype("string") + ("-" + spans["max"].astype("string")).where(
        spans["min"] != spans["max"], ""
    )
    told = (spans["player_lookup"] + " " + years).groupby(spans["nba_player_id"]).agg(list)
    return told[told.map(len) > 1].rename("names").reset_index()


def check_aliases(registry: pd.DataFrame, aliases: PlayerAliases) -> None:
    """Raise where an alias makes two of the registry's players of one season one.

    Raises:
        PlayerAliasError: It names both and what to do.
    """
    with_resolved_players(PLAYER_REGISTRY, registry, aliases)
