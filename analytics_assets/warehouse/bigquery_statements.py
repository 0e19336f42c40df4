"""Pieces of SQL for the BigQuery engine, made from declarations; nothing here runs them.

Only three things become text: names from declarations, names of staging tables made here, and dates. Values travel as
query parameters or as rows of a staging table.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from analytics_assets.tables.declaration import Column, ColumnType, Table
from analytics_assets.tables.frames import SchemaError
from analytics_assets.tables.reduction import Reduction
from analytics_assets.warehouse.bigquery_address import PROJECT

# Columns of a staging table beside the declared ones: which write of the commit a row belongs to, and whether it is a
# row to insert or one that says what is replaced.
STAGED_WRITE, STAGED_SCOPE = "staged_write", "staged_scope"
_FIRST_DAY = date(1, 1, 1)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")
_LONGEST_DESCRIPTION = 1024
_DECIMALS = ("NUMERIC", "BIGNUMERIC")


@dataclass(frozen=True)
class StagedWrite:
    """One write whose rows and scope lie in a staging table.

    Attributes:
        table: Target.
        staging: Name of the staging table, with its dataset.
        number: Number of the write in the staging table.
        has_rows: Whether there are rows to insert.
        scope: Columns that say which stored rows are deleted first; empty if none are.
        by_key: Whether the rows themselves say it, by these columns; otherwise rows that are only there for it.
        dates: First and last date that may be deleted; None if the scope does not name dates.
        stored: Stored type by column of the target.
    """

    table: Table
    staging: tuple[str, str]
    number: int
    has_rows: bool
    scope: tuple[str, ...]
    dates: tuple[date, date] | None
    stored: Mapping[str, str]
    by_key: bool = False


def name(identifier: str) -> str:
    """A column, table or dataset name as an identifier of SQL.

    Raises:
        SchemaError: It is not made of letters, digits and underscores, so it could be more than a name.
    """
    if not _IDENTIFIER.fullmatch(identifier):
        raise SchemaError(f"{identifier!r} is not a name for BigQuery; use letters, digits and underscores")
    return f"`{identifier}`"


def path(project: str, dataset: str, table: str) -> str:
    """Full path of a table as an identifier of SQL.

    Raises:
        SchemaError: A part is not a name.
    """
    if not PROJECT.fullmatch(project):
        raise SchemaError(f"{project!r} is not the id of a Google Cloud project")
    return ".".join([f"`{project}`", name(dataset), name(table)])


def date_literal(day: date) -> str:
    """A date as SQL; where a filter must be text, as in scripts and in the Storage API."""
    return f"DATE '{date(day.year, day.month, day.day).isoformat()}'"


def described(column: Column) -> str:
    """A column's description with its unit."""
    unit = f" Unit: {column.unit}." if column.unit else ""
    return f"{column.description}{unit}"[:_LONGEST_DESCRIPTION]


def add_columns(project: str, table: Table, columns: Sequence[Column]) -> str:
    """Statement that adds declared columns, which old rows leave NULL; others may have added them meanwhile."""
    # Text in JSON's form is a string literal of BigQuery.
    added = ", ".join(
        f"ADD COLUMN IF NOT EXISTS {name(column.name)} {column.type.value} "
        f"OPTIONS (description = {json.dumps(described(column), ensure_ascii=False)})"
        for column in columns
    )
    return f"ALTER TABLE {path(project, table.dataset, table.name)} {added}"


def row_restriction(table: Table, start: date | None, end: date | None, dates: Sequence[date] | None = None) -> str:
    """The filter of a Storage API read; names the partition column wherever the table has one."""
    bounds = [(sign, date_literal(day)) for sign, day in ((">=", start), ("<=", end)) if day is not None]
    if dates:
        bounds.append(("IN", f"({', '.join(date_literal(day) for day in sorted(set(dates)))})"))
    # The form of Google's own examples: bare names, and texts that become dates.
    return _partition_filter(table, "", bounds).replace("`", "").replace("DATE '", "'")


def parameter_filter(table: Table, start: date | None, end: date | None, dates: Sequence[date] | None = None) -> str:
    """The same filter for a query that binds ``@start``, ``@end`` and ``@dates`` as far as stated; with ``WHERE``."""
    bounds = [(">=", "@start", start), ("<=", "@end", end), ("IN", "UNNEST(@dates)", dates)]
    condition = _partition_filter(table, "", [(sign, bound) for sign, bound, value in bounds if value is not None])
    return f" WHERE {condition}" if condition else ""


