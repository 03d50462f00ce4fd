"""A run as its claim read it."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["LONGEST_ID", "LONGEST_SCHEMA_NAMES", "Run"]

LONGEST_ID = 250
"""Bytes: an index entry of the worker's tables has 2,704, which a schema name shares."""
LONGEST_SCHEMA_NAMES = 250_000
"""Characters of `schema_names`: twice the room of 200 names of the greatest length. It is read in
one call, during which no other thread runs: some 25 ms at most. Of a longer text the claim reads
one character more."""


@dataclass(frozen=True, slots=True)
class Run:
    """A row of data_profiling_runs, with what only the database's clock can say."""

    id: str
    contract_id: str
    schema_names: str | None
    """As the backend wrote it: a JSON array of schema names, if it is right and not too long."""
    triggered_by: str | None
    age: timedelta
    """How long before the claim a worker first saw the request; 0 if the claim did."""
    odd_date: str | None = None
    """The request's date as text, if it can't be right and was not logged before."""
