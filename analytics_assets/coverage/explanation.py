"""Everything known about one date: what the schedule says, the state of every table, and all attempts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from analytics_assets.coverage.calendar import classify_dates
from analytics_assets.coverage.grid import coverage_grid
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import interpret_schedule
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse import Warehouse

_OF_A_DATE = ("state", "done", "due", "reason", "expected_games", "actual_games", "expected_rows", "actual_rows")
_OF_AN_ATTEMPT = ("outcome", "reason", "run_mode", "run_id", "actual_games", "actual_rows", "quarantined_rows")


def explain_date(warehouse: Warehouse, table_names: Sequence[str], day: date, now: datetime) -> dict[str, Any]:
    """Why a date is as it is.

    Returns:
        ``date``; ``schedule`` (``kind``, ``reason``, ``expected_games``); ``tables``, a list of ``table``, the grid's
        columns of the date, ``sources`` of the attempt that decides, and ``attempts``, earliest first.
    """
    schedule = interpret_schedule(warehouse.read(NBAC_SCHEDULE))
    kind = classify_dates(schedule, [day]).iloc[0]
    recorded = warehouse.read(DATE_OUTCOMES, start=day, end=day).sort_values("recorded_at", kind="stable")
    tables = []
    for row in coverage_grid(warehouse, table_names, [day], now).to_dict("records"):
        attempts = [_attempt(one) for one in recorded[recorded["table_name"] == row["table_name"]].to_dict("records")]
        deciding = [one for one in attempts if one["run_id"] == row["run_id"] and one["outcome"] == row["state"]]
        tables.append(
            {"table": row["table_name"]}
            | {name: _plain(row[name]) for name in (*_OF_A_DATE, "run_id", "waiver", "waiver_note", "bootstrap")}
            | {"sources": deciding[-1]["sources"] if deciding else [], "attempts": attempts}
        )
    said = {"kind": str(kind["kind"]), "reason": str(kind["reason"]), "expected_games": int(kind["expected_games"])}
    return {"date": day.isoformat(), "schedule": said, "tables": tables}


def _attempt(row: dict[Any, Any]) -> dict[str, Any]:
    found = {"recorded_at": pd.Timestamp(row["recorded_at"]).isoformat()}
    found |= {name: _plain(row[name]) for name in (*_OF_AN_ATTEMPT, "seconds", "code_version")}
    return found | {name: [str(text) for text in row[name]] for name in ("sources", "warnings")}


def _plain(value: Any) -> Any:
    """A value that JSON knows."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
