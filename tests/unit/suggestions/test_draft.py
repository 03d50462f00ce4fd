import math
from dataclasses import replace

from tests.unit.suggestions.rows import FETCHED, NOT_NULL, RANGE, WHOLE, drafts_of
from worker.checks.personal_data import NOTHING_PERSONAL
from worker.counting.check import Check
from worker.profiling.results import Candidate, TableProfile
from worker.suggestions import errors
from worker.suggestions.draft import draft_suggestions
from worker.suggestions.options import CheckOptions

LIST = Check("is_in_list", {"column": "price", "allowed": [1, 5, 12]}, "list", "error")


def test_functions_are_left_out() -> None:
    found = drafts_of(LIST, NOT_NULL, options=CheckOptions(leave_out=("is_in_list",)))

    assert [draft.check.name for draft in found.drafts] == ["id_is_null"]
    assert found.held_back == {"list": "its function is left out"}


def test_a_function_that_is_left_out_is_left_out_under_the_name_of_what_is_left_of_it_too() -> None:
    half = replace(RANGE, arguments={"column": "price", "min_limit": 1, "max_limit": math.inf})
    found = drafts_of(half, options=CheckOptions(leave_out=("is_in_range",)))

    assert found.drafts == []
    assert list(found.held_back.values()) == ["its function is left out"]


def test_a_column_without_any_value_is_held_back_once_and_gets_no_rule() -> None:
    empty = Check("is_not_empty", {"column": "note"}, "note_is_empty", "error")
    filled = replace(empty, name="filled", arguments={"column": "text"})
    statistics = {"note": {"count_non_null": 0}, "text": {"count_non_null": 1}}
    for check, kept in ((empty, False), (filled, True)):
        column = check.arguments["column"]
        found = drafts_of(check, column=column, statistics=statistics)
        assert bool(found.drafts) == kept
        assert found.held_back == {"note": errors.no_values_seen()}


def test_row_numbers_of_a_file_are_held_back_once_and_get_no_rule() -> None:
    for column, kept in (("Unnamed: 0", False), ("Unnamed: 1", True)):
        filled = Check("is_not_null", {"column": f"`{column}`"}, "filled", "error")
        least = replace(filled, function="is_not_less_than", name="least")
        found = drafts_of(filled, least, column=column)
        assert len(found.drafts) == (2 if kept else 0)
        assert found.held_back == ({} if kept else {column: errors.of_row_numbers()})


def test_of_a_table_without_rows_no_column_is_said_to_be_empty() -> None:
    statistics = {"note": {"count_non_null": 0}}

    assert drafts_of(statistics=statistics, sample=replace(WHOLE, rows=0)).held_back == {}


def test_a_column_of_a_name_that_no_index_takes_is_held_back() -> None:
    long = replace(NOT_NULL, arguments={"column": "c" * 601})
    found = drafts_of(long, RANGE, options=CheckOptions(criticality="warn"))

    assert [draft.check for draft in found.drafts] == [RANGE]
    assert list(found.held_back) == ["id_is_null"]


def test_the_criticality_of_all_of_them_is_chosen() -> None:
    found = drafts_of(RANGE, NOT_NULL, options=CheckOptions(criticality="warn"))

    assert [draft.check.criticality for draft in found.drafts] == ["warn", "warn"]


def test_of_checks_of_one_name_none_replaces_another() -> None:
    lists = [replace(LIST, filter=f"id > {number}") for number in range(3)]
    options = CheckOptions(leave_out=("is_in_list",))

    assert list(drafts_of(*lists, options=options).held_back) == ["list", "list (2)", "list (3)"]


def test_a_long_name_is_cut_and_still_its_own() -> None:
    long = replace(LIST, name="n" * 1_000)
    options = CheckOptions(leave_out=("is_in_list",))
    found = drafts_of(long, replace(long, filter="id > 1"), options=options)

    assert list(found.held_back) == ["n" * 600, "n" * 600 + " (2)"]


def test_a_property_of_a_name_with_a_dot_is_found() -> None:
    check = replace(NOT_NULL, arguments={"column": "`Sepal.Length`"})
    (draft,) = drafts_of(check, properties=["sepal.length", "Length"]).drafts

    assert (draft.property_name, draft.level) == ("sepal.length", "property")
    assert draft.check.arguments == {"column": "`Sepal.Length`"}


def test_names_that_differ_in_case_only_have_suggestions_of_their_own() -> None:
    candidates = [
        Candidate(replace(NOT_NULL, arguments={"column": name}), "null_or_empty", name, None)
        for name in ("date", "Date", "DATE")
    ]
    found = draft_suggestions(
        TableProfile("t", 3, WHOLE, FETCHED, {}, 3, (*candidates, *candidates), {}),
        run_id="run",
        schema_name="orders",
        properties=["date", "DATE"],
        personal=NOTHING_PERSONAL,
        options=CheckOptions(),
    ).drafts

    assert [one.check.arguments["column"] for one in found] == ["`date`", "`Date`", "`DATE`"]
    assert [one.property_name for one in found] == ["date", "Date", "DATE"]
    # The contract has no property `Date`.
    assert [one.level for one in found] == ["property", "object", "property"]
    assert len({one.id for one in found}) == 3
