"""What a contract has and what people decided is recognised, whoever wrote it and how."""

import json
from dataclasses import replace

import pytest
import yaml

from tests.unit.suggestions.rows import (
    NOT_NULL,
    RANGE,
    WHOLE,
    broken,
    custom,
    decision,
    drafts_of,
    known_of,
    names_of,
    own,
)
from worker.checks.implementation import implementation
from worker.checks.odcs_rules import KnownProperty
from worker.checks.personal_data import PersonalColumns
from worker.checks.stored_checks import KnownRow, checks_of
from worker.counting.check import Check
from worker.suggestions.decisions import Decision, When
from worker.suggestions.suggest import Suggestions, suggest
from worker.suggestions.suggest_again import Tried

UNIQUE = Check("is_unique", {"columns": ["id"], "nulls_distinct": False}, "key", "error")
LIST = Check("is_in_list", {"column": "a b", "allowed": ["'x'", "'y'"]}, "l", "error")


def suggested(
    *checks: Check,
    rows: list[KnownRow] | None = None,
    properties: list[KnownProperty] | None = None,
    decisions: list[Decision] | None = None,
    readable: bool = True,
) -> Suggestions:
    drafts = drafts_of(*checks).drafts
    known = known_of(rows or [], properties or [], decisions or [], readable=readable)
    return suggest(drafts, broken(drafts, known), WHOLE, known)


@pytest.mark.parametrize(
    "row",
    [
        custom(NOT_NULL),
        custom(replace(NOT_NULL, name="another", criticality="warn")),
        custom('{"function":"is_not_null","arguments":{"col_name":"ID"}}'),
        custom("- check:\n    function: is_not_null\n    arguments: {column: '`id`'}\n"),
        custom('[{"check":{"function":"is_not_null","for_each_column":["x","id"]}}]'),
        KnownRow(type="library", rule="nullValues", must_be="0", column="id"),
        KnownRow(type="library", name="nullValues", must_be="0", column="Id"),
        KnownRow(type="library", name="is_not_null", column="id"),
    ],
)
def test_what_the_contract_has_is_not_suggested(row: KnownRow) -> None:
    found = suggested(NOT_NULL, RANGE, rows=[row])

    assert names_of(found.rows) == ["r"]
    assert found.held_back == {"id_is_null": "the contract has it"}


@pytest.mark.parametrize(
    "row",
    [
        custom(replace(NOT_NULL, filter="id > 1")),
        custom(replace(NOT_NULL, arguments={"column": "other"})),
        KnownRow(type="custom", engine="soda", implementation=implementation(NOT_NULL)),
        KnownRow(type="sql", rule="is_not_null", column="id"),
        KnownRow(type="text", rule="id is filled", column="id"),
        KnownRow(type="library", rule="nullValues", must_be="1", column="id"),
        KnownRow(type="library", rule="nullValues", must_be="0"),
        KnownRow(type="library", name="is_in_range", column="id"),
        KnownRow(),
        *map(
            custom,
            [
                "",
                "no check",
                "{",
                "[1, null, [2]]",
                '{"check":{"function":1}}',
                '{"check":{"function":"is_not_null","arguments":{"column":7}}}',
                '{"check":{"function":"is_not_null","arguments":[1]}}',
                '{"check":{"function":"is_not_null","for_each_column":[[1]]}}',
                "a: &a [*a]",
                "{function: is_not_null, arguments: {column: &a id}, name: *a}",
                # Ten lines that mean a thousand million values, in a check that would be the same.
                "check: {function: is_not_null, arguments: {column: id, more: &a0 [x, x]}}\n"
                + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)),
                '{"check":{"function":"is_in_list","arguments":{"column":"id","allowed":7}}}',
                '{"check":{"function":"is_in_range","arguments":{"columns":[[1],{}]}}}',
                '{"check":{"function":"is_unique","arguments":{"columns":{"id":1}}}}',
                '{"check":{"function":"any","arguments":{"x":' + "[" * 900 + "]" * 900 + "}}}",
                "!!python/object/apply:os.system [exit]",
                "[" * 3_000,
                '{"check": ' * 3_000,
                "x" * 300_000,
            ],
        ),
    ],
)
def test_anything_else_keeps_nothing_back(row: KnownRow) -> None:
    assert len(suggested(NOT_NULL, rows=[row]).rows) == 1


def test_a_schema_that_rejected_a_check_is_none_that_a_rule_could_be_of() -> None:
    here = decision("1", "accepted", When.EARLIER, custom(NOT_NULL))
    there = decision("2", "rejected", When.EARLIER, custom(NOT_NULL), schema_name="other")

    found = suggested(NOT_NULL, rows=[custom(NOT_NULL)], decisions=[here, there])

    assert found.held_back == {"id_is_null": "the contract has it"}


