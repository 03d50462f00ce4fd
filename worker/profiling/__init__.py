"""Reads a table through Spark, samples it and lets DQX profile it; ends in a `TableProfile`."""
