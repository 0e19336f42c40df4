"""Pieces that all messages are made of: harmless texts, rows of dates and reasons, links, commands. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

from analytics_assets.backfill.plan import contiguous_blocks
from analytics_assets.tables.catalogue import ANALYTICS_TABLES

DAGIT_URL_VARIABLE = "NBA_DAGIT_URL"
ROWS_AT_MOST = 20
_TEXT_AT_MOST = 200
_NAME_AT_MOST = 60
_LINKS_AT_MOST = 5
_COMMANDS_AT_MOST = 3
_RANGE_FROM = 3
_TABLES = [table.name for table in ANALYTICS_TABLES]

# What chat services would take for a call to everybody, a block of code or a link.
_TAKEN_FOR_MARKUP = (
    (re.compile(r"@(?=everyone|here|channel)", re.IGNORECASE), "@ "),
    (re.compile(r"<(?=[!@#])"), "< "),
    (re.compile(r"\](?=\()"), "] "),
    (re.compile("`"), "'"),
)


@dataclass(frozen=True)
class Links:
    """Addresses of pages in Dagit.

    Attributes:
        dagit: Address of the webserver as readers reach it.
    """

    dagit: str = "http://127.0.0.1:3000"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Links":
        """Links to the webserver at ``NBA_DAGIT_URL``, by default the one that ``nba-analytics dev`` starts."""
        stated = environment.get(DAGIT_URL_VARIABLE, "").strip().rstrip("/")
        return cls(stated) if stated else cls()

    def run(self, run_id: str) -> str:
        """The page of a run."""
        return f"{self.dagit}/runs/{quote(run_id[:_NAME_AT_MOST], safe='')}"

    def backfill(self, backfill_id: str) -> str:
        """The page of a backfill that Dagster knows."""
        return f"{self.dagit}/runs/b/{quote(backfill_id[:_NAME_AT_MOST], safe='')}"


@dataclass(frozen=True)
class ToldDate:
    """A date that a message names.

    Attributes:
        day: The date; None if it is about a whole table.
        table: Its table; None if it is about a whole date.
        outcome: Outcome or error class; may be empty.
        text: Reason; may be empty.
    """

    day: date | None
    table: str | None
    outcome: str
    text: str


def harmless(text: object, at_most: int = _TEXT_AT_MOST) -> str:
    """One line of bounded length that no service takes for markup; control and invisible characters are dropped."""
    # Cut twice: an endless text shall not cost time, and replacing makes texts longer.
    line = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in str(text)[: at_most * 4])
    line = " ".join(line.split())
    for pattern, replacement in _TAKEN_FOR_MARKUP:
        line = pattern.sub(replacement, line)
    if line.startswith("#"):
        # At the beginning of a line it makes a heading.
        line = f"'{line}"
    return line if len(line) <= at_most else f"{line[: at_most - 1]}…"


def name(text: object) -> str:
    """The same for names and ids."""
    return harmless(text, _NAME_AT_MOST)


def counted(size: int, what: str) -> str:
    """A number and its noun."""
    return f"{size:,} {what}" if size == 1 else f"{size:,} {' and '.join(f'{word}s' for word in what.split(' and '))}"


def listed(names: Iterable[str], at_most: int = 3) -> str:
    """Names in a row, the first few and a count."""
    found = list(dict.fromkeys(names))
    more = f" and {len(found) - at_most:,} more" if len(found) > at_most else ""
    return ", ".join(name(text) for text in found[:at_most]) + more


def moment(when: datetime) -> str:
    """A moment to the minute, in UTC."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def stated_moment(text: object) -> str | None:
    """The same of an ISO 8601 text; None if it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment(found if found.tzinfo else found.replace(tzinfo=UTC))


def stated_day(text: object) -> date | None:
    """The date of an ISO 8601 text; None if it is none."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def entries(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list out of an event's details, which may hold anything."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list | tuple) else []


def number(value: Any) -> int:
    """A count out of an event's details; 0 if it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def told_date(entry: Mapping[str, Any]) -> ToldDate:
    """A date out of an event's details."""
    table = entry.get("table")
    return ToldDate(
        stated_day(entry.get("date")),
        None if table is None else str(table),
        str(entry.get("outcome") or ""),
        str(entry.get("reason") or ""),
    )


