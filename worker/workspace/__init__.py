"""Databricks SDK clients, and the one that stands in if no workspace is configured."""
