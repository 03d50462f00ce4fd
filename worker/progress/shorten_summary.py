"""Fits a run's summary into a limit of bytes: the most useful first, evenly for all tables.

The summary is built up in layers. A layer that fits is added whole. Of a layer that does not fit,
as many entries are added as fit: the first of each table before the second of any. Each value is
encoded a few times at most, so the time grows with the size of the summary alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat, zip_longest
from typing import Any

from worker.progress.json_pieces import encoded, encoded_within, size

__all__ = ["LONGEST_TEXT", "abridged", "shortened"]

Object = dict[str, Any]

LONGEST_TEXT = 200
"""Characters of any text but a name."""

_FACTS = (
    ("rows", "of_rows", "columns"),
    (
        *("error", "physical_name", "duration_s"),
        *("sampling", "sample_fraction", "sample_limit", "sample_seed"),
    ),
    ("held_back_counts",),
    ("file",),
)
"""What each table keeps beside its skipped columns, unless these alone exceed the limit."""
_BY_COLUMN = ("skipped_columns", "summary_stats")
_KEPT = frozenset({*chain.from_iterable(_FACTS), "skipped_columns"})
_STATISTICS = (
    ("count", "count_null"),
    ("min", "max"),
    ("count_distinct", "count_distinct_approximate"),
    ("mean",),
    ("50%",),
    ("stddev",),
    ("25%", "75%"),
)
"""Statistics that are added together, the most useful first; all others come after them."""

_ERROR_LENGTHS = (LONGEST_TEXT, 100, 50)
_ROOM_FOR_CUT = 640
_EVERYTHING = "dqx-worker status RUN --json prints everything"


def shortened(text: str, length: int) -> str:
    """Return `text`, or its beginning and an ellipsis if it has more than `length` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"


def abridged(summary: Mapping[str, Any], limit: int) -> str:
    """Return `summary` as JSON of at most `limit` bytes, 1,000 or more.

    If something is left out, `cut` names it. The objects in a table's part may be lazy: no entry
    that does not fit is kept.
    """
    if (text := encoded_within(summary, limit)) is not None:
        return text
    shorter = {**summary, "tables": {}, "errors": [], "cut": []}
    room = limit - size(shorter) - _ROOM_FOR_CUT
    fitting = _Fitting(summary["tables"], shorter["tables"], room)
    shorter["cut"] = [
        *fitting.add_errors(summary["errors"], shorter["errors"]),
        *fitting.add_facts(),
        *fitting.add_skipped_columns(),
        *fitting.add_other_facts(),
        *fitting.add_statistics_and_names(),
        _EVERYTHING,
    ]
    return encoded(shorter)


