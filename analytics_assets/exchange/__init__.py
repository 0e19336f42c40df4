"""Seasons of our tables as files that anyone can read, and such files back into a warehouse."""
