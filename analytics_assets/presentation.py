"""How the command line shows things: tables, progress, summaries, JSON documents. Decides nothing."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from analytics_assets.backfill.plan import PlannedRun, contiguous_blocks
from analytics_assets.backfill.results import BackfillRecord
from analytics_assets.coverage.grid import missing_dates
from analytics_assets.coverage.heat_map import shown_states
from analytics_assets.coverage.results import DateResult
from analytics_assets.warehouse import MergeCounts

_COLOURS = {
    "built": "green",
    "off_day": "cyan",
    "off_season": "blue",
    "not_due": "white",
    "partial_raw_data": "yellow",
    "no_raw_data": "yellow",
    "no_schedule": "yellow",
    "stale_raw_data": "yellow",
    "too_old": "yellow",
    "never_built": "magenta",
    "waived": "bright_black",
    "invalid": "red",
    "error": "red",
}


_WIDTH_OF_FILES = 160
_BLOCKS_AT_MOST = 60
# From here on a progress bar has room for table and date.
_WIDE = 120


def console() -> Console:
    """The terminal, or a file of fixed width."""
    # Made per call so that redirected output and the terminal's present width are seen.
    return Console(soft_wrap=True, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)


def _table(*headers: str, title: str | None = None) -> Table:
    shown = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for header in headers:
        # Names and numbers are folded rather than cut: a shortened table name is of no use.
        shown.add_column(header, overflow="fold")
    return shown


def plain_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Texts in columns, none of them read as markup."""
    shown = _table(*headers)
    for row in rows:
        shown.add_row(*(plain(text) for text in row))
    console().print(shown)


def error(message: str) -> None:
    """One line on standard error."""
    Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {plain(message)}")


def exit_code(grid: pd.DataFrame) -> int:
    """0 when everything due is done, else 1."""
    return 1 if len(missing_dates(grid)) else 0


def merge_counts(label: str, counts: Mapping[str, MergeCounts]) -> None:
    """Rows added, changed and unchanged per raw table."""
    shown = _table("raw table", "added", "changed", "unchanged", title=plain(label))
    for name, count in counts.items():
        shown.add_row(name, f"{count.added:,}", f"{count.changed:,}", f"{count.unchanged:,}")
    console().print(shown)


def demo_faults(faults: Sequence[Any], removed: Mapping[str, int]) -> None:
    """What filling the demo took away, which faults are in its rows, and how to build their dates."""
    if removed:
        rows = ", ".join(f"{count:,} of {name}" for name, count in removed.items())
        console().print(f"rows removed that this league does not hold: {rows}; build their dates again with --only all")
    if not faults:
        return
    shown = _table("fault", "dates", "game", "raw tables", "what was done", "what to expect", title="faults")
    for fault in faults:
        days = f"{fault.dates[0]}" if len(fault.dates) == 1 else f"{fault.dates[0]} to {fault.dates[-1]}"
        outcomes = dict.fromkeys((str(fault.player_outcome), str(fault.team_outcome)))
        told = (fault.name, days, fault.game_id or "", ", ".join(fault.tables), fault.done)
        shown.add_row(*(plain(text) for text in told), plain(f"{' / '.join(outcomes)}: {fault.shows}"))
    console().print(shown)
    dates = ",".join(str(day) for fault in faults for day in fault.dates)
    console().print(f"build these dates with: nba-analytics backfill --dates {dates}")


def load_reports(reports: Sequence[Any]) -> None:
    """What each loaded file gave, what was skipped, and every rejected row's reason."""
    shown = _table("file", "kind", "raw table", "added", "changed", "unchanged", "rejected")
    for report in reports:
        rejected = str(len(report.file.rejected))
        for name, count in report.counts.items():
            numbers = (f"{count.added:,}", f"{count.changed:,}", f"{count.unchanged:,}", rejected)
            shown.add_row(report.file.path.name, str(report.file.kind), name, *numbers)
    console().print(shown)
    for report in reports:
        for what, rows in report.file.skipped.items():
            console().print(plain(f"{report.file.path.name}: {rows} rows skipped ({what}), which no raw table holds"))
        rejected = report.file.rejected
        for reason, rows in rejected.groupby("reason"):
            first = rows.iloc[0]
            counted = f"{report.file.path.name}: {len(rows)} rows rejected ({reason})"
            text = f"{counted}, first row {first.row_number}: {first.detail}"
            console().print(f"[yellow]{plain(text)}[/yellow]")


