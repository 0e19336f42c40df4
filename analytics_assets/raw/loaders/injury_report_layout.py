"""The layout of the league's injury report: placed texts of its pages to rows under the report's headings.

Each row stands on a base line of its own. A cell of several lines, mostly the reason, is set around this line, so its
lines stand above and below it; its text is told apart from its neighbours' by that.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from analytics_assets.raw.loaders.placed_text import PlacedText

HEADINGS = ("Game Date", "Game Time", "Matchup", "Team", "Player Name", "Current Status", "Reason")
NOT_YET_SUBMITTED = "NOT YET SUBMITTED"

_PLAYER, _STATUS, _REASON = (HEADINGS.index(name) for name in ("Player Name", "Current Status", "Reason"))
# Readers of PDF lose spaces, so nothing may rest on them: 01/12/2405:30PM has a year of two digits.
_TITLE = re.compile(
    r"Injury\s*Report:\s*([0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{4}|[0-9]{2}))\s*([0-9]{1,2}:[0-9]{2})\s*([AP]M)", re.I
)
_FOOTER = re.compile(r"Page\s*[0-9]+\s*of\s*[0-9]+", re.I)
# Points: what still is one base line, how far left of its heading a cell may begin, how far from a row's base line
# another cell of the row may stand, and by how much the middle of a reason may miss the base line.
_SAME_LINE, _LEFT_OF_HEADING, _SAME_ROW, _MIDDLE_MISSES = 2.0, 3.0, 8.0, 3.0
# Pages are put below one another; none is so high.
_PAGE_HEIGHT = 100_000.0


class NoReportError(ValueError):
    """The texts are no injury report; the message says what is missing."""


@dataclass(frozen=True)
class ReportText:
    """What the pages say.

    Attributes:
        published: The moment in the titles, such as ``04/18/21 08:30 PM`` of US-Eastern time; None without a title.
        rows: One row a line of the report with ``HEADINGS`` as columns; NULL where a cell is empty.
        unclear: Whether the reason of each row cannot be told from its neighbours'.
    """

    published: str | None
    rows: pd.DataFrame
    unclear: pd.Series


@dataclass(frozen=True)
class _Line:
    y: float
    texts: list[PlacedText]

    @property
    def text(self) -> str:
        return " ".join(" ".join(placed.text for placed in self.texts).split())


def report_text(pages: Sequence[Sequence[PlacedText]]) -> ReportText:
    """Rows of an injury report.

    Args:
        pages: The texts of each page.

    Raises:
        NoReportError: No line holds the headings, or pages have different titles.
    """
    published: set[str] = set()
    edges: list[float] | None = None
    texts: list[PlacedText] = []
    for number, page in enumerate(pages):
        lines = _lines(page)
        published |= {" ".join(found.groups()) for line in lines if (found := _TITLE.search(line.text))}
        headed = next((place for place, line in enumerate(lines) if _heading_edges(line) is not None), None)
        if headed is not None:
            edges, lines = _heading_edges(lines[headed]), lines[headed + 1 :]
        elif edges is None:
            continue
        for line in lines:
            if not _FOOTER.fullmatch(line.text) and not _TITLE.search(line.text):
                shift = number * _PAGE_HEIGHT
                texts += [PlacedText(placed.x, line.y - shift, placed.text) for placed in line.texts]
    if edges is None:
        raise NoReportError(f"no line holds the headings {', '.join(HEADINGS)}")
    if len(published) > 1:
        raise NoReportError(f"the pages are of several editions: {', '.join(sorted(published))}")
    rows, unclear = _rows(_cells(texts, edges))
    return ReportText(next(iter(published), None), rows, unclear)


def says_not_submitted(text: str) -> bool:
    """Whether a text in a player's place says that the team has not submitted its report."""
    return "".join(text.split()).upper() == NOT_YET_SUBMITTED.replace(" ", "")


def _lines(texts: Sequence[PlacedText]) -> list[_Line]:
    """Texts by base line, from top to bottom, each from left to right."""
    lines: list[_Line] = []
    for placed in sorted((one for one in texts if one.text.strip()), key=lambda one: -one.y):
        if lines and lines[-1].y - placed.y <= _SAME_LINE:
            lines[-1].texts.append(placed)
        else:
            lines.append(_Line(placed.y, [placed]))
    for line in lines:
        line.texts.sort(key=lambda one: one.x)
    return lines


