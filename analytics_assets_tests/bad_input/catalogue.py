"""All bad inputs, and the page that lists how each ends."""

from collections.abc import Sequence

from analytics_assets_tests.bad_input.case import FAMILIES, BadInput
from analytics_assets_tests.bad_input.events_lines_and_reports import LINES, PLAY_BY_PLAY, REPORTS
from analytics_assets_tests.bad_input.schedule_and_boxes import BOX_SCORES, SCHEDULE

CATALOGUE: tuple[BadInput, ...] = (*SCHEDULE, *BOX_SCORES, *PLAY_BY_PLAY, *LINES, *REPORTS)

_HEAD = """# Bad input, and how it ends

Generated: `python -m analytics_assets_tests.bad_input` builds a small league twice, clean and with every bad input of
this list in a game of its own, and writes down what differs. A test builds it again and compares.

What holds for all of them: no date ends as `error`; every raw row is used, quarantined with its values and a reason, or
left out by a named rule; no other game of the date changes, unless the schedule itself can no longer be believed.

How to read an end:

* **no rows**: the game is left out (of the tables that are named, if not of all); its date is `partial_raw_data`.
* **quarantined**: the row is in `nba_analytics.quarantined_rows` with this reason, see `nba-analytics quarantine list`.
* **issues**: the game's rows carry these codes in `quality_issues`.
* **date is**: the outcome of the date.
* **other values**: nothing says that the value is wrong; these columns tell it as the source does, or are NULL.
* **no effect**: the rows are those of the clean league.

A row whose date is NULL or of another day is not among the rows of its day: the game ends as if it had not come.
"""


def page(cases: Sequence[BadInput], ends: Sequence[str]) -> str:
    """The page, in Markdown.

    Args:
        cases: Bad inputs.
        ends: What became of each.
    """
    parts = [_HEAD]
    for family in FAMILIES:
        rows: dict[tuple[str, str, str], list[str]] = {}
        for case, end in zip(cases, ends, strict=True):
            if case.family == family:
                columns = rows.setdefault((case.table.name, case.name, end), [])
                columns += [case.column] if case.column else []
        count = sum(case.family == family for case in cases)
        parts.append(
            f"\n## {family.capitalize()}: {count} bad inputs\n\n"
            "| raw table | what is wrong | how it ends |\n|---|---|---|"
        )
        for (table, name, end), columns in rows.items():
            wrong = f"`{'`, `'.join(columns)}` {name}" if columns else name
            parts.append(f"| `{table}` | {wrong} | {end} |")
    return "\n".join(parts) + "\n"