class ProgressBar:
    """A bar over all tables and dates of a run, with its pace and the outcomes so far."""

    def __init__(self, bar: Progress, total: int) -> None:
        self._bar, self._counts = bar, Counter[str]()
        self._task = bar.add_task("preparing", total=total, pace="", outcomes="")

    def advance(self, result: DateResult) -> None:
        """One more table and date."""
        self._counts[str(result.outcome)] += 1
        task = self._bar.tasks[0]
        pace = f"{self._counts.total() / max(task.elapsed or 0.0, 0.1):.1f} dates/s"
        told = " ".join(f"[{_COLOURS[name]}]{name} {count}[/]" for name, count in self._counts.most_common())
        self._bar.update(
            self._task, advance=1, pace=pace, outcomes=told, description=f"{result.table_name} {result.game_date}"
        )

    def reached(self, size: int) -> None:
        """So many tables and dates have ended in a deployment."""
        task = self._bar.tasks[0]
        pace = f"{size / max(task.elapsed or 0.0, 0.1):.1f} dates/s"
        self._bar.update(self._task, completed=size, pace=pace, description="in the deployment")

    def stopping(self) -> None:
        """The user asked to stop."""
        self._bar.console.print("stopping when the current slice is committed; press Ctrl-C again to stop at once")


@contextmanager
def progress(total: int) -> Iterator[ProgressBar]:
    """Show a progress bar on standard error; a narrow terminal leaves out which date it is at."""
    shown = Console(stderr=True)
    columns = (
        BarColumn(bar_width=20 if shown.width >= _WIDE else 8),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[outcomes]}"),
    )
    where = (TextColumn("{task.description}"),) if shown.width >= _WIDE else ()
    with Progress(*where, *columns, console=shown) as bar:
        yield ProgressBar(bar, total)


def results(found: Sequence[DateResult]) -> None:
    """One line per result."""
    for result in found:
        reason = f": {result.reason}" if result.reason else ""
        facts = f"{result.actual_rows} rows, {result.actual_games} games"
        head = f"{result.table_name} {result.game_date} [{_COLOURS[str(result.outcome)]}]{result.outcome}[/]"
        console().print(f"{head} ({facts}){plain(reason)}")


def plan(run: PlannedRun | None, wanted: pd.DataFrame, asked: int, seconds: float | None) -> None:
    """What a backfill would build and why, in how many runs and how long."""
    reasons = _table("table", "because", "dates", "games expected", title="would build")
    for (name, why), rows in wanted.groupby(["table_name", "planned_because"], sort=False):
        reasons.add_row(str(name), str(why), f"{len(rows):,}", f"{int(rows['expected_games'].fillna(0).sum()):,}")
    console().print(reasons)
    blocks = planned_blocks(run)
    shown = _table("tables", "start", "end", "dates", title="dates")
    for names, start, end, size in blocks[:_BLOCKS_AT_MOST]:
        shown.add_row(", ".join(names), str(start), str(end), str(size))
    console().print(shown)
    if len(blocks) > _BLOCKS_AT_MOST:
        console().print(f"and {len(blocks) - _BLOCKS_AT_MOST} more ranges; plan --json lists all")
    if (wanted["planned_because"] == "outdated").any():
        console().print("contexts that look back on what is built again are looked for once it is built")
    took = f"about {_duration(seconds)}" if seconds is not None else "no estimate, nothing was built before"
    runs = "1 run" if run is not None else "0 runs"
    console().print(f"{len(wanted)} of {asked} tables and dates would be built in {runs} ({took}); nothing was written")


def planned_blocks(run: PlannedRun | None) -> list[tuple[list[str], date, date, int]]:
    """Tables, first date, last date and number of dates of each consecutive block; tables with equal dates together."""
    together: dict[tuple[date, ...], list[str]] = {}
    for name, dates in (run.dates_by_table if run is not None else {}).items():
        together.setdefault(dates, []).append(name)
    return [
        (names, start, end, (end - start).days + 1)
        for dates, names in together.items()
        for start, end in contiguous_blocks(dates)
    ]


