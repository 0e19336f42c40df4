"""How ``nba-analytics raw fetch`` shows what it will ask, how far it is, and what came of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from analytics_assets import presentation, presentation_raw_report
from analytics_assets.raw.fetch.fetch_plan import Fetched, FetchResult, PlannedRequest
from analytics_assets.raw.fetch.nba_com import SeasonsPlan
from analytics_assets.raw.fetch.nba_com_requests import TABLE_OF_KIND, kind_of_key
from analytics_assets.raw.fetch.polite_http import Pace
from analytics_assets.raw.loaders.load_answers import LoadedAnswers

_LINES_SHOWN = 10
_MINUTE = 60


def planned(plan: SeasonsPlan, pace: Pace) -> None:
    """How many requests are to be sent and how long that takes at least; what cannot be had."""
    for note in plan.notes:
        presentation.console().print(presentation.plain(note))
    presentation.console().print(cost_line(len(plan.to_send), len(plan.requests) - len(plan.to_send), pace))


def cost_line(to_send: int, stored: int, pace: Pace) -> str:
    """Such as ``1,312 requests, about 25 min at one every 1.0 s or a little more; 20 are on disk``."""
    on_disk = f"; {stored:,} answers are on disk and not asked again" if stored else ""
    if not to_send:
        return f"nothing to ask{on_disk}"
    minutes = pace.seconds_for(to_send) / _MINUTE
    long = f"{minutes / _MINUTE:.1f} h" if minutes >= 2 * _MINUTE else f"{max(1, round(minutes))} min"
    return f"{to_send:,} requests, about {long} at one every {pace.interval:.1f} s or a little more{on_disk}"


class FetchBar:
    """A bar over the requests that are sent."""

    def __init__(self, bar: Progress, total: int) -> None:
        self._bar, self._counts = bar, Counter[str]()
        self._task = bar.add_task("asking", total=total, outcomes="")

    def advance(self, request: PlannedRequest, outcome: Fetched) -> None:
        """One more request ended."""
        if outcome is Fetched.ON_DISK:
            return
        self._counts[str(outcome)] += 1
        told = " ".join(f"{name} {count}" for name, count in self._counts.most_common())
        self._bar.update(self._task, advance=1, outcomes=told, description=request.key)


@contextmanager
def fetching(requests: Sequence[object], to_send: Sequence[object]) -> Iterator[FetchBar | None]:
    """A bar on standard error with the time left; none where nobody looks or nothing is sent."""
    console = Console(stderr=True)
    if not requests or not to_send or not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[outcomes]}", markup=False),
    )
    with Progress(*columns, console=console) as bar:
        yield FetchBar(bar, len(to_send))


@contextmanager
def loading(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error over answers that are loaded; none where nobody looks."""
    console = Console(stderr=True)
    if not total or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("loading answers", total=total)
        yield lambda count: bar.update(task, advance=count)


def fetched(
    result: FetchResult, tables: Mapping[str, str] = TABLE_OF_KIND, kind_of: Callable[[str], str] = kind_of_key
) -> None:
    """How the requests ended by raw table, and one line for each failure.

    Args:
        result: What became of the plan.
        tables: Raw table by kind of answer, in the order in which they are shown.
        kind_of: Kind of an answer's key.
    """
    console = presentation.console()
    names = [str(outcome) for outcome in Fetched]
    rows = [
        (kind.replace("_", " "), table, *(f"{counts[name]:,}" for name in [*names, "not asked"]))
        for kind, table in tables.items()
        if (counts := _counts(result, kind_of).get(kind))
    ]
    presentation.plain_table(("answers", "raw table", *names, "not asked"), rows)
    for line in list(result.failures.values())[:_LINES_SHOWN]:
        console.print(f"[yellow]{presentation.plain(line)}[/yellow]")
    if len(result.failures) > _LINES_SHOWN:
        console.print(f"and {len(result.failures) - _LINES_SHOWN:,} more failed")
    if result.interrupted:
        console.print("stopped by Ctrl-C; run the same command to go on")
    if result.stopped is not None and result.stopped not in result.failures.values():
        console.print(f"[red]{presentation.plain(result.stopped)}[/red]")


def loaded_answers(loaded: LoadedAnswers) -> None:
    """Rows by raw table, what was skipped, and why rows or answers were refused."""
    console = presentation.console()
    if not loaded.kinds and not loaded.unreadable:
        console.print("nothing to load: the warehouse holds every stored answer that was asked for")
        return
    rows = [
        (name, f"{count.added:,}", f"{count.changed:,}", f"{count.unchanged:,}")
        for name, count in loaded.counts.items()
    ]
    presentation.plain_table(("raw table", "added", "changed", "unchanged"), rows)
    for what, count in loaded.skipped.items():
        console.print(presentation.plain(f"{count:,} rows skipped ({what}), which no raw table holds"))
    if len(loaded.rejected):
        for reason, refused in loaded.rejected.groupby("reason"):
            first = refused.iloc[0]
            text = f"{len(refused):,} rows rejected ({reason}), first row {first.row_number} of {first.answer}: "
            console.print(f"[yellow]{presentation.plain(text + str(first.detail))}[/yellow]")
    for line in list(loaded.unreadable.values())[:_LINES_SHOWN]:
        console.print(f"[yellow]{presentation.plain(line)}[/yellow]")
    presentation_raw_report.how_to_report()


def fetch_document(
    result: FetchResult, loaded: LoadedAnswers | None, kind_of: Callable[[str], str] = kind_of_key
) -> dict[str, Any]:
    """The same for programs."""
    document: dict[str, Any] = {
        "complete": result.complete,
        "interrupted": result.interrupted,
        "stopped": result.stopped,
        "answers": {kind: dict(counts) for kind, counts in _counts(result, kind_of).items()},
        "failures": result.failures,
        "loaded": None,
    }
    if loaded is not None:
        document["loaded"] = {
            "answers": dict(loaded.kinds),
            "tables": {name: vars(count) for name, count in loaded.counts.items()},
            "skipped": dict(loaded.skipped),
            "rejected_rows": len(loaded.rejected),
            "unreadable": loaded.unreadable,
        }
    return document


def _counts(result: FetchResult, kind_of: Callable[[str], str]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for key, outcome in result.outcomes.items():
        counts.setdefault(kind_of(key), Counter())[str(outcome)] += 1
    for key in result.left:
        counts.setdefault(kind_of(key), Counter())["not asked"] += 1
    return counts
