"""Runs as the command line handles them: insert, list, wait for, cancel, retry, adopt, pause."""
