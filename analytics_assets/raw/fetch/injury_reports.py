"""Fetching the league's official injury reports, one PDF an edition, of the dates on which games are played.

The league answers 403 for an edition that was never published, so that alone refuses nothing. Source of the addresses:
the pages of official.nba.com that link to the reports; since 2025-12-23 the names state minutes.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import requests

from analytics_assets.league.seasons import season_label, season_year_of_date
from analytics_assets.raw.fetch.answer_store import replace_file
from analytics_assets.raw.fetch.polite_http import FetchError, Pace, PoliteClient

SOURCE = "injury-reports"
# Before noon, before the first games of a weekend, the deadline of most teams, and shortly before late tip-offs.
EDITION_HOURS = (11, 13, 17, 20)
BASE_URL = "https://ak-static.cms.nba.com/referee/injury"
_MINUTES_SINCE = date(2025, 12, 23)
_EASTERN = ZoneInfo("America/New_York")
# Reports named after an hour come out up to half an hour later.
_LATEST_DELAY = timedelta(minutes=35)
_ABSENT = {403, 404}
# Of a few days some edition is always published; so many absent ones in a row mean that we are refused.
_ABSENT_IN_A_ROW = 24
_HEAD, _TAIL, _TAIL_BYTES = b"%PDF-", b"%%EOF", 1024


@dataclass(frozen=True)
class Edition:
    """One edition of the report: the hour of a date, US Eastern, under which it is published."""

    day: date
    hour: int

    @property
    def file_name(self) -> str:
        """The league's name of the file."""
        minutes = "_00" if self.day >= _MINUTES_SINCE else ""
        half = "AM" if self.hour < 12 else "PM"
        return f"Injury-Report_{self.day.isoformat()}_{(self.hour - 1) % 12 + 1:02}{minutes}{half}.pdf"

    @property
    def published_after(self) -> datetime:
        """Moment before which the edition cannot be out."""
        return datetime.combine(self.day, time(self.hour), _EASTERN)


@dataclass
class ReportsFetch:
    """What became of asking for editions.

    Attributes:
        fetched: Files that came now.
        on_disk: Files that were there before.
        absent: Editions that the league does not have.
        failures: One line for each that could not be had.
        stopped: Why the rest was not asked; None if all were.
    """

    fetched: list[Path] = field(default_factory=list)
    on_disk: list[Path] = field(default_factory=list)
    absent: list[Edition] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stopped: str | None = None

    @property
    def complete(self) -> bool:
        """Whether every edition was had or does not exist."""
        return not self.failures and self.stopped is None

    @property
    def files(self) -> list[Path]:
        """All files, in order of publication."""
        return sorted([*self.fetched, *self.on_disk])


def editions_of(game_dates: Collection[date], now: datetime, hours: Sequence[int] = EDITION_HOURS) -> list[Edition]:
    """Editions of the dates that are out by now, in order.

    Args:
        game_dates: Dates on which games are played.
        now: The present moment, with a time zone.
        hours: Hours of the editions, US Eastern.
    """
    wanted = (Edition(day, hour) for day in sorted(set(game_dates)) for hour in hours)
    return [edition for edition in wanted if edition.published_after + _LATEST_DELAY <= now]


def reports_client(
    pace: Pace,
    sleep: Callable[[float], None],
    now: Callable[[], datetime],
    session: requests.Session | None = None,
) -> PoliteClient:
    """A client whose answers must be whole PDFs."""
    return PoliteClient(SOURCE, pace, session=session, sleep=sleep, now=now, content_problem=pdf_problem)


def pdf_problem(content: bytes) -> str | None:
    """What is wrong with content that should be a whole PDF; None if nothing is."""
    if not content.startswith(_HEAD):
        return "a web page in place of a PDF" if content.lstrip()[:1] == b"<" else "content that is no PDF"
    return None if _TAIL in content[-_TAIL_BYTES:] else f"a PDF cut short after {len(content):,} bytes"


def report_path(directory: Path, edition: Edition) -> Path:
    """Where an edition is kept below the directory of raw answers."""
    return directory / SOURCE / season_label(season_year_of_date(edition.day)) / edition.file_name


def fetch_reports(
    editions: Sequence[Edition],
    client: PoliteClient,
    directory: Path,
    base_url: str,
    *,
    told: Callable[[Edition], None] = lambda _: None,
) -> ReportsFetch:
    """Ask for editions that are not on disk; each file is written whole or not at all.

    Args:
        editions: What to ask for, in this order.
        client: Of :func:`reports_client`.
        directory: Directory of raw answers.
        base_url: Address of the reports, the file's name not included.
        told: Called after each edition.
    """
    result, absent_in_a_row = ReportsFetch(), 0
    for edition in editions:
        path = report_path(directory, edition)
        if path.is_file():
            result.on_disk.append(path)
            continue
        try:
            replace_file(path, client.get(f"{base_url}/{edition.file_name}").content)
            result.fetched.append(path)
            absent_in_a_row = 0
        except FetchError as error:
            if error.status in _ABSENT:
                result.absent.append(edition)
                absent_in_a_row += 1
            else:
                result.failures.append(str(error))
                result.stopped = str(error) if error.stops_run else None
        told(edition)
        if absent_in_a_row >= _ABSENT_IN_A_ROW:
            result.stopped = (
                f"{SOURCE}: {absent_in_a_row} editions in a row do not exist, last {edition.file_name}; the league "
                "publishes none of these dates, names them otherwise by now, or refuses this network"
            )
        if result.stopped is not None:
            break
    return result
