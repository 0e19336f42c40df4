"""The house rules that a machine can check: lint, format, types, who may import whom, size of modules."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(sys.executable).parent
LONGEST_MODULE = 400


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["pyright", "--pythonpath", sys.executable],
        ["lint-imports", "--no-cache"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_tool_finds_nothing(command):
    finished = subprocess.run(
        [str(BINARIES / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]


def _modules() -> list[Path]:
    folders = ("analytics_assets", "analytics_assets_tests")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_every_module_says_what_belongs_in_it_and_stays_short():
    silent = [
        str(path.relative_to(ROOT))
        for path in _modules()
        if path.stat().st_size and '"""' not in path.read_text()[:200]
    ]
    long = [str(path.relative_to(ROOT)) for path in _modules() if len(path.read_text().splitlines()) > LONGEST_MODULE]
    assert (silent, long) == ([], [])


@pytest.mark.xdist_group("groups")
def test_tests_that_share_a_costly_fixture_stay_in_one_process(request):
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("one process runs all tests")
    # The plugin schedules by this ending; without it each process makes every league again.
    assert request.node.nodeid.endswith("@groups")
