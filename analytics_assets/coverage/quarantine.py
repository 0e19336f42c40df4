"""Quarantined raw rows as a person deals with them: which are open, what each needs, and what somebody released.

Releasing never lets a row through: it broke a rule, and a table that held it would be wrong. It records that somebody
has looked, knows why the row is not used, and asks no longer to be reminded. A row that was corrected at its source
needs no release: once its date is built again it is no longer refused.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from analytics_assets.raw.player_lines import HARMLESS_REASONS
from analytics_assets.tables.frames import conform
from analytics_assets.tables.operations import QUARANTINE_RELEASES, QUARANTINED_ROWS
from analytics_assets.warehouse import Warehouse, Write

OPEN, RELEASED, HARMLESS = "open", "released", "harmless"
STATES = (OPEN, RELEASED, HARMLESS)
_ID_DIGITS = 12
_OF_A_ROW = ["source_table", "reason", "raw_values"]
_OF_A_RELEASE = ["author", "explanation", "created_at"]


@dataclass(frozen=True)
class Selection:
    """Which quarantined rows are meant; what is not stated does not restrict.

    Attributes:
        ids: Ids, or beginnings of ids.
        tables: Output tables that refused the row.
        sources: Raw tables, or names of loaded files.
        rules: Codes of the broken rule.
        start: First game date; rows without a date are left out as soon as a date is stated.
        end: Last game date, included.
    """

    ids: Sequence[str] = ()
    tables: Sequence[str] = ()
    sources: Sequence[str] = ()
    rules: Sequence[str] = ()
    start: date | None = None
    end: date | None = None

    @property
    def restricts(self) -> bool:
        """Whether anything is stated."""
        return bool(self.ids or self.tables or self.sources or self.rules or self.start or self.end)


def quarantine(warehouse: Warehouse, selection: Selection | None = None) -> pd.DataFrame:
    """Quarantined rows of a selection, all by default, as :func:`entries` gives them."""
    chosen = selection or Selection()
    rows = warehouse.read(QUARANTINED_ROWS, start=chosen.start, end=chosen.end)
    return selected(entries(rows, warehouse.read(QUARANTINE_RELEASES)), chosen)


def entries(rows: pd.DataFrame, releases: pd.DataFrame) -> pd.DataFrame:
    """One entry per raw row and broken rule, whichever tables refused it.

    Args:
        rows: Rows of ``nba_analytics.quarantined_rows``.
        releases: All rows of ``nba_ops.quarantine_releases``.

    Returns:
        ``id`` (digits over source, rule and values: another value is another entry), ``state`` (``open``,
        ``released`` or ``harmless``: a better row of the same key is used), ``source_table``, ``game_date`` (NULL for
        rows of a loaded file), ``game_id``, ``player_lookup``, ``reason``, ``detail``, ``raw_values``, ``tables``
        (list of the tables that refused it), ``quarantined_at`` (the latest time), and ``author``, ``explanation`` and
        ``released_at`` of the release that holds; ordered by date, source, rule and id.
    """
    told = rows.assign(id=_ids(rows)).sort_values(["quarantined_at", "table_name"], kind="stable")
    tables = told.groupby("id")["table_name"].agg(lambda names: sorted(set(names)))
    latest = told.drop_duplicates("id", keep="last").drop(columns=["table_name", "row_number", "run_id"])
    latest = latest.assign(tables=latest["id"].map(tables))
    holding = _holding(releases).rename(columns={"row_id": "id", "created_at": "released_at"})
    found = latest.merge(holding, on="id", how="left")
    state = pd.Series(OPEN, index=found.index).mask(found["reason"].isin(HARMLESS_REASONS), HARMLESS)
    found = found.assign(state=state.mask(found["author"].notna(), RELEASED))
    return found.sort_values(["game_date", "source_table", "reason", "id"], ignore_index=True)


def selected(found: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Entries that a selection means."""
    keep = pd.Series(True, index=found.index)
    for name, values in (("source_table", selection.sources), ("reason", selection.rules)):
        if values:
            keep &= found[name].isin(list(values))
    if selection.tables:
        wanted = set(selection.tables)
        keep &= found["tables"].map(lambda names: bool(wanted & set(names))).astype(bool)
    if selection.ids:
        keep &= found["id"].str.startswith(tuple(selection.ids)).astype(bool)
    if selection.start is not None or selection.end is not None:
        keep &= found["game_date"].notna()
    return found[keep].reset_index(drop=True)


def counts(found: pd.DataFrame) -> pd.DataFrame:
    """Entries counted by ``source_table``, ``reason`` and ``state``: ``rows``, ``dates``, ``first_date``,
    ``last_date`` and an ``example`` id."""
    grouped = found.groupby(["source_table", "reason", "state"], sort=True)
    summary = grouped.agg(
        rows=("id", "size"),
        dates=("game_date", "nunique"),
        first_date=("game_date", "min"),
        last_date=("game_date", "max"),
        example=("id", "first"),
    )
    return summary.reset_index()


def release(
    warehouse: Warehouse, ids: Sequence[str], *, author: str, explanation: str, now: datetime, taken_back: bool = False
) -> None:
    """Record that somebody released rows, or took a release back; earlier records stay.

    Args:
        warehouse: Holds the releases.
        ids: Whole ids of entries.
        author: Who decides.
        explanation: Why the rows need no attention, or need it again.
        now: Moment of the decision.
        taken_back: Whether the rows are open again.

    Raises:
        ValueError: Author or explanation is empty.
    """
    if not author.strip() or not explanation.strip():
        raise ValueError("a release needs an author and a reason")
    rows = pd.DataFrame({"row_id": sorted(set(ids))}).assign(
        author=author.strip(), explanation=explanation.strip(), created_at=pd.Timestamp(now), taken_back=taken_back
    )
    warehouse.ensure(QUARANTINE_RELEASES)
    warehouse.commit([Write(QUARANTINE_RELEASES, conform(rows, QUARANTINE_RELEASES))])


def next_step(entry: pd.Series) -> str:
    """What to do about an entry."""
    if entry["state"] == HARMLESS:
        return "nothing: a better row of the same key is used"
    if entry["state"] == RELEASED:
        return "nothing: it was released; take the release back with --take-back if it matters after all"
    again = "load the file again" if pd.isna(entry["game_date"]) else f"build {entry['game_date']:%Y-%m-%d} again"
    return (
        f"correct the row in {entry['source_table']} and {again}: it is then no longer refused; "
        "or release it, if it may stay out for good"
    )


def _ids(rows: pd.DataFrame) -> pd.Series:
    texts = rows[_OF_A_ROW].astype("string").fillna("")
    joined = texts[_OF_A_ROW[0]] + "\x1f" + texts[_OF_A_ROW[1]] + "\x1f" + texts[_OF_A_ROW[2]]
    digests = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_ID_DIGITS] for text in joined]
    return pd.Series(digests, index=rows.index, dtype="string")


def _holding(releases: pd.DataFrame) -> pd.DataFrame:
    """The latest release of each row that was not taken back."""
    latest = releases.sort_values("created_at", kind="stable").drop_duplicates("row_id", keep="last")
    return latest.loc[~latest["taken_back"].fillna(False).astype(bool), ["row_id", *_OF_A_RELEASE]]
