"""Whatever an event holds, its message stays bounded, keeps its lines, calls nobody, and shows no secret."""

import unicodedata
from datetime import UTC, date, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics_assets.alerts.events import AlertKind
from analytics_assets.alerts.message_parts import Links
from analytics_assets.alerts.messages import BODY_AT_MOST, TITLE_AT_MOST, compose
from analytics_assets.alerts.redaction import Redactor
from analytics_assets_tests.support.told_events import ToldEvent, told_event

SECRET = "hunter2-hunter2"
REDACTOR = Redactor.from_environment({"SOME_PASSWORD": SECRET})
WORDS = (
    *("\n# heading", "```", "**", "[x](http://e)", "@everyone", "<!channel>", "<@U1>", "\x00\x1b[31m", "\u202e"),
    *("\r\n\r\n- 2024", f"https://me:{SECRET}@host/x", SECRET, "postgres://nba:pw%40x@db", "a" * 10_000, "é" * 300),
    *("", " ", "2024-01-10", "no_raw_data"),
)
TEXTS = st.one_of(st.lists(st.sampled_from(WORDS), max_size=6).map("".join), st.text(max_size=40))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
OF_DETAILS = (
    *("origin", "status", "problem", "tables", "first_date", "last_date", "planned", "outcomes", "not_done", "runs"),
    *("started_at", "finished_at", "suppressed", "retry", "repeats", "silenced", "inhibited", "idle_silences", "open"),
    *("unreadable_silences", "from", "to", "silence_id", "author", "reason", "ends_at", "dates", "since", "events"),
)
OF_ENTRIES = ("table", "date", "outcome", "reason", "kind", "subject", "error_class", "events", "repeats", "silence_id")
ENTRY = st.dictionaries(st.sampled_from(OF_ENTRIES), VALUES)
DETAILS = st.dictionaries(st.sampled_from(OF_DETAILS), st.one_of(VALUES, st.lists(ENTRY, max_size=3)), max_size=8)


@st.composite
def _events(draw: st.DrawFn) -> list[ToldEvent]:
    kind = draw(st.sampled_from(AlertKind))
    return [
        told_event(
            kind,
            draw(st.sampled_from([None, "2024-01-10", "0001-01-01", "9999-12-31"])),
            table_name=draw(st.one_of(st.none(), TEXTS)),
            subject=draw(TEXTS),
            error_class=draw(TEXTS),
            text=draw(TEXTS),
            run_id=draw(st.one_of(st.none(), TEXTS)),
            backfill_id=draw(st.one_of(st.none(), TEXTS)),
            nature=draw(st.sampled_from(["problem", "resolved", "silence_ended", "digest"])),
            maybe_sent_before=draw(st.booleans()),
            details=draw(DETAILS),
            event_key=f"{number}",
        )
        for number in range(draw(st.integers(1, 5)))
    ]


def _many() -> list[ToldEvent]:
    """More than any message names, each hostile in all its texts."""
    hostile = "".join(WORDS)
    return [
        told_event(
            AlertKind.DATES_FAILED,
            str(date.fromordinal(738_000 + 2 * number)),
            table_name=f"{hostile}{number}",
            subject=hostile,
            error_class=f"{number}{hostile}",
            text=f"{number}{hostile}",
            run_id=f"{number}{hostile}",
            event_key=str(number),
        )
        for number in range(60)
    ]


@settings(max_examples=40, deadline=None, derandomize=True)
@example(_many())
@example(
    [told_event(AlertKind.RUN_FAILED, nature="silence_ended", details={"silence_id": {"\x1b[31mpg://n:pw%40x@d": 1}})]
)
@example([told_event(AlertKind.BACKFILL_FINISHED, text="\n# heading")])
@given(_events())
def test_no_event_breaks_its_message(events: list[ToldEvent]) -> None:
    noon = datetime(2024, 1, 20, 12, tzinfo=UTC)
    message = compose(events[0].kind, events, links=Links(), redactor=REDACTOR, since_stopped=(noon, noon))
    assert 0 < len(message.title) <= TITLE_AT_MOST
    assert len(message.body) <= BODY_AT_MOST
    assert "\n" not in message.title
    shown = f"{message.title}\n{message.body}"
    assert SECRET not in shown
    assert "pw%40x" not in shown
    for taken_for_markup in ("```", "](", "@everyone", "<!", "<@"):
        assert taken_for_markup not in shown
    lines = message.body.splitlines()
    assert not any(unicodedata.category(sign)[0] == "C" for line in lines for sign in line)
    assert not any(line.startswith("#") for line in lines)
    name_at = next(number for number, line in enumerate(reversed(lines)) if line.startswith("alert "))
    assert name_at <= 1, "the name of the message is last, but for a remark"
