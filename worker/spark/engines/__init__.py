"""The engines: one module for each place where Spark may run."""
