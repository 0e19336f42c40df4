"""Building the player registry in a warehouse: from its own box scores and from NBA.com's list of players."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from analytics_assets.raw.declarations import PLAYER_REGISTRY
from analytics_assets.raw.loaders.files import UnreadableFileError
from analytics_assets.raw.loaders.load import load_nba_com
from analytics_assets.raw.loaders.loaded_file import FileKind, LoadedFile
from analytics_assets.raw.loaders.nba_com import read_nba_com
from analytics_assets.raw.player_aliases import player_aliases
from analytics_assets.raw.player_registry import agreeing_rows, check_aliases, rows_of_box_scores, several_names
from analytics_assets.raw.source_names import BOX_TABLES, read_source_names
from analytics_assets.warehouse import MergeCounts, Warehouse


@dataclass(frozen=True)
class RegistryReport:
    """What building the registry did, and what it holds now.

    Attributes:
        counts: Rows added, changed and unchanged.
        files: The lists that were read.
        seasons: ``season_year``, ``names``, ``players`` (distinct ids), ``birth_dates`` (players with one).
        several_names: ``nba_player_id`` and ``names`` of players with more than one name.
    """

    counts: MergeCounts
    files: list[LoadedFile]
    seasons: pd.DataFrame
    several_names: pd.DataFrame


def build_registry(warehouse: Warehouse, paths: Sequence[Path], *, now: datetime) -> RegistryReport:
    """Fill ``player_registry`` from stored box scores first, then from lists of players; twice changes nothing.

    Args:
        warehouse: Where box scores are.
        paths: Answers of ``commonallplayers`` or ``commonplayerinfo``, or tables with their columns.
        now: Moment of building.

    Raises:
        UnreadableFileError: A file is missing, broken or no list of players.
        PlayerAliasError: An alias makes two players of one season one; nothing is undone.
        WarehouseError: There are files, and the warehouse holds the demo league.
    """
    for path in paths:
        kind = read_nba_com(path, now=now).kind
        if kind is not FileKind.PLAYER_LIST:
            raise UnreadableFileError(f"{path}: is a {kind}, not a list of players; load it with raw load nba-com")
    warehouse.ensure(PLAYER_REGISTRY)
    rows = rows_of_box_scores(read_source_names(warehouse, BOX_TABLES), now)
    counts = warehouse.merge_rows(
        PLAYER_REGISTRY, agreeing_rows(rows, warehouse.read(PLAYER_REGISTRY), from_list=False)
    )
    loaded = load_nba_com(warehouse, paths, now=now) if paths else []
    counts = sum((report.counts[PLAYER_REGISTRY.name] for report in loaded), counts)
    registry = warehouse.read(PLAYER_REGISTRY)
    check_aliases(registry, player_aliases())
    by_season = registry.groupby("season_year")
    born = registry[registry["birth_date"].notna()].groupby("season_year")["nba_player_id"].nunique()
    seasons = pd.DataFrame({"names": by_season.size(), "players": by_season["nba_player_id"].nunique()})
    seasons["birth_dates"] = born.reindex(seasons.index).fillna(0).astype("int64")
    return RegistryReport(counts, [report.file for report in loaded], seasons.reset_index(), several_names(registry))
