"""What each table is: one declaration a file, and what is derived from a declaration.

Knows nothing of Dagster, of a warehouse or of where data comes from.
"""
