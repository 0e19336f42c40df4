"""Raw tables as assets: lineage, schema and the dates they hold show, whoever fills them."""

from collections.abc import Collection

import dagster as dg

from analytics_assets.assets.column_schema import asset_metadata
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.tables.declaration import Table

_FILLED_OUTSIDE = "Filled outside Dagster; `nba-analytics raw report` tells Dagster which dates it holds."


def raw_asset_key(table: Table) -> dg.AssetKey:
    """Asset key of a raw table: its data set and its name."""
    return dg.AssetKey([table.dataset, table.name])


def external_raw_tables(partitions: dg.PartitionsDefinition, but: Collection[Table] = ()) -> list[dg.AssetSpec]:
    """One external asset per raw table that somebody else fills.

    Args:
        partitions: Daily partitions of all tables.
        but: Raw tables that are filled here and have an asset of their own.
    """
    return [raw_table_spec(table, partitions) for table in RAW_TABLES if table not in but]


def raw_table_spec(table: Table, partitions: dg.PartitionsDefinition, filled_from: str | None = None) -> dg.AssetSpec:
    """Asset spec of a raw table.

    Args:
        table: The raw table.
        partitions: Daily partitions of all tables; one object, so that a date of a raw table is the same date of the
            tables built from it. A table without dates has none.
        filled_from: Source from which this deployment fills it; without one it is filled outside Dagster.
    """
    filled = _FILLED_OUTSIDE if filled_from is None else f"Filled here from {filled_from}: materialize dates."
    return dg.AssetSpec(
        raw_asset_key(table),
        description=f"{table.grain} {table.description} {filled}",
        group_name=table.dataset,
        metadata=asset_metadata(table),
        partitions_def=partitions if table.date_column else None,
        # A date of which a source has nothing stays missing.
        skippable=filled_from is not None,
    )
