"""Columns under names that DQX's profiler can work with, and what it says under their own names.

The profiler raises on a name that holds a dot or a back-quote, takes `*` for all columns, and finds
the names of its metrics in a column `summary`. Spark may not distinguish names that differ in case
only. Such columns and fields of structs are profiled under other names.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worker.sampling import stock_errors
from worker.tables.column_paths import path_of, quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructField, StructType

__all__ = ["Names", "rename"]

_PREFIX = "renamed_"
_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The columns' own names, by the names under which they are profiled."""

    own: Mapping[str, str] = field(default_factory=dict)
    """By the names that replace them; each of those occurs once in the table."""
    replaced: Mapping[str, str] = field(default_factory=dict)
    """The paths in the profiled frame, by the paths in the table, if they differ.

    A top-level column is also found by its bare name.
    """
    pattern: re.Pattern[str] = re.compile(_PREFIX)
    """What the names in `own` look like."""

    def in_frame(self, path: str) -> str:
        """Return the path in the profiled frame of a column of the table."""
        return self.replaced.get(path, path)

    def in_table(self, path: str) -> str:
        """Return the path in the table of a column of the profiled frame."""
        names = path.split(".")
        if self.own.keys().isdisjoint(names):
            return path
        return path_of([self.own.get(name, name) for name in names])

    def top_level(self, name: str) -> str:
        """Return the name in the table of a top-level column of the profiled frame."""
        return self.own.get(name, name)

    def in_words(self, text: str) -> str:
        """Return a text about the profiled frame as one about the table."""
        return self.pattern.sub(lambda match: self.own.get(match[0], match[0]), text)


def rename(frame: "DataFrame") -> tuple["DataFrame", Names, dict[str, str]]:
    """Return `frame` with names that can be profiled, their own names, and what is left out.

    Of top-level columns with one name none can be meant: they are left out, with the reason.
    """
    from pyspark.sql import functions

    before = frame.schema.fields
    renaming = _Renaming(frame.schema)
    after = renaming.fields(before)
    times = Counter(one.name for one in before)
    if any(one.name != new.name for one, new in zip(before, after, strict=True)):
        frame = frame.toDF(*(new.name for new in after))
    if len(times) < len(before) or any(
        one.dataType != new.dataType for one, new in zip(before, after, strict=True)
    ):
        columns = [
            functions.col(quoted(new.name))
            if one.dataType == new.dataType
            # A cast from struct to struct goes by the places of the fields.
            else functions.col(quoted(new.name)).cast(new.dataType).alias(new.name)
            for one, new in zip(before, after, strict=True)
            if times[one.name] == 1
        ]
        frame = frame.select(*columns)
    skipped = {name: stock_errors.same_name() for name, count in times.items() if count > 1}
    return frame, renaming.names, skipped


class _Renaming:
    """Replaces the names in a schema that can't be profiled, and remembers them."""

    def __init__(self, schema: "StructType") -> None:
        self._prefix = _PREFIX
        text = schema.simpleString().casefold()
        while self._prefix in text:
            self._prefix += "_"
        self._own: dict[str, str] = {}
        self._replaced: dict[str, str] = {}
        self._paths: set[str] = set()

    def fields(
        self, fields: "Sequence[StructField]", own: _Path = (), new: _Path = ()
    ) -> "list[StructField]":
        """Return fields under names that can be profiled; `own` and `new` are the path to them."""
        from pyspark.sql.types import StructField, StructType

        folded = Counter(one.name.casefold() for one in fields)
        renamed = []
        for one in fields:
            name = one.name
            if _misread(name, top_level=not own) or folded[name.casefold()] > 1:
                name = f"{self._prefix}{len(self._own):06}"
                self._own[name] = one.name
            path, place = (*own, one.name), (*new, name)
            self._paths.add(path_of(path))
            if place != path:
                self._replaced[path_of(path)] = ".".join(place)
            kind = one.dataType
            if isinstance(kind, StructType) and not _ambiguous(kind):
                kind = StructType(self.fields(kind.fields, path, place))
            renamed.append(StructField(name, kind, one.nullable, one.metadata))
        return renamed

    @property
    def names(self) -> Names:
        """What was replaced so far."""
        bare = {
            name: path
            for path in self._replaced.values()
            if "." not in path and (name := self._own[path]) not in self._paths
        }
        return Names(
            self._own, self._replaced | bare, re.compile(re.escape(self._prefix) + r"\d{6}")
        )


def _misread(name: str, *, top_level: bool) -> bool:
    """Return whether DQX takes a name for something else."""
    hides_metrics = top_level and name.casefold() == "summary"
    return name in {"", "*"} or "." in name or "`" in name or hides_metrics


def _ambiguous(kind: "StructType") -> bool:
    """Return whether two fields have the same name: stock DQX has to say what comes of that."""
    return len(set(kind.names)) < len(kind.names)
