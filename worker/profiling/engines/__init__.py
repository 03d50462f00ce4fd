"""Where Spark runs: one engine for each place, behind one small protocol."""
