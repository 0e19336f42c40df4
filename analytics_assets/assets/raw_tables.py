"""Raw tables as external assets: lineage, schema and the dates they hold show, Dagster does not fill them."""

import dagster as dg

from analytics_assets.assets.column_schema import asset_metadata
from analytics_assets.raw.declarations import RAW_TABLES
from analytics_assets.tables.declaration import Table

_FILLED_OUTSIDE = "Filled outside Dagster; `nba-analytics raw report` tells Dagster which dates it holds."


def raw_asset_key(table: Table) -> dg.AssetKey:
    """Asset key of a raw table: its data set and its name."""
    return dg.AssetKey([table.dataset, table.name])


def raw_table_specs(partitions: dg.PartitionsDefinition) -> list[dg.AssetSpec]:
    """One external asset per raw table.

    Args:
        partitions: Daily partitions of all tables; one object, so that a date of a raw table is the same date of the
            tables built from it. A table without dates has none.
    """
    return [
        dg.AssetSpec(
            raw_asset_key(table),
            description=f"{table.grain} {table.description} {_FILLED_OUTSIDE}",
            group_name=table.dataset,
            metadata=asset_metadata(table),
            partitions_def=partitions if table.date_column else None,
        )
        for table in RAW_TABLES
    ]
