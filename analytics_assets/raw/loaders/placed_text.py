"""Pages of a document as texts with their places, from PDF or from JSON of the same content.

Nothing here knows what the document says; that is for the modules which read one kind of document.
"""

import io
import json
import math
from dataclasses import dataclass
from pathlib import Path

from analytics_assets.raw.loaders.files import UnreadableFileError, unpacked_content

_PDF_MAGIC = b"%PDF-"
# Share of the letters' size that tells words apart: documents without space characters leave a gap of a quarter of it.
_GAP_BETWEEN_WORDS = 0.15


@dataclass(frozen=True)
class PlacedText:
    """A text and where it stands on its page, in points.

    Attributes:
        x: Left edge, from the left edge of the page.
        y: Base line, from the lower edge of the page.
        text: A word, or several that stand together.
    """

    x: float
    y: float
    text: str


def placed_pages(path: Path) -> list[list[PlacedText]] | None:
    """The texts of each page; None if the file is neither PDF nor JSON with ``pages``.

    Args:
        path: PDF, or JSON whose ``pages`` are lists of ``[x, y, text]``, each also gzipped.

    Raises:
        UnreadableFileError: The file is missing, empty or damaged, or is PDF and the reader of PDF is not installed.
    """
    content = unpacked_content(path)
    if content.lstrip().startswith(_PDF_MAGIC):
        return _pdf_pages(path, content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return None
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"{path}: the JSON content is damaged ({error}); fetch the file again") from error
    return _json_pages(path, document["pages"]) if "pages" in document else None


def _json_pages(path: Path, pages: object) -> list[list[PlacedText]]:
    if not isinstance(pages, list) or not all(isinstance(page, list) for page in pages):
        raise UnreadableFileError(f"{path}: 'pages' is no list of pages; needed is one list of [x, y, text] a page")
    return [
        [_json_text(path, f"page {number}, entry {place}", entry) for place, entry in enumerate(page, 1)]
        for number, page in enumerate(pages, 1)
    ]


def _json_text(path: Path, where: str, entry: object) -> PlacedText:
    if isinstance(entry, list) and len(entry) == len(("x", "y", "text")):
        x, y, text = entry
        numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (x, y))
        if numbers and isinstance(text, str) and math.isfinite(x) and math.isfinite(y):
            return PlacedText(float(x), float(y), text)
    raise UnreadableFileError(f"{path}: {where} is {entry!r}; needed is [x, y, text] with two numbers and a text")


def _pdf_pages(path: Path, content: bytes) -> list[list[PlacedText]]:
    try:
        import pdfplumber
    except ImportError as error:
        raise UnreadableFileError(
            f"{path}: reading PDF needs pdfplumber; install it with pip install 'nba-analytics-assets[injuries]', or "
            "load the report's rows as CSV"
        ) from error
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            words = [page.extract_words(x_tolerance_ratio=_GAP_BETWEEN_WORDS) for page in document.pages]
            return [
                [PlacedText(word["x0"], page.height - word["bottom"], word["text"]) for word in found]
                for page, found in zip(document.pages, words, strict=True)
            ]
    except Exception as error:
        # What a damaged PDF raises has no common class: syntax errors, missing keys, too deep nesting.
        raise UnreadableFileError(
            f"{path}: the PDF content is damaged ({type(error).__name__}: {error}); fetch the file again"
        ) from error
