"""summary_stats: the JSON that the backend reads whole at every poll.

Always valid JSON, whatever DQX counted, and never longer than the limit: what does not fit is
left out and named under `cut`.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from worker.attempt.progress import TableRecord
from worker.database.text import storable
from worker.profiling.profile import TableProfile

__all__ = ["assemble", "failed_part", "profiled_part", "refused"]

_MAX_TEXT = 200


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
            "summary_stats": profile.statistics,
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
            "columns": profile.columns,
            "duration_s": round(seconds, 3),
            "skipped_columns": profile.skipped_columns,
            "held_back": held_back,
            "held_back_counts": Counter(held_back.values()),
        }
    )


def failed_part(physical_name: str | None, error: str) -> str:
    """Return a failed table's part, as JSON."""
    return _json({"physical_name": physical_name, "error": error})


def assemble(records: Sequence[TableRecord], limit: int) -> str:
    """Return the whole summary of a run in at most `limit` bytes of JSON."""
    tables = {record.schema_name: json.loads(record.summary or "{}") for record in records}
    summary: dict[str, Any] = {
        "tables": tables,
        "total_suggestions": sum(record.suggestions for record in records),
        "errors": [
            {
                "schema": record.schema_name,
                "table": tables[record.schema_name].get("physical_name"),
                "error": record.error,
            }
            for record in records
            if record.error is not None
        ],
    }
    return _bounded(summary, limit)


def refused(error: str) -> str:
    """Return the summary of a run whose request could not be worked on."""
    return _json(
        {
            "tables": {},
            "total_suggestions": 0,
            "errors": [{"schema": None, "table": None, "error": error}],
        }
    )


def _bounded(summary: dict[str, Any], limit: int) -> str:
    """Leave out the largest statistics, then skipped columns, then tables, until it fits."""
    text = _json(summary)
    excess = _size(text) - limit
    if excess <= 0:
        return text
    tables: dict[str, dict[str, Any]] = summary["tables"]
    cut: list[str] = []
    summary["cut"] = cut
    for field in ("summary_stats", "skipped_columns", "held_back"):
        sizes = {name: _size(_json(table.get(field))) for name, table in tables.items()}
        for name in sorted(tables, key=lambda name: -sizes[name]):
            if not tables[name].get(field):
                break
            cut.append(f"{field} of {name}: {len(tables[name][field])} entries left out")
            tables[name][field] = {}
            excess -= sizes[name]
            # The estimate saves encoding it all each time; the measure decides.
            if excess <= 0 and _size(text := _json(summary)) <= limit:
                return text
    return _without_tables(summary, limit)


def _without_tables(summary: dict[str, Any], limit: int) -> str:
    errors = summary["errors"]
    summary |= {"cut": [f"all {len(summary['tables'])} tables left out"], "tables": {}}
    text = _json(summary)
    if _size(text) <= limit:
        return text
    summary |= {"errors": []}
    summary["cut"].append(f"errors: {len(errors)} in all, these are the first")
    room = limit - _size(_json(summary))
    for error in errors:
        room -= _size(_json(error)) + 2
        if room < 0:
            break
        summary["errors"].append(error)
    return _json(summary)


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _size(text: str) -> int:
    return len(text.encode())


def _plain(value: Any) -> Any:
    """Return `value` in JSON's types: texts cut, numbers that JSON lacks as text."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            text = storable(value)
            return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"
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
