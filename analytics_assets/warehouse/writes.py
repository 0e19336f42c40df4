"""What engines do with writes before any SQL: check and digest rows to merge, join writes that go together."""

from collections.abc import Sequence

import pandas as pd

from analytics_assets.tables.declaration import Table
from analytics_assets.tables.frames import SchemaError, conform, row_digests, unit_digests
from analytics_assets.warehouse.interface import Write


def rows_to_merge(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows as declared, with the digest of their content, or of their whole unit's, in the hash column.

    Raises:
        SchemaError: The table has no hash column, or rows repeat a key.
    """
    if table.hash_column is None:
        raise SchemaError(f"{table.full_name} declares no hash column, so rows cannot be merged by content")
    frame = conform(frame, table)
    repeated = frame.duplicated(list(table.key))
    if repeated.any():
        example = frame.loc[repeated, list(table.key)].iloc[0].tolist()
        raise SchemaError(f"{table.full_name}: {int(repeated.sum())} rows repeat a key, such as {example}; keep one")
    content = table.content_columns
    digests = unit_digests(frame, content, list(table.unit)) if table.unit else row_digests(frame, content)
    return frame.assign(**{table.hash_column: digests})


def joined_writes(writes: Sequence[Write]) -> list[Write]:
    """Fewer writes to the same effect: those to one table that name what they replace by the same columns are joined.

    Writes stay apart where the later one replaces rows of the earlier one.
    """
    joined: list[Write] = []
    for write in writes:
        if write.rows.empty and (write.replaces is None or write.replaces.empty):
            continue
        place = next((n for n in reversed(range(len(joined))) if joined[n].table is write.table), None)
        if place is not None and _go_together(joined[place], write):
            joined[place] = _join(joined[place], write)
        else:
            joined.append(write)
    return joined


def _go_together(earlier: Write, later: Write) -> bool:
    if earlier.replaces is None or later.replaces is None:
        return earlier.replaces is None and later.replaces is None
    columns = list(earlier.replaces.columns)
    if columns != list(later.replaces.columns):
        return False
    if earlier.rows.empty or later.replaces.empty:
        return True
    written = set(earlier.rows[columns].drop_duplicates().itertuples(index=False, name=None))
    return written.isdisjoint(later.replaces.drop_duplicates().itertuples(index=False, name=None))


def _join(earlier: Write, later: Write) -> Write:
    replaces = None if earlier.replaces is None else _stacked([earlier.replaces, later.replaces])
    return Write(earlier.table, _stacked([earlier.rows, later.rows]), replaces)


def _stacked(frames: Sequence[pd.DataFrame | None]) -> pd.DataFrame:
    found = [frame for frame in frames if frame is not None]
    filled = [frame for frame in found if not frame.empty] or found[:1]
    return filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)
