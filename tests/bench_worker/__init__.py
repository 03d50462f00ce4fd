"""What a real worker process costs: its start, its memory at rest, a run from INSERT to its end."""
