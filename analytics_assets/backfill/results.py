"""The record of one backfill: a JSON file with every table and date, its outcome, reason and run."""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from analytics_assets.coverage.results import DateResult
from analytics_assets.settings import data_directory
from analytics_assets.tables.operations import DONE_OUTCOMES

_DONE = frozenset(str(outcome) for outcome in DONE_OUTCOMES)


class UnknownBackfillError(LookupError):
    """There is no record of the backfill, or it cannot be read; the message says what there is."""


@dataclass
class DateEntry:
    """What became of one planned table and date; without an outcome it was not reached."""

    table: str
    date: str
    planned_because: str
    outcome: str | None = None
    reason: str | None = None
    games: int | None = None
    rows: int | None = None
    run_id: str | None = None

    @property
    def done(self) -> bool:
        """Whether the date was done."""
        return self.outcome in _DONE


@dataclass
class BackfillRecord:
    """One backfill.

    Attributes:
        backfill_id: Its name, also the run tag ``nba/backfill_id`` and the name of the file.
        started_at: When it began, ISO 8601 with time zone.
        only: Which dates were asked for.
        warehouse: The warehouse, in words.
        dates: Every planned table and date.
        retry_of: The backfill that this one continues.
        status: ``running`` (also of a killed one), ``stopped`` (by the user) or ``finished``.
        finished_at: When it ended.
        runs: Status of its runs by id.
    """

    backfill_id: str
    started_at: str
    only: str
    warehouse: str
    dates: list[DateEntry]
    retry_of: str | None = None
    status: str = "running"
    finished_at: str | None = None
    runs: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._by_key = {(entry.table, entry.date): entry for entry in self.dates}

    def add(self, wanted: pd.DataFrame) -> None:
        """Plan further tables and dates, and save.

        Args:
            wanted: As for :func:`start_record`.
        """
        self.dates += _entries(wanted)
        self.__post_init__()
        self.save()

    @property
    def path(self) -> Path:
        """The file."""
        return backfills_directory() / f"{self.backfill_id}.json"

    @property
    def counts(self) -> dict[str, int]:
        """Number of tables and dates by outcome; ``not_reached`` has none."""
        found: dict[str, int] = {}
        for entry in self.dates:
            outcome = entry.outcome or "not_reached"
            found[outcome] = found.get(outcome, 0) + 1
        return dict(sorted(found.items()))

    @property
    def not_done(self) -> list[DateEntry]:
        """Entries that did not end done, in order of table and date."""
        return [entry for entry in self.dates if not entry.done]

    def note(self, result: DateResult, run_id: str) -> None:
        """Write down one date's result."""
        entry = self._by_key[result.table_name, result.game_date.isoformat()]
        entry.outcome, entry.reason, entry.run_id = str(result.outcome), result.reason or None, run_id
        entry.games, entry.rows = result.actual_games, result.actual_rows

    def note_attempts(self, attempts: pd.DataFrame) -> None:
        """Write down recorded attempts (rows of ``nba_ops.date_outcomes``), the latest of each date last."""
        for row in attempts.sort_values("recorded_at", kind="stable").to_dict("records"):
            entry = self._by_key.get((str(row["table_name"]), f"{row['game_date']:%Y-%m-%d}"))
            if entry is not None:
                entry.outcome, entry.run_id = str(row["outcome"]), str(row["run_id"])
                entry.reason = None if pd.isna(row["reason"]) else str(row["reason"])
                entry.games, entry.rows = (int(row[name]) for name in ("actual_games", "actual_rows"))

    def finish(self, status: str, now: datetime) -> None:
        """Note the end and save."""
        self.status, self.finished_at = status, now.isoformat(timespec="seconds")
        self.save()

    def save(self) -> None:
        """Write the file whole: a reader sees the state before or after, never a part."""
        document = asdict(self) | {"counts": self.counts}
        document["dates"] = document.pop("dates")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(json.dumps(document, indent=1) + "\n")
        partial.replace(self.path)


def backfills_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Where records of backfills are kept: ``backfills`` in the data directory."""
    return data_directory(environment) / "backfills"


def new_backfill_id(now: datetime) -> str:
    """A name that sorts by time and that two backfills of the same second do not share."""
    return f"cli-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"


def start_record(
    wanted: pd.DataFrame, *, only: str, warehouse: str, now: datetime, retry_of: str | None = None
) -> BackfillRecord:
    """Save the record of a backfill that begins.

    Args:
        wanted: Rows with ``table_name``, ``game_date`` and ``planned_because``.
        only: Which dates were asked for.
        warehouse: The warehouse, in words.
        now: The present moment.
        retry_of: The backfill that this one continues.
    """
    started_at = now.isoformat(timespec="seconds")
    record = BackfillRecord(new_backfill_id(now), started_at, only, warehouse, _entries(wanted), retry_of)
    record.save()
    return record


def _entries(wanted: pd.DataFrame) -> list[DateEntry]:
    keys = ("table_name", "game_date", "planned_because")
    planned = zip(*(wanted[key] for key in keys), strict=True)
    return [DateEntry(str(name), f"{day:%Y-%m-%d}", str(why)) for name, day, why in planned]


def load_record(backfill_id: str | None = None) -> BackfillRecord:
    """A saved record, by default the latest.

    Raises:
        UnknownBackfillError: There is none of this name, none at all, or the file is no record.
    """
    known = sorted(path.stem for path in backfills_directory().glob("*.json"))
    if not known:
        raise UnknownBackfillError(f"no backfill is recorded in {backfills_directory()}")
    chosen = backfill_id or known[-1]
    if chosen not in known:
        raise UnknownBackfillError(f"no backfill {chosen!r} is recorded; the latest are {', '.join(known[-5:])}")
    path = backfills_directory() / f"{chosen}.json"
    try:
        document: dict[str, Any] = json.loads(path.read_text())
        document.pop("counts")
        dates = [DateEntry(**entry) for entry in document.pop("dates")]
        return BackfillRecord(dates=dates, **document)
    except (ValueError, KeyError, TypeError) as error:
        raise UnknownBackfillError(f"{path} is no record of a backfill: {error}") from error


def still_open(record: BackfillRecord, attempts: pd.DataFrame) -> list[tuple[str, date]]:
    """Planned tables and dates that were not done since the backfill began, by itself or by any later run.

    The attempts decide, not the file: a killed backfill committed more than it wrote down.

    Args:
        record: The backfill.
        attempts: ``table_name``, ``game_date``, ``outcome`` and ``recorded_at`` of recorded attempts.
    """
    since = attempts[attempts["recorded_at"] >= pd.Timestamp(record.started_at)]
    since = since[since["outcome"].isin(list(_DONE))]
    done = set(zip(since["table_name"].astype(str), since["game_date"].dt.date, strict=True))
    keys: Iterable[tuple[str, date]] = ((entry.table, date.fromisoformat(entry.date)) for entry in record.not_done)
    return [key for key in keys if key not in done]
