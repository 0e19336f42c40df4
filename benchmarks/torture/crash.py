"""Crash rounds: a backfill is killed; what must hold is checked, another run starts at once, a resume completes it."""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.torture import mutants
from benchmarks.torture.invariants import Findings, check
from benchmarks.torture.kill_points import PHASES, KillPoint, Tripwire, chosen_points, group_of, watch
from benchmarks.torture.processes import Child, StuckError, command, start
from benchmarks.torture.queue_probe import start_a_run
from benchmarks.torture.worlds import World, call, environment_of, newest_record

# Every so many-th round kills a command line that was started as a user does it, imports and all.
REAL_PROCESS_EVERY = 10
_IMPORTS_SECONDS = 4.0
# How many processes die in one copy before one is left to finish the work.
KILLS_A_COPY = 4


@dataclass
class Round:
    """One kill and what came of it.

    Attributes:
        number: Which round.
        world: Where it happened.
        way: How the moment was chosen.
        phase: Phase that the moment lies in; for random times as far as the record tells.
        code: Exit code of the victim; it ended by itself if not negative.
        built: Tables and dates that were new when it was killed, in percent.
        broken: What did not hold, right after the kill and after the resume.
        lost: How many of these are lost content, ``doubled`` rows, ``silent`` records.
        start_seconds: How long a run waited that was launched through the queue after the kill.
        resume_seconds: How long the resume took.
    """

    number: int
    world: str
    way: str
    phase: str
    code: int = 0
    built: int = 0
    broken: list[str] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    silent: int = 0
    start_seconds: float | None = None
    resume_seconds: float | None = None

    def add(self, found: Findings) -> None:
        """Count what was found."""
        self.broken += found.broken
        self.lost += len(found.lost)
        self.doubled += len(found.doubled)
        self.silent += len(found.silent)


