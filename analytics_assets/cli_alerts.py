"""The commands ``silence add``, ``list``, ``expire`` and ``alerts list``: thin, over the ledger and its silences."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics_assets import presentation
from analytics_assets.alerts.events import AlertKind, Severity
from analytics_assets.alerts.silences import Silence, SilenceError, SilenceState, check_silence
from analytics_assets.cli_arguments import JsonOption, now, stated_date, stated_tables, usage_error

if TYPE_CHECKING:
    from analytics_assets.alerts.ops_database import OpsDatabase
    from analytics_assets.alerts.stored_events import StoredEvent

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LONGEST_TEXT = 100

silence_app = typer.Typer(no_args_is_help=True, help="Hold alerts back for a time; they are recorded all the same.")
alerts_app = typer.Typer(no_args_is_help=True, help="What the ledger of alerts holds.")

KindOption = Annotated[AlertKind | None, typer.Option("--kind", help="Only this kind of alerts.")]


@silence_app.command("add")
def add(
    author: Annotated[str, typer.Option(help="Who silences.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    until: Annotated[str, typer.Option(help="When it is over: a time as 2026-01-31T18:00 (UTC), or 12h, 3d from now.")],
    kind: KindOption = None,
    table: Annotated[str | None, typer.Option("--table", help="Only alerts about this table.")] = None,
    dates: Annotated[
        str | None, typer.Option("--dates", metavar="A..B", help="Only alerts about these game dates; one or a range.")
    ] = None,
    severity: Annotated[Severity | None, typer.Option("--severity", help="Only this severity.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="When it begins, as --until; now by default.")] = None,
    long: Annotated[bool, typer.Option("--long", help="Allow more than 14 days.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show which open trouble it would match now; write nothing.")
    ] = False,
) -> None:
    """Hold back alerts that fit all that is given, until a time; at least one of kind, table, dates, severity."""
    from analytics_assets.alerts.ledger import Ledger
    from analytics_assets.alerts.silence_store import add_silence

    moment = now()
    first, last = _stated_range(dates)
    wanted = Silence(
        silence_id="",
        kind=kind,
        table_name=None if table is None else _one_table(table),
        first_date=first,
        last_date=last,
        severity=severity,
        starts_at=moment if start is None else _moment(start, moment, "--from", ahead=True),
        ends_at=_moment(until, moment, "--until", ahead=True),
        author=author,
        reason=reason,
        created_at=moment,
    )
    with _ops_database() as database:
        if dry_run:
            check_silence(wanted, now=moment, allow_long=long)
            _show_matches(wanted, Ledger(database).unrecovered())
            return
        added = add_silence(database, wanted, now=moment, allow_long=long)
    state = added.state_at(moment)
    begins = "" if state is SilenceState.ACTIVE else f" from {_utc(added.starts_at)}"
    text = f"{added.silence_id} ({state}) holds back {_matchers(added)}{begins} until {_utc(added.ends_at)}"
    presentation.console().print(presentation.plain(text))


@silence_app.command("list")
def list_silences(as_json: JsonOption = False) -> None:
    """Show all silences: pending, active, idle (nothing matched for a day), expired, unreadable (matches nothing)."""
    from analytics_assets.alerts.silence_store import all_silences

    moment = now()
    with _ops_database() as database:
        readable, unreadable = all_silences(database)
    if as_json:
        documents: list[Mapping[str, Any]] = [
            asdict(silence) | {"state": silence.state_at(moment)} for silence in readable
        ]
        documents += [asdict(one) | {"state": SilenceState.UNREADABLE} for one in unreadable]
        typer.echo(_json(documents))
        return
    rows = [
        (
            silence.silence_id,
            str(silence.state_at(moment)),
            _matchers(silence),
            _utc(silence.starts_at),
            _utc(silence.ends_at),
            str(silence.matches),
            f"{silence.author}: {silence.reason}",
        )
        for silence in readable
    ]
    rows += [(one.silence_id, str(SilenceState.UNREADABLE), one.problem, "", "", "", "") for one in unreadable]
    _print(("silence", "state", "holds back", "from", "until", "matched", "who and why"), rows, "no silences")


@silence_app.command("expire")
def expire(silence_id: Annotated[str, typer.Argument(metavar="ID", help="Silence, such as s-1a2b3c4d.")]) -> None:
    """End a silence now; what it held back and still lasts is told once."""
    from analytics_assets.alerts.silence_store import expire_silence

    with _ops_database() as database:
        expire_silence(database, silence_id, now=now())
    presentation.console().print(presentation.plain(f"{silence_id} is over"))


@alerts_app.command("list")
def list_alerts(
    silenced: Annotated[
        bool, typer.Option("--silenced", help="Only what was held back: silenced, suppressed by a backfill, inhibited.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option("--since", help="Only from then on: 2026-01-31, 2026-01-31T18:00 (UTC), or 12h, 7d ago."),
    ] = None,
    kind: KindOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what happened, the latest first, and what became of it."""
    from analytics_assets.alerts.ledger import Ledger

    start = None if since is None else _moment(since, now(), "--since", ahead=False)
    with _ops_database() as database:
        found = Ledger(database).listing(since=start, silenced=silenced, kind=kind)
    if as_json:
        typer.echo(_json(found))
        return
    rows = [
        (
            _utc(row["happened_at"]),
            row["kind"] if row["nature"] == "problem" else f"{row['kind']} {row['nature']}",
            row["severity"],
            " ".join(part for part in (row["subject"], row["game_date"]) if part),
            _became(row),
            "" if row["recovered_at"] is None else _utc(row["recovered_at"]),
            _shortened(f"{row['error_class']}: {row['text']}" if row["text"] else row["error_class"]),
        )
        for row in found
    ]
    _print(("when (UTC)", "kind", "severity", "about", "became", "over since", "what"), rows, "no alerts")


