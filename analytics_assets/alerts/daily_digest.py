"""The daily digest: when it is due, and its one event. Pure."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from analytics_assets.alerts.events import AlertKind, Event, Severity
from analytics_assets.alerts.ledger_digest import Untold

_NEW_YORK = ZoneInfo("America/New_York")
_FROM = time(9)


def digest_is_due(last: str | None, now: datetime) -> date | None:
    """The day whose digest is due, from nine in the morning in New York; None if it was made already.

    Args:
        last: Day of the latest digest, ISO 8601.
        now: The present moment.
    """
    local = now.astimezone(_NEW_YORK)
    if local.time() < _FROM or last == local.date().isoformat():
        return None
    return local.date()


def digest_event(untold: Untold, day: date, now: datetime) -> Event | None:
    """The event that tells a day's digest; None when there is nothing to tell.

    What backfills held back is in their summaries already and makes no digest by itself.

    Args:
        untold: What no digest has told.
        day: The day.
        now: The present moment.
    """
    if not (untold.repeats or untold.silenced or untold.inhibited or untold.idle or untold.unreadable):
        return None
    details = {
        "repeats": [
            {
                "kind": row["kind"],
                "subject": row["subject"],
                "error_class": row["error_class"],
                "repeats": row["repeats_untold"],
                "since": row["opened_at"].isoformat(),
                "last": row["last_seen_at"].isoformat(),
            }
            for row in untold.repeats
        ],
        "silenced": [
            {"silence_id": name, "events": size, **_of_silence(untold, name)} for name, size in untold.silenced.items()
        ],
        "suppressed": [
            {"backfill_id": name, "events": size} for name, size in untold.suppressed.items() if name is not None
        ],
        "inhibited": untold.inhibited,
        "idle_silences": [
            {
                "silence_id": silence.silence_id,
                "author": silence.author,
                "reason": silence.reason,
                "starts_at": silence.starts_at.isoformat(),
            }
            for silence in untold.idle
        ],
        "unreadable_silences": [{"silence_id": one.silence_id, "problem": one.problem} for one in untold.unreadable],
        "open": [
            {
                "kind": row["kind"],
                "subject": row["subject"],
                "error_class": row["error_class"],
                "since": row["opened_at"].isoformat(),
                "events": row["events"],
            }
            for row in untold.lasting
        ],
        "to": now.isoformat(),
    }
    return Event(
        event_key=f"{AlertKind.DAILY_DIGEST}:{day}",
        kind=AlertKind.DAILY_DIGEST,
        severity=Severity.INFO,
        happened_at=now,
        subject="digest",
        error_class="digest",
        text="",
        details=details,
    )


def _of_silence(untold: Untold, silence_id: str) -> dict[str, str]:
    silence = untold.silences.get(silence_id)
    if silence is None:
        return {}
    return {"author": silence.author, "reason": silence.reason, "ends_at": silence.ends_at.isoformat()}
