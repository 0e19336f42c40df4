"""A backfill from its beginning to its end: one record, whether it takes one run or, for lack of knowledge, two."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pandas as pd

from analytics_assets.backfill.plan import PlannedRun, plan_run
from analytics_assets.backfill.results import BackfillRecord


def run_stages(
    stages: Iterable[pd.DataFrame],
    *,
    begin: Callable[[pd.DataFrame], BackfillRecord],
    execute: Callable[[PlannedRun, BackfillRecord], bool],
    newest_first: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> BackfillRecord | None:
    """Run what each stage wants, one after the other, as one backfill: it begins once and ends once.

    Args:
        stages: Wanted dates of each stage; a stage is asked for when the one before has ended, as its dates may depend
            on what that one built. Stages share no table.
        begin: Gives the record of a backfill that begins with these wanted dates.
        execute: Executes a run, fills the record and says whether it came to its end, not stopped by the user.
        newest_first: Whether later seasons come first within a stage.
        now: Gives the present moment.

    Returns:
        The ended record; None when no stage wanted anything.
    """
    record, ended = None, True
    try:
        for wanted in stages:
            run = plan_run(wanted, newest_first=newest_first)
            if run is None:
                continue
            if record is None:
                record = begin(wanted)
            else:
                record.add(wanted)
            ended = execute(run, record)
            if not ended:
                break
    except BaseException:
        # A record that is gone is one of a backfill that did not begin after all.
        if record is not None and record.path.is_file():
            record.finish("stopped", now())
        raise
    if record is not None:
        record.finish("finished" if ended else "stopped", now())
    return record
