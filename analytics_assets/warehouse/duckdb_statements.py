"""Pieces of SQL for the DuckDB engine, made from declarations; nothing here runs them."""

import re
from collections.abc import Sequence
from datetime import date

from analytics_assets.tables.declaration import ColumnType, Table
from analytics_assets.tables.reduction import Reduction


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def equal_columns(left: str, right: str, names: Sequence[str]) -> str:
    """The condition that two rows have the same values in some columns; NULL equals NULL."""
    return " AND ".join(f'{left}."{name}" IS NOT DISTINCT FROM {right}."{name}"' for name in names)


def date_filter(
    table: Table, start: date | None, end: date | None, dates: Sequence[date] | None = None
) -> tuple[str, list[date | list[date]]]:
    """The WHERE clause of a date range, both ends included, and the values it binds; empty without bounds or dates."""
    if table.date_column is None:
        return "", []
    conditions: list[str] = []
    values: list[date | list[date]] = []
    for sign, day in ((">=", start), ("<=", end)):
        if day is not None:
            conditions.append(f"{table.date_column} {sign} ?")
            values.append(day)
    if dates is not None:
        conditions.append(f"{table.date_column} IN (SELECT UNNEST(CAST(? AS DATE[])))")
        values.append(list(dates))
    return (" WHERE " + " AND ".join(conditions) if conditions else ""), values


def asked_values(reduction: Reduction) -> tuple[str, list[list[str | date]]]:
    """Entries of a WITH clause that hold the values which a question binds, each after a comma, and these values."""
    kinds = {ColumnType.STRING: "VARCHAR", ColumnType.DATE: "DATE"}
    entries = [
        f", {name} AS (SELECT UNNEST(CAST(? AS {kinds[asked.type]}[])) AS entry)"
        for name, asked in reduction.asked.items()
    ]
    return "".join(entries), [list(dict.fromkeys(asked.values)) for asked in reduction.asked.values()]


def digest_query(table: Table, stored: set[str], start: date, end: date) -> tuple[str, list[date | list[date]]]:
    """The question for the digests of one table, and the values it binds."""
    values_of_row = ", ".join(f'"{name}" := "{name}"' for name in table.content_columns if name in stored)
    content = f"CAST(struct_pack({values_of_row}) AS VARCHAR)"
    if table.hash_column in stored:
        content = f'coalesce("{table.hash_column}", {content})'
    day, season = table.date_column or "NULL", "NULL"
    if table.date_column is None and "season_year" in stored:
        season = "season_year"
    where, values = date_filter(table, start, end)
    # Sums do not depend on the order of rows and, unlike exclusive-or, do not cancel twins.
    digest = f"count(*) || ':' || sum(md5_number_lower({content}))"
    return (
        f"SELECT {quoted(table.name)} AS table_name, CAST({day} AS DATE) AS game_date, "
        f"CAST({season} AS BIGINT) AS season_year, {digest} AS digest "
        f"FROM {table.full_name}{where} GROUP BY 2, 3",
        values,
    )


def own_form(sql: str) -> str:
    """SQL in BigQuery's form as DuckDB understands it.

    The entries of an unnested list go by its alias in BigQuery; DuckDB before 2.0 calls them ``unnest`` unless the
    alias names its column too. MD5 gives bytes in BigQuery, and hexadecimal text in DuckDB.
    """
    named = re.sub(r"\bUNNEST\((\w+)\) AS (\w+)", r"UNNEST(\1) AS \2(\2)", sql)
    return named.replace("TO_HEX(MD5(", "LOWER(MD5(")