def chains(
    worlds: list[World], directory: Path, numbers: Iterable[int], seed: int, mutant: str = "none"
) -> Iterator[Round]:
    """Kills, several after each other in one copy of a world: each resume is killed as well, only the last is not.

    Args:
        worlds: Worlds to copy from, in turn.
        directory: Where copies are made and removed again.
        numbers: Numbers of the chains; the same seed and number always give the same moments.
        seed: Seed of the moments.
        mutant: What is broken on purpose in the victims.
    """
    for number in numbers:
        chance = random.Random(f"{seed}-{number}")
        world = worlds[number // 2 % len(worlds)]
        home = directory / f"chain-{number}"
        shutil.rmtree(home, ignore_errors=True)
        world.copy(home)
        done: list[Round] = []
        for place in range(KILLS_A_COPY):
            done.append(_kill(world, home, number * KILLS_A_COPY + place, chance, mutant))
            if done[-1].code >= 0 or done[-1].broken:
                break
        _complete(world, home, done[-1], chance)
        yield from done
        shutil.rmtree(home, ignore_errors=True)


def kill_at(world: World, directory: Path, point: KillPoint, mutant: str = "none") -> Round:
    """One kill at a stated point in a copy of the world, and the resume."""
    home = directory / f"at-{point.phase}-{point.passage}"
    shutil.rmtree(home, ignore_errors=True)
    world.copy(home)
    chance = random.Random(0)
    done = _kill(world, home, 0, chance, mutant, point)
    _complete(world, home, done, chance)
    shutil.rmtree(home, ignore_errors=True)
    return done


def _kill(
    world: World, home: Path, number: int, chance: random.Random, mutant: str, point: KillPoint | None = None
) -> Round:
    done, victim, moment = _victim(world, home, number, chance, mutant, point)
    try:
        done.code = _await(victim, moment)
        found: Findings = start(lambda: check(world, home), home / "told").result()
        done.add(found)
        done.built = round(100 * found.new / len(world.clean))
        # In half of the rounds the sensor of the daemon frees the slot, in the others the command line at its start.
        if chance.random() < 0.5:
            _probe(world, home, done, chance)
    except (StuckError, AssertionError) as error:
        done.broken.append(str(error))
        done.lost += 1
    return done


def _complete(world: World, home: Path, done: Round, chance: random.Random) -> None:
    try:
        _resume(world, home, done, chance)
        _probe(world, home, done, chance)
        done.add(start(lambda: check(world, home, complete=True), home / "told").result())
    except (StuckError, AssertionError) as error:
        done.broken.append(str(error))
        done.lost += 1


def _victim(
    world: World, home: Path, number: int, chance: random.Random, mutant: str, point: KillPoint | None
) -> tuple[Round, Child, float | None]:
    """The round, its victim, and after how many seconds it is killed; None where it kills itself."""
    environment, words = environment_of(home), _next_command(world, home, chance)
    if point is None and number % REAL_PROCESS_EVERY == REAL_PROCESS_EVERY - 1 and mutant == "none":
        moment = chance.uniform(0, world.seconds + _IMPORTS_SECONDS)
        victim = start(lambda: _become(words), home / "told", environment, "victim")
        return Round(number, world.name, "random time, own process", "any"), victim, moment
    if point is None and number % 3 == 2:
        moment = chance.uniform(0, world.seconds)
        victim = start(command(words, mutants.breaking(mutant)), home / "told", environment, "victim")
        return Round(number, world.name, "random time", "any"), victim, moment
    chosen = point or _point(world, number, chance, resumed=newest_record(home) is not None)

    def prepare() -> None:
        mutants.breaking(mutant)()
        watch(Tripwire(chosen))

    victim = start(command(words, prepare), home / "told", environment, "victim")
    return Round(number, world.name, f"{chosen.when} {chosen.phase}", group_of(chosen.phase)), victim, None


def _point(world: World, number: int, chance: random.Random, *, resumed: bool) -> KillPoint:
    # A resume has less to do and passes most phases less often.
    passed = {name: max(1, count // 2) if resumed else count for name, count in world.passages.items()}
    points = chosen_points(passed, chance)
    for _ in range(turn_of(number)):
        next(points)
    return next(points)


def turn_of(number: int) -> int:
    """Place of the phase in which a round kills: all in turn, though every third round kills at a random time."""
    return (number - (number + 1) // 3) % len(PHASES)


def _next_command(world: World, home: Path, chance: random.Random) -> list[str]:
    """``backfill retry`` where there is a record, the same command again where a victim died before it wrote one."""
    record = newest_record(home)
    planned = record is not None and record["started_at"] >= world.made_at.isoformat(timespec="seconds")
    return ["backfill", "retry"] if planned and (world.only == "all" or chance.random() < 0.5) else world.backfill


def _become(arguments: list[str]) -> None:
    ended = subprocess.run([sys.executable, "-m", "analytics_assets", *arguments], check=False)
    raise SystemExit(ended.returncode)


def _await(victim: Child, moment: float | None) -> int:
    if moment is not None:
        give_up_at = time.monotonic() + moment
        while time.monotonic() < give_up_at:
            if (code := victim.ended()) is not None:
                return code
            time.sleep(0.002)
        victim.kill(signal.SIGKILL)
    return victim.wait()


def _probe(world: World, home: Path, done: Round, chance: random.Random) -> None:
    """A run that is launched through the daemon's queue starts at once, though the killed one held the pool."""
    day = chance.choice(sorted({day for _, day in world.clean}))
    probe: dict[str, Any] = start(lambda: start_a_run(home, day), home / "told", environment_of(home), "probe").result()
    done.start_seconds = probe["seconds"]
    if probe["status"] != "SUCCESS":
        done.broken.append(f"a run launched through the queue ended as {probe['status']}")
        done.silent += 1


def _resume(world: World, home: Path, done: Round, chance: random.Random) -> None:
    """The command that goes on, undisturbed, and the repair of Dagster's records."""
    again = _next_command(world, home, chance)
    began = time.monotonic()
    resumed = call(home, *again, name="resume")
    code = resumed.wait()
    done.resume_seconds = time.monotonic() - began
    if code != 0:
        done.broken.append(f"{' '.join(again[:2])} ended with {code}: {resumed.told[-1500:]}")
        done.lost += 1
    # What was committed and not yet told to Dagster when the process died is added by the command for that.
    repaired = call(home, *world.status, "--repair", name="repair")
    if repaired.wait() != 0:
        done.broken.append(f"status --repair found something open: {repaired.told[-1500:]}")
        done.silent += 1


def summary(found: list[Round]) -> dict[str, Any]:
    """Figures of some rounds."""
    killed = [one for one in found if one.code < 0 or one.way.endswith("own process")]
    phases: dict[str, int] = {}
    for one in killed:
        phases[one.phase] = phases.get(one.phase, 0) + 1
    starts = [one.start_seconds for one in found if one.start_seconds is not None]
    resumes = [one.resume_seconds for one in found if one.resume_seconds is not None]
    return {
        "rounds": len(found),
        "killed": len(killed),
        "ended_before": len(found) - len(killed),
        "phases": dict(sorted(phases.items())),
        "midway": sum(0 < one.built < 100 for one in found),
        "lost": sum(one.lost for one in found),
        "doubled": sum(one.doubled for one in found),
        "silent": sum(one.silent for one in found),
        "longest_start_seconds": max(starts, default=None),
        "longest_resume_seconds": max(resumes, default=None),
        "broken": [asdict(one) for one in found if one.broken][:20],
    }
