"""Questions that a warehouse answers inside its engine, so that only small results travel."""

from dataclasses import dataclass

from analytics_assets.tables.declaration import Table


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
    """

    source: Table
    columns: tuple[str, ...]
    sql: str
    result: Table
