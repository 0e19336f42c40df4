"""Passwords and keys in settings are in no error that the command line tells."""

import pytest

from analytics_assets_tests.support.command_line import CommandLine

SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        ({"NBA_WAREHOUSE": f"postgresql://nba:{SECRET}@host/db"}, ["status"]),
        ({"NBA_WAREHOUSE": f"duckdb:///{SECRET}/nba.duckdb", "SOME_API_KEY": SECRET}, ["verify"]),
        ({"NBA_OPS_DB": f"postgresql://nba:{SECRET}@127.0.0.1:1/db"}, ["alerts", "list"]),
        ({"NBA_OPS_DB": f"nonsense://nba:{SECRET}@host"}, ["silence", "list"]),
        ({"NBA_OPS_DB": f"{SECRET}", "NBA_PASSWORD": SECRET}, ["alerts", "list"]),
        ({"NBA_ALERT_URLS": f"slack://{SECRET}/{SECRET} ]["}, ["alerts", "list"]),
    ],
)
def test_an_error_shows_no_secret(tmp_path, monkeypatch, capsys, settings, arguments) -> None:
    cli = CommandLine(tmp_path)
    # The call takes NBA_… variables away; these are set again by its own first step.
    delenv = monkeypatch.delenv
    monkeypatch.setattr(monkeypatch, "delenv", lambda name, **more: None if name in settings else delenv(name, **more))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    finished = cli.here(monkeypatch, capsys, *arguments)
    assert SECRET not in finished.stdout + finished.stderr
    assert finished.returncode in (0, 2)
