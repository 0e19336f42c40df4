"""Whether an answer of the Odds API is whole and of the shape that we read; what is not, is not stored."""

from collections.abc import Callable
from typing import Any

from analytics_assets.raw.fetch.polite_http import UnexpectedAnswerError

_EVENT_FIELDS = ("id", "commence_time", "home_team", "away_team")


def check_events(answer: Any) -> None:
    """Accept a list of events, current or historical.

    Raises:
        UnexpectedAnswerError: It is none.
    """
    for event in listed(answer):
        _check_event(event)


def check_game_odds(answer: Any) -> None:
    """Accept the odds of all games of a moment.

    Raises:
        UnexpectedAnswerError: It is no such answer.
    """
    for event in listed(answer):
        _check_odds(event)


def check_event_odds(event_id: str) -> Callable[[Any], None]:
    """A check that accepts the odds of one game.

    Args:
        event_id: The game that was asked for.
    """

    def check(answer: Any) -> None:
        event = _content(answer)
        _check_odds(event)
        if event["id"] != event_id:
            raise UnexpectedAnswerError(f"the answer is of the event {event['id']!r}, not of {event_id}")

    return check


def listed(answer: Any) -> list[Any]:
    """The events of an answer.

    Raises:
        UnexpectedAnswerError: It holds no list of them.
    """
    events = _content(answer)
    if not isinstance(events, list):
        raise UnexpectedAnswerError(f"a list of events is needed, found {_shape(events)}; the service may have changed")
    return events


def _content(answer: Any) -> Any:
    """What a historical answer holds beside its moment; a current answer is the content itself."""
    if not isinstance(answer, dict) or "data" not in answer:
        return answer
    if not isinstance(answer.get("timestamp"), str):
        raise UnexpectedAnswerError("a historical answer without its 'timestamp'; the service may have changed")
    return answer["data"]


def _check_event(event: Any) -> None:
    missing = [name for name in _EVENT_FIELDS if not isinstance(event, dict) or not isinstance(event.get(name), str)]
    if missing:
        raise UnexpectedAnswerError(
            f"an event lacks {', '.join(missing)}, found {_shape(event)}; the service may have changed"
        )


def _check_odds(event: Any) -> None:
    _check_event(event)
    books = event.get("bookmakers")
    if not isinstance(books, list):
        raise UnexpectedAnswerError(f"the event {event['id']} has no list 'bookmakers'; the service may have changed")
    for book in books:
        markets = book.get("markets") if isinstance(book, dict) else None
        if not isinstance(markets, list) or not all(
            isinstance(market, dict) and isinstance(market.get("outcomes"), list) for market in markets
        ):
            raise UnexpectedAnswerError(
                f"a bookmaker of event {event['id']} has no 'markets' with 'outcomes'; the service may have changed"
            )


def _shape(found: Any) -> str:
    if isinstance(found, dict):
        return f"an object with {', '.join(map(str, list(found)[:8])) or 'nothing'}"
    return f"a {type(found).__name__}"
