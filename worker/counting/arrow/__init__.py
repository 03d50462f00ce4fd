"""Counts rows that were fetched as Arrow."""
