"""The raw tables we read: declarations, choosing a source, normalising ids and names, loaders of real data."""
