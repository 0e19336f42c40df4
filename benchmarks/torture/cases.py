"""One case of trouble or of concurrency: how it is set up in a copy of a world, judged, and told."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.torture.invariants import Findings, check
from benchmarks.torture.processes import PATIENCE_SECONDS, Child, command, start
from benchmarks.torture.worlds import World, call, environment_of


@dataclass
class Case:
    """What came of one case.

    Attributes:
        name: What was done, in a few words.
        seconds: How long it took, resume included.
        lost: Content that was gone.
        doubled: Rows or attempts that were there twice.
        silent: Records that claimed what was not so, and failures that nobody told.
        broken: All of these in words, and whatever else did not go as it must.
        told: What the disturbed command said at its end.
        skipped: Why the case could not be tried here; empty otherwise.
    """

    name: str
    seconds: float = 0.0
    lost: int = 0
    doubled: int = 0
    silent: int = 0
    broken: list[str] = field(default_factory=list)
    told: str = ""
    skipped: str = ""

    def add(self, found: Findings) -> None:
        """Count what was found."""
        self.broken += found.broken
        self.lost += len(found.lost)
        self.doubled += len(found.doubled)
        self.silent += len(found.silent)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note what did not go as it must."""
        if not holds:
            self.broken.append(otherwise)
            self.silent += 1


class SkippedError(RuntimeError):
    """The case cannot be tried on this machine; the message says why."""


Body = Callable[[World, Path, Case], None]


def carry_out(name: str, body: Body, world: World, directory: Path) -> Case:
    """Carry out one case in a copy of the world, which is removed again."""
    case = Case(name)
    home = directory / "".join(letter if letter.isalnum() else "-" for letter in name)
    shutil.rmtree(home, ignore_errors=True)
    began = time.monotonic()
    try:
        world.copy(home)
        body(world, home, case)
    except SkippedError as reason:
        case.skipped = str(reason)
    except AssertionError as error:
        case.broken.append(str(error)[-3000:])
        case.lost += 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    case.seconds = round(time.monotonic() - began, 2)
    return case


def victim(
    world: World,
    home: Path,
    prepare: Callable[[], None] = lambda: None,
    *,
    arguments: list[str] | None = None,
    warehouse: str | None = None,
    told: Path | None = None,
) -> Child:
    """Start the world's backfill, or another command, with a preparation.

    Args:
        world: The world.
        home: Its copy.
        prepare: What is done in the process before.
        arguments: Another command.
        warehouse: Another warehouse URL.
        told: Where what it prints is written, by default beside the data.
    """
    environment = {} if warehouse is None else {"NBA_WAREHOUSE": warehouse}
    work = command(arguments or world.backfill, prepare)
    return start(work, told or home / "told", environment_of(home, **environment), "victim")


def last_line(child: Child) -> str:
    """What a command said at its end, the progress bar left out."""
    lines = [line.strip() for line in child.told.splitlines() if line.strip() and "dates/s" not in line]
    return lines[-1] if lines else ""


def inspect(world: World, home: Path, case: Case, *, complete: bool = False) -> None:
    """Check the invariants in a process of its own."""
    case.add(start(lambda: check(world, home, complete=complete), home / "told").result())


def resume(world: World, home: Path, case: Case) -> None:
    """The world's backfill once more, undisturbed, then the repair of Dagster's records; all must be whole."""
    again = call(home, *world.backfill, name="resume")
    code = again.wait(PATIENCE_SECONDS)
    case.expect(code == 0, f"the resume ended with {code}: {again.told[-1500:]}")
    repair = call(home, *world.status, "--repair", name="repair")
    code = repair.wait()
    case.expect(code == 0, f"status --repair ended with {code}: {repair.told[-1500:]}")
    inspect(world, home, case, complete=True)
