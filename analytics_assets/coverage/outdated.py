"""Which built dates would come out differently if they were built again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from analytics_assets.assets.input_fingerprints import InputFingerprints
from analytics_assets.assets.produce import build_isolating, season_slices
from analytics_assets.assets.producer import Producer
from analytics_assets.assets.producers import PRODUCERS
from analytics_assets.assets.slice_inputs import LatestInputs
from analytics_assets.coverage.calendar import DayKind, classify_dates
from analytics_assets.coverage.results import current_outcomes
from analytics_assets.league.seasons import season_year_of_date
from analytics_assets.raw.declarations import NBAC_SCHEDULE
from analytics_assets.raw.schedule import Schedule, interpret_schedule
from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import as_date, date_series, row_digests
from analytics_assets.tables.operations import DATE_OUTCOMES, IMPORT_RUN_PREFIX, Outcome
from analytics_assets.warehouse import Warehouse, Write

_KEY = ["table_name", "game_date"]
_AS_OF, _FINGERPRINT = "as_of_timestamp", "input_fingerprint"
_DEPTH = (_AS_OF, _FINGERPRINT)
_TIMES = frozenset({"processed_at", "quality_calculated_at", _AS_OF})


@dataclass(frozen=True)
class Looked:
    """What a look at built dates found.

    Attributes:
        outdated: ``table_name``, ``game_date`` and ``reason`` of outdated dates, oldest date first.
        unchanged: Rows of ``nba_ops.date_outcomes`` of dates whose inputs changed and whose rows did not, with the
            fingerprint of the present inputs. Dates that were compared while a source could not be read are not among
            them.
    """

    outdated: pd.DataFrame
    unchanged: pd.DataFrame


def outdated_dates(
    warehouse: Warehouse, table_names: Sequence[str], dates: Sequence[date], now: datetime
) -> pd.DataFrame:
    """Outdated dates, as :func:`look_for_outdated` finds them; writes nothing."""
    return look_for_outdated(warehouse, table_names, dates, now).outdated


def record_unchanged(warehouse: Warehouse, looked: Looked) -> None:
    """Record that dates agree with their present inputs, so that the next look need not build and compare them.

    One write, whatever the number of dates. A date that somebody built meanwhile has an attempt of its own by now.
    """
    rows = looked.unchanged
    if len(rows):
        warehouse.commit([Write(DATE_OUTCOMES, rows, rows[list(DATE_OUTCOMES.key)])])


def look_for_outdated(warehouse: Warehouse, table_names: Sequence[str], dates: Sequence[date], now: datetime) -> Looked:
    """Done dates whose inputs changed since, so that their rows are no longer what a build gives: exactly those.

    Outdated is a date of which at least one stored row differs from what a build gives now in any column but times (of
    writing, of a source's latest write, the row's moment) and the version counter; columns that tell of the sources
    count. Building the listed dates therefore gives the tables of a clean run, and no other date needs to be built.

    Dates whose recorded fingerprint still holds are left alone. The others are built in memory, a season at a time,
    and compared row by row, so that a rewritten but unchanged input outdates nothing. A context row that was built
    before its game with what was known then is compared by the digest over what it rests on. Contexts are compared
    with the summaries as they are stored: ask again after summaries were rebuilt. Imported dates count only where this
    warehouse has the games on its schedule, and raw rows of them: otherwise they could not be built here.

    Args:
        warehouse: Where tables and outcomes are.
        table_names: Output tables without their dataset.
        dates: Game dates to look at.
        now: The present moment, with time zone.
    """
    schedule = interpret_schedule(warehouse.read(NBAC_SCHEDULE))
    attempts = warehouse.read(DATE_OUTCOMES, start=min(dates), end=max(dates))
    wanted = attempts["table_name"].isin(list(table_names)) & attempts["game_date"].isin(pd.to_datetime(list(dates)))
    known = current_outcomes(attempts[wanted])
    found = [_games_since(known, schedule)]
    inputs, fingerprints = LatestInputs(warehouse, schedule), InputFingerprints(warehouse, schedule)
    built = known[known["outcome"] == str(Outcome.BUILT)]
    imported = built["run_id"].str.startswith(IMPORT_RUN_PREFIX)
    # Nothing here speaks against rows that came without the schedule they rest on, nor could they be built again.
    built = built[~imported | built["game_date"].isin(schedule.games.loc[schedule.games["counts"], "game_date"])]
    candidates: dict[str, list[list[date]]] = {}
    for name in table_names:
        of_table = built[built["table_name"] == name]
        version = PRODUCERS[name].table.code_version
        older = of_table[(of_table["code_version"] != version).fillna(True)]
        stored = older["code_version"].fillna("none")
        found.append(older[_KEY].assign(reason=f"code version {version} now, built with " + stored))
        same = of_table.drop(older.index)
        candidates[name] = [part for part in _changed(PRODUCERS[name], same, fingerprints) if part]
    unchanged = []
    for together in _seasons(candidates):
        # Tables share what is read of dates that are candidates of any of them: mostly the same ones.
        shared = sorted({day for part in together.values() for day in part})
        for name, part in together.items():
            of_table = built[built["table_name"] == name]
            brought = of_table.loc[of_table["run_id"].str.startswith(IMPORT_RUN_PREFIX), "game_date"]
            differing, equal = _compared(warehouse, PRODUCERS[name], inputs, part, shared, now, brought)
            found.append(differing)
            unchanged.append(_refreshed(of_table, fingerprints.of(PRODUCERS[name], equal)))
    order = {name: place for place, name in enumerate(PRODUCERS)}
    outdated = pd.concat([rows for rows in found if len(rows)] or found[:1], ignore_index=True)
    outdated["place"] = outdated["table_name"].map(order)
    outdated = outdated.sort_values(["game_date", "place"], ignore_index=True).drop(columns="place")
    return Looked(outdated, pd.concat([built.iloc[:0], *unchanged])[DATE_OUTCOMES.column_names])


def _refreshed(attempts: pd.DataFrame, fingerprints: Mapping[date, str]) -> pd.DataFrame:
    """The attempts of the dates that have a fingerprint, with that."""
    present = attempts["game_date"].map({pd.Timestamp(day): value for day, value in fingerprints.items()})
    return attempts.assign(input_fingerprint=present.astype("string"))[present.notna()]


def _games_since(known: pd.DataFrame, schedule: Schedule) -> pd.DataFrame:
    """Dates that were done without games, on which the schedule has games by now."""
    without = known[known["outcome"].isin([str(Outcome.OFF_DAY), str(Outcome.OFF_SEASON)])]
    days = classify_dates(schedule, sorted({as_date(day) for day in without["game_date"]}))
    now_known = without[_KEY].merge(days, left_on="game_date", right_index=True)
    late = now_known[now_known["kind"] == str(DayKind.GAME_DAY)]
    games = late["expected_games"].astype("string")
    return late[_KEY].assign(reason=games + " games on the schedule now, none when the date was called done")


def _changed(producer: Producer, built: pd.DataFrame, fingerprints: InputFingerprints) -> list[list[date]]:
    """Dates, cut into seasons, whose recorded fingerprint does not hold any more, or was never recorded."""
    recorded = {as_date(day): value for day, value in zip(built["game_date"], built["input_fingerprint"], strict=True)}
    changed = []
    for part in season_slices(list(recorded)):
        present = fingerprints.of(producer, part)
        changed.append([day for day in part if pd.isna(recorded[day]) or recorded[day] != present.get(day)])
    return changed


def _seasons(candidates: Mapping[str, Sequence[list[date]]]) -> list[dict[str, list[date]]]:
    """Dates by table, one season and kind of table after the other: played games share no input with coming ones."""
    found: dict[tuple[int, bool], dict[str, list[date]]] = {}
    for name, parts in candidates.items():
        for part in parts:
            kind = PRODUCERS[name].table.days_ahead is None
            found.setdefault((season_year_of_date(part[0]), kind), {})[name] = part
    return [found[key] for key in sorted(found)]


def _compared(
    warehouse: Warehouse,
    producer: Producer,
    inputs: LatestInputs,
    dates: list[date],
    shared: list[date],
    now: datetime,
    imported: Collection[pd.Timestamp] = (),
) -> tuple[pd.DataFrame, list[date]]:
    """Those of some dates of one season of which a build, among the shared dates, gives other rows now, or raises.

    An imported date of which it gives no rows is none of them: its raw rows are elsewhere. Beside them, the dates of
    which it gives the same rows with all sources at hand.
    """
    table = producer.table
    table_columns = [*table.key, *_compared_columns(table), *(name for name in _DEPTH if name in table.by_name)]
    stored = warehouse.read(table, list(dict.fromkeys(["game_date", *table_columns])), min(dates), max(dates))
    found, equal = [], []
    for part, built in build_isolating(producer, inputs, shared, now):
        asked = pd.DataFrame({"game_date": date_series(set(part) & set(dates))}).assign(table_name=table.name)
        if isinstance(built, Exception):
            found.append(asked.assign(reason=f"inputs changed, and building raises {type(built).__name__}: {built}"))
            continue
        asked = asked[asked["game_date"].isin(built.rows["game_date"]) | ~asked["game_date"].isin(list(imported))]
        before, now_built = (rows[rows["game_date"].isin(asked["game_date"])] for rows in (stored, built.rows))
        differs = _differing(before, now_built, table)
        counts = differs.groupby(level="game_date").agg(["sum", "size"])
        told = asked.merge(counts[counts["sum"] > 0], left_on="game_date", right_index=True)
        rows = told["sum"].astype("string") + " of " + told["size"].astype("string")
        found.append(told[_KEY].assign(reason=rows + " rows come out differently now"))
        if not built.warnings:
            equal += [as_date(day) for day in asked["game_date"] if day not in set(told["game_date"])]
    return pd.concat(found, ignore_index=True), equal


def _differing(stored: pd.DataFrame, built: pd.DataFrame, table: Table) -> pd.Series:
    """Whether each row of either frame is absent from the other or differs; the index starts with the date."""
    key = list(dict.fromkeys(["game_date", *table.key]))
    depth = [name for name in _DEPTH if name in table.by_name]
    sides = [
        rows[[*key, *depth]].assign(content=row_digests(rows, _compared_columns(table))) for rows in (stored, built)
    ]
    both = sides[0].merge(sides[1], on=key, how="outer", suffixes=("", "_now")).set_index(key)
    differs = (both["content"] != both["content_now"]).fillna(True).astype(bool)
    if not depth:
        return differs
    # A row from before its game could not know what came until tip-off; all that it rested on must be as it was.
    earlier = (both[_AS_OF] < both[f"{_AS_OF}_now"]).fillna(False)
    rests_elsewhere = (both[_FINGERPRINT] != both[f"{_FINGERPRINT}_now"]).fillna(True).astype(bool)
    return differs.mask(earlier, rests_elsewhere)


def _compared_columns(table: Table) -> list[str]:
    """Digest of the content, and what is told beside the content of the sources, save times of writing."""
    beside = [name for name in table.not_content if name not in _TIMES and not name.endswith("_last_updated")]
    return [*([table.hash_column] if table.hash_column else []), *beside]
