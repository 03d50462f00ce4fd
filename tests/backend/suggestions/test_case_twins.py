"""Columns whose names differ in case only: apart in one table, the same in a contract beside it."""

import json
from collections.abc import Sequence

import pytest

from tests.backend.suggestions.conftest import Found, Stewards
from tests.backend.suggestions.test_settled import written
from worker.checks.stored_checks import KnownRow
from worker.counting.check import Check
from worker.suggestions.odcs_export import Suggested, suggested_checks

pytestmark = pytest.mark.anyio

IN_CONTRACT, REJECTED = "the contract has it", "it was rejected before"


def filled(column: str) -> Check:
    return Check("is_not_null", {"column": column}, f"{column}_is_null", "error")


def among(column: str, *values: int) -> Check:
    return Check(
        "is_in_list", {"column": column, "allowed": list(values)}, f"{column}_other", "error"
    )


def at_most(column: str, high: int) -> Check:
    return Check(
        "is_in_range",
        {"column": column, "min_limit": 1, "max_limit": high},
        f"{column}_range",
        "error",
    )


async def profiled(stewards: Stewards, contract: str, checks: Sequence[Check]) -> Found:
    return (await stewards.profile(contract, orders=checks))["orders"]


async def test_twins_have_decisions_of_their_own(stewards: Stewards) -> None:
    contract = await stewards.contract("orders")
    checks = [filled("id"), filled("ID"), filled("Id")]
    first = await profiled(stewards, contract, checks)
    assert first.held_back == {}
    await stewards.accept(Found({"id": first.rows["id_is_null"]}, {}))

    again = await profiled(stewards, contract, checks)
    assert again.held_back == {"id_is_null": IN_CONTRACT}
    assert again.rows.keys() == {"ID_is_null", "Id_is_null"}
    await stewards.reject(Found({"ID": again.rows["ID_is_null"]}, {}))

    last = await profiled(stewards, contract, checks)
    assert last.held_back == {"id_is_null": IN_CONTRACT, "ID_is_null": REJECTED}
    assert last.rows.keys() == {"Id_is_null"}
    # Of a table without twins, it is one column in other letters.
    alone = await profiled(stewards, contract, [filled("Id")])
    assert alone.held_back == {"Id_is_null": IN_CONTRACT}


async def test_a_rule_of_one_twin_is_not_changed_by_the_other(stewards: Stewards) -> None:
    contract = await stewards.contract("orders")
    await stewards.accept(await profiled(stewards, contract, [at_most("amount", 5)]))
    both = [at_most("amount", 9), at_most("AMOUNT", 9)]

    found = await profiled(stewards, contract, both)

    said = {name: one["rationale"] for name, one in found.rows.items()}
    assert said["amount_range"].startswith("Changes the accepted rule: amount from 1 to 5. ")
    assert "accepted" not in said["AMOUNT_range"]


async def test_a_list_of_one_twin_refutes_no_range_of_the_other(stewards: Stewards) -> None:
    contract = await stewards.contract("orders")
    checks = [among("amount", 1, 2, 3, 4, 5, 6, 7, 8, 9), at_most("AMOUNT", 8)]

    assert (await profiled(stewards, contract, checks)).held_back == {}


async def test_a_contract_that_spells_a_column_otherwise_means_it_unless_it_has_a_twin(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    check = {"function": "is_not_null", "arguments": {"column": "Customer_ID"}}
    await written(stewards, contract, json.dumps({"check": check}))

    one = await profiled(stewards, contract, [filled("customer_id")])
    assert one.held_back == {"customer_id_is_null": IN_CONTRACT}

    twins = [filled("customer_id"), filled("CUSTOMER_ID")]
    assert (await profiled(stewards, contract, twins)).held_back == {}


def test_accepted_checks_of_twins_are_both_exported() -> None:
    def suggested(number: int, check: Check) -> Suggested:
        row = KnownRow(type="custom", engine="dqx", implementation=[check])
        return Suggested(str(number), row, own=True, asked_for=number)

    rules = [at_most("amount", 5), at_most("AMOUNT", 9), at_most("amount", 6)]
    found = suggested_checks(suggested(number, check) for number, check in enumerate(rules))

    assert [one.check for one in found] == rules[1:]
