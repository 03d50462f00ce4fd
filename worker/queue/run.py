"""A run as its claim read it."""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["Run"]


@dataclass(frozen=True, slots=True)
class Run:
    """A row of data_profiling_runs, with what only the database's clock can say."""

    id: str
    contract_id: str
    schema_names: str | None
    """As the backend wrote it: a JSON array of schema names, if it is right."""
    triggered_by: str | None
    age: timedelta
    """How long before the claim a worker first saw the request; 0 if the claim did."""
    odd_date: str | None = None
    """The request's date as text, if it can't be right and was not logged before."""
