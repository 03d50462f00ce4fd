"""Rows of suggested_quality_checks, written in a transaction that the caller gives."""
