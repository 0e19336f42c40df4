"""Basketball as pure functions over DataFrames: formulas, quality, one builder a table. No Dagster, no I/O."""
