"""The raw tables we read: their declarations, choosing a source, normalising ids and names, and loaders of real data."""
