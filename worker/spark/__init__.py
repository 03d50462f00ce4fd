"""Where Spark runs: an engine for each place, its session, recovery, errors and threads."""
