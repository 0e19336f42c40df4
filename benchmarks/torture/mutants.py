"""The harness tested: the product broken on purpose in a process, so that the harness must find it out."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# What each mutant breaks, in words for the page.
MUTANTS = {
    "no transaction": "every statement of a commit takes effect by itself",
    "no lock": "a writer works on its own copy of the file and puts it in place of whatever is there by then",
    "swallowed exception": "a commit that fails is taken for one that succeeded",
}


def breaking(name: str) -> Callable[[], None]:
    """Preparation of a process that has the mutant; ``none`` breaks nothing."""
    return _BREAKING[name]


def _nothing() -> None:
    return None


def _no_transaction() -> None:
    from analytics_assets.warehouse import duckdb_warehouse

    @contextmanager
    def none(_connection: Any) -> Iterator[None]:
        yield

    duckdb_warehouse._transaction = none  # type: ignore[assignment]


def _no_lock() -> None:
    import duckdb

    connect = duckdb.connect
    copies = iter(range(1_000_000_000))

    class Unlocked:
        def __init__(self, path: str) -> None:
            self._path, self._copy = Path(path), Path(f"{path}.{os.getpid()}-{next(copies)}")
            if self._path.is_file():
                shutil.copyfile(self._path, self._copy)
            self._connection: Any = connect(str(self._copy))

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

        def close(self) -> None:
            self._connection.close()
            self._copy.replace(self._path)

    duckdb.connect = lambda path, *_, **__: Unlocked(path)  # type: ignore[assignment]


def _swallowed_exception() -> None:
    from analytics_assets.warehouse.duckdb_warehouse import DuckDBWarehouse

    commit = DuckDBWarehouse.commit

    def swallowing(self: DuckDBWarehouse, writes: Any) -> None:
        try:
            commit(self, writes)
        except Exception:
            return

    DuckDBWarehouse.commit = swallowing  # type: ignore[method-assign]


_BREAKING: dict[str, Callable[[], None]] = {
    "none": _nothing,
    "no transaction": _no_transaction,
    "no lock": _no_lock,
    "swallowed exception": _swallowed_exception,
}
