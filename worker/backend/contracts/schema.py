"""Schema objects, and the trees of their properties, built of the rows in which they are stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from worker.checks.stored_checks import Row
from worker.tables.column_paths import path_of

__all__ = [
    "MAX_CHARACTERS",
    "MAX_CHARACTERS_OF_RUN",
    "MAX_PROPERTIES",
    "MAX_PROPERTIES_OF_RUN",
    "MAX_TEXT",
    "Property",
    "Rows",
    "SchemaObject",
    "Unread",
    "schema_objects",
]

MAX_PROPERTIES, MAX_CHARACTERS = 25_000, 8_000_000
"""Of one schema object; the characters are those of its properties, and of their paths."""
MAX_PROPERTIES_OF_RUN, MAX_CHARACTERS_OF_RUN = 200_000, 32_000_000
"""Of all schema objects that are read at once."""
MAX_TEXT = 10_000
"""Characters of one name, tag, classification or option."""
_MAX_DEPTH = 50


class Unread(Enum):
    """Why the properties of a schema object were not read."""

    TOO_LARGE = auto()
    """The schema object exceeds a limit."""
    TOO_MANY = auto()
    """The schema objects before it took all that may be read for a run."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property by its path, with what may say that it is personal."""

    id: str
    path: str
    classification: str | None
    options: str | None
    """The options of its logical type, as JSON."""
    required: bool
    unique: bool
    logical_type: str | None = None


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """A schema object; `name` is what a run asks for, `physical_name` what is profiled.

    A text of more than `MAX_TEXT` characters is cut one character later.
    """

    id: str
    name: str
    physical_name: str | None
    properties: tuple[str, ...]
    """The names of the top-level ones."""
    tags: str | None = None
    tree: tuple[Property, ...] = ()
    """All properties, nested ones too."""
    namesakes: int = 1
    """Number of schema objects of the contract with this name; without properties if several."""
    unread: Unread | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Schema objects as they are stored; equal if nothing of them has changed."""

    objects: Sequence[Row]
    properties: Sequence[Row]


def schema_objects(rows: Rows) -> list[SchemaObject]:
    """Return the schema objects with the trees of their properties."""
    of_object: dict[str, list[Row]] = {}
    for row in rows.properties:
        of_object.setdefault(row["object_id"], []).append(row)
    return [_schema_object(row, of_object.get(row["id"], []), rows) for row in rows.objects]


def _schema_object(row: Row, properties: Sequence[Row], rows: Rows) -> SchemaObject:
    unread = _unread(row["id"], properties, rows)
    tree: list[Property] = []
    if unread is None:
        room = MAX_CHARACTERS
        for one in _walk(properties):
            tree.append(one)
            room -= len(one.path)
            if room < 0:
                tree, unread = [], Unread.TOO_LARGE
                break
    return SchemaObject(
        row["id"],
        row["name"],
        row["physical_name"],
        tuple(one["name"] for one in properties if one["parent"] is None) if not unread else (),
        row["tags"],
        tuple(sorted(tree, key=lambda one: (one.path, one.id))),
        row["namesakes"],
        unread,
    )


def _unread(object_id: str, properties: Sequence[Row], rows: Rows) -> Unread | None:
    """Return why the rows are not all of the properties of a schema object."""
    if properties and (
        properties[-1]["number"] > MAX_PROPERTIES
        or properties[-1]["characters"] > MAX_CHARACTERS
        or any(len(one["name"]) > MAX_TEXT for one in properties)
    ):
        return Unread.TOO_LARGE
    if _is_full(rows) and (not properties or object_id == rows.properties[-1]["object_id"]):
        return Unread.TOO_MANY
    return None


def _is_full(rows: Rows) -> bool:
    """Return whether the rows end where the limit of a run was exceeded."""
    last = rows.properties[-1] if rows.properties else None
    return last is not None and (
        last["number_of_run"] > MAX_PROPERTIES_OF_RUN
        or last["characters_of_run"] > MAX_CHARACTERS_OF_RUN
    )


def _walk(rows: Sequence[Row]) -> Iterator[Property]:
    """Yield the properties with their paths, each after the one that it is a field of.

    Properties that are fields of each other, or of a property elsewhere, are not reached.
    """
    fields: dict[str | None, list[Row]] = {}
    for row in rows:
        fields.setdefault(row["parent"], []).append(row)
    level = [("", row) for row in fields.get(None, ())]
    for _ in range(_MAX_DEPTH):
        below: list[tuple[str, Row]] = []
        for place, row in level:
            # Made one at a time: together they may be long.
            path = f"{place}{path_of([row['name']])}"
            yield Property(
                row["id"],
                path,
                row["classification"],
                row["options"],
                row["required"],
                row["is_unique"],
                row["logical_type"],
            )
            inside = f"{path}."
            below += ((inside, field) for field in fields.get(row["id"], ()))
        level = below
