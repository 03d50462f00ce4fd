"""Parquet as pandas, Arrow, DuckDB and Spark write it, in one file or in many that differ."""