def _partition_filter(table: Table, alias: str, bounds: Sequence[tuple[str, str]]) -> str:
    if table.date_column is None:
        return ""
    column = alias + name(table.date_column)
    if bounds:
        return " AND ".join(f"{column} {sign} {bound}" for sign, bound in bounds)
    # Tables may demand a filter on their partitions; this one leaves nothing out.
    everything = f"{column} >= {date_literal(_FIRST_DAY)}"
    return everything if table.by_name[table.date_column].required else f"({everything} OR {column} IS NULL)"


def same_values(table: Table, left: str, right: str, names: Sequence[str]) -> str:
    """The condition that two rows have the same values in some columns; NULL equals NULL.

    Only equalities between the two sides, because BigQuery joins by nothing else.
    """
    conditions = []
    for column in names:
        quoted, kind = name(column), table.by_name[column].type
        if table.by_name[column].required:
            conditions.append(f"{left}.{quoted} = {right}.{quoted}")
            continue
        texts = (
            side if kind is ColumnType.STRING else f"CAST({side} AS STRING)" for side in _sides(left, right, quoted)
        )
        conditions.append(" = ".join(f"IFNULL({text}, '')" for text in texts))
        conditions.append(" = ".join(f"({side} IS NULL)" for side in _sides(left, right, quoted)))
    return " AND ".join(conditions)


def _sides(left: str, right: str, quoted: str) -> tuple[str, str]:
    return f"{left}.{quoted}", f"{right}.{quoted}"


def select_rows(
    project: str,
    table: Table,
    columns: Sequence[str],
    stored: Mapping[str, str],
    start: date | None,
    end: date | None,
    dates: Sequence[date] | None = None,
) -> str:
    """Query for columns of a date range, in their declared types; columns that are not stored are NULL."""
    selected = ", ".join(_declared_value(table, column, stored) for column in columns)
    source = path(project, table.dataset, table.name)
    return f"SELECT {selected} FROM {source}{parameter_filter(table, start, end, dates)}"


def _declared_value(table: Table, column: str, stored: Mapping[str, str]) -> str:
    kind = table.by_name[column].type
    if column not in stored:
        nothing = "ARRAY<STRING>[]" if kind is ColumnType.STRING_ARRAY else f"CAST(NULL AS {kind.value})"
        return f"{nothing} AS {name(column)}"
    if stored[column] in _DECIMALS:
        return f"CAST({name(column)} AS {kind.value}) AS {name(column)}"
    return name(column)


def reduction_query(
    project: str,
    reduction: Reduction,
    stored: Mapping[str, str],
    start: date,
    end: date,
    dates: Sequence[date] | None = None,
) -> str:
    """The question of a reduction; binds ``@start``, ``@end``, ``@dates`` if any are named, and what it asks for."""
    rows = select_rows(project, reduction.source, reduction.columns, stored, start, end, dates)
    entries = "".join(f", {name(asked)} AS (SELECT entry FROM UNNEST(@{asked}) AS entry)" for asked in reduction.asked)
    return f"WITH source_rows AS ({rows}){entries}{reduction.sql}"


def counts_query(project: str, table: Table, start: date | None, end: date | None) -> str:
    """Rows and games per date; no games for a table that is none of games."""
    assert table.date_column is not None
    games = "COUNT(DISTINCT `game_id`)" if "game_id" in table.by_name else "0"
    return (
        f"SELECT {name(table.date_column)} AS game_date, COUNT(*) AS `rows`, {games} AS games "
        f"FROM {path(project, table.dataset, table.name)}{parameter_filter(table, start, end)} GROUP BY 1 ORDER BY 1"
    )


def digest_query(project: str, table: Table, stored: Mapping[str, str], start: date, end: date) -> str:
    """The question for the digests of one table; binds ``@start`` and ``@end`` if the table has dates."""
    columns = ", ".join(name(column) for column in table.content_columns if column in stored)
    content = f"TO_JSON_STRING(STRUCT({columns}))"
    if table.hash_column in stored and table.hash_column is not None:
        content = f"COALESCE({name(table.hash_column)}, {content})"
    day = name(table.date_column) if table.date_column else "CAST(NULL AS DATE)"
    has_season = table.date_column is None and "season_year" in stored
    season = "`season_year`" if has_season else "CAST(NULL AS INT64)"
    # Sums do not depend on the order of rows and do not cancel twins; halves of the hash keep them within 64 bits.
    halves = [f"CAST(SUM({half}(word, 4294967296)) AS STRING)" for half in ("DIV", "MOD")]
    digest = f"CONCAT(CAST(COUNT(*) AS STRING), ':', {halves[0]}, ':', {halves[1]})"
    words = (
        f"SELECT {day} AS game_date, {season} AS season_year, FARM_FINGERPRINT({content}) AS word "
        f"FROM {path(project, table.dataset, table.name)}{parameter_filter(table, start, end)}"
    )
    return (
        f"SELECT {_text(table.name)} AS table_name, game_date, season_year, {digest} AS digest "
        f"FROM ({words}) GROUP BY game_date, season_year"
    )


