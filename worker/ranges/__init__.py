"""How far a column's values may go: tails, outliers, steps, bounds by nature; pure functions."""
