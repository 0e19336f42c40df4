"""What the daily digest tells from the ledger: repeats, what was held back, silences that need a look."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from analytics_assets.alerts.events import Disposition
from analytics_assets.alerts.ops_database import EVENTS, INCIDENTS, OpsDatabase
from analytics_assets.alerts.silence_store import Unreadable, silences_in
from analytics_assets.alerts.silences import Silence, SilenceState
from analytics_assets.alerts.stored_events import in_parts


@dataclass(frozen=True)
class Untold:
    """What no digest has told yet.

    Attributes:
        repeats: Rows of incidents with repeats that were only counted.
        silenced: Number of silenced events by silence.
        suppressed: Number of suppressed events by backfill; None for runs outside any.
        inhibited: Number of inhibited events.
        lasting: Rows of incidents that were told and last.
        idle: Silences that have held back nothing for a day.
        unreadable: Silences that cannot be read.
        silences: All readable silences by name.
        event_ids: The counted events.
    """

    repeats: list[dict[str, Any]] = field(default_factory=list)
    silenced: dict[str, int] = field(default_factory=dict)
    suppressed: dict[str | None, int] = field(default_factory=dict)
    inhibited: int = 0
    lasting: list[dict[str, Any]] = field(default_factory=list)
    idle: list[Silence] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    silences: dict[str, Silence] = field(default_factory=dict)
    event_ids: Sequence[int] = ()


class LedgerDigest:
    """The part of the ledger that the daily digest reads."""

    _database: OpsDatabase

    def untold(self, now: datetime) -> Untold:
        """What no digest has told yet, and what a look is due at."""
        held = EVENTS.c.digested_at.is_(None) & EVENTS.c.disposition.in_(
            [str(one) for one in (Disposition.SILENCED, Disposition.SUPPRESSED_BY_BACKFILL, Disposition.INHIBITED)]
        )
        columns = (EVENTS.c.id, EVENTS.c.disposition, EVENTS.c.silence_id, EVENTS.c.backfill_id)
        open_incidents = select(INCIDENTS).where(INCIDENTS.c.resolved_at.is_(None)).order_by(INCIDENTS.c.opened_at)
        with self._database.read() as connection:
            incidents = [dict(row) for row in connection.execute(open_incidents).mappings()]
            events = connection.execute(select(*columns).where(held)).all()
            readable, unreadable = silences_in(connection)
        silenced: dict[str, int] = {}
        suppressed: dict[str | None, int] = {}
        inhibited = 0
        for row in events:
            if row.disposition == str(Disposition.SILENCED):
                silenced[row.silence_id] = silenced.get(row.silence_id, 0) + 1
            elif row.disposition == str(Disposition.SUPPRESSED_BY_BACKFILL):
                suppressed[row.backfill_id] = suppressed.get(row.backfill_id, 0) + 1
            else:
                inhibited += 1
        return Untold(
            repeats=[row for row in incidents if row["repeats_untold"]],
            silenced=silenced,
            suppressed=suppressed,
            inhibited=inhibited,
            lasting=[row for row in incidents if row["told_at"] is not None],
            idle=[silence for silence in readable if silence.state_at(now) is SilenceState.IDLE],
            unreadable=unreadable,
            silences={silence.silence_id: silence for silence in readable},
            event_ids=[row.id for row in events],
        )

    def mark_digested(self, untold: Untold, now: datetime) -> None:
        """Note what a digest has told; repeats that came meanwhile stay for the next one."""
        with self._database.begin() as connection:
            for row in untold.repeats:
                left = INCIDENTS.c.repeats_untold - row["repeats_untold"]
                # Not below nothing: the incident may have been resolved meanwhile.
                values = {"repeats_untold": func.max(left, 0) if _sqlite(connection) else func.greatest(left, 0)}
                connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == row["id"]).values(values))
            for ids in in_parts(untold.event_ids):
                connection.execute(update(EVENTS).where(EVENTS.c.id.in_(ids)).values(digested_at=now))


def _sqlite(connection: Any) -> bool:
    return connection.dialect.name == "sqlite"
