"""Conditions on rows that a request may set, and why others are refused."""