def test_what_a_property_demands_is_not_suggested() -> None:
    required = [KnownProperty("id", required=True, unique=False)]
    unique = [KnownProperty("id", required=False, unique=True)]
    both = [KnownProperty("id", required=True, unique=True)]
    distinct = replace(UNIQUE, arguments={"columns": ["id"]})

    for properties, kept in (
        (required, [UNIQUE, distinct]),
        (unique, [NOT_NULL, UNIQUE]),
        (both, []),
    ):
        found = suggested(NOT_NULL, UNIQUE, distinct, properties=properties)
        names = [json.loads(one.implementation)["check"] for one in found.rows]
        assert names == [{"function": c.function, "arguments": c.arguments} for c in kept]


def test_the_enum_of_a_property_is_a_list_that_the_contract_has() -> None:
    def found(*listed: str) -> Suggestions:
        enum = json.dumps({"enum": [{"value": one, "label": one.upper()} for one in listed]})
        return suggested(
            LIST, properties=[KnownProperty("`a b`", required=False, unique=False, options=enum)]
        )

    assert found("y", "x").held_back == {"l": "the contract has it"}
    (row,) = found("x", "y", "z").rows
    assert row.rationale.startswith("Changes the accepted rule: a b in x, y, z. ")


def test_what_a_property_of_a_name_with_a_dot_demands_is_not_suggested() -> None:
    check = replace(NOT_NULL, arguments={"column": "`Sepal.Length`"})
    demands = [KnownProperty("`Sepal.Length`", required=True, unique=False)]

    assert suggested(check, properties=demands).rows == []
    assert len(suggested(check, properties=[replace(demands[0], path="Length")]).rows) == 1


def test_what_people_rejected_is_not_asked_again() -> None:
    decisions = [decision("1", "rejected", When.EARLIER, custom(LIST))]

    found = suggested(replace(LIST, name="again"), NOT_NULL, decisions=decisions)

    assert names_of(found.rows) == ["id_is_null"]
    assert found.held_back == {"again": "it was rejected before"}
    assert found.superseded == []


def test_what_still_waits_of_earlier_runs_is_superseded() -> None:
    older = replace(RANGE, arguments={**RANGE.arguments, "max_limit": 8})
    decisions = [
        decision("same", "pending", When.EARLIER, custom(NOT_NULL)),
        decision("other bounds", "pending", When.EARLIER, custom(older)),
        decision("of another column", "pending", When.EARLIER, custom(LIST)),
        decision("unknown", "expired", When.EARLIER, custom(NOT_NULL)),
    ]

    found = suggested(NOT_NULL, RANGE, decisions=decisions)

    assert len(found.rows) == 2
    assert found.superseded == ["same", "other bounds", "of another column"]
    assert "Changes" not in found.rows[1].rationale


def test_what_a_later_run_suggests_is_left_to_it_and_what_another_source_does_is_left_alone() -> (
    None
):
    older = replace(RANGE, arguments={**RANGE.arguments, "max_limit": 8})
    decisions = [
        decision("1", "pending", When.LATER, custom(older)),
        decision("2", "pending", When.ASIDE, custom(NOT_NULL)),
        decision("3", "rejected", When.LATER, custom(LIST)),
    ]

    found = suggested(NOT_NULL, RANGE, LIST, decisions=decisions)

    assert names_of(found.rows) == ["id_is_null"]
    assert found.held_back == {"r": "a later run suggests it", "l": "it was rejected before"}
    assert found.superseded == []


def test_a_bound_that_moved_is_suggested_as_a_change() -> None:
    older = replace(RANGE, arguments={**RANGE.arguments, "max_limit": 8})
    for found in (
        suggested(RANGE, rows=[custom(older)]),
        suggested(RANGE, decisions=[decision("1", "accepted", When.EARLIER, custom(older))]),
    ):
        (row,) = found.rows
        assert row.rationale.startswith("Changes the accepted rule: price from 1 to 8. ")


def at_most(most: int) -> Check:
    return replace(RANGE, arguments={**RANGE.arguments, "max_limit": most})


def with_most(most: int) -> KnownRow:
    return custom(at_most(most))


