"""Dagster's record of a backfill, written by hand in the state in which the daemon leaves it."""

from collections.abc import Sequence
from datetime import date, datetime

import dagster as dg
from dagster._core.definitions.assets.graph.asset_graph_subset import AssetGraphSubset
from dagster._core.definitions.timestamp import TimestampWithTimezone
from dagster._core.execution.asset_backfill import AssetBackfillData
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._utils.error import SerializableErrorInfo

from analytics_assets.partitions import daily_partitions


def launch(
    instance: dg.DagsterInstance,
    backfill_id: str,
    at: datetime,
    tables: Sequence[str],
    dates: Sequence[date],
    tags: dict[str, str] | None = None,
) -> None:
    """A backfill that was just launched over the same dates of all tables."""
    keys = [dg.AssetKey(name) for name in tables]
    subset = daily_partitions().subset_with_partition_keys([day.isoformat() for day in dates])
    nothing = AssetGraphSubset()
    data = AssetBackfillData(
        AssetGraphSubset(partitions_subsets_by_asset_key=dict.fromkeys(keys, subset)),
        False,
        None,
        nothing,
        nothing,
        nothing,
        TimestampWithTimezone(at.timestamp(), "UTC"),
    )
    instance.add_backfill(
        PartitionBackfill(
            backfill_id,
            BulkActionStatus.REQUESTED,
            False,
            tags or {},
            at.timestamp(),
            asset_selection=keys,
            asset_backfill_data=data,
        )
    )


def end(instance: dg.DagsterInstance, backfill_id: str, status: str, at: datetime, error: str | None = None) -> None:
    """A backfill has ended with one of Dagster's statuses."""
    backfill = instance.get_backfill(backfill_id)
    assert backfill is not None
    backfill = backfill.with_status(BulkActionStatus(status)).with_end_timestamp(at.timestamp())
    if error is not None:
        backfill = backfill.with_error(SerializableErrorInfo(f"{error}\n", [], "DagsterError"))
    instance.update_backfill(backfill)
