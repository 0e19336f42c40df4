"""Where things are kept on this machine: project root and data directory. Read when asked, never at import."""

import os
from collections.abc import Mapping
from pathlib import Path

DATA_DIRECTORY_VARIABLE = "NBA_DATA_DIR"


def project_root() -> Path:
    """The checkout that holds ``workspace.yaml``; without one, the current directory."""
    checkout = Path(__file__).resolve().parents[1]
    return checkout if (checkout / "workspace.yaml").is_file() else Path.cwd()


def data_directory(environment: Mapping[str, str] | None = None) -> Path:
    """Directory of the warehouse file and Dagster's records: ``NBA_DATA_DIR``, or ``data`` in the project."""
    environment = os.environ if environment is None else environment
    stated = environment.get(DATA_DIRECTORY_VARIABLE)
    return Path(stated).absolute() if stated else project_root() / "data"
