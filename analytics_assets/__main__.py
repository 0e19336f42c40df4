"""The command line, as ``nba-analytics`` and as ``python -m analytics_assets``: loads it fast and leaves fast."""

import gc
import os
import sys
from contextlib import suppress


def main() -> None:
    """Load the command line and run it."""
    # Loading makes objects by the hundred thousand and no garbage; looking for it takes a tenth of a second.
    gc.disable()
    from analytics_assets.cli import main as run

    gc.freeze()
    gc.enable()
    try:
        run()
    except SystemExit as ended:
        _leave(ended.code)
        raise


def _leave(code: object) -> None:
    """End the process at once where nothing is left to tidy up; taking all objects apart takes a tenth of a second."""
    if "dagster" in sys.modules or not isinstance(code, int | None):
        return
    for stream in (sys.stdout, sys.stderr):
        # A reader that went away, such as head, is no failure.
        with suppress(OSError):
            stream.flush()
    os._exit(code or 0)


if __name__ == "__main__":
    main()
