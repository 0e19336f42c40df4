"""Trouble: full disk, read-only or deleted file, jumping clock, SIGTERM, memory that runs out."""

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.torture import mutants
from benchmarks.torture.cases import Body, Case, SkippedError, carry_out, inspect, last_line, resume, victim
from benchmarks.torture.kill_points import BEFORE, KillPoint, Tripwire, watch
from benchmarks.torture.league import DATES
from benchmarks.torture.worlds import WAREHOUSE_FILE, World, call

# Bytes that are left when a backfill begins; with 900 kB it comes to its end.
ROOMS = (0, 40_000, 150_000, 400_000)
_ENDS_WITHIN = 300.0


def cases(world: World, directory: Path, seed: int, *, terminations: int = 10) -> list[Case]:
    """All cases; the world is one whose dates are all rebuilt."""
    chance = random.Random(seed)
    bodies: dict[str, Body] = {
        f"disk full with {room / 1000:.0f} kB left": partial(_disk_full, room=room) for room in ROOMS
    }
    bodies |= {
        "a commit that fails": _failing_commit,
        "read-only file": _read_only_file,
        "file deleted between two reads": partial(_deleted, point=KillPoint("read", 20, BEFORE)),
        "file deleted before a commit": partial(_deleted, point=KillPoint("commit", 3, BEFORE)),
        "clock jumping up to two hours back and forth": partial(_jumping_clock, seed=seed),
        "address space too small for the backfill": _little_memory,
        "worker killed as by the kernel when memory runs out (SIGKILL stands in)": partial(
            _signalled, number=signal.SIGKILL, moment=chance.uniform(0.2, 0.8)
        ),
    }
    bodies |= {
        f"SIGTERM number {number + 1}": partial(_signalled, number=signal.SIGTERM, moment=chance.uniform(0, 1))
        for number in range(terminations)
    }
    return [carry_out(name, body, world, directory) for name, body in bodies.items()]


def failing_commit_case(world: World, directory: Path, mutant: str = "none") -> Case:
    """A commit that fails, perhaps with a mutant, for the test of the harness itself."""
    return carry_out(f"a commit that fails, {mutant}", partial(_failing_commit, mutant=mutant), world, directory)


def _failing_commit(world: World, home: Path, case: Case, *, mutant: str = "none") -> None:
    """The engine refuses a statement in the midst of a transaction."""

    def fail() -> None:
        raise duckdb.IOException("could not write: the disk is full")

    def prepare() -> None:
        mutants.breaking(mutant)()
        watch(Tripwire(KillPoint("insert", 1, BEFORE), fail))

    refused = victim(world, home, prepare)
    code = refused.wait(_ENDS_WITHIN)
    case.expect(code == 1, f"a backfill with a failed commit ended with {code}: {refused.told[-1500:]}")
    case.told = last_line(refused)[:400]
    case.expect("the disk is full" in refused.told, f"the reason is not told: {refused.told[-800:]}")
    inspect(world, home, case)
    resume(world, home, case)


def _disk_full(world: World, home: Path, case: Case, *, room: int) -> None:
    """A small file system of its own where that is allowed; otherwise a limit on the size of the warehouse's files."""
    used = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    outside = home.parent / f"{home.name}-outside"
    shutil.rmtree(outside, ignore_errors=True)
    home.rename(outside)
    home.mkdir()
    # File systems count whole pages, so what the files need is found by copying and measured afterwards.
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", str(home)], capture_output=True).returncode:
        shutil.rmtree(outside, ignore_errors=True)
        raise SkippedError("a small file system cannot be mounted here")
    try:
        shutil.copytree(outside, home, dirs_exist_ok=True)
        state = os.statvfs(home)
        occupied = (state.f_blocks - state.f_bfree) * state.f_frsize
        _size(home, occupied + room)
        full = victim(world, home, told=outside)
        code = full.wait(_ENDS_WITHIN)
        case.expect(code != 0, f"the backfill was called done on a full disk ({used} bytes and {room} left)")
        case.told = f"exit code {code}: {last_line(full)}"[:400]
        _size(home, 256_000_000)
        inspect(world, home, case)
        resume(world, home, case)
    finally:
        subprocess.run(["umount", "-l", str(home)], capture_output=True, check=False)
        shutil.rmtree(outside, ignore_errors=True)


