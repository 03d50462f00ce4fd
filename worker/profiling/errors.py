"""Why a table can't be profiled, by what the caller does about it."""

__all__ = ["EngineError", "TableError"]


class TableError(Exception):
    """This table can't be profiled, now or later; the message is for whoever asked."""


class EngineError(Exception):
    """Spark could not be started: the set-up is wrong."""
