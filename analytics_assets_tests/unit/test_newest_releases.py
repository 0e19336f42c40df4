"""The weekly run against the newest releases: what it installs, and that its workflow does what ``make`` offers."""

import subprocess
import sys
import tomllib

import yaml

from analytics_assets.settings import project_root

ROOT = project_root()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_requirement_is_there_with_its_lower_bound_and_no_upper_one_save_those_of_the_tests() -> None:
    command = [sys.executable, str(ROOT / ".ci" / "newest_requirements.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    extras = PROJECT["optional-dependencies"]
    stated = [*PROJECT["dependencies"], *(line for name, lines in extras.items() if name != "dev" for line in lines)]
    assert [line.split(",")[0] for line in stated] == printed[: len(stated)]
    assert not any("<" in line or "~" in line for line in printed[: len(stated)])
    assert printed[len(stated) :] == [line for line in extras["dev"] if not line.startswith(PROJECT["name"])]
    assert any("<" in line for line in PROJECT["dependencies"])


def test_the_weekly_workflow_runs_targets_that_exist_and_may_only_read() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True]["schedule"] == [{"cron": "17 4 * * 1"}]
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    targets = [command.split()[1] for command in commands if command.startswith("make ")]
    assert targets == ["test-newest", "audit"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{target}:" in makefile for target in targets)