def plan_document(run: PlannedRun | None, wanted: pd.DataFrame, asked: int, seconds: float | None) -> dict[str, Any]:
    """The same as :func:`plan` for programs, with every date."""
    counts: dict[str, dict[str, int]] = {}
    for (name, why), rows in wanted.groupby(["table_name", "planned_because"], sort=False):
        counts.setdefault(str(name), {})[str(why)] = len(rows)
    return {
        "asked": asked,
        "planned": len(wanted),
        "estimated_seconds": None if seconds is None else round(seconds, 1),
        "newest_first": run.newest_first if run is not None else False,
        "because": counts,
        "ranges": [
            {"tables": names, "start": str(start), "end": str(end), "dates": size}
            for names, start, end, size in planned_blocks(run)
        ],
        "dates": [
            {"table": row.table_name, "date": f"{row.game_date:%Y-%m-%d}", "because": str(row.planned_because)}
            for row in wanted.itertuples()
        ],
    }


def scans(found: pd.DataFrame) -> None:
    """What the questions of a run would scan in BigQuery."""
    shown = _table("table", "GB scanned", "questions", title="would scan")
    for row in found.to_dict("records"):
        shown.add_row(str(row["table_name"]), f"{row['bytes_scanned'] / 2**30:,.3f}", str(row["questions"]))
    console().print(shown)
    console().print(f"{found['bytes_scanned'].sum() / 2**30:,.3f} GB in {found['questions'].sum()} queries and reads")


def nothing_to_do(only: str) -> None:
    """No date was asked for."""
    console().print("nothing to do: no date is to be built" if only == "all" else f"nothing to do: no date is {only}")


def backfill_summary(grid: pd.DataFrame, label: str) -> None:
    """Outcomes per table, and every date that is not done with its reason."""
    console().print(state_table(grid, plain(label)))
    list_missing(missing_dates(grid))


def backfill_record(record: BackfillRecord) -> None:
    """Where the record is, what was not done, and how to go on."""
    counts = ", ".join(f"{outcome} {size}" for outcome, size in record.counts.items())
    console().print(plain(f"backfill {record.backfill_id}: {counts}"))
    console().print(plain(f"every date, outcome and reason: {record.path}"))
    stopped = record.status == "stopped"
    if stopped:
        console().print("stopped; everything up to the last committed slice is kept")
    if record.not_done:
        verb = "go on with" if stopped else "retry with"
        console().print(f"{verb}: nba-analytics backfill retry {record.backfill_id}")
    if stopped and record.only == "outdated":
        console().print("then look once more for dates that are outdated by what was built: backfill --only outdated")


def retrying(record: BackfillRecord) -> None:
    """Which backfill is continued."""
    console().print(
        plain(f"continuing {record.backfill_id}, {record.status}: {len(record.not_done)} tables and dates not done")
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{max(rest, 1)} s"


def verification(found: Mapping[str, Mapping[str, object]]) -> None:
    """Profiles of stored tables."""
    shown = _table("table", "first date", "last date", "rows", "dates", "duplicate keys")
    for name, profile in found.items():
        keys = ("first_date", "last_date", "rows", "dates", "duplicate_keys")
        shown.add_row(name, *(str(profile[key]) for key in keys))
    console().print(shown)


def coloured(state: str, text: str | None = None) -> str:
    """Text, by default the state itself, in the state's colour."""
    return f"[{_COLOURS.get(state, 'white')}]{text or state}[/]"


def state_table(grid: pd.DataFrame, title: str) -> Table:
    """Dates, games and rows per table and outcome; waived gaps are counted apart."""
    shown = _table("table", "outcome", "dates", "games (actual/expected)", "rows", title=title)
    for (name, state), rows in grid.groupby(["table_name", shown_states(grid).rename("shown")], sort=True):
        games = f"{int(rows['actual_games'].sum()):,}/{int(rows['expected_games'].fillna(0).sum()):,}"
        shown.add_row(str(name), coloured(str(state)), f"{len(rows):,}", games, f"{int(rows['actual_rows'].sum()):,}")
    return shown


def list_missing(missing: pd.DataFrame) -> None:
    """Every missing table and date with its reason."""
    lines = [
        f"{row.table_name} {row.game_date:%Y-%m-%d} {coloured(str(row.state))}: {plain(str(row.reason))}"
        for row in missing.itertuples()
    ]
    if lines:
        console().print("\n".join(lines))


def plain(text: str) -> str:
    """Text without anything that would be read as markup."""
    from rich.markup import escape

    return escape(text)
