"""The files of ``deploy/`` as their readers see them: compose with its variables filled in."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from analytics_assets_tests.support.dagster_processes import ROOT

DEPLOY = ROOT / "deploy"
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


class UnsetVariableError(LookupError):
    """A variable that the compose file insists on is not set."""


def yaml_file(name: str) -> Any:
    """A YAML file of ``deploy/`` as it stands."""
    return yaml.safe_load((DEPLOY / name).read_text())


def compose(environment: Mapping[str, str]) -> dict[str, Any]:
    """The compose file with variables filled in as Docker does it.

    Raises:
        UnsetVariableError: A variable with ``:?`` has no value.
    """

    def fill(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return "$"
        value = environment.get(name, "")
        if not value and found["kind"] == "?":
            raise UnsetVariableError(f"{name} {found['rest']}")
        return value or (found["rest"] if found["kind"] == "-" else "")

    def filled(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: filled(value) for key, value in node.items()}
        if isinstance(node, list):
            return [filled(value) for value in node]
        return _VARIABLE.sub(fill, node) if isinstance(node, str) else node

    return filled(yaml_file("compose.yaml"))


def image_environment() -> dict[str, str]:
    """Variables that the image of ``deploy/Dockerfile`` sets."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    last_stage = text[text.rindex("\nFROM ") :]
    pairs = [pair for line in re.findall(r"^ENV (.*)$", last_stage, re.MULTILINE) for pair in line.split()]
    return dict(pair.split("=", maxsplit=1) for pair in pairs)
