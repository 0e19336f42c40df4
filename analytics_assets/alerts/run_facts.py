"""What alerts need to know of runs, and reading what is new in Dagster's event log in bounded pages."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster import EventLogRecord, EventRecordsResult

from analytics_assets.alerts.events import Event, Recovery
from analytics_assets.backfill.abandoned_runs import PROCESS_TAG
from analytics_assets.run_mode import DAGSTER_BACKFILL_TAG, RunMode, RunModeError, run_mode_from_tags

BACKFILL_ID_TAG = "nba/backfill_id"
IMPLICIT_ASSET_JOB = "__ASSET_JOB"
_WILL_RETRY_TAG = "dagster/will_retry"
_PAGE, _RUNS_AT_ONCE = 500, 200
# Where several processes write, an id may become visible a moment after higher ones, at most as many as write at once.
_OVERLAP = 10

Fetch = Callable[[int], EventRecordsResult]


@dataclass(frozen=True)
class Read:
    """What a tick has read.

    Attributes:
        events: What happened.
        recoveries: What ended.
        complete: Whether everything there is was read; otherwise the next tick goes on.
        latest: When the latest record that was read happened; None if there was none.
    """

    events: list[Event] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    complete: bool = True
    latest: datetime | None = None


@dataclass(frozen=True)
class RunFacts:
    """What alerts need to know of a run.

    Attributes:
        in_backfill_mode: Whether it raises no alerts.
        backfill_id: Backfill that it belongs to.
        will_retry: Whether Dagster runs it again by itself.
        run: The run; None if it is not known any longer.
    """

    in_backfill_mode: bool = False
    backfill_id: str | None = None
    will_retry: bool = False
    run: dg.DagsterRun | None = None

    @classmethod
    def of(cls, run: dg.DagsterRun) -> "RunFacts":
        """Facts of a run, from its tags."""
        return cls(
            in_backfill_mode=in_backfill_mode(run.tags),
            backfill_id=run.tags.get(DAGSTER_BACKFILL_TAG) or run.tags.get(BACKFILL_ID_TAG),
            will_retry=run.tags.get(_WILL_RETRY_TAG) == "true",
            run=run,
        )


def in_backfill_mode(tags: Mapping[str, str]) -> bool:
    """Whether a run raises no alerts; one whose tag cannot be read counts as live, so that nothing is swallowed."""
    try:
        return run_mode_from_tags(tags) is RunMode.BACKFILL
    except RunModeError:
        return False


def facts_of_runs(instance: dg.DagsterInstance, run_ids: Iterable[str]) -> dict[str, RunFacts]:
    """Facts by run id; runs that are not known any longer are absent."""
    wanted = sorted({run_id for run_id in run_ids if run_id})
    found: dict[str, RunFacts] = {}
    for start in range(0, len(wanted), _RUNS_AT_ONCE):
        chosen = dg.RunsFilter(run_ids=wanted[start : start + _RUNS_AT_ONCE])
        found |= {run.run_id: RunFacts.of(run) for run in instance.get_runs(chosen)}
    return found


def run_subject(run: dg.DagsterRun) -> str:
    """What a run is about: its job, or the assets it was launched for."""
    selected = sorted(key.to_user_string() for key in run.asset_selection or ())
    if run.job_name != IMPLICIT_ASSET_JOB:
        return run.job_name
    return f"assets {', '.join(selected)}" if selected else "all assets"


def of_this_location(run: dg.DagsterRun, location_name: str | None) -> bool:
    """Whether a run belongs to a code location; runs of the command line belong to every one."""
    origin = run.remote_job_origin
    if location_name is None or origin is None or PROCESS_TAG in run.tags:
        return True
    return origin.location_name == location_name


def moment_of(record: EventLogRecord) -> datetime:
    """When a record happened."""
    return datetime.fromtimestamp(record.timestamp, UTC)


def records_of_runs(
    instance: dg.DagsterInstance, run_ids: Iterable[str], event_type: dg.DagsterEventType
) -> list[EventLogRecord]:
    """All records of one kind that runs made, in order."""
    found: list[EventLogRecord] = []
    for run_id in run_ids:
        cursor, more = None, True
        while more:
            page = instance.get_records_for_run(run_id, cursor=cursor, of_type=event_type, limit=1000, ascending=True)
            found += page.records
            cursor, more = page.cursor, page.has_more
    return found


class Streams:
    """Where reading several kinds of records of the event log has got to.

    All kinds share one sequence of ids. A kind that was never read begins where reading began as a whole, so that
    history is not told.
    """

    def __init__(self, state: Mapping[str, Any], seconds: float) -> None:
        """Go on from a saved state for at most so many seconds."""
        self.floor = int(state["floor"])
        self.positions: dict[str, int] = {name: int(position) for name, position in state["positions"].items()}
        self._seen: dict[str, list[int]] = {name: list(ids) for name, ids in state.get("seen", {}).items()}
        self._newest: int | None = state.get("newest")
        self._quiet = bool(state.get("quiet"))
        self._certain = max(self.positions.values(), default=self.floor) - _OVERLAP
        self._give_up_at = time.monotonic() + seconds

    @staticmethod
    def beginning(latest: Iterable[Sequence[EventLogRecord]]) -> dict[str, Any]:
        """The state of a reader that begins now, from the latest record of each kind."""
        return {
            "floor": max((record.storage_id for records in latest for record in records), default=0),
            "positions": {},
        }

    @property
    def state(self) -> dict[str, Any]:
        """What to save."""
        certain = max(self.positions.values(), default=self.floor) - _OVERLAP
        seen = {name: sorted(number for number in ids if number > certain) for name, ids in self._seen.items()}
        return {
            "floor": self.floor,
            "positions": self.positions,
            "seen": {name: ids for name, ids in seen.items() if ids},
            "newest": self._newest,
            "quiet": self._quiet,
        }

    def nothing_new(self, instance: dg.DagsterInstance) -> bool:
        """Whether the whole event log stands still, so that nothing needs to be read.

        The first time that it stands still everything is read once more, for records that became visible late.
        """
        try:
            newest = instance.event_log_storage.get_maximum_record_id()
        except NotImplementedError:
            return False
        still = newest == self._newest
        skip = still and self._quiet
        self._newest, self._quiet = newest, still
        return skip

    def read(self, name: str, fetch: Fetch) -> tuple[list[EventLogRecord], bool]:
        """The records of a kind that were not read yet, oldest first, and whether these are all.

        Args:
            name: Name of the kind.
            fetch: Gives the page of at most 500 records after an id.
        """
        position = max(self.positions.get(name, self.floor), self.floor)
        after = max(min(position, self._certain), self.floor)
        seen = set(self._seen.get(name, ()))
        found: list[EventLogRecord] = []
        complete = False
        while not complete:
            page = fetch(after).records
            found += [record for record in page if record.storage_id not in seen]
            after = page[-1].storage_id if page else after
            complete = len(page) < _PAGE
            if time.monotonic() > self._give_up_at:
                break
        self.positions[name] = max(position, after)
        self._seen[name] = [*seen, *(record.storage_id for record in found)]
        if not complete:
            self._newest = None
        return found, complete

    def back_to(self, name: str, storage_id: int) -> None:
        """Read the records after an id once more next time."""
        self._newest = None
        if storage_id < self.positions.get(name, storage_id):
            self.positions[name] = storage_id
            self._seen[name] = [number for number in self._seen.get(name, ()) if number <= storage_id]


def asset_fetch(fetch: Callable[..., EventRecordsResult], name: str) -> Fetch:
    """Pages of an asset's records."""
    key = dg.AssetKey(name)
    return lambda after: fetch(dg.AssetRecordsFilter(key, after_storage_id=after), limit=_PAGE, ascending=True)


def status_fetch(instance: dg.DagsterInstance, event_type: Any) -> Fetch:
    """Pages of the ends of runs of one kind."""
    return lambda after: instance.fetch_run_status_changes(
        dg.RunStatusChangeRecordsFilter(event_type, after_storage_id=after), limit=_PAGE, ascending=True
    )
