"""Building the league twice, clean and with every bad input, and telling what became of each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from analytics_assets.coverage.results import DateResult
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.raw.declarations import (
    BDL_PLAYER_BOXSCORES,
    BIGDATABALL_PLAY_BY_PLAY,
    ESPN_TEAM_ROSTERS,
    NBAC_GAMEBOOK_PLAYER_STATS,
    NBAC_PLAY_BY_PLAY,
    NBAC_PLAYER_BOXSCORES,
    NBAC_SCHEDULE,
    PLAYER_REGISTRY,
)
from analytics_assets.raw.row_sieve import RowSieve
from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import conform
from analytics_assets.tables.operations import QUARANTINED_ROWS
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from analytics_assets_tests.bad_input.case import BadInput
from analytics_assets_tests.bad_input.league import Slot, Wanted, clean_rows, season_slots, store
from analytics_assets_tests.support.warehouses import produce_contexts, produce_summaries

NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)
# Summaries look back on nothing, so their families share a season; contexts are built in the other one, where every
# game has its summaries.
SEASONS = {2021: ("schedule", "box scores", "play-by-play"), 2023: ("lines", "reports, rosters and registry")}
_CONTEXT_SEASON = 2023
_EVENTS = (BIGDATABALL_PLAY_BY_PLAY, NBAC_PLAY_BY_PLAY)
_PLAYER_BOXES = (NBAC_GAMEBOOK_PLAYER_STATS, NBAC_PLAYER_BOXSCORES, BDL_PLAYER_BOXSCORES)
_SHORT_NAMES = {
    "player_game_summary": "player",
    "team_offense_game_summary": "offense",
    "team_defense_game_summary": "defense",
    "upcoming_team_game_context": "team context",
    "upcoming_player_game_context": "player context",
}


@dataclass(frozen=True)
class Placed:
    """A bad input and its game."""

    case: BadInput
    slot: Slot


@dataclass(frozen=True)
class Build:
    """A warehouse after its build.

    Attributes:
        warehouse: Raw and built tables.
        results: Result by table and date.
        sieves: Every sieving of raw rows in the build: rows that came in, and the sieve afterwards.
    """

    warehouse: DuckDBWarehouse
    results: dict[str, dict[date, DateResult]]
    sieves: list[tuple[pd.Index, RowSieve]]


@dataclass(frozen=True)
class Builds:
    """Both builds of the league.

    Attributes:
        placed: Every bad input and its game.
        clean: The league without any.
        faulty: The league with all of them.
    """

    placed: list[Placed]
    clean: Build
    faulty: Build


def build_both(directory: Path, cases: Sequence[BadInput]) -> Builds:
    """Build the league without and with the bad inputs.

    Args:
        directory: Where the two warehouse files go.
        cases: Bad inputs, each of which gets a game.
    """
    found, slots = placed(cases)
    rows = clean_rows(slots)
    clean = build(directory / "clean.duckdb", rows, slots)
    followed = [one.slot.day.date() for one in found if one.case.next_day]
    return Builds(found, clean, build(directory / "faulty.duckdb", faulty_rows(rows, found), slots, followed))


def placed(cases: Sequence[BadInput]) -> tuple[list[Placed], list[Slot]]:
    """A game for every bad input, and all games of the league."""
    found: list[Placed] = []
    every: list[Slot] = []
    for season, families in SEASONS.items():
        own = [case for case in cases if case.family in families]
        # Those that share dates come first, as the slots are given out in this order.
        own.sort(key=lambda case: case.alone)
        wanted = [Wanted(case.alone, case.next_day, _box_of(case.table), _events_of(case)) for case in own]
        dates = season_slots(season, wanted)
        games = [slot for day in dates for slot in day[1:]]
        found += [Placed(case, slot) for case, slot in zip(own, games, strict=True)]
        every += [slot for day in dates for slot in day]
    return found, every


def faulty_rows(clean: dict[str, pd.DataFrame], cases: Sequence[Placed]) -> dict[str, pd.DataFrame]:
    """The clean rows with every bad input in its game."""
    frames = dict(clean)
    for table in {one.case.table.name: one.case.table for one in cases}.values():
        rows = clean[table.name]
        owner = _owner(rows, table)
        changes = {_owner_of(one, table): one.case.change for one in cases if one.case.table is table}
        hit = owner.isin(changes.keys())
        groups = rows[hit].groupby(owner[hit], sort=False)
        changed = [changes[str(name)](group) for name, group in groups]
        frames[table.name] = conform(pd.concat([rows[~hit], *changed], ignore_index=True), table)
    return frames


def build(path: Path, frames: dict[str, pd.DataFrame], slots: Sequence[Slot], followed: Sequence[date] = ()) -> Build:
    """Store the rows and build all summaries, and the contexts of the families that they read.

    Args:
        path: File of the warehouse.
        frames: Raw rows.
        slots: Games.
        followed: Dates of which the day after is built too.
    """
    warehouse = store(path, frames)
    days = sorted({slot.day.date() for slot in slots} | {day + timedelta(days=1) for day in followed})
    with recorded_sieves() as sieves:
        results = produce_summaries(warehouse, days, now=NOW)
        results |= produce_contexts(warehouse, [d for d in days if season_year_of_date(d) == _CONTEXT_SEASON], now=NOW)
    return Build(warehouse, results, sieves)


@contextmanager
def recorded_sieves() -> Iterator[list[tuple[pd.Index, RowSieve]]]:
    """Remembers every sieve that is made, with the labels of the rows that came in."""
    found: list[tuple[pd.Index, RowSieve]] = []
    made = RowSieve.__init__

    def remember(sieve: RowSieve, raw: pd.DataFrame) -> None:
        made(sieve, raw)
        found.append((raw.index, sieve))

    RowSieve.__init__ = remember
    try:
        yield found
    finally:
        RowSieve.__init__ = made


def ends(builds: Builds) -> list[str]:
    """What became of each bad input, in a few words that always come in the same order."""
    cases, clean, faulty = builds.placed, builds.clean, builds.faulty
    differences = {table.name: changed_rows(table, clean, faulty) for table in ANALYTICS_TABLES}
    quarantined = faulty.warehouse.read(QUARANTINED_ROWS)
    quarantined = quarantined.drop_duplicates(["game_date", "source_table", "reason", "raw_values"])
    sizes = {t.name: clean.warehouse.read(t, ["game_id"])["game_id"].value_counts() for t in ANALYTICS_TABLES}
    return [_end(one, differences, sizes, quarantined, faulty) for one in cases]


def _end(
    one: Placed,
    differences: dict[str, pd.DataFrame],
    clean_sizes: dict[str, pd.Series],
    quarantined: pd.DataFrame,
    faulty: Build,
) -> str:
    slot, parts, lost, issues, values = one.slot, [], [], set(), set()
    outcomes = {
        name: str(results[slot.day.date()].outcome)
        for name, results in faulty.results.items()
        if slot.day.date() in results
    }
    for name, rows in differences.items():
        own = rows[(rows["game_id"] == slot.game_id) if not one.case.alone else (rows["game_date"] == slot.day)]
        gone, new = (own["kind"] == "gone").sum(), (own["kind"] == "new").sum()
        if gone and not new and gone == clean_sizes[name].get(slot.game_id, 0):
            lost.append(_SHORT_NAMES[name])
        elif gone or new:
            values.add(f"{_SHORT_NAMES[name]} rows -{gone} +{new}")
        issues |= {issue for found in own["issues"] for issue in found}
        values |= {column for found in own["columns"] for column in found}
    if lost:
        parts.append(f"no rows: {', '.join(lost)}" if len(lost) < len(outcomes) else "no rows")
    if one.case.alone:
        told = sorted({f"{outcome}" for outcome in outcomes.values() if outcome != "built"})
        parts += [f"date is {', '.join(told)}"] if told else []
    # What is dated a day late is refused on that day.
    last = slot.day + pd.Timedelta(days=int(one.case.next_day))
    rows = quarantined[quarantined["game_date"].between(slot.day, last)]
    if not one.case.alone:
        rows = rows[rows["game_id"].isin([slot.game_id, slot.nba_game_id]) | (rows["player_lookup"] == slot.newcomer)]
    if len(rows):
        parts.append("quarantined: " + ", ".join(sorted(set(rows["reason"]))))
    if issues:
        parts.append("issues: " + ", ".join(sorted(issues)))
    if not parts and values:
        parts.append("other values: " + ", ".join(sorted(values)))
    return "; ".join(parts) or "no effect"


def changed_rows(table: Table, clean: Build, faulty: Build) -> pd.DataFrame:
    """Rows that differ between both builds: ``game_id``, ``game_date``, ``kind`` (changed, gone or new), ``issues``
    that only the faulty build has, and ``columns`` with other values."""
    key = list(table.key)
    one, other = (build.warehouse.read(table).set_index(key) for build in (clean, faulty))
    gone, new = one.index.difference(other.index), other.index.difference(one.index)
    parts = [
        pd.DataFrame(
            {"game_id": rows.index.get_level_values("game_id"), "game_date": rows["game_date"].to_numpy()}
        ).assign(kind=kind, issues=[()] * len(rows), columns=[()] * len(rows))
        for kind, rows in (("gone", one.loc[gone]), ("new", other.loc[new]))
    ]
    both = one.index.intersection(other.index)
    one, other = one.loc[both], other.loc[both]
    names = [name for name in compared_columns(table) if name not in key]
    unequal = pd.DataFrame({name: _unequal(one[name], other[name]) for name in names}, index=both)
    hit = unequal.any(axis=1).to_numpy()
    one, other, unequal = one[hit], other[hit], unequal[hit]
    issues = [tuple(set(b) - set(a)) for a, b in zip(one["quality_issues"], other["quality_issues"], strict=True)]
    columns = [tuple(unequal.columns[flags]) for flags in unequal.to_numpy()]
    changed = pd.DataFrame(
        {"game_id": other.index.get_level_values("game_id"), "game_date": other["game_date"].to_numpy()}
    )
    parts.append(changed.assign(kind="changed", issues=issues, columns=columns))
    return pd.concat(parts, ignore_index=True)


def compared_columns(table: Table) -> list[str]:
    """Columns that say something about the game: not when it was written, nor how many rows the date's sources had."""
    left_out = {"processed_at", "created_at", "first_processed_at", "quality_calculated_at", "input_fingerprint"}
    left_out |= {table.version_column or "", table.hash_column or ""}
    endings = ("_last_updated", "_rows_found", "_completeness_pct", "_hash")
    return [name for name in table.column_names if name not in left_out and not name.endswith(endings)]


