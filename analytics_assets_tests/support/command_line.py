"""The command line as a user calls it: a real process with a data directory of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics_assets.cli import main


class CommandLine:
    """Calls ``nba-analytics`` with its own data directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.file = directory / "nba.duckdb"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("NBA_", "DAGSTER_"))},
            "NBA_DATA_DIR": str(directory),
            "COLUMNS": "200",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and give its process."""
        command = [sys.executable, "-m", "analytics_assets", *arguments]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "analytics_assets", *arguments]
        return subprocess.run(
            command, env={**self.environment, **environment}, capture_output=True, text=True, check=False, timeout=300
        )

    def here(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        """Call a command in this very process, which takes a tenth of the time: for calls that execute no run."""
        for name in [name for name in os.environ if name.startswith(("NBA_", "DAGSTER_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("NBA_DATA_DIR", str(self.directory))
        # Stated, so that the home which a command sets is taken back after the test.
        monkeypatch.setenv("DAGSTER_HOME", "")
        monkeypatch.setattr(sys, "argv", ["nba-analytics", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        output, told = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), output, told)
