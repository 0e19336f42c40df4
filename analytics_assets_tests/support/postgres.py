"""A private PostgreSQL server for tests: its own directory, port and password, gone afterwards."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from analytics_assets_tests.support.dagster_processes import free_port

_USER = "nba"
_START_SECONDS = 60
# What is written here is thrown away, so nothing has to reach the disk.
_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB"}


@dataclass(frozen=True)
class PostgresServer:
    """A running server.

    Attributes:
        host: Loopback address.
        port: Port.
        user: Superuser, who has to tell the password.
        password: A new one for every server.
    """

    host: str
    port: int
    user: str
    password: str

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database."""
        return f"postgresql+psycopg2://{self.user}:{self.password}@{self.host}:{self.port}/{database}"

    def execute(self, *statements: str, database: str = "postgres") -> list[tuple]:
        """Execute statements one by one, outside any transaction, and give the rows of the last."""
        connection = psycopg2.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, dbname=database
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server on the loopback address; skips the test, saying so, where PostgreSQL is not installed."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    # pytest's directories are closed to other users, and PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="nba_postgres_") as name:
        directory = Path(name)
        owner = _owner()
        password = secrets.token_hex(16)
        (directory / "password").write_text(password)
        if owner is not None:
            for path in (directory, directory / "password"):
                shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)
        _initialize(binaries, directory, owner)
        server = PostgresServer("127.0.0.1", free_port(), _USER, password)
        process = _start(binaries, directory, owner, server.port)
        try:
            _wait_until_it_answers(server, process, directory / "server.log")
            yield server
        finally:
            # SIGINT is the fast shutdown: sessions are ended, files are left clean.
            process.send_signal(2)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _binaries() -> Path | None:
    """Directory of the newest server's programs; Debian keeps them off the path."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(installed, key=lambda path: int(path.parent.name)) if installed else None


def _owner() -> str | None:
    """The user to become; None when this process is not root anyway."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _initialize(binaries: Path, directory: Path, owner: str | None) -> None:
    arguments = ["-D", str(directory / "data"), "-U", _USER, "--pwfile", str(directory / "password")]
    arguments += ["--auth=scram-sha-256", "--no-sync", "--no-locale", "--encoding=UTF8"]
    made = subprocess.run(
        [str(binaries / "initdb"), *arguments], cwd=directory, capture_output=True, text=True, check=False, **_as(owner)
    )
    assert made.returncode == 0, made.stdout + made.stderr


def _start(binaries: Path, directory: Path, owner: str | None, port: int) -> subprocess.Popen[bytes]:
    arguments = ["-D", str(directory / "data"), "-h", "127.0.0.1", "-p", str(port), "-k", str(directory)]
    arguments += [f"--{name}={value}" for name, value in _SETTINGS.items()]
    with (directory / "server.log").open("wb") as output:
        return subprocess.Popen(
            [str(binaries / "postgres"), *arguments],
            cwd=directory,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **_as(owner),
        )


def _as(owner: str | None) -> dict:
    if owner is None:
        return {}
    return {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []}


def _wait_until_it_answers(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.execute("SELECT 1")
            return
        except psycopg2.OperationalError as error:
            if process.poll() is not None or time.monotonic() > give_up_at:
                raise AssertionError(f"PostgreSQL did not start: {error}\n{log.read_text()}") from error
            time.sleep(0.1)
