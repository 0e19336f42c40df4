"""Other names of players: the aliases file that comes with the project, a user's own one, and applying them to rows.

Raw tables keep the names that their sources write. Whoever reads them gives every player the one lookup that the
registry and NBA.com's box scores know, here and nowhere else, so a new alias holds for rows that were loaded long ago.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from analytics_assets.league.seasons import season_years_of_dates
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAYER_BOXSCORES,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.loaders.files import UnreadableFileError, read_content
from analytics_assets.raw.names import player_lookups
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import row_digests

PLAYER_ALIASES_VARIABLE = "NBA_PLAYER_ALIASES"
ALIAS_COLUMNS = ("alias", "canonical", "from_season", "until_season", "note")

_SHIPPED = Path(__file__).with_name("player_aliases.csv")
# Some sources put a number of their own before the name; no player's name begins with a digit.
_NUMERIC_PREFIX = r"^\d+(?=[a-z])"
_ANY_SEASON = (0, 9999)
_LOOKUP = "player_lookup"
_BOXES = (NBAC_GAMEBOOK_PLAYER_STATS.name, NBAC_PLAYER_BOXSCORES.name, BDL_PLAYER_BOXSCORES.name)


class PlayerAliasError(UnreadableFileError):
    """An aliases file that cannot be used; the message names the line and what to do."""


@dataclass(frozen=True)
class PlayerAliases:
    """Aliases from one or more files.

    Attributes:
        lines: One row per alias and span of seasons: ``alias`` and ``canonical`` (normalised lookups), ``from_season``
            and ``until_season`` (start years, both included), ``place`` (file and line, for messages).
    """

    lines: pd.DataFrame

    def resolve(self, lookups: pd.Series, season_years: pd.Series) -> pd.Series:
        """Each lookup under the name by which the player is known in the row's season.

        Args:
            lookups: Names as a raw table holds them, normalised or not, also with a number before them.
            season_years: Start year of the season, on the same index; where it is NULL, only aliases of all seasons
                count.

        Returns:
            Text series on the same index. What is no alias stays exactly as it is.
        """
        written = lookups.astype("string")
        distinct = pd.Series(written.dropna().unique(), dtype="string")
        plain = plain_lookups(distinct)
        known = plain.isin(self._names)
        if not known.any():
            return written
        plain_of = dict(zip(distinct[known], plain[known], strict=True))
        rows = np.flatnonzero(written.isin(list(plain_of)).to_numpy(dtype=bool))
        season = season_years.iloc[rows].astype("Int64")
        asked = pd.DataFrame({"row": rows, "alias": written.iloc[rows].map(plain_of).to_numpy(dtype=object)})
        first, last = _ANY_SEASON
        # A row without a season is at once before and after every bounded alias.
        asked["earliest"] = season.fillna(first).to_numpy(dtype="int64")
        asked["latest"] = season.fillna(last).to_numpy(dtype="int64")
        found = asked.merge(self.lines, on="alias")
        found = found[(found["from_season"] <= found["earliest"]) & (found["latest"] <= found["until_season"])]
        resolved = written.to_numpy(dtype=object)
        resolved[found["row"].to_numpy()] = found["canonical"].to_numpy(dtype=object)
        return pd.Series(pd.array(resolved, dtype="string"), index=lookups.index, name=lookups.name)

    def digest_of_season(self, season_year: int) -> int:
        """A number that changes with every alias that counts in the season."""
        return self._digests.setdefault(season_year, self._digest(season_year))

    def _digest(self, season_year: int) -> int:
        lines = self.lines
        held = lines[(lines["from_season"] <= season_year) & (season_year <= lines["until_season"])]
        words = pd.util.hash_array(row_digests(held, ["alias", "canonical"]).to_numpy(dtype=object))
        return int(words.sum(dtype="uint64"))

    @cached_property
    def _digests(self) -> dict[int, int]:
        return {}

    @cached_property
    def _names(self) -> list[str]:
        return self.lines["alias"].unique().tolist()


def plain_lookups(lookups: pd.Series) -> pd.Series:
    """Lookups normalised once more, without a number that a source puts before the name."""
    return player_lookups(lookups).str.replace(_NUMERIC_PREFIX, "", regex=True)


def player_aliases(environment: Mapping[str, str] | None = None) -> PlayerAliases:
    """The project's aliases and those of the file that ``NBA_PLAYER_ALIASES`` names, which win.

    Raises:
        PlayerAliasError: A file is missing, broken, or says two things of one name in one season.
    """
    environment = os.environ if environment is None else environment
    stated = environment.get(PLAYER_ALIASES_VARIABLE)
    own = Path(stated) if stated else None
    # A file that was changed meanwhile is read again.
    return _read_both(own, _time_of_change(own) if own else None)


@lru_cache(maxsize=4)
def _read_both(own: Path | None, _changed_at: int | None) -> PlayerAliases:
    shipped = read_aliases(_SHIPPED)
    if own is None:
        return PlayerAliases(shipped)
    stated = read_aliases(own)
    kept = shipped[~shipped["alias"].isin(stated["alias"])]
    return PlayerAliases(_without_chains(pd.concat([kept, stated], ignore_index=True)))


def _time_of_change(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def read_aliases(path: Path) -> pd.DataFrame:
    """The lines of one aliases file, as ``PlayerAliases.lines``.

    Args:
        path: CSV with the columns ``alias``, ``canonical``, ``from_season``, ``until_season``, ``note``. Names may be
            written in full or as lookups; an empty season is open.

    Raises:
        PlayerAliasError: The file is missing or a line makes no sense.
    """
    try:
        content = read_content(path)
    except UnreadableFileError as error:
        raise PlayerAliasError(f"{error}; it is the file that {PLAYER_ALIASES_VARIABLE} names") from error
    needed = [name for name in ALIAS_COLUMNS if name != "note"]
    if not isinstance(content, pd.DataFrame) or not set(needed) <= set(content.columns):
        raise PlayerAliasError(f"{path}: an aliases file is a CSV with the columns {', '.join(ALIAS_COLUMNS)}")
    lines = pd.DataFrame({name: player_lookups(content[name]) for name in ("alias", "canonical")})
    lines["place"] = [f"{path}, line {number}" for number in range(2, len(lines) + 2)]
    for name, opening in zip(("from_season", "until_season"), _ANY_SEASON, strict=True):
        stated = content[name].astype("string").str.strip().replace("", pd.NA)
        season = pd.to_numeric(stated.astype(object), errors="coerce").astype("Float64")
        wrong = stated.notna() & ~season.between(1946, 2100).fillna(False)
        _refuse(lines, wrong, f"{name} must be the year in which a season starts, such as 2023, or empty")
        lines[name] = season.fillna(opening).astype("int64")
    return _without_chains(_checked(lines))


def _checked(lines: pd.DataFrame) -> pd.DataFrame:
    empty = (lines[["alias", "canonical"]].fillna("") == "").any(axis=1)
    _refuse(lines, empty, "alias and canonical must both have letters")
    _refuse(lines, lines["alias"] == lines["canonical"], "alias and canonical are the same name")
    _refuse(lines, lines["from_season"] > lines["until_season"], "from_season lies after until_season")
    ordered = lines.sort_values(["alias", "from_season"], kind="stable")
    ends_before = ordered.groupby("alias")["until_season"].shift()
    overlap = (ordered["from_season"] <= ends_before).reindex(lines.index)
    _refuse(lines, overlap, "the same alias stands in an earlier line for some of these seasons; remove one of them")
    return lines


def _without_chains(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines, none of which leads to a name that is an alias itself in a season of both."""
    links = lines.reset_index(names="link").merge(lines, left_on="canonical", right_on="alias", suffixes=("", "_next"))
    both = (links["from_season"] <= links["until_season_next"]) & (links["from_season_next"] <= links["until_season"])
    if both.any():
        first = links[both].iloc[0]
        told = f"canonical is itself an alias ({first['place_next']}); name the player's final lookup"
        _refuse(lines, lines.index.to_series() == first["link"], told)
    return lines


