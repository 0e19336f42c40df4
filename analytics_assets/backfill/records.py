"""Comparing coverage with Dagster's records of materialized dates, and adding the events that are missing there."""

from collections.abc import Mapping, Sequence
from datetime import date

import dagster as dg
import pandas as pd

from analytics_assets.coverage.grid import MATERIALIZED_BUT_NO_ROWS, ROWS_BUT_NOT_MATERIALIZED
from analytics_assets.partitions import daily_partitions


def materialized_dates(instance: dg.DagsterInstance, table_names: Sequence[str]) -> dict[str, set[date]]:
    """Dates that Dagit shows as materialized, by table; a date whose latest run failed is shown as failed instead."""
    partitions = daily_partitions()
    keys = partitions.get_partition_keys()
    found: dict[str, set[date]] = {}
    for name in table_names:
        states = instance.get_status_by_partition(dg.AssetKey(name), keys, partitions) or {}
        shown = [key for key, state in states.items() if state is not None and state.value == "MATERIALIZED"]
        found[name] = {date.fromisoformat(key) for key in shown}
    return found


def report_missing_materializations(instance: dg.DagsterInstance, grid: pd.DataFrame) -> int:
    """Report a materialization for every date that is done and not shown so, outside any run.

    Args:
        instance: Where to report.
        grid: Coverage grid with ``disagreement``.

    Returns:
        Number of events reported.
    """
    repaired = grid[grid["disagreement"] == ROWS_BUT_NOT_MATERIALIZED]
    for row in repaired.to_dict("records"):
        metadata: dict[str, str | int | bool] = {
            "outcome": str(row["state"]),
            "rows": int(row["actual_rows"]),
            "dagster/partition_row_count": int(row["actual_rows"]),
            "games": int(row["actual_games"]),
            "built_by_run": str(row["run_id"]),
            "repaired": True,
        }
        day = f"{row['game_date']:%Y-%m-%d}"
        instance.report_runless_asset_event(
            dg.AssetMaterialization(str(row["table_name"]), partition=day, metadata=metadata)
        )
    return len(repaired)


def rebuild_commands(grid: pd.DataFrame) -> Mapping[str, str]:
    """The command that builds dates again which are shown as materialized and hold nothing, by table.

    Dagster's storage cannot take a materialization back, so building is the only repair.
    """
    hollow = grid[grid["disagreement"] == MATERIALIZED_BUT_NO_ROWS]
    return {
        str(name): f"nba-analytics backfill --only all --tables {name} --dates "
        + ",".join(f"{day:%Y-%m-%d}" for day in rows["game_date"])
        for name, rows in hollow.groupby("table_name", sort=False)
    }
