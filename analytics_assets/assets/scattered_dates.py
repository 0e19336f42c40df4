"""Runs over dates that are no contiguous range: which dates they have, and what Dagit is told of them.

Dagster names a run's partitions by one key or one range. A run over scattered dates therefore carries no partition
tags but a list of dates in its run configuration, so that it touches exactly these, also when it is launched again from
its page. Reaches into less public parts of Dagster, the events that announce a partition and tell a check's result;
``test_dagster_behaviour.py`` pins what is relied on.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent


def dates_of_tables(
    context: dg.AssetExecutionContext, stated: Mapping[str, Sequence[str]], selected: Sequence[str]
) -> dict[str, tuple[date, ...]]:
    """Dates of each selected table: those stated in the run configuration, else the run's partitions.

    Raises:
        dagster.Failure: A date is no partition, a table is unknown, or stated dates come with a partition.
    """
    if not stated:
        dates = tuple(date.fromisoformat(key) for key in context.partition_keys)
        return dict.fromkeys(selected, dates)
    if _has_partitions(context):
        raise dg.Failure("the run has both partitions and a list of dates; give only one", allow_retries=False)
    strangers = sorted(set(stated) - {key.to_user_string() for key in context.assets_def.keys})
    if strangers:
        raise dg.Failure(f"unknown table {strangers[0]!r} in the run's dates", allow_retries=False)
    partitions = context.assets_def.partitions_def
    known = set(partitions.get_partition_keys()) if partitions is not None else set()
    unknown = sorted({day for name in selected for day in stated.get(name, ())} - known)
    if unknown:
        raise dg.Failure(f"{unknown[0]} is no partition", allow_retries=False)
    return {name: tuple(date.fromisoformat(day) for day in sorted(set(stated.get(name, ())))) for name in selected}


def announce(context: dg.AssetExecutionContext, dates_by_table: Mapping[str, Sequence[date]]) -> None:
    """Announce exactly these dates of a run without partitions, as Dagster itself does for a run over a range.

    Dagit then shows them as in progress while the run lasts, and those that the run did not do as failed if it fails.
    """
    if _has_partitions(context):
        return
    step = context.op_execution_context.get_step_execution_context().step.key
    for name, dates in dates_by_table.items():
        for day in dates:
            planned = AssetMaterializationPlannedData(dg.AssetKey(name), partition=day.isoformat())
            event = DagsterEvent.build_asset_materialization_planned_event(context.job_name, step, planned)
            context.instance.report_dagster_event(event, context.run.run_id, logging.DEBUG)


def told_check(context: dg.AssetExecutionContext, result: dg.AssetCheckResult) -> Iterator[dg.AssetCheckResult]:
    """A check's result for Dagster to record; in a run without partitions it is recorded here.

    Yielded there, it makes Dagster look for the run's partition, which it does not have.
    """
    if _has_partitions(context):
        yield result
        return
    assert result.asset_key is not None
    assert result.check_name is not None
    # Takes a check's evaluation too, which its annotation leaves out.
    log_event: Any = context.log_event
    log_event(
        AssetCheckEvaluation(
            asset_key=result.asset_key,
            check_name=result.check_name,
            passed=result.passed,
            metadata=result.metadata,
            severity=result.severity,
        )
    )


def _has_partitions(context: dg.AssetExecutionContext) -> bool:
    return context.has_partition_key or context.has_partition_key_range
