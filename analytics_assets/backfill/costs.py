"""What building dates would scan in BigQuery, told by dry runs of the very questions that a build asks."""

from datetime import datetime

import pandas as pd

from analytics_assets.assets.produce import Request, produce_dates
from analytics_assets.assets.producers import CONTEXTS, SUMMARIES
from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.run_mode import RunMode
from analytics_assets.warehouse import Warehouse, WarehouseError


def scans_of(warehouse: Warehouse, run: PlannedRun | None, now: datetime) -> pd.DataFrame:
    """Bytes that the questions of a run would scan; free of charge, and nothing is written.

    Tables share what they read of nearly the same dates, as they do in a run; it counts for the first of them. What a
    commit scans of the replaced rows, and what quarantine and partial dates ask in addition, is not included.

    Args:
        warehouse: Where the dates would be built.
        run: The run; None scans nothing.
        now: The present moment, with time zone.

    Returns:
        ``table_name``, ``bytes_scanned`` and ``questions`` (queries and reads), one row per table of the run.

    Raises:
        WarehouseError: The warehouse is not BigQuery, so that a scan costs nothing.
    """
    from analytics_assets.warehouse.bigquery_dry_run import DryRunWarehouse
    from analytics_assets.warehouse.bigquery_warehouse import BigQueryWarehouse

    if not isinstance(warehouse, BigQueryWarehouse):
        raise WarehouseError(f"{warehouse.label} has no cost; --cost is for a BigQuery warehouse")
    found = []
    for stage in (SUMMARIES, CONTEXTS):
        wanted = {} if run is None else run.dates_by_table
        producers = [producer for producer in stage if wanted.get(producer.table.name)]
        if producers:
            dry = DryRunWarehouse(warehouse, [NBAC_SCHEDULE])
            request = Request(dates=(), mode=RunMode.BACKFILL, now=now, run_id="dry-run", dates_by_table=wanted)
            before = (0, 0)
            for results in produce_dates(dry, producers, request):
                scanned, questions = dry.bytes_scanned - before[0], dry.questions - before[1]
                before = (dry.bytes_scanned, dry.questions)
                found.append((results[0].table_name, scanned, questions))
    scans = pd.DataFrame(found, columns=["table_name", "bytes_scanned", "questions"])
    return scans.groupby("table_name", sort=False, as_index=False).sum()
