"""Reads the backend's side of a contract: schema objects and their properties."""