def _refuse(lines: pd.DataFrame, wrong: pd.Series, problem: str) -> None:
    wrong = wrong.fillna(False).astype(bool)
    if wrong.any():
        line = lines[wrong].iloc[0]
        raise PlayerAliasError(f"{line['place']}: {line['alias']} is {line['canonical']}: {problem}")


def with_resolved_players(table: Table, rows: pd.DataFrame, aliases: PlayerAliases) -> pd.DataFrame:
    """Rows of a table with every player under the name by which he is known in the row's season.

    Args:
        table: Declaration of the rows; a frame without a ``player_lookup`` comes back as it is.
        rows: Rows as stored. Without ``season_year`` the date tells the season.
        aliases: The aliases.

    Returns:
        The rows. Of the registry, rows that become one player and season are joined.

    Raises:
        PlayerAliasError: An alias makes two players one: both are in one game of a box score, or the registry knows
            them by two ids in one season.
    """
    column = _LOOKUP if _LOOKUP in rows.columns else "player"
    if column not in rows.columns:
        return rows
    resolved = aliases.resolve(rows[column], _season_years(table, rows))
    changed = (resolved != rows[column].astype("string")).fillna(False).to_numpy(dtype=bool)
    if not changed.any():
        return rows
    if table.name in _BOXES:
        _refuse_two_in_a_game(table, rows, resolved, changed)
    given = rows.assign(**{column: resolved.astype(rows[column].dtype)})
    return _joined_registry(table, given, rows, changed) if table.name == PLAYER_REGISTRY.name else given


