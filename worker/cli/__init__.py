"""The command line: what people and job runners type, and what it prints."""