def date_rows(dates: Sequence[ToldDate]) -> list[str]:
    """Dates and reasons, one row for consecutive dates of the same tables with the same reason.

    At most twenty rows, then a row that counts the other tables and dates. Tables are left out when all dates are of
    the same one.
    """
    names = {told.table for told in dates}
    together: dict[tuple[date | None, str, str], set[str | None]] = {}
    for told in dates:
        key = (told.day, name(told.outcome), harmless(told.text))
        together.setdefault(key, set()).add(told.table)
    days: dict[tuple[tuple[str, ...], str, str], set[date | None]] = {}
    for (day, outcome, text), tables in together.items():
        days.setdefault((_in_order(tables), outcome, text), set()).add(day)
    rows: list[tuple[date, tuple[str, ...], str, int]] = []
    for (tables, outcome, text), found in days.items():
        known = [day for day in found if day is not None]
        blocks = [(first, _range(first, last), (last - first).days + 1) for first, last in contiguous_blocks(known)]
        if None in found:
            blocks.append((date.min, "", 1))
        shown = ", ".join(map(name, tables)) if len(names) > 1 else ""
        for first, words, size in blocks:
            head = ", ".join(filter(None, (words, shown)))
            line = ": ".join(filter(None, (head, "" if text.startswith(outcome) else outcome, text)))
            rows.append((first, tables, f"- {line}", size * max(len(tables), 1)))
    rows.sort()
    lines = [line for _, _, line, _ in rows[:ROWS_AT_MOST]]
    more = sum(size for *_, size in rows[ROWS_AT_MOST:])
    what = "more date" if len(names) <= 1 else "more table and date"
    return [*lines, f"and {counted(more, what)}"] if more else lines


def size_of(dates: Sequence[ToldDate]) -> str:
    """How many dates of how many tables, for a title."""
    pairs = {(told.table, told.day) for told in dates}
    return counted(len(pairs), "date")


def link_lines(addresses: Iterable[str], what: str = "run") -> list[str]:
    """Links, the first few and a count."""
    found = list(dict.fromkeys(addresses))
    lines = [f"{what}: {address}" for address in found[:_LINKS_AT_MOST]]
    more = len(found) - _LINKS_AT_MOST
    return [*lines, f"and {counted(more, f'more {what}')}"] if more > 0 else lines


def backfill_commands(dates: Iterable[ToldDate], only: str) -> list[str]:
    """The commands that build these tables and dates in backfill mode; none for what names no table and date.

    Tables with the same dates share a command. Many dates become a range, of which ``--only`` takes what is meant.
    """
    by_table: dict[str, set[date]] = {}
    for told in dates:
        # Only names that we know: a command is copied into a shell.
        if told.table in _TABLES and told.day is not None:
            by_table.setdefault(told.table, set()).add(told.day)
    sharing: dict[tuple[date, ...], list[str]] = {}
    for table in _TABLES:
        if table in by_table:
            sharing.setdefault(tuple(sorted(by_table[table])), []).append(table)
    if len(sharing) > _COMMANDS_AT_MOST:
        every = sorted(set().union(*by_table.values()))
        sharing = {tuple(every): [table for table in _TABLES if table in by_table]}
    return [_backfill_command(tables, days, only) for days, tables in sharing.items()]


def materialize_commands(dates: Iterable[ToldDate]) -> list[str]:
    """The commands that build these tables and dates under live rules, one for each.

    None when they are more than one date of every table has.
    """
    pairs = {(told.table, told.day) for told in dates if told.table in _TABLES and told.day is not None}
    if len(pairs) > len(_TABLES):
        return []
    ordered = sorted(pairs, key=lambda pair: (_TABLES.index(str(pair[0])), str(pair[1])))
    return [f"nba-analytics materialize {table} {day}" for table, day in ordered]


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, the two that matter."""
    minutes, rest = divmod(max(round(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _backfill_command(tables: Sequence[str], days: Sequence[date], only: str) -> str:
    of_tables = "" if len(tables) == len(_TABLES) else f" --tables {','.join(tables)}"
    one_block = len(days) >= _RANGE_FROM and len(contiguous_blocks(days)) == 1
    if one_block or len(days) > ROWS_AT_MOST:
        of_dates = f"--start {days[0]} --end {days[-1]}"
    else:
        of_dates = f"--dates {','.join(map(str, days))}"
    return f"nba-analytics backfill --only {only}{of_tables} {of_dates}"


def _in_order(tables: Iterable[str | None]) -> tuple[str, ...]:
    found = {table for table in tables if table}
    return (*(table for table in _TABLES if table in found), *sorted(found - set(_TABLES)))


def _range(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last} ({(last - first).days + 1:,} dates)"
