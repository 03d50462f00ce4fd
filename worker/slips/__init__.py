"""What looks like a slip among values: misspelled, of another column, repeated by chance or not."""
