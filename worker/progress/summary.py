"""summary_stats: the JSON that the backend reads whole at every poll.

It is valid JSON, whatever DQX counted, and never longer than the limit.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from worker.database.storable_text import storable
from worker.profiling.results import TableProfile
from worker.progress.json_pieces import encoded, lazy_object
from worker.progress.shorten_summary import LONGEST_TEXT, abridged, shortened
from worker.progress.table_progress import TableRecord
from worker.tables.column_paths import names_of
from worker.tables.file_facts import FileFacts

__all__ = ["assemble", "failed_part", "profiled_part", "refused"]

T = TypeVar("T")

_LISTED = 20
"""Number of columns for each thing that is said about a file."""


def profiled_part(
    profile: TableProfile,
    physical_name: str,
    seconds: float,
    held_back: Mapping[str, str],
    chosen: Mapping[str, Any],
) -> str:
    """Return a profiled table's part, as JSON; `chosen` are DQX's options that were given."""
    return _json(
        {
            "physical_name": physical_name,
            "summary_stats": _by_name(profile.statistics),
            "profile_count": profile.profiles,
            "rows": profile.sample.rows,
            "of_rows": profile.sample.of_rows,
            "sampling": profile.sample.sampling,
            "sample_fraction": profile.sample.fraction,
            "sample_limit": profile.sample.limit,
            "sample_seed": profile.sample.seed,
            "profiler_options": chosen,
            "counted_by": profile.counted.by,
            "stock_because": profile.counted.stock_because,
            "stock_columns": profile.counted.stock_columns,
            "columns": profile.columns,
            "duration_s": round(seconds, 3),
            "skipped_columns": profile.skipped_columns,
            **({} if profile.file is None else {"file": _file(profile.file)}),
            "held_back": held_back,
            "held_back_counts": Counter(held_back.values()),
        }
    )


def _by_name(statistics: Mapping[str, T]) -> dict[str, T]:
    """Return what there is by paths by the names of top-level columns, and by paths of fields.

    If a name could be read as the path of another column, the path stays.
    """
    found = {}
    for path, one in statistics.items():
        name, *inner = names_of(path)
        found[path if inner or "`" in name or name in statistics else name] = one
    return found


def _file(file: FileFacts) -> dict[str, Any]:
    """Return how files were read, as far as there is something to say."""
    facts: dict[str, Any] = {
        "format": file.format,
        "files": file.files,
        "empty_files": file.empty_files,
        "other_files": file.other_files,
        "separators": file.separators,
        "ragged_rows": file.ragged_rows,
        "first_ragged": file.first_ragged,
    }
    for name in ("nulls", "named", "lacking", "widened"):
        columns: Mapping[str, Any] = getattr(file, name)
        facts[name] = dict(islice(columns.items(), _LISTED))
        facts[f"{name}_columns"] = len(columns)
    return {name: value for name, value in facts.items() if value}


def failed_part(physical_name: str | None, error: str) -> str:
    """Return a failed table's part, as JSON."""
    return _json({"physical_name": physical_name, "error": error})


def assemble(records: Sequence[TableRecord], limit: int) -> str:
    """Return the summary of a run in at most `limit` bytes of JSON, 1,000 or more.

    The tables' own parts stay whole in the worker's table.
    """
    tables = {record.schema_name: lazy_object(record.summary or "{}") for record in records}
    errors = [
        {
            "schema": record.schema_name,
            "table": tables[record.schema_name].get("physical_name"),
            "error": record.error,
        }
        for record in records
        if record.error is not None
    ]
    summary = {
        "tables": tables,
        "total_suggestions": sum(record.suggestions for record in records),
        "errors": _plain(errors),
    }
    return abridged(summary, limit)


def refused(error: str) -> str:
    """Return the summary of a run whose request could not be worked on."""
    return _json(
        {
            "tables": {},
            "total_suggestions": 0,
            "errors": [{"schema": None, "table": None, "error": error}],
        }
    )


def _json(value: Any) -> str:
    return encoded(_plain(value))


def _plain(value: Any) -> Any:
    """Return `value` in JSON's types: texts cut, numbers that JSON lacks as text."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return shortened(storable(value), LONGEST_TEXT)
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Mapping():
            # Keys are names: cut, two of them could become one.
            return {storable(str(key)): _plain(entry) for key, entry in value.items()}
        case list() | tuple() | set():
            return [_plain(entry) for entry in value]
        case _:
            return _plain(str(value))
