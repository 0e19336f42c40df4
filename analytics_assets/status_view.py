"""How ``status`` shows the coverage grid: counts, a calendar of each season, gaps, one date in full, JSON."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import pandas as pd

from analytics_assets import presentation
from analytics_assets.coverage.grid import missing_dates
from analytics_assets.coverage.heat_map import STATE_ORDER, WAIVED, SeasonCalendar, season_calendars, worst_states

# A letter besides the colour, so that the calendar can be read without colours and in a file.
_SIGNS = {
    "error": "X",
    "invalid": "I",
    "no_schedule": "?",
    "no_raw_data": "R",
    "partial_raw_data": "P",
    "stale_raw_data": "S",
    "too_old": "T",
    "never_built": "N",
    WAIVED: "W",
    "not_due": "_",
    "built": "#",
    "off_day": "-",
    "off_season": ".",
}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_OF_A_GAP = ("state", "reason")


def status(
    grid: pd.DataFrame, phases: Mapping[str, Sequence[str]], *, list_missing: bool, rebuild: Mapping[str, str]
) -> None:
    """Counts per table and outcome, calendars, the schedule's coverage, waivers, disagreements, and missing dates.

    Args:
        grid: Coverage grid.
        phases: Game types that the loaded schedule covers, by season.
        list_missing: Whether each missing date is listed.
        rebuild: Commands that build dates again which Dagster holds for materialized, by table.
    """
    console = presentation.console()
    first, last = grid["game_date"].min(), grid["game_date"].max()
    title = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}, {grid['game_date'].nunique()} dates"
    console.print(presentation.state_table(grid, title))
    worst = worst_states(grid)
    for season in season_calendars(worst):
        console.print("\n".join(_calendar_lines(season)))
    console.print(_legend(worst["shown"]))
    for label, kinds in phases.items():
        console.print(f"schedule {label} covers {presentation.plain(', '.join(kinds))}")
    if not phases:
        console.print("no schedule is loaded: run nba-analytics demo, or nba-analytics raw load")
    _tell_bootstrap(grid)
    _tell_waivers(grid, list_all=list_missing)
    _tell_disagreements(grid, rebuild)
    without_games = int(grid["without_games"].sum())
    if without_games:
        console.print(f"{without_games} without games, never recorded; a backfill marks them as done")
    missing = missing_dates(grid)
    if list_missing:
        presentation.list_missing(missing)
    elif len(missing):
        console.print(f"{len(missing)} due and not done; list them with --missing")


def status_document(
    grid: pd.DataFrame, phases: Mapping[str, Sequence[str]], *, compared: bool = False
) -> dict[str, Any]:
    """The same as :func:`status` for programs; ``docs/status_json.md`` describes it.

    Args:
        grid: Coverage grid.
        phases: Game types that the loaded schedule covers, by season.
        compared: Whether the grid was compared with Dagster's records.
    """
    missing = missing_dates(grid)
    return {
        "start": f"{grid['game_date'].min():%Y-%m-%d}",
        "end": f"{grid['game_date'].max():%Y-%m-%d}",
        "dates": int(grid["game_date"].nunique()),
        "missing": len(missing),
        "waived": len(_open_waivers(grid)),
        "disagreements": int(grid["disagreement"].notna().sum()) if compared else None,
        "schedule": {season: list(kinds) for season, kinds in phases.items()},
        "tables": {str(name): _table_document(rows) for name, rows in grid.groupby("table_name", sort=False)},
    }


def explanation(found: Mapping[str, Any]) -> None:
    """One date in full, as ``explain_date`` gives it."""
    console, plain = presentation.console(), presentation.plain
    said = found["schedule"]
    reason = f": {said['reason']}" if said["reason"] else ""
    console.print(plain(f"{found['date']} is {said['kind']}, {said['expected_games']} games on the schedule{reason}"))
    for table in found["tables"]:
        state = presentation.coloured(table["state"])
        games = f"games {table['actual_games']}/{_or_unknown(table['expected_games'])}"
        rows = f"rows {table['actual_rows']}/{_or_unknown(table['expected_rows'])}"
        console.print(f"\n{table['table']} {state} ({games}, {rows}){plain(_after_colon(table['reason']))}")
        if table["sources"]:
            console.print(plain(f"  from {', '.join(table['sources'])}"))
        for name in ("waiver", "waiver_note", "bootstrap"):
            if table[name]:
                console.print(plain(f"  {name.replace('_', ' ')}: {table[name]}"))
        for attempt in table["attempts"]:
            told = f"  {attempt['recorded_at'][:19]} {attempt['run_mode']} run {attempt['run_id']} "
            console.print(f"{plain(told)}{presentation.coloured(attempt['outcome'])}", end="")
            console.print(plain(_after_colon(attempt["reason"])))
            for warning in attempt["warnings"]:
                console.print(plain(f"    {warning}"))
        if not table["attempts"]:
            console.print("  no attempt is recorded")


def repaired(reported: int) -> None:
    """How many materializations were added to Dagster's records."""
    presentation.console().print(f"{reported} materializations of done dates were added to Dagster's records")


