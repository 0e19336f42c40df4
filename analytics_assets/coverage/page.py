"""The coverage grid as one self-contained HTML page: counts, a calendar a season and table, missing dates."""

from collections.abc import Iterator
from datetime import datetime
from html import escape

import pandas as pd

from analytics_assets.coverage.grid import missing_dates
from analytics_assets.coverage.heat_map import STATE_ORDER, SeasonCalendar, season_calendars, shown_states

_COLOURS = {
    "error": "#b91c1c",
    "invalid": "#ef4444",
    "no_schedule": "#a16207",
    "no_raw_data": "#f59e0b",
    "partial_raw_data": "#fbbf24",
    "stale_raw_data": "#fdba74",
    "too_old": "#d6b98c",
    "never_built": "#c026d3",
    "waived": "#64748b",
    "not_due": "#e2e8f0",
    "built": "#15803d",
    "off_day": "#a7d8de",
    "off_season": "#dbeafe",
}
_WEEKDAYS = {2: "Mon", 4: "Wed", 6: "Fri", 8: "Sun"}
_STYLE = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:2rem;color:#0f172a;background:#fff}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .8rem .2rem 0;text-align:left;"
    "vertical-align:top}th{border-bottom:1px solid #94a3b8}td.number,th.number{text-align:right}"
    ".calendar{display:grid;grid-template:14px repeat(7,10px)/28px;grid-auto-columns:10px;grid-auto-flow:column;"
    "gap:2px;margin:.2rem 0 .8rem}.calendar b{font:10px/12px system-ui,sans-serif;color:#475569}"
    ".calendar i,.legend i{display:inline-block;width:10px;height:10px;border-radius:2px}"
    ".legend span{margin-right:1rem;white-space:nowrap}h3{font-size:13px;margin:.6rem 0 0;font-weight:600}"
)


def coverage_page(grid: pd.DataFrame, now: datetime) -> str:
    """The page.

    Args:
        grid: Coverage grid.
        now: Moment of the page, told in it.

    Returns:
        A whole HTML document that loads nothing from elsewhere.
    """
    first, last = grid["game_date"].min(), grid["game_date"].max()
    title = f"Coverage from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    rules = "".join(f".{state}{{background:{_COLOURS[state]}}}" for state in STATE_ORDER)
    body = "".join((_legend(), _counts(grid), *_seasons(grid), _missing(grid)))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}{rules}</style></head><body><h1>{title}</h1>"
        f"<p>As of {now:%Y-%m-%d %H:%M} UTC. Hover over a day to read its state and reason.</p>{body}</body></html>\n"
    )


def _legend() -> str:
    return f'<p class="legend">{"".join(f"<span><i class={state}></i> {state}</span>" for state in STATE_ORDER)}</p>'


def _counts(grid: pd.DataFrame) -> str:
    lines = []
    for (name, state), rows in grid.groupby(["table_name", shown_states(grid).rename("shown")], sort=True):
        games = f"{int(rows['actual_games'].sum()):,} / {int(rows['expected_games'].fillna(0).sum()):,}"
        numbers = (f"{len(rows):,}", games, f"{int(rows['actual_rows'].sum()):,}")
        cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
        lines.append(f"<tr><td>{escape(str(name))}</td><td>{escape(str(state))}</td>{cells}</tr>")
    numbers = "".join(f'<th class="number">{name}</th>' for name in ("dates", "games (actual / expected)", "rows"))
    head = f"<tr><th>table</th><th>state</th>{numbers}</tr>"
    return f"<h2>Counts</h2><table>{head}{''.join(lines)}</table>"


def _seasons(grid: pd.DataFrame) -> Iterator[str]:
    shown = grid.assign(shown=shown_states(grid))
    blocks: dict[str, list[str]] = {}
    for name, rows in shown.groupby("table_name", sort=False):
        for season in season_calendars(rows):
            blocks.setdefault(season.label, []).append(f"<h3>{escape(str(name))}</h3>{_calendar(season)}")
    for label, calendars in blocks.items():
        yield f"<h2>{label}</h2>{''.join(calendars)}"


def _calendar(season: SeasonCalendar) -> str:
    # Row 1 names the months, column 1 every other weekday.
    cells = [f'<b style="grid-area:{row}/1">{name}</b>' for row, name in _WEEKDAYS.items()]
    for day in season.days[season.days["game_date"].dt.day == 1].itertuples():
        column = int(str(day.week)) + 2
        cells.append(f'<b style="grid-area:1/{column}/2/{column + 3}">{day.game_date:%b}</b>')
    for day in season.days.itertuples():
        texts = [f"{day.game_date:%a %Y-%m-%d}", str(day.shown)]
        texts += [str(text) for text in (day.reason, day.waiver, day.bootstrap) if not pd.isna(text) and text]
        place = f"grid-area:{int(str(day.weekday)) + 2}/{int(str(day.week)) + 2}"
        cells.append(f'<i class="{day.shown}" style="{place}" title="{escape("; ".join(texts))}"></i>')
    return f'<div class="calendar">{"".join(cells)}</div>'


def _missing(grid: pd.DataFrame) -> str:
    missing = missing_dates(grid)
    lines = "".join(
        f"<tr><td>{escape(str(row.table_name))}</td><td>{row.game_date:%Y-%m-%d}</td><td>{escape(str(row.state))}</td>"
        f"<td>{escape(str(row.reason))}</td></tr>"
        for row in missing.itertuples()
    )
    head = "<tr><th>table</th><th>date</th><th>state</th><th>reason</th></tr>"
    return f"<h2>Missing: {len(missing)}</h2>" + (f"<table>{head}{lines}</table>" if lines else "")
