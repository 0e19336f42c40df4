"""The Dagster home that command line, webserver and daemon share."""

import os
import shutil
from collections.abc import MutableMapping
from pathlib import Path

from analytics_assets.settings import data_directory, project_root

DAGSTER_HOME_VARIABLE = "DAGSTER_HOME"


class DagsterHomeError(RuntimeError):
    """There is no usable Dagster home; the message says what to do next."""


def prepare_dagster_home(environment: MutableMapping[str, str] | None = None) -> Path:
    """Make ``DAGSTER_HOME`` point to a usable directory and return it.

    A home that the user set is used as it is. Otherwise it is ``dagster`` in the data directory, with the project's
    ``dagster.yaml``, so that run coordinator and limits hold for runs from everywhere.

    Raises:
        DagsterHomeError: The stated home does not exist, or the project's ``dagster.yaml`` is not found.
    """
    environment = os.environ if environment is None else environment
    stated = environment.get(DAGSTER_HOME_VARIABLE)
    if stated:
        home = Path(stated).absolute()
        if not home.is_dir():
            raise DagsterHomeError(f"{DAGSTER_HOME_VARIABLE}={stated} is no directory; create it or unset the variable")
        environment[DAGSTER_HOME_VARIABLE] = str(home)
        return home
    settings = project_root() / "dagster.yaml"
    home = data_directory(environment) / "dagster"
    if not settings.is_file():
        raise DagsterHomeError(f"{settings} is not there; run from the project's root or set {DAGSTER_HOME_VARIABLE}")
    home.mkdir(parents=True, exist_ok=True)
    installed = home / "dagster.yaml"
    if not installed.is_file() or installed.read_bytes() != settings.read_bytes():
        shutil.copyfile(settings, installed)
    environment[DAGSTER_HOME_VARIABLE] = str(home)
    return home
