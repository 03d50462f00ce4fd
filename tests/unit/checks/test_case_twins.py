"""Columns of one table whose names differ in case only."""

import pytest

from worker.checks.case_twins import NO_TWINS, Twins
from worker.checks.column_names import PropertyNames

TWINS = Twins.among(
    ["id", "ID", "amount", "Place.city", "Place.City", "place.x", "`a.b`", "`A.b`", "s.one.y"]
)


@pytest.mark.parametrize(
    ("names", "compared"),
    [
        (["id"], ["id"]),
        (["ID"], ["ID"]),
        # In any other spelling it is none of them.
        (["Id"], ["Id"]),
        (["Amount"], ["amount"]),
        (["a.b"], ["a.b"]),
        (["A.B"], ["A.B"]),
        (["a", "B"], ["a", "b"]),
        (["Place", "City"], ["Place", "City"]),
        (["place", "X"], ["place", "x"]),
        (["S", "One", "Y"], ["s", "one", "y"]),
    ],
)
def test_case_counts_only_where_it_distinguishes_columns(
    names: list[str], compared: list[str]
) -> None:
    assert TWINS.compared(names) == compared
    assert NO_TWINS.compared(names) == [name.casefold() for name in names]


def test_fields_of_two_structs_are_no_twins() -> None:
    assert Twins.among(["place.x", "Place.X"]).paths == {("place",)}


def test_a_property_is_meant_by_a_twin_only_if_it_is_spelled_so() -> None:
    names = PropertyNames(["id", "Amount"], TWINS)

    assert [names.meant_by(one) for one in ("id", "ID", "amount")] == ["id", None, "Amount"]
