"""What a message says: one for all events of a kind that are told together. Pure; how it is sent is not known here.

Plain text that reads well in a chat and in mail: a short title with counts, rows of dates and reasons, links, the
command that retries. Summaries of backfills and the daily digest are composed in ``summary_messages``.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from analytics_assets.alerts.events import AlertKind, Severity
from analytics_assets.alerts.message_parts import (
    ROWS_AT_MOST,
    Links,
    ToldDate,
    backfill_commands,
    counted,
    date_rows,
    entries,
    harmless,
    link_lines,
    listed,
    materialize_commands,
    moment,
    name,
    number,
    size_of,
    stated_moment,
    told_date,
)
from analytics_assets.alerts.redaction import Redactor
from analytics_assets.alerts.summary_messages import backfill_summary, daily_digest
from analytics_assets.backfill.plan import FAILED_OUTCOMES

TITLE_AT_MOST = 160
BODY_AT_MOST = 12_000
_WORST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)
# Live runs leave older dates alone.
_LIVE_DAYS = 90
_WHAT_HAPPENED = {
    AlertKind.RUN_FAILED: "runs failed",
    AlertKind.DATES_FAILED: "dates failed",
    AlertKind.RAW_DATA_MISSING: "dates without raw data",
    AlertKind.RAW_DATA_STALE: "dates with stale raw data",
    AlertKind.QUALITY_WARNING: "dates of poor quality",
    AlertKind.DATES_MISSING: "dates missing",
}
_FIRST = {
    AlertKind.RAW_DATA_MISSING: "load the raw data, then",
    AlertKind.RAW_DATA_STALE: "load the source again, then",
    AlertKind.QUALITY_WARNING: "when better raw data is loaded, build again with",
    AlertKind.DATES_MISSING: "build them with",
}


class Told(Protocol):
    """What a message needs of an event in the ledger: the event, its nature, and whether it may have been sent."""

    @property
    def event_key(self) -> str: ...
    @property
    def kind(self) -> AlertKind: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def happened_at(self) -> datetime: ...
    @property
    def subject(self) -> str: ...
    @property
    def error_class(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def table_name(self) -> str | None: ...
    @property
    def game_date(self) -> date | None: ...
    @property
    def run_id(self) -> str | None: ...
    @property
    def backfill_id(self) -> str | None: ...
    @property
    def details(self) -> Mapping[str, Any]: ...
    @property
    def nature(self) -> str: ...
    @property
    def maybe_sent_before(self) -> bool: ...


@dataclass(frozen=True)
class Message:
    """A composed message.

    Attributes:
        title: One line.
        body: Lines of plain text.
        severity: The worst severity of its events.
    """

    title: str
    body: str
    severity: Severity


def compose(
    kind: AlertKind,
    events: Sequence[Told],
    *,
    links: Links,
    redactor: Redactor | None = None,
    since_stopped: tuple[datetime, datetime] | None = None,
) -> Message:
    """The one message of these events.

    Args:
        kind: Their kind.
        events: At least one event.
        links: Addresses in Dagit.
        redactor: Takes secrets out; without one, only what has the shape of a secret is taken out.
        since_stopped: From when to when the kind's sensor was not running, if these events are from that time.

    Returns:
        Title of at most 160 and body of at most 12,000 characters, whatever the events hold.
    """
    redact = redactor or Redactor()
    # Before anything is cut, because half a secret is not recognised.
    events = [redact.event(event) for event in events]
    if kind is AlertKind.BACKFILL_FINISHED:
        titles, blocks = backfill_summary(events, links)
    elif kind is AlertKind.DAILY_DIGEST:
        titles, blocks = daily_digest(events)
    else:
        titles, blocks = _of_troubles(kind, events, links)
    if since_stopped is not None:
        first, last = since_stopped
        titles = [*titles, "while the sensor was stopped"]
        blocks = [[f"While this sensor was not running, from {moment(first)} to {moment(last)}:"], *blocks]
    severity = min((event.severity for event in events), key=_WORST_FIRST.index)
    title = harmless(redact(f"NBA analytics: {', '.join(titles)}"), TITLE_AT_MOST)
    lines = [[redact(line) for line in block] for block in blocks]
    return Message(title, _bounded(lines, _last_lines(events)), severity)


def _of_troubles(kind: AlertKind, events: Sequence[Told], links: Links) -> tuple[list[str], list[list[str]]]:
    resolved = [event for event in events if event.nature == "resolved"]
    ended = [event for event in events if event.nature == "silence_ended"]
    troubles = [event for event in events if event not in resolved and event not in ended]
    what = _WHAT_HAPPENED[kind]
    titles, blocks = [], []
    if troubles:
        dates = _dates(troubles)
        titles.append(_headline(kind, troubles))
        blocks.append(_run_rows(troubles) if kind is AlertKind.RUN_FAILED else date_rows(dates))
        blocks.append(link_lines(links.run(event.run_id) for event in troubles if event.run_id))
        blocks.append(_retry_lines(kind, dates, troubles))
    if ended:
        titles.append(f"silence {listed(map(_silence, ended))} ended, still failing")
        for event in ended[:ROWS_AT_MOST]:
            blocks += _silence_blocks(kind, event)
        blocks += _more(len(ended), "more silences that ended")
    if resolved:
        subjects = listed(event.subject for event in resolved)
        titles.append(f"{len(resolved):,} resolved" if titles else f"resolved: {what} in {subjects}")
        blocks.append([_resolved_line(what, event) for event in resolved[:ROWS_AT_MOST]])
        blocks += _more(len(resolved), "more resolved")
    return titles, blocks


def _headline(kind: AlertKind, troubles: Sequence[Told]) -> str:
    subjects = listed((event.table_name or event.subject for event in troubles), 2)
    what = _WHAT_HAPPENED[kind]
    if kind is AlertKind.RUN_FAILED:
        runs = len({event.run_id or event.event_key for event in troubles})
        return f"{counted(runs, 'run')} failed: {subjects}"
    return f"{size_of(_dates(troubles))}{what.removeprefix('dates')} in {subjects}"


def _dates(events: Iterable[Told]) -> list[ToldDate]:
    return [ToldDate(event.game_date, event.table_name, event.error_class, event.text) for event in events]


def _run_rows(events: Sequence[Told]) -> list[str]:
    """Failed runs, one row for those of the same job with the same error."""
    together: dict[tuple[str, str, str], list[Told]] = {}
    for event in events:
        together.setdefault((name(event.subject), name(event.error_class), harmless(event.text)), []).append(event)
    rows = []
    for (subject, error, text), found in list(together.items())[:ROWS_AT_MOST]:
        runs = len({event.run_id or event.event_key for event in found})
        last = max(event.happened_at for event in found)
        size = f"{counted(runs, 'run')}, last at {moment(last)}" if runs > 1 else moment(last)
        told = text if text.startswith(error) else ": ".join(filter(None, (error, text)))
        rows.append(f"- {subject} ({size}): {told}")
    rest = sum(len(found) for found in list(together.values())[ROWS_AT_MOST:])
    return [*rows, f"and {counted(rest, 'more failed run')}"] if rest else rows


def _retry_lines(kind: AlertKind, dates: Sequence[ToldDate], events: Sequence[Told]) -> list[str]:
    """The command that retries: under live rules while the dates are few and recent, else as a backfill."""
    oldest = min(event.happened_at for event in events).date() - timedelta(days=_LIVE_DAYS)
    recent = all(told.day is None or told.day >= oldest for told in dates)
    commands = materialize_commands(dates) if recent and kind is not AlertKind.QUALITY_WARNING else []
    if not commands:
        of_choice: dict[str, list[ToldDate]] = {}
        for told in dates:
            of_choice.setdefault(_only(kind, told.outcome), []).append(told)
        commands = [command for only, found in of_choice.items() for command in backfill_commands(found, only)]
    words = _FIRST.get(kind, "retry with")
    if not commands:
        return ["retry with: Re-execute all on the page of the run"] if kind is AlertKind.RUN_FAILED else []
    return [f"{words}: {commands[0]}"] if len(commands) == 1 else [f"{words}:", *commands]


def _only(kind: AlertKind, outcome: str) -> str:
    """Which dates a backfill must take so that it builds one of this outcome."""
    if kind is AlertKind.QUALITY_WARNING or outcome == "built_from_stale_raw_data":
        return "all"
    return "failed" if outcome in FAILED_OUTCOMES else "missing"


def _silence(event: Told) -> str:
    return str(event.details.get("silence_id") or event.subject)


def _silence_blocks(kind: AlertKind, event: Told) -> list[list[str]]:
    """A silence that ended, by whom and why it was made, and what fails still."""
    details = event.details
    author, reason = harmless(details.get("author") or "somebody"), harmless(details.get("reason") or "no reason")
    until = stated_moment(details.get("ends_at"))
    dates = [told_date(entry) for entry in entries(details.get("dates"))]
    head = f"silence {name(_silence(event))} of {author} ({reason}) ended{f' at {until}' if until else ''}; still:"
    rows = date_rows(dates) if dates else [f"- {harmless(event.text)}"]
    return [[head, *rows], _retry_lines(kind, dates, [event])]


def _resolved_line(what: str, event: Told) -> str:
    since, size = stated_moment(event.details.get("since")), number(event.details.get("events"))
    facts = [counted(size, "event") if size else "", f"since {since}" if since else ""]
    told = ", ".join(filter(None, (f"resolved at {moment(event.happened_at)}", *facts)))
    return f"- {name(event.subject)}, {what}, {name(event.error_class)}: {told}"


def _more(size: int, what: str) -> list[list[str]]:
    return [[f"and {size - ROWS_AT_MOST:,} {what}"]] if size > ROWS_AT_MOST else []


def _last_lines(events: Sequence[Told]) -> list[str]:
    """The name of the message, by which a receiver knows it again, and whether it may have come before."""
    keys = "\n".join(sorted(event.event_key for event in events))
    lines = [f"alert {hashlib.sha256(keys.encode(errors='replace')).hexdigest()[:8]}"]
    before = sum(event.maybe_sent_before for event in events)
    if before == len(events):
        lines.append("may have been sent before")
    elif before:
        lines.append(f"{before:,} of {len(events):,} events may have been sent before")
    return lines


def _bounded(blocks: Sequence[Sequence[str]], last: Sequence[str]) -> str:
    """Blocks one below the other; too many lines are cut before the last ones."""
    room = BODY_AT_MOST - sum(len(line) + 1 for line in last) - 40
    lines: list[str] = []
    for block in (block for block in blocks if block):
        for line in ["", *block] if lines else block:
            room -= len(line) + 1
            if room < 0:
                return "\n".join([*lines, "… see nba-analytics alerts list", "", *last])
            lines.append(line)
    return "\n".join([*lines, "", *last])