def _text(identifier: str) -> str:
    return "'" + name(identifier).strip("`") + "'"


def profile_query(project: str, table: Table, start: date | None, end: date | None) -> str:
    """First and last date, rows, distinct dates and keys that repeat."""
    assert table.date_column is not None
    key, day = ", ".join(name(column) for column in table.key), name(table.date_column)
    source = f"{path(project, table.dataset, table.name)}{parameter_filter(table, start, end)}"
    per_key = f"SELECT MIN({day}) AS first, MAX({day}) AS last, COUNT(*) AS n FROM {source} GROUP BY {key}"
    return (
        f"SELECT MIN(first) AS first_date, MAX(last) AS last_date, COALESCE(SUM(n), 0) AS `rows`, "
        f"(SELECT COUNT(DISTINCT {day}) FROM {source}) AS dates, COUNTIF(n > 1) AS duplicate_keys FROM ({per_key})"
    )


def transaction(statements: Sequence[str]) -> str:
    """Statements as one transaction, which BigQuery rolls back as a whole if any of them fails."""
    return ";\n".join(["BEGIN TRANSACTION", *statements, "COMMIT TRANSACTION"]) + ";"


def write_statements(project: str, write: StagedWrite) -> list[str]:
    """Statements that carry out one write from its staging table: two, three where stored rows tell the new ones."""
    statements = []
    if write.has_rows and write.scope:
        statements += _carry_over(project, write)
    if write.scope:
        statements.append(_delete_scope(project, write))
    if write.has_rows:
        statements.append(_insert(project, write))
    return statements


def _staged(write: StagedWrite, *, scope: bool, alias: str = "incoming") -> str:
    kind = f"{alias}.{STAGED_SCOPE}" if scope else f"NOT {alias}.{STAGED_SCOPE}"
    return f"{alias}.{STAGED_WRITE} = {write.number:d} AND {kind}"


def _delete_scope(project: str, write: StagedWrite) -> str:
    target = path(project, write.table.dataset, write.table.name)
    return f"DELETE FROM {target} AS stored WHERE {_replaced(project, write, 'stored')}"


def _replaced(project: str, write: StagedWrite, alias: str) -> str:
    """The condition that a row is one of those that the write replaces."""
    bounds = []
    if write.dates:
        bounds = [(">=", date_literal(write.dates[0])), ("<=", date_literal(write.dates[1]))]
    condition = _partition_filter(write.table, f"{alias}.", bounds)
    same = same_values(write.table, alias, "named", write.scope)
    naming = f"{_staged(write, scope=not write.by_key, alias='named')} AND {same}"
    named = f"EXISTS (SELECT 1 FROM {path(project, *write.staging)} AS named WHERE {naming})"
    return f"{condition} AND {named}" if condition else named


def surplus_query(project: str, writes: Sequence[StagedWrite]) -> str:
    """Writes in whose scope there are more rows than they have; empty if none can have any.

    Two transactions that find nothing to delete may both insert, because insertions exclude nobody.
    """
    parts = []
    for write in writes:
        if not (write.has_rows and write.scope):
            continue
        which = f"SELECT {_text(write.table.name)} AS table_name, {write.number:d} AS number"
        target = path(project, write.table.dataset, write.table.name)
        staged = f"{_staged(write, scope=False)} AND {_replaced(project, write, 'incoming')}"
        parts += [
            f"{which}, COUNT(*) AS n FROM {target} AS stored WHERE {_replaced(project, write, 'stored')}",
            f"{which}, -COUNT(*) AS n FROM {path(project, *write.staging)} AS incoming WHERE {staged}",
        ]
    if not parts:
        return ""
    return (
        f"SELECT table_name, number, SUM(n) AS surplus FROM ({' UNION ALL '.join(parts)}) "
        "GROUP BY table_name, number HAVING SUM(n) > 0"
    )


