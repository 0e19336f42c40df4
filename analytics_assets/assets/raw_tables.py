"""Raw tables as external assets: lineage and schema show, Dagster does not fill them."""

import dagster as dg

from analytics_assets.assets.column_schema import asset_metadata
from analytics_assets.raw.declarations import RAW_TABLES


def raw_table_specs() -> list[dg.AssetSpec]:
    """One external asset per raw table."""
    return [
        dg.AssetSpec(
            dg.AssetKey([table.dataset, table.name]),
            description=f"{table.grain} {table.description}",
            group_name=table.dataset,
            metadata=asset_metadata(table),
        )
        for table in RAW_TABLES
    ]
