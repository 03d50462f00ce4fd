"""What a worker counts and measures; docs/metrics.md lists it."""
