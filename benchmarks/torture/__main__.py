"""The commands of the harness: ``run`` everything or some parts and write the figures, write the ``page`` from them."""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from benchmarks.torture import parts
from benchmarks.torture.page import page, without_paths
from benchmarks.torture.processes import load_everything, start
from benchmarks.torture.soak import soak_part
from benchmarks.torture.worlds import World, make_worlds

ROOT = Path(__file__).resolve().parents[2]
FIGURES, PAGE = ROOT / "docs" / "reliability.json", ROOT / "docs" / "reliability.md"
PARTS = ("mutants", "trouble", "concurrency", "crash", "soak")


def main() -> int:
    """Exit code 1 when anything was lost, doubled or silent, or a mutant was not caught."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.torture", description=__doc__)
    parser.add_argument("what", choices=("run", "page"), help="run: measure and write figures and page; page: only it")
    parser.add_argument("--parts", default=",".join(PARTS), help="parts to run, with commas; others keep their figures")
    parser.add_argument("--kills", type=int, default=200, help="kills of the crash harness")
    parser.add_argument("--soak-days", type=int, default=2000, help="simulated days of live operation")
    parser.add_argument("--seed", type=int, default=10, help="seed of all random moments and faults")
    parser.add_argument("--lanes", type=int, default=2, help="victims at the same time")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="JSON file with the figures")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    chosen = parser.parse_args()
    figures: dict[str, Any] = json.loads(chosen.figures.read_text()) if chosen.figures.is_file() else {}
    if chosen.what == "run":
        wanted = chosen.parts.split(",")
        unknown = sorted(set(wanted) - set(PARTS))
        if unknown:
            parser.error(f"unknown parts {', '.join(unknown)}; known are {', '.join(PARTS)}")
        with tempfile.TemporaryDirectory(prefix="torture-") as directory:
            _run(wanted, chosen, Path(directory), figures)
    chosen.page.write_text(page(figures))
    broken = {
        name: found["broken"] for name, found in figures.items() if isinstance(found, dict) and found.get("broken")
    }
    typer.echo(f"{chosen.page}: " + (f"broken: {json.dumps(broken, indent=1)}" if broken else "everything held"))
    return 1 if broken else 0


def _run(wanted: list[str], chosen: argparse.Namespace, directory: Path, figures: dict[str, Any]) -> None:
    # The soak executes in this process' children only; nothing here may start a thread before a fork.
    load_everything()
    worlds: list[World] = make_worlds(directory / "worlds") if set(wanted) - {"soak"} else []
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "mutants": lambda: parts.mutants_part(worlds[1], directory),
        "trouble": lambda: parts.trouble_part(worlds[1], directory, chosen.seed),
        "concurrency": lambda: parts.concurrency_part(worlds[1], directory),
        "crash": lambda: parts.crash_part(worlds, directory, chosen.kills, chosen.seed, chosen.lanes),
        "soak": lambda: start(
            lambda: soak_part(directory / "soak", chosen.soak_days, chosen.seed), directory, name="soak"
        ).result(seconds=100_000),
    }
    for name in PARTS:
        if name in wanted:
            typer.echo(f"{datetime.now(UTC):%H:%M:%S} {name}")
            figures[name] = measures[name]()
            figures |= {
                "ran_at": f"{datetime.now(UTC):%Y-%m-%d}",
                "revision": revision(),
                "machine": parts.machine(),
                "remark": "" if set(wanted) == set(PARTS) else f"latest only {', '.join(wanted)}; the rest is older",
            }
            chosen.figures.write_text(json.dumps(without_paths(figures), indent=1) + "\n")


def revision() -> str:
    """The revision that was measured; ``+`` after it when files differed from it."""
    asked = ("rev-parse", "--short", "HEAD"), ("status", "--porcelain", "--untracked-files=no")
    short, changed = (
        subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout for words in asked
    )
    return (short.strip() or "unknown") + ("+" if changed.strip() else "")


if __name__ == "__main__":
    raise SystemExit(main())
