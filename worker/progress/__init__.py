"""The progress of a run's tables, and the summary and the result of the run that follow from it."""
