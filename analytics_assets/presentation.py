"""How the command line shows things: tables, progress, summaries, JSON documents. Decides nothing."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from analytics_assets.backfill.plan import PlannedRun
from analytics_assets.coverage.grid import missing_dates
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
    "invalid": "red",
    "error": "red",
}


_WIDTH_OF_FILES = 160


def _console() -> Console:
    # Made per call so that redirected output and the terminal's present width are seen.
    return Console(soft_wrap=True, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)


def _table(*headers: str, title: str | None = None) -> Table:
    shown = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for header in headers:
        # Names and numbers are folded rather than cut: a shortened table name is of no use.
        shown.add_column(header, overflow="fold")
    return shown


def error(message: str) -> None:
    """One line on standard error."""
    Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {_plain(message)}")


def exit_code(grid: pd.DataFrame) -> int:
    """0 when everything due is done, else 1."""
    return 1 if len(missing_dates(grid)) else 0


def merge_counts(label: str, counts: Mapping[str, MergeCounts]) -> None:
    """Rows added, changed and unchanged per raw table."""
    shown = _table("raw table", "added", "changed", "unchanged", title=_plain(label))
    for name, count in counts.items():
        shown.add_row(name, f"{count.added:,}", f"{count.changed:,}", f"{count.unchanged:,}")
    _console().print(shown)


def demo_faults(faults: Sequence[Any], removed: Mapping[str, int]) -> None:
    """What filling the demo took away, which faults are in its rows, and how to build their dates."""
    if removed:
        rows = ", ".join(f"{count:,} of {name}" for name, count in removed.items())
        _console().print(
            f"rows removed that this league does not hold: {rows}; build their dates again with --only all"
        )
    if not faults:
        return
    shown = _table("fault", "dates", "game", "raw tables", "what was done", "what to expect", title="faults")
    for fault in faults:
        days = f"{fault.dates[0]}" if len(fault.dates) == 1 else f"{fault.dates[0]} to {fault.dates[-1]}"
        outcomes = dict.fromkeys((str(fault.player_outcome), str(fault.team_outcome)))
        told = (fault.name, days, fault.game_id or "", ", ".join(fault.tables), fault.done)
        shown.add_row(*(_plain(text) for text in told), _plain(f"{' / '.join(outcomes)}: {fault.shows}"))
    _console().print(shown)
    dates = ",".join(str(day) for fault in faults for day in fault.dates)
    _console().print(f"build these dates with: nba-analytics backfill --dates {dates}")


def load_reports(reports: Sequence[Any]) -> None:
    """What each loaded file gave, what was skipped, and every rejected row's reason."""
    shown = _table("file", "kind", "raw table", "added", "changed", "unchanged", "rejected")
    for report in reports:
        rejected = str(len(report.file.rejected))
        for name, count in report.counts.items():
            numbers = (f"{count.added:,}", f"{count.changed:,}", f"{count.unchanged:,}", rejected)
            shown.add_row(report.file.path.name, str(report.file.kind), name, *numbers)
    _console().print(shown)
    for report in reports:
        for what, rows in report.file.skipped.items():
            _console().print(_plain(f"{report.file.path.name}: {rows} rows skipped ({what}), which no raw table holds"))
        rejected = report.file.rejected
        for reason, rows in rejected.groupby("reason"):
            first = rows.iloc[0]
            counted = f"{report.file.path.name}: {len(rows)} rows rejected ({reason})"
            text = f"{counted}, first row {first.row_number}: {first.detail}"
            _console().print(f"[yellow]{_plain(text)}[/yellow]")


