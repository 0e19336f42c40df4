"""Whatever happens in whatever order: every event has one fate, and what is to be told reaches every sink once."""

import tempfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_assets.alerts.events import AlertKind, Disposition, Recovery
from analytics_assets.alerts.ledger import Ledger
from analytics_assets.alerts.ops_database import OpsDatabase
from analytics_assets.alerts.silence_store import add_silence
from analytics_assets.alerts.silences import Silence
from analytics_assets_tests.support.told_events import OFFENSE, PLAYERS, failed_date

KIND = AlertKind.DATES_FAILED
START = datetime(2024, 1, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SINKS = ("chat", "mail")
TABLES, DAYS = (PLAYERS, OFFENSE), ("2024-01-01", "2024-01-02")

failures = st.tuples(
    st.just("fails"), st.sampled_from(TABLES), st.sampled_from(DAYS), st.sampled_from(["live", "retry", "backfill"])
)
steps = st.one_of(
    failures,
    failures,
    st.tuples(st.just("recovers"), st.sampled_from(TABLES), st.sampled_from(DAYS)),
    st.tuples(st.just("is silenced"), st.sampled_from(TABLES), st.integers(1, 3)),
    st.tuples(st.just("is sent to"), st.sampled_from(SINKS), st.booleans()),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(steps, min_size=4, max_size=16))
def test_every_event_has_one_fate_and_what_is_to_be_told_reaches_every_sink_once(happenings):
    with tempfile.TemporaryDirectory() as directory:
        database = OpsDatabase(f"sqlite:///{Path(directory) / 'ops.db'}")
        ledger = Ledger(database)
        received: Counter[tuple[str, str]] = Counter()
        recorded = 0
        for number, (what, *facts) in enumerate(happenings):
            now = START + number * HOUR
            if what == "fails":
                recorded += len(_fail(ledger, number, now, *facts))
            elif what == "recovers":
                table, day = facts
                over = Recovery(kind=KIND, subject=table, game_date=date.fromisoformat(day), happened_at=now)
                ledger.record([], [over], now=now, sinks=SINKS)
            elif what == "is silenced":
                _silence(database, now, *facts)
            else:
                _send(ledger, received, now, *facts)
            ledger.after_silences(KIND, now=now, sinks=SINKS)
        end = START + len(happenings) * HOUR + 4 * HOUR
        ledger.after_silences(KIND, now=end, sinks=SINKS)
        for sink in SINKS:
            _send(ledger, received, end, sink, True)
        rows = ledger.listing()
        assert sum(row["nature"] == "problem" for row in rows) == recorded
        fates = Counter(row["disposition"] for row in rows)
        assert fates.total() == len(rows)
        assert set(fates) <= {str(fate) for fate in Disposition} - {"pending"}
        sent = {row["event_key"] for row in rows if row["disposition"] == "sent"}
        assert received == Counter({(sink, key): 1 for sink in SINKS for key in sent})
        # Once all is sent, everything that still fails and that somebody should know was told.
        lasting = [row for row in rows if row["recovered_at"] is None and row["nature"] == "problem"]
        silenced = [row for row in lasting if row["disposition"] == "silenced"]
        assert all(row["told_at"] is not None for row in silenced)
        assert ledger.has_open(KIND) == any(row["incident_id"] is not None for row in lasting)


def _fail(ledger, number, now, table, day, how):
    event = failed_date(
        day,
        event_key=f"event-{number}",
        subject=table,
        table_name=table,
        happened_at=now,
        will_retry=how == "retry",
        in_backfill_mode=how == "backfill",
    )
    new = ledger.record([event], [], now=now, sinks=SINKS).new
    assert ledger.record([event], [], now=now, sinks=SINKS).new == []
    return new


def _silence(database, now, table, hours):
    silence = Silence(
        silence_id="",
        kind=None,
        table_name=table,
        first_date=None,
        last_date=None,
        severity=None,
        starts_at=now,
        ends_at=now + hours * HOUR,
        author="Ada",
        reason="known",
        created_at=now,
    )
    add_silence(database, silence, now=now)


def _send(ledger, received, now, sink, accepted):
    events = ledger.undelivered(KIND, sink)
    if not events:
        return
    message = ledger.begin_sending(KIND, sink, events, "title", "body", now)
    if accepted:
        received.update((sink, event.event_key) for event in events)
        ledger.mark_sent(message, now)
    else:
        ledger.mark_failed(message, "refused", now)
