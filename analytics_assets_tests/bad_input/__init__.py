"""A catalogue of bad raw input: what can be wrong, put into a small league, and how each ends."""
