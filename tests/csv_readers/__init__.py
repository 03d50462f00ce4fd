"""CSV files as people have them, each with what it holds; and how the readers do on them."""