@contextmanager
def progress(runs: Sequence[PlannedRun]) -> Iterator[Callable[[DateResult], None]]:
    """Progress bar over all dates of all runs; yields a function to call per finished date."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("preparing", total=sum(run.dates * len(run.table_names) for run in runs))

        def advance(result: DateResult) -> None:
            bar.update(task, advance=1, description=f"{result.table_name} {result.game_date}")

        yield advance


def results(found: Sequence[DateResult]) -> None:
    """One line per result."""
    for result in found:
        reason = f": {result.reason}" if result.reason else ""
        facts = f"{result.actual_rows} rows, {result.actual_games} games"
        head = f"{result.table_name} {result.game_date} [{_COLOURS[str(result.outcome)]}]{result.outcome}[/]"
        _console().print(f"{head} ({facts}){_plain(reason)}")


def plan(runs: Sequence[PlannedRun], grid: pd.DataFrame) -> None:
    """What a backfill would run."""
    shown = _table("tables", "start", "end", "dates", title="would run")
    for run in runs:
        shown.add_row(", ".join(run.table_names), str(run.start), str(run.end), str(run.dates))
    _console().print(shown)
    total = sum(run.dates * len(run.table_names) for run in runs)
    _console().print(f"{total} of {len(grid)} tables and dates would be built in {len(runs)} runs; nothing was written")


def backfill_summary(grid: pd.DataFrame, runs: Sequence[PlannedRun], label: str) -> None:
    """Outcomes per table, and every date that is not done with its reason."""
    if not runs:
        _console().print("nothing to do: no date is missing")
    _console().print(_state_table(grid, _plain(label)))
    missing = missing_dates(grid)
    _list_missing(missing)
    if len(missing):
        _console().print("retry with: nba-analytics backfill with the same dates (only missing dates are run again)")


def status(grid: pd.DataFrame, phases: Mapping[str, Sequence[str]], *, list_missing: bool) -> None:
    """Counts per table and outcome, the schedule's coverage, and on request the missing dates."""
    first, last = grid["game_date"].min(), grid["game_date"].max()
    _console().print(_state_table(grid, f"{first:%Y-%m-%d} to {last:%Y-%m-%d}, {grid['game_date'].nunique()} dates"))
    for season, kinds in phases.items():
        _console().print(f"schedule {season} covers {_plain(', '.join(kinds))}")
    if not phases:
        _console().print("no schedule is loaded: run nba-analytics demo, or nba-analytics raw load")
    missing = missing_dates(grid)
    if list_missing:
        _list_missing(missing)
    elif len(missing):
        _console().print(f"{len(missing)} due and not done; list them with --missing")


def status_document(grid: pd.DataFrame, phases: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The same as :func:`status` for programs."""
    missing = missing_dates(grid)
    tables = {}
    for name, rows in grid.groupby("table_name", sort=False):
        gaps = missing[missing["table_name"] == name]
        tables[str(name)] = {
            "outcomes": {str(state): int(size) for state, size in rows["state"].value_counts().sort_index().items()},
            "done": int(rows["done"].sum()),
            "due": int(rows["due"].sum()),
            "expected_games": int(rows["expected_games"].fillna(0).sum()),
            "actual_games": int(rows["actual_games"].sum()),
            "actual_rows": int(rows["actual_rows"].sum()),
            "missing": [
                {"date": f"{gap.game_date:%Y-%m-%d}", "state": gap.state, "reason": gap.reason}
                for gap in gaps.itertuples()
            ],
        }
    return {
        "start": f"{grid['game_date'].min():%Y-%m-%d}",
        "end": f"{grid['game_date'].max():%Y-%m-%d}",
        "dates": int(grid["game_date"].nunique()),
        "missing": len(missing),
        "schedule": {season: list(kinds) for season, kinds in phases.items()},
        "tables": tables,
    }


def verification(found: Mapping[str, Mapping[str, object]]) -> None:
    """Profiles of stored tables."""
    shown = _table("table", "first date", "last date", "rows", "dates", "duplicate keys")
    for name, profile in found.items():
        keys = ("first_date", "last_date", "rows", "dates", "duplicate_keys")
        shown.add_row(name, *(str(profile[key]) for key in keys))
    _console().print(shown)


def _state_table(grid: pd.DataFrame, title: str) -> Table:
    shown = _table("table", "outcome", "dates", "games (actual/expected)", "rows", title=title)
    for (name, state), rows in grid.groupby(["table_name", "state"], sort=True):
        games = f"{int(rows['actual_games'].sum()):,}/{int(rows['expected_games'].fillna(0).sum()):,}"
        colour = _COLOURS.get(str(state), "white")
        shown.add_row(
            str(name), f"[{colour}]{state}[/]", f"{len(rows):,}", games, f"{int(rows['actual_rows'].sum()):,}"
        )
    return shown


def _list_missing(missing: pd.DataFrame) -> None:
    for row in missing.itertuples():
        colour = _COLOURS.get(str(row.state), "white")
        text = f"{row.table_name} {row.game_date:%Y-%m-%d} [{colour}]{row.state}[/]: {_plain(str(row.reason))}"
        _console().print(text)


def _plain(text: str) -> str:
    """Text without anything that would be read as markup."""
    from rich.markup import escape

    return escape(text)
