"""Traces of runs, and the export of traces and metrics over OTLP; docs/traces.md."""
