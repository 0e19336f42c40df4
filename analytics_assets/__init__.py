"""Dagster asset graph for NBA analytics tables; each room's own docstring says what belongs in it."""
