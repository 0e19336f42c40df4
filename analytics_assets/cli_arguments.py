"""Arguments that commands share: tables, dates and ranges, told in one line when they make no sense."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from analytics_assets import presentation
from analytics_assets.coverage.calendar import eastern_date
from analytics_assets.league.seasons import season_label
from analytics_assets.tables.catalogue import ANALYTICS_TABLES

DONE, NOT_DONE, USAGE = 0, 1, 2
_DAYS_AGO = {"today": 0, "yesterday": 1}
_HOW_TO_WRITE_DATES = "write YYYY-MM-DD, yesterday or today"

StartOption = Annotated[str | None, typer.Option("--start", metavar="YYYY-MM-DD", help="First date.")]
EndOption = Annotated[
    str | None, typer.Option("--end", metavar="YYYY-MM-DD", help="Last date, included; also yesterday or today.")
]
DatesOption = Annotated[str | None, typer.Option("--dates", help="Comma-separated dates instead of a range.")]
DatesFileOption = Annotated[
    Path | None, typer.Option("--dates-file", help="File of dates instead of a range: one a line, # for remarks.")
]
TablesOption = Annotated[str | None, typer.Option("--tables", help="Comma-separated tables; all by default.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def usage_error(message: str) -> NoReturn:
    """Tell what is wrong with the call and exit with 2."""
    presentation.error(message)
    raise typer.Exit(USAGE)


def partition_bounds() -> tuple[date, date]:
    """First and last partition."""
    from analytics_assets.partitions import DAYS_AHEAD, partitions_start

    try:
        first = partitions_start()
    except ValueError as error:
        usage_error(str(error))
    return first, eastern_date(now()) + timedelta(days=DAYS_AHEAD - 1)


def stated_tables(stated: str | None) -> list[str]:
    """The tables of a comma-separated list in their order, all without one."""
    known = [table.name for table in ANALYTICS_TABLES]
    names = [name.strip() for name in stated.split(",") if name.strip()] if stated is not None else known
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        usage_error(f"unknown table {', '.join(map(repr, unknown)) or repr(stated)}; known are {', '.join(known)}")
    return [name for name in known if name in names]


def stated_dates(start: str | None, end: str | None, dates: str | None, dates_file: Path | None = None) -> list[date]:
    """The dates of a range, a list or a file, in order; all of them partitions."""
    from analytics_assets.partitions import date_range

    first, last = partition_bounds()
    ways = [dates is not None, dates_file is not None, bool(start or end)]
    if sum(ways) > 1:
        usage_error(f"give either --dates{' or --dates-file' if dates_file else ''} or --start and --end")
    if dates is not None or dates_file is not None:
        texts = dates.split(",") if dates is not None else _texts_of_file(dates_file)
        wanted = sorted({stated_date(text.strip()) for text in texts})
    else:
        if start is None or end is None:
            usage_error("give --start and --end, or --dates")
        begin, until = stated_date(start), stated_date(end)
        if begin > until:
            usage_error(f"--start {begin} lies after --end {until}")
        wanted = [begin, until]
    outside = [day for day in wanted if not first <= day <= last]
    if outside:
        usage_error(f"{outside[0]} is no partition; partitions reach from {first} to {last}")
    return date_range(wanted[0], wanted[1]) if ways[2] else wanted


def stated_seasons(stated: str, earliest: int) -> list[int]:
    """Start years of seasons written ``2023-24``, ``2021-22..2023-24`` or several of these with commas, in order."""
    years: set[int] = set()
    for part in stated.split(","):
        first, _, last = part.strip().partition("..")
        begin, end = _stated_season(first, earliest), _stated_season(last or first, earliest)
        if begin > end:
            usage_error(f"the season {first} lies after {last}")
        years |= set(range(begin, end + 1))
    return sorted(years)


def _stated_season(text: str, earliest: int) -> int:
    text = text.strip()
    year = int(text[:4]) if text[:4].isdecimal() else 0
    if not earliest <= year <= now().year or text != season_label(year):
        usage_error(f"{text!r} is no season; write 2023-24, or 2021-22..2025-26, from {season_label(earliest)} on")
    return year


def stated_date(text: str) -> date:
    """A date written YYYY-MM-DD; also ``yesterday`` or ``today``, of US-Eastern time."""
    if text in _DAYS_AGO:
        return eastern_date(now()) - timedelta(days=_DAYS_AGO[text])
    if not text:
        usage_error(f"a date is missing; {_HOW_TO_WRITE_DATES}")
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        usage_error(f"{text!r} is no date; {_HOW_TO_WRITE_DATES}")


def _texts_of_file(path: Path | None) -> list[str]:
    assert path is not None
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        usage_error(f"{path} cannot be read: {error}")
    texts = [text for line in lines for text in line.partition("#")[0].replace(",", " ").split()]
    if not texts:
        usage_error(f"{path} holds no date")
    return texts