def test_a_change_names_what_was_accepted_last_and_is_still_in_the_contract() -> None:
    accepted = [
        decision(str(most), "accepted", When.EARLIER, with_most(most)) for most in (6, 8, 7)
    ]
    for rows, most in (
        ([], 7),
        ([with_most(8), with_most(7), with_most(6)], 7),
        ([with_most(8), with_most(6)], 8),
        # People changed it by hand.
        ([with_most(5)], 5),
    ):
        (row,) = suggested(RANGE, rows=rows, decisions=accepted).rows
        assert row.rationale.startswith(f"Changes the accepted rule: price from 1 to {most}. ")


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (
            Check("is_not_empty", {"column": "a", "trim_strings": True}, "n", "error"),
            Check("is_not_empty", {"column": "a", "trim_strings": False}, "n", "error"),
            "a has text if filled. ",
        ),
        (
            Check("is_area_not_less_than", {"column": "a", "value": 1, "srid": 1}, "n", "error"),
            Check("is_area_not_less_than", {"column": "a", "value": 1, "srid": 2}, "n", "error"),
            "area of a at least 1, srid was 1. ",
        ),
        (
            Check("is_in_list", {"column": "a", "allowed": list(range(12))}, "n", "error"),
            Check("is_in_list", {"column": "a", "allowed": list(range(12, 24))}, "n", "error"),
            "a in 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11. ",
        ),
        (
            Check("is_in_list", {"column": "a", "allowed": list(range(80))}, "n", "error"),
            Check("is_in_list", {"column": "a", "allowed": [*range(79), 99]}, "n", "error"),
            "a in 0, 1, 2, 3, 4, 5, 6, 7, 8 and 71 more: "
            + ", ".join(map(str, range(9, 48)))
            + ", …, allowed had others. ",
        ),
    ],
)
def test_a_change_says_what_changes(before: Check, now: Check, said: str) -> None:
    (row,) = suggested(now, rows=[custom(before)]).rows

    assert row.rationale.startswith(f"Changes the accepted rule: {said}")


def test_what_a_run_suggested_before_it_was_set_back_stays_as_it_is() -> None:
    older = at_most(8)
    found = suggested(RANGE, NOT_NULL, decisions=[own(older)])
    assert names_of(found.rows) == ["id_is_null"]
    assert found.held_back == {"r": "the run has suggested it before, with other values"}
    assert found.superseded == []

    again = suggested(RANGE, decisions=[own(RANGE)])
    assert names_of(again.rows) == ["r"]

    accepted = suggested(RANGE, decisions=[own(older, "accepted")])
    assert accepted.rows[0].rationale.startswith("Changes the accepted rule: price from 1 to 8. ")


def test_what_a_run_got_from_earlier_runs_when_it_ended_waits_no_longer() -> None:
    moved = decision("of an earlier run", "pending", When.OWN, custom(RANGE))
    unread = decision("of another program", "pending", When.OWN, KnownRow())

    found = suggested(RANGE, decisions=[moved, unread])

    assert names_of(found.rows) == ["r"]
    assert found.superseded == ["of an earlier run"]


def test_what_a_run_suggested_of_a_column_that_became_personal_goes() -> None:
    older = at_most(8)
    decisions = [own(NOT_NULL), own(older), own(LIST, "accepted")]
    personal = PersonalColumns(frozenset({"id", "Price", LIST.arguments["column"]}))

    found = suggest([], Tried(), WHOLE, known_of(decisions=decisions), personal=personal)

    assert found.superseded == [own(older).id]


def test_other_bounds_than_rejected_ones_say_so() -> None:
    (row,) = suggested(
        RANGE, decisions=[decision("1", "rejected", When.EARLIER, with_most(8))]
    ).rows

    assert row.rationale.startswith("Differs from a rule that was rejected: price from 1 to 8. ")


def test_what_people_wrote_in_yaml_is_read_as_dqx_reads_it() -> None:
    dates = {"column": "day", "min_limit": "2024-01-01", "max_limit": "2024-12-31"}
    text = "check: {function: is_in_range, arguments: {column: day, min_limit: 2024-01-01, "
    (read,) = checks_of(custom(text + "max_limit: 2024-12-31}}"))

    assert read.arguments == dates


def test_what_is_longer_than_people_write_is_not_read() -> None:
    json_, yaml_ = (
        implementation(NOT_NULL),
        "check: {function: is_not_null, arguments: {column: id}}",
    )

    for text, most in ((json_, 50_000), (yaml_, 10_000)):
        assert len(checks_of(custom(text.ljust(most)))) == 1
        assert checks_of(custom(text.ljust(most + 1))) == []


def test_a_row_reads_back_as_its_check() -> None:
    reported = replace(UNIQUE, user_metadata={"pk_detection_confidence": "high"})
    for check in (
        NOT_NULL,
        RANGE,
        LIST,
        UNIQUE,
        reported,
        replace(NOT_NULL, filter="a  =  'x  y'"),
    ):
        (read,) = checks_of(custom(check))
        assert read == check
        (read,) = checks_of(custom(yaml.safe_dump(json.loads(implementation(check)))))
        assert read == check