def _season_years(table: Table, rows: pd.DataFrame) -> pd.Series:
    unknown = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    stated = rows["season_year"].astype("Int64") if "season_year" in rows.columns else unknown
    date = next((name for name in (table.date_column, "game_date") if name and name in rows.columns), None)
    if date is None or not stated.isna().any():
        return stated
    return stated.fillna(season_years_of_dates(rows[date]))


def _refuse_two_in_a_game(table: Table, rows: pd.DataFrame, resolved: pd.Series, changed: np.ndarray) -> None:
    """Nobody plays under two names in one game of one source: such rows are two players."""
    found = pd.DataFrame({"game_id": rows["game_id"], "player": resolved, "written": plain_lookups(rows[_LOOKUP])})
    ids = rows["nba_player_id"] if "nba_player_id" in rows.columns else pd.Series(pd.NA, index=rows.index)
    # The same id under two spellings is one player whom the source lists twice.
    found["who"] = ids.astype("string").fillna(found["written"])
    found = found[found["player"].isin(resolved[changed])]
    people = found.groupby(["game_id", "player"])["who"].transform("nunique")
    if (people > 1).any():
        two = found[people > 1]
        game, player = str(two["game_id"].iloc[0]), str(two["player"].iloc[0])
        names = two.loc[(two["game_id"] == game) & (two["player"] == player), "written"].unique().tolist()
        raise PlayerAliasError(_two_players(names, f"{table.full_name} lists both in game {game}"))


def _joined_registry(table: Table, given: pd.DataFrame, stored: pd.DataFrame, changed: np.ndarray) -> pd.DataFrame:
    key = [_LOOKUP, "season_year"]
    # The row under the player's own name comes last, and its values win.
    ordered = given.assign(written=stored[_LOOKUP]).iloc[np.argsort(~changed, kind="stable")]
    if "nba_player_id" in ordered.columns:
        ids = ordered.groupby(key)["nba_player_id"].transform("nunique")
        if (ids > 1).any():
            two = ordered[ids > 1]
            player, season = str(two[_LOOKUP].iloc[0]), int(two["season_year"].iloc[0])
            names = two.loc[(two[_LOOKUP] == player) & (two["season_year"] == season), "written"].unique().tolist()
            raise PlayerAliasError(_two_players(names, f"{table.full_name} has both of {season}, with two ids"))
    joined = ordered.drop(columns="written").groupby(key, sort=False, dropna=False).last().reset_index()
    return joined[given.columns].astype(given.dtypes.to_dict())


def _two_players(names: list[str], why: str) -> str:
    return (
        f"an alias makes {' and '.join(sorted(names))} one player, but {why}; remove the line from the aliases file "
        f"({PLAYER_ALIASES_VARIABLE}), or narrow its seasons"
    )
