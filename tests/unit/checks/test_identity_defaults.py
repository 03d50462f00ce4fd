"""What DQX takes for an argument that is not given: its signatures against our identity."""

import inspect
from collections.abc import Iterable
from typing import Any

import pytest
from databricks.labs.dqx import check_funcs
from databricks.labs.dqx.geo import check_funcs as geo_funcs
from databricks.labs.dqx.rule import CHECK_FUNC_REGISTRY

from worker.checks.catalogue import CATALOGUE
from worker.checks.identity import canonical
from worker.counting.check import Check

# What DQX's generator writes, and thus the worker.
GENERATED = [name for name, one in CATALOGUE.items() if one.generated]


def defaults(functions: Iterable[str]) -> list[tuple[str, str, Any]]:
    """Return each function with each of its arguments that is a flag or a number by default."""
    return [
        (function, parameter.name, parameter.default)
        for function in functions
        for parameter in inspect.signature(
            getattr(check_funcs, function, None) or getattr(geo_funcs, function)
        ).parameters.values()
        if isinstance(parameter.default, bool | int)
    ]


def form(function: str, **arguments: Any) -> str:
    return canonical(Check(function, arguments, "name", "error"))


@pytest.mark.parametrize(("function", "argument", "default"), defaults(GENERATED))
def test_a_default_may_be_given_or_not(function: str, argument: str, default: Any) -> None:
    assert form(function, **{argument: default}) == form(function)


@pytest.mark.parametrize(("function", "argument", "default"), defaults(CHECK_FUNC_REGISTRY))
def test_what_is_not_the_default_counts(function: str, argument: str, default: Any) -> None:
    other = not default if isinstance(default, bool) else default + 1

    assert form(function, **{argument: other}) != form(function)
