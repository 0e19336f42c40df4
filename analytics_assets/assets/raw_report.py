"""Telling Dagster which dates the raw tables hold: runless materializations of what is new or was written differently.

What a date holds is known by its digest, which the event carries as its data version, so that comparing needs nothing
but Dagster's own records. Reaches into less public parts of Dagster: the tag of a data version, the question for the
latest ones, and storing many events at once; ``test_raw_report.py`` pins what is relied on.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import dagster as dg
import pandas as pd
from dagster._core.definitions.data_version import DATA_VERSION_TAG
from dagster._core.events import DagsterEvent, StepMaterializationData
from dagster._core.events.log import EventLogEntry
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID

from analytics_assets.assets.raw_tables import raw_asset_key
from analytics_assets.tables.declaration import Table
from analytics_assets.warehouse import Warehouse

# Data version of a date that is materialized though it holds no rows: an off-day.
NO_ROWS = "0"
# PostgreSQL stores so many events in one statement; files store them one by one.
_AT_ONCE = 100


@dataclass(frozen=True)
class TableDates:
    """What a raw table holds and what Dagster knows of it, within the dates that were compared.

    Attributes:
        table: The raw table. One without dates has the one entry None where others have dates.
        digests: Digest by date that holds rows, in order.
        new: Dates with rows of which Dagster knows nothing.
        changed: Dates whose rows are others than those that Dagster was told of.
        gone: Dates that Dagster shows as materialized and that hold no rows any more.
    """

    table: Table
    digests: Mapping[date | None, str]
    new: tuple[date | None, ...]
    changed: tuple[date | None, ...]
    gone: tuple[date, ...]

    @property
    def untold(self) -> tuple[date | None, ...]:
        """Dates of which Dagster has to be told: new and changed ones."""
        return (*self.new, *self.changed)


def compare_raw_dates(
    instance: dg.DagsterInstance, warehouse: Warehouse, tables: Sequence[Table], start: date, end: date
) -> list[TableDates]:
    """Compare what raw tables hold with what Dagster was told: one question to the warehouse, two per table to Dagster.

    Args:
        instance: Instance whose records are compared.
        warehouse: Warehouse of the raw tables.
        tables: Raw tables, also some that do not exist.
        start: First date compared.
        end: Last date compared, a partition like the first.

    Returns:
        One entry per table, in their order; tables without dates are compared as a whole.
    """
    held = digests_of_tables(warehouse, tables, start, end)
    return [_compare(instance, table, held[table], start, end) for table in tables]


def report_raw_dates(
    instance: dg.DagsterInstance,
    warehouse: Warehouse,
    compared: Sequence[TableDates],
    told: Callable[[TableDates, int], None] = lambda _entry, _events: None,
) -> int:
    """Tell Dagster of new and changed dates, each in one materialization outside any run.

    Each carries the date's rows, games (of tables of games) and digest. What was told stays told if this is
    interrupted; the next comparison finds only the rest.

    Args:
        instance: Where to report.
        warehouse: Warehouse of the raw tables.
        compared: What :func:`compare_raw_dates` gave.
        told: Called after each part of a table's events with their number.

    Returns:
        Number of events.
    """
    for entry in compared:
        counts = counts_of_dates(warehouse, entry.table, entry.untold)
        days = sorted(entry.untold, key=lambda day: day or date.min)
        for start in range(0, len(days), _AT_ONCE):
            part = [
                held_date(entry.table, day, entry.digests[day], counts.get(day, {}), reported_by="raw report")
                for day in days[start : start + _AT_ONCE]
            ]
            # What ``report_runless_asset_event`` does with one; on PostgreSQL a hundred at once take as long.
            instance.event_log_storage.store_event_batch([_log_entry(event) for event in part])
            told(entry, len(part))
    return sum(len(entry.untold) for entry in compared)


def digests_of_tables(
    warehouse: Warehouse, tables: Sequence[Table], start: date, end: date
) -> dict[Table, dict[date | None, str]]:
    """Digests by table and date of all dates that hold rows, both ends included, in one question.

    A table without dates has one digest under None. A table that does not exist, or has no rows, has none.
    """
    found = warehouse.digests_by_date(tables, start, end)
    by_table = dict(list(found.groupby("table_name")))
    return {table: _digests(table, by_table.get(table.name)) for table in tables}


def counts_of_dates(
    warehouse: Warehouse, table: Table, days: Sequence[date | None]
) -> dict[date | None, dict[str, int]]:
    """``rows`` and, of tables of games, ``games`` by date, in one question; dates without rows may be absent."""
    if not days:
        return {}
    if table.date_column is None:
        return {None: {"rows": len(warehouse.read(table, [table.key[0]]))}}
    dated = [day for day in days if day is not None]
    found = warehouse.counts_by_date(table, min(dated), max(dated))
    wanted = ["rows", "games"] if "game_id" in table.by_name else ["rows"]
    return {row["game_date"].date(): {name: int(row[name]) for name in wanted} for row in found.to_dict("records")}


def held_date(
    table: Table, day: date | None, digest: str, counts: Mapping[str, int], **more: str
) -> dg.AssetMaterialization:
    """The materialization that tells Dagster what a raw table holds on a date.

    Args:
        table: The raw table.
        day: The date; None for a table without dates.
        digest: Digest of what it holds, or :data:`NO_ROWS`.
        counts: ``rows`` and, of tables of games, ``games``.
        more: Further metadata.
    """
    rows = {"dagster/partition_row_count" if day else "dagster/row_count": counts["rows"]} if "rows" in counts else {}
    return dg.AssetMaterialization(
        raw_asset_key(table),
        partition=day.isoformat() if day else None,
        metadata={**rows, **counts, "digest": digest, **more},
        tags={DATA_VERSION_TAG: digest},
    )


def _log_entry(event: dg.AssetMaterialization) -> EventLogEntry:
    """A materialization as Dagster stores one that belongs to no run."""
    return EventLogEntry(
        error_info=None,
        level=logging.INFO,
        user_message="",
        run_id=RUNLESS_RUN_ID,
        timestamp=time.time(),
        job_name=RUNLESS_JOB_NAME,
        dagster_event=DagsterEvent(
            event_type_value=dg.DagsterEventType.ASSET_MATERIALIZATION.value,
            event_specific_data=StepMaterializationData(event),
            job_name=RUNLESS_JOB_NAME,
        ),
    )


def _digests(table: Table, found: pd.DataFrame | None) -> dict[date | None, str]:
    if found is None:
        return {}
    if table.date_column is None:
        # One digest for the whole table, whichever seasons it has.
        parts = found.sort_values("season_year")[["season_year", "digest"]].astype("string").fillna("")
        text = ";".join(f"{season}={digest}" for season, digest in parts.itertuples(index=False))
        return {None: hashlib.sha256(text.encode()).hexdigest()[:32]}
    dated = found.dropna(subset="game_date").sort_values("game_date")
    return dict(zip(dated["game_date"].dt.date, dated["digest"].astype(str), strict=True))


def _compare(
    instance: dg.DagsterInstance, table: Table, digests: dict[date | None, str], start: date, end: date
) -> TableDates:
    known = _known_versions(instance, table)
    return TableDates(
        table=table,
        digests=digests,
        new=tuple(day for day in digests if day not in known),
        changed=tuple(day for day, digest in digests.items() if day in known and known[day] != digest),
        gone=tuple(
            sorted(
                day
                for day, version in known.items()
                if day is not None and start <= day <= end and day not in digests and version != NO_ROWS
            )
        ),
    )


def _known_versions(instance: dg.DagsterInstance, table: Table) -> dict[date | None, str | None]:
    """Data version by materialized date; None where a materialization tells none."""
    key = raw_asset_key(table)
    if table.date_column is None:
        latest = instance.get_latest_materialization_event(key)
        if latest is None or latest.asset_materialization is None:
            return {}
        return {None: (latest.asset_materialization.tags or {}).get(DATA_VERSION_TAG)}
    shown = instance.get_materialized_partitions(key)
    versions = instance.event_log_storage.get_latest_tags_by_partition(
        key, dg.DagsterEventType.ASSET_MATERIALIZATION, [DATA_VERSION_TAG]
    )
    return {date.fromisoformat(day): versions.get(day, {}).get(DATA_VERSION_TAG) for day in shown}
