"""What the worker says about itself: the names of events and the set-up of logs."""