def _size(mounted: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(mounted)], check=True, capture_output=True)


def _read_only_file(world: World, home: Path, case: Case) -> None:
    """For root, whom permissions do not hold back, the file is mounted onto itself and only to be read."""
    path = home / WAREHOUSE_FILE
    mounted = os.getuid() == 0
    if not mounted:
        path.chmod(0o444)
    elif subprocess.run(["mount", "--bind", str(path), str(path)], capture_output=True, check=False).returncode:
        raise SkippedError("root may write every file, and a file cannot be mounted here")
    try:
        if mounted:
            subprocess.run(["mount", "-o", "remount,ro,bind", str(path)], check=True, capture_output=True)
        refused = victim(world, home)
        code = refused.wait(_ENDS_WITHIN)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(path)], check=True, capture_output=True)
        else:
            path.chmod(0o644)
    case.expect(code in (1, 2), f"a backfill that could not write ended with {code}")
    case.told = last_line(refused)[:400]
    reason = " ".join(refused.told.split()).lower()
    case.expect("read-only" in reason or "permission denied" in reason, f"the reason is not told: {reason[-800:]}")
    case.expect(WAREHOUSE_FILE in reason, f"the file is not named: {reason[-800:]}")
    inspect(world, home, case)
    resume(world, home, case)


def _deleted(world: World, home: Path, case: Case, *, point: KillPoint) -> None:
    path, saved = home / WAREHOUSE_FILE, home / "saved.duckdb"
    shutil.copyfile(path, saved)

    def delete() -> None:
        for name in (WAREHOUSE_FILE, f"{WAREHOUSE_FILE}.wal"):
            (home / name).unlink(missing_ok=True)

    bereft = victim(world, home, lambda: watch(Tripwire(point, delete)))
    code = bereft.wait(_ENDS_WITHIN)
    case.expect(code != 0, f"a backfill whose file was deleted ended with {code}: {bereft.told[-1500:]}")
    case.told = f"exit code {code}: {last_line(bereft)}"[:400]
    # What was committed before is gone with the file. The command that compares must say so and not call it whole.
    compared = call(home, "status", "--start", str(DATES[0]), "--end", str(DATES[-1]), "--dagster", name="status")
    case.expect(compared.wait() != 0, f"status finds nothing wrong without a file: {compared.told[-800:]}")
    for name in (WAREHOUSE_FILE, f"{WAREHOUSE_FILE}.wal"):
        (home / name).unlink(missing_ok=True)
    shutil.copyfile(saved, path)
    resume(world, home, case)


def _jumping_clock(world: World, home: Path, case: Case, *, seed: int) -> None:
    def jump() -> None:
        from analytics_assets import cli_backfill
        from analytics_assets.backfill import runs
        from analytics_assets.definitions import build_definitions

        chance = random.Random(seed)

        def moment() -> datetime:
            return datetime.now(UTC) + timedelta(seconds=chance.uniform(-7200, 7200))

        cli_backfill.now = moment
        kept = runs.execute.__kwdefaults__
        assert kept is not None
        kept["definitions"] = partial(build_definitions, clock=moment)

    jumped = victim(world, home, jump)
    code = jumped.wait(_ENDS_WITHIN)
    case.expect(code == 0, f"a backfill under a jumping clock ended with {code}: {jumped.told[-1500:]}")
    case.told = last_line(jumped)[:400]
    resume(world, home, case)


def _little_memory(world: World, home: Path, case: Case) -> None:
    def limit() -> None:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        allowed = used + 60_000_000
        resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))

    starved = victim(world, home, limit)
    code = starved.wait(_ENDS_WITHIN)
    case.expect(code != 0, "a backfill without memory was called done")
    case.told = f"exit code {code}: {last_line(starved)}"[:400]
    inspect(world, home, case)
    resume(world, home, case)


def _signalled(world: World, home: Path, case: Case, *, number: int, moment: float) -> None:
    told = victim(world, home)
    time.sleep(moment * world.seconds)
    with suppress(ProcessLookupError):
        told.kill(number)
    code = told.wait(_ENDS_WITHIN)
    case.told = f"exit code {code} after {moment:.0%} of the time"
    inspect(world, home, case)
    resume(world, home, case)
