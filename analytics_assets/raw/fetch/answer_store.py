"""Raw answers on disk, compressed, one file an answer: what was asked once is not asked again.

How to use it: ``store = AnswerStore(raw_answers_directory(data_directory()), "nba-com")``, then ``store.has(key)``,
``store.read(key)``, ``store.write(key, answer, request, now)`` and ``store.keys(prefix)``. Keys are relative paths such
as ``2023-24/play_by_play/0022300061``. A file holds JSON with ``source``, ``request`` (no secrets in it, please),
``fetched_at`` (since when this content is known), ``checked_at`` (when it was last asked for) and ``response``, the
answer as it came; ``raw load`` reads such files. Only an answer whose shape was accepted belongs here.
"""

import gzip
import json
import os
import re
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

_SUFFIX = ".json.gz"
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)*")


class Stored(StrEnum):
    """What writing an answer did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class StoredAnswer:
    """One answer.

    Attributes:
        answer: The value that the service answered.
        request: What it was asked.
        fetched_at: Moment since which this content is known to us.
        checked_at: Moment at which the service was last asked and answered this.
    """

    answer: Any
    request: Mapping[str, Any]
    fetched_at: datetime
    checked_at: datetime


def raw_answers_directory(data_directory: Path) -> Path:
    """Where the answers of all sources are kept."""
    return data_directory / "raw_answers"


class AnswerStore:
    """Answers of one source."""

    def __init__(self, directory: Path, source: str) -> None:
        """Keep answers of ``source`` in a directory of that name below ``directory``."""
        self.source, self.directory = source, directory / source

    def path(self, key: str) -> Path:
        """The file of a key.

        Raises:
            ValueError: The key could leave the directory.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key; use letters, digits, '_', '-', '.' and '/' between parts")
        return self.directory / f"{key}{_SUFFIX}"

    def has(self, key: str) -> bool:
        """Whether there is an answer."""
        return self.path(key).is_file()

    def read(self, key: str) -> StoredAnswer | None:
        """The answer; None if there is none or its file is damaged, for then it must be asked again."""
        try:
            content = json.loads(gzip.decompress(self.path(key).read_bytes()))
            moments = [datetime.fromisoformat(content[name]) for name in ("fetched_at", "checked_at")]
            return StoredAnswer(content["response"], content["request"], *moments)
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
            return None

    def write(self, key: str, answer: Any, request: Mapping[str, Any], now: datetime) -> Stored:
        """Keep a whole answer in place of an earlier one; a reader sees the one or the other, never a part.

        Args:
            key: Where to keep it.
            answer: What the service answered; a value that JSON can hold.
            request: What it was asked, without secrets.
            now: Moment of the answer, with a time zone.
        """
        earlier = self.read(key)
        same = earlier is not None and earlier.answer == answer
        content = {
            "source": self.source,
            "request": dict(request),
            "fetched_at": (earlier.fetched_at if earlier is not None and same else now).isoformat(),
            "checked_at": now.isoformat(),
            "response": answer,
        }
        packed = gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)
        replace_file(self.path(key), packed)
        if earlier is None:
            return Stored.NEW
        return Stored.UNCHANGED if same else Stored.CHANGED

    def keys(self, prefix: str = "") -> list[str]:
        """Keys of all answers below a prefix such as ``2023-24/``, in order."""
        found = (path.relative_to(self.directory).as_posix() for path in self.directory.rglob(f"*{_SUFFIX}"))
        keys = sorted(name.removesuffix(_SUFFIX) for name in found)
        return [key for key in keys if key.startswith(prefix) and _KEY.fullmatch(key)]


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, making its directory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The leading dot keeps an unfinished file, left by a killed process, out of the keys.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
