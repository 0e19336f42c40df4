"""Events as a message sees them, without a database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from analytics_assets.alerts.events import AlertKind, Event, Severity

PLAYERS, OFFENSE = "player_game_summary", "team_offense_game_summary"


@dataclass(frozen=True, kw_only=True)
class ToldEvent(Event):
    """An event with what the ledger adds to it for a message."""

    nature: str = "problem"
    maybe_sent_before: bool = False


def told_event(kind: AlertKind, day: str | None = None, **changes: Any) -> ToldEvent:
    """An event of the player summaries at noon on 20 January 2024; its key is made of table and date."""
    table = changes.pop("table_name", PLAYERS)
    facts: dict[str, Any] = {
        "event_key": f"{kind}:{table}:{day}:{changes.get('run_id')}",
        "kind": kind,
        "severity": Severity.ERROR,
        "happened_at": datetime(2024, 1, 20, 12, tzinfo=UTC),
        "subject": table,
        "error_class": "error",
        "text": "KeyError: 'points'",
        "table_name": table,
        "game_date": None if day is None else date.fromisoformat(day),
    }
    return ToldEvent(**(facts | changes))


def failed_date(day: str, kind: AlertKind = AlertKind.DATES_FAILED, **changes: Any) -> Event:
    """A date of the player summaries that failed, as a sensor reports it."""
    facts: dict[str, Any] = {
        "event_key": f"{kind}:run-1:{PLAYERS}:{day}",
        "kind": kind,
        "severity": Severity.ERROR,
        "happened_at": datetime(2024, 1, 20, 12, tzinfo=UTC),
        "subject": PLAYERS,
        "error_class": "error",
        "text": "KeyError",
        "table_name": PLAYERS,
        "game_date": date.fromisoformat(day),
    }
    return Event(**(facts | changes))
