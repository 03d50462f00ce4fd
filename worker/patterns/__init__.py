"""Patterns of texts, numbers, dates and ids, and how people read them; pure functions."""
