"""Rules that a contract has in ODCS's own words are those that DQX makes of them."""

import json
from typing import Any

import pytest

from tests.unit.suggestions.rows import custom, known_of
from worker.checks.identity import canonical
from worker.checks.odcs_rules import KnownProperty
from worker.checks.stored_checks import KnownRow
from worker.counting.check import Check


def has(check: Check, *rows: KnownRow, properties: tuple[KnownProperty, ...] = ()) -> bool:
    return canonical(check) in known_of(rows, properties).contract


def check(function: str, **arguments: Any) -> Check:
    return Check(function, {"column": "id", **arguments}, "name", "error")


def metric(name: str, arguments: str | None = None, /, **columns: Any) -> KnownRow:
    row = {"type": "library", "rule": name, "must_be": "0", "column": "id"} | columns
    return KnownRow(implementation=arguments, **row)


LISTED = check("is_in_list", allowed=["'EU'", "'O\\'R'"])
UNIQUE = Check("is_unique", {"columns": ["id"]}, "key", "error")
VALUES = '{"validValues": ["EU", "O\'R"]}'


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (metric("nullValues"), check("is_not_null")),
        (metric("NULLVALUES", must_be=" 0.0 "), check("is_not_null")),
        (metric("missingValues"), check("is_not_null")),
        (
            metric("missingValues", '{"missingValues": ["", null, "N/A"]}'),
            check("is_not_null_and_not_empty"),
        ),
        (
            metric("missingValues", '{"missingValues": ["N/A"]}'),
            check("is_not_in_list", forbidden=["'N/A'"]),
        ),
        (metric("invalidValues", VALUES), LISTED),
        (metric("", VALUES, name="invalidValues"), LISTED),
        (metric("invalidValues", f'{{"arguments": {VALUES}}}'), LISTED),
        (metric("invalidValues", "validValues: [EU, O'R]"), LISTED),
        (metric("invalidValues", '{"validValues": [1, 2]}'), check("is_in_list", allowed=[2, 1])),
        (metric("invalidValues", '{"pattern": "a+"}'), check("regex_match", regex="a+")),
        (metric("duplicateValues"), UNIQUE),
    ],
)
def test_a_metric_of_which_no_row_may_count_is_a_check(row: KnownRow, found: Check) -> None:
    assert has(found, row)


@pytest.mark.parametrize(
    "row",
    [
        metric("invalidValues", VALUES, must_be="1"),
        metric("invalidValues", VALUES, must_be="none"),
        metric("invalidValues", VALUES, must_be=None),
        metric("invalidValues", VALUES, column=None),
        metric("invalidValues"),
        metric("invalidValues", '{"validValues": "EU"}'),
        metric("invalidValues", '{"validValues": [["EU"]]}'),
        metric("invalidValues", "validValues: ["),
        metric("rowCount", VALUES),
        # Of DQX it is no check.
        custom(VALUES),
    ],
)
def test_any_other_metric_is_none(row: KnownRow) -> None:
    assert known_of([row]).contract == {}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"minimum": 0, "maximum": 9.5}, check("is_in_range", min_limit=0, max_limit=9.5)),
        ({"minimum": 0}, check("is_not_less_than", limit=0)),
        ({"maximum": "2024-12-31"}, check("is_not_greater_than", limit="2024-12-31")),
        ({"minLength": 1}, check("is_not_empty")),
        ({"pattern": "a+"}, check("regex_match", regex="a+")),
        ({"enum": [{"value": "O'R", "label": "Oregon"}, {"value": "EU"}]}, LISTED),
        ({"enum": [{"value": "EU"}, {"value": None}, {"value": "O'R"}]}, LISTED),
        ({"enum": ["EU", "O'R", None]}, LISTED),
        ({"enum": [{"value": 2}, {"value": 1}]}, check("is_in_list", allowed=[1, 2])),
    ],
)
def test_options_of_a_propertys_type_are_checks(options: dict[str, Any], found: Check) -> None:
    one = KnownProperty("id", required=False, unique=False, options=json.dumps(options))

    assert has(found, properties=(one,))


@pytest.mark.parametrize(
    "options",
    [
        *("", "[1]", '{"minimum": ', '{"minimum": [1]}', "[" * 9_000),
        *('{"enum": "EU"}', '{"enum": []}', '{"enum": [{"label": "EU"}]}', '{"enum": [null]}'),
        *('{"enum": [{"value": ["EU"]}]}', '{"enum": {"value": "EU"}}'),
    ],
)
def test_options_that_cannot_be_read_are_none(options: str) -> None:
    one = KnownProperty("id", required=False, unique=False, options=options)

    assert known_of(properties=[one]).contract == {}
