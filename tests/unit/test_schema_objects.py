"""The tree of a schema object's properties, whatever the rows refer to."""

from typing import Any

import pytest

from worker.backend.contracts import schema
from worker.backend.contracts.schema import Rows, SchemaObject, Unread, schema_objects


def row(id_: str, parent: str | None = None, name: str | None = None) -> dict[str, Any]:
    return {
        "id": id_,
        "object_id": "o",
        "parent": parent,
        "name": name or id_,
        "classification": None,
        "logical_type": None,
        "options": None,
        "required": False,
        "is_unique": False,
        **dict.fromkeys(("number", "characters", "number_of_run", "characters_of_run"), 1),
    }


def read(*rows: dict[str, Any]) -> SchemaObject:
    one = {"id": "o", "name": "orders", "physical_name": "t", "tags": None, "namesakes": 1}
    (found,) = schema_objects(Rows([one], rows))
    return found


def test_a_path_has_the_names_of_all_that_a_property_is_a_field_of() -> None:
    found = read(row("1", "3", "zip"), row("2", None, "id"), row("3", None, "address"))
    assert found.properties == ("id", "address")
    assert [one.path for one in found.tree] == ["address", "address.zip", "id"]


def test_a_name_with_a_dot_is_one_name_of_a_path() -> None:
    found = read(row("1", None, "Sepal.Length"), row("2", "1", "a`b"), row("3", "1", "c d"))
    assert found.properties == ("Sepal.Length",)
    paths = [one.path for one in found.tree]
    assert paths == ["`Sepal.Length`", "`Sepal.Length`.`a``b`", "`Sepal.Length`.c d"]


def test_properties_that_are_fields_of_each_other_or_of_none_are_left_out() -> None:
    found = read(row("a", "b"), row("b", "a"), row("c", "elsewhere"), row("d", "d"), row("e"))
    assert [one.path for one in found.tree] == ["e"]


def test_fields_are_read_to_a_depth_of_fifty() -> None:
    chain = [row(str(number), str(number - 1) if number else None) for number in range(60)]
    assert len(read(*chain).tree) == 50


def test_paths_that_are_too_long_together_are_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MAX_CHARACTERS", 30)
    chain = [row(str(number), str(number - 1) if number else None) for number in range(10)]
    found = read(*chain)
    assert (found.unread, found.tree, found.properties) == (Unread.TOO_LARGE, (), ())
