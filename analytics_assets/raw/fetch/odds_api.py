"""Asking the Odds API: the key stays out of everything, credits are counted, and what is stored is not asked again."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from analytics_assets.raw.fetch.answer_store import AnswerStore
from analytics_assets.raw.fetch.fetch_plan import FetchResult, PlannedRequest, Watcher, missing_requests, run_plan
from analytics_assets.raw.fetch.odds_api_checks import listed
from analytics_assets.raw.fetch.odds_api_requests import (
    OddsPlan,
    WantedProps,
    credits_of,
    credits_of_props,
    event_ids_of,
    prop_requests,
)
from analytics_assets.raw.fetch.polite_http import FetchError, PoliteClient, UnexpectedAnswerError

SOURCE = "odds-api"
KEY_VARIABLE, BASE_URL_VARIABLE = "ODDS_API_KEY", "ODDS_API_URL"
_BASE_URL = "https://api.the-odds-api.com/v4"
_REMAINING, _LAST = "x-requests-remaining", "x-requests-last"
_KEY_REFUSED = "answered status 401"


@dataclass(frozen=True)
class CreditEstimate:
    """What a plan costs at most, without what is stored.

    Attributes:
        events: Requests for lists of events.
        lines: Requests for game lines.
        props: Requests for points props.
        credits: Credits of all of them.
    """

    events: int
    lines: int
    props: int
    credits: int

    @property
    def requests(self) -> int:
        """All requests."""
        return self.events + self.lines + self.props


@dataclass
class OddsFetch:
    """What became of a plan.

    Attributes:
        result: How the requests ended.
        notes: Games that the service does not list, one line each.
    """

    result: FetchResult = field(default_factory=FetchResult)
    notes: list[str] = field(default_factory=list)


def stated_key(environment: Mapping[str, str] | None = None) -> str | None:
    """The key in ``ODDS_API_KEY``; None if there is none."""
    return (os.environ if environment is None else environment).get(KEY_VARIABLE, "").strip() or None


def stated_base_url(environment: Mapping[str, str] | None = None) -> str:
    """Address of the service, from ``ODDS_API_URL`` where that is set."""
    return ((os.environ if environment is None else environment).get(BASE_URL_VARIABLE) or _BASE_URL).rstrip("/")


class OddsApiSender:
    """Sends planned requests and keeps account of the credits.

    Attributes:
        spent: Credits spent so far, as the service tells them, else by its price list.
        remaining: Credits that the key has left; None before the service has told them.
    """

    def __init__(self, client: PoliteClient, key: str, base_url: str, max_credits: int | None) -> None:
        """Send through a client that knows the key as a secret.

        Args:
            client: Paces, repeats and judges.
            key: The key.
            base_url: Address up to and with the version.
            max_credits: The run stops before a request that could pass this.
        """
        self._client, self._key, self._base_url, self._max_credits = client, key, base_url, max_credits
        self.spent, self.remaining = 0, None

    def __call__(self, request: PlannedRequest) -> Any:
        """The answer's value.

        Raises:
            FetchError: Nothing usable came, the key was refused, or the credits are used up.
        """
        cost = credits_of(request)
        self._check_credits(cost)
        parameters = {**request.parameters, "apiKey": self._key}
        try:
            answer = self._client.get_json(f"{self._base_url}/{request.endpoint}", params=parameters)
        except FetchError as error:
            if _KEY_REFUSED in str(error):
                raise self._refusal() from None
            raise
        self._account(cost)
        if self._key in json.dumps(answer, ensure_ascii=False):
            raise UnexpectedAnswerError(f"{SOURCE}: {request.key}: the answer repeats the key; not stored")
        return answer

    def _check_credits(self, cost: int) -> None:
        if self._max_credits is not None and self.spent + cost > self._max_credits:
            raise FetchError(
                f"{SOURCE}: stopped at {self.spent:,} credits, because the next request costs {cost} and --max-credits "
                f"is {self._max_credits:,}; run the same command with more to go on, what is stored is not asked again",
                stops_run=True,
            )
        if self.remaining is not None and cost > self.remaining:
            raise self._out_of_credits()

    def _refusal(self) -> FetchError:
        """The service answers 401 for a wrong key, for one without credits and for one that may not ask this."""
        if _whole(self._client.last_headers.get(_REMAINING)) == 0:
            self.remaining = 0
            return self._out_of_credits()
        return FetchError(
            f"{SOURCE}: the key in {KEY_VARIABLE} was refused (status 401); check that it is right and that its plan "
            "covers historical odds and has credits left",
            stops_run=True,
        )

    def _out_of_credits(self) -> FetchError:
        return FetchError(
            f"{SOURCE}: out of credits, {self.remaining} are left for the key in {KEY_VARIABLE}; run the same command "
            "again when there are more, what is stored is not asked again",
            stops_run=True,
        )

    def _account(self, cost: int) -> None:
        headers = self._client.last_headers
        told = _whole(headers.get(_LAST))
        self.spent += cost if told is None else told
        left = _whole(headers.get(_REMAINING))
        self.remaining = self.remaining if left is None else left


def _whole(stated: str | None) -> int | None:
    try:
        return int(float(stated)) if stated is not None else None
    except (ValueError, OverflowError):
        return None


def estimate(plan: OddsPlan, store: AnswerStore) -> CreditEstimate:
    """What a plan costs at most; what is stored costs nothing."""
    events, lines = missing_requests(_needed_events(plan, store), store), missing_requests(plan.lines, store)
    props = _missing_props(plan, store)
    asked = sum(credits_of(request) for request in [*events, *lines]) + len(props) * credits_of_props(plan.scope)
    return CreditEstimate(len(events), len(lines), len(props), asked)


def fetch_odds(
    plan: OddsPlan,
    send: Callable[[PlannedRequest], Any],
    store: AnswerStore,
    *,
    now: Callable[[], datetime],
    watcher: Watcher | None = None,
) -> OddsFetch:
    """Ask for everything of a plan that is not stored.

    Args:
        plan: What to ask.
        send: Asks one request, see :class:`OddsApiSender`.
        store: Where the answers go.
        now: The present moment, with a time zone.
        watcher: Is told of every request.
    """
    fetched = OddsFetch(run_plan(_needed_events(plan, store), send, store, now=now, watcher=watcher))
    if fetched.result.stopped or fetched.result.interrupted:
        fetched.result.left += [request.key for request in missing_requests(plan.lines, store)]
        fetched.result.left += [wanted.key for wanted in _missing_props(plan, store)]
        return fetched
    ids: dict[tuple[date, str, str], str] = {}
    for request in plan.events:
        kept = store.read(request.key)
        ids |= event_ids_of(listed(kept.answer)) if kept is not None else {}
    missing = _missing_props(plan, store)
    lost = {wanted.key for wanted in missing if wanted.events_key in fetched.result.failures}
    requests, fetched.notes = prop_requests([one for one in missing if one.key not in lost], ids, plan.scope)
    result = run_plan([*plan.lines, *requests], send, store, now=now, watcher=watcher)
    fetched.result = fetched.result + result
    fetched.result.left += sorted(lost)
    return fetched


def _missing_props(plan: OddsPlan, store: AnswerStore) -> list[WantedProps]:
    return [wanted for wanted in plan.props if not store.has(wanted.key)]


def _needed_events(plan: OddsPlan, store: AnswerStore) -> list[PlannedRequest]:
    """Lists of events of the dates of which props are missing."""
    dates = {wanted.events_key for wanted in _missing_props(plan, store)}
    return [request for request in plan.events if request.key in dates]
