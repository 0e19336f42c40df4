"""The parts of the harness: each gives figures as they stand in the JSON file, and says whether anything broke."""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.torture import concurrency, trouble
from benchmarks.torture.cases import Case
from benchmarks.torture.crash import KILLS_A_COPY, Round, chains, kill_at, summary
from benchmarks.torture.kill_points import BEFORE, KillPoint
from benchmarks.torture.mutants import MUTANTS
from benchmarks.torture.processes import Child, start
from benchmarks.torture.worlds import World

Figures = dict[str, Any]


def crash_part(worlds: list[World], directory: Path, kills: int, seed: int, lanes: int = 2) -> Figures:
    """Kills in several processes side by side, at least as many as asked for."""
    began = time.monotonic()
    chains_a_lane = -(-kills // (lanes * KILLS_A_COPY))
    running: list[tuple[Child, Path]] = []
    for lane in range(lanes):
        file = directory / f"rounds-{lane}.jsonl"
        numbers = range(lane, 4 * lanes * chains_a_lane, lanes)
        work = _Lane(worlds, directory / f"lane-{lane}", numbers, seed, kills // lanes, file)
        running.append((start(work, directory, name=f"lane-{lane}"), file))
    found: list[Round] = []
    for child, file in running:
        child.result(seconds=100_000)
        found += read_rounds([file])
    return summary(found) | {"seconds": round(time.monotonic() - began), "lanes": lanes, "seed": seed}


class _Lane:
    """Chains until enough processes were killed."""

    def __init__(
        self, worlds: list[World], directory: Path, numbers: Iterable[int], seed: int, kills: int, file: Path
    ) -> None:
        self._given = (worlds, directory, numbers, seed)
        self._kills, self._file = kills, file

    def __call__(self) -> int:
        killed = 0
        with self._file.open("w") as told:
            for one in chains(*self._given):
                told.write(json.dumps(asdict(one)) + "\n")
                told.flush()
                killed += one.code < 0
                if killed >= self._kills:
                    break
        return killed


def read_rounds(files: Iterable[Path]) -> list[Round]:
    """Rounds that lanes wrote down."""
    lines = [line for file in files for line in file.read_text().splitlines()]
    return [Round(**json.loads(line)) for line in lines]


def trouble_part(world: World, directory: Path, seed: int) -> Figures:
    """All cases of trouble."""
    return cases_summary(trouble.cases(world, directory, seed))


def concurrency_part(world: World, directory: Path) -> Figures:
    """All cases of concurrency."""
    return cases_summary(concurrency.cases(world, directory))


def cases_summary(found: list[Case]) -> Figures:
    """Figures of some cases."""
    tried = [case for case in found if not case.skipped]
    return {
        "tried": len(tried),
        "lost": sum(case.lost for case in tried),
        "doubled": sum(case.doubled for case in tried),
        "silent": sum(case.silent for case in tried),
        "longest_seconds": max((case.seconds for case in tried), default=0.0),
        "cases": [asdict(case) for case in found],
        "broken": [case.name for case in tried if case.broken],
    }


def mutants_part(world: World, directory: Path) -> Figures:
    """The harness finds each mutant, and nothing where the product is whole."""
    point = KillPoint("outcomes", 1, BEFORE)
    found = {
        "no transaction": kill_at(world, directory, point, "no transaction").broken,
        "no lock": concurrency.busy_reader_case(world, directory, "no lock").broken,
        "swallowed exception": trouble.failing_commit_case(world, directory, "swallowed exception").broken,
    }
    whole = [
        *kill_at(world, directory, point).broken,
        *trouble.failing_commit_case(world, directory).broken,
    ]
    return {
        "mutants": [
            {"name": name, "what": MUTANTS[name], "caught": bool(broken), "told": broken[0][:300] if broken else ""}
            for name, broken in found.items()
        ],
        "broken": [f"{name} was not caught" for name, broken in found.items() if not broken] + whole,
    }


def machine() -> Figures:
    """What the figures were measured on."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cores": os.cpu_count(), "memory_gigabytes": round(pages / 1e9), "load": round(os.getloadavg()[0], 1)}
