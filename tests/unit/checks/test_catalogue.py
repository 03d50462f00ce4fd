"""The catalogue against DQX itself: its registry, its signatures, its generator."""

import ast
import importlib.util
import inspect
from pathlib import Path

import pytest
from databricks.labs.dqx import check_funcs
from databricks.labs.dqx.geo import check_funcs as geo_funcs
from databricks.labs.dqx.rule import CHECK_FUNC_REGISTRY

from tests.round_trip.cases import CASES
from worker.checks.catalogue import CATALOGUE, CheckFunction, function_of
from worker.counting.check import COLUMN_ARGUMENTS, Check

ODCS = frozenset(
    {
        *("accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness"),
        "uniqueness",
    }
)


def in_generator() -> frozenset[str]:
    """Return the check functions that the source of DQX's generator names."""
    found = importlib.util.find_spec("databricks.labs.dqx.profiler.generator")
    assert found is not None
    assert found.origin is not None
    tree = ast.parse(Path(found.origin).read_text())
    texts = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant)}
    return frozenset(name for name in CHECK_FUNC_REGISTRY if name in texts)


@pytest.mark.parametrize("one", CATALOGUE.values(), ids=lambda one: one.name)
def test_an_entry_is_a_function_of_dqx_with_these_arguments(one: CheckFunction) -> None:
    function = getattr(check_funcs, one.name, None) or getattr(geo_funcs, one.name)

    assert one.name in CHECK_FUNC_REGISTRY
    assert one.arguments == tuple(inspect.signature(function).parameters)
    assert one.dimension in ODCS


def test_each_function_of_dqx_has_an_entry() -> None:
    assert CHECK_FUNC_REGISTRY.keys() == CATALOGUE.keys()


def test_what_dqx_generates_is_marked_and_has_a_rule_and_a_description() -> None:
    generated = {one.name for one in CATALOGUE.values() if one.generated}

    assert generated == in_generator()
    assert all(CATALOGUE[name].rule and CATALOGUE[name].description for name in generated)


@pytest.mark.parametrize("check", CASES.values(), ids=CASES)
def test_what_dqx_generates_has_arguments_of_the_entry(check: Check) -> None:
    assert check.arguments.keys() <= set(CATALOGUE[check.function].arguments)


@pytest.mark.parametrize("one", CATALOGUE.values(), ids=lambda one: one.name)
def test_an_entry_names_arguments_and_functions_that_exist(one: CheckFunction) -> None:
    named = {one.low, one.high, one.listed, *one.halves, *one.defaults} - {""}

    assert named <= set(one.arguments) - set(COLUMN_ARGUMENTS)
    for bound, half in one.halves.items():
        side = "low" if bound == one.low else "high"
        assert getattr(CATALOGUE[half], side) in CATALOGUE[half].arguments
    assert (one.negated != CheckFunction("f", "", "").negated) == ("negate" in one.arguments)


def test_a_check_of_an_entry_has_the_columns_and_arguments_that_dqx_takes() -> None:
    assert CATALOGUE["is_not_null"].check("a").arguments == {"column": "a"}
    assert CATALOGUE["is_unique"].check("a", nulls_distinct=False).arguments == {
        "columns": ["a"],
        "nulls_distinct": False,
    }
    with pytest.raises(TypeError, match="is_not_null takes no limit"):
        CATALOGUE["is_not_null"].check("a", limit=1)


def test_a_function_without_an_entry_is_described_by_its_name() -> None:
    custom = function_of("is_valid_iban")

    assert (custom.words, custom.dimension) == ("is a valid iban", "conformity")
    assert custom.rule is None
