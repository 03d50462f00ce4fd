"""Requests as the tests of the queue insert them."""

from tests.queue.conftest import insert

__all__ = ["insert"]
