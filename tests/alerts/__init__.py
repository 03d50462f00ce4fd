"""Fires each alert of deploy/observability once, by a real fault."""
