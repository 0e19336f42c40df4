"""The run coordinator that stamps ``backfill_mode=true`` on every run of a partition backfill.

Set in ``dagster.yaml``, so it must be importable by webserver, daemon, command line and run workers, and stay small.
"""

import dagster as dg

from analytics_assets.run_mode import BACKFILL_MODE_TAG, DAGSTER_BACKFILL_TAG


class BackfillTaggingRunCoordinator(dg.QueuedRunCoordinator):
    """Queues runs as Dagster does; a ``backfill_mode`` that somebody stated is kept."""

    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        """Tag the run if it belongs to a backfill, then queue it."""
        run = context.dagster_run
        if DAGSTER_BACKFILL_TAG in run.tags and BACKFILL_MODE_TAG not in run.tags:
            # The tag stays on the run, so it shows in Dagit and is copied to retries after the backfill has ended.
            self._instance.add_run_tags(run.run_id, {BACKFILL_MODE_TAG: "true"})
        return super().submit_run(context)
