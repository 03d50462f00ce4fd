"""From a DQX check to a row that people judge: pure functions, no I/O."""
