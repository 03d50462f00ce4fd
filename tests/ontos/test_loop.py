"""The whole loop as Ontos plays it, beside a real worker: profile, decide, edit, profile again."""

import pytest

from deploy.sandbox.accept_suggestions import accept, export, parse_implementations, reject
from deploy.sandbox.contract_edits import change_suggestion, new_version, save_rules, save_schemas
from tests.chaos.stand_in import FAILS
from tests.ontos.conftest import COLUMNS, Ontos, schema
from tests.round_trip.accept_and_export import read_by_dqx
from tests.support.runs import row

pytestmark = pytest.mark.anyio


def all_of(*names: str) -> set[tuple[str, str]]:
    return {(name, column) for name in names for column in COLUMNS}


async def test_what_is_accepted_comes_back_out_of_the_export_and_nothing_is_asked_twice(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("orders"))
    await ontos.profile(contract, "orders")
    offered = {one["property_name"]: one for one in await ontos.offered(contract)}
    assert offered.keys() == set(COLUMNS)
    await accept(ontos.backend, [offered["c0"]["id"], offered["c1"]["id"]])
    await reject(ontos.backend, [offered["c2"]["id"]])

    exported = parse_implementations(await export(ontos.backend, contract))
    read = [one["check"] for one in read_by_dqx(exported)]
    assert sorted(read, key=str) == [
        {"arguments": {"column": column}, "function": "is_not_null"} for column in ("c0", "c1")
    ]
    again = await ontos.profile(contract, "orders")
    assert await ontos.offered(contract) == []
    assert sum((await ontos.held_back(again, "orders")).values()) == len(COLUMNS)


async def test_what_waits_is_offered_after_a_run_of_another_table_and_after_one_that_failed(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("orders"), schema("items"), schema("broken", FAILS))
    await ontos.profile(contract, "orders")
    first = {one["id"] for one in await ontos.offered(contract)}
    await ontos.profile(contract, "items")
    assert await ontos.places(contract) == all_of("orders", "items")
    failed = await ontos.profile(contract, "broken")
    assert (await row(ontos.backend, failed))["status"] == "failed"
    assert await ontos.places(contract) == all_of("orders", "items")
    # The same rows: a dialog that is still open can decide on them.
    assert first <= {one["id"] for one in await ontos.offered(contract)}


async def test_a_schema_that_was_saved_loses_its_rules_and_they_are_offered_again(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("orders"))
    await ontos.profile(contract, "orders")
    await accept(ontos.backend, [one["id"] for one in await ontos.offered(contract)])
    await save_schemas(ontos.backend, contract, [schema("orders")])
    await ontos.profile(contract, "orders")
    assert await ontos.places(contract) == all_of("orders")
    for one in await ontos.offered(contract):
        assert "the contract no longer has it" in one["rationale"]


async def test_a_new_version_asks_for_what_was_accepted_and_not_for_what_was_rejected(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("orders"))
    await ontos.profile(contract, "orders")
    offered = {one["property_name"]: one["id"] for one in await ontos.offered(contract)}
    await accept(ontos.backend, [offered["c0"]])
    await reject(ontos.backend, [offered["c1"], offered["c2"]])
    version = await new_version(ontos.backend, contract, "2.0.0")
    await ontos.profile(version, "orders")
    (again,) = await ontos.offered(version)
    assert again["property_name"] == "c0"
    assert "1.0.0" in again["rationale"]


async def test_rules_that_are_made_anew_under_the_first_schema_are_recognised(
    ontos: Ontos,
) -> None:
    contract = await ontos.contract(schema("items"), schema("orders"))
    await ontos.profile(contract, "orders")
    await accept(ontos.backend, [one["id"] for one in await ontos.offered(contract)])
    # Somebody adds a rule by hand.
    await save_rules(ontos.backend, contract, more=["looks right"])
    await ontos.profile(contract, "orders", "items")
    assert await ontos.places(contract) == all_of("items")


async def test_what_a_steward_changed_before_accepting_counts(ontos: Ontos) -> None:
    contract = await ontos.contract(schema("orders"))
    await ontos.profile(contract, "orders")
    offered = {one["property_name"]: one["id"] for one in await ontos.offered(contract)}
    await change_suggestion(ontos.backend, offered["c0"], severity="critical")
    await change_suggestion(ontos.backend, offered["c1"], rule="c1 is at least 7")
    await change_suggestion(ontos.backend, offered["c2"], severity="blocker")
    await accept(ontos.backend, offered.values())
    checks, warnings = await ontos.checks(contract)
    criticality = {one["check"]["arguments"]["column"]: one["criticality"] for one in checks}
    # What is judged on so little evidence is a warning, unless people say otherwise.
    assert criticality == {"c0": "error", "c1": "warn", "c2": "warn"}
    assert offered["c0"] not in warnings
    assert offered["c1"] in warnings
    assert offered["c2"] in warnings