def _unequal(one: pd.Series, other: pd.Series) -> pd.Series:
    if one.dtype == object:
        one, other = one.map(str), other.map(str)
    same = (one == other) | (one.isna() & other.isna())
    return ~same.fillna(False).astype(bool)


def _box_of(table: Table) -> Table:
    return table if table in _PLAYER_BOXES else NBAC_GAMEBOOK_PLAYER_STATS


def _events_of(case: BadInput) -> Table | None:
    if case.family != "play-by-play":
        return None
    return case.table if case.table in _EVENTS else BIGDATABALL_PLAY_BY_PLAY


def _owner(rows: pd.DataFrame, table: Table) -> pd.Series:
    """Which game a clean row belongs to."""
    if table is PLAYER_REGISTRY:
        return rows["player_lookup"]
    if table is ESPN_TEAM_ROSTERS:
        return rows["roster_date"].dt.strftime("%Y%m%d") + "_" + rows["team_abbr"]
    return rows["game_id"]


def _owner_of(one: Placed, table: Table) -> str:
    slot = one.slot
    if table is PLAYER_REGISTRY:
        return slot.newcomer
    if table is ESPN_TEAM_ROSTERS:
        return f"{slot.day:%Y%m%d}_{slot.away}"
    return slot.nba_game_id if table is NBAC_SCHEDULE else slot.game_id
