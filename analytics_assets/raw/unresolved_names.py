"""Names in raw tables that mean nobody the player registry knows, with whom they may mean and the alias to add."""

import re
from collections.abc import Hashable, Sequence
from difflib import get_close_matches
from typing import Any

import pandas as pd

from analytics_assets.league.teams import canonical_tricodes
from analytics_assets.raw.declarations import PLAYER_REGISTRY
from analytics_assets.raw.names import player_lookups
from analytics_assets.raw.player_aliases import PlayerAliases, plain_lookups, with_resolved_players
from analytics_assets.raw.source_names import BOX_TABLES

UNRESOLVED_COLUMNS = [
    *("source_table", "season_year", "player_lookup", "player_name", "teams", "first_date", "last_date", "row_count"),
    *("suggestions", "reason", "alias_line"),
]
_SAME_ID, _BUT_FOR_SUFFIX = "the same NBA.com id", "the same name but for a suffix"
_INITIAL, _ALIKE = "an initial for the first name", "a name alike"
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)$")
# Shares of letters in common, as difflib counts them: a team has twenty names, a season six hundred.
_ALIKE_IN_TEAM, _ALIKE_IN_SEASON, _MOST_SUGGESTIONS = 0.7, 0.85, 3
_KEY = ["source_table", "season_year", "player_lookup"]


def unresolved_names(names: pd.DataFrame, registry: pd.DataFrame, aliases: PlayerAliases) -> pd.DataFrame:
    """Names that the registry does not know, or knows as another name of somebody whom the box scores call differently.

    Args:
        names: Answer of ``read_source_names``.
        registry: ``player_lookup``, ``season_year``, ``nba_player_id`` and ``player_name`` of ``player_registry``.
        aliases: Aliases that count already.

    Returns:
        One row per source table, season and name, most rows first in each season: ``UNRESOLVED_COLUMNS``.
        ``suggestions`` are lookups of players of the season, best first, and ``reason`` says why they are suggested:
        the same NBA.com id, the same name but for a suffix, an initial in place of the first name, a name alike.
        ``alias_line`` is the line for the aliases file that the first suggestion gives, empty without one and where an
        initial fits several players.

    Raises:
        PlayerAliasError: An alias makes two of the registry's players of one season one.
    """
    known = with_resolved_players(PLAYER_REGISTRY, registry, aliases)
    told = _with_players(names, known, aliases)
    strange = told[told["canonical"].isna() | (told["resolved"] != told["canonical"])]
    rows = _one_row_a_name(strange)
    players = _players_of_teams(told, known)
    found = [_suggested(row, players.get(row["season_year"])) for row in rows.to_dict("records")]
    rows["suggestions"] = pd.Series([lookups for lookups, _ in found], index=rows.index, dtype=object)
    rows["reason"] = pd.array([reason for _, reason in found], dtype="string")
    lines = [_alias_line(*named) for named in zip(rows["player_lookup"], rows["season_year"], found, strict=True)]
    rows["alias_line"] = pd.array(lines, dtype="string")
    order = ["season_year", "row_count", "player_lookup", "source_table"]
    return rows.sort_values(order, ascending=[True, False, True, True], ignore_index=True)[UNRESOLVED_COLUMNS]


def _with_players(names: pd.DataFrame, known: pd.DataFrame, aliases: PlayerAliases) -> pd.DataFrame:
    """Names with ``resolved``, the lookup after aliases, and ``canonical``, what the box scores call this player."""
    told = names.assign(player_lookup=plain_lookups(names["player_lookup"]))
    # Rows without a name are refused by every build and quarantined there: no alias can help them.
    told = told[(told["player_lookup"].fillna("") != "") & told["season_year"].notna()]
    told = told.assign(resolved=aliases.resolve(told["player_lookup"], told["season_year"]))
    ids = known.rename(columns={"player_lookup": "resolved", "nba_player_id": "registered_id"})
    told = told.merge(
        ids[["resolved", "season_year", "registered_id"]].assign(is_known=True),
        on=["resolved", "season_year"],
        how="left",
    )
    told["player_id"] = told["registered_id"].fillna(told["nba_player_id"])
    in_box = told[told["source_table"].isin([table.name for table in BOX_TABLES]) & told["player_id"].notna()]
    by_name = in_box.groupby(["player_id", "season_year", "resolved"])["row_count"].sum().reset_index()
    by_name = by_name.sort_values(["row_count", "resolved"], ascending=[False, True])
    usual = by_name.drop_duplicates(["player_id", "season_year"]).rename(columns={"resolved": "canonical"})
    told = told.merge(usual[["player_id", "season_year", "canonical"]], on=["player_id", "season_year"], how="left")
    # Whom the registry knows and no box score names is called as the registry calls him.
    return told.assign(canonical=told["canonical"].fillna(told["resolved"].where(told["is_known"].notna())))


