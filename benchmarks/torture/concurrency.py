"""Concurrency: overlapping backfills, a live run inside one, readers, a user's session that holds the file."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from analytics_assets.tables.catalogue import ANALYTICS_TABLES
from analytics_assets.tables.operations import DATE_OUTCOMES
from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse
from benchmarks.torture import mutants
from benchmarks.torture.cases import Body, Case, carry_out, inspect, resume, victim
from benchmarks.torture.league import DATES
from benchmarks.torture.processes import Child, start
from benchmarks.torture.worlds import WAREHOUSE_FILE, World, call

# A command that gives up waits this long for the holder in these cases; a minute by default.
_PATIENCE = 2
_GIVES_UP_WITHIN = 60.0


def cases(world: World, directory: Path) -> list[Case]:
    """All cases; the world is one whose dates are all rebuilt."""
    bodies: dict[str, Body] = {
        "two backfills over the same dates": partial(_overlapping, windows=[DATES] * 2),
        "four backfills over overlapping dates": partial(
            _overlapping, windows=[DATES[:4], DATES[1:5], DATES[2:], DATES]
        ),
        "single dates materialized during a backfill": _materialized_within,
        "a reader that opens and closes the file all the time": _busy_reader,
        "a reader that holds a connection open for five seconds": partial(_held_for_a_while, read_only=True),
        "a user's session that holds the file for five seconds": partial(_held_for_a_while, read_only=False),
        "a user's session that holds the file before the command starts": _held_throughout,
        "a user's session that takes the file in the midst and keeps it": _held_from_the_midst,
    }
    return [carry_out(name, body, world, directory) for name, body in bodies.items()]


def busy_reader_case(world: World, directory: Path, mutant: str) -> Case:
    """The case of the busy reader with a mutant, for the test of the harness itself."""
    return carry_out(f"busy reader with {mutant}", partial(_busy_reader, mutant=mutant), world, directory)


def _overlapping(world: World, home: Path, case: Case, *, windows: list[tuple[date, ...]]) -> None:
    commands = [_backfill(world, "all", days) for days in windows]
    children = [call(home, *words, name=f"backfill{number}") for number, words in enumerate(commands)]
    for child in children:
        code = child.wait()
        case.expect(code == 0, f"a backfill ended with {code}: {child.told[-1500:]}")
    # Each of them was told to build all of its dates, whoever built them before: as many attempts must be recorded.
    planned = sum(len(days) for days in windows) * len(world.tables)
    recorded = start(lambda: _attempts(world, home), home / "told").result()
    if recorded != planned:
        case.broken.append(f"{planned} attempts were planned and {recorded} recorded")
        case.lost += max(0, planned - recorded)
        case.doubled += max(0, recorded - planned)
    inspect(world, home, case)
    # A context built while another process still had earlier summaries to correct rests on the old ones, and is told.
    outdated = call(home, *_backfill(world, "outdated", DATES), name="outdated")
    code = outdated.wait()
    case.expect(code == 0, f"the backfill of outdated dates ended with {code}: {outdated.told[-1500:]}")
    inspect(world, home, case, complete=True)


def _backfill(world: World, only: str, days: Sequence[date]) -> list[str]:
    return ["backfill", "--only", only, "--dates", ",".join(map(str, days)), "--tables", ",".join(world.tables)]


def _attempts(world: World, home: Path) -> int:
    found = DuckDBWarehouse(home / WAREHOUSE_FILE).read(DATE_OUTCOMES, ["recorded_at"])
    return int((found["recorded_at"] > world.made_at).sum())


def _materialized_within(world: World, home: Path, case: Case) -> None:
    backfill = victim(world, home)
    while (code := backfill.ended()) is None:
        single = call(home, "materialize", world.tables[0], str(DATES[2]), "--backfill-mode", name="single")
        ended = single.wait()
        case.expect(ended == 0, f"materialize ended with {ended}: {single.told[-1500:]}")
    case.expect(code == 0, f"the backfill ended with {code}: {backfill.told[-1500:]}")
    inspect(world, home, case, complete=True)


def _busy_reader(world: World, home: Path, case: Case, *, mutant: str = "none") -> None:
    breaking = mutants.breaking(mutant)
    backfill = victim(world, home, breaking)
    stop = home / "stop"

    def read() -> int:
        breaking()
        warehouse, looks = DuckDBWarehouse(home / WAREHOUSE_FILE), 0
        while not stop.exists():
            warehouse.counts_by_date(ANALYTICS_TABLES[0])
            looks += 1
            # A holder that lets go for no moment at all starves everyone; a real reader thinks in between.
            time.sleep(0.02)
        return looks

    reader = start(read, home / "told", name="reader")
    code = backfill.wait()
    stop.touch()
    looks = reader.result()
    case.expect(code == 0, f"the backfill ended with {code}: {backfill.told[-1500:]}")
    case.expect(looks > 1, "the reader got no turn")
    case.told = f"the reader looked {looks} times"
    inspect(world, home, case, complete=True)


def _hold(home: Path, *, read_only: bool, seconds: float) -> Child:
    """A process with an open connection, once it has it."""
    ready = home / "held"

    def hold() -> None:
        give_up_at = time.monotonic() + 60
        while True:
            try:
                connection = duckdb.connect(str(home / WAREHOUSE_FILE), read_only=read_only)
                break
            except duckdb.IOException:
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.005)
        connection.execute("SELECT count(*) FROM nba_raw.nbac_schedule").fetchall()
        ready.touch()
        time.sleep(seconds)
        connection.close()

    child = start(hold, home / "told", name="holder")
    give_up_at = time.monotonic() + 60
    while not ready.exists():
        assert time.monotonic() < give_up_at, f"the holder got no turn: {child.told}"
        time.sleep(0.01)
    return child


def _held_for_a_while(world: World, home: Path, case: Case, *, read_only: bool) -> None:
    backfill = victim(world, home)
    time.sleep(world.seconds / 3)
    holder = _hold(home, read_only=read_only, seconds=5)
    code = backfill.wait()
    holder.wait()
    case.expect(code == 0, f"the backfill ended with {code}: {backfill.told[-1500:]}")
    inspect(world, home, case, complete=True)


def _held_throughout(world: World, home: Path, case: Case) -> None:
    for read_only in (True, False):
        holder = _hold(home, read_only=read_only, seconds=120)
        for words in (world.backfill, ["status", "--start", str(DATES[0]), "--end", str(DATES[-1])]):
            _gives_up(
                case, lambda words=words: victim(world, home, arguments=words, warehouse=_impatient(home)), holder
            )
        holder.kill()
        holder.wait()
        (home / "held").unlink()
    inspect(world, home, case)
    resume(world, home, case)


def _held_from_the_midst(world: World, home: Path, case: Case) -> None:
    def begin() -> Child:
        child = victim(world, home, warehouse=_impatient(home))
        time.sleep(world.seconds / 2)
        return child

    child = begin()
    holder = _hold(home, read_only=False, seconds=120)
    _gives_up(case, lambda: child, holder)
    holder.kill()
    holder.wait()
    inspect(world, home, case)
    resume(world, home, case)


def _impatient(home: Path) -> str:
    return f"duckdb:///{home / WAREHOUSE_FILE}?wait_seconds={_PATIENCE}"


def _gives_up(case: Case, begin: Callable[[], Child], holder: Child) -> None:
    """The command ends in good time, not green, and names the process that holds the file."""
    child = begin()
    code = child.wait(_GIVES_UP_WITHIN)
    case.told = " ".join(line.strip() for line in child.told.splitlines() if "held by" in line)[:400]
    case.expect(code in (1, 2), f"a command that could not open the file ended with {code}")
    named = f"process {holder.process}" in " ".join(child.told.split())
    case.expect(named, f"the holder {holder.process} is not named: {child.told[-1500:]}")
