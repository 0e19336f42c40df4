"""Prints the project's requirements without upper bounds, for a run of the tests against the newest releases.

What the tests themselves need keeps its bounds: a new pytest is no news about the project.
"""

import re
import sys
import tomllib
from pathlib import Path

_UPPER_BOUND = re.compile(r"\s*,?\s*(<=?|~=)\s*[\w.*]+")
_OF_TESTS = "dev"


def newest_requirements(project: dict) -> list[str]:
    """Requirements of the project and its extras, upper bounds lifted; those of ``dev`` as they are."""
    extras = project["optional-dependencies"]
    lifted = [*project["dependencies"], *(line for name in extras if name != _OF_TESTS for line in extras[name])]
    kept = [line for line in extras[_OF_TESTS] if not line.startswith(project["name"])]
    return [_UPPER_BOUND.sub("", line) for line in lifted] + kept


if __name__ == "__main__":
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    sys.stdout.write("\n".join(newest_requirements(tomllib.loads(text)["project"])) + "\n")
