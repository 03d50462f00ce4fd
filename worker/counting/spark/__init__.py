"""Counts rows where Spark has them."""
