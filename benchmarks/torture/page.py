"""The page ``docs/reliability.md``, written from the figures of a run; nothing in it is typed by hand."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_KINDS = ("lost", "doubled", "silent")


def page(figures: Mapping[str, Any]) -> str:
    """The page in Markdown.

    Args:
        figures: The JSON that ``python -m benchmarks.torture run`` writes; parts that were not run are named as such.
    """
    parts = [
        _head(figures),
        _crash(figures.get("crash")),
        _cases("Trouble", "trouble", figures.get("trouble"), _TROUBLE),
        _cases("Concurrency", "concurrency", figures.get("concurrency"), _CONCURRENCY),
        _soak(figures.get("soak")),
        _mutants(figures.get("mutants")),
        _HOW,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_TROUBLE = (
    "Each case works on a copy of a small warehouse, disturbs one backfill, checks what must hold, takes the trouble\n"
    "away and resumes; in the end every table is compared with that of an undisturbed backfill."
)
_CONCURRENCY = (
    "Whoever finds the file held waits, by default for a minute; then the command ends with a message that names the\n"
    "process. Every case has a time limit, so a deadlock would show as a broken case."
)
_HOW = """## How to run it

`make torture` runs everything and writes this page; `make test` runs a few rounds of the same code. The harness ends
with exit code 1 when anything is lost, doubled or silent, or when a mutant is not caught. What the words mean:

- **lost**: content that should be there and is not, raw rows included, also after a resume;
- **doubled**: a key, or an attempt of one run and date, that is there twice;
- **silent**: a record that claims what is not so (a materialized date without an outcome of its run, an outcome
  without its rows), or a failure that nobody told.

Content is compared by digests over all rows of each table and date. The harness lives in `benchmarks/torture/`; kill
points and mutants are wrappers that it puts on in the victim's process, the product itself knows nothing of them."""


def _head(figures: Mapping[str, Any]) -> str:
    total = {kind: sum(part.get(kind, 0) for part in figures.values() if isinstance(part, dict)) for kind in _KINDS}
    machine = figures["machine"]
    remark = f" Remark: {figures['remark']}." if figures.get("remark") else ""
    return f"""# Reliability

Written by `python -m benchmarks.torture page` from [`reliability.json`](reliability.json); not to be edited by hand.

Run on {figures["ran_at"]} at revision `{figures["revision"]}`, on {machine["cores"]} cores with
{machine["memory_gigabytes"]} GB of memory, system load {machine["load"]} at the end. Times are those of that machine
under that load.{remark}

**{total["lost"]} lost, {total["doubled"]} doubled, {total["silent"]} silent.**"""


def _crash(crash: Mapping[str, Any] | None) -> str:
    if crash is None:
        return _not_run("Crashes")
    phases = _table(("phase", "kills"), [(name, count) for name, count in crash["phases"].items()])
    start, resume = crash["longest_start_seconds"], crash["longest_resume_seconds"]
    return f"""## Crashes

A backfill of the command line is ended by `kill -9`: at a random time, or at a random passage of a named function or
SQL statement (before it, after it, or up to 20 ms into it). After every kill the invariants are checked. Up to four
processes die one after the other in the same warehouse, each while it goes on with what the one before left; then one
is left to finish, Dagster's records are repaired with `status --repair`, and the tables are compared with those of a
clean backfill. Most victims are forked from a process that has loaded the modules already; those with a random time and
their own process are started as a user does it.

- {crash["killed"]} kills, {crash["midway"]} of them with part of the dates built;
  {crash["ended_before"]} victims had ended before their moment came
- {crash["lost"]} lost, {crash["doubled"]} doubled, {crash["silent"]} silent
- a run launched through the daemon's queue after a kill waited {_seconds(start)} at most to start
- the longest resume took {_seconds(resume)}

{phases}

`any` are kills at a random time, wherever that was.{_broken(crash)}"""


def _cases(title: str, name: str, part: Mapping[str, Any] | None, text: str) -> str:
    if part is None:
        return _not_run(title)
    rows = [
        (
            case["name"],
            "not tried: " + case["skipped"] if case["skipped"] else "broken" if case["broken"] else "held",
            f"{case['seconds']:.0f}",
            _cell(case["told"]),
        )
        for case in part["cases"]
    ]
    table = _table(("case", "result", "seconds", "what was told"), rows)
    figures = f"{part['lost']} lost, {part['doubled']} doubled, {part['silent']} silent"
    return f"## {title}\n\n{text}\n\n{part['tried']} cases of {name}: {figures}.\n\n{table}{_broken(part)}"


def _soak(soak: Mapping[str, Any] | None) -> str:
    if soak is None:
        return _not_run("Soak")
    faults = ", ".join(f"{count} {name}" for name, count in soak["faults"].items())
    growth = _table(
        ("simulated days", "seconds a day", "all sensors ticked, ms", "Dagster's records, MB", "ops database, MB"),
        [
            (
                row["days"],
                f"{row['seconds_a_day']:.2f}",
                f"{row['tick_milliseconds']:.0f}",
                f"{row['instance_megabytes']:.1f}",
                f"{row['ops_megabytes']:.2f}",
            )
            for row in soak["growth"]
        ],
    )
    return f"""## Soak

{soak["days"]} simulated days of live operation ({soak["first_day"]} to {soak["last_day"]}) in fast time, with the clock
injected: every morning yesterday's summaries and today's contexts as the two schedules ask for them, rows arriving as
they are written, all alert sensors ticked. Faults put in by a seeded generator: {faults}.

- {soak["lost"]} lost, {soak["doubled"]} doubled, {soak["silent"]} silent: at the end, after one backfill of what was
  outdated or missing, the tables are compared with those of a clean rebuild from the same raw tables
- {soak["alerts_expected"]} alerts of dates and runs were to be expected from the injected faults,
  {soak["alerts_found"]} were recorded; {soak["quality_warnings"]} quality warnings beside them

{growth}

Dagster keeps runs and events for ever, so its records grow with every run, by about the same amount each day; ticks of
sensors that had nothing to do are purged after seven days by Dagster's own default.{_broken(soak)}"""


def _mutants(part: Mapping[str, Any] | None) -> str:
    if part is None:
        return _not_run("The harness itself")
    rows = [
        (one["name"], one["what"], "yes" if one["caught"] else "**no**", _cell(one["told"])) for one in part["mutants"]
    ]
    table = _table(("mutant", "what it breaks", "caught", "first thing found"), rows)
    return f"""## The harness itself

The product is broken on purpose in the victims; the harness must find out, and must find nothing where it is whole.

{table}{_broken(part)}"""


def without_paths(value: Any) -> Any:
    """Figures whose texts name no directory of the machine on which they were measured."""
    if isinstance(value, dict):
        return {name: without_paths(one) for name, one in value.items()}
    if isinstance(value, list):
        return [without_paths(one) for one in value]
    return re.sub(r"(?<!\w)(/[\w.+-]+)+/", "…/", value) if isinstance(value, str) else value


def _not_run(title: str) -> str:
    return f"## {title}\n\nNot part of this run."


def _broken(part: Mapping[str, Any]) -> str:
    broken = part.get("broken") or []
    return "\n\nBroken: " + "; ".join(_cell(str(one)) for one in broken) if broken else ""


def _seconds(value: float | None) -> str:
    return "no time known" if value is None else f"{value:.1f} s"


def _cell(text: str) -> str:
    """One line of a table, without what would depend on the machine's paths."""
    plain = without_paths(" ".join(text.replace("|", "/").split()))
    return plain if len(plain) <= 160 else plain[:157] + "…"


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])