@contextmanager
def _ops_database() -> Iterator["OpsDatabase"]:
    """The ops database; what is wrong with it or with a silence is told in one line."""
    # Takes a third of a second, which other commands shall not wait for.
    from analytics_assets.alerts.ops_database import OpsDatabaseError, open_ops_database

    try:
        yield open_ops_database()
    except (OpsDatabaseError, SilenceError) as error:
        usage_error(str(error))


def _show_matches(wanted: Silence, lasting: Sequence["StoredEvent"]) -> None:
    matched = [event for event in lasting if wanted.matches_event(event)]
    rows = [
        (
            _utc(event.happened_at),
            str(event.kind),
            str(event.severity),
            " ".join(str(part) for part in (event.subject, event.game_date) if part),
            _shortened(f"{event.error_class}: {event.text}"),
        )
        for event in matched
    ]
    _print(("when (UTC)", "kind", "severity", "about", "what"), rows, "it would match nothing that lasts now")
    console = presentation.console()
    text = f"{len(matched)} of {len(lasting)} events that last would match {_matchers(wanted)}; nothing was written"
    console.print(presentation.plain(text))


def _one_table(stated: str) -> str:
    names = stated_tables(stated)
    if len(names) != 1:
        usage_error("--table takes one table; without it a silence fits all")
    return names[0]


def _stated_range(stated: str | None) -> tuple[date | None, date | None]:
    """First and last date of ``A..B``, ``A..``, ``..B`` or ``A``."""
    if stated is None:
        return None, None
    first, dots, last = stated.partition("..")
    if not dots:
        last = first
    if not first and not last:
        usage_error("--dates needs a date: A..B, A.., ..B or A")
    return (stated_date(first) if first else None), (stated_date(last) if last else None)


def _moment(stated: str, moment: datetime, option: str, *, ahead: bool) -> datetime:
    """A time that is stated, or counted from the present one, ahead or back."""
    span = re.fullmatch(r"(\d{1,5})([mhdw])", stated.strip())
    try:
        if span:
            length = int(span.group(1)) * _UNITS[span.group(2)]
            return moment + length if ahead else moment - length
        found = datetime.fromisoformat(stated.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        usage_error(f"{option} {stated!r} is no time; write 2026-01-31T18:00, or 30m, 12h, 3d")


def _matchers(silence: Silence) -> str:
    dates = None
    if silence.first_date or silence.last_date:
        both = (str(day) if day else "" for day in (silence.first_date, silence.last_date))
        dates = str(silence.first_date) if silence.first_date == silence.last_date else "..".join(both)
    parts = (silence.kind, silence.table_name, dates, silence.severity)
    return " ".join(str(part) for part in parts if part is not None)


def _became(row: Mapping[str, Any]) -> str:
    by = {
        "silenced": row["silence_id"],
        "suppressed_by_backfill": row["backfill_id"] or row["run_id"],
        "inhibited": row["inhibited_by"],
    }.get(row["disposition"])
    return f"{row['disposition']} ({by})" if by else str(row["disposition"])


def _print(headers: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    if not rows:
        presentation.console().print(nothing)
        return
    presentation.plain_table(headers, rows)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TEXT else f"{line[: _LONGEST_TEXT - 1]}…"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, default=lambda one: one.isoformat() if isinstance(one, date) else str(one))
