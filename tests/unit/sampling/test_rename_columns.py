"""Names that can't be profiled are replaced, and put back in what DQX says."""

import pytest
from pyspark.sql.types import LongType, StringType, StructField, StructType

from worker.sampling.rename_columns import Names, _Renaming


def renamed(*names: str) -> tuple[list[str], Names]:
    schema = StructType([StructField(name, LongType()) for name in names])
    renaming = _Renaming(schema)
    return [one.name for one in renaming.fields(schema.fields)], renaming.names


def test_most_names_stay() -> None:
    given = ["id", "Order ID", "a,b", "größe", "null", "summaries", " "]
    new, names = renamed(*given)
    assert (new, names.own, names.replaced) == (given, {}, {})


@pytest.mark.parametrize("name", ["Sepal.Length", "we`ird", "`a`", "", "*", "summary", "Summary"])
def test_a_name_that_dqx_misreads_is_replaced(name: str) -> None:
    (new, other), names = renamed(name, "id")
    assert (new, other) == ("renamed_000000", "id")
    assert names.top_level(new) == name
    assert names.in_frame(names.in_table(new)) == names.in_frame(name) == new


def test_names_that_differ_in_case_only_are_replaced() -> None:
    new, names = renamed("a", "A", "b", "Straße", "STRASSE")
    assert new == [*("renamed_000000", "renamed_000001", "b"), "renamed_000002", "renamed_000003"]
    assert [names.in_table(one) for one in new] == ["a", "A", "b", "Straße", "STRASSE"]
    assert [names.in_frame(one) for one in ("a", "A", "b")] == new[:3]


def test_a_name_of_the_table_is_never_taken_for_one_that_replaces_another() -> None:
    new, names = renamed("a.b", "Renamed_000000", "renamed_000000_is_null")
    assert new[1:] == ["Renamed_000000", "renamed_000000_is_null"]
    assert names.in_table(new[2]) == new[2]
    assert names.in_table(new[0]) == "`a.b`"


def test_a_struct_with_two_fields_of_one_name_stays_as_it_is() -> None:
    twice = StructType([StructField("a.b", LongType()), StructField("a.b", StringType())])
    schema = StructType([StructField("s", twice)])
    assert _Renaming(schema).fields(schema.fields) == schema.fields
