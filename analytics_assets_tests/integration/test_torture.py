"""A few rounds of the torture harness, and that it finds a product that was broken on purpose."""

import json
import random
import subprocess
import sys

import pytest

from analytics_assets_tests.support.dagster_processes import ROOT

pytestmark = pytest.mark.xdist_group("torture")

# Forked from a process that has threads of its own, a child may hang; so the harness has a process of its own.
_ROUNDS = """
import json, sys
from pathlib import Path
from benchmarks.torture.crash import kill_at
from benchmarks.torture.kill_points import AFTER, BEFORE, KillPoint
from benchmarks.torture.processes import load_everything
from benchmarks.torture.trouble import failing_commit_case
from benchmarks.torture.worlds import make_small_world

load_everything()
directory = Path(sys.argv[1])
world = make_small_world(directory)
killed = kill_at(world, directory, KillPoint("commit", 1, AFTER))
print(json.dumps({
    "code": killed.code,
    "built": killed.built,
    "broken": killed.broken,
    "waited": killed.start_seconds,
    "without transaction": kill_at(world, directory, KillPoint("outcomes", 1, BEFORE), "no transaction").broken,
    "swallowing": failing_commit_case(world, directory, "swallowed exception").broken,
}))
"""


@pytest.fixture(scope="module")
def rounds(tmp_path_factory) -> dict:
    command = [sys.executable, "-c", _ROUNDS, str(tmp_path_factory.mktemp("torture"))]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert finished.returncode == 0, finished.stderr[-4000:]
    return json.loads(finished.stdout.splitlines()[-1])


def test_a_backfill_killed_after_its_first_commit_loses_nothing_and_a_resume_completes_it(rounds):
    assert rounds["code"] == -9
    # The first of two tables is committed, and nothing of the second.
    assert rounds["built"] == 50
    assert rounds["broken"] == []
    # The slot that the killed process held is free at once.
    assert rounds["waited"] < 30


def test_the_harness_finds_a_commit_without_a_transaction(rounds):
    assert any("has rows of this backfill and no outcome" in told for told in rounds["without transaction"])


def test_the_harness_finds_a_swallowed_exception(rounds):
    assert any("a backfill with a failed commit ended with 0" in told for told in rounds["swallowing"])
    assert any("without" in told or "not its rows" in told for told in rounds["swallowing"][1:])


def test_every_phase_of_the_issue_has_kill_points_in_turn():
    from benchmarks.torture.crash import turn_of
    from benchmarks.torture.kill_points import PHASES, chosen_points, group_of

    assert {turn_of(number) for number in range(20) if number % 3 != 2} == set(range(len(PHASES)))
    passed = {name: 3 for names in PHASES.values() for name in names}
    points = chosen_points(passed, random.Random(1))
    drawn = [next(points) for _ in range(60)]
    assert [group_of(point.phase) for point in drawn[: len(PHASES)]] == list(PHASES)
    assert {point.when for point in drawn} == {"before", "after", "during"}
    assert all(1 <= point.passage <= 3 for point in drawn)
