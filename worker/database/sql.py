"""SQL lives in files, one named query each; this reads them and names the backend's schema in them.

A connection's search_path is the worker's own schema alone, so each file qualifies the backend's
tables: `:"backend".data_profiling_runs`, as psql writes a variable that is a quoted name. It is the
only substitution: every other value is a parameter.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Sql", "load_sql", "quoted"]

_BACKEND = ':"backend"'


@dataclass(frozen=True, slots=True)
class Sql:
    """The query of a file. A connection completes it with the name of the backend's schema."""

    text: str

    def completed(self, backend_schema: str) -> str:
        """Return the query for a backend whose tables are in `backend_schema`."""
        return _completed(self.text, backend_schema)


def load_sql(package: str, name: str) -> Sql:
    """Return the query in `sql/<name>.sql` beside the modules of `package`."""
    return Sql(resources.files(package).joinpath("sql", f"{name}.sql").read_text("utf-8"))


def quoted(name: str) -> str:
    """Return `name` as one quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


@cache
def _completed(text: str, backend_schema: str) -> str:
    """Complete a query once: the driver looks prepared statements up by their text."""
    return text.replace(_BACKEND, quoted(backend_schema))
