"""Dagster's own daemon, which here looks at backfills every few seconds instead of every thirty, to save waiting."""

import dagster._daemon.controller as controller
from dagster._daemon.cli import main

if __name__ == "__main__":
    controller.DEFAULT_DAEMON_INTERVAL_SECONDS = 3
    main()
