"""Dagster's column schema and asset metadata, derived from a table declaration."""

import dagster as dg

from analytics_assets.tables.declaration import Column, Table


def column_schema(table: Table) -> dg.TableSchema:
    """The declaration as Dagster shows it: types, descriptions with units, constraints."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type.value,
                description=_description(column),
                constraints=dg.TableColumnConstraints(nullable=not column.required, other=_constraints(column)),
            )
            for column in table.columns
        ],
        constraints=dg.TableConstraints(other=[f"primary key ({', '.join(table.key)})"]),
    )


def asset_metadata(table: Table) -> dict[str, object]:
    """Definition metadata of a table's asset."""
    return {
        "dagster/column_schema": column_schema(table),
        "dagster/table_name": table.full_name,
        "grain": table.grain,
    }


def _description(column: Column) -> str:
    parts = [column.description]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.null_rule:
        parts.append(f"NULL when: {column.null_rule}")
    if column.source:
        parts.append(f"Source: {column.source}.")
    return " ".join(parts)


def _constraints(column: Column) -> list[str]:
    found = []
    if column.minimum is not None:
        found.append(f">= {column.minimum:g}")
    if column.maximum is not None:
        found.append(f"<= {column.maximum:g}")
    if column.allowed:
        found.append(f"one of {', '.join(column.allowed)}")
    return found
