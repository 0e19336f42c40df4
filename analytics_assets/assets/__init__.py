"""Dagster assets: thin. One shared routine produces dates; producers say how one table is built from raw frames."""
