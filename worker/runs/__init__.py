"""Runs as the command line handles them: insert, list, wait for, cancel and adopt."""
