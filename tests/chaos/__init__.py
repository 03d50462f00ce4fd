"""Real workers under a schedule of faults, and what has to hold of the database afterwards."""
