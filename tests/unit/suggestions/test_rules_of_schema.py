"""Which table a rule of a contract is about, wherever the backend has stored it."""

import pytest

from tests.unit.suggestions.rows import NOT_NULL, RANGE, custom
from worker.checks.case_twins import NO_TWINS
from worker.checks.identity import canonical
from worker.suggestions.rules_of_schema import ContractRule, rules_of

ORDERS, ITEMS = {"orders"}, {"items"}
BOTH = ORDERS | ITEMS
NOBODY: set[str] = set()


def having(rules: list[ContractRule], accepted: set[str]) -> set[str]:
    """Return which of three schemas have the check."""
    by_form = {canonical(NOT_NULL): frozenset(accepted)}
    return {
        name
        for name in ("orders", "items", "people")
        if [*rules_of(name, rules, by_form, NO_TWINS)]
    }


def rule(under: str, about: str | None = None) -> ContractRule:
    return ContractRule(custom(NOT_NULL), under, about)


@pytest.mark.parametrize(
    ("rules", "accepted", "expected"),
    [
        # By its property, wherever it is stored.
        ([rule("orders", "items")], NOBODY, ITEMS),
        ([rule("orders", "items")], ORDERS, ITEMS),
        ([rule("orders", "orders")], ITEMS, ORDERS),
        # Nobody has accepted it: by hand.
        ([rule("orders")], NOBODY, ORDERS),
        ([rule("orders"), rule("items")], NOBODY, BOTH),
        # One schema has accepted it; the backend may have doubled it.
        ([rule("orders")], ITEMS, ITEMS),
        ([rule("orders"), rule("orders")], ITEMS, ITEMS),
        ([rule("orders")], ORDERS, ORDERS),
        # Both have, and it is there for both, or for one.
        ([rule("orders"), rule("orders")], BOTH, BOTH),
        ([rule("orders"), rule("items")], BOTH, BOTH),
        ([rule("people"), rule("people")], BOTH, BOTH),
        ([rule("orders")], BOTH, NOBODY),
        ([rule("people")], BOTH, NOBODY),
        # One of them has it with its property: the other rule is a copy, and may be of that one.
        ([rule("orders", "orders"), rule("orders")], BOTH, ORDERS),
        ([rule("orders", "items"), rule("people")], BOTH, ITEMS),
        ([rule("items", "items"), rule("orders")], ITEMS, ITEMS),
        ([rule("items", "items"), rule("orders"), rule("orders")], NOBODY, ITEMS),
        ([], BOTH, NOBODY),
    ],
)
def test_a_rule_is_that_of_its_propertys_schema_or_of_those_that_accepted_it(
    rules: list[ContractRule], accepted: set[str], expected: set[str]
) -> None:
    assert having(rules, accepted) == expected


def test_each_check_of_a_rule_is_placed_by_itself() -> None:
    both = custom(f"[{custom(NOT_NULL).implementation}, {custom(RANGE).implementation}]")
    accepted = {canonical(NOT_NULL): frozenset({"items"})}
    rules = [ContractRule(both, "orders")]

    assert [check for _, check in rules_of("orders", rules, accepted, NO_TWINS)] == [RANGE]
    assert [check for _, check in rules_of("items", rules, accepted, NO_TWINS)] == [NOT_NULL]
