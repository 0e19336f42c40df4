"""Dagster's records of runs and dates written by hand, at stated moments and without running anything."""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import dagster as dg
from dagster import DagsterEvent, DagsterEventType, DagsterRunStatus, EventLogEntry
from dagster._core.errors import DagsterUserCodeExecutionError
from dagster._core.events import AssetObservationData, JobFailureData, RunFailureReason, StepMaterializationData
from dagster._core.execution.plan.objects import StepFailureData, UserFailureData
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import WILL_RETRY_TAG
from dagster._utils.error import SerializableErrorInfo


@dataclass
class Records:
    """Writes records to an instance.

    Attributes:
        instance: Where they go.
        job: Name of the job of all runs.
    """

    instance: dg.DagsterInstance
    job: str = "__ASSET_JOB"

    def run(
        self,
        tags: dict[str, str] | None = None,
        *,
        assets: Sequence[str] = ("player_game_summary",),
        status: DagsterRunStatus = DagsterRunStatus.STARTED,
        parent: str | None = None,
        location: str | None = None,
    ) -> str:
        """A run, of a deployment's code location or in a process of its own; its id."""
        origin = None
        if location is not None:
            server = GrpcServerCodeLocationOrigin(host="localhost", port=1, location_name=location)
            origin = RemoteJobOrigin(RemoteRepositoryOrigin(server, "__repository__"), self.job)
        run = dg.DagsterRun(
            job_name=self.job,
            run_id=str(uuid.uuid4()),
            asset_selection=frozenset(dg.AssetKey(name) for name in assets) if assets else None,
            tags=tags or {},
            status=status,
            parent_run_id=parent,
            root_run_id=parent,
            remote_job_origin=origin,
        )
        return self.instance.add_run(run).run_id

    def not_done(self, run_id: str, table: str, day: date, outcome: str, at: datetime, **metadata: Any) -> None:
        """The observation of a date that was not done."""
        told = {"outcome": outcome, **metadata}
        observed = dg.AssetObservation(table, partition=day.isoformat(), metadata=told)
        self._store(run_id, at, DagsterEventType.ASSET_OBSERVATION, AssetObservationData(observed))

    def done(self, run_id: str, table: str, day: date, at: datetime, **metadata: Any) -> None:
        """The materialization of a date that was done."""
        told = {"outcome": "built", "rows": 100, "run_mode": "live", **metadata}
        made = dg.AssetMaterialization(table, partition=day.isoformat(), metadata=told)
        self._store(run_id, at, DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(made, []))

    def covered(self, at: datetime, **metadata: Any) -> None:
        """A materialization of the ``coverage`` asset."""
        made = dg.AssetMaterialization("coverage", metadata=metadata)
        self._store(self.run(), at, DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(made, []))

    def succeeded(self, run_id: str, at: datetime) -> None:
        """The success of a run."""
        self._store(run_id, at, DagsterEventType.RUN_SUCCESS, None)

    def cancelled(self, run_id: str, at: datetime) -> None:
        """The cancellation of a run."""
        self._store(run_id, at, DagsterEventType.RUN_CANCELED, None)

    def failed(
        self,
        run_id: str,
        at: datetime,
        error: Exception | None = None,
        *,
        failed_dates: Sequence[str] | None = None,
        will_retry: bool | None = None,
    ) -> None:
        """The failure of a run: by an error in a step, by our own failure naming dates, or before its first step."""
        data = JobFailureData(None, None)
        if error is not None or failed_dates:
            cause = SerializableErrorInfo(f"{type(error).__name__}: {error}\n", [], type(error).__name__)
            wrapper = DagsterUserCodeExecutionError.__name__
            info = SerializableErrorInfo("Error occurred while executing op\n", [], wrapper, cause=cause)
            user = UserFailureData("failed", metadata={"failed_dates": list(failed_dates)}) if failed_dates else None
            step = DagsterEvent(
                event_type_value=DagsterEventType.STEP_FAILURE.value,
                job_name=self.job,
                step_key="analytics_tables",
                event_specific_data=StepFailureData(info, user),
            )
            self._log(run_id, at, step)
            data = JobFailureData(None, RunFailureReason.STEP_FAILURE, step)
        if will_retry is not None:
            self.instance.add_run_tags(run_id, {WILL_RETRY_TAG: str(will_retry).lower()})
        self._store(run_id, at, DagsterEventType.RUN_FAILURE, data)

    def _store(self, run_id: str, at: datetime, kind: DagsterEventType, data: Any) -> None:
        message = "it could not be launched" if kind is DagsterEventType.RUN_FAILURE else None
        event = DagsterEvent(event_type_value=kind.value, job_name=self.job, event_specific_data=data, message=message)
        self._log(run_id, at, event)

    def _log(self, run_id: str, at: datetime, event: DagsterEvent) -> None:
        entry = EventLogEntry(
            error_info=None,
            level=logging.INFO,
            user_message="",
            run_id=run_id,
            timestamp=at.timestamp(),
            step_key=event.step_key,
            job_name=self.job,
            dagster_event=event,
        )
        self.instance.handle_new_event(entry)
