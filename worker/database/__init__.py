"""Postgres: the pool, its deadlines, the worker's own schema, and SQL kept in named files."""