def _calendar_lines(season: SeasonCalendar) -> list[str]:
    """A season as seven lines of days under its months."""
    width, days = season.weeks, season.days
    months = [" "] * (width + 4)
    first_days = days[days["game_date"].dt.day == 1]
    for week, name in zip(first_days["week"], first_days["game_date"].dt.strftime("%b"), strict=True):
        months[week : week + 3] = list(name)
    lines = [f"\n[bold]{season.label}[/bold]", "    " + "".join(months).rstrip()]
    states: list[list[str | None]] = [[None] * width for _ in _WEEKDAYS]
    for weekday, week, shown in zip(days["weekday"], days["week"], days["shown"], strict=True):
        states[weekday][week] = shown
    for name, of_weekday in zip(_WEEKDAYS, states, strict=True):
        if not any(of_weekday):
            continue
        # A colour is stated once for neighbours that share it: reading markup takes longer than all the rest.
        runs = ((state, sum(1 for _ in same)) for state, same in groupby(of_weekday))
        cells = (
            " " * size if state is None else presentation.coloured(state, _SIGNS[state] * size) for state, size in runs
        )
        lines.append(f"{name} {''.join(cells)}")
    return lines


def _legend(shown: pd.Series) -> str:
    there = set(shown)
    signs = [f"{presentation.coloured(state, _SIGNS[state])} {state}" for state in STATE_ORDER if state in there]
    return "\n" + "  ".join(signs) + "\n"


def _tell_bootstrap(grid: pd.DataFrame) -> None:
    for (name, kind), rows in grid.groupby(["table_name", "bootstrap"], sort=False):
        words = "at the start of a season" if kind == "season_start" else "without games before the first stored date"
        presentation.console().print(f"{name}: {len(rows)} dates built {words}")


def _tell_waivers(grid: pd.DataFrame, *, list_all: bool) -> None:
    console, waived = presentation.console(), _open_waivers(grid)
    if len(waived):
        console.print(f"{len(waived)} waived, not counted as missing")
    listed = waived if list_all else waived.iloc[:0]
    told = grid[grid["waiver_note"].notna() & ~grid.index.isin(listed.index)]
    for row in pd.concat([listed, told]).itertuples():
        note = f" ({row.waiver_note})" if not pd.isna(row.waiver_note) else ""
        text = presentation.plain(f"waived by {row.waiver}{note}")
        console.print(f"{row.table_name} {row.game_date:%Y-%m-%d} {presentation.coloured(str(row.state))}: {text}")


def _tell_disagreements(grid: pd.DataFrame, rebuild: Mapping[str, str]) -> None:
    console = presentation.console()
    for (name, kind), rows in grid.groupby(["table_name", "disagreement"], sort=False):
        sample = ", ".join(f"{day:%Y-%m-%d}" for day in rows["game_date"].head(5))
        console.print(f"[yellow]{name}: {len(rows)} dates {kind}[/yellow]: {sample}{', …' if len(rows) > 5 else ''}")
    if (grid["disagreement"] == "rows_but_not_materialized").any():
        console.print("tell Dagster of them with: nba-analytics status --repair")
    for command in rebuild.values():
        console.print(f"build again with: {presentation.plain(command)}")


def _open_waivers(grid: pd.DataFrame) -> pd.DataFrame:
    return grid[grid["waived"] & ~grid["done"]]


def _table_document(rows: pd.DataFrame) -> dict[str, Any]:
    waived = rows[rows["waived"]]
    disagreeing = rows[rows["disagreement"].notna()]
    return {
        "outcomes": {str(state): int(size) for state, size in rows["state"].value_counts().sort_index().items()},
        "done": int(rows["done"].sum()),
        "due": int(rows["due"].sum()),
        "expected_games": int(rows["expected_games"].fillna(0).sum()),
        "actual_games": int(rows["actual_games"].sum()),
        "actual_rows": int(rows["actual_rows"].sum()),
        "missing": _dated(missing_dates(rows), *_OF_A_GAP),
        "waived": _dated(waived, "state", "reason", "waiver", "waiver_note"),
        "bootstrap": _dated(rows[rows["bootstrap"].notna()], "bootstrap"),
        "disagreements": _dated(disagreeing, "disagreement", "state"),
    }


def _dated(rows: pd.DataFrame, *names: str) -> list[dict[str, Any]]:
    found = rows.assign(date=rows["game_date"].dt.strftime("%Y-%m-%d"))[["date", *names]].astype(object)
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in found.to_dict("records")
    ]


def _or_unknown(value: Any) -> str:
    return "?" if value is None else str(value)


def _after_colon(text: str | None) -> str:
    return f": {text}" if text else ""
