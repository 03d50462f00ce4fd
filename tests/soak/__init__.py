"""What runs for long: `make soak-…`; a short form of each is a test."""
