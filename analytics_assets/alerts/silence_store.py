"""Silences in the ops database: adding, listing, ending them; a row that cannot be read holds nothing back."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from analytics_assets.alerts.ops_database import SILENCES, OpsDatabase
from analytics_assets.alerts.silences import Silence, SilenceError, check_silence, silence_of_row

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unreadable:
    """A stored silence that cannot be read.

    Attributes:
        silence_id: Its name.
        problem: Why.
    """

    silence_id: str
    problem: str


def add_silence(database: OpsDatabase, silence: Silence, *, now: datetime, allow_long: bool = False) -> Silence:
    """Store a silence under a new name.

    Raises:
        SilenceError: It makes no sense.
    """
    check_silence(silence, now=now, allow_long=allow_long)
    named = replace(silence, silence_id=f"s-{secrets.token_hex(4)}")
    values = {
        "id": named.silence_id,
        "kind": _text(named.kind),
        "table_name": named.table_name,
        "first_date": _text(named.first_date),
        "last_date": _text(named.last_date),
        "severity": _text(named.severity),
        "starts_at": named.starts_at.isoformat(),
        "ends_at": named.ends_at.isoformat(),
        "author": named.author.strip(),
        "reason": named.reason.strip(),
        "created_at": now.isoformat(),
        "matches": 0,
    }
    with database.begin() as connection:
        connection.execute(insert(SILENCES).values(values))
    return named


def expire_silence(database: OpsDatabase, silence_id: str, *, now: datetime) -> None:
    """End a silence now; one that cannot be read, and so holds nothing back, is removed.

    Raises:
        SilenceError: There is none of this name.
    """
    with database.begin() as connection:
        known = [row.id for row in connection.execute(select(SILENCES.c.id).order_by(SILENCES.c.id))]
        if silence_id not in known:
            latest = ", ".join(known[:10]) or "none"
            raise SilenceError(f"no silence {silence_id!r}; known are {latest}")
        readable, _ = silences_in(connection)
        mine = [silence for silence in readable if silence.silence_id == silence_id]
        if not mine:
            connection.execute(delete(SILENCES).where(SILENCES.c.id == silence_id))
            return
        if mine[0].ends_at <= now:
            return
        connection.execute(update(SILENCES).where(SILENCES.c.id == silence_id).values(ends_at=now.isoformat()))


def all_silences(database: OpsDatabase) -> tuple[list[Silence], list[Unreadable]]:
    """All silences, the latest first, and those that cannot be read."""
    with database.read() as connection:
        return silences_in(connection)


def silences_in(connection: Connection) -> tuple[list[Silence], list[Unreadable]]:
    """All silences as a transaction sees them; see :func:`all_silences`."""
    readable: list[Silence] = []
    unreadable: list[Unreadable] = []
    for row in connection.execute(select(SILENCES).order_by(SILENCES.c.created_at.desc())).mappings():
        try:
            readable.append(silence_of_row(row))
        except (ValueError, TypeError) as error:
            unreadable.append(Unreadable(str(row["id"]), str(error)))
            _LOGGER.warning("silence %s cannot be read and holds nothing back: %s", row["id"], error)
    return readable, unreadable


def note_matches(connection: Connection, silence_ids: Sequence[str], now: datetime) -> None:
    """Count that silences held back events; one entry for each event."""
    for silence_id in sorted(set(silence_ids)):
        more = sum(one == silence_id for one in silence_ids)
        values = {"matches": SILENCES.c.matches + more, "last_matched_at": now.isoformat()}
        connection.execute(update(SILENCES).where(SILENCES.c.id == silence_id).values(values))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
