"""Proposes checks for a table, and judges how likely they are to hold."""
