"""How ``nba-analytics raw report`` shows what raw tables hold and what Dagster was told."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from analytics_assets import presentation
from analytics_assets.backfill.plan import contiguous_blocks

if TYPE_CHECKING:
    from analytics_assets.assets.raw_report import TableDates

# About two seconds of events; less needs no bar.
_WORTH_A_BAR = 200


def raw_report(found: "Sequence[TableDates]", events: int, seconds: float) -> None:
    """Dates held per table, and what was told of them."""
    headers = ("raw table", "dates with rows", "first", "last", "new", "changed", "told before", "without rows now")
    presentation.plain_table(headers, [_row(entry) for entry in found])
    console = presentation.console()
    for entry in found:
        name = entry.table.full_name
        if not entry.digests:
            console.print(f"{name} is missing or holds no rows of these dates")
        if entry.gone:
            blocks = ", ".join(_block(first, last) for first, last in contiguous_blocks(entry.gone))
            console.print(
                f"{name}: Dagster shows {blocks} as held, but there are no rows any more; it cannot take that back"
            )
    console.print(f"told Dagster of {events:,} tables and dates in {seconds:.1f} s")


def how_to_report() -> None:
    """After raw rows were written: Dagster does not know of them by itself."""
    presentation.console().print("Dagit shows which dates the raw tables hold after: nba-analytics raw report")


def raw_report_document(found: "Sequence[TableDates]", events: int, seconds: float) -> dict[str, Any]:
    """The same for programs; dates as YYYY-MM-DD, None for a table without dates."""
    return {
        "events": events,
        "seconds": round(seconds, 1),
        "tables": [
            {
                "table": entry.table.full_name,
                "has_rows": bool(entry.digests),
                "dates_with_rows": len(entry.digests) if entry.table.date_column else None,
                "new": _texts(entry.new),
                "changed": _texts(entry.changed),
                "told_before": len(entry.digests) - len(entry.untold),
                "without_rows_now": _texts(entry.gone),
            }
            for entry in found
        ],
    }


@contextmanager
def progress(total: int) -> "Iterator[Callable[[TableDates, int], None]]":
    """A bar on standard error over so many events, or nothing when they are few; gives what to call after some."""
    if total < _WORTH_A_BAR:
        yield lambda _entry, _events: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("telling Dagster", total=total)
        yield lambda entry, events: bar.update(task, advance=events, description=entry.table.name)


def _row(entry: "TableDates") -> tuple[str, ...]:
    days = [day for day in entry.digests if day is not None]
    held = f"{len(days):,}" if entry.table.date_column else "no dates"
    bounds = (f"{days[0]}", f"{days[-1]}") if days else ("", "")
    counts = (len(entry.new), len(entry.changed), len(entry.digests) - len(entry.untold), len(entry.gone))
    return (entry.table.name, held, *bounds, *(f"{count:,}" for count in counts))


def _block(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _texts(days: Sequence[date | None]) -> list[str | None]:
    return [day.isoformat() if day else None for day in days]
