"""Readers of files that other people published, into frames of our raw tables. They read; writing is for callers."""
