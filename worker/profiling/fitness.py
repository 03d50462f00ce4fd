"""Which columns DQX can profile at all: the others are taken out of the frame, with a reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from worker.profiling import errors

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructField

__all__ = ["without_unfit_columns"]


def without_unfit_columns(frame: "DataFrame") -> tuple["DataFrame", dict[str, str]]:
    """Return `frame` without what DQX's profiler raises on, and the reason by each path.

    A field of a struct is taken out of it; the struct's other fields stay.
    """
    fields = frame.schema.fields
    skipped = _unfit(fields)
    kept = [field for field in fields if field.name not in skipped]
    for field in list(kept):
        paths = list(_unfit_paths(field))
        skipped |= {".".join((field.name, *path)): errors.unfit_name() for path in paths}
        if paths and len(paths) == len(list(_leaves(field))):
            kept.remove(field)
        elif paths:
            dropped = [".".join(map(_quoted, path)) for path in paths]
            column = frame[_quoted(field.name)].dropFields(*dropped)
            frame = frame.withColumn(field.name, column)
    if skipped:
        frame = frame.select(*(_quoted(field.name) for field in kept))
    return frame, skipped


def _unfit(fields: Sequence["StructField"]) -> dict[str, str]:
    """Return the top-level columns that can't be selected by name, with the reason."""
    folded = Counter(field.name.lower() for field in fields)
    reasons = {}
    for field in fields:
        if _odd(field.name):
            reasons[field.name] = errors.unfit_name()
        elif folded[field.name.lower()] > 1:
            reasons[field.name] = errors.same_but_for_case()
    return reasons


def _unfit_paths(field: "StructField") -> Iterator[tuple[str, ...]]:
    """Return the paths inside a column that hold an odd name, each up to that name."""
    for inner in _fields(field):
        if _odd(inner.name):
            yield (inner.name,)
        else:
            yield from ((inner.name, *path) for path in _unfit_paths(inner))


def _leaves(field: "StructField") -> Iterator["StructField"]:
    for inner in _fields(field):
        if _odd(inner.name) or not _fields(inner):
            yield inner
        else:
            yield from _leaves(inner)


def _fields(field: "StructField") -> Sequence["StructField"]:
    from pyspark.sql.types import StructType

    kind: StructType | object = field.dataType
    return kind.fields if isinstance(kind, StructType) else ()


def _odd(name: str) -> bool:
    return "." in name or "`" in name


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
