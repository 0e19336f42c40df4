"""Working off a list of requests: what is stored is not asked again, what fails is told, Ctrl-C stops cleanly.

How to use it: make a list of :class:`PlannedRequest`, a ``send`` that asks one of them (through a ``PoliteClient``) and
gives the answer's value, and call :func:`run_plan`. It stores every answer that the request's own check accepts. Run
the same plan again to go on where it stopped.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from analytics_assets.raw.fetch.answer_store import AnswerStore, Stored
from analytics_assets.raw.fetch.polite_http import FetchError

# A service that fails so often in a row is down or has changed; asking it for the rest is no use.
FAILURES_IN_A_ROW = 3


@dataclass(frozen=True)
class PlannedRequest:
    """One thing to ask.

    Attributes:
        key: Where its answer is kept.
        endpoint: What ``send`` needs to know besides the parameters: a name or an address.
        parameters: The question; stored with the answer, so nothing secret.
        check: Accepts an answer, or raises ``UnexpectedAnswerError`` saying what is wrong with it.
        ask_if_older_than: Asks again for a stored answer that was last checked before this moment; by default a
            stored answer stands.
    """

    key: str
    endpoint: str
    parameters: Mapping[str, Any]
    check: Callable[[Any], None]
    ask_if_older_than: datetime | None = None


class Fetched(StrEnum):
    """How one request ended."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ON_DISK = "on disk"
    FAILED = "failed"


@dataclass
class FetchResult:
    """What became of a plan.

    Attributes:
        outcomes: How each request that was worked off ended, by key.
        failures: One line for each that failed, by key.
        left: Keys that were not reached.
        stopped: The line that says why the rest was not asked; None if everything was.
        interrupted: Whether the user stopped it.
    """

    outcomes: dict[str, Fetched] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    stopped: str | None = None
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether every request has an answer."""
        return not (self.failures or self.left or self.stopped or self.interrupted)

    def count(self, *outcomes: Fetched) -> int:
        """How many requests ended so."""
        return sum(outcome in outcomes for outcome in self.outcomes.values())

    def __add__(self, other: "FetchResult") -> "FetchResult":
        """Both results as one."""
        return FetchResult(
            self.outcomes | other.outcomes,
            self.failures | other.failures,
            self.left + other.left,
            self.stopped or other.stopped,
            self.interrupted or other.interrupted,
        )


class Watcher(Protocol):
    """Is told of every request that ended, for a progress bar."""

    def advance(self, request: PlannedRequest, outcome: Fetched) -> None:
        """One more request ended."""
        ...


def missing_requests(plan: Sequence[PlannedRequest], store: AnswerStore) -> list[PlannedRequest]:
    """The requests of a plan that would be sent."""
    return [request for request in plan if not _is_stored(request, store)]


def run_plan(
    plan: Sequence[PlannedRequest],
    send: Callable[[PlannedRequest], Any],
    store: AnswerStore,
    *,
    now: Callable[[], datetime],
    watcher: Watcher | None = None,
    failures_in_a_row: int = FAILURES_IN_A_ROW,
) -> FetchResult:
    """Ask for what is not stored and store what passes its check.

    Args:
        plan: What to ask, in this order.
        send: Asks one request and gives the answer's value; raises ``FetchError``.
        store: Where the answers go.
        now: The present moment, with a time zone.
        watcher: Is told of every request.
        failures_in_a_row: The run stops after so many failures without a success between them.

    Returns:
        How every request ended. An answer that failed its check is not stored, and an earlier one stays.
    """
    result, in_a_row = FetchResult(), 0
    for place, request in enumerate(plan):
        if result.stopped is None and in_a_row >= failures_in_a_row:
            result.stopped = (
                f"{store.source}: stopped after {in_a_row} failures in a row, the last of them: "
                + (list(result.failures.values())[-1])
            )
        if result.stopped is not None:
            result.left = [later.key for later in plan[place:]]
            break
        try:
            outcome = _fetch(request, send, store, now)
            in_a_row = in_a_row if outcome is Fetched.ON_DISK else 0
        except FetchError as error:
            outcome, in_a_row = Fetched.FAILED, in_a_row + 1
            result.failures[request.key] = str(error)
            result.stopped = str(error) if error.stops_run else None
        except KeyboardInterrupt:
            result.interrupted = True
            result.left = [later.key for later in plan[place:]]
            break
        result.outcomes[request.key] = outcome
        if watcher is not None:
            watcher.advance(request, outcome)
    return result


def _fetch(
    request: PlannedRequest,
    send: Callable[[PlannedRequest], Any],
    store: AnswerStore,
    now: Callable[[], datetime],
) -> Fetched:
    if _is_stored(request, store):
        return Fetched.ON_DISK
    answer = send(request)
    try:
        request.check(answer)
    except FetchError as error:
        told = f"{store.source}: {request.key}: {error}; not stored"
        raise type(error)(told, stops_run=error.stops_run) from None
    asked = {"endpoint": request.endpoint, "parameters": dict(request.parameters)}
    stored = store.write(request.key, answer, asked, now())
    return {Stored.NEW: Fetched.NEW, Stored.CHANGED: Fetched.CHANGED, Stored.UNCHANGED: Fetched.UNCHANGED}[stored]


def _is_stored(request: PlannedRequest, store: AnswerStore) -> bool:
    if request.ask_if_older_than is None:
        # Files are written whole or not at all, and reading tens of thousands of them takes a while.
        return store.has(request.key)
    earlier = store.read(request.key)
    return earlier is not None and earlier.checked_at >= request.ask_if_older_than
