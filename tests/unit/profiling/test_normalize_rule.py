from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from databricks.labs.dqx import check_funcs
from databricks.labs.dqx.rule import DQRowRule

from worker.counting.check import Check
from worker.profiling.normalize_rule import UnknownShape, normalize_rule

FULL = Check("is_not_null", {"column": "a"}, "a_is_null", "warn", "b > 0", {"k": "v"})


@dataclass
class FlatRule:
    function: str
    arguments: Mapping[str, Any]
    name: str = "a_is_null"
    criticality: str = "warn"
    filter: str | None = "b > 0"
    user_metadata: Mapping[str, Any] = field(default_factory=lambda: {"k": "v"})


@dataclass
class NestedRule:
    check: Any
    name: str = "a_is_null"
    criticality: str = "warn"
    filter: str | None = "b > 0"
    user_metadata: Mapping[str, Any] = field(default_factory=lambda: {"k": "v"})


@dataclass
class RuleWithToDict:
    """An object whose attributes say less than its `to_dict`."""

    function: str = "wrong"

    def to_dict(self) -> dict[str, Any]:
        return NESTED_DICT


INNER = {"function": "is_not_null", "arguments": {"column": "a"}}
OUTER = {"name": "a_is_null", "criticality": "warn", "filter": "b > 0", "user_metadata": {"k": "v"}}
NESTED_DICT = {"check": INNER, **OUTER}


def dqx_rule() -> DQRowRule:
    # Its constructor calls the check function, and that asks for a JVM: `model_construct` doesn't.
    return DQRowRule.model_construct(
        check_func=check_funcs.is_not_null,
        column="a",
        name="a_is_null",
        criticality="warn",
        filter="b > 0",
        user_metadata={"k": "v"},
    )


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(NESTED_DICT, id="nested dict"),
        pytest.param({**INNER, **OUTER}, id="flat dict"),
        pytest.param(MappingProxyType(NESTED_DICT), id="another mapping"),
        pytest.param(FlatRule("is_not_null", {"column": "a"}), id="flat object"),
        pytest.param(NestedRule(INNER), id="object with a dict"),
        pytest.param(NestedRule(SimpleNamespace(**INNER)), id="object with an object"),
        pytest.param(RuleWithToDict(), id="object with to_dict"),
        pytest.param(dqx_rule(), id="rule of DQX"),
    ],
)
def test_each_shape_gives_the_same_check(raw: Any) -> None:
    assert normalize_rule(raw) == FULL


@pytest.mark.parametrize("raw", [INNER, {"check": INNER}, SimpleNamespace(**INNER)])
def test_what_is_not_given_has_a_default(raw: Any) -> None:
    expected = Check("is_not_null", {"column": "a"}, "is_not_null", "error", None, {})

    assert normalize_rule(raw) == expected


def test_a_to_dict_that_gives_no_mapping_counts_as_an_attribute_of_another() -> None:
    assert normalize_rule(SimpleNamespace(to_dict=lambda: None, **INNER, **OUTER)) == FULL


def test_what_is_none_or_empty_counts_as_not_given() -> None:
    raw = {
        "check": {"function": "is_not_null", "arguments": None},
        "name": "",
        "criticality": None,
        "filter": "",
        "user_metadata": None,
    }

    assert normalize_rule(raw) == Check("is_not_null", {}, "is_not_null", "error", None, {})


def test_a_flat_dict_may_say_that_it_nests_nothing() -> None:
    assert normalize_rule({"check": None, **INNER, **OUTER}) == FULL


def test_a_check_keeps_its_arguments_when_the_raw_ones_change() -> None:
    arguments = {"column": "a"}
    check = normalize_rule({"function": "is_not_null", "arguments": arguments})

    arguments["column"] = "b"

    assert check.arguments == {"column": "a"}


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ({}, "dict"),
        ({"arguments": {"column": "a"}, "name": "a"}, "dict"),
        ({"function": None}, "dict"),
        ({"function": check_funcs.is_not_null}, "dict"),
        ({"check": {}}, "dict"),
        ({"check": {}, "function": "is_not_null"}, "dict"),
        ({"check": "is_not_null"}, "dict"),
        ({"check": [INNER]}, "dict"),
        (None, "NoneType"),
        ("is_not_null", "str"),
        ([INNER], "list"),
        (SimpleNamespace(name="a"), "SimpleNamespace"),
        (NestedRule(None), "NestedRule"),
    ],
)
def test_what_holds_no_check_function_is_reported_by_its_type(raw: Any, kind: str) -> None:
    with pytest.raises(UnknownShape, match=rf"^a {kind} without a check function$"):
        normalize_rule(raw)
