"""One worker process: its parts, its task group, its signals and its end."""
