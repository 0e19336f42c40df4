"""What is expected of every table and date, what became of it, and what is missing. Knows no Dagster."""
