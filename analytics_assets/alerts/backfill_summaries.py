"""What the summary of a backfill is made of: outcomes of its dates, and the events of its runs that were not sent."""

from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg
from dagster import DagsterEventType

from analytics_assets.alerts.backfill_ends import Ended, summary
from analytics_assets.alerts.conditions import DATE_KINDS, attempts_of_records, events_of_records
from analytics_assets.alerts.events import Event
from analytics_assets.alerts.failed_runs import failures_of_runs
from analytics_assets.alerts.run_facts import records_of_runs
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse import Warehouse
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

# A tick must end within a minute, and somebody's session may hold the file for longer.
_WAIT_SECONDS = 5.0


def told_end(
    instance: dg.DagsterInstance, ended: Ended, open_warehouse: Callable[[], Warehouse]
) -> tuple[list[Event], Event]:
    """The events of a backfill's runs that are recorded and not sent, and the summary.

    The outcomes are those that the runs committed to the warehouse, which of a killed run are more than it could
    report; where the warehouse cannot be read, those in Dagster's event log, and the summary says so.

    Args:
        instance: Whose event log is read.
        ended: The backfill.
        open_warehouse: Opens the warehouse that its runs wrote to.
    """
    not_done = records_of_runs(instance, ended.run_ids, DagsterEventType.ASSET_OBSERVATION)
    done = records_of_runs(instance, ended.run_ids, DagsterEventType.ASSET_MATERIALIZATION)
    failures = failures_of_runs(instance, ended.run_ids)
    of_dates = [event for kind in DATE_KINDS for event in events_of_records(instance, kind, done, not_done).events]
    suppressed = [event for event in (*of_dates, *failures) if event.in_backfill_mode]
    records = sorted((*not_done, *done), key=lambda record: record.timestamp)
    attempts = attempts_of_records(records)
    problems = [event.text.splitlines()[0] for event in failures if event.text.strip()]
    try:
        attempts += _committed_attempts(open_warehouse(), ended) if ended.run_ids else []
    except Exception as error:
        # Of any kind: the summary must come even if the warehouse is broken.
        problems.append(f"the warehouse cannot be read, so this is what Dagster recorded ({error})")
    return suppressed, summary(ended, attempts, len(suppressed), "; ".join(dict.fromkeys(problems)))


def _committed_attempts(warehouse: Warehouse, ended: Ended) -> Sequence[dict[str, Any]]:
    if isinstance(warehouse, DuckDBWarehouse):
        warehouse.wait_seconds = min(warehouse.wait_seconds, _WAIT_SECONDS)
    columns = ["table_name", "game_date", "outcome", "reason", "run_id", "recorded_at"]
    rows = warehouse.read(DATE_OUTCOMES, columns, ended.first_date, ended.last_date)
    rows = rows[rows["run_id"].isin(list(ended.run_ids))].sort_values("recorded_at", kind="stable")
    return [
        {"table": table, "date": day.date(), "outcome": outcome, "reason": reason}
        for table, day, outcome, reason in zip(
            rows["table_name"].astype(str),
            rows["game_date"],
            rows["outcome"].astype(str),
            rows["reason"].fillna("").astype(str),
            strict=True,
        )
    ]
