"""Questions that a warehouse answers inside its engine, so that only small results travel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from analytics_assets.tables.declaration import ColumnType, Table


@dataclass(frozen=True)
class AskedValues:
    """Values that a question binds; they never become part of its text.

    Attributes:
        type: Type of each value.
        values: The values, each of which counts once.
    """

    type: ColumnType
    values: Sequence[str] | Sequence[date]


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """One question to one table.

    Attributes:
        source: Table that is asked.
        columns: Columns of the source that the question reads.
        sql: Continues a ``WITH`` clause whose first entry, ``source_rows``, holds these columns for the asked dates:
            further entries, each after a comma, then the ``SELECT``. Only SQL that every engine understands; lists are
            taken apart as BigQuery does it, ``CROSS JOIN UNNEST(list) AS entry``, which every engine makes its own.
        result: Declaration of the answer; never stored.
        asked: Values by the name of a further entry of the ``WITH`` clause, which holds them in its column ``entry``.
    """

    source: Table
    columns: tuple[str, ...]
    sql: str
    result: Table
    asked: Mapping[str, AskedValues] = field(default_factory=dict)
