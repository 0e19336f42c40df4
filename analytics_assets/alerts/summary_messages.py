"""What the summary of a backfill and the daily digest say. Pure; what they need is in the details of their events."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics_assets.alerts.message_parts import (
    ROWS_AT_MOST,
    Links,
    ToldDate,
    backfill_commands,
    counted,
    date_rows,
    duration,
    entries,
    harmless,
    link_lines,
    listed,
    name,
    number,
    stated_day,
    stated_moment,
    told_date,
)
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DONE_OUTCOMES, Outcome

if TYPE_CHECKING:
    from analytics_assets.alerts.messages import Told

_DONE = frozenset(str(outcome) for outcome in DONE_OUTCOMES)
_FAILED = frozenset({str(Outcome.ERROR), str(Outcome.INVALID)})
_IN_FULL = 3
_DAYS_AT_MOST = 40_000
_ENDINGS = {
    "finished": "finished",
    "stopped": "was stopped",
    "cancelled": "was cancelled",
    "interrupted": "was interrupted: its process is gone",
    "failed": "failed to start",
}


def backfill_summary(events: Sequence["Told"], links: Links) -> tuple[list[str], list[list[str]]]:
    """Title and blocks of lines about backfills that ended, the first few in full.

    Args:
        events: Events of kind ``backfill_finished``.
        links: Addresses in Dagit.
    """
    heads = [_head(event) for event in events]
    if len(events) == 1:
        return [heads[0]], _backfill_blocks(events[0], links)
    blocks: list[list[str]] = []
    for event, head in list(zip(events, heads, strict=True))[:_IN_FULL]:
        blocks += [[head], *_backfill_blocks(event, links)]
    rest = heads[_IN_FULL:]
    blocks.append([f"- {head}" for head in rest[:ROWS_AT_MOST]])
    if len(rest) > ROWS_AT_MOST:
        blocks.append([f"and {len(rest) - ROWS_AT_MOST:,} more backfills"])
    return [f"{len(events):,} backfills ended"], blocks


def daily_digest(events: Sequence["Told"]) -> tuple[list[str], list[list[str]]]:
    """Title and blocks of lines about what was not told by itself.

    Args:
        events: Events of kind ``daily_digest``; usually one.
    """
    titles: list[str] = []
    blocks: list[list[str]] = []
    for event in events[:ROWS_AT_MOST]:
        details = event.details
        period = [stated_moment(details.get(side)) for side in ("from", "to")]
        if all(period):
            blocks.append([f"from {period[0]} to {period[1]}"])
        sections = [_repeats(details), _silenced(details), _suppressed(details), _open(details), _silences(details)]
        titles += [title for title, _ in sections if title]
        blocks += [lines for _, lines in sections]
        inhibited = number(details.get("inhibited"))
        if inhibited:
            blocks.append([f"{counted(inhibited, 'missing date')} not told, because the failure was"])
    return [f"daily digest: {', '.join(titles)}" if titles else "daily digest: nothing to tell"], blocks


def _head(event: "Told") -> str:
    details, outcomes = event.details, _outcomes(event)
    done = sum(size for outcome, size in outcomes.items() if outcome in _DONE)
    not_due = outcomes.get(str(Outcome.NOT_DUE), 0)
    planned = number(details.get("planned")) or sum(outcomes.values())
    ending = _ENDINGS.get(str(details.get("status")), "ended")
    head = f"backfill {name(event.backfill_id or event.subject)} {ending.partition(':')[0]}"
    if not planned:
        return head
    still_open = planned - done - not_due
    tail = f", {still_open:,} not done" if still_open > 0 else ""
    return f"{head}: {done:,} of {counted(planned, 'table and date')} done{tail}"


def _outcomes(event: "Told") -> dict[str, int]:
    stated = event.details.get("outcomes")
    if not isinstance(stated, Mapping):
        return {}
    return {name(outcome): number(size) for outcome, size in stated.items() if number(size)}


def _backfill_blocks(event: "Told", links: Links) -> list[list[str]]:
    details, outcomes = event.details, _outcomes(event)
    ending = _ENDINGS.get(str(details.get("status")), "")
    facts = [ending] if ":" in ending else []
    if details.get("dagster_status") == "COMPLETED_FAILED" and outcomes and not _FAILED & outcomes.keys():
        facts.append("no date failed: Dagit calls the backfill failed because dates without raw data were left out")
    if outcomes:
        facts.append("outcomes: " + ", ".join(f"{outcome} {size:,}" for outcome, size in sorted(outcomes.items())[:20]))
    span = _span(details)
    facts += [line for line in (_scope(details), span, harmless(details.get("problem") or event.text)) if line]
    not_done = [told_date(entry) for entry in entries(details.get("not_done"))]
    told = ["not done:", *date_rows(not_done)] if not_done else []
    suppressed = number(details.get("suppressed"))
    held = [f"{counted(suppressed, 'alert')} of its runs not sent: nba-analytics alerts list"] if suppressed else []
    return [facts, told, held, _backfill_links(event, links), _retry(event)]


def _scope(details: Mapping[str, Any]) -> str:
    tables = details.get("tables")
    first, last = (str(details.get(side) or "")[:10] for side in ("first_date", "last_date"))
    days = f"{harmless(first)} to {harmless(last)}" if first and last else ""
    names = listed(map(str, tables), 5) if isinstance(tables, list | tuple) else ""
    return ", ".join(filter(None, (names, days)))


def _span(details: Mapping[str, Any]) -> str:
    started, finished = stated_moment(details.get("started_at")), stated_moment(details.get("finished_at"))
    if not (started and finished):
        return f"started {started}" if started else ""
    begin, end = (datetime.fromisoformat(str(details[side])) for side in ("started_at", "finished_at"))
    took = "" if (begin.tzinfo is None) != (end.tzinfo is None) else f", took {duration((end - begin).total_seconds())}"
    return f"started {started}{took}"


def _backfill_links(event: "Told", links: Links) -> list[str]:
    details = event.details
    if details.get("origin") == "dagster" and event.backfill_id:
        return [f"backfill: {links.backfill(event.backfill_id)}"]
    runs = details.get("runs")
    ids = [str(run) for run in runs] if isinstance(runs, list | tuple) else [event.run_id or ""]
    return link_lines(links.run(run_id) for run_id in ids if run_id)


def _retry(event: "Told") -> list[str]:
    """The command that builds what was not done."""
    details = event.details
    stated = details.get("retry")
    if isinstance(stated, str) and stated:
        return [f"retry with: {harmless(stated, 600)}"]
    not_done = [told_date(entry) for entry in entries(details.get("not_done"))]
    open_dates = [told for told in not_done if told.outcome != str(Outcome.NOT_DUE)]
    unreached = "not_reached" in _outcomes(event)
    backfill_id = event.backfill_id or ""
    known = re.fullmatch(r"[A-Za-z0-9._-]{1,60}", backfill_id)
    if details.get("origin") == "command_line" and known and (open_dates or unreached):
        return [f"retry with: nba-analytics backfill retry {backfill_id}"]
    if unreached:
        # Which dates were not reached is not listed; what is missing of all that were planned is.
        open_dates = [*open_dates, *_whole_range(details)]
    return [f"retry with: {command}" for command in backfill_commands(open_dates, "missing")]


def _whole_range(details: Mapping[str, Any]) -> list[ToldDate]:
    """Every date from the first to the last planned one, of every planned table."""
    first, last = stated_day(details.get("first_date")), stated_day(details.get("last_date"))
    tables = details.get("tables")
    if first is None or last is None or not isinstance(tables, list | tuple):
        return []
    days = [first + timedelta(days=number) for number in range(min((last - first).days, _DAYS_AT_MOST) + 1)]
    return [ToldDate(day, str(table), "", "") for table in tables[: len(ANALYTICS_TABLES)] for day in days]


def _repeats(details: Mapping[str, Any]) -> tuple[str, list[str]]:
    found = entries(details.get("repeats"))
    total = sum(number(entry.get("repeats")) for entry in found)
    rows = [f"{_trouble(entry)}: {number(entry.get('repeats')):,} times more{_since(entry)}" for entry in found]
    return (f"{counted(total, 'repeat')}" if total else ""), _section("told before, and repeated since:", rows)


def _silenced(details: Mapping[str, Any]) -> tuple[str, list[str]]:
    found = entries(details.get("silenced"))
    total = sum(number(entry.get("events")) for entry in found)
    rows = [f"{counted(number(entry.get('events')), 'event')} by {_silence(entry)}" for entry in found]
    return (f"{total:,} silenced" if total else ""), _section("silenced (nba-analytics alerts list --silenced):", rows)


def _suppressed(details: Mapping[str, Any]) -> tuple[str, list[str]]:
    found = entries(details.get("suppressed"))
    total = sum(number(entry.get("events")) for entry in found)
    rows = [
        f"{counted(number(entry.get('events')), 'event')} by backfill {name(entry.get('backfill_id'))}"
        for entry in found
    ]
    return (f"{total:,} held back by backfills" if total else ""), _section("held back by backfills:", rows)


def _open(details: Mapping[str, Any]) -> tuple[str, list[str]]:
    found = entries(details.get("open"))
    rows = [f"{_trouble(entry)}: {counted(number(entry.get('events')), 'event')}{_since(entry)}" for entry in found]
    return (f"{len(found):,} still failing" if found else ""), _section("still failing:", rows)


def _silences(details: Mapping[str, Any]) -> tuple[str, list[str]]:
    idle = [f"{_silence(entry)}: matched nothing yet" for entry in entries(details.get("idle_silences"))]
    broken = [
        f"{name(entry.get('silence_id'))} cannot be read and silences nothing: {harmless(entry.get('problem') or '')}"
        for entry in entries(details.get("unreadable_silences"))
    ]
    title = f"{counted(len(broken), 'unreadable silence')}" if broken else ""
    return title, _section("silences to look at (nba-analytics silence list):", [*broken, *idle])


def _trouble(entry: Mapping[str, Any]) -> str:
    return ", ".join(name(entry.get(key)) for key in ("kind", "subject", "error_class") if entry.get(key))


def _since(entry: Mapping[str, Any]) -> str:
    since = stated_moment(entry.get("since"))
    return f" since {since}" if since else ""


def _silence(entry: Mapping[str, Any]) -> str:
    author, reason = harmless(entry.get("author") or "somebody"), harmless(entry.get("reason") or "no reason")
    until = stated_moment(entry.get("ends_at"))
    return f"silence {name(entry.get('silence_id'))} of {author} ({reason}){f', until {until}' if until else ''}"


def _section(head: str, rows: Sequence[str]) -> list[str]:
    if not rows:
        return []
    more = [f"and {len(rows) - ROWS_AT_MOST:,} more"] if len(rows) > ROWS_AT_MOST else []
    return [head, *(f"- {row}" for row in rows[:ROWS_AT_MOST]), *more]
