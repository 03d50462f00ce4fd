"""A stand-in for a Databricks workspace: the endpoints that the real SDK calls, on loopback."""