class _Fitting:
    """Fills `kept` from `tables`. Each method yields words for what it leaves out."""

    def __init__(self, tables: Mapping[str, Object], kept: Object, room: int) -> None:
        self._tables = tables
        self._kept = kept
        self._room = room

    def add_errors(self, errors: Sequence[Object], kept: list[Object]) -> Iterator[str]:
        """Add the errors; shorten them if the facts of the tables do not fit beside them.

        If even then they take more than half of the room, the last ones are left out.
        """
        facts = ({name: _facts(one, _KEPT)} for name, one in self._tables.items())
        most = max(self._room // 2, self._room - sum(map(_cost, facts)))
        for length in _ERROR_LENGTHS:
            cut = [one | {"error": shortened(one["error"], length)} for one in errors]
            if size(cut) <= most:
                break
        for one in cut:
            cost = size(one) + 1
            if cost > most:
                break
            most -= cost
            self._room -= cost
            kept.append(one)
        if cut != errors:
            yield f"errors beyond {length} characters"
        if missing := len(errors) - len(kept):
            yield f"{missing} of {len(errors)} errors"

    def add_facts(self) -> Iterator[str]:
        """Add what is known of each table as a whole."""
        first, *more = _FACTS
        tables = [(self._kept, {name: _facts(one, first)}) for name, one in self._tables.items()]
        if missing := self._add(tables):
            yield f"{missing} of {len(tables)} tables"
        for keys in more:
            layer = self._of_tables(keys)
            if missing := self._add(layer):
                yield f"{', '.join(keys)} of {missing} of {len(layer)} tables"

    def add_skipped_columns(self) -> Iterator[str]:
        """Add the columns that were not profiled, each with the reason."""
        columns = self._columns("skipped_columns")
        if missing := self._add((kept, {name: of[name]}) for kept, of, name in columns):
            yield f"{missing} of {self._count('skipped_columns')} skipped_columns"

    def add_other_facts(self) -> Iterator[str]:
        """Add the facts of each table that nothing here knows by name."""
        known = {*_KEPT, *_BY_COLUMN, "held_back"}
        others = {key for one in self._tables.values() for key in one} - known
        layer = self._of_tables(sorted(others))
        if missing := self._add(layer):
            yield f"other facts of {missing} of {len(layer)} tables"

    def add_statistics_and_names(self) -> Iterator[str]:
        """Add statistics, one kind for all columns after another, then the names in held_back."""
        left_out = list(self._add_statistics())
        yield from left_out
        names = [
            (one, {"held_back": self._tables[name]["held_back"]})
            for name, one in self._kept.items()
            if self._tables[name].get("held_back")
        ]
        if missing := len(names) if left_out else self._add(names):
            yield f"held_back of {missing} of {len(names)} tables"

    def _add_statistics(self) -> Iterator[str]:
        columns = self._columns("summary_stats")
        (first, *more) = [(keys, ", ".join(keys)) for keys in _STATISTICS]
        later = [*(label for _, label in more), "others"]
        layer = ((kept, {name: _chosen(of[name], first[0])}) for kept, of, name in columns)
        if missing := self._add(layer):
            yield f"{first[1]} of {missing} of {self._count('summary_stats')} columns"
            yield f"{', '.join(later)} of all columns"
            return
        # There are no more columns than fit.
        columns = self._columns("summary_stats")
        whole = [(kept[name], of[name]) for kept, of, name in columns]
        known = frozenset(chain.from_iterable(_STATISTICS))
        others = sorted({key for _, one in whole for key in one} - known)
        for keys, label in [*more, (others, "others")]:
            del later[0]
            chosen = [(kept, _chosen(one, keys)) for kept, one in whole]
            having = [(kept, one) for kept, one in chosen if one]
            if missing := self._add(having):
                yield f"{label} of {missing} of {len(having)} columns"
                if later:
                    yield f"{', '.join(later)} of all columns"
                return

    def _of_tables(self, keys: Sequence[str]) -> list[tuple[Object, Object]]:
        return [(one, _chosen(self._tables[name], keys)) for name, one in self._kept.items()]

    def _columns(self, field: str) -> Iterator[tuple[Object, Mapping[str, Any], str]]:
        """Yield the columns in a field: the object that each belongs to, all of them, its name.

        They come in turn: the first of each table, then the second of each. They are not kept in a
        list: the more objects there are, the longer Python's garbage collector stops all threads.
        """
        by_table = [
            zip(repeat(one[field]), repeat(columns), columns) for one, columns in self._with(field)
        ]
        in_turn = chain.from_iterable(zip_longest(*by_table))
        return (column for column in in_turn if column is not None)

    def _count(self, field: str) -> int:
        return sum(len(columns) for _, columns in self._with(field))

    def _with(self, field: str) -> list[tuple[Object, Mapping[str, Any]]]:
        """Return what is kept of each table that has a field, and the whole field."""
        return [
            (one, self._tables[table][field]) for table, one in self._kept.items() if field in one
        ]

    def _add(self, layer: Iterable[tuple[Object, Object]]) -> int:
        """Add each entry to the object before it, as far as they fit; return how many do not."""
        missing = 0
        for target, entry in layer:
            cost = _cost(entry)
            if cost > self._room:
                missing += 1
                continue
            self._room -= cost
            target.update(entry)
        return missing


def _chosen(one: Object, keys: Iterable[str]) -> Object:
    return {key: one[key] for key in keys if key in one}


def _facts(one: Object, keys: Iterable[str]) -> Object:
    """Return chosen facts of a table, with room for its columns."""
    return {key: {} for key in _BY_COLUMN if key in one} | _chosen(one, keys)


def _cost(entry: Object) -> int:
    """Return the bytes that an entry takes when it is added to an object that is not empty."""
    # It loses its braces and gains a comma.
    return size(entry) - 1
