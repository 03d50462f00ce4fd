"""What docs/backend.md shows to a developer of the backend, executed as it stands there."""