def _heading_edges(line: _Line) -> list[float] | None:
    """Left edge of each heading; None if the line is not the line of headings."""
    letters = [(letter, placed.x) for placed in line.texts for letter in placed.text if not letter.isspace()]
    wanted = [heading.replace(" ", "") for heading in HEADINGS]
    if "".join(letter for letter, _ in letters) != "".join(wanted):
        return None
    starts = [sum(len(heading) for heading in wanted[:place]) for place in range(len(HEADINGS))]
    return [letters[start][1] for start in starts]


def _cells(texts: Sequence[PlacedText], edges: Sequence[float]) -> list[list[_Line]]:
    """Lines of each column's cells, from top to bottom."""
    columns: list[list[PlacedText]] = [[] for _ in HEADINGS]
    for placed in texts:
        left_of = sum(edge <= placed.x + _LEFT_OF_HEADING for edge in edges)
        columns[max(left_of, 1) - 1].append(placed)
    return [_lines(column) for column in columns]


def _rows(columns: list[list[_Line]]) -> tuple[pd.DataFrame, pd.Series]:
    bases = _base_lines(columns)
    told: list[dict[str, str]] = [{} for _ in bases]
    for heading, lines in zip(HEADINGS[:_REASON], columns, strict=False):
        for line in lines:
            nearest = min(range(len(bases)), key=lambda row: abs(bases[row] - line.y))
            told[nearest][heading] = f"{told[nearest].get(heading, '')} {line.text}".strip()
    reasons, unclear = _reasons(columns[_REASON], bases)
    rows = pd.DataFrame(told, columns=pd.Index(HEADINGS), dtype=object)
    rows["Reason"] = pd.Series([" ".join(line.text for line in lines) or None for lines in reasons], dtype=object)
    return rows, pd.Series(unclear, dtype=bool)


def _base_lines(columns: list[list[_Line]]) -> list[float]:
    """Base line of each row, from top to bottom: of its status, or of what stands in its place."""
    bases = [line.y for line in columns[_STATUS]]
    bases += [line.y for column in (_PLAYER, _REASON) for line in columns[column] if says_not_submitted(line.text)]
    # A player without a status, or a team without a player, is a row too: it must not hide in its neighbour.
    for column in (_PLAYER, *range(_PLAYER)):
        bases += [line.y for line in columns[column] if all(abs(line.y - base) > _SAME_ROW for base in bases)]
    ordered = sorted(set(bases), reverse=True)
    if not ordered and columns[_REASON]:
        ordered = [columns[_REASON][0].y]
    return ordered


def _reasons(lines: list[_Line], bases: list[float]) -> tuple[list[list[_Line]], list[bool]]:
    """Lines of each row's reason, and whether they do not fit the row.

    Cells are set around the base line. A document whose cells all begin on it is read as such.
    """
    around, around_misses = _shared_out(lines, bases, _set_around, _misses_middle)
    below, below_misses = _shared_out(lines, bases, _set_below, _misses_first)
    return (below, below_misses) if any(around_misses) and not any(below_misses) else (around, around_misses)


_Taker = Callable[[list[_Line], float, float], int]
_Misses = Callable[[list[_Line], float], bool]


def _shared_out(
    lines: list[_Line], bases: list[float], takes: _Taker, misses: _Misses
) -> tuple[list[list[_Line]], list[bool]]:
    reasons: list[list[_Line]] = []
    left = list(lines)
    for base, following in zip(bases, [*bases[1:], -float("inf")], strict=False):
        count = takes(left, base, following)
        reasons.append(left[:count])
        left = left[count:]
    if left and reasons:
        reasons[-1] = reasons[-1] + left
    return reasons, [bool(taken) and misses(taken, base) for taken, base in zip(reasons, bases, strict=True)]


def _set_around(left: list[_Line], base: float, _: float) -> int:
    """How many lines reach as far below the base line as the first stands above it."""
    if not left or left[0].y < base - _MIDDLE_MISSES:
        return 0
    lowest = 2 * base - left[0].y - _MIDDLE_MISSES
    return sum(line.y >= lowest for line in left)


def _misses_middle(taken: list[_Line], base: float) -> bool:
    return abs((taken[0].y + taken[-1].y) / 2 - base) > _MIDDLE_MISSES


def _set_below(left: list[_Line], _: float, following: float) -> int:
    return sum(line.y > following + _MIDDLE_MISSES for line in left)


def _misses_first(taken: list[_Line], base: float) -> bool:
    return abs(taken[0].y - base) > _MIDDLE_MISSES
