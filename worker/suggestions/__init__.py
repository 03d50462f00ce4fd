"""Which checks of a profile become suggestions, and what is said of each: pure functions."""
