"""JSON of any size, read and written in pieces.

Python's `json` keeps the interpreter for as long as one call takes, and no other thread runs
meanwhile: some hundred milliseconds for a summary of wide tables. Here no call gets more than one
entry of a large object.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

__all__ = ["LazyObject", "encoded", "encoded_within", "lazy_object", "size"]

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_read = json.JSONDecoder().raw_decode
_BLANKS = re.compile(r"[ \t\n\r]*").match
_AT_ONCE = 100
"""Number of entries of an object that is written in one call."""


class LazyObject(Mapping[str, Any]):
    """An object in a text of JSON; an entry is decoded when it is asked for."""

    def __init__(self, text: str, places: Mapping[str, int]) -> None:
        self._text = text
        self._places = places

    def __getitem__(self, name: str) -> Any:
        return _read(self._text, self._places[name])[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def lazy_object(text: str) -> dict[str, Any]:
    """Return the object in a text of JSON, in which each object is a `LazyObject`.

    Raises ValueError if the text is no object of JSON.
    """
    found: dict[str, Any] = {}
    place = _start(text, 0)
    while (entry := _key(text, place)) is not None:
        name, place = entry
        if text[place : place + 1] == "{":
            found[name], place = _lazy(text, place)
        else:
            found[name], place = _read(text, place)
    return found


def _lazy(text: str, start: int) -> tuple[LazyObject, int]:
    places: dict[str, int] = {}
    place = start + 1
    while (entry := _key(text, place)) is not None:
        name, place = entry
        places[name] = place
        _, place = _read(text, place)
    return LazyObject(text, places), _skip(text, place) + 1


def _start(text: str, place: int) -> int:
    place = _skip(text, place)
    if text[place : place + 1] != "{":
        raise ValueError("not an object of JSON")
    return place + 1


def _key(text: str, place: int) -> tuple[str, int] | None:
    """Return the next name of an object and the place of its value; None at the object's end."""
    place = _skip(text, place)
    if text[place : place + 1] == ",":
        place = _skip(text, place + 1)
    if text[place : place + 1] == "}":
        return None
    if text[place : place + 1] != '"':
        raise ValueError("no name in an object of JSON")
    name, place = _read(text, place)
    return name, _skip(text, _skip(text, place) + 1)


def _skip(text: str, place: int) -> int:
    found = _BLANKS(text, place)
    return found.end() if found else place


def encoded(value: Any) -> str:
    """Return `value` as JSON without blanks."""
    return "".join(_pieces(value))


def encoded_within(value: Any, limit: int) -> str | None:
    """Return `value` as JSON without blanks; None if that has more than `limit` bytes."""
    pieces = []
    room = limit
    for piece in _pieces(value):
        room -= len(piece.encode())
        if room < 0:
            return None
        pieces.append(piece)
    return "".join(pieces)


def size(value: Any) -> int:
    """Return the number of bytes of `value` as JSON."""
    return sum(len(piece.encode()) for piece in _pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    kind = type(value)
    if kind is LazyObject or (kind is dict and not _is_small(value.values())):
        separator = "{"
        for name, entry in value.items():
            yield f"{separator}{_ENCODER.encode(name)}:"
            yield from _pieces(entry)
            separator = ","
        yield "}" if value else "{}"
    elif kind is list and not _is_small(value):
        separator = "["
        for entry in value:
            yield separator
            yield from _pieces(entry)
            separator = ","
        yield "]"
    else:
        yield _ENCODER.encode(value)


def _is_small(entries: Collection[Any]) -> bool:
    """Return whether an object or array is written in one call."""
    return len(entries) <= _AT_ONCE and not any(type(entry) in _NESTED for entry in entries)


_NESTED = (dict, list, LazyObject)