def commit_script(project: str, writes: Sequence[StagedWrite]) -> str:
    """Script that carries out writes in one transaction; answers those in whose scope others have rows, too."""
    steps = transaction([statement for write in writes for statement in write_statements(project, write)])
    surplus = surplus_query(project, writes)
    return f"{steps}\n{surplus};" if surplus else steps


def _insert(project: str, write: StagedWrite) -> str:
    table = write.table
    columns = ", ".join(name(column) for column in table.column_names)
    values = ", ".join(_stored_value(table, column, write.stored) for column in table.column_names)
    return (
        f"INSERT INTO {path(project, table.dataset, table.name)} ({columns}) SELECT {values} "
        f"FROM {path(project, *write.staging)} AS incoming WHERE {_staged(write, scope=False)}"
    )


def _stored_value(table: Table, column: str, stored: Mapping[str, str]) -> str:
    value = f"incoming.{name(column)}"
    if table.by_name[column].type is ColumnType.JSON:
        # Numbers that binary floating point cannot hold exactly are rounded, as every reader of JSON does.
        return f"PARSE_JSON({value}, wide_number_mode=>'round')"
    kind = stored.get(column)
    return f"CAST({value} AS {kind})" if kind in _DECIMALS else value


def _carry_over(project: str, write: StagedWrite) -> list[str]:
    """Give the staged rows the first-seen times and versions of the stored rows with the same key."""
    table = write.table
    values = {
        column: f"COALESCE(earlier.{name(column)}, incoming.{name(column)})" for column in table.first_seen_columns
    }
    kept = [*table.first_seen_columns]
    if table.version_column and table.hash_column:
        version, digest = name(table.version_column), name(table.hash_column)
        changed = f"IF(earlier.{digest} IS NOT DISTINCT FROM incoming.{digest}, 0, 1)"
        values[table.version_column] = f"COALESCE(earlier.{version} + {changed}, incoming.{version})"
        kept += [table.version_column, table.hash_column]
    if not values:
        return []
    key = ", ".join(name(column) for column in table.key)
    order = ", ".join(name(column) for column in kept)
    condition = _partition_filter(table, "", [])
    copies = (
        f"SELECT {key}, {order}, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {order}) AS copy "
        f"FROM {path(project, table.dataset, table.name)}{f' WHERE {condition}' if condition else ''}"
    )
    changes = ", ".join(f"{name(column)} = {value}" for column, value in values.items())
    return [
        f"UPDATE {path(project, *write.staging)} AS incoming SET {changes} "
        f"FROM (SELECT {key}, {order} FROM ({copies}) WHERE copy = 1) AS earlier "
        f"WHERE {_staged(write, scope=False)} AND {same_values(table, 'earlier', 'incoming', table.key)}"
    ]


def merge_script(project: str, write: StagedWrite) -> str:
    """Script that inserts staged rows by key or unit where their content is new.

    Answers ``unchanged``, ``changed`` and ``surplus``, the number of writes in whose scope others have rows, too.
    """
    table, staging = write.table, path(project, *write.staging)
    assert table.hash_column is not None
    digest, target = name(table.hash_column), path(project, table.dataset, table.name)
    bounds = []
    if write.dates:
        bounds = [(">=", date_literal(write.dates[0])), ("<=", date_literal(write.dates[1]))]
    condition = _partition_filter(table, "stored.", bounds)
    same = same_values(table, "stored", "incoming", write.scope)
    stored_twin = f"EXISTS (SELECT 1 FROM {target} AS stored WHERE {condition + ' AND ' if condition else ''}{same}"
    unchanged = f"{stored_twin} AND stored.{digest} = incoming.{digest})"
    counted = f"SELECT COUNT(*) FROM {staging} AS incoming WHERE"
    steps = transaction(
        [
            f"SET unchanged = ({counted} {unchanged})",
            f"DELETE FROM {staging} AS incoming WHERE {unchanged}",
            f"SET changed = ({counted} {stored_twin}))",
            _delete_scope(project, write),
            _insert(project, write),
        ]
    )
    answer = f"SELECT unchanged, changed, (SELECT COUNT(*) FROM ({surplus_query(project, [write])})) AS surplus"
    return f"DECLARE unchanged, changed INT64 DEFAULT 0;\n{steps}\n{answer};"


def replace_script(project: str, write: StagedWrite) -> str:
    """Script that replaces stored rows by the staged ones, whatever they hold; answers as :func:`commit_script`."""
    steps = transaction([_delete_scope(project, write), _insert(project, write)])
    return f"{steps}\n{surplus_query(project, [write])};"
