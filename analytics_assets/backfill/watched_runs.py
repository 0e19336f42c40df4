"""Refusing to execute a run in this process where Dagster would take it for dead."""

import dagster as dg

from analytics_assets.backfill.dagster_home import DagsterHomeError, prepare_dagster_home


class WatchedRunsError(DagsterHomeError):
    """Runs of this Dagster instance have to be started by its daemon; the message says how."""


def refuse_where_runs_are_watched() -> None:
    """See to it that a run of this process would be left alone.

    A run launcher that starts containers looks for the container of every started run. Run monitoring fails a run
    that has none, so also one that this very process is executing, half-way through its dates.

    Raises:
        DagsterHomeError: There is no usable Dagster home.
        WatchedRunsError: Run monitoring would fail the run.
    """
    prepare_dagster_home()
    with dg.DagsterInstance.get() as instance:
        if instance.run_monitoring_enabled and instance.run_launcher.supports_check_run_worker_health:
            launcher = type(instance.run_launcher).__name__
            raise WatchedRunsError(
                f"{launcher} of this Dagster instance starts runs, and run monitoring would fail a run of this process;"
                " write backfill ... --submit http://HOST:3000, or launch it in Dagit"
            )
