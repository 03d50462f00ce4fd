"""Settled rules stay settled: only rows call for other values."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from pyspark.sql.types import TimestampNTZType

from deploy.sandbox.contract_edits import save_schemas
from tests.backend.suggestions.conftest import Found, Stewards, giving, schema
from tests.support.runs import suggestions
from worker.counting.check import Check
from worker.profiling.results import Candidate

pytestmark = pytest.mark.anyio

HOLDS = "the contract has such a rule with other values, and no row calls for new ones"
UNTRIED = "the contract has such a rule with other values, which could not be tried"
ALIKE = "such a rule was rejected before, and its subject has hardly changed"


def between(low: int, high: int) -> Check:
    return Check(
        "is_in_range", {"column": "amount", "min_limit": low, "max_limit": high}, "r", "error"
    )


def among(*values: int) -> Check:
    return Check("is_in_list", {"column": "amount", "allowed": list(values)}, "list", "error")


async def suggested(
    stewards: Stewards, contract: str, check: Check, amounts: Sequence[int]
) -> Found:
    """Profile a table of these amounts, of which DQX makes this check."""
    found = await replace(stewards, amounts=amounts).profile(contract, orders=[check])
    return found["orders"]


async def test_an_accepted_rule_is_suggested_anew_only_if_rows_break_it(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    await stewards.accept(await suggested(stewards, contract, between(94, 3255), range(94, 3256)))

    # One per cent more rows, of which none is greater: another draw has another maximum.
    moved = await suggested(stewards, contract, between(94, 3250), range(94, 3251))
    assert (moved.rows, moved.held_back) == ({}, {"r": HOLDS})

    broken = await suggested(stewards, contract, between(94, 3256), range(94, 3257))
    assert broken.held_back == {}
    assert broken.rows["r"]["rationale"].startswith(
        "Changes the accepted rule: amount from 94 to 3255. "
        "The accepted rule flags 1 of 3,163 rows looked at. All 3,163 rows"
    )


async def test_a_range_without_outliers_stays_until_it_has_really_moved(
    stewards: Stewards,
) -> None:
    """Rows broke it when it was accepted, and as many break the new one."""
    contract = await stewards.contract("orders")
    await stewards.accept(await suggested(stewards, contract, between(1, 1000), range(1, 1011)))

    for high, held_back in ((1001, {"r": HOLDS}), (1099, {"r": HOLDS}), (1110, {})):
        found = await suggested(stewards, contract, between(1, high), range(1, high + 11))
        assert found.held_back == held_back


async def test_a_rejected_range_comes_back_only_if_a_bound_really_moved(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    await stewards.reject(await suggested(stewards, contract, between(94, 3255), range(94, 3256)))

    near = await suggested(stewards, contract, between(94, 3256), range(94, 3257))
    assert (near.rows, near.held_back) == ({}, {"r": ALIKE})

    far = await suggested(stewards, contract, between(94, 3600), range(94, 3601))
    assert far.rows["r"]["rationale"].startswith(
        "Differs from a rule that was rejected: amount from 94 to 3255. "
        "Since then a bound has moved by 10.9% of the width of that range. "
    )
    await stewards.reject(far)
    # One that is near to the rejection before the last.
    assert (await suggested(stewards, contract, between(94, 3257), range(94, 3258))).held_back == {
        "r": ALIKE
    }


async def test_a_rejected_list_comes_back_only_if_its_new_members_have_many_rows(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    await stewards.reject(await suggested(stewards, contract, among(1, 2), [1, 2] * 50))

    few = await suggested(stewards, contract, among(1, 2, 3), [*[1, 2] * 50, 3])
    many = await suggested(stewards, contract, among(1, 2, 3), [*[1, 2] * 50, *[3] * 20])

    assert few.held_back == {"list": ALIKE}
    assert many.rows["list"]["rationale"].startswith(
        "Differs from a rule that was rejected: amount in 1, 2. "
        "Of the rows that were tried 16.7% fail the rejected rule, and 0.0% fail this one. "
    )


async def test_a_change_that_was_rejected_stays_so_though_rows_break_the_accepted_rule(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    await stewards.accept(await suggested(stewards, contract, between(1, 100), range(1, 101)))
    await stewards.reject(await suggested(stewards, contract, between(1, 200), range(1, 201)))

    found = await suggested(stewards, contract, between(1, 201), range(1, 202))
    assert found.held_back == {"r": ALIKE}

    await stewards.accept(await suggested(stewards, contract, between(1, 250), range(1, 251)))
    # The rejection is older than what was accepted since.
    assert (await suggested(stewards, contract, between(-5, 210), range(-5, 211))).held_back == {}


def since(start: str, end: str) -> Check:
    limits = {"min_limit": start, "max_limit": end}
    return Check("is_in_range", {"column": "amount", **limits}, "r", "error")


async def test_a_range_of_moments_without_a_zone_is_that_which_was_accepted_as_one_in_utc(
    stewards: Stewards,
) -> None:
    """Earlier versions wrote it so; it is neither suggested again nor a change."""
    contract = await stewards.contract("orders")
    before = since("2024-01-01T00:00:00.000000+0000", "2024-02-01T00:00:00.000000+0000")
    accepted = (await stewards.profile(contract, orders=[before]))["orders"]
    await stewards.accept(accepted)
    same, longer = (
        since(
            "TIMESTAMP_NTZ '2024-01-01 00:00:00.000000'",
            f"TIMESTAMP_NTZ '2024-0{month}-01 00:00:00.000000'",
        )
        for month in (2, 3)
    )

    moments = replace(stewards, kind=TimestampNTZType())
    january, february = map(datetime.fromisoformat, ("2024-01-15", "2024-02-15"))
    found = (await moments.profile(contract, orders=[same]))["orders"]
    assert (found.rows, found.held_back) == ({}, {"r": "the contract has it"})

    inside = replace(moments, amounts=[january] * 9)
    found = (await inside.profile(contract, orders=[longer]))["orders"]
    assert (found.rows, found.held_back) == ({}, {"r": HOLDS})

    beyond = replace(moments, amounts=[january] * 9 + [february])
    found = (await beyond.profile(contract, orders=[longer]))["orders"]
    assert "The accepted rule flags 1 of 10 rows" in found.rows["r"]["rationale"]


async def test_a_lost_range_of_moments_comes_back_in_the_columns_type(stewards: Stewards) -> None:
    contract = await stewards.contract("orders")
    before = since("2024-01-01T00:00:00.000000+0000", "2024-02-01T02:30:00+0200")
    await stewards.accept((await stewards.profile(contract, orders=[before]))["orders"])
    await save_schemas(stewards.backend, contract, [schema("orders")])
    now = since("TIMESTAMP_NTZ '2024-01-05 00:00:00'", "TIMESTAMP_NTZ '2024-01-06 00:00:00'")

    moments = [datetime.fromisoformat("2024-01-05")] * 9
    inside = replace(stewards, amounts=moments, kind=TimestampNTZType())
    found = (await inside.profile(contract, orders=[now]))["orders"]

    arguments = json.loads(found.rows["r"]["implementation"])["check"]["arguments"]
    assert arguments["min_limit"] == "TIMESTAMP_NTZ '2024-01-01 00:00:00'"
    assert arguments["max_limit"] == "TIMESTAMP_NTZ '2024-02-01 00:30:00'"


async def written(stewards: Stewards, contract: str, text: str) -> None:
    """Write a rule into the contract by hand."""
    await stewards.execute(
        "INSERT INTO data_contract_quality_checks (id, object_id, type, engine, implementation)"
        " SELECT 'by hand of ' || o.id, o.id, 'custom', 'dqx', $2"
        " FROM data_contract_schema_objects o WHERE o.contract_id = $1",
        contract,
        text,
    )


@pytest.mark.parametrize(
    ("high", "reason"),
    [
        (2000, HOLDS),
        ("2000BD", HOLDS),
        # What DQX would take for SQL, or for another type.
        ("(select max(id) from secrets)", UNTRIED),
        ("2024-01-01", UNTRIED),
        (10**30, UNTRIED),
        ("TIMESTAMP_NTZ '2024-01-01' + (select 1) + '2024-01-01'", UNTRIED),
    ],
)
async def test_a_rule_that_the_contract_has_is_settled_and_never_run_as_sql(
    stewards: Stewards, high: int | str, reason: str
) -> None:
    contract = await stewards.contract("orders")
    check = {"function": "is_in_range", "arguments": {"column": "amount", "min_limit": 0}}
    check["arguments"]["max_limit"] = high  # type: ignore[index]
    await written(stewards, contract, json.dumps({"check": check}))

    found = await suggested(stewards, contract, between(1, 100), range(1, 101))

    assert found.held_back == {"r": reason}


async def test_what_was_accepted_and_lost_comes_back_with_its_own_values_unless_rows_break_it(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    await stewards.accept(await suggested(stewards, contract, between(94, 3255), range(94, 3256)))
    await save_schemas(stewards.backend, contract, [schema("orders")])

    moved = await suggested(stewards, contract, between(94, 3250), range(94, 3251))
    assert moved.rows["r"]["rule"] == "amount from 94 to 3255"
    assert moved.rows["r"]["rationale"].startswith("Accepted before; the contract no longer has it")

    broken = await suggested(stewards, contract, between(94, 3256), range(94, 3257))
    assert broken.rows["r"]["rule"] == "amount from 94 to 3256"
    await stewards.accept(await suggested(stewards, contract, between(94, 3250), range(94, 3251)))
    assert (await suggested(stewards, contract, between(94, 3249), range(94, 3250))).held_back == {
        "r": HOLDS
    }


async def test_a_rule_of_other_rows_than_the_samples_is_not_said_to_be_tried(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    run_id = await stewards.backend.request(contract, ["orders"])
    candidate = Candidate(between(1, 9), "min_max", "amount", None, redrawn=True)

    await stewards.attempt(orders=giving(candidate))

    (found,) = await suggestions(stewards.backend, run_id)
    assert found["rationale"].startswith("Rests on rows of a further draw; not tried: ")