def _one_row_a_name(strange: pd.DataFrame) -> pd.DataFrame:
    strange = strange.assign(place=_teams_of(strange["team_or_game"]))
    by_name = strange.groupby(_KEY, as_index=False)
    rows = by_name.agg(
        player_name=("player_name", "max"),
        first_date=("first_date", "min"),
        last_date=("last_date", "max"),
        row_count=("row_count", "sum"),
        canonical=("canonical", "first"),
        sides=("place", list),
    )
    # A team that is in all of his games is his; of books only the games are known.
    rows["teams"] = pd.Series([_common(sides) for sides in rows["sides"]], index=rows.index, dtype=object)
    return rows


def _teams_of(team_or_game: pd.Series) -> pd.Series:
    """The teams that a tricode or a game id names, as tuples; unknown ones are left out."""
    known = {}
    for text in team_or_game.dropna().unique():
        parts = pd.Series(str(text).split("_"), dtype="string")
        known[text] = tuple(canonical_tricodes(parts[1:] if len(parts) == 3 else parts).dropna())
    return team_or_game.map(lambda text: known.get(text, ())).astype(object)


def _common(sides: Sequence[tuple[str, ...]]) -> list[str]:
    common = set(sides[0]).intersection(*sides)
    return sorted(common or set().union(*sides))


def _players_of_teams(told: pd.DataFrame, known: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """By season the registered players: ``player_lookup``, ``teams`` (empty if no box score says) and ``short``, the
    lookup of a first letter and the rest of the name."""
    placed = told[told["canonical"].notna() & told["source_table"].isin([table.name for table in BOX_TABLES])]
    placed = placed.assign(team=_teams_of(placed["team_or_game"]))
    teams = placed.groupby(["season_year", "canonical"])["team"].agg(lambda found: {t for team in found for t in team})
    teams = teams.rename("teams").reset_index().rename(columns={"canonical": "player_lookup"})
    players = known.merge(teams, on=["season_year", "player_lookup"], how="left")
    players["teams"] = players["teams"].map(lambda found: found if isinstance(found, set) else set())
    parts = players["player_name"].astype("string").str.strip().str.extract(r"^(\S)\S*\s+(.+)$")
    players["short"] = player_lookups(parts[0] + parts[1])
    return {int(str(season)): rows for season, rows in players.groupby("season_year")}


def _suggested(row: dict[Hashable, Any], players: pd.DataFrame | None) -> tuple[list[str], str]:
    if isinstance(row["canonical"], str):
        return [row["canonical"]], _SAME_ID
    if players is None:
        return [], "the registry holds nobody of this season; run nba-analytics player registry build"
    name, teams = row["player_lookup"], set(row["teams"])
    own = players[players["teams"].map(lambda found: bool(found & teams))]
    base = _SUFFIX.sub("", name)
    for group in (own, players):
        same = [other for other in group["player_lookup"] if _SUFFIX.sub("", other) == base]
        if same:
            return same[:_MOST_SUGGESTIONS], _BUT_FOR_SUFFIX
    short = sorted(own["player_lookup"][(own["short"] == name).fillna(False).astype(bool)])
    if short:
        return short[:_MOST_SUGGESTIONS], _INITIAL
    for group, alike in ((own, _ALIKE_IN_TEAM), (players, _ALIKE_IN_SEASON)):
        close = get_close_matches(name, group["player_lookup"].tolist(), _MOST_SUGGESTIONS, alike)
        if close:
            return close, _ALIKE
    return [], "nobody of the season has a name like this; is his season's box score or list of players loaded?"


def _alias_line(lookup: str, season_year: int, found: tuple[list[str], str]) -> str:
    suggestions, reason = found
    # An initial fits several players sooner or later: it is settled for one season, and only where it fits one.
    if not suggestions or (reason == _INITIAL and len(suggestions) > 1):
        return ""
    return f"{lookup},{suggestions[0]},{season_year},{season_year if reason == _INITIAL else ''},{reason}"
