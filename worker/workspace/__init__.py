"""Databricks SDK clients, and the one that stands in where no workspace is configured."""
