"""Many runs and dates in a Dagster instance, written in bulk: history that an alert sensor must not read again."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, EventLogEntry
from dagster._core.events import AssetObservationData, StepMaterializationData
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.runs.schema import RunsTable, RunTagsTable
from dagster._serdes import serialize_value

_RUN, _DAY, _MOMENT, _REASON = "RUN-PLACEHOLDER", "DAY-PLACEHOLDER", 1234567890.5, "REASON-PLACEHOLDER"


def write_history(instance: dg.DagsterInstance, runs: int, until: datetime, table: str = "player_game_summary") -> None:
    """Runs of one date each that ended before a moment: every tenth failed, every third was a backfill's."""
    ids = [str(uuid.uuid4()) for _ in range(runs)]
    moments = [until - timedelta(minutes=runs - number) for number in range(runs)]
    rows, tags, dates, ends = [], [], [], []
    for number, (run_id, moment) in enumerate(zip(ids, moments, strict=True)):
        failed, of_backfill = number % 10 == 0, number % 3 == 0
        status = dg.DagsterRunStatus.FAILURE if failed else dg.DagsterRunStatus.SUCCESS
        stated = {"backfill_mode": "true", "dagster/backfill": f"backfill-{number // 300}"} if of_backfill else {}
        rows.append(_run_row(run_id, status, stated, moment, table))
        tags += [{"run_id": run_id, "key": key, "value": value} for key, value in stated.items()]
        outcome = "error" if failed else "built"
        dates.append((run_id, table, date(2000, 1, 1) + timedelta(days=number), outcome, moment, ""))
        ends.append((run_id, DagsterEventType.RUN_FAILURE if failed else DagsterEventType.RUN_SUCCESS, moment))
    with instance.run_storage.connect() as connection:
        connection.execute(RunsTable.insert(), rows)
        connection.execute(RunTagsTable.insert(), tags)
    write_dates(instance, dates)
    kinds = {kind: _serialized(kind, None) for _, kind, _ in ends}
    _insert(instance, [_row(kinds[kind], kind, run_id, moment) for run_id, kind, moment in ends])


def write_dates(instance: dg.DagsterInstance, dates: Iterable[tuple[str, str, date, str, datetime, str]]) -> None:
    """What became of dates: run id, table, date, outcome, moment, reason; ``built`` becomes a materialization."""
    made = DagsterEventType.ASSET_MATERIALIZATION
    templates: dict[tuple[str, str], tuple[DagsterEventType, str]] = {}
    rows = []
    for run_id, table, day, outcome, moment, reason in dates:
        if (table, outcome) not in templates:
            told = {"outcome": outcome, "rows": 100, "reason": _REASON}
            if outcome == "built":
                event = StepMaterializationData(dg.AssetMaterialization(table, partition=_DAY, metadata=told), [])
                templates[table, outcome] = made, _serialized(made, event)
            else:
                event = AssetObservationData(dg.AssetObservation(table, partition=_DAY, metadata=told))
                kind = DagsterEventType.ASSET_OBSERVATION
                templates[table, outcome] = kind, _serialized(kind, event)
        kind, template = templates[table, outcome]
        text = template.replace(_DAY, day.isoformat()).replace(_REASON, reason)
        rows.append(_row(text, kind, run_id, moment, table, day))
    _insert(instance, rows)


def _run_row(
    run_id: str, status: dg.DagsterRunStatus, tags: dict[str, str], moment: datetime, table: str
) -> dict[str, object]:
    assets = frozenset({dg.AssetKey(table)})
    run = dg.DagsterRun("__ASSET_JOB", run_id=run_id, status=status, tags=tags, asset_selection=assets)
    naive = moment.replace(tzinfo=None)
    return {
        "run_id": run_id,
        "pipeline_name": run.job_name,
        "status": status.value,
        "run_body": serialize_value(run),
        "create_timestamp": naive,
        "update_timestamp": naive,
        "backfill_id": tags.get("dagster/backfill"),
    }


def _serialized(kind: DagsterEventType, data: object) -> str:
    event = DagsterEvent(event_type_value=kind.value, job_name="__ASSET_JOB", event_specific_data=data)
    entry = EventLogEntry(
        error_info=None,
        level=20,
        user_message="",
        run_id=_RUN,
        timestamp=_MOMENT,
        job_name="__ASSET_JOB",
        dagster_event=event,
    )
    return serialize_value(entry)


def _row(
    template: str,
    kind: DagsterEventType,
    run_id: str,
    moment: datetime,
    table: str | None = None,
    day: date | None = None,
) -> dict[str, object]:
    return {
        "run_id": run_id,
        "event": template.replace(_RUN, run_id).replace(str(_MOMENT), str(moment.timestamp())),
        "dagster_event_type": kind.value,
        "timestamp": moment.replace(tzinfo=None),
        "asset_key": None if table is None else dg.AssetKey(table).to_string(),
        "partition": None if day is None else day.isoformat(),
    }


def _insert(instance: dg.DagsterInstance, rows: list[dict[str, object]]) -> None:
    with instance.event_log_storage.index_connection() as connection:
        connection.execute(SqlEventLogStorageTable.insert(), rows)
