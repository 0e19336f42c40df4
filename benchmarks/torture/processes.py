"""Child processes of the harness: forked from one that has loaded everything, so that a start costs milliseconds."""

import os
import pickle
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Nothing that is asked of the small league takes longer, even on a busy machine, unless it hangs.
PATIENCE_SECONDS = 600.0


class StuckError(AssertionError):
    """A process did not end in time; a deadlock, if nothing else held it up."""


@dataclass
class Child:
    """A forked process and the leader of its own process group.

    Attributes:
        process: Its id.
        output: File with what it printed.
        answer: File with what its work gave back, once it has ended by itself.
    """

    process: int
    output: Path
    answer: Path

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to it and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process, number)

    def ended(self) -> int | None:
        """Exit code, negative for the signal that ended it; None while it runs."""
        found, status = os.waitpid(self.process, os.WNOHANG)
        return None if found == 0 else os.waitstatus_to_exitcode(status)

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Exit code.

        Raises:
            StuckError: It did not end; it is killed.
        """
        give_up_at = time.monotonic() + seconds
        while (code := self.ended()) is None:
            if time.monotonic() > give_up_at:
                self.kill()
                os.waitpid(self.process, 0)
                raise StuckError(f"a process did not end within {seconds:g} s; it said: {self.told[-800:]}")
            time.sleep(0.005)
        return code

    @property
    def told(self) -> str:
        """What it printed so far."""
        return self.output.read_text(errors="replace") if self.output.is_file() else ""

    def result(self, seconds: float = PATIENCE_SECONDS) -> Any:
        """What its work gave back.

        Raises:
            AssertionError: It raised or was killed.
        """
        code = self.wait(seconds)
        if code != 0 or not self.answer.is_file():
            raise AssertionError(f"a step of the harness ended with {code}: {self.told[-3000:]}")
        return pickle.loads(self.answer.read_bytes())


def start(
    work: Callable[[], Any], directory: Path, environment: Mapping[str, str] | None = None, name: str = "child"
) -> Child:
    """Do some work in a forked process.

    Args:
        work: What it does; its result must be picklable. ``SystemExit`` sets the exit code.
        directory: Where its output and its answer are written.
        environment: Variables beside the inherited ones; of ours and of Dagster's none is inherited.
        name: Begins the names of its files.
    """
    directory.mkdir(parents=True, exist_ok=True)
    stem = f"{name}-{time.monotonic_ns()}"
    child = Child(0, directory / f"{stem}.txt", directory / f"{stem}.pickle")
    child.process = os.fork()
    if child.process:
        with suppress(OSError):
            # Both sides set the group, so that neither has to wait for the other.
            os.setpgid(child.process, child.process)
        return child
    code = 70
    try:
        os.setpgid(0, 0)
        _redirect(child.output)
        for variable in [known for known in os.environ if known.startswith(("NBA_", "DAGSTER_"))]:
            del os.environ[variable]
        os.environ.update(environment or {})
        code = _carry_out(work, child.answer)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        os._exit(code)


def _redirect(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1, closefd=False) for number in (1, 2))


def _carry_out(work: Callable[[], Any], answer: Path) -> int:
    try:
        given = work()
    except SystemExit as ended:
        code = ended.code
        return code if isinstance(code, int) else 0 if code is None else 1
    answer.write_bytes(pickle.dumps(given))
    return 0


def command(arguments: Sequence[str], prepare: Callable[[], None] = lambda: None) -> Callable[[], None]:
    """Work that is a call of ``nba-analytics``.

    Args:
        arguments: The command and its options.
        prepare: What is done in the process before, such as setting a tripwire.
    """

    def call() -> None:
        from analytics_assets.cli import main

        prepare()
        sys.argv = ["nba-analytics", *arguments]
        try:
            main()
        except Exception as error:
            # What Python does with an error that nobody expected.
            traceback.print_exc()
            raise SystemExit(1) from error

    return call


def load_everything() -> None:
    """Load what children use, once, without using it: no thread may run when they are forked."""
    import analytics_assets.alerts.backfill_records
    import analytics_assets.alerts.ops_database
    import analytics_assets.backfill.launch
    import analytics_assets.cli
    import analytics_assets.coverage.outdated  # noqa: F401
